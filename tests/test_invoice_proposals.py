"""What the invoice run proposes can be billed, and the net it shows is that of the invoice."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest

import persistence.documents.unbilled
from domain.amounts import PriceBasis
from domain.documents.agreed import SOURCES_MAX, Agreed
from domain.documents.drafts import LINES_MAX
from domain.documents.invoice_run import Unbilled, propose
from domain.partners.rhythm import Rhythm
from tests.chains import convert, converted, draft, followed, post, posted, verb, wheat
from tests.companies import found_without_approval
from tests.erp import Erp, User

ASKED = """query($until: Date!) {
  proposeInvoices(until: $until) { net ids }
  unbilledDeliveries(on: $until) { nodes { net } totals { net documents } } }"""
MADE = "items { document { ... on SalesInvoice { net } } problems { code } }"
OCTOBER = {"issueDate": "2026-10-05", "supplyDate": "2026-10-05"}
UNTIL = "2026-10-31"
TODAY = "2026-11-30"


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


def named(name: str) -> dict[str, Any]:
    """Return the address of a walk-in customer in every role."""
    address = {"name": name, "street": "Am Markt 1", "postcode": "27318", "city": "Hoya"}
    return {f"{role}Address": address for role in ("soldTo", "billTo", "shipTo")}


DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Skonto": (
        {"paymentDays": 14, "discounts": []},
        {"paymentDays": 14, "discounts": [{"days": 5, "percent": "2"}]},
    ),
    "percentage off": (
        {"allowances": [{"percent": "10", "reason": "Messe"}]},
        {"allowances": [{"percent": "5", "reason": "Messe"}]},
    ),
    "price basis": ({"priceBasis": "NET"}, {"priceBasis": "GROSS"}),
}


async def billed(user: User, groups: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Make invoices of proposals; return net and problems of each."""
    answer = await user.do("createInvoices", MADE, groups=[{"ids": g["ids"]} for g in groups])
    return [
        (each["document"] and each["document"]["net"], [p["code"] for p in each["problems"]])
        for each in answer.data["createInvoices"]["items"]
    ]


async def proposed(user: User, until: str = UNTIL) -> list[dict[str, Any]]:
    """Return the proposals up to a day."""
    groups: list[dict[str, Any]] = (await user.ask(ASKED, until=until)).data["proposeInvoices"]
    return groups


@pytest.mark.parametrize("what", DIFFERENT)
async def test_deliveries_that_do_not_agree_are_proposed_apart(erp: Erp, what: str):
    """One payer, one month, another agreement: two invoices, and both can be made."""
    anna = await erp.sign_in()
    farm = await anna.create_partner(invoiceRhythm="MONTH")
    for said in DIFFERENT[what]:
        order = await posted(anna, "SALES_ORDER", wheat("1"), soldTo=farm, **said)
        await followed(anna, order, "DELIVERY_NOTE")

    groups = await proposed(anna, TODAY)
    made = await billed(anna, groups)

    assert made == [(group["net"], []) for group in groups]
    assert len(groups) == 2


async def test_walk_in_customers_are_billed_each_alone(erp: Erp):
    """One partner stands for many people; the name on the delivery tells them apart."""
    anna = await erp.sign_in()
    walk_in = await anna.create_partner("Laufkunde", isOneTime=True, invoiceRhythm="MONTH")
    for name in ("Meier", "Schulze", "Meier"):
        await posted(anna, "DELIVERY_NOTE", wheat("1"), soldTo=walk_in, **OCTOBER, **named(name))

    made = await billed(anna, await proposed(anna))

    assert sorted(made) == [("200.00", []), ("400.00", [])]


async def test_branches_are_billed_apart(erp: Erp):
    """What the branch in Hoya delivered does not go on the invoice of the company itself."""
    anna = await erp.sign_in()
    farm = await anna.create_partner(invoiceRhythm="MONTH")
    delivery = await draft(anna, "DELIVERY_NOTE", wheat("1"), soldTo=farm, **OCTOBER)
    await posted(anna, "DELIVERY_NOTE", wheat("2"), soldTo=farm, **OCTOBER)
    place = {"street": "Am Silo 1", "postcode": "27318", "city": "Hoya"}
    branch = await anna.do("createBranch", "branch { id }", code="HOY", name="Hoya", **place)
    await erp.owner.execute(
        "update document set branch_id = $3::uuid, branch = 'HOY'"
        " where tenant_id = $1 and id = $2::uuid",
        erp.tenant,
        delivery["id"].partition("_")[2],
        branch.made["id"].partition("_")[2],
    )
    await post(anna, delivery)

    made = await billed(anna, await proposed(anna))

    assert sorted(made) == [("200.00", []), ("400.00", [])]


