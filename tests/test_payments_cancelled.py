"""Cancellations settle at once: invoices, invoices that were paid in part, and payments."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Erp, User
from tests.paying import (
    allocate,
    allocations,
    credit_note,
    open_amounts,
    payment,
    pays,
    posted_invoice,
    seen,
    settle,
)


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def cancelled(user: User, document: str) -> str:
    """Cancel a document and return its counter document."""
    version = (await seen(user, document))["version"]
    answer = await user.do(
        "cancelDocument", "document { id }", id=document, expectedVersion=version, reason="Storno"
    )
    id: str = answer.made["id"]
    return id


async def test_a_cancellation_settles_its_original_at_once(shop: Erp):
    """Neither is an open item; both tell it, and it cannot be taken back."""
    anna = await shop.sign_in()
    invoice = await posted_invoice(anna, await anna.create_partner())

    counter = await cancelled(anna, invoice)

    assert await open_amounts(anna, invoice, counter) == ["0.00", "0.00"]
    assert (await seen(anna, counter))["paidAmount"] == "-119.00"
    assert (await shop.journal_types(invoice))[-2:] == [
        "SalesInvoiceCancelled",
        "SalesInvoiceSettled",
    ]
    assert await shop.journal_types(counter) == [
        "SalesInvoiceCreated",
        "SalesInvoicePosted",
        "SalesInvoiceSettled",
    ]
    [made] = await allocations(anna, invoice)
    assert (made["counterpartId"], made["amount"]) == (counter, "119.00")
    undone = await anna.do("undoAllocation", "document { id }", id=made["id"], reason="warum")
    assert undone.problem_codes == ["SETTLED_BY_CANCELLATION"]


async def test_what_was_paid_of_a_cancelled_invoice_stays_as_a_credit_on_its_counter(shop: Erp):
    """50 of 119 were paid: 69 are settled, 50 wait and pay the next invoice."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "50")
    await allocate(anna, paid, pays(invoice, "50"))

    counter = await cancelled(anna, invoice)
    assert await open_amounts(anna, invoice, counter, paid) == ["0.00", "-50.00", "0.00"]
    anew = await posted_invoice(anna, customer)
    assert (await settle(anna, counter, pays(anew, "50"))).problems == []

    assert await open_amounts(anna, anew, counter) == ["69.00", "0.00"]


async def test_a_wholly_paid_invoice_that_is_cancelled_leaves_all_of_it_as_a_credit(shop: Erp):
    """There is nothing to settle between the two; the payment may be freed for it too."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "119")
    await allocate(anna, paid, pays(invoice, "119"))
    counter = await cancelled(anna, invoice)
    assert await open_amounts(anna, invoice, counter) == ["0.00", "-119.00"]
    [made] = await allocations(anna, invoice)

    await anna.do("undoAllocation", "document { id }", id=made["id"], reason="Storno")
    assert (await settle(anna, counter, pays(invoice, "119"))).problems == []

    assert await open_amounts(anna, invoice, counter, paid) == ["0.00", "0.00", "119.00"]


async def test_a_payment_that_did_not_come_opens_all_that_it_had_paid(shop: Erp):
    """A returned direct debit (Rücklastschrift): its allocations are taken back in one step."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    first, second = await posted_invoice(anna, customer), await posted_invoice(anna, customer)
    paid = await payment(anna, customer, "150", method="DIRECT_DEBIT")
    await allocate(anna, paid, pays(first, "119"), pays(second, "31"))

    counter = await cancelled(anna, paid)

    assert await open_amounts(anna, first, second, paid, counter) == [
        "119.00",
        "119.00",
        "0.00",
        "0.00",
    ]
    assert (await seen(anna, counter))["number"] == "PAY-2026-00002"
    [made] = await allocations(anna, first)
    assert (made["isUndone"], made["undoReason"]) == (True, "Storno")
    assert (await shop.journal_types(paid))[2:] == [
        "IncomingPaymentSettled",
        "IncomingPaymentSettled",
        "IncomingPaymentUnsettled",
        "IncomingPaymentUnsettled",
        "IncomingPaymentCancelled",
        "IncomingPaymentSettled",
    ]


async def test_a_cancelled_credit_note_is_asked_for_again(shop: Erp):
    """It had settled 59.50 of an invoice; what it took is owed on its counter document."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, credit = await posted_invoice(anna, customer), await credit_note(anna, customer)
    await settle(anna, credit, pays(invoice, "59.50"))

    counter = await cancelled(anna, credit)

    assert await open_amounts(anna, invoice, credit, counter) == ["59.50", "0.00", "-59.50"]
    paid = await payment(anna, customer, "119")
    both = await allocate(anna, paid, pays(invoice, "59.50"), pays(counter, "59.50"))
    assert both.problems == []


async def test_the_flow_of_an_invoice_shows_what_paid_it(shop: Erp):
    """And that of the payment shows what it paid."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "50")
    await allocate(anna, paid, pays(invoice, "50"))

    asked = "query($id: ID!) { document(id: $id) { flow { id distance sourceIds } } }"
    ways = [(await anna.ask(asked, id=id)).data["document"]["flow"] for id in (invoice, paid)]

    assert [[(each["id"], each["distance"]) for each in way] for way in ways] == [
        [(invoice, 0), (paid, 1)],
        [(invoice, -1), (paid, 0)],
    ]
    assert ways[0][1]["sourceIds"] == [invoice]


async def test_a_payment_is_written_once_more_and_a_cancelled_one_anew(shop: Erp):
    """A duplicate pays the same amount, even that of a cancellation; so does a corrected copy."""
    anna = await shop.sign_in()
    paid = await payment(anna, await anna.create_partner(), "50")
    shown = "document { ... on IncomingPayment { state amount method } }"

    copied = await anna.do(
        "cancelAndCopyDocument", shown, id=paid, expectedVersion=2, reason="falscher Zahler"
    )
    counter = (await allocations(anna, paid))[0]["counterpartId"]
    again = await anna.do("duplicateDocument", shown, id=counter)

    expected = {"state": "DRAFT", "amount": "50.00", "method": "BANK_TRANSFER"}
    assert (copied.made, again.made) == (expected, expected)
