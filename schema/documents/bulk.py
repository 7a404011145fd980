"""Verbs for many documents at once."""

import datetime

import strawberry

from domain.identity import Language as DomainLanguage
from schema.bulk import ErrorPolicy, bulk_payload, policy_field
from schema.documents.enums import DocumentKind
from schema.documents.jobs import DocumentJob
from schema.mutations import key_field


@strawberry.input(description="Many documents, up to 500.")
class DocumentsInput:
    """What most bulk verbs ask for."""

    ids: list[strawberry.ID] = strawberry.field(description="The documents, `doc_…`, 1 to 500.")
    error_policy: ErrorPolicy = policy_field()
    idempotency_key: str = key_field()


@strawberry.input(description="Submit many documents for approval.")
class SubmitDocumentsInput(DocumentsInput):
    """Submit."""


@strawberry.input(description="Approve many documents.")
class ApproveDocumentsInput(DocumentsInput):
    """Approve."""

    note: str = strawberry.field(default="", description="A note for the others.")


@strawberry.input(description="Make many documents final.")
class PostDocumentsInput(DocumentsInput):
    """Post."""

    accept_credit_limit: bool = strawberry.field(
        default=False,
        description="Go on although the payer's credit limit is passed; where the company blocks"
        " that, you need the scope sales:approve.",
    )
    accept_older_date: bool = strawberry.field(
        default=False,
        description="Number them even after documents of a later date (NUMBER_OUT_OF_DATE_ORDER).",
    )
    posting_date: datetime.date | None = strawberry.field(
        default=None, description="Decides periods and numbers; each one's own if left out."
    )


@strawberry.input(description="Throw many drafts away.")
class DiscardDocumentsInput(DocumentsInput):
    """Discard."""


@strawberry.input(description="Make of each document the next one of its chain.")
class ConvertDocumentsInput(DocumentsInput):
    """Convert, each for itself."""

    to: DocumentKind = strawberry.field(description="What each of them becomes.")


@strawberry.input(description="Hand many documents over to somebody else.")
class ReassignDocumentsInput(DocumentsInput):
    """Reassign."""

    responsible: strawberry.ID = strawberry.field(description="The user, `usr_…`.")


@strawberry.input(description="Make one PDF of many posted documents.")
class PrintDocumentsInput(DocumentsInput):
    """Print."""

    language: DomainLanguage = strawberry.field(
        default=DomainLanguage.DE, description="The language to print them in."
    )


@strawberry.input(description="Deliveries that become one invoice.")
class InvoiceGroupInput:
    """A group of the invoice run, edited or not."""

    ids: list[strawberry.ID] = strawberry.field(description="The deliveries, `doc_…`, 1 to 100.")


@strawberry.input(description="Turn groups of deliveries into drafts of invoices.")
class CreateInvoicesInput:
    """The invoice run, carried out."""

    groups: list[InvoiceGroupInput] = strawberry.field(
        description="A draft for each, up to 500, of up to 500 deliveries in all."
    )
    issue_date: datetime.date | None = strawberry.field(
        default=None, description="The date on the invoices; today if left out."
    )
    error_policy: ErrorPolicy = policy_field()
    idempotency_key: str = key_field()


SubmitDocumentsPayload = bulk_payload("SubmitDocuments")
ApproveDocumentsPayload = bulk_payload("ApproveDocuments")
PostDocumentsPayload = bulk_payload("PostDocuments")
DiscardDocumentsPayload = bulk_payload("DiscardDocuments")
ConvertDocumentsPayload = bulk_payload("ConvertDocuments")
ReassignDocumentsPayload = bulk_payload("ReassignDocuments")
CreateInvoicesPayload = bulk_payload("CreateInvoices")
PrintDocumentsPayload = bulk_payload("PrintDocuments", document_job=DocumentJob)
