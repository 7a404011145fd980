"""Documents (Belege): the interface of all kinds, and one concrete type per kind."""

import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry

from domain.documents.kinds import KINDS
from domain.documents.kinds import Action as DomainAction
from domain.documents.kinds import State as DomainState
from domain.items import Unit
from domain.tax import TaxCategory
from schema.approvals import Approval
from schema.entities import shows
from schema.enums import described
from schema.identity import User
from schema.items import Item
from schema.journal import JournalEntry
from schema.mutations import key_field, payload, version_field
from schema.node import Node
from schema.paging import paged
from schema.partners import Partner
from schema.printing import Printout
from schema.scalars import Currency

described(
    DomainState,
    "DocumentState",
    "The life of a document.",
    DRAFT="May still be changed (Entwurf).",
    PENDING="Waits for approval (zur Freigabe).",
    APPROVED="Approved, may be posted (freigegeben).",
    REJECTED="Sent back with a reason; the next edit makes it a draft (abgelehnt).",
    POSTED="Final, with its number (gebucht).",
    DISCARDED="Thrown away before it was final (verworfen).",
)
described(
    DomainAction,
    "DocumentAction",
    "What may be done with one.",
    READ="Look at it.",
    CREATE="Write a new one.",
    UPDATE="Change its content.",
    SUBMIT="Ask for approval (Einreichen).",
    APPROVE="Approve it (Freigeben).",
    REJECT="Send it back (Ablehnen).",
    POST="Make it final (Buchen).",
    DISCARD="Throw a draft away (Verwerfen).",
    PRINT="Make a PDF of it (Drucken).",
)
_KINDS: Any = Enum("DocumentKind", {name: name for name in KINDS})  # type: ignore[misc]
DocumentKind: Any = described(
    _KINDS,
    "DocumentKind",
    "Kinds of document.",
    **{kind.name: f"{kind.german}." for kind in KINDS.values()},
)


@shows("document_party")
@strawberry.type(description="A partner as the document keeps it; later changes do not show.")
class Party:
    """A snapshot."""

    name: str = strawberry.field(description="Name or company.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code.")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(description="Country, ISO 3166-1 alpha-2.")
    vat_id: str | None = strawberry.field(description="VAT id.")
    tax_number: str | None = strawberry.field(description="National tax number.")
    email: str | None = strawberry.field(description="E-mail.")
    partner: Partner | None = strawberry.field(description="The partner as it is today.")


@shows("document_line")
@strawberry.type(description="A line (Position) of a document.")
class DocumentLine:
    """A line as kept."""

    position: int = strawberry.field(description="Its place, from 1.")
    item_number: str | None = strawberry.field(description="Item number at the time.")
    item: Item | None = strawberry.field(description="The item as it is today.")
    description: str = strawberry.field(description="What is sold.")
    quantity: Decimal = strawberry.field(description="How much, in `unit`.")
    unit: Unit = strawberry.field(description="The unit of the quantity.")
    unit_price: Decimal = strawberry.field(description="Net price of `priceQuantity` units.")
    price_quantity: Decimal = strawberry.field(description="How many units the price is for.")
    tax_category: TaxCategory = strawberry.field(description="Tax category.")
    tax_rate: Decimal | None = strawberry.field(description="Rate in percent; null for O.")
    exemption_reason: str | None = strawberry.field(description="Why no tax is shown.")
    net: Decimal = strawberry.field(description="Quantity x price, rounded to cents (BT-131).")


@shows("document_tax")
@strawberry.type(description="A group of the tax breakdown (BG-23).")
class DocumentTax:
    """A tax group."""

    category: TaxCategory = strawberry.field(description="Tax category.")
    rate: Decimal | None = strawberry.field(description="Rate in percent; null for O.")
    basis: Decimal = strawberry.field(description="Net amount of the group.")
    tax: Decimal = strawberry.field(description="Tax of the group, rounded once.")
    reason: str | None = strawberry.field(description="Why no tax is shown.")


@shows("document_author")
@strawberry.type(description="Somebody who changed the document; four eyes look at them all.")
class DocumentAuthor:
    """An author."""

    user: User = strawberry.field(description="Who.")


