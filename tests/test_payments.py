"""Payments through the door: written, posted, allocated, and what stays open."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Erp
from tests.paying import (
    allocate,
    allocations,
    credit_note,
    open_amounts,
    payment,
    payment_draft,
    pays,
    posted_invoice,
    seen,
    settle,
    supplier_invoice,
)


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def test_a_payment_is_a_document_without_lines_that_gets_a_number_of_its_series(shop: Erp):
    """Its amount is its gross, no tax is in it, and all of it is open when it is posted."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()

    draft = await payment_draft(anna, customer, "119", bankReference=" RE 4711 ")
    assert draft == {
        "id": draft["id"],
        "version": 1,
        "state": "DRAFT",
        "amount": "119.00",
        "gross": "119.00",
        "net": "119.00",
        "tax": "0.00",
        "method": "BANK_TRANSFER",
        "bankReference": "RE 4711",
    }
    await anna.post(draft)

    assert await seen(anna, draft["id"]) == {
        "number": "PAY-2026-00001",
        "state": "POSTED",
        "version": 2,
        "openAmount": "119.00",
        "paidAmount": "0.00",
        "isPaid": False,
        "isOverdue": False,
    }
    assert await shop.journal_types(draft["id"]) == [
        "IncomingPaymentCreated",
        "IncomingPaymentPosted",
    ]


async def test_a_draft_of_a_payment_is_changed_as_any_draft(shop: Erp):
    """Amount, method and payer are replaced as a whole."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    draft = await payment_draft(anna, customer, "119")

    answer = await anna.do(
        "updateIncomingPayment",
        "incomingPayment { amount method version billTo { name } }",
        id=draft["id"],
        expectedVersion=1,
        billTo=await anna.create_partner("Hof Neu"),
        amount="20.5",
        method="CASH",
    )

    assert answer.made == {
        "amount": "20.50",
        "method": "CASH",
        "version": 2,
        "billTo": {"name": "Hof Neu"},
    }


@pytest.mark.parametrize(
    ("amount", "code"),
    [("0", "MUST_BE_POSITIVE"), ("-1", "MUST_BE_POSITIVE"), ("1.005", "TOO_PRECISE"),
     ("NaN", "NOT_A_NUMBER"), ("10000000000000", "TOO_LARGE")],
)  # fmt: skip
async def test_an_amount_that_no_money_has_is_refused(shop: Erp, amount: str, code: str):
    """Zero, below zero, half a cent, no number, or more than is kept."""
    anna = await shop.sign_in()

    answer = await anna.do(
        "createIncomingPayment",
        "incomingPayment { id }",
        billTo=await anna.create_partner(),
        amount=amount,
        method="CASH",
    )

    assert answer.problem_codes == [code]
    assert answer.problems[0]["path"] == ["input", "amount"]


async def test_money_that_goes_out_is_approved_by_somebody_else_before_it_is_posted(shop: Erp):
    """Four eyes by default: the author cannot post it, nor approve it himself."""
    anna, martin = await shop.sign_in(), await shop.sign_in("martin", roles=("manager",))
    answer = await anna.do(
        "createOutgoingPayment",
        "outgoingPayment { id version state }",
        supplier=await anna.create_partner(),
        amount="100",
        method="BANK_TRANSFER",
    )
    draft = answer.made

    assert (await anna.post(draft)).problem_codes == ["TRANSITION_NOT_ALLOWED"]
    await anna.submit(draft)
    assert (await anna.approve(draft)).problem_codes == ["FOUR_EYES_VIOLATION"]
    await martin.approve(draft)
    await anna.post(draft)

    assert (draft["state"], draft["number"]) == ("POSTED", "ZA-2026-00001")


async def test_a_part_payment_leaves_the_rest_open_and_a_second_one_pays_it(shop: Erp):
    """Both sides tell what happened, each naming the other."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice = await posted_invoice(anna, customer)
    first, second = await payment(anna, customer, "50"), await payment(anna, customer, "69")

    assert (await allocate(anna, first, pays(invoice, "50"))).problems == []
    assert await open_amounts(anna, invoice, first) == ["69.00", "0.00"]
    assert (await seen(anna, invoice))["isPaid"] is False
    await allocate(anna, second, pays(invoice, "69"))

    found = await seen(anna, invoice)
    assert (found["openAmount"], found["paidAmount"], found["isPaid"]) == ("0.00", "119.00", True)
    assert await shop.journal_types(invoice) == [
        "SalesInvoiceCreated",
        "SalesInvoicePosted",
        "SalesInvoiceSettled",
        "SalesInvoiceSettled",
    ]
    assert await shop.journal_types(first) == [
        "IncomingPaymentCreated",
        "IncomingPaymentPosted",
        "IncomingPaymentSettled",
    ]
    shown = await allocations(anna, invoice)
    assert [
        (each["counterpart"]["number"], each["amount"], each["isSource"]) for each in shown
    ] == [
        ("PAY-2026-00001", "50.00", False),
        ("PAY-2026-00002", "69.00", False),
    ]
    [mirrored] = await allocations(anna, first)
    assert (mirrored["counterpartId"], mirrored["isSource"]) == (invoice, True)


