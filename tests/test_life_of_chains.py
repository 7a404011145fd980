"""The life of documents through the door: whatever people do, a small model foretells it."""

import asyncio
import itertools
import os
from collections.abc import Coroutine
from datetime import datetime
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.documents.kinds import KINDS, ApprovalMode, State
from persistence.identity import user_id
from persistence.tenants import create_tenant
from tests.chains import SHOWN as CHAINED
from tests.chains import kept, plain, progress, wheat, write
from tests.erp import COMPANY, Answer, Erp, User
from tests.life_model import KINDS_MADE, ROLES, TOLERANCE, Known, Line, Model
from web.development import ISSUER

EXAMPLES, STEPS = int(os.environ.get("NEUROERP_LIFE_EXAMPLES", "20")), 25
"""How many companies live, and how long. A nightly run names more, and draws others each time."""

ANSWER_SECONDS_MAX = 30
DONE_OFTEN = 8  # to one of each problem; else nobody would get far
CHAIN = ("SALES_ORDER", "DELIVERY_NOTE", "SALES_INVOICE", "CUSTOMER_RETURN", "SALES_CREDIT_NOTE")
_BEGUN = (State.DRAFT, State.PENDING, State.APPROVED)
PALLETS = {"description": "Paletten", "unit": "PIECE", "unitPrice": "12"}
REASON = "Zahlendreher"
T = TypeVar("T")

SEEN = f"""{{
  all: documents(first: 100) {{ totalCount nodes {{ {CHAINED}
    cancelledBy {{ id number }} authors {{ user {{ name }} }}
    history(first: 100) {{ nodes {{ type version }} }}
    availableActions {{ action allowed code }} }} }}
  open: documents(first: 100, filter: {{hasOpenLines: true}}) {{ nodes {{ id }} }} }}"""


