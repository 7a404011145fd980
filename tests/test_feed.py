"""Subscriptions over the raw protocol: order, resumption, rights, bounds, and rude clients."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from resolvers.execution import Plans
from tests.erp import Erp, User
from web import websocket as door

PROTOCOL = "graphql-transport-ws"
EVENTS = """subscription($after: Cursor, $filter: DocumentEventFilter) {
  documentEvents(after: $after, filter: $filter) {
    cursor type version actor { name } document { __typename id state number version }
  }
}"""


class Socket:
    """A client that speaks the protocol by hand."""

    def __init__(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        self.wire = wire

    async def send(self, **message: Any) -> None:
        """Send a message."""
        await self.wire.send_str(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(10):  # aiohttp's own begins anew with every ping
            message: dict[str, Any] = await self.wire.receive_json()
        return message

    async def closed(self) -> int | None:
        """Return the code the server closes with; what it says before is read over."""
        async with asyncio.timeout(20):
            while not self.wire.closed:
                await self.wire.receive()
        return self.wire.close_code

    async def sign_in(self, token: str) -> None:
        """Introduce ourselves."""
        await self.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
        assert await self.receive() == {"type": "connection_ack"}

    async def follow(self, id: str = "1", query: str = EVENTS, **variables: Any) -> None:
        """Subscribe."""
        await self.send(type="subscribe", id=id, payload={"query": query, "variables": variables})

    async def event(self, id: str = "1") -> dict[str, Any]:
        """Return the next event of a subscription."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", id), message
        [event] = message["payload"]["data"].values()
        return dict(event)

    async def flushed(self) -> None:
        """Wait until the server has read everything sent so far: it answers pings in order."""
        await self.send(type="ping")
        assert await self.receive() == {"type": "pong"}


@asynccontextmanager
async def socket_of(erp: Erp, **options: Any) -> AsyncIterator[Socket]:
    """Open a socket."""
    options.setdefault("protocols", [PROTOCOL])
    async with erp.http.ws_connect(f"{erp.server.url}/graphql", **options) as wire:
        yield Socket(wire)


