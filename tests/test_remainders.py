"""Amendments and remainders: what still changes of an order, and how the rest of it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import (
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

REVISIONS = """query($id: ID!) { document(id: $id) { revision number sentAt
  ... on SalesOrder { revisions { revision reason amender { name } content } } } }"""


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def open_documents(user: User, is_open: bool) -> list[str]:
    """Return the numbers of the posted documents that a list by open lines shows, sorted."""
    asked = "query($open: Boolean!) { documents(filter: {hasOpenLines: $open, state: {in: [POSTED]}}) { nodes { number } } }"  # noqa: E501
    nodes = (await user.ask(asked, open=is_open)).data["documents"]["nodes"]
    return sorted(node["number"] for node in nodes)


# ------------------------------------------------------------------------------------ amendments


async def test_an_amended_order_keeps_its_number_and_what_it_said_before(anna: User):
    """Revision 2 under the same number; revision 1 stays readable, with who and why."""
    martin = await anna.erp.sign_in("martin")
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    await verb(anna, "recordSent", order, channel="PRINT")
    order = await look(anna, order)
    line = kept(order["lines"][0], quantity="12", unitPrice="195")

    amended = (await rewrite(martin, "amend", order, line, reason="Kunde will mehr")).made

    assert (amended["number"], amended["revision"], amended["net"]) == (
        order["number"],
        2,
        "2340.00",
    )
    shown = (await anna.ask(REVISIONS, id=order["id"])).data["document"]
    [before] = shown.pop("revisions")
    assert shown == {"revision": 2, "number": "SO-2026-00001", "sentAt": None}
    content = json.loads(before.pop("content"))
    assert before == {
        "revision": 1,
        "reason": "Kunde will mehr",
        "amender": {"name": "martin"},
    }
    said = [(each["quantity"], each["unit_price"]) for each in content["lines"]]
    assert [(plain(quantity), plain(price)) for quantity, price in said] == [("10", "200")]
    assert "Hof Lindenau" not in json.dumps(content)  # names can be erased, revisions cannot
    assert (await anna.erp.journal_types(order["id"]))[-1] == "SalesOrderAmended"


async def test_an_amendment_counts_anew_what_is_open(anna: User):
    """10 ordered, 4 delivered: amended to 15, 11 are open; a new line is open as a whole."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    await followed(anna, order, "DELIVERY_NOTE", (order["lines"][0], "4"))
    order = await look(anna, order)

    amended = await rewrite(
        anna, "amend", order, kept(order["lines"][0], quantity="15"), wheat("2")
    )

    assert progress(amended.made) == [
        ("0", "4", "0", "0", "0", "11"),
        ("0", "0", "0", "0", "0", "2"),
    ]
    rest = await followed(anna, amended.made, "DELIVERY_NOTE")
    assert [plain(each["quantity"]) for each in rest["lines"]] == ["11", "2"]


async def test_an_amended_order_tells_the_offer_what_is_taken_of_it_now(anna: User):
    """And it does not take more than the offer has."""
    offer = await posted(anna, "SALES_OFFER", wheat("10"))
    order = await followed(anna, offer, "SALES_ORDER", (offer["lines"][0], "4"))

    order = (await rewrite(anna, "amend", order, kept(order["lines"][0], quantity="7"))).made
    assert progress(await look(anna, offer)) == [("7", "0", "0", "0", "0", "3")]
    too_much = await rewrite(anna, "amend", order, kept(order["lines"][0], quantity="11"))

    assert too_much.problem_codes == ["OPEN_QUANTITY_EXCEEDED"]