PAYER = uuid4()


def unbilled(place: int, lines: int = 1) -> Unbilled:
    """Return a delivery of October like every other."""
    return Unbilled(
        id=UUID(int=place),
        number=f"DL-{place:05}",
        supplied_on=date(2026, 10, 1) + timedelta(days=place % 30),
        bill_to_name="Hof",
        ship_to="",
        orders=(),
        payment_days=14,
        tax_treatment="S",
        rhythm=Rhythm.MONTH,
        net=Decimal("1.00"),
        agreed=Agreed((PAYER, "Hof"), None, "EUR", PriceBasis.NET, ()),
        lines=lines,
    )


def test_more_deliveries_than_an_invoice_holds_become_several():
    """201 deliveries of one month: three invoices in the order of delivery, none left out."""
    found = propose([unbilled(place) for place in range(2 * SOURCES_MAX + 1)], date(2026, 10, 31))

    assert [len(each.deliveries) for each in found] == [SOURCES_MAX, SOURCES_MAX, 1]
    days = [delivery.supplied_on for each in found for delivery in each.deliveries]
    assert days == sorted(days)


def test_more_lines_than_an_invoice_holds_become_several_invoices():
    """Two deliveries of all the lines that a document may have share none."""
    found = propose([unbilled(1, LINES_MAX), unbilled(2, LINES_MAX)], date(2026, 10, 31))

    assert [len(each.deliveries) for each in found] == [1, 1]


async def test_more_deliveries_than_a_run_looks_at_are_refused(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
):
    """Nothing is left out silently; asked up to an earlier day it answers."""
    anna = await erp.sign_in()
    monkeypatch.setattr(persistence.documents.unbilled, "PROPOSED_MAX", 1)
    await posted(anna, "DELIVERY_NOTE", wheat("1"), **OCTOBER)
    await posted(anna, "DELIVERY_NOTE", wheat("2"), issueDate="2026-10-06", supplyDate="2026-10-06")

    codes = [
        (await anna.ask(f'{{ {run}(until: "2026-10-06") {{ net }} }}')).error_codes
        for run in ("proposeInvoices", "waitingDeliveries")
    ]

    assert codes == [["TOO_MANY_DELIVERIES"]] * 2
    assert [group["net"] for group in await proposed(anna, "2026-10-05")] == ["200.00"]


AGREEMENTS: dict[str, dict[str, Any]] = {
    "gross prices": {"priceBasis": "GROSS"},
    "gross prices less ten percent": {
        "priceBasis": "GROSS",
        "allowances": [{"percent": "10", "reason": "Messe"}],
    },
    "ten percent off and 7 EUR on": {
        "allowances": [
            {"percent": "10", "reason": "Messe"},
            {"amount": "7", "isCharge": True, "reason": "Fracht"},
        ]
    },
}


@pytest.mark.parametrize("what", AGREEMENTS)
async def test_the_net_of_what_waits_is_that_of_its_invoice(erp: Erp, what: str):
    """First a third is billed, then the rest: both lists foretell both invoices to the cent."""
    anna = await erp.sign_in()
    lines = [wheat("3", unitPrice="123.45"), wheat("6", unitPrice="9.99", taxRate="19")]
    order = await posted(anna, "SALES_ORDER", *lines, **AGREEMENTS[what])
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    shown = []
    for picks in (((delivery["lines"][0], "1"),), ()):
        before = (await anna.ask(ASKED, until=TODAY)).data
        invoice = await followed(anna, delivery, "SALES_INVOICE", *picks)
        shown.append((before, Decimal(invoice["net"])))

    whole = sum(net for _, net in shown)
    foretold = [Decimal(before["proposeInvoices"][0]["net"]) for before, _ in shown]
    assert foretold == [whole, shown[1][1]]
    assert whole == Decimal(delivery["net"])
    for before, _ in shown:
        [net] = [group["net"] for group in before["proposeInvoices"]]
        assert before["unbilledDeliveries"]["nodes"] == [{"net": net}]
        assert before["unbilledDeliveries"]["totals"] == [{"net": net, "documents": 1}]
    assert await proposed(anna, TODAY) == []


