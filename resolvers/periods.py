"""Accounting periods: what is closed, what to look at before closing; close and reopen."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from domain.documents.kinds import KINDS, State
from domain.periods import PeriodArea, area_of
from persistence.reading.shape import Condition, Single
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.documents.billing import First as PageSize
from resolvers.documents.billing import open_deliveries_of
from resolvers.fields import read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.documents import Document
from schema.documents.billing import OpenDeliveries
from schema.documents.filters import DocumentSort
from schema.entities import RequiresScope
from schema.paging import After, Before, Connection, First, Last
from schema.periods import (
    ClosePeriodInput,
    ClosePeriodPayload,
    PeriodLock,
    ReopenPeriodInput,
    ReopenPeriodPayload,
)

UNFINISHED = (State.DRAFT, State.PENDING, State.APPROVED, State.REJECTED)
LOOK = (*READ_SCOPES, "periods:close", "periods:reopen")


@strawberry.type(
    description="What to look at before a period is closed; all lists should be empty."
)
class PeriodChecklist:
    """A list of each sort of loose end."""

    area: strawberry.Private[PeriodArea]
    until: strawberry.Private[date]

    @strawberry.field(
        description="Documents dated up to that day that are neither posted nor discarded, oldest"
        " first. Once the period is closed they need another date."
    )
    def drafts(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Document]:
        """List unfinished documents."""
        conditions = {
            ("kind", "any"): [kind.name for kind in KINDS.values() if area_of(kind) is self.area],
            ("state", "any"): [state.value for state in UNFINISHED],
            ("issue_date", "<="): self.until,
        }
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("document", DocumentSort.ISSUE_DATE_OLDEST, conditions, page)  # type: ignore[return-value]

    @strawberry.field(
        description="Deliveries up to that day that no invoice covers; null for other areas than"
        " SALES. `unbilledDeliveries` goes on with them.",
        directives=[RequiresScope(any_of=["sales:read"])],
    )
    async def unbilled_deliveries(self, info: Info, first: PageSize = 50) -> OpenDeliveries | None:
        """List unbilled deliveries."""
        if self.area is not PeriodArea.SALES:
            return None
        return await open_deliveries_of(info.context, "DELIVERY_NOTE", self.until, None, first)

    @strawberry.field(
        description="Receipts up to that day without an invoice; null for other areas than"
        " PURCHASE. `receivedNotInvoiced` goes on with them.",
        directives=[RequiresScope(any_of=["purchase:read"])],
    )
    async def received_not_invoiced(
        self, info: Info, first: PageSize = 50
    ) -> OpenDeliveries | None:
        """List receipts without invoice."""
        if self.area is not PeriodArea.PURCHASE:
            return None
        return await open_deliveries_of(info.context, "GOODS_RECEIPT", self.until, None, first)


@strawberry.type
class PeriodQueries:
    """Reading periods."""

    @read(any_of=LOOK, description="Up to which day an area is closed (Periodensperre).")
    def period_lock(
        self,
        info: Info,
        area: Annotated[PeriodArea, strawberry.argument(description="Which area.")],
    ) -> PeriodLock | None:
        """Read one lock."""
        wanted = (Condition("area", "=", "area"),)
        return Single("period_lock", wanted, {"area": area.value})  # type: ignore[return-value]

    @read(any_of=LOOK, description="What to look at before closing a period (Prüfliste).")
    def period_checklist(
        self,
        info: Info,
        area: Annotated[PeriodArea, strawberry.argument(description="What is to be closed.")],
        until: Annotated[date, strawberry.argument(description="The last day to close.")],
    ) -> PeriodChecklist:
        """Make the check list."""
        return PeriodChecklist(area=area, until=until)


@strawberry.type
class PeriodMutations:
    """Closing and reopening."""

    @write(
        ClosePeriodPayload,
        any_of=("periods:close",),
        description="Close an area up to a day (Periode abschließen): nothing is posted into it.",
    )
    async def close_period(self, work: UnitOfWork, input: ClosePeriodInput) -> UUID:
        """Close."""
        lock = await work.periods.locked(input.area)
        lock.close(input.until, today=await work.tenants.today(), at=work.now)
        return lock.id

    @write(
        ReopenPeriodPayload,
        any_of=("periods:reopen",),
        description="Open closed days again, with the reason.",
    )
    async def reopen_period(self, work: UnitOfWork, input: ReopenPeriodInput) -> UUID:
        """Reopen."""
        lock = await work.periods.locked(input.area)
        lock.reopen(input.until, input.reason, at=work.now)
        return lock.id
