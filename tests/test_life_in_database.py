"""What a client is told to do with documents, through the door."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import KINDS, Action, ApprovalMode, State
from domain.documents.life import BESIDE, BY_ITSELF, is_known
from tests.companies import found_without_approval
from tests.erp import Erp, User
from tests.test_life import TABLES

AVAILABLE = "query($id: ID!) { document(id: $id) { availableActions { action allowed code } } }"


async def available(user: User, document: dict[str, Any]) -> dict[str, tuple[bool, str | None]]:
    """Return what a user is told of each action: whether it is allowed, and why not."""
    answer = (await user.ask(AVAILABLE, id=document["id"])).data["document"]
    return {each["action"]: (each["allowed"], each["code"]) for each in answer["availableActions"]}


@pytest.mark.parametrize("mode", [ApprovalMode.ALWAYS, ApprovalMode.NONE])
async def test_a_refusal_names_what_the_company_allows_instead(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession, mode: Any
):
    """Where no approval is asked for, a draft is not told to be submitted but to be posted."""
    erp = await Erp.found(server, owner, http, mode)
    anna, martin = await erp.sign_in(), await erp.sign_in("martin")
    invoice = await anna.create_invoice()
    told = "problems { ... on TransitionNotAllowed { state action allowedActions } }"

    answer = await martin.do(
        "approveDocument", told, id=invoice["id"], expectedVersion=invoice["version"]
    )

    [problem] = answer.problems
    assert (problem["state"], problem["action"], problem["allowedActions"].split(", ")) == (
        "DRAFT",
        "APPROVE",
        list(TABLES[mode][State.DRAFT]),
    )
    await erp.check_books()


async def test_what_is_shown_as_available_is_done_when_it_is_tried(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
):
    """Posting asks for the day of supply, and availableActions says so before it is tried."""
    erp = await found_without_approval(server, owner, http)
    anna = await erp.sign_in()
    invoice = await anna.create_invoice(supplyDate=None)

    told = (await available(anna, invoice))["POST"]

    assert (await anna.post(invoice)).problem_codes == ["SUPPLY_DATE_MISSING"]
    assert told == (False, "SUPPLY_DATE_MISSING")


LACKING = {
    "SALES_INVOICE": ("supplyDate", "SUPPLY_DATE_MISSING"),
    "SALES_CREDIT_NOTE": ("supplyDate", "SUPPLY_DATE_MISSING"),
    "SELF_BILLED_INVOICE": ("supplyDate", "SUPPLY_DATE_MISSING"),
    "SUPPLIER_INVOICE": ("externalNumber", "EXTERNAL_NUMBER_MISSING"),
    "SUPPLIER_CREDIT_NOTE": ("externalNumber", "EXTERNAL_NUMBER_MISSING"),
    "SALES_CONTRACT": ("validUntil", "NEEDED_TO_POST"),
    "PURCHASE_CONTRACT": ("validFrom", "NEEDED_TO_POST"),
    "OUTGOING_PAYMENT": ("note", "TRANSITION_NOT_ALLOWED"),  # somebody else approves it first
}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_shows_its_actions_and_what_posting_lacks(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession, kind: str
):
    """Whatever the kind asks for: availableActions refuse with the problem that posting gives."""
    erp = await found_without_approval(server, owner, http)
    anna = await erp.sign_in()
    field, code = LACKING.get(kind, ("note", None))
    document = await anna.create(kind, **{field: None})

    told = await available(anna, document)
    posted = await anna.post(document)

    assert list(told) == [
        action
        for action in Action
        if action not in {Action.READ, Action.CREATE, *BY_ITSELF, *BESIDE}
        and is_known(KINDS[kind], action)
    ]
    assert told["POST"] == (code is None, code)
    assert posted.problem_codes == ([code] if code else [])
    await erp.check_books()


async def test_an_invoice_that_waits_is_decided_though_approvals_were_given_up_meanwhile(
    erp: Erp, owner: asyncpg.Connection
):
    """It is shown as possible, and it is possible; otherwise the invoice would wait for ever."""
    anna, martin = await erp.sign_in(), await erp.sign_in("martin")
    invoice = await anna.create_invoice()
    await anna.submit(invoice)

    await owner.execute(
        "update kind_setting set approval = 'NONE' where tenant_id = $1", erp.tenant
    )
    told = await available(martin, invoice)
    await martin.approve(invoice)

    assert invoice["state"] == "APPROVED"
    allowed = [action for action, (is_allowed, _) in told.items() if is_allowed]
    assert allowed == ["APPROVE", "REJECT", "REASSIGN"]