async def test_of_a_fixed_amount_off_what_is_open_bears_its_share(erp: Erp):
    """Ten at 200 less 50, of which four are closed: the invoice of six is 1,200 less 30."""
    anna = await erp.sign_in()
    off = [{"amount": "50", "reason": "Kulanz"}]
    order = await posted(anna, "SALES_ORDER", wheat("6"), wheat("4"), allowances=off)
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    closed = await verb(
        anna, "closeLines", delivery, lineIds=[delivery["lines"][1]["id"]], reason="Muster"
    )
    assert closed.problems == []

    before = (await anna.ask(ASKED, until=TODAY)).data
    invoice = await converted(anna, delivery, "SALES_INVOICE")

    assert [group["net"] for group in before["proposeInvoices"]] == ["1170.00"]
    assert before["unbilledDeliveries"]["nodes"] == [{"net": "1170.00"}]
    assert invoice["net"] == "1170.00"


async def test_receipts_without_invoice_are_net_of_what_was_agreed(erp: Erp):
    """The purchase side alike: 119 gross less ten percent are 100.09 net at 7 %."""
    anna = await erp.sign_in()
    order = await posted(
        anna,
        "PURCHASE_ORDER",
        wheat("1", unitPrice="119"),
        priceBasis="GROSS",
        allowances=[{"percent": "10", "reason": "Messe"}],
    )
    await followed(anna, order, "GOODS_RECEIPT")
    asked = "query($on: Date!) { receivedNotInvoiced(on: $on) { nodes { net } } }"

    shown = (await anna.ask(asked, on=TODAY)).data["receivedNotInvoiced"]["nodes"]

    assert shown == [{"net": "100.09"}]


async def test_a_line_is_closed_on_the_day_of_the_company(erp: Erp):
    """Closed at half past midnight in Berlin: on the 9th it was open, on the 10th no more."""
    anna = await erp.sign_in()
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"), **OCTOBER)
    assert (await verb(anna, "closeLines", delivery, reason="Muster")).problems == []
    await erp.owner.execute(
        "update document_line set closed_at = '2026-11-09T23:30:00Z' where tenant_id = $1",
        erp.tenant,
    )

    shown = [
        (await anna.ask(ASKED, until=day)).data["unbilledDeliveries"]["nodes"]
        for day in ("2026-11-09", "2026-11-10")
    ]

    assert shown == [[{"net": "2000.00"}], []]


EXPOSURE = "query($id: ID!) { partner(id: $id) { creditExposure } }"


@pytest.mark.parametrize("basis", ["NET", "GROSS"])
async def test_the_exposure_is_what_the_customer_will_owe_with_his_allowance(erp: Erp, basis: str):
    """An order of 2,140 less ten percent fits a limit of 1,926, and stays that to the invoice."""
    anna = await erp.sign_in()
    await erp.owner.execute(
        "update tenant set credit_check = 'BLOCK' where tenant_id = $1", erp.tenant
    )
    customer = await anna.create_partner(creditLimit="1926")
    price = "200" if basis == "NET" else "214"
    order = await posted(
        anna,
        "SALES_ORDER",
        wheat("10", unitPrice=price),
        soldTo=customer,
        priceBasis=basis,
        allowances=[{"percent": "10", "reason": "Messe"}],
    )

    async def exposure() -> str:
        found: str = (await anna.ask(EXPOSURE, id=customer)).data["partner"]["creditExposure"]
        return found

    shown = [await exposure()]
    delivery = await followed(anna, order, "DELIVERY_NOTE", (order["lines"][0], "4"))
    shown.append(await exposure())
    await followed(anna, delivery, "SALES_INVOICE")
    shown.append(await exposure())

    assert shown == ["1926.00"] * 3


async def test_the_limit_counts_an_order_in_another_currency_in_that_of_the_company(erp: Erp):
    """107 USD at 1.07 are 100 EUR: a limit of 100 allows it."""
    anna = await erp.sign_in()
    await erp.owner.execute(
        "update tenant set credit_check = 'BLOCK' where tenant_id = $1", erp.tenant
    )
    rate = {"currency": "USD", "validOn": "2026-11-01", "rate": "1.07", "source": "BMF"}
    assert (await anna.do("recordExchangeRate", "exchangeRate { id }", **rate)).problems == []
    customer = await anna.create_partner(creditLimit="100")

    order = await posted(
        anna, "SALES_ORDER", wheat("1", unitPrice="100"), soldTo=customer, currency="USD"
    )

    assert order["gross"] == "107.00"
    assert (await convert(anna, order, "DELIVERY_NOTE")).problems == []
