"""Migrations: the models and the database say the same, up and down, and never backwards."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from persistence.database import OWNER_ROLE, connect
from persistence.migration import DatabaseAhead, configuration, migrate, refuse_newer
from persistence.models import metadata
from tests.conftest import cloned, database_address
from web.cli import main

CATALOG = """
select 'column' as what, table_name || '.' || column_name as name,
  concat_ws(' ', data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable,
            column_default, generation_expression) as definition
from information_schema.columns where table_schema = 'public'
union all
select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
union all
select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace
union all
select 'policy', tablename || '.' || policyname, concat_ws(' ', roles, cmd, qual, with_check)
from pg_policies where schemaname = 'public'
union all
select 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
from pg_trigger where not tgisinternal
union all
select 'function', oid::regprocedure::text, prosrc from pg_proc
where pronamespace = 'public'::regnamespace
union all
select 'type', typname, typtype::text from pg_type
where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
union all
select 'relation', relname, concat_ws(' ', relkind, relrowsecurity, relforcerowsecurity,
  reloptions, relowner::regrole, (select string_agg(a::text, ',' order by a::text)
                                  from unnest(relacl) a))
from pg_class where relnamespace = 'public'::regnamespace
order by 1, 2, 3
"""


@pytest.fixture
async def migrated(worker_id: str) -> AsyncIterator[str]:
    """A database at the newest migration."""
    async with cloned(f"migrated_{worker_id}") as url:
        yield url


@pytest.fixture
async def empty(worker_id: str) -> AsyncIterator[str]:
    """A database without anything in it."""
    name = f"empty_{worker_id}"
    admin = await asyncpg.connect(database_address("postgres"))
    await admin.execute(f"create database {name} template template0")
    yield database_address(name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


async def _catalog(url: str) -> list[tuple[str, str, str]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(CATALOG)]
    finally:
        await connection.close()


async def _version(url: str) -> str | None:
    connection = await asyncpg.connect(url)
    try:
        version: str | None = await connection.fetchval("select version_num from alembic_version")
        return version
    finally:
        await connection.close()


def _differences(connection: Connection) -> list[Any]:
    options = {
        "include_name": lambda name, kind, _: (
            not (kind == "table" and (name or "").startswith("pgqueuer"))
        ),
        "compare_type": True,
        "compare_server_default": True,
    }
    found: list[Any] = compare_metadata(
        MigrationContext.configure(connection, opts=options), metadata
    )
    return found


async def test_the_models_are_what_the_migrations_make(migrated: str):
    """A column changed in a model without a migration shows up here."""
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: connect(migrated, OWNER_ROLE)
    )
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


def test_there_is_one_line_of_migrations_with_one_head():
    """Two heads would let two servers migrate to different databases."""
    scripts = ScriptDirectory.from_config(configuration())

    walk = list(scripts.walk_revisions())

    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    assert [script.is_branch_point or script.is_merge_point for script in walk] == [False] * len(
        walk
    )
    assert [script.revision for script in walk] == sorted(
        (script.revision for script in walk), reverse=True
    )


async def test_an_empty_database_becomes_what_a_migrated_one_is(empty: str, migrated: str):
    """The template of the tests is no special case."""
    await migrate(empty)

    assert await _catalog(empty) == await _catalog(migrated)


async def test_down_to_nothing_and_up_again_leads_to_the_same_catalog(migrated: str):
    """Every migration undoes exactly what it did: columns, policies, triggers, grants."""
    before = await _catalog(migrated)

    await migrate(migrated, "base")
    left = {what for what, name, _ in await _catalog(migrated) if "alembic_version" not in name}
    await migrate(migrated)

    assert left == set()
    assert await _catalog(migrated) == before


async def test_migrating_twice_changes_nothing(migrated: str):
    """A server that starts again, or a second one, finds the work done."""
    before = await _catalog(migrated)

    await migrate(migrated)

    assert await _catalog(migrated) == before


async def test_five_servers_that_start_at_once_migrate_an_empty_database_once(empty: str):
    """All wait for the first one and then find the work done; none fails."""
    await asyncio.gather(*(migrate(empty) for _ in range(5)))

    [head] = ScriptDirectory.from_config(configuration()).get_heads()
    assert await _version(empty) == head


async def test_a_database_newer_than_the_code_is_refused_and_left_alone(migrated: str):
    """An old release started by mistake must not write into a schema it does not know."""
    admin = await asyncpg.connect(migrated)
    await admin.execute("update alembic_version set version_num = '9999'")
    before = await _catalog(migrated)

    for refused in (migrate(migrated), refuse_newer(admin)):
        with pytest.raises(DatabaseAhead) as ahead:
            await refused
        assert str(ahead.value) == (
            "The database is at migration 9999, which this version of NeuroERP does not know."
            " Start the version that made it, or restore a backup from before."
        )

    await admin.close()
    assert await _catalog(migrated) == before
    assert await _version(migrated) == "9999"


async def test_the_command_says_in_one_sentence_that_the_database_is_newer(
    migrated: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Status 1 and no trace."""
    admin = await asyncpg.connect(migrated)
    await admin.execute("update alembic_version set version_num = '9999'")
    await admin.close()
    monkeypatch.setenv("NEUROERP_DATABASE_URL", migrated)

    status = await asyncio.to_thread(main, ["migrate"])

    told = capsys.readouterr()
    assert (status, told.out) == (1, "")
    assert told.err.startswith("neuroerp: The database is at migration 9999, which this version")
    assert told.err.count("\n") == 1


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize(("present", "shown"), [(None, "none"), ("0001", "0001")])
async def test_nothing_serves_a_database_that_is_behind(
    empty: str,
    migrated: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    present: str | None,
    shown: str,
):
    """One sentence says what to run first."""
    if present:
        admin = await asyncpg.connect(migrated)
        await admin.execute("update alembic_version set version_num = $1", present)
        await admin.close()
    monkeypatch.setenv("NEUROERP_DATABASE_URL", migrated if present else empty)
    monkeypatch.setenv("NEUROERP_MODE", "development")
    monkeypatch.setenv("NEUROERP_DEV_KEYS", "unused")

    status = await asyncio.to_thread(_main_without_signals, [command])

    told = capsys.readouterr().err
    assert status == 1
    assert told.startswith(f"neuroerp: The database is at migration {shown}, this version")
    assert told.endswith("Run neuroerp migrate first.\n")


def _main_without_signals(arguments: list[str]) -> int:
    """Run a command in a thread, where signal handlers cannot be set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", lambda *_: None)
        return main(arguments)
