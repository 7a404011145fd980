"""Number series (Nummernkreise), their ranges, and the report an auditor asks for."""

from datetime import date, datetime
from enum import Enum

import strawberry

from domain.numbering.ranges import EARLIEST
from domain.numbering.templates import PeriodRule as DomainPeriodRule
from schema.documents import Document, DocumentKind
from schema.documents.filters import KindIn
from schema.entities import shows
from schema.enums import described
from schema.journal import JournalEntry
from schema.mutations import key_field, payload, version_field
from schema.node import Node
from schema.paging import paged

PeriodRule = described(
    DomainPeriodRule,
    "PeriodRule",
    "When a number series starts to count anew.",
    NONE="Never: one range for ever; the template has no year.",
    YEAR="With every calendar year, by posting date.",
    FISCAL_YEAR="With every fiscal year (Wirtschaftsjahr), by posting date.",
)


@shows("number_allocation")
@strawberry.type(description="An entry of the ledger of numbers (Nummernverzeichnis).")
class NumberAllocation:
    """Which document has a number, or why none has it."""

    number: str = strawberry.field(description="The number.")
    counter: int = strawberry.field(description="Its place in the range.")
    document: Document | None = strawberry.field(
        description="The document; null if voided, or if you may not read it."
    )
    voided_reason: str | None = strawberry.field(description="Why it was voided, if it was.")
    allocated_at: datetime = strawberry.field(description="When it was taken.")


@shows("number_range")
@strawberry.type(description="The counter of a series in one period (Nummernkreis eines Jahres).")
class NumberRange:
    """A range."""

    period: str = strawberry.field(
        description="Such as 2026, or 2026/27 by fiscal year; empty for a series without periods."
    )
    template: str = strawberry.field(description="How its numbers look, values filled in.")
    last: int = strawberry.field(description="The last counter taken; 0 before the first.")
    taken_over: int = strawberry.field(
        description="Counters up to this one were given by another system (übernommen)."
    )
    newest_date: date | None = strawberry.field(description="Newest posting date with a number.")
    next_number: str | None = strawberry.field(
        description="What the next document gets; null when it is used up."
    )
    remaining: int = strawberry.field(description="How many numbers are left.")


@shows("number_series")
@strawberry.type(description="A number series (Nummernkreis): how documents of a kind get numbers.")
class NumberSeries(Node):
    """A series."""

    series: str = strawberry.field(description="Its name, unique, such as sales_invoice.")
    kind: DocumentKind = strawberry.field(description="The kind of document it numbers.")
    branch: str = strawberry.field(
        description="The branch (Filiale) whose documents it numbers; empty for all."
    )
    valid_from: date = strawberry.field(
        description="It numbers documents posted on this day or later; the newest one begun counts."
    )
    period_rule: DomainPeriodRule = strawberry.field(description="When it starts to count anew.")
    fiscal_year_start_month: int = strawberry.field(
        description="Month in which a fiscal year starts, 1 to 12."
    )
    template: str = strawberry.field(description="How numbers look, with its placeholders.")
    template_from: date = strawberry.field(
        description="Periods that start on this day or later have this template."
    )
    prefix: str = strawberry.field(description="What `{prefix}` prints; may be empty.")
    tenant_code: str = strawberry.field(description="What `{tenant}` prints; may be empty.")
    branch_code: str = strawberry.field(description="What `{branch}` prints; may be empty.")
    warn_at_remaining: int | None = strawberry.field(
        description="A range with this many numbers left is told as running low; null: a tenth."
    )
    ranges: list[NumberRange] = strawberry.field(description="Its ranges by period.")
    created_at: datetime = strawberry.field(description="When it was set up.")
    updated_at: datetime = strawberry.field(description="When it was changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to it, oldest first.")


@strawberry.type(description="A number that was taken for nothing (stornierte Nummer).")
class VoidedNumber:
    """A voided number."""

    number: str = strawberry.field(description="The number.")
    reason: str = strawberry.field(description="Why.")
    allocated_at: datetime = strawberry.field(description="When it was voided.")


@strawberry.type(description="Numbers that nobody can explain; there should never be any.")
class NumberGap:
    """A gap."""

    first_number: str = strawberry.field(description="The first number of the gap.")
    last_number: str = strawberry.field(description="The last number of the gap.")
    count: int = strawberry.field(description="How many numbers are missing.")


@shows("number_range")
@strawberry.type(
    description="What an auditor asks of a range: from, to, used by what, voided, taken over, gaps."
)
class NumberingReport:
    """A report, made from the ledger at the moment of asking."""

    number_series: NumberSeries | None = strawberry.field(description="The series.")
    period: str = strawberry.field(description="The period.")
    template: str = strawberry.field(description="How its numbers look.")
    last: int = strawberry.field(description="How far it counted.")
    first_number: str | None = strawberry.field(
        description="The first number given here; null before there is one."
    )
    last_number: str | None = strawberry.field(
        description="The last number given here; null before there is one."
    )
    taken_over: int = strawberry.field(
        description="Numbers up to this counter were given by another system; 0: none."
    )
    taken_over_number: str | None = strawberry.field(description="The last of those numbers.")
    taken_over_at: datetime | None = strawberry.field(description="When that was recorded.")
    taken_over_proof: str | None = strawberry.field(description="What proves it.")
    taken_over_hash: str | None = strawberry.field(description="SHA-256 of the file proving it.")
    allocations = paged(NumberAllocation, "Every number given here, in order, with its document.")
    voided: list[VoidedNumber] = strawberry.field(
        description="Voided numbers with their reasons, in order; the first 1000."
    )
    gaps: list[NumberGap] = strawberry.field(
        description="Unexplained gaps, found by looking at every entry; the first 1000."
    )


