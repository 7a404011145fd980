"""What a unit of work changed, field by field, found by SQLAlchemy and told to the journal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, inspect
from sqlalchemy.orm import ColumnProperty, Mapper

from domain.documents.document import Document
from domain.documents.lines import Line
from domain.documents.progress import POSTED, TAKEN
from domain.journal import Private, instant

_NEVER_TOLD = {
    "tenant_id",
    "id",
    "document_id",
    "position",
    "role",
    "version",
    "created_at",
    "updated_at",
    # These follow from what is told.
    "stock_quantity",
    "quantity_max",
    "open_quantity",
    "open_lines",
    "external_year",
}
_COUNTERS = {*TAKEN, *POSTED, "settled", "discount_taken"}
"""Told from the first quantity on: nothing yet is no change."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; None stands for "nothing there"."""

    field: str
    before: str | Private | None
    after: str | Private | None


def changes_of(aggregate: Any) -> list[Change]:
    """Return what changed in an aggregate since it was loaded, before it is flushed."""
    found = list(_own(aggregate))
    if isinstance(aggregate, Document):
        for party in aggregate.parties:
            found += _own(party, f"{_camel(party.role.value.lower())}.")
        found += _lines(aggregate)
    return found


def _own(entity: Any, prefix: str = "") -> Iterator[Change]:
    state = inspect(entity)
    for name, column in _columns(state.mapper):
        history = state.attrs[name].history
        if not history.has_changes():
            continue
        before = history.deleted[0] if history.deleted else None
        after = history.added[0] if history.added else None
        if before != after and not _is_nothing_yet(name, before, after):
            yield Change(
                prefix + _camel(name),
                _told(column, before, _subject(entity, column, before=True)),
                _told(column, after, _subject(entity, column)),
            )


def _lines(document: Document) -> Iterator[Change]:
    """Tell of lines that stay under their place; compare those that came with those that went."""
    history = inspect(document).attrs["lines"].history
    for line in history.unchanged or ():
        yield from _own(line, f"lines.{line.position}.")
    before: dict[int, Line] = {line.position: line for line in history.deleted or ()}
    after: dict[int, Line] = {line.position: line for line in history.added or ()}
    for place in sorted(before.keys() | after.keys()):
        old, new = before.get(place), after.get(place)
        for name, column in _columns(inspect(Line)):
            values = (getattr(old, name, None), getattr(new, name, None))
            if values[0] != values[1] and not _is_nothing_yet(name, *values):
                yield Change(
                    f"lines.{place}.{_camel(name)}",
                    _told(column, values[0], _subject(old, column) if old else None),
                    _told(column, values[1], _subject(new, column) if new else None),
                )


def _is_nothing_yet(name: str, before: Any, after: Any) -> bool:
    return name in _COUNTERS and not before and not after


def _columns(mapper: Mapper[Any]) -> Iterator[tuple[str, Column[Any]]]:
    for attribute in mapper.column_attrs:
        if attribute.key not in _NEVER_TOLD and isinstance(attribute, ColumnProperty):
            column = attribute.columns[0]
            if isinstance(column, Column):
                yield attribute.key, column


def _subject(entity: Any, column: Column[Any], *, before: bool = False) -> UUID | None:
    """Return whose a personal column is; an address replaced by another's was the old one's."""
    by = column.info.get("personal_by")
    if by is None:
        return None
    replaced = inspect(entity).attrs[by].history.deleted if before else ()
    subject: UUID | None = replaced[0] if replaced else getattr(entity, by)
    return subject


def _told(column: Column[Any], value: Any, subject: UUID | None) -> str | Private | None:
    if value is None:
        return None
    text = _text(value)
    if subject is None:  # not personal, or our own company's address
        return text
    return Private(column.info["personal"], subject, text)


def _text(value: Any) -> str:
    match value:
        case Enum():
            return str(value.value)
        case Decimal():
            return f"{value.normalize():f}"
        case datetime():
            return instant(value)
        case bool():
            return str(value).lower()
        case date() | UUID() | int() | str():
            return str(value)
        case _:
            return repr(value)


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.title() for word in tail)
