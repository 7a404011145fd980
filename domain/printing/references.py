"""What a document on paper says about others: where its lines come from, what it corrects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.documents.document import Document
from domain.documents.kinds import KINDS, Step
from domain.documents.lines import Line
from domain.printing.wording import Wording


@dataclass(frozen=True, slots=True)
class Reference:
    """Another document by the number and date on its paper; `external_number` is the partner's."""

    document_id: UUID
    kind: str
    number: str
    issue_date: date
    external_number: str | None = None


def said(reference: Reference, wording: Wording) -> str:
    """Name a document with its number and date, and the number that the reader gave it.

    >>> from domain.identity import Language
    >>> one = Reference(UUID(int=1), "DELIVERY_NOTE", "DL-2026-00001", date(2026, 11, 20))
    >>> said(one, Wording(Language.DE, "EUR"))
    'Lieferschein DL-2026-00001 vom 20.11.2026'
    """
    name = wording.named(reference.kind)
    return f"{name} {numbered(reference.number, reference.issue_date, wording)}" + (
        wording.labels["their_number"].format(number=reference.external_number)
        if reference.external_number
        else ""
    )


def numbered(number: str, day: date, wording: Wording) -> str:
    """Write a number with its date."""
    return wording.labels["of_day"].format(number=number, day=wording.day(day))


def source_of(line: Line, known: Sequence[Reference], wording: Wording) -> str:
    """Name the document that a line comes from; "" for a line of the document's own."""
    if line.source_number is None:
        return ""
    for reference in known:
        if reference.document_id == line.source_document_id:
            return said(reference, wording)
    return (
        numbered(line.source_number, line.source_date, wording)
        if line.source_date
        else line.source_number
    )


def corrected(document: Document, known: Iterable[Reference]) -> tuple[Reference, ...]:
    """Return what a correction must name (UStDV section 31 (5)): the original or the invoices."""
    if document.is_cancellation:
        return tuple(each for each in known if each.document_id == document.cancels_id)
    if document.definition.step is not Step.CREDIT_NOTE:
        return ()
    return tuple(each for each in known if KINDS[each.kind].step is Step.INVOICE)


def agreed(known: Iterable[Reference]) -> tuple[Reference, ...]:
    """Return the orders and contracts that a document fulfils."""
    return tuple(each for each in known if KINDS[each.kind].step in (Step.CONTRACT, Step.ORDER))
