"""Conversions through the door: what becomes of what, how much of it, and what travels along."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

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


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def asked(user: User, document: dict[str, Any], fields: str) -> dict[str, Any]:
    """Return some fields of a document that only its kind has."""
    query = "query($id: ID!) { document(id: $id) { ... on %s { %s } } }"
    answer = await user.ask(query % (document["__typename"], fields), id=document["id"])
    found: dict[str, Any] = answer.data["document"]
    return found


# ------------------------------------------------------------------------------- whole chains


async def test_an_offer_becomes_an_order_a_delivery_and_an_invoice(anna: User):
    """Each knows its source; quantities are posted step by step, and in the end nothing is open."""
    offer = await posted(anna, "SALES_OFFER", wheat("10"))
    order = await followed(anna, offer, "SALES_ORDER")
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    invoice = await followed(anna, delivery, "SALES_INVOICE")

    chain = [await look(anna, each) for each in (offer, order, delivery, invoice)]
    assert [each["number"] for each in chain] == [
        "ANG-2026-00001",
        "SO-2026-00001",
        "DL-2026-00001",
        "INV-2026-00001",
    ]
    assert [progress(each) for each in chain] == [
        [("10", "0", "0", "0", "0", "0")],
        [("0", "10", "10", "0", "0", "0")],
        [("0", "0", "10", "0", "0", "0")],
        [("0", "0", "0", "0", "0", "0")],
    ]
    assert [each["lines"][0]["sourceNumber"] for each in chain[1:]] == [
        "ANG-2026-00001",
        "SO-2026-00001",
        "DL-2026-00001",
    ]
    assert (invoice["net"], invoice["gross"]) == ("2000.00", "2140.00")


async def test_the_purchase_side_mirrors_it(anna: User):
    """Inquiry, offer of the supplier, order, receipt, his invoice; he sends it, so his number."""
    inquiry = await posted(anna, "PURCHASE_INQUIRY", wheat("8"))
    offer = await followed(anna, inquiry, "SUPPLIER_OFFER")
    order = await followed(anna, offer, "PURCHASE_ORDER")
    receipt = await followed(anna, order, "GOODS_RECEIPT")
    invoice = await followed(anna, receipt, "SUPPLIER_INVOICE", number="RE 77")

    chain = [await look(anna, each) for each in (inquiry, offer, order, receipt, invoice)]
    assert [each["number"] for each in chain] == [
        "PR-2026-00001",
        "POF-2026-00001",
        "PO-2026-00001",
        "GR-2026-00001",
        "PINV-2026-00001",
    ]
    assert [progress(each) for each in chain] == [
        [("0", "0", "0", "0", "0", "0")],
        [("8", "0", "0", "0", "0", "0")],
        [("0", "8", "8", "0", "0", "0")],
        [("0", "0", "8", "0", "0", "0")],
        [("0", "0", "0", "0", "0", "0")],
    ]
    assert (await asked(anna, invoice, "externalNumber"))["externalNumber"] == "RE 77"


async def test_goods_come_back_and_are_credited_with_positive_amounts(anna: User):
    """From the invoice or from the delivery: the whole chain above counts what came back."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    invoice = await followed(anna, delivery, "SALES_INVOICE")
    first = await followed(anna, invoice, "CUSTOMER_RETURN", (invoice["lines"][0], "2"))
    second = await followed(anna, delivery, "CUSTOMER_RETURN", (delivery["lines"][0], "1"))
    credit = await followed(anna, [first, second], "SALES_CREDIT_NOTE")

    assert [plain(line["quantity"]) for line in credit["lines"]] == ["2", "1"]
    assert (credit["number"], credit["net"], credit["gross"]) == (
        "RK-2026-00001",
        "600.00",
        "642.00",
    )
    assert [progress(await look(anna, each))[0] for each in (order, delivery, invoice, first)] == [
        ("0", "10", "10", "3", "3", "0"),
        ("0", "0", "10", "3", "3", "0"),
        ("0", "0", "0", "2", "2", "0"),
        ("0", "0", "0", "0", "2", "0"),
    ]


