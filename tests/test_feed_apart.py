"""Subscribers do not disturb each other: not by what they may, nor by how slowly they read."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from resolvers.feed import groups
from resolvers.feed.groups import _catch_up
from tests.erp import Erp
from tests.test_feed import EVENTS, latest, socket_of, until
from web import websocket as door

ACTIONS = """subscription { documentEvents { type document {
  availableActions { action allowed code } } } }"""


def members_of(erp: Erp) -> int:
    """Return how many subscribers of a company are told of events as they come."""
    following = erp.server.state.groups._groups.items()
    return sum(len(group.members) for key, group in following if key.tenant == erp.tenant)


async def test_what_an_event_says_of_rights_is_said_of_whoever_listens(erp: Erp):
    """Two managers follow the same; only one of them wrote the invoice, and may not approve it."""
    martin = await erp.sign_in("martin", roles=("manager",))
    moritz = await erp.sign_in("moritz", roles=("manager",))
    async with socket_of(erp) as first, socket_of(erp) as second:
        for socket, user in ((first, moritz), (second, martin)):
            await socket.sign_in(user.token)
            await socket.follow(query=ACTIONS)
            await socket.flushed()
        await until(lambda: members_of(erp) == 2)
        invoice = await martin.create_invoice()
        await martin.submit(invoice)

        told = []
        for socket in (first, second):
            await socket.event()
            actions = (await socket.event())["document"]["availableActions"]
            told.append({each["action"]: each["code"] for each in actions}["APPROVE"])

    assert told == [None, "FOUR_EYES_VIOLATION"]


class _Waiting:
    """A client that never has room."""

    def offer(self, payload: str, cursor: str) -> bool:
        raise AssertionError("nothing is offered without room")

    async def room(self) -> None:
        await asyncio.Event().wait()


class _Reading(_Waiting):
    def offer(self, payload: str, cursor: str) -> bool:
        return True

    async def room(self) -> None:
        return


async def test_nobody_waits_for_a_client_that_does_not_read():
    """Catching up is bounded for the sake of the database, not of the slowest reader."""
    row = SimpleNamespace(position=1, hash=bytes(32))

    async def after(_: int) -> list[Any]:
        return [row]

    async def answer(_: Any) -> str:
        return "{}"

    group: Any = SimpleNamespace(position=1, log=SimpleNamespace(after=after), answer=answer)
    bound = asyncio.Semaphore(1)
    stuck = asyncio.create_task(_catch_up(group, 0, _Waiting(), bound))  # type: ignore[arg-type]
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        assert await _catch_up(group, 0, _Reading(), bound) == 1  # type: ignore[arg-type]

    stuck.cancel()


async def test_an_event_that_cannot_be_read_ends_the_subscription_and_is_not_skipped(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
):
    """Nothing after it is told; resumed from the last cursor, the very event comes first."""
    monkeypatch.setattr(groups, "RETRY_SECONDS", 0.0)
    anna = await erp.sign_in()
    start = await latest(anna)
    invoice = await anna.create_invoice()
    broken = {"data": None, "errors": [{"message": "ours", "extensions": {"code": "INTERNAL"}}]}
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.follow(after=start)
        cursor = (await socket.event())["cursor"]

        with monkeypatch.context() as patch:

            async def fail(*_: Any) -> dict[str, Any]:
                return broken

            patch.setattr("web.websocket.run", fail)
            await anna.submit(invoice)
            ended = await socket.receive()

        assert (ended["type"], ended["payload"]) == ("error", broken["errors"])
        await socket.follow("again", EVENTS, after=cursor)
        assert (await socket.event("again"))["type"] == "SalesInvoiceSubmitted"


async def test_a_socket_that_takes_nothing_is_ended(erp: Erp, monkeypatch: pytest.MonkeyPatch):
    """Its client lives and answers nothing; what it holds is freed all the same."""
    monkeypatch.setattr(door, "SEND_SECONDS_MAX", 0.05)
    send, ended = door.WebSocket.send, asyncio.Event()

    async def stuck(self: door.WebSocket, message: Any) -> None:
        if message["type"] == "websocket.send" and "connection_ack" not in message["text"]:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
        await send(self, message)

    monkeypatch.setattr(door.WebSocket, "send", stuck)
    anna = await erp.sign_in()
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.send(type="ping")

        await asyncio.wait_for(ended.wait(), 5)
