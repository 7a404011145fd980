"""A selection becomes a Shape: which columns, relations and pages of which views."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    InlineFragmentNode,
    get_named_type,
    is_abstract_type,
)
from graphql.execution.executor import Executor
from graphql.execution.values import get_argument_values

from domain.problems import Path
from persistence.reading.paging import PageValues
from persistence.reading.shape import (
    Branch,
    ByKind,
    Connection,
    Constant,
    Edges,
    Field,
    Nodes,
    Page,
    PageInfo,
    Related,
    Scalar,
    Shape,
    TotalCount,
)
from persistence.reading.views import VIEWS, Relation, View
from resolvers.paging import asked_page
from resolvers.reading.names import snake
from schema.entities import ENTITY_OF_TYPE, KIND_OF_TYPE

LABEL_BYTES_MAX = 63  # PostgreSQL cuts longer column names silently
COLUMNS_MAX = 1_000
_OF_SQLALCHEMY = re.compile(r"anon_\d+")  # what it calls the derived tables of a statement

Details = Any  # graphql-core's list of field details of one response name


@cache
def _names() -> tuple[tuple[str, str], ...]:
    """Return what `__typename` says of a row of each kind."""
    return tuple((kind, name) for name, kind in KIND_OF_TYPE.items())


class NotForTheEngine(Exception):
    """The selection holds something only the standard executor answers."""


@dataclass(slots=True)
class Collector:
    """Collects the shape of one field, and the values of the pages inside it."""

    executor: Executor
    values: PageValues = field(default_factory=dict)
    columns: int = 0
    pages: int = 0

    def shape(self, node: GraphQLOutputType, details: Details, entity: str | None = None) -> Shape:
        """Return the shape wanted of a node. Raises NotForTheEngine."""
        named = get_named_type(node)
        if is_abstract_type(named):
            return self._abstract(named, details, entity)
        assert isinstance(named, GraphQLObjectType)
        view = VIEWS[ENTITY_OF_TYPE[named.name]]
        return Shape(view.entity, (Branch(None, self._fields(view, named, details)),))

    def connection(self, node: GraphQLOutputType, details: Details, page: Page) -> Connection:
        """Return what is wanted of a whole list."""
        return self._connection(get_named_type(node), details, "", "", page)

    def _abstract(self, named: Any, details: Details, entity: str | None) -> Shape:
        """One branch for types that want the same, as fragments decide; one for all if all do."""
        entity = entity or ENTITY_OF_TYPE.get(named.name)
        if entity is None:
            raise NotForTheEngine(named.name)
        view = VIEWS[entity]
        types = [
            each
            for each in self.executor.schema.get_possible_types(named)
            if ENTITY_OF_TYPE.get(each.name) == entity
        ]
        alike: dict[tuple[bool, ...], list[GraphQLObjectType]] = {}
        conditions = sorted(self._conditions(details))
        for each in types:
            alike.setdefault(tuple(self._fits(each, name) for name in conditions), []).append(each)
        found: dict[tuple[Field, ...], tuple[str, ...]] = {}
        for group in alike.values():
            fields = self._fields(view, group[0], details)
            kinds = tuple(KIND_OF_TYPE.get(each.name, "") for each in group)
            found[fields] = found.get(fields, ()) + kinds
        if len(found) == 1:
            return Shape(entity, (Branch(None, *found),))
        return Shape(entity, tuple(Branch(kinds, fields) for fields, kinds in found.items()))

    def _conditions(self, details: Details) -> set[str]:
        """Return the types that fragments of a selection ask for, however deep they are nested."""
        found: set[str] = set()
        seen: set[str] = set()

        def look(selections: Any) -> None:
            for each in selections:
                if isinstance(each, FragmentSpreadNode):
                    if each.name.value in seen:
                        continue
                    seen.add(each.name.value)
                    each = self.executor.fragments[each.name.value].definition
                if isinstance(each, InlineFragmentNode | FragmentDefinitionNode):
                    if each.type_condition:
                        found.add(each.type_condition.name.value)
                    look(each.selection_set.selections)

        for detail in details:
            look(detail.node.selection_set.selections if detail.node.selection_set else ())
        return found

    def _fits(self, type: GraphQLObjectType, condition: str) -> bool:
        asked = self.executor.schema.type_map[condition]
        return type is asked or (
            is_abstract_type(asked) and self.executor.schema.is_sub_type(asked, type)
        )

    def _fields(self, view: View, node: GraphQLObjectType, details: Details) -> tuple[Field, ...]:
        return tuple(self._field(view, *each) for each in self._selected(node, details))

    def _selected(
        self, node: GraphQLObjectType, details: Details
    ) -> Iterator[tuple[str, str, GraphQLField, Details]]:
        """Yield label, name, definition and details of each selected field of a type."""
        grouped = self.executor.collect_subfields(node, details).grouped_field_set
        for label, chosen in grouped.items():
            name = chosen[0].node.name.value
            self.columns += 1
            if len(label) > LABEL_BYTES_MAX or _OF_SQLALCHEMY.fullmatch(label):
                raise NotForTheEngine(label)
            if self.columns > COLUMNS_MAX:
                raise NotForTheEngine(f"more than {COLUMNS_MAX} columns")
            definition = self.executor.schema.get_field(node, name)
            if definition is None:
                raise NotForTheEngine(name)
            if name == "__typename":
                yield label, node.name, definition, None
            else:
                yield label, name, definition, chosen

    def _field(
        self, view: View, label: str, name: str, definition: GraphQLField, details: Details
    ) -> Field:
        if details is None:
            return ByKind(label, _names()) if name in KIND_OF_TYPE else Constant(label, name)
        column = snake(name)
        relation = view.relations.get(column)
        if relation is None or (view.has(column) and not details[0].node.selection_set):
            if view.has(column):
                return Scalar(label, column)
            raise NotForTheEngine(name)
        if relation.paged:
            page = self._nested_page(relation, definition, details)
            return self._connection(get_named_type(definition.type), details, label, column, page)
        return Related(label, column, self.shape(definition.type, details))

    def _nested_page(self, relation: Relation, definition: GraphQLField, details: Details) -> Page:
        detail = details[0]
        arguments = get_argument_values(
            definition, detail.node, self.executor.variable_values, detail.fragment_variable_values
        )
        self.pages += 1
        path: Path = (detail.node.name.value,)
        page, values = asked_page(
            relation.entity, relation.order, f"page{self.pages}", path, **arguments
        )
        self.values |= values
        return page

    def _connection(
        self, named: Any, details: Details, label: str, relation: str, page: Page
    ) -> Connection:
        parts: list[Nodes | Edges | PageInfo | TotalCount | Constant] = []
        for part, name, definition, chosen in self._selected(named, details):
            match name:
                case "nodes":
                    parts.append(Nodes(part, self.shape(definition.type, chosen)))
                case "edges":
                    parts.append(self._edges(part, definition, chosen))
                case "pageInfo":
                    info = get_named_type(definition.type)
                    assert isinstance(info, GraphQLObjectType)
                    pairs = tuple(
                        (one, snake(two) if inner else two)
                        for one, two, _, inner in self._selected(info, chosen)
                    )
                    parts.append(PageInfo(part, pairs))
                case "totalCount":
                    parts.append(TotalCount(part))
                case _:
                    parts.append(Constant(part, name))
        return Connection(label, relation, page, tuple(parts))

    def _edges(self, label: str, definition: GraphQLField, details: Details) -> Edges:
        edge = get_named_type(definition.type)
        assert isinstance(edge, GraphQLObjectType | GraphQLInterfaceType)
        pairs, shape = [], None
        for name, field_name, inner, chosen in self._selected(edge, details):  # type: ignore[arg-type]
            pairs.append((name, field_name))
            if field_name == "node":
                if shape is not None:
                    raise NotForTheEngine("two nodes in an edge")
                shape = self.shape(inner.type, chosen)
        return Edges(label, tuple(pairs), shape)
