"""What travels along a chain and what stays, whom it tells, and who sees which part of it."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import (
    completed,
    convert,
    converted,
    followed,
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

SITE = {"name": "Silo Nord", "street": "Hafen 3", "postcode": "27318", "city": "Hoya"}
SHOWN = """query($id: ID!) { document(id: $id) { responsible { name } note
  ... on SalesDocument { customerReference soldTo { name } billTo { name } shipTo { name city } }
  ... on SalesOrder { paymentDays openingText closingText requestedDate }
  ... on DeliveryNote { paymentDays openingText closingText }
  ... on SalesInvoice { paymentDays openingText closingText dueDate issueDate }
  lines { description unitPrice priceQuantity discountPercent priceReason account costCentre
    taxCategory taxRate net } } }"""


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def seen(user: User, document: dict[str, Any]) -> dict[str, Any]:
    """Return what a document says."""
    found: dict[str, Any] = (await user.ask(SHOWN, id=document["id"])).data["document"]
    return found


async def agreed_order(user: User) -> dict[str, Any]:
    """Post an order in which a lot was agreed."""
    line = wheat("10", unitPrice="19.90", priceQuantity="100", discountPercent="2.5")
    line |= {"priceReason": "Messepreis", "account": "8400", "costCentre": "Nord"}
    return await posted(
        user,
        "SALES_ORDER",
        line,
        shipToAddress=SITE,
        paymentDays=45,
        customerReference="Best. 4711",
        openingText="Vielen Dank für Ihren Auftrag",
        closingText="Wir freuen uns",
        note="Kran bestellt",
    )


async def test_what_was_agreed_travels_through_the_delivery_to_the_invoice(anna: User):
    """Price, discount, terms, reference, note and the place typed on the order; not its texts."""
    order = await agreed_order(anna)
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    invoice = await followed(anna, delivery, "SALES_INVOICE")

    said = [await seen(anna, each) for each in (order, delivery, invoice)]

    assert said[0]["lines"] == said[1]["lines"] == said[2]["lines"]
    assert said[2]["lines"][0]["unitPrice"] == "19.9"
    for name in ("customerReference", "note", "paymentDays", "shipTo", "soldTo", "billTo"):
        assert said[0][name] == said[1][name] == said[2][name]
    assert said[2]["shipTo"] == {"name": "Silo Nord", "city": "Hoya"}
    assert [each["openingText"] for each in said] == ["Vielen Dank für Ihren Auftrag", None, None]
    issued, due = (date.fromisoformat(said[2][name]) for name in ("issueDate", "dueDate"))
    assert due - issued == timedelta(days=45)


async def test_what_is_left_out_of_a_converted_draft_stays_as_agreed(anna: User):
    """A storekeeper writes quantities; list price and own address do not sneak in."""
    item = await anna.create_item(unitPrice="210.50")
    line = {"itemId": item, "quantity": "10", "unitPrice": "199", "discountPercent": "3"}
    order = await posted(anna, "SALES_ORDER", line, shipToAddress=SITE)
    delivery = await converted(anna, order, "DELIVERY_NOTE")

    bare = {"id": delivery["lines"][0]["id"], "quantity": "6"}
    delivery = await completed(anna, delivery, bare)

    [shown] = delivery["lines"]
    assert (shown["unitPrice"], shown["discountPercent"], shown["net"]) == ("199", "3", "1158.18")
    assert (await seen(anna, delivery))["shipTo"] == {"name": "Silo Nord", "city": "Hoya"}


async def test_references_that_differ_stay_empty_and_the_first_document_leads(anna: User):
    """Two orders with two references become an invoice without one."""
    customer = await anna.create_partner()
    orders = [
        await posted(anna, "SALES_ORDER", soldTo=customer, customerReference=name, note="gleich")
        for name in ("A", "B")
    ]

    invoice = await seen(anna, await converted(anna, orders, "SALES_INVOICE"))

    assert (invoice["customerReference"], invoice["note"]) == (None, "gleich")


async def test_who_looks_after_the_order_looks_after_what_comes_of_it(anna: User):
    """Whoever converts it; and nobody inherits the authors."""
    martin = await anna.erp.sign_in("martin")
    order = await posted(anna, "SALES_ORDER")

    delivery = await converted(martin, order, "DELIVERY_NOTE")

    authors = "query($id: ID!) { document(id: $id) { authors { user { name } } } }"
    found = (await anna.ask(authors, id=delivery["id"])).data["document"]["authors"]
    assert delivery["responsible"]["name"] == "anna"
    assert found == [{"user": {"name": "martin"}}]


# ------------------------------------------------------------------------------- who is told what


async def test_each_source_is_told_once_per_change_and_not_at_all_when_nothing_changed(anna: User):
    """Two lines of one order are one event; a new note on the draft is none."""
    order = await posted(anna, "SALES_ORDER", wheat("10"), wheat("5"))
    delivery = await converted(anna, order, "DELIVERY_NOTE")
    told = ["SalesOrderCreated", "SalesOrderPosted", "SalesOrderProgressed"]
    assert await anna.erp.journal_types(order["id"]) == told

    delivery = await completed(anna, delivery, note="bitte hinten abladen")
    assert await anna.erp.journal_types(order["id"]) == told

    delivery = await post(anna, delivery)
    invoice = await followed(anna, delivery, "SALES_INVOICE")
    assert (await anna.erp.journal_types(order["id"]))[3:] == ["SalesOrderProgressed"] * 3
    versions = [(await look(anna, each))["version"] for each in (order, delivery, invoice)]
    assert versions == [6, 5, 2]


async def test_cancelling_and_copying_tells_the_source_once(anna: User):
    """What was delivered is taken back and taken again: one version, one event."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    before = (await look(anna, order))["version"]

    copy = (await verb(anna, "cancelAndCopyDocument", delivery, reason="falsch gewogen")).made

    after = await look(anna, order)
    assert (after["version"], progress(after)) == (before + 1, [("0", "0", "0", "0", "0", "0")])
    types = await anna.erp.journal_types(order["id"])
    assert len(types) == after["version"]
    assert (copy["state"], copy["lines"][0]["sourceNumber"]) == ("DRAFT", order["number"])


