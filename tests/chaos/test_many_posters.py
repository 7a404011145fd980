"""Many post at once, into one series: on one server, and on two."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import ApprovalMode
from tests.chaos.listening import cursors_of, listening
from tests.chaos.posting import POSTED, drafts, numbers_to, told
from tests.chaos.processes import ServerProcess, Site, serving
from tests.erp import Erp


async def test_fifty_posters_in_one_series_mean_fifty_posted_invoices(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
):
    """Nobody is refused, no number is skipped or given twice, and a subscriber hears all of it."""
    company = await Erp.found(server, owner, http, approval=ApprovalMode.NONE)
    anna = await company.sign_in()
    async with listening(anna) as listener:
        postings = await drafts([anna], 50)
        await listener.heard(50)

        outcomes = await asyncio.gather(*(each.attempt() for each in postings))

        await listener.heard(100)
    assert outcomes == [POSTED] * 50
    assert told(postings) == await company.numbers() == numbers_to(50)
    assert listener.numbers == numbers_to(50)
    assert listener.cursors == await cursors_of(company)
    await company.check_books()


@pytest.fixture
async def second_server(site: Site, http: aiohttp.ClientSession) -> AsyncIterator[ServerProcess]:
    """Another server of the same site."""
    async with serving(site, http) as process:
        yield process


@pytest.mark.slow
async def test_two_servers_fill_one_series_and_hear_of_each_other(
    company: Erp, second_server: ServerProcess
):
    """Posted here or there: one row of numbers, and both sides tell the same events in order."""
    anna = await company.sign_in("anna")
    berta = await replace(company, server=second_server).sign_in("berta")
    async with listening(anna) as here, listening(berta) as there:
        postings = await drafts([anna, berta], 40)
        await here.heard(40)
        await there.heard(40)

        outcomes = await asyncio.gather(*(each.attempt() for each in postings))

        await here.heard(80)
        await there.heard(80)
    assert outcomes == [POSTED] * 40
    assert told(postings) == await company.numbers() == numbers_to(40)
    assert here.numbers == there.numbers == numbers_to(40)
    assert here.cursors == there.cursors == await cursors_of(company)
