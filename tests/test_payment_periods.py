"""From which day an allocation counts, and that none falls into a closed period, however fast."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg
import pytest

from persistence.numbering import Numbering
from persistence.periods import Periods
from tests.companies import found_without_approval
from tests.erp import Answer, Erp, User
from tests.paying import (
    allocate,
    credit_note,
    open_amounts,
    payment,
    pays,
    posted_invoice,
    settle,
)
from tests.refused import unchanged

DAYS = """query($id: ID!) { document(id: $id) {
  ... on SalesInvoice { allocations { ...days } } ... on SalesCreditNote { allocations { ...days } }
  ... on IncomingPayment { allocations { ...days } } } }
  fragment days on Allocation { id settledOn undoneOn isUndone }"""


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


def today() -> str:
    """Return the day it is where the company is."""
    return datetime.now(ZoneInfo("Europe/Berlin")).date().isoformat()


async def close(user: User, area: str, until: str) -> Answer:
    """Close an area."""
    answer = await user.do("closePeriod", "periodLock { closedUntil }", area=area, until=until)
    assert answer.problems == []
    return answer


async def days(user: User, document: str) -> list[tuple[str, str | None]]:
    """Return from when to when the allocations of a document count."""
    found = (await user.ask(DAYS, id=document)).data["document"]["allocations"]
    return [(each["settledOn"], each["undoneOn"]) for each in found]


async def undo(user: User, document: str) -> Answer:
    """Take back what a document is settled by."""
    found = (await user.ask(DAYS, id=document)).data["document"]["allocations"]
    [id] = [each["id"] for each in found if not each["isUndone"]]
    return await user.do("undoAllocation", "document { id }", id=id, reason="Zahlendreher")


async def bill_and_money(user: User, **more: Any) -> tuple[str, str]:
    """Post an invoice of 1 November over 119 EUR and the payment of it of 20 November."""
    partner = await user.create_partner()
    terms = {"discounts": [{"days": 30, "percent": "2"}], **more}
    invoice = await posted_invoice(user, partner, issueDate="2026-11-01", paymentDays=60, **terms)
    return invoice, await payment(user, partner, "119", issueDate="2026-11-20")


async def test_an_allocation_counts_from_the_day_on_which_both_documents_were_posted(shop: Erp):
    """Whenever it was written down: the payment of the 20th has paid on the 20th."""
    anna = await shop.sign_in()
    invoice, paid = await bill_and_money(anna)

    assert (await allocate(anna, paid, pays(invoice, "119"))).problems == []

    assert await days(anna, invoice) == await days(anna, paid) == [("2026-11-20", None)]


async def test_where_that_day_is_closed_it_counts_from_today(shop: Erp):
    """As a cancellation does; what is closed stays as it was reported."""
    anna = await shop.sign_in()
    invoice, paid = await bill_and_money(anna)
    await close(anna, "PAYMENTS", "2026-11-20")

    assert (await allocate(anna, paid, pays(invoice, "100"))).problems == []

    assert await days(anna, invoice) == [(today(), None)]


async def test_a_day_that_is_closed_up_to_today_takes_no_allocation_and_gives_none_back(shop: Erp):
    """The problem names the first day that would do; a credit note belongs to sales."""
    anna = await shop.sign_in()
    invoice, paid = await bill_and_money(anna)
    partner = await anna.create_partner("Hof Sommer")
    other = await posted_invoice(anna, partner, issueDate="2026-11-01")
    bonus = await credit_note(anna, partner)
    await allocate(anna, paid, pays(invoice, "19"))
    await close(anna, "PAYMENTS", today())

    async with unchanged(shop):
        refused = await allocate(anna, paid, pays(invoice, "100"))
        stays = await undo(anna, invoice)
    set_off = await settle(anna, bonus, pays(other, "10"))

    assert (refused.problem_codes, stays.problem_codes) == (["PERIOD_CLOSED"], ["PERIOD_CLOSED"])
    assert refused.problems[0]["path"] == ["input", "allocations", "0"]
    assert stays.problems[0]["path"] == ["input", "id"]
    assert set_off.problems == []
    await close(anna, "SALES", today())
    async with unchanged(shop):
        late = await settle(anna, bonus, pays(other, "10"))
    assert late.problem_codes == ["PERIOD_CLOSED"]


async def test_cash_discount_lessens_net_and_tax_and_so_stays_out_of_closed_sales(shop: Erp):
    """Its correction falls into the period in which it is taken; money alone may go back there."""
    anna = await shop.sign_in()
    invoice, paid = await bill_and_money(anna)
    await close(anna, "SALES", "2026-11-20")

    assert (await allocate(anna, paid, pays(invoice, "50"))).problems == []
    assert (await allocate(anna, paid, pays(invoice, "66.62", discount="2.38"))).problems == []

    assert await days(anna, invoice) == [("2026-11-20", None), (today(), None)]
    await close(anna, "SALES", today())
    async with unchanged(shop):
        assert (await undo_last(anna, invoice)).problem_codes == ["PERIOD_CLOSED"]


async def undo_last(user: User, document: str) -> Answer:
    """Take back the last allocation of a document."""
    found = (await user.ask(DAYS, id=document)).data["document"]["allocations"]
    return await user.do(
        "undoAllocation", "document { id }", id=found[-1]["id"], reason="Zahlendreher"
    )


async def test_what_is_allocated_anew_counts_from_the_day_the_first_was_taken_back(shop: Erp):
    """Else both would count on the days between, and more be paid than there was money."""
    anna = await shop.sign_in()
    invoice, paid = await bill_and_money(anna)
    await allocate(anna, paid, pays(invoice, "119"))
    assert (await undo(anna, invoice)).problems == []

    assert (await allocate(anna, paid, pays(invoice, "119"))).problems == []

    assert await days(anna, invoice) == [("2026-11-20", today()), (today(), None)]


async def test_a_cancelled_payment_never_paid_while_its_period_is_open(shop: Erp):
    """Its cancellation is of the same day; where that is closed, of today, and so is the rest."""
    anna = await shop.sign_in()
    first, bounced = await bill_and_money(anna)
    second, returned = await bill_and_money(anna)
    await allocate(anna, bounced, pays(first, "119"))
    await allocate(anna, returned, pays(second, "119"))

    open_period = await anna.do(
        "cancelDocument", "document { id }", id=bounced, expectedVersion=3, reason="Rücklastschrift"
    )
    await close(anna, "PAYMENTS", "2026-11-20")
    closed_period = await anna.do(
        "cancelDocument",
        "document { id }",
        id=returned,
        expectedVersion=3,
        reason="Rücklastschrift",
    )

    assert (open_period.problems, closed_period.problems) == ([], [])
    assert await days(anna, first) == [("2026-11-20", "2026-11-20")]
    assert await days(anna, second) == [("2026-11-20", today())]
    assert await days(anna, bounced) == [("2026-11-20", "2026-11-20"), ("2026-11-20", None)]
    assert await days(anna, returned) == [("2026-11-20", today()), (today(), None)]


async def test_the_cancellation_of_an_invoice_settles_it_on_its_own_posting_date(shop: Erp):
    """That of the invoice, or today where sales are closed by then."""
    anna = await shop.sign_in()
    early, _ = await bill_and_money(anna)
    late, _ = await bill_and_money(anna)

    await anna.do("cancelDocument", "document { id }", id=early, expectedVersion=2, reason="Irrtum")
    await close(anna, "SALES", "2026-11-01")
    await anna.do("cancelDocument", "document { id }", id=late, expectedVersion=2, reason="Irrtum")

    assert await days(anna, early) == [("2026-11-01", None)]
    assert await days(anna, late) == [(today(), None)]


# ------------------------------------------------------------------------------------- the race


async def _until_somebody_waits(database_url: str) -> None:
    """Return when a session waits for the lock of a period."""
    watcher = await asyncpg.connect(database_url)
    async with asyncio.timeout(5):
        while not await watcher.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock' and query like '%accounting_period_lock%'"
        ):
            await asyncio.sleep(0.01)
    await watcher.close()


async def test_who_closes_waits_for_an_allocation_that_has_begun(
    shop: Erp, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    """The allocation saw an open day and commits; the period is closed after it."""
    anna, berta = await shop.sign_in(), await shop.sign_in("berta")
    invoice, paid = await bill_and_money(anna)
    dated, go_on = asyncio.Event(), asyncio.Event()
    give = Numbering.give

    async def paused(numbering: Numbering, documents: Any) -> Any:
        if not dated.is_set():
            dated.set()
            await go_on.wait()
        return await give(numbering, documents)

    monkeypatch.setattr(Numbering, "give", paused)
    allocating = asyncio.ensure_future(allocate(anna, paid, pays(invoice, "119")))
    await dated.wait()
    closing = asyncio.ensure_future(close(berta, "PAYMENTS", today()))
    await _until_somebody_waits(database_url)
    go_on.set()

    assert (await allocating).problems == []
    await closing
    types = [row["type"] for row in await shop.journal()]
    assert {*types[-3:-1]} == {"SalesInvoiceSettled", "IncomingPaymentSettled"}
    assert types[-1] == "PeriodClosed"
    assert await days(anna, invoice) == [("2026-11-20", None)]


@pytest.mark.parametrize("until", ["2026-11-20", None])
async def test_an_allocation_waits_for_who_is_closing_and_is_dated_by_what_it_finds(
    shop: Erp, database_url: str, monkeypatch: pytest.MonkeyPatch, until: str | None
):
    """Of today where its day was closed meanwhile; refused where today was."""
    anna, berta = await shop.sign_in(), await shop.sign_in("berta")
    invoice, paid = await bill_and_money(anna)
    locked, go_on = asyncio.Event(), asyncio.Event()
    lock = Periods.locked

    async def paused(periods: Periods, area: Any) -> Any:
        found = await lock(periods, area)
        locked.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(Periods, "locked", paused)
    closing = asyncio.ensure_future(close(berta, "PAYMENTS", until or today()))
    await locked.wait()
    allocating = asyncio.ensure_future(allocate(anna, paid, pays(invoice, "119")))
    await _until_somebody_waits(database_url)
    go_on.set()

    await closing
    answer = await allocating
    assert answer.problem_codes == ([] if until else ["PERIOD_CLOSED"])
    assert await days(anna, invoice) == ([(today(), None)] if until else [])
    assert await open_amounts(anna, invoice) == ["0.00" if until else "119.00"]
