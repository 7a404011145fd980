"""A proposal how an amount of money could be shared over open items."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.payments.discount import NOTHING


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open item as a proposal sees it: `open` above zero, `discount` what may be deducted."""

    document_id: UUID
    due: date
    open: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True)
class Proposed:
    """How a payment could settle a document."""

    document_id: UUID
    amount: Decimal
    discount: Decimal


def propose(amount: Decimal, items: Iterable[OpenItem]) -> list[Proposed]:
    """Share an amount over open items, oldest due first; discount only where the rest is paid.

    >>> old = OpenItem(UUID(int=1), date(2026, 11, 1), Decimal("119.00"), Decimal("2.38"))
    >>> new = OpenItem(UUID(int=2), date(2026, 11, 9), Decimal("50.00"), NOTHING)
    >>> [(str(each.amount), str(each.discount)) for each in propose(Decimal("120.00"), [new, old])]
    [('116.62', '2.38'), ('3.38', '0.00')]
    """
    found = []
    for item in sorted(items, key=lambda each: (each.due, each.document_id)):
        if amount <= 0:
            break
        discount = min(item.discount, item.open)
        if amount < item.open - discount:
            discount = NOTHING
        part = min(amount, item.open - discount)
        if part <= 0:  # all of it may be deducted: nothing is to be paid
            continue
        found.append(Proposed(item.document_id, part, discount))
        amount -= part
    return found
