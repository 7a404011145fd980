"""The interface of all documents (Belege), and one concrete type per kind with what it has."""

import datetime
from decimal import Decimal

import strawberry

from domain.amounts import PriceBasis
from domain.documents.amounts import InvoiceType
from domain.documents.facts import Answer as DomainAnswer
from domain.documents.kinds import PaymentMethod
from domain.documents.kinds import State as DomainState
from schema.approvals import Approval
from schema.documents.enums import DocumentKind
from schema.documents.parts import (
    Allocation,
    Attachment,
    AvailableAction,
    DocumentAllowance,
    DocumentAuthor,
    DocumentComment,
    DocumentLine,
    DocumentPrepayment,
    DocumentRevision,
    DocumentStatedTax,
    DocumentTag,
    DocumentTax,
    FlowNode,
    LazyDocument,
    MatchFinding,
    Party,
    TaxFinding,
)
from schema.entities import shows
from schema.exchange_rates import RateSource
from schema.identity import User
from schema.journal import JournalEntry
from schema.node import Node
from schema.paging import paged
from schema.partners import Partner
from schema.printing import Printout, PrintProblem
from schema.scalars import Currency


@shows("document")
@strawberry.interface(description="A document (Beleg) of any kind.")
class Document(Node):
    """What all kinds have."""

    kind: DocumentKind = strawberry.field(description="The kind.")
    state: DomainState = strawberry.field(description="Where it stands in its life.")
    number: str | None = strawberry.field(description="The number; a draft has none.")
    revision: int = strawberry.field(description="Grows with every amendment; the first is 1.")
    currency: Currency = strawberry.field(description="Currency of all its amounts, ISO 4217.")
    issue_date: datetime.date = strawberry.field(description="The date on the paper.")
    posting_date: datetime.date | None = strawberry.field(description="Decides the period.")
    note: str | None = strawberry.field(description="A text printed on it.")
    price_basis: PriceBasis = strawberry.field(description="Whether its prices hold the tax.")
    line_total: Decimal = strawberry.field(description="Sum of the lines without tax (BT-106).")
    allowance_total: Decimal = strawberry.field(
        description="What is off the whole, without tax (BT-107)."
    )
    charge_total: Decimal = strawberry.field(
        description="What is on top of the whole, without tax (BT-108)."
    )
    net: Decimal = strawberry.field(description="Sum without tax (BT-109).")
    tax: Decimal = strawberry.field(description="Tax, the sum of the groups.")
    gross: Decimal = strawberry.field(description="Sum with tax.")
    exchange_rate: Decimal | None = strawberry.field(
        description="Units of its currency for one of your company's; null if it is that."
    )
    rate_date: datetime.date | None = strawberry.field(description="The day of that rate.")
    rate_source: RateSource | None = strawberry.field(description="Where it comes from.")
    company_net: Decimal = strawberry.field(description="Sum without tax in company currency.")
    company_tax: Decimal = strawberry.field(description="Tax in company currency.")
    company_gross: Decimal = strawberry.field(description="Sum with tax in company currency.")
    allowances: list[DocumentAllowance] = strawberry.field(
        description="Allowances and charges of the whole."
    )
    partner: Partner = strawberry.field(
        description="The customer or supplier as it is today; the document keeps what it was."
    )
    branch: str | None = strawberry.field(description="The branch's code (Niederlassung).")
    responsible: User = strawberry.field(description="Who looks after it.")
    lines: list[DocumentLine] = strawberry.field(description="Lines in order.")
    taxes: list[DocumentTax] = strawberry.field(description="The tax breakdown.")
    authors: list[DocumentAuthor] = strawberry.field(description="Everybody who changed it.")
    approvals: list[Approval] = strawberry.field(description="Approvals, oldest first.")
    printouts: list[Printout] = strawberry.field(description="PDFs of it, oldest first.")
    print_problems: list[PrintProblem] = strawberry.field(
        description="Why no PDF could be made of it, one per language; gone once there is one."
    )
    tags: list[DocumentTag] = strawberry.field(description="Its tags, by name (Schlagwörter).")
    comments: list[DocumentComment] = strawberry.field(
        description="Remarks of colleagues, oldest first."
    )
    attachments: list[Attachment] = strawberry.field(
        description="Files that belong to it, oldest first."
    )
    available_actions: list[AvailableAction] = strawberry.field(
        description="What you may do now, and for what is refused, why."
    )
    flow: list[FlowNode] = strawberry.field(
        description="Everything it was made of and everything made of it (Belegfluss), by date."
    )
    is_cancelled: bool = strawberry.field(description="Whether it was taken back (storniert).")
    is_cancellation: bool = strawberry.field(
        description="Whether it takes another document back (Storno)."
    )
    cancels: LazyDocument | None = strawberry.field(description="The document it takes back.")
    cancelled_by: LazyDocument | None = strawberry.field(description="What took it back.")
    cancel_reason: str | None = strawberry.field(description="Why it takes the other back.")
    sent_at: datetime.datetime | None = strawberry.field(description="When it was sent last.")
    created_at: datetime.datetime = strawberry.field(description="When it was made.")
    updated_at: datetime.datetime = strawberry.field(description="When it changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to it, oldest first (Verlauf).")


