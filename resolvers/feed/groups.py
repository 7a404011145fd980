"""How events reach subscribers: same operation, same variables, same rights, executed once.

A group follows the journal from where its first subscriber stands. A later one catches up alone,
from its own cursor, and joins the group at the very position where both stand: nothing is missed,
nothing comes twice. Nobody waits for a slow subscriber; past its bound it is told where to resume.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import orjson

from domain.feed import EventFilter
from domain.identity import Actor
from domain.journal import Cursor, Row
from persistence.database import UNREACHABLE
from persistence.feed import Feed, Log
from persistence.reading.shape import Condition, Single

Execute = Callable[[Single], Awaitable[dict[str, Any]]]

CATCHING_UP_MAX = 32  # subscribers that read old rows at the same time
READ_ATTEMPTS_MAX = 5
RETRY_SECONDS = 1.0

_log = logging.getLogger("neuroerp.feed")


class Subscriber(Protocol):
    """One subscription of one client."""

    def offer(self, payload: str, cursor: str) -> bool:
        """Take an answer to send; False if its bound was reached, which ends it."""

    async def room(self) -> None:
        """Wait until there is room for another answer."""

    def end_with(self, errors: list[dict[str, Any]]) -> None:
        """Be told why there is no more to come."""


class EventUnreadable(Exception):
    """An event could not be executed; to go on without it would be a gap. `errors` are ours."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Following:
    """What makes subscriptions equal: company, operation, variables and rights."""

    tenant: UUID
    user: UUID | None  # where the answer depends on who asks
    query: str
    operation_name: str | None
    variables: bytes
    scopes: frozenset[str]
    language: str

    @staticmethod
    def of(
        actor: Actor,
        query: str,
        name: str | None,
        variables: Any,
        *,
        resumes_at: str | None,
        is_personal: bool,
    ) -> "Following":
        """Return the key of a subscription; the variable `resumes_at` does not count."""
        user = actor.user if is_personal else None
        plain = {name: value for name, value in (variables or {}).items() if name != resumes_at}
        packed = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
        return Following(actor.tenant, user, query, name, packed, actor.scopes, actor.language)


@dataclass(slots=True, eq=False)
class _Group:
    log: Log
    filter: EventFilter
    readable_kinds: tuple[str, ...]
    execute: Execute
    position: int
    followers: int = 0
    members: dict[Subscriber, int] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Follow the journal and tell every member, for ever."""
        while True:
            try:
                for row in await self.log.after(self.position):
                    self._tell(row, await self.answer(row))
            except EventUnreadable as failed:
                for member in list(self.members):
                    member.end_with(failed.errors)
                self.members.clear()
                await asyncio.sleep(RETRY_SECONDS)
            except Exception as error:  # whatever it is: members wait, so nobody else would notice
                _log.warning("the journal cannot be read, trying again: %r", error)
                await asyncio.sleep(RETRY_SECONDS)

    def _tell(self, row: Row, payload: str | None) -> None:
        """Hand an answer to all members; nothing awaits here, so nobody can join half-way."""
        self.position = row.position
        if payload is None:
            return
        cursor = cursor_of(row)
        for member, start in list(self.members.items()):
            if row.position > start and not member.offer(payload, cursor):
                del self.members[member]

    async def answer(self, row: Row) -> str | None:
        """Return the encoded answer for an event, or None if it is not for these rights.

        Raises EventUnreadable when reading it failed to the last attempt.
        """
        if not self.filter.passes(row, self.readable_kinds):
            return None
        source = Single(
            "journal_entry", (Condition("position", "=", "position"),), {"position": row.position}
        )
        answer: dict[str, Any] = {}
        for _ in range(READ_ATTEMPTS_MAX):
            answer = await self.execute(source)
            if not _failed(answer):
                return orjson.dumps(answer).decode()
            await asyncio.sleep(RETRY_SECONDS)
        raise EventUnreadable(answer["errors"])


def _failed(answer: dict[str, Any]) -> bool:
    errors = answer.get("errors", ())
    return any(error["extensions"].get("code") == "INTERNAL" for error in errors)


def cursor_of(row: Row) -> str:
    """Return the cursor of a journal row."""
    return str(Cursor(row.position, row.hash[:8]))


class Groups:
    """All subscriptions of this process."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._groups: dict[Following, _Group] = {}
        self._catching_up = asyncio.Semaphore(CATCHING_UP_MAX)

    async def follow(
        self,
        following: Following,
        filter: EventFilter,
        actor: Actor,
        execute: Execute,
        position: int,
        subscriber: Subscriber,
    ) -> None:
        """Tell `subscriber` every event after `position`, until this task is cancelled."""
        log = self._feed.follow(following.tenant)
        group = self._groups.get(following)
        if group is None:
            group = _Group(log, filter, actor.readable_kinds, execute, position)
            self._groups[following] = group
            group.task = asyncio.create_task(group.run())
        group.followers += 1
        try:
            position = await _catch_up(group, position, subscriber, self._catching_up)
            group.members[subscriber] = position
            await asyncio.get_running_loop().create_future()
        finally:
            group.members.pop(subscriber, None)
            group.followers -= 1
            if not group.followers and group.task is not None:
                group.task.cancel()
                del self._groups[following]
            self._feed.leave(following.tenant)


async def _catch_up(
    group: _Group, position: int, subscriber: Subscriber, reading: asyncio.Semaphore
) -> int:
    """Tell old events alone until the group's position is reached; return where we stand then.

    `reading` bounds the load on the database; nobody holds it while a client is waited for.
    """
    while position < group.position:
        try:
            async with reading:
                rows = await group.log.after(position)
        except UNREACHABLE as error:
            _log.warning("the journal cannot be read, trying again: %r", error)
            await asyncio.sleep(RETRY_SECONDS)
            continue
        for row in rows:
            async with reading:
                payload = await group.answer(row)
            if payload is not None:
                await subscriber.room()
                subscriber.offer(payload, cursor_of(row))
            position = row.position
            if position >= group.position:
                break
    return position
