"""The verbs of documents of every kind: their life, their follow-ups, and facts about them."""

from uuid import UUID

import strawberry

from domain.documents.cancellation import cancel, copy_of, duplicate_of
from domain.documents.conversion import Making, Pick, convert
from domain.documents.facts import (
    Confirmed,
    confirm_received,
    reassign,
    record_answer,
    record_sent,
)
from domain.documents.kinds import KINDS, Action
from domain.documents.remainders import close_lines, reopen_lines
from domain.problems import Path
from persistence.jobs import PRINT_DOCUMENT
from persistence.unit_of_work import UnitOfWork
from resolvers.documents.writing import document_id, line_id
from resolvers.fields import write
from schema.documents.verbs import (
    CancelAndCopyDocumentInput,
    CancelAndCopyDocumentPayload,
    CancelDocumentInput,
    CancelDocumentPayload,
    CloseLinesInput,
    CloseLinesPayload,
    ConfirmedLineInput,
    ConfirmReceivedInput,
    ConfirmReceivedPayload,
    ConvertDocumentInput,
    ConvertDocumentPayload,
    ConvertLineInput,
    DiscardDocumentInput,
    DiscardDocumentPayload,
    DuplicateDocumentInput,
    DuplicateDocumentPayload,
    PostDocumentInput,
    PostDocumentPayload,
    ReassignDocumentInput,
    ReassignDocumentPayload,
    RecordAnswerInput,
    RecordAnswerPayload,
    RecordSentInput,
    RecordSentPayload,
    ReopenLinesInput,
    ReopenLinesPayload,
    SubmitDocumentInput,
    SubmitDocumentPayload,
)
from schema.node import uuid_of

WRITE_SCOPES = ("sales:write", "purchase:write")
POST_SCOPES = ("sales:post", "purchase:post")


