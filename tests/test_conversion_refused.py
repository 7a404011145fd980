"""Conversions that are refused: what is not open, not allowed, or does not fit together."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest

from tests.chains import (
    completed,
    convert,
    converted,
    draft,
    followed,
    kept,
    look,
    plain,
    post,
    posted,
    progress,
    rewrite,
    verb,
    wheat,
)
from tests.companies import found_without_approval
from tests.erp import User
from tests.refused import unchanged


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def test_more_than_is_open_is_refused_with_the_open_quantity(anna: User):
    """The problem names line, document, what is open and what was asked; nothing is changed."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    await converted(anna, order, "DELIVERY_NOTE", (order["lines"][0], "7.5"))

    async with unchanged(anna.erp):
        answer = await anna.ask(
            "mutation($input: ConvertDocumentInput!) { convertDocument(input: $input) { document"
            " { id } problems { code path ... on OpenQuantityExceeded"
            " { position number open asked unit } } } }",
            input={
                "ids": [order["id"]],
                "to": "DELIVERY_NOTE",
                "lines": [{"lineId": order["lines"][0]["id"], "quantity": "2.500001"}],
                "idempotencyKey": "zu viel",
            },
        )

    assert answer.problems == [
        {
            "code": "OPEN_QUANTITY_EXCEEDED",
            "path": ["input", "lines"],
            "position": 1,
            "number": "SO-2026-00001",
            "open": "2.5",
            "asked": "2.500001",
            "unit": "TONNE",
        }
    ]


