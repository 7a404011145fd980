"""Workers that print, watched from outside."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import psutil

from tests.chaos.processes import Part, Site
from tests.erp import User

SETTING_SECONDS = 0.5  # of some one and a half that loading and setting take

_PRINTOUTS = "query($id: ID!) { document(id: $id) { printouts { fileHash download { url } } } }"


@asynccontextmanager
async def worker_of(site: Site) -> AsyncIterator[Part]:
    """Start a worker, and end it at the end if nothing did before."""
    worker = Part(site, "worker")
    try:
        worker.launch()
        yield worker
    finally:
        worker.clear_away()


async def is_setting(worker: Part) -> bool:
    """Say whether a process of the worker's has worked at a PDF for a while."""
    for child in psutil.Process(worker.pid).children():
        with contextlib.suppress(psutil.Error):  # it ended just now
            if "--multiprocessing-fork" in child.cmdline():
                return child.cpu_times().user > SETTING_SECONDS
    return False


async def is_idle(books: asyncpg.Connection) -> bool:
    """Say whether no job is left."""
    return not await books.fetchval("select count(*) from pgqueuer")


async def let_the_silence_be_long(books: asyncpg.Connection) -> None:
    """Turn back the last sign of life of whoever has a job, since others wait 30 s for one."""
    await books.execute("update pgqueuer set heartbeat = heartbeat - interval '1 minute'")


async def demand_one_printout(user: User, invoice: str) -> None:
    """Demand that there is one printout, and that it can be downloaded."""
    [printout] = (await user.ask(_PRINTOUTS, id=invoice)).data["document"]["printouts"]
    async with user.erp.http.get(user.erp.server.url + printout["download"]["url"]) as file:
        assert (await file.read()).startswith(b"%PDF-")
