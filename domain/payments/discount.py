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
    steps: Iterable[tuple[int | None, Decimal | None]],
    on: date,
) -> Decimal:
    """Return the percentage of the gross less what was taken; nothing once all days are over.

    `steps` are days and percentage of each step; the best one whose days are not over counts.

    >>> terms = {"gross": Decimal("119.00"), "taken": NOTHING, "issued": date(2026, 11, 1),
    ...          "steps": [(10, Decimal(2)), (None, None)]}
    >>> discount_within(**terms, on=date(2026, 11, 11))
    Decimal('2.38')
    >>> discount_within(**terms, on=date(2026, 11, 12))
    Decimal('0.00')
    """
    percents = [
        percent
        for days, percent in steps
        if days is not None and percent is not None and on <= issued + timedelta(days=days)
    ]
    if gross <= 0 or not percents:
        return NOTHING
    whole = rounded(EXACT.divide(EXACT.multiply(gross, max(percents)), Decimal(100)))
    return max(NOTHING, whole - taken)


def tax_within(taxes: Iterable[TaxTotal], gross: Decimal, part: Decimal) -> Decimal:
    """Return the tax in a `part` of the `gross` of a document, rounded per tax group.

    Each group has its share of the part; so a discount shrinks net and tax [section 17 (1) UStG].
    """
    return sum(
        (rounded(EXACT.divide(EXACT.multiply(part, each.tax), gross)) for each in taxes), NOTHING
    )