async def test_a_supplier_takes_goods_back_and_corrects_his_invoice(anna: User):
    """The supplier's correction carries his number; amounts are positive."""
    receipt = await posted(anna, "GOODS_RECEIPT", wheat("10"))
    invoice = await followed(anna, receipt, "SUPPLIER_INVOICE", number="RE 1")
    back = await followed(anna, invoice, "SUPPLIER_RETURN", (invoice["lines"][0], "4"))
    credit = await followed(anna, back, "SUPPLIER_CREDIT_NOTE", number="GU 1")

    assert (credit["number"], credit["net"]) == ("LK-2026-00001", "800.00")
    assert progress(await look(anna, receipt)) == [("0", "0", "10", "4", "4", "0")]


async def test_goods_that_came_back_unbilled_are_no_longer_to_be_invoiced(anna: User):
    """Delivered 10, 3 came back: 7 are open, and 8 are refused."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"))
    await followed(anna, delivery, "CUSTOMER_RETURN", (delivery["lines"][0], "3"))
    answer = await convert(anna, delivery, "SALES_INVOICE", (delivery["lines"][0], "8"))

    assert answer.problem_codes == ["OPEN_QUANTITY_EXCEEDED"]
    invoice = await converted(anna, delivery, "SALES_INVOICE")
    assert plain(invoice["lines"][0]["quantity"]) == "7"


# ----------------------------------------------------------------------------- parts and several


async def test_an_order_is_delivered_in_parts_and_invoiced_in_one(anna: User):
    """Each part takes its own; the collective invoice names number and day of each delivery."""
    order = await posted(anna, "SALES_ORDER", wheat("10"), wheat("5", description="Gerste"))
    barley = order["lines"][1]
    first = await converted(anna, order, "DELIVERY_NOTE", (order["lines"][0], "4"))
    first = await post(anna, await completed(anna, first, supplyDate="2026-11-02"))
    second = await converted(anna, order, "DELIVERY_NOTE", (order["lines"][0], "1.5"), barley)
    second = await post(anna, await completed(anna, second, supplyDate="2026-11-09"))
    assert [line[-1] for line in progress(await look(anna, order))] == ["4.5", "0"]

    invoice = await converted(anna, [first, second], "SALES_INVOICE")

    period = await asked(anna, invoice, "supplyDate supplyUntil")
    assert period == {"supplyDate": "2026-11-02", "supplyUntil": "2026-11-09"}
    assert [
        (plain(line["quantity"]), line["sourceNumber"], line["sourceDate"], line["supplyDate"])
        for line in invoice["lines"]
    ] == [
        ("4", "DL-2026-00001", "2026-11-02", "2026-11-02"),
        ("1.5", "DL-2026-00002", "2026-11-09", "2026-11-09"),
        ("5", "DL-2026-00002", "2026-11-09", "2026-11-09"),
    ]


async def test_one_delivery_alone_has_a_day_of_supply_and_no_period(anna: User):
    """The invoice is about that day."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat(), supplyDate="2026-11-03")

    invoice = await converted(anna, delivery, "SALES_INVOICE")

    period = await asked(anna, invoice, "supplyDate supplyUntil")
    assert period == {"supplyDate": "2026-11-03", "supplyUntil": None}