async def latest(user: User) -> str:
    """Return the present end of the journal."""
    cursor: str = (await user.ask("{ latestCursor }")).data["latestCursor"]
    return cursor


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds in the server, at most five seconds."""
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


async def test_every_event_arrives_once_and_in_commit_order(erp: Erp):
    """What one user does, another one sees at once, with the state it led to."""
    anna, bert = await erp.sign_in("anna"), await erp.sign_in("bert")
    start = await latest(anna)
    async with socket_of(erp) as socket:
        await socket.sign_in(bert.token)
        await socket.follow(after=start)

        invoice = await anna.create_invoice()
        await anna.submit(invoice)
        await bert.approve(invoice)
        await anna.post(invoice)

        events = [await socket.event() for _ in range(4)]
    assert [(event["type"], event["version"], event["actor"]["name"]) for event in events] == [
        ("SalesInvoiceCreated", 1, "anna"),
        ("SalesInvoiceSubmitted", 2, "anna"),
        ("SalesInvoiceApproved", 3, "bert"),
        ("SalesInvoicePosted", 4, "anna"),
    ]
    assert events[-1]["document"]["number"] == "INV-2026-00001"
    for event in events:  # the entity is never older than the event
        assert event["document"]["version"] >= event["version"]


async def test_a_subscription_resumes_at_any_cursor(erp: Erp):
    """From the cursor of any event on, exactly the later ones come, in the same order."""
    anna = await erp.sign_in()
    start = await latest(anna)
    for _ in range(5):
        await anna.submit(await anna.create_invoice())
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.follow("all", after=start)
        cursors = [(await socket.event("all"))["cursor"] for _ in range(10)]

        for place in (0, 4, 8):
            await socket.follow(f"from{place}", after=cursors[place])
            rest = [(await socket.event(f"from{place}"))["cursor"] for _ in cursors[place + 1 :]]
            assert rest == cursors[place + 1 :]
            await socket.send(type="complete", id=f"from{place}")


async def test_a_subscriber_that_catches_up_while_events_come_misses_nothing(erp: Erp):
    """Old events are told alone, new ones by the group; at the seam none is lost or doubled."""
    anna = await erp.sign_in()
    start = await latest(anna)
    async with socket_of(erp) as early, socket_of(erp) as late:
        await early.sign_in(anna.token)
        await early.follow(after=start)
        for _ in range(10):
            await anna.create_invoice()
        await late.sign_in(anna.token)
        await late.follow(after=start)
        await asyncio.gather(*(anna.create_invoice() for _ in range(20)))

        told_early = [(await early.event())["cursor"] for _ in range(30)]
        told_late = [(await late.event())["cursor"] for _ in range(30)]
    assert told_early == told_late
    positions = [int(cursor.partition(".")[0]) for cursor in told_late]
    assert positions == sorted(set(positions))


@pytest.mark.parametrize(
    ("asked", "variable"),
    [
        ("subscription($x: Cursor) { documentEvents(after: $x) { type } }", "x"),
        ('subscription { documentEvents(after: "1.0") { type } }', None),
        ("subscription($i: ID) { documentEvents(filter: {document: $i}) { type } }", None),
        (
            "subscription($x: Cursor) { documentEvents(after: $x) { type"
            " document { history(after: $x) { totalCount } } } }",
            None,
        ),
    ],
)
def test_only_where_it_starts_does_not_set_subscriptions_apart(asked: str, variable: str | None):
    """Equal but for the cursor to resume from are executed once, unless it says more than that."""
    assert Plans().plan(asked).resumes_at(None) == variable


async def test_a_database_that_cannot_be_reached_is_told_to_the_client(erp: Erp, monkeypatch):
    """Not silence: the subscription ends with INTERNAL, and the socket lives on."""
    anna = await erp.sign_in()
    await latest(anna)

    async def unreachable(*_: Any) -> None:
        raise ConnectionResetError("no such host: db.internal")

    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        monkeypatch.setattr("web.websocket.place_of", unreachable)
        await socket.follow()
        answer = await socket.receive()
        await socket.flushed()

    [error] = answer["payload"]
    assert (answer["type"], error["extensions"]["code"]) == ("error", "INTERNAL")
    assert "db.internal" not in json.dumps(answer)


async def test_filters_speak_of_facts_of_the_event(erp: Erp):
    """Only the asked document and actions come, whatever state the document has later."""
    anna = await erp.sign_in()
    wanted, other = await anna.create_invoice(), await anna.create_invoice()
    start = await latest(anna)
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.follow(
            after=start, filter={"document": wanted["id"], "action": {"in": ["SUBMIT", "POST"]}}
        )
        await anna.submit(other)
        await anna.submit(wanted)
        await (await erp.sign_in("bert")).approve(wanted)
        await anna.post(wanted)
        types = [(await socket.event())["type"] for _ in range(2)]
    assert types == ["SalesInvoiceSubmitted", "SalesInvoicePosted"]


async def test_another_company_hears_nothing(erp: Erp):
    """Events stay in their company, and its cursor is unknown elsewhere."""
    anna = await erp.sign_in()
    rival = await Erp.found(erp.server, erp.owner, erp.http)
    stranger = await rival.sign_in("stranger")
    await anna.create_invoice()
    async with socket_of(erp) as socket:
        await socket.sign_in(stranger.token)
        await socket.follow("forged", after=await latest(anna))
        refused = await socket.receive()
        assert refused["type"] == "error"
        assert refused["payload"][0]["extensions"]["code"] == "CURSOR_UNKNOWN"

        await socket.follow("own")
        await socket.flushed()
        await anna.create_invoice()
        own = await stranger.create_invoice()
        assert (await socket.event("own"))["document"]["id"] == own["id"]


@pytest.mark.parametrize(
    "cursor", ["", "1", "0.0000000000000000", "999999.0123456789abcdef", "x" * 99]
)
async def test_a_cursor_that_is_not_in_the_journal_is_refused(erp: Erp, cursor: str):
    """A restored database or a forged cursor is never a silent gap."""
    anna = await erp.sign_in()
    await anna.create_invoice()
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.follow(after=cursor)
        refused = await socket.receive()
    assert refused["payload"][0]["extensions"]["code"] == "CURSOR_UNKNOWN"


async def test_a_subscription_asks_for_its_scope(erp: Erp):
    """Without a role nothing can be followed, and the answer names the scope."""
    nobody = await erp.sign_in("nobody", roles=())
    async with socket_of(erp) as socket:
        await socket.sign_in(nobody.token)
        await socket.follow()
        refused = await socket.receive()
    assert refused["payload"][0]["extensions"] == {
        "code": "FORBIDDEN",
        "requiredScope": "sales:read or purchase:read",
    }


async def test_queries_and_mutations_work_over_the_socket_too(erp: Erp):
    """One answer, then complete."""
    anna = await erp.sign_in()
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.follow("q", "{ me { roles } }")
        assert (await socket.receive())["payload"] == {"data": {"me": {"roles": ["admin"]}}}
        assert await socket.receive() == {"id": "q", "type": "complete"}
        await socket.follow("bad", "{ nothing }")
        assert (await socket.receive())["type"] == "error"


async def test_a_slow_consumer_is_ended_with_the_cursor_to_resume_from(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
):
    """Past its bound the subscription ends; from the told cursor on nothing is missing."""
    monkeypatch.setattr(door, "OUTBOX_MESSAGES_MAX", 5)
    stuck = asyncio.Event()
    send = door.WebSocket.send

    async def wait(self: door.WebSocket, message: Any) -> None:
        if '"type":"next"' in message.get("text", ""):
            await stuck.wait()
        await send(self, message)

    monkeypatch.setattr(door.WebSocket, "send", wait)
    anna = await erp.sign_in()
    start = await latest(anna)
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.follow()
        await socket.flushed()
        for _ in range(12):
            await anna.create_invoice()
        stuck.set()
        messages = []
        while not messages or messages[-1]["type"] != "error":
            messages.append(await socket.receive())
        [error] = messages[-1]["payload"]
        assert error["extensions"]["code"] == "SLOW_CONSUMER"

        await socket.follow("again", after=error["extensions"]["cursor"])
        rest = [(await socket.event("again"))["cursor"] for _ in range(12 - len(messages) + 1)]
        await socket.follow("all", after=start)
        every = [(await socket.event("all"))["cursor"] for _ in range(12)]
    told = [message["payload"]["data"]["documentEvents"]["cursor"] for message in messages[:-1]]
    assert told + rest == every


async def test_one_connection_holds_a_bounded_number_of_subscriptions(erp: Erp):
    """The one too many is refused, the others go on."""
    anna = await erp.sign_in()
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        for number in range(door.SUBSCRIPTIONS_PER_CONNECTION_MAX):
            await socket.follow(str(number))
        await socket.follow("one too many")
        refused = await socket.receive()
        assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        await socket.send(type="complete", id="7")
        await socket.follow("instead")
        await socket.flushed()


async def test_a_token_that_ends_closes_the_socket_unless_it_is_renewed(erp: Erp):
    """The socket ends with 4401 at the token's end; a newer token of the same user keeps it."""
    soon = time.time() + 1
    short = erp.token("anna", ("admin",), exp=int(soon) + 1)
    async with socket_of(erp) as renewed, socket_of(erp) as ended:
        await ended.sign_in(short)
        await renewed.sign_in(short)
        fresh = erp.token("anna", ("admin",))
        await renewed.send(type="ping", payload={"authorization": f"Bearer {fresh}"})
        assert await renewed.receive() == {"type": "pong"}
        assert await ended.closed() == 4401
        await renewed.flushed()


