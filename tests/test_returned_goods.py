"""Goods that come back are compensated once: the invoice takes less, or a credit note follows."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest

from tests.chains import (
    Document,
    convert,
    converted,
    followed,
    look,
    plain,
    posted,
    verb,
    wheat,
)
from tests.companies import found_without_approval
from tests.erp import User

WAITING = "{ documents(filter: {hasOpenLines: true}) { nodes { number } } }"


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def open_of(user: User, document: Document) -> list[str]:
    """Return the open quantity of each line."""
    return [plain(line["openQuantity"]) for line in (await look(user, document))["lines"]]


async def waiting(user: User) -> list[str]:
    """Return the numbers of all documents that wait for what follows."""
    return [node["number"] for node in (await user.ask(WAITING)).data["documents"]["nodes"]]


async def came_back(user: User, delivery: Document, tonnes: str) -> Document:
    """Post the return of some of a delivery."""
    return await followed(user, delivery, "CUSTOMER_RETURN", (delivery["lines"][0], tonnes))


async def test_goods_that_come_back_before_they_are_billed_are_not_credited(anna: User):
    """Ten delivered, four back, six billed: the customer pays six, and nothing waits."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"))
    back = await came_back(anna, delivery, "4")
    assert await open_of(anna, back) == ["0"]
    invoice = await followed(anna, delivery, "SALES_INVOICE")

    whole = await convert(anna, back, "SALES_CREDIT_NOTE")
    picked = await convert(anna, back, "SALES_CREDIT_NOTE", (back["lines"][0], "4"))

    assert plain(invoice["lines"][0]["quantity"]) == "6"
    assert whole.problem_codes == ["NOTHING_OPEN"]
    assert picked.problem_codes == ["OPEN_QUANTITY_EXCEEDED"]
    assert await waiting(anna) == []


async def test_of_goods_billed_in_part_only_what_was_billed_too_much_is_credited(anna: User):
    """Ten delivered, four billed, all back: four are credited, six were never paid."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"))
    await followed(anna, delivery, "SALES_INVOICE", (delivery["lines"][0], "4"))
    back = await came_back(anna, delivery, "10")
    assert (await open_of(anna, back), await open_of(anna, delivery)) == (["4"], ["0"])

    credit = await followed(anna, back, "SALES_CREDIT_NOTE")

    assert credit["net"] == "800.00"
    assert await waiting(anna) == []


async def test_what_was_billed_is_credited_to_the_first_return_first(anna: User):
    """Eight of ten billed, five come back: two of those were never paid, three are credited."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"))
    await followed(anna, delivery, "SALES_INVOICE", (delivery["lines"][0], "8"))
    first = await came_back(anna, delivery, "2")
    assert await open_of(anna, first) == ["0"]

    second = await came_back(anna, delivery, "3")

    assert (await open_of(anna, first), await open_of(anna, second)) == (["2"], ["1"])
    credit = await followed(anna, [first, second], "SALES_CREDIT_NOTE")
    assert [plain(line["quantity"]) for line in credit["lines"]] == ["2", "1"]
    assert await waiting(anna) == []


async def test_a_draft_invoice_is_no_reason_to_credit(anna: User):
    """It may be thrown away; once it is posted the return waits for its credit note."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"))
    draft = await converted(anna, delivery, "SALES_INVOICE", (delivery["lines"][0], "6"))
    back = await came_back(anna, delivery, "4")
    assert await open_of(anna, back) == ["0"]

    assert (await verb(anna, "discardDocument", draft)).problems == []

    assert (await open_of(anna, back), await open_of(anna, delivery)) == (["0"], ["6"])


async def test_an_invoice_is_not_cancelled_under_the_credit_note_of_its_goods(anna: User):
    """Ten billed, four back and credited: first the credit note is cancelled, then the invoice."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"))
    invoice = await followed(anna, delivery, "SALES_INVOICE")
    back = await came_back(anna, delivery, "4")
    credit = await followed(anna, back, "SALES_CREDIT_NOTE")

    refused = await verb(anna, "cancelDocument", await look(anna, invoice), reason="falsch")
    assert (await verb(anna, "cancelDocument", credit, reason="falsch")).problems == []
    assert await open_of(anna, back) == ["4"]
    done = await verb(anna, "cancelDocument", await look(anna, invoice), reason="falsch")

    assert refused.problem_codes == ["FOLLOW_UPS_EXIST"]
    assert done.problems == []
    assert (await open_of(anna, back), await open_of(anna, delivery)) == (["0"], ["6"])


