"""Items: list, one, create, update, block."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.items import Item, ItemDraft, SupplierDraft, UnitDraft
from domain.problems import Path
from domain.text import text_to_find
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import by_id, read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from resolvers.partners import WRITE_SCOPES
from schema.items import (
    BlockItemInput,
    BlockItemPayload,
    CreateItemInput,
    CreateItemPayload,
    ItemFilter,
    ItemSort,
    UnblockItemInput,
    UnblockItemPayload,
    UpdateItemInput,
    UpdateItemPayload,
)
from schema.items import Item as ItemType
from schema.mutations import drafted
from schema.node import Id, uuid_of, uuid_to_find
from schema.paging import ORDER, WHICH, After, Before, Connection, First, Last


@strawberry.type
class ItemQueries:
    """Reading items."""

    @read(any_of=READ_SCOPES, description="Items as a list.")
    def items(
        self,
        info: Info,
        filter: Annotated[ItemFilter | None, WHICH] = None,
        sort: Annotated[ItemSort, ORDER] = ItemSort.NUMBER,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ItemType]:
        """List items."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("item", sort, _conditions(filter), page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One item; null if there is none.")
    def item(self, info: Info, id: Id) -> ItemType | None:
        """Read one item."""
        return by_id("item", uuid_to_find("itm", id))  # type: ignore[return-value]


def _conditions(wanted: ItemFilter | None) -> dict[tuple[str, str], object]:
    if wanted is None:
        return {}
    return {
        ("number", "starts"): sought(wanted.search),
        ("item_group", "="): sought(wanted.item_group),
        ("gtin", "="): sought(wanted.gtin),
        ("is_blocked", "="): wanted.is_blocked,
        ("suppliers.partner_id", "="): (
            None if wanted.supplier is None else uuid_to_find("par", wanted.supplier)
        ),
    }


def sought(text: str | None) -> str | None:
    """Return a text that a filter looks for, or None where it does not."""
    return None if text is None else text_to_find(text)


@strawberry.type
class ItemMutations:
    """Writing items."""

    @write(CreateItemPayload, any_of=WRITE_SCOPES, description="Create an item.")
    async def create_item(self, work: UnitOfWork, input: CreateItemInput) -> UUID:
        """Make an item."""
        draft = await _draft(work, input)
        today = await work.tenants.today()
        item = Item(id=work.new_id(), tenant_id=work.actor.tenant, draft=draft, today=today)
        work.items.add(item)
        return item.id

    @write(UpdateItemPayload, any_of=WRITE_SCOPES, description="Replace an item's data.")
    async def update_item(self, work: UnitOfWork, input: UpdateItemInput) -> UUID:
        """Change an item; documents keep what they said before."""
        item = await work.items.locked(_item_id(input.id), input.expected_version)
        draft = await _draft(work, input)
        item.update(draft, at=work.now, today=await work.tenants.today())
        work.items.add(item)
        return item.id

    @write(
        BlockItemPayload,
        any_of=WRITE_SCOPES,
        description="Let an item be sold and bought no more (Sperren).",
    )
    async def block_item(self, work: UnitOfWork, input: BlockItemInput) -> UUID:
        """Block."""
        item = await work.items.locked(_item_id(input.id), input.expected_version)
        item.block(input.reason, at=work.now)
        return item.id

    @write(
        UnblockItemPayload,
        any_of=WRITE_SCOPES,
        description="Let an item be sold and bought again (Entsperren).",
    )
    async def unblock_item(self, work: UnitOfWork, input: UnblockItemInput) -> UUID:
        """Unblock."""
        item = await work.items.locked(_item_id(input.id), input.expected_version)
        item.unblock(at=work.now)
        return item.id


def _item_id(id: str) -> UUID:
    return uuid_of("itm", id, "Item", ("input", "id"))


async def _draft(work: UnitOfWork, input: CreateItemInput) -> ItemDraft:
    """Return the draft of an input, its suppliers found."""
    suppliers: list[SupplierDraft] = []
    partners: list[tuple[UUID, Path]] = []
    for place, each in enumerate(input.suppliers):
        path = ("input", "suppliers", str(place), "partnerId")
        partner = uuid_of("par", each.partner_id, "Partner", path)
        partners.append((partner, path))
        suppliers.append(drafted(SupplierDraft, each, partner_id=partner))
    if partners:
        await work.partners.named(reversed(partners))
    units = tuple(drafted(UnitDraft, each) for each in input.units)
    return drafted(ItemDraft, input, units=units, suppliers=tuple(suppliers))
