"""Contracts that leave the price open: each call-off takes that of its day, or is asked for it."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import Document, completed, convert, converted, look, post, posted, rewrite
from tests.companies import found_without_approval
from tests.erp import FARMER, User

PERIOD = {"validFrom": "2026-11-01", "validUntil": "2027-10-31"}
OPEN = {**PERIOD, "priceFixed": False}
SALES = ("SALES_CONTRACT", "SALES_ORDER", "DELIVERY_NOTE", "SALES_INVOICE", "SALES")
PURCHASE = ("PURCHASE_CONTRACT", "PURCHASE_ORDER", "GOODS_RECEIPT", "SUPPLIER_INVOICE", "PURCHASE")
LINES = """query($id: ID!) { document(id: $id) { net
  lines { unitPrice priceQuantity discountPercent priceSource net } } }"""


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def partner(user: User) -> str:
    """Create somebody who buys and sells."""
    return await user.create_partner("Hof Sommer", **FARMER)


def role(kind: str, partner: str) -> dict[str, str]:
    """Name a partner on a document of a kind."""
    return {"soldTo" if kind.startswith("SALES") else "supplier": partner}


async def price(user: User, item: str, amount: str, side: str, **more: Any) -> None:
    """Write down a price per tonne that holds since the start of the year."""
    terms = {"itemId": item, "side": side, "unitPrice": amount, "validFrom": "2026-01-01", **more}
    assert (await user.do("createPrice", "price { id }", **terms)).problems == []


async def prices(user: User, document: Document) -> list[tuple[Any, ...]]:
    """Return price, source and discount of each line."""
    lines = (await user.ask(LINES, id=document["id"])).data["document"]["lines"]
    return [(each["unitPrice"], each["priceSource"], each["discountPercent"]) for each in lines]


def goods(item: str, quantity: str = "100", **more: Any) -> dict[str, Any]:
    """Return a line of tonnes of an item, its tax written out."""
    return {"itemId": item, "quantity": quantity, "taxCategory": "S", "taxRate": "7", **more}


@pytest.mark.parametrize("chain", [SALES, PURCHASE])
async def test_a_contract_with_an_open_price_is_posted_without_one(anna: User, chain: Any):
    """Even where the search would find one today: nothing is agreed."""
    contract, *_, side = chain
    item, who = await anna.create_item(), await partner(anna)
    await price(anna, item, "199", side)

    made = await posted(anna, contract, goods(item), **role(contract, who), **OPEN)

    assert await prices(anna, made) == [(None, None, "0")]
    assert made["net"] == "0.00"


@pytest.mark.parametrize("chain", [SALES, PURCHASE])
@pytest.mark.parametrize("hint", [None, "150"])
async def test_an_order_called_off_takes_the_price_of_the_day(
    anna: User, chain: Any, hint: str | None
):
    """A hint in the contract binds nobody; the quantity called off reaches the break, or not."""
    contract, order, *_, side = chain
    item, who = await anna.create_item(), await partner(anna)
    line = goods(item, **({"unitPrice": hint} if hint else {}))
    agreed = await posted(anna, contract, line, **role(contract, who), **OPEN)
    await price(anna, item, "199", side, partnerId=who)
    await price(anna, item, "195", side, partnerId=who, quantityFrom="50")
    [open_line] = agreed["lines"]

    few = await converted(anna, agreed, order, (open_line, "20"))
    many = await converted(anna, agreed, order, (open_line, "80"))

    assert await prices(anna, few) == [("199", "CUSTOMER_ITEM", "0")]
    assert await prices(anna, many) == [("195", "CUSTOMER_ITEM", "0")]
    assert (few["net"], many["net"]) == ("3980.00", "15600.00")


@pytest.mark.parametrize("chain", [SALES, PURCHASE])
async def test_the_price_of_the_day_travels_unseen_to_the_invoice(anna: User, chain: Any):
    """Found when the delivery was called off; what is written down later changes nothing."""
    contract, _, delivery, invoice, side = chain
    item, who = await anna.create_item(), await partner(anna)
    agreed = await posted(anna, contract, goods(item), **role(contract, who), **OPEN)
    await price(anna, item, "199", side)
    moved = await post(anna, await converted(anna, agreed, delivery))
    await price(anna, item, "250", side, validFrom="2026-11-02")

    bill = await converted(anna, moved, invoice)

    assert await prices(anna, bill) == [("199", "SOURCE_DOCUMENT", "0")]
    assert bill["net"] == "19900.00"


async def test_a_bill_at_the_price_of_the_day_is_not_blocked(anna: User):
    """The match looks at the receipt: the contract's hint was no agreement."""
    item, who = await anna.create_item(), await partner(anna)
    line = goods(item, unitPrice="150")
    agreed = await posted(anna, "PURCHASE_CONTRACT", line, supplier=who, **OPEN)
    await price(anna, item, "199", "PURCHASE")
    moved = await post(anna, await converted(anna, agreed, "GOODS_RECEIPT"))
    bill = await converted(anna, moved, "SUPPLIER_INVOICE")
    bill = await post(anna, await _with_number(anna, bill))

    asked = "query($id: ID!) { document(id: $id) { ... on SupplierInvoice { paymentBlock } } }"
    assert (await anna.ask(asked, id=bill["id"])).data["document"] == {"paymentBlock": None}


async def _with_number(user: User, bill: Document) -> Document:
    [line] = bill["lines"]
    more = {"externalNumber": "R-1", "supplyDate": "2026-11-20"}
    return await completed(user, bill, {"id": line["id"], "quantity": line["quantity"]}, **more)