async def test_an_overpayment_stays_as_a_credit_balance_and_pays_a_later_invoice(shop: Erp):
    """Nothing is lost: 150 pay 119, and the 31 left wait."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    paid = await payment(anna, customer, "150")
    await allocate(anna, paid, pays(await posted_invoice(anna, customer), "119"))
    assert await open_amounts(anna, paid) == ["31.00"]

    later = await posted_invoice(anna, customer, "238.00")
    await allocate(anna, paid, pays(later, "31"))

    assert await open_amounts(anna, paid, later) == ["0.00", "207.00"]


async def test_one_payment_settles_several_invoices_at_once(shop: Erp):
    """In one call, each told on its own; one wrong amount and none is done."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    a, b = await posted_invoice(anna, customer), await posted_invoice(anna, customer, "238.00")
    paid = await payment(anna, customer, "300")

    refused = await allocate(anna, paid, pays(a, "119"), pays(b, "238"))
    assert refused.problem_codes == ["ALLOCATION_EXCEEDS_PAYMENT"]
    assert refused.problems[0]["path"] == ["input", "allocations", "1", "amount"]
    assert await open_amounts(anna, a, b, paid) == ["119.00", "238.00", "300.00"]
    assert (await allocate(anna, paid, pays(a, "119"), pays(b, "181"))).problems == []

    assert await open_amounts(anna, a, b, paid) == ["0.00", "57.00", "0.00"]


async def test_a_credit_note_settles_an_invoice_of_its_customer(shop: Erp):
    """What was credited is no longer asked for."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, credit = await posted_invoice(anna, customer), await credit_note(anna, customer)

    assert (await settle(anna, credit, pays(invoice, "59.50"))).problems == []

    assert await open_amounts(anna, invoice, credit) == ["59.50", "0.00"]
    assert (await shop.journal_types(credit))[-1] == "SalesCreditNoteSettled"


async def test_what_a_farmer_owes_is_set_against_what_we_owe_him(shop: Erp):
    """He buys seed and sells grain: both invoices settle each other (Aufrechnung)."""
    anna = await shop.sign_in()
    farmer = await anna.create_partner()
    ours = await posted_invoice(anna, farmer)
    theirs = await supplier_invoice(anna, farmer, "1000")

    assert (await settle(anna, theirs, pays(ours, "119"))).problems == []

    assert await open_amounts(anna, ours, theirs) == ["0.00", "1071.00"]


async def test_a_refund_settles_the_credit_balance_of_a_customer(shop: Erp):
    """Money that goes back is owed the other way than money that came in too much."""
    anna, martin = await shop.sign_in(), await shop.sign_in("martin", roles=("manager",))
    customer = await anna.create_partner()
    came = await payment(anna, customer, "31")
    answer = await anna.do(
        "createOutgoingPayment",
        "outgoingPayment { id version }",
        supplier=customer,
        amount="31",
        method="BANK_TRANSFER",
    )
    went = answer.made
    await anna.submit(went)
    await martin.approve(went)
    await anna.post(went)

    assert (await allocate(anna, went["id"], pays(came, "31"))).problems == []

    assert await open_amounts(anna, came, went["id"]) == ["0.00", "0.00"]


async def test_an_allocation_is_taken_back_with_a_reason_and_both_sides_are_open_again(shop: Erp):
    """It stays readable, by whom and why; taken back once more it is refused."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "100")
    await allocate(anna, paid, pays(invoice, "100"))
    [made] = await allocations(anna, invoice)

    undone = await anna.do(
        "undoAllocation", "document { id }", id=made["id"], reason="falsche Rechnung"
    )

    assert undone.made == {"id": invoice}
    assert await open_amounts(anna, invoice, paid) == ["119.00", "100.00"]
    [shown] = await allocations(anna, invoice)
    assert (shown["isUndone"], shown["undoReason"], shown["undoer"]) == (
        True,
        "falsche Rechnung",
        {"name": "anna"},
    )
    assert (await shop.journal_types(invoice))[-1] == "SalesInvoiceUnsettled"
    assert (await shop.journal_types(paid))[-1] == "IncomingPaymentUnsettled"
    again = await anna.do("undoAllocation", "document { id }", id=made["id"], reason="noch einmal")
    assert again.problem_codes == ["ALLOCATION_UNDONE"]
    assert (await allocate(anna, paid, pays(invoice, "100"))).problems == []
