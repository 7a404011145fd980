"""The worker dies by kill -9 while it prints an invoice, and another one takes over."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import psutil
import pytest

from tests.chaos.cutting import Cutter, somebody_waits_for
from tests.chaos.listening import cursors_of, listening
from tests.chaos.printing import (
    demand_one_printout,
    is_idle,
    is_setting,
    let_the_silence_be_long,
    worker_of,
)
from tests.chaos.processes import WAIT_SECONDS_MAX, Part, Site, until
from tests.erp import Erp

Kill = Callable[[Part, asyncpg.Connection, Cutter], Awaitable[None]]


async def _while_the_file_is_made(worker: Part, _books: asyncpg.Connection, _: Cutter) -> None:
    """Kill it in the longest part of the work; what works for it ends too."""
    await until(lambda: is_setting(worker))
    children = psutil.Process(worker.pid).children(recursive=True)

    worker.kill()

    _, left = await asyncio.to_thread(psutil.wait_procs, children, WAIT_SECONDS_MAX)
    assert left == []


async def _before_the_printout_is_kept(
    worker: Part, books: asyncpg.Connection, cutter: Cutter
) -> None:
    """Kill it when the PDF is made and its printout is being written."""
    async with cutter.holding("printout"):
        await until(lambda: somebody_waits_for(books, "printout"))
        worker.kill()


async def _before_the_job_is_crossed_off(
    worker: Part, books: asyncpg.Connection, cutter: Cutter
) -> None:
    """Kill it when the printout is committed, but nobody knows yet that the job is done."""
    async with books.transaction():
        async with cutter.holding("printout"):
            await until(lambda: somebody_waits_for(books, "printout"))
            await books.execute("lock table pgqueuer in share mode")
        await until(lambda: books.fetchval("select count(*) from printout"))
        worker.kill()
        await cutter.cut()  # what the dead one said last is not listened to any more


@pytest.mark.slow
@pytest.mark.parametrize(
    "kill",
    [
        _while_the_file_is_made,
        _before_the_printout_is_kept,
        _before_the_job_is_crossed_off,
    ],
)
async def test_an_invoice_whose_printing_was_killed_is_printed_once(
    company: Erp, site: Site, books: asyncpg.Connection, cutter: Cutter, kill: Kill
):
    """Another worker takes the job over when the first one was silent for long enough."""
    await books.execute("delete from pgqueuer; truncate printout")
    anna = await company.sign_in()
    async with listening(anna) as listener:
        invoice = await anna.create_invoice()
        await anna.post(invoice)

        async with worker_of(site) as first:
            await kill(first, books, cutter)
        assert not await is_idle(books)
        await let_the_silence_be_long(books)
        async with worker_of(site):
            await until(lambda: is_idle(books))

        await listener.heard(3)
    await demand_one_printout(anna, invoice["id"])
    assert [event["type"] for event in listener.events] == [
        "SalesInvoiceCreated",
        "SalesInvoicePosted",
        "SalesInvoicePrinted",
    ]
    assert listener.cursors == await cursors_of(company)
