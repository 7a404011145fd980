"""What `availableActions` says of settling, taking back and releasing, held against the verbs."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Answer, Erp, User
from tests.paying import (
    allocate,
    allocations,
    payment,
    pays,
    posted_invoice,
    supplier_invoice,
)
from tests.refused import unchanged

AVAILABLE = """query($id: ID!) { document(id: $id) { version
  availableActions { action allowed code reason } } }"""


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def told(user: User, document: str, *actions: str) -> list[str | None]:
    """Return the codes of what refuses these actions; None: they are allowed."""
    found = (await user.ask(AVAILABLE, id=document)).data["document"]["availableActions"]
    codes = {each["action"]: each["code"] for each in found}
    assert all(each["allowed"] is (each["code"] is None) for each in found)
    return [codes[action] for action in actions]


async def undo(user: User, document: str) -> Answer:
    """Take back the last allocation of a document."""
    id = (await allocations(user, document))[-1]["id"]
    return await user.do("undoAllocation", "document { id }", id=id, reason="Irrtum")


async def verb(user: User, mutation: str, document: str, **more: Any) -> Answer:
    """Do something with the present version of a document."""
    shown = "document { id }" if mutation == "cancelDocument" else "supplierInvoice { id }"
    version = (await user.ask(AVAILABLE, id=document)).data["document"]["version"]
    return await user.do(
        mutation, shown, id=document, expectedVersion=version, reason="Grund", **more
    )


async def test_what_is_open_is_settled_and_what_is_settled_is_taken_back(shop: Erp):
    """On both sides of an allocation, and as the verbs answer then."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "119")
    both = ("SETTLE", "UNSETTLE")

    assert await told(anna, invoice, *both) == [None, "NOTHING_SETTLED"]
    assert await told(anna, paid, *both) == [None, "NOTHING_SETTLED"]
    assert (await allocate(anna, paid, pays(invoice, "100"))).problems == []
    assert await told(anna, invoice, *both) == await told(anna, paid, *both) == [None, None]
    assert (await allocate(anna, paid, pays(invoice, "19"))).problems == []

    assert await told(anna, invoice, *both) == ["FULLY_SETTLED", None]
    assert await told(anna, paid, *both) == ["FULLY_SETTLED", None]
    more = await payment(anna, customer, "5")
    other = await posted_invoice(anna, customer)
    async with unchanged(shop):
        refused = [
            await allocate(anna, more, pays(invoice, "1")),
            await allocate(anna, paid, pays(other, "1")),
        ]
    assert [answer.problem_codes for answer in refused] == [["FULLY_SETTLED"]] * 2
    assert [answer.problems[0]["path"] for answer in refused] == [
        ["input", "allocations", "0", "documentId"],
        ["input", "paymentId"],
    ]
    assert (await undo(anna, invoice)).problems == []
    assert await told(anna, invoice, *both) == [None, None]


async def test_what_was_taken_back_is_nothing_to_take_back(shop: Erp):
    """It stays readable, and settles nothing any more."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "119")
    await allocate(anna, paid, pays(invoice, "119"))
    await undo(anna, invoice)

    assert await told(anna, invoice, "SETTLE", "UNSETTLE") == [None, "NOTHING_SETTLED"]
    assert (await undo(anna, invoice)).problem_codes == ["ALLOCATION_UNDONE"]


async def test_a_cancellation_that_settles_its_original_is_not_taken_back(shop: Erp):
    """Seen from either; money that had been paid before is, on the original."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    whole, part = await posted_invoice(anna, customer), await posted_invoice(anna, customer)
    paid = await payment(anna, customer, "19")
    await allocate(anna, paid, pays(part, "19"))
    for each in (whole, part):
        assert (await verb(anna, "cancelDocument", each)).problems == []
    counters = [(await allocations(anna, each))[-1]["counterpartId"] for each in (whole, part)]

    both = ("SETTLE", "UNSETTLE")
    assert await told(anna, whole, *both) == ["FULLY_SETTLED", "SETTLED_BY_CANCELLATION"]
    assert await told(anna, counters[0], *both) == ["FULLY_SETTLED", "SETTLED_BY_CANCELLATION"]
    assert await told(anna, part, *both) == ["FULLY_SETTLED", None]
    assert await told(anna, counters[1], *both) == [None, "SETTLED_BY_CANCELLATION"]
    assert (await undo(anna, whole)).problem_codes == ["SETTLED_BY_CANCELLATION"]
    found = (await anna.ask(AVAILABLE, id=counters[0])).data["document"]["availableActions"]
    [reason] = [each["reason"] for each in found if each["action"] == "UNSETTLE"]
    assert reason.startswith("INV-2026-00001 ")


async def test_a_block_is_released_by_somebody_else_than_the_author_where_there_is_one(shop: Erp):
    """As the verb answers: nothing is blocked, one's own work, and it is done."""
    anna, berta = await shop.sign_in(), await shop.sign_in("berta")
    invoice = await supplier_invoice(anna, await anna.create_partner(), "100")

    assert await told(anna, invoice, "BLOCK_PAYMENT", "RELEASE_PAYMENT") == [
        None,
        "PAYMENT_NOT_BLOCKED",
    ]
    assert (await verb(berta, "releasePayment", invoice)).problem_codes == ["PAYMENT_NOT_BLOCKED"]
    assert (await verb(anna, "blockPayment", invoice)).problems == []

    assert await told(anna, invoice, "RELEASE_PAYMENT") == ["FOUR_EYES_VIOLATION"]
    assert await told(berta, invoice, "RELEASE_PAYMENT", "SETTLE") == [None, None]
    assert (await verb(anna, "releasePayment", invoice)).problem_codes == ["FOUR_EYES_VIOLATION"]
    assert (await verb(berta, "releasePayment", invoice)).problems == []
    assert await told(berta, invoice, "RELEASE_PAYMENT") == ["PAYMENT_NOT_BLOCKED"]


async def test_rights_come_before_what_is_open(shop: Erp):
    """Who may not settle is told that, not what is open."""
    anna = await shop.sign_in()
    invoice = await posted_invoice(anna, await anna.create_partner())
    olga = await shop.sign_in("olga", roles=("operator",))

    assert await told(olga, invoice, "SETTLE", "UNSETTLE") == ["FORBIDDEN", "FORBIDDEN"]
