"""The worker dies by kill -9 in the middle of a job over documents, and another one goes on."""

import asyncpg
import pytest

from persistence.database import Database
from tests.chaos.printing import is_idle, let_the_silence_be_long, worker_of
from tests.chaos.processes import Site, until
from tests.erp import Erp
from tests.stacks import counts, drafts, seen, start

DOCUMENTS = 500


@pytest.mark.slow
async def test_a_job_whose_worker_was_killed_does_each_document_once(
    company: Erp, site: Site, books: asyncpg.Connection
):
    """Posted without a gap, each once, whatever part was under way."""
    await books.execute("delete from pgqueuer")
    anna = await company.sign_in()
    database = await Database.open(site.database_url)
    ids = await drafts(anna, DOCUMENTS, database=database, soldTo=await anna.create_partner())
    await database.close()
    job = (await start(anna, "POST", ids=ids)).made["id"]

    async with worker_of(site) as first:
        await until(lambda: books.fetchval("select done >= 200 from document_job"))
        first.kill()
    half = await seen(anna, job)
    await books.execute("delete from pgqueuer where entrypoint = 'print_document'")
    assert not await is_idle(books)
    await let_the_silence_be_long(books)
    async with worker_of(site):
        await until(lambda: books.fetchval("select state = 'FINISHED' from document_job"))

    assert half["state"] == "RUNNING"
    assert half["done"] in (200, 400)
    assert counts(await seen(anna, job)) == ("FINISHED", DOCUMENTS, DOCUMENTS, 0)
    assert await company.numbers() == [f"INV-2026-{n:05}" for n in range(1, DOCUMENTS + 1)]
    types = [row["type"] for row in await company.journal()]
    assert types.count("SalesInvoicePosted") == DOCUMENTS
    assert types.count("DocumentJobProgressed") == 2
