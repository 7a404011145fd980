"""A supplier objects to a self-billed invoice: its input tax is reversed, once."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Answer, User
from tests.refused import unchanged

TAXES = "document { id version tax ... on SelfBilledInvoice { inputTax } }"
FOUND = (
    "query($id: ID!) { document(id: $id) { version tax ... on SelfBilledInvoice { inputTax } } }"
)


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def posted(anna: User) -> dict[str, Any]:
    """Post a self-billed invoice with 19.00 EUR of tax."""
    invoice: dict[str, Any] = await anna.create("SELF_BILLED_INVOICE")
    assert (await anna.post(invoice)).problems == []
    return invoice


async def objected(anna: User, invoice: dict[str, Any]) -> Answer:
    """Record the supplier's objection."""
    known = {"id": invoice["id"], "expectedVersion": (await look(anna, invoice))["version"]}
    return await anna.do(
        "recordObjection", "selfBilledInvoice { inputTax }", reason="Menge falsch", **known
    )


async def cancelled(anna: User, invoice: dict[str, Any]) -> dict[str, Any]:
    """Cancel it and return the counter document."""
    known = {"id": invoice["id"], "expectedVersion": (await look(anna, invoice))["version"]}
    counter: dict[str, Any] = (await anna.do("cancelDocument", TAXES, reason="x", **known)).made
    return counter


async def look(anna: User, invoice: dict[str, Any]) -> dict[str, Any]:
    """Return version, tax and input tax of now."""
    found: dict[str, Any] = (await anna.ask(FOUND, id=invoice["id"])).data["document"]
    return found


async def test_what_was_objected_to_and_then_cancelled_has_no_input_tax_on_either_side(anna: User):
    """The objection took the 19.00 EUR back; the cancellation does not take them a second time."""
    invoice = await posted(anna)
    before = (await look(anna, invoice))["inputTax"]

    assert (await objected(anna, invoice)).made == {"inputTax": "0.00"}
    counter = await cancelled(anna, invoice)

    assert before == "19.00"
    assert (counter["tax"], counter["inputTax"]) == ("-19.00", "0.00")
    assert (await look(anna, invoice))["inputTax"] == "0.00"


async def test_a_cancellation_alone_reverses_the_input_tax(anna: User):
    """Both stay in the books, and together they are nothing."""
    invoice = await posted(anna)

    counter = await cancelled(anna, invoice)

    assert [(await look(anna, each))["inputTax"] for each in (invoice, counter)] == [
        "19.00",
        "-19.00",
    ]


async def test_nobody_objects_to_what_was_cancelled_or_to_the_cancellation(anna: User):
    """Its tax is gone already."""
    invoice = await posted(anna)
    counter = await cancelled(anna, invoice)

    async with unchanged(anna.erp):
        refused = [await objected(anna, each) for each in (invoice, counter)]

    assert [(each.problem_codes, each.problems[0]["message"][:13]) for each in refused] == [
        (["OBJECTION_NOT_POSSIBLE"], f"GS-2026-0000{n}") for n in (1, 2)
    ]
