"""Series of numbers (Nummernkreise): what a company sets up per kind of document and branch."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.journal import Recorder
from domain.numbering.ranges import EARLIEST, NumberRange, period_of, start_of
from domain.numbering.templates import PeriodRule, Template, any_may_repeat
from domain.problems import Path, Problem
from domain.text import checked_text

TEMPLATE_LENGTH_MAX = 60
VALUE_LENGTH_MAX = 10
WARN_AT_MAX = 1_000_000
REASON_LENGTH_MAX = 500
PROOF_LENGTH_MAX = 1_000
YEARS_LOOKED_AHEAD = 30


class DuplicateNumberSeries(Problem):
    """There is already a number series {series}, or one of this kind and branch from the same day."""  # noqa: E501  one sentence for the user

    series: str


class NumberSeriesNameMalformed(Problem):
    """A series is named by 1 to 40 lower-case letters, digits and underscores, such as sales_invoice_hamburg."""  # noqa: E501  one sentence for the user


class NumberValueMalformed(Problem):
    """This part of a number may have up to {length_max} letters and digits."""

    length_max: int


class FiscalYearStartInvalid(Problem):
    """A fiscal year starts in a month from 1 to 12."""


class WarnAtOutOfRange(Problem):
    """The warning may come when 0 to {warn_at_max} numbers are left."""

    warn_at_max: int


class NumbersWouldRepeat(Problem):
    """Numbers like {template} could be given twice, by this series or another one of its kind. Let them differ by a letter, a branch or their length."""  # noqa: E501  one sentence for the user

    template: str


class NumberBelongsToDocument(Problem):
    """The number {number} belongs to a posted document and cannot be voided. Cancel the document instead."""  # noqa: E501  one sentence for the user

    number: str


class NumberNotNext(Problem):
    """Only the next number can be voided, and that is {next_number}, not {number}."""

    number: str
    next_number: str


class FileHashMalformed(Problem):
    """A file is named by its SHA-256: 64 hexadecimal digits."""


class NumberingAction(StrEnum):
    """What happens to a series; the verb of its events."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    TAKE_OVER = "TAKE_OVER"
    VOID = "VOID"
    WARN = "WARN"


@dataclass(frozen=True, slots=True)
class SeriesDraft:
    """A series as asked for. `warn_at_remaining` None: a tenth of each range."""

    series: str
    kind: str
    template: str
    branch: str = ""
    valid_from: date = EARLIEST
    period_rule: PeriodRule = PeriodRule.YEAR
    fiscal_year_start_month: int = 1
    prefix: str = ""
    tenant_code: str = ""
    branch_code: str = ""
    warn_at_remaining: int | None = None


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """New looks of a series for periods that start on `template_from` or later."""

    template: str
    template_from: date
    prefix: str = ""
    tenant_code: str = ""
    branch_code: str = ""
    warn_at_remaining: int | None = None


class TemplateSince:
    """A template as it is kept, values filled in, for periods from a day on."""

    tenant_id: UUID
    series_id: UUID
    valid_from: date
    template: str

    def __init__(self, series: "NumberSeries") -> None:
        self.tenant_id, self.series_id = series.tenant_id, series.id
        self.valid_from, self.template = series.template_from, series.resolved.text


