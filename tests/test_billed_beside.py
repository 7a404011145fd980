"""Goods billed beside their delivery: an invoice of the order itself, in advance or afterwards."""

from collections.abc import AsyncIterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents.beside import shares
from tests.chains import (
    Document,
    completed,
    convert,
    converted,
    followed,
    look,
    plain,
    post,
    posted,
    verb,
    wheat,
)
from tests.companies import found_without_approval
from tests.erp import Erp, User

LISTS = """query($on: Date!) {
  unbilledDeliveries(on: $on) { nodes { net document { id } } totals { net documents } }
  receivedNotInvoiced(on: $on) { nodes { net document { id } } totals { net documents } }
  proposeInvoices(until: $on) { net ids }
  documents(filter: {hasOpenLines: true, kind: {in: [DELIVERY_NOTE, GOODS_RECEIPT]}}) {
    nodes { id } } }"""
EXPOSURE = "query($id: ID!) { partner(id: $id) { creditExposure } }"
TODAY = "2026-11-30"
quantities = st.decimals(0, 100, places=2)


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def waiting(user: User, on: str = TODAY) -> dict[str, Any]:
    """Return what each list shows as delivered and not billed: net by document."""
    data = (await user.ask(LISTS, on=on)).data
    return {
        "sales": {n["document"]["id"]: n["net"] for n in data["unbilledDeliveries"]["nodes"]},
        "purchase": {n["document"]["id"]: n["net"] for n in data["receivedNotInvoiced"]["nodes"]},
        "proposed": {g["ids"][0]: g["net"] for g in data["proposeInvoices"]},
        "open": {node["id"] for node in data["documents"]["nodes"]},
    }


def nothing() -> dict[str, Any]:
    """Return what the lists show where all that was delivered is billed."""
    return {"sales": {}, "purchase": {}, "proposed": {}, "open": set()}


def only(delivery: Document, net: str) -> dict[str, Any]:
    """Return what the lists show where one delivery of the sales side waits."""
    id = delivery["id"]
    return {"sales": {id: net}, "purchase": {}, "proposed": {id: net}, "open": {id}}


async def exposure(user: User, customer: str) -> str:
    """Return the credit exposure of a customer."""
    found: str = (await user.ask(EXPOSURE, id=customer)).data["partner"]["creditExposure"]
    return found


async def open_of(user: User, document: Document) -> list[str]:
    """Return the open quantity of each line."""
    return [plain(line["openQuantity"]) for line in (await look(user, document))["lines"]]


async def ordered(user: User, customer: str, quantity: str = "10") -> Document:
    """Post an order of wheat at 200 EUR a tonne."""
    return await posted(user, "SALES_ORDER", wheat(quantity), soldTo=customer)


async def test_goods_billed_in_advance_are_not_billed_again_when_they_are_delivered(erp: Erp):
    """Invoice of the order, then its delivery: nothing waits, and the payer owes it once."""
    anna = await erp.sign_in()
    customer = await anna.create_partner()
    order = await ordered(anna, customer)
    await followed(anna, order, "SALES_INVOICE")
    delivery = await followed(anna, order, "DELIVERY_NOTE")

    again = await convert(anna, delivery, "SALES_INVOICE")

    assert await waiting(anna) == nothing()
    assert await open_of(anna, delivery) == ["0"]
    assert await exposure(anna, customer) == "2140.00"
    assert again.problem_codes == ["NOTHING_OPEN"]


async def test_goods_delivered_and_then_billed_from_the_order_are_not_billed_again(erp: Erp):
    """From the draft on nobody proposes them; thrown away or cancelled, they wait again."""
    anna = await erp.sign_in()
    customer = await anna.create_partner()
    order = await ordered(anna, customer)
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    assert await waiting(anna) == only(delivery, "2000.00")

    draft = await converted(anna, order, "SALES_INVOICE")
    while_draft = await waiting(anna)
    assert (while_draft["proposed"], while_draft["open"]) == ({}, set())
    assert while_draft["sales"] == {delivery["id"]: "2000.00"}  # a draft bills nothing yet
    assert (await verb(anna, "discardDocument", draft)).problems == []
    assert await waiting(anna) == only(delivery, "2000.00")

    invoice = await followed(anna, order, "SALES_INVOICE")
    assert await waiting(anna) == nothing()
    assert await exposure(anna, customer) == "2140.00"
    assert (await verb(anna, "cancelDocument", invoice, reason="falsch")).problems == []
    assert await waiting(anna) == only(delivery, "2000.00")
    assert await exposure(anna, customer) == "2140.00"


