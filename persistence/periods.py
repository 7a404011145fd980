"""Which periods are closed: table, repository and readable view."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import Column, Date, UniqueConstraint, select

from domain.documents.document import Document
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

    async def demand_open(self, posted: Collection[Document]) -> None:
        """Raise PeriodClosed if one of these documents is posted into a closed period.

        The shared lock is held to the commit: who closes waits for us, and we for who closes.
        """
        if not posted:
            return
        self._work.lock(Lock.PERIODS)
        driver, tenant = await self._work.driver(), self._work.actor.tenant
        areas = {area_of(each.definition).value for each in posted}
        closed = dict(await driver.fetch(_LOCK_SHARED, tenant, areas))
        for each in posted:
            until = closed[area_of(each.definition).value]
            each.move_cancellation_after(until)
            check_period(until, each.posting_date or each.issue_date, ("input", "id"))

    async def locked(self, area: PeriodArea) -> PeriodLock:
        """Return an area's lock for a change; postings of it wait."""
        self._work.lock(Lock.PERIODS)
        query = select(PeriodLock).where(
            accounting_period_lock.c.tenant_id == self._work.actor.tenant,
            accounting_period_lock.c.area == area,
        )
        return (await self._work.session.scalars(query.with_for_update())).one()