@strawberry.type(description="Whether you may do something now, and if not, why.")
class AvailableAction:
    """An action with its answer."""

    action: DomainAction = strawberry.field(description="What.")
    allowed: bool = strawberry.field(description="Whether you may do it now.")
    code: str | None = strawberry.field(description="The code of the problem it would meet.")
    reason: str | None = strawberry.field(description="Why not, in your language.")


@shows("document")
@strawberry.interface(description="A document (Beleg) of any kind.")
class Document(Node):
    """What all kinds have."""

    kind: DocumentKind = strawberry.field(description="The kind.")
    state: DomainState = strawberry.field(description="Where it stands in its life.")
    number: str | None = strawberry.field(description="The number; a draft has none.")
    currency: Currency = strawberry.field(description="Currency of all its amounts, ISO 4217.")
    issue_date: datetime.date = strawberry.field(description="The date on the paper.")
    supply_date: datetime.date | None = strawberry.field(
        description="When the supply was made, or began (Leistungsdatum); decides the tax rate."
    )
    supply_until: datetime.date | None = strawberry.field(description="End of a supply period.")
    posting_date: datetime.date | None = strawberry.field(description="Decides the period.")
    customer_reference: str | None = strawberry.field(description="The customer's order number.")
    note: str | None = strawberry.field(description="A text printed on it.")
    net: Decimal = strawberry.field(description="Sum without tax.")
    tax: Decimal = strawberry.field(description="Tax, the sum of the groups.")
    gross: Decimal = strawberry.field(description="Sum with tax.")
    sold_to: Party | None = strawberry.field(description="The customer (Auftraggeber).")
    bill_to: Party | None = strawberry.field(description="Who pays (Rechnungsempfänger).")
    ship_to: Party | None = strawberry.field(description="Where it goes (Warenempfänger).")
    seller: Party | None = strawberry.field(description="Your company at posting.")
    partner: Partner = strawberry.field(description="The customer as it is today.")
    responsible: User = strawberry.field(description="Who looks after it.")
    lines: list[DocumentLine] = strawberry.field(description="Lines in order.")
    taxes: list[DocumentTax] = strawberry.field(description="The tax breakdown.")
    authors: list[DocumentAuthor] = strawberry.field(description="Everybody who changed it.")
    approvals: list[Approval] = strawberry.field(description="Approvals, oldest first.")
    printouts: list[Printout] = strawberry.field(description="PDFs of it, oldest first.")
    available_actions: list[AvailableAction] = strawberry.field(
        description="What you may do now, and for what is refused, why."
    )
    created_at: datetime.datetime = strawberry.field(description="When it was made.")
    updated_at: datetime.datetime = strawberry.field(description="When it changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to it, oldest first (Verlauf).")


@shows("document", kind="SALES_INVOICE")
@strawberry.type(description="An invoice to a customer (Rechnung).")
class SalesInvoice(Document):
    """What only invoices have."""

    payment_days: int = strawberry.field(description="Days until it is due.")
    due_date: datetime.date = strawberry.field(description="When it is due.")


@strawberry.enum(description="Orders of `documents`.")
class DocumentSort(Enum):
    """Sorts of the view; each has an index."""

    ISSUE_DATE_NEWEST = strawberry.enum_value("ISSUE_DATE_NEWEST", description="Newest first.")
    ISSUE_DATE_OLDEST = strawberry.enum_value("ISSUE_DATE_OLDEST", description="Oldest first.")
    GROSS_HIGHEST = strawberry.enum_value("GROSS_HIGHEST", description="Highest amount first.")
    DUE_FIRST = strawberry.enum_value("DUE_FIRST", description="Due first; without date last.")


@strawberry.input(description="One of these values.")
class StateIn:
    """`in`."""

    in_: list[DomainState] = strawberry.field(name="in", description="Any of these.")


@strawberry.input(description="One of these kinds.")
class KindIn:
    """`in`."""

    in_: list[DocumentKind] = strawberry.field(name="in", description="Any of these.")


@strawberry.input(description="A range of days, both ends included.")
class DateRange:
    """`from`, `to`."""

    from_: datetime.date | None = strawberry.field(
        name="from", default=None, description="From this day on."
    )
    to: datetime.date | None = strawberry.field(default=None, description="Up to this day.")