async def test_what_was_billed_in_advance_counts_for_the_first_delivery_first(erp: Erp):
    """Six of ten billed, then four and six delivered: only four of the second wait."""
    anna = await erp.sign_in()
    customer = await anna.create_partner()
    order = await ordered(anna, customer)
    line = order["lines"][0]
    await post(
        anna, await _supplied(anna, await converted(anna, order, "SALES_INVOICE", (line, "6")))
    )
    first = await followed(anna, order, "DELIVERY_NOTE", (line, "4"))
    second = await followed(anna, order, "DELIVERY_NOTE", (line, "6"))

    assert await waiting(anna) == only(second, "800.00")
    assert (await open_of(anna, first), await open_of(anna, second)) == (["0"], ["4"])
    assert await exposure(anna, customer) == "2140.00"

    assert (await verb(anna, "cancelDocument", first, reason="falsch")).problems == []
    assert await waiting(anna) == nothing()
    assert await exposure(anna, customer) == "2140.00"


async def _supplied(user: User, draft: Document) -> Document:
    return await completed(user, draft, supplyDate="2026-11-18")


async def test_a_delivery_billed_by_name_leaves_the_advance_to_the_next_one(erp: Erp):
    """Four billed in advance; the first delivery is billed all the same, so the second is paid."""
    anna = await erp.sign_in()
    customer = await anna.create_partner()
    order = await ordered(anna, customer, "8")
    line = order["lines"][0]
    await post(
        anna, await _supplied(anna, await converted(anna, order, "SALES_INVOICE", (line, "4")))
    )
    first = await followed(anna, order, "DELIVERY_NOTE", (line, "4"))
    second = await followed(anna, order, "DELIVERY_NOTE", (line, "4"))
    assert await waiting(anna) == only(second, "800.00")

    await followed(anna, first, "SALES_INVOICE", (first["lines"][0], "4"))

    assert await waiting(anna) == nothing()
    assert await exposure(anna, customer) == "1712.00"
    refused = await convert(anna, second, "SALES_INVOICE", (second["lines"][0], "4"))
    assert refused.problem_codes == ["OPEN_QUANTITY_EXCEEDED"]


async def test_the_invoice_run_goes_through_for_all_customers(erp: Erp):
    """One customer paid for his order in advance; the run bills the other, and refuses nobody."""
    anna = await erp.sign_in()
    early, late = await anna.create_partner("Anders KG"), await anna.create_partner("Berg eG")
    advance, usual = await ordered(anna, early), await ordered(anna, late, "3")
    await followed(anna, advance, "SALES_INVOICE")
    await followed(anna, advance, "DELIVERY_NOTE")
    delivery = await followed(anna, usual, "DELIVERY_NOTE")
    proposed = (await anna.ask(LISTS, on=TODAY)).data["proposeInvoices"]

    answer = await anna.do(
        "createInvoices",
        "items { place document { net } problems { code } }",
        groups=[{"ids": group["ids"]} for group in proposed],
    )

    assert proposed == [{"net": "600.00", "ids": [delivery["id"]]}]
    assert answer.data["createInvoices"]["items"] == [
        {"place": 0, "document": {"net": "600.00"}, "problems": []}
    ]
    assert (await waiting(anna))["proposed"] == {}


