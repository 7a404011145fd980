"""Number ranges and the ledger that names the document of every number."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, String, UniqueConstraint, Uuid, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.documents.document import Document
from domain.numbering import NumberRange, NumberRangeMissing, Template
from persistence.catalog import moment, reference, tenant_table
from persistence.documents import document
from persistence.locks import Lock

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

number_range = tenant_table(
    "number_range",
    Column("series", String(40), nullable=False),
    Column("period", String(4), nullable=False),
    Column("template", String(60), nullable=False),
    Column("last", BigInteger, nullable=False),
    key=("series", "period"),
)

number_allocation = tenant_table(
    "number_allocation",
    Column("series", String(40), nullable=False),
    Column("number", String(36), nullable=False),
    Column("document_id", Uuid, nullable=False),
    moment("allocated_at"),
    Column("voided_reason", String(500)),
    reference("document_id", document),
    UniqueConstraint("tenant_id", "document_id"),
    key=("series", "number"),
)


class Numbering:
    """Numbers inside a unit of work, taken at its end for all documents together."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work
        self._given: list[tuple[str, str, UUID]] = []

    async def give(self, documents: Sequence[Document]) -> None:
        """Give each document the next number of its series and posting year.

        Raises NumberRangeMissing or NumberRangeExhausted.
        """
        if not documents:
            return
        waiting: dict[tuple[str, str], list[Document]] = defaultdict(list)
        for each in documents:
            posted = each.posting_date or each.issue_date
            waiting[each.definition.series, str(posted.year)].append(each)
        self._work.lock(Lock.NUMBER_RANGES)
        for (series, period), group in sorted(waiting.items(), key=lambda entry: entry[0]):
            counter = await self._advanced(series, period, len(group))
            for each in group:
                each.number, counter = counter.take()
                self._given.append((series, each.number, each.id))

    async def note_allocations(self) -> None:
        """Write the ledger, once the documents carry their numbers."""
        if self._given:
            await self._work.session.execute(
                insert(number_allocation),
                [
                    {
                        "tenant_id": self._work.actor.tenant,
                        "series": series,
                        "number": number,
                        "document_id": document_id,
                        "allocated_at": self._work.now,
                    }
                    for series, number, document_id in self._given
                ],
            )

    async def _advanced(self, series: str, period: str, count: int) -> NumberRange:
        """Lock the range and move it on in one statement; return it as it was before."""
        moved = (
            update(number_range)
            .where(*self._key(series, period))
            .values(last=number_range.c.last + count)
            .returning(number_range.c.template, number_range.c.last - count)
        )
        row = (await self._work.session.execute(moved)).one_or_none()
        if row is None:
            await self._open(series, period)
            row = (await self._work.session.execute(moved)).one()
        template, last = row
        return NumberRange(series, period, Template.parse(template), last)

    async def _open(self, series: str, period: str) -> None:
        """Open the range of a year like that of the year before it, or else like a later one."""
        template = await self._work.session.scalar(
            select(number_range.c.template)
            .where(
                number_range.c.tenant_id == self._work.actor.tenant, number_range.c.series == series
            )
            .order_by(number_range.c.period > period, number_range.c.period.desc())
            .limit(1)
        )
        if template is None:
            raise NumberRangeMissing(series=series, path=("input", "id"))
        new = upsert(number_range).values(
            tenant_id=self._work.actor.tenant,
            series=series,
            period=period,
            template=template,
            last=0,
        )
        await self._work.session.execute(new.on_conflict_do_nothing())

    def _key(self, series: str, period: str) -> tuple[Any, ...]:
        columns = number_range.c
        return (
            columns.tenant_id == self._work.actor.tenant,
            columns.series == series,
            columns.period == period,
        )
