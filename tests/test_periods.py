"""Accounting periods: closed, reopened with a reason, looked over before, and never raced past."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.periods import PeriodClosed, check_period
from persistence.numbering import Numbering
from persistence.periods import Periods
from tests.companies import found_without_approval
from tests.erp import Answer, Erp, User
from tests.numbered import posted
from tests.refused import unchanged

LOCK = "periodLock { area closedUntil version }"


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def close(user: User, until: str, area: str = "SALES") -> Answer:
    """Close."""
    return await user.do("closePeriod", LOCK, area=area, until=until)


async def reopen(user: User, until: str | None, reason: str = "Beleg fehlte") -> Answer:
    """Reopen sales."""
    return await user.do("reopenPeriod", LOCK, area="SALES", until=until, reason=reason)


async def test_nothing_is_posted_into_a_closed_period(shop: Erp):
    """The problem names the first date that would do; a draft with that date is posted."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice(issueDate="2026-10-31", supplyDate="2026-10-30")
    assert (await close(anna, "2026-10-31")).made == {
        "area": "SALES",
        "closedUntil": "2026-10-31",
        "version": 2,
    }

    async with unchanged(shop):
        refused = await anna.do(
            "postDocument",
            "document { id } problems { ... on PeriodClosed { closedUntil firstOpen } }",
            id=invoice["id"],
            expectedVersion=1,
        )

    [problem] = refused.problems
    assert problem["code"] == "PERIOD_CLOSED"
    assert (problem["closedUntil"], problem["firstOpen"]) == ("2026-10-31", "2026-11-01")
    assert problem["path"] == ["input", "id"]
    assert (await posted(anna, "2026-11-01"))["number"] == "INV-2026-00001"


async def test_areas_are_closed_apart(shop: Erp):
    """Purchasing is finished on another day than sales."""
    anna = await shop.sign_in()
    await close(anna, "2026-11-20", "PURCHASE")
    await close(anna, "2026-11-20", "PAYMENTS")

    await posted(anna, "2026-11-20")

    asked = "{ s: periodLock(area: SALES) { %s } p: periodLock(area: PURCHASE) { %s } }"
    assert (await anna.ask(asked % (("closedUntil",) * 2))).data == {
        "s": {"closedUntil": None},
        "p": {"closedUntil": "2026-11-20"},
    }


async def test_reopened_days_take_documents_again_and_the_journal_says_why(shop: Erp):
    """What is earlier stays closed; without a day everything opens."""
    anna = await shop.sign_in()
    await close(anna, "2026-10-31")

    late = "Gutschrift der Mühle kam zu spät"
    opened = await reopen(anna, "2026-09-30", late)
    await posted(anna, "2026-10-01")
    september = await anna.create_invoice(issueDate="2026-09-30", supplyDate="2026-09-30")
    still_closed = await anna.post(september)
    await reopen(anna, None)
    last = await anna.post(september, acceptOlderDate=True)

    assert opened.made["closedUntil"] == "2026-09-30"
    assert (still_closed.problem_codes, last.problems) == (["PERIOD_CLOSED"], [])
    asked = (
        "{ periodLock(area: SALES) { closedUntil history { nodes {"
        " type reason changes { field before after } } } } }"
    )
    found = (await anna.ask(asked)).data["periodLock"]
    told = [
        (node["type"], node["reason"], *(tuple(change.values()) for change in node["changes"]))
        for node in found["history"]["nodes"]
    ]
    assert found["closedUntil"] is None
    assert told == [
        ("PeriodClosed", None, ("closedUntil", None, "2026-10-31")),
        ("PeriodReopened", late, ("closedUntil", "2026-10-31", "2026-09-30")),
        ("PeriodReopened", "Beleg fehlte", ("closedUntil", "2026-09-30", None)),
    ]


async def test_what_cannot_be_closed_or_reopened_is_refused(shop: Erp):
    """Not the future, not what is closed, nothing that is open, and never without a reason."""
    anna = await shop.sign_in()
    tomorrow = str(date.today() + timedelta(days=2))
    await close(anna, "2026-09-30")

    async with unchanged(shop):
        answers = [
            await close(anna, tomorrow),
            await close(anna, "2026-09-30"),
            await close(anna, "2026-08-31"),
            await reopen(anna, "2026-09-30"),
            await reopen(anna, "2026-10-31"),
            await reopen(anna, None, reason="  "),
            await reopen(anna, None, reason="A" * 501),
        ]

    assert [answer.problem_codes for answer in answers] == [
        ["PERIOD_NOT_OVER"],
        ["PERIOD_ALREADY_CLOSED"],
        ["PERIOD_ALREADY_CLOSED"],
        ["PERIOD_NOT_CLOSED"],
        ["PERIOD_NOT_CLOSED"],
        ["REQUIRED"],
        ["TOO_LONG"],
    ]


