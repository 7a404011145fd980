"""Bringing a database to the state this code needs, and refusing one that is ahead of it."""

from importlib.resources import files

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.ext.asyncio import create_async_engine

from persistence.database import OWNER_ROLE, connect
from persistence.roles import ensure_roles

POSTGRESQL_MIN = 15
_LOCK = 0x4E455552  # one migration at a time per database, whoever starts it


class DatabaseAhead(Exception):
    """The database is newer than this code."""


class DatabaseBehind(Exception):
    """The database lacks migrations that this code needs."""


class DatabaseTooOld(Exception):
    """The server is older than what this code was written for."""


def configuration() -> Config:
    """Return Alembic's configuration, independent of the working directory."""
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


async def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`. Raises DatabaseAhead or DatabaseTooOld."""
    admin = await asyncpg.connect(url)
    try:
        _refuse_older(admin)
        await admin.execute("select pg_advisory_lock($1)", _LOCK)
        await ensure_roles(admin)
        await refuse_newer(admin)
        await _run(url, revision)
    finally:
        await admin.close()


def _refuse_older(connection: asyncpg.Connection) -> None:
    version = connection.get_server_version()
    if version.major < POSTGRESQL_MIN:
        raise DatabaseTooOld(
            f"The database server is PostgreSQL {version.major}; NeuroERP needs {POSTGRESQL_MIN} or"
            " newer."
        )


async def refuse_newer(connection: asyncpg.Connection) -> None:
    """Raise DatabaseAhead if the database was migrated by a later release."""
    present = await _present(connection)
    try:
        ScriptDirectory.from_config(configuration()).get_revision(present or "base")
    except CommandError:
        raise DatabaseAhead(
            f"The database is at migration {present}, which this version of NeuroERP does not know."
            " Start the version that made it, or restore a backup from before."
        ) from None


async def demand_current(url: str) -> None:
    """Raise DatabaseAhead or DatabaseBehind unless the database is what this code needs."""
    connection = await asyncpg.connect(url)
    try:
        await refuse_newer(connection)
        present = await _present(connection)
    finally:
        await connection.close()
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    if present != head:
        raise DatabaseBehind(
            f"The database is at migration {present or 'none'}, this version of NeuroERP needs"
            f" {head}. Run neuroerp migrate first."
        )


async def _present(connection: asyncpg.Connection) -> str | None:
    """Return the migration a database is at, None for an empty one."""
    if not await connection.fetchval("select to_regclass('public.alembic_version') is not null"):
        return None
    present: str | None = await connection.fetchval(
        "select version_num from public.alembic_version"
    )
    return present


async def _run(url: str, revision: str) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(url, OWNER_ROLE, statement_timeout="0"),
    )
    config = configuration()
    try:
        async with engine.connect() as connection:

            def run(sync_connection: object) -> None:
                config.attributes["connection"] = sync_connection
                if revision == "base":
                    command.downgrade(config, revision)
                else:
                    command.upgrade(config, revision)

            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()
