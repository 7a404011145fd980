"""What paid a prepayment stays while a final invoice deducts it (section 14 (5) UStG)."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Answer, Erp, User
from tests.paying import allocate, allocations, open_amounts, payment, pays, posted, seen
from tests.refused import unchanged
from tests.test_payments_cancelled import cancelled
from tests.test_payments_corrected import final, line


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def prepaid(user: User, partner: str) -> tuple[str, str]:
    """Post a prepayment of 119 and the money for it; return both."""
    draft = await user.create_invoice(
        soldTo=partner, invoiceType="PREPAYMENT", supplyDate=None, lines=[line("100")]
    )
    before, paid = await posted(user, draft), await payment(user, partner, "119")
    assert (await allocate(user, paid, pays(before, "119"))).problems == []
    return before, paid


async def undone(user: User, document: str) -> Answer:
    """Take back the last allocation of a document."""
    id = (await allocations(user, document))[-1]["id"]
    return await user.do("undoAllocation", "document { id }", id=id, reason="Irrtum")


async def cancel(user: User, document: str) -> Answer:
    """Cancel a document as it is now."""
    version = (await seen(user, document))["version"]
    known = {"id": document, "expectedVersion": version, "reason": "Rücklastschrift"}
    return await user.do("cancelDocument", "document { id }", **known)


async def test_what_paid_a_prepayment_stays_while_a_final_invoice_deducts_it(shop: Erp):
    """Neither its allocation nor the payment is taken back; once the final is cancelled, both."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    before, paid = await prepaid(anna, customer)
    whole = await final(anna, customer, before, line("1000"))

    async with unchanged(shop):
        by_undoing = await undone(anna, before)
        by_cancelling = await cancel(anna, paid)
    assert [by_undoing.problem_codes, by_cancelling.problem_codes] == [["PREPAYMENT_DEDUCTED"]] * 2
    assert by_undoing.problems[0]["message"] == (
        "A final invoice deducts INV-2026-00001, so what paid it stays. Cancel that invoice first."
    )
    await cancelled(anna, whole)

    assert (await undone(anna, before)).problems == []
    assert await open_amounts(anna, before, paid) == ["119.00", "119.00"]
    assert (await cancel(anna, paid)).problems == []


async def test_the_draft_of_a_final_invoice_holds_the_payment_until_it_is_discarded(shop: Erp):
    """Else it would be posted with a prepayment that nobody paid."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    before, paid = await prepaid(anna, customer)
    draft = await anna.create_invoice(
        soldTo=customer, invoiceType="FINAL", prepayments=[before], lines=[line("1000")]
    )

    held = await undone(anna, before)
    await anna.verb("discardDocument", draft)

    assert held.problem_codes == ["PREPAYMENT_DEDUCTED"]
    assert (await cancel(anna, paid)).problems == []
    assert await open_amounts(anna, before) == ["119.00"]


async def test_who_deducts_and_who_takes_back_at_once_do_not_pass_each_other(shop: Erp):
    """One of both is refused, whoever comes first: the lock of the prepayment decides."""
    anna, martin = await shop.sign_in(), await shop.sign_in("martin", roles=("accountant",))
    customer = await anna.create_partner()
    for _ in range(4):
        before, _ = await prepaid(anna, customer)
        wish = await anna.input_of(
            "SALES_INVOICE",
            soldTo=customer,
            invoiceType="FINAL",
            prepayments=[before],
            lines=[line("1000")],
        )

        written, taken_back = await asyncio.gather(
            anna.do("createSalesInvoice", "salesInvoice { id }", **wish), undone(martin, before)
        )

        told = (written.problem_codes, taken_back.problem_codes)
        assert told in (([], ["PREPAYMENT_DEDUCTED"]), (["PREPAYMENT_NOT_PAID"], []))