@shows("document")
@strawberry.interface(description="A document of the sales side (Verkaufsbeleg).")
class SalesDocument(Document):
    """What all sales kinds have."""

    sold_to: Party | None = strawberry.field(description="The customer (Auftraggeber).")
    bill_to: Party | None = strawberry.field(description="Who pays (Rechnungsempfänger).")
    ship_to: Party | None = strawberry.field(description="Where it goes (Warenempfänger).")
    seller: Party | None = strawberry.field(description="Your company at posting.")
    customer_reference: str | None = strawberry.field(
        description="The customer's own number for it (Bestellzeichen)."
    )


@shows("document")
@strawberry.interface(description="A document of the purchase side (Einkaufsbeleg).")
class PurchaseDocument(Document):
    """What all purchase kinds have."""

    supplier: Party | None = strawberry.field(description="The supplier (Lieferant).")
    buyer: Party | None = strawberry.field(description="Your company at posting.")


@strawberry.type
class _Supplied:
    supply_date: datetime.date | None = strawberry.field(
        description="When the supply was made, or began (Leistungsdatum); decides the tax rate."
    )
    supply_until: datetime.date | None = strawberry.field(description="End of a supply period.")


@strawberry.type
class _Terms:
    payment_days: int = strawberry.field(description="Days until it is due.")
    discount_days: int | None = strawberry.field(
        description="Who pays within these days may deduct `discountPercent` (Skonto)."
    )
    discount_percent: Decimal | None = strawberry.field(description="The first step of Skonto.")
    discount2_days: int | None = strawberry.field(description="The days of a second step.")
    discount2_percent: Decimal | None = strawberry.field(description="Its percentage.")


@strawberry.type
class _Settled:
    open_amount: Decimal = strawberry.field(
        description="What is neither paid nor set off (offener Betrag); 0 before it is posted."
    )
    paid_amount: Decimal = strawberry.field(
        description="What was paid, deducted as cash discount or set off."
    )
    is_paid: bool = strawberry.field(
        description="Whether it is posted and nothing of it is open (ausgeglichen)."
    )
    is_overdue: bool = strawberry.field(
        description="Whether something of it is open after its due date (überfällig)."
    )
    allocations: list[Allocation] = strawberry.field(
        description="What settled it and what it settled, taken back ones too, oldest first."
    )


@strawberry.type
class _Owed(_Supplied, _Terms, _Settled):
    discount_taken: Decimal = strawberry.field(description="Cash discount that was deducted.")
    due_date: datetime.date = strawberry.field(description="When it is due.")
    type_code: str | None = strawberry.field(
        description="Its code in e-invoices [UNTDID 1001]; null for what we received."
    )
    prepaid: Decimal = strawberry.field(description="Gross of the prepayments deducted (BT-113).")
    payable: Decimal = strawberry.field(description="What is to be paid (BT-115).")


@strawberry.type
class _Requested:
    requested_date: datetime.date | None = strawberry.field(
        description="When the goods are wanted (Wunschtermin)."
    )


@strawberry.type
class _Valid:
    valid_until: datetime.date | None = strawberry.field(description="How long it binds.")


@strawberry.type
class _Contracted(_Valid, _Terms):
    valid_from: datetime.date | None = strawberry.field(description="First day of the period.")
    tolerance_percent: Decimal | None = strawberry.field(
        description="How much more than the quantity may be called off, in percent."
    )
    price_fixed: bool | None = strawberry.field(
        description="Whether the price is agreed; an open one is set at call-off."
    )


@strawberry.type
class _Texts:
    opening_text: str | None = strawberry.field(description="Printed above the lines.")
    closing_text: str | None = strawberry.field(description="Printed below the lines.")


