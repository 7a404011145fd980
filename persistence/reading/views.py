"""Readable views: what can be read of an entity, declared as data beside its tables.

A field of a GraphQL type shows the column or expression of the same name here, in its wire form:
numbers as text, instants as RFC 3339, ids with the prefix of their entity.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Table, Text, case, cast, func, literal_column

from persistence.catalog import Money, Quantity, Rate
from persistence.mapping import EnumText

Columns = Any  # the .c of a table, alias or subquery
Expression = Callable[[Columns], ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Relation:
    """Another view seen from a row: `on` pairs own columns with its columns, tenant apart.

    `where` are fixed values of its columns; `many` gives a list in `order`; `paged` gives a Relay
    connection sorted by `order` as the name of one of its sorts.
    """

    entity: str
    on: tuple[tuple[str, str], ...]
    many: bool = False
    paged: bool = False
    order: str = ""
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of a list: a NOT NULL column, made unique by the view's key."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What can be read of `entity`. `kind` names the column that tells its GraphQL type.

    `searched` are the columns whose start a search looks at: lower case, in collation C.
    """

    entity: str
    table: Table
    prefix: str = ""
    key: str = "id"
    kind: str | None = None
    guarded_kinds: bool = False
    computed: Mapping[str, Expression] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    sorts: Mapping[str, Sort] = field(default_factory=dict)
    searched: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Say whether `name` is a column or expression of this view."""
        return name in self.computed or name in self.table.c

    def wire(self, name: str, columns: Columns) -> ColumnElement[Any]:
        """Return the value of `name` in its wire form, read from `columns`."""
        expression = self.computed.get(name)
        if expression is not None:
            return expression(columns)
        column: ColumnElement[Any] = columns[name]
        if name == "id" and self.prefix:
            return global_id(self.prefix, column)
        return wire_form(column)

    def wire_names(self) -> tuple[str, ...]:
        """Every name that can be shown, columns first."""
        own = (column.name for column in self.table.c if column.name not in self.computed)
        return (*own, *self.computed)


def wire_form(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the form a value has in answers, by the type of its column."""
    match column.type:
        case Quantity() | Rate():
            return cast(func.trim_scale(column), Text)
        case Money() | Date():
            return cast(column, Text)
        case EnumText(enum=enum) if any(each.name != each.value for each in enum):
            return case({each.value: each.name for each in enum}, value=column)
        case DateTime():
            utc = func.timezone("UTC", column)
            return func.to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        case _:
            return column


def global_id(prefix: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return an id as clients see it: `doc_` and the UUID."""
    return func.concat(f"{prefix}_", cast(column, Text))


def one_of(column: ColumnElement[Any], names: Iterable[str]) -> ColumnElement[bool]:
    """Say whether a column holds one of these names of our own, as fixed text of a statement."""
    return column.in_([literal_column(f"'{name}'") for name in names])


def shows_id(prefix: str, column: str) -> Expression:
    """Return an expression that shows another entity's id."""

    def expression(columns: Columns) -> ColumnElement[Any]:
        shown: ColumnElement[Any] = columns[column]
        return case((shown.is_not(None), global_id(prefix, shown)))

    return expression


VIEWS: dict[str, View] = {}


def readable(view: View) -> View:
    """Make a view known to the engine under the name of its entity."""
    VIEWS[view.entity] = view
    return view
