"""The migration of partners: those of before keep what they had, under numbers of their own."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest
from alembic import command

from persistence.migration import migrate
from tests.conftest import database_address
from tests.migrating import before as before_migration

TENANTS = sorted(uuid4() for _ in range(2))
INSERT = """
insert into partner (tenant_id, id, name, street, postcode, city, country, iban, payment_days,
  created_at, updated_at, version)
values ($1, $2, 'Hof ' || ($3::int)::text, 'Weg 1', '1', 'Hoya', 'DE', $4, 14,
  timestamptz '2026-01-01' + $3::int * interval '1 day', now(), 1)
"""


@pytest.fixture
async def before(worker_id: str) -> AsyncIterator[asyncpg.Connection]:
    """A database as it was before, with three partners of one company and one of another."""
    name = f"before_partners_{worker_id}"
    admin = await asyncpg.connect(database_address("postgres"))
    await admin.execute(f"create database {name} template template0")
    await migrate(database_address(name), before_migration("partners"))
    connection = await asyncpg.connect(database_address(name))
    for age, iban in ((3, "DE89370400440532013000"), (1, None), (2, "old and wrong")):
        await connection.execute(INSERT, TENANTS[0], uuid4(), age, iban)
    await connection.execute(INSERT, TENANTS[1], uuid4(), 1, None)
    yield connection
    await connection.close()
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


async def _partners(connection: asyncpg.Connection, tenant: UUID) -> list[tuple[str, ...]]:
    rows = await connection.fetch(
        "select p.number, p.name, p.kind, p.is_customer and p.is_supplier as both, a.iban"
        " from partner p left join partner_account a on a.tenant_id = p.tenant_id"
        " and a.partner_id = p.id where p.tenant_id = $1 order by p.number",
        tenant,
    )
    return [tuple(row) for row in rows]


async def test_partners_of_before_get_numbers_by_age_and_their_ibans_become_accounts(
    before: asyncpg.Connection,
):
    """Each company counts for itself, and its counter goes on behind the last one."""
    url = database_address(await before.fetchval("select current_database()"))

    await migrate(url)

    assert await _partners(before, TENANTS[0]) == [
        ("10001", "Hof 1", "BUSINESS", True, None),
        ("10002", "Hof 2", "BUSINESS", True, "old and wrong"),
        ("10003", "Hof 3", "BUSINESS", True, "DE89370400440532013000"),
    ]
    assert await _partners(before, TENANTS[1]) == [("10001", "Hof 1", "BUSINESS", True, None)]
    counters = await before.fetch("select tenant_id, last from partner_counter order by 1")
    assert [tuple(row) for row in counters] == [(TENANTS[0], 10003), (TENANTS[1], 10001)]


async def test_the_way_back_keeps_the_first_account(
    before: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
):
    """There was room for one IBAN."""
    url = database_address(await before.fetchval("select current_database()"))
    await migrate(url)
    upgrade, last = command.upgrade, before_migration("partners")
    monkeypatch.setattr(
        command,
        "upgrade",
        lambda config, revision: (
            command.downgrade(config, revision) if revision == last else upgrade(config, revision)
        ),
    )

    await migrate(url, last)

    rows = await before.fetch(
        "select name, iban from partner where tenant_id = $1 order by name", TENANTS[0]
    )
    assert [tuple(row) for row in rows] == [
        ("Hof 1", None),
        ("Hof 2", "old and wrong"),
        ("Hof 3", "DE89370400440532013000"),
    ]