@strawberry.type
class _Received:
    external_number: str | None = strawberry.field(
        description="The number it came with (Fremdbelegnummer)."
    )


@strawberry.type
class _Bonus:
    bonus_from: datetime.date | None = strawberry.field(
        description="First day of the period that a bonus is granted for (Bonus, Rückvergütung);"
        " null where it refers to a return or to an invoice (`lines.source`)."
    )
    bonus_until: datetime.date | None = strawberry.field(description="Last day of that period.")


@strawberry.type
class _Stated:
    stated_taxes: list[DocumentStatedTax] = strawberry.field(
        description="What the paper states of net and tax per rate; kept as it stands there."
    )
    findings: list[TaxFinding] = strawberry.field(
        description="How that differs from what we calculate; it never refuses posting."
    )


@strawberry.type
class _Remaining:
    has_open_lines: bool = strawberry.field(
        description="Whether lines still wait for the next step."
    )


@strawberry.type
class _Amendable:
    revisions: list[DocumentRevision] = strawberry.field(
        description="What it said before it was amended, oldest first."
    )


@strawberry.type
class _Answered:
    answer: DomainAnswer | None = strawberry.field(description="How the other side answered.")
    answered_at: datetime.datetime | None = strawberry.field(description="When it answered.")
    answer_reason: str | None = strawberry.field(description="What it gave as the reason.")


@strawberry.type
class _Carried(_Supplied, _Terms, _Remaining):
    carrier: str | None = strawberry.field(description="Who carries it (Spediteur).")
    received_at: datetime.datetime | None = strawberry.field(
        description="When somebody confirmed that it arrived."
    )


@strawberry.type
class _Paid(_Settled):
    amount: Decimal = strawberry.field(description="How much was paid; the same as `gross`.")
    method: PaymentMethod = strawberry.field(description="How it was paid.")
    bank_reference: str | None = strawberry.field(
        description="What the bank says of it (Verwendungszweck)."
    )
    due_date: datetime.date = strawberry.field(description="Its value date (Wertstellung).")


@shows("document", kind="SALES_INQUIRY")
@strawberry.type(description="What a customer asks for (Kundenanfrage).")
class SalesInquiry(SalesDocument, _Requested, _Texts, _Received, _Amendable, _Answered):
    """An inquiry of a customer."""


@shows("document", kind="SALES_OFFER")
@strawberry.type(description="An offer to a customer (Angebot).")
class SalesOffer(
    SalesDocument, _Valid, _Requested, _Terms, _Texts, _Remaining, _Amendable, _Answered
):
    """What only offers have."""


@shows("document", kind="SALES_CONTRACT")
@strawberry.type(
    description="Goods sold over a period, called off bit by bit (Verkaufskontrakt, Rahmenvertrag)."
)
class SalesContract(SalesDocument, _Contracted, _Texts, _Remaining, _Amendable):
    """What only contracts have."""


@shows("document", kind="SALES_ORDER")
@strawberry.type(description="An order of a customer (Verkaufsauftrag).")
class SalesOrder(SalesDocument, _Requested, _Terms, _Texts, _Remaining, _Amendable):
    """What only orders have."""


@shows("document", kind="DELIVERY_NOTE")
@strawberry.type(description="Goods on their way to a customer (Lieferschein); prints no prices.")
class DeliveryNote(SalesDocument, _Carried, _Texts):
    """What only deliveries have."""


@shows("document", kind="SALES_INVOICE")
@strawberry.type(description="An invoice to a customer (Rechnung).")
class SalesInvoice(SalesDocument, _Owed, _Texts):
    """What only invoices have."""

    invoice_type: InvoiceType | None = strawberry.field(description="What it is for.")
    prepayments: list[DocumentPrepayment] = strawberry.field(
        description="What a final invoice deducts, by prepayment and tax group."
    )


@shows("document", kind="CUSTOMER_RETURN")
@strawberry.type(description="Goods that came back from a customer (Kundenrückgabe).")
class CustomerReturn(SalesDocument, _Texts, _Remaining):
    """What only returns have."""

    supply_date: datetime.date | None = strawberry.field(description="When the goods came back.")


@shows("document", kind="SALES_CREDIT_NOTE")
@strawberry.type(
    description="A correction of an invoice in the customer's favour (Rechnungskorrektur)."
)
class SalesCreditNote(SalesDocument, _Owed, _Bonus, _Texts):
    """What only credit notes have."""


