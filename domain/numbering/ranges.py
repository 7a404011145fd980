"""Ranges: one counter per series and period.

A range is plain data: whoever holds its row lock takes the next number and saves the range in the
transaction of the document, so a document that rolls back leaves no gap.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from domain.numbering.templates import PeriodRule, Template
from domain.problems import Path, Problem

EARLIEST = date(2000, 1, 1)
NO_PERIOD = ""


class NumberRangeExhausted(Problem):
    """The number range {series} of {period} is used up. Widen its template or open a new series."""

    series: str
    period: str


class NumberRangeMissing(Problem):
    """There is no number range for the series {series}. Create one first."""

    series: str


class NumberRangeInUse(Problem):
    """The range {series} of {period} has already given numbers. Its template can only be widened, and nothing can be taken over into it."""  # noqa: E501  one sentence for the user

    series: str
    period: str


class NumberOutOfDateOrder(Problem):
    """The series {series} has already numbered a document of {date}; its last number is {number}. Send acceptOlderDate to number an older date after it."""  # noqa: E501  one sentence for the user

    series: str
    number: str
    date: str


class PeriodUnknown(Problem):
    """The series {series} has no period {period}. Write it like {example}."""

    series: str
    period: str
    example: str


class LastUsedOutOfRange(Problem):
    """The last number used must lie between 1 and {last_max}."""

    last_max: int


def period_of(rule: PeriodRule, fiscal_year_start_month: int, day: date) -> str:
    """Return the period that `day` lies in; a fiscal year is named by the year it starts in.

    >>> period_of(PeriodRule.FISCAL_YEAR, 7, date(2027, 6, 30))
    '2026/27'
    >>> period_of(PeriodRule.FISCAL_YEAR, 1, date(2027, 6, 30))
    '2027'
    """
    match rule:
        case PeriodRule.NONE:
            return NO_PERIOD
        case PeriodRule.YEAR:
            return f"{day.year:04}"
    year = day.year if day.month >= fiscal_year_start_month else day.year - 1
    return f"{year:04}" if fiscal_year_start_month == 1 else f"{year:04}/{(year + 1) % 100:02}"


def start_of(rule: PeriodRule, fiscal_year_start_month: int, period: str) -> date:
    """Return the first day of a period.

    A series without periods goes on for ever: a change holds for it at once, whatever its date, so
    its one period counts as starting after every day.
    """
    if rule is PeriodRule.NONE:
        return date.max
    month = fiscal_year_start_month if rule is PeriodRule.FISCAL_YEAR else 1
    return date(int(period[:4]), month, 1)


def possible_periods(day: date) -> tuple[str, ...]:
    """Return the names `day` may have under any rule.

    >>> possible_periods(date(2026, 3, 1))
    ('', '2026', '2025/26', '2026/27')
    """
    january = date(day.year, 1, 1)
    fiscal = (
        period_of(PeriodRule.FISCAL_YEAR, 2, each) for each in (january, date(day.year, 2, 1))
    )
    return NO_PERIOD, period_of(PeriodRule.YEAR, 1, day), *fiscal


@dataclass(frozen=True, slots=True)
class NumberRange:
    """One counter: `series` (for example sales_invoice) in `period` (such as 2026).

    `taken_over` is the last counter of the system before this one; `warn_from` the counter whose
    taking is told as running low; `newest_date` the newest date that has a number.
    """

    series: str
    period: str
    template: Template
    last: int = 0
    taken_over: int = 0
    warn_from: int = 0
    newest_date: date | None = None

    def take(self, path: Path = ("input", "id")) -> tuple[str, "NumberRange"]:
        """Return the next number and the range after taking it. Raises NumberRangeExhausted."""
        counter = self.last + 1
        if not self.template.fits(counter):
            raise NumberRangeExhausted(series=self.series, period=self.period, path=path)
        return self.template.print(self.period, counter), replace(self, last=counter)

    @property
    def has_given(self) -> bool:
        """Whether a number of it was given, not only taken over."""
        return self.last > self.taken_over

    @property
    def remaining(self) -> int:
        """How many numbers are left."""
        return max(self.template.capacity - self.last, 0)

    @property
    def next_number(self) -> str | None:
        """The number the next document gets, if there is one left."""
        return self.template.print(self.period, self.last + 1) if self.remaining else None

    def number(self, counter: int) -> str:
        """Return the number of a counter of this range."""
        return self.template.print(self.period, counter)

    def runs_low(self, last_before: int) -> bool:
        """Say whether the numbers after `last_before` were those to warn about: once per range."""
        return last_before < self.warn_from <= self.last

    def with_template(self, template: Template, warn_at: int | None, path: Path) -> "NumberRange":
        """Return the range under another template, which prints none of its numbers again.

        Raises NumberRangeInUse.
        """
        changes = template != self.template
        if changes and (
            not template.fits(self.last) or (self.has_given and not template.widens(self.template))
        ):
            raise NumberRangeInUse(series=self.series, period=self.period, path=path)
        return replace(self, template=template).warning_at(warn_at)

    def warning_at(self, warn_at: int | None) -> "NumberRange":
        """Return the range that warns when `warn_at` numbers are left; what was told stays told."""
        wanted = warn_from(self.template, warn_at)
        is_told = 0 < self.warn_from <= self.last
        if wanted <= self.last:
            wanted = self.warn_from if is_told else self.last + 1
        return replace(self, warn_from=wanted)

    def taking_over(self, last_used: int, path: Path) -> "NumberRange":
        """Return the range that goes on after `last_used` numbers given elsewhere.

        Raises NumberRangeInUse once it has given a number of its own, or LastUsedOutOfRange.
        """
        if self.has_given:
            raise NumberRangeInUse(series=self.series, period=self.period, path=path)
        if not 1 <= last_used <= self.template.capacity:
            raise LastUsedOutOfRange(last_max=self.template.capacity, path=("input", "lastUsed"))
        taken = replace(self, last=last_used, taken_over=last_used)
        return replace(taken, warn_from=max(self.warn_from, last_used + 1))


def warn_from(template: Template, warn_at: int | None) -> int:
    """Return the counter from which a range runs low; without a wish, with a tenth left.

    >>> warn_from(Template.parse("{year}{seq:5}"), None), warn_from(
    ...     Template.parse("{year}{seq:2}"), 5
    ... )
    (90000, 94)
    """
    left = max(template.capacity // 10, 1) if warn_at is None else warn_at
    return max(template.capacity - left, 1)


def checked_period(
    series: str, rule: PeriodRule, fiscal_year_start_month: int, text: str, path: Path
) -> str:
    """Return the name of a period as it is kept. Raises PeriodUnknown."""
    example = period_of(rule, fiscal_year_start_month, date(2026, 12, 31))
    if rule is PeriodRule.NONE and text == NO_PERIOD:
        return text
    if rule is not PeriodRule.NONE and re.fullmatch(r"[12][0-9]{3}(/[0-9]{2})?", text, re.ASCII):
        start = start_of(rule, fiscal_year_start_month, text)
        if period_of(rule, fiscal_year_start_month, start) == text:
            return text
    raise PeriodUnknown(series=series, period=text[:20], example=example or '""', path=path)
