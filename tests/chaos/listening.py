"""A subscriber of the kind the docs recommend, that writes down what it hears."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from gql.transport.exceptions import TransportQueryError

from docs.reference_client import follow
from tests.chaos.posting import INTERNAL
from tests.erp import Erp, User

HEAR_SECONDS_MAX = 30

_NOT_OF_DOCUMENTS = ["PartnerCreated"]


class Listener:
    """Hears the events of documents from a cursor on, over as many connections as it takes."""

    def __init__(self, user: User, after: str) -> None:
        self._user = user
        self._after = after
        self._grew = asyncio.Condition()
        self.events: list[dict[str, Any]] = []

    async def listen(self) -> None:
        """Listen for ever; after a cut or an error of the server go on after the last event."""
        while True:
            try:
                async for event in follow(self._user.erp.server.url, self._user.token, self._after):
                    async with self._grew:
                        self.events.append(event)
                        self._grew.notify_all()
                    self._after = event["cursor"]
            except TransportQueryError as refused:
                if [error["extensions"]["code"] for error in refused.errors or ()] != [INTERNAL]:
                    raise

    async def heard(self, count: int) -> None:
        """Wait until so many events were heard in all."""
        try:
            async with asyncio.timeout(HEAR_SECONDS_MAX), self._grew:
                await self._grew.wait_for(lambda: len(self.events) >= count)
        except TimeoutError:
            raise AssertionError(f"heard {len(self.events)} events of {count}") from None

    @property
    def cursors(self) -> list[str]:
        """The cursors of the events, as they came."""
        return [event["cursor"] for event in self.events]

    @property
    def numbers(self) -> list[str]:
        """The numbers of posted invoices, as they came."""
        return [
            event["document"]["number"]
            for event in self.events
            if event["type"] == "SalesInvoicePosted"
        ]


@contextlib.asynccontextmanager
async def listening(user: User) -> AsyncIterator[Listener]:
    """Have somebody listen from the present end of the journal on."""
    listener = Listener(user, (await user.ask("{ latestCursor }")).data["latestCursor"])
    task = asyncio.create_task(listener.listen())
    try:
        yield listener
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def cursors_of(company: Erp) -> list[str]:
    """Return the cursors of all events of documents, in the order of the journal."""
    return [
        f"{row['position']}.{row['hash'][:8].hex()}"
        for row in await company.journal()
        if row["type"] not in _NOT_OF_DOCUMENTS
    ]
