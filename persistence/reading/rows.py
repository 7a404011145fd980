"""The same views as plain rows, for selections the engine leaves to the standard executor.

A row holds every wire value of its view, and the raw columns its relations start from; relations
are read for many parents at once, so that the number of statements does not grow with the rows.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, bindparam, func, select, true
from sqlalchemy.sql.elements import ColumnElement

from persistence.reading.shape import Listing, Page, Source
from persistence.reading.statement import (
    Statement,
    compiled,
    guards,
    joined,
    page_of,
)
from persistence.reading.views import VIEWS, Columns, View

RAW = "raw_"


class Row:
    """A row of a view: wire values by name, raw keys of its relations under `raw_` names."""

    def __init__(self, entity: str, values: Mapping[str, Any]) -> None:
        self.entity = entity
        self.__dict__.update(values)


def kind_of(row: Row) -> str | None:
    """Return the value that tells a row's GraphQL type, where its view has several."""
    column = VIEWS[row.entity].kind
    return None if column is None else getattr(row, column)


@lru_cache(maxsize=256)
def row_statement(source: Source) -> Statement:
    """Return the statement that gives the rows of `source`; a page has one more than its size."""
    view = VIEWS[source.entity]
    where = guards(view, view.table, source)
    match source:
        case Listing(page=page):
            rows = page_of(view, page, where).subquery()
            shown = _shown(view, rows.c)
            return compiled(select(*shown, rows.c.page_cursor).order_by(rows.c.rn))
        case _:
            return compiled(select(*_shown(view, view.table.c)).where(where))


@lru_cache(maxsize=256)
def related_statement(entity: str, name: str, page: Page | None) -> Statement:
    """Return the statement that gives rows of a relation for the parents in `parent_N` arrays."""
    view = VIEWS[entity]
    relation = view.relations[name]
    target = VIEWS[relation.entity]
    parents, columns = _parents(view, relation.on)
    child = target.table.alias()
    where = joined(relation, columns, child)
    query: Any
    if page is not None:
        rows = page_of(target, page, where, child).lateral()
        query = select(*_shown(target, rows.c), rows.c.page_cursor, parents.c.row_place)
        query = (
            query.select_from(parents).join(rows, true()).order_by(parents.c.row_place, rows.c.rn)
        )
    else:
        query = select(*_shown(target, child.c), parents.c.row_place).join_from(
            parents, child, where
        )
        order = [child.c[relation.order]] if relation.many else []
        query = query.order_by(parents.c.row_place, *order)
    return compiled(query)


@lru_cache(maxsize=256)
def related_count_statement(entity: str, name: str) -> Statement:
    """Return the statement that counts the rows of a relation for each of many parents."""
    view = VIEWS[entity]
    relation = view.relations[name]
    parents, columns = _parents(view, relation.on)
    child = VIEWS[relation.entity].table.alias()
    counted = select(parents.c.row_place, func.count().label("counted")).join_from(
        parents, child, joined(relation, columns, child)
    )
    return compiled(counted.group_by(parents.c.row_place))


@lru_cache(maxsize=256)
def count_statement(source: Source) -> Statement:
    """Return the statement that counts all rows of `source`."""
    view = VIEWS[source.entity]
    return compiled(
        select(func.count()).select_from(view.table).where(guards(view, view.table, source))
    )


def _shown(view: View, columns: Columns) -> list[ColumnElement[Any]]:
    starts = {own for relation in view.relations.values() for own, _ in relation.on}
    return [
        *(view.wire(name, columns).label(name) for name in view.wire_names()),
        *(columns[name].label(RAW + name) for name in sorted(starts)),
    ]


class _Parent:
    """Stands for the parent's columns: its keys come from arrays, its tenant from a parameter."""

    def __init__(self, columns: dict[str, ColumnElement[Any]]) -> None:
        self.tenant_id = columns["tenant_id"]
        self._columns = columns

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        return self._columns[name]


def _parents(view: View, on: tuple[tuple[str, str], ...]) -> tuple[Any, _Parent]:
    own = [name for name, _ in on]
    arrays = [
        bindparam(f"parent_{n}", type_=ARRAY(view.table.c[name].type)) for n, name in enumerate(own)
    ]
    table = func.unnest(*arrays).table_valued(*own, with_ordinality="row_place").render_derived()
    columns: dict[str, ColumnElement[Any]] = {name: table.c[name] for name in own}
    columns["tenant_id"] = bindparam("tenant", type_=view.table.c.tenant_id.type)
    return table, _Parent(columns)
