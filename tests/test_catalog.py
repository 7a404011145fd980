"""The database's own catalog keeps what ARCHITECTURE.md 5 and 7 promise, table by table."""

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import KINDS
from persistence.database import APP_ROLE, connect
from persistence.models import metadata
from persistence.roles import ROLES
from tests.companies import live_through_everything
from tests.erp import Erp

TABLES = sorted(metadata.tables)
UNBOUNDED_TEXTS = {
    ("document", "match_report"),  # our own words about an invoice of up to 1000 lines
    ("document", "tax_report"),  # our own words about an invoice of up to 20 tax rates
    ("document_revision", "content"),  # the canonical text of a document of up to 1000 lines
    ("journal", "body"),  # the canonical text of a whole change
    ("journal_private", "value"),  # bounded by the column that the value comes from
}
SEARCHED = {
    "document",
    "document_search",
    "item_search",
    "number_allocation",
    "number_range",
    "partner_search",
}
"""Tables that the search functions read, as a role that only they work as."""
MINE = "(tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)"

OURS = """
select c.oid, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
  pg_get_userbyid(c.relowner) as owner
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p', 'm', 'f')
  and c.relname not like 'pgqueuer%' and c.relname <> 'alembic_version'
order by c.relname
"""


@pytest.fixture(scope="module")
async def companies(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> tuple[Erp, Erp]:
    """Ours and a neighbour, both with rows in every table."""
    ours, neighbour = [await Erp.found(server, owner, http) for _ in range(2)]
    await live_through_everything(ours)
    await live_through_everything(neighbour)
    return ours, neighbour


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the application works with; its transaction is never committed."""
    connection = await connect(database_url, APP_ROLE)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def _work_for(app: asyncpg.Connection, tenant: UUID | str) -> None:
    await app.execute("select set_config('app.tenant', $1, true)", str(tenant))


async def test_the_database_holds_exactly_the_tables_that_the_models_declare(
    operator: asyncpg.Connection,
):
    """A table made beside the models would escape every test of this file."""
    assert [row["name"] for row in await operator.fetch(OURS)] == TABLES


async def test_every_table_has_row_level_security_enabled_and_forced(operator: asyncpg.Connection):
    """Forced: the owner, too, sees only what a policy shows."""
    open_tables = [
        row["name"] for row in await operator.fetch(OURS) if not (row["enabled"] and row["forced"])
    ]

    assert open_tables == []


async def test_every_table_belongs_to_the_owner_role_which_the_application_is_not(
    operator: asyncpg.Connection,
):
    """Who owns a table can switch its guards off."""
    assert {row["owner"] for row in await operator.fetch(OURS)} == {"neuroerp_owner"}
    for role in ("neuroerp_app", "neuroerp_operator"):
        member = "select pg_has_role($1, 'neuroerp_owner', 'member')"
        assert not await operator.fetchval(member, role)


@pytest.mark.parametrize("table", TABLES)
async def test_a_table_has_the_policies_of_owner_app_operator_and_search_and_no_other(
    operator: asyncpg.Connection, table: str
):
    """Policies are or-ed, so one more policy would open the table."""
    policies = await operator.fetch(
        "select policyname, permissive, roles::text[], cmd, qual, with_check from pg_policies"
        " where schemaname = 'public' and tablename = $1 order by policyname",
        table,
    )

    search = [("search", "PERMISSIVE", ["neuroerp_search"], "SELECT", "true", None)]
    assert [tuple(policy) for policy in policies] == [
        ("app", "PERMISSIVE", ["neuroerp_app"], "ALL", MINE, MINE),
        ("operator", "PERMISSIVE", ["neuroerp_operator"], "SELECT", "true", None),
        ("owner", "PERMISSIVE", ["neuroerp_owner"], "ALL", "true", "true"),
        *(search if table in SEARCHED else []),
    ]


async def test_tenant_id_leads_every_primary_key_and_every_index(operator: asyncpg.Connection):
    """Ready to be partitioned, and no index scan ever walks through another tenant's rows."""
    indexes = await operator.fetch(
        f"select t.name, i.indexrelid::regclass::text as index, a.attname as leads, i.indisprimary"
        f" from ({OURS}) t join pg_index i on i.indrelid = t.oid"
        " left join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]"
    )

    assert [row["index"] for row in indexes if row["leads"] != "tenant_id"] == []
    assert sorted(row["name"] for row in indexes if row["indisprimary"]) == TABLES


async def test_tenant_id_leads_every_foreign_key_on_both_sides(operator: asyncpg.Connection):
    """A foreign key without the tenant could name a row of somebody else."""
    keys = await operator.fetch(
        "select k.conname, mine.attname as mine, theirs.attname as theirs"
        " from pg_constraint k"
        " join pg_attribute mine on mine.attrelid = k.conrelid and mine.attnum = k.conkey[1]"
        " join pg_attribute theirs"
        " on theirs.attrelid = k.confrelid and theirs.attnum = k.confkey[1]"
        " where k.contype = 'f' and k.connamespace = 'public'::regnamespace"
        " and k.conrelid::regclass::text not like 'pgqueuer%'"
    )

    wrong = [key["conname"] for key in keys if {key["mine"], key["theirs"]} != {"tenant_id"}]
    assert wrong == []
    assert len(keys) == sum(len(table.foreign_key_constraints) for table in metadata.sorted_tables)


async def test_no_column_counts_in_floating_point(operator: asyncpg.Connection):
    """Money and quantities are numeric; `money` rounds by the server's locale."""
    columns = await operator.fetch(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public' and data_type in ('real', 'double precision', 'money')"
        " and table_name not like 'pgqueuer%'"
    )

    assert columns == []


async def test_every_text_has_a_limit_except_a_named_few(operator: asyncpg.Connection):
    """A limit on everything: a text without one is a row as large as somebody wants."""
    unbounded = await operator.fetch(
        "select c.table_name, c.column_name from information_schema.columns c"
        " join information_schema.tables t using (table_schema, table_name)"
        " where c.table_schema = 'public' and t.table_type = 'BASE TABLE'"
        " and c.data_type in ('text', 'character varying', 'character')"
        " and c.character_maximum_length is null and c.table_name not like 'pgqueuer%'"
    )

    assert {tuple(column) for column in unbounded} == UNBOUNDED_TEXTS


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_the_database_checks_what_a_kind_of_document_must_have(
    operator: asyncpg.Connection, kind: Any
):
    """The CHECKs follow the table of kinds: a column added there without a migration fails here."""
    checks = {
        row["conname"]: row["definition"]
        for row in await operator.fetch(
            "select conname, pg_get_constraintdef(oid) as definition from pg_constraint"
            " where contype = 'c' and conrelid = 'document'::regclass and convalidated"
        )
    }

    always = checks[f"ck_document_{kind.name.lower()}_has"]
    posted = checks[f"ck_document_{kind.name.lower()}_posted_has"]
    assert [name for name in kind.required if f"({name} IS NOT NULL)" not in always] == []
    asked = ("number", *kind.required_to_post)
    assert [name for name in asked if f"({name} IS NOT NULL)" not in posted] == []
    assert f"'{kind.name}'" in always
    assert f"'{kind.name}'" in posted
    assert f"'{kind.name}'" in checks["ck_document_kind"]


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_of_ours_is_above_row_level_security(operator: asyncpg.Connection, role: str):
    """Not superuser, not bypassrls, and none can make a role that is."""
    powers = await operator.fetchrow(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin"
        " from pg_roles where rolname = $1",
        role,
    )

    assert tuple(powers) == (False,) * 6


async def test_the_application_can_create_nothing(app: asyncpg.Connection):
    """No table, no function: whoever gets hold of the application cannot leave anything behind."""
    for role in ("neuroerp_app", "neuroerp_operator"):
        assert not await app.fetchval("select has_schema_privilege($1, 'public', 'create')", role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("create table loot (id int)")


async def test_views_look_with_the_rights_of_the_caller_and_no_function_with_more(
    operator: asyncpg.Connection,
):
    """A view without security_invoker shows everything its owner sees."""
    views = await operator.fetch(
        "select relname, reloptions from pg_class where relkind = 'v'"
        " and relnamespace = 'public'::regnamespace"
    )
    definers = await operator.fetch(
        "select proname, proconfig from pg_proc where prosecdef"
        " and pronamespace = 'public'::regnamespace"
    )

    assert sorted(tuple(view) for view in views) == [
        (name, ["security_invoker=true"])
        for name in ("document_allocation", "journal_change", "open_item")
    ]
    assert definers == []


# ------------------------------------------------------------------ one company and its neighbour


async def test_both_companies_have_rows_in_every_table(
    companies: tuple[Erp, Erp], owner: asyncpg.Connection
):
    """Otherwise the tests below would look at empty tables."""
    for company in companies:
        empty = [
            table
            for table in TABLES
            if not await owner.fetchval(
                f"select count(*) from {table} where tenant_id = $1", company.tenant
            )
        ]
        assert empty == []


@pytest.mark.parametrize("table", [*TABLES, "journal_change"])
async def test_the_application_sees_the_rows_of_its_tenant_and_no_others(
    companies: tuple[Erp, Erp], app: asyncpg.Connection, table: str
):
    """The policy hides them even from a statement that forgot to filter."""
    ours, _ = companies

    await _work_for(app, ours.tenant)

    seen = await app.fetch(f"select distinct tenant_id from {table}")
    assert [row["tenant_id"] for row in seen] == [ours.tenant]


@pytest.mark.parametrize("table", [*TABLES, "journal_change"])
async def test_without_a_tenant_no_row_is_visible(
    companies: tuple[Erp, Erp], app: asyncpg.Connection, table: str
):
    """Neither before the setting was ever made nor after it was emptied."""
    assert await app.fetchval(f"select count(*) from {table}") == 0
    await _work_for(app, "")
    assert await app.fetchval(f"select count(*) from {table}") == 0


async def _insert(connection: asyncpg.Connection, table: str, row: dict[str, Any]) -> None:
    columns = [column.name for column in metadata.tables[table].c if column.computed is None]
    names = ", ".join(f'"{name}"' for name in columns)
    await connection.execute(
        f"insert into {table} ({names})"
        f" select {names} from json_populate_record(null::{table}, $1::json)",
        json.dumps(row),
    )


@pytest.mark.parametrize("table", TABLES)
async def test_the_application_cannot_insert_a_row_of_another_tenant(
    companies: tuple[Erp, Erp], app: asyncpg.Connection, owner: asyncpg.Connection, table: str
):
    """With the setting of our tenant, and without any setting."""
    ours, neighbour = companies
    row = json.loads(
        await owner.fetchval(
            f"select row_to_json(t) from {table} t where tenant_id = $1 limit 1", neighbour.tenant
        )
    )

    for tenant in (ours.tenant, ""):
        await _work_for(app, tenant)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with app.transaction():
                await _insert(app, table, row)


async def _refused_or_without_effect(app: asyncpg.Connection, statement: str, *values: Any) -> bool:
    try:
        async with app.transaction():
            done = await app.execute(statement, *values)
    except asyncpg.InsufficientPrivilegeError:
        return True
    return done.endswith(" 0")


@pytest.mark.parametrize("table", TABLES)
async def test_the_application_cannot_change_or_delete_rows_of_another_tenant(
    companies: tuple[Erp, Erp], app: asyncpg.Connection, table: str
):
    """It has no privilege at all, or the rows are not there for it."""
    ours, neighbour = companies
    column = [each.name for each in metadata.tables[table].c if each.computed is None][-1]

    for tenant in (ours.tenant, ""):
        await _work_for(app, tenant)
        for statement in (
            f"update {table} set {column} = {column} where tenant_id = $1",
            f"delete from {table} where tenant_id = $1",
        ):
            assert await _refused_or_without_effect(app, statement, neighbour.tenant)


@pytest.mark.parametrize("table", TABLES)
async def test_the_application_cannot_hand_a_row_over_to_another_tenant(
    companies: tuple[Erp, Erp], app: asyncpg.Connection, table: str
):
    """The policy looks at the row before the change and at the row after it."""
    ours, neighbour = companies

    await _work_for(app, ours.tenant)

    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
        await app.execute(
            f"update {table} set tenant_id = $2 where tenant_id = $1", ours.tenant, neighbour.tenant
        )


@pytest.mark.parametrize("table", TABLES)
async def test_the_operator_reads_every_row_and_writes_none(
    companies: tuple[Erp, Erp],
    owner: asyncpg.Connection,
    operator: asyncpg.Connection,
    table: str,
):
    """It backs up and verifies all tenants; a mistake of it changes nothing."""
    count = f"select count(*) from {table}"
    assert await operator.fetchval(count) == await owner.fetchval(count) > 0
    for power in ("insert", "update", "delete", "truncate", "references", "trigger"):
        assert not await operator.fetchval(
            "select has_table_privilege('neuroerp_operator', $1, $2)", table, power
        )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await operator.execute(f"delete from {table}")


async def test_the_job_queue_alone_has_no_policy_and_only_the_application_uses_it(
    operator: asyncpg.Connection,
):
    """A job row names its tenant and carries ids only, so it needs none (ARCHITECTURE.md 5)."""
    grants = await operator.fetch(
        "select distinct a.grantee::regrole::text as role from pg_class c,"
        " lateral aclexplode(c.relacl) a where c.relname like 'pgqueuer%' and c.relkind = 'r'"
        " and c.relnamespace = 'public'::regnamespace and a.privilege_type = 'INSERT' order by 1"
    )

    assert [row["role"] for row in grants] == ["neuroerp_app", "neuroerp_owner"]
