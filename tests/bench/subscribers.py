"""Hundreds of subscribers in a process of their own, each of whom must get every event, in order.

Crowds are told apart by name. Clocks are the machine's monotonic one, the same in every process.
"""

import asyncio
import json
import resource
import sys
import time
from typing import Any

import uvloop

from tests.bench.sockets import Socket

WAIT_SECONDS_MAX = 30
SETTLE_SECONDS = 0.2  # how long a doubled event may take to show
EVENT = b'"type":"next"'


class Crowd:
    """Subscribers of the same events: what each got is compared with what the first one got."""

    def __init__(self, subscribers: int) -> None:
        self.subscribers = subscribers
        self.sockets: list[Socket] = []
        self.events: list[bytes] = []
        self.flaws: list[str] = []
        self._got: dict[Socket, int] = {}
        self._heard: list[tuple[float, float]] = []  # first and last delivery of each event
        self._complete: list[int] = []
        self._news = asyncio.Event()
        self._subscribe = ""

    async def gather(self, port: int, path: str, protocol: str, hello: str, subscribe: str) -> None:
        """Open all sockets, greet, and subscribe once greeted back."""
        self._subscribe = subscribe
        for _ in range(self.subscribers):
            socket = await Socket.connect(port, path, protocol, self._hear)
            self._got[socket] = 0
            self.sockets.append(socket)
            if hello:
                socket.send(hello)

    def _hear(self, socket: Socket, text: bytes) -> None:
        now = time.monotonic()
        if text.startswith(b'{"type":"connection_ack"'):
            socket.send(self._subscribe)
            return
        if EVENT not in text[:80]:
            self.flaws.append(text.decode() or "a socket closed")
            self._news.set()
            return
        n = self._got[socket]
        self._got[socket] += 1
        if n == len(self.events):
            self.events.append(text)
            self._heard.append((now, now))
            self._complete.append(0)
        elif self.events[n] != text:
            self.flaws.append(f"event {n} differs: {text.decode()}")
        self._complete[n] += 1
        if self._complete[n] == self.subscribers:
            self._heard[n] = (self._heard[n][0], now)
            self._news.set()

    async def delivered(self, count: int) -> dict[str, Any]:
        """Wait until everybody has `count` events; tell the last one's text and times."""
        try:
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                while not self.flaws and self._complete[count - 1 : count] != [self.subscribers]:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            missing = sum(1 for got in self._got.values() if got < count)
            self.flaws.append(f"{missing} subscribers miss event {count}")
        if self.flaws:
            return {"flaws": self.flaws[:3]}
        first, last = self._heard[count - 1]
        return {"flaws": [], "first": first, "last": last, "text": self.events[count - 1].decode()}

    async def leave(self, count: int) -> dict[str, Any]:
        """Demand that nobody got more or less than `count` events, then hang up."""
        await asyncio.sleep(SETTLE_SECONDS)
        wrong = [got for got in self._got.values() if got != count]
        flaws = [*self.flaws, *(f"a subscriber got {got} of {count} events" for got in wrong)]
        for socket in self.sockets:
            socket.close()
        return {"flaws": flaws[:3]}


async def obey(crowds: dict[str, Crowd], asked: dict[str, Any]) -> dict[str, Any]:
    """Do what the bench asks of a crowd."""
    name, verb = asked.pop("crowd"), asked.pop("verb")
    if verb == "gather":
        crowds[name] = Crowd(asked.pop("subscribers"))
        await crowds[name].gather(**asked)
        return {"flaws": crowds[name].flaws}
    if verb == "delivered":
        return await crowds[name].delivered(asked["count"])
    return await crowds[name].leave(asked["count"])


async def main() -> None:
    """Obey line by line until the bench closes our input."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    crowds: dict[str, Crowd] = {}
    while line := await reader.readline():
        print(json.dumps(await obey(crowds, json.loads(line))), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
