"""Search walks along indexes, whoever's documents there are many of, and leaves posting alone."""

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from domain.documents.kinds import KINDS
from tests.conftest import cloned

BIG, SMALL = uuid.UUID(int=1), uuid.UUID(int=2)
DOCUMENTS = 20_000
WORDS = "array['weizen', 'gerste', 'raps', 'hafer', 'diesel', 'fracht']"

_DOCUMENTS = """
insert into document (tenant_id, id, kind, state, number, revision, currency, issue_date,
  price_basis, line_total, allowance_total, charge_total, net, tax, gross, prepaid, payable,
  company_net, company_tax, company_gross, settled, discount_taken, partner_id,
  bill_to_id, responsible_id, open_lines,
  created_at, updated_at, version, payment_days, due_date, supply_date, posting_date)
select $1::uuid, md5($1::text || 'doc' || n)::uuid, 'SALES_INVOICE', 'POSTED', 'INV-2026-' ||
  lpad(n::text, 6, '0'), 1, 'EUR', '2026-01-01'::date + n % 300, 'NET', 1, 0, 0, 1, 0, 1, 0, 1, 1,
  0, 1, 0, 0, md5($1::text || 'par' || n % 300)::uuid, md5($1::text || 'par' || n % 300)::uuid,
  $1::uuid, 0, now(), now(), 1, 14, '2026-12-01', '2026-01-01', '2026-01-01'
from generate_series(1, $2::integer) n
"""
_SEARCH = f"""
insert into document_search (tenant_id, document_id, kind, partner_id, issue_date, vector, trigram)
select tenant_id, id, kind, partner_id, issue_date,
  search.vector('Hof ' || left(partner_id::text, 8), 'Posten ' ||
    ({WORDS})[1 + right(number, 6)::integer % 6] || ' ' || left(id::text, 8), null),
  'hof ' || left(partner_id::text, 8)
from document where tenant_id = $1
"""
_NUMBERS = """
insert into number_allocation (tenant_id, series, number, period, counter, document_id,
  allocated_at)
select tenant_id, 'sales_invoice', number, '2026', right(number, 6)::bigint, id, now()
from document where tenant_id = $1
"""
_RANGES = """
insert into number_range (tenant_id, series, period, series_id, kind, template, last, warn_from)
select $1::uuid, 'sales_invoice', year::text, $1::uuid, 'SALES_INVOICE', 'INV-{year}-{seq:6}',
  $2::bigint, 1
from generate_series(2017, 2026) year
"""
_TAGS = """
insert into document_tag (tenant_id, document_id, name, added_at, added_by)
select tenant_id, id, case when right(number, 6)::integer < 8 then 'Ernte' else 'Frühjahr' end,
  now(), tenant_id
from document where tenant_id = $1
"""
_FURTHER_RANGES = """
insert into number_range (tenant_id, series, period, series_id, kind, template, last, warn_from)
select gen_random_uuid(), 'x', '2026', gen_random_uuid(), 'SALES_INVOICE', 'X', 0, 1
from generate_series(1, 3000)
"""
_OTHERS = """
insert into {name}_search (tenant_id, {name}_id, vector, trigram)
select $1::uuid, md5($1::text || n)::uuid, search.vector('Hof ' || md5(n::text), null, null),
  'hof ' || md5(n::text)
from generate_series(1, $2::integer) n
"""


@pytest.fixture(scope="module")
async def app(worker_id: str) -> AsyncIterator[asyncpg.Connection]:
    """The application's role in a database of 20,000 documents, telling every plan it runs."""
    async with cloned(f"search_{worker_id}_{os.getpid()}") as url:
        connection = await asyncpg.connect(url)
        await connection.execute("set session_replication_role = replica")
        for company, count in (BIG, DOCUMENTS), (SMALL, 200):
            for text in (_DOCUMENTS, _RANGES):
                await connection.execute(text, company, count)
            for text in (_SEARCH, _NUMBERS, _TAGS):
                await connection.execute(text, company)
            for name in ("partner", "item"):
                await connection.execute(_OTHERS.format(name=name), company, count)
        await connection.execute(_FURTHER_RANGES)
        await connection.execute("vacuum analyze")
        for setting in (
            "load 'auto_explain'",
            "set auto_explain.log_min_duration = 0",
            "set auto_explain.log_nested_statements = on",
            "set auto_explain.log_analyze = on",
            "set auto_explain.log_format = json",
            "set client_min_messages = log",
            f"select set_config('app.tenant', '{BIG}', false)",
            "set role neuroerp_app",
        ):
            await connection.execute(setting)
        yield connection
        await connection.close()


