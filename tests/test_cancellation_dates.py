"""On which day a cancellation is posted, and that it never asks about the order of dates."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import draft, look, posted, verb
from tests.companies import found_without_approval
from tests.erp import User


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def older_and_newer(anna: User, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Post a document of the 10th and one of the 20th of November."""
    days: list[dict[str, Any]] = [
        {"issueDate": f"2026-11-{day}"}
        | ({"supplyDate": f"2026-11-{day}"} if "PAYMENT" not in kind else {})
        for day in (10, 20)
    ]
    older, newer = [await posted(anna, kind, **day) for day in days]
    return older, newer


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("SALES_INVOICE", "INV-2026-00003"),
        ("DELIVERY_NOTE", "DL-2026-00003"),
        ("INCOMING_PAYMENT", "PAY-2026-00003"),
    ],
)
async def test_what_is_older_than_the_last_number_is_cancelled_without_a_question(
    anna: User, kind: str, number: str
):
    """The counter document follows its original by its nature: posted on its day, numbered now."""
    older, _ = await older_and_newer(anna, kind)

    counter = (await verb(anna, "cancelDocument", older, reason="falsch")).made

    assert (counter["number"], counter["postingDate"]) == (number, "2026-11-10")


async def test_cancelling_and_copying_asks_nobody_either(anna: User):
    """The copy is a draft of today; the counter document has the next number."""
    older, _ = await older_and_newer(anna, "SALES_INVOICE")

    copy = (await verb(anna, "cancelAndCopyDocument", older, reason="falsche Menge")).made

    assert (copy["state"], copy["number"]) == ("DRAFT", None)
    assert await anna.erp.numbers() == [f"INV-2026-0000{n}" for n in (1, 2, 3)]


async def test_an_older_invoice_still_asks_after_a_cancellation(anna: User):
    """A cancellation of the 10th does not turn the clock of the series back."""
    older, _ = await older_and_newer(anna, "SALES_INVOICE")
    await verb(anna, "cancelDocument", older, reason="falsch")
    late = await draft(anna, "SALES_INVOICE", issueDate="2026-11-15", supplyDate="2026-11-15")

    answer = await anna.post(late)

    assert answer.problem_codes == ["NUMBER_OUT_OF_DATE_ORDER"]


async def test_what_lies_in_a_closed_period_is_cancelled_today(anna: User):
    """The books of October stay as they are; the cancellation belongs to today."""
    october = {"issueDate": "2026-10-10", "supplyDate": "2026-10-10"}
    invoice = await posted(anna, "SALES_INVOICE", **october)
    closed = await anna.do("closePeriod", "periodLock { id }", area="SALES", until="2026-10-31")
    assert closed.problems == []

    counter = (await verb(anna, "cancelDocument", invoice, reason="falsch")).made

    assert counter["postingDate"] == counter["issueDate"] > "2026-10-31"
    assert (await look(anna, invoice))["postingDate"] == "2026-10-10"