async def test_a_discount_of_the_contract_comes_off_the_price_of_the_day(anna: User):
    """Three percent for the contract instead of the two that the price list gives."""
    item, who = await anna.create_item(), await partner(anna)
    line = goods(item, discountPercent="3")
    agreed = await posted(anna, "SALES_CONTRACT", line, goods(item), soldTo=who, **OPEN)
    await price(anna, item, "200", "SALES", discountPercent="2")

    order = await converted(anna, agreed, "SALES_ORDER")

    assert await prices(anna, order) == [("200", "LIST", "3"), ("200", "LIST", "2")]


async def test_without_a_price_of_the_day_somebody_is_asked_for_it(anna: User):
    """Work has no price list: the order waits as a draft until the price is written."""
    work = {"description": "Dreschen", "unit": "HOUR", "quantity": "10"}
    work |= {"taxCategory": "S", "taxRate": "19"}
    agreed = await posted(anna, "SALES_CONTRACT", {**work, "unitPrice": "90"}, **OPEN)

    order = await converted(anna, agreed, "SALES_ORDER")
    called_off = await prices(anna, order)
    refused = await anna.post(dict(order))
    [line] = order["lines"]
    lacking = await rewrite(anna, "update", order, {**work, "id": line["id"]})
    priced = await completed(anna, order, {**work, "id": line["id"], "unitPrice": "95"})

    assert called_off == [(None, None, "0")]
    assert refused.problem_codes == ["PRICE_MISSING"]
    assert lacking.problem_codes == ["REQUIRED"]
    assert (await post(anna, priced))["net"] == "950.00"


async def test_a_delivery_without_a_price_of_the_day_is_asked_for_on_its_invoice(anna: User):
    """Goods may go out before anybody knows what they cost."""
    work = {"description": "Sand", "unit": "TONNE", "quantity": "10"}
    agreed = await posted(
        anna, "SALES_CONTRACT", {**work, "taxCategory": "S", "taxRate": "19"}, **OPEN
    )
    moved = await post(anna, await converted(anna, agreed, "DELIVERY_NOTE"))

    bill = await converted(anna, moved, "SALES_INVOICE")

    assert (await anna.post(dict(bill))).problem_codes == ["PRICE_MISSING"]


@pytest.mark.parametrize("fixed", [True, None])
async def test_an_agreed_price_stays_whatever_the_day_says(anna: User, fixed: bool | None):
    """Fixed, or not said to be open."""
    item, who = await anna.create_item(), await partner(anna)
    terms = {**PERIOD, "priceFixed": fixed}
    line = goods(item, unitPrice="150")
    agreed = await posted(anna, "SALES_CONTRACT", line, soldTo=who, **terms)
    await price(anna, item, "199", "SALES", partnerId=who)

    order = await converted(anna, agreed, "SALES_ORDER")

    assert await prices(anna, order) == [("150", "SOURCE_DOCUMENT", "0")]


async def test_a_contract_with_a_price_still_needs_one(anna: User):
    """Only an open one may do without."""
    line = {"description": "Sand", "unit": "TONNE", "quantity": "10"}
    line |= {"taxCategory": "S", "taxRate": "19"}
    facts = await anna.input_of("SALES_CONTRACT", lines=[line], priceFixed=True)

    assert (await anna.write("create", "SALES_CONTRACT", **facts)).problem_codes == ["REQUIRED"]


async def test_another_contract_of_the_partner_is_not_called_off_along(anna: User):
    """Its fixed price is for its own quantity; many call-offs at once look for themselves."""
    item, who = await anna.create_item(unitPrice="210.50"), await partner(anna)
    await posted(anna, "SALES_CONTRACT", goods(item, unitPrice="150"), soldTo=who, **PERIOD)
    agreed = await posted(anna, "SALES_CONTRACT", goods(item), soldTo=who, **OPEN)

    shown = "items { document { id } problems { code } }"
    answer = await anna.do("convertDocuments", shown, ids=[agreed["id"]], to="SALES_ORDER")

    [made] = answer.data["convertDocuments"]["items"]
    assert await prices(anna, made["document"]) == [("210.5", "LIST", "0")]


async def test_an_open_contract_is_amended_and_still_has_no_price(anna: User):
    """More is called off than thought; the next order finds its price all the same."""
    item, who = await anna.create_item(unitPrice="210.50"), await partner(anna)
    agreed = await posted(anna, "SALES_CONTRACT", goods(item, "10"), soldTo=who, **OPEN)
    [line] = agreed["lines"]

    more = goods(item, "30", id=line["id"])
    answer = await rewrite(anna, "amend", agreed, more, soldTo=who, **OPEN)
    assert answer.problems == []
    called = (await convert(anna, await look(anna, agreed), "SALES_ORDER")).made

    assert called["net"] == "6315.00"


async def test_a_draft_of_a_call_off_keeps_the_price_that_was_found(anna: User):
    """An update that says nothing of the price does not look for another one."""
    item, who = await anna.create_item(), await partner(anna)
    agreed = await posted(anna, "SALES_CONTRACT", goods(item), soldTo=who, **OPEN)
    await price(anna, item, "199", "SALES")
    order = await converted(anna, agreed, "SALES_ORDER")
    await price(anna, item, "250", "SALES", partnerId=who)
    [line] = order["lines"]

    changed = await completed(anna, order, {"id": line["id"], "quantity": "40"}, soldTo=who)

    assert await prices(anna, changed) == [("199", "LIST", "0")]