async def test_a_correction_is_about_the_supply_of_its_invoice_and_a_return_about_its_own_day(
    anna: User,
):
    """Else a credit note could not be posted, and goods would have come back before they went."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat(), supplyDate="2026-11-03")
    invoice = await followed(anna, delivery, "SALES_INVOICE")
    back = await converted(anna, delivery, "CUSTOMER_RETURN", (delivery["lines"][0], "1"))
    credit = await converted(anna, invoice, "SALES_CREDIT_NOTE", (invoice["lines"][0], "1"))

    assert (await asked(anna, credit, "supplyDate"))["supplyDate"] == "2026-11-03"
    assert (await asked(anna, back, "supplyDate"))["supplyDate"] == back["issueDate"]
    assert (await post(anna, credit))["state"] == "POSTED"


async def test_two_orders_become_one_delivery(anna: User):
    """Each line goes on knowing its own order."""
    customer = await anna.create_partner()
    one = await posted(anna, "SALES_ORDER", wheat("3"), soldTo=customer)
    two = await posted(anna, "SALES_ORDER", wheat("4"), soldTo=customer)

    delivery = await followed(anna, [two, one], "DELIVERY_NOTE")

    assert [line["sourceNumber"] for line in delivery["lines"]] == [two["number"], one["number"]]
    assert [progress(await look(anna, each))[0][1] for each in (one, two)] == ["3", "4"]


async def test_returned_empties_go_along_as_negative_quantities(anna: User):
    """Ten tonnes out, four pallets back: both count, each in its own direction."""
    pallets = {"description": "Paletten", "unit": "PIECE", "unitPrice": "12", "quantity": "-4"}
    order = await posted(anna, "SALES_ORDER", wheat("10"), wheat(**pallets))
    part = await followed(anna, order, "DELIVERY_NOTE", (order["lines"][1], "-1"))
    rest = await followed(anna, order, "DELIVERY_NOTE")
    invoice = await followed(anna, [part, rest], "SALES_INVOICE")

    assert [plain(line["quantity"]) for line in rest["lines"]] == ["10", "-3"]
    assert progress(await look(anna, order)) == [
        ("0", "10", "10", "0", "0", "0"),
        ("0", "-4", "-4", "0", "0", "0"),
    ]
    assert invoice["net"] == "1952.00"
    wrong = await convert(anna, order, "DELIVERY_NOTE", (order["lines"][1], "2"))
    assert wrong.problem_codes == ["QUANTITY_REVERSED"]


async def test_work_and_freight_wait_for_the_invoice_not_for_a_delivery(anna: User):
    """An order of goods, work and freight is done when goods are delivered and all is invoiced."""
    work = wheat("2", description="Spritzen", unit="HOUR", unitPrice="80")
    freight = wheat("1", kind="CHARGE", description="Fracht", unit="PIECE", unitPrice="90")
    order = await posted(anna, "SALES_ORDER", wheat("10"), work, freight)
    await followed(anna, order, "DELIVERY_NOTE", order["lines"][0])

    assert [line[-1] for line in progress(await look(anna, order))] == ["0", "2", "1"]
    await followed(anna, order, "SALES_INVOICE", *order["lines"][1:])
    assert [line[-1] for line in progress(await look(anna, order))] == ["0", "0", "0"]


async def test_an_option_is_left_out_unless_it_is_picked_and_then_is_none_any_more(anna: User):
    """It counts in the order that picked it, as an item."""
    option = wheat("2", kind="OPTIONAL", description="Beize", unitPrice="50")
    offer = await posted(anna, "SALES_OFFER", wheat("10"), option)
    whole = await converted(anna, offer, "SALES_ORDER")
    picked = await converted(anna, offer, "SALES_ORDER", offer["lines"][1])

    assert [line["description"] for line in whole["lines"]] == ["Winterweizen"]
    assert [(line["kind"], line["net"]) for line in picked["lines"]] == [("ITEM", "100.00")]
    assert picked["net"] == "100.00"
    again = await convert(anna, offer, "SALES_ORDER", offer["lines"][1])
    assert again.problem_codes == ["NOTHING_OPEN"]


async def test_texts_and_headings_go_along_with_goods_never_alone(anna: User):
    """The second delivery of a rest has them too; a delivery of words alone is none."""
    heading = {"kind": "HEADING", "description": "Saatgut"}
    order = await posted(anna, "SALES_ORDER", heading, wheat("10"))
    part = await converted(anna, order, "DELIVERY_NOTE", *order["lines"])
    assert [line["kind"] for line in part["lines"]] == ["HEADING", "ITEM"]

    words = await convert(anna, order, "DELIVERY_NOTE", order["lines"][0])
    nothing = await convert(anna, order, "DELIVERY_NOTE")

    assert (words.problem_codes, nothing.problem_codes) == (["NOTHING_OPEN"], ["NOTHING_OPEN"])


# ------------------------------------------------------------------------------------ contracts


async def test_a_contract_is_called_off_by_orders_and_by_deliveries_within_its_tolerance(
    anna: User,
):
    """100 t with 5 %: 60 by an order, 45 by deliveries straight from the contract; 0.1 is more."""
    period = {"validFrom": "2026-07-01", "validUntil": "2027-06-30", "tolerancePercent": "5"}
    contract = await posted(anna, "SALES_CONTRACT", wheat("100"), **period)
    line = contract["lines"][0]
    order = await followed(anna, contract, "SALES_ORDER", (line, "60"))
    await followed(anna, order, "DELIVERY_NOTE", (order["lines"][0], "20"))
    await followed(anna, contract, "DELIVERY_NOTE", (line, "45"))

    assert progress(await look(anna, contract)) == [("105", "65", "0", "0", "0", "0")]
    more = await convert(anna, contract, "DELIVERY_NOTE", (line, "0.1"))
    assert more.problem_codes == ["OPEN_QUANTITY_EXCEEDED"]
    beyond_the_order = await convert(anna, order, "DELIVERY_NOTE", (order["lines"][0], "40.1"))
    assert beyond_the_order.problem_codes == ["OPEN_QUANTITY_EXCEEDED"]


async def test_all_that_is_open_of_a_contract_is_its_quantity_without_the_tolerance(anna: User):
    """Nobody calls off more by chance; the purchase side does the same by receipts."""
    period = {"validFrom": "2026-07-01", "validUntil": "2027-06-30", "tolerancePercent": "10"}
    contract = await posted(anna, "PURCHASE_CONTRACT", wheat("50"), **period)
    await followed(anna, contract, "GOODS_RECEIPT", (contract["lines"][0], "20"))

    receipt = await converted(anna, contract, "GOODS_RECEIPT")

    assert plain(receipt["lines"][0]["quantity"]) == "30"


# -------------------------------------------------------------------------------- drafts change


async def test_a_draft_takes_at_once_and_what_is_posted_is_told_later(anna: User):
    """Open shrinks with the draft, delivered grows with posting."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await converted(anna, order, "DELIVERY_NOTE", (order["lines"][0], "6"))
    assert progress(await look(anna, order)) == [("0", "0", "0", "0", "0", "4")]

    await post(anna, delivery)

    assert progress(await look(anna, order)) == [("0", "6", "0", "0", "0", "4")]


