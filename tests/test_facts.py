"""Facts people record about posted documents: sent, answered, received, handed on."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import KINDS, Action
from tests.chains import draft, look, plain, posted, verb, wheat
from tests.companies import found_without_approval
from tests.erp import Answer, User

PERIOD = {"validFrom": "2026-11-01", "validUntil": "2027-11-01"}
FACTS: dict[Action, tuple[str, dict[str, Any]]] = {
    Action.RECORD_SENT: ("recordSent", {"channel": "PDF_MAIL"}),
    Action.RECORD_ANSWER: ("recordAnswer", {"answer": "ACCEPTED"}),
    Action.CONFIRM_RECEIVED: ("confirmReceived", {}),
    Action.CLOSE_LINES: ("closeLines", {"reason": "erledigt"}),
}
ASKED = ("SALES_INQUIRY", "SALES_OFFER", "PURCHASE_INQUIRY", "SUPPLIER_OFFER")
MOVED = ("DELIVERY_NOTE", "GOODS_RECEIPT")
CAME = ("SUPPLIER_OFFER", "GOODS_RECEIPT", "SUPPLIER_INVOICE", "SUPPLIER_CREDIT_NOTE")
PAID = ("INCOMING_PAYMENT", "OUTGOING_PAYMENT")
WAITING = (
    "SALES_OFFER",
    "SALES_CONTRACT",
    "SALES_ORDER",
    "DELIVERY_NOTE",
    "CUSTOMER_RETURN",
    "SUPPLIER_OFFER",
    "PURCHASE_CONTRACT",
    "PURCHASE_ORDER",
    "GOODS_RECEIPT",
    "SUPPLIER_RETURN",
)


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def numbers(user: User, filter: str) -> list[str]:
    """Return the numbers of the posted documents that pass a filter, sorted."""
    asked = "{ documents(filter: {state: {in: [POSTED]}, %s}) { nodes { number } } }"
    return sorted(
        each["number"] for each in (await user.ask(asked % filter)).data["documents"]["nodes"]
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_takes_the_facts_that_make_sense_for_it(anna: User, kind: str):
    """What came from outside is not sent, nor is money; only offers are answered, goods arrive."""
    document = await posted(anna, kind, **(PERIOD if "CONTRACT" in kind else {}))
    taken = set()

    for action, (mutation, more) in FACTS.items():
        answer = await verb(anna, mutation, document, **more)
        assert answer.problem_codes in ([], ["TRANSITION_NOT_ALLOWED"])
        if not answer.problems:
            taken.add(action)
            document = answer.made

    assert taken == {
        *([] if kind in (*CAME, *PAID) else [Action.RECORD_SENT]),
        *([Action.RECORD_ANSWER] if kind in ASKED else []),
        *([Action.CONFIRM_RECEIVED] if kind in MOVED else []),
        *([Action.CLOSE_LINES] if kind in WAITING else []),
    }


async def test_no_fact_is_recorded_of_a_draft(anna: User):
    """It has not left the house."""
    offer, delivery = await draft(anna, "SALES_OFFER"), await draft(anna, "DELIVERY_NOTE")

    answers = [
        await verb(anna, "recordSent", offer, channel="PRINT"),
        await verb(anna, "recordAnswer", offer, answer="ACCEPTED"),
        await verb(anna, "confirmReceived", delivery),
    ]

    assert [each.problem_codes for each in answers] == [["TRANSITION_NOT_ALLOWED"]] * 3


async def test_what_was_sent_shows_when_and_the_journal_knows_how(anna: User):
    """Sent again, the newest time counts; the list of what was not sent gets shorter."""
    invoice, other = await posted(anna, "SALES_INVOICE"), await posted(anna, "SALES_INVOICE")
    assert await numbers(anna, "isSent: false") == [invoice["number"], other["number"]]

    first = (await verb(anna, "recordSent", invoice, channel="E_INVOICE")).made
    await verb(anna, "recordSent", first, channel="PRINT")

    assert await numbers(anna, "isSent: true") == [invoice["number"]]
    assert await numbers(anna, "isSent: false") == [other["number"]]
    sent = [row for row in await anna.erp.journal() if row["type"] == "SalesInvoiceSent"]
    assert ['"channel":"E_INVOICE"' in sent[0]["body"], '"channel":"PRINT"' in sent[1]["body"]] == [
        True,
        True,
    ]
    assert (await look(anna, invoice))["version"] == 4


async def test_a_declined_offer_needs_the_reason(anna: User):
    """Why it was lost is what one learns from; accepted and expired may do without."""
    offers = [await posted(anna, "SALES_OFFER") for _ in range(3)]
    bare = await verb(anna, "recordAnswer", offers[0], answer="DECLINED", reason="  ")
    assert (bare.problem_codes, bare.problems[0]["path"]) == (["REQUIRED"], ["input", "reason"])

    await verb(anna, "recordAnswer", offers[0], answer="DECLINED", reason="zu teuer")
    await verb(anna, "recordAnswer", offers[1], answer="EXPIRED")
    await verb(anna, "recordAnswer", offers[2], answer="ACCEPTED")

    shown = "query($id: ID!) { document(id: $id) { ... on SalesOffer { answer answerReason } } }"
    found = (await anna.ask(shown, id=offers[0]["id"])).data["document"]
    assert found == {"answer": "DECLINED", "answerReason": "zu teuer"}
    assert await numbers(anna, "answer: {in: [DECLINED, EXPIRED]}") == [
        offers[0]["number"],
        offers[1]["number"],
    ]
    assert await numbers(anna, "answer: {in: [ACCEPTED]}") == [offers[2]["number"]]


async def confirmed(user: User, delivery: dict[str, Any], *pairs: tuple[str, str]) -> Answer:
    """Say how much of each line arrived."""
    said = [{"lineId": line, "quantity": quantity} for line, quantity in pairs]
    return await verb(user, "confirmReceived", delivery, quantities=said)


async def test_what_arrived_is_kept_beside_what_was_delivered(anna: User):
    """All of it, or each line as the driver counted it; empties count the other way."""
    empties = {"description": "Paletten", "unit": "PIECE", "unitPrice": "12"}
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"), wheat("-4", **empties))
    goods, pallets = (line["id"] for line in delivery["lines"])

    whole = (await verb(anna, "confirmReceived", delivery)).made
    counted = (await confirmed(anna, whole, (goods, "9.98"), (pallets, "-3"))).made

    assert [
        [plain(line["confirmedQuantity"]) for line in each["lines"]]
        for each in (delivery, whole, counted)
    ] == [["", ""], ["10", "-4"], ["9.98", "-3"]]
    assert counted["net"] == delivery["net"]  # the delivery itself is as it was
    nothing = (await confirmed(anna, counted, (goods, "0"))).made
    assert plain(nothing["lines"][0]["confirmedQuantity"]) == "0"


async def test_nothing_arrives_the_wrong_way_round_or_of_words_or_of_other_documents(anna: User):
    """Each is refused at its place."""
    words = {"kind": "TEXT", "description": "Vorsicht"}
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("10"), words)
    other = await posted(anna, "DELIVERY_NOTE")
    goods, text = (line["id"] for line in delivery["lines"])

    answers = [
        await confirmed(anna, delivery, (goods, "-1")),
        await confirmed(anna, delivery, (goods, "1"), (text, "1")),
        await confirmed(anna, delivery, (other["lines"][0]["id"], "1")),
        await confirmed(anna, delivery, (goods, "1.0000001")),
    ]

    assert [each.problem_codes for each in answers] == [
        ["QUANTITY_REVERSED"],
        ["NOT_FOUND"],
        ["NOT_FOUND"],
        ["TOO_PRECISE"],
    ]
    assert answers[1].problems[0]["path"] == ["input", "quantities", "1", "lineId"]


async def test_a_document_is_handed_to_a_colleague_in_any_state_but_discarded(anna: User):
    """The list by who looks after it follows; a stranger is unknown."""
    martin = await anna.erp.sign_in("martin")
    him = (await draft(martin, "SALES_ORDER"))["responsible"]["id"]
    order, written = await posted(anna, "SALES_ORDER"), await draft(anna, "SALES_ORDER")
    gone = (await verb(anna, "discardDocument", await draft(anna, "SALES_ORDER"))).made

    order = (await verb(anna, "reassignDocument", order, responsible=him)).made
    assert (await verb(anna, "reassignDocument", written, responsible=him)).problems == []

    assert order["responsible"]["name"] == "martin"
    assert await numbers(anna, f'responsible: "{him}"') == [order["number"]]
    stranger = "usr_00000000-0000-4000-8000-000000000000"
    answers = [
        await verb(anna, "reassignDocument", gone, responsible=him),
        await verb(anna, "reassignDocument", order, responsible=stranger),
    ]
    assert [each.problem_codes for each in answers] == [["TRANSITION_NOT_ALLOWED"], ["NOT_FOUND"]]
