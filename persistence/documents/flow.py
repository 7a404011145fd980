"""The flow of a document (Belegfluss): all it was made of, and all that was made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.documents.kinds import State
from persistence.reading.statement import TENANT, Statement

if TYPE_CHECKING:
    from persistence.database import Snapshot

DISTANCE_MAX = 50
DOCUMENTS_MAX = 1_000

_ROOTS = "roots"

_FLOW = f"""
with recursive up(root, id, distance) as (
  select root, root, 0 from unnest($2::uuid[]) root
  union
  select up.root, above.id, up.distance - 1 from up cross join lateral (
    select l.source_document_id as id from document_line l
    where l.tenant_id = $1 and l.document_id = up.id and l.source_document_id is not null
    union
    select d.cancels_id from document d
    where d.tenant_id = $1 and d.id = up.id and d.cancels_id is not null
    union
    select a.document_id from payment_allocation a
    where a.tenant_id = $1 and a.payment_id = up.id and a.undone_at is null
  ) above where up.distance > -{DISTANCE_MAX}
), down(root, id, distance) as (
  select root, root, 0 from unnest($2::uuid[]) root
  union
  select down.root, below.id, down.distance + 1 from down cross join lateral (
    select l.document_id as id from document_line l
    where l.tenant_id = $1 and l.source_document_id = down.id
    union
    select d.id from document d where d.tenant_id = $1 and d.cancels_id = down.id
    union
    select a.payment_id from payment_allocation a
    where a.tenant_id = $1 and a.document_id = down.id and a.undone_at is null
  ) below where down.distance < {DISTANCE_MAX}
), found as (
  select root, id, min(distance) as distance
  from (select * from up union select * from down) each
  group by root, id
), placed as (
  select f.root, d.id, d.kind, d.state, d.number, d.issue_date, d.cancels_id, f.distance,
    row_number() over (partition by f.root order by d.issue_date, f.distance, d.id) as place
  from found f join document d on d.tenant_id = $1 and d.id = f.id
)
select d.root, d.id, d.kind, d.state, d.number, d.issue_date, d.distance, array(
  select l.source_document_id from document_line l
  where l.tenant_id = $1 and l.document_id = d.id and l.source_document_id is not null
  union
  select d.cancels_id where d.cancels_id is not null
  union
  select a.document_id from payment_allocation a
  where a.tenant_id = $1 and a.payment_id = d.id and a.undone_at is null
) as sources
from placed d where d.place <= {DOCUMENTS_MAX} order by d.root, d.place
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


async def flows_of(snapshot: "Snapshot", ids: Sequence[UUID]) -> list[list[Place]]:
    """Return the flow of each document, oldest first, at most 1,000 documents of each."""
    rows = await snapshot.fetch(Statement(_FLOW, (TENANT, _ROOTS), {}), {_ROOTS: [*ids]})
    found: dict[UUID, list[Any]] = {id: [] for id in ids}
    for row in rows:
        found[row["root"]].append(row)
    return [_places(found[id]) for id in ids]


def _places(rows: Sequence[Any]) -> list[Place]:
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
