"""Payment blocks of received invoices: what the match set it may lift, what a person set it not."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import COSTS, User

SEED = {
    "description": "Saatgut",
    "quantity": "10",
    "unit": "PIECE",
    "unitPrice": "10",
    "taxCategory": "S",
    "taxRate": "19",
}
BLOCK = "query($id: ID!) { document(id: $id) { version ... on SupplierInvoice { paymentBlock } } }"


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def ordered(anna: User, supplier: str) -> dict[str, Any]:
    """Order ten pieces at 10.00 EUR."""
    order: dict[str, Any] = await anna.create("PURCHASE_ORDER", supplier=supplier, lines=[SEED])
    assert (await anna.post(order)).problems == []
    return order


async def received(anna: User, order: dict[str, Any], pieces: str) -> dict[str, Any]:
    """Receive some of them."""
    line = {"lineId": order["lines"][0]["id"], "quantity": pieces}
    receipt: dict[str, Any] = (await anna.convert([order["id"]], "GOODS_RECEIPT", [line])).made
    assert (await anna.post(receipt)).problems == []
    return receipt


async def billed(
    anna: User, supplier: str, source: dict[str, Any], pieces: str, **line: str
) -> dict[str, Any]:
    """Post the supplier's invoice over some of an order or a receipt."""
    of_source = {
        **SEED,
        **COSTS,
        "quantity": pieces,
        "sourceLineId": source["lines"][0]["id"],
        **line,
    }
    invoice = await anna.create("SUPPLIER_INVOICE", supplier=supplier, lines=[of_source])
    assert (await anna.post(invoice)).problems == []
    return invoice


async def block_of(anna: User, invoice: dict[str, Any]) -> str | None:
    """Return why an invoice must not be paid."""
    found: dict[str, Any] = (await anna.ask(BLOCK, id=invoice["id"])).data["document"]
    invoice["version"] = found["version"]
    reason: str | None = found["paymentBlock"]
    return reason


@pytest.mark.parametrize("price", ["10", "12"])
async def test_what_a_person_blocked_stays_blocked_when_more_is_posted(anna: User, price: str):
    """Whether the match had found something of its own before or not."""
    supplier = await anna.create_partner(isSupplier=True)
    receipt = await received(anna, await ordered(anna, supplier), "10")
    invoice = await billed(anna, supplier, receipt, "5", unitPrice=price)
    await block_of(anna, invoice)
    known = {"id": invoice["id"], "expectedVersion": invoice["version"]}
    shown = "supplierInvoice { paymentBlock }"
    blocked = await anna.do("blockPayment", shown, reason="Ware verschimmelt", **known)

    await billed(anna, supplier, receipt, "1")

    assert blocked.problems == []
    assert await block_of(anna, invoice) == "Ware verschimmelt"
    assert (await anna.erp.journal_types(invoice["id"]))[-1] == "SupplierInvoicePaymentBlocked"
    known["expectedVersion"] = invoice["version"]
    released = await anna.do("releasePayment", shown, reason="doch", **known)
    assert released.problem_codes == ["FOUR_EYES_VIOLATION"]


async def test_what_the_match_blocked_goes_when_the_goods_come(anna: User):
    """Billed before all of it was there, paid once the rest has come."""
    supplier = await anna.create_partner(isSupplier=True)
    order = await ordered(anna, supplier)
    await received(anna, order, "4")
    invoice = await billed(anna, supplier, order, "10")
    before = await block_of(anna, invoice)

    await received(anna, order, "6")

    assert (before, await block_of(anna, invoice)) == ("QUANTITY 1", None)
    assert (await anna.erp.journal_types(invoice["id"]))[-1] == "SupplierInvoicePaymentReleased"
