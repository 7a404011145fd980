"""The life of invoices through the door: random walks against the real database, and a model."""

import itertools
import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import KINDS, Action, ApprovalMode, State
from domain.documents.life import BESIDE, BY_ITSELF, is_known
from persistence.identity import user_id
from tests.companies import found_without_approval
from tests.erp import DOCUMENT, Answer, Erp, User
from tests.test_life import TABLES
from web.development import ISSUER

WALKS, STEPS = 15, 12
SUPPLIED = ["2026-11-18", "2026-11-19", None]
MAKES_AUTHOR = {"UPDATE", "SUBMIT", "DISCARD"}
WRITES = MAKES_AUTHOR | {"RECORD_SENT", "REASSIGN", "CONVERT"}
MAY = {"operator": WRITES, "manager": WRITES | {"APPROVE", "REJECT"}}
MAY["accountant"] = MAY["manager"] | {"POST", "CANCEL", "SETTLE", "UNSETTLE"}
ROLES = {"olga": "operator", "martin": "manager", "anke": "accountant"}
PAST = {
    "UPDATE": "Updated",
    "SUBMIT": "Submitted",
    "APPROVE": "Approved",
    "REJECT": "Rejected",
    "POST": "Posted",
    "DISCARD": "Discarded",
    "RECORD_SENT": "Sent",
    "REASSIGN": "Reassigned",
    "CANCEL": "Cancelled",
}
SETTLING = {"SETTLE", "UNSETTLE"}
FORETOLD = [*PAST, "CONVERT", *SETTLING]  # those take another document
OFTEN = {"SUBMIT": 4, "APPROVE": 4, "POST": 4}  # else most walks would end before they got there
OFTEN |= {"DONE": 4, "FOUR_EYES_VIOLATION": 2, "SUPPLY_DATE_MISSING": 2}
SHOWN = """query($id: ID!) { document(id: $id) { state version number postingDate
  ... on SalesInvoice { supplyDate seller { name } } cancelledBy { number net }
  authors { user { name } } history { totalCount nodes { type version } }
  availableActions { action allowed code } } }"""


@dataclass(slots=True)
class Known:
    """What the model knows of an invoice."""

    id: str
    mode: ApprovalMode
    authors: set[str]
    supplied: str | None
    state: State = State.DRAFT
    version: int = 1
    number: str | None = None
    counter: str | None = None  # the number of what took it back
    told: list[tuple[str, int]] = field(default_factory=lambda: [("SalesInvoiceCreated", 1)])

    def obstacle(self, action: str, who: str, seen: int) -> str | None:
        """Return the code of the problem that `action` must meet; None: it is done."""
        if action not in MAY[ROLES[who]]:
            return "FORBIDDEN"
        if seen != self.version:
            return "VERSION_CONFLICT"
        if action not in TABLES[self.mode][self.state]:
            return "TRANSITION_NOT_ALLOWED"
        if action == "APPROVE" and who in self.authors:
            return "FOUR_EYES_VIOLATION"
        if self.counter and action in ("CANCEL", "CONVERT"):
            return "ALREADY_CANCELLED" if action == "CANCEL" else "SOURCE_CANCELLED"
        if action == "SETTLE" and self.counter:
            return "FULLY_SETTLED"
        if action == "UNSETTLE":
            return "SETTLED_BY_CANCELLATION" if self.counter else "NOTHING_SETTLED"
        lacks = action in ("SUBMIT", "POST") and not self.supplied
        return "SUPPLY_DATE_MISSING" if lacks else None

    def done(self, action: str, who: str, supplied: str | None, numbers_before: int) -> None:
        """Take over what an accepted verb does."""
        self.state = State(TABLES[self.mode][self.state][action])
        self.version += 1
        self.told.append((f"SalesInvoice{PAST[action]}", self.version))
        if action in MAKES_AUTHOR:
            self.authors.add(who)
        if action == "UPDATE":
            self.supplied = supplied
        next_number = f"INV-2026-{numbers_before + 1:05}"
        if action == "POST":
            self.number = next_number
        if action == "CANCEL":
            self.counter = next_number
            self.told.append(("SalesInvoiceSettled", self.version))  # by what took it back

    def shown_to(self, who: str) -> dict[str, Any]:
        """Return what SHOWN must answer."""
        obstacles = {action: self.obstacle(action, who, self.version) for action in FORETOLD}
        posted = self.state is State.POSTED
        return {
            "state": self.state,
            "version": self.version,
            "number": self.number,
            "postingDate": "2026-11-20" if posted else None,
            "supplyDate": self.supplied,
            "seller": {"name": "Prüfstand GmbH"} if posted else None,
            "cancelledBy": self.counter and {"number": self.counter, "net": "-100.00"},
            "authors": sorted(self.authors),
            "history": {
                "totalCount": len(self.told),
                "nodes": [{"type": t, "version": n} for t, n in self.told],
            },
            "availableActions": {
                action: (code is None, code) for action, code in obstacles.items()
            },
        }


