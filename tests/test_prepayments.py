"""Prepayments: they bill money and no goods, and the final invoice deducts what is left of them."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import (
    Document,
    completed,
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
from tests.erp import Answer, User
from tests.paying import paid_in_full

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
    farm = await anna.create_partner()
    order = await posted(anna, "SALES_ORDER", wheat("10"), soldTo=farm)

    prepayment = await prepaid_of(anna, order)
    as_draft = progress(await look(anna, order))
    prepayment = await post(anna, prepayment)
    await paid_in_full(anna, farm, prepayment["id"], "642.00")
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

    ordinary = await completed(anna, prepayment, invoiceType="ORDINARY", supplyDate="2026-11-18")
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


async def invoiced(anna: User, farm: str, price: str = "100", **more: Any) -> Answer:
    """Write an invoice over one piece."""
    shown = "salesInvoice { id version payable lines { id } }"
    given = {"supplyDate": "2026-11-20", "lines": [{**SEED, "unitPrice": price}], **more}
    return await anna.do("createSalesInvoice", shown, soldTo=farm, **given)


async def prepaid(anna: User, farm: str, *, is_paid: bool = True) -> dict[str, Any]:
    """Post a prepayment over 119.00 EUR, which is paid unless said otherwise."""
    made: dict[str, Any] = (
        await invoiced(anna, farm, invoiceType="PREPAYMENT", supplyDate=None)
    ).made
    assert (await anna.post(made)).problems == []
    if is_paid:
        await paid_in_full(anna, farm, made["id"], "119.00")
    return made


async def credited(anna: User, farm: str, invoice: dict[str, Any], **line: Any) -> dict[str, Any]:
    """Write a credit note over the line of an invoice."""
    lines = [{**SEED, "sourceLineId": invoice["lines"][0]["id"], **line}]
    made: dict[str, Any] = await anna.create("SALES_CREDIT_NOTE", soldTo=farm, lines=lines)
    return made


@pytest.mark.parametrize(
    "line", [{}, {"quantity": "0.5"}, {"unitPrice": "10", "isPriceCorrection": True}]
)
@pytest.mark.parametrize("is_posted", [True, False])
async def test_a_credited_prepayment_is_not_deducted(
    anna: User, line: dict[str, Any], is_posted: bool
):
    """The money would go back twice; once the credit note is gone it may be deducted again."""
    farm = await anna.create_partner()
    before = await prepaid(anna, farm)
    credit = await credited(anna, farm, before, **line)
    if is_posted:
        assert (await anna.post(credit)).problems == []
    final = {"invoiceType": "FINAL", "prepayments": [before["id"]]}

    refused = await invoiced(anna, farm, "1000", **final)
    gone = {"reason": "falsch"} if is_posted else {}
    verb_ = "cancelDocument" if is_posted else "discardDocument"
    assert (await anna.verb(verb_, credit, **gone)).problems == []
    made = (await invoiced(anna, farm, "1000", **final)).made

    [problem] = refused.problems
    assert (problem["code"], problem["path"]) == (
        "PREPAYMENT_CREDITED",
        ["input", "prepayments", "0"],
    )
    assert problem["message"].startswith("INV-2026-00001 was credited")
    assert made["payable"] == "1071.00"


async def test_a_prepayment_that_is_deducted_is_not_credited(anna: User):
    """The other way round: first the final invoice has to go."""
    farm = await anna.create_partner()
    before = await prepaid(anna, farm)
    await invoiced(anna, farm, "1000", invoiceType="FINAL", prepayments=[before["id"]])
    credit = await credited(anna, farm, before)

    assert (await anna.post(credit)).problem_codes == ["FOLLOW_UPS_EXIST"]


@pytest.mark.parametrize("is_twice_in_one", [True, False])
async def test_a_prepayment_that_was_deducted_is_named(anna: User, is_twice_in_one: bool):
    """By another final invoice, or by the same one before."""
    farm = await anna.create_partner()
    before = await prepaid(anna, farm)
    named = [before["id"]] * (2 if is_twice_in_one else 1)
    if not is_twice_in_one:
        await invoiced(anna, farm, "1000", invoiceType="FINAL", prepayments=named)

    answer = await invoiced(anna, farm, "1000", invoiceType="FINAL", prepayments=named)

    [problem] = answer.problems
    assert (problem["code"], problem["path"]) == (
        "NOT_A_PREPAYMENT",
        ["input", "prepayments", str(len(named) - 1)],
    )
    assert problem["message"].startswith("INV-2026-00001 cannot be deducted")


@pytest.mark.parametrize("differs", ["currency", "payer"])
async def test_a_prepayment_of_another_payer_or_currency_is_not_deducted(anna: User, differs: str):
    """What somebody else paid, or paid in dollars, is no part of this bill."""
    farm = await anna.create_partner()
    before = await prepaid(anna, farm)
    dollars = {"currency": "USD", "exchangeRate": "1.10"} if differs == "currency" else {}
    who = await anna.create_partner("Nachbar") if differs == "payer" else farm

    answer = await invoiced(
        anna, who, "1000", invoiceType="FINAL", prepayments=[before["id"]], **dollars
    )

    assert answer.problem_codes == ["NOT_A_PREPAYMENT"]
