"""The flow of a document (Belegfluss): all it was made of, and all that was made of it."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.kinds import State
from persistence.reading.statement import TENANT, Statement

if TYPE_CHECKING:
    from persistence.database import Snapshot

DISTANCE_MAX = 50
DOCUMENTS_MAX = 1_000

_ROOT = "root"

_FLOW = f"""
with recursive up(id, distance) as (
  select $2::uuid, 0
  union
  select above.id, up.distance - 1 from up cross join lateral (
    select l.source_document_id as id from document_line l
    where l.tenant_id = $1 and l.document_id = up.id and l.source_document_id is not null
    union
    select d.cancels_id from document d
    where d.tenant_id = $1 and d.id = up.id and d.cancels_id is not null
    union
    select a.document_id from payment_allocation a
    where a.tenant_id = $1 and a.payment_id = up.id and a.undone_at is null
  ) above where up.distance > -{DISTANCE_MAX}
), down(id, distance) as (
  select $2::uuid, 0
  union
  select below.id, down.distance + 1 from down cross join lateral (
    select l.document_id as id from document_line l
    where l.tenant_id = $1 and l.source_document_id = down.id
    union
    select d.id from document d where d.tenant_id = $1 and d.cancels_id = down.id
    union
    select a.payment_id from payment_allocation a
    where a.tenant_id = $1 and a.document_id = down.id and a.undone_at is null
  ) below where down.distance < {DISTANCE_MAX}
), found as (
  select id, min(distance) as distance from (select * from up union select * from down) each
  group by id
)
select d.id, d.kind, d.state, d.number, d.issue_date, f.distance, array(
  select l.source_document_id from document_line l
  where l.tenant_id = $1 and l.document_id = d.id and l.source_document_id is not null
  union
  select d.cancels_id where d.cancels_id is not null
  union
  select a.document_id from payment_allocation a
  where a.tenant_id = $1 and a.payment_id = d.id and a.undone_at is null
) as sources
from found f join document d on d.tenant_id = $1 and d.id = f.id
order by d.issue_date, f.distance, d.id limit {DOCUMENTS_MAX}
"""  # noqa: S608  numbers of our own


@dataclass(frozen=True, slots=True)
class Place:
    """A document in the flow; `distance` is negative upstream and positive downstream."""

    id: UUID
    kind: str
    state: State
    number: str | None
    issue_date: date
    distance: int
    sources: tuple[UUID, ...]


async def flow_of(snapshot: "Snapshot", id: UUID) -> list[Place]:
    """Return the flow of a document, oldest first, at most 1,000 documents of it."""
    rows = await snapshot.fetch(Statement(_FLOW, (TENANT, _ROOT), {}), {_ROOT: id})
    known = {row["id"] for row in rows}
    return [
        Place(
            id=row["id"],
            kind=row["kind"],
            state=State(row["state"]),
            number=row["number"],
            issue_date=row["issue_date"],
            distance=row["distance"],
            sources=tuple(sorted(source for source in row["sources"] if source in known)),
        )
        for row in rows
    ]
