"""The other way: rows of the same views, relations by batch loaders, for the standard executor."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiodataloader import DataLoader
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
)

from domain.documents.kinds import KINDS
from domain.problems import Path
from persistence.reading.paging import PageValues
from persistence.reading.rows import RAW, Row, kind_of
from persistence.reading.shape import Listing, Page, Source
from persistence.reading.views import VIEWS, View
from resolvers.context import Context
from resolvers.paging import asked_page
from resolvers.reading.names import snake
from schema.entities import ENTITY_OF_TYPE, KIND_OF_TYPE


@dataclass(frozen=True, slots=True)
class EdgeOfRows:
    """A row with its cursor."""

    cursor: str
    node: Row


@dataclass(frozen=True, slots=True)
class PageInfoOfRows:
    """Where a page of rows lies."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class PageOfRows:
    """A connection made of rows: one more than the page holds says that there are more."""

    def __init__(
        self, page: Page, size: int, rows: list[Row], count: Callable[[], Awaitable[int]]
    ) -> None:
        more = len(rows) > size
        shown = rows[:size]
        if page.backward:
            shown.reverse()
        self.nodes = shown
        self.edges = [EdgeOfRows(row.page_cursor, row) for row in shown]  # type: ignore[attr-defined]
        self.page_info = PageInfoOfRows(
            has_next_page=page.before or (more and not page.backward),
            has_previous_page=more if page.backward else page.after,
            start_cursor=self.edges[0].cursor if shown else None,
            end_cursor=self.edges[-1].cursor if shown else None,
        )
        self._count = count

    @property
    def total_count(self) -> Awaitable[int]:
        """How many rows the whole list has; counted only where it is asked for."""
        return self._count()


async def read_rows(context: Context, source: Source) -> Any:
    """Return what the standard executor completes a source with."""
    rows = await context.snapshot.rows(source, {})
    match source:
        case Listing(page=page):
            size = source.values[f"{page.name}_size"]
            return PageOfRows(page, size, rows, lambda: context.snapshot.count(source))
        case _:
            return rows[0] if rows else None


class RelatedLoader(DataLoader[Any, Any]):
    """Loads one relation for all parents of a level by one statement."""

    def __init__(
        self,
        context: Context,
        entity: str,
        name: str,
        page: tuple[Page, PageValues] | None = None,
    ) -> None:
        super().__init__()
        self._context, self._entity, self._name, self._page = context, entity, name, page
        self._relation = VIEWS[entity].relations[name]

    async def batch_load_fn(self, keys: list[Any]) -> list[Any]:
        """Return for each key its rows, its row, or its page."""
        parents = [list(column) for column in zip(*keys, strict=True)]
        page, values = self._page or (None, {})
        rows = await self._context.snapshot.related(
            self._entity, self._name, self._relation.entity, parents, page, values
        )
        found: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            found[row.row_place].append(row)  # type: ignore[attr-defined]
        return [self._shown(key, found[place]) for place, key in enumerate(keys, start=1)]

    def _shown(self, key: Any, rows: list[Row]) -> Any:
        if self._page is not None:
            page, values = self._page
            counts = _loader(self._context, CountLoader, self._entity, self._name)
            return PageOfRows(page, values[f"{page.name}_size"], rows, lambda: counts.load(key))
        if self._relation.many:
            return rows
        return rows[0] if rows else None


class CountLoader(DataLoader[Any, int]):
    """Counts one relation for all parents of a level by one statement."""

    def __init__(self, context: Context, entity: str, name: str) -> None:
        super().__init__()
        self._context, self._entity, self._name = context, entity, name

    async def batch_load_fn(self, keys: list[Any]) -> list[int]:
        """Return the count for each key."""
        parents = [list(column) for column in zip(*keys, strict=True)]
        counts = await self._context.snapshot.related_counts(self._entity, self._name, parents)
        return [counts.get(place, 0) for place in range(1, len(keys) + 1)]


def _loader(context: Context, loader: Any, entity: str, name: str, *more: Any) -> Any:
    """Return the loader of a relation in this operation; equal pages share one."""
    place = (loader, entity, name, repr(more))
    if place not in context.loaders:
        context.loaders[place] = loader(context, entity, name, *more)
    return context.loaders[place]


async def related(
    row: Row, context: Context, name: str, page: tuple[Page, PageValues] | None = None
) -> Any:
    """Return what a relation of a row leads to, loaded together with its siblings."""
    relation = VIEWS[row.entity].relations[name]
    key = tuple(getattr(row, RAW + own) for own, _ in relation.on)
    if None in key:
        return [] if relation.many else None
    return await _loader(context, RelatedLoader, row.entity, name, page).load(key)


def _relation_resolver(view: View, name: str) -> Callable[..., Any]:
    relation = view.relations[name]

    def resolve(row: Row, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        page = None
        if relation.paged:
            path: Path = (info.field_name,)
            page = asked_page(relation.entity, relation.order, "nested", path, **arguments)
        return related(row, info.context, name, page)

    return resolve


def _column_resolver(name: str, shown: GraphQLNamedType) -> Callable[..., Any]:
    def resolve(row: Any, _info: GraphQLResolveInfo) -> Any:
        return getattr(row, name)

    def member(row: Any, _info: GraphQLResolveInfo) -> Any:
        """Rows hold the names of enums, the executor asks for their values."""
        found = getattr(row, name)
        return None if found is None else shown.values[found].value  # type: ignore[attr-defined]

    return member if isinstance(shown, GraphQLEnumType) else resolve


def _is_type_of(entity: str, kind: str | None) -> Callable[..., bool]:
    def is_type_of(row: Any, _info: GraphQLResolveInfo) -> bool:
        return isinstance(row, Row) and row.entity == entity and kind in (None, kind_of(row))

    return is_type_of


def wire(schema: GraphQLSchema, computed: dict[tuple[str, str], Callable[..., Any]]) -> None:
    """Give every type that shows an entity its resolvers and its `is_type_of`, once at start.

    `computed` holds the fields that need Python, by type (or interface) and field name.
    Raises LookupError for a field that nothing stands behind, or a kind that no type shows.
    """
    if hidden := KINDS.keys() - KIND_OF_TYPE.values():
        raise LookupError(f"no GraphQL type shows {', '.join(sorted(hidden))}")
    for named in schema.type_map.values():
        if not isinstance(named, GraphQLObjectType) or named.name not in ENTITY_OF_TYPE:
            continue
        view = VIEWS[ENTITY_OF_TYPE[named.name]]
        named.is_type_of = _is_type_of(view.entity, KIND_OF_TYPE.get(named.name))
        for name, definition in named.fields.items():
            definition.resolve = _resolver(view, named, name, definition, computed)


def _resolver(
    view: View,
    named: GraphQLObjectType,
    name: str,
    definition: GraphQLField,
    computed: dict[tuple[str, str], Callable[..., Any]],
) -> Callable[..., Any]:
    owners: list[GraphQLObjectType | GraphQLInterfaceType] = [named, *named.interfaces]
    for owner in owners:
        if (owner.name, name) in computed:
            return computed[owner.name, name]
    column = snake(name)
    if column in view.relations and (
        definition.args or not view.has(column) or _is_object(definition)
    ):
        return _relation_resolver(view, column)
    if view.has(column):
        return _column_resolver(column, get_named_type(definition.type))
    raise LookupError(f"{named.name}.{name} shows nothing of the view {view.entity}")


def _is_object(definition: GraphQLField) -> bool:
    return is_composite_type(get_named_type(definition.type))