@pytest.mark.parametrize(
    ("role", "closes", "reopens"),
    [
        ("controller", True, False),
        ("accountant", True, False),
        ("manager", False, True),
        ("operator", False, False),
    ],
)
async def test_who_closes_does_not_reopen(shop: Erp, role: str, closes: bool, reopens: bool):
    """Two scopes, so that the accountant needs somebody else to open a period again."""
    anna, user = await shop.sign_in(), await shop.sign_in("user", roles=(role,))
    await close(anna, "2026-08-31")

    answers = [await close(user, "2026-09-30"), await reopen(user, "2026-07-31")]

    assert [answer.error_codes == [] for answer in answers] == [closes, reopens]


async def test_a_document_of_a_closed_period_that_is_final_says_so_first(shop: Erp):
    """The state comes before the period: a second posting is not told to take another date."""
    anna = await shop.sign_in()
    invoice = await posted(anna, "2026-10-31")
    await close(anna, "2026-10-31")

    assert (await anna.post(dict(invoice))).problem_codes == ["TRANSITION_NOT_ALLOWED"]


async def test_the_check_list_names_unfinished_documents_of_the_period(shop: Erp):
    """Oldest first, in pages; not what is posted, discarded, or dated later."""
    anna = await shop.sign_in()
    drafts = {
        day: await anna.create_invoice(issueDate=day, supplyDate="2026-09-01")
        for day in ("2026-11-01", "2026-10-31", "2026-09-05", "2026-10-01")
    }
    await anna.verb("discardDocument", drafts["2026-10-01"])
    await posted(anna, "2026-10-15")
    ask = (
        "query($area: PeriodArea!, $after: Cursor) { periodChecklist(area: $area,"
        ' until: "2026-10-31") { drafts(first: 1, after: $after) { totalCount'
        " nodes { id issueDate } pageInfo { hasNextPage endCursor } } } }"
    )

    one = (await anna.ask(ask, area="SALES")).data["periodChecklist"]["drafts"]
    after = one["pageInfo"]["endCursor"]
    two = (await anna.ask(ask, area="SALES", after=after)).data["periodChecklist"]["drafts"]
    none = (await anna.ask(ask, area="PURCHASE")).data["periodChecklist"]["drafts"]

    assert [node["id"] for node in (*one["nodes"], *two["nodes"])] == [
        drafts["2026-09-05"]["id"],
        drafts["2026-10-31"]["id"],
    ]
    assert (one["totalCount"], two["pageInfo"]["hasNextPage"]) == (2, False)
    assert none["totalCount"] == 0


# ------------------------------------------------------------------------------------- the race


async def _until_somebody_waits(database_url: str, for_table: str) -> None:
    """Return when a session waits for a row of a table."""
    watcher = await asyncpg.connect(database_url)
    async with asyncio.timeout(5):
        while not await watcher.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock' and query like '%' || $1 || '%'",
            for_table,
        ):
            await asyncio.sleep(0.01)
    await watcher.close()


async def test_who_closes_waits_for_a_posting_that_has_begun(
    shop: Erp, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    """The posting has seen an open period and commits; the period is closed after it."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice(issueDate="2026-10-31", supplyDate="2026-10-31")
    looked, go_on = asyncio.Event(), asyncio.Event()
    give = Numbering.give

    async def paused(numbering: Numbering, documents: Any) -> Any:
        if documents:
            looked.set()
            await go_on.wait()
        return await give(numbering, documents)

    monkeypatch.setattr(Numbering, "give", paused)
    posting = asyncio.ensure_future(anna.post(invoice))
    await looked.wait()
    closing = asyncio.ensure_future(close(anna, "2026-10-31"))
    await _until_somebody_waits(database_url, "accounting_period_lock")
    go_on.set()

    assert (await posting).problems == []
    assert (await closing).problems == []
    types = [row["type"] for row in await shop.journal()]
    assert types[-2:] == ["SalesInvoicePosted", "PeriodClosed"]


async def test_a_posting_waits_for_who_is_closing_and_is_refused(
    shop: Erp, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    """It sees the period as it is after the commit it waited for."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice(issueDate="2026-10-31", supplyDate="2026-10-31")
    locked, go_on = asyncio.Event(), asyncio.Event()
    lock = Periods.locked

    async def paused(periods: Periods, area: Any) -> Any:
        found = await lock(periods, area)
        locked.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(Periods, "locked", paused)
    closing = asyncio.ensure_future(close(anna, "2026-10-31"))
    await locked.wait()
    posting = asyncio.ensure_future(anna.post(invoice))
    await _until_somebody_waits(database_url, "accounting_period_lock")
    go_on.set()

    assert (await closing).problems == []
    assert (await posting).problem_codes == ["PERIOD_CLOSED"]
    assert await shop.numbers() == []


DAYS = st.dates(date(2000, 1, 2), date(2100, 1, 1))


@given(st.none() | DAYS, DAYS)
def test_a_day_is_open_exactly_after_the_last_closed_one(closed: date | None, day: date):
    """And the day the problem names would do."""
    try:
        check_period(closed, day, ())
        assert closed is None or day > closed
    except PeriodClosed as refused:
        assert closed is not None
        assert day <= closed
        first = date.fromisoformat(refused.first_open)
        assert first == closed + timedelta(days=1)
        check_period(closed, first, ())
