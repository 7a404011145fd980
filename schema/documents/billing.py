"""The invoice run, and what was delivered or received without an invoice."""

import datetime
from decimal import Decimal

import strawberry

from domain.partners.rhythm import Rhythm as DomainRhythm
from schema.documents.parts import LazyDocument
from schema.partners import Partner
from schema.scalars import Currency


@strawberry.type(description="A delivery or receipt with something that no invoice covers.")
class OpenDelivery:
    """An open delivery."""

    document: LazyDocument | None = strawberry.field(description="The delivery or receipt.")
    supply_date: datetime.date = strawberry.field(description="When it was made.")
    currency: Currency = strawberry.field(description="Currency of the amount.")
    net: Decimal = strawberry.field(
        description="Net value of what no invoice covers: without tax, less allowances."
    )


@strawberry.type(description="The sum of all open deliveries in one currency.")
class OpenDeliveryTotal:
    """A total."""

    currency: Currency = strawberry.field(description="The currency.")
    net: Decimal = strawberry.field(description="Net value.")
    documents: int = strawberry.field(description="How many documents.")


@strawberry.type(description="Open deliveries on a day, oldest first, with the sums of all.")
class OpenDeliveries:
    """A page of open deliveries."""

    on: datetime.date = strawberry.field(description="The day asked about.")
    nodes: list[OpenDelivery] = strawberry.field(description="This page of them.")
    totals: list[OpenDeliveryTotal] = strawberry.field(description="The sums of the whole list.")
    has_next_page: bool = strawberry.field(description="Whether there are more.")
    end_cursor: str | None = strawberry.field(description="Ask for more with `after`.")


@strawberry.type(
    description="Deliveries that the invoice run leaves out for now, since the payer's rhythm"
    " (Abrechnungsrhythmus) is not over."
)
class WaitingDeliveries:
    """What waits for the end of a week or a month."""

    bill_to: Partner | None = strawberry.field(description="Who pays, as it is today.")
    bill_to_name: str = strawberry.field(description="Who pays, as the deliveries say.")
    rhythm: DomainRhythm = strawberry.field(description="The payer's rhythm.")
    billed_from: datetime.date = strawberry.field(
        description="`proposeInvoices` with this day or a later one as `until` proposes them."
    )
    currency: Currency = strawberry.field(description="Currency of the amount.")
    net: Decimal = strawberry.field(description="Net value of what is open.")
    ids: list[strawberry.ID] = strawberry.field(description="The deliveries, `doc_…`.")


@strawberry.type(description="Deliveries that would become one invoice.")
class InvoiceProposal:
    """A group of the invoice run."""

    bill_to: Partner | None = strawberry.field(description="Who pays, as it is today.")
    bill_to_name: str = strawberry.field(description="Who pays, as the deliveries say.")
    currency: Currency = strawberry.field(description="Currency of the amount.")
    payment_days: int = strawberry.field(description="The terms they share.")
    tax_treatment: str = strawberry.field(description="The tax categories on their lines.")
    rhythm: DomainRhythm = strawberry.field(description="The payer's rhythm.")
    net: Decimal = strawberry.field(description="Net value of what is open.")
    ids: list[strawberry.ID] = strawberry.field(
        description="The deliveries, `doc_…`, as `createInvoices` takes them."
    )
    deliveries: list[OpenDelivery] = strawberry.field(description="The deliveries.")
