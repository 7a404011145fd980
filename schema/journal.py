"""The journal as clients see it: entries with what changed, as history and as live events."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.entities import shows
from schema.identity import User
from schema.scalars import Cursor

if TYPE_CHECKING:
    from schema.documents import Document
    from schema.inbox import InboxItem
    from schema.numbering import NumberSeries


@shows("journal_change")
@strawberry.type(description="One field before and after an event.")
class Change:
    """A change."""

    field: str = strawberry.field(description="The field, such as `note` or `lines.1.quantity`.")
    before: str | None = strawberry.field(description="The value before; null: nothing there.")
    after: str | None = strawberry.field(description="The value after; null: nothing there.")
    erased: bool = strawberry.field(
        description="A personal value stood here and was erased; the journal still verifies."
    )


@strawberry.interface(description="What every entry of the journal tells; the same for ever.")
class JournalFacts:
    """Facts of an event."""

    cursor: Cursor = strawberry.field(description="The place in your journal; resume with `after`.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    recorded_at: datetime = strawberry.field(description="When it was written down.")
    type: str = strawberry.field(description="What happened, such as `SalesInvoicePosted`.")
    action: str = strawberry.field(description="The verb, such as `POST`.")
    version: int = strawberry.field(description="The entity's version after the event.")
    kind: str | None = strawberry.field(description="The kind of document, if it is one.")
    state_before: str | None = strawberry.field(description="The state before.")
    state_after: str | None = strawberry.field(description="The state after.")
    reason: str | None = strawberry.field(
        description="Why, where somebody gave a reason: a rejection, a voided number, a reopening."
    )
    actor_id: strawberry.ID = strawberry.field(description="Who did it, `usr_…`.")
    actor: User | None = strawberry.field(description="Who did it; null once erased.")
    entity_id: strawberry.ID = strawberry.field(description="What it happened to.")
    changes: list[Change] = strawberry.field(description="Fields before and after.")


@shows("journal_entry")
@strawberry.type(description="An entry of an entity's history (Verlauf).")
class JournalEntry(JournalFacts):
    """History."""


@shows("journal_entry")
@strawberry.type(description="Something happened to a document.")
class DocumentEvent(JournalFacts):
    """A message of `documentEvents`."""

    document: Annotated["Document", strawberry.lazy("schema.documents")] | None = strawberry.field(
        description="As it is at reading, never older than the event."
    )


@shows("journal_entry")
@strawberry.type(description="Something happened in the inbox.")
class InboxEvent(JournalFacts):
    """A message of `inboxEvents`."""

    inbox_item: Annotated["InboxItem", strawberry.lazy("schema.inbox")] | None = strawberry.field(
        description="As it is at reading, never older than the event."
    )


@shows("journal_entry")
@strawberry.type(description="Something happened to a number series (Nummernkreis).")
class NumberingEvent(JournalFacts):
    """A message of `numberingEvents`."""

    period: str | None = strawberry.field(description="The period of the range, if it is of one.")
    number: str | None = strawberry.field(
        description="The number voided, taken over last, or given last when it runs low."
    )
    remaining: int | None = strawberry.field(
        description="How many numbers are left, when it runs low."
    )
    number_series: Annotated["NumberSeries", strawberry.lazy("schema.numbering")] | None = (
        strawberry.field(description="As it is at reading, never older than the event.")
    )
