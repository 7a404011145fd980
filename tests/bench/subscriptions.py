"""Subscriptions: one event to hundreds of sockets, beside a bare broadcast of the same bytes."""

import json
import time
from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import aiohttp

from domain.documents.kinds import ApprovalMode, State
from tests.bench.company import fill, settle
from tests.bench.http import Client, request
from tests.bench.machine import BenchFailed, Child, Stage, stage
from tests.bench.measures import Result, Runs
from tests.bench.postgres import Cluster
from tests.bench.posting import post_request
from tests.erp import Erp

PROTOCOL = "graphql-transport-ws"
OPERATION = """subscription Follow($after: Cursor) { documentEvents(after: $after) {
  cursor occurredAt type action version stateBefore stateAfter
  document { id number state gross partner { name } } } }"""


@dataclass(slots=True)
class _Contest:
    """One side: its server, what it publishes next, and what was measured of it."""

    name: str
    server: Child
    client: Client
    requests: deque[bytes] = field(default_factory=deque)
    events: int = 0
    quiet_cpu: float = 0.0  # seconds per event while nobody listens
    busy_cpu: list[float] = field(default_factory=list)
    answer_to_last: list[float] = field(default_factory=list)
    first_to_last: list[float] = field(default_factory=list)

    async def publish(self) -> float:
        """Publish an event and return when the answer came."""
        status, body = await self.client.ask(self.requests.popleft())
        if status != 200 or b'"errors"' in body:
            raise BenchFailed(f"publishing answers {status}: {body[:500].decode()}")
        return time.monotonic()

    async def deliver(self, on: Stage) -> str:
        """Publish an event, wait until everybody has it, and return its text."""
        answered = await self.publish()
        self.events += 1
        told = await _ask(on, self.name, "delivered", count=self.events)
        self.answer_to_last.append(told["last"] - answered)
        self.first_to_last.append(told["last"] - told["first"])
        return str(told["text"])

    async def measure(self, on: Stage, events: int) -> list[str]:
        """Deliver events one at a time and note what they cost."""
        before = self.server.cpu_seconds()
        texts = [await self.deliver(on) for _ in range(events)]
        self.busy_cpu.append((self.server.cpu_seconds() - before) / events)
        return texts

    def figures(self, subscribers: int) -> dict[str, float]:
        """Return medians; CPU per delivery without and with what publishing costs by itself."""
        busy = median(self.busy_cpu)
        return {
            "deliveries per second": subscribers / median(self.answer_to_last),
            "answer to last ms": median(self.answer_to_last) * 1_000,
            "first to last ms": median(self.first_to_last) * 1_000,
            "server CPU us per delivery": (busy - self.quiet_cpu) / subscribers * 1e6,
            "same, publishing included": busy / subscribers * 1e6,
            "requests": len(self.answer_to_last),
            "errors": 0,
        }


async def subscriptions(started: Cluster, runs: Runs) -> list[Result]:
    """Measure how fast an event reaches all subscribers."""
    async with (
        stage(started, "subscriptions", "tests.bench.subscribers") as on,
        aiohttp.ClientSession() as http,
    ):
        company = await Erp.found(on.door, on.owner, http, ApprovalMode.NONE)
        ours = _Contest("NeuroERP", on.ours, await Client.connect(on.ours.port))
        floor = _Contest("floor", on.floor, await Client.connect(on.floor.port))
        count = 1 + (runs.rounds + 2) * runs.events
        drafts = await fill(on.owner, company.tenant, count, State.DRAFT)
        await settle(on.url)
        ours.requests += [request(*post_request(company, id)) for id in drafts]
        floor.requests += [_publishing("a text that nobody hears " * 20)] * (runs.events + 1)
        for side in (ours, floor):
            await _measure_quiet(side, runs.events)
        await _gather(on, company, runs.subscribers)
        for turn in range(runs.rounds + 1):
            floor.requests += map(_publishing, await ours.measure(on, runs.events))
            await floor.measure(on, runs.events)
            if not turn:
                ours, floor = _fresh(ours), _fresh(floor)
        for side in (ours, floor):
            await _ask(on, side.name, "leave", count=side.events)
    return [
        Result(
            f"Subscriptions, {runs.subscribers} subscribers",
            "`documentEvents` with a document and its partner to each of"
            f" {runs.subscribers} sockets; {runs.rounds} rounds of {runs.events} events, one at a"
            " time, by posting invoices (ours) and by a request with the same bytes (floor).",
            {side.name: side.figures(runs.subscribers) for side in (ours, floor)},
            "every subscriber got every event once, in order, with the same bytes",
        )
    ]


def _fresh(side: _Contest) -> _Contest:
    """Return the side with its warm-up forgotten."""
    return _Contest(side.name, side.server, side.client, side.requests, side.events, side.quiet_cpu)


async def _measure_quiet(side: _Contest, events: int) -> None:
    await side.publish()
    before = side.server.cpu_seconds()
    for _ in range(events):
        await side.publish()
    side.quiet_cpu = (side.server.cpu_seconds() - before) / events


async def _gather(on: Stage, company: Erp, subscribers: int) -> None:
    """Open both crowds. Ours starts after a cursor, so that nobody can come too late."""
    row = (await company.journal())[-1]
    start = {"after": f"{row['position']}.{row['hash'][:8].hex()}"}
    token = company.token("sven", ("accountant",))
    hello = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
    operation = {"query": OPERATION, "variables": start}
    subscribe = {"type": "subscribe", "id": "1", "payload": operation}
    for name, server, path, protocol, hail, wish in (
        ("NeuroERP", on.ours, "/graphql", PROTOCOL, json.dumps(hello), json.dumps(subscribe)),
        ("floor", on.floor, "/events", "", "", ""),
    ):
        where = {"port": server.port, "path": path, "protocol": protocol}
        said = {"hello": hail, "subscribe": wish, "subscribers": subscribers}
        await _ask(on, name, "gather", **where, **said)


def _publishing(text: str) -> bytes:
    return request("/publish", text)


async def _ask(on: Stage, crowd: str, verb: str, **more: Any) -> dict[str, Any]:
    told = await on.load.ask(crowd=crowd, verb=verb, **more)
    if told["flaws"]:
        raise BenchFailed(f"subscribers of {crowd}: {'; '.join(told['flaws'])}")
    return told
