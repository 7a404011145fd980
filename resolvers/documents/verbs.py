"""The verbs of documents of every kind: their life, their follow-ups, and facts about them."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from domain.documents.cancellation import cancel, copy_of, duplicate_of
from domain.documents.conversion import Pick, check_count, convert
from domain.documents.document import Document
from domain.documents.facts import (
    Confirmed,
    block_payment,
    confirm_received,
    reassign,
    record_answer,
    record_objection,
    record_sent,
    release_payment,
)
from domain.documents.kinds import KINDS, Action
from domain.documents.remainders import close_lines, reopen_lines
from domain.documents.said import Said
from domain.payments import settle_cancelled, undo, without_discount
from domain.problems import Path
from persistence.unit_of_work import UnitOfWork
from resolvers.documents.conditions import held_to_post, refuse_blocked_partners
from resolvers.documents.life import discard, post, submit
from resolvers.documents.makings import making, making_of
from resolvers.documents.writing import document_id, line_id
from resolvers.fields import write
from resolvers.payments import settling
from schema.documents.verbs import (
    BlockPaymentInput,
    BlockPaymentPayload,
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
    RecordObjectionInput,
    RecordObjectionPayload,
    RecordSentInput,
    RecordSentPayload,
    ReleasePaymentInput,
    ReleasePaymentPayload,
    ReopenLinesInput,
    ReopenLinesPayload,
    SubmitDocumentInput,
    SubmitDocumentPayload,
)
from schema.mutations import drafted
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
        return await submit(work, document)

    @write(
        PostDocumentPayload,
        any_of=POST_SCOPES,
        description="Make a document final and give it its number (Buchen). It is then printed.",
    )
    async def post_document(self, work: UnitOfWork, input: PostDocumentInput) -> UUID:
        """Post."""
        id = document_id(input.id)
        held = await held_to_post(work, {id})
        document, upstream = await work.documents.locked_chain(
            id, input.expected_version, Action.POST
        )
        return await post(work, document, upstream, input, held)

    @write(DiscardDocumentPayload, any_of=WRITE_SCOPES, description="Throw a draft away.")
    async def discard_document(self, work: UnitOfWork, input: DiscardDocumentInput) -> UUID:
        """Discard."""
        document, upstream = await work.documents.locked_chain(
            document_id(input.id), input.expected_version, Action.DISCARD
        )
        return await discard(work, document, upstream)

    @write(
        ConvertDocumentPayload,
        any_of=WRITE_SCOPES,
        description="Make the next document of the chain of one or several, whole or in part"
        " (Weiterführen). The draft takes its quantities at once.",
    )
    async def convert_document(self, work: UnitOfWork, input: ConvertDocumentInput) -> UUID:
        """Convert."""
        target = KINDS[input.to.value]
        check_count(len(input.ids))
        ids = [document_id(id, "ids", str(place)) for place, id in enumerate(input.ids)]
        picks = None if input.lines is None else [_pick(*each) for each in enumerate(input.lines)]
        sources, upstream = await work.documents.locked_sources(ids, Action.CONVERT)
        made = await making_of(work, target, sources, drafted(Said, input))
        new = convert(sources, target, picks, made, upstream)
        await work.documents.refuse_second(new)
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
        await refuse_blocked_partners(work, original)
        copy = duplicate_of(original, await making(work, [original]))
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
        " draft, which keeps the number that a received document came with.",
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
        document, _ = await work.documents.locked_chain(
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
        document, _ = await work.documents.locked_chain(
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
        BlockPaymentPayload,
        any_of=("purchase:write",),
        description="Keep a received invoice from being paid (Zahlungssperre setzen).",
    )
    async def block_payment(self, work: UnitOfWork, input: BlockPaymentInput) -> UUID:
        """Block."""
        document = await work.documents.locked(
            document_id(input.id), input.expected_version, Action.BLOCK_PAYMENT
        )
        block_payment(document, reason=input.reason, by=work.actor.user, at=work.now)
        return document.id

    @write(
        ReleasePaymentPayload,
        any_of=("purchase:approve",),
        description="Let a blocked invoice be paid; never one you wrote yourself.",
    )
    async def release_payment(self, work: UnitOfWork, input: ReleasePaymentInput) -> UUID:
        """Release."""
        document = await work.documents.locked(
            document_id(input.id), input.expected_version, Action.RELEASE_PAYMENT
        )
        release_payment(document, reason=input.reason, by=work.actor.user, at=work.now)
        return document.id

    @write(
        RecordObjectionPayload,
        any_of=("purchase:post",),
        description="Note that the supplier objects to a self-billed invoice (Widerspruch): it is"
        " no invoice any more, its input tax is reversed, goods and debt stay.",
    )
    async def record_objection(self, work: UnitOfWork, input: RecordObjectionInput) -> UUID:
        """Objected."""
        document = await work.documents.locked(
            document_id(input.id), input.expected_version, Action.RECORD_OBJECTION
        )
        record_objection(document, reason=input.reason, by=work.actor.user, at=work.now)
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
    original, upstream, settled = await work.documents.locked_with_settled(
        document_id(input.id), input.expected_version, Action.CANCEL
    )
    await work.documents.refuse_deducted(original)
    terms = await work.tenants.terms(original.definition)
    if original.definition.is_payment and original.cancelled_by_id is None:
        await _undo_all(work, original, settled, input.reason)
    elif original.discount_taken and original.cancelled_by_id is None:
        await _take_discounts_back(work, original, settled, input.reason)
    counter = cancel(
        original,
        await making(work),
        company=terms.company,
        reason=input.reason,
        posting_date=original.posting_date or terms.today,
        upstream=upstream,
        copied=copied,
    )
    work.documents.keep(counter)
    at_once = settle_cancelled(original, counter, settling(work))
    work.payments.keep([at_once] if at_once else [])
    work.printouts.print_by_posting(counter)
    if not copied:
        return counter.id, counter.id
    copy = copy_of(original, await making(work, [original]), upstream)
    work.documents.add(copy)
    return counter.id, copy.id


async def _undo_all(
    work: UnitOfWork, payment: Document, settled: Sequence[Document], reason: str
) -> None:
    """Open what a payment had settled: money that did not come, or went back, paid nothing."""
    known = {each.id: each for each in settled}
    await work.payments.refuse_deducted(settled)
    for each in await work.payments.of(payment, settled):
        undo(each, known[each.payment_id], known[each.document_id], settling(work), reason)


async def _take_discounts_back(
    work: UnitOfWork, document: Document, settled: Sequence[Document], reason: str
) -> None:
    """Let what was paid stay, and open what was deducted, of a document that is cancelled."""
    known = {each.id: each for each in settled}
    for each in await work.payments.of(document, settled):
        if each.document_id == document.id and each.discount:
            payment = known[each.payment_id]
            work.payments.keep([without_discount(each, payment, document, settling(work), reason)])


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
