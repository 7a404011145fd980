"""Accounting periods: what is closed, and what to look at before closing."""

from datetime import date, datetime

import strawberry

from domain.periods import PeriodArea as DomainPeriodArea
from schema.entities import shows
from schema.enums import described
from schema.journal import JournalEntry
from schema.mutations import key_field, payload
from schema.node import Node
from schema.paging import paged

PeriodArea = described(
    DomainPeriodArea,
    "PeriodArea",
    "What is closed apart from the others.",
    SALES="Documents of sales (Verkauf).",
    PURCHASE="Documents of purchasing (Einkauf).",
    PAYMENTS="Payments (Zahlungen).",
)


@shows("period_lock")
@strawberry.type(description="Up to which day an area is closed (Periodensperre).")
class PeriodLock(Node):
    """A lock."""

    area: DomainPeriodArea = strawberry.field(description="What is closed.")
    closed_until: date | None = strawberry.field(
        description="The last day that takes no posting any more; null: nothing is closed."
    )
    updated_at: datetime = strawberry.field(description="When it was closed or reopened last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "Who closed and reopened it, oldest first.")


@strawberry.input(description="A period to close (Periode abschließen).")
class ClosePeriodInput:
    """Close."""

    area: DomainPeriodArea = strawberry.field(description="What to close.")
    until: date = strawberry.field(description="The last day to close; today at the latest.")
    idempotency_key: str = key_field()


@strawberry.input(description="A period to reopen.")
class ReopenPeriodInput:
    """Reopen."""

    area: DomainPeriodArea = strawberry.field(description="What to reopen.")
    until: date | None = strawberry.field(
        default=None, description="The last day that stays closed; none if left out."
    )
    reason: str = strawberry.field(description="Why, for the journal; required.")
    idempotency_key: str = key_field()


ClosePeriodPayload = payload("ClosePeriod", period_lock=PeriodLock)
ReopenPeriodPayload = payload("ReopenPeriod", period_lock=PeriodLock)