@strawberry.type(description="What numbers of a template look like.")
class NumberPreview:
    """A preview."""

    first: list[str] = strawberry.field(description="The first numbers, up to three.")
    last: str = strawberry.field(description="The last number that fits.")
    period: str = strawberry.field(description="The period that is shown.")
    count: int = strawberry.field(description="How many numbers a period has.")


@strawberry.enum(description="Orders of `numberSeries`.")
class NumberSeriesSort(Enum):
    """Sorts of the view."""

    SERIES = strawberry.enum_value("SERIES", description="By name.")
    NEWEST = strawberry.enum_value("NEWEST", description="Newest record first.")


@strawberry.input(description="Which number series; all conditions must hold.")
class NumberSeriesFilter:
    """Conditions of `numberSeries`."""

    kind: KindIn | None = strawberry.field(default=None, description="By kind of document.")


@strawberry.input(description="What the placeholders of a template print, and when to warn.")
class NumberLookInput:
    """How numbers look."""

    template: str = strawberry.field(
        description="Such as `{prefix}-{tenant}-{year}-{seq:5}`; see docs/guides/numbering.md."
    )
    prefix: str = strawberry.field(default="", description="What `{prefix}` prints.")
    tenant_code: str = strawberry.field(
        default="", description="What `{tenant}` prints, a short code of your company."
    )
    branch_code: str = strawberry.field(default="", description="What `{branch}` prints.")
    warn_at_remaining: int | None = strawberry.field(
        default=None,
        description="Tell when this many numbers are left; a tenth of the range if left out.",
    )


@strawberry.input(description="A number series to set up.")
class CreateNumberSeriesInput(NumberLookInput):
    """A new series."""

    series: str = strawberry.field(
        description="Its name: lower-case letters, digits and `_`, unique."
    )
    kind: DocumentKind = strawberry.field(description="The kind of document it numbers.")
    branch: str = strawberry.field(
        default="", description="The branch whose documents it numbers; empty for all."
    )
    valid_from: date = strawberry.field(
        default=EARLIEST,
        description="It numbers documents posted on this day or later; from the beginning on if"
        " left out.",
    )
    period_rule: DomainPeriodRule = strawberry.field(
        default=DomainPeriodRule.YEAR,
        description="When it starts to count anew; fixed for its life.",
    )
    fiscal_year_start_month: int = strawberry.field(
        default=1, description="Month in which a fiscal year starts, 1 to 12."
    )
    idempotency_key: str = key_field()


@strawberry.input(description="Another look for a number series, from a day on.")
class UpdateNumberSeriesInput(NumberLookInput):
    """Replaces template, values and warning."""

    id: strawberry.ID = strawberry.field(description="The series, `nsr_…`.")
    expected_version: int = version_field()
    template_from: date | None = strawberry.field(
        default=None,
        description="Periods that start on this day or later change; today if left out. A period"
        " that has numbers can only be widened.",
    )
    idempotency_key: str = key_field()


@strawberry.input(description="A counter of another system to go on from (Übernahme).")
class TakeOverNumberRangeInput:
    """A takeover."""

    id: strawberry.ID = strawberry.field(description="The series, `nsr_…`.")
    period: str = strawberry.field(
        description="The period, such as 2026 or 2026/27; empty for a series without periods."
    )
    last_used: int = strawberry.field(description="The last counter used there.")
    proof: str = strawberry.field(
        description="What proves it, such as the last invoice of the old program and who checked."
    )
    file_hash: str | None = strawberry.field(
        default=None, description="SHA-256 of a file that proves it, 64 hexadecimal digits."
    )
    idempotency_key: str = key_field()


@strawberry.input(description="The next number, to be taken for nothing.")
class VoidNumberInput:
    """A void."""

    id: strawberry.ID = strawberry.field(description="The series, `nsr_…`.")
    reason: str = strawberry.field(description="Why, such as: pre-printed paper spoilt.")
    number: str | None = strawberry.field(
        default=None,
        description="The number you mean; refused unless it is the next one.",
    )
    day: date | None = strawberry.field(
        default=None, description="A day of the period it is taken from; today if left out."
    )
    idempotency_key: str = key_field()


CreateNumberSeriesPayload = payload("CreateNumberSeries", number_series=NumberSeries)
UpdateNumberSeriesPayload = payload("UpdateNumberSeries", number_series=NumberSeries)
TakeOverNumberRangePayload = payload("TakeOverNumberRange", number_series=NumberSeries)
VoidNumberPayload = payload("VoidNumber", number_series=NumberSeries)
