"""Payments and open items: what settles what, what is open, and how old it is."""

import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from schema.documents import Document, DocumentKind
from schema.entities import shows
from schema.mutations import key_field, payload
from schema.partners import Partner
from schema.scalars import Currency


@strawberry.enum(description="A side of the trade.")
class TradeSide(Enum):
    """SALES or PURCHASE."""

    SALES = strawberry.enum_value("SALES", description="What customers owe (Debitoren).")
    PURCHASE = strawberry.enum_value("PURCHASE", description="What we owe suppliers (Kreditoren).")


@strawberry.enum(description="Orders of `openItems`.")
class OpenItemSort(Enum):
    """Sorts of the view; each has an index."""

    DUE_FIRST = strawberry.enum_value("DUE_FIRST", description="Due first.")
    PARTNER = strawberry.enum_value("PARTNER", description="Those of one payer together.")
    AMOUNT = strawberry.enum_value("AMOUNT", description="Highest open amount first.")


@shows("open_item")
@strawberry.type(
    description="A posted invoice, credit note or payment of which something is open (offener"
    " Posten)."
)
class OpenItem:
    """An open item."""

    document: Document | None = strawberry.field(description="The document itself.")
    kind: DocumentKind = strawberry.field(description="Its kind.")
    side: TradeSide = strawberry.field(description="On which side it is open.")
    number: str = strawberry.field(description="Its number.")
    external_number: str | None = strawberry.field(description="The number it came with.")
    partner: Partner = strawberry.field(description="Who pays or is paid, as it is today.")
    issue_date: datetime.date = strawberry.field(description="Its date.")
    due_date: datetime.date = strawberry.field(
        description="When it is due; of a payment its value date."
    )
    days_overdue: int = strawberry.field(
        description="Days since it was due; 0 before, and for a credit note or a payment."
    )
    is_overdue: bool = strawberry.field(
        description="Whether it is owed and its due date is over (überfällig)."
    )
    currency: Currency = strawberry.field(description="Currency of the amounts, ISO 4217.")
    gross: Decimal = strawberry.field(description="What it was about.")
    open_amount: Decimal = strawberry.field(description="What is open of that.")
    balance: Decimal = strawberry.field(
        description="What is open as it counts on its side: an invoice above zero, a credit note or"
        " a payment below."
    )


@strawberry.type(description="Sums of open items by age (Altersstruktur), in company currency.")
class AgeingBuckets:
    """Ages in days after the due date."""

    total: Decimal = strawberry.field(description="All of it.")
    not_due: Decimal = strawberry.field(
        description="Not due yet, or due that day; and what lessens the rest, a credit note or a"
        " payment (Guthaben), which is never overdue."
    )
    days_1_to_30: Decimal = strawberry.field(description="1 to 30 days overdue.")
    days_31_to_60: Decimal = strawberry.field(description="31 to 60 days overdue.")
    days_61_to_90: Decimal = strawberry.field(description="61 to 90 days overdue.")
    over_90_days: Decimal = strawberry.field(description="More than 90 days overdue.")


@strawberry.type(description="How old the open items of one payer are.")
class PartnerAgeing:
    """A line of the list."""

    partner: Partner = strawberry.field(description="Who pays or is paid.")
    buckets: AgeingBuckets = strawberry.field(description="The sums.")


@strawberry.type(description="How old open items are, per payer and in total.")
class OpenItemAgeing:
    """The whole list."""

    on: datetime.date = strawberry.field(description="The day on which their age was counted.")
    as_of: datetime.date | None = strawberry.field(
        description="At the end of which day they were open; null: as it is now."
    )
    currency: Currency = strawberry.field(description="The company's currency, ISO 4217.")
    total: AgeingBuckets = strawberry.field(description="Everybody together.")
    partners: list[PartnerAgeing] = strawberry.field(
        description="Per payer, highest amount first; at most 1,000, the total counts all."
    )


@strawberry.type(description="What was open of a document at the end of a day.")
class PastOpenItem:
    """A line of the list."""

    document: Document | None = strawberry.field(description="The document, as it is today.")
    number: str = strawberry.field(description="Its number.")
    due_date: datetime.date = strawberry.field(
        description="When it was due; of a payment its value date."
    )
    days_overdue: int = strawberry.field(
        description="Days since it was due; 0 before, and for a credit note or a payment."
    )
    currency: Currency = strawberry.field(description="Currency of the amount, ISO 4217.")
    balance: Decimal = strawberry.field(
        description="What was open as it counts on its side: an invoice above zero, a credit note"
        " or a payment below."
    )