@strawberry.input(description="A range of amounts, both ends included.")
class AmountRange:
    """`min`, `max`."""

    min: Decimal | None = strawberry.field(default=None, description="At least.")
    max: Decimal | None = strawberry.field(default=None, description="At most.")


@strawberry.input(description="Which documents; all conditions must hold.")
class DocumentFilter:
    """Conditions of `documents`."""

    kind: KindIn | None = strawberry.field(default=None, description="By kind.")
    state: StateIn | None = strawberry.field(default=None, description="By state.")
    sold_to: strawberry.ID | None = strawberry.field(default=None, description="By customer.")
    number: str | None = strawberry.field(default=None, description="By exact number.")
    issue_date: DateRange | None = strawberry.field(default=None, description="By date.")
    due_date: DateRange | None = strawberry.field(default=None, description="By due date.")
    gross: AmountRange | None = strawberry.field(default=None, description="By gross amount.")


@strawberry.input(
    description="A line of a document to write. What is left out comes from the item."
)
class LineInput:
    """A line as asked for."""

    quantity: Decimal = strawberry.field(description="How much; negative for returned goods.")
    item_id: strawberry.ID | None = strawberry.field(default=None, description="The item, `itm_…`.")
    description: str | None = strawberry.field(default=None, description="What is sold.")
    unit: Unit | None = strawberry.field(default=None, description="The unit of the quantity.")
    unit_price: Decimal | None = strawberry.field(
        default=None, description="Net price of `priceQuantity` units, EUR."
    )
    price_quantity: Decimal | None = strawberry.field(
        default=None, description="How many units the price is for, such as 100 or 1000."
    )
    tax_category: TaxCategory | None = strawberry.field(default=None, description="Tax category.")
    tax_rate: Decimal | None = strawberry.field(default=None, description="Rate in percent.")
    exemption_reason: str | None = strawberry.field(
        default=None, description="Why no tax is shown; needed for category E."
    )


@strawberry.input(description="An invoice to write.")
class CreateSalesInvoiceInput:
    """A new draft."""

    sold_to: strawberry.ID = strawberry.field(description="The customer, `par_…`.")
    bill_to: strawberry.ID | None = strawberry.field(
        default=None, description="Who pays; the customer if left out."
    )
    ship_to: strawberry.ID | None = strawberry.field(
        default=None, description="Where it goes; the customer if left out."
    )
    issue_date: datetime.date | None = strawberry.field(
        default=None, description="The date on the paper; today if left out."
    )
    supply_date: datetime.date | None = strawberry.field(
        default=None, description="Day of supply, or first day of its period; posting needs it."
    )
    supply_until: datetime.date | None = strawberry.field(
        default=None, description="Last day of a supply period."
    )
    payment_days: int | None = strawberry.field(
        default=None, description="Days until due; the payer's terms if left out."
    )
    customer_reference: str | None = strawberry.field(
        default=None, description="The customer's order number."
    )
    note: str | None = strawberry.field(default=None, description="A text printed on it.")
    lines: list[LineInput] = strawberry.field(description="1 to 1000 lines.")
    idempotency_key: str = key_field()


@strawberry.input(description="The whole content of a draft, anew.")
class UpdateSalesInvoiceInput(CreateSalesInvoiceInput):
    """Replaces every field."""

    id: strawberry.ID = strawberry.field(description="The invoice, `doc_…`.")
    expected_version: int = version_field()


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


@strawberry.input(description="Throw a draft away.")
class DiscardDocumentInput(DocumentInput):
    """Discard."""


CreateSalesInvoicePayload = payload("CreateSalesInvoice", sales_invoice=SalesInvoice)
UpdateSalesInvoicePayload = payload("UpdateSalesInvoice", sales_invoice=SalesInvoice)
SubmitDocumentPayload = payload("SubmitDocument", document=Document)
ApproveDocumentPayload = payload("ApproveDocument", document=Document)
RejectDocumentPayload = payload("RejectDocument", document=Document)
PostDocumentPayload = payload("PostDocument", document=Document)
DiscardDocumentPayload = payload("DiscardDocument", document=Document)
