"""What companies had before there were series is carried over, number by number."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from domain.documents.kinds import KINDS
from persistence.migration import migrate
from tests.conftest import database_address
from tests.migrating import before as before_migration
from tests.migrating import with_it

SHOP, TEMPLATE = uuid.UUID(int=7), "INV-{year}-{seq:5}"
NUMBERS = ("INV-2025-00001", "INV-2026-00001", "INV-2026-00002", "INV-2026-00003")


ANYTHING = {
    "uuid": "gen_random_uuid()",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "character varying": "'x'",
    "text": "'x'",
    "boolean": "false",
    "bytea": "''",
    "jsonb": "'{}'",
}


@pytest.fixture
async def before(worker_id: str) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    """A database as it was before there were series, with a company that posted four invoices."""
    name = f"numbering_{worker_id}"
    admin = await asyncpg.connect(database_address("postgres"))
    await admin.execute(f"create database {name} template template0")
    url = database_address(name)
    await migrate(url, before_migration("numbering"))
    filler = await asyncpg.connect(url)
    await filler.execute("set session_replication_role = replica")  # no foreign keys to fill for
    await _insert(filler, "tenant")
    for place, number in enumerate(NUMBERS):
        await _post(filler, number, f"{number[4:8]}-11-{20 + place}")
    for period, template, last in (("2025", "R{year}-{seq:3}", 1), ("2026", TEMPLATE, 3)):
        facts = {"series": "sales_invoice", "period": period, "template": template, "last": last}
        await _insert(filler, "number_range", **facts)
    await filler.execute("set session_replication_role = origin")
    yield url, filler
    await filler.close()
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


async def _insert(filler: asyncpg.Connection, table: str, **facts: Any) -> None:
    """Insert a row; columns that must have a value and are not given have anything."""
    needed = await filler.fetch(
        "select column_name, data_type from information_schema.columns where table_schema ="
        " 'public' and table_name = $1 and is_nullable = 'NO' and column_default is null"
        " and is_generated = 'NEVER'",
        table,
    )
    row = {column: ANYTHING.get(kind, "1") for column, kind in needed}
    row |= {name: f"'{value}'" for name, value in {"tenant_id": SHOP, **facts}.items()}
    names, values = ", ".join(row), ", ".join(row.values())
    await filler.execute(f"insert into {table} ({names}) values ({values})")


async def _post(filler: asyncpg.Connection, number: str, day: str) -> None:
    """Insert a posted invoice and its entry in the ledger."""
    id = uuid.uuid4()
    dates = dict.fromkeys(("issue_date", "supply_date", "posting_date", "due_date"), day)
    amounts = dict.fromkeys(("line_total", "net", "gross", "payable"), 1)
    amounts |= dict.fromkeys(("allowance_total", "charge_total", "tax", "prepaid"), 0)
    amounts |= {"company_net": 1, "company_tax": 0, "company_gross": 1, "payment_days": 14}
    life = {"kind": "SALES_INVOICE", "state": "POSTED", "number": number}
    await _insert(filler, "document", id=id, **life, **dates, **amounts)
    await _insert(
        filler, "number_allocation", series="sales_invoice", number=number, document_id=id
    )


async def test_ranges_and_ledger_of_before_become_a_series(
    before: tuple[str, asyncpg.Connection],
):
    """Counters follow from the order of numbers, the newest date from documents, by period."""
    url, connection = before
    assert await connection.fetchval("select to_regclass('number_series')") is None

    await migrate(url, with_it("numbering"))

    series = await connection.fetch(
        "select series, kind, branch, valid_from::text, period_rule, template, version"
        " from number_series where tenant_id = $1",
        SHOP,
    )
    assert [tuple(row) for row in series] == [
        (
            "sales_invoice",
            KINDS["SALES_INVOICE"].name,
            "",
            "2000-01-01",
            "YEAR",
            "INV-{year}-{seq:5}",
            1,
        )
    ]
    templates = "select valid_from::text, template from number_template order by 1"
    assert [tuple(row) for row in await connection.fetch(templates)] == [
        ("2025-01-01", "R{year}-{seq:3}"),
        ("2026-01-01", "INV-{year}-{seq:5}"),
    ]
    ranges = await connection.fetch(
        "select period, last, taken_over, warn_from, newest_date::text from number_range order by 1"
    )
    assert [tuple(row) for row in ranges] == [
        ("2025", 1, 0, 900, "2025-11-20"),
        ("2026", 3, 0, 90_000, "2026-11-23"),
    ]
    ledger = await connection.fetch(
        "select number, period, counter from number_allocation order by number"
    )
    assert [tuple(row) for row in ledger] == [
        ("INV-2025-00001", "2025", 1),
        ("INV-2026-00001", "2026", 1),
        ("INV-2026-00002", "2026", 2),
        ("INV-2026-00003", "2026", 3),
    ]
    locks = "select area from accounting_period_lock where closed_until is null order by 1"
    assert [row["area"] for row in await connection.fetch(locks)] == [
        "PAYMENTS",
        "PURCHASE",
        "SALES",
    ]
