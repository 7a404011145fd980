"""Cash discount and prepayments where documents are corrected: what is owed is what was paid."""

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Erp, User
from tests.paying import (
    allocate,
    allocations,
    open_amounts,
    paid_in_full,
    payment,
    pays,
    posted,
    posted_invoice,
)
from tests.refused import unchanged
from tests.test_payments_cancelled import cancelled
from tests.test_self_billing import billed, harvested, of_class

SKONTO = [{"days": 10, "percent": "2"}]


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


def line(net: str, rate: str = "19") -> dict[str, Any]:
    """Return a line over a net amount."""
    return {
        "description": "Saatgut",
        "quantity": "1",
        "unit": "PIECE",
        "unitPrice": net,
        "taxCategory": "S",
        "taxRate": rate,
    }


async def prepaid(user: User, partner: str, *lines: dict[str, Any]) -> str:
    """Post a prepayment invoice that is paid at once."""
    draft = await user.create_invoice(
        soldTo=partner, invoiceType="PREPAYMENT", supplyDate=None, lines=list(lines)
    )
    invoice = await posted(user, draft)
    await paid_in_full(user, partner, invoice, draft["gross"])
    return invoice


async def final(user: User, partner: str, before: str, *lines: dict[str, Any], **more: Any) -> str:
    """Post the final invoice that deducts a prepayment."""
    draft = await user.create_invoice(
        soldTo=partner, invoiceType="FINAL", prepayments=[before], lines=list(lines), **more
    )
    return await posted(user, draft)


async def money_out(shop: Erp, user: User, partner: str, amount: str) -> str:
    """Post money that went out; somebody else approves it first."""
    draft = await user.do(
        "createOutgoingPayment",
        "outgoingPayment { id version state }",
        supplier=partner,
        amount=amount,
        method="BANK_TRANSFER",
        issueDate="2026-11-20",
    )
    martin = await shop.sign_in("martin")
    await user.submit(draft.made)
    await martin.approve(draft.made)
    return await posted(martin, draft.made)


async def test_the_cancellation_of_an_invoice_owes_what_was_paid_not_what_was_deducted(shop: Erp):
    """119 less 2 % were paid: 116.62 wait for the customer, and no discount is left."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice = await posted_invoice(anna, customer, issueDate="2026-11-15", discounts=SKONTO)
    paid = await payment(anna, customer, "116.62")
    assert (await allocate(anna, paid, pays(invoice, "116.62", discount="2.38"))).problems == []

    counter = await cancelled(anna, invoice)

    assert await open_amounts(anna, invoice, counter, paid) == ["0.00", "-116.62", "0.00"]
    told = [
        (each["amount"], each["discount"], each["isUndone"], each["undoReason"])
        for each in await allocations(anna, invoice)
    ]
    assert told == [
        ("116.62", "2.38", True, "Storno"),
        ("116.62", "0.00", False, None),
        ("2.38", "0.00", False, None),
    ]
    assert (await shop.journal_types(invoice))[-5:] == [
        "SalesInvoiceSettled",
        "SalesInvoiceUnsettled",
        "SalesInvoiceSettled",
        "SalesInvoiceCancelled",
        "SalesInvoiceSettled",
    ]


async def test_a_prepayment_is_deducted_once_all_of_it_was_received(shop: Erp):
    """Not before, nor in part: tax arises on receipt, and only that is settled by the final."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    draft = await anna.create_invoice(
        soldTo=customer, invoiceType="PREPAYMENT", supplyDate=None, lines=[line("300")]
    )
    before = await posted(anna, draft)
    wish = await anna.input_of(
        "SALES_INVOICE",
        soldTo=customer,
        invoiceType="FINAL",
        prepayments=[before],
        lines=[line("1000")],
    )
    told = "salesInvoice { payable } problems { ... on PrepaymentNotPaid { number open } }"

    async with unchanged(shop):
        unpaid = await anna.do("createSalesInvoice", told, **wish)
    paid = await payment(anna, customer, "357")
    await allocate(anna, paid, pays(before, "200"))
    async with unchanged(shop):
        in_part = await anna.do("createSalesInvoice", told, **wish)
    await allocate(anna, paid, pays(before, "157"))
    whole = await anna.do("createSalesInvoice", told, **wish)

    assert [answer.problem_codes for answer in (unpaid, in_part)] == [["PREPAYMENT_NOT_PAID"]] * 2
    assert unpaid.problems[0]["path"] == ["input", "prepayments", "0"]
    assert [answer.problems[0]["open"] for answer in (unpaid, in_part)] == ["357.00", "157.00"]
    assert whole.made == {"payable": "833.00"}


