"""The life of invoices through the door: random walks against the real database, and a model."""

import itertools
import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import ApprovalMode, State
from tests.companies import found_without_approval
from tests.erp import DOCUMENT, Answer, Erp, User
from tests.test_life import TABLES

WALKS, STEPS = 15, 12
SUPPLIED = ["2026-11-18", "2026-11-19", None]
WRITES = {"UPDATE", "SUBMIT", "DISCARD"}
MAY = {"operator": WRITES, "manager": WRITES | {"APPROVE", "REJECT"}}
MAY["accountant"] = MAY["manager"] | {"POST"}
ROLES = {"olga": "operator", "martin": "manager", "anke": "accountant"}
PAST = {
    "UPDATE": "Updated",
    "SUBMIT": "Submitted",
    "APPROVE": "Approved",
    "REJECT": "Rejected",
    "POST": "Posted",
    "DISCARD": "Discarded",
}
OFTEN = {"SUBMIT": 4, "APPROVE": 4, "POST": 4}  # else most walks would end before they got there
OFTEN |= {"DONE": 4, "FOUR_EYES_VIOLATION": 2, "SUPPLY_DATE_MISSING": 2}
SHOWN = """query($id: ID!) { document(id: $id) { state version number postingDate supplyDate
  seller { name } authors { user { name } } history { totalCount nodes { type version } }
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
    told: list[str] = field(default_factory=lambda: ["SalesInvoiceCreated"])

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
        lacks = action in ("SUBMIT", "POST") and not self.supplied
        return "SUPPLY_DATE_MISSING" if lacks else None

    def done(self, action: str, who: str, supplied: str | None, posted_before: int) -> None:
        """Take over what an accepted verb does."""
        self.state = State(TABLES[self.mode][self.state][action])
        self.version += 1
        self.told.append(f"SalesInvoice{PAST[action]}")
        if action in WRITES:
            self.authors.add(who)
        if action == "UPDATE":
            self.supplied = supplied
        if action == "POST":
            self.number = f"INV-2026-{posted_before + 1:05}"

    def shown_to(self, who: str) -> dict[str, Any]:
        """Return what SHOWN must answer."""
        obstacles = {action: self.obstacle(action, who, self.version) for action in PAST}
        posted = self.state is State.POSTED
        return {
            "state": self.state,
            "version": self.version,
            "number": self.number,
            "postingDate": "2026-11-20" if posted else None,
            "supplyDate": self.supplied,
            "seller": {"name": "Prüfstand GmbH"} if posted else None,
            "authors": sorted(self.authors),
            "history": {
                "totalCount": self.version,
                "nodes": [{"type": t, "version": n} for n, t in enumerate(self.told, 1)],
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
        each["action"]: (each["allowed"], each["code"]) for each in document["availableActions"]
    }
    return document


async def tried(user: User, action: str, id: str, version: int, facts: dict[str, Any]) -> Answer:
    """Try a verb. `facts` is the content of an update."""
    if action == "UPDATE":
        seen = {"id": id, "expectedVersion": version}
        return await user.do("updateSalesInvoice", "salesInvoice { id }", **facts, **seen)
    more = {"reason": "zu teuer"} if action == "REJECT" else {}
    return await user.do(
        f"{action.lower()}Document", DOCUMENT, id=id, expectedVersion=version, **more
    )


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
            posted = sum(each.state is State.POSTED for each in self.known)
            known.done(action, who, supplied, posted)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WALKS))
async def test_any_walk_through_the_life_of_invoices_goes_as_the_model_foretells(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession, seed: int
):
    """Version and journal grow by one per accepted verb; a refused one changes no byte."""
    mode = (ApprovalMode.ALWAYS, ApprovalMode.BY_RULE, ApprovalMode.NONE)[seed % 3]
    erp = await Erp.found(server, owner, http, mode)
    walk = Walk(erp, mode, seed)
    await walk.begin()

    for _ in range(STEPS):
        await walk.step()

    for known in walk.known:
        assert await erp.journal_types(known.id) == known.told
    accepted = sum(known.version for known in walk.known)
    assert len(await erp.journal()) == accepted + 1  # and the partner
    assert await erp.numbers() == sorted(k.number for k in walk.known if k.number)
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
    assert allowed == ["APPROVE", "REJECT"]