async def test_nothing_is_amended_below_what_was_made_of_it(anna: User):
    """Less than delivered, another article, another kind of line, no line: all are refused."""
    item, other = await anna.create_item(), await anna.create_item()
    order = await posted(anna, "SALES_ORDER", {"itemId": item, "quantity": "10"}, wheat("5"))
    await followed(anna, order, "DELIVERY_NOTE", (order["lines"][0], "6"), order["lines"][1])
    order = await look(anna, order)
    first, second = order["lines"]
    whole = kept(second)
    same = kept(first, itemId=item)
    attempts = [
        [{**same, "quantity": "5.999999"}, whole],
        [{**same, "itemId": other}, whole],
        [same, kept(second, unit="KILOGRAM")],
        [same, kept(second, kind="OPTIONAL")],
        [same],
        [same, {"id": second["id"], "kind": "TEXT", "description": "entfällt"}],
        [{**same, "quantity": "-10"}, whole],
    ]

    async with unchanged(anna.erp):
        answers = [await rewrite(anna, "amend", order, *lines) for lines in attempts]

    assert [each.problem_codes for each in answers] == [["AMENDMENT_BELOW_CONVERTED"]] * 7
    assert answers[0].problems[0]["message"] == (
        "Line 1 cannot become less than the 6 TONNE that were already made of it."
    )
    assert (await rewrite(anna, "amend", order, {**same, "quantity": "6"}, whole)).problems == []


async def test_a_draft_made_of_an_order_holds_it_too(anna: User):
    """Discarded, it lets go."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await converted(anna, order, "DELIVERY_NOTE", (order["lines"][0], "8"))
    smaller = kept(order["lines"][0], quantity="7")
    held = await rewrite(anna, "amend", await look(anna, order), smaller)
    assert held.problem_codes == ["AMENDMENT_BELOW_CONVERTED"]

    await verb(anna, "discardDocument", delivery)

    assert (await rewrite(anna, "amend", await look(anna, order), smaller)).problems == []


async def test_drafts_are_updated_and_posted_orders_amended_never_the_other_way_round(anna: User):
    """And what was posted for good is neither."""
    order, written = await posted(anna, "SALES_ORDER"), await draft(anna, "SALES_ORDER")

    answers = [
        await rewrite(anna, "update", order),
        await rewrite(anna, "amend", written),
        await rewrite(anna, "update", await posted(anna, "DELIVERY_NOTE")),
        await rewrite(anna, "amend", order, reason=" "),
    ]

    assert [each.problem_codes for each in answers] == [
        ["TRANSITION_NOT_ALLOWED"],
        ["TRANSITION_NOT_ALLOWED"],
        ["TRANSITION_NOT_ALLOWED"],
        ["REQUIRED"],
    ]


@pytest.mark.parametrize("mode", ["ALWAYS", "BY_RULE"])
async def test_where_orders_are_approved_no_amendment_goes_round_the_four_eyes(
    anna: User, owner: asyncpg.Connection, mode: str
):
    """An amendment is final at once, so the rest is closed and a duplicate approved instead."""
    await owner.execute(
        "update kind_setting set approval = $2 where kind = 'SALES_ORDER' and tenant_id = $1",
        anna.erp.tenant,
        mode,
    )
    martin = await anna.erp.sign_in("martin")
    order = await draft(anna, "SALES_ORDER")
    await anna.submit(order)
    await martin.approve(order)
    order = await post(anna, order)
    actions = "query($id: ID!) { document(id: $id) { availableActions { action allowed } } }"

    for user in (anna, martin):
        answer = await rewrite(user, "amend", order, kept(order["lines"][0], quantity="100"))
        shown = (await user.ask(actions, id=order["id"])).data["document"]["availableActions"]
        assert answer.problem_codes == ["TRANSITION_NOT_ALLOWED"]
        assert {"action": "AMEND", "allowed": False} in shown
    assert (await look(anna, order))["revision"] == 1
    assert (await verb(anna, "closeLines", order, reason="neu")).problems == []


async def test_an_amendment_and_a_conversion_at_once_never_leave_more_delivered_than_ordered(
    anna: User,
):
    """Whoever comes second meets what the first one did."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    start = asyncio.Barrier(2)

    async def amend() -> list[str]:
        await start.wait()
        answer = await rewrite(
            anna, "amend", order, kept(order["lines"][0], quantity="3"), soldTo=customer
        )
        return answer.problem_codes

    async def deliver() -> list[str]:
        await start.wait()
        return (await convert(anna, order, "DELIVERY_NOTE", (order["lines"][0], "5"))).problem_codes

    customer = await anna.create_partner()
    outcomes = await asyncio.gather(amend(), deliver())

    [line] = (await look(anna, order))["lines"]
    assert outcomes in (
        [[], ["OPEN_QUANTITY_EXCEEDED"]],
        [["VERSION_CONFLICT"], []],
    )
    assert (plain(line["quantity"]), plain(line["openQuantity"])) == (
        ("3", "3") if outcomes[0] == [] else ("10", "5")
    )