# ------------------------------------------------------------------------------------------- flow


FLOW = """query($id: ID!) { document(id: $id) { flow {
  kind number distance sourceIds document { id } } } }"""


async def test_the_flow_shows_everything_above_and_below_a_document(anna: User):
    """Seen from the order: the offer above, deliveries, invoice and cancellation below."""
    offer = await posted(anna, "SALES_OFFER", wheat("10"))
    order = await followed(anna, offer, "SALES_ORDER")
    first = await followed(anna, order, "DELIVERY_NOTE", (order["lines"][0], "4"))
    second = await followed(anna, order, "DELIVERY_NOTE")
    invoice = await followed(anna, [first, second], "SALES_INVOICE")
    counter = (await verb(anna, "cancelDocument", invoice, reason="falsch")).made

    nodes = (await anna.ask(FLOW, id=order["id"])).data["document"]["flow"]

    places = {node["number"]: (node["distance"], node["sourceIds"]) for node in nodes}
    assert places == {
        offer["number"]: (-1, []),
        order["number"]: (0, [offer["id"]]),
        first["number"]: (1, [order["id"]]),
        second["number"]: (1, [order["id"]]),
        invoice["number"]: (2, sorted([first["id"], second["id"]])),
        counter["number"]: (3, [invoice["id"]]),
    }


