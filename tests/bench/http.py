"""The smallest HTTP/1.1 client that keeps its connection: one request, one answer."""

import asyncio
from typing import cast

_LENGTH = b"\r\ncontent-length: "


class Client(asyncio.Protocol):
    """One connection. It knows just what uvicorn sends: a head and a body of known length."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @staticmethod
    async def connect(port: int) -> "Client":
        """Open a connection to this machine."""
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(Client, "127.0.0.1", port)
        return client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = cast(asyncio.Transport, transport)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return the answer's status and body."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, received: bytes) -> None:
        """Take a piece of the answer; the last one completes it."""
        self._received += received
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        at = self._received.index(_LENGTH, 0, end + 2) + len(_LENGTH)
        length = int(self._received[at : self._received.index(b"\r\n", at)])
        if len(self._received) < end + 4 + length:
            return
        body, status = self._received[end + 4 :], int(self._received[9:12])
        self._received = b""
        self._answer.set_result((status, body))

    def connection_lost(self, error: Exception | None) -> None:
        """Fail what is still waited for."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("closed by the server"))

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


def request(path: str, body: str | None = None, headers: dict[str, str] | None = None) -> bytes:
    """Return the bytes of a POST with a JSON body, or of a GET."""
    sent = (body or "").encode()
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines += ["content-type: application/json", f"content-length: {len(sent)}"]
    return "\r\n".join([*lines, "", ""]).encode() + sent
