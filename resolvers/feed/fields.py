"""Root subscription fields. A resolver returns a Stream: which events, and from where on."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry

from domain.feed import EventFilter
from resolvers.context import Info
from resolvers.fields import live, read
from resolvers.identity import READ_SCOPES
from resolvers.inbox import INBOX_READ
from schema.feed import DocumentEventFilter, InboxEventFilter, NumberingEventFilter
from schema.imports import JobProgress
from schema.journal import DocumentEvent, InboxEvent, NumberingEvent
from schema.node import Id, split_id, uuid_to_find
from schema.paging import WHICH, After
from schema.scalars import Cursor


@dataclass(frozen=True, slots=True)
class Stream(AsyncIterable[Any]):
    """What a subscription follows: events that pass a filter, after a cursor or from now on.

    graphql-core wants something to iterate over; groups tell the events instead, to all at once.
    """

    filter: EventFilter
    after: str | None

    def __aiter__(self) -> AsyncIterator[Any]:
        """Nobody iterates. Raises TypeError."""
        raise TypeError("a Stream is told by resolvers.feed.groups")


@strawberry.type
class FeedQueries:
    """Where the feed stands."""

    @read(
        any_of=READ_SCOPES,
        description="The present end of your journal. Read it with your first lists, then subscribe"
        " with `after`: what happens from there on reaches you, without a gap.",
    )
    async def latest_cursor(self, info: Info) -> Cursor:
        """Read the head of the journal, in the snapshot of the whole operation."""
        return Cursor(await info.context.snapshot.latest_cursor())


@strawberry.type
class Subscriptions:
    """What can be followed."""

    @live(
        any_of=READ_SCOPES,
        description="Every event of documents, once, in commit order. Resume with `after`.",
    )
    def document_events(
        self,
        info: Info,
        filter: Annotated[DocumentEventFilter | None, WHICH] = None,
        after: After = None,
    ) -> AsyncGenerator[DocumentEvent, None]:
        """Follow documents."""
        wanted = filter or DocumentEventFilter()
        document = None if wanted.document is None else uuid_to_find("doc", wanted.document)
        return Stream(  # type: ignore[return-value]
            EventFilter(
                "document",
                document,
                tuple(kind.value for kind in wanted.kind.in_) if wanted.kind else None,
                tuple(action.value for action in wanted.action.in_) if wanted.action else None,
            ),
            after,
        )

    @live(
        any_of=INBOX_READ,
        description="Every event of the inbox, once, in commit order. Resume with `after`.",
    )
    def inbox_events(
        self,
        info: Info,
        filter: Annotated[InboxEventFilter | None, WHICH] = None,
        after: After = None,
    ) -> AsyncGenerator[InboxEvent, None]:
        """Follow the inbox."""
        wanted = filter.inbox_item if filter else None
        item = None if wanted is None else uuid_to_find("inb", wanted)
        return Stream(EventFilter("inbox_item", item), after)  # type: ignore[return-value]

    @live(
        any_of=READ_SCOPES,
        description="Every event of number series, once, in commit order, such as"
        " `NumberRangeRunningLow` before a range ends. Resume with `after`.",
    )
    def numbering_events(
        self,
        info: Info,
        filter: Annotated[NumberingEventFilter | None, WHICH] = None,
        after: After = None,
    ) -> AsyncGenerator[NumberingEvent, None]:
        """Follow number series."""
        wanted = filter or NumberingEventFilter()
        series = None if wanted.series is None else uuid_to_find("nsr", wanted.series)
        return Stream(  # type: ignore[return-value]
            EventFilter(
                "number_series",
                series,
                tuple(kind.value for kind in wanted.kind.in_) if wanted.kind else None,
                tuple(action.value for action in wanted.action.in_) if wanted.action else None,
            ),
            after,
        )

    @live(
        any_of=READ_SCOPES,
        description="The progress of an import or of a job over documents, once per part at the"
        " most, to its end: `ImportFinished`, `ImportCancelled` or `ImportFailed`, and"
        " `DocumentJobFinished`, `DocumentJobCancelled` or `DocumentJobFailed`. Resume with"
        " `after`.",
    )
    def job_progress(
        self, info: Info, id: Id, after: After = None
    ) -> AsyncGenerator[JobProgress, None]:
        """Follow an import, or a job over documents."""
        prefix, _ = split_id(id) or ("", None)
        followed = ("job", "document_job") if prefix == "job" else ("imp", "import_run")
        filter = EventFilter(followed[1], uuid_to_find(followed[0], id))
        return Stream(filter, after)  # type: ignore[return-value]
