"""Goods billed beside their delivery: invoices made of the order itself, in advance or afterwards.

An order of ten that is billed as a whole and then delivered has nothing more to bill, though no
invoice was made of the delivery. What was billed of an order line itself counts for its deliveries
in the order they were posted: first in, first out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.kinds import State, Step
from domain.documents.lines import COUNTING, NOTHING_YET, Line

if TYPE_CHECKING:
    from domain.documents.document import Document


def may_be_billed(document: "Document") -> bool:
    """Say whether this is a delivery or receipt that an invoice can be made of."""
    return (
        document.definition.step is Step.DELIVERY
        and document.state is State.POSTED
        and document.cancelled_by_id is None
        and not document.is_cancellation
    )


def spread(deliveries: Iterable["Document"], ordered: Mapping[UUID, Line]) -> None:
    """Let every line of these deliveries know what invoices of its order took of it.

    `ordered` are the lines of orders by id. All deliveries of an order that were ever billed must
    be among `deliveries`: what none of their invoices took was billed of the order itself.
    """
    lines = [
        (line.source_line_id, delivery.posting_date or date.max, delivery.id, line.position, line)
        for delivery in deliveries
        for line in delivery.lines
        if line.kind in COUNTING and line.source_line_id in ordered
    ]
    lines.sort(key=lambda each: each[:4])
    for source_id, of_order in groupby(lines, key=lambda each: each[0]):
        if source_id is not None:
            _spread_one(ordered[source_id], [line for *_, line in of_order])


def _spread_one(ordered: Line, delivered: Sequence[Line]) -> None:
    """Give the first delivery its share of what was billed of the order itself, then the next."""
    sign = 1 if ordered.stock_quantity >= 0 else -1
    itself = sign * (ordered.taken_invoice - sum(line.taken_invoice for line in delivered))
    itself -= sum(_credited_beside(line, sign) for line in delivered)
    waiting = [
        sign * (line.stock_quantity - line.taken_invoice - line.taken_return) for line in delivered
    ]
    for line, share in zip(delivered, shares(itself, waiting), strict=True):
        line.billed_beside = sign * share


def _credited_beside(line: Line, sign: int) -> Decimal:
    """Return what was given back of goods that came back and that only the order had billed."""
    back = sign * line.taken_return
    of_delivery = min(back, sign * (line.taken_invoice - line.stock_quantity) + back)
    return max(NOTHING_YET, min(back, sign * line.taken_credit) - max(NOTHING_YET, of_delivery))


def shares(billed: Decimal, waiting: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return how much of each delivery was billed of the order itself, the first in first.

    >>> [int(share) for share in shares(Decimal(7), [Decimal(5), Decimal(4), Decimal(3)])]
    [5, 2, 0]
    """
    found: list[Decimal] = []
    for each in waiting:
        found.append(max(NOTHING_YET, min(each, billed - sum(found, NOTHING_YET))))
    return tuple(found)
