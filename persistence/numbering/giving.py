"""Numbers inside a unit of work, taken at its end for all documents together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import case, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.documents.document import Document
from domain.journal import Recorder
from domain.numbering.ranges import (
    NumberOutOfDateOrder,
    NumberRange,
    NumberRangeMissing,
    period_of,
    possible_periods,
    start_of,
    warn_from,
)
from domain.numbering.series import NumberSeries, NumbersWouldRepeat
from domain.numbering.templates import PeriodRule, Template
from domain.problems import Path
from persistence.locks import Lock
from persistence.numbering.tables import (
    number_allocation,
    number_range,
    number_series,
    number_template,
)

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

AT_DOCUMENT = ("input", "id")


def branch_of(document: Document) -> str:
    """Return the branch whose series numbers a document; "" for the company as a whole."""
    return document.branch or ""


def numbered_by(document: Document) -> date:
    """Return the date that decides series, period and order: never the clock."""
    return document.posting_date or document.issue_date


@dataclass(frozen=True, slots=True)
class _Series:
    """What giving needs to know of a series; `opened` are those of its periods that exist."""

    id: UUID
    series: str
    kind: str
    branch: str
    valid_from: date
    period_rule: PeriodRule
    fiscal_year_start_month: int
    opened: list[str]

    def period_of(self, day: date) -> str:
        return period_of(self.period_rule, self.fiscal_year_start_month, day)


class NumberOutlook:
    """How ranges look before they are locked: which of many documents would get no number.

    What it lets pass may still be refused when the numbers are given: that alone is the truth.
    """

    def __init__(
        self,
        series: Sequence[_Series],
        ranges: Mapping[tuple[str, str], NumberRange],
        *,
        accepts_older: bool,
    ) -> None:
        self._series = series
        self._ranges = ranges
        self._taken = dict(ranges)
        self._accepts_older = accepts_older

    def demand(self, document: Document, day: date) -> None:
        """Count a number for a document that is posted on a day.

        Raises NumberRangeMissing, NumberOutOfDateOrder or NumberRangeExhausted.
        """
        series = _chosen(self._series, document, day, AT_DOCUMENT)
        key = series.series, series.period_of(day)
        if key not in self._ranges:
            return  # it is opened with its first number
        newest = self._ranges[key].newest_date
        if not self._accepts_older and newest is not None and day < newest:
            raise _out_of_order(self._ranges[key], AT_DOCUMENT)
        _, self._taken[key] = self._taken[key].take()


_SERIES_FOR = """
select id, series, kind, branch, valid_from, period_rule, fiscal_year_start_month,
  array(select period from number_range r where r.tenant_id = s.tenant_id and r.series_id = s.id
    and r.period = any($3)) as opened