async def test_cash_discount_of_a_final_invoice_is_of_what_is_left_to_pay(shop: Erp):
    """As the paper says: 2 % of 833.00, not of 1,190.00; its tax is that of the rest."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    before = await prepaid(anna, customer, line("300"))
    invoice = await final(
        anna, customer, before, line("1000"), issueDate="2026-11-15", discounts=SKONTO
    )
    paid = await payment(anna, customer, "816.34")

    proposed = await anna.ask(
        "query($id: ID!) { proposeAllocation(paymentId: $id) { rest"
        " allocations { documentId amount discount } } }",
        id=paid,
    )
    refused = await allocate(anna, paid, pays(invoice, "809.20", discount="23.80"))
    assert (await allocate(anna, paid, pays(invoice, "816.34", discount="16.66"))).problems == []

    assert proposed.data["proposeAllocation"] == {
        "rest": "0.00",
        "allocations": [{"documentId": invoice, "amount": "816.34", "discount": "16.66"}],
    }
    assert refused.problem_codes == ["DISCOUNT_NOT_AGREED"]
    assert await open_amounts(anna, invoice) == ["0.00"]
    [made] = await allocations(anna, invoice)
    assert (made["discountNet"], made["discountTax"]) == ("14.00", "2.66")


async def test_the_tax_in_a_discount_is_that_of_the_rest_not_of_the_prepayment(shop: Erp):
    """All of the goods at 19 % were prepaid: the rest is at 7 %, and so is its discount."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    before = await prepaid(anna, customer, line("100"))
    invoice = await final(
        anna,
        customer,
        before,
        line("100"),
        line("100", "7"),
        issueDate="2026-11-15",
        discounts=[{"days": 10, "percent": "10"}],
    )
    paid = await payment(anna, customer, "96.30")

    assert (await allocate(anna, paid, pays(invoice, "96.30", discount="10.70"))).problems == []

    [made] = await allocations(anna, invoice)
    assert (made["discountNet"], made["discountTax"]) == ("10.00", "0.70")


async def test_what_was_prepaid_too_much_is_owed_to_the_customer(shop: Erp):
    """A final invoice of less than was prepaid is a credit of his; it pays another invoice."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    before = await prepaid(anna, customer, line("300"))
    invoice = await final(anna, customer, before, line("200"))
    other = await posted_invoice(anna, customer)
    assert await open_amounts(anna, invoice) == ["-119.00"]

    more = await payment(anna, customer, "5")
    refused = await allocate(anna, more, pays(invoice, "5"))
    settled = await anna.do(
        "settleDocuments", "credit { id }", creditId=invoice, allocations=[pays(other, "100")]
    )

    assert refused.problem_codes == ["OWED_THE_SAME_WAY"]
    assert settled.problems == []
    assert await open_amounts(anna, invoice, other) == ["-19.00", "19.00"]


async def test_what_was_prepaid_too_much_is_paid_back(shop: Erp):
    """Money that goes out settles it, and its cancellation opens it again."""
    anna = await shop.sign_in()
    customer = await anna.create_partner(isSupplier=True)
    before = await prepaid(anna, customer, line("300"))
    invoice = await final(anna, customer, before, line("200"))
    back = await money_out(shop, anna, customer, "119")

    assert (await allocate(anna, back, pays(invoice, "119"))).problems == []

    assert await open_amounts(anna, invoice, back) == ["0.00", "0.00"]


async def test_an_objection_reverses_the_tax_that_no_discount_took_back(shop: Erp):
    """140.40 less the 0.78 in a discount; a later discount is all net, since no tax is left."""
    anna = await shop.sign_in()
    receipt = await harvested(anna, taxClasses=of_class("FLAT_RATE_24"))
    made = (await billed(anna, receipt)).made
    invoice = await posted(anna, made)
    farmer = (await anna.ask("{ partners { nodes { id } } }")).data["partners"]["nodes"][0]["id"]
    paid = await money_out(shop, anna, farmer, "1000")
    late = {"discount": "10.78", "acceptDiscount": True}
    assert (await allocate(anna, paid, pays(invoice, "500", **late))).problems == []

    objected = await anna.do(
        "recordObjection",
        "selfBilledInvoice { inputTax }",
        id=invoice,
        expectedVersion=3,
        reason="Menge stimmt nicht",
    )
    assert (await allocate(anna, paid, pays(invoice, "500", **late))).problems == []

    assert objected.made == {"inputTax": "0.00"}
    [facts] = [
        json.loads(row["facts"])
        for row in await shop.journal()
        if row["type"] == "SelfBilledInvoiceObjected"
    ]
    assert facts["tax_reversed"] == "139.62"
    asked = (
        "query($id: ID!) { document(id: $id) { ... on SelfBilledInvoice {"
        " allocations { discountNet discountTax } } } }"
    )
    found = (await anna.ask(asked, id=invoice)).data["document"]["allocations"]
    assert [(each["discountNet"], each["discountTax"]) for each in found] == [
        ("10.00", "0.78"),
        ("10.78", "0.00"),
    ]
