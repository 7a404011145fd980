"""Cash discount (Skonto): what may be deducted, and how much tax is in it."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from domain.documents.parts import TaxTotal
from domain.money import EXACT, rounded

NOTHING = Decimal("0.00")


def discount_within(
    *,
    gross: Decimal,
    taken: Decimal,
    issued: date,
    days: int | None,
    percent: Decimal | None,
    on: date,
) -> Decimal:
    """Return the percentage of the gross less what was taken; nothing once its days are over.

    >>> terms = {"gross": Decimal("119.00"), "taken": NOTHING, "issued": date(2026, 11, 1),
    ...          "days": 10, "percent": Decimal(2)}
    >>> discount_within(**terms, on=date(2026, 11, 11))
    Decimal('2.38')
    >>> discount_within(**terms, on=date(2026, 11, 12))
    Decimal('0.00')
    """
    if days is None or percent is None or gross <= 0 or on > issued + timedelta(days=days):
        return NOTHING
    whole = rounded(EXACT.divide(EXACT.multiply(gross, percent), Decimal(100)))
    return max(NOTHING, whole - taken)


def tax_within(taxes: Iterable[TaxTotal], gross: Decimal, part: Decimal) -> Decimal:
    """Return the tax in a `part` of the `gross` of a document, rounded per tax group.

    Each group has its share of the part; so a discount shrinks net and tax [section 17 (1) UStG].
    """
    return sum(
        (rounded(EXACT.divide(EXACT.multiply(part, each.tax), gross)) for each in taxes), NOTHING
    )
