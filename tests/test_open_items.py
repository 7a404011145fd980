"""Open items: the list, what is overdue, and how old it is, against a table made by hand."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Erp, User
from tests.paying import allocate, credit_note, payment, pays, posted_invoice, supplier_invoice

LIST = """query($side: TradeSide!, $partner: ID, $due: Date, $currency: Currency,
    $sort: OpenItemSort! = DUE_FIRST, $first: Int, $after: Cursor) {
  openItems(side: $side, partner: $partner, dueBefore: $due, currency: $currency, sort: $sort,
      first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { number balance openAmount dueDate kind side currency gross partner { name }
      document { id number } } } }"""

AGEING = """query($side: TradeSide!, $on: Date) { openItemAgeing(side: $side, on: $on) {
  currency on total { ...all } partners { partner { name } buckets { ...all } } } }
  fragment all on AgeingBuckets { total notDue days1To30 days31To60 days61To90 over90Days }"""


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def listed(user: User, side: str = "SALES", **asked: Any) -> list[tuple[str, str]]:
    """Return number and balance of the open items."""
    found = (await user.ask(LIST, side=side, **asked)).data["openItems"]
    return [(each["number"], each["balance"]) for each in found["nodes"]]


async def test_the_list_has_what_is_open_of_its_side_due_first(shop: Erp):
    """Invoices above zero, credit notes and payments below; what is settled is not there."""
    anna = await shop.sign_in()
    customer, other = await anna.create_partner("Hof A"), await anna.create_partner("Hof B")
    late = await posted_invoice(anna, customer, issueDate="2026-10-01")
    await posted_invoice(anna, other, "238.00", issueDate="2026-09-01")
    done = await posted_invoice(anna, customer)
    await credit_note(anna, customer)
    paid = await payment(anna, customer, "169", issueDate="2026-11-20")
    await allocate(anna, paid, pays(done, "119"), pays(late, "20"))
    await supplier_invoice(anna, customer, "100")
    await anna.create_invoice(soldTo=customer)

    assert await listed(anna) == [
        ("INV-2026-00002", "238.00"),
        ("INV-2026-00001", "99.00"),
        ("PAY-2026-00001", "-30.00"),
        ("RK-2026-00001", "-59.50"),
    ]
    assert await listed(anna, "PURCHASE") == [("PINV-2026-00001", "119.00")]
    assert await listed(anna, sort="AMOUNT") == [
        ("INV-2026-00002", "238.00"),
        ("INV-2026-00001", "99.00"),
        ("PAY-2026-00001", "-30.00"),
        ("RK-2026-00001", "-59.50"),
    ]
    assert [number for number, _ in await listed(anna, partner=other)] == ["INV-2026-00002"]
    assert [number for number, _ in await listed(anna, due="2026-09-16")] == ["INV-2026-00002"]
    assert await listed(anna, due="2026-09-15") == await listed(anna, due="0001-01-01") == []
    assert await listed(anna, currency="USD") == await listed(anna, currency="E\0UR") == []
    assert len(await listed(anna, currency="EUR", sort="PARTNER")) == 4
    first = (await anna.ask(LIST, side="SALES", first=1)).data["openItems"]
    assert first["totalCount"] == 4
    assert first["nodes"][0]["partner"] == {"name": "Hof B"}
    rest = await listed(anna, first=3, after=first["pageInfo"]["endCursor"])
    assert rest[0][0] == "INV-2026-00001"


async def test_who_may_read_nothing_of_a_side_sees_nothing_of_it(shop: Erp):
    """Neither items nor sums."""
    anna = await shop.sign_in()
    await posted_invoice(anna, await anna.create_partner())
    nobody = await shop.sign_in("nina", roles=("nobody",))

    for query in (LIST, AGEING):
        assert (await nobody.ask(query, side="SALES")).error_codes == ["FORBIDDEN"]


HAND_MADE = (
    # gross, due, age on 20 November 2026
    ("Hof A", "119.00", "2026-11-20"),  # due that day: not overdue
    ("Hof A", "238.00", "2026-11-21"),  # not due
    ("Hof A", "357.00", "2026-11-19"),  # 1 day
    ("Hof A", "476.00", "2026-10-21"),  # 30 days
    ("Hof B", "595.00", "2026-10-20"),  # 31 days
    ("Hof B", "714.00", "2026-09-21"),  # 60 days
    ("Hof B", "833.00", "2026-09-20"),  # 61 days
    ("Hof B", "952.00", "2026-08-22"),  # 90 days
    ("Hof B", "1071.00", "2026-08-21"),  # 91 days
)


async def test_open_items_are_sorted_by_age_as_in_the_table_made_by_hand(shop: Erp):
    """Both ends of every class; credits are not due, however old."""
    anna = await shop.sign_in()
    farms = {name: await anna.create_partner(name) for name in ("Hof A", "Hof B")}
    for name, gross, due in HAND_MADE:
        await posted_invoice(anna, farms[name], gross, issueDate=due, paymentDays=0)
    await payment(anna, farms["Hof A"], "40", issueDate="2026-11-20")
    await payment(anna, farms["Hof A"], "7", issueDate="2026-11-01")
    await payment(anna, farms["Hof B"], "5", issueDate="2026-05-01")

    found = (await anna.ask(AGEING, side="SALES", on="2026-11-20")).data["openItemAgeing"]

    def buckets(*amounts: str) -> dict[str, str]:
        names = ("total", "notDue", "days1To30", "days31To60", "days61To90", "over90Days")
        return dict(zip(names, amounts, strict=True))

    assert found == {
        "currency": "EUR",
        "on": "2026-11-20",
        "total": buckets("5303.00", "305.00", "833.00", "1309.00", "1785.00", "1071.00"),
        "partners": [
            {
                "partner": {"name": "Hof B"},
                "buckets": buckets("4160.00", "-5.00", "0.00", "1309.00", "1785.00", "1071.00"),
            },
            {
                "partner": {"name": "Hof A"},
                "buckets": buckets("1143.00", "310.00", "833.00", "0.00", "0.00", "0.00"),
            },
        ],
    }
    assert (await anna.ask(AGEING, side="PURCHASE", on="2026-11-20")).data["openItemAgeing"] == {
        "currency": "EUR",
        "on": "2026-11-20",
        "total": buckets(*["0.00"] * 6),
        "partners": [],
    }


async def test_documents_are_found_by_overdue_and_paid(shop: Erp):
    """A draft is neither paid nor open; a credit note is never overdue."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    overdue = await posted_invoice(anna, customer, issueDate="2026-01-05")
    coming = await posted_invoice(anna, customer, paymentDays=365)
    done = await posted_invoice(anna, customer, issueDate="2026-01-05")
    paid = await payment(anna, customer, "119", issueDate="2026-02-01")
    await allocate(anna, paid, pays(done, "119"))
    credit = await credit_note(anna, customer)
    draft = (await anna.create_invoice(soldTo=customer))["id"]

    async def found(**filter: Any) -> set[str]:
        answer = await anna.ask(
            "query($f: DocumentFilter) { documents(filter: $f) { nodes { id } } }", f=filter
        )
        return {each["id"] for each in answer.data["documents"]["nodes"]}

    assert await found(overdue=True) == {overdue}
    assert await found(overdue=False) == {coming, done, paid, credit, draft}
    assert await found(isPaid=True) == {done, paid}
    assert await found(isPaid=False) == {overdue, coming, credit}
    assert await found(isPaid=False, overdue=False) == {coming, credit}
    assert await found(isPaid=True, kind={"in": ["SALES_INVOICE"]}) == {done}
    assert await found(isPaid=True, overdue=False, state={"in": ["POSTED"]}) == {done, paid}
    shown = await anna.ask(
        "query($id: ID!) { document(id: $id) { ... on SalesInvoice { isOverdue isPaid } } }",
        id=overdue,
    )
    assert shown.data["document"] == {"isOverdue": True, "isPaid": False}


