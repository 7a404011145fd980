"""Relay connections: pages by cursor, forwards with `first`/`after`, backwards with `last`."""

from typing import Annotated, Any, Generic, TypeVar

import strawberry

from schema.scalars import Cursor

T = TypeVar("T")

PAGE_SIZE_MAX = 200
PAGE_SIZE_DEFAULT = 50

ORDER = strawberry.argument(description="In which order.")
WHICH = strawberry.argument(description="Only those for which all conditions hold.")
First = Annotated[
    int | None,
    strawberry.argument(description=f"Rows from the start, 1 to {PAGE_SIZE_MAX}; default 50."),
]
After = Annotated[Cursor | None, strawberry.argument(description="Start after this cursor.")]
Last = Annotated[
    int | None, strawberry.argument(description=f"Rows from the end, 1 to {PAGE_SIZE_MAX}.")
]
Before = Annotated[Cursor | None, strawberry.argument(description="End before this cursor.")]


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's page info."""

    has_next_page: bool = strawberry.field(description="More rows follow this page.")
    has_previous_page: bool = strawberry.field(description="Rows precede this page.")
    start_cursor: Cursor | None = strawberry.field(description="Cursor of the first row.")
    end_cursor: Cursor | None = strawberry.field(description="Cursor of the last row.")


@strawberry.type(description="A row of a list with its cursor.")
class Edge(Generic[T]):
    """Relay's edge."""

    cursor: Cursor = strawberry.field(description="Where this row lies; for `after` and `before`.")
    node: T = strawberry.field(description="The row.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Relay's connection, with `nodes` for those who need no cursors."""

    edges: list[Edge[T]] = strawberry.field(description="Rows with their cursors.")
    nodes: list[T] = strawberry.field(description="Rows alone.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")
    total_count: int = strawberry.field(description="Rows of the whole list; counted when asked.")


def paged(node: Any, description: str) -> Any:
    """Declare a field that pages through a relation; the engine reads it, whatever the name."""

    def page(
        first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Any:
        raise NotImplementedError("read by resolvers.reading")

    page.__annotations__["return"] = Connection[node]
    return strawberry.field(resolver=page, description=description)
