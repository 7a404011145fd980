"""Connections: one pool for reads, one engine for writes, and the one place that sets the tenant.

Both work as the role neuroerp_app, to which row-level security applies. Reads use asyncpg as it is,
since SQLAlchemy's connection costs as much again as the statement (measured: docs/performance.md);
the text still comes from SQLAlchemy Core.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from domain.documents.kinds import ApprovalMode
from domain.journal import Cursor
from persistence.reading.paging import PageValues
from persistence.reading.rows import (
    Row,
    count_statement,
    related_count_statement,
    related_statement,
    row_statement,
)
from persistence.reading.shape import Connection as ConnectionShape
from persistence.reading.shape import Page, Shape, Source
from persistence.reading.statement import READABLE_KINDS, TENANT, Statement, json_statement

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection | PoolConnectionProxy"

APP_ROLE = "neuroerp_app"
OWNER_ROLE = "neuroerp_owner"
OPERATOR_ROLE = "neuroerp_operator"

STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 5_000
READ_CONNECTIONS_MAX = 10  # of each process; PostgreSQL allows 100 to all, unless told otherwise
WRITE_CONNECTIONS_MAX = 10
CONNECTION_WAIT_SECONDS_MAX = 5
PREPARED_MAX = 500
"""Statements that a writing connection keeps ready: one per set of changed columns and number of
ids. If it uses more than that in turn, each is parsed and planned anew every time.
"""

UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, restarting, or ended by an operator
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says of a connection cut in the middle
    TimeoutError,
)
"""What is raised while the database cannot be reached; it may be tried again."""

_SET_TENANT = "select set_config('app.tenant', '{}', true)"


class _Connection(asyncpg.Connection):
    """Skips the reset on release: settings live in transactions only, so nothing is left over."""

    def get_reset_query(self) -> str:
        return ""


def _refuse_closed(adapted: Any, _record: object, _proxy: object) -> None:
    """Have the pool open another connection where one was lost, without asking the server."""
    if adapted.driver_connection.is_closed():
        raise DisconnectionError


async def connect(url: str, role: str, **settings: str) -> asyncpg.Connection:
    """Open a connection to `url` that works as `role`."""
    return await asyncpg.connect(url, server_settings=server_settings(role, **settings))


def server_settings(role: str, **settings: str) -> dict[str, str]:
    """Return what every connection starts with."""
    return {
        "role": role,
        "timezone": "UTC",
        "application_name": "neuroerp",
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
        "lock_timeout": str(LOCK_TIMEOUT_MS),
        "jit": "off",
        **settings,
    }


@dataclass(slots=True)
class Database:
    """The database as the server and the worker see it."""

    url: str
    pool: asyncpg.Pool
    engine: AsyncEngine
    statements: int = 0  # reads so far, so that a test can count them

    @staticmethod
    async def open(
        url: str, *, role: str = APP_ROLE, reads: int = READ_CONNECTIONS_MAX, **settings: str
    ) -> "Database":
        """Connect. Raises OSError or asyncpg.PostgresError when there is no such database."""
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=reads,
            connection_class=_Connection,
            statement_cache_size=1_000,
            server_settings=server_settings(role, **settings),
        )
        engine = create_async_engine(
            "postgresql+asyncpg://",
            connect_args={  # `async_creator` beside them would leave the cache at its usual 100
                "async_creator_fn": lambda: connect(url, role, **settings),
                "prepared_statement_cache_size": PREPARED_MAX,
            },
            pool_size=WRITE_CONNECTIONS_MAX,
            max_overflow=0,
            pool_timeout=CONNECTION_WAIT_SECONDS_MAX,
            pool_pre_ping=False,
            hide_parameters=True,  # an error is logged, and its values are somebody's
        )
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return Database(url, pool, engine)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
        await self.pool.close()

    @asynccontextmanager
    async def session(self, tenant: UUID) -> AsyncIterator[AsyncSession]:
        """Open a transaction of `tenant`; it commits at the end unless an exception comes."""
        async with (
            AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session,
            session.begin(),
        ):
            connection = await session.connection()
            await connection.exec_driver_sql(_SET_TENANT.format(tenant))
            yield session

    @asynccontextmanager
    async def reading(self, tenant: UUID | None) -> AsyncIterator[Connection]:
        """Open a read-only transaction on one snapshot; without a tenant no row is visible."""
        async with self.pool.acquire() as connection:
            try:
                await connection.execute(
                    "begin isolation level repeatable read read only;"
                    + _SET_TENANT.format("" if tenant is None else tenant)
                )
                yield connection
            finally:
                with contextlib.suppress(*UNREACHABLE):  # a lost connection is rolled back as well
                    await connection.execute("rollback")

    def snapshot(self, tenant: UUID, readable_kinds: tuple[str, ...]) -> "Snapshot":
        """Return a reader that sees one state of the database for a caller's rights."""
        return Snapshot(self, tenant, readable_kinds)