async def test_a_token_with_other_rights_does_not_renew_a_socket(erp: Erp):
    """Another user's token on a signed-in socket closes it."""
    async with socket_of(erp) as socket:
        await socket.sign_in(erp.token("anna", ("admin",)))
        other = erp.token("bert", ("operator",))
        await socket.send(type="ping", payload={"authorization": f"Bearer {other}"})
        assert await socket.closed() == 4403


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ('{"type":"subscribe","id":"1","payload":{"query":"{me{id}}"}}', 4401),
        ('{"type":"connection_init"}', 4401),
        ('{"type":"connection_init","payload":{"authorization":"Bearer x"}}', 4401),
        ("not json", 4400),
        ("[]", 4400),
    ],
)
async def test_a_client_that_does_not_introduce_itself_is_closed(erp: Erp, sent: str, code: int):
    """Nothing is answered before a valid token came."""
    async with socket_of(erp) as socket:
        await socket.wire.send_str(sent)
        assert await socket.closed() == code


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"type": "connection_init"}, 4429),
        ({"type": "unknown"}, 4400),
        ({"type": "subscribe", "id": "1"}, 4400),
        ({"type": "subscribe", "id": "a", "payload": {"query": EVENTS}}, 4409),
    ],
)
async def test_a_client_that_breaks_the_protocol_is_closed(
    erp: Erp, sent: dict[str, Any], code: int
):
    """Each breach has the code of the protocol's specification."""
    anna = await erp.sign_in()
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.follow("a")
        await socket.send(**sent)
        assert await socket.closed() == code


async def test_the_legacy_protocol_is_refused(erp: Erp):
    """graphql-ws, the old one, has known holes: closed with 4406."""
    async with socket_of(erp, protocols=["graphql-ws"]) as socket:
        assert await socket.closed() == 4406


async def test_a_page_of_a_foreign_origin_cannot_open_a_socket(erp: Erp):
    """A browser tells the origin, and only our own is let in."""
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with socket_of(erp, origin="https://evil.example") as socket:
            await socket.closed()
    async with socket_of(erp, origin=erp.server.url) as socket:
        await socket.sign_in((await erp.sign_in()).token)


async def test_a_cut_connection_frees_its_subscriptions(erp: Erp):
    """No group, follower or task is left once the last subscriber is gone."""
    anna = await erp.sign_in()
    groups = erp.server.state.groups._groups
    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.follow()
        await until(lambda: any(each.tenant == erp.tenant for each in groups))
        transport = socket.wire._response.connection.transport  # type: ignore[union-attr]
        transport.abort()
    await until(lambda: all(each.tenant != erp.tenant for each in groups))
    assert erp.tenant not in erp.server.state.groups._feed._logs
