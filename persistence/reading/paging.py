"""Pages: cursors as clients send them become the values a keyset starts from."""

import base64
import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.problems import Path
from domain.requests import CursorInvalid
from persistence.reading.views import VIEWS

PageValues = dict[str, Any]


def page_values(
    entity: str, sort: str, name: str, size: int, bounds: dict[str, str | None], path: Path
) -> PageValues:
    """Return the parameters of a page. `bounds` holds the cursors "after" and "before".

    Raises CursorInvalid for a cursor that is not one of this list's.
    """
    values: PageValues = {f"{name}_size": size}
    for bound, cursor in bounds.items():
        if cursor is not None:
            for n, value in enumerate(_decoded(entity, sort, cursor, (*path, bound))):
                values[f"{name}_{bound}_{n}"] = value
    return values


def _decoded(entity: str, sort: str, cursor: str, path: Path) -> tuple[Any, Any]:
    view = VIEWS[entity]
    columns = (view.table.c[view.sorts[sort].column], view.table.c[view.key])
    try:
        name, first, second = json.loads(base64.b64decode(cursor, validate=True))
        if name != sort:
            raise CursorInvalid(path=path)
        return _read(columns[0].type.python_type, first), _read(columns[1].type.python_type, second)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise CursorInvalid(path=path) from None


def _read(kind: type, text: str) -> Any:
    if kind is date:
        return date.max if text == "infinity" else date.fromisoformat(text)  # as asyncpg has it
    if kind is datetime and (moment := datetime.fromisoformat(text)).tzinfo is not None:
        return moment
    if kind is UUID:
        return UUID(text)
    if kind is int and -(2**63) <= int(text) < 2**63:
        return int(text)
    if kind is str and "\0" not in text:
        return text
    raise ValueError(f"no key of a list is a {kind.__name__}")
