"""Open items among many documents: every page, sum and allocation is read along an index."""

import json
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from domain.documents.kinds import KINDS
from persistence.database import APP_ROLE, connect
from persistence.open_items import _AGEING, _AGEING_THEN, _BLOCKED, _ITEMS
from persistence.open_then import _PAGE, _TOTALS
from persistence.reading.shape import (
    Branch,
    Condition,
    Connection,
    Nodes,
    PageInfo,
    Related,
    Scalar,
    Shape,
    Single,
)
from persistence.reading.statement import READABLE_KINDS, TENANT, Statement, json_statement
from persistence.reading.views import VIEWS
from resolvers.documents.queries import conditions_of
from resolvers.paging import listing
from schema.documents.filters import DocumentFilter
from tests.conftest import cloned

pytestmark = pytest.mark.slow

COMPANY, DOCUMENTS, PAGE_SIZE = uuid.UUID(int=1), 20_000, 50
READ_MAX = 2 * (PAGE_SIZE + 1)
RIGHTS = {TENANT: COMPANY, READABLE_KINDS: sorted(KINDS)}
FILLING = (
    "insert into tenant (tenant_id, name, street, postcode, city, country, currency, time_zone)"
    " select $1, 'x', 'x', 'x', 'x', 'DE', 'EUR', 'Europe/Berlin' where $2 > 0",
    "insert into app_user (tenant_id, id, issuer, subject, name) select $1,"
    " md5('usr' || n)::uuid, 'x', n::text, 'x' from generate_series(1, $2 / 100) n",
    "insert into partner (tenant_id, id, number, kind, is_customer, is_supplier, is_one_time,"
    " language, name, street, postcode, city, country, payment_days, created_at, updated_at,"
    " version) select $1, md5('par' || n)::uuid, 'K-' || n, 'BUSINESS', true, true, false, 'DE',"
    " 'Hof ' || n, 'x', 'x',"
    " 'x', 'DE', 14, now(), now(), 1 from generate_series(1, $2 / 100) n",
    # One in ten is open, on both sides of the trade, and one in three of those is overdue.
    "insert into document (tenant_id, id, kind, state, number, revision, currency, issue_date,"
    " supply_date, posting_date, due_date, payment_days, external_number, external_year,"
    " price_basis, line_total, allowance_total, charge_total, net, tax, gross, prepaid, payable,"
    " company_net, company_tax, company_gross, settled, discount_taken, partner_id,"
    " bill_to_id, responsible_id, open_lines, created_at, updated_at, version)"
    " select $1, md5('doc' || n)::uuid,"
    " case n % 2 when 0 then 'SALES_INVOICE' else 'SUPPLIER_INVOICE' end, 'POSTED', 'X-' || n, 1,"
    " 'EUR', current_date - n % 1999, current_date, current_date - n % 1999,"
    " current_date + 600 - n % 1777, 14, n::text, n, 'NET', gross, 0, 0, gross, 0,"
    " gross, 0, gross, gross, 0, gross,"
    " case when n / 2 % 10 = 0 then 0 else gross end, 0, par, par, md5('usr1')::uuid, 0,"
    " now(), now(), 1"
    " from generate_series(1, $2) n, lateral (select 1 + n * 7919 % 1999 as gross,"
    " md5('par' || (n % ($2 / 100) + 1))::uuid as par) made",
    "insert into payment_allocation (tenant_id, id, payment_id, document_id, amount, discount,"
    " discount_net, discount_tax, allocated_at, allocated_by, settled_on, undone_on, undone_at,"
    " undone_by, undo_reason)"
    " select $1, md5('alc' || n)::uuid, md5('doc' || n)::uuid, md5('doc' || (n % $2 + 1))::uuid,"
    " 1, 0, 0, 0, now(), md5('usr1')::uuid, current_date - n % 1999,"
    " case n % 10 when 0 then current_date - n % 1999 end, case n % 10 when 0 then now() end,"
    " case n % 10 when 0 then md5('usr1')::uuid end, case n % 10 when 0 then 'x' end"
    " from generate_series(1, $2) n",
)


@pytest.fixture(scope="module")
async def reader(worker_id: str) -> AsyncIterator[asyncpg.Connection]:
    """The application's connection to a company of 20,000 documents, 2,000 of them open."""
    async with cloned(f"open_items_{worker_id}_{os.getpid()}") as url:
        filler = await asyncpg.connect(url)
        await filler.execute("set session_replication_role = replica")
        for rows in FILLING:
            await filler.execute(rows, COMPANY, DOCUMENTS)
        await filler.execute("vacuum analyze")
        await filler.close()
        connection = await connect(url, APP_ROLE)
        await connection.execute("select set_config('app.tenant', $1, false)", str(COMPANY))
        assert await connection.fetchval("select count(*) from open_item") == DOCUMENTS / 10
        yield connection
        await connection.close()


async def complaints(
    reader: asyncpg.Connection, statement: Statement, values: dict[str, Any], most: int = READ_MAX
) -> list[str]:
    """Return what is wrong with the plans of a statement, generic and for these values."""
    given = ", ".join(map(_literal, statement.arguments({**RIGHTS, **values})))
    found = []
    await reader.execute(f"prepare p as {statement.sql}")
    for plan in ("force_custom_plan", "force_generic_plan"):
        await reader.execute(f"set plan_cache_mode = {plan}")
        [told] = json.loads(
            await reader.fetchval(f"explain (analyze, format json) execute p({given})")
        )
        found += [f"{plan}: {each}" for each in _complaints(told["Plan"], most)]
    await reader.execute("deallocate p")
    return found


