"""Workers die by kill -9 in the middle of an import, and others go on with it."""

import asyncpg
import pytest

from tests.chaos.cutting import Cutter, somebody_waits_for
from tests.chaos.printing import is_idle, let_the_silence_be_long, worker_of
from tests.chaos.processes import START_SECONDS_MAX, Part, Site, until, verify
from tests.erp import Erp
from tests.importing import seen, start, table

ROWS = 3_000
BATCH = 200
BAD_EVERY = 500
FIRST_NUMBER = 10_001

_DONE = "select done_rows from import_run where tenant_id = $1"


def _line(n: int) -> str:
    return ";;27318;" if n % BAD_EVERY == 0 else f"Hof {n};Weg {n};27318;Hoya"


async def _kill_amid(
    worker: Part, company: Erp, cutter: Cutter, done_at_least: int, held: str
) -> int:
    """Kill a worker that is writing a batch into a table; return how many rows were done then."""
    books = company.owner

    async def is_so_far() -> bool:
        return bool(await books.fetchval(_DONE, company.tenant) >= done_at_least)

    await until(is_so_far, START_SECONDS_MAX)
    async with cutter.holding(held):
        await until(lambda: somebody_waits_for(books, held))
        worker.kill()
        done: int = await books.fetchval(_DONE, company.tenant)
    return done


@pytest.mark.slow
async def test_an_import_whose_workers_are_killed_takes_each_row_exactly_once(
    company: Erp, site: Site, books: asyncpg.Connection, cutter: Cutter
):
    """One dies while partners are written, one when a batch is whole but for its commit.

    The third finishes: every good row is one partner in the order of the file, their numbers have
    no gap, progress is told batch by batch with neither a step missing nor one told twice.
    """
    await books.execute("delete from pgqueuer")
    anna = await company.sign_in()
    lines = [_line(n) for n in range(1, ROWS + 1)]
    run = (await start(anna, table("Firma;Straße;PLZ;Ort", *lines))).made["id"]

    async with worker_of(site) as first:
        after_first = await _kill_amid(first, company, cutter, 2 * BATCH, "partner")
    half = await seen(anna, run)
    await let_the_silence_be_long(books)
    async with worker_of(site) as second:
        after_second = await _kill_amid(second, company, cutter, after_first + 600, "journal")
    await let_the_silence_be_long(books)
    async with worker_of(site):
        await until(lambda: is_idle(books), START_SECONDS_MAX)

    assert (half["state"], half["doneRows"]) == ("RUNNING", after_first)
    assert 2 * BATCH <= after_first < after_second < ROWS
    found = await seen(anna, run)
    bad = ROWS // BAD_EVERY
    counted = ("state", "totalRows", "doneRows", "createdRows", "failedRows")
    assert tuple(found[name] for name in counted) == ("FINISHED", ROWS, ROWS, ROWS - bad, bad)
    assert [each["row"] for each in found["problems"]["nodes"]][::3] == [
        n + 1 for n in range(BAD_EVERY, ROWS + 1, BAD_EVERY)
    ]
    partners = await books.fetch(
        "select number, name from partner where tenant_id = $1 order by number", company.tenant
    )
    assert [(row["number"], row["name"]) for row in partners] == [
        (str(FIRST_NUMBER + place), f"Hof {n}")
        for place, n in enumerate(n for n in range(1, ROWS + 1) if n % BAD_EVERY)
    ]
    told = [row for row in await company.journal() if row["entity_type"] == "import_run"]
    progressed = [row["data"] for row in told if row["type"] == "ImportProgressed"]
    assert len(progressed) == ROWS // BATCH
    assert (told[0]["type"], told[-1]["type"]) == ("ImportStarted", "ImportFinished")
    created = [row for row in await company.journal() if row["type"] == "PartnerCreated"]
    assert len(created) == ROWS - bad
    verified = await verify(site)
    assert verified.returncode == 0, verified.stdout