class SnapshotClosed(Exception):
    """The operation ended before this read: another field of it failed."""


class Snapshot:
    """Reads of one operation: one transaction, opened by the first read, one read at a time."""

    def __init__(self, database: Database, tenant: UUID, readable_kinds: tuple[str, ...]) -> None:
        self._database = database
        self._tenant = tenant
        self._rights = {TENANT: tenant, READABLE_KINDS: list(readable_kinds)}
        self._lock = asyncio.Lock()
        self._opened: Any = None
        self._connection: Connection | None = None
        self._closed = False

    async def json(
        self, source: Source, wanted: Shape | ConnectionShape, values: PageValues
    ) -> str | None:
        """Return the JSON of a source, finished; null where a single row is not there."""
        statement = json_statement(source, wanted)
        [record] = await self.fetch(statement, {**source.values, **values})
        json: str | None = record[0]
        return json

    async def rows(self, source: Source, values: PageValues) -> list[Row]:
        """Return the rows of a source, for the standard executor."""
        found = await self.fetch(row_statement(source), {**source.values, **values})
        return [Row(source.entity, dict(record)) for record in found]

    async def related(
        self,
        entity: str,
        name: str,
        target: str,
        parents: list[list[Any]],
        page: Page | None,
        values: PageValues,
    ) -> list[Row]:
        """Return rows of a relation for many parents; `place` counts parents from 1."""
        keys = {f"parent_{n}": keys for n, keys in enumerate(parents)}
        found = await self.fetch(related_statement(entity, name, page), {**keys, **values})
        return [Row(target, dict(record)) for record in found]

    async def related_counts(
        self, entity: str, name: str, parents: list[list[Any]]
    ) -> dict[int, int]:
        """Count the rows of a relation for many parents, by their place from 1."""
        keys = {f"parent_{n}": keys for n, keys in enumerate(parents)}
        found = await self.fetch(related_count_statement(entity, name), keys)
        return {record["row_place"]: record["counted"] for record in found}

    async def count(self, source: Source) -> int:
        """Count all rows of a source."""
        [record] = await self.fetch(count_statement(source), dict(source.values))
        counted: int = record[0]
        return counted

    async def approval_modes(self) -> dict[str, ApprovalMode]:
        """Return how this tenant wants each kind of document approved."""
        statement = Statement(
            "select kind, approval from kind_setting where tenant_id = $1", (TENANT,), {}
        )
        return {kind: ApprovalMode(mode) for kind, mode in await self.fetch(statement, {})}

    async def today(self, now: datetime) -> date:
        """Return the date where the company is."""
        statement = Statement("select time_zone from tenant where tenant_id = $1", (TENANT,), {})
        [record] = await self.fetch(statement, {})
        return now.astimezone(ZoneInfo(record[0])).date()

    async def latest_cursor(self) -> str:
        """Return the cursor of the journal's present end; before its first row it is 0."""
        statement = Statement(
            "select position, substring(hash, 1, 8) from journal_head where tenant_id = $1",
            (TENANT,),
            {},
        )
        [(position, hash_start)] = await self.fetch(statement, {})
        return str(Cursor(position, hash_start))

    async def fetch(self, statement: Statement, values: dict[str, Any]) -> list[asyncpg.Record]:
        """Return what an area's own statement reads, in this tenant, at this state."""
        arguments = statement.arguments({**self._rights, **values})
        async with self._lock:
            if self._closed:
                raise SnapshotClosed
            if self._connection is None:
                self._opened = self._database.reading(self._tenant)
                self._connection = await self._opened.__aenter__()
            self._database.statements += 1
            found: list[asyncpg.Record] = await self._connection.fetch(statement.sql, *arguments)
            return found

    async def close(self) -> None:
        """End the transaction and refuse reads that come too late, so that none is left open."""
        async with self._lock:
            self._closed = True
            if self._connection is not None:
                self._connection = None
                opened, self._opened = self._opened, None
                await opened.__aexit__(None, None, None)
