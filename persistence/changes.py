"""What a unit of work changed, field by field, found by SQLAlchemy and told to the journal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, inspect
from sqlalchemy.orm import ColumnProperty, LoaderCallableStatus, Mapper, RelationshipProperty

from domain.documents.progress import POSTED, TAKEN
from domain.journal import Private, instant

_NEVER_TOLD = {
    "tenant_id",
    "id",
    "version",
    "position",
    "created_at",
    "updated_at",
    # These follow from what is told.
    "stock_quantity",
    "quantity_max",
    "open_quantity",
    "open_lines",
    "external_year",
    "invoice_max",
    "match_report",
    "tax_report",
}
_COUNTERS = {*TAKEN, *POSTED, "credited_net", "settled", "discount_taken"}
"""Told from the first quantity on: nothing yet is no change."""

TOLD = "told"
"""The key under which a relationship to owned parts says how each part is called in the journal."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; None stands for "nothing there"."""

    field: str
    before: str | Private | None
    after: str | Private | None


def changes_of(aggregate: Any) -> list[Change]:
    """Return what changed in an aggregate since it was loaded, before it is flushed."""
    found = list(_own(aggregate))
    for relation in inspect(aggregate).mapper.relationships:
        if TOLD in relation.info:
            found += _parts(aggregate, relation)
    return found


def _own(entity: Any, prefix: str = "", untold: frozenset[str] = frozenset()) -> Iterator[Change]:
    state = inspect(entity)
    replaced = state.committed_state  # most of most changes stays as it was
    for name, column in _columns(state.mapper, untold):
        if name not in replaced:
            continue
        before, after = _loaded(replaced[name], None), state.dict.get(name)
        if before != after and not _is_nothing_yet(name, before, after):
            yield Change(
                prefix + camel(column.name),
                _told(column, before, _subject(entity, column, before=True)),
                _told(column, after, _subject(entity, column)),
            )


def _parts(aggregate: Any, relation: RelationshipProperty[Any]) -> Iterator[Change]:
    """Compare what bore each name before with what bears it now; parts may move or be replaced.

    The present parts come in their order, then those that are gone.
    """
    name_of: Callable[[Any], str] = relation.info[TOLD]
    untold = _said_by_name(relation)
    history = inspect(aggregate).attrs[relation.key].history
    stayed, came, went = history.unchanged or (), history.added or (), history.deleted or ()
    before = {name_of(_Before(part)): part for part in (*stayed, *went)}
    after = {name_of(part): part for part in (*stayed, *came)}
    order = [name_of(part) for part in inspect(aggregate).dict.get(relation.key, ())]
    for name in dict.fromkeys((*order, *before)):
        old, new = before.get(name), after.get(name)
        if old is not new or inspect(old).modified:  # most parts of most changes stay as they are
            yield from _compared(old, new, name, untold)


def _said_by_name(relation: RelationshipProperty[Any]) -> frozenset[str]:
    """Return the columns of parts that aggregate and name say already.

    A part that may have nothing beside its key (a supplier known by no more than himself) is told
    by its key, or it would come and go unseen.
    """
    owner = frozenset(column.name for column in relation.remote_side)
    known = owner | {column.name for column in relation.mapper.primary_key}
    others = _columns(relation.mapper, known)
    return known if any(not column.nullable for _, column in others) else owner


class _Before:
    """A part as it was when it was loaded."""

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return _was(self._part, name)


def _compared(old: Any, new: Any, name: str, untold: frozenset[str]) -> Iterator[Change]:
    for attribute, column in _columns(inspect(new or old).mapper, untold):
        was = None if old is None else _was(old, attribute)
        now = None if new is None else getattr(new, attribute)
        if was != now and not _is_nothing_yet(attribute, was, now):
            yield Change(
                f"{name}.{camel(column.name)}",
                _told(column, was, _subject(old, column, before=True) if old else None),
                _told(column, now, _subject(new, column) if new else None),
            )


def _was(part: Any, name: str) -> Any:
    """Return what a column of a part held when it was loaded."""
    replaced = inspect(part).committed_state
    return _loaded(replaced[name], getattr(part, name)) if name in replaced else getattr(part, name)


def _loaded(original: Any, otherwise: Any) -> Any:
    """Return what SQLAlchemy noted before an attribute was first set, if there was anything.

    Asked here thousands of times: its histories say the same of columns, at many times the price.
    """
    return otherwise if original is LoaderCallableStatus.NO_VALUE else original


def _is_nothing_yet(name: str, before: Any, after: Any) -> bool:
    return name in _COUNTERS and not before and not after


@cache
def _columns(mapper: Mapper[Any], untold: frozenset[str]) -> tuple[tuple[str, Column[Any]], ...]:
    """Return attribute and column of each field that is told."""
    return tuple(
        (attribute.key, column)
        for attribute in mapper.column_attrs
        if attribute.key not in _NEVER_TOLD | untold and isinstance(attribute, ColumnProperty)
        if isinstance(column := attribute.columns[0], Column)
    )


def _subject(entity: Any, column: Column[Any], *, before: bool = False) -> UUID | None:
    """Return whose a personal column is; an address replaced by another's was the old one's."""
    by = column.info.get("personal_by")
    if by is None:
        return None
    subject: UUID | None = _was(entity, by) if before else getattr(entity, by)
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


@cache
def camel(name: str) -> str:
    """Return a name of ours as clients write it."""
    head, *tail = name.split("_")
    return head + "".join(word.title() for word in tail)