# ------------------------------------------------------------------------------------ remainders


async def test_a_closed_rest_is_open_no_more_until_it_is_reopened(anna: User):
    """The list of open orders follows; what was delivered stays delivered and is invoiced."""
    order = await posted(anna, "SALES_ORDER", wheat("10"), wheat("5"))
    delivery = await followed(anna, order, "DELIVERY_NOTE", (order["lines"][0], "4"))
    await followed(anna, delivery, "SALES_INVOICE")
    order = await look(anna, order)
    number = order["number"]
    assert number in await open_documents(anna, True)

    order = (await verb(anna, "closeLines", order, reason="Ernte vorbei")).made

    assert [(line["isClosed"], line["closedReason"]) for line in order["lines"]] == [
        (True, "Ernte vorbei")
    ] * 2
    assert progress(order) == [("0", "4", "4", "0", "0", "0"), ("0", "0", "0", "0", "0", "0")]
    assert number in await open_documents(anna, False)
    second = [order["lines"][1]["id"]]
    order = (await verb(anna, "reopenLines", order, lineIds=second, reason="doch")).made
    assert [line[-1] for line in progress(order)] == ["0", "5"]
    assert number in await open_documents(anna, True)
    assert (await followed(anna, order, "DELIVERY_NOTE"))["net"] == "1000.00"
    assert (await anna.erp.journal_types(order["id"])).count("SalesOrderLinesClosed") == 1


@pytest.mark.parametrize(
    "kind", ["SALES_OFFER", "SALES_CONTRACT", "GOODS_RECEIPT", "CUSTOMER_RETURN", "PURCHASE_ORDER"]
)
async def test_whatever_waits_can_be_ended(anna: User, kind: str):
    """Also a return that is replaced by goods, which waits for a credit note else for ever."""
    period = {"validFrom": "2026-11-01", "validUntil": "2027-11-01"}
    document = await posted(anna, kind, **(period if "CONTRACT" in kind else {}))
    assert await open_documents(anna, True) == [document["number"]]

    closed = (await verb(anna, "closeLines", document, reason="erledigt")).made

    assert progress(closed)[0][-1] == "0"
    assert await open_documents(anna, True) == []


async def test_what_is_not_open_is_not_closed_and_what_is_not_closed_not_reopened(anna: User):
    """Each by name; texts have nothing open, lines of other documents are unknown."""
    order = await posted(anna, "SALES_ORDER", wheat("10"), {"kind": "TEXT", "description": "Eilig"})
    other = await posted(anna, "SALES_ORDER", wheat("1"))
    line, words = (each["id"] for each in order["lines"])
    foreign = other["lines"][0]["id"]
    say: dict[str, Any] = {"reason": "erledigt"}

    answers = [
        await verb(anna, "reopenLines", order, **say),
        await verb(anna, "reopenLines", order, lineIds=[line], **say),
        await verb(anna, "closeLines", order, lineIds=[words], **say),
        await verb(anna, "closeLines", order, lineIds=[foreign], **say),
        await verb(anna, "closeLines", order, reason=" "),
        await verb(anna, "closeLines", await posted(anna, "SALES_INVOICE"), **say),
        await verb(anna, "closeLines", await draft(anna, "SALES_ORDER"), **say),
    ]
    closed = (await verb(anna, "closeLines", order, lineIds=[line], **say)).made
    answers.append(await verb(anna, "closeLines", closed, lineIds=[line], **say))

    assert [each.problem_codes for each in answers] == [
        ["LINE_NOT_CLOSED"],
        ["LINE_NOT_CLOSED"],
        ["LINE_ALREADY_CLOSED"],
        ["NOT_FOUND"],
        ["REQUIRED"],
        ["TRANSITION_NOT_ALLOWED"],
        ["TRANSITION_NOT_ALLOWED"],
        ["LINE_ALREADY_CLOSED"],
    ]