async def test_credits_and_payments_have_no_days_overdue(shop: Erp):
    """The invoice counts its days, what lessens the side does not, on both lists."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    await posted_invoice(anna, customer, issueDate="2026-10-01", paymentDays=0)
    await payment(anna, customer, "40", issueDate="2026-10-02")
    now = "{ openItems(side: SALES) { nodes { number isOverdue daysOverdue } } }"
    then = (
        '{ openItemsAsOf(side: SALES, asOf: "2026-10-31") { nodes { number daysOverdue } }'
        ' openItemAgeing(side: SALES, asOf: "2026-10-31") { total { total notDue days1To30 } } }'
    )

    [invoice, paid] = (await anna.ask(now)).data["openItems"]["nodes"]
    past = (await anna.ask(then)).data

    assert invoice["isOverdue"] is True
    assert invoice["daysOverdue"] > 40
    assert paid == {"number": "PAY-2026-00001", "isOverdue": False, "daysOverdue": 0}
    assert past["openItemsAsOf"]["nodes"] == [
        {"number": "INV-2026-00001", "daysOverdue": 30},
        {"number": "PAY-2026-00001", "daysOverdue": 0},
    ]
    assert past["openItemAgeing"]["total"] == {
        "total": "79.00",
        "notDue": "-40.00",
        "days1To30": "119.00",
    }