from number_series s where tenant_id = $1 and kind = any($2)
"""


class Numbering:
    """Gives numbers, voids them, and keeps the ledger of both."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work
        self._given: list[dict[str, Any]] = []
        self._older: set[UUID] = set()

    def accept_older_date(self, document: UUID) -> None:
        """Let this document be numbered after one of a later date: somebody confirmed it."""
        self._older.add(document)

    async def give(self, documents: Sequence[Document]) -> list[Recorder]:
        """Give each document the next number of its series and period.

        Returns the series that have to tell that they run low. Raises NumberRangeMissing,
        NumberRangeExhausted or NumberOutOfDateOrder.
        """
        if not documents:
            return []
        known = await self._series_for(documents, {numbered_by(each) for each in documents})
        waiting: dict[tuple[str, str], list[Document]] = defaultdict(list)
        used: dict[str, _Series] = {}
        for each in sorted(documents, key=numbered_by):
            path = self._work.documents.place_of(each.id)
            series = _chosen(known, each, numbered_by(each), path)
            used[series.series] = series
            waiting[series.series, series.period_of(numbered_by(each))].append(each)
        self._work.lock(Lock.NUMBER_RANGES)
        await self._open_missing([(used[series], period) for series, period in waiting])
        low: dict[UUID, Recorder] = {}
        for (name, period), group in sorted(waiting.items(), key=lambda entry: entry[0]):
            counter = await self._advanced(name, period, group)
            before = counter.last
            for each in group:
                each.number, counter = counter.take(self._work.documents.place_of(each.id))
                self._note(counter, each.number, each.id, None)
            if counter.runs_low(before):
                id = used[name].id
                low[id] = await self._telling(id, counter)
        return list(low.values())

    async def outlook(
        self, documents: Sequence[Document], days: Collection[date], *, accepts_older: bool
    ) -> NumberOutlook:
        """Return how the ranges look that may number these documents on these days; no lock."""
        columns, known = number_range.c, await self._series_for(documents, days)
        periods = {period for day in days for period in possible_periods(day)}
        query = select(
            columns.series, columns.period, columns.template, columns.last, columns.newest_date
        ).where(
            columns.tenant_id == self._work.actor.tenant,
            columns.series.in_({each.series for each in known}),
            columns.period.in_(periods),
        )
        ranges = {
            (series, period): NumberRange(
                series, period, Template.kept(template), last, newest_date=newest
            )
            for series, period, template, last, newest in await self._work.session.execute(query)
        }
        return NumberOutlook(known, ranges, accepts_older=accepts_older)

    async def void(self, series: NumberSeries, range: NumberRange, reason: str) -> str:
        """Take the next number of a locked range for nothing, and return it."""
        number, taken = range.take()
        await self._work.session.execute(
            update(number_range).where(*self._key(range)).values(last=taken.last)
        )
        self._note(taken, number, None, reason)
        series.voided(range.period, number, reason)
        if taken.runs_low(range.last):
            series.runs_low(taken)
        return number

    async def note_allocations(self) -> None:
        """Write the ledger, once the documents carry their numbers."""
        if self._given:
            await self._work.session.execute(insert(number_allocation), self._given)

    def _note(
        self, range: NumberRange, number: str, document: UUID | None, reason: str | None
    ) -> None:
        self._given.append(
            {
                "tenant_id": self._work.actor.tenant,
                "series": range.series,
                "number": number,
                "period": range.period,
                "counter": range.last,
                "document_id": document,
                "allocated_at": self._work.now,
                "voided_reason": reason,
            }
        )
        # The last guard behind the check of templates: the database keeps every number once.
        repeats = NumbersWouldRepeat(template=range.template.text, path=AT_DOCUMENT)
        self._work.refuse({"pk_number_allocation": repeats, "uq_document_number": repeats})

    async def _series_for(
        self, documents: Iterable[Document], days: Collection[date]
    ) -> list[_Series]:
        """Return every series that may number documents on these days, by one statement."""
        periods = {period for day in days for period in possible_periods(day)}
        driver = await self._work.driver()
        kinds = {each.kind for each in documents}
        rows = await driver.fetch(_SERIES_FOR, self._work.actor.tenant, kinds, periods)
        return [_Series(**{**row, "period_rule": PeriodRule(row["period_rule"])}) for row in rows]

    async def _advanced(self, name: str, period: str, group: list[Document]) -> NumberRange:
        """Lock the range and move it on in one statement; return it as it was before.

        The date is looked at by the same statement: whoever waited for another posting sees the
        date of that one. A cancellation keeps the posting date of its original and comes after it
        by its nature, so nobody is asked.
        """
        dates = [numbered_by(each) for each in group]
        asked = [numbered_by(each) for each in group if self._asks(each)]
        columns, count = number_range.c, len(group)
        in_order = or_(columns.newest_date.is_(None), columns.newest_date <= min(asked or dates))
        moved = (
            update(number_range)
            .where(*self._key(NumberRange(name, period, Template("", 0))))
            .where(in_order if asked else literal(True))
            .values(
                last=columns.last + count,
                newest_date=func.greatest(columns.newest_date, max(dates)),
            )
            .returning(columns.template, columns.last - count, columns.warn_from)
        )
        row = (await self._work.session.execute(moved)).one_or_none()
        if row is None:
            oldest = min((each for each in group if self._asks(each)), key=numbered_by)
            raise await self._out_of_order(name, period, self._work.documents.place_of(oldest.id))
        template, last, warned_from = row
        return NumberRange(name, period, Template.kept(template), last, warn_from=warned_from)

    def _asks(self, document: Document) -> bool:
        return document.id not in self._older and not document.is_cancellation

    async def _out_of_order(self, name: str, period: str, path: Path) -> NumberOutOfDateOrder:
        columns = number_range.c
        query = select(columns.template, columns.last, columns.newest_date).where(
            columns.tenant_id == self._work.actor.tenant,
            columns.series == name,
            columns.period == period,
        )
        template, last, newest = (await self._work.session.execute(query)).one()
        return _out_of_order(
            NumberRange(name, period, Template.kept(template), last, newest_date=newest), path
        )

    async def _open_missing(self, wanted: Iterable[tuple[_Series, str]]) -> None:
        """Open ranges before any is locked, so that all lock series first and ranges then."""
        missing = [(series, period) for series, period in wanted if period not in series.opened]
        for series, period in sorted(missing, key=lambda pair: (pair[0].id, pair[1])):
            await self.open(series.id, period)

    async def open(self, series_id: UUID, period: str) -> None:
        """Open the range of a period unless it is there, with the template of its first day.

        The share lock waits for whoever changes the series right now.
        """
        columns, tenant = number_series.c, self._work.actor.tenant
        query = (
            select(
                columns.series,
                columns.kind,
                columns.period_rule,
                columns.fiscal_year_start_month,
                columns.warn_at_remaining,
            )
            .where(columns.tenant_id == tenant, columns.id == series_id)
            .with_for_update(read=True)
        )
        row = (await self._work.session.execute(query)).one()
        start = start_of(row.period_rule, row.fiscal_year_start_month, period)
        template = await self._template(series_id, start)
        new = upsert(number_range).values(
            tenant_id=tenant,
            series=row.series,
            period=period,
            series_id=series_id,
            kind=row.kind,
            template=template.text,
            last=0,
            warn_from=warn_from(template, row.warn_at_remaining),
        )
        await self._work.session.execute(new.on_conflict_do_nothing())

    async def _template(self, series_id: UUID, start: date) -> Template:
        """Return the template of a period that starts on a day, else the oldest there is."""
        columns = number_template.c
        is_later = columns.valid_from > literal(start, columns.valid_from.type)
        query = (
            select(columns.template)
            .where(columns.tenant_id == self._work.actor.tenant, columns.series_id == series_id)
            .order_by(is_later, case((is_later, columns.valid_from)), columns.valid_from.desc())
            .limit(1)
        )
        text: str = (await self._work.session.execute(query)).scalar_one()
        return Template.kept(text)

    async def _telling(self, series_id: UUID, range: NumberRange) -> NumberSeries:
        series = await self._work.session.get_one(
            NumberSeries, (self._work.actor.tenant, series_id)
        )
        series.runs_low(range)
        return series

    def _key(self, range: NumberRange) -> tuple[Any, ...]:
        columns = number_range.c
        return (
            columns.tenant_id == self._work.actor.tenant,
            columns.series == range.series,
            columns.period == range.period,
        )


def _out_of_order(range: NumberRange, path: Path) -> NumberOutOfDateOrder:
    return NumberOutOfDateOrder(
        series=range.series,
        number=range.number(range.last),
        date=str(range.newest_date),
        path=path,
    )


def _chosen(known: Iterable[_Series], document: Document, day: date, path: Path) -> _Series:
    """Return the series of the document's branch, else that of all; the newest that has begun."""
    branch = branch_of(document)
    fitting = [
        each
        for each in known
        if each.kind == document.kind and each.branch in (branch, "") and each.valid_from <= day
    ]
    if not fitting:
        raise NumberRangeMissing(series=document.definition.series, path=path)
    return max(fitting, key=lambda each: (each.branch == branch, each.valid_from))
