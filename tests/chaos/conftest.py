"""What every disaster needs: a database of its own, and real processes that work on it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import ApprovalMode
from persistence.database import OWNER_ROLE, connect
from tests.chaos.cutting import Cutter
from tests.chaos.processes import ServerProcess, Site, serving
from tests.conftest import cloned
from tests.erp import Erp


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A database that nobody else uses."""
    async with cloned(f"chaos_{uuid4().hex[:12]}") as url:
        yield Site(url, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
async def books(site: Site) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees all of the site's companies."""
    connection = await connect(site.database_url, OWNER_ROLE)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def cutter(site: Site, books: asyncpg.Connection) -> AsyncIterator[Cutter]:
    """Somebody who cuts the connections of the site's servers and workers."""
    admin = await asyncpg.connect(site.database_url)
    yield Cutter(admin, books)
    await admin.close()


@pytest.fixture(scope="module")
async def server_process(site: Site, http: aiohttp.ClientSession) -> AsyncIterator[ServerProcess]:
    """A real server of the site, ready."""
    async with serving(site, http) as process:
        yield process


@pytest.fixture
async def company(
    server_process: ServerProcess, books: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company of the site that posts its drafts in one call; its books are checked at the end."""
    founded = await Erp.found(server_process, books, http, ApprovalMode.NONE)
    yield founded
    await founded.check_books()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave chaos out of the inner loop."""
    for item in items:
        if "chaos" in item.path.parts:
            item.add_marker(pytest.mark.slow)
