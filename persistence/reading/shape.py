"""What is wanted, as plain data: sources of rows, and the shape of the JSON made of each.

Both are hashable without their values, so that a statement is built once per shape and cached.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Scalar:
    """A column of the view under the name the client gave it."""

    label: str
    column: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A text that is the same for every row, such as `__typename`."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Related:
    """A to-one or to-many relation with the shape of its nodes."""

    label: str
    relation: str
    shape: "Shape"


@dataclass(frozen=True, slots=True)
class PageInfo:
    """The page info of a connection: pairs of label and name."""

    label: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of a page."""

    label: str
    shape: "Shape"


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of a page: label, and pairs of label and "cursor", "node" or "__typename"."""

    label: str
    fields: tuple[tuple[str, str], ...]
    shape: "Shape | None"


@dataclass(frozen=True, slots=True)
class TotalCount:
    """How many rows the whole list has."""

    label: str


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: its values lie in the parameters named after `name`."""

    name: str
    sort: str
    backward: bool = False
    after: bool = False
    before: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """A Relay connection: of a relation inside a node, or of a whole list (relation "")."""

    label: str
    relation: str
    page: Page
    parts: tuple["Nodes | Edges | PageInfo | TotalCount | Constant", ...]


@dataclass(frozen=True, slots=True)
class ByKind:
    """A text that depends on the kind of the row, such as the name of its type."""

    label: str
    texts: tuple[tuple[str, str], ...]


Field = Scalar | Constant | ByKind | Related | Connection


@dataclass(frozen=True, slots=True)
class Branch:
    """The fields wanted of rows of some kinds; None stands for every kind."""

    kinds: tuple[str, ...] | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is wanted of one row of an entity."""

    entity: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of a column; the value lies in the parameter `name`.

    Operators: = any >= <= "is set". The operator `starts` looks at all columns that the view lets
    be searched, whatever `column` says. With a `relation` the column is one of its rows', and one
    such row is enough.
    """

    column: str
    operator: str
    name: str
    relation: str = ""


@dataclass(frozen=True)
class Source:
    """Rows of an entity: those for which every condition holds. What a resolver returns."""

    entity: str
    conditions: tuple[Condition, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Single(Source):
    """The one row that meets the conditions, or null."""


@dataclass(frozen=True)
class Listing(Source):
    """A page of a sorted list, as a Relay connection."""

    page: Page = Page("page", "")
