"""Items: list, one, create."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.items import Item
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import by_id, read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from resolvers.partners import WRITE_SCOPES
from schema.items import CreateItemInput, CreateItemPayload, ItemSort
from schema.items import Item as ItemType
from schema.node import Id, uuid_to_find
from schema.paging import ORDER, After, Before, Connection, First, Last


@strawberry.type
class ItemQueries:
    """Reading items."""

    @read(any_of=READ_SCOPES, description="Items as a list.")
    def items(
        self,
        info: Info,
        sort: Annotated[ItemSort, ORDER] = ItemSort.NUMBER,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ItemType]:
        """List items."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("item", sort, {}, page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One item; null if there is none.")
    def item(self, info: Info, id: Id) -> ItemType | None:
        """Read one item."""
        return by_id("item", uuid_to_find("itm", id))  # type: ignore[return-value]


@strawberry.type
class ItemMutations:
    """Writing items."""

    @write(CreateItemPayload, any_of=WRITE_SCOPES, description="Create an item.")
    async def create_item(self, work: UnitOfWork, input: CreateItemInput) -> UUID:
        """Make an item."""
        item = Item(
            id=work.new_id(),
            tenant_id=work.actor.tenant,
            number=input.number,
            name=input.name,
            unit=input.unit,
            unit_price=input.unit_price,
            price_quantity=input.price_quantity,
            tax_category=input.tax_category,
            tax_rate=input.tax_rate,
            today=await work.tenants.today(),
        )
        work.items.add(item)
        return item.id