async def test_goods_billed_of_the_order_itself_are_credited_when_they_come_back(anna: User):
    """Ten billed in advance, delivered, four back: four are credited."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    await followed(anna, order, "SALES_INVOICE")
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    back = await came_back(anna, delivery, "4")
    assert (await open_of(anna, back), await open_of(anna, delivery)) == (["4"], ["0"])

    credit = await followed(anna, back, "SALES_CREDIT_NOTE")

    assert credit["net"] == "800.00"
    assert await waiting(anna) == []


async def test_goods_billed_of_the_order_after_they_came_back_are_credited_too(anna: User):
    """The return waits as soon as the whole order is billed, though it was delivered less."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    back = await came_back(anna, delivery, "4")
    assert await open_of(anna, back) == ["0"]

    invoice = await followed(anna, order, "SALES_INVOICE")

    assert plain(invoice["lines"][0]["quantity"]) == "10"
    assert await open_of(anna, back) == ["4"]


async def test_what_was_credited_of_an_advance_does_not_pay_for_the_next_delivery(anna: User):
    """Ten of twenty billed, ten delivered, four back and credited: the next ten wait whole."""
    order = await posted(anna, "SALES_ORDER", wheat("20"))
    line = order["lines"][0]
    invoice = await converted(anna, order, "SALES_INVOICE", (line, "10"))
    supplied = await anna.do(
        "updateSalesInvoice",
        "salesInvoice { id version }",
        id=invoice["id"],
        expectedVersion=invoice["version"],
        supplyDate="2026-11-18",
    )
    await anna.post(supplied.made)
    first = await followed(anna, order, "DELIVERY_NOTE", (line, "10"))
    await followed(anna, await came_back(anna, first, "4"), "SALES_CREDIT_NOTE")

    second = await followed(anna, order, "DELIVERY_NOTE", (line, "10"))

    assert (await open_of(anna, first), await open_of(anna, second)) == (["0"], ["10"])


async def test_closing_one_line_of_a_return_leaves_the_others_as_they_are(anna: User):
    """Two lines came back unbilled and billed: closing one does not open the other."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"), wheat("5"))
    await followed(anna, delivery, "SALES_INVOICE", (delivery["lines"][1], "5"))
    back = await followed(anna, delivery, "CUSTOMER_RETURN")
    assert await open_of(anna, back) == ["0", "5"]

    second = back["lines"][1]["id"]
    closed = await verb(
        anna, "closeLines", await look(anna, back), lineIds=[second], reason="Ersatz"
    )

    assert closed.problems == []
    assert await open_of(anna, back) == ["0", "0"]


async def test_a_supplier_credits_only_what_he_had_billed(anna: User):
    """Four of ten go back before his invoice: he credits none until he bills all ten."""
    receipt = await posted(anna, "GOODS_RECEIPT", wheat("10"))
    back = await followed(anna, receipt, "SUPPLIER_RETURN", (receipt["lines"][0], "4"))
    refused = await convert(anna, back, "SUPPLIER_CREDIT_NOTE")
    assert (refused.problem_codes, await open_of(anna, back)) == (["NOTHING_OPEN"], ["0"])

    line = receipt["lines"][0]
    await followed(anna, receipt, "SUPPLIER_INVOICE", (line, "10"), number="RE 1")

    assert await open_of(anna, back) == ["4"]
    credit = await followed(anna, back, "SUPPLIER_CREDIT_NOTE", number="GU 1")
    assert credit["net"] == "800.00"
