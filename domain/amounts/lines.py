"""The amount of one line: quantity x price, its discount, its allowances and charges.

Sources: EN 16931 BT-131, BG-27, BG-28; BR-CO-21 to 24, BR-41 to BR-44.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.money import (
    EXACT,
    PERCENT_MAX,
    checked_amount,
    checked_money,
    checked_percent,
    percent_of,
    rounded,
)
from domain.problems import Path, Problem
from domain.tax import TaxCategory
from domain.text import checked_text

CHARGE_PERCENT_MAX = 1000
ALLOWANCE_REASON_LENGTH_MAX = 200
ALLOWANCE_CODE_LENGTH_MAX = 10
TaxKey = tuple[TaxCategory, Decimal | None]


class PriceBasis(StrEnum):
    """Whether the prices of a document are without or with tax."""

    NET = "NET"
    GROSS = "GROSS"


class AllowanceReasonMissing(Problem):
    """An allowance or charge needs a reason or its code (EN 16931 BR-CO-21 to 24)."""


class AllowanceAmbiguous(Problem):
    """An allowance or charge is either an amount or a percentage, not both and not neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Something taken off (Nachlass) or, where `is_charge`, put on (Zuschlag).

    Either `amount` in the currency and on the price basis of the document, or `percent`. `code` is
    of UNTDID 5189 (allowance) or 7161 (charge). On a document `tax` names the one tax group it
    belongs to; without it all groups bear it in proportion.
    """

    amount: Decimal | None = None
    percent: Decimal | None = None
    is_charge: bool = False
    reason: str | None = None
    code: str | None = None
    tax: TaxKey | None = None

    @property
    def sign(self) -> int:
        """1 for a charge, -1 for an allowance."""
        return 1 if self.is_charge else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountLine:
    """A line that counts: `unit_price` is for `price_quantity` units, without or with tax.

    `discount_percent` is taken off first, the allowances are of what is left of the line.
    `reason` explains missing tax, `path` is where in the input the line stands, for problems.
    """

    quantity: Decimal
    unit_price: Decimal
    category: TaxCategory
    rate: Decimal | None
    price_quantity: Decimal = Decimal(1)
    discount_percent: Decimal = Decimal(0)
    allowances: tuple[Allowance, ...] = ()
    reason: str | None = None
    path: Path = ()

    @property
    def tax(self) -> TaxKey:
        """The tax group of the line."""
        return self.category, self.rate


@dataclass(frozen=True, slots=True)
class LineAmount:
    """What a line comes to: `amount` = goods - discount - allowances + charges, on the basis of
    its prices; `net` is without tax (BT-131)."""

    goods: Decimal
    discount: Decimal
    allowances: Decimal
    charges: Decimal
    amount: Decimal
    net: Decimal


def checked_allowance(allowance: Allowance, path: Path) -> Allowance:
    """Return an allowance that a user may write.

    Raises AllowanceAmbiguous, NotANumber, TooLarge, TooPrecise, MustBePositive, PercentOutOfRange,
    AllowanceReasonMissing, TooLong or UnprintableText.
    """
    if (allowance.amount is None) is (allowance.percent is None):
        raise AllowanceAmbiguous(path=path)
    if allowance.amount is not None:
        checked_money(allowance.amount, (*path, "amount"))
    if allowance.percent is not None:
        limit = CHARGE_PERCENT_MAX if allowance.is_charge else PERCENT_MAX
        checked_percent(allowance.percent, (*path, "percent"), limit)
    if not (allowance.reason or allowance.code):
        raise AllowanceReasonMissing(path=path)
    if allowance.reason:
        checked_text(allowance.reason, ALLOWANCE_REASON_LENGTH_MAX, (*path, "reason"))
    if allowance.code:
        checked_text(allowance.code, ALLOWANCE_CODE_LENGTH_MAX, (*path, "code"))
    return allowance


def allowed(allowance: Allowance, base: Decimal) -> Decimal:
    """Return what an allowance takes, or a charge adds, of `base`, rounded to cents.

    >>> allowed(Allowance(percent=Decimal("2.5"), reason="Treue"), Decimal("99.90"))
    Decimal('2.50')
    """
    if allowance.amount is not None:
        return rounded(allowance.amount)
    return percent_of(base, allowance.percent or Decimal(0))


def line_goods(quantity: Decimal, unit_price: Decimal, price_quantity: Decimal) -> Decimal:
    """Return quantity x price / price quantity, rounded to cents per line.

    >>> line_goods(Decimal("250"), Decimal("19.90"), Decimal("100"))
    Decimal('49.75')
    """
    return rounded(EXACT.divide(EXACT.multiply(quantity, unit_price), price_quantity))


def line_amount(line: AmountLine) -> LineAmount:
    """Return what a line comes to on the basis of its prices; `net` is the same until a document
    of gross prices takes the tax out. Raises TooLarge for an amount that cannot be kept.

    >>> found = line_amount(AmountLine(
    ...     quantity=Decimal(3), unit_price=Decimal("33.35"), category=TaxCategory.S,
    ...     rate=Decimal(19), discount_percent=Decimal(10),
    ...     allowances=(Allowance(amount=Decimal("5.00"), is_charge=True, reason="Palette"),)))
    >>> str(found.goods), str(found.discount), str(found.charges), str(found.amount)
    ('100.05', '10.01', '5.00', '95.04')
    """
    goods = checked_amount(
        line_goods(line.quantity, line.unit_price, line.price_quantity), line.path
    )
    discount = percent_of(goods, line.discount_percent)
    sums = {True: Decimal("0.00"), False: Decimal("0.00")}
    for each in line.allowances:
        sums[each.is_charge] += allowed(each, goods - discount)
    amount = goods - discount - sums[False] + sums[True]
    return LineAmount(
        goods=goods,
        discount=discount,
        allowances=sums[False],
        charges=sums[True],
        amount=checked_amount(amount, line.path),
        net=amount,
    )
