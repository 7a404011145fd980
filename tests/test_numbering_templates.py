"""How numbers look and when they start anew: pure rules, each with its reason."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.numbering.ranges import (
    EARLIEST,
    NumberRange,
    NumberRangeInUse,
    PeriodUnknown,
    checked_period,
    period_of,
    possible_periods,
    start_of,
    warn_from,
)
from domain.numbering.templates import (
    NUMBER_LENGTH_MAX,
    PeriodRule,
    Template,
    any_may_repeat,
    may_repeat,
    preview,
)
from domain.problems import Problem

VALUES = {"prefix": "RE", "tenant": "A", "branch": "HH"}
NONE, YEAR, FISCAL = PeriodRule.NONE, PeriodRule.YEAR, PeriodRule.FISCAL_YEAR


@pytest.mark.parametrize(
    ("text", "rule", "period", "number"),
    [
        ("SO-{seq:5}", NONE, "", "SO-00007"),
        ("SO-{year}-{seq:5}", YEAR, "2025", "SO-2025-00007"),
        ("{prefix}-{tenant}-{seq:5}", NONE, "", "RE-A-00007"),
        ("{prefix}-{tenant}-{year}-{seq:5}", YEAR, "2025", "RE-A-2025-00007"),
        ("{branch}{yy}/{seq:3}", YEAR, "2025", "HH25/007"),
        ("{fy}.{seq:4}", FISCAL, "2026/27", "2026/27.0007"),
        ("{seq:4}-{year}", FISCAL, "2026/27", "0007-2026"),
        ("{prefix}{prefix}{year}{seq:1}", YEAR, "2025", "RERE20257"),
    ],
)
def test_a_template_prints_what_it_says(text: str, rule: PeriodRule, period: str, number: str):
    """Every form the predecessor promised, and by fiscal year."""
    assert Template.parse(text, rule=rule, values=VALUES).print(period, 7) == number


@pytest.mark.parametrize(
    ("text", "rule", "code"),
    [
        ("INV-{year}", YEAR, "NUMBER_TEMPLATE_WITHOUT_COUNTER"),
        ("INV-{year}-{seq:3}{seq:3}", YEAR, "NUMBER_TEMPLATE_WITHOUT_COUNTER"),
        ("INV-{year}-{seq:0}", YEAR, "NUMBER_TEMPLATE_WITHOUT_COUNTER"),
        ("INV-{year}-{seq:10}", YEAR, "NUMBER_TEMPLATE_WITHOUT_COUNTER"),
        ("INV-{year}-{seq}", YEAR, "NUMBER_TEMPLATE_PLACEHOLDER_UNKNOWN"),
        ("INV-{month}-{seq:5}", YEAR, "NUMBER_TEMPLATE_PLACEHOLDER_UNKNOWN"),
        ("{}{year}{seq:5}", YEAR, "NUMBER_TEMPLATE_PLACEHOLDER_UNKNOWN"),
        ("INV-{seq:5}", YEAR, "NUMBER_TEMPLATE_WITHOUT_YEAR"),
        ("INV-{seq:5}", FISCAL, "NUMBER_TEMPLATE_WITHOUT_YEAR"),
        ("INV-{year}-{seq:5}", NONE, "NUMBER_TEMPLATE_WITH_YEAR"),
        ("INV-{yy}-{seq:5}", NONE, "NUMBER_TEMPLATE_WITH_YEAR"),
        ("INV-{fy}-{seq:5}", YEAR, "NUMBER_TEMPLATE_WITH_YEAR"),
        ("{prefix}-{year}-{seq:5}", YEAR, "NUMBER_TEMPLATE_VALUE_MISSING"),
        ("INV {year} {seq:5}", YEAR, "NUMBER_TEMPLATE_INVALID"),
        ("INV-{year-{seq:5}", YEAR, "NUMBER_TEMPLATE_INVALID"),
        ("Ä{year}{seq:5}", YEAR, "NUMBER_TEMPLATE_INVALID"),
        ("A" * 28 + "{year}{seq:5}", YEAR, "NUMBER_TEMPLATE_TOO_LONG"),
        ("A" * 25 + "{fy}{seq:5}", FISCAL, "NUMBER_TEMPLATE_TOO_LONG"),
    ],
)
def test_a_template_is_refused_with_the_rule_it_breaks(text: str, rule: PeriodRule, code: str):
    """One problem per rule, so that the sentence says what to mend."""
    with pytest.raises(Problem) as refused:
        Template.parse(text, ("input", "template"), rule=rule)

    assert (refused.value.code, refused.value.path) == (code, ("input", "template"))


def test_the_longest_number_is_what_a_booking_text_takes():
    """36 characters are possible, one more is not (the row above)."""
    template = Template.parse("A" * 27 + "{year}{seq:5}")

    assert len(template.print("2026", 1)) == NUMBER_LENGTH_MAX


def test_a_preview_shows_the_first_three_and_the_last():
    """A range of one digit has nine numbers."""
    assert preview(Template.parse("R{yy}{seq:1}"), "2026") == (("R261", "R262", "R263"), "R269")


DAYS = st.dates(EARLIEST, date(2200, 1, 1))
RULES = st.sampled_from(PeriodRule)
MONTHS = st.integers(1, 12)


@given(RULES, MONTHS, DAYS)
def test_a_day_lies_in_the_period_that_starts_on_or_before_it(
    rule: PeriodRule, month: int, day: date
):
    """And the period of the first day is that period; the day before lies in the one before."""
    period = period_of(rule, month, day)

    assert checked_period("x", rule, month, period, ()) == period
    assert period in possible_periods(day)
    if rule is not NONE:
        start = start_of(rule, month, period)
        assert start <= day < start.replace(year=start.year + 1)
        assert period_of(rule, month, start) == period
        assert period_of(rule, month, start - timedelta(1)) < period


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2026, 6, 30), "2025/26"),
        (date(2026, 7, 1), "2026/27"),
        (date(2027, 6, 30), "2026/27"),
        (date(2099, 12, 31), "2099/00"),
    ],
)
def test_a_farmers_fiscal_year_starts_in_july(day: date, period: str):
    """Section 4a (1) no. 1 EStG; named by the year it starts in."""
    assert period_of(FISCAL, 7, day) == period


@pytest.mark.parametrize(
    ("rule", "text"),
    [(YEAR, "26"), (YEAR, "2026/27"), (YEAR, ""), (NONE, "2026"), (FISCAL, "2026"), (YEAR, "3026")],
)
def test_what_is_no_period_of_a_series_is_refused(rule: PeriodRule, text: str):
    """The problem shows how one is written."""
    with pytest.raises(PeriodUnknown):
        checked_period("sales_invoice", rule, 7, text, ())


TEXTS = st.builds(
    lambda head, year, middle, width: f"{head}{year}{middle}{{seq:{width}}}",
    st.text("AB1-", max_size=3),
    st.sampled_from(["{year}", "{yy}"]),
    st.text("AB1-", max_size=3),
    st.integers(1, 4),
)


@given(TEXTS, TEXTS, st.data())
def test_templates_that_may_not_repeat_never_print_the_same_number(
    one: str, other: str, data: st.DataObject
):
    """Whatever year and counter: the layouts are compared, not samples of numbers."""
    templates = [Template.parse(text) for text in (one, other)]
    years = [data.draw(st.integers(2000, 2099).map(str)) for _ in templates]
    counters = [data.draw(st.integers(1, each.capacity)) for each in templates]

    numbers = [t.print(y, c) for t, y, c in zip(templates, years, counters, strict=True)]

    layouts = [each.layout("####") for each in templates]
    if not may_repeat(*layouts):
        assert numbers[0] != numbers[1]
    assert any_may_repeat(layouts[:1], layouts[1:]) == may_repeat(*layouts)


def test_a_range_in_use_takes_a_wider_template_and_no_other():
    """Numbers of another length are new ones; any other change could print one again."""
    used = NumberRange("x", "2026", Template.parse("A{year}-{seq:2}"), last=7, warn_from=90)
    wider = Template.parse("A{year}-{seq:3}")

    assert used.with_template(wider, 5, ()).take()[0] == "A2026-008"
    for text in ("B{year}-{seq:3}", "A{year}-{seq:1}", "{year}A-{seq:3}", "A{yy}-{seq:4}"):
        with pytest.raises(NumberRangeInUse):
            used.with_template(Template.parse(text), None, ())


@given(st.integers(1, 3), st.integers(0, 1_200), st.data())
def test_a_range_tells_once_that_it_runs_low(width: int, left: int, data: st.DataObject):
    """By the taking after which at most that many numbers are left, in blocks of any size."""
    template = Template.parse(f"{{year}}{{seq:{width}}}")
    range = NumberRange("x", "2026", template, warn_from=warn_from(template, left))
    told = []
    while range.remaining:
        before, block = range.last, data.draw(st.integers(1, max(range.remaining, 1)))
        for _ in (None,) * block:
            range = range.take()[1]
        if range.runs_low(before):
            told.append((before, range.last))

    [(before, last)] = told
    assert template.capacity - last <= left
    assert before == 0 or template.capacity - before > left


def test_a_warning_that_was_told_is_not_told_again_and_a_missed_one_comes_next():
    """When the wish changes: a range past the new mark warns at its next number, but only once."""
    template = Template.parse("{year}{seq:2}")
    fresh = NumberRange("x", "2026", template, last=50, warn_from=90)
    told = NumberRange("x", "2026", template, last=95, warn_from=90)

    assert fresh.warning_at(60).warn_from == 51
    assert told.warning_at(30).warn_from == 90
    assert fresh.warning_at(5).warn_from == 94