@shows("document", kind="PURCHASE_INQUIRY")
@strawberry.type(description="What we ask suppliers for (Einkaufsanfrage).")
class PurchaseInquiry(PurchaseDocument, _Requested, _Texts, _Amendable, _Answered):
    """An inquiry of ours."""


@shows("document", kind="SUPPLIER_OFFER")
@strawberry.type(description="What a supplier offers us (Lieferantenangebot).")
class SupplierOffer(
    PurchaseDocument, _Received, _Valid, _Requested, _Terms, _Remaining, _Amendable, _Answered
):
    """An offer we got."""


@shows("document", kind="PURCHASE_CONTRACT")
@strawberry.type(
    description="Goods bought over a period, called off bit by bit (Einkaufskontrakt)."
)
class PurchaseContract(PurchaseDocument, _Contracted, _Received, _Texts, _Remaining, _Amendable):
    """What only contracts have."""


@shows("document", kind="PURCHASE_ORDER")
@strawberry.type(description="An order of ours (Bestellung).")
class PurchaseOrder(
    PurchaseDocument, _Requested, _Terms, _Received, _Texts, _Remaining, _Amendable
):
    """What only orders have."""


@shows("document", kind="GOODS_RECEIPT")
@strawberry.type(description="Goods that arrived from a supplier (Wareneingang).")
class GoodsReceipt(PurchaseDocument, _Carried, _Received):
    """What only receipts have."""


@shows("document", kind="SUPPLIER_INVOICE")
@strawberry.type(description="An invoice of a supplier (Eingangsrechnung).")
class SupplierInvoice(PurchaseDocument, _Owed, _Received, _Stated):
    """What only received invoices have."""

    payment_block: str | None = strawberry.field(
        description="Why it must not be paid now (Zahlungssperre): codes of findings with their"
        " lines, or what somebody wrote; null if it may be paid."
    )
    payment_block_reason: str | None = strawberry.field(
        description="The same for people: a sentence in your language for each blocking finding,"
        " or what somebody wrote."
    )
    match_findings: list[MatchFinding] = strawberry.field(
        description="How it differs from order and receipts, found at posting or since."
    )


@shows("document", kind="SELF_BILLED_INVOICE")
@strawberry.type(
    description="An invoice that we write for our supplier (Gutschrift, § 14 (2) UStG)."
)
class SelfBilledInvoice(PurchaseDocument, _Owed, _Texts):
    """What only self-billed invoices have."""

    input_tax: Decimal = strawberry.field(
        description="The tax that may be deducted; 0 once the supplier objected."
    )
    objected_at: datetime.datetime | None = strawberry.field(
        description="When the supplier objected; it then is no invoice (§ 14 (2) s. 6 UStG)."
    )
    objection_reason: str | None = strawberry.field(description="What the supplier objects to.")


@shows("document", kind="SUPPLIER_RETURN")
@strawberry.type(description="Goods that we send back to a supplier (Lieferantenrückgabe).")
class SupplierReturn(PurchaseDocument, _Texts, _Remaining):
    """What only returns have."""

    supply_date: datetime.date | None = strawberry.field(description="When the goods went back.")
    carrier: str | None = strawberry.field(description="Who carries it (Spediteur).")


@shows("document", kind="SUPPLIER_CREDIT_NOTE")
@strawberry.type(description="A supplier's correction in our favour (Lieferantenkorrektur).")
class SupplierCreditNote(PurchaseDocument, _Owed, _Bonus, _Received, _Stated):
    """What only received corrections have."""


@shows("document", kind="INCOMING_PAYMENT")
@strawberry.type(
    description="Money that came in (Zahlungseingang); its issue date is the value date."
)
class IncomingPayment(SalesDocument, _Paid):
    """What only payments have."""


@shows("document", kind="OUTGOING_PAYMENT")
@strawberry.type(
    description="Money that went out (Zahlungsausgang), to a supplier or back to a customer."
)
class OutgoingPayment(PurchaseDocument, _Paid):
    """What only payments have."""


KIND_TYPES = (
    SalesInquiry,
    SalesOffer,
    SalesContract,
    SalesOrder,
    DeliveryNote,
    SalesInvoice,
    CustomerReturn,
    SalesCreditNote,
    PurchaseInquiry,
    SupplierOffer,
    PurchaseContract,
    PurchaseOrder,
    GoodsReceipt,
    SupplierInvoice,
    SelfBilledInvoice,
    SupplierReturn,
    SupplierCreditNote,
    IncomingPayment,
    OutgoingPayment,
)
"""Every concrete type; nothing else leads to them in the schema."""
