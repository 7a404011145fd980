"""Returns become credit notes: the day on which goods came or went back is the day of supply."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import (
    Document,
    completed,
    converted,
    draft,
    followed,
    post,
    posted,
    supply_date_of,
)
from tests.companies import found_without_approval
from tests.erp import User

CHAINS = [
    ("DELIVERY_NOTE", "CUSTOMER_RETURN", "SALES_CREDIT_NOTE"),
    ("GOODS_RECEIPT", "SUPPLIER_RETURN", "SUPPLIER_CREDIT_NOTE"),
]


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def billed(user: User, moved: str, **more: Any) -> Document:
    """Post a delivery or receipt of ten tonnes and its invoice."""
    delivery = await posted(user, moved, **more)
    if moved == "DELIVERY_NOTE":
        await followed(user, delivery, "SALES_INVOICE")
    else:
        await followed(user, delivery, "SUPPLIER_INVOICE", number="RE 1")
    return delivery


@pytest.mark.parametrize(("moved", "returned", "credited"), CHAINS)
async def test_a_return_gives_its_day_to_the_credit_note(
    anna: User, moved: str, returned: str, credited: str
):
    """Nothing has to be typed: the credit note is posted as it was converted."""
    delivery = await billed(anna, moved, supplyDate="2026-11-10")
    back = await converted(anna, delivery, returned)
    back = await post(anna, await completed(anna, back, supplyDate="2026-11-17"))

    credit = await converted(anna, back, credited)

    assert await supply_date_of(anna, credit) == "2026-11-17"


@pytest.mark.parametrize(("moved", "returned", "credited"), CHAINS)
async def test_a_return_without_a_day_of_its_own_gives_the_day_it_was_written(
    anna: User, moved: str, returned: str, credited: str
):
    """The issue date stands in for it on the return, and travels."""
    delivery = await billed(anna, moved)
    back = await followed(anna, delivery, returned)

    credit = await converted(anna, back, credited)

    assert await supply_date_of(anna, credit) == back["issueDate"]


@pytest.mark.parametrize(("moved", "returned", "credited"), CHAINS)
async def test_a_return_written_by_hand_gives_its_day_too(
    anna: User, moved: str, returned: str, credited: str
):
    """It came from no delivery that we know."""
    back = await posted(anna, returned, issueDate="2026-11-19")

    credit = await converted(anna, back, credited)

    assert await supply_date_of(anna, credit) == "2026-11-19"


@pytest.mark.parametrize(("moved", "returned", "credited"), CHAINS)
async def test_several_returns_give_their_period(
    anna: User, moved: str, returned: str, credited: str
):
    """From the first day on which something came back to the last."""
    partner = await anna.create_partner()
    role = "soldTo" if moved == "DELIVERY_NOTE" else "supplier"
    backs = [
        await posted(anna, returned, supplyDate=day, **{role: partner})
        for day in ("2026-11-18", "2026-11-12")
    ]

    credit = await converted(anna, backs, credited)

    asked = f"query($id: ID!) {{ document(id: $id) {{ ... on {credit['__typename']}"
    seen = await anna.ask(f"{asked} {{ supplyDate supplyUntil }} }} }}", id=credit["id"])
    assert seen.data["document"] == {"supplyDate": "2026-11-12", "supplyUntil": "2026-11-18"}


async def test_the_credit_note_of_a_return_is_posted_as_it_comes(anna: User):
    """A sales credit note needs nothing more; what a supplier sends has a number of its own."""
    delivery = await billed(anna, "DELIVERY_NOTE")
    back = await followed(anna, delivery, "CUSTOMER_RETURN")

    credit = await post(anna, await converted(anna, back, "SALES_CREDIT_NOTE"))

    assert credit["state"] == "POSTED"


async def test_a_correction_of_an_invoice_is_about_the_supply_of_that_invoice(anna: User):
    """Nothing comes back, the price was too high: the day of supply stays."""
    invoice = await posted(anna, "SALES_INVOICE", supplyDate="2026-11-05")

    credit = await converted(anna, invoice, "SALES_CREDIT_NOTE")

    assert await supply_date_of(anna, credit) == "2026-11-05"


async def test_a_credit_note_from_nowhere_still_needs_a_day(anna: User):
    """Written by hand without one, it is not posted."""
    credit = await draft(anna, "SALES_CREDIT_NOTE", supplyDate=None)

    answer = await anna.post(dict(credit))

    assert answer.problem_codes == ["SUPPLY_DATE_MISSING"]
