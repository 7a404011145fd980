"""Clients who post one invoice each and do not give up, and what they were answered."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg

from tests.erp import Answer, User

ATTEMPTS_MAX = 40
ANSWER_SECONDS_MAX = 30
POSTED_AMID = 8

POSTED, BUSY, INTERNAL, CUT = "POSTED", "BUSY", "INTERNAL", "CUT"
_CLEAR = re.compile(r"Something went wrong on our side\. Tell support the incident [0-9a-f]{16}\.")


@dataclass(slots=True)
class Posting:
    """One invoice, its poster, and the idempotency key of every attempt to post it."""

    user: User
    id: str
    key: str = field(default_factory=lambda: str(uuid4()))
    outcomes: list[str] = field(default_factory=list)
    number: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether the client was told that it is posted."""
        return self.number is not None

    async def attempt(self) -> str:
        """Post once; whatever comes of it is success, a clear failure, or a cut connection."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                draft = {"id": self.id, "version": 1}
                outcome = self._understood(await self.user.post(draft, idempotencyKey=self.key))
        except aiohttp.ClientError:
            outcome = CUT
        self.outcomes.append(outcome)
        return outcome

    def _understood(self, answer: Answer) -> str:
        if answer.error_codes:
            demand_clear(answer)
            return INTERNAL
        if answer.problems:
            assert answer.problem_codes == [BUSY], answer.body
            return BUSY
        document = answer.made
        assert document["state"] == POSTED
        assert self.number in (None, document["number"])  # a repetition tells the same number
        self.number = document["number"]
        return POSTED

    async def insist(self, posted: "asyncio.Queue[Posting] | None" = None) -> None:
        """Repeat with the same key until it is posted; an attempt too many fails the test."""
        while await self.attempt() != POSTED:
            assert len(self.outcomes) < ATTEMPTS_MAX, self.outcomes
        if posted is not None:
            posted.put_nowait(self)


def demand_clear(answer: Answer) -> None:
    """Demand that something failed on our side, which says its incident and not a word more."""
    [error] = answer.body["errors"]
    assert error["extensions"]["code"] == INTERNAL, error
    assert set(error["extensions"]) <= {"code", "incidentId", "committed"}, error
    assert _CLEAR.fullmatch(error["message"]), error


async def drafts(users: Sequence[User], count: int) -> list[Posting]:
    """Write drafts, all for one customer, and share them out among the users."""
    customer = await users[0].create_partner()

    async def draft(user: User) -> Posting:
        return Posting(user, (await user.create_invoice(soldTo=customer))["id"])

    return list(await asyncio.gather(*(draft(users[n % len(users)]) for n in range(count))))


async def attempts_amid(
    postings: list[Posting], books: asyncpg.Connection
) -> "list[asyncio.Task[str]]":
    """Begin to post all, and return in the middle: some are posted, at least the last one is not.

    It waits for its row, which `books` holds until it says rollback.
    """
    held = postings[-1].id.partition("_")[2]
    await books.execute(f"begin; select from document where id = '{held}' for update")
    attempts = [asyncio.create_task(each.attempt()) for each in postings]
    posted = 0
    for attempt in asyncio.as_completed(attempts):
        posted += await attempt == POSTED
        if posted == POSTED_AMID:
            break
    return attempts


def numbers_to(count: int) -> list[str]:
    """Return the numbers of a year from the first on."""
    return [f"INV-2026-{n:05}" for n in range(1, count + 1)]


def told(postings: list[Posting]) -> list[Any]:
    """Return the numbers that clients were told, sorted."""
    return sorted(each.number or "" for each in postings)