async def shown(user: User, id: str) -> dict[str, Any]:
    """Return what a user sees of a document, authors sorted, actions by name."""
    document: dict[str, Any] = (await user.ask(SHOWN, id=id)).data["document"]
    document["authors"] = sorted(author["user"]["name"] for author in document["authors"])
    document["availableActions"] = {
        each["action"]: (each["allowed"], each["code"])
        for each in document["availableActions"]
        if each["action"] != "PRINT"  # tests of printing know who may
    }
    return document


async def tried(user: User, action: str, id: str, version: int, facts: dict[str, Any]) -> Answer:
    """Try a verb. `facts` is the content of an update."""
    if action == "UPDATE":
        seen = {"id": id, "expectedVersion": version}
        return await user.do("updateSalesInvoice", "salesInvoice { id }", **facts, **seen)
    own_id = f"usr_{user_id(ISSUER, f'{user.name}@{user.erp.tenant}')}"
    mutation, more = {
        "REJECT": ("rejectDocument", {"reason": "zu teuer"}),
        "CANCEL": ("cancelDocument", {"reason": "Zahlendreher"}),
        "RECORD_SENT": ("recordSent", {"channel": "PDF_MAIL"}),
        "REASSIGN": ("reassignDocument", {"responsible": own_id}),
    }.get(action, (f"{action.lower()}Document", {}))
    return await user.do(mutation, DOCUMENT, id=id, expectedVersion=version, **more)


class Walk:
    """Three users with different rights, a few invoices, and the model of them."""

    def __init__(self, erp: Erp, mode: ApprovalMode, seed: int) -> None:
        self.erp, self.mode, self.random = erp, mode, random.Random(seed)
        self.users: dict[str, User] = {}
        self.known: list[Known] = []

    async def begin(self) -> None:
        """Let the three sign in, and find them a customer."""
        for name, role in ROLES.items():
            self.users[name] = await self.erp.sign_in(name, roles=(role,))
        self.partner = await self.users["olga"].create_partner()

    async def step(self) -> None:
        """Let somebody do something, of every fate that there is; then look at the document."""
        if all(each.state in (State.POSTED, State.DISCARDED) for each in self.known):
            await self.create()
        known = self.random.choice([*self.known, *self.known[-1:] * 3])
        fates: dict[str, list[tuple[str, str]]] = {}
        for action, who in itertools.product(PAST, self.users):
            fate = known.obstacle(action, who, known.version) or "DONE"
            fates.setdefault(fate, []).extend([(action, who)] * OFTEN.get(action, 1))
        fate = self.random.choice([each for each in fates for _ in range(OFTEN.get(each, 1))])
        action, who = self.random.choice(fates[fate])
        seen = known.version - (self.random.random() < 0.1)
        await self.attempt(known, action, who, seen)
        viewer = self.random.choice(list(self.users))
        seen_now, expected = await shown(self.users[viewer], known.id), known.shown_to(viewer)
        assert seen_now == expected

    async def create(self) -> None:
        """Begin another invoice."""
        who = self.random.choice(list(self.users))
        supplied = self.random.choice(SUPPLIED)
        made = await self.users[who].create_invoice(soldTo=self.partner, supplyDate=supplied)
        self.known.append(Known(made["id"], self.mode, {who}, supplied))

    async def attempt(self, known: Known, action: str, who: str, seen: int) -> None:
        """Try a verb and hold the answer against the model; a refusal leaves no trace."""
        supplied = self.random.choice(SUPPLIED)
        facts = await self.users[who].invoice_input(soldTo=self.partner, supplyDate=supplied)
        obstacle = known.obstacle(action, who, seen)
        before = await self.erp.state_of_database() if obstacle else None

        answer = await tried(self.users[who], action, known.id, seen, facts)

        codes = answer.error_codes or answer.problem_codes
        assert codes == ([obstacle] if obstacle else [])
        if obstacle:
            assert await self.erp.state_of_database() == before
        else:
            known.done(action, who, supplied, len(self.numbers()))

    def numbers(self) -> list[str]:
        """Return the numbers that were given, sorted."""
        given = [number for known in self.known for number in (known.number, known.counter)]
        return sorted(number for number in given if number)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WALKS))