async def test_a_line_picked_twice_is_not_converted_twice(anna: User):
    """Both picks together stay within what is open."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    line = order["lines"][0]

    twice = await convert(anna, order, "DELIVERY_NOTE", line, line)
    parts = await converted(anna, order, "DELIVERY_NOTE", (line, "6"), (line, "4"))

    assert twice.problem_codes == ["OPEN_QUANTITY_EXCEEDED"]
    assert [plain(each["quantity"]) for each in parts["lines"]] == ["6", "4"]


@pytest.mark.parametrize(
    ("kind", "to", "possible"),
    [
        ("SALES_OFFER", "DELIVERY_NOTE", "SALES_ORDER, SALES_CONTRACT, SALES_INVOICE"),
        ("SALES_ORDER", "GOODS_RECEIPT", "DELIVERY_NOTE, SALES_INVOICE"),
        ("SALES_CREDIT_NOTE", "SALES_INVOICE", "–"),
        ("PURCHASE_ORDER", "PURCHASE_ORDER", "GOODS_RECEIPT, SUPPLIER_INVOICE"),
    ],
)
async def test_a_document_becomes_only_what_comes_next_in_its_chain(
    anna: User, kind: str, to: str, possible: str
):
    """The problem names what is possible instead; no chain leads in a circle."""
    source = await posted(anna, kind)

    answer = await convert(anna, source, to)

    assert answer.problem_codes == ["CONVERSION_NOT_POSSIBLE"]
    assert answer.problems[0]["message"].endswith(f"It becomes: {possible}.")


async def test_drafts_discarded_and_cancelled_documents_become_nothing(anna: User):
    """Nor does the counter document of a cancellation."""
    a_draft = await draft(anna, "DELIVERY_NOTE")
    discarded = (await verb(anna, "discardDocument", await draft(anna, "DELIVERY_NOTE"))).made
    cancelled = await posted(anna, "DELIVERY_NOTE")
    counter = (await verb(anna, "cancelDocument", cancelled, reason="falsch")).made

    refusals = [
        (await convert(anna, each, "SALES_INVOICE")).problem_codes
        for each in (a_draft, discarded, cancelled, counter)
    ]

    assert refusals == [
        ["TRANSITION_NOT_ALLOWED"],
        ["TRANSITION_NOT_ALLOWED"],
        ["SOURCE_CANCELLED"],
        ["SOURCE_CANCELLED"],
    ]


async def test_documents_of_other_companies_and_lines_of_other_documents_are_unknown(
    anna: User, server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
):
    """A foreign id answers as one that never was."""
    berta = await (await found_without_approval(server, owner, http)).sign_in("berta")
    foreign = await posted(berta, "SALES_ORDER")
    order, other = await posted(anna, "SALES_ORDER"), await posted(anna, "SALES_ORDER")

    answers = [
        await convert(anna, foreign, "DELIVERY_NOTE"),
        await convert(anna, [order, foreign], "DELIVERY_NOTE"),
        await convert(anna, order, "DELIVERY_NOTE", other["lines"][0]),
    ]

    assert [(each.problem_codes, each.problems[0]["path"]) for each in answers] == [
        (["NOT_FOUND"], ["input", "ids", "0"]),
        (["NOT_FOUND"], ["input", "ids", "1"]),
        (["NOT_FOUND"], ["input", "lines", "0", "lineId"]),
    ]


async def test_documents_that_differ_in_payer_terms_or_place_do_not_become_one(anna: User):
    """Each difference is named; the place matters for a delivery only."""
    customer, other = await anna.create_partner(), await anna.create_partner("Gut Ahlsen")
    site = {"name": "Baustelle", "street": "Am Damm 1", "postcode": "27318", "city": "Hoya"}
    plain_order = await posted(anna, "SALES_ORDER", soldTo=customer)
    to_site = await posted(anna, "SALES_ORDER", soldTo=customer, shipToAddress=site)
    by_other = await posted(anna, "SALES_ORDER", soldTo=customer, billTo=other)
    later = await posted(anna, "SALES_ORDER", soldTo=customer, paymentDays=60)
    asked = [
        ([plain_order, by_other], "SALES_INVOICE"),
        ([plain_order, later], "SALES_INVOICE"),
        ([plain_order, to_site], "DELIVERY_NOTE"),
    ]

    answers = [await convert(anna, sources, to) for sources, to in asked]

    assert [each.problem_codes for each in answers] == [["SOURCES_DIFFER"]] * 3
    assert [each.problems[0]["message"].rpartition(" ")[2] for each in answers] == [
        "billTo.",
        "paymentDays.",
        "shipTo.",
    ]
    assert (await convert(anna, [plain_order, to_site], "SALES_INVOICE")).problems == []


async def test_two_walk_in_customers_are_not_billed_on_one_invoice(anna: User):
    """They share a partner, but not the name on the paper."""
    walk_in = await anna.create_partner("Laufkunde", isOneTime=True)
    place = {"street": "Weg 1", "postcode": "27318", "city": "Hoya"}
    sold = [
        await posted(
            anna,
            "DELIVERY_NOTE",
            soldTo=walk_in,
            soldToAddress={"name": name, **place},
            billToAddress={"name": name, **place},
        )
        for name in ("Meier", "Schulze")
    ]

    answer = await convert(anna, sold, "SALES_INVOICE")

    assert answer.problem_codes == ["SOURCES_DIFFER"]


async def test_what_is_closed_is_not_converted_nor_taken_by_a_draft_that_grows(anna: User):
    """The draft keeps what it had when the rest was closed, and may shrink."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await converted(anna, order, "DELIVERY_NOTE", (order["lines"][0], "4"))
    order = await look(anna, order)
    await verb(anna, "closeLines", order, reason="ausverkauft")
    line = delivery["lines"][0]

    assert (await convert(anna, order, "DELIVERY_NOTE")).problem_codes == ["NOTHING_OPEN"]
    picked = await convert(anna, order, "DELIVERY_NOTE", (order["lines"][0], "1"))
    assert picked.problem_codes == ["NOTHING_OPEN"]
    grown = await rewrite(anna, "update", delivery, kept(line, quantity="5"))
    assert grown.problem_codes == ["OPEN_QUANTITY_EXCEEDED"]
    shrunk = await post(anna, await completed(anna, delivery, kept(line, quantity="3")))
    assert (await followed(anna, shrunk, "SALES_INVOICE"))["net"] == "600.00"


async def test_a_converted_line_stays_the_same_goods(anna: User):
    """Another item, or another unit without an item to convert by, is a line of its own."""
    item, other = await anna.create_item(), await anna.create_item()
    order = await posted(anna, "SALES_ORDER", {"itemId": item, "quantity": "10"}, wheat("5"))
    delivery = await converted(anna, order, "DELIVERY_NOTE")
    first, second = (line["id"] for line in delivery["lines"])

    swapped = await rewrite(
        anna, "update", delivery, {"id": first, "itemId": other, "quantity": "1"}
    )
    regauged = await rewrite(
        anna, "update", delivery, kept(delivery["lines"][1], unit="KILOGRAM", id=second)
    )
    twice = await rewrite(anna, "update", delivery, *[kept(delivery["lines"][0])] * 2)

    codes = [each.problem_codes for each in (swapped, regauged, twice)]
    assert codes == [["SOURCE_LINE_DIFFERS"], ["SOURCE_LINE_DIFFERS"], ["LINE_NAMED_TWICE"]]


