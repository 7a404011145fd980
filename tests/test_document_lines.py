"""Bad input of documents of every kind: lines, numbers, texts, dates, received numbers."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import draft, look, posted, verb, wheat, write
from tests.companies import found_without_approval
from tests.erp import User
from tests.refused import unchanged

TEXT = {"kind": "TEXT", "description": "Vielen Dank"}


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def refusal(user: User, kind: str, *lines: Any, **more: Any) -> tuple[str, str]:
    """Return code and place of the problem that a new document meets, and see that none is made."""
    role = "soldTo" if kind.startswith("SALES") or kind == "DELIVERY_NOTE" else "supplier"
    partner = more.pop("partner", None) or await user.create_partner()
    async with unchanged(user.erp):
        answer = await write(user, "create", kind, list(lines), **{role: partner}, **more)
    [problem] = answer.problems
    return problem["code"], ".".join(problem["path"][1:])


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (wheat(unitPrice="0"), "PRICE_REASON_MISSING", "priceReason"),
        (wheat(unitPrice="0", priceReason="  "), "PRICE_REASON_MISSING", "priceReason"),
        (wheat(unitPrice="-0.01"), "MUST_NOT_BE_NEGATIVE", "unitPrice"),
        (wheat(unitPrice=None), "REQUIRED", "unitPrice"),
        (wheat("0"), "MUST_NOT_BE_ZERO", "quantity"),
        (wheat(quantity=None), "REQUIRED", "quantity"),
        (wheat("NaN"), "NOT_A_NUMBER", "quantity"),
        (wheat("Infinity"), "NOT_A_NUMBER", "quantity"),
        (wheat("1.0000001"), "TOO_PRECISE", "quantity"),
        (wheat("1000000000000"), "TOO_LARGE", "quantity"),
        (wheat("999999999999", unitPrice="999999"), "TOO_LARGE", ""),
        (wheat(priceQuantity="0"), "MUST_BE_POSITIVE", "priceQuantity"),
        (wheat(discountPercent="100.0001"), "PERCENT_OUT_OF_RANGE", "discountPercent"),
        (wheat(discountPercent="-1"), "PERCENT_OUT_OF_RANGE", "discountPercent"),
        (wheat(discountPercent="2.12345"), "TOO_PRECISE", "discountPercent"),
        (wheat(taxRate="8"), "TAX_RATE_UNKNOWN", "taxRate"),
        (wheat(description=" "), "REQUIRED", "description"),
        (wheat(description="x" * 501), "TOO_LONG", "description"),
        (wheat(description="Wei\u0000zen"), "UNPRINTABLE_TEXT", "description"),
        (wheat(description="Wei\u0007zen"), "UNPRINTABLE_TEXT", "description"),
        (wheat(description="Weizen \u202exfdp.exe"), "UNPRINTABLE_TEXT", "description"),
        (wheat(account="x" * 21), "TOO_LONG", "account"),
        (wheat(costCentre="\u2066x"), "UNPRINTABLE_TEXT", "costCentre"),
        ({**TEXT, "quantity": "1"}, "NO_QUANTITY_HERE", "quantity"),
        ({**TEXT, "unitPrice": "1"}, "NO_QUANTITY_HERE", "unitPrice"),
        ({**TEXT, "taxRate": "7"}, "NO_QUANTITY_HERE", "taxRate"),
        ({**TEXT, "kind": "SUBTOTAL", "unit": "TONNE"}, "NO_QUANTITY_HERE", "unit"),
        ({**TEXT, "kind": "HEADING", "description": "x" * 501}, "TOO_LONG", "description"),
        ({**TEXT, "description": "x" * 2001}, "TOO_LONG", "description"),
        (wheat(kind="OPTIONAL", quantity=None), "REQUIRED", "quantity"),
    ],
)
async def test_a_line_that_cannot_be_kept_or_printed_is_refused_at_its_place(
    anna: User, line: dict[str, Any], code: str, field: str
):
    """The good line before it does not help; nothing is made."""
    found = await refusal(anna, "SALES_OFFER", wheat(), line)

    assert found == (code, f"lines.1.{field}".rstrip("."))


async def test_a_number_of_a_hundred_digits_is_no_number(anna: User):
    """It does not even reach the rules; a client is told what a Decimal looks like."""
    partner = await anna.create_partner()

    answer = await write(anna, "create", "SALES_ORDER", [wheat("9" * 100)], soldTo=partner)

    assert answer.error_codes == ["BAD_REQUEST"]
    assert "at most 40 characters" in answer.body["errors"][0]["message"]


async def test_a_contract_whose_tolerance_could_not_be_kept_is_refused(anna: User):
    """Twice of nearly everything is too much; and tolerances have four decimals."""
    period = {"validFrom": "2026-11-01", "validUntil": "2027-01-01"}
    huge = wheat("999999999999", unitPrice="0.01")

    found = [
        await refusal(anna, "SALES_CONTRACT", huge, tolerancePercent="100", **period),
        await refusal(anna, "SALES_CONTRACT", wheat(), tolerancePercent="5.00001", **period),
        await refusal(anna, "SALES_CONTRACT", wheat(), tolerancePercent="101", **period),
    ]

    assert found == [
        ("TOO_LARGE", "lines.0.quantity"),
        ("TOO_PRECISE", "tolerancePercent"),
        ("PERCENT_OUT_OF_RANGE", "tolerancePercent"),
    ]


async def test_a_thousand_lines_are_a_document_and_one_more_is_none(anna: User):
    """Nor is a document without lines one."""
    most = await draft(anna, "SALES_ORDER", *[wheat("1")] * 1000)

    assert len(most["lines"]) == 1000
    assert most["net"] == "200000.00"
    assert await refusal(anna, "SALES_ORDER", *[wheat("1")] * 1001) == ("TOO_MANY_LINES", "lines")
    assert await refusal(anna, "SALES_ORDER") == ("LINES_MISSING", "lines")


async def test_what_only_looks_strange_is_kept_as_it_is(anna: User):
    """Emoji, umlauts, Arabic and Chinese in names and texts; a price of 0 with its reason."""
    names = ["Weizen 🌾 extra", "Sämereien für Ölmühlen", "قمح", "小麦 – 1. Wahl", "a\u00adb"]

    order = await draft(anna, "SALES_ORDER", *(wheat(description=name) for name in names))
    gift = await draft(anna, "SALES_ORDER", wheat(unitPrice="0", priceReason="Muster"))

    assert [line["description"] for line in order["lines"]] == names
    assert (gift["net"], gift["lines"][0]["net"]) == ("0.00", "0.00")


async def test_texts_headings_and_options_do_not_count_in_the_sum(anna: User):
    """What an option would cost is shown beside, and what a subtotal sums since its heading."""
    order = await draft(
        anna,
        "SALES_OFFER",
        {"kind": "HEADING", "description": "Saat"},
        wheat("1"),
        wheat("2", kind="OPTIONAL"),
        TEXT,
        {"kind": "SUBTOTAL", "description": "Zwischensumme"},
        wheat("1", kind="CHARGE", description="Fracht", unitPrice="30"),
    )

    assert (order["net"], order["tax"]) == ("230.00", "16.10")
    shown = "query($id: ID!) { document(id: $id) { lines { amountShown } } }"
    lines = (await anna.ask(shown, id=order["id"])).data["document"]["lines"]
    assert [line["amountShown"] for line in lines] == [
        None,
        None,
        "400.00",
        None,
        "200.00",
        None,
    ]


@pytest.mark.parametrize(
    ("dates", "code", "field"),
    [
        ({"issueDate": "1999-12-31"}, "DATE_OUT_OF_RANGE", "issueDate"),
        ({"issueDate": "2099-01-01"}, "DATE_OUT_OF_RANGE", "issueDate"),
        (
            {"validFrom": "2026-11-02", "validUntil": "2026-11-01"},
            "VALIDITY_REVERSED",
            "validUntil",
        ),
        ({"validUntil": "2099-01-01"}, "DATE_OUT_OF_RANGE", "validUntil"),
        ({"paymentDays": -1}, "PAYMENT_DAYS_OUT_OF_RANGE", "paymentDays"),
        ({"openingText": "x" * 2001}, "TOO_LONG", "openingText"),
        ({"note": "a\u202eb"}, "UNPRINTABLE_TEXT", "note"),
        ({"customerReference": "x" * 101}, "TOO_LONG", "customerReference"),
    ],
)
async def test_a_header_that_cannot_be_right_is_refused(
    anna: User, dates: dict[str, Any], code: str, field: str
):
    """A slip of the pen is found before it is kept."""
    assert await refusal(anna, "SALES_CONTRACT", wheat(), **dates) == (code, field)


@pytest.mark.parametrize("kind", ["SUPPLIER_INVOICE", "GOODS_RECEIPT", "SUPPLIER_CREDIT_NOTE"])
async def test_a_received_number_is_taken_once_per_supplier_and_calendar_year(
    anna: User, kind: str
):
    """Another supplier, another year or another kind of document may have the same number."""
    one, two = await anna.create_partner(), await anna.create_partner("Gut Ahlsen")
    same = {"externalNumber": "RE 4711", "supplyDate": "2026-01-10"}
    first = await posted(anna, kind, supplier=one, issueDate="2026-01-10", **same)

    again = await write(
        anna, "create", kind, [wheat()], supplier=one, issueDate="2026-12-01", **same
    )
    assert again.problem_codes == ["DUPLICATE_DOCUMENT"]
    assert again.problems[0]["message"] == (
        f"You already have RE 4711 of this partner in that year: {first['id']}."
    )
    await draft(anna, kind, supplier=one, issueDate="2025-12-31", **same)
    await draft(anna, kind, supplier=two, issueDate="2026-01-10", **same)

    await verb(anna, "cancelDocument", await look(anna, first), reason="falsch erfasst")
    once_more = await draft(anna, kind, supplier=one, issueDate="2026-01-10", **same)
    discarded = await verb(anna, "discardDocument", once_more)
    assert discarded.problems == []
    assert (await draft(anna, kind, supplier=one, issueDate="2026-01-10", **same))["number"] is None


async def test_a_received_invoice_is_posted_with_the_number_on_it(anna: User):
    """A draft may wait for it."""
    invoice = await draft(anna, "SUPPLIER_INVOICE", externalNumber=None)

    assert (await anna.post(dict(invoice))).problem_codes == ["EXTERNAL_NUMBER_MISSING"]
