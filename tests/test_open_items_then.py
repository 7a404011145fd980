"""Open items at the end of any day: what the list said in the evening, and a model of all days."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval, quiet_services
from tests.erp import Erp, User
from tests.paying import (
    allocate,
    credit_note,
    payment,
    pays,
    posted_invoice,
    supplier_invoice,
)
from tests.test_open_items import AGEING, listed

THEN = """query($side: TradeSide!, $asOf: Date!, $partner: ID, $first: Int! = 200, $after: String) {
  openItemsAsOf(side: $side, asOf: $asOf, partner: $partner, first: $first, after: $after) {
    asOf hasNextPage endCursor totals { currency balance documents }
    nodes { number balance dueDate daysOverdue currency document { number } } } }"""
AGED = """query($side: TradeSide!, $on: Date, $asOf: Date) {
  openItemAgeing(side: $side, on: $on, asOf: $asOf) { on asOf
    total { ...all } partners { partner { name } buckets { ...all } } } }
  fragment all on AgeingBuckets { total notDue days1To30 days31To60 days61To90 over90Days }"""
FACTS = """query($id: ID!) { document(id: $id) { number version
  ... on SalesInvoice { postingDate gross cancelledBy { id }
    allocations { id isSource amount discount settledOn undoneOn isUndone } }
  ... on IncomingPayment { postingDate gross cancelledBy { id }
    allocations { id isSource amount discount settledOn undoneOn isUndone } } } }"""
NOON = 12


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def then(user: User, day: str, side: str = "SALES", **asked: Any) -> list[tuple[str, str]]:
    """Return number and balance of what was open at the end of a day."""
    found = (await user.ask(THEN, side=side, asOf=day, **asked)).data["openItemsAsOf"]
    return [(each["number"], each["balance"]) for each in found["nodes"]]


async def facts(user: User, document: str) -> dict[str, Any]:
    """Return what a model needs to know of a document."""
    found: dict[str, Any] = (await user.ask(FACTS, id=document)).data["document"]
    return found


async def test_a_past_day_shows_what_was_open_then(shop: Erp):
    """Before, between and after the payments; neither other sides nor later documents are there."""
    anna = await shop.sign_in()
    customer, other = await anna.create_partner("Hof A"), await anna.create_partner("Hof B")
    invoice = await posted_invoice(anna, customer, issueDate="2026-10-01", paymentDays=10)
    await posted_invoice(anna, other, "238.00", issueDate="2026-10-20", paymentDays=14)
    part = await payment(anna, customer, "19", issueDate="2026-10-05")
    rest = await payment(anna, customer, "110", issueDate="2026-11-10")
    await supplier_invoice(anna, customer, "100")
    assert (await allocate(anna, part, pays(invoice, "19"))).problems == []
    assert (await allocate(anna, rest, pays(invoice, "100"))).problems == []

    assert await then(anna, "2026-09-30") == []
    assert await then(anna, "2026-10-04") == [("INV-2026-00001", "119.00")]
    assert await then(anna, "2026-10-05") == [("INV-2026-00001", "100.00")]
    assert await then(anna, "2026-11-09") == [
        ("INV-2026-00001", "100.00"),
        ("INV-2026-00002", "238.00"),
    ]
    assert await then(anna, "2026-11-10", partner=customer) == [("PAY-2026-00002", "-10.00")]
    assert await then(anna, "2026-11-10") == await listed(anna)
    page = (await anna.ask(THEN, side="SALES", asOf="2026-11-09", first=1)).data["openItemsAsOf"]
    assert (page["hasNextPage"], page["totals"]) == (
        True,
        [{"currency": "EUR", "balance": "338.00", "documents": 2}],
    )
    assert page["nodes"][0] == {
        "number": "INV-2026-00001",
        "balance": "100.00",
        "dueDate": "2026-10-11",
        "daysOverdue": 29,
        "currency": "EUR",
        "document": {"number": "INV-2026-00001"},
    }
    assert await then(anna, "2026-11-09", first=1, after=page["endCursor"]) == [
        ("INV-2026-00002", "238.00")
    ]
    aged = (await anna.ask(AGED, side="SALES", asOf="2026-11-09")).data["openItemAgeing"]
    assert (aged["on"], aged["asOf"]) == ("2026-11-09", "2026-11-09")
    assert aged["total"] == {
        "total": "338.00",
        "notDue": "0.00",
        "days1To30": "338.00",
        "days31To60": "0.00",
        "days61To90": "0.00",
        "over90Days": "0.00",
    }
    assert [each["partner"]["name"] for each in aged["partners"]] == ["Hof B", "Hof A"]


async def test_what_was_taken_back_counts_on_the_days_on_which_it_stood(
    shop: Erp, server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    """Cash discount with it; allocated anew, it counts from then on."""
    anna = await shop.sign_in()
    customer = await anna.create_partner("Hof A")
    move_to(server, monkeypatch, date(2026, 11, 2))
    invoice = await posted_invoice(
        anna, customer, issueDate="2026-11-02", discounts=[{"days": 10, "percent": "2"}]
    )
    paid = await payment(anna, customer, "116.62", issueDate="2026-11-04")
    move_to(server, monkeypatch, date(2026, 11, 5))
    await allocate(anna, paid, pays(invoice, "116.62", discount="2.38"))
    move_to(server, monkeypatch, date(2026, 11, 9))
    [made] = (await facts(anna, invoice))["allocations"]
    undone = await anna.do("undoAllocation", "document { id }", id=made["id"], reason="Irrtum")
    assert undone.problems == []
    move_to(server, monkeypatch, date(2026, 11, 12))
    assert (await allocate(anna, paid, pays(invoice, "116.62"))).problems == []

    assert await then(anna, "2026-11-03") == [("INV-2026-00001", "119.00")]
    assert await then(anna, "2026-11-04") == await then(anna, "2026-11-08") == []
    assert await then(anna, "2026-11-09") == [("INV-2026-00001", "2.38")]
    assert await then(anna, "2026-11-12") == await listed(anna) == [("INV-2026-00001", "2.38")]


async def test_who_may_not_read_a_side_sees_nothing_of_its_past(shop: Erp):
    """Neither items nor sums; another company's payer is an unknown one."""
    anna = await shop.sign_in()
    await posted_invoice(anna, await anna.create_partner())
    nobody = await shop.sign_in("nina", roles=("nobody",))
    buyer = await shop.sign_in("bert", roles=())
    buyer.token = shop.token("bert", (), scope="purchase:read")

    assert (await nobody.ask(THEN, side="SALES", asOf="2030-01-01")).error_codes == ["FORBIDDEN"]
    hidden = (await buyer.ask(THEN, side="SALES", asOf="2030-01-01")).data["openItemsAsOf"]
    assert (hidden["nodes"], hidden["totals"]) == ([], [])
    assert await then(anna, "2030-01-01") != []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"first": 0}, "PAGE_SIZE_OUT_OF_RANGE"),
        ({"first": 201}, "PAGE_SIZE_OUT_OF_RANGE"),
        ({"after": "2026-11-01"}, "CURSOR_INVALID"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(shop: Erp, asked: dict[str, Any], code: str):
    """As in the other lists."""
    anna = await shop.sign_in()

    answer = await anna.ask(THEN, side="SALES", asOf="2026-11-01", **asked)

    assert answer.error_codes == [code]


# --------------------------------------------------------------------------------- any history


def move_to(server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Let the server live at noon of a day."""
    at = datetime(day.year, day.month, day.day, NOON, tzinfo=UTC)
    monkeypatch.setattr(server.state, "services", quiet_services(at))


class Trade:
    """Somebody who trades at random, and remembers what he did."""

    def __init__(self, user: User, seed: int, partners: list[str]) -> None:
        self.user = user
        self.random = random.Random(seed)
        self.partners = partners
        self.invoices: list[tuple[str, str]] = []
        self.payments: list[tuple[str, str]] = []

    async def step(self, day: date) -> None:
        """Post, allocate, take back or cancel something; a refusal is no matter."""
        options = [self._bill, self._take_money, self._allocate, self._allocate, self._undo]
        await self.random.choice([*options, self._cancel, self._credit])(day)

    async def _bill(self, day: date) -> None:
        partner = self.random.choice(self.partners)
        gross = f"{119 * self.random.randint(1, 5)}.00"
        days = self.random.choice([0, 3, 14])
        terms = {"discounts": [{"days": 0, "percent": "2"}]} if not days else {}
        made = await posted_invoice(
            self.user, partner, gross, issueDate=str(day), paymentDays=days + 1, **terms
        )
        self.invoices.append((made, partner))

    async def _take_money(self, day: date) -> None:
        partner, amount = self.random.choice(self.partners), str(self.random.randint(20, 400))
        self.payments.append(
            (await payment(self.user, partner, amount, issueDate=str(day)), partner)
        )

    async def _credit(self, day: date) -> None:
        await credit_note(self.user, self.random.choice(self.partners))

    async def _allocate(self, _day: date) -> None:
        pairs = [
            (paid, invoice)
            for paid, payer in self.payments
            for invoice, partner in self.invoices
            if payer == partner
        ]
        if pairs:
            paid, invoice = self.random.choice(pairs)
            discount = self.random.choice(["0", "0", "1.19"])
            asked = pays(invoice, str(self.random.randint(5, 150)), discount=discount)
            await allocate(self.user, paid, {**asked, "acceptDiscount": True})

    async def _undo(self, _day: date) -> None:
        if self.invoices:
            invoice, _ = self.random.choice(self.invoices)
            for each in (await facts(self.user, invoice))["allocations"]:
                await self.user.do(
                    "undoAllocation", "document { id }", id=each["id"], reason="Irrtum"
                )
                return

    async def _cancel(self, _day: date) -> None:
        known = [*self.invoices, *self.payments]
        if known:
            document, _ = self.random.choice(known)
            version = (await facts(self.user, document))["version"]
            await self.user.do(
                "cancelDocument",
                "document { id }",
                id=document,
                expectedVersion=version,
                reason="Irrtum",
            )


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_closed_day_stays_as_the_list_showed_it_in_the_evening(
    shop: Erp, server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, seed: int
):
    """Whatever is allocated, taken back or cancelled later; and today is what is open now."""
    anna = await shop.sign_in()
    partners = [await anna.create_partner(name) for name in ("Hof A", "Hof B")]
    trade = Trade(anna, seed, partners)
    evenings: dict[str, Any] = {}
    for n in range(12):
        day = date(2026, 10, 20) + timedelta(n)
        move_to(server, monkeypatch, day)
        for _ in range(3):
            await trade.step(day)
        aged = (await anna.ask(AGEING, side="SALES", on=str(day))).data["openItemAgeing"]
        evenings[str(day)] = (await listed(anna, first=200), aged["total"], aged["partners"])
        assert await then(anna, str(day)) == evenings[str(day)][0]
        for area in ("SALES", "PAYMENTS"):
            await anna.do("closePeriod", "periodLock { id }", area=area, until=str(day))

    for evening, (items, total, payers) in evenings.items():
        assert await then(anna, evening) == items
        aged = (await anna.ask(AGED, side="SALES", asOf=evening)).data["openItemAgeing"]
        assert (aged["total"], aged["partners"]) == (total, payers)
    assert sum(len(items) for items, *_ in evenings.values()) > 20


@pytest.mark.parametrize("seed", [4, 5, 6])
async def test_every_day_is_what_a_model_makes_of_documents_and_allocations(
    shop: Erp, server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, seed: int
):
    """Also where it is written down late; on no day is more settled than there is."""
    anna = await shop.sign_in()
    partners = [await anna.create_partner(name) for name in ("Hof A", "Hof B")]
    trade = Trade(anna, seed, partners)
    trade._credit = trade._allocate  # type: ignore[method-assign]  their numbers are not ours
    first = date(2026, 10, 20)
    for n in range(12):
        move_to(server, monkeypatch, first + timedelta(n))
        for _ in range(3):
            await trade.step(first + timedelta(trade.random.randint(0, n)))

    known = [await facts(anna, each) for each, _ in (*trade.invoices, *trade.payments)]
    counters = [
        await facts(anna, each["cancelledBy"]["id"]) for each in known if each["cancelledBy"]
    ]
    for n in range(12):
        day = str(first + timedelta(n))
        expected = {}
        for each in (*known, *counters):
            if each["postingDate"] <= day and (balance := _balance(each, day)):
                expected[each["number"]] = f"{balance:.2f}"
        assert dict(await then(anna, day)) == expected, day


def _balance(document: dict[str, Any], day: str) -> Decimal:
    """Return what was open of a document as it counts among what customers owe."""
    gross = Decimal(document["gross"])
    settled = sum(
        (
            Decimal(each["amount"]) + (0 if each["isSource"] else Decimal(each["discount"]))
            for each in document["allocations"]
            if each["settledOn"] <= day and (each["undoneOn"] is None or day < each["undoneOn"])
        ),
        Decimal(0),
    )
    assert 0 <= settled <= abs(gross), (document, day)
    owed = abs(gross) - settled
    is_invoice = document["number"].startswith("INV")
    return owed * (1 if is_invoice == (gross > 0) else -1)