async def test_a_converted_document_stays_with_its_customer(anna: User):
    """Who pays and where it goes may change; lines that come from nowhere are anybody's."""
    order = await posted(anna, "SALES_ORDER")
    delivery = await converted(anna, order, "DELIVERY_NOTE")
    other = await anna.create_partner("Gut Ahlsen")

    theirs = await rewrite(anna, "update", delivery, soldTo=other)
    elsewhere = await completed(anna, delivery, shipTo=other, billTo=other)
    loose = await completed(anna, elsewhere, wheat("3"), soldTo=await anna.create_partner())

    assert (theirs.problem_codes, theirs.problems[0]["path"]) == (
        ["PARTNER_OF_SOURCE_DIFFERS"],
        ["input", "soldTo"],
    )
    assert [line["sourceNumber"] for line in loose["lines"]] == [None]
    assert progress(await look(anna, order))[0][-1] == "10"


async def test_an_invoice_is_not_posted_before_every_line_has_its_price(anna: User):
    """A delivery may come without prices; its invoice is a draft until they are there."""
    bare = {"description": "Saatgut", "quantity": "2", "unit": "PIECE"}
    delivery = await posted(anna, "DELIVERY_NOTE", bare)
    invoice = await converted(anna, delivery, "SALES_INVOICE")

    assert (await anna.post(dict(invoice))).problem_codes == ["PRICE_MISSING"]

    line = {**bare, "id": invoice["lines"][0]["id"], "unitPrice": "25"}
    line |= {"taxCategory": "S", "taxRate": "19"}
    invoice = await completed(anna, invoice, line, supplyDate="2026-11-20")
    assert (await post(anna, invoice))["gross"] == "59.50"


async def test_no_quantity_no_document_and_too_many_documents_are_refused(anna: User):
    """0 is none; more than a hundred sources are a batch, not a document."""
    order = await posted(anna, "SALES_ORDER")
    none = await convert(anna, order, "DELIVERY_NOTE", (order["lines"][0], "0"))
    empty = await convert(anna, [], "DELIVERY_NOTE")
    orders = [{"id": f"doc_00000000-0000-4000-8000-{n:012}"} for n in range(101)]
    many = await convert(anna, orders, "DELIVERY_NOTE")

    assert [each.problem_codes for each in (none, empty, many)] == [
        ["MUST_NOT_BE_ZERO"],
        ["LINES_MISSING"],
        ["TOO_MANY_SOURCES"],
    ]


async def test_a_thousand_lines_are_the_most_that_become_one_document(anna: User):
    """Two orders of 501 lines are two deliveries."""
    customer = await anna.create_partner()
    orders = [
        await posted(anna, "SALES_ORDER", *[wheat("1")] * 501, soldTo=customer) for _ in range(2)
    ]

    answer = await convert(anna, orders, "DELIVERY_NOTE")

    assert answer.problem_codes == ["TOO_MANY_LINES"]


# ---------------------------------------------------------------------------------------- rights


async def test_a_salesman_does_not_convert_what_he_may_not_read_or_write(anna: User):
    """Purchase documents are unknown to him; without write scope nothing is converted at all."""
    olga = User(anna.erp, "olga", anna.erp.token("olga", (), scope="sales:read sales:write"))
    reader = User(anna.erp, "rita", anna.erp.token("rita", (), scope="sales:read"))
    reader_too = User(anna.erp, "ria", anna.erp.token("ria", (), scope="sales:read purchase:write"))
    purchase = await posted(anna, "PURCHASE_ORDER")
    order = await posted(anna, "SALES_ORDER")

    theirs = await convert(olga, purchase, "GOODS_RECEIPT")
    hers = await convert(reader, order, "DELIVERY_NOTE")

    of_the_other_side = await convert(reader_too, order, "DELIVERY_NOTE")

    assert theirs.problem_codes == ["NOT_FOUND"]
    assert (hers.error_codes, of_the_other_side.error_codes) == (["FORBIDDEN"], ["FORBIDDEN"])
    assert progress(await look(anna, order))[0][-1] == "10"
    assert progress(await look(anna, purchase))[0][-1] == "10"
