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
from domain.items import Item, ItemSupplier, ItemUnit
from domain.journal import Private, instant

_NEVER_TOLD = {"tenant_id", "id", "document_id", "position", "role", "version"} | {
    "created_at",
    "updated_at",
}
_LISTED: dict[type, tuple[tuple[str, type, str], ...]] = {
    Document: (("lines", Line, "position"),),
    Item: (("units", ItemUnit, "unit"), ("suppliers", ItemSupplier, "partner_id")),
}
"""Lists of parts that an aggregate owns: attribute, class, and what tells one from another."""
_KEY_OF_OWNER = {ItemUnit: "item_id", ItemSupplier: "item_id"}


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
    for listed, part, key in _LISTED.get(type(aggregate), ()):
        found += _parts(aggregate, listed, part, key)
    return found


def _own(entity: Any, prefix: str = "") -> Iterator[Change]:
    state = inspect(entity)
    for name, column in _columns(state.mapper):
        history = state.attrs[name].history
        if not history.has_changes():
            continue
        before = history.deleted[0] if history.deleted else None
        after = history.added[0] if history.added else None
        if before != after:
            yield Change(
                prefix + _camel(name),
                _told(column, before, _subject(entity, column, before=True)),
                _told(column, after, _subject(entity, column)),
            )


def _parts(aggregate: Any, listed: str, part: type, key: str) -> Iterator[Change]:
    """Parts are replaced as a whole, so those of equal key are compared."""
    history = inspect(aggregate).attrs[listed].history
    before: dict[Any, Any] = {getattr(each, key): each for each in history.deleted or ()}
    after: dict[Any, Any] = {getattr(each, key): each for each in history.added or ()}
    for place in sorted(before.keys() | after.keys()):
        old, new = before.get(place), after.get(place)
        for name, column in _columns(inspect(part)):
            values = (getattr(old, name, None), getattr(new, name, None))
            if values[0] != values[1] and name != _KEY_OF_OWNER.get(part):
                yield Change(
                    f"{listed}.{place}.{_camel(name)}",
                    _told(column, values[0], _subject(old, column) if old else None),
                    _told(column, values[1], _subject(new, column) if new else None),
                )


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
