"""Reading open items: the list, and how old they are."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

import strawberry

from domain.text import text_to_find
from persistence.open_items import Ageing, ageing_of, company_of
from persistence.reading.shape import Condition, Source
from resolvers.context import Info
from resolvers.fields import read
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.node import uuid_to_find
from schema.paging import ORDER, After, Before, Connection, First, Last
from schema.payments import (
    AgeingBuckets,
    OpenItem,
    OpenItemAgeing,
    OpenItemSort,
    PartnerAgeing,
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
        description="How old the open items are (Altersstruktur), per payer and in total: what is"
        " open now, by the days it is overdue on a day.",
    )
    async def open_item_ageing(
        self,
        info: Info,
        side: Side,
        on: Annotated[
            date | None, strawberry.argument(description="The day; today if left out.")
        ] = None,
    ) -> OpenItemAgeing:
        """Count them."""
        snapshot = info.context.snapshot
        company = await company_of(snapshot)
        day = on or company.today
        total, payers = await ageing_of(snapshot, side.name, day)
        source = Source("partner", (Condition("id", "any", "ids"),), {"ids": [*payers]})
        partners = {row.__dict__["id"]: row for row in await snapshot.rows(source, {})}
        return OpenItemAgeing(
            on=day,
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
