"""The server dies by kill -9 while invoices are being posted, and is started again."""

import asyncio

import aiohttp
import asyncpg
import pytest

from tests.chaos.listening import cursors_of, listening
from tests.chaos.posting import CUT, POSTED, attempts_amid, drafts, numbers_to, told
from tests.chaos.processes import ServerProcess, Site, verify
from tests.erp import Erp


@pytest.mark.slow
async def test_a_server_killed_while_posting_leaves_neither_gaps_nor_doubles(
    company: Erp,
    server_process: ServerProcess,
    site: Site,
    books: asyncpg.Connection,
    http: aiohttp.ClientSession,
):
    """Who was cut repeats with the same key; the subscriber resumes and has heard all, once."""
    anna = await company.sign_in()
    async with listening(anna) as listener:
        postings = await drafts([anna], 40)
        await listener.heard(40)

        attempts = await attempts_amid(postings, books)
        server_process.kill()
        outcomes = await asyncio.gather(*attempts)
        await books.execute("rollback")
        await server_process.start(http)
        await asyncio.gather(*(each.insist() for each in postings))

        await listener.heard(80)
    assert {POSTED, CUT} <= set(outcomes)
    assert told(postings) == await company.numbers() == numbers_to(40)
    assert listener.numbers == numbers_to(40)
    assert listener.cursors == await cursors_of(company)
    await company.check_books()
    verified = await verify(site)
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.splitlines() == ["Prüfstand GmbH: 81 entries, sound"]
