"""Facts that people record about a posted document: sent, answered, received, handed on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.approvals import FourEyesViolation
from domain.documents.document import Document
from domain.documents.kinds import Action, ApprovalMode
from domain.documents.lines import COUNTING, Line
from domain.documents.remainders import chosen_lines
from domain.money import checked
from domain.payments.discount import tax_of_discount
from domain.problems import NotFound, Path, Problem
from domain.text import checked_text, optional_text


class PaymentNotBlocked(Problem):
    """The payment of this invoice is not blocked."""


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


class ConfirmedTooMuch(Problem):
    """Line {position} delivered {quantity} {unit}; {asked} cannot have arrived."""

    position: int
    quantity: str
    asked: str
    unit: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How much of a line the other side says to have received, in the unit of the line."""

    line_id: UUID
    quantity: Decimal


def confirm_received(
    document: Document, quantities: Sequence[Confirmed] | None, *, by: UUID, at: datetime
) -> None:
    """Note that the goods arrived, all of them or these quantities.

    Raises NotFound, QuantityReversed or ConfirmedTooMuch.
    """
    state = document.next_state(Action.CONFIRM_RECEIVED, ApprovalMode.ALWAYS)
    if quantities is None:
        for line in chosen_lines(document, None):
            line.confirmed_quantity = line.quantity
    else:
        places: list[Path] = [
            ("input", "quantities", str(place)) for place in range(len(quantities))
        ]
        lines = _confirmable(document, quantities, [(*place, "lineId") for place in places])
        for place, line, said in zip(places, lines, quantities, strict=True):
            path: Path = (*place, "quantity")
            quantity = checked(said.quantity, path)
            line.demand_same_direction(quantity, path)
            _demand_delivered(line, quantity, path)
            line.confirmed_quantity = quantity
    document.received_at = at
    document.tell(Action.CONFIRM_RECEIVED, "ReceiptConfirmed", by, at, state, is_author=False)


def _demand_delivered(line: Line, quantity: Decimal, path: Path) -> None:
    """Raise ConfirmedTooMuch for more than was delivered, or for more empties than went back."""
    delivered = line.quantity or Decimal(0)
    if abs(quantity) > abs(delivered):
        raise ConfirmedTooMuch(
            position=line.position,
            quantity=f"{delivered.normalize():f}",
            asked=f"{quantity.normalize():f}",
            unit=line.unit or "",
            path=path,
        )


def _confirmable(
    document: Document, quantities: Sequence[Confirmed], places: Sequence[Path]
) -> list[Line]:
    """Return the lines that are spoken of; a text is none that anything arrives of."""
    lines = chosen_lines(document, [each.line_id for each in quantities], places)
    for place, line in zip(places, lines, strict=True):
        if line.kind not in COUNTING:
            raise NotFound(entity="Line", id=f"lin_{line.id}", path=place)
    return lines


def block_payment(document: Document, *, reason: str, by: UUID, at: datetime) -> None:
    """Keep a received invoice from being paid, for a reason of one's own."""
    state = document.next_state(Action.BLOCK_PAYMENT, ApprovalMode.ALWAYS)
    document.payment_block = checked_text(reason, 500, ("input", "reason"))
    document.tell(
        Action.BLOCK_PAYMENT,
        "PaymentBlocked",
        by,
        at,
        state,
        is_author=False,
        reason=document.payment_block,
    )


def release_payment(document: Document, *, reason: str, by: UUID, at: datetime) -> None:
    """Lift the block of a payment. Raises PaymentNotBlocked, or FourEyesViolation for an author."""
    state = document.next_state(Action.RELEASE_PAYMENT, ApprovalMode.ALWAYS)
    why = checked_text(reason, 500, ("input", "reason"))
    authors = {author.user_id for author in document.authors}
    if obstacle := release_obstacle(document.payment_block, authors, by, ("input", "id")):
        raise obstacle
    document.payment_block = None
    document.tell(
        Action.RELEASE_PAYMENT, "PaymentReleased", by, at, state, is_author=False, reason=why
    )


def release_obstacle(
    payment_block: str | None, authors: Collection[UUID], by: UUID, path: Path = ()
) -> Problem | None:
    """Return what stands against lifting the block of a payment: there is none, or it is one's own.

    `authors` are all who worked on the document.
    """
    if payment_block is None:
        return PaymentNotBlocked(path=path)
    if by in authors:
        return FourEyesViolation(author=f"usr_{by}", path=path)
    return None


class AlreadyObjected(Problem):
    """The supplier objected to this invoice before."""


class ObjectionNotPossible(Problem):
    """{number} was cancelled or is a cancellation, so no tax is left to object to."""

    number: str


def record_objection(document: Document, *, reason: str, by: UUID, at: datetime) -> None:
    """Note the supplier's objection to a self-billed invoice; its input tax is reversed by it.

    Of the tax only what no cash discount took back before; a cancellation reversed all of it.
    Section 14 (2) s. 6 UStG. Raises AlreadyObjected, ObjectionNotPossible or Required.
    """
    state = document.next_state(Action.RECORD_OBJECTION, ApprovalMode.ALWAYS)
    why = checked_text(reason, 500, ("input", "reason"))
    if obstacle := objection_obstacle(document.objected_at, ("input", "id")):
        raise obstacle
    if document.is_cancellation or document.cancelled_by_id is not None:
        raise ObjectionNotPossible(number=document.number or "", path=("input", "id"))
    left = document.tax - tax_of_discount(document, document.discount_taken)
    document.objected_at, document.objection_reason = at, why
    document.tell(
        Action.RECORD_OBJECTION,
        "Objected",
        by,
        at,
        state,
        is_author=False,
        reason=why,
        tax_reversed=left,
    )


def objection_obstacle(objected_at: datetime | None, path: Path = ()) -> Problem | None:
    """Return what stands against noting an objection."""
    return None if objected_at is None else AlreadyObjected(path=path)


def reassign(document: Document, responsible: UUID, *, by: UUID, at: datetime) -> None:
    """Hand a document over to somebody else."""
    state = document.next_state(Action.REASSIGN, ApprovalMode.ALWAYS)
    document.responsible_id = responsible
    document.tell(Action.REASSIGN, "Reassigned", by, at, state, is_author=False)
