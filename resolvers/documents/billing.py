"""Reading what waits for an invoice, and proposing the invoice run."""

import datetime
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from domain.documents.invoice_run import propose, waiting
from domain.requests import CursorInvalid, PageSizeOutOfRange
from persistence.documents.unbilled import Question, open_deliveries, open_totals, unbilled
from persistence.reading.rows import Row
from persistence.reading.shape import Condition, Source
from resolvers.context import Context, Info
from resolvers.fields import read
from schema.documents.billing import (
    InvoiceProposal,
    OpenDeliveries,
    OpenDelivery,
    OpenDeliveryTotal,
    WaitingDeliveries,
)
from schema.node import uuid_to_find
from schema.paging import PAGE_SIZE_MAX
from schema.scalars import Currency

On = Annotated[
    datetime.date | None,
    strawberry.argument(description="As it was on this day; today if left out."),
]
BillTo = Annotated[
    strawberry.ID | None, strawberry.argument(description="Of this payer only, `par_…`.")
]
First = Annotated[int, strawberry.argument(description="Page size, 1 to 200.")]
After = Annotated[
    str | None, strawberry.argument(description="The `endCursor` of the page before.")
]


@strawberry.type
class BillingQueries:
    """What waits for an invoice."""

    @read(
        any_of=("sales:read",),
        description="Posted deliveries that no invoice covers, as on any day"
        " (nicht fakturierte Lieferungen).",
    )
    async def unbilled_deliveries(
        self,
        info: Info,
        on: On = None,
        bill_to: BillTo = None,
        first: First = 50,
        after: After = None,
    ) -> OpenDeliveries:
        """List unbilled deliveries."""
        return await open_deliveries_of(info.context, "DELIVERY_NOTE", on, bill_to, first, after)

    @read(
        any_of=("purchase:read",),
        description="Goods received that no invoice covers, as on any day"
        " (Wareneingang ohne Rechnung).",
    )
    async def received_not_invoiced(
        self,
        info: Info,
        on: On = None,
        supplier: BillTo = None,
        first: First = 50,
        after: After = None,
    ) -> OpenDeliveries:
        """List receipts without invoice."""
        return await open_deliveries_of(info.context, "GOODS_RECEIPT", on, supplier, first, after)

    @read(
        any_of=("sales:read",),
        description="The invoice run: posted, unbilled deliveries, grouped by all that"
        " must be the same on one invoice (payer and his name, branch, currency, price basis,"
        " percentages off, terms), tax treatment and the payer's rhythm; more than 100 become"
        " several. Edit it and give it to `createInvoices`. More than 5,000 that wait are refused"
        " as TOO_MANY_DELIVERIES.",
    )
    async def propose_invoices(
        self,
        info: Info,
        until: Annotated[
            datetime.date,
            strawberry.argument(
                description="Deliveries up to this day. Those of a payer with the rhythm WEEK or"
                " MONTH come once that week (on its Sunday) or month (on its last day) is over by"
                " then; `waitingDeliveries` shows what is left out, and until when."
            ),
        ],
        bill_to: BillTo = None,
    ) -> list[InvoiceProposal]:
        """Propose invoices."""
        context = info.context
        asked = Question("DELIVERY_NOTE", until, _payer(bill_to))
        groups = propose(await unbilled(context.snapshot, asked), until)
        documents = await rows_of(context, "document", [d.id for g in groups for d in g.deliveries])
        payers = await rows_of(context, "partner", [group.bill_to for group in groups])
        return [
            InvoiceProposal(
                bill_to=payers.get(group.bill_to),  # type: ignore[arg-type]
                bill_to_name=group.bill_to_name,
                currency=Currency(group.currency),
                payment_days=group.payment_days,
                tax_treatment=group.tax_treatment,
                rhythm=group.rhythm,
                net=group.net,
                ids=[strawberry.ID(f"doc_{each.id}") for each in group.deliveries],
                deliveries=[
                    OpenDelivery(
                        document=documents.get(each.id),  # type: ignore[arg-type]
                        supply_date=each.supplied_on,
                        currency=Currency(each.currency),
                        net=each.net,
                    )
                    for each in group.deliveries
                ],
            )
            for group in groups
        ]

    @read(
        any_of=("sales:read",),
        description="What `proposeInvoices` leaves out up to the same day, since the payer is"
        " billed by week or month and that is not over yet.",
    )
    async def waiting_deliveries(
        self,
        info: Info,
        until: Annotated[
            datetime.date, strawberry.argument(description="The day of the invoice run.")
        ],
        bill_to: BillTo = None,
    ) -> list[WaitingDeliveries]:
        """List what waits."""
        context = info.context
        asked = Question("DELIVERY_NOTE", until, _payer(bill_to))
        groups = waiting(await unbilled(context.snapshot, asked), until)
        payers = await rows_of(context, "partner", [group.bill_to for group in groups])
        return [
            WaitingDeliveries(
                bill_to=payers.get(group.bill_to),  # type: ignore[arg-type]
                bill_to_name=group.bill_to_name,
                rhythm=group.rhythm,
                billed_from=group.billed_from,
                currency=Currency(group.currency),
                net=group.net,
                ids=[strawberry.ID(f"doc_{each.id}") for each in group.deliveries],
            )
            for group in groups
        ]


async def open_deliveries_of(
    context: Context,
    kind: str,
    on: datetime.date | None,
    bill_to: str | None,
    first: int,
    after: str | None = None,
) -> OpenDeliveries:
    """Return a page of what no invoice covers. Raises PageSizeOutOfRange or CursorInvalid."""
    if not 1 <= first <= PAGE_SIZE_MAX:
        raise PageSizeOutOfRange(size_max=PAGE_SIZE_MAX, path=("first",))
    day = on or await context.snapshot.today(context.services.clock())
    asked = Question(kind, day, _payer(bill_to))
    found = await open_deliveries(context.snapshot, asked, place_of(after), first)
    page = found[:first]
    documents = await rows_of(context, "document", [each.id for each in page])
    return OpenDeliveries(
        on=day,
        nodes=[
            OpenDelivery(
                document=documents.get(each.id),  # type: ignore[arg-type]
                supply_date=each.supply_date,
                currency=Currency(each.currency),
                net=each.net,
            )
            for each in page
        ],
        totals=[
            OpenDeliveryTotal(
                currency=Currency(each.currency), net=each.net, documents=each.documents
            )
            for each in await open_totals(context.snapshot, asked)
        ],
        has_next_page=len(found) > first,
        end_cursor=f"{page[-1].supply_date}.{page[-1].id}" if page else None,
    )


def _payer(id: str | None) -> UUID | None:
    return None if id is None else uuid_to_find("par", id)


def place_of(cursor: str | None) -> tuple[datetime.date, UUID] | None:
    """Read a cursor of these lists. Raises CursorInvalid."""
    if cursor is None:
        return None
    day, _, id = cursor.partition(".")
    try:
        return datetime.date.fromisoformat(day), UUID(id)
    except ValueError:
        raise CursorInvalid(path=("after",)) from None


async def rows_of(context: Context, entity: str, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Return rows of an entity by id, read by one statement."""
    source = Source(entity, (Condition("id", "any", "ids"),), {"ids": list(ids)})
    rows = await context.snapshot.rows(source, {}) if ids else []
    return {UUID(row.__dict__["id"].partition("_")[2]): row for row in rows}