@strawberry.type
class DocumentMutations:
    """What is done with documents, whatever their kind."""

    @write(SubmitDocumentPayload, any_of=WRITE_SCOPES, description="Ask for approval (Einreichen).")
    async def submit_document(self, work: UnitOfWork, input: SubmitDocumentInput) -> UUID:
        """Submit."""
        id = document_id(input.id)
        document = await work.documents.locked(id, input.expected_version, Action.SUBMIT)
        terms = await work.tenants.terms(document.definition)
        approval = document.submit(
            approval_id=work.new_id(),
            seller=terms.company,
            by=work.actor.user,
            at=work.now,
            mode=terms.approval,
        )
        work.approvals.add(approval)
        return document.id

    @write(
        PostDocumentPayload,
        any_of=POST_SCOPES,
        description="Make a document final and give it its number (Buchen). It is then printed.",
    )
    async def post_document(self, work: UnitOfWork, input: PostDocumentInput) -> UUID:
        """Post."""
        document, upstream = await work.documents.locked_chain(
            document_id(input.id), input.expected_version, Action.POST
        )
        terms = await work.tenants.terms(document.definition)
        document.post(
            seller=terms.company,
            by=work.actor.user,
            at=work.now,
            mode=terms.approval,
            today=terms.today,
            posting_date=input.posting_date,
            upstream=upstream,
        )
        if document.definition.printed_by_posting:
            work.later(PRINT_DOCUMENT, document.id)
        return document.id

    @write(DiscardDocumentPayload, any_of=WRITE_SCOPES, description="Throw a draft away.")
    async def discard_document(self, work: UnitOfWork, input: DiscardDocumentInput) -> UUID:
        """Discard."""
        document, upstream = await work.documents.locked_chain(
            document_id(input.id), input.expected_version, Action.DISCARD
        )
        terms = await work.tenants.terms(document.definition)
        document.discard(by=work.actor.user, at=work.now, mode=terms.approval, upstream=upstream)
        return document.id

    @write(
        ConvertDocumentPayload,
        any_of=WRITE_SCOPES,
        description="Make the next document of the chain of one or several, whole or in part"
        " (Weiterführen). The draft takes its quantities at once.",
    )
    async def convert_document(self, work: UnitOfWork, input: ConvertDocumentInput) -> UUID:
        """Convert."""
        target = KINDS[input.to.value]
        ids = [document_id(id, "ids", str(place)) for place, id in enumerate(input.ids)]
        picks = None if input.lines is None else [_pick(*each) for each in enumerate(input.lines)]
        sources, upstream = await work.documents.locked_sources(ids, Action.CONVERT)
        new = convert(sources, target, picks, await _making(work), upstream)
        work.documents.add(new)
        return new.id

    @write(
        DuplicateDocumentPayload,
        any_of=WRITE_SCOPES,
        description="Write the same document once more, as a draft that comes from nowhere.",
    )
    async def duplicate_document(self, work: UnitOfWork, input: DuplicateDocumentInput) -> UUID:
        """Duplicate."""
        original = await work.documents.locked(document_id(input.id), None, Action.CONVERT)
        copy = duplicate_of(original, await _making(work))
        work.documents.add(copy)
        return copy.id

    @write(
        CancelDocumentPayload,
        any_of=POST_SCOPES,
        description="Take a posted document back by a counter document with its own number"
        " (Stornieren); quantities go back to where they came from. Shows the counter document.",
    )
    async def cancel_document(self, work: UnitOfWork, input: CancelDocumentInput) -> UUID:
        """Cancel."""
        counter, _ = await _cancelled(work, input, copied=False)
        return counter

    @write(
        CancelAndCopyDocumentPayload,
        any_of=POST_SCOPES,
        description="Cancel a document and open a corrected draft in the same step. Shows the"
        " draft; of a received document the other side's number is to be written anew.",
    )
    async def cancel_and_copy_document(
        self, work: UnitOfWork, input: CancelAndCopyDocumentInput
    ) -> UUID:
        """Cancel and copy."""
        _, copy = await _cancelled(work, input, copied=True)
        return copy

    @write(
        CloseLinesPayload,
        any_of=WRITE_SCOPES,
        description="End what is still open of lines (Restmenge schließen); reversible.",
    )
    async def close_lines(self, work: UnitOfWork, input: CloseLinesInput) -> UUID:
        """Close."""
        lines = _line_ids(input.line_ids)
        document = await work.documents.locked(
            document_id(input.id), input.expected_version, Action.CLOSE_LINES
        )
        close_lines(document, lines, by=work.actor.user, at=work.now, reason=input.reason)
        return document.id

    @write(
        ReopenLinesPayload,
        any_of=WRITE_SCOPES,
        description="Take the closing of lines back (Restmenge wieder öffnen).",
    )
    async def reopen_lines(self, work: UnitOfWork, input: ReopenLinesInput) -> UUID:
        """Reopen."""
        lines = _line_ids(input.line_ids)
        document = await work.documents.locked(
            document_id(input.id), input.expected_version, Action.REOPEN_LINES
        )
        reopen_lines(document, lines, by=work.actor.user, at=work.now, reason=input.reason)
        return document.id

    @write(RecordSentPayload, any_of=WRITE_SCOPES, description="Note that a document was sent.")
    async def record_sent(self, work: UnitOfWork, input: RecordSentInput) -> UUID:
        """Sent."""
        document = await work.documents.locked(
            document_id(input.id), input.expected_version, Action.RECORD_SENT
        )
        record_sent(document, input.channel, by=work.actor.user, at=work.now)
        return document.id

    @write(
        RecordAnswerPayload,
        any_of=WRITE_SCOPES,
        description="Note how the other side answered an inquiry or an offer.",
    )
    async def record_answer(self, work: UnitOfWork, input: RecordAnswerInput) -> UUID:
        """Answered."""
        document = await work.documents.locked(
            document_id(input.id), input.expected_version, Action.RECORD_ANSWER
        )
        record_answer(document, input.answer, by=work.actor.user, at=work.now, reason=input.reason)
        return document.id

    @write(
        ConfirmReceivedPayload,
        any_of=WRITE_SCOPES,
        description="Note that the goods of a delivery arrived, and how much (Empfang bestätigen).",
    )
    async def confirm_received(self, work: UnitOfWork, input: ConfirmReceivedInput) -> UUID:
        """Confirmed."""
        said = input.quantities
        quantities = None if said is None else [_confirmed(*each) for each in enumerate(said)]
        document = await work.documents.locked(
            document_id(input.id), input.expected_version, Action.CONFIRM_RECEIVED
        )
        confirm_received(document, quantities, by=work.actor.user, at=work.now)
        return document.id

    @write(
        ReassignDocumentPayload,
        any_of=WRITE_SCOPES,
        description="Hand a document over to somebody else (Zuständigkeit ändern).",
    )
    async def reassign_document(self, work: UnitOfWork, input: ReassignDocumentInput) -> UUID:
        """Reassign."""
        user = uuid_of("usr", input.responsible, "User", ("input", "responsible"))
        await work.tenants.demand_user(user, ("input", "responsible"))
        document = await work.documents.locked(
            document_id(input.id), input.expected_version, Action.REASSIGN
        )
        reassign(document, user, by=work.actor.user, at=work.now)
        return document.id


async def _cancelled(
    work: UnitOfWork, input: CancelDocumentInput, *, copied: bool
) -> tuple[UUID, UUID]:
    """Cancel a document and return the ids of the counter document and of the copy."""
    original, upstream = await work.documents.locked_chain(
        document_id(input.id), input.expected_version, Action.CANCEL
    )
    terms = await work.tenants.terms(original.definition)
    counter = cancel(
        original,
        await _making(work),
        company=terms.company,
        reason=input.reason,
        posting_date=original.posting_date or terms.today,
        upstream=upstream,
    )
    work.documents.keep(counter)
    if counter.definition.printed_by_posting:
        work.later(PRINT_DOCUMENT, counter.id)
    if not copied:
        return counter.id, counter.id
    copy = copy_of(original, await _making(work), upstream)
    work.documents.add(copy)
    return counter.id, copy.id


async def _making(work: UnitOfWork) -> Making:
    return Making(
        id=work.new_id(),
        new_id=work.new_id,
        by=work.actor.user,
        at=work.now,
        today=await work.tenants.today(),
    )


def _pick(place: int, line: ConvertLineInput) -> Pick:
    path: Path = ("input", "lines", str(place))
    return Pick(line_id(line.line_id, (*path, "lineId")), line.quantity, path)


def _confirmed(place: int, said: ConfirmedLineInput) -> Confirmed:
    path: Path = ("input", "quantities", str(place), "lineId")
    return Confirmed(line_id(said.line_id, path), said.quantity)


def _line_ids(ids: list[strawberry.ID] | None) -> list[UUID] | None:
    if ids is None:
        return None
    return [line_id(id, ("input", "lineIds", str(place))) for place, id in enumerate(ids)]
