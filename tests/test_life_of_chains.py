"""The life of documents through the door: whatever people do, a small model foretells it."""

import asyncio
import os
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.documents.kinds import KINDS, ApprovalMode, State
from persistence.tenants import create_tenant
from tests.erp import COMPANY, User
from tests.life_model import KINDS_MADE, ROLES, TOLERANCE, Known, Line, Model
from tests.living import CHAIN, REASON, Living, shown

EXAMPLES, STEPS = int(os.environ.get("NEUROERP_LIFE_EXAMPLES", "15")), 25
"""How many companies live, and how long. A nightly run names more, and draws others each time."""

_BEGUN = (State.DRAFT, State.PENDING, State.APPROVED)


class Chains(Living):
    """A company of three people who do what they like with orders and what follows from them."""

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
            self.take_back(known, who, answer.made, copies=copies)

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

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        """States, versions, numbers, histories, quantities, and what each may do with each."""
        if not hasattr(self, "model"):
            return
        data = self.look()
        for known in self.model.documents:
            if known.cancelled_by and not known.cancelled_by.id:
                self.find(known.cancelled_by, self.seen[known.id]["cancelledBy"]["id"])
        assert data["all"]["totalCount"] == len(self.model.documents)
        for known in self.model.documents:
            seen, foretold = shown(self.seen[known.id]), self.model.shown(known, self.viewer)
            assert seen == foretold
        assert {each["id"] for each in data["open"]["nodes"]} == {
            known.id
            for known in self.model.documents
            if any(self.model.open(line) for line in known.lines)
        }

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