async def test_the_list_of_any_day_knows_what_was_billed_of_the_order_until_then(erp: Erp):
    """Delivered on the 5th, billed from the order on the 10th: open between, gone afterwards."""
    anna = await erp.sign_in()
    order = await ordered(anna, await anna.create_partner())
    delivery = await converted(anna, order, "DELIVERY_NOTE")
    on_the_5th = {"issueDate": "2026-11-05", "supplyDate": "2026-11-05"}
    await post(anna, await completed(anna, delivery, **on_the_5th))
    invoice = await converted(anna, order, "SALES_INVOICE")
    invoice = await completed(anna, invoice, issueDate="2026-11-10", supplyDate="2026-11-05")
    await post(anna, invoice)

    shown = [(await waiting(anna, day))["sales"] for day in ("2026-11-04", "2026-11-09", TODAY)]

    assert shown == [{}, {delivery["id"]: "2000.00"}, {}]


async def test_goods_that_came_back_after_they_were_billed_leave_the_rest_to_be_billed(erp: Erp):
    """Ten delivered, six billed and two of them back: what is open is the same everywhere."""
    anna = await erp.sign_in()
    order = await ordered(anna, await anna.create_partner())
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    invoice = await followed(anna, delivery, "SALES_INVOICE", (delivery["lines"][0], "6"))
    await followed(anna, invoice, "CUSTOMER_RETURN", (invoice["lines"][0], "2"))

    assert await open_of(anna, delivery) == ["2"]
    assert await waiting(anna) == only(delivery, "400.00")


async def test_a_closed_delivery_stays_covered_when_it_is_reopened(erp: Erp):
    """Six of ten billed in advance; the rest of four is closed and reopened: four wait."""
    anna = await erp.sign_in()
    order = await ordered(anna, await anna.create_partner())
    draft = await converted(anna, order, "SALES_INVOICE", (order["lines"][0], "6"))
    await post(anna, await _supplied(anna, draft))
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    closed = (await verb(anna, "closeLines", await look(anna, delivery), reason="Kulanz")).made
    assert (await waiting(anna))["proposed"] == {}

    await verb(anna, "reopenLines", closed, reason="doch nicht")

    assert await waiting(anna) == only(delivery, "800.00")


@pytest.mark.parametrize("first", ["SUPPLIER_INVOICE", "GOODS_RECEIPT"])
async def test_goods_billed_by_the_supplier_from_the_order_do_not_wait_for_an_invoice(
    erp: Erp, first: str
):
    """Before or after they arrive; a second invoice is not converted, one by hand is blocked."""
    anna = await erp.sign_in()
    supplier = await anna.create_partner()
    order = await posted(anna, "PURCHASE_ORDER", wheat(), supplier=supplier)
    second = "GOODS_RECEIPT" if first == "SUPPLIER_INVOICE" else "SUPPLIER_INVOICE"
    made = {first: await followed(anna, order, first), second: await followed(anna, order, second)}
    receipt = made["GOODS_RECEIPT"]

    again = await convert(anna, receipt, "SUPPLIER_INVOICE")
    twice = await posted(
        anna,
        "SUPPLIER_INVOICE",
        wheat(sourceLineId=receipt["lines"][0]["id"]),
        supplier=supplier,
        externalNumber="R-2",
    )

    assert await waiting(anna) == nothing()
    assert again.problem_codes == ["NOTHING_OPEN"]
    asked = "query($id: ID!) { document(id: $id) { ... on SupplierInvoice { paymentBlock } } }"
    blocked = (await anna.ask(asked, id=twice["id"])).data["document"]["paymentBlock"]
    assert blocked is not None


@given(quantities, st.lists(quantities, max_size=6))
def test_shares_are_filled_from_the_front_and_never_more_than_there_is(
    billed: Decimal, waiting: list[Decimal]
):
    """Together they are what was billed or all that waits; behind one not full nobody has any."""
    found = shares(billed, waiting)

    assert sum(found) == min(billed, sum(waiting))
    assert all(0 <= share <= each for share, each in zip(found, waiting, strict=True))
    not_full = [
        n for n, (share, each) in enumerate(zip(found, waiting, strict=True)) if share < each
    ]
    assert not any(found[n] for n in range(not_full[0] + 1, len(found))) if not_full else True
