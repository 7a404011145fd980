"""Living in a company by its public door: what is done is foretold by a model and compared."""

import asyncio
import itertools
from collections.abc import Coroutine
from datetime import datetime
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from domain.documents.kinds import KINDS
from persistence.identity import user_id
from tests.chains import SHOWN as CHAINED
from tests.chains import kept, plain, progress, wheat, write
from tests.erp import Answer, Erp, User
from tests.life_model import ROLES, Known, Line, Model
from web.development import ISSUER

ANSWER_SECONDS_MAX = 30
DONE_OFTEN = 8  # to one of each problem; else nobody would get far
CHAIN = ("SALES_ORDER", "DELIVERY_NOTE", "SALES_INVOICE", "CUSTOMER_RETURN", "SALES_CREDIT_NOTE")
PALLETS = {"description": "Paletten", "unit": "PIECE", "unitPrice": "12"}
REASON = "Zahlendreher"
T = TypeVar("T")

SEEN = f"""{{
  all: documents(first: 100) {{ totalCount nodes {{ {CHAINED}
    cancelledBy {{ id number }} authors {{ user {{ name }} }}
    history(first: 100) {{ nodes {{ type version }} }}
    availableActions {{ action allowed code }} }} }}
  open: documents(first: 100, filter: {{hasOpenLines: true}}) {{ nodes {{ id }} }} }}"""


class Living(RuleBasedStateMachine):
    """What people do in a company, each deed held against the model of it.

    The machine runs in a thread of its own; whatever it asks is asked in the loop of the server.
    """

    model: Model
    users: dict[str, User]
    partner: str

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

    def take_back(self, known: Known, who: str, made: dict[str, Any], *, copies: bool) -> None:
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

    def look(self) -> dict[str, Any]:
        """Ask for all documents as somebody sees them, and keep them by their id."""
        self.viewer = next(self.viewers)
        data: dict[str, Any] = self.wait(self.users[self.viewer].ask(SEEN)).data
        self.seen = {each["id"]: each for each in data["all"]["nodes"]}
        return data

    def find(self, counter: Known, id: str) -> None:
        """Learn the ids of a counter document: a cancellation that is copied shows the copy."""
        counter.id = id
        for line, each in zip(counter.lines, self.seen[id]["lines"], strict=True):
            line.id = each["id"]


def shown(document: dict[str, Any]) -> dict[str, Any]:
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
