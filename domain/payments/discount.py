"""Cash discount (Skonto): what may be deducted, and how much tax is in it."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from domain.documents.document import Document
from domain.money import EXACT, rounded

NOTHING = Decimal("0.00")


def discount_within(
    *,
    payable: Decimal,
    taken: Decimal,
    issued: date,
    steps: Iterable[tuple[int | None, Decimal | None]],
    on: date,
) -> Decimal:
    """Return the percentage of what is payable less what was taken; nothing once it is too late.

    Payable is the gross less prepayments, as the paper says it.

    `steps` are days and percentage of each step; the best one whose days are not over counts.

    >>> terms = {"payable": Decimal("119.00"), "taken": NOTHING, "issued": date(2026, 11, 1),
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
    if payable <= 0 or not percents:
        return NOTHING
    whole = rounded(EXACT.divide(EXACT.multiply(payable, max(percents)), Decimal(100)))
    return max(NOTHING, whole - taken)


def tax_within(taxes: Iterable[Decimal], payable: Decimal, part: Decimal) -> Decimal:
    """Return the tax in a `part` of what is payable of a document, rounded per tax group.

    Each group has its share of the part; so a discount shrinks net and tax [section 17 (1) UStG].
    """
    return sum(
        (rounded(EXACT.divide(EXACT.multiply(part, tax), payable)) for tax in taxes), NOTHING
    )


def discount_agreed(document: Document, on: date) -> Decimal:
    """Return the cash discount that who pays `on` that day may still deduct by the terms."""
    return discount_within(
        payable=document.payable,
        taken=document.discount_taken,
        issued=document.issue_date,
        steps=(
            (document.discount_days, document.discount_percent),
            (document.discount2_days, document.discount2_percent),
        ),
        on=on,
    )


def tax_of_discount(document: Document, discount: Decimal) -> Decimal:
    """Return the tax in a discount: of what is payable, so prepayments and their tax are out of it.

    What the supplier objected to is no invoice any more: its input tax is reversed as a whole.
    """
    if document.objected_at is not None:
        return NOTHING
    taxes = [each.tax for each in document.taxes]
    taxes += [-each.tax for each in document.prepayments]
    return tax_within(taxes, document.payable, discount)


def tax_of_another(document: Document, discount: Decimal, tax_before: Decimal) -> Decimal:
    """Return the tax in one more discount of a document, where `tax_before` is in those that stand.

    The last cent of several discounts adds up to the tax of their sum, also after one of them was
    taken back; never below zero, nor more than the discount.
    """
    if not discount:
        return NOTHING
    whole = tax_of_discount(document, document.discount_taken + discount)
    return min(max(whole - tax_before, NOTHING), discount)
