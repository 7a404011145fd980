"""Counts by facet, and statistics."""

import datetime
from dataclasses import asdict
from typing import Annotated

import strawberry

from domain.documents.figures import Figure, GroupBy, Summed, states_that_count
from domain.documents.kinds import State
from persistence.documents.figures import Count, facets_of, sums_of
from resolvers.context import Context, Info
from resolvers.documents.queries import conditions_of
from resolvers.fields import read
from resolvers.identity import READ_SCOPES
from resolvers.paging import conditions_and_values
from schema.documents import DocumentKind
from schema.documents.figures import DocumentFacets, DocumentSum, FacetCount
from schema.documents.filters import DocumentFilter
from schema.paging import WHICH

_FACETS = ("kind", "state", "month", "answer", "payment_blocked", "partner", "responsible")

From = Annotated[datetime.date, strawberry.argument(name="from", description="First day of issue.")]
To = Annotated[datetime.date, strawberry.argument(description="Last day of issue.")]
Kinds = Annotated[
    list[DocumentKind] | None,
    strawberry.argument(
        description="Which kinds; all that you may read if left out. Revenue is right only with"
        " invoices and credit notes."
    ),
]
States = Annotated[
    list[State] | None,
    strawberry.argument(description="Which states; POSTED if left out, all when grouped by STATE."),
]
By = Annotated[GroupBy, strawberry.argument(description="By what.")]


@strawberry.type
class FigureQueries:
    """Figures over documents."""

    @read(
        any_of=READ_SCOPES,
        description="What a list of documents holds, counted by kind, state, month, partner and so"
        " on: the choices beside a list on a screen.",
    )
    async def document_facets(
        self, info: Info, filter: Annotated[DocumentFilter | None, WHICH] = None
    ) -> DocumentFacets:
        """Count."""
        context: Context = info.context
        found = await facets_of(context.snapshot, *conditions_and_values(conditions_of(filter)))
        counts = {name: _shown(found.counts.get(name, [])) for name in _FACETS}
        return DocumentFacets(**counts, total=found.total, is_capped=found.is_capped)

    @read(
        any_of=READ_SCOPES,
        description="Sums and counts of documents by month, kind, state, partner or who looks after"
        " them, for dashboards; at most 500 groups. Each figure has rows of its own: sales revenue"
        " is invoices less credit notes, and orders, offers or payments are never added to it."
        " Prepayments that a final invoice deducts count once. In your company's currency.",
    )
    async def document_statistics(
        self,
        info: Info,
        from_: From,
        to: To,
        group_by: By,
        kinds: Kinds = None,
        states: States = None,
    ) -> list[DocumentSum]:
        """Sum up."""
        context: Context = info.context
        wanted = None if kinds is None else {kind.value for kind in kinds}
        readable = context.actor.readable_kinds
        asked = Summed(
            kinds=tuple(kind for kind in readable if wanted is None or kind in wanted),
            states=states_that_count(group_by) if states is None else tuple(states),
            issued_from=from_,
            issued_to=to,
        )
        sums = await sums_of(context.snapshot, asked.checked(), group_by)
        return [DocumentSum(**{**asdict(each), "figure": Figure(each.figure)}) for each in sums]


def _shown(counts: list[Count]) -> list[FacetCount]:
    return [FacetCount(**asdict(each)) for each in counts]