@strawberry.type(description="The sum of all items that were open, in one currency.")
class PastOpenItemTotal:
    """A total."""

    currency: Currency = strawberry.field(description="The currency, ISO 4217.")
    balance: Decimal = strawberry.field(description="The sum.")
    documents: int = strawberry.field(description="How many documents.")


@strawberry.type(description="Open items at the end of a day, due first, with the sums of all.")
class PastOpenItems:
    """A page of them."""

    as_of: datetime.date = strawberry.field(description="The day asked about.")
    nodes: list[PastOpenItem] = strawberry.field(description="This page of them.")
    totals: list[PastOpenItemTotal] = strawberry.field(description="The sums of the whole list.")
    has_next_page: bool = strawberry.field(description="Whether there are more.")
    end_cursor: str | None = strawberry.field(description="Ask for more with `after`.")


@strawberry.type(description="How an amount could settle a document.")
class ProposedAllocation:
    """A line of a proposal, ready for allocatePayment."""

    document: Document = strawberry.field(description="The document.")
    document_id: strawberry.ID = strawberry.field(description="Its id, `doc_…`.")
    amount: Decimal = strawberry.field(description="How much of the payment it would take.")
    discount: Decimal = strawberry.field(
        description="Cash discount (Skonto) still in time, taken where the rest is paid in full."
    )


@strawberry.type(description="An open invoice of a supplier that must not be paid now.")
class LeftOutOfProposal:
    """What a proposal leaves out, and why."""

    document: Document = strawberry.field(description="The invoice.")
    document_id: strawberry.ID = strawberry.field(description="Its id, `doc_…`.")
    reason: str = strawberry.field(
        description="Why its payment is blocked (Zahlungssperre), in your language."
    )


@strawberry.type(description="How an amount could be shared over what is open, due first.")
class AllocationProposal:
    """A proposal."""

    allocations: list[ProposedAllocation] = strawberry.field(description="In order of due dates.")
    rest: Decimal = strawberry.field(description="What would stay open on the payment (Guthaben).")
    left_out: list[LeftOutOfProposal] = strawberry.field(
        description="What is open too but blocked, so no money is proposed for it; due first, at"
        " most 500. `releasePayment` lifts a block."
    )


@strawberry.input(description="A document to settle.")
class AllocationInput:
    """How much of it."""

    document_id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    amount: Decimal = strawberry.field(description="How much of the payment goes to it.")
    discount: Decimal = strawberry.field(
        default=Decimal(0), description="Cash discount (Skonto) on top; it settles more of it."
    )
    accept_discount: bool = strawberry.field(
        default=False, description="Accept a discount beyond the terms, or too late (Kulanz)."
    )


@strawberry.input(description="Allocate a payment to documents.")
class AllocatePaymentInput:
    """Allocate."""

    payment_id: strawberry.ID = strawberry.field(description="A posted payment, `doc_…`.")
    allocations: list[AllocationInput] = strawberry.field(
        description="What it settles, 1 to 500; what is left stays open on the payment."
    )
    third_party: bool = strawberry.field(
        default=False, description="Somebody else pays for the payer of these documents."
    )
    idempotency_key: str = key_field()


@strawberry.input(description="A document to settle by a credit.")
class SettlementInput:
    """How much of it."""

    document_id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    amount: Decimal = strawberry.field(description="How much of the credit goes to it.")


@strawberry.input(description="Settle documents by one that is owed the other way.")
class SettleDocumentsInput:
    """Settle."""

    credit_id: strawberry.ID = strawberry.field(
        description="A posted credit note, cancellation or invoice of the other side, `doc_…`."
    )
    allocations: list[SettlementInput] = strawberry.field(description="What it settles, 1 to 500.")
    third_party: bool = strawberry.field(
        default=False, description="It concerns another payer than these documents."
    )
    idempotency_key: str = key_field()


@strawberry.input(description="Take an allocation back.")
class UndoAllocationInput:
    """Undo."""

    id: strawberry.ID = strawberry.field(description="The allocation, `alc_…`.")
    reason: str = strawberry.field(description="Why, up to 500 characters.")
    idempotency_key: str = key_field()


AllocatePaymentPayload = payload("AllocatePayment", payment=Document)
SettleDocumentsPayload = payload("SettleDocuments", credit=Document)
UndoAllocationPayload = payload("UndoAllocation", document=Document)
