"""The migration that dates allocations: those of before count from when they were written down."""

from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest
from alembic import command

from persistence.migration import migrate
from tests.conftest import database_address
from tests.migrating import before as before_migration
from tests.test_open_items_plans import COMPANY, FILLING

DOCUMENTS = 100
ALLOCATED = """
insert into payment_allocation (tenant_id, id, payment_id, document_id, amount, discount,
  discount_net, discount_tax, allocated_at, allocated_by, undone_at, undone_by, undo_reason)
select $1, md5('alc' || n)::uuid, md5('doc' || n)::uuid, md5('doc' || (n + 1))::uuid, 1, 0, 0, 0,
  allocated_at, md5('usr1')::uuid, undone_at,
  case when undone_at is not null then md5('usr1')::uuid end,
  case when undone_at is not null then 'Irrtum' end
from (values
  (1, timestamptz '2026-11-10 23:30+00', null),
  (3, timestamptz '2026-11-10 12:00+00', timestamptz '2026-11-12 12:00+00'),
  (5, timestamptz '2026-11-10 12:00+00', null),
  (7, timestamptz '2026-11-10 12:00+00', timestamptz '2026-11-12 12:00+00')
) as made (n, allocated_at, undone_at)
"""
POSTED = """
update document set issue_date = $2, posting_date = $2
where tenant_id = $1 and id = any(select md5('doc' || n)::uuid from unnest($3::int[]) n)
"""


@pytest.fixture
async def before(worker_id: str) -> AsyncIterator[asyncpg.Connection]:
    """A database as it was before, with four allocations of a company in Berlin."""
    name = f"before_money_{worker_id}"
    admin = await asyncpg.connect(database_address("postgres"))
    await admin.execute(f"create database {name} template template0")
    await migrate(database_address(name), before_migration("money"))
    connection = await asyncpg.connect(database_address(name))
    await connection.execute("set session_replication_role = replica")
    for rows in FILLING[:-1]:
        await connection.execute(rows, COMPANY, DOCUMENTS)
    await connection.execute(POSTED, COMPANY, date(2026, 11, 1), [1, 2, 3, 4])
    await connection.execute(POSTED, COMPANY, date(2026, 11, 20), [5, 6, 7, 8])
    await connection.execute(ALLOCATED, COMPANY)
    yield connection
    await connection.close()
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


async def test_allocations_of_before_count_from_the_day_they_were_written_down(
    before: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
):
    """By the company's clock, yet not before both were posted; and there is a way back."""
    url = database_address(await before.fetchval("select current_database()"))

    await migrate(url)

    rows = await before.fetch("select settled_on, undone_on from payment_allocation order by id")
    days = {(row["settled_on"].day, row["undone_on"] and row["undone_on"].day) for row in rows}
    assert days == {(11, None), (10, 12), (20, None), (20, 20)}
    upgrade, last = command.upgrade, before_migration("money")
    monkeypatch.setattr(
        command,
        "upgrade",
        lambda config, revision: (
            command.downgrade(config, revision) if revision == last else upgrade(config, revision)
        ),
    )
    await migrate(url, last)
    assert await before.fetchval("select count(*) from document_allocation") == 8
