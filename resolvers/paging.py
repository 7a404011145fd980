"""Arguments of a Relay list become a Page and its values."""

from collections.abc import Mapping
from typing import Any

from domain.problems import Path
from domain.requests import PageAmbiguous, PageSizeOutOfRange
from persistence.reading.paging import PageValues, page_values
from persistence.reading.shape import Condition, Listing, Page
from schema.paging import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX


def asked_page(
    entity: str,
    sort: str,
    name: str,
    path: Path,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> tuple[Page, PageValues]:
    """Return the page that was asked for, and its values.

    Raises PageAmbiguous, PageSizeOutOfRange or CursorInvalid.
    """
    if first is not None and last is not None:
        raise PageAmbiguous(path=(*path, "last"))
    size = last if last is not None else PAGE_SIZE_DEFAULT if first is None else first
    if not 1 <= size <= PAGE_SIZE_MAX:
        field = "first" if last is None else "last"
        raise PageSizeOutOfRange(size_max=PAGE_SIZE_MAX, path=(*path, field))
    values = page_values(entity, sort, name, size, {"after": after, "before": before}, path)
    page = Page(name, sort, last is not None, after is not None, before is not None)
    return page, values


def listing(
    entity: str, sort: Any, conditions: dict[tuple[str, str], Any], page: dict[str, Any]
) -> Listing:
    """Return the source of a root list.

    `conditions` maps (column, operator) to a value and leaves out what is None; a column of a
    relation's rows is written `relation.column`. `page` holds the arguments first, after, last and
    before.
    """
    asked, values = asked_page(entity, sort.value, "page", (), **page)
    tests, given = conditions_and_values(conditions)
    return Listing(entity, tests, {**values, **given}, asked)


def conditions_and_values(
    conditions: Mapping[tuple[str, str], Any],
) -> tuple[tuple[Condition, ...], dict[str, Any]]:
    """Return conditions as `listing` takes them, and their values by name."""
    given = {
        f"{column.replace('.', '_')}_{n}": (column, operator, value)
        for n, ((column, operator), value) in enumerate(conditions.items())
        if value is not None
    }
    tests = (_condition(column, operator, name) for name, (column, operator, _) in given.items())
    return tuple(tests), {name: value for name, (_, _, value) in given.items()}


def _condition(column: str, operator: str, name: str) -> Condition:
    relation, _, own = column.rpartition(".")
    return Condition(own, operator, name, relation)
