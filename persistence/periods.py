"""Which periods are closed: table, repository and readable view."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import Column, Date, UniqueConstraint, select

from domain.documents.document import Document
from domain.payments import Allocation, areas_of, date_settled, date_undone
from domain.payments.dating import Closed
from domain.periods import PeriodArea, PeriodLock, area_of, check_period
from persistence.catalog import identity, moment, tenant_table, version
from persistence.locks import Lock
from persistence.mapping import EnumText, mapper
from persistence.reading.views import Relation, View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

accounting_period_lock = tenant_table(
    "accounting_period_lock",
    identity(),
    Column("area", EnumText(PeriodArea), nullable=False),
    Column("closed_until", Date),
    moment("updated_at"),
    version(),
    UniqueConstraint("tenant_id", "area"),
)
"""One row for each area from a company's start: what is not there cannot be locked."""

mapper.map_imperatively(
    PeriodLock, accounting_period_lock, version_id_col=accounting_period_lock.c.version
)

readable(
    View(
        "period_lock",
        accounting_period_lock,
        prefix="prd",
        relations={
            "history": Relation("journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST")
        },
    )
)


_LOCK_SHARED = """
select area, closed_until from accounting_period_lock
where tenant_id = $1 and area = any($2) order by area for share
"""


class Periods:
    """Periods inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    async def demand_open(
        self, posted: Collection[Document], allocations: Collection[Allocation] = ()
    ) -> None:
        """Raise PeriodClosed if one of these documents is posted into a closed period.

        Allocations that are made or taken back are dated, into what is open. The shared lock is
        held to the commit: who closes waits for us, and we for who closes.
        """
        if not posted and not allocations:
            return
        self._work.lock(Lock.PERIODS)
        driver, tenant = await self._work.driver(), self._work.actor.tenant
        areas = {area_of(each.definition) for each in posted}
        areas.update(*(areas_of(each) for each in allocations))
        rows = await driver.fetch(_LOCK_SHARED, tenant, [area.value for area in areas])
        closed = {PeriodArea(area): until for area, until in rows}
        for each in posted:
            until = closed[area_of(each.definition)]
            each.move_cancellation_after(until)
            path = self._work.documents.place_of(each.id)
            check_period(until, each.posting_date or each.issue_date, path)
        if allocations:
            await self._date(allocations, posted, closed)

    async def closed(self) -> Closed:
        """Return up to when each area is closed, as it looks without a lock."""
        columns = accounting_period_lock.c
        query = select(columns.area, columns.closed_until)
        rows = await self._work.session.execute(
            query.where(columns.tenant_id == self._work.actor.tenant)
        )
        return {row.area: row.closed_until for row in rows}

    async def _date(
        self, allocations: Collection[Allocation], posted: Collection[Document], closed: Closed
    ) -> None:
        """Say from when to when allocations count."""
        today = await self._work.tenants.today()
        cancelled_by = {each.cancels_id: each for each in posted if each.cancels_id is not None}
        undone = [each for each in allocations if each.undone_at is not None]
        for each in undone:
            by = cancelled_by.get(each.payment_id) or cancelled_by.get(each.document_id)
            date_undone(each, by, closed, today=today)
        made = [each for each in allocations if each.undone_at is None]
        days = await self._work.payments.last_undone(
            {side.id for each in made for side in each.sides}
        )
        for each in made:
            sides = {each.payment_id, each.document_id}
            earlier = [days[side] for side in sides if side in days]
            earlier += [
                one.undone_on
                for one in undone
                if one.undone_on is not None and sides & {one.payment_id, one.document_id}
            ]
            date_settled(each, earlier, closed, today=today)

    async def locked(self, area: PeriodArea) -> PeriodLock:
        """Return an area's lock for a change; postings of it wait."""
        self._work.lock(Lock.PERIODS)
        query = select(PeriodLock).where(
            accounting_period_lock.c.tenant_id == self._work.actor.tenant,
            accounting_period_lock.c.area == area,
        )
        return (await self._work.session.scalars(query.with_for_update())).one()
