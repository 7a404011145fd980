"""GraphQL over WebSocket: the protocol graphql-transport-ws, subscriptions told by groups.

One writer per socket sends what groups and answers put into its outbox. The outbox is bounded:
a subscription whose client reads too slowly ends with SLOW_CONSUMER and the cursor to resume from.
"""

import asyncio
import contextlib
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import orjson
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.feed import SlowConsumer
from domain.identity import Actor, Unauthenticated
from persistence.journal import place_of
from persistence.reading.shape import Single
from resolvers.context import Context
from resolvers.execution import InvalidDocument, Plan, run, subscribed, told
from resolvers.feed.groups import EventUnreadable, Following
from web.state import State

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10
SUBSCRIPTIONS_PER_CONNECTION_MAX = 50
OUTBOX_MESSAGES_MAX = 500
OUTBOX_LENGTH_MAX = 16_000_000  # characters
SEND_SECONDS_MAX = 60  # for one message to a client that takes nothing
MESSAGE_LENGTH_MAX = 200_000

Message = dict[str, Any]


class ProtocolBroken(Exception):
    """The client broke the protocol; the socket closes with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


async def websocket_endpoint(websocket: WebSocket) -> None:
    """Serve one socket until either side ends it."""
    state: State = websocket.app.state.neuroerp
    if not _origin_allowed(websocket, state.settings.allowed_origins):
        await websocket.close(4403)
        return
    if PROTOCOL not in websocket.scope["subprotocols"]:
        await websocket.accept()
        await websocket.close(4406, "Subprotocol not acceptable")
        return
    await websocket.accept(PROTOCOL)
    await Connection(websocket, state).serve()


def _origin_allowed(websocket: WebSocket, allowed: tuple[str, ...]) -> bool:
    """A browser says where its page came from: our own host or one of the settings."""
    origin = websocket.headers.get("origin")
    if origin is None or origin in allowed:
        return True
    return urlsplit(origin).netloc == websocket.headers.get("host")


class Subscription:
    """One subscription of a client, as its group sees it."""

    def __init__(self, connection: "Connection", id: str, start: str) -> None:
        self._connection = connection
        self._id = orjson.dumps(id).decode()
        self._cursor = start
        self.task: asyncio.Task[None] | None = None

    def offer(self, payload: str, cursor: str) -> bool:
        """Take an answer to send; False if the outbox is full, which ends the subscription."""
        if self._connection.is_full:
            problem = SlowConsumer(cursor=self._cursor)
            self.end_with([told(problem, self._connection.context)])
            return False
        self._cursor = cursor
        self._connection.put(f'{{"id":{self._id},"type":"next","payload":{payload}}}')
        return True

    async def room(self) -> None:
        """Wait until the outbox has room."""
        await self._connection.room()

    def end_with(self, errors: list[Message]) -> None:
        """Send the errors that end this subscription."""
        payload = orjson.dumps(errors).decode()
        self._connection.put(f'{{"id":{self._id},"type":"error","payload":{payload}}}')
        if self.task is not None:
            self.task.cancel()


class Connection:
    """One socket: its actor, its operations and its outbox."""

    def __init__(self, websocket: WebSocket, state: State) -> None:
        self._websocket = websocket
        self._state = state
        self._actor: Actor | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._outbox: deque[str] = deque()
        self._outbox_length = 0
        self._is_sending = False
        self._sent = 0
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._closing: tuple[int, str] | None = None

    @property
    def context(self) -> Context | None:
        """What the resolvers of an operation of this socket may use."""
        return self._state.context(self._actor) if self._actor else None

    @property
    def is_full(self) -> bool:
        """Whether the outbox has reached its bound."""
        return len(self._outbox) >= OUTBOX_MESSAGES_MAX or self._outbox_length >= OUTBOX_LENGTH_MAX

    def put(self, text: str) -> None:
        """Have a message sent, in order; a client that asks and asks but never reads is closed."""
        if len(self._outbox) >= 2 * OUTBOX_MESSAGES_MAX:
            self._outbox.clear()
            self._outbox_length = 0
            self._close(1008, "You read slower than you ask")
            return
        self._outbox.append(text)
        self._outbox_length += len(text)
        self._filled.set()

    async def room(self) -> None:
        """Wait until the outbox has room."""
        while self.is_full:
            self._drained.clear()
            await self._drained.wait()

    async def serve(self) -> None:
        """Read and write until the socket ends, then free everything."""
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read())
        watcher = asyncio.create_task(self._watch())
        try:
            await asyncio.wait((writer, reader, watcher), return_when=asyncio.FIRST_COMPLETED)
            if self._closing is not None:
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await self._websocket.close(*self._closing)
        finally:
            tasks = [writer, reader, watcher, *self._operations.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._expiry is not None:
                self._expiry.cancel()

    def _close(self, code: int, reason: str) -> None:
        """End the socket once the outbox is sent."""
        self._closing = self._closing or (code, reason)
        self._filled.set()

    async def _write(self) -> None:
        while True:
            while self._outbox:
                text = self._outbox.popleft()
                self._outbox_length -= len(text)
                self._is_sending = True
                try:
                    await self._websocket.send({"type": "websocket.send", "text": text})
                except (RuntimeError, WebSocketDisconnect, OSError):
                    return
                self._is_sending = False
                self._sent += 1
                self._drained.set()
            if self._closing is not None:
                return
            self._filled.clear()
            await self._filled.wait()

    async def _watch(self) -> None:
        """End when one message hangs from look to look; a timer for each would cost too much."""
        seen = -1
        while not (self._is_sending and self._sent == seen):
            seen = self._sent
            await asyncio.sleep(SEND_SECONDS_MAX)

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                first = await self._message()
                if first.get("type") != "connection_init":
                    raise ProtocolBroken(4401, "Unauthorized")
                await self._sign_in(first.get("payload"))
            self.put('{"type":"connection_ack"}')
            while True:
                await self._handle(await self._message())
        except TimeoutError:
            self._close(4408, "Connection initialisation timeout")
        except ProtocolBroken as broken:
            self._close(broken.code, str(broken))
        except WebSocketDisconnect:
            return
        await asyncio.get_running_loop().create_future()  # the writer closes

    async def _message(self) -> Message:
        text = await self._websocket.receive_text()
        try:
            message = orjson.loads(text) if len(text) <= MESSAGE_LENGTH_MAX else None
        except orjson.JSONDecodeError:
            message = None
        if not isinstance(message, dict):
            raise ProtocolBroken(4400, "Invalid message")
        return message

    async def _sign_in(self, payload: Any) -> None:
        """Take the token of connection_init, or a newer one of the same user."""
        given = payload if isinstance(payload, dict) else {}
        header = given.get("authorization") or given.get("Authorization")
        language = given.get("acceptLanguage") or self._websocket.headers.get("accept-language")
        try:
            actor = await self._state.verifier.actor(str(header or ""), str(language or ""))
        except Unauthenticated as problem:
            raise ProtocolBroken(4401, f"Unauthorized: {problem.reason}") from None
        except Exception as error:  # a database that is away, mostly
            raise ProtocolBroken(1011, told(error)["message"]) from None
        known = self._actor
        if known is not None and (known.tenant, known.user, known.scopes) != (
            actor.tenant,
            actor.user,
            actor.scopes,
        ):
            raise ProtocolBroken(4403, "Forbidden: the new token has other rights")
        self._actor = actor
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().call_later(
            max(0.0, actor.expires_at - time.time()),
            lambda: self._close(4401, "Unauthorized: the token has expired"),
        )

    async def _handle(self, message: Message) -> None:
        match message.get("type"):
            case "subscribe":
                self._subscribe(message)
            case "complete":
                task = self._operations.pop(str(message.get("id")), None)
                if task is not None:
                    task.cancel()
            case "ping":
                payload = message.get("payload")
                if isinstance(payload, dict) and "authorization" in payload:
                    await self._sign_in(payload)
                self.put('{"type":"pong"}')
            case "pong":
                pass
            case "connection_init":
                raise ProtocolBroken(4429, "Too many initialisation requests")
            case _:
                raise ProtocolBroken(4400, "Invalid message")

    def _subscribe(self, message: Message) -> None:
        id, payload = message.get("id"), message.get("payload")
        if not isinstance(id, str) or not id or not isinstance(payload, dict):
            raise ProtocolBroken(4400, "Invalid message")
        if id in self._operations:
            raise ProtocolBroken(4409, f"Subscriber for {id} already exists")
        if len(self._operations) >= SUBSCRIPTIONS_PER_CONNECTION_MAX:
            self._refuse(id, [_too_many()])
            return
        task = asyncio.create_task(self._operate(id, payload))
        self._operations[id] = task
        task.add_done_callback(lambda done: self._ended(id, done))

    def _ended(self, id: str, task: asyncio.Task[None]) -> None:
        if self._operations.get(id) is task:
            del self._operations[id]

    def _refuse(self, id: str, errors: list[Message]) -> None:
        self.put(orjson.dumps({"id": id, "type": "error", "payload": errors}).decode())

    async def _operate(self, id: str, payload: Message) -> None:
        assert self._actor is not None
        query, variables = payload.get("query"), payload.get("variables")
        name = payload.get("operationName")
        try:
            if not isinstance(query, str) or not isinstance(variables, dict | None):
                raise GraphQLError("The payload needs a query, and variables as an object.")
            plan = self._state.plans.plan(query)
            if plan.is_subscription(name):
                await self._follow(id, plan, query, name, variables, self._actor)
            else:
                context = self._state.context(self._actor)
                await self.room()
                answer = await run(context, plan, variables, name)
                self.put(_next(id, answer) if "data" in answer else _errors(id, answer["errors"]))
                if "data" in answer:
                    self.put(orjson.dumps({"id": id, "type": "complete"}).decode())
        except InvalidDocument as invalid:
            self._refuse(id, [told(error) for error in invalid.errors])
        except EventUnreadable as failed:
            self._refuse(id, failed.errors)
        except Exception as error:  # also an unreachable database: the client must hear of it
            self._refuse(id, [told(error, self._state.context(self._actor))])

    async def _follow(
        self,
        id: str,
        plan: Plan,
        query: str,
        name: str | None,
        variables: dict[str, Any] | None,
        actor: Actor,
    ) -> None:
        plan.demand(actor)
        stream = await subscribed(self._state.context(actor), plan, variables, name)
        async with self._state.database.reading(actor.tenant) as connection:
            start = await place_of(connection, actor.tenant, stream.after, ("after",))
        subscription = Subscription(self, id, str(start))
        subscription.task = asyncio.current_task()

        async def execute(event: Single) -> dict[str, Any]:
            return await run(self._state.context(actor), plan, variables, name, event)

        await self._state.groups.follow(
            Following.of(
                actor,
                query,
                name,
                variables,
                resumes_at=plan.resumes_at(name),
                is_personal=plan.is_personal,
            ),
            stream.filter,
            actor,
            execute,
            start.position,
            subscription,
        )


def _next(id: str, answer: Message) -> str:
    return orjson.dumps({"id": id, "type": "next", "payload": answer}).decode()


def _errors(id: str, errors: list[Message]) -> str:
    return orjson.dumps({"id": id, "type": "error", "payload": errors}).decode()


def _too_many() -> Message:
    return {
        "message": "One connection holds at most"
        f" {SUBSCRIPTIONS_PER_CONNECTION_MAX} operations; open another one.",
        "extensions": {"code": "TOO_MANY_SUBSCRIPTIONS"},
    }
