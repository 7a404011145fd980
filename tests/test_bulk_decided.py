"""Many documents in one call: each is decided by itself, though numbers and periods come last."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from domain.documents.document import Document
from persistence.periods import Periods
from tests import chains
from tests.chains import wheat
from tests.companies import found_without_approval
from tests.erp import Answer, Erp, User
from tests.stacks import counts, do_job, outcomes, seen, start

ITEMS = "items { place document { id number state } problems { code path } }"
SEED = {
    "description": "Saatgut",
    "quantity": "1",
    "unit": "PIECE",
    "unitPrice": "100",
    "taxCategory": "S",
    "taxRate": "19",
}
"""A line of 119 gross."""


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def post_all(user: User, ids: list[str], policy: str = "SKIP_FAILED", **more: Any) -> Answer:
    """Post many documents in one call."""
    return await user.do("postDocuments", ITEMS, ids=ids, errorPolicy=policy, **more)


def told(answer: Answer, mutation: str = "postDocuments") -> list[tuple[Any, ...]]:
    """Return number or code, and the path of the problem, of each item in order."""
    return [
        (item["problems"][0]["code"], item["problems"][0]["path"])
        if item["problems"]
        else (item["document"]["number"], None)
        for item in answer.data[mutation]["items"]
    ]


async def orders(user: User, customer: str, count: int) -> list[str]:
    """Write orders of 119 gross each."""
    return [
        (
            await user.do("createSalesOrder", "salesOrder { id }", soldTo=customer, lines=[SEED])
        ).made["id"]
        for _ in range(count)
    ]


async def invoice(user: User, day: str, customer: str | None = None) -> str:
    """Write an invoice of a day."""
    given = {"soldTo": customer or await user.create_partner(), "lines": [SEED]}
    answer = await user.do(
        "createSalesInvoice", "salesInvoice { id }", issueDate=day, supplyDate=day, **given
    )
    made: str = answer.made["id"]
    return made


async def limited(user: User, limit: str = "300") -> str:
    """Return a customer with a limit that blocks."""
    await user.erp.owner.execute(
        "update tenant set credit_check = 'BLOCK' where tenant_id = $1", user.erp.tenant
    )
    return await user.create_partner(creditLimit=limit)


async def exposure(user: User, partner: str) -> str:
    """Return what a customer owes and is promised."""
    query = "query($id: ID!) { partner(id: $id) { creditExposure } }"
    found: str = (await user.ask(query, id=partner)).data["partner"]["creditExposure"]
    return found


async def close(user: User, until: str) -> None:
    """Close the sales up to a day."""
    assert (
        await user.do("closePeriod", "periodLock { id }", area="SALES", until=until)
    ).problems == []


async def test_orders_posted_together_count_towards_one_limit(shop: Erp):
    """Five orders of 119 within 300: two of them fit, the others are left out and named."""
    anna = await shop.sign_in()
    farm, other = await limited(anna), await anna.create_partner(creditLimit="119")
    ids = [
        *await orders(anna, farm, 3),
        *await orders(anna, other, 2),
        *await orders(anna, farm, 2),
    ]

    answer = await post_all(anna, ids)

    over = "CREDIT_LIMIT_EXCEEDED"
    assert told(answer) == [
        ("SO-2026-00001", None),
        ("SO-2026-00002", None),
        (over, ["input", "ids", "2"]),
        ("SO-2026-00003", None),
        (over, ["input", "ids", "4"]),
        (over, ["input", "ids", "5"]),
        (over, ["input", "ids", "6"]),
    ]
    assert [await exposure(anna, each) for each in (farm, other)] == ["238.00", "119.00"]


async def test_orders_beyond_a_limit_together_are_all_refused_where_all_or_nothing_is_asked(
    shop: Erp,
):
    """Each alone would fit; nothing is posted, and the problem names the third."""
    anna = await shop.sign_in()
    farm = await limited(anna)
    ids = await orders(anna, farm, 3)

    answer = await post_all(anna, ids, "ALL_OR_NOTHING")

    assert told(answer) == [
        ("NOT_DONE_WITH_OTHERS", []),
        ("NOT_DONE_WITH_OTHERS", []),
        ("CREDIT_LIMIT_EXCEEDED", ["input", "ids", "2"]),
    ]
    assert await exposure(anna, farm) == "0.00"


async def test_one_that_is_refused_for_something_else_uses_up_no_limit(shop: Erp):
    """The first order lies in a closed period; the two behind it still fit into 300."""
    anna = await shop.sign_in()
    farm = await limited(anna)
    early = await anna.do(
        "createSalesOrder",
        "salesOrder { id }",
        soldTo=farm,
        lines=[SEED],
        issueDate="2026-10-31",
    )
    await close(anna, "2026-10-31")
    ids = [early.made["id"], *await orders(anna, farm, 2)]

    answer = await post_all(anna, ids)

    assert told(answer) == [
        ("PERIOD_CLOSED", ["input", "ids", "0"]),
        ("SO-2026-00001", None),
        ("SO-2026-00002", None),
    ]


async def test_deliveries_of_orders_that_count_already_add_nothing(shop: Erp):
    """Two orders fill the limit of 238; both are delivered by one call, a free delivery is not."""
    anna = await shop.sign_in()
    farm = await limited(anna, "238")
    ids = await orders(anna, farm, 2)
    assert all(number for number, _ in told(await post_all(anna, ids)))
    follow = await anna.do("convertDocuments", ITEMS, ids=ids, to="DELIVERY_NOTE")
    notes = [item["document"]["id"] for item in follow.data["convertDocuments"]["items"]]
    free = await anna.do("createDeliveryNote", "deliveryNote { id }", soldTo=farm, lines=[SEED])

    answer = await post_all(anna, [free.made["id"], *notes])

    assert told(answer) == [
        ("CREDIT_LIMIT_EXCEEDED", ["input", "ids", "0"]),
        ("DL-2026-00001", None),
        ("DL-2026-00002", None),
    ]
    assert await exposure(anna, farm) == "238.00"


async def test_a_job_counts_towards_the_limit_too(shop: Erp):
    """Five orders of 119 within 300 in one part of a job."""
    anna = await shop.sign_in()
    farm = await limited(anna)

    job = (await start(anna, "POST", ids=await orders(anna, farm, 5))).made["id"]
    await do_job(shop, job)

    found = await seen(anna, job)
    assert counts(found) == ("FINISHED", 5, 5, 3)
    over = "CREDIT_LIMIT_EXCEEDED"
    assert [code for _, _, code in outcomes(found)] == [None, None, over, over, over]
    assert await exposure(anna, farm) == "238.00"


async def test_what_lies_in_a_closed_period_is_left_out(shop: Erp):
    """January is closed: of three invoices the two of November are numbered without a gap."""
    anna = await shop.sign_in()
    ids = [await invoice(anna, day) for day in ("2026-11-20", "2026-01-10", "2026-11-21")]
    await close(anna, "2026-01-31")

    answer = await post_all(anna, ids)

    assert told(answer) == [
        ("INV-2026-00001", None),
        ("PERIOD_CLOSED", ["input", "ids", "1"]),
        ("INV-2026-00002", None),
    ]
    assert await shop.numbers() == ["INV-2026-00001", "INV-2026-00002"]


async def test_what_is_older_than_the_last_number_is_left_out(shop: Erp):
    """The series has numbered the 20th: the 10th waits for somebody to confirm it."""
    anna = await shop.sign_in()
    await post_all(anna, [await invoice(anna, "2026-11-20")])
    ids = [await invoice(anna, day) for day in ("2026-11-21", "2026-11-10", "2026-11-20")]

    answer = await post_all(anna, ids)
    confirmed = await post_all(anna, ids[1:2], acceptOlderDate=True)

    assert told(answer) == [
        ("INV-2026-00003", None),
        ("NUMBER_OUT_OF_DATE_ORDER", ["input", "ids", "1"]),
        ("INV-2026-00002", None),
    ]
    assert told(confirmed) == [("INV-2026-00004", None)]


async def test_all_or_nothing_names_what_cannot_be_numbered(shop: Erp):
    """Nothing is posted; closed period and order of dates stand at their documents."""
    anna = await shop.sign_in()
    await post_all(anna, [await invoice(anna, "2026-11-20")])
    ids = [await invoice(anna, day) for day in ("2026-11-21", "2026-11-10", "2026-10-10")]
    await close(anna, "2026-10-31")

    answer = await post_all(anna, ids, "ALL_OR_NOTHING")

    assert told(answer) == [
        ("NOT_DONE_WITH_OTHERS", []),
        ("NUMBER_OUT_OF_DATE_ORDER", ["input", "ids", "1"]),
        ("PERIOD_CLOSED", ["input", "ids", "2"]),
    ]
    assert await shop.numbers() == ["INV-2026-00001"]


async def test_the_day_named_for_all_decides_and_not_the_day_of_each(shop: Erp):
    """Posted on the 21st nothing of January is closed; posted in January all is."""
    anna = await shop.sign_in()
    ids = [await invoice(anna, day) for day in ("2026-01-10", "2026-01-11")]
    await close(anna, "2026-01-31")

    in_january = await post_all(anna, ids, postingDate="2026-01-31")
    in_november = await post_all(anna, ids, postingDate="2026-11-21")

    closed = "PERIOD_CLOSED"
    assert told(in_january) == [(closed, ["input", "ids", "0"]), (closed, ["input", "ids", "1"])]
    assert told(in_november) == [("INV-2026-00001", None), ("INV-2026-00002", None)]


async def test_what_finds_no_number_left_or_no_series_is_left_out(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
):
    """Two numbers are left for three invoices; the series of orders begins next year only."""
    shop = await found_without_approval(server, owner, http)  # its counter is moved by hand
    anna = await shop.sign_in()
    await post_all(anna, [await invoice(anna, "2026-11-20")])
    await shop.owner.execute(
        "update number_range set last = 99997, warn_from = 1 where tenant_id = $1"
        " and series = 'sales_invoice'",
        shop.tenant,
    )
    await shop.owner.execute(
        "update number_series set valid_from = '2027-01-01' where tenant_id = $1"
        " and kind = 'SALES_ORDER'",
        shop.tenant,
    )
    ids = [await invoice(anna, "2026-11-21") for _ in range(3)]
    order = await orders(anna, await anna.create_partner(), 1)

    answer = await post_all(anna, [*ids, *order])

    assert told(answer) == [
        ("INV-2026-99998", None),
        ("INV-2026-99999", None),
        ("NUMBER_RANGE_EXHAUSTED", ["input", "ids", "2"]),
        ("NUMBER_RANGE_MISSING", ["input", "ids", "3"]),
    ]


async def test_a_period_that_is_closed_in_between_refuses_all_and_names_the_document(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """What looked open is closed before the lock: nothing is posted; sent again it is left out."""
    anna = await shop.sign_in()
    ids = [await invoice(anna, day) for day in ("2026-11-20", "2026-10-10")]
    looked, closed, demand = asyncio.Event(), asyncio.Event(), Periods.demand_open

    async def held(self: Periods, posted: list[Document], *more: Any) -> None:
        if len(posted) == 2 and not looked.is_set():
            looked.set()
            await closed.wait()
        await demand(self, posted, *more)

    monkeypatch.setattr(Periods, "demand_open", held)
    posting = asyncio.create_task(post_all(anna, ids))
    await looked.wait()
    await close(anna, "2026-10-31")
    closed.set()

    answer = await posting
    again = await post_all(anna, ids)

    assert answer.data["postDocuments"]["items"] == []
    [problem] = answer.problems
    assert (problem["code"], problem["path"]) == ("PERIOD_CLOSED", ["input", "ids", "1"])
    assert told(again) == [("INV-2026-00001", None), ("PERIOD_CLOSED", ["input", "ids", "1"])]


async def test_a_document_one_may_not_touch_is_told_at_its_place(shop: Erp):
    """Bob posts sales: his invoice is posted, the order to a supplier is FORBIDDEN by itself."""
    anna = await shop.sign_in()
    bought = await anna.create("PURCHASE_ORDER")
    sold = await invoice(anna, "2026-11-20")
    bob = await shop.sign_in("bob", roles=())
    bob.token = shop.token("bob", (), scope="sales:post sales:read purchase:read")

    answer = await post_all(bob, [bought["id"], sold])

    assert "errors" not in answer.body
    assert told(answer) == [
        ("FORBIDDEN", ["input", "ids", "0"]),
        ("INV-2026-00001", None),
    ]


async def test_an_invoice_run_takes_at_most_500_deliveries_in_all(shop: Erp):
    """Six groups of 100 are refused as a whole, before anything is looked for."""
    anna = await shop.sign_in()
    groups = [{"ids": [f"doc_{uuid4()}" for _ in range(100)]} for _ in range(6)]

    refused = await anna.do("createInvoices", ITEMS, groups=groups)
    looked_for = await anna.do("createInvoices", ITEMS, groups=groups[:5])

    assert refused.data["createInvoices"]["items"] == []
    [problem] = refused.problems
    assert (problem["code"], problem["path"]) == ("TOO_MANY_ITEMS", ["input", "groups"])
    assert {code for code, _ in told(looked_for, "createInvoices")} == {"NOT_FOUND"}


async def test_a_group_that_cannot_be_billed_is_named(shop: Erp):
    """The delivery of the second group is billed already."""
    anna = await shop.sign_in()
    first, second = [await chains.posted(anna, "DELIVERY_NOTE", wheat("1")) for _ in range(2)]
    await chains.followed(anna, second, "SALES_INVOICE")

    answer = await anna.do(
        "createInvoices",
        ITEMS,
        groups=[{"ids": [first["id"]]}, {"ids": [second["id"]]}],
        errorPolicy="SKIP_FAILED",
    )

    assert told(answer, "createInvoices") == [
        (None, None),
        ("NOTHING_OPEN", ["input", "groups", "1"]),
    ]


@pytest.mark.parametrize("count", [0, 501])
async def test_a_payment_that_settles_none_or_too_many_waits_for_nobody(shop: Erp, count: int):
    """The count is looked at before anything is locked: even an unknown payment is not missed."""
    anna = await shop.sign_in()
    asked = [{"documentId": f"doc_{uuid4()}", "amount": "1.00"} for _ in range(count)]

    answer = await anna.do(
        "allocatePayment", "payment { id }", paymentId=f"doc_{uuid4()}", allocations=asked
    )

    assert answer.problem_codes == ["TOO_MANY_ALLOCATIONS" if count else "REQUIRED"]
