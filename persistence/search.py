"""Search: what is looked through, kept up to date with every change, and how it is asked.

The vectors stand in tables of their own, one row per document, partner or item, written by a
function of the schema `search` in the transaction of the change. Nothing is written when a document
is posted: its number is found along the ledger of numbers. Asking goes through one function per
entity that belongs to the role neuroerp_search (ARCHITECTURE.md 7).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Column, Date, Index, String, Table, Uuid
from sqlalchemy.dialects.postgresql import TSVECTOR

from domain.documents.document import Document
from domain.documents.kinds import Action
from domain.items import Item
from domain.journal import Recorder
from domain.partners import Partner
from persistence.catalog import reference, tenant_table
from persistence.documents.tables import document
from persistence.items import item
from persistence.partners import partner
from persistence.reading.statement import Statement

if TYPE_CHECKING:
    from persistence.database import Snapshot

QUERY_LENGTH_MAX = 200
"""What is longer is cut: nobody remembers more of a document than that."""


def _searched(table: Table, *more: Column[Any]) -> Table:
    name, key = f"{table.name}_search", f"{table.name}_id"
    return tenant_table(
        name,
        Column(key, Uuid, nullable=False),
        *more,
        Column("vector", TSVECTOR, nullable=False),
        Column("trigram", String(2000), nullable=False),
        reference(key, table),
        Index(f"ix_{name}_vector", "tenant_id", "vector", postgresql_using="gin"),
        Index(
            f"ix_{name}_trigram",
            "tenant_id",
            "trigram",
            postgresql_using="gin",
            postgresql_ops={"trigram": "search.gin_trgm_ops"},
        ),
        key=(key,),
    )


document_search = _searched(
    document,
    Column("kind", String(40), nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("issue_date", Date, nullable=False),
)
partner_search = _searched(partner)
item_search = _searched(item)

_NOTE: dict[type, str] = {
    Document: "select search.note_documents($1, $2)",
    Partner: "select search.note_partners($1, $2)",
    Item: "select search.note_items($1, $2)",
}
_SAYS_SOMETHING_ELSE = {Action.CREATE, Action.UPDATE, Action.AMEND}
"""Actions on a document after which other words find it."""


async def note_searched(driver: Any, tenant: UUID, told: Iterable[Recorder]) -> None:
    """Write down by which words what was changed is found; one statement per entity."""
    changed: dict[type, list[UUID]] = {}
    for each in told:
        if type(each) in _NOTE and _is_found_otherwise(each):
            changed.setdefault(type(each), []).append(each.id)
    for entity, ids in changed.items():
        await driver.execute(_NOTE[entity], tenant, ids)


def _is_found_otherwise(changed: Recorder) -> bool:
    if not isinstance(changed, Document):
        return True
    return any(event.facts["action"] in _SAYS_SOMETHING_ELSE for event in changed.events)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found; the higher the rank, the better it fits."""

    id: UUID
    rank: float


@dataclass(frozen=True, slots=True)
class Searched:
    """Among which documents is looked: kinds the caller may read, a partner, days of issue."""

    kinds: Collection[str]
    partner: UUID | None = None
    issued_from: date | None = None
    issued_to: date | None = None


def searchable(text: str) -> str:
    """Return what can be looked for in a text: no NUL, single blanks, 200 characters.

    >>> searchable("  Hof\\x00 \\n Lindenau ")
    'Hof Lindenau'
    """
    return " ".join(text.replace("\0", " ").split())[:QUERY_LENGTH_MAX]


async def search_documents(
    snapshot: "Snapshot", text: str, among: Searched, hits_max: int
) -> list[Hit]:
    """Return the documents that fit best, the best first."""
    names = ("text", "kinds", "partner", "from", "to", "hits_max")
    statement = Statement(
        "select id, rank from search.documents($1, $2, $3, $4, $5, $6)", names, {}
    )
    values = {
        "kinds": list(among.kinds),
        "partner": among.partner,
        "from": among.issued_from,
        "to": among.issued_to,
    }
    return await _hits(snapshot, statement, text, hits_max, values)


async def search_partners(snapshot: "Snapshot", text: str, hits_max: int) -> list[Hit]:
    """Return the partners that fit best, the best first."""
    statement = Statement("select id, rank from search.partners($1, $2)", ("text", "hits_max"), {})
    return await _hits(snapshot, statement, text, hits_max, {})


async def search_items(snapshot: "Snapshot", text: str, hits_max: int) -> list[Hit]:
    """Return the items that fit best, the best first."""
    statement = Statement("select id, rank from search.items($1, $2)", ("text", "hits_max"), {})
    return await _hits(snapshot, statement, text, hits_max, {})


async def _hits(
    snapshot: "Snapshot", statement: Statement, text: str, hits_max: int, values: dict[str, Any]
) -> list[Hit]:
    wanted = searchable(text)
    if not wanted:
        return []
    found = await snapshot.fetch(statement, {"text": wanted, "hits_max": hits_max, **values})
    return [Hit(row["id"], row["rank"]) for row in found]
