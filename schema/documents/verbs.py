"""What can be done with a document of any kind: inputs and payloads."""

import datetime
from decimal import Decimal

import strawberry

from domain.documents.facts import Answer as DomainAnswer
from domain.documents.facts import Channel as DomainChannel
from domain.identity import Language as DomainLanguage
from schema.documents.enums import DocumentKind
from schema.documents.kinds import Document, SelfBilledInvoice, SupplierInvoice
from schema.mutations import key_field, payload, version_field


@strawberry.input(description="A document and the version you have seen.")
class DocumentInput:
    """What most verbs ask for."""

    id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    expected_version: int = version_field()
    idempotency_key: str = key_field()


@strawberry.input(description="Submit a document for approval.")
class SubmitDocumentInput(DocumentInput):
    """Submit."""


@strawberry.input(description="Approve a document that waits.")
class ApproveDocumentInput(DocumentInput):
    """Approve."""

    note: str = strawberry.field(default="", description="A note for the others.")


@strawberry.input(description="Send a document back.")
class RejectDocumentInput(DocumentInput):
    """Reject."""

    reason: str = strawberry.field(description="Why, for the author; required.")


@strawberry.input(description="Make a document final.")
class PostDocumentInput(DocumentInput):
    """Post."""

    accept_older_date: bool = strawberry.field(
        default=False,
        description="Number it even after a document of a later date (NUMBER_OUT_OF_DATE_ORDER).",
    )
    posting_date: datetime.date | None = strawberry.field(
        default=None,
        description="Decides the period and the number; the issue date, or today for what you"
        " received, if left out.",
    )
    accept_credit_limit: bool = strawberry.field(
        default=False,
        description="Go on although the payer's credit limit is passed; where the company blocks"
        " that, you need the scope sales:approve.",
    )


@strawberry.input(description="Throw a draft away.")
class DiscardDocumentInput(DocumentInput):
    """Discard."""


@strawberry.input(description="A line to convert.")
class ConvertLineInput:
    """A pick."""

    line_id: strawberry.ID = strawberry.field(description="A line of a source, `lin_…`.")
    quantity: Decimal | None = strawberry.field(
        default=None, description="How much, in the line's unit; all that is open if left out."
    )


@strawberry.input(description="Make the next document of the chain of one or several.")
class ConvertDocumentInput:
    """Convert."""

    ids: list[strawberry.ID] = strawberry.field(
        description="The sources, `doc_…`, 1 to 100, of one kind of chain and one payer."
    )
    to: DocumentKind = strawberry.field(description="What they become.")
    lines: list[ConvertLineInput] | None = strawberry.field(
        default=None, description="Which lines and how much; all that is open if left out."
    )
    external_number: str | None = strawberry.field(
        default=None,
        description="The number on the document you received (Belegnummer des Lieferanten), for a"
        " kind that has one; what a receipt becomes can then be posted at once.",
    )
    issue_date: datetime.date | None = strawberry.field(
        default=None, description="The date on the paper; today if left out."
    )
    supply_date: datetime.date | None = strawberry.field(
        default=None,
        description="Day of supply, or first day of its period; that of the sources if left out.",
    )
    supply_until: datetime.date | None = strawberry.field(
        default=None, description="Last day of a supply period."
    )
    customer_reference: str | None = strawberry.field(
        default=None,
        description="The customer's own number for it; that of the sources if left out.",
    )
    idempotency_key: str = key_field()


@strawberry.input(description="Write the same document once more.")
class DuplicateDocumentInput:
    """Duplicate."""

    id: strawberry.ID = strawberry.field(description="The document to copy, `doc_…`.")
    idempotency_key: str = key_field()


@strawberry.input(description="Take a posted document back by a counter document.")
class CancelDocumentInput(DocumentInput):
    """Cancel."""

    reason: str = strawberry.field(description="Why; printed on the counter document.")


@strawberry.input(description="Take a posted document back and open a corrected draft of it.")
class CancelAndCopyDocumentInput(CancelDocumentInput):
    """Cancel and copy."""


