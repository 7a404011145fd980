"""The smallest WebSocket client: no extensions, no fragments, answers pings."""

import asyncio
import struct
from collections.abc import Callable
from typing import cast

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_FINAL, _MASKED = 0x80, 0x80
_NO_MASK = b"\0\0\0\0"  # a mask that leaves the bytes as they are

Hear = Callable[["Socket", bytes], None]


class Socket(asyncio.Protocol):
    """One socket; every text that comes is given to `hear`, an empty one when the socket closed."""

    def __init__(self, opening: bytes, hear: Hear) -> None:
        self._opening = opening
        self._hear = hear
        self._received = bytearray()
        self._open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @staticmethod
    async def connect(port: int, path: str, protocol: str, hear: Hear) -> "Socket":
        """Open a socket on this machine."""
        lines = [f"GET {path} HTTP/1.1", "host: 127.0.0.1", "upgrade: websocket"]
        lines += ["connection: Upgrade", "sec-websocket-version: 13"]
        lines += ["sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=="]
        lines += [f"sec-websocket-protocol: {protocol}"] if protocol else []
        opening = "\r\n".join([*lines, "", ""]).encode()
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(lambda: Socket(opening, hear), "127.0.0.1", port)
        await socket.opened
        return socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._opening)

    def connection_lost(self, error: Exception | None) -> None:
        """Say that it is over."""
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionResetError("closed by the server"))
        self._hear(self, b"")

    def send(self, text: str) -> None:
        """Send a text."""
        self._send(_TEXT, text.encode())

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def data_received(self, received: bytes) -> None:
        """Take a piece of what the server sends."""
        self._received += received
        if not self._open:
            self._open_by_head()
        while self._open and (frame := self._frame()) is not None:
            kind, content = frame
            if kind == _TEXT:
                self._hear(self, content)
            elif kind == _PING:
                self._send(_PONG, content)
            elif kind == _CLOSE:
                self._transport.close()

    def _open_by_head(self) -> None:
        head, end, rest = bytes(self._received).partition(b"\r\n\r\n")
        if not end:
            return
        if b" 101 " not in head[:16]:
            self.opened.set_exception(ConnectionRefusedError(head.decode()))
            return
        self._received = bytearray(rest)
        self._open = True
        self.opened.set_result(None)

    def _frame(self) -> tuple[int, bytes] | None:
        """Return kind and content of the next whole frame, if it is there."""
        held = self._received
        if len(held) < 2:
            return None
        start, length = 2, held[1]
        if length >= 126:
            start, form = (4, "!H") if length == 126 else (10, "!Q")
            if len(held) < start:
                return None
            (length,) = struct.unpack_from(form, held, 2)
        if len(held) < start + length:
            return None
        kind, content = held[0] & 0x0F, bytes(held[start : start + length])
        del held[: start + length]
        return kind, content

    def _send(self, kind: int, content: bytes) -> None:
        size = len(content)
        head = bytes([_FINAL | kind, _MASKED | (size if size < 126 else 126)])
        head += b"" if size < 126 else struct.pack("!H", size)
        self._transport.write(head + _NO_MASK + content)
