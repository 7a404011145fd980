"""Reading open items: the list, and how old they are."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

import strawberry

from domain.requests import PageSizeOutOfRange
from domain.text import text_to_find
from persistence.open_items import Ageing, ageing_of, company_of
from persistence.open_then import AsOf, items_then, totals_then
from persistence.reading.shape import Condition, Source
from resolvers.context import Info
from resolvers.documents.billing import After as PageAfter
from resolvers.documents.billing import First as PageSize
from resolvers.documents.billing import place_of, rows_of
from resolvers.fields import read
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.node import uuid_to_find
from schema.paging import ORDER, PAGE_SIZE_MAX, After, Before, Connection, First, Last
from schema.payments import (
    AgeingBuckets,
    OpenItem,
    OpenItemAgeing,
    OpenItemSort,
    PartnerAgeing,
    PastOpenItem,
    PastOpenItems,
    PastOpenItemTotal,
    TradeSide,
)
from schema.scalars import Currency

Side = Annotated[TradeSide, strawberry.argument(description="Of customers or of suppliers.")]
Payer = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only of who pays or is paid, `par_…`.")
]


@strawberry.type
class OpenItemQueries:
    """Reading open items."""

    @read(
        any_of=READ_SCOPES,
        description="Open items (Offene-Posten-Liste): posted invoices, credit notes and payments"
        " of which something is neither paid nor set off.",
    )
    def open_items(
        self,
        info: Info,
        side: Side,
        partner: Payer = None,
        due_before: Annotated[
            date | None, strawberry.argument(description="Only what is due before this day.")
        ] = None,
        currency: Annotated[
            Currency | None, strawberry.argument(description="Only in this currency, ISO 4217.")
        ] = None,
        sort: Annotated[OpenItemSort, ORDER] = OpenItemSort.DUE_FIRST,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[OpenItem]:
        """List open items."""
        conditions = {
            ("side", "="): side.name,
            ("bill_to_id", "="): None if partner is None else uuid_to_find("par", partner),
            ("due_sort", "<="): None if due_before is None else _day_before(due_before),
            ("currency", "="): None if currency is None else text_to_find(currency),
        }
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("open_item", sort, conditions, page)  # type: ignore[return-value]

    @read(
        any_of=READ_SCOPES,
        description="Open items as they were at the end of any day (Offene-Posten-Liste zum"
        " Stichtag), by the days on which documents were posted and allocations count. One that was"
        " taken back since counts on the days on which it stood. Today it is what is open now,"
        " apart from what is dated ahead.",
    )
    async def open_items_as_of(
        self,
        info: Info,
        side: Side,
        as_of: Annotated[date, strawberry.argument(description="The day.")],
        partner: Payer = None,
        first: PageSize = 50,
        after: PageAfter = None,
    ) -> PastOpenItems:
        """List what was open. Raises PageSizeOutOfRange or CursorInvalid."""
        if not 1 <= first <= PAGE_SIZE_MAX:
            raise PageSizeOutOfRange(size_max=PAGE_SIZE_MAX, path=("first",))
        snapshot = info.context.snapshot
        payer = None if partner is None else uuid_to_find("par", partner)
        asked = AsOf(side.name, as_of, payer)
        found = await items_then(snapshot, asked, place_of(after), first)
        page = found[:first]
        documents = await rows_of(info.context, "document", [each.id for each in page])
        return PastOpenItems(
            as_of=as_of,
            nodes=[
                PastOpenItem(
                    document=documents.get(each.id),  # type: ignore[arg-type]
                    number=each.number,
                    due_date=each.due_date,
                    days_overdue=each.days_overdue(as_of),
                    currency=Currency(each.currency),
                    balance=each.balance,
                )
                for each in page
            ],
            totals=[
                PastOpenItemTotal(
                    currency=Currency(each.currency),
                    balance=each.balance,
                    documents=each.documents,
                )
                for each in await totals_then(snapshot, asked)
            ],
            has_next_page=len(found) > first,
            end_cursor=f"{page[-1].sort}.{page[-1].id}" if page else None,
        )

    @read(
        any_of=READ_SCOPES,
        description="How old the open items are (Altersstruktur), per payer and in total: what is"
        " open now, or was at the end of a day, by the days it is overdue on a day.",
    )
    async def open_item_ageing(
        self,
        info: Info,
        side: Side,
        on: Annotated[
            date | None,
            strawberry.argument(
                description="The day on which the age is counted; `asOf` or today if left out."
            ),
        ] = None,
        as_of: Annotated[
            date | None,
            strawberry.argument(
                description="What was open at the end of this day, as in `openItemsAsOf`; what is"
                " open now if left out."
            ),
        ] = None,
    ) -> OpenItemAgeing:
        """Count them."""
        snapshot = info.context.snapshot
        company = await company_of(snapshot)
        day = on or as_of or company.today
        total, payers = await ageing_of(snapshot, side.name, day, as_of)
        source = Source("partner", (Condition("id", "any", "ids"),), {"ids": [*payers]})
        partners = {row.__dict__["id"]: row for row in await snapshot.rows(source, {})}
        return OpenItemAgeing(
            on=day,
            as_of=as_of,
            currency=Currency(company.currency),
            total=_buckets(total),
            partners=[
                PartnerAgeing(partner=partners[f"par_{id}"], buckets=_buckets(each))  # type: ignore[arg-type]
                for id, each in payers.items()
            ],
        )


def _day_before(day: date) -> date:
    return day - timedelta(1) if day > date.min else day


def _buckets(ageing: Ageing) -> AgeingBuckets:
    return AgeingBuckets(**asdict(ageing))
