"""Prices: table, mapping, repository, readable view, and the one statement of the price search."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Index,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    bindparam,
    func,
    or_,
    select,
)

from domain.items import Goods
from domain.prices.price import DuplicatePrice, Price, PriceSide, PriceTerms
from domain.prices.search import Candidate, PriceQuestion
from domain.problems import NotFound
from domain.units import Unit, factors
from persistence.branches import branch
from persistence.catalog import (
    Quantity,
    Rate,
    identity,
    moment,
    reference,
    tenant_table,
    version,
)
from persistence.items import item, item_unit
from persistence.locks import Lock
from persistence.mapping import EnumText, mapper
from persistence.partners import partner
from persistence.reading.statement import TENANT, compiled
from persistence.reading.views import Relation, Sort, View, readable

if TYPE_CHECKING:
    from persistence.database import Snapshot
    from persistence.unit_of_work import UnitOfWork

price = tenant_table(
    "item_price",
    identity(),
    Column("side", EnumText(PriceSide), nullable=False),
    Column("partner_id", Uuid),
    Column("item_id", Uuid),
    Column("item_group", String(40)),
    Column("price_group", String(40)),
    Column("branch_id", Uuid),
    Column("quantity_from", Quantity(), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column(
        "valid_until_sort",
        Date,
        Computed("coalesce(valid_until, 'infinity'::date)", persisted=True),
        nullable=False,
    ),
    Column("unit_price", Quantity()),
    Column("price_quantity", Quantity()),
    Column("unit", EnumText(Unit)),
    Column("currency", String(3)),
    Column("discount_percent", Rate()),
    moment("created_at"),
    moment("updated_at"),
    version(),
    reference("partner_id", partner),
    reference("item_id", item),
    reference("branch_id", branch),
    CheckConstraint("(item_id is null) <> (item_group is null)", name="item_or_group"),
    CheckConstraint("partner_id is null or price_group is null", name="partner_or_group"),
    CheckConstraint(
        "(unit_price is null and price_quantity is null and unit is null and currency is null"
        " and discount_percent is not null)"
        " or (unit_price is not null and price_quantity is not null and unit is not null"
        " and currency is not null)",
        name="price_or_discount",
    ),
    CheckConstraint("valid_until is null or valid_from <= valid_until", name="validity"),
    UniqueConstraint(
        "tenant_id",
        "item_id",
        "item_group",
        "partner_id",
        "price_group",
        "branch_id",
        "side",
        "currency",
        "quantity_from",
        "valid_from",
        name="uq_item_price_scope",
        postgresql_nulls_not_distinct=True,
    ),
    Index(None, "tenant_id", "valid_from", "id"),
    Index(None, "tenant_id", "item_id", "valid_from", "id"),
    Index(None, "tenant_id", "item_group", "valid_from", "id"),
    Index(None, "tenant_id", "partner_id", "valid_from", "id"),
    Index(None, "tenant_id", "price_group", "valid_from", "id"),
    Index(None, "tenant_id", "branch_id", "valid_from", "id"),
)

mapper.map_imperatively(
    Price, price, version_id_col=price.c.version, exclude_properties=("valid_until_sort",)
)

readable(
    View(
        "price",
        price,
        prefix="prc",
        sorts={
            "VALID_FROM": Sort("valid_from", descending=True),
            "NEWEST": Sort("id", descending=True),
        },
        relations={
            "item": Relation("item", (("item_id", "id"),)),
            "partner": Relation("partner", (("partner_id", "id"),)),
            "branch": Relation("branch", (("branch_id", "id"),)),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)

_TERMS = tuple(field.name for field in fields(PriceTerms))


def _any(name: str, kind: Any) -> Any:
    return func.any(bindparam(name, type_=ARRAY(kind)))


def _of_anybody_or(column: Any, name: str, kind: Any) -> Any:
    return or_(column.is_(None), column == _any(name, kind))


_CANDIDATES = select(price.c.id, *(price.c[name] for name in _TERMS)).where(
    price.c.tenant_id == bindparam(TENANT, type_=Uuid()),
    or_(price.c.item_id == _any("items", Uuid()), price.c.item_group == _any("item_groups", Text)),
    _of_anybody_or(price.c.partner_id, "partners", Uuid()),
    _of_anybody_or(price.c.price_group, "price_groups", Text),
    _of_anybody_or(price.c.branch_id, "branches", Uuid()),
    price.c.valid_from <= bindparam("latest", type_=Date()),
    price.c.valid_until_sort >= bindparam("earliest", type_=Date()),
)
"""All prices that any of many questions may find: the domain decides which of them holds."""

_GOODS = (
    select(
        item.c.id,
        item.c.number,
        item.c.item_group,
        item.c.unit,
        item.c.unit_price,
        item.c.price_quantity,
        item.c.last_purchase_price,
        item_unit.c.unit.label("other_unit"),
        item_unit.c.factor,
    )
    .outerjoin_from(
        item,
        item_unit,
        (item_unit.c.tenant_id == item.c.tenant_id) & (item_unit.c.item_id == item.c.id),
    )
    .where(
        item.c.tenant_id == bindparam(TENANT, type_=Uuid()),
        item.c.id == bindparam("item", type_=Uuid()),
    )
)
_CANDIDATES_READ, _GOODS_READ = compiled(_CANDIDATES), compiled(_GOODS)


def _values(questions: Sequence[PriceQuestion]) -> dict[str, Any]:
    """Return the parameters of _CANDIDATES for all questions together."""

    def named(values: Iterable[Any]) -> list[Any]:
        return sorted({value for value in values if value is not None})

    return {
        "items": named(each.goods.id for each in questions),
        "item_groups": named(each.goods.item_group for each in questions),
        "partners": named(each.partner_id for each in questions),
        "price_groups": named(each.price_group for each in questions),
        "branches": named(each.branch_id for each in questions),
        "earliest": min(each.on for each in questions),
        "latest": max(each.on for each in questions),
    }


def _asked_by(question: PriceQuestion) -> tuple[Any, ...]:
    """Return what of a question decides which rows may answer it."""
    goods = question.goods
    return (
        *(goods.id, goods.item_group, question.on),
        *(question.partner_id, question.price_group, question.branch_id),
    )


def _candidate(row: Any) -> Candidate:
    terms = {name: row[name] for name in _TERMS}
    terms["side"] = PriceSide(terms["side"])
    terms["unit"] = terms["unit"] and Unit(terms["unit"])
    kept = PriceTerms(**terms)
    return Candidate(kept, kept.source, row["id"])


def _for_each(questions: Sequence[PriceQuestion], rows: Iterable[Any]) -> list[list[Candidate]]:
    """Return the candidates of each question, in the order of the questions."""
    by_goods: dict[UUID | str, list[Candidate]] = {}
    for row in rows:
        candidate = _candidate(row)
        by_goods.setdefault(row["item_id"] or row["item_group"], []).append(candidate)
    return [
        [
            *by_goods.get(each.goods.id, ()),
            *(by_goods.get(each.goods.item_group, ()) if each.goods.item_group else ()),
        ]
        for each in questions
    ]


async def goods_as_read(snapshot: "Snapshot", id: UUID) -> Goods | None:
    """Return what prices ask of an item, without locking or keeping anything; None if unknown."""
    rows = await snapshot.fetch(_GOODS_READ, {"item": id})
    if not rows:
        return None
    own = {Unit(row["other_unit"]): row["factor"] for row in rows if row["other_unit"]}
    unit = Unit(rows[0]["unit"])
    plain = ("id", "number", "item_group", "unit_price", "price_quantity", "last_purchase_price")
    facts = {name: rows[0][name] for name in plain}
    return Goods(unit=unit, factors=factors(unit, own), **facts)


async def candidates_as_read(snapshot: "Snapshot", asked: PriceQuestion) -> list[Candidate]:
    """Return the prices that may answer, for a query that changes nothing."""
    rows = await snapshot.fetch(_CANDIDATES_READ, _values([asked]))
    [found] = _for_each([asked], rows)
    return found


class Prices:
    """Prices inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work
        self._found: dict[tuple[Any, ...], list[Candidate]] = {}

    def add(self, new: Price) -> None:
        """Keep a new or changed price; a second one for the same is DuplicatePrice."""
        duplicate = DuplicatePrice(valid_from=new.valid_from.isoformat(), path=("input",))
        self._work.add(new, refused_by={"uq_item_price_scope": duplicate})

    async def locked(self, id: UUID, expected_version: int) -> Price:
        """Return the price, locked. Raises NotFound or VersionConflict."""
        self._work.lock(Lock.PRICES)
        query = select(Price).where(price.c.tenant_id == self._work.actor.tenant, price.c.id == id)
        found = await self._work.session.scalar(query.with_for_update())
        if found is None:
            raise NotFound(entity="Price", id=f"prc_{id}", path=("input", "id"))
        self._work.expect_version(found.version, expected_version)
        return found

    async def candidates(self, questions: Sequence[PriceQuestion]) -> list[list[Candidate]]:
        """Return the prices that may answer each question, read for all lines by one statement.

        What was asked before is not read again.
        """
        new = [each for each in questions if _asked_by(each) not in self._found]
        if new:
            values = {TENANT: self._work.actor.tenant, **_values(new)}
            rows = (await self._work.session.execute(_CANDIDATES, values)).mappings()
            found = _for_each(new, rows)
            self._found.update(zip(map(_asked_by, new), found, strict=True))
        return [self._found[_asked_by(each)] for each in questions]
