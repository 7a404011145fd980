"""Exchange rates: one per currency and day, correctable; the newest at or before a day counts."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.exchange_rates import (
    ExchangeRate,
    ExchangeRateMissing,
    KnownRate,
    RateSource,
    rate_on,
)
from persistence.unit_of_work import UnitOfWork
from tests.companies import work_of
from tests.erp import Answer, Erp, User
from tests.refused import problem_of, unchanged

SHOWN = "exchangeRate { id currency validOn rate source version }"


def _rate(day: date, rate: str, currency: str = "USD") -> ExchangeRate:
    made = ExchangeRate(
        id=UUID(int=1), tenant_id=UUID(int=2), currency=currency, valid_on=day, own="EUR"
    )
    made.rate, made.source = Decimal(rate), RateSource.ECB
    return made


RATES = [
    _rate(date(2026, 3, 31), "0.93"),
    _rate(date(2026, 1, 1), "0.91"),
    _rate(date(2026, 3, 15), "1.02", "CHF"),
]


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2026, 1, 1), "0.91"),
        (date(2026, 3, 30), "0.91"),
        (date(2026, 3, 31), "0.93"),
        (date(2027, 1, 1), "0.93"),
    ],
)
def test_the_rate_of_a_day_is_the_newest_one_at_that_day_or_before(day, rate):
    """Whatever the order in which they were recorded."""
    assert rate_on(RATES, "USD", day).rate == Decimal(rate)


def test_before_the_first_rate_there_is_none():
    """Nobody guesses with a later one, nor with that of another currency."""
    with pytest.raises(ExchangeRateMissing) as missing:
        rate_on(RATES, "USD", date(2025, 12, 31))

    assert missing.value.facts() == {"currency": "USD", "day": "2025-12-31"}


# ------------------------------------------------------------------------------ through the API


async def _record(user: User, rate: str, day: str = "2026-11-02", **more: Any) -> Answer:
    facts = {"currency": "USD", "validOn": day, "rate": rate, **more}
    return await user.do("recordExchangeRate", SHOWN, **facts)


async def test_a_rate_is_recorded_listed_and_corrected(erp: Erp):
    """The second rate of a day corrects the first; the journal tells both."""
    anna = await erp.sign_in()
    first = (await _record(anna, "0.92", source="ECB")).made
    await _record(anna, "1.05", "2026-11-03", currency="CHF")

    again = (await _record(anna, "0.912345", source="BMF")).made

    assert first["rate"] == "0.92"
    assert again == {
        "id": first["id"],
        "currency": "USD",
        "validOn": "2026-11-02",
        "rate": "0.912345",
        "source": "BMF",
        "version": 2,
    }
    listed = await anna.ask(
        '{ all: exchangeRates { nodes { currency } } usd: exchangeRates(filter: {currency: "USD"})'
        " { nodes { rate history(first: 5) { nodes { type changes { field before after } } } } } }"
    )
    assert listed.data["all"]["nodes"] == [{"currency": "CHF"}, {"currency": "USD"}]
    [shown] = listed.data["usd"]["nodes"]
    assert [entry["type"] for entry in shown["history"]["nodes"]] == ["ExchangeRateRecorded"] * 2
    assert shown["history"]["nodes"][1]["changes"] == [
        {"field": "rate", "before": "0.92", "after": "0.912345"},
        {"field": "source", "before": "ECB", "after": "BMF"},
    ]


@pytest.mark.parametrize(
    ("change", "code", "place", "sentence"),
    [
        (
            {"currency": "EUR"},
            "RATE_OF_OWN_CURRENCY",
            "input.currency",
            "EUR is the currency of your company; its rate is always 1.",
        ),
        (
            {"currency": "usd"},
            "CURRENCY_UNKNOWN",
            "input.currency",
            "Write the currency as three capital letters such as USD (ISO 4217).",
        ),
        ({"currency": "\0"}, "CURRENCY_UNKNOWN", "input.currency", None),
        ({"rate": "0"}, "MUST_BE_POSITIVE", "input.rate", None),
        ({"rate": "-1"}, "MUST_BE_POSITIVE", "input.rate", None),
        ({"rate": "0.0000001"}, "TOO_PRECISE", "input.rate", None),
    ],
)
async def test_a_rate_that_cannot_be_is_refused(
    erp: Erp, change: dict[str, str], code: str, place: str, sentence: str | None
):
    """Nothing is written."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await _record(anna, **{"rate": "0.92", **change})

    told = problem_of(answer)
    assert told[:2] == (code, place)
    assert sentence in (None, told[2])


async def test_only_an_administrator_records_rates(erp: Erp):
    """They decide what foreign documents are worth."""
    martin = await erp.sign_in("martin", roles=("manager",))

    async with unchanged(erp):
        answer = await _record(martin, "0.92")

    assert answer.error_codes == ["FORBIDDEN"]


async def test_twenty_who_record_the_same_day_at_once_make_one_rate(erp: Erp):
    """They wait for each other; each is one version."""
    anna = await erp.sign_in()

    answers = await asyncio.gather(*(_record(anna, f"0.{n + 10}") for n in range(20)))

    assert {answer.made["id"] for answer in answers} == {answers[0].made["id"]}
    assert sorted(answer.made["version"] for answer in answers)[-1] == 20


async def test_a_unit_of_work_takes_the_newest_rate_at_or_before_a_day(erp: Erp):
    """With its day and source, for the document to keep; before the first there is none."""
    anna = await erp.sign_in()
    await _record(anna, "0.92", "2026-11-02", source="ECB")
    await _record(anna, "0.93", "2026-11-09")
    work: UnitOfWork

    async with work_of(erp) as work:
        known = await work.tenants.exchange_rate("USD", date(2026, 11, 8))
        with pytest.raises(ExchangeRateMissing):
            await work.tenants.exchange_rate("USD", date(2026, 11, 1))

    assert known == KnownRate(Decimal("0.92"), date(2026, 11, 2), RateSource.ECB)
