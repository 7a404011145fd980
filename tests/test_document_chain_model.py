"""Any walk along a chain against the real database, held against a small model of quantities."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import KINDS, Step
from tests.chains import completed, convert, kept, look, posted, progress, rewrite, verb, wheat
from tests.companies import found_without_approval
from tests.erp import Answer, User

WALKS, STEPS = 12, 22
PALLETS = {"description": "Paletten", "unit": "PIECE", "unitPrice": "12"}
COUNTED = (Step.ORDER, Step.DELIVERY, Step.INVOICE, Step.RETURN, Step.CREDIT_NOTE)
WAITS_FOR = {
    Step.ORDER: (Step.DELIVERY,),
    Step.DELIVERY: (Step.INVOICE, Step.RETURN),
    Step.RETURN: (Step.CREDIT_NOTE,),
}

UNBILLED = """{ unbilledDeliveries { totals { net } }
  proposeInvoices(until: "2027-12-31") { net } }"""


@dataclass(eq=False, slots=True)
class Line:
    """A line as the model knows it."""

    document: "Known"
    id: str
    quantity: Decimal
    price: Decimal
    source: "Line | None" = None
    is_closed: bool = False

    def chain(self) -> Iterator["Line"]:
        """Return the lines above it."""
        above = self.source
        while above is not None:
            yield above
            above = above.source


@dataclass(eq=False, slots=True)
class Known:
    """A document as the model knows it; `fate` is DRAFT, POSTED, DISCARDED or CANCELLED."""

    id: str
    kind: str
    fate: str
    lines: list[Line] = field(default_factory=list)
    number: str | None = None

    @property
    def step(self) -> Step:
        """Its place in the chain."""
        return KINDS[self.kind].step

    @property
    def is_below_zero(self) -> bool:
        """Whether it is a bill that must not be written."""
        owed = KINDS[self.kind].owed != 0
        return owed and sum(line.quantity * line.price for line in self.lines) < 0


class Model:
    """All documents, and how much of each line they take: counted anew for every question."""

    def __init__(self) -> None:
        self.documents: list[Known] = []

    def taken(self, line: Line, step: Step, *fates: str) -> Decimal:
        """Return what documents of these fates took of a line."""
        return sum(
            (
                each.quantity
                for document in self.documents
                if document.step is step and document.fate in (fates or ("DRAFT", "POSTED"))
                for each in document.lines
                if line in each.chain()
            ),
            Decimal(0),
        )

    def beside(self, line: Line, *fates: str) -> Decimal:
        """Return what invoices of the order itself took of a delivery, first in, first out."""
        itself = sum(
            (
                each.quantity
                for document in self.documents
                if document.step is Step.INVOICE and document.fate in (fates or ("DRAFT", "POSTED"))
                for each in document.lines
                if each.source is line.source
            ),
            Decimal(0),
        )
        for delivery in sorted(self.documents, key=lambda each: each.id):
            for each in delivery.lines:
                if delivery.step is Step.DELIVERY and each.source is line.source:
                    waits = self.unbilled(each, *fates) if delivery.fate == "POSTED" else Decimal(0)
                    share = min(itself, waits, key=abs) if itself * waits > 0 else Decimal(0)
                    if each is line:
                        return share
                    itself -= share
        raise AssertionError

    def unbilled(self, line: Line, *fates: str) -> Decimal:
        """Return what invoices made of a delivery and returns left of it."""
        taken = [self.taken(line, step, *fates) for step in (Step.INVOICE, Step.RETURN)]
        rest = line.quantity - sum(taken)
        return rest if rest * line.quantity > 0 else Decimal(0)

    def unbilled_net(self, *fates: str) -> Decimal:
        """Return the value of all that was delivered and that no invoice of these fates covers."""
        return sum(
            (
                ((self.unbilled(line, *fates) - self.beside(line, *fates)) * line.price).quantize(
                    Decimal("0.01"), ROUND_HALF_UP
                )
                for document in self.documents
                if document.step is Step.DELIVERY and document.fate == "POSTED"
                for line in document.lines
            ),
            Decimal(0),
        )

    def rest(self, line: Line, *steps: Step) -> Decimal:
        """Return what these steps left of a line; nothing of a closed one."""
        rest = line.quantity - sum(self.taken(line, step) for step in steps)
        if line.document.step is Step.DELIVERY and Step.INVOICE in steps:
            rest -= self.beside(line)
        return rest if rest * line.quantity > 0 and not line.is_closed else Decimal(0)

    def open(self, line: Line) -> Decimal:
        """Return what is shown as open."""
        waits_for = WAITS_FOR.get(line.document.step, ())
        waits = waits_for and line.document.fate == "POSTED"
        return self.rest(line, *waits_for) if waits else Decimal(0)

    def open_to(self, line: Line, target: str) -> Decimal:
        """Return what a conversion without picks takes."""
        step = KINDS[target].step
        back = (Step.RETURN,) if (line.document.step, step) == _BILLED else ()
        return self.rest(line, step, *back)

    def is_too_much(self, document: Known) -> bool:
        """Say whether a document takes more than anything above it has."""
        for line in document.lines:
            for above in line.chain():
                most = above.quantity
                if (above.document.step, document.step) == _BILLED:
                    most -= self.taken(above, Step.RETURN)
                taken = self.taken(above, document.step)
                if taken * above.quantity < 0 or abs(taken) > abs(most):
                    return True
        return False

    def progress(self, document: Known) -> list[tuple[str, ...]]:
        """Return what progress() of tests.chains must find."""
        return [
            (
                *(f"{self.taken(line, step, 'POSTED').normalize() + 0:f}" for step in COUNTED),
                f"{self.open(line).normalize() + 0:f}",
            )
            for line in document.lines
        ]


_BILLED = (Step.DELIVERY, Step.INVOICE)


class Walk:
    """Somebody who does this and that with an order of three lines."""

    def __init__(self, user: User, seed: int) -> None:
        self.user, self.random, self.model = user, random.Random(seed), Model()

    async def begin(self) -> None:
        """Post the order."""
        lines = [wheat("10"), wheat("5.5"), wheat("-4", **PALLETS)]
        self.remember(await posted(self.user, "SALES_ORDER", *lines), [None] * 3, "POSTED")

    def remember(self, made: dict[str, Any], sources: list[Line | None], fate: str) -> Known:
        """Take a document that was made into the model."""
        known = Known(made["id"], made["kind"], fate, number=made["number"])
        known.lines = [
            Line(known, line["id"], Decimal(line["quantity"]), Decimal(line["unitPrice"]), source)
            for line, source in zip(made["lines"], sources, strict=True)
        ]
        self.model.documents.append(known)
        return known

    async def step(self) -> None:
        """Do something, hold the answer against the model, then look at every document."""
        deeds = [self.convert] * 4 + [self.post] * 3
        deeds += [self.discard, self.cancel, self.change, self.change, self.close]
        await self.random.choice(deeds)()
        for known in self.model.documents:
            if known.fate in ("POSTED", "DRAFT"):
                assert progress(await look(self.user, known.id)) == self.model.progress(known)
        asked = "{ documents(filter: {hasOpenLines: true}) { nodes { id } } }"
        nodes = (await self.user.ask(asked)).data["documents"]["nodes"]
        assert {node["id"] for node in nodes} == {
            known.id
            for known in self.model.documents
            if any(self.model.open(line) for line in known.lines)
        }
        lists = (await self.user.ask(UNBILLED)).data
        totals = [Decimal(each["net"]) for each in lists["unbilledDeliveries"]["totals"]]
        proposed = [Decimal(each["net"]) for each in lists["proposeInvoices"]]
        assert sum(totals) == self.model.unbilled_net("POSTED")
        assert sum(proposed) == self.model.unbilled_net()

    async def convert(self) -> None:
        """Convert all that is open, or some of a line."""
        sources = [each for each in self.model.documents if KINDS[each.kind].targets]
        source = self.random.choice(sources)
        target = self.random.choice(KINDS[source.kind].targets)
        new = Known("", target, "DRAFT")
        picked = self.random.random() < 0.7
        lines = [self.random.choice(source.lines)] if picked else source.lines
        for line in lines:
            quantity = line.quantity * self.random.choice((1, 3, 5, 11)) / 10
            if not picked:
                quantity = self.model.open_to(line, target)
            if quantity:
                new.lines.append(Line(new, "", quantity, line.price, line))
        obstacle = self.obstacle_to(source, new, picked)
        picks = [({"id": each.source.id}, str(each.quantity)) for each in new.lines if each.source]

        answer = await convert(self.user, {"id": source.id}, target, *(picks if picked else []))

        assert answer.problem_codes == ([obstacle] if obstacle else [])
        if obstacle:
            return
        known = self.remember(answer.made, [each.source for each in new.lines], "DRAFT")
        assert [line.quantity for line in known.lines] == [line.quantity for line in new.lines]
        if source.kind == "SALES_ORDER" and target == "SALES_INVOICE":
            await completed(self.user, answer.made, supplyDate="2026-11-20")

    def obstacle_to(self, source: Known, new: Known, picked: bool) -> str | None:
        """Return the code of the problem that a conversion must meet."""
        if source.fate in ("DRAFT", "DISCARDED"):
            return "TRANSITION_NOT_ALLOWED"
        if source.fate == "CANCELLED":
            return "SOURCE_CANCELLED"
        if not new.lines or (picked and any(each.source.is_closed for each in new.lines)):  # type: ignore[union-attr]
            return "NOTHING_OPEN"
        if new.is_below_zero:
            return "NEGATIVE_TOTAL"
        self.model.documents.append(new)
        too_much = self.model.is_too_much(new)
        self.model.documents.remove(new)
        return "OPEN_QUANTITY_EXCEEDED" if too_much else None

    def one(self, *fates: str) -> Known | None:
        """Return a document below the order with one of these fates, if there is any."""
        found = [each for each in self.model.documents[1:] if each.fate in fates]
        return self.random.choice(found) if found else None

    async def do(self, mutation: str, known: Known, **more: Any) -> Answer:
        """Do something with a document in its present version."""
        return await verb(self.user, mutation, await look(self.user, known.id), **more)

    async def post(self) -> None:
        """Post a draft."""
        if known := self.one("DRAFT"):
            known.number = (await self.do("postDocument", known)).made["number"]
            known.fate = "POSTED"

    async def discard(self) -> None:
        """Throw a draft away."""
        if known := self.one("DRAFT"):
            assert (await self.do("discardDocument", known)).problems == []
            known.fate = "DISCARDED"

    async def cancel(self) -> None:
        """Cancel what was posted, unless something was made of it."""
        if known := self.one("POSTED"):
            held = any(self.model.taken(line, step) for line in known.lines for step in COUNTED)
            answer = await self.do("cancelDocument", known, reason="falsch")
            assert answer.problem_codes == (["FOLLOW_UPS_EXIST"] if held else [])
            known.fate = "POSTED" if held else "CANCELLED"

    async def change(self) -> None:
        """Write another quantity into a line of a draft."""
        if not (known := self.one("DRAFT")):
            return
        line = self.random.choice(known.lines)
        before, line.quantity = line.quantity, line.quantity * self.random.choice((5, 9, 12)) / 10
        line.quantity = line.quantity.quantize(Decimal("0.000001"))
        closed = line.source is not None and line.source.is_closed
        obstacle = None
        if known.is_below_zero:
            obstacle = "NEGATIVE_TOTAL"
        elif self.model.is_too_much(known) or (closed and abs(line.quantity) > abs(before)):
            obstacle = "OPEN_QUANTITY_EXCEEDED"
        seen = await look(self.user, known.id)
        lines = [
            kept(each, quantity=str(mine.quantity))
            for each, mine in zip(seen["lines"], known.lines, strict=True)
        ]

        answer = await rewrite(self.user, "update", seen, *lines, supplyDate="2026-11-20")

        assert answer.problem_codes == ([obstacle] if obstacle else [])
        line.quantity = before if obstacle else line.quantity

    async def close(self) -> None:
        """Close a line of the order, or reopen it."""
        order = self.model.documents[0]
        line = self.random.choice(order.lines)
        if line.is_closed:
            answer = await self.do("reopenLines", order, lineIds=[line.id], reason="doch")
            line.is_closed = False
            assert answer.problems == []
            return
        is_open = bool(self.model.open(line))
        answer = await self.do("closeLines", order, lineIds=[line.id], reason="ausverkauft")
        assert answer.problem_codes == ([] if is_open else ["LINE_ALREADY_CLOSED"])
        line.is_closed = is_open


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WALKS))
async def test_any_walk_along_a_chain_counts_as_the_model_foretells(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession, seed: int
):
    """Whatever is converted, changed, posted, thrown away, cancelled or closed: sums are right."""
    erp = await found_without_approval(server, owner, http)
    walk = Walk(await erp.sign_in(), seed)
    await walk.begin()

    for _ in range(STEPS):
        await walk.step()

    await erp.check_books()
