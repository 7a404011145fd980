"""Which days a document can be posted on, and which dates an invoice run can bear."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import posted, wheat
from tests.companies import found_without_approval
from tests.erp import User
from tests.refused import problem_of, unchanged

TODAY = date.today()
FAR = [str(TODAY + timedelta(days=3)), "9999-12-31", "2150-01-01"]
ITEMS = "items { document { state number } problems { code path } }"
RUN = "items { document { id } problems { code path } }"


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


@pytest.mark.parametrize("day", [*FAR, "2026-11-17", "0001-01-01"])
async def test_a_document_is_posted_neither_before_it_happened_nor_far_ahead(anna: User, day: str):
    """Supplied on the 18th of November, issued on the 20th."""
    invoice = await anna.create_invoice()

    async with unchanged(anna.erp):
        refused = await anna.post(invoice, postingDate=day)

    code, place, message = problem_of(refused)
    assert (code, place) == ("DATE_OUT_OF_RANGE", "input.postingDate")
    assert message.startswith("This date must lie between 2026-11-18 and ")


@pytest.mark.parametrize("day", ["2026-11-18", "2026-11-20", "2026-11-21"])
async def test_it_is_posted_from_the_day_of_supply_on(anna: User, day: str):
    """The books may be written up to today, and tomorrow where today is closed."""
    invoice = await anna.create_invoice()

    assert (await anna.post(invoice, postingDate=day)).problems == []


async def test_where_today_is_closed_it_is_posted_tomorrow(anna: User):
    """The problem names the date that would do, so it must do."""
    invoice = await anna.create_invoice()
    today = (await anna.ask("{ openItemAgeing(side: SALES) { on } }")).data["openItemAgeing"]["on"]
    await anna.do("closePeriod", "periodLock { id }", area="SALES", until=today)

    closed = await anna.ask(
        "mutation($input: PostDocumentInput!) { postDocument(input: $input) {"
        " problems { code ... on PeriodClosed { firstOpen } } } }",
        input={"id": invoice["id"], "expectedVersion": 1, "idempotencyKey": "1"},
    )
    [problem] = closed.problems
    posted_then = await anna.post(invoice, postingDate=problem["firstOpen"])

    assert problem["code"] == "PERIOD_CLOSED"
    assert problem["firstOpen"] == str(date.fromisoformat(today) + timedelta(days=1))
    assert posted_then.problems == []


async def test_what_is_dated_ahead_is_posted_on_its_own_day_at_the_latest(anna: User):
    """An invoice of the first of next month, written today."""
    ahead = TODAY + timedelta(days=20)
    invoices = [await anna.create_invoice(issueDate=str(ahead)) for _ in range(2)]

    late = await anna.post(invoices[0], postingDate=str(ahead + timedelta(days=1)))
    usual = await anna.post(invoices[1])

    assert (late.problem_codes, usual.problems) == (["DATE_OUT_OF_RANGE"], [])


@pytest.mark.parametrize("day", FAR)
async def test_a_posting_date_for_many_is_looked_at_for_each(anna: User, day: str):
    """None of them opens a range of a year that nobody lives in."""
    ids = [(await anna.create_invoice())["id"] for _ in range(2)]

    answer = await anna.do(
        "postDocuments", ITEMS, ids=ids, postingDate=day, errorPolicy="SKIP_FAILED"
    )

    refused = {"code": "DATE_OUT_OF_RANGE", "path": ["input", "postingDate"]}
    assert answer.data["postDocuments"]["items"] == [
        {"document": None, "problems": [refused]} for _ in ids
    ]


async def test_what_was_received_is_not_posted_before_the_suppliers_date(anna: User):
    """Posted today unless another day is named, and that may be the day on the paper."""
    first, second = [await anna.create("SUPPLIER_INVOICE") for _ in range(2)]

    before = await anna.post(first, postingDate="2026-11-01")
    then = await anna.post(second, postingDate="2026-11-20", acceptOlderDate=True)

    assert (before.problem_codes, then.problems) == (["DATE_OUT_OF_RANGE"], [])


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-12-31", "2150-01-01"])
async def test_an_invoice_run_of_an_odd_day_makes_nothing(anna: User, day: str):
    """The same days that a draft may bear."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("1"))

    answer = await anna.do(
        "createInvoices",
        RUN,
        groups=[{"ids": [delivery["id"]]}],
        issueDate=day,
        errorPolicy="SKIP_FAILED",
    )

    [item] = answer.data["createInvoices"]["items"]
    assert item == {
        "document": None,
        "problems": [{"code": "DATE_OUT_OF_RANGE", "path": ["input", "issueDate"]}],
    }


async def test_an_invoice_run_bears_the_day_that_is_asked_for(anna: User):
    """The last day of the month, a few days later."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("1"), supplyDate="2026-10-20")
    shown = "items { document { issueDate } problems { code } }"

    answer = await anna.do(
        "createInvoices", shown, groups=[{"ids": [delivery["id"]]}], issueDate="2026-10-31"
    )

    items: Any = answer.data["createInvoices"]["items"]
    assert items == [{"document": {"issueDate": "2026-10-31"}, "problems": []}]
