"""The database cuts the server's connections while something is asked, posted or followed."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import asyncpg
import pytest

from persistence.feed import CHANNEL, Announcements
from tests.chaos.cutting import Cutter
from tests.chaos.listening import cursors_of, listening
from tests.chaos.posting import INTERNAL, Posting, demand_clear, drafts, numbers_to, told
from tests.chaos.processes import WAIT_SECONDS_MAX, Site, until
from tests.erp import Answer, Erp
from tests.test_feed import socket_of

POSTED_BETWEEN_CUTS = 4
CUTS = 40


@pytest.mark.slow
async def test_cut_connections_cost_repetitions_but_neither_numbers_nor_events(
    company: Erp, cutter: Cutter
):
    """A cut call is told that it failed; with the same key it is posted in the end, and once."""
    anna = await company.sign_in()
    async with listening(anna) as listener:
        postings = await drafts([anna], 40)
        await listener.heard(40)
        posted: asyncio.Queue[Posting] = asyncio.Queue()

        async with asyncio.TaskGroup() as clients:
            for each in postings:
                clients.create_task(each.insist(posted))
            for _ in range(len(postings) // POSTED_BETWEEN_CUTS):
                async with asyncio.timeout(WAIT_SECONDS_MAX):
                    for _ in range(POSTED_BETWEEN_CUTS):
                        await posted.get()
                await cutter.cut()

        await listener.heard(80)
    assert sum(each.outcomes.count(INTERNAL) for each in postings) >= 10
    assert told(postings) == await company.numbers() == numbers_to(40)
    assert listener.numbers == numbers_to(40)
    assert listener.cursors == await cursors_of(company)


async def _read(company: Erp) -> Answer:
    return await (await company.sign_in()).ask("{ documents(first: 1) { nodes { id } } }")


async def _post(company: Erp) -> Answer:
    return await (await company.sign_in()).post({"id": f"doc_{company.tenant}", "version": 1})


async def _come_for_the_first_time(company: Erp) -> Answer:
    return await (await company.sign_in("newcomer")).ask("{ me { id } }")


@pytest.mark.parametrize(
    ("ask", "table"),
    [(_read, "document"), (_post, "document"), (_come_for_the_first_time, "app_user")],
)
async def test_a_call_whose_connection_is_cut_is_told_so_as_graphql(
    company: Erp,
    cutter: Cutter,
    books: asyncpg.Connection,
    ask: Callable[[Erp], Awaitable[Answer]],
    table: str,
):
    """Reading, writing or signing in: an incident and no trace, and the next call is served."""
    await (await company.sign_in()).create_partner()
    async with books.transaction():
        await books.execute(f"lock table {table} in access exclusive mode")
        asked = asyncio.ensure_future(ask(company))
        await cutter.end_who_waits()
        answer = await asked

    demand_clear(answer)
    assert "errors" not in (await _come_for_the_first_time(company)).body


async def test_a_subscription_that_cannot_begin_is_told_so(
    company: Erp, cutter: Cutter, books: asyncpg.Connection
):
    """Whoever waits for events must not wait for ever."""
    anna = await company.sign_in()
    await anna.create_partner()
    start = (await anna.ask("{ latestCursor }")).data["latestCursor"]
    async with socket_of(company) as socket:
        await socket.sign_in(anna.token)
        async with books.transaction():
            await books.execute("lock table journal in access exclusive mode")
            await socket.follow(after=start)
            await cutter.end_who_waits()

            async with asyncio.timeout(WAIT_SECONDS_MAX):
                refused = await socket.receive()

    assert (refused["type"], refused["id"]) == ("error", "1")
    assert refused["payload"][0]["extensions"]["code"] == INTERNAL


@pytest.mark.parametrize("end", ["pg_terminate_backend", "pg_cancel_backend"])
async def test_a_subscriber_hears_on_after_the_journal_could_not_be_read(
    company: Erp, cutter: Cutter, books: asyncpg.Connection, end: str
):
    """The very statement that reads the journal for it is ended; the next event comes anyway."""
    anna = await company.sign_in()
    async with listening(anna) as listener:
        [posting] = await drafts([anna], 1)
        await listener.heard(1)
        async with books.transaction():
            await books.execute("lock table journal in access exclusive mode")
            await cutter.end_who_waits(end)

        await posting.insist()

        await listener.heard(2)
    assert listener.numbers == numbers_to(1)


async def test_announcements_are_heard_after_any_cut(
    site: Site, cutter: Cutter, books: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
):
    """Cut in whatever it is doing, the connection that tells of commits is opened anew."""
    monkeypatch.setattr("persistence.feed.RECONNECT_SECONDS", 0.01)
    company, heard = uuid4(), asyncio.Event()

    async def is_heard() -> bool:
        await books.execute("select pg_notify($1, $2)", CHANNEL, f"{company}:7")
        return heard.is_set()

    announcements = Announcements(site.database_url)
    announcements.on_growth = lambda _, position: heard.set() if position == 7 else None
    await announcements.start()
    for cut in range(CUTS):
        heard.clear()
        await until(is_heard)
        cutting = asyncio.create_task(cutter.cut())
        for _ in range(cut % 12):
            announcements.announce(company, 1, jobs=True)
            await asyncio.sleep(0)
        await cutting
        for _ in range(5):
            announcements.announce(company, 1, jobs=True)
            await asyncio.sleep(0)

    heard.clear()
    await until(is_heard)
    await announcements.stop()
