"""Where costs without an item belong: account and cost centre on what suppliers bill and credit."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import KINDS
from tests.chains import converted, draft, post, posted, rewrite, verb
from tests.companies import found_without_approval
from tests.erp import COSTS, Erp, User

BILLS = ["SUPPLIER_INVOICE", "SUPPLIER_CREDIT_NOTE"]
RENT = {"description": "Miete Halle 2", "quantity": "1", "unit": "PIECE", "unitPrice": "100"}
RENT |= {"taxCategory": "S", "taxRate": "19"}
FREIGHT = {"kind": "CHARGE", "description": "Fracht", "unitPrice": "80"}
FREIGHT |= {"taxCategory": "S", "taxRate": "19"}


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


def test_the_table_of_kinds_says_who_books_costs():
    """Nobody else: an order costs nothing yet, and a self-billed invoice pays for goods."""
    assert [kind.name for kind in KINDS.values() if kind.books_costs] == BILLS


@pytest.mark.parametrize("kind", BILLS)
@pytest.mark.parametrize("line", [RENT, FREIGHT])
@pytest.mark.parametrize(
    ("given", "missing"),
    [({}, "account"), ({"account": "4210"}, "costCentre"), ({"costCentre": "HALLE"}, "account")],
)
async def test_costs_without_account_or_cost_centre_stay_a_draft(
    anna: User, kind: str, line: dict[str, str], given: dict[str, str], missing: str
):
    """The path leads to the field of the line; texts between the lines need neither."""
    words = {"kind": "TEXT", "description": "Laut Vertrag vom 1.2.2024"}
    document = await draft(anna, kind, {**RENT, **COSTS}, words, {**line, **given})

    [problem] = (await anna.post(dict(document))).problems

    assert problem["code"] == "COSTS_UNASSIGNED"
    assert problem["message"].startswith("Line 3 names no item")
    assert problem["path"] == ["input", "lines", "2", missing]


@pytest.mark.parametrize("kind", BILLS)
async def test_costs_are_posted_with_account_and_cost_centre(anna: User, kind: str):
    """Written down later, they stand on the line for good."""
    document = await draft(anna, kind, RENT)
    [line] = document["lines"]
    supplier = await _supplier(anna, document)
    facts = {"supplier": supplier, "externalNumber": "R-7", "supplyDate": "2026-11-18"}

    lacking = {**RENT, "id": line["id"], "account": "4210", "costCentre": "HALLE"}
    await post(anna, (await rewrite(anna, "update", document, lacking, **facts)).made)

    asked = "query($id: ID!) { document(id: $id) { state lines { account costCentre } } }"
    assert (await anna.ask(asked, id=document["id"])).data["document"] == {
        "state": "POSTED",
        "lines": [{"account": "4210", "costCentre": "HALLE"}],
    }


@pytest.mark.parametrize("kind", BILLS)
async def test_an_item_leads_to_its_account_itself(anna: User, kind: str):
    """A line with an item needs neither."""
    item = await anna.create_item()

    document = await posted(anna, kind, {"itemId": item, "quantity": "2", "unitPrice": "190"})

    assert document["state"] == "POSTED"


@pytest.mark.parametrize("kind", ["SALES_INVOICE", "PURCHASE_ORDER", "GOODS_RECEIPT"])
async def test_no_other_kind_asks_for_them(anna: User, kind: str):
    """What we sell, order and receive is posted without."""
    assert (await posted(anna, kind, RENT))["state"] == "POSTED"


async def test_what_the_order_says_travels_to_the_bill(anna: User):
    """A rent ordered for a cost centre is billed for it; one ordered without is asked for."""
    order = await posted(anna, "PURCHASE_ORDER", {**RENT, **COSTS}, RENT)
    first, second = order["lines"]
    bill = await converted(anna, order, "SUPPLIER_INVOICE", first)
    other = await converted(anna, order, "SUPPLIER_INVOICE", second)

    answers = [
        await anna.post(await _complete(anna, each, number))
        for each, number in ((bill, "R-1"), (other, "R-2"))
    ]

    assert [answer.problem_codes for answer in answers] == [[], ["COSTS_UNASSIGNED"]]


async def test_submitting_asks_as_posting_does(erp: Erp):
    """What is approved cannot be completed any more; the bulk verb leaves it out alike."""
    anna = await erp.sign_in()
    changed = await anna.do(
        "setApprovalMode",
        "company { id }",
        kind="SUPPLIER_INVOICE",
        approval="ALWAYS",
        expectedVersion=1,
    )
    assert changed.problems == []
    document = await draft(anna, "SUPPLIER_INVOICE", RENT)

    one = await anna.submit(dict(document))
    many = await anna.do("submitDocuments", "items { problems { code } }", ids=[document["id"]])

    assert one.problem_codes == ["COSTS_UNASSIGNED"]
    [payload] = many.data.values()
    assert [item["problems"] for item in payload["items"]] == [[{"code": "COSTS_UNASSIGNED"}]]


async def test_a_bill_without_them_is_cancelled_all_the_same(anna: User):
    """What was posted before they were asked for can still be taken back."""
    document = await posted(anna, "SUPPLIER_INVOICE", {**RENT, **COSTS})

    answer = await verb(anna, "cancelDocument", document, reason="falscher Lieferant")

    assert answer.made["isCancellation"] is True


async def _supplier(user: User, document: dict[str, Any]) -> str:
    asked = "query($id: ID!) { document(id: $id) { partner { id } } }"
    partner: str = (await user.ask(asked, id=document["id"])).data["document"]["partner"]["id"]
    return partner


async def _complete(user: User, document: dict[str, Any], number: str) -> dict[str, Any]:
    """Write down what the paper says, the lines as they are."""
    lines = [{name: line[name] for name in ("id", "quantity")} for line in document["lines"]]
    more = {"externalNumber": number, "supplyDate": "2026-11-18"}
    made: dict[str, Any] = (await rewrite(user, "update", document, *lines, **more)).made
    return made
