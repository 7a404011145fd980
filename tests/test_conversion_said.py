"""What is said of a follow-up while it is made: the number and the days of a supplier's paper."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import convert, converted, look, post, posted, wheat
from tests.companies import found_without_approval
from tests.erp import User

SHOWN = """query($id: ID!) { document(id: $id) { issueDate
  ... on SupplierInvoice { externalNumber supplyDate supplyUntil dueDate }
  ... on GoodsReceipt { externalNumber supplyDate supplyUntil }
  ... on SalesInvoice { customerReference supplyDate supplyUntil } } }"""


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def seen(user: User, document: dict[str, Any]) -> dict[str, Any]:
    """Return the number and the days of a document."""
    found: dict[str, Any] = (await user.ask(SHOWN, id=document["id"])).data["document"]
    return found


async def received(user: User) -> dict[str, Any]:
    """Post a purchase order over 10 t of wheat and the receipt of it."""
    order = await posted(user, "PURCHASE_ORDER", wheat("10"), paymentDays=14)
    return await post(user, await converted(user, order, "GOODS_RECEIPT"))


async def test_a_receipt_becomes_a_posted_invoice_by_two_calls(anna: User) -> None:
    """The conversion keeps the number and date of the paper: posting asks for nothing more."""
    receipt = await received(anna)
    supplied = (await seen(anna, receipt))["supplyDate"]
    made = await convert(
        anna, receipt, "SUPPLIER_INVOICE", externalNumber=" RE-4711 ", issueDate="2026-11-19"
    )
    invoice = await post(anna, made.made)
    assert invoice["state"] == "POSTED"
    assert await seen(anna, invoice) == {
        "issueDate": "2026-11-19",
        "externalNumber": "RE-4711",
        "supplyDate": supplied,
        "supplyUntil": None,
        "dueDate": "2026-12-03",
    }


async def test_the_period_of_supply_of_the_paper_counts(anna: User) -> None:
    """A period that is said stands for that of the receipts; a day alone ends their period."""
    first, second = await received(anna), await received(anna)
    period = await convert(
        anna,
        first,
        "SUPPLIER_INVOICE",
        externalNumber="RE-1",
        supplyDate="2026-10-01",
        supplyUntil="2026-10-31",
    )
    day = await convert(
        anna, second, "SUPPLIER_INVOICE", externalNumber="RE-2", supplyDate="2026-11-02"
    )
    shown = [await seen(anna, each.made) for each in (period, day)]
    assert [(each["supplyDate"], each["supplyUntil"]) for each in shown] == [
        ("2026-10-01", "2026-10-31"),
        ("2026-11-02", None),
    ]


async def test_a_receipt_keeps_the_number_of_the_delivery_note_of_the_supplier(anna: User) -> None:
    """What came is noted under the supplier's number, on the day that it came."""
    order = await posted(anna, "PURCHASE_ORDER", wheat("10"))
    made = await convert(
        anna, order, "GOODS_RECEIPT", externalNumber="LS-88", issueDate="2026-11-17"
    )
    assert await seen(anna, made.made) == {
        "issueDate": "2026-11-17",
        "externalNumber": "LS-88",
        "supplyDate": "2026-11-17",
        "supplyUntil": None,
    }


async def test_a_customers_reference_that_is_said_replaces_that_of_the_order(anna: User) -> None:
    """Left out it is the order's, said it is the one said."""
    order = await posted(anna, "SALES_ORDER", wheat("10"), customerReference="Bestellung 7")
    line = (await look(anna, order))["lines"][0]
    kept = await convert(anna, order, "SALES_INVOICE", (line, "4"))
    said = await convert(anna, order, "SALES_INVOICE", (line, "6"), customerReference="Abruf 8")
    assert [(await seen(anna, each.made))["customerReference"] for each in (kept, said)] == [
        "Bestellung 7",
        "Abruf 8",
    ]


async def test_the_same_number_of_a_supplier_is_noted_once(anna: User) -> None:
    """A second conversion under the same number is refused and takes nothing of the receipt."""
    supplier = await anna.create_partner("Saatgut Süd GmbH")
    orders = [
        await posted(anna, "PURCHASE_ORDER", wheat("10"), supplier=supplier) for _ in range(2)
    ]
    first, second = [
        await post(anna, await converted(anna, order, "GOODS_RECEIPT")) for order in orders
    ]
    known = (await convert(anna, first, "SUPPLIER_INVOICE", externalNumber="RE-9")).made
    again = await convert(anna, second, "SUPPLIER_INVOICE", externalNumber="RE-9")
    assert [(each["code"], each["message"], each["path"]) for each in again.problems] == [
        (
            "DUPLICATE_DOCUMENT",
            f"You already have RE-9 of this partner in that year: {known['id']}.",
            ["input", "externalNumber"],
        )
    ]
    of_last_year = await convert(
        anna, second, "SUPPLIER_INVOICE", externalNumber="RE-9", issueDate="2025-11-20"
    )
    assert of_last_year.problems == []


@pytest.mark.parametrize(
    ("said", "code", "path"),
    [
        ({"customerReference": "B-1"}, "OPTION_OUT_OF_PLACE", "customerReference"),
        ({"issueDate": "1999-12-31"}, "DATE_OUT_OF_RANGE", "issueDate"),
        ({"supplyDate": "2031-01-01"}, "DATE_OUT_OF_RANGE", "supplyDate"),
        (
            {"supplyDate": "2026-11-10", "supplyUntil": "2026-11-09"},
            "SUPPLY_PERIOD_REVERSED",
            "supplyUntil",
        ),
        ({"externalNumber": "R" * 101}, "TOO_LONG", "externalNumber"),
    ],
)
async def test_what_is_wrong_or_out_of_place_is_refused(
    anna: User, said: dict[str, str], code: str, path: str
) -> None:
    """The conversion makes nothing, and the receipt stays open as it was."""
    receipt = await received(anna)
    answer = await convert(anna, receipt, "SUPPLIER_INVOICE", **said)
    assert [(each["code"], each["path"]) for each in answer.problems] == [(code, ["input", path])]
    assert (await convert(anna, receipt, "SUPPLIER_INVOICE")).problems == []


async def test_an_order_has_no_number_of_a_supplier_and_no_day_of_supply(anna: User) -> None:
    """What the target kind does not have is refused by name, whatever it is made of."""
    offer = await posted(anna, "SALES_OFFER", wheat("10"))
    answers = [
        await convert(anna, offer, "SALES_ORDER", **said)
        for said in ({"externalNumber": "A-1"}, {"supplyDate": "2026-11-18"})
    ]
    assert [each.problems[0]["message"] for each in answers] == [
        "externalNumber says nothing about SALES_ORDER. Leave it out.",
        "supplyDate says nothing about SALES_ORDER. Leave it out.",
    ]