async def test_of_the_other_side_the_flow_shows_number_kind_and_date_only(
    anna: User, owner: asyncpg.Connection
):
    """A purchase made for a sales order is seen by the salesman, not its contents."""
    order = await posted(anna, "SALES_ORDER")
    purchase = (await converted(anna, await posted(anna, "PURCHASE_INQUIRY"), "PURCHASE_ORDER"))[
        "id"
    ]
    await owner.execute(
        "update document_line set source_document_id = $2::uuid where document_id = $1::uuid",
        purchase.partition("_")[2],
        order["id"].partition("_")[2],
    )
    token = anna.erp.token("olga", (), scope="sales:read sales:write")
    olga = User(anna.erp, "olga", token)

    nodes = (await olga.ask(FLOW, id=order["id"])).data["document"]["flow"]

    found = {node["kind"]: node["document"] for node in nodes}
    assert found == {"SALES_ORDER": {"id": order["id"]}, "PURCHASE_ORDER": None}
    answer = await convert(olga, {"id": purchase}, "GOODS_RECEIPT")
    assert (answer.problem_codes, answer.problems[0]["path"]) == (
        ["NOT_FOUND"],
        ["input", "ids", "0"],
    )


# ----------------------------------------------------------------------------- loose ends of lines


async def test_an_inquiry_is_amended_though_an_offer_was_made_of_it(anna: User):
    """What the offer came from is gone, and the offer is changed and posted all the same."""
    inquiry = await posted(anna, "SALES_INQUIRY", wheat("10"))
    offer = await converted(anna, inquiry, "SALES_OFFER")

    assert (await rewrite(anna, "amend", inquiry, wheat("12"))).problems == []

    offer = await completed(anna, offer)
    assert (await post(anna, offer))["state"] == "POSTED"


async def test_a_text_of_an_order_is_dropped_though_the_delivery_took_it_along(anna: User):
    """Words are not counted, so nothing holds them."""
    order = await posted(anna, "SALES_ORDER", wheat(), {"kind": "TEXT", "description": "Eilig"})
    delivery = await converted(anna, order, "DELIVERY_NOTE")
    order = await look(anna, order)
    line = order["lines"][0]
    kept_line = {"id": line["id"], "unitPrice": "200", "taxCategory": "S", "taxRate": "7"}
    kept_line |= {"description": "Winterweizen", "quantity": "10", "unit": "TONNE"}

    assert (await rewrite(anna, "amend", order, kept_line)).problems == []

    assert (await post(anna, delivery))["state"] == "POSTED"
    assert plain((await look(anna, order))["lines"][0]["deliveredQuantity"]) == "10"


TERMS = """query($id: ID!) { document(id: $id) {
  ... on SalesOffer { paymentDays discountDays discountPercent }
  ... on SalesOrder { paymentDays discountDays discountPercent }
  ... on SupplierOffer { paymentDays discountDays discountPercent }
  ... on PurchaseOrder { paymentDays discountDays discountPercent } } }"""


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("SALES_INQUIRY", "SALES_OFFER"),
        ("SALES_INQUIRY", "SALES_ORDER"),
        ("PURCHASE_INQUIRY", "SUPPLIER_OFFER"),
        ("PURCHASE_INQUIRY", "PURCHASE_ORDER"),
    ],
)
async def test_what_comes_of_an_inquiry_has_the_terms_of_the_partner(
    anna: User, source: str, target: str
):
    """30 days, 2 % within 10: an inquiry has no terms, so they are those of a new document."""
    terms = await anna.do(
        "createPaymentTerms",
        "paymentTerms { id }",
        code="30T",
        nameDe="30 Tage, 2 % in 10",
        nameEn="30 days, 2 % in 10",
        dueDays=30,
        steps=[{"days": 10, "percent": "2"}],
    )
    partner = await anna.create_partner(paymentTermsId=terms.made["id"])
    role = "supplier" if source.startswith("PURCHASE") else "soldTo"
    inquiry = await posted(anna, source, **{role: partner})

    made = await converted(anna, inquiry, target)

    assert (await anna.ask(TERMS, id=made["id"])).data["document"] == {
        "paymentDays": 30,
        "discountDays": 10,
        "discountPercent": "2",
    }