async def test_any_walk_through_the_life_of_invoices_goes_as_the_model_foretells(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession, seed: int
):
    """The version grows by one per accepted verb, in the journal too; a refusal leaves nothing."""
    mode = (ApprovalMode.ALWAYS, ApprovalMode.BY_RULE, ApprovalMode.NONE)[seed % 3]
    erp = await Erp.found(server, owner, http, mode)
    walk = Walk(erp, mode, seed)
    await walk.begin()

    for _ in range(STEPS):
        await walk.step()

    for known in walk.known:
        assert await erp.journal_types(known.id) == [type for type, _ in known.told]
    accepted = sum(len(known.told) for known in walk.known)
    counters = sum(known.counter is not None for known in walk.known)
    # And the partner; a counter document is created, posted and settled at once.
    assert len(await erp.journal()) == accepted + 1 + 3 * counters
    assert await erp.numbers() == walk.numbers()
    await erp.check_books()


# ------------------------------------------------------------------- what a client is told to do


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

    available = (await shown(anna, invoice["id"]))["availableActions"]["POST"]

    assert (await anna.post(invoice)).problem_codes == ["SUPPLY_DATE_MISSING"]
    assert available == (False, "SUPPLY_DATE_MISSING")


LACKING = {
    "SALES_INVOICE": ("supplyDate", "SUPPLY_DATE_MISSING"),
    "SALES_CREDIT_NOTE": ("supplyDate", "SUPPLY_DATE_MISSING"),
    "SELF_BILLED_INVOICE": ("supplyDate", "SUPPLY_DATE_MISSING"),
    "SUPPLIER_INVOICE": ("externalNumber", "EXTERNAL_NUMBER_MISSING"),
    "SUPPLIER_CREDIT_NOTE": ("externalNumber", "EXTERNAL_NUMBER_MISSING"),
    "SALES_CONTRACT": ("validUntil", "REQUIRED"),
    "PURCHASE_CONTRACT": ("validFrom", "REQUIRED"),
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
    asked = "query($id: ID!) { document(id: $id) { availableActions { action allowed code } } }"

    answer = (await anna.ask(asked, id=document["id"])).data["document"]["availableActions"]
    posted = await anna.post(document)

    told = {each["action"]: (each["allowed"], each["code"]) for each in answer}
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
    available = (await shown(martin, invoice["id"]))["availableActions"]
    await martin.approve(invoice)

    assert invoice["state"] == "APPROVED"
    allowed = [action for action, (is_allowed, _) in available.items() if is_allowed]
    assert allowed == ["APPROVE", "REJECT", "REASSIGN"]
