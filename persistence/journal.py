"""The journal's table, its writer and its readable views. Nothing here ever updates or deletes."""

import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    case,
    cast,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.journal import (
    Chain,
    Cursor,
    CursorUnknown,
    Event,
    Private,
    Row,
    canonical,
    chained,
    digest,
    first_hash,
    instant,
    private_digests,
)
from domain.problems import Path
from persistence.catalog import moment, tenant_table
from persistence.changes import Change
from persistence.database import Connection
from persistence.reading.views import Columns, Relation, Sort, View, readable, shows_id

journal = tenant_table(
    "journal",
    Column("position", BigInteger, nullable=False),
    moment("recorded_at"),
    moment("occurred_at"),
    Column("actor", Uuid, nullable=False),
    Column("type", String(100), nullable=False),
    Column("entity_type", String(40), nullable=False),
    Column("entity_id", Uuid, nullable=False),
    Column("body", Text, nullable=False),
    Column("data", JSONB, Computed("body::jsonb", persisted=True), nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index(None, "tenant_id", "entity_id", "position"),
    CheckConstraint("position > 0", name="position"),
    key=("position",),
)

journal_head = tenant_table(
    "journal_head",
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    key=(),
)

journal_private = tenant_table(
    "journal_private",
    Column("ref", Uuid, nullable=False),
    Column("subject_type", String(40), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("value", Text, nullable=False),
    Index(None, "tenant_id", "subject_id"),
    key=("ref",),
)

idempotency_key = tenant_table(
    "idempotency_key",
    Column("user_id", Uuid, nullable=False),
    Column("mutation", String(100), nullable=False),
    Column("key", String(200), nullable=False),
    Column("input_hash", LargeBinary, nullable=False),
    Column("made", JSONB),
    Column("journal_position", BigInteger),
    moment("stored_at"),
    Index(None, "tenant_id", "stored_at"),
    key=("user_id", "mutation", "key"),
)

journal_change = Table(
    "journal_change",
    MetaData(),  # a view of the database (migrations), so Alembic need not know it
    Column("tenant_id", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("erased", Boolean, nullable=False),
)

PREFIXES = {
    "document": "doc",
    "partner": "par",
    "item": "itm",
    "inbox_item": "inb",
    "company": "ten",
    "branch": "brn",
    "payment_terms": "ptm",
    "exchange_rate": "exr",
    "price": "prc",
    "number_series": "nsr",
    "period_lock": "prd",
    "import_run": "imp",
    "document_job": "job",
}
"""The prefix of each entity's ids, by the journal's entity type."""


def _fact(name: str) -> Any:
    return lambda c: c.data["facts"][name].as_string()


def _count(name: str) -> Any:
    return lambda c: c.data["facts"][name].as_integer()


def _entity_id(columns: Columns) -> Any:
    names = {kind: f"{prefix}_" for kind, prefix in PREFIXES.items()}
    return func.concat(case(names, value=columns.entity_type), cast(columns.entity_id, Text))


readable(
    View(
        "journal_entry",
        journal,
        key="position",
        computed={
            "cursor": lambda c: func.concat(
                cast(c.position, Text), ".", func.encode(func.substring(c.hash, 1, 8), "hex")
            ),
            "actor_id": shows_id("usr", "actor"),
            "entity_id": _entity_id,
            "action": _fact("action"),
            "version": lambda c: c.data["facts"]["version"].as_integer(),
            "kind": _fact("kind"),
            "state_before": _fact("state_before"),
            "state_after": _fact("state_after"),
            "period": _fact("period"),
            "number": _fact("number"),
            "reason": _fact("reason"),
            "remaining": _count("remaining"),
            "done": _count("done"),
            "total": _count("total"),
            "failed": _count("failed"),
        },
        relations={
            "actor": Relation("user", (("actor", "id"),)),
            "changes": Relation(
                "journal_change", (("position", "position"),), many=True, order="place"
            ),
            "document": Relation("document", (("entity_id", "id"),)),
            "inbox_item": Relation("inbox_item", (("entity_id", "id"),)),
            "number_series": Relation("number_series", (("entity_id", "id"),)),
            "import_run": Relation("import_run", (("entity_id", "id"),)),
        },
        sorts={
            "OLDEST": Sort("position"),
            "NEWEST": Sort("position", descending=True),
        },
    )
)
readable(View("journal_change", journal_change, key="place"))


@dataclass(slots=True)
class Entry:
    """An event with what changed, on its way into the journal."""

    event: Event
    version: int
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Author:
    """Who did it and when."""

    tenant: UUID
    user: UUID
    occurred_at: datetime


_LOCK_HEAD = """
update journal_head set position = position + $2 where tenant_id = $1
returning position - $2, hash
"""

_APPEND = """
with private as (
  insert into journal_private (tenant_id, ref, subject_type, subject_id, salt, value)
  select $1, * from unnest($11::uuid[], $12::text[], $13::uuid[], $14::bytea[], $15::text[])
), head as (
  update journal_head set hash = $10 where tenant_id = $1
), key as (
  update idempotency_key set made = $19::text::jsonb, journal_position = $20
  where tenant_id = $1 and user_id = $16 and mutation = $17 and key = $18
)
insert into journal (tenant_id, recorded_at, occurred_at, actor, position, type, entity_type,
                     entity_id, body, prev_hash, hash)
select $1, $2, $3, $16, * from unnest($4::bigint[], $5::text[], $6::text[], $7::uuid[],
                                      $8::text[], $9::bytea[], $21::bytea[])
"""


class _Privacy:
    """Private values of one append: rows for journal_private, references for the bodies."""

    def __init__(self) -> None:
        self.rows: list[tuple[UUID, str, UUID, bytes, str]] = []

    def told(self, value: str | Private | None) -> Any:
        """Return what stands in the body for a value."""
        if not isinstance(value, Private):
            return value
        ref, salt = uuid4(), secrets.token_bytes(16)
        self.rows.append((ref, value.subject_type, value.subject_id, salt, value.value))
        return {"ref": str(ref), "sha256": digest(salt, value.value)}


async def append(
    connection: Any,
    author: Author,
    entries: Sequence[Entry],
    recorded_at: datetime,
    idempotency: tuple[str, str, str] = ("", "", "null"),
) -> int:
    """Append entries as the last step before the commit and return the last position.

    `idempotency` is mutation, key and what was made as JSON; it is written in the same statement,
    since every round trip here is waited for by all other writers of the tenant.
    """
    privacy = _Privacy()
    bodies = [_body(author, entry, privacy, recorded_at) for entry in entries]
    start, previous = await connection.fetchrow(_LOCK_HEAD, author.tenant, len(entries))
    positions = list(range(start + 1, start + 1 + len(entries)))
    texts, hashes = [], [previous]
    for position, body in zip(positions, bodies, strict=True):
        texts.append(canonical({**body, "position": position}))
        hashes.append(chained(hashes[-1], texts[-1]))
    mutation, key, made = idempotency
    private: list[tuple[Any, ...]] = list(zip(*privacy.rows, strict=True)) or [()] * 5
    events = [entry.event for entry in entries]
    await connection.execute(
        _APPEND,
        author.tenant,
        recorded_at,
        author.occurred_at,
        positions,
        [event.type for event in events],
        [event.entity_type for event in events],
        [event.entity_id for event in events],
        texts,
        hashes[:-1],
        hashes[-1],
        *(list(column) for column in private),
        author.user,
        mutation,
        key,
        made,
        positions[-1],
        hashes[1:],
    )
    return positions[-1]


def _body(author: Author, entry: Entry, privacy: _Privacy, recorded_at: datetime) -> dict[str, Any]:
    event = entry.event
    return {
        "tenant": author.tenant,
        "recorded_at": instant(recorded_at),
        "occurred_at": instant(author.occurred_at),
        "actor": author.user,
        "type": event.type,
        "entity_type": event.entity_type,
        "entity_id": event.entity_id,
        "facts": {
            **event.facts,
            "version": entry.version,
            "changes": [
                {
                    "field": change.field,
                    "before": privacy.told(change.before),
                    "after": privacy.told(change.after),
                }
                for change in entry.changes
            ],
        },
    }


async def open_journal(connection: asyncpg.Connection, tenant: UUID) -> None:
    """Give a new tenant the head its chain starts from."""
    await connection.execute(
        "insert into journal_head (tenant_id, position, hash) values ($1, 0, $2)",
        tenant,
        first_hash(tenant),
    )


_ROW = (
    "select tenant_id, position, recorded_at, occurred_at, actor, type, entity_type, entity_id,"
    " body, prev_hash, hash from journal where tenant_id = $1 and position > $2"
    " order by position limit $3"
)
ROWS_PER_READ = 500
ROWS_PER_VERIFY = 10_000


async def rows_after(
    connection: Connection, tenant: UUID, position: int, limit: int = ROWS_PER_READ
) -> list[Row]:
    """Return the next rows of a tenant in order."""
    return [Row(*record) for record in await connection.fetch(_ROW, tenant, position, limit)]


_HEAD_AND_LAST = """
select h.position, h.hash, j.position, j.hash
from (select $1::uuid as tenant_id) t
left join journal_head h using (tenant_id)
left join lateral (
  select position, hash from journal where tenant_id = t.tenant_id order by position desc limit 1
) j on true
"""


_SHOWN_DIFFERENTLY = """
select position from journal where tenant_id = $1 and data is distinct from body::jsonb
order by position limit 20
"""
_PRIVATE = "select ref, salt, value from journal_private where tenant_id = $1 and ref = any($2)"


async def verify(connection: asyncpg.Connection, tenant: UUID) -> AsyncIterator[str]:
    """Yield every flaw of a tenant's journal, its private values and its head included."""
    chain, position = Chain(tenant), -(2**63)  # whatever stands before the first row is forged
    while batch := await rows_after(connection, tenant, position, ROWS_PER_VERIFY):
        position = batch[-1].position
        kept = await _kept_digests(connection, tenant, batch)
        for row in batch:
            for flaw in chain.flaws(row):
                yield flaw
            for ref, told in private_digests(row):
                if kept.get(ref, told) != told:  # an erased value is no flaw
                    yield f"position {row.position}: the private value {ref} was changed"
    for (position,) in await connection.fetch(_SHOWN_DIFFERENTLY, tenant):
        yield f"position {position}: what is shown of it does not match its body"
    # Head and last row in one statement: both may have grown since the rows above were read.
    [said] = await connection.fetch(_HEAD_AND_LAST, tenant)
    head, last = tuple(said[:2]), (said[2] or 0, said[3] or first_hash(tenant))
    if head != last:
        yield f"the head says position {head[0]}, the last row is {last[0]}"


async def _kept_digests(
    connection: asyncpg.Connection, tenant: UUID, rows: Sequence[Row]
) -> dict[UUID, str]:
    """Return the digest of each private value of these rows as it is kept now."""
    refs = [ref for row in rows for ref, _ in private_digests(row)]
    kept = await connection.fetch(_PRIVATE, tenant, refs)
    return {ref: digest(salt, value) for ref, salt, value in kept}


async def place_of(connection: Connection, tenant: UUID, after: str | None, path: Path) -> Cursor:
    """Return the place a subscription starts after: a known cursor, or the present end.

    Raises CursorUnknown for a cursor whose row is not in this journal.
    """
    if after is None:
        [head] = await connection.fetch(
            "select position, substring(hash, 1, 8) from journal_head where tenant_id = $1", tenant
        )
        return Cursor(*head)
    cursor = Cursor.parse(after, path)
    if cursor == Cursor(0, first_hash(tenant)[:8]):
        return cursor
    known = await connection.fetchval(
        "select substring(hash, 1, 8) from journal where tenant_id = $1 and position = $2",
        tenant,
        cursor.position,
    )
    if known != cursor.hash_start:
        raise CursorUnknown(path=path)
    return cursor