async def plans(app: asyncpg.Connection, sql: str, *values: Any) -> tuple[list[Any], list[Any]]:
    """Return the rows of a statement, and the plan of every statement inside it."""
    told: list[str] = []

    def listen(_: Any, message: Any) -> None:
        told.append(message.message)

    app.add_log_listener(listen)
    rows = await app.fetch(sql, *values)
    await asyncio.sleep(0)
    app.remove_log_listener(listen)
    found = [json.loads(each[each.index("{") :])["Plan"] for each in told if "plan:" in each]
    return rows, found


def scans(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield how each table is read."""
    if "Relation Name" in node:
        yield node["Relation Name"], node["Node Type"]
    for inner in node.get("Plans", ()):
        yield from scans(inner)


DOCUMENT_TEXTS = ("INV-2026-017", "17", "IVN-2026-17", "posten", "weizen posten", "Hof", "wezen")


@pytest.mark.parametrize("text", DOCUMENT_TEXTS)
async def test_no_search_for_documents_reads_a_table_from_end_to_end(
    app: asyncpg.Connection, text: str
):
    """Rare words and those of every document, numbers and typing errors."""
    sql = "select * from search.documents($1, $2, null, null, null, 20)"

    rows, found = await plans(app, sql, text, list(KINDS))

    read = [scan for plan in found for scan in scans(plan)]
    assert {table for table, _ in read} >= {"document", "document_search"}
    assert [scan for scan in read if scan[1] == "Seq Scan"] == []
    ids = [row["id"] for row in rows[:1]]
    first = await app.fetchval("select number from document where id = any($1)", ids)
    assert first == "INV-2026-000017" or "17" not in text


@pytest.mark.parametrize("name", ["partner", "item"])
@pytest.mark.parametrize("text", ["hof", "c4ca4238", "hof c4ca42"])
async def test_no_search_for_partners_or_items_does(app: asyncpg.Connection, name: str, text: str):
    """The same function for both."""
    rows, found = await plans(app, f"select * from search.{name}s($1, 20)", text)

    read = [scan for plan in found for scan in scans(plan)]
    assert {table for table, _ in read} == {f"{name}_search"}
    assert [scan for scan in read if scan[1] == "Seq Scan"] == []
    assert rows != []


async def test_a_search_finds_documents_of_the_tenant_that_is_set_and_no_others(
    app: asyncpg.Connection,
):
    """Also without a tenant: the functions see all rows, so they look at the setting themselves."""
    count = "select count(*) from search.documents('posten', $1, null, null, null, 1000)"
    mine = "select count(*) from document where id = any($1)"

    for tenant, expected in (str(BIG), 1_000), (str(SMALL), 200), ("", 0):
        await app.execute("select set_config('app.tenant', $1, false)", tenant)
        ids = await app.fetch(
            "select id from search.documents('posten', $1, null, null, null, 1000)", list(KINDS)
        )
        assert await app.fetchval(count, list(KINDS)) == expected
        assert await app.fetchval(mine, [row["id"] for row in ids]) == expected
    await app.execute("select set_config('app.tenant', $1, false)", str(BIG))
    assert await app.fetchval(count, ["DELIVERY_NOTE"]) == 0


async def test_the_search_functions_belong_to_the_search_role_with_a_pinned_path(
    app: asyncpg.Connection,
):
    """They run with more rights than their caller, so nobody else may own or redirect them."""
    rows = await app.fetch(
        "select proname, prosecdef, pg_get_userbyid(proowner) as owner, proconfig[1] as path"
        " from pg_proc p join pg_namespace n on n.oid = pronamespace and nspname = 'search'"
        " where prosecdef order by 1"
    )

    assert [tuple(row) for row in rows] == [
        (name, True, "neuroerp_search", "search_path=pg_catalog, public, search, pg_temp")
        for name in ("documents", "items", "partners")
    ]
    for role in ("neuroerp_app", "neuroerp_search", "neuroerp_operator", "public"):
        assert not await app.fetchval("select has_schema_privilege($1, 'search', 'create')", role)
    for role, may in ("neuroerp_app", True), ("neuroerp_operator", False), ("public", False):
        call = "search.documents(text, text[], uuid, date, date, integer)"
        assert (
            await app.fetchval("select has_function_privilege($1, $2, 'execute')", role, call)
            is may
        )