class Chains(RuleBasedStateMachine):
    """A company of three people who do what they like with orders and what follows from them.

    The machine runs in a thread of its own; whatever it asks is asked in the loop of the server.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        server: SimpleNamespace,
        owner: asyncpg.Connection,
        http: aiohttp.ClientSession,
    ) -> None:
        super().__init__()
        self.loop = loop
        self.erp = Erp(server, owner, http)
        self.today = str(datetime.now(ZoneInfo("Europe/Berlin")).date())
        self.viewers = itertools.cycle(ROLES)
        self.seen: dict[str, Any] = {}

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the server's loop do something and return what came of it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(ANSWER_SECONDS_MAX)

    # ------------------------------------------------------------------------------ beginning

    @initialize(
        modes=st.tuples(*(st.sampled_from(["NONE", "NONE", "ALWAYS", "BY_RULE"]) for _ in CHAIN)),
        depth=st.integers(0, 3),
    )
    def found(self, modes: tuple[str, ...], depth: int) -> None:
        """Found a company with a posted order: goods, a part of a tonne, and empties.

        Some of the goods are delivered and billed already, or even came back.
        """
        ruled = {kind: ApprovalMode(mode) for kind, mode in zip(CHAIN, modes, strict=True)}
        facts = {**COMPANY, "over_delivery_tolerance_percent": (TOLERANCE - 1) * 100}
        year = self.today[:4]
        self.wait(create_tenant(self.erp.owner, self.erp.tenant, facts, ruled, year))
        self.model = Model(ruled, int(year))
        self.users: dict[str, User] = {
            name: self.wait(self.erp.sign_in(name, roles=(role,))) for name, role in ROLES.items()
        }
        self.partner = self.wait(self.users["olga"].create_partner())
        order = self.create("SALES_ORDER", "olga", self.today)
        self.finish(order)
        for target in CHAIN[1 : depth + 1]:
            last = self.model.documents[-1]
            line = last.lines[0]
            new = self.follow([last], target, "olga", {line: line.quantity / 2})
            assert new is not None
            self.finish(new)

    def create(self, kind: str, who: str, supplied: str | None) -> Known:
        """Write a draft by hand."""
        dates = {"supplyDate": supplied} if KINDS[kind].is_billing else {}
        lines = [wheat("10"), wheat("5.5"), wheat("-4", **PALLETS)]
        answer = self.wait(write(self.users[who], "create", kind, lines, **self._head(), **dates))
        new = Known(kind, self.model.modes[kind], {who}, supplied=supplied)
        return self.remember(new, answer.made, [None] * len(lines))

    def _head(self) -> dict[str, Any]:
        return {"soldTo": self.partner, "issueDate": self.today}

    def remember(self, new: Known, made: dict[str, Any], sources: list[Line | None]) -> Known:
        """Take a document that was made into the model; its lines are those it came from."""
        new.id = made["id"]
        new.lines = [
            Line(new, each["id"], Decimal(each["quantity"]), Decimal(each["unitPrice"]), source)
            for each, source in zip(made["lines"], sources, strict=True)
        ]
        self.model.progressing(lambda: self.model.documents.append(new))
        return new

    def finish(self, known: Known) -> None:
        """Let whoever may take a document all the way, as far as it goes."""
        for action in ("SUBMIT", "APPROVE", "POST"):
            able = [who for who in ROLES if known.obstacle(action, who) is None]
            if able:
                self.attempt(known, action, able[-1])

    # --------------------------------------------------------------------------------- drawing

    def aim(self, data: Any, action: str, kinds: tuple[str, ...] = CHAIN) -> tuple[Known, str]:
        """Draw a document and somebody, by what becomes of it: it is done, or meets a problem."""
        fates: dict[str, list[tuple[Known, str]]] = {}
        for known, who in itertools.product(reversed(self.model.documents), ROLES):
            if known.kind in kinds:
                fates.setdefault(known.obstacle(action, who) or "", []).append((known, who))
        wanted = [each for each in sorted(fates) for _ in range(1 if each else DONE_OFTEN)]
        fate = data.draw(st.sampled_from(wanted), label="fate")
        return data.draw(st.sampled_from(fates[fate]), label=action)

    def factor(self, data: Any, *tenths: int) -> Decimal:
        """Draw which part of a quantity."""
        return Decimal(data.draw(st.sampled_from(tenths), label="tenths")) / 10

    # ------------------------------------------------------------------------------------ rules

    @rule(data=st.data(), kind=st.sampled_from(KINDS_MADE), who=st.sampled_from([*ROLES]))
    def somebody_writes(self, data: Any, kind: str, who: str) -> None:
        """A draft from nowhere; an invoice may lack the day of supply."""
        supplied = data.draw(st.sampled_from([self.today, None]))
        if len(self.model.documents) < 30:
            self.create(kind, who, supplied)

    @rule(data=st.data(), action=st.sampled_from(["SUBMIT", "APPROVE", "POST"]))
    def it_goes_on(self, data: Any, action: str) -> None:
        """A document takes a step towards being final, or may not."""
        self.attempt(*self._aimed(data, action), stale=data.draw(st.integers(0, 9)) == 9)

    @rule(data=st.data())
    def it_goes_all_the_way(self, data: Any) -> None:
        """What is begun is brought to its end by those who may."""
        begun = [each for each in self.model.documents if each.state in _BEGUN]
        if begun:
            self.finish(data.draw(st.sampled_from(begun)))

    @rule(data=st.data(), action=st.sampled_from(["REJECT", "DISCARD", "RECORD_SENT", "REASSIGN"]))
    def it_goes_back_or_aside(self, data: Any, action: str) -> None:
        """A document is sent back or thrown away, or something is noted of it."""
        self.attempt(*self._aimed(data, action), stale=data.draw(st.integers(0, 9)) == 9)

    def _aimed(self, data: Any, action: str) -> tuple[Known, str, str]:
        known, who = self.aim(data, action)
        return known, action, who

    @rule(
        data=st.data(),
        to=st.integers(0, 1),
        is_whole=st.booleans(),
        two=st.booleans(),
        is_finished=st.booleans(),
    )
    def it_is_converted(
        self, data: Any, to: int, is_whole: bool, two: bool, is_finished: bool
    ) -> None:
        """The next document of the chain is made of one or two: of all that is open, or some."""
        source, who = self.aim(data, "CONVERT", CHAIN[:-1])
        target = KINDS[source.kind].targets[to % len(KINDS[source.kind].targets)]
        beside = [x for x in self.model.documents if x.kind == source.kind and x is not source]
        sources = [source, *(beside[-1:] if two else [])]
        taken: dict[Line, Decimal] = {}
        for each in sources:
            lines = each.lines if is_whole else [data.draw(st.sampled_from(each.lines))]
            for line in lines:
                part = line.quantity * self.factor(data, 1, 3, 5, 11) if not is_whole else None
                taken[line] = self.model.open_to(line, target) if part is None else part

        new = self.follow(sources, target, who, taken, is_whole=is_whole)

        if new and is_finished:
            self.finish(new)

    def follow(
        self,
        sources: list[Known],
        target: str,
        who: str,
        taken: dict[Line, Decimal],
        *,
        is_whole: bool = False,
    ) -> Known | None:
        """Convert these quantities; returns the draft, or None where the model foretold a no."""
        new = Known(target, self.model.modes[target], {who}, supplied=self._day(sources, target))
        new.lines = [
            Line(new, "", quantity, line.price, line)
            for line, quantity in taken.items()
            if quantity
        ]
        obstacle = self.model.obstacle_to_convert(sources, new, picked=not is_whole)
        picks = [{"lineId": line.id, "quantity": str(quantity)} for line, quantity in taken.items()]
        input = {"ids": [each.id for each in sources], "to": target}
        input |= {} if is_whole else {"lines": picks}

        answer = self.tried(who, "convertDocument", obstacle, **input)

        if obstacle:
            return None
        asked = [line.quantity for line in new.lines]
        self.remember(new, answer.made, [line.source for line in new.lines])
        assert [line.quantity for line in new.lines] == asked
        return new

    def _day(self, sources: list[Known], target: str) -> str | None:
        """Return the day of supply that a follow-up inherits; goods move on a day of their own."""
        if target in ("DELIVERY_NOTE", "CUSTOMER_RETURN"):
            return self.today
        days = [each.supplied for each in sources if each.kind != "SALES_ORDER"]
        return min(filter(None, days), default=None)

    @rule(data=st.data(), is_supplied=st.sampled_from([True, True, False]))
    def it_is_changed(self, data: Any, is_supplied: bool) -> None:
        """Another quantity is written into a line of a draft, and another day of supply."""
        known, who = self.aim(data, "UPDATE")
        line = data.draw(st.sampled_from(known.lines))
        quantity = (line.quantity * self.factor(data, 10, 5, 9, 12)).quantize(Decimal("0.000001"))
        supplied = self.today if is_supplied else None
        content = known.obstacle("UPDATE", who) or self.model.obstacle_to_change(
            known, line, quantity
        )
        dates = {} if known.kind == "SALES_ORDER" else {"supplyDate": supplied}

        self.written("update", known, who, content, {line: quantity}, **dates)

        if content is None:
            moves = known.kind in ("DELIVERY_NOTE", "CUSTOMER_RETURN")
            known.supplied = supplied or (self.today if moves else None)
            self.model.progressing(lambda: setattr(line, "quantity", quantity))
            self.model.done(known, "UPDATE", who)

    @rule(data=st.data(), drops=st.sampled_from([False, False, True]))
    def it_is_amended(self, data: Any, drops: bool) -> None:
        """A posted order says another quantity under its number, or one line less."""
        known, who = self.aim(data, "AMEND", ("SALES_ORDER",))
        line = data.draw(st.sampled_from(known.lines))
        drops = drops and len(known.lines) > 1
        quantity = None if drops else line.quantity * self.factor(data, 10, 5, 9, 20)
        quantity = quantity and quantity.quantize(Decimal("0.000001"))
        obstacle = known.obstacle("AMEND", who) or self.model.obstacle_to_amend(line, quantity)

        self.written("amend", known, who, obstacle, {line: quantity}, reason=REASON)

        if obstacle is None:
            self.model.done(known, "AMEND", who)
            if quantity is None:
                known.lines.remove(line)
            else:
                line.quantity = quantity

    @rule(data=st.data(), copies=st.booleans())
    def it_is_taken_back(self, data: Any, copies: bool) -> None:
        """A counter document cancels it; perhaps a corrected draft is opened at once."""
        known, who = self.aim(data, "CANCEL")
        obstacle = known.obstacle("CANCEL", who)
        obstacle = obstacle or self.model.obstacle_to_cancel(known, copied=copies)
        mutation = "cancelAndCopyDocument" if copies else "cancelDocument"

        answer = self.tried(who, mutation, obstacle, known, reason=REASON)

        if obstacle is None:
            self._take_back(known, who, answer.made, copies=copies)

    def _take_back(self, known: Known, who: str, made: dict[str, Any], *, copies: bool) -> None:
        copy = Known(known.kind, known.mode, {who}, supplied=known.supplied)

        def happened() -> None:
            counter = self.model.cancelled(known, who)
            if copies:
                copy.id = made["id"]
                copy.lines = [
                    Line(copy, new["id"], line.quantity, line.price, line.source)
                    for new, line in zip(made["lines"], known.lines, strict=True)
                ]
                self.model.documents.append(copy)
            self.model.documents.append(counter)

        self.model.progressing(happened)

    @rule(data=st.data(), closes=st.booleans(), all_of_it=st.booleans())
    def its_rest_ends_or_opens(self, data: Any, closes: bool, all_of_it: bool) -> None:
        """Nobody waits for the rest of a line any more, or somebody does again."""
        action = "CLOSE_LINES" if closes else "REOPEN_LINES"
        known, who = self.aim(data, action)
        named = known.lines if all_of_it else [data.draw(st.sampled_from(known.lines))]
        meant = [line for line in named if (self.model.open(line) if closes else line.is_closed)]
        obstacle = known.obstacle(action, who)
        if obstacle is None and not meant:
            obstacle = "LINE_ALREADY_CLOSED" if closes else "LINE_NOT_CLOSED"
        lines = {} if all_of_it else {"lineIds": [line.id for line in named]}
        mutation = "closeLines" if closes else "reopenLines"

        self.tried(who, mutation, obstacle, known, reason=REASON, **lines)

        if obstacle is None:
            for line in meant:
                line.is_closed = closes
            self.model.done(known, action, who)

    # ------------------------------------------------------------------------------------ trying

    def attempt(self, known: Known, action: str, who: str, *, stale: bool = False) -> None:
        """Try a verb that asks for nothing but the document."""
        seen = known.version - stale
        obstacle = known.obstacle(action, who, seen)
        me = f"usr_{user_id(ISSUER, f'{who}@{self.erp.tenant}')}"
        mutation, more = {
            "POST": ("postDocument", {"acceptOlderDate": True}),
            "REJECT": ("rejectDocument", {"reason": REASON}),
            "RECORD_SENT": ("recordSent", {"channel": "PDF_MAIL"}),
            "REASSIGN": ("reassignDocument", {"responsible": me}),
        }.get(action, (f"{action.lower()}Document", {}))

        self.tried(who, mutation, obstacle, known, expectedVersion=seen, **more)

        if obstacle is None:
            self.model.progressing(lambda: self.model.done(known, action, who))

    def tried(
        self, who: str, mutation: str, obstacle: str | None, known: Known | None = None, **more: Any
    ) -> Answer:
        """Run a mutation and demand the foretold answer; a refused one leaves no trace."""
        if known is not None:
            more = {"id": known.id, "expectedVersion": known.version, **more}
        shown = f"document {{ {CHAINED} }}"
        return self._foretold(obstacle, partial(self.users[who].do, mutation, shown, **more))

    def written(
        self,
        verb: str,
        known: Known,
        who: str,
        obstacle: str | None,
        changed: dict[Line, Decimal | None],
        **more: Any,
    ) -> Answer:
        """Update or amend a document as it is, apart from these quantities; none drops a line."""
        seen = {each["id"]: each for each in self.seen[known.id]["lines"]}
        lines = [
            kept(seen[line.id], quantity=str(quantity))
            for line in known.lines
            if (quantity := changed.get(line, line.quantity)) is not None
        ]
        more |= {"id": known.id, "expectedVersion": known.version, **self._head()}
        asked = partial(write, self.users[who], verb, known.kind, lines, **more)
        return self._foretold(obstacle, asked)

    def _foretold(self, obstacle: str | None, asked: Any) -> Answer:
        before = self.wait(self.erp.state_of_database()) if obstacle else None
        answer: Answer = self.wait(asked())
        codes = answer.error_codes or answer.problem_codes
        assert codes == ([obstacle] if obstacle else [])
        if obstacle:
            assert self.wait(self.erp.state_of_database()) == before
        return answer

    # ----------------------------------------------------------------------------------- looking

    def look(self) -> dict[str, Any]:
        """Ask for all documents as somebody sees them, and keep them by their id."""
        self.viewer = next(self.viewers)
        data: dict[str, Any] = self.wait(self.users[self.viewer].ask(SEEN)).data
        self.seen = {each["id"]: each for each in data["all"]["nodes"]}
        return data

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        """States, versions, numbers, histories, quantities, and what each may do with each."""
        if not hasattr(self, "model"):
            return
        data = self.look()
        for known in self.model.documents:
            if known.cancelled_by and not known.cancelled_by.id:
                self._find(known.cancelled_by, self.seen[known.id]["cancelledBy"]["id"])
        assert data["all"]["totalCount"] == len(self.model.documents)
        for known in self.model.documents:
            seen, foretold = _shown(self.seen[known.id]), self.model.shown(known, self.viewer)
            assert seen == foretold
        assert {each["id"] for each in data["open"]["nodes"]} == {
            known.id
            for known in self.model.documents
            if any(self.model.open(line) for line in known.lines)
        }

    def _find(self, counter: Known, id: str) -> None:
        """Learn the ids of a counter document: a cancellation that is copied shows the copy."""
        counter.id = id
        for line, each in zip(counter.lines, self.seen[id]["lines"], strict=True):
            line.id = each["id"]

    @invariant()
    def nothing_goes_out_that_nobody_ordered(self) -> None:
        """Not more than was ordered and the company tolerates, and no bill for more than that."""
        for each in self.seen.values():
            for line in each["lines"] if each["kind"] == "SALES_ORDER" else []:
                most = abs(Decimal(line["quantity"])) * TOLERANCE
                assert abs(Decimal(line["deliveredQuantity"])) <= most
                assert abs(Decimal(line["invoicedQuantity"])) <= most

    def teardown(self) -> None:
        """At the end the journal has told all of it in order, no number is missing, sums agree."""
        if not self.seen:
            return
        told = sum(len(known.told) for known in self.model.documents)
        assert len(self.wait(self.erp.journal())) == told + 1  # and the partner
        given = sorted(known.number for known in self.model.documents if known.number)
        assert self.wait(self.erp.numbers()) == given
        self.wait(self.erp.check_books())


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    """Return what is seen of a document in the words of the model."""
    cancelled_by = document["cancelledBy"]
    lines = document["lines"]
    return {
        **{name: document[name] for name in ("id", "kind", "state", "version", "number")},
        "cancelledBy": cancelled_by and cancelled_by["number"],
        "authors": sorted(each["user"]["name"] for each in document["authors"]),
        "history": [(each["type"], each["version"]) for each in document["history"]["nodes"]],
        "lines": [(each["id"], plain(each["quantity"]), each["isClosed"]) for each in lines],
        "progress": progress(document),
        "actions": {
            each["action"]: (each["allowed"], each["code"])
            for each in document["availableActions"]
            if each["action"] != "PRINT"
        },
    }


@pytest.mark.slow
async def test_any_life_of_a_chain_of_documents_goes_as_a_small_model_foretells(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
):
    """What is shown as possible is done, what is not is refused with the code that was shown."""
    machine = partial(Chains, asyncio.get_running_loop(), server, owner, http)
    lived = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize="NEUROERP_LIFE_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=lived)
