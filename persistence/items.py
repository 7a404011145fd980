"""Items with their units and suppliers: tables, mapping, repository and readable views."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Date,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
    select,
)
from sqlalchemy.orm import selectinload

from domain.items import DuplicateItem, Item, ItemSupplier, ItemTaxClass, ItemUnit, Unit
from domain.problems import NotFound, Path
from domain.tax import TaxCategory
from persistence.catalog import (
    Quantity,
    Rate,
    identity,
    moment,
    reference,
    tenant_table,
    version,
)
from persistence.locks import Lock
from persistence.mapping import EnumText, mapper, owned
from persistence.partners import partner
from persistence.reading.views import Relation, Sort, View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

item = tenant_table(
    "item",
    identity(),
    Column("number", String(30), nullable=False),
    Column("name", String(200), nullable=False),
    Column("unit", EnumText(Unit), nullable=False),
    Column("unit_price", Quantity(), nullable=False),
    Column("price_quantity", Quantity(), nullable=False),
    Column("tax_category", EnumText(TaxCategory), nullable=False),
    Column("tax_rate", Rate()),
    moment("created_at"),
    moment("updated_at"),
    version(),
    Column("description_de", String(2000)),
    Column("description_en", String(2000)),
    Column("item_group", String(40)),
    Column("last_purchase_price", Quantity()),
    Column("last_purchased_on", Date),
    Column("tax_class", EnumText(ItemTaxClass), nullable=False),
    Column("gtin", String(14)),
    Column("is_stocked", Boolean, nullable=False),
    Column("weight_kg", Quantity()),
    Column("blocked_reason", String(200)),
    Column(
        "is_blocked",
        Boolean,
        Computed("blocked_reason is not null", persisted=True),
        nullable=False,
    ),
    # What a search by the start of a text walks along: lower case, ordered byte by byte. A lower
    # case text can be longer (the Turkish dotted capital I), so there is room for twice as much.
    Column(
        "number_key",
        String(60, collation="C"),
        Computed("lower(number)", persisted=True),
        nullable=False,
    ),
    Column(
        "name_key",
        String(400, collation="C"),
        Computed("lower(name)", persisted=True),
        nullable=False,
    ),
    UniqueConstraint("tenant_id", "number"),
    Index(None, "tenant_id", "name", "id"),
    Index(None, "tenant_id", "number_key"),
    Index(None, "tenant_id", "name_key"),
    Index(None, "tenant_id", "item_group", "number"),
    Index(None, "tenant_id", "gtin"),
    Index(None, "tenant_id", "is_blocked", "number"),
)

item_unit = tenant_table(
    "item_unit",
    Column("item_id", Uuid, nullable=False),
    Column("unit", EnumText(Unit), nullable=False),
    Column("factor", Quantity(), nullable=False),
    reference("item_id", item),
    key=("item_id", "unit"),
)

item_supplier = tenant_table(
    "item_supplier",
    Column("item_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("item_number", String(50)),
    Column("item_name", String(200)),
    Column("lead_days", Integer),
    Column("last_purchase_price", Quantity()),
    Column("last_purchased_on", Date),
    reference("item_id", item),
    reference("partner_id", partner),
    Index(None, "tenant_id", "partner_id", "item_id"),
    key=("item_id", "partner_id"),
)

mapper.map_imperatively(ItemUnit, item_unit)
mapper.map_imperatively(ItemSupplier, item_supplier)
mapper.map_imperatively(
    Item,
    item,
    properties={
        "units": owned(ItemUnit, order_by=item_unit.c.unit, told=lambda each: f"units.{each.unit}"),
        "suppliers": owned(
            ItemSupplier,
            order_by=item_supplier.c.partner_id,
            told=lambda each: f"suppliers.{each.partner_id}",
        ),
    },
    version_id_col=item.c.version,
    exclude_properties=("is_blocked", "number_key", "name_key"),
)
_UNITS = selectinload(Item.units)  # type: ignore[arg-type]
_SUPPLIERS = selectinload(Item.suppliers)  # type: ignore[arg-type]

readable(
    View(
        "item",
        item,
        prefix="itm",
        sorts={
            "NUMBER": Sort("number"),
            "NAME": Sort("name"),
            "NEWEST": Sort("id", descending=True),
        },
        searched=("number_key", "name_key"),
        relations={
            "units": Relation("item_unit", (("id", "item_id"),), many=True, order="unit"),
            "suppliers": Relation(
                "item_supplier", (("id", "item_id"),), many=True, order="partner_id"
            ),
            "prices": Relation("price", (("id", "item_id"),), paged=True, order="VALID_FROM"),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)
readable(View("item_unit", item_unit, key="unit"))
readable(
    View(
        "item_supplier",
        item_supplier,
        key="partner_id",
        relations={"partner": Relation("partner", (("partner_id", "id"),))},
    )
)


class Items:
    """Items inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work
        self._named: dict[UUID, Item] = {}

    def add(self, new: Item) -> None:
        """Keep a new or renumbered item; a number that is taken is DuplicateItem."""
        duplicate = DuplicateItem(number=new.number, path=("input", "number"))
        self._work.add(new, refused_by={"uq_item_tenant_id_number": duplicate})

    async def named(self, ids: Iterable[tuple[UUID, Path]]) -> dict[UUID, Item]:
        """Return the items that lines name, with their units but without their suppliers.

        What was named before is not asked for again. Raises NotFound at the path of a missing one.
        """
        wanted, known = list(ids), self._named
        if missing := {id for id, _ in wanted} - known.keys():
            query = (
                select(Item)
                .where(item.c.tenant_id == self._work.actor.tenant, item.c.id.in_(missing))
                .options(_UNITS)
            )
            known.update((each.id, each) for each in await self._work.session.scalars(query))
        for id, path in wanted:
            if id not in known:
                raise NotFound(entity="Item", id=f"itm_{id}", path=path)
        return {id: known[id] for id, _ in wanted}

    async def locked(self, id: UUID, expected_version: int) -> Item:
        """Return the whole item, locked. Raises NotFound or VersionConflict."""
        self._work.lock(Lock.ITEMS)
        query = (
            select(Item)
            .where(item.c.tenant_id == self._work.actor.tenant, item.c.id == id)
            .options(_UNITS, _SUPPLIERS)
        )
        found = await self._work.session.scalar(query.with_for_update())
        if found is None:
            raise NotFound(entity="Item", id=f"itm_{id}", path=("input", "id"))
        self._work.expect_version(found.version, expected_version)
        return found

    async def lock_bought(self, ids: Collection[UUID]) -> dict[UUID, Item]:
        """Return the whole items of which documents will tell the price, locked before those are.

        The lock lets others name the items on new documents meanwhile.
        """
        if not ids:
            return {}
        self._work.lock(Lock.ITEMS)
        query = (
            select(Item)
            .where(item.c.tenant_id == self._work.actor.tenant, item.c.id.in_(ids))
            .order_by(item.c.id)
            .options(_UNITS, _SUPPLIERS)
        )
        found = await self._work.session.scalars(query.with_for_update(key_share=True))
        return {each.id: each for each in found}

    async def numbers_taken(self, numbers: Collection[str]) -> set[str]:
        """Return those of these numbers that items have."""
        query = select(item.c.number).where(
            item.c.tenant_id == self._work.actor.tenant, item.c.number.in_(numbers)
        )
        return set(await self._work.session.scalars(query)) if numbers else set()

    async def matching(self, numbers: Collection[str]) -> list[Item]:
        """Return the whole items with one of these numbers, locked, oldest first."""
        self._work.lock(Lock.ITEMS)
        query = select(Item).where(
            item.c.tenant_id == self._work.actor.tenant, item.c.number.in_(numbers)
        )
        query = query.order_by(item.c.id).options(_UNITS, _SUPPLIERS).with_for_update()
        return list(await self._work.session.scalars(query))
