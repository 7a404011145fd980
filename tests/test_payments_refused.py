"""What does not settle: refusals of payments, each with its place and its facts."""

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
    credit_note,
    payment,
    payment_draft,
    pays,
    posted_invoice,
    settle,
    supplier_invoice,
)
from tests.refused import problem_of, unchanged


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def test_more_than_is_open_is_refused_with_what_is_open(shop: Erp):
    """119 are open, 120 are asked for; discount counts too."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "200")

    async with unchanged(shop):
        answers = [
            await allocate(anna, paid, pays(invoice, "120")),
            await allocate(anna, paid, pays(invoice, "118", discount="1.01", acceptDiscount=True)),
        ]

    assert [problem_of(answer) for answer in answers] == [
        (
            "ALLOCATION_EXCEEDS_OPEN",
            "input.allocations.0.amount",
            f"Of INV-2026-00001 only 119.00 EUR are open; {asked} are more than that.",
        )
        for asked in ("120.00", "119.01")
    ]


async def test_more_than_the_payment_is_refused_with_what_is_left_of_it(shop: Erp):
    """The same invoice twice in one call counts twice."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "60")

    async with unchanged(shop):
        answer = await allocate(anna, paid, pays(invoice, "50"), pays(invoice, "10.01"))

    assert problem_of(answer) == (
        "ALLOCATION_EXCEEDS_PAYMENT",
        "input.allocations.1.amount",
        "Of PAY-2026-00001 only 10.00 EUR are not allocated yet; 10.01 are more than that.",
    )


@pytest.mark.parametrize(
    ("asked", "code", "place"),
    [
        ({"amount": "0"}, "MUST_BE_POSITIVE", "amount"),
        ({"amount": "-1"}, "MUST_BE_POSITIVE", "amount"),
        ({"amount": "1.001"}, "TOO_PRECISE", "amount"),
        ({"amount": "NaN"}, "NOT_A_NUMBER", "amount"),
        ({"amount": "1", "discount": "-0.01"}, "CASH_DISCOUNT_NEGATIVE", "discount"),
        ({"amount": "1", "discount": "0.001"}, "TOO_PRECISE", "discount"),
        ({"amount": "1", "discount": "NaN"}, "NOT_A_NUMBER", "discount"),
        ({"amount": "1", "discount": "0.01"}, "DISCOUNT_NOT_AGREED", "discount"),
    ],
)
async def test_an_amount_that_cannot_be_is_refused_at_its_place(
    shop: Erp, asked: dict[str, Any], code: str, place: str
):
    """Nothing, less than nothing, parts of a cent, no number, or a discount nobody agreed."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "200")

    async with unchanged(shop):
        answer = await allocate(anna, paid, {"documentId": invoice, **asked})

    assert problem_of(answer)[:2] == (code, f"input.allocations.0.{place}")


async def test_another_payers_invoice_is_settled_only_if_it_is_said(shop: Erp):
    """The daughter company pays for the mother: thirdParty says that it is meant."""
    anna = await shop.sign_in()
    invoice = await posted_invoice(anna, await anna.create_partner("Mutter AG"))
    paid = await payment(anna, await anna.create_partner("Tochter GmbH"), "119")

    async with unchanged(shop):
        refused = await allocate(anna, paid, pays(invoice, "119"))
    done = await allocate(anna, paid, pays(invoice, "119"), thirdParty=True)

    assert problem_of(refused)[:2] == ("PAYER_DIFFERS", "input.allocations.0.documentId")
    assert done.problems == []


async def test_what_is_owed_the_same_way_settles_nothing(shop: Erp):
    """Money from the supplier does not pay what we owe him, nor one invoice of ours another."""
    anna = await shop.sign_in()
    partner = await anna.create_partner()
    theirs = await supplier_invoice(anna, partner, "100")
    paid = await payment(anna, partner, "50")
    first, second = await posted_invoice(anna, partner), await posted_invoice(anna, partner)

    async with unchanged(shop):
        answers = [
            await allocate(anna, paid, pays(theirs, "50")),
            await settle(anna, first, pays(second, "50")),
            await settle(anna, first, pays(first, "50")),
        ]

    assert [problem_of(answer)[0] for answer in answers] == ["OWED_THE_SAME_WAY"] * 3
    assert problem_of(answers[1])[2] == (
        "INV-2026-00001 and INV-2026-00002 are owed the same way, so neither settles the other."
    )


async def test_drafts_and_what_is_never_paid_are_no_open_items(shop: Erp):
    """A draft of either side, and an order."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "50")
    draft = (await anna.create_invoice(soldTo=customer))["id"]
    unpaid = (await payment_draft(anna, customer, "50"))["id"]
    order = await anna.do(
        "createSalesOrder",
        "salesOrder { id }",
        soldTo=customer,
        lines=(await anna.invoice_input(soldTo=customer))["lines"],
    )

    async with unchanged(shop):
        answers = [
            await allocate(anna, paid, pays(draft, "50")),
            await allocate(anna, unpaid, pays(invoice, "50")),
            await allocate(anna, paid, pays(order.made["id"], "50")),
        ]

    assert [problem_of(answer)[:2] for answer in answers] == [
        ("NOT_POSTED", "input.allocations.0.documentId"),
        ("NOT_POSTED", "input.paymentId"),
        ("NOT_AN_OPEN_ITEM", "input.allocations.0.documentId"),
    ]


