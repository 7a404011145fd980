"""The journal: append-only facts, chained by hash, erasable without breaking the chain.

A body is canonical JSON (sorted keys, no spaces, UTF-8), hashed together with the hash before it;
the chain of a tenant starts with sha256 of its id. Personal values never stand in a body: a
`Private` there becomes a reference and a salted digest, and erasing the value leaves the chain.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from domain.problems import Path, Problem


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an entity: `type` is kind + past tense, `facts` go to the body."""

    type: str
    entity_type: str
    entity_id: UUID
    facts: dict[str, Any]


class Recorder:
    """An aggregate that remembers what happened to it until the unit of work writes it down."""

    entity_type: str
    id: UUID
    updated_at: datetime

    @property
    def events(self) -> list[Event]:
        """Events not yet written; an object loaded from the database starts with none."""
        events: list[Event] = self.__dict__.setdefault("_events", [])
        return events

    def record(self, event_type: str, **facts: Any) -> None:
        """Add an event about this aggregate. `action` is the verb that filters compare."""
        self.events.append(Event(event_type, self.entity_type, self.id, facts))


@dataclass(frozen=True, slots=True)
class Private:
    """A personal value on its way to the journal: kept apart from the chain, by subject."""

    subject_type: str
    subject_id: UUID
    value: str


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return instant(value)
        case Decimal():
            return f"{value:f}"
        case UUID() | date():
            return str(value)
        case Enum():
            return value.value
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def instant(moment: datetime) -> str:
    """Return `moment` as RFC 3339 in UTC with microseconds.

    >>> instant(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05.000000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(body: dict[str, Any]) -> str:
    """Return the canonical text of a body: sorted keys, no spaces, amounts as strings."""
    return json.dumps(
        body,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_plain,
    )


def first_hash(tenant: UUID) -> bytes:
    """Return what the first row of a tenant is chained to: sha256 of the tenant id's 16 bytes."""
    return hashlib.sha256(tenant.bytes).digest()


def chained(previous: bytes, body: str) -> bytes:
    """Return the hash of a row: sha256 over the previous hash and the stored bytes of the body."""
    return hashlib.sha256(previous + body.encode()).digest()


def digest(salt: bytes, value: str) -> str:
    """Return the digest that stands in a body for a private value, as hex."""
    return hashlib.sha256(salt + value.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Row:
    """A journal row as stored."""

    tenant_id: UUID
    position: int
    recorded_at: datetime
    occurred_at: datetime
    actor: UUID
    type: str
    entity_type: str
    entity_id: UUID
    body: str
    prev_hash: bytes
    hash: bytes


_TOLD_TWICE = ("position", "actor", "type", "entity_type", "entity_id")


class Chain:
    """The chain of a tenant, checked row by row from its start, in order of position."""

    def __init__(self, tenant: UUID) -> None:
        self.position = 0
        self._hash = first_hash(tenant)

    def flaws(self, row: Row) -> Iterator[str]:
        """Yield what is wrong with the next row: its body as stored is hashed and read."""
        if row.position != self.position + 1:
            yield f"position {self.position + 1} is missing: the next row is {row.position}"
        if row.prev_hash != self._hash:
            yield f"position {row.position}: it is not chained to the row before it"
        if row.hash != chained(row.prev_hash, row.body):
            yield f"position {row.position}: its hash does not match its body"
        yield from _told_differently(row)
        self.position, self._hash = row.position, row.hash


def private_digests(row: Row) -> list[tuple[UUID, str]]:
    """Return reference and digest of every private value that a row's body tells of."""
    found: list[tuple[UUID, str]] = []

    def note(told: dict[str, Any]) -> dict[str, Any]:
        if told.keys() == {"ref", "sha256"}:
            with contextlib.suppress(ValueError):  # no reference; the chain tells of the forgery
                found.append((UUID(str(told["ref"])), str(told["sha256"])))
        return told

    json.loads(row.body, object_hook=note)
    return found


def _told_differently(row: Row) -> Iterator[str]:
    told = json.loads(row.body)
    body = told if isinstance(told, dict) else {}
    columns = {name: getattr(row, name) for name in _TOLD_TWICE}
    columns = {name: str(v) if isinstance(v, UUID) else v for name, v in columns.items()}
    columns["tenant"] = str(row.tenant_id)
    columns["recorded_at"] = instant(row.recorded_at)
    columns["occurred_at"] = instant(row.occurred_at)
    for name, shown in columns.items():
        if body.get(name) != shown:
            yield f"position {row.position}: column {name} says {shown}, the body {body.get(name)}"


class CursorUnknown(Problem):
    """This cursor is not in your journal. Read your lists and latestCursor anew; go on from it."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a tenant's journal: a position and the first 8 bytes of that row's hash."""

    position: int
    hash_start: bytes

    def __str__(self) -> str:
        return f"{self.position}.{self.hash_start.hex()}"

    @staticmethod
    def parse(text: str, path: Path) -> "Cursor":
        """Read a cursor as clients send it. Raises CursorUnknown for any other text."""
        match = re.fullmatch(r"(\d{1,18})\.([0-9a-f]{16})", text, re.ASCII)
        if match is None:
            raise CursorUnknown(path=path)
        return Cursor(int(match[1]), bytes.fromhex(match[2]))
