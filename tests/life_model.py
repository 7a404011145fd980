"""A small model of the life of documents along a chain: states, versions, numbers, quantities.

It keeps nothing that can be counted: how much is taken of a line is added up anew, over all
documents, for every question.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from domain.documents.kinds import KINDS, Action, ApprovalMode, State, Step
from tests.chains import plain
from tests.life_billed import billed_beside, credits_too_much, never_billed, rests_on
from tests.test_life import table_of

KINDS_MADE = ("SALES_ORDER", "SALES_INVOICE")
"""What somebody writes by hand; the rest of the chain is made of it."""

TOLERANCE = Decimal("1.1")
"""What may be delivered or billed of an order, in parts of what was ordered."""

WRITES = {"UPDATE", "SUBMIT", "DISCARD", "CONVERT", "AMEND", "CLOSE_LINES", "REOPEN_LINES"}
WRITES |= {"RECORD_SENT", "REASSIGN", "CONFIRM_RECEIVED"}
DECIDES = WRITES | {"APPROVE", "REJECT"}
MAY = {
    "operator": WRITES,
    "manager": DECIDES,
    "accountant": DECIDES | {"POST", "CANCEL", "SETTLE", "UNSETTLE"},
}
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
    "AMEND": "Amended",
    "CLOSE_LINES": "LinesClosed",
    "REOPEN_LINES": "LinesReopened",
}
MAKES_AUTHOR = {"UPDATE", "SUBMIT", "DISCARD", "AMEND"}
UNTRIED = {"CONVERT", "SETTLE", "UNSETTLE", "CONFIRM_RECEIVED"}
FORETOLD = {*PAST, *UNTRIED}
COUNTED = (Step.ORDER, Step.DELIVERY, Step.INVOICE, Step.RETURN, Step.CREDIT_NOTE)
WAITS_FOR = {
    Step.ORDER: (Step.DELIVERY,),
    Step.DELIVERY: (Step.INVOICE, Step.RETURN),
    Step.RETURN: (Step.CREDIT_NOTE,),
}
_BILLED = (Step.DELIVERY, Step.INVOICE)
_table = cache(table_of)


@dataclass(eq=False, slots=True)
class Line:
    """A line: `source` is the line above it."""

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

    @property
    def most(self) -> Decimal:
        """What may be made of it."""
        return self.quantity * (TOLERANCE if self.document.step is Step.ORDER else 1)


@dataclass(eq=False, slots=True)
class Known:
    """A document. `cancelled_by` is what took it back, `is_counter` says that it took one back."""

    kind: str
    mode: ApprovalMode
    authors: set[str]
    id: str = ""
    supplied: str | None = None
    state: State = State.DRAFT
    version: int = 1
    number: str | None = None
    cancelled_by: "Known | None" = None
    is_counter: bool = False
    lines: list[Line] = field(default_factory=list)
    told: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tell("Created")

    def __repr__(self) -> str:
        return f"{self.kind}({self.state}, {self.number})"

    def tell(self, past: str) -> None:
        """Note an event of the version that it has now."""
        self.told.append((f"{KINDS[self.kind].event}{past}", self.version))

    @property
    def step(self) -> Step:
        """Its place in the chain."""
        return KINDS[self.kind].step

    @property
    def is_billing(self) -> bool:
        """Whether it demands money or gives it back."""
        return KINDS[self.kind].owed != 0

    @property
    def is_below_zero(self) -> bool:
        """Whether it is a bill that must not be written."""
        return self.is_billing and sum(line.quantity * line.price for line in self.lines) < 0

    @property
    def counts(self) -> bool:
        """Whether it takes what its lines say: a draft does, what was taken back does not."""
        is_void = self.cancelled_by or self.is_counter
        return self.state is not State.DISCARDED and not is_void

    @property
    def is_live(self) -> bool:
        """Whether it is posted and stands."""
        return self.counts and self.state is State.POSTED

    def next_state(self, action: str) -> State | None:
        """Return where an action leads; None: it is not allowed now."""
        target = _table(self.kind, self.mode)[self.state].get(action)
        return None if target is None else State(target)

    def obstacle(self, action: str, who: str, seen: int | None = None) -> str | None:
        """Return the code of the problem that an action meets whatever it says; None: it may go."""
        if action not in MAY[ROLES[who]]:
            return "FORBIDDEN"
        if seen not in (None, self.version):
            return "VERSION_CONFLICT"
        if self.next_state(action) is None:
            return "TRANSITION_NOT_ALLOWED"
        if action == "APPROVE" and who in self.authors:
            return "FOUR_EYES_VIOLATION"
        if action in ("SUBMIT", "POST") and self.is_billing and self.supplied is None:
            return "SUPPLY_DATE_MISSING"
        if action == "CANCEL" and self.is_counter:
            return "CANCELLATION_FINAL"
        if action == "CANCEL" and self.cancelled_by:
            return "ALREADY_CANCELLED"
        is_void = self.is_counter or self.cancelled_by
        if action == "SETTLE" and is_void:
            return "FULLY_SETTLED"
        if action == "UNSETTLE":
            return "SETTLED_BY_CANCELLATION" if is_void else "NOTHING_SETTLED"
        return "SOURCE_CANCELLED" if action == "CONVERT" and is_void else None

    def actions(self) -> list[str]:
        """Return what is ever shown as an action of it; tests of printing know who may that."""
        table = _table(self.kind, ApprovalMode.NONE)
        ever = {"SUBMIT", *(action for steps in table.values() for action in steps)}
        return [action for action in Action if action in FORETOLD & ever]


class Model:
    """All documents of a company, and what may happen to them."""

    def __init__(self, modes: dict[str, ApprovalMode], year: int) -> None:
        self.modes, self.year = modes, year
        self.documents: list[Known] = []

    # ----------------------------------------------------------------------------- quantities

    def taken(self, line: Line, step: Step, *, posted: bool = False) -> Decimal:
        """Return what documents of a step take of a line, or what of that is final."""
        return sum(
            (
                each.quantity
                for document in self.documents
                if document.step is step and (document.is_live if posted else document.counts)
                for each in document.lines
                if line in each.chain()
            ),
            Decimal(0),
        )

    def is_taken(self, line: Line) -> bool:
        """Say whether anything was made of a line."""
        return any(self.taken(line, step) for step in COUNTED)

    def rest(self, line: Line, *steps: Step) -> Decimal:
        """Return what these steps left of a line; nothing of a closed one."""
        rest = line.quantity - sum(self.taken(line, step) for step in steps)
        if Step.INVOICE in steps and line.document.step is Step.DELIVERY:
            rest -= billed_beside(self, line)
        if Step.CREDIT_NOTE in steps:
            rest -= never_billed(self, line)
        return rest if rest * line.quantity > 0 and not line.is_closed else Decimal(0)

    def open(self, line: Line) -> Decimal:
        """Return what is shown as open."""
        waits_for = WAITS_FOR.get(line.document.step, ())
        return self.rest(line, *waits_for) if waits_for and line.document.is_live else Decimal(0)

    def open_to(self, line: Line, target: str) -> Decimal:
        """Return what a conversion without picks takes."""
        step = KINDS[target].step
        back = (Step.RETURN,) if (line.document.step, step) == _BILLED else ()
        return self.rest(line, step, *back)

    def is_too_much(self, document: Known) -> bool:
        """Say whether a document takes more than anything above it has."""
        if credits_too_much(self, document):
            return True
        for line in document.lines:
            for above in line.chain():
                most = above.most
                if (above.document.step, document.step) == _BILLED:
                    most -= self.taken(above, Step.RETURN)
                taken = self.taken(above, document.step)
                if taken * above.quantity < 0 or abs(taken) > abs(most):
                    return True
        return False

    def with_this(self, new: Known, question: Callable[[], bool]) -> bool:
        """Answer a question as if a document were there."""
        self.documents.append(new)
        answer = question()
        self.documents.remove(new)
        return answer

    # ------------------------------------------------------------------- what content stands in

    def obstacle_to_convert(self, sources: Sequence[Known], new: Known, picked: bool) -> str | None:
        """Return the problem of making a document of these."""
        for source in sources:
            if obstacle := source.obstacle("CONVERT", "anke"):
                return obstacle
        above = [line.source for line in new.lines if line.source]
        if not above or (picked and any(line.is_closed for line in above)):
            return "NOTHING_OPEN"
        if new.is_below_zero:
            return "NEGATIVE_TOTAL"
        too_much = self.with_this(new, lambda: self.is_too_much(new))
        return "OPEN_QUANTITY_EXCEEDED" if too_much else None

    def obstacle_to_change(self, known: Known, line: Line, quantity: Decimal) -> str | None:
        """Return the problem of another quantity on a line of a draft."""
        before, line.quantity = line.quantity, quantity
        grows_on_closed = line.source and line.source.is_closed and abs(quantity) > abs(before)
        obstacle = None
        if known.is_below_zero:
            obstacle = "NEGATIVE_TOTAL"
        elif grows_on_closed or self.is_too_much(known):
            obstacle = "OPEN_QUANTITY_EXCEEDED"
        line.quantity = before
        return obstacle

    def obstacle_to_amend(self, line: Line, quantity: Decimal | None) -> str | None:
        """Return the problem of another quantity on a line of an order, or of no such line."""
        most = abs((quantity or Decimal(0)) * TOLERANCE)
        fits = all(abs(self.taken(line, step)) <= most for step in COUNTED)
        return None if fits else "AMENDMENT_BELOW_CONVERTED"

    def obstacle_to_cancel(self, known: Known, *, copied: bool) -> str | None:
        """Return the problem of taking a document back, and of writing it anew."""
        if any(self.is_taken(line) for line in known.lines) or rests_on(self, known):
            return "FOLLOW_UPS_EXIST"
        # What came back of a delivery meanwhile is not billed a second time.
        return "OPEN_QUANTITY_EXCEEDED" if copied and self.is_too_much(known) else None

    # -------------------------------------------------------------------------- what was done

    def progressing(self, deed: Callable[[], Any]) -> None:
        """Let something happen; every document whose lines are taken otherwise then tells so."""
        before, waited = self._counters(), self._waiting()
        deed()
        after, waits = self._counters(), self._waiting()
        for document in self.documents:
            mine = [line for line in document.lines if before.get(line, _NONE) != after[line]]
            others = [line for line in document.lines if line in waited and line in waits]
            if mine or any(waited[line] != waits[line] for line in others):
                document.version += 1
                document.tell("Progressed")

    def _waiting(self) -> dict[Line, Decimal]:
        """Return what deliveries and returns wait for: documents beside them lessen that too."""
        return {
            line: self.open(line)
            for document in self.documents
            if document.step in (Step.DELIVERY, Step.RETURN) and document.is_live
            for line in document.lines
        }

    def _counters(self) -> dict[Line, list[Decimal]]:
        return {
            line: [self.taken(line, s, posted=posted) for s in COUNTED for posted in (False, True)]
            for document in self.documents
            for line in document.lines
        }

    def done(self, known: Known, action: str, who: str) -> None:
        """Take over that a verb was done with a document itself."""
        target = known.next_state(action)
        assert target is not None
        known.version += 1
        known.tell(PAST[action])
        if action in MAKES_AUTHOR:
            known.authors.add(who)
        if action == "POST":
            known.number = self.next_number(known.kind)
        known.state = target

    def cancelled(self, known: Known, who: str) -> Known:
        """Take a document back; returns what did so."""
        self.done(known, "CANCEL", who)
        counter = Known(known.kind, known.mode, {who}, is_counter=True, supplied=known.supplied)
        counter.lines = [Line(counter, "", -line.quantity, line.price) for line in known.lines]
        counter.state, counter.number = State.POSTED, self.next_number(known.kind)
        counter.tell("Posted")
        known.cancelled_by = counter
        if known.is_billing:
            for each in (known, counter):
                each.tell("Settled")
        return counter

    def next_number(self, kind: str) -> str:
        """Return the number that a series gives next."""
        given = sum(each.number is not None for each in self.documents if each.kind == kind)
        prefix = KINDS[kind].number_template.partition("-")[0]
        return f"{prefix}-{self.year}-{given + 1:05}"

    # ------------------------------------------------------------------------ what is to be seen

    def shown(self, known: Known, viewer: str) -> dict[str, Any]:
        """Return what a user must see of a document."""
        obstacles = {action: known.obstacle(action, viewer) for action in known.actions()}
        return {
            "id": known.id,
            "kind": known.kind,
            "state": known.state,
            "version": known.version,
            "number": known.number,
            "cancelledBy": known.cancelled_by and known.cancelled_by.number,
            "authors": sorted(known.authors),
            "history": known.told,
            "lines": [(line.id, plain(str(line.quantity)), line.is_closed) for line in known.lines],
            "progress": [
                (
                    *(plain(str(self.taken(line, step, posted=True))) for step in COUNTED),
                    plain(str(self.open(line))),
                )
                for line in known.lines
            ],
            "actions": {action: (code is None, code) for action, code in obstacles.items()},
        }


_NONE = [Decimal(0)] * 2 * len(COUNTED)
