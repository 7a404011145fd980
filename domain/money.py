"""Amounts and quantities: Decimal only, bounded, rounded the commercial way."""

from decimal import ROUND_HALF_UP, Context, Decimal

from domain.problems import Path, Problem

CENT = Decimal("0.01")
AMOUNT_MAX = Decimal(10) ** 13  # below what numeric(18,2) holds, with room for sums
DECIMALS_MAX = 6  # unit prices and quantities: numeric(18,6)
EXACT = Context(prec=60)  # the product of two numbers of numeric(18,6) has 36 digits


class NotANumber(Problem):
    """This must be a finite number such as 12.50."""


class TooPrecise(Problem):
    """This number may have {decimals_max} decimals at the most."""

    decimals_max: int


class TooLarge(Problem):
    """This number is too large; below {limit} is possible."""

    limit: str


class MustNotBeZero(Problem):
    """This must not be zero."""


class MustBePositive(Problem):
    """This must be greater than zero."""


class MustNotBeNegative(Problem):
    """A price must not be negative. To take goods back, write a negative quantity."""


def rounded(amount: Decimal) -> Decimal:
    """Round to cents, half away from zero, as trade does it (EN 16931 leaves the mode open).

    >>> rounded(Decimal("2.345")), rounded(Decimal("-2.345"))
    (Decimal('2.35'), Decimal('-2.35'))
    """
    return EXACT.plus(amount.quantize(CENT, ROUND_HALF_UP, EXACT))  # never -0.00


def checked_amount(amount: Decimal, path: Path) -> Decimal:
    """Return an amount that we computed, if it can be kept. Raises TooLarge."""
    if abs(amount) >= AMOUNT_MAX:
        raise TooLarge(limit=f"{AMOUNT_MAX}", path=path)
    return amount


def checked_money(amount: Decimal, path: Path) -> Decimal:
    """Return an amount of money above zero.

    Raises NotANumber, TooPrecise, TooLarge or MustBePositive.

    >>> checked_money(Decimal("119"), ())
    Decimal('119.00')
    """
    amount = checked_amount(checked(amount, path), path)
    if amount != amount.quantize(CENT):
        raise TooPrecise(decimals_max=2, path=path)
    if amount <= 0:
        raise MustBePositive(path=path)
    return rounded(amount)


def checked(number: Decimal, path: Path) -> Decimal:
    """Return `number` if it can be kept exactly. Raises NotANumber, TooPrecise or TooLarge."""
    if not number.is_finite():
        raise NotANumber(path=path)
    if abs(number) >= Decimal(10) ** 12:
        raise TooLarge(limit="1000000000000", path=path)
    if number != number.quantize(Decimal(1).scaleb(-DECIMALS_MAX)):
        raise TooPrecise(decimals_max=DECIMALS_MAX, path=path)
    return number