async def test_each_mutation_knows_only_its_own_kind_of_source(shop: Erp):
    """A credit note is no payment, a payment no credit note: both are unknown to the other."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice = await posted_invoice(anna, customer)
    credit, paid = await credit_note(anna, customer), await payment(anna, customer, "50")

    async with unchanged(shop):
        answers = [
            await allocate(anna, credit, pays(invoice, "10")),
            await settle(anna, paid, pays(invoice, "10")),
            await allocate(anna, paid),
            await allocate(anna, paid, *[pays(invoice, "0.01")] * 501),
        ]

    assert [problem_of(answer)[:2] for answer in answers] == [
        ("NOT_FOUND", "input.paymentId"),
        ("NOT_FOUND", "input.creditId"),
        ("REQUIRED", "input.allocations"),
        ("TOO_MANY_ALLOCATIONS", "input.allocations"),
    ]


async def test_who_may_not_post_may_not_allocate_nor_take_back(shop: Erp):
    """An operator writes documents, but the books are the accountant's."""
    anna, olga = await shop.sign_in(), await shop.sign_in("olga", roles=("operator",))
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "50")
    await allocate(anna, paid, pays(invoice, "20"))
    [made] = await allocations(anna, invoice)

    async with unchanged(shop):
        answers = [
            await allocate(olga, paid, pays(invoice, "30")),
            await settle(olga, invoice, pays(paid, "30")),
            await olga.do("undoAllocation", "document { id }", id=made["id"], reason="warum"),
        ]

    assert [answer.error_codes for answer in answers] == [["FORBIDDEN"]] * 3


