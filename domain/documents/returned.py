"""What of goods that came back is credited: only what was billed of them, once.

Goods that come back before they are billed lessen what the invoice takes, so there is nothing to
give back. Of ten delivered and ten billed, four that come back are credited; of ten delivered, four
back and six billed, none. Posted documents count, so that a draft that is thrown away changes
nothing. Goods that came back of an invoice itself were billed and are credited as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.beside import shares
from domain.documents.kinds import State, Step
from domain.documents.lines import COUNTING, NOTHING_YET, Line

if TYPE_CHECKING:
    from domain.documents.document import Document


def may_be_credited(document: "Document") -> bool:
    """Say whether this is a return that a credit note can be made of."""
    return (
        document.definition.step is Step.RETURN
        and document.state is State.POSTED
        and document.cancelled_by_id is None
        and not document.is_cancellation
    )


def find_creditable(deliveries: Iterable["Document"], ordered: Mapping[UUID, Line]) -> None:
    """Let every line of these deliveries know how much of what came back of it was billed.

    `ordered` are the lines of orders by id: what was billed of an order itself beyond what its
    deliveries still wait for was billed of what came back, of the first delivery first.
    """
    lines = [
        (str(line.source_line_id), delivery.posting_date or date.max, delivery.id, line)
        for delivery in deliveries
        for line in delivery.lines
        if line.kind in COUNTING
    ]
    lines.sort(key=lambda each: (*each[:3], each[3].position))
    for _, of_order in groupby(lines, key=lambda each: each[0]):
        moved = [line for *_, line in of_order]
        for line in moved:
            line.creditable = _billed(line)
        source = moved[0].source_line_id
        if source is not None and source in ordered:
            _add_billed_beside(ordered[source], moved)


def _billed(line: Line) -> Decimal:
    """Return how much of what came back of a delivery line its own invoices had taken."""
    sign = _sign(line)
    beyond = sign * (line.invoiced + line.returned - line.stock_quantity)
    return sign * max(NOTHING_YET, min(beyond, sign * line.returned))


def _add_billed_beside(ordered: Line, moved: Sequence[Line]) -> None:
    sign = _sign(ordered)
    itself = sign * (ordered.invoiced - sum(line.invoiced for line in moved))
    kept = sum(
        max(NOTHING_YET, sign * (line.stock_quantity - line.invoiced - line.returned))
        for line in moved
    )
    unbilled = [sign * (line.returned - line.creditable) for line in moved]
    for line, share in zip(moved, shares(itself - kept, unbilled), strict=True):
        line.creditable += sign * share


def share_creditable(returns: Iterable["Document"], moved: Mapping[UUID, Line]) -> None:
    """Let the lines of returns know what of them waits for no credit note, since nobody paid it.

    `moved` are the lines of deliveries by id; what was billed goes to the first return first.
    """
    lines = [
        (str(line.source_line_id), back.posting_date or date.max, back.id, line)
        for back in returns
        for line in back.lines
        if line.kind in COUNTING and line.source_line_id in moved
    ]
    lines.sort(key=lambda each: (*each[:3], each[3].position))
    for _, of_delivery in groupby(lines, key=lambda each: each[0]):
        came_back = [line for *_, line in of_delivery]
        source = came_back[0].source_line_id
        if source is None:
            continue
        delivered = moved[source]
        sign = _sign(delivered)
        left = sign * (delivered.creditable - delivered.taken_credit)
        rests = [sign * (line.stock_quantity - line.taken_credit) for line in came_back]
        for line, rest, share in zip(came_back, rests, shares(left, rests), strict=True):
            line.never_billed = sign * (max(NOTHING_YET, rest) - share)


def _sign(line: Line) -> int:
    return 1 if line.stock_quantity >= 0 else -1