class NumberSeries(Recorder):
    """One series: which documents it numbers, from when on, in which periods, and how it looks."""

    entity_type = "number_series"

    id: UUID
    tenant_id: UUID
    series: str
    kind: str
    branch: str
    valid_from: date
    period_rule: PeriodRule
    fiscal_year_start_month: int
    template: str
    template_from: date
    prefix: str
    tenant_code: str
    branch_code: str
    warn_at_remaining: int | None
    version: int

    def __init__(
        self, *, id: UUID, tenant_id: UUID, draft: SeriesDraft, others: Collection[str] = ()
    ) -> None:
        """Open a series; `others` are the layouts of the numbers of all others of its kind."""
        if re.fullmatch(r"[a-z0-9_]{1,40}", draft.series, re.ASCII) is None:
            raise NumberSeriesNameMalformed(path=("input", "series"))
        check_start_month(draft.fiscal_year_start_month, ("input", "fiscalYearStartMonth"))
        self.id = id
        self.tenant_id = tenant_id
        self.series, self.kind, self.valid_from = draft.series, draft.kind, draft.valid_from
        self.branch = checked_text(draft.branch, 40, ("input", "branch")) if draft.branch else ""
        self.period_rule = draft.period_rule
        self.fiscal_year_start_month = draft.fiscal_year_start_month
        self._look(draft, draft.valid_from)
        if any_may_repeat([self.resolved.layout(self.any_period)], others):
            raise NumbersWouldRepeat(template=self.template, path=("input", "template"))
        self.record(
            "NumberSeriesCreated", action=NumberingAction.CREATE, kind=self.kind, series=self.series
        )

    def change(
        self,
        change: SeriesChange,
        *,
        ranges: Sequence[NumberRange],
        others: Collection[str],
        at: datetime,
    ) -> list[NumberRange]:
        """Take over new looks and return the ranges that change with them.

        Ranges of periods that start earlier stay as they are; one that has given numbers may only
        be widened. Raises NumberRangeInUse or NumbersWouldRepeat.
        """
        before = self.resolved
        self._look(change, change.template_from)
        changed = [self._changed(each) for each in ranges]
        if self.resolved != before:
            self._refuse_repeats(changed, others, change.template_from)
        self.updated_at = at
        self.record(
            "NumberSeriesUpdated", action=NumberingAction.UPDATE, kind=self.kind, series=self.series
        )
        return changed

    def taken_over(self, range: NumberRange, proof: str, file_hash: str | None) -> None:
        """Tell that a range goes on after the numbers of another system."""
        self.record(
            "NumberRangeTakenOver",
            action=NumberingAction.TAKE_OVER,
            kind=self.kind,
            series=self.series,
            period=range.period,
            number=range.number(range.taken_over),
            reason=proof,
            file_hash=file_hash,
        )

    def voided(self, period: str, number: str, reason: str) -> None:
        """Tell that a number was taken for nothing."""
        self.record(
            "NumberVoided",
            action=NumberingAction.VOID,
            kind=self.kind,
            series=self.series,
            period=period,
            number=number,
            reason=reason,
        )

    def runs_low(self, range: NumberRange) -> None:
        """Tell that a range has few numbers left."""
        self.record(
            "NumberRangeRunningLow",
            action=NumberingAction.WARN,
            kind=self.kind,
            series=self.series,
            period=range.period,
            number=range.number(range.last),
            remaining=range.remaining,
        )

    @property
    def resolved(self) -> Template:
        """The present template, the values of this series filled in."""
        return _resolved(self, self.period_rule)

    @property
    def any_period(self) -> str:
        """A period with # for any digit."""
        return any_period(self.period_rule, self.fiscal_year_start_month)

    def period_of(self, day: date) -> str:
        """Return the period a day lies in."""
        return period_of(self.period_rule, self.fiscal_year_start_month, day)

    def _look(self, wanted: SeriesDraft | SeriesChange, since: date) -> None:
        """Take over how numbers look: all of it is checked before anything changes."""
        for name, field in (
            ("prefix", "prefix"),
            ("tenant_code", "tenantCode"),
            ("branch_code", "branchCode"),
        ):
            _check_value(getattr(wanted, name), ("input", field))
        left = wanted.warn_at_remaining
        if left is not None and not 0 <= left <= WARN_AT_MAX:
            raise WarnAtOutOfRange(warn_at_max=WARN_AT_MAX, path=("input", "warnAtRemaining"))
        checked_text(wanted.template, TEMPLATE_LENGTH_MAX, ("input", "template"))
        _resolved(wanted, self.period_rule)
        self.prefix, self.tenant_code = wanted.prefix, wanted.tenant_code
        self.branch_code, self.warn_at_remaining = wanted.branch_code, left
        self.template, self.template_from = wanted.template, since

    def _changed(self, range: NumberRange) -> NumberRange:
        start = start_of(self.period_rule, self.fiscal_year_start_month, range.period)
        if start < self.template_from:
            return range.warning_at(self.warn_at_remaining)
        path = ("input", "templateFrom")
        return range.with_template(self.resolved, self.warn_at_remaining, path)

    def _refuse_repeats(
        self, ranges: Sequence[NumberRange], others: Collection[str], since: date
    ) -> None:
        """Raise NumbersWouldRepeat if a period to come could print a number that is given."""
        template = self.resolved
        years = range(since.year, since.year + YEARS_LOOKED_AHEAD)
        periods = {self.period_of(date(year, 12, 31)) for year in years}
        mine = [
            (template.layout(period), each.template.layout(each.period))
            for period in periods
            for each in ranges
            if each.period != period
        ]
        if any(any_may_repeat([new], [old]) for new, old in mine) or any_may_repeat(
            [template.layout(self.any_period)], others
        ):
            raise NumbersWouldRepeat(template=self.template, path=("input", "template"))


def check_start_month(month: int, path: Path) -> None:
    """Raise FiscalYearStartInvalid unless it is a month."""
    if not 1 <= month <= 12:
        raise FiscalYearStartInvalid(path=path)


def any_period(rule: PeriodRule, fiscal_year_start_month: int) -> str:
    """Return a period of this rule with # for any digit.

    >>> any_period(PeriodRule.FISCAL_YEAR, 7), any_period(PeriodRule.YEAR, 1)
    ('####/##', '####')
    """
    whole = rule is not PeriodRule.FISCAL_YEAR or fiscal_year_start_month == 1
    return "####" if whole else "####/##"


def checked_hash(text: str | None, path: Path) -> str | None:
    """Return the SHA-256 of a file in lower case. Raises FileHashMalformed."""
    if text is None:
        return None
    if re.fullmatch(r"[0-9a-fA-F]{64}", text, re.ASCII) is None:
        raise FileHashMalformed(path=path)
    return text.lower()


def _check_value(text: str, path: Path) -> None:
    if re.fullmatch(rf"[A-Za-z0-9]{{0,{VALUE_LENGTH_MAX}}}", text, re.ASCII) is None:
        raise NumberValueMalformed(length_max=VALUE_LENGTH_MAX, path=path)


def _resolved(look: SeriesDraft | SeriesChange | NumberSeries, rule: PeriodRule) -> Template:
    values = {"prefix": look.prefix, "tenant": look.tenant_code, "branch": look.branch_code}
    return Template.parse(look.template, ("input", "template"), rule=rule, values=values)
