"""The three-way match: charges, free lines, credits, the company's tolerance, words for people."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from domain.documents.match_sentences import sentence
from domain.documents.matching import from_text
from tests.chains import (
    Document,
    completed,
    converted,
    followed,
    kept,
    post,
    posted,
    verb,
    wheat,
)
from tests.companies import found_without_approval
from tests.erp import COSTS, Erp, User

MATCH = """query($id: ID!) { document(id: $id) { ... on SupplierInvoice {
  paymentBlock paymentBlockReason matchFindings { position deviation expected found
    expectedPrice foundPrice isBlocking message } } } }"""
FREIGHT = {"amount": "500", "isCharge": True, "reason": "Fracht"}
FREE = {
    "description": "Palettengebühr",
    "quantity": "4",
    "unit": "PIECE",
    "unitPrice": "20",
    "taxCategory": "S",
    "taxRate": "19",
    **COSTS,
}
CHARGE = {
    "kind": "CHARGE",
    "description": "Fracht",
    "unitPrice": "60",
    "taxCategory": "S",
    "taxRate": "19",
    **COSTS,
}


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def billed(
    user: User, *lines: dict[str, Any], price: str = "200", order: Any = None, **more: Any
) -> Document:
    """Post a supplier's invoice of ten tonnes that were ordered at 200 EUR and arrived.

    `lines` are further ones of the invoice, `order` what the order says beside the wheat.
    """
    asked = dict(order or {})
    further = asked.pop("lines", [])
    ordered = await posted(user, "PURCHASE_ORDER", wheat(), *further, **asked)
    receipt = await followed(user, ordered, "GOODS_RECEIPT")
    made = await converted(user, receipt, "SUPPLIER_INVOICE")
    own = [kept(each) for each in made["lines"]]
    own[0]["unitPrice"] = price
    more = {"externalNumber": f"R-{made['id'][-6:]}", "supplyDate": "2026-11-18", **more}
    return await post(user, await completed(user, made, *own, *lines, **more))


async def matched(user: User, invoice: Document) -> dict[str, Any]:
    """Return the block of an invoice and what the match found."""
    found: dict[str, Any] = (await user.ask(MATCH, id=invoice["id"])).data["document"]
    return found


async def findings(user: User, invoice: Document) -> list[tuple[Any, ...]]:
    """Return deviation, position, expected, found and whether it blocks, of each finding."""
    names = ("deviation", "position", "expected", "found", "isBlocking")
    return [
        tuple(each[name] for name in names)
        for each in (await matched(user, invoice))["matchFindings"]
    ]


async def test_freight_on_the_whole_invoice_that_nobody_ordered_blocks_the_payment(erp: Erp):
    """500 on top of what was ordered."""
    anna = await erp.sign_in()
    invoice = await billed(anna, allowances=[FREIGHT])

    seen = await matched(anna, invoice)

    assert await findings(anna, invoice) == [("CHARGE", 0, "0", "500.00", True)]
    assert seen["paymentBlock"] == "CHARGE"
    assert seen["paymentBlockReason"] == (
        "Charges on the whole document of 500.00, agreed are 0.00."
    )


async def test_charges_and_allowances_that_were_agreed_with_the_order_are_no_deviation(erp: Erp):
    """The same freight stands in the order; more than that blocks, an allowance left out too."""
    anna = await erp.sign_in()
    discount = {"percent": "2", "isCharge": False, "reason": "Treuerabatt"}
    agreed = {"allowances": [FREIGHT, discount]}

    same = await billed(anna, order=agreed, allowances=[FREIGHT, discount])
    less = await billed(anna, order=agreed, allowances=[discount])
    more = await billed(anna, order=agreed, allowances=[FREIGHT])

    assert (await findings(anna, same), await findings(anna, less)) == ([], [])
    assert await findings(anna, more) == [("CHARGE", 0, "460.00", "500.00", True)]


async def test_a_line_of_charges_blocks_unless_that_much_was_agreed(erp: Erp):
    """60 EUR freight: not agreed it blocks; agreed as a charge on the whole order it passes."""
    anna = await erp.sign_in()

    unknown = await billed(anna, CHARGE)
    whole, part = ({"allowances": [{**FREIGHT, "amount": amount}]} for amount in ("60", "25"))
    agreed = await billed(anna, CHARGE, order=whole, allowances=[])
    partly = await billed(anna, CHARGE, order=part, allowances=[])

    assert await findings(anna, unknown) == [("CHARGE", 2, "0", "60.00", True)]
    assert await findings(anna, agreed) == []
    assert await findings(anna, partly) == [("CHARGE", 2, "25.00", "60.00", True)]


async def test_a_free_line_beside_ordered_goods_was_ordered_by_nobody(erp: Erp):
    """80 EUR for pallets block; what is in our favour is told and blocks nothing."""
    anna = await erp.sign_in()

    fee = await billed(anna, FREE)
    gift = await billed(anna, {**FREE, "quantity": "-1"})

    assert await findings(anna, fee) == [("NOT_ORDERED", 2, "0", "80.00", True)]
    assert await findings(anna, gift) == [("NOT_ORDERED", 2, "0", "-20.00", False)]


async def test_an_invoice_without_any_order_is_compared_with_nothing(erp: Erp):
    """Rent and its charges."""
    anna = await erp.sign_in()
    rent = {**FREE, "description": "Miete November", "quantity": "1", "unitPrice": "900"}

    invoice = await posted(anna, "SUPPLIER_INVOICE", rent, CHARGE, allowances=[FREIGHT])

    assert await matched(anna, invoice) == {
        "paymentBlock": None,
        "paymentBlockReason": None,
        "matchFindings": [],
    }


async def correct(user: User, invoice: Document, number: str, **line: Any) -> Document:
    """Post a credit note about the first line of an invoice."""
    draft = await converted(user, invoice, "SUPPLIER_CREDIT_NOTE", invoice["lines"][0])
    own = kept(draft["lines"][0], **line)
    draft = await completed(user, draft, own, externalNumber=number, supplyDate="2026-11-18")
    return await post(user, draft)


@pytest.mark.parametrize(
    "line",
    [
        {"isPriceCorrection": True, "unitPrice": "10"},
        {},
    ],
    ids=["the price alone", "the whole line"],
)
async def test_a_credit_note_lifts_the_block_of_a_price(erp: Erp, line: dict[str, Any]):
    """Billed at 210 instead of 200; the supplier takes back ten a tonne, or all of it."""
    anna = await erp.sign_in()
    invoice = await billed(anna, price="210")
    assert await findings(anna, invoice) == [("PRICE", 1, "2000.00", "2100.00", True)]

    await correct(anna, invoice, "G-1", **line)

    assert await matched(anna, invoice) == {
        "paymentBlock": None,
        "paymentBlockReason": None,
        "matchFindings": [],
    }
    assert (await erp.journal_types(invoice["id"]))[-1] == "SupplierInvoicePaymentReleased"


async def test_a_price_correction_by_hand_counts_and_several_count_together(erp: Erp):
    """Four and six EUR a tonne: the first alone is not enough."""
    anna = await erp.sign_in()
    supplier = await anna.create_partner()
    invoice = await billed(anna, price="210", order={"supplier": supplier})
    line = invoice["lines"][0]["id"]

    blocks = []
    for number, price in (("G-1", "4"), ("G-2", "6")):
        correction = wheat(unitPrice=price, sourceLineId=line, isPriceCorrection=True)
        await posted(
            anna, "SUPPLIER_CREDIT_NOTE", correction, supplier=supplier, externalNumber=number
        )
        blocks.append((await matched(anna, invoice))["paymentBlock"])

    assert blocks == ["PRICE 1", None]


async def test_a_part_that_went_back_at_the_billed_price_leaves_the_rest_too_dear(erp: Erp):
    """Half of it is credited at 210: the other half still costs 50 too much."""
    anna = await erp.sign_in()
    invoice = await billed(anna, price="210")
    back = await followed(anna, invoice, "SUPPLIER_RETURN", (invoice["lines"][0], "5"))
    await followed(anna, back, "SUPPLIER_CREDIT_NOTE", number="G-1")
    assert (await matched(anna, invoice))["paymentBlock"] == "PRICE 1"

    await correct(anna, invoice, "G-2", isPriceCorrection=True, quantity="5", unitPrice="10")

    assert (await matched(anna, invoice))["paymentBlock"] is None


async def test_a_cancelled_credit_note_counts_no_more(erp: Erp):
    """Five taken back and cancelled, then five again: five are still missing."""
    anna = await erp.sign_in()
    invoice = await billed(anna, price="210")
    first = await correct(anna, invoice, "G-1", isPriceCorrection=True, unitPrice="5")
    assert (await verb(anna, "cancelDocument", first, reason="falsch")).problems == []

    await correct(anna, invoice, "G-2", isPriceCorrection=True, unitPrice="5")

    assert (await matched(anna, invoice))["paymentBlock"] == "PRICE 1"


async def test_the_second_look_allows_what_the_company_allows(erp: Erp):
    """A tolerance of 5.00: of 6.00 too much 2.00 are credited, and 4.00 may be paid."""
    anna = await erp.sign_in()
    await erp.owner.execute(
        "update tenant set match_tolerance = 5 where tenant_id = $1", erp.tenant
    )
    invoice = await billed(anna, price="200.6")
    assert (await matched(anna, invoice))["paymentBlock"] == "PRICE 1"

    await correct(anna, invoice, "G-1", isPriceCorrection=True, unitPrice="0.2")

    assert await findings(anna, invoice) == [("PRICE", 1, "2000.00", "2004.00", False)]
    assert (await matched(anna, invoice))["paymentBlock"] is None


async def test_a_block_that_somebody_set_in_words_of_his_own_stays(erp: Erp):
    """Only a person lifts it."""
    anna = await erp.sign_in()
    invoice = await billed(anna, price="210")
    said = await anna.do(
        "blockPayment",
        "supplierInvoice { version paymentBlockReason }",
        id=invoice["id"],
        expectedVersion=invoice["version"],
        reason="Ware nass, Gutachten kommt",
    )

    await correct(anna, invoice, "G-1", isPriceCorrection=True, unitPrice="10")

    assert said.made["paymentBlockReason"] == "Ware nass, Gutachten kommt"
    assert (await matched(anna, invoice))["paymentBlock"] == "Ware nass, Gutachten kommt"


async def test_a_finding_says_sums_and_prices_and_a_sentence(erp: Erp):
    """In English and German; the block says the same as its findings."""
    anna = await erp.sign_in()
    seen = await matched(anna, invoice := await billed(anna, FREE, price="210.50"))

    [dear, fee] = seen["matchFindings"]
    assert dear == {
        "position": 1,
        "deviation": "PRICE",
        "expected": "2000.00",
        "found": "2105.00",
        "expectedPrice": "200",
        "foundPrice": "210.5",
        "isBlocking": True,
        "message": "Line 1: the price is 210.50 instead of 200.00,"
        " net sum 2105.00 instead of 2000.00.",
    }
    assert fee["message"] == "Line 2: nobody ordered it, 80.00 net."
    assert seen["paymentBlock"] == "PRICE 1, NOT_ORDERED 2"
    assert seen["paymentBlockReason"] == f"{dear['message']} {fee['message']}"
    report = await erp.owner.fetchval(
        "select match_report from document where tenant_id = $1 and id = $2::uuid",
        erp.tenant,
        invoice["id"].partition("_")[2],
    )
    assert [sentence(each, "de") for each in from_text(report)] == [
        "Position 1: Der Preis ist 210,50 statt 200,00, Nettosumme 2105,00 statt 2000,00.",
        "Position 2: nicht bestellt, 80,00 netto.",
    ]


def test_a_report_written_before_there_were_prices_is_read():
    """What stands in the database of old stays readable."""
    [found] = from_text(
        '[{"deviation":"PRICE","expected":"1.00","found":"2.00","is_blocking":true,"position":1}]'
    )

    assert (found.expected_price, found.found_price) == (None, None)
