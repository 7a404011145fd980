"""Series inside a unit of work: open one, change it, take a counter over, void a number."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.numbering.ranges import NumberRange, checked_period
from domain.numbering.series import (
    PROOF_LENGTH_MAX,
    REASON_LENGTH_MAX,
    DuplicateNumberSeries,
    NumberBelongsToDocument,
    NumberNotNext,
    NumberSeries,
    SeriesChange,
    SeriesDraft,
    TemplateSince,
    any_period,
    checked_hash,
)
from domain.numbering.templates import Template
from domain.problems import NotFound
from domain.text import checked_text
from persistence.locks import Lock
from persistence.numbering.tables import (
    RANGE_COLUMNS,
    number_allocation,
    number_range,
    number_series,
    number_template,
    range_of,
)

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork


class SeriesBook:
    """The series of a company. Whoever changes one holds all of its kind, so that no two agree."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work
        self._telling: list[NumberSeries] = []

    def _held(self, series: NumberSeries) -> NumberSeries:
        """Keep hold of a series: the session forgets what did not change, events and all."""
        self._telling.append(series)
        return series

    async def create(self, draft: SeriesDraft) -> NumberSeries:
        """Open a new series. Raises DuplicateNumberSeries or what the series itself refuses."""
        self._work.lock(Lock.NUMBER_RANGES)
        others = await self._locked_kind(draft.kind)
        series = NumberSeries(
            id=self._work.new_id(),
            tenant_id=self._work.actor.tenant,
            draft=draft,
            others=await self._layouts(others),
        )
        duplicate = DuplicateNumberSeries(series=series.series, path=("input", "series"))
        names = ("tenant_id_series", "tenant_id_kind_branch_valid_from")
        self._work.add(series, refused_by={f"uq_number_series_{name}": duplicate for name in names})
        self._work.add(TemplateSince(series))
        return self._held(series)

    async def change(self, id: UUID, expected_version: int, change: SeriesChange) -> NumberSeries:
        """Change how a series looks. Raises NotFound, VersionConflict or what it refuses."""
        kind = (await self.found(id)).kind
        self._work.lock(Lock.NUMBER_RANGES)
        of_kind = await self._locked_kind(kind)
        [series] = [each for each in of_kind if each.id == id]
        self._work.expect_version(series.version, expected_version)
        before = await self._locked_ranges(series)
        changed = series.change(
            change,
            ranges=before,
            others=await self._layouts(each for each in of_kind if each is not series),
            at=self._work.now,
        )
        for old, new in zip(before, changed, strict=True):
            if old != new:
                await self._keep(new)
        await self._keep_template(series)
        return self._held(series)

    async def take_over(
        self, id: UUID, period: str, last_used: int, proof: str, file_hash: str | None
    ) -> NumberSeries:
        """Let a range go on after the numbers of another system, with what proves them.

        Raises NotFound, PeriodUnknown, NumberRangeInUse or LastUsedOutOfRange.
        """
        series = await self.found(id)
        proof = checked_text(proof, PROOF_LENGTH_MAX, ("input", "proof"))
        file_hash = checked_hash(file_hash, ("input", "fileHash"))
        range = await self._locked_range(series, self._period(series, period))
        taken = range.taking_over(last_used, ("input", "period"))
        await self._keep(
            taken,
            taken_over_at=self._work.now,
            taken_over_proof=proof,
            taken_over_hash=file_hash,
        )
        series.taken_over(taken, proof, file_hash)
        return self._held(series)

    async def void(self, id: UUID, day: date, reason: str, number: str | None) -> NumberSeries:
        """Take the next number of a day's period for nothing; `number` says which it should be.

        Raises NotFound, NumberBelongsToDocument, NumberNotNext or NumberRangeExhausted.
        """
        series = await self.found(id)
        reason = checked_text(reason, REASON_LENGTH_MAX, ("input", "reason"))
        range = await self._locked_range(series, series.period_of(day))
        if number is not None and number != range.next_number:
            if await self._is_of_document(series, number):
                raise NumberBelongsToDocument(number=number[:60], path=("input", "number"))
            raise NumberNotNext(
                number=number[:60],
                next_number=range.next_number or "–",
                path=("input", "number"),
            )
        await self._work.numbering.void(series, range, reason)
        return self._held(series)

    async def found(self, id: UUID) -> NumberSeries:
        """Return a series of a kind the actor may read. Raises NotFound."""
        query = select(NumberSeries).where(
            number_series.c.tenant_id == self._work.actor.tenant,
            number_series.c.id == id,
            number_series.c.kind.in_(self._work.actor.readable_kinds),
        )
        found = await self._work.session.scalar(query)
        if found is None:
            raise NotFound(entity="NumberSeries", id=f"nsr_{id}", path=("input", "id"))
        return found

    @staticmethod
    def _period(series: NumberSeries, period: str) -> str:
        return checked_period(
            series.series,
            series.period_rule,
            series.fiscal_year_start_month,
            period,
            ("input", "period"),
        )

    async def _locked_kind(self, kind: str) -> Sequence[NumberSeries]:
        query = (
            select(NumberSeries)
            .where(
                number_series.c.tenant_id == self._work.actor.tenant, number_series.c.kind == kind
            )
            .order_by(number_series.c.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return (await self._work.session.scalars(query)).all()

    async def _layouts(self, series: Iterable[NumberSeries]) -> Collection[str]:
        """Return how all numbers of these series look, under every template they ever had."""
        by_id = {each.id: each for each in series}
        query = select(number_template.c.series_id, number_template.c.template).where(
            number_template.c.tenant_id == self._work.actor.tenant,
            number_template.c.series_id.in_(by_id),
        )
        return {
            Template.kept(text).layout(
                any_period(by_id[id].period_rule, by_id[id].fiscal_year_start_month)
            )
            for id, text in await self._work.session.execute(query)
        }

    async def _locked_ranges(self, series: NumberSeries) -> list[NumberRange]:
        query = (
            select(*RANGE_COLUMNS)
            .where(
                number_range.c.tenant_id == self._work.actor.tenant,
                number_range.c.series_id == series.id,
            )
            .order_by(number_range.c.period)
            .with_for_update()
        )
        return [range_of(row) for row in await self._work.session.execute(query)]

    async def _locked_range(self, series: NumberSeries, period: str) -> NumberRange:
        self._work.lock(Lock.NUMBER_RANGES)
        await self._work.numbering.open(series.id, period)
        return next(each for each in await self._locked_ranges(series) if each.period == period)

    async def _keep(self, range: NumberRange, **more: object) -> None:
        await self._work.session.execute(
            update(number_range)
            .where(
                number_range.c.tenant_id == self._work.actor.tenant,
                number_range.c.series == range.series,
                number_range.c.period == range.period,
            )
            .values(
                template=range.template.text,
                last=range.last,
                taken_over=range.taken_over,
                warn_from=range.warn_from,
                **more,
            )
        )

    async def _keep_template(self, series: NumberSeries) -> None:
        """Keep the present template from its day on; what was planned for later days is over."""
        text, columns = series.resolved.text, number_template.c
        await self._work.session.execute(
            update(number_template)
            .where(
                columns.tenant_id == series.tenant_id,
                columns.series_id == series.id,
                columns.valid_from > series.template_from,
            )
            .values(template=text)
        )
        new = upsert(number_template).values(
            tenant_id=series.tenant_id,
            series_id=series.id,
            valid_from=series.template_from,
            template=text,
        )
        await self._work.session.execute(
            new.on_conflict_do_update(
                index_elements=["tenant_id", "series_id", "valid_from"], set_={"template": text}
            )
        )

    async def _is_of_document(self, series: NumberSeries, number: str) -> bool:
        query = select(number_allocation.c.document_id).where(
            number_allocation.c.tenant_id == self._work.actor.tenant,
            number_allocation.c.series == series.series,
            number_allocation.c.number == number,
        )
        return await self._work.session.scalar(query) is not None