async def test_taking_back_needs_a_reason_and_a_known_allocation(shop: Erp):
    """Neither a blank reason nor somebody else's id."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "50")
    await allocate(anna, paid, pays(invoice, "50"))
    [made] = await allocations(anna, invoice)

    async with unchanged(shop):
        answers = [
            await anna.do("undoAllocation", "document { id }", id=made["id"], reason=" "),
            await anna.do("undoAllocation", "document { id }", id=invoice, reason="warum"),
        ]

    assert [problem_of(answer)[:2] for answer in answers] == [
        ("REQUIRED", "input.reason"),
        ("NOT_FOUND", "input.id"),
    ]


async def test_the_database_itself_refuses_to_settle_more_than_there_is(
    shop: Erp, owner: asyncpg.Connection
):
    """Whatever the code does: never more than is payable, and no allocation changes its amount."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "50")
    await allocate(anna, paid, pays(invoice, "50"))
    [made] = await allocations(anna, invoice)
    await anna.do("undoAllocation", "document { id }", id=made["id"], reason="warum")

    with pytest.raises(asyncpg.CheckViolationError, match="settled_within_payable"):
        await owner.execute(
            "update document set settled = 119.01 where id = $1::uuid", invoice.partition("_")[2]
        )
    with pytest.raises(asyncpg.RestrictViolationError, match="undone is final"):
        await owner.execute(
            "update payment_allocation set undone_at = null where id = $1::uuid",
            made["id"].partition("_")[2],
        )
    async with shop.server.state.database.session(shop.tenant) as session:
        connection = await session.connection()
        with pytest.raises(Exception, match="permission denied"):
            await connection.exec_driver_sql("update payment_allocation set amount = 1")
        await session.rollback()


async def test_a_blocked_invoice_is_not_paid_until_somebody_else_releases_it(shop: Erp):
    """Nor is it proposed, but told of; a block that nobody heeds at the payment would be none."""
    anna, martin = await shop.sign_in(), await shop.sign_in("martin", roles=("manager",))
    supplier = await anna.create_partner()
    invoice = await supplier_invoice(anna, supplier, "100")
    paid = await money_out(anna, martin, supplier, "119")
    await decide_on(anna, "blockPayment", invoice, "Ware fehlt")

    async with unchanged(shop):
        refused = await allocate(anna, paid, pays(invoice, "119"))
        proposed = await proposal(anna, paid)
        told = await left_out(anna, paid)
    await decide_on(martin, "releasePayment", invoice, "Ware kam")
    allocated = await allocate(anna, paid, pays(invoice, "119"))

    assert problem_of(refused) == (
        "PAYMENT_BLOCKED",
        "input.allocations.0.documentId",
        "PINV-2026-00001 must not be paid: Ware fehlt."
        " Somebody else than its author may release it first.",
    )
    assert proposed == []
    assert told == [{"documentId": invoice, "document": {"id": invoice}, "reason": "Ware fehlt"}]
    assert await left_out(anna, paid) == []
    assert (allocated.problems, await proposal(anna, paid)) == ([], [])


async def money_out(anna: User, martin: User, supplier: str, amount: str) -> str:
    """Post money that goes out, approved by somebody else; return its id."""
    facts = {"supplier": supplier, "amount": amount, "method": "BANK_TRANSFER"}
    made = await anna.do("createOutgoingPayment", "outgoingPayment { id version }", **facts)
    draft = made.made
    await anna.submit(draft)
    await martin.approve(draft)
    assert (await anna.post(draft)).problems == []
    id: str = draft["id"]
    return id


async def decide_on(user: User, verb: str, invoice: str, reason: str) -> None:
    """Block or release the payment of an invoice as it is now."""
    text = "query($id: ID!) { document(id: $id) { version } }"
    version = (await user.ask(text, id=invoice)).data["document"]["version"]
    known = {"id": invoice, "expectedVersion": version, "reason": reason}
    assert (await user.do(verb, "supplierInvoice { id }", **known)).problems == []


async def proposal(user: User, paid: str) -> list[str]:
    """Return the documents that a payment is proposed for."""
    text = "query($id: ID!) { proposeAllocation(paymentId: $id) { allocations { documentId } } }"
    found = (await user.ask(text, id=paid)).data["proposeAllocation"]["allocations"]
    return [each["documentId"] for each in found]


async def left_out(user: User, paid: str) -> list[dict[str, Any]]:
    """Return what a proposal leaves out, and why."""
    text = (
        "query($id: ID!) { proposeAllocation(paymentId: $id) {"
        " leftOut { documentId document { id } reason } } }"
    )
    found: list[dict[str, Any]] = (await user.ask(text, id=paid)).data["proposeAllocation"][
        "leftOut"
    ]
    return found