@strawberry.input(description="End what is still open of a document.")
class CloseLinesInput(DocumentInput):
    """Close."""

    line_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Which lines, `lin_…`; all that are open if left out."
    )
    reason: str = strawberry.field(description="Why nobody waits for the rest any more.")


@strawberry.input(description="Take the closing of lines back.")
class ReopenLinesInput(DocumentInput):
    """Reopen."""

    line_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Which lines, `lin_…`; all that are closed if left out."
    )
    reason: str = strawberry.field(description="Why it goes on after all.")


@strawberry.input(description="Note that a document was sent.")
class RecordSentInput(DocumentInput):
    """Sent."""

    channel: DomainChannel = strawberry.field(description="How it was sent.")


@strawberry.input(description="Note how the other side answered.")
class RecordAnswerInput(DocumentInput):
    """Answered."""

    answer: DomainAnswer = strawberry.field(description="What they said.")
    reason: str | None = strawberry.field(
        default=None, description="Their reason; needed for DECLINED."
    )


@strawberry.input(description="How much of a line arrived.")
class ConfirmedLineInput:
    """A confirmed quantity."""

    line_id: strawberry.ID = strawberry.field(description="The line, `lin_…`.")
    quantity: Decimal = strawberry.field(description="How much arrived, in the line's unit.")


@strawberry.input(description="Note that goods arrived.")
class ConfirmReceivedInput(DocumentInput):
    """Confirmed."""

    quantities: list[ConfirmedLineInput] | None = strawberry.field(
        default=None, description="What arrived of each line; everything if left out."
    )


@strawberry.input(description="Hand a document over to somebody else.")
class ReassignDocumentInput(DocumentInput):
    """Reassign."""

    responsible: strawberry.ID = strawberry.field(description="The user, `usr_…`.")


@strawberry.input(description="Note that the supplier objects to a self-billed invoice.")
class RecordObjectionInput(DocumentInput):
    """Objected."""

    reason: str = strawberry.field(description="What the supplier objects to.")


@strawberry.input(description="Keep a received invoice from being paid.")
class BlockPaymentInput(DocumentInput):
    """Block."""

    reason: str = strawberry.field(description="Why it must not be paid.")


@strawberry.input(description="Let a blocked invoice be paid.")
class ReleasePaymentInput(DocumentInput):
    """Release."""

    reason: str = strawberry.field(description="Why it may be paid all the same.")


@strawberry.input(description="Make a PDF of a posted document.")
class PrintDocumentInput:
    """Print."""

    id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    language: DomainLanguage = strawberry.field(
        default=DomainLanguage.DE, description="The language to print it in."
    )
    idempotency_key: str = key_field()


PrintDocumentPayload = payload("PrintDocument", document=Document)
SubmitDocumentPayload = payload("SubmitDocument", document=Document)
ApproveDocumentPayload = payload("ApproveDocument", document=Document)
RejectDocumentPayload = payload("RejectDocument", document=Document)
PostDocumentPayload = payload("PostDocument", document=Document)
DiscardDocumentPayload = payload("DiscardDocument", document=Document)
ConvertDocumentPayload = payload("ConvertDocument", document=Document)
DuplicateDocumentPayload = payload("DuplicateDocument", document=Document)
CancelDocumentPayload = payload("CancelDocument", document=Document)
CancelAndCopyDocumentPayload = payload("CancelAndCopyDocument", document=Document)
CloseLinesPayload = payload("CloseLines", document=Document)
ReopenLinesPayload = payload("ReopenLines", document=Document)
RecordSentPayload = payload("RecordSent", document=Document)
RecordAnswerPayload = payload("RecordAnswer", document=Document)
ConfirmReceivedPayload = payload("ConfirmReceived", document=Document)
RecordObjectionPayload = payload("RecordObjection", self_billed_invoice=SelfBilledInvoice)
BlockPaymentPayload = payload("BlockPayment", supplier_invoice=SupplierInvoice)
ReleasePaymentPayload = payload("ReleasePayment", supplier_invoice=SupplierInvoice)
ReassignDocumentPayload = payload("ReassignDocument", document=Document)
