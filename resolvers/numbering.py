"""Number series: lists, one, the report, the preview; set up, change, take over, void."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry
from graphql import GraphQLResolveInfo

from domain.numbering.ranges import period_of
from domain.numbering.series import SeriesChange, SeriesDraft, check_start_month
from domain.numbering.templates import PeriodRule, Template, preview
from persistence.numbering.report import gaps_of, voided_of
from persistence.numbering.tables import range_of
from persistence.reading.rows import Row
from persistence.reading.shape import Condition, Single
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Context, Info
from resolvers.fields import by_id, read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.mutations import drafted
from schema.node import Id, uuid_of, uuid_to_find
from schema.numbering import (
    CreateNumberSeriesInput,
    CreateNumberSeriesPayload,
    NumberGap,
    NumberingReport,
    NumberPreview,
    NumberSeriesFilter,
    NumberSeriesSort,
    TakeOverNumberRangeInput,
    TakeOverNumberRangePayload,
    UpdateNumberSeriesInput,
    UpdateNumberSeriesPayload,
    VoidedNumber,
    VoidNumberInput,
    VoidNumberPayload,
)
from schema.numbering import NumberSeries as NumberSeriesType
from schema.paging import ORDER, WHICH, After, Before, Connection, First, Last

ADMINISTER = ("admin:all",)


@strawberry.type
class NumberingQueries:
    """Reading number series."""

    @read(any_of=READ_SCOPES, description="Number series of kinds you may read, as a list.")
    def number_series(
        self,
        info: Info,
        filter: Annotated[NumberSeriesFilter | None, WHICH] = None,
        sort: Annotated[NumberSeriesSort, ORDER] = NumberSeriesSort.SERIES,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[NumberSeriesType]:
        """List number series."""
        page = {"first": first, "after": after, "last": last, "before": before}
        kinds = [kind.value for kind in filter.kind.in_] if filter and filter.kind else None
        return listing("number_series", sort, {("kind", "any"): kinds}, page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One number series; null if there is none.")
    def number_series_by_id(self, info: Info, id: Id) -> NumberSeriesType | None:
        """Read one number series."""
        return by_id("number_series", uuid_to_find("nsr", id))  # type: ignore[return-value]

    @read(
        any_of=READ_SCOPES,
        description="What the ledger says of a range: for the auditor, and to be sure; null if"
        " there is no such range.",
    )
    def numbering_report(
        self,
        info: Info,
        series: Id,
        period: Annotated[
            str,
            strawberry.argument(description="Such as 2026 or 2026/27; empty: without periods."),
        ],
    ) -> NumberingReport | None:
        """Report on one range."""
        wanted = {"series_id": uuid_to_find("nsr", series), "period": period.replace("\0", "?")}
        conditions = tuple(Condition(name, "=", name) for name in wanted)
        return Single("number_range", conditions, wanted)  # type: ignore[return-value]

    @read(
        any_of=READ_SCOPES,
        description="What numbers of a template would look like; nothing is set up.",
    )
    async def preview_numbers(
        self,
        info: Info,
        template: Annotated[str, strawberry.argument(description="The template.")],
        period_rule: Annotated[
            PeriodRule, strawberry.argument(description="When it starts to count anew.")
        ] = PeriodRule.YEAR,
        fiscal_year_start_month: Annotated[
            int, strawberry.argument(description="Month in which a fiscal year starts, 1 to 12.")
        ] = 1,
        prefix: Annotated[str, strawberry.argument(description="What `{prefix}` prints.")] = "",
        tenant_code: Annotated[
            str, strawberry.argument(description="What `{tenant}` prints.")
        ] = "",
        branch_code: Annotated[
            str, strawberry.argument(description="What `{branch}` prints.")
        ] = "",
        day: Annotated[
            date | None,
            strawberry.argument(description="A day of the period to show; today if left out."),
        ] = None,
    ) -> NumberPreview:
        """Show the first three numbers and the last."""
        values = {"prefix": prefix, "tenant": tenant_code, "branch": branch_code}
        check_start_month(fiscal_year_start_month, ("fiscalYearStartMonth",))
        look = Template.parse(template, ("template",), rule=period_rule, values=values)
        shown = day or info.context.services.clock().date()
        period = period_of(period_rule, fiscal_year_start_month, shown)
        first, last = preview(look, period)
        return NumberPreview(first=list(first), last=last, period=period, count=look.capacity)


@strawberry.type
class NumberingMutations:
    """Setting up how documents are numbered."""

    @write(
        CreateNumberSeriesPayload,
        any_of=ADMINISTER,
        description="Set up a number series (Nummernkreis) for a kind, a branch or from a day on.",
    )
    async def create_number_series(self, work: UnitOfWork, input: CreateNumberSeriesInput) -> UUID:
        """Make a series."""
        draft = drafted(SeriesDraft, input, kind=input.kind.value)
        return (await work.number_series.create(draft)).id

    @write(
        UpdateNumberSeriesPayload,
        any_of=ADMINISTER,
        description="Change how the numbers of a series look, from a day on.",
    )
    async def update_number_series(self, work: UnitOfWork, input: UpdateNumberSeriesInput) -> UUID:
        """Change a series."""
        since = input.template_from or await work.tenants.today()
        change = drafted(SeriesChange, input, template_from=since)
        id = _series_id(input.id)
        return (await work.number_series.change(id, input.expected_version, change)).id

    @write(
        TakeOverNumberRangePayload,
        any_of=ADMINISTER,
        description="Go on after the counter of another system, with proof; once it has given a"
        " number, a range cannot be set any more.",
    )
    async def take_over_number_range(
        self, work: UnitOfWork, input: TakeOverNumberRangeInput
    ) -> UUID:
        """Take a counter over."""
        return (
            await work.number_series.take_over(
                _series_id(input.id), input.period, input.last_used, input.proof, input.file_hash
            )
        ).id

    @write(
        VoidNumberPayload,
        any_of=ADMINISTER,
        description="Take the next number for nothing, with the reason (Nummer entwerten).",
    )
    async def void_number(self, work: UnitOfWork, input: VoidNumberInput) -> UUID:
        """Void a number."""
        day = input.day or await work.tenants.today()
        id = _series_id(input.id)
        return (await work.number_series.void(id, day, input.reason, input.number)).id


def _series_id(id: str) -> UUID:
    return uuid_of("nsr", id, "NumberSeries", ("input", "id"))


# ------------------------------------------------------------------- fields that need Python

Told = GraphQLResolveInfo[Context]


def next_number(row: Row, _info: Told) -> str | None:
    """Return the number the next document gets."""
    return range_of(row).next_number


def remaining(row: Row, _info: Told) -> int:
    """Return how many numbers are left."""
    return range_of(row).remaining


def first_number(row: Row, _info: Told) -> str | None:
    """Return the first number given here."""
    found = range_of(row)
    return found.number(found.taken_over + 1) if found.has_given else None


def last_number(row: Row, _info: Told) -> str | None:
    """Return the last number given here."""
    found = range_of(row)
    return found.number(found.last) if found.has_given else None


def taken_over_number(row: Row, _info: Told) -> str | None:
    """Return the last number given elsewhere."""
    found = range_of(row)
    return found.number(found.taken_over) if found.taken_over else None


async def voided(row: Row, info: Told) -> list[VoidedNumber]:
    """Return the voided numbers of a range."""
    found = range_of(row)
    rows = await voided_of(info.context.snapshot, found.series, found.period)
    return [
        VoidedNumber(number=each.number, reason=each.reason, allocated_at=each.allocated_at)
        for each in rows
    ]


async def gaps(row: Row, info: Told) -> list[NumberGap]:
    """Return the stretches of a range that the ledger does not explain."""
    found = range_of(row)
    stretches = await gaps_of(
        info.context.snapshot, found.series, found.period, found.taken_over, found.last
    )
    return [
        NumberGap(
            first_number=found.number(first), last_number=found.number(last), count=last - first + 1
        )
        for first, last in stretches
    ]


NUMBERING_COMPUTED: dict[tuple[str, str], Any] = {
    ("NumberRange", "nextNumber"): next_number,
    ("NumberRange", "remaining"): remaining,
    ("NumberingReport", "firstNumber"): first_number,
    ("NumberingReport", "lastNumber"): last_number,
    ("NumberingReport", "takenOverNumber"): taken_over_number,
    ("NumberingReport", "voided"): voided,
    ("NumberingReport", "gaps"): gaps,
}
"""Computed fields of this area, by type and field name."""