async def test_quantities_follow_a_draft_that_is_changed(anna: User):
    """More takes more, less gives back, too much is refused and leaves everything as it was."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await converted(anna, order, "DELIVERY_NOTE", (order["lines"][0], "6"))
    line = delivery["lines"][0]

    delivery = await completed(anna, delivery, kept(line, quantity="9"))
    assert progress(await look(anna, order))[0][-1] == "1"
    too_much = await rewrite(anna, "update", delivery, kept(line, quantity="10.5"))
    assert [(each["code"], each["message"]) for each in too_much.problems] == [
        (
            "OPEN_QUANTITY_EXCEEDED",
            f"Line 1 of {order['number']} has 10 TONNE open for this; 10.5 are more than that.",
        )
    ]
    delivery = await completed(anna, delivery, kept(line, quantity="2"))
    assert progress(await look(anna, order))[0][-1] == "8"


async def test_a_line_taken_out_of_a_draft_gives_back(anna: User):
    """A line without id is a new one that came from nowhere."""
    order = await posted(anna, "SALES_ORDER", wheat("10"), wheat("5"))
    delivery = await converted(anna, order, "DELIVERY_NOTE")

    delivery = await completed(anna, delivery, kept(delivery["lines"][0]), wheat("3"))

    assert [line[-1] for line in progress(await look(anna, order))] == ["0", "5"]
    assert [line["sourceNumber"] for line in delivery["lines"]] == [order["number"], None]


async def test_a_discarded_draft_gives_everything_back_and_a_rejected_one_keeps_it(
    anna: User, owner: asyncpg.Connection
):
    """Rejected work is still somebody's work; thrown away it is nobody's."""
    await owner.execute(
        "update kind_setting set approval = 'ALWAYS' where kind = 'DELIVERY_NOTE'"
        " and tenant_id = $1",
        anna.erp.tenant,
    )
    martin = await anna.erp.sign_in("martin")
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await converted(anna, order, "DELIVERY_NOTE")
    await anna.submit(delivery)
    await martin.reject(delivery)
    assert progress(await look(anna, order))[0][-1] == "0"

    again = await completed(anna, await look(anna, delivery))
    await verb(anna, "discardDocument", again)

    assert progress(await look(anna, order))[0][-1] == "10"
    assert progress(await look(anna, await converted(anna, order, "DELIVERY_NOTE"))) != []


async def test_a_draft_of_an_order_can_be_written_from_nothing_too(anna: User):
    """A chain may start anywhere: a delivery without an order is invoiced all the same."""
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("2"))
    invoice = await followed(anna, delivery, "SALES_INVOICE")

    assert (invoice["net"], (await draft(anna, "SALES_ORDER"))["number"]) == ("400.00", None)
