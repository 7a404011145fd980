"""Items: table, mapping, repository and readable view."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Column, String, UniqueConstraint, select

from domain.items import DuplicateItem, Item, Unit
from domain.problems import NotFound, Path
from domain.tax import TaxCategory
from persistence.catalog import Quantity, Rate, identity, moment, tenant_table, version
from persistence.mapping import EnumText, mapper
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
    UniqueConstraint("tenant_id", "number"),
)

mapper.map_imperatively(Item, item, version_id_col=item.c.version)

readable(
    View(
        "item",
        item,
        prefix="itm",
        sorts={"NUMBER": Sort("number"), "NEWEST": Sort("id", descending=True)},
        relations={
            "history": Relation("journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST")
        },
    )
)


class Items:
    """Items inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: Item) -> None:
        """Keep a new item; a number that is taken is DuplicateItem."""
        duplicate = DuplicateItem(number=new.number, path=("input", "number"))
        self._work.add(new, refused_by={"uq_item_tenant_id_number": duplicate})

    async def named(self, ids: Iterable[tuple[UUID, Path]]) -> dict[UUID, Item]:
        """Return the items that lines name. Raises NotFound at the path of a missing one."""
        wanted = list(ids)
        if not wanted:
            return {}
        query = select(Item).where(
            item.c.tenant_id == self._work.actor.tenant, item.c.id.in_({id for id, _ in wanted})
        )
        found = {each.id: each for each in await self._work.session.scalars(query)}
        for id, path in wanted:
            if id not in found:
                raise NotFound(entity="Item", id=f"itm_{id}", path=path)
        return found