def _literal(value: Any) -> str:
    plain = f"{{{','.join(map(str, value))}}}" if isinstance(value, list) else str(value)
    return "'" + plain.replace("'", "''") + "'"


def _complaints(node: dict[str, Any], most: int) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name")
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    read = round((node["Actual Rows"] + removed) * node["Actual Loops"])
    if table not in (None, "tenant") and (kind == "Seq Scan" or read > most):
        yield f"{read} rows of {table} read by {kind} {node.get('Index Name', '')}"
    for inner in node.get("Plans", ()):
        yield from _complaints(inner, most)


def _page(entity: str, sort: str, conditions: Any, **page: Any) -> tuple[Any, Connection]:
    source = listing(entity, SimpleNamespace(value=sort), conditions, page)
    shape = Shape(entity, (Branch(None, (Scalar("number", "number"),)),))
    ends = PageInfo("ends", (("first", "start_cursor"), ("last", "end_cursor")))
    return source, Connection("", "", source.page, (Nodes("nodes", shape), ends))


@pytest.mark.parametrize("side", ["SALES", "PURCHASE"])
@pytest.mark.parametrize("sort", VIEWS["open_item"].sorts)
async def test_every_page_of_open_items_is_read_along_its_index(
    reader: asyncpg.Connection, sort: str, side: str
):
    """First and last page, and those behind and before, of either side."""
    conditions = {("side", "="): side}
    ends = []
    for way in ("first", "last"):
        source, wanted = _page("open_item", sort, conditions, **{way: PAGE_SIZE})
        statement = json_statement(source, wanted)
        arguments = statement.arguments({**RIGHTS, **source.values})
        found = json.loads(await reader.fetchval(statement.sql, *arguments))
        assert len(found["nodes"]) == PAGE_SIZE
        assert await complaints(reader, statement, source.values) == []
        ends.append(found["ends"])
    for page in (
        {"first": PAGE_SIZE, "after": ends[1]["first"]},
        {"last": PAGE_SIZE, "before": ends[0]["last"]},
    ):
        source, wanted = _page("open_item", sort, conditions, **page)
        assert await complaints(reader, json_statement(source, wanted), source.values) == []


async def test_the_open_items_of_one_payer_are_found_without_those_of_others(
    reader: asyncpg.Connection,
):
    """Ten of two thousand, in the order that keeps a payer together, and for a proposal."""
    payer = await reader.fetchval("select bill_to_id from open_item where side = 'SALES' limit 1")
    conditions = {("side", "="): "SALES", ("bill_to_id", "="): payer}

    source, wanted = _page("open_item", "PARTNER", conditions, first=PAGE_SIZE)
    names = (TENANT, READABLE_KINDS, "side", "payer", "currency", "payment")
    asked = {"side": "SALES", "payer": payer, "currency": "EUR", "payment": uuid.UUID(int=0)}

    assert await complaints(reader, json_statement(source, wanted), source.values) == []
    for sql in (_ITEMS, _BLOCKED):
        assert await complaints(reader, Statement(sql, names, {}), asked) == []


async def test_the_ages_are_counted_from_the_open_items_alone(reader: asyncpg.Connection):
    """2,000 of 20,000 documents are read, those of one side."""
    statement = Statement(_AGEING, (TENANT, READABLE_KINDS, "side", "on"), {})

    found = await complaints(
        reader, statement, {"side": "SALES", "on": date.today()}, most=DOCUMENTS // 20
    )

    assert found == []


@pytest.mark.parametrize("side", ["SALES", "PURCHASE"])
async def test_a_past_day_is_read_from_what_is_open_and_what_was_allocated_since(
    reader: asyncpg.Connection, side: str
):
    """A month ago: not the documents that were settled long before, be it list, sums or ages."""
    day = date.today() - timedelta(30)
    asked = {"side": side, "as_of": day, "payer": uuid.UUID(int=0)}
    names = (TENANT, READABLE_KINDS, "side", "as_of")
    for sql, more in (
        (_PAGE, ("payer", "day", "id", "limit")),
        (_TOTALS, ("payer",)),
        (_AGEING_THEN, ("on",)),
    ):
        values = {
            **asked,
            "on": day,
            "day": date.min,
            "id": uuid.UUID(int=0),
            "limit": PAGE_SIZE,
        }

        found = await complaints(
            reader, Statement(sql, (*names, *more), {}), values, most=DOCUMENTS // 10
        )

        assert found == []


@pytest.mark.parametrize("filter", [{"overdue": True}, {"is_paid": False}])
async def test_documents_that_are_open_are_found_among_those_that_are_not(
    reader: asyncpg.Connection, filter: dict[str, bool]
):
    """At most the open ones are read, not the whole company."""
    source, wanted = _page(
        "document", "DUE_FIRST", conditions_of(DocumentFilter(**filter)), first=PAGE_SIZE
    )

    found = await complaints(
        reader, json_statement(source, wanted), source.values, most=DOCUMENTS // 10
    )

    assert found == []


async def test_the_allocations_of_a_document_are_found_from_either_side(
    reader: asyncpg.Connection,
):
    """What settled it and what it settled, each along its index."""
    id = await reader.fetchval("select document_id from payment_allocation limit 1")
    one = Single("document", (Condition("id", "=", "id"),), {"id": id})
    inner = Shape("document_allocation", (Branch(None, (Scalar("a", "amount"),)),))
    wanted = Shape("document", (Branch(None, (Related("r", "allocations", inner),)),))

    assert await complaints(reader, json_statement(one, wanted), {"id": id}) == []
