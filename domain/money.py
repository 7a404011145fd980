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


class AmountBelowZero(Problem):
    """This amount must not be below zero."""


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


class PercentOutOfRange(Problem):
    """A percentage must be greater than 0 and not above {percent_max}."""

    percent_max: int


PERCENT_MAX = 100
PERCENT_DECIMALS_MAX = 4  # rates are numeric(7,4)


def checked_percent(percent: Decimal, path: Path, percent_max: int = PERCENT_MAX) -> Decimal:
    """Return `percent` if it can be kept exactly and takes something, at most `percent_max`.

    Raises NotANumber, TooLarge, TooPrecise or PercentOutOfRange.
    """
    checked(percent, path)
    if percent != EXACT.quantize(percent, Decimal(1).scaleb(-PERCENT_DECIMALS_MAX)):
        raise TooPrecise(decimals_max=PERCENT_DECIMALS_MAX, path=path)
    if not 0 < percent <= percent_max:
        raise PercentOutOfRange(percent_max=percent_max, path=path)
    return percent


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """Return `percent` of an amount, rounded to cents.

    >>> percent_of(Decimal("99.90"), Decimal(19))
    Decimal('18.98')
    """
    return rounded(EXACT.divide(EXACT.multiply(amount, percent), Decimal(100)))


def net_of(gross: Decimal, rate: Decimal | None) -> Decimal:
    """Return the net amount in `gross` at a rate in percent, rounded to cents.

    >>> net_of(Decimal("119.00"), Decimal(19)), net_of(Decimal("1.00"), Decimal(19))
    (Decimal('100.00'), Decimal('0.84'))
    """
    return rounded(
        EXACT.divide(EXACT.multiply(gross, Decimal(100)), Decimal(100) + (rate or Decimal(0)))
    )


def checked_not_below_zero(amount: Decimal | None, path: Path) -> Decimal | None:
    """Return an amount of money as it is kept, None for none.

    Raises NotANumber, TooLarge, TooPrecise (more than cents) or AmountBelowZero.
    """
    if amount is None:
        return None
    if checked(amount, path) < 0:
        raise AmountBelowZero(path=path)
    if amount != amount.quantize(CENT):
        raise TooPrecise(decimals_max=2, path=path)
    return amount


def trimmed(number: Decimal) -> Decimal:
    """Return the same number without trailing zeros, and never as a power of ten.

    >>> trimmed(Decimal("210.500000")), trimmed(Decimal("100.0"))
    (Decimal('210.5'), Decimal('100'))
    """
    return Decimal(f"{EXACT.create_decimal(number).normalize(EXACT):f}")
