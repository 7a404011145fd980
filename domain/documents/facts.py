"""Facts that people record about a posted document: sent, answered, received, handed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.documents.document import Document
from domain.documents.kinds import Action, ApprovalMode
from domain.documents.lines import COUNTING, Line
from domain.documents.remainders import chosen_lines
from domain.money import checked
from domain.problems import NotFound, Path
from domain.text import checked_text, optional_text


class Answer(StrEnum):
    """How the other side answered an inquiry or an offer."""

    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


class Channel(StrEnum):
    """How a document left the house."""

    E_INVOICE = "E_INVOICE"
    PDF_MAIL = "PDF_MAIL"
    PRINT = "PRINT"
    EDI = "EDI"
    PORTAL = "PORTAL"
    HANDED_OVER = "HANDED_OVER"


def record_sent(document: Document, channel: Channel, *, by: UUID, at: datetime) -> None:
    """Note that it was sent; sent again, the newest time counts and the journal has them all."""
    state = document.next_state(Action.RECORD_SENT, ApprovalMode.ALWAYS)
    document.sent_at = at
    document.tell(Action.RECORD_SENT, "Sent", by, at, state, is_author=False, channel=channel.value)


def record_answer(
    document: Document, answer: Answer, *, by: UUID, at: datetime, reason: str | None
) -> None:
    """Note the answer; DECLINED needs a reason. Raises Required."""
    state = document.next_state(Action.RECORD_ANSWER, ApprovalMode.ALWAYS)
    place: Path = ("input", "reason")
    why = checked_text(reason or "", 500, place) if answer is Answer.DECLINED else None
    document.answer, document.answered_at = answer.value, at
    document.answer_reason = why or optional_text(reason, 500, place)
    document.tell(
        Action.RECORD_ANSWER, "Answered", by, at, state, is_author=False, answer=answer.value
    )


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How much of a line the other side says to have received, in the unit of the line."""

    line_id: UUID
    quantity: Decimal


def confirm_received(
    document: Document, quantities: Sequence[Confirmed] | None, *, by: UUID, at: datetime
) -> None:
    """Note that the goods arrived, all of them or these quantities. Raises NotFound."""
    state = document.next_state(Action.CONFIRM_RECEIVED, ApprovalMode.ALWAYS)
    if quantities is None:
        for line in chosen_lines(document, None):
            line.confirmed_quantity = line.quantity
    else:
        lines = _confirmable(document, quantities)
        for place, (line, said) in enumerate(zip(lines, quantities, strict=True)):
            path: Path = ("input", "quantities", str(place), "quantity")
            quantity = checked(said.quantity, path)
            line.demand_same_direction(quantity, path)
            line.confirmed_quantity = quantity
    document.received_at = at
    document.tell(Action.CONFIRM_RECEIVED, "ReceiptConfirmed", by, at, state, is_author=False)


def _confirmable(document: Document, quantities: Sequence[Confirmed]) -> list[Line]:
    """Return the lines that are spoken of; a text is none that anything arrives of."""
    lines = chosen_lines(document, [each.line_id for each in quantities])
    for place, line in enumerate(lines):
        if line.kind not in COUNTING:
            raise NotFound(
                entity="Line",
                id=f"lin_{line.id}",
                path=("input", "quantities", str(place), "lineId"),
            )
    return lines


def reassign(document: Document, responsible: UUID, *, by: UUID, at: datetime) -> None:
    """Hand a document over to somebody else."""
    state = document.next_state(Action.REASSIGN, ApprovalMode.ALWAYS)
    document.responsible_id = responsible
    document.tell(Action.REASSIGN, "Reassigned", by, at, state, is_author=False)
