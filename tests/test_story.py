"""The story of one invoice, end to end: what `make demo` tells, and the reference client."""

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest
from pypdf import PdfReader

from persistence.database import APP_ROLE, connect
from persistence.journal import verify
from tests.erp import Erp
from web.demo import tell
from web.demonstration import ensure_demonstration
from web.development import KRAUSE, WESER

REFERENCE_CLIENT = Path(__file__).parent.parent / "docs" / "reference_client.py"


@pytest.mark.slow
async def test_the_whole_story_of_one_invoice_can_be_told(
    server: SimpleNamespace, worker: None, owner: asyncpg.Connection, database_url: str
):
    """Every step of make demo ends as it says, and leaves sound journals and a final invoice."""
    await ensure_demonstration(database_url)
    told: list[str] = []

    status = await tell(server.url, told.append)

    assert status == 0, "\n".join(told)
    for company in (WESER, KRAUSE):
        assert [flaw async for flaw in verify(owner, company.id)] == []
    pdf = await owner.fetchval(
        "select content from blob b join printout p on p.tenant_id = b.tenant_id"
        " and p.file_hash = b.hash where b.tenant_id = $1",
        WESER.id,
    )
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    for part in ("Rechnung", "INV-2026-00001", "Landhandel Weser GmbH", "DE999110013"):
        assert part in text
    app = await connect(database_url, APP_ROLE)
    await app.execute(f"set app.tenant = '{WESER.id}'")
    with pytest.raises(asyncpg.RestrictViolationError, match="posted is final"):
        await app.execute("update document set note = 'changed' where state = 'POSTED'")
    await app.close()


class _Wire:
    """A connection between a client and the server that can be cut like a cable."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sockets: list[socket.socket] = []

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes both ways until one side ends."""
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._sockets.append(writer.get_extra_info("socket"))
        with contextlib.suppress(OSError):
            await asyncio.gather(_carry(reader, back), _carry(there, writer))
        back.close()
        writer.close()

    def cut(self) -> None:
        """Reset every connection, without a goodbye."""
        for wire in self._sockets:
            with contextlib.suppress(OSError):  # closed by now
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                wire.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def _wire(server: SimpleNamespace) -> AsyncIterator[tuple[str, _Wire]]:
    wire = _Wire(server.settings.port)
    listening = await asyncio.start_server(wire.pass_on, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", wire
    listening.close()
    wire.cut()


@pytest.mark.slow
async def test_the_reference_client_misses_nothing_when_the_wire_is_cut(
    erp: Erp, server: SimpleNamespace
):
    """Cut twice in the middle, the client of the docs tells every event, once, in order."""
    anna = await erp.sign_in("anna")
    start = (await anna.ask("{ latestCursor }")).data["latestCursor"]
    async with _wire(server) as (url, wire):
        client = await asyncio.create_subprocess_exec(
            sys.executable,
            str(REFERENCE_CLIENT),
            url,
            anna.token,
            start,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert client.stdout is not None
        expected: list[str] = []
        told: list[str] = []
        try:
            for round_ in range(3):
                for _ in range(4):
                    invoice = await anna.create_invoice()
                    await anna.submit(invoice)
                    expected += ["SalesInvoiceCreated", "SalesInvoiceSubmitted"]
                if round_ < 2:
                    told.append((await asyncio.wait_for(client.stdout.readline(), 20)).decode())
                    wire.cut()
            while len(told) < len(expected):
                told.append((await asyncio.wait_for(client.stdout.readline(), 20)).decode())
        finally:
            client.kill()
            _, said = await client.communicate()

    assert said.decode().count("resuming after") >= 1, said.decode()
    assert [line.split()[1] for line in told] == expected
    positions = [int(line.partition(".")[0]) for line in told]
    assert positions == sorted(set(positions))
