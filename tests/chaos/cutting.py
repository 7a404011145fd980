"""Whoever ends what the server's connections to the database do."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg

from tests.chaos.processes import until

_OF_OTHERS = """
from pg_stat_activity
where datname = current_database() and application_name = 'neuroerp' and pid <> $1
"""

_WAITING = """
select exists (
  select from pg_locks l join pg_database d on d.oid = l.database
  where not granted and datname = current_database() and relation = $1::regclass
)
"""


async def somebody_waits_for(books: asyncpg.Connection, table: str) -> bool:
    """Say whether somebody waits for the lock of a table."""
    waiting: bool = await books.fetchval(_WAITING, table)
    return waiting


class Cutter:
    """Cuts connections of a site's servers and workers; `books`, which is ours, is spared."""

    def __init__(self, admin: asyncpg.Connection, books: asyncpg.Connection) -> None:
        self._admin = admin
        self._spared = books.get_server_pid()

    @contextlib.asynccontextmanager
    async def holding(self, table: str) -> AsyncIterator[None]:
        """Let everybody wait who wants to write into a table."""
        async with self._admin.transaction():
            await self._admin.execute(f"lock table {table} in share mode")
            yield

    async def cut(self) -> None:
        """Cut every connection, whatever it does."""
        await self._admin.fetch(f"select pg_terminate_backend(pid) {_OF_OTHERS}", self._spared)

    async def end_who_waits(self, end: str = "pg_terminate_backend") -> None:
        """End what waits for a lock, once there is somebody who waits."""
        waiting = f"select {end}(pid) {_OF_OTHERS} and wait_event_type = 'Lock'"
        await until(lambda: self._admin.fetch(waiting, self._spared))
