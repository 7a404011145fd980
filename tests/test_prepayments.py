"""Prepayments: they bill money and no goods, and the final invoice deducts what is left of them."""

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
    kept,
    look,
    post,
    posted,
    progress,
    rewrite,
    verb,
    wheat,
)
from tests.companies import found_without_approval
from tests.erp import User

SEED = {
    "description": "Saatgut",
    "quantity": "1",
    "unit": "PIECE",
    "unitPrice": "100",
    "taxCategory": "S",
    "taxRate": "19",
}
NOTHING = ("0", "0", "0", "0", "0", "10")


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def prepaid_of(anna: User, order: Document, quantity: str = "3") -> Document:
    """Make a prepayment invoice of a part of an order, as a draft."""
    draft = await converted(anna, order, "SALES_INVOICE", (order["lines"][0], quantity))
    return (await rewrite(anna, "update", draft, invoiceType="PREPAYMENT")).made  # type: ignore[no-any-return]


async def test_a_prepayment_of_an_order_leaves_all_of_it_to_deliver_and_bill(anna: User):
    """3 t prepaid, 10 t delivered, 10 t billed by the final invoice that deducts the 3 t."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))

    prepayment = await prepaid_of(anna, order)
    as_draft = progress(await look(anna, order))
    prepayment = await post(anna, prepayment)
    as_posted = progress(await look(anna, order))
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    final = await converted(anna, delivery, "SALES_INVOICE")
    final = (
        await rewrite(
            anna,
            "update",
            final,
            supplyDate="2026-11-18",
            invoiceType="FINAL",
            prepayments=[prepayment["id"]],
        )
    ).made
    final = await post(anna, final)

    assert prepayment["lines"][0]["sourceLineId"] == order["lines"][0]["id"]
    assert (as_draft, as_posted) == ([NOTHING], [NOTHING])
    assert progress(await look(anna, order)) == [("0", "10", "10", "0", "0", "0")]
    paid = "query($id: ID!) { document(id: $id) { gross ... on SalesInvoice { prepaid payable } } }"
    assert (await anna.ask(paid, id=final["id"])).data["document"] == {
        "gross": "2140.00",
        "prepaid": "642.00",
        "payable": "1498.00",
    }


async def test_a_prepayment_that_becomes_an_ordinary_invoice_takes_the_quantity_again(anna: User):
    """What it is when it is written decides."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    prepayment = await prepaid_of(anna, order)

    ordinary = (await rewrite(anna, "update", prepayment, supplyDate="2026-11-18")).made
    too_much = await convert(anna, order, "SALES_INVOICE", (order["lines"][0], "8"))
    await post(anna, ordinary)

    assert too_much.problem_codes == ["OPEN_QUANTITY_EXCEEDED"]
    assert progress(await look(anna, order)) == [("0", "0", "3", "0", "0", "10")]


async def test_a_prepayment_of_a_delivery_leaves_it_unbilled(anna: User):
    """Also as of any day, and for the invoice run."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"), supplyDate="2026-11-18")
    asked = (
        '{ unbilledDeliveries(on: "2026-12-31") { totals { net } }'
        ' proposeInvoices(until: "2026-12-31") { net } }'
    )

    await post(anna, await prepaid_of(anna, delivery))

    assert (await anna.ask(asked)).data == {
        "unbilledDeliveries": {"totals": [{"net": "2000.00"}]},
        "proposeInvoices": [{"net": "2000.00"}],
    }


@pytest.mark.parametrize("taken_back", ["cancelDocument", "SALES_CREDIT_NOTE"])
async def test_what_takes_a_prepayment_back_moves_no_goods_either(anna: User, taken_back: str):
    """Cancelled or credited, the order is as it was."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    prepayment = await post(anna, await prepaid_of(anna, order))

    if taken_back == "cancelDocument":
        assert (await verb(anna, taken_back, prepayment, reason="falsch")).problems == []
    else:
        await followed(anna, prepayment, taken_back)

    assert progress(await look(anna, order)) == [NOTHING]


async def test_an_amended_order_may_be_smaller_than_its_prepayment(anna: User):
    """Nothing was made of the goods yet; the final invoice will be the smaller one."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    await post(anna, await prepaid_of(anna, order))

    amended = await rewrite(
        anna, "amend", await look(anna, order), kept(order["lines"][0], quantity="2")
    )

    assert amended.problems == []
