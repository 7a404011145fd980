"""Search over documents, partners and items: lists by relevance, without pages."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from domain.requests import PageSizeOutOfRange
from persistence.reading.rows import Row
from persistence.reading.shape import Source
from persistence.search import Hit, Searched, search_documents, search_items, search_partners
from resolvers.context import Context, Info
from resolvers.documents.queries import conditions_of
from resolvers.fields import read
from resolvers.identity import READ_SCOPES
from resolvers.paging import conditions_and_values
from schema.documents.filters import DocumentFilter
from schema.paging import WHICH
from schema.search import (
    HITS_DEFAULT,
    HITS_MAX,
    DocumentHit,
    Hits,
    ItemHit,
    PartnerHit,
    SearchText,
)

LOOKED_AT_MAX = 1_000
"""How many hits are held against a filter; the newest of them where more fit."""


@strawberry.type
class SearchQueries:
    """Searching."""

    @read(
        any_of=READ_SCOPES,
        description="Documents that fit a text best: by number, parties, goods and texts. With a"
        " filter, the best 1,000 hits are looked at.",
    )
    async def search_documents(
        self,
        info: Info,
        text: SearchText,
        filter: Annotated[DocumentFilter | None, WHICH] = None,
        first: Hits = HITS_DEFAULT,
    ) -> list[DocumentHit]:
        """Search documents."""
        check_hits(first)
        context: Context = info.context
        given = {each: value for each, value in conditions_of(filter).items() if value is not None}
        readable = context.actor.readable_kinds
        kinds = given.pop(("kind", "any"), readable)
        among = Searched(
            [kind for kind in readable if kind in kinds],  # type: ignore[operator]
            partner=given.pop(("partner_id", "="), None),  # type: ignore[arg-type]
            issued_from=given.pop(("issue_date", ">="), None),  # type: ignore[arg-type]
            issued_to=given.pop(("issue_date", "<="), None),  # type: ignore[arg-type]
        )
        size = LOOKED_AT_MAX if given else first
        hits = await search_documents(context.snapshot, text, among, size)
        rows = await _rows(context, "document", "doc", hits, given)
        return [DocumentHit(rank=rank, document=row) for rank, row in rows[:first]]  # type: ignore[arg-type]

    @read(
        any_of=READ_SCOPES,
        description="Partners that fit a text best: by number, name, contacts and addresses.",
    )
    async def search_partners(
        self, info: Info, text: SearchText, first: Hits = HITS_DEFAULT
    ) -> list[PartnerHit]:
        """Search partners."""
        check_hits(first)
        context: Context = info.context
        hits = await search_partners(context.snapshot, text, first)
        rows = await _rows(context, "partner", "par", hits, {})
        return [PartnerHit(rank=rank, partner=row) for rank, row in rows]  # type: ignore[arg-type]

    @read(
        any_of=READ_SCOPES,
        description="Items that fit a text best: by number, name, group and suppliers' numbers.",
    )
    async def search_items(
        self, info: Info, text: SearchText, first: Hits = HITS_DEFAULT
    ) -> list[ItemHit]:
        """Search items."""
        check_hits(first)
        context: Context = info.context
        hits = await search_items(context.snapshot, text, first)
        rows = await _rows(context, "item", "itm", hits, {})
        return [ItemHit(rank=rank, item=row) for rank, row in rows]  # type: ignore[arg-type]


def check_hits(first: int) -> None:
    """Raise PageSizeOutOfRange for more hits than a list by relevance has."""
    if not 1 <= first <= HITS_MAX:
        raise PageSizeOutOfRange(size_max=HITS_MAX, path=("first",))


async def _rows(
    context: Context,
    entity: str,
    prefix: str,
    hits: Sequence[Hit],
    conditions: dict[tuple[str, str], object],
) -> list[tuple[float, Row]]:
    """Return rank and row of each hit that meets the conditions, the best first."""
    if not hits:
        return []
    wanted = {("id", "any"): [hit.id for hit in hits], **conditions}
    source = Source(entity, *conditions_and_values(wanted))
    rows = {row.__dict__["id"]: row for row in await context.snapshot.rows(source, {})}
    found = ((hit.rank, rows.get(f"{prefix}_{hit.id}")) for hit in hits)
    return [(rank, row) for rank, row in found if row is not None]
