"""What the statistics sum up: revenue less credit notes, each sale once, no step with another."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import Document, followed, posted, verb, wheat
from tests.companies import found_without_approval
from tests.erp import Erp, User
from tests.paying import allocate, paid_in_full, payment, pays

BILLS = ["SALES_INVOICE"]

SUMS = """query($by: StatisticsGroup!, $kinds: [DocumentKind!]) {
  documentStatistics(from: "2026-01-01", to: "2026-12-31", groupBy: $by, kinds: $kinds) {
    figure value documents net tax gross currency } }"""


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def sums(
    user: User, by: str = "STATE", kinds: list[str] | None = None
) -> list[tuple[Any, ...]]:
    """Return figure, value, count, net, tax and gross of what is posted."""
    rows = (await user.ask(SUMS, by=by, kinds=kinds)).data["documentStatistics"]
    names = ("figure", "value", "documents", "net", "tax", "gross")
    assert {row["currency"] for row in rows} <= {"EUR"}
    shown = [tuple(row[name] for name in names) for row in rows]
    return [row for row in shown if row[1] not in ("DRAFT", "DISCARDED")]


async def sold(user: User, **more: Any) -> Document:
    """Post an invoice over 2,000 EUR net, at 7 %."""
    return await posted(user, "SALES_INVOICE", wheat(), **more)


async def test_credit_notes_count_against_the_revenue(erp: Erp):
    """2,000 billed and 600 of it credited: 1,400; cancelled, the credit counts no more."""
    anna = await erp.sign_in()
    invoice = await sold(anna)
    note = await followed(anna, invoice, "SALES_CREDIT_NOTE", (invoice["lines"][0], "3"))

    both = await sums(anna)
    each = await sums(anna, "KIND")
    invoices_alone = await sums(anna, kinds=["SALES_INVOICE"])
    assert (await verb(anna, "cancelDocument", note, reason="falsch")).problems == []

    assert both == [("SALES_REVENUE", "POSTED", 2, "1400.00", "98.00", "1498.00")]
    assert each == [
        ("SALES_REVENUE", "SALES_CREDIT_NOTE", 1, "-600.00", "-42.00", "-642.00"),
        ("SALES_REVENUE", "SALES_INVOICE", 1, "2000.00", "140.00", "2140.00"),
    ]
    assert invoices_alone == [("SALES_REVENUE", "POSTED", 1, "2000.00", "140.00", "2140.00")]
    assert await sums(anna) == [("SALES_REVENUE", "POSTED", 3, "2000.00", "140.00", "2140.00")]


async def test_a_sale_that_was_paid_for_before_counts_once(erp: Erp):
    """600 in advance and the final invoice over 2,000: 2,000, by whichever day."""
    anna = await erp.sign_in()
    customer = await anna.create_partner()
    before = await posted(
        anna,
        "SALES_INVOICE",
        wheat("3"),
        soldTo=customer,
        invoiceType="PREPAYMENT",
        supplyDate=None,
        issueDate="2026-10-05",
    )
    assert await sums(anna, kinds=BILLS) == [
        ("SALES_REVENUE", "POSTED", 1, "600.00", "42.00", "642.00")
    ]
    await paid_in_full(anna, customer, before["id"], "642.00")

    final = await sold(anna, soldTo=customer, invoiceType="FINAL", prepayments=[before["id"]])

    assert await sums(anna, kinds=BILLS) == [
        ("SALES_REVENUE", "POSTED", 2, "2000.00", "140.00", "2140.00")
    ]
    assert await sums(anna, "MONTH", BILLS) == [
        ("SALES_REVENUE", "2026-10", 1, "600.00", "42.00", "642.00"),
        ("SALES_REVENUE", "2026-11", 1, "1400.00", "98.00", "1498.00"),
    ]
    assert (await verb(anna, "cancelDocument", final, reason="falsch")).problems == []
    assert await sums(anna, kinds=BILLS) == [
        ("SALES_REVENUE", "POSTED", 3, "600.00", "42.00", "642.00")
    ]


async def test_what_is_deducted_of_a_final_invoice_in_dollars_is_turned_at_its_rate(erp: Erp):
    """1.25 USD a EUR before, 2 USD afterwards: 480 EUR in advance, and 700 for the rest."""
    anna = await erp.sign_in()
    customer = await anna.create_partner()
    usd = {"soldTo": customer, "currency": "USD"}
    before = await posted(
        anna,
        "SALES_INVOICE",
        wheat("3"),
        **usd,
        exchangeRate="1.25",
        invoiceType="PREPAYMENT",
        supplyDate=None,
    )
    paid = await payment(anna, customer, "642.00", currency="USD", exchangeRate="1.25")
    assert (await allocate(anna, paid, pays(before["id"], "642.00"))).problems == []

    await sold(anna, **usd, exchangeRate="2", invoiceType="FINAL", prepayments=[before["id"]])

    assert await sums(anna, kinds=BILLS) == [
        ("SALES_REVENUE", "POSTED", 2, "1180.00", "82.60", "1262.60")
    ]


async def test_no_figure_mixes_orders_deliveries_invoices_or_payments(erp: Erp):
    """One sale along the chain and a purchase beside it: a row for each step and side."""
    anna = await erp.sign_in()
    order = await posted(anna, "SALES_ORDER", wheat())
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    await followed(anna, delivery, "SALES_INVOICE")
    bought = await posted(anna, "SUPPLIER_INVOICE", wheat("5"))
    await followed(anna, bought, "SUPPLIER_CREDIT_NOTE", (bought["lines"][0], "1"))
    await posted(anna, "INCOMING_PAYMENT")

    assert await sums(anna) == [
        ("DELIVERY_NOTE", "POSTED", 1, "2000.00", "140.00", "2140.00"),
        ("INCOMING_PAYMENT", "POSTED", 1, "2140.00", "0.00", "2140.00"),
        ("PURCHASE_COST", "POSTED", 2, "800.00", "56.00", "856.00"),
        ("SALES_ORDER", "POSTED", 1, "2000.00", "140.00", "2140.00"),
        ("SALES_REVENUE", "POSTED", 1, "2000.00", "140.00", "2140.00"),
    ]
