"""What is promised once and could be broken anywhere: non-null, indexes, descriptions, names."""

import json
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from decimal import Decimal
from hashlib import md5
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from graphql import GraphQLList as List
from graphql import GraphQLNonNull, get_named_type, get_nullable_type, is_composite_type
from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, Numeric, Uuid

from domain.documents.kinds import KINDS, State
from domain.documents.progress import POSTED
from domain.events import event_schemas
from domain.partners import PartnerKind
from domain.prices.price import PriceSide
from persistence.database import APP_ROLE, connect
from persistence.models import metadata
from persistence.prices import _CANDIDATES_READ
from persistence.reading.rows import related_statement
from persistence.reading.shape import (
    Branch,
    Condition,
    Connection,
    Nodes,
    Page,
    PageInfo,
    Related,
    Scalar,
    Shape,
    Single,
)
from persistence.reading.statement import READABLE_KINDS, TENANT, Statement, json_statement
from persistence.reading.views import VIEWS
from resolvers.api import SCHEMA
from resolvers.documents.queries import conditions_of
from resolvers.fields import by_id
from resolvers.items import _conditions as items_by
from resolvers.paging import listing
from resolvers.partners import conditions
from resolvers.prices import _conditions as prices_by
from resolvers.reading.names import snake
from schema.documents import DocumentKind
from schema.documents.filters import AmountRange, DateRange, DocumentFilter, KindIn, StateIn
from schema.entities import ENTITY_OF_TYPE, KIND_OF_TYPE
from schema.items import ItemFilter
from schema.partners import PartnerFilter
from schema.partners.inputs import PartnerKindIn
from schema.prices import PriceFilter
from tests.conftest import cloned
from web.cli import main

ROOT = Path(__file__).parent.parent

# ----------------------------------------------------------------------- non-null is proved

NEVER_NULL = {
    ("journal_entry", "cursor"): "concat() of NOT NULL columns",
    ("journal_entry", "actor_id"): "a prefix and a NOT NULL column",
    ("journal_entry", "entity_id"): "concat() of a prefix and a NOT NULL column",
    ("journal_entry", "action"): "every type of event demands this fact",
    ("journal_entry", "version"): "every type of event demands this fact",
    ("journal_change", "field"): "every type of event demands it of each change",
    ("journal_change", "erased"): "is null and is not null are never null",
    ("partner", "payment_days"): "coalesce() that ends with a NOT NULL column",
    ("company", "id"): "a prefix and a NOT NULL column",
    ("document", "available_actions"): "Python returns a list, whatever the row",
    ("document", "is_cancelled"): "is not null is never null",
    ("document", "is_cancellation"): "is not null is never null",
    ("document", "has_open_lines"): "a NOT NULL column compared with a number",
    **{
        ("document_line", f"{counter}_quantity"): "NOT NULL columns, divided by one above zero"
        for counter in POSTED
    },
    ("document_line", "is_closed"): "is not null is never null",
    ("journal_entry", "done"): "every event of imports and jobs demands this fact",
    ("journal_entry", "failed"): "every event of imports and jobs demands this fact",
    ("printout", "download"): "Python signs a link, whatever the row",
    ("attachment", "download"): "Python signs a link, whatever the row",
    ("document_job_file", "download"): "Python signs a link, whatever the row",
    ("inbox_item", "download"): "Python signs a link, whatever the row",
    ("number_range", "remaining"): "Python counts, whatever the row",
    ("partner", "credit_exposure"): "sums with coalesce()",
    ("document", "input_tax"): "a NOT NULL column, or nothing",
    ("document_prepayment", "prepayment_id"): "a prefix and a NOT NULL column",
    **{
        ("document", name): "made of NOT NULL columns"
        for name in ("amount", "open_amount", "paid_amount", "is_paid", "is_overdue")
    },
    **{
        ("document_allocation", name): "a NOT NULL column of payment_allocation, or made of some"
        for name in (
            "id", "counterpart_id", "is_source", "amount", "discount", "discount_net",
            "discount_tax", "settled_on", "allocated_at", "allocator", "is_undone",
        )
    },
    **{
        ("open_item", name): "a column of document that every kind of open item has, or made of it"
        for name in (
            "kind", "side", "number", "partner", "currency", "issue_date", "due_date", "gross",
            "open_amount", "balance", "days_overdue", "is_overdue",
        )
    },
}  # fmt: skip
"""Expressions that cannot be null, and why; columns, keys and lists are looked up instead."""

NULLABLE_THOUGH_NOT_NULL = [
    "DocumentEvent.actor",
    "InboxEvent.actor",
    "JobProgress.actor",
    "JournalEntry.actor",
    "NumberingEvent.actor",
]
"""`journal.actor` is NOT NULL, the user it names may be erased; nothing else is so."""


_COLUMNS = """
select array_agg((select attname::text from pg_attribute where attrelid = {} and attnum = n))
from unnest({}) n
"""
_KEYS = f"""
select conrelid::regclass::text, confrelid::regclass::text,
  ({_COLUMNS.format("conrelid", "conkey")}), ({_COLUMNS.format("confrelid", "confkey")})
from pg_constraint where contype = 'f' and convalidated
"""


class Catalog:
    """What the real database guarantees."""

    @staticmethod
    async def read(connection: asyncpg.Connection) -> "Catalog":
        """Read NOT NULL columns, foreign keys and checks."""
        catalog = Catalog()
        columns = await connection.fetch(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and is_nullable = 'NO'"
        )
        catalog.not_null = {tuple(column) for column in columns}
        catalog.keys = {
            (mine, theirs, *zip(own, their, strict=True))
            for mine, theirs, own, their in await connection.fetch(_KEYS)
        }
        catalog.checks = dict(
            await connection.fetch(
                "select conname, pg_get_constraintdef(oid) from pg_constraint"
                " where contype = 'c' and convalidated and conrelid = 'document'::regclass"
            )
        )
        return catalog

    def proves(self, type_name: str, name: str, field: Any) -> bool:
        """Say whether a field has a value in every row that its type can show."""
        view, column = VIEWS[ENTITY_OF_TYPE[type_name]], snake(name)
        table, relation = view.table.name, view.relations.get(column)
        if (view.entity, column) in NEVER_NULL or isinstance(get_nullable_type(field.type), List):
            return True
        if relation and is_composite_type(get_named_type(field.type)):
            target = VIEWS[relation.entity]
            key = (table, target.table.name, ("tenant_id", "tenant_id"), *relation.on)
            found = key in self.keys and (table, relation.on[0][0]) in self.not_null
            return relation.paged or (found and not target.guarded_kinds and not relation.where)
        if column not in view.computed and (table, column) in self.not_null:
            return True
        kind = KIND_OF_TYPE.get(type_name, "")
        return f"({column} IS NOT NULL)" in self.checks.get(f"ck_document_{kind.lower()}_has", "")


def _fields(non_null: bool) -> list[tuple[str, str, Any]]:
    return [
        (type_name, name, field)
        for type_name in sorted(ENTITY_OF_TYPE)
        for name, field in SCHEMA.type_map[type_name].fields.items()
        if isinstance(field.type, GraphQLNonNull) is non_null
    ]


async def test_every_exclamation_mark_rests_on_the_catalog(owner: asyncpg.Connection):
    """NOT NULL, the CHECK of its kind, a key to what is always readable, a list, or a reason."""
    catalog = await Catalog.read(owner)

    unproved = [f"{field[0]}.{field[1]}" for field in _fields(True) if not catalog.proves(*field)]

    assert unproved == []
    assert sorted(KIND_OF_TYPE.values()) == sorted(KINDS)  # a node of another kind would be null


def test_the_reasons_why_an_expression_is_never_null_hold():
    """Each is still used, and every type of event demands the facts that reasons speak of."""
    shown = {(ENTITY_OF_TYPE[type_name], snake(name)) for type_name, name, _ in _fields(True)}
    facts = [schema["properties"]["facts"] for schema in event_schemas().values()]

    assert set(NEVER_NULL) - shown == set()
    assert all({"action", "version", "changes"} <= set(each["required"]) for each in facts)
    assert all("field" in each["properties"]["changes"]["items"]["required"] for each in facts)


async def test_a_field_that_always_has_a_value_says_so(owner: asyncpg.Connection):
    """A client need not ask for null where the column is NOT NULL."""
    catalog = await Catalog.read(owner)

    shy = [
        f"{type_name}.{name}"
        for type_name, name, _ in _fields(False)
        if (VIEWS[ENTITY_OF_TYPE[type_name]].table.name, snake(name)) in catalog.not_null
    ]

    assert shy == NULLABLE_THOUGH_NOT_NULL


# ------------------------------------------------------- every order and lookup has its index

BIG, DOCUMENTS, PAGE_SIZE = uuid.UUID(int=1), 20_000, 50
READ_MAX = 2 * (PAGE_SIZE + 1)
PLANS = ("force_custom_plan", "force_generic_plan")
ANYTHING = {
    Boolean: "n % 100 = 7",
    Integer: "1",
    Numeric: "1",
    Date: "current_date",
    DateTime: "now() - n * interval '1 minute'",
    Uuid: "gen_random_uuid()",
    LargeBinary: "''::bytea",
}


def _id(name: str, number: str = "n") -> str:
    return f"md5($1::text || '{name}' || {number})::uuid"


def _rows(table: str, **given: str) -> str:
    """Return an insert of `$2` rows for the company `$1`; what is not given is anything."""
    columns = {"tenant_id": "$1::uuid", **given}
    for column in metadata.tables[table].c:
        if not column.nullable and column.computed is None:
            known = (text for kind, text in ANYTHING.items() if isinstance(column.type, kind))
            columns.setdefault(column.name, next(known, "'x'"))
    return (
        f"insert into {table} ({', '.join(columns)}) select {', '.join(columns.values())}"
        f" from generate_series(1, $2::integer) n"
    )


def _few_rows(table: str, count: int, **given: str) -> str:
    """Return an insert of `count` rows for the company `$1`, the rest for others that have one."""
    whose = f"case when n <= {count} then $1::uuid else {_id('ten')} end"
    return _rows(table, tenant_id=whose, **given)


SOMEBODY, ITS, KIND = "(n % 200 + 1)", {"document_id": _id("doc")}, "'SALES_INVOICE'"
GROUPED = {
    "item_group": "'G-' || n % 997",
    "gtin": "lpad(n::text, 13, '0')",
    "blocked_reason": "case n % 500 when 7 then 'x' end",
}
AMOUNT = {"unit_price": "1", "price_quantity": "1", "unit": "'PIECE'", "currency": "'EUR'"}
FILLING = (
    _rows("app_user", id=_id("usr"), subject="n::text", roles="'[]'", granted="'[]'"),
    _rows("payment_terms", id=_id("ptm"), code="'Z-' || n"),
    _rows("payment_terms_step", payment_terms_id=_id("ptm")),
    _rows(
        "partner",
        id=_id("par"),
        name="'Hof ' || n",
        number="'K-' || n",
        kind="case n % 1000 when 7 then 'PUBLIC' else 'BUSINESS' end",
        blocked_reason="case n % 1000 when 7 then 'x' end",
        partner_group="'G-' || n % 400",
        payment_terms_id=_id("ptm", SOMEBODY),
    ),
    *(
        _rows(f"partner_{part}", partner_id=_id("par"))
        for part in ("address", "contact", "account", "receipt", "tax_class")
    ),
    _few_rows("tenant", 1, time_zone="'Europe/Berlin'"),
    _few_rows("kind_setting", 100, kind="'KIND-' || n"),
    _few_rows("branch", 100, id=_id("brn"), code="'B-' || n"),
    _rows(
        "exchange_rate",
        id=_id("exr"),
        currency="case n % 1000 when 7 then 'CHF' else 'USD' end",
        valid_on="current_date - n",
    ),
    _rows("item", id=_id("itm"), number="'A-' || n", name="'Weizen ' || n", **GROUPED),
    _rows("item_unit", item_id=_id("itm")),
    _rows("item_supplier", item_id=_id("itm"), partner_id=_id("par", SOMEBODY)),
    _rows(
        "item_price",
        id=_id("prc"),
        side="'SALES'",
        item_id=_id("itm"),
        partner_id=_id("par", SOMEBODY),
        valid_from="current_date - n % 1999",
        branch_id=_id("brn", "(n % 100 + 1)"),
        **AMOUNT,
    ),
    _rows("inbox_item", id=_id("inb"), partner_id=_id("par")),
    _rows(
        "document",
        id=_id("doc"),
        kind="'SALES_INVOICE'",
        state="case n % 1000 when 7 then 'PENDING' else 'POSTED' end",
        number="'INV-' || n",
        supply_date="current_date",
        posting_date="current_date",
        issue_date="current_date - n % 1999",
        due_date="current_date - n % 1777",
        payment_days="14",
        price_basis="'NET'",
        **dict.fromkeys(("line_total", "net", "gross", "payable"), "n * 7919 % 1999"),
        **dict.fromkeys(("company_net", "company_gross"), "n * 7919 % 1999"),
        **dict.fromkeys(("allowance_total", "charge_total", "tax", "company_tax"), "0"),
        prepaid="0",
        partner_id=_id("par", SOMEBODY),
        bill_to_id=_id("par", "(n % 230 + 1)"),
        open_lines="case n % 400 when 3 then 1 else 0 end",
        cancels_id=f"case n % 500 when 9 then {_id('doc', '(n - 1)')} end",
        cancelled_by_id=f"case n % 500 when 8 then {_id('doc', '(n + 1)')} end",
        external_number="'RE-' || n",
        external_year="2026",
        settled="0",
        discount_taken="0",
        responsible_id=_id("usr", SOMEBODY),
    ),
    _rows("document_party", role="'SOLD_TO'", partner_id=_id("par", SOMEBODY), **ITS),
    _rows("document_party", role="'SELLER'", **ITS),
    _rows(
        "document_line",
        id=_id("lin"),
        item_id=_id("itm", SOMEBODY),
        source_document_id=_id("doc", "(n % 19999 + 1)"),
        source_line_id=_id("lin", "(n % 19999 + 1)"),
        **ITS,
    ),
    _rows("document_revision", amended_by=_id("usr", SOMEBODY), **ITS),
    _rows("document_tax", **ITS),
    _rows("document_allowance", percent="null", **ITS),
    _rows("document_stated_tax", **ITS),
    _rows("document_prepayment", prepayment_id=_id("doc", "(n % $2 + 1)"), **ITS),
    _rows(
        "payment_allocation",
        id=_id("alc"),
        payment_id=_id("doc", "(n % $2 + 1)"),
        discount="0",
        discount_net="0",
        discount_tax="0",
        allocated_by=_id("usr", SOMEBODY),
        undone_at="case n % 9 when 1 then now() end",
        undone_on="case n % 9 when 1 then current_date end",
        undone_by=f"case n % 9 when 1 then {_id('usr', SOMEBODY)} end",
        undo_reason="case n % 9 when 1 then 'x' end",
        **ITS,
    ),
    _rows("document_tag", name="'T-' || n % 400", added_by=_id("usr", SOMEBODY), **ITS),
    _rows("document_comment", id=_id("cmt"), author_id=_id("usr", SOMEBODY), **ITS),
    _rows("attachment", id=_id("att"), attached_by=_id("usr", SOMEBODY), **ITS),
    _rows("text_template", id=_id("txt"), kind="'KIND-' || n", language="'DE'", place="'OPENING'"),
    _rows("import_run", id=_id("imp"), mapping="'{}'", failure_facts="null"),
    _rows("import_column", run_id=_id("imp"), place="1"),
    _rows("import_problem", id=_id("ipr"), run_id=_id("imp"), place="n"),
    _rows(
        "document_job",
        id=_id("job"),
        started_by=_id("usr", SOMEBODY),
        responsible_id=_id("usr", SOMEBODY),
    ),
    _rows(
        "document_job_item",
        job_id=_id("job"),
        place="n",
        turn="n",
        document_id=_id("doc"),
        made_id=_id("doc"),
        fate="'REFUSED'",
    ),
    _rows("document_job_file", job_id=_id("job")),
    _rows("document_author", user_id=_id("usr", SOMEBODY), **ITS),
    _rows("approval", requested_by=_id("usr", SOMEBODY), decided_by=_id("usr"), **ITS),
    _rows("printout", **ITS),
    _rows("print_problem", language="'L-' || n", **ITS),
    _rows("number_series", id=_id("nsr"), series="n::text", branch="n::text", kind=KIND),
    _rows("number_template", series_id=_id("nsr"), valid_from="current_date"),
    _rows("number_range", series="n::text", period="'2026'", series_id=_id("nsr"), kind=KIND),
    _rows(
        "number_allocation",
        series="(n % 40)::text",
        number="n::text",
        period="'2026'",
        counter="n",
        document_id=_id("doc"),
    ),
    _rows("accounting_period_lock", id=_id("prd"), area="n::text"),
    _rows("journal_private", ref=_id("ref"), subject_id=_id("par")),
    _rows(
        "journal",
        position="n",
        actor=_id("usr", SOMEBODY),
        entity_id=_id("doc"),
        body="""'{"facts": {"action": "POST", "version": 1, "changes": [{"field": "name",'"""
        f""" || ' "before": null, "after": {{"ref": "' || {_id("ref")} || '"}}}}]}}}}'""",
    ),
)


class Reader(SimpleNamespace):
    """The application's connection to the company of 20,000 documents."""

    async def json(self, source: Any, wanted: Any) -> Any:
        """Return what a statement answers."""
        statement = json_statement(source, wanted)
        arguments = statement.arguments({**RIGHTS, **source.values})
        return json.loads(await self.connection.fetchval(statement.sql, *arguments))

    async def complaints(
        self, statement: Statement, values: dict[str, Any], plans: Any = PLANS
    ) -> list[str]:
        """Return what is wrong with the plans of a statement, or nothing.

        Under the plan "auto" others, who may read everything, have run it often before.
        """
        usual, given = (
            ", ".join(map(_literal, statement.arguments(all)))
            for all in (values | RIGHTS, RIGHTS | values)
        )
        found = []
        await self.connection.execute(f"prepare p as {statement.sql}")
        for plan in plans:
            await self.connection.execute(f"set plan_cache_mode = {plan}")
            for _ in range(7 * (plan == "auto")):
                await self.connection.fetch(f"execute p({usual})")
            explain = f"explain (analyze, format json) execute p({given})"
            [told] = json.loads(await self.connection.fetchval(explain))
            found += [f"{plan}: {each}" for each in _complaints(told["Plan"])]
        await self.connection.execute("deallocate p")
        return found


RIGHTS = {TENANT: BIG, READABLE_KINDS: list(KINDS)}


def _literal(value: Any) -> str:
    plain = f"{{{','.join(map(str, value))}}}" if isinstance(value, list) else str(value)
    return "'" + plain.replace("'", "''") + "'"


def _complaints(node: dict[str, Any]) -> Iterator[str]:
    """Find scans without an index, and more rows read than a page needs, to sort or to drop."""
    kind, table = node["Node Type"], node.get("Relation Name")
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    read = round((node["Actual Rows"] + removed) * node["Actual Loops"])
    few = table == "tenant"  # one page holds them all: an index would cost more
    if table and ((kind == "Seq Scan" and not few) or read > READ_MAX):
        yield f"{read} rows of {table} read by {kind} {node.get('Index Name', '')}"
    for inner in node.get("Plans", ()):
        yield from _complaints(inner)


@pytest.fixture(scope="module")
async def reader(worker_id: str) -> AsyncIterator[Reader]:
    """A database with one company of 20,000 documents and two small ones, and statistics."""
    async with cloned(f"plans_{worker_id}_{os.getpid()}") as url:
        filler = await asyncpg.connect(url)
        await filler.execute("set session_replication_role = replica")  # no triggers: seconds less
        for company, documents in (1, DOCUMENTS), (2, 3_000), (3, 500):
            for rows in FILLING:
                await filler.execute(rows, uuid.UUID(int=company), documents)
        await filler.execute("vacuum analyze")
        await filler.close()
        connection = await connect(url, APP_ROLE)
        await connection.execute("select set_config('app.tenant', $1, false)", str(BIG))
        assert await connection.fetchval("select count(*) from document") == DOCUMENTS
        yield Reader(connection=connection)
        await connection.close()


def _listing(entity: str, sort: str, conditions: Any = None, **page: Any) -> tuple[Any, Connection]:
    """Return the source of a list, and a shape that shows its keys and both ends."""
    always = {("side", "="): "SALES"} if entity == "open_item" else {}  # openItems(side: …)
    source = listing(entity, SimpleNamespace(value=sort), {**always, **(conditions or {})}, page)
    shape = Shape(entity, (Branch(None, (Scalar("shown", VIEWS[entity].key),)),))
    ends = PageInfo("ends", (("first", "start_cursor"), ("last", "end_cursor")))
    return source, Connection("", "", source.page, (Nodes("nodes", shape), ends))


WITHIN = {"number_allocation", "import_problem", "document_job_item"}
"""Lists that are read only as a relation of one row; its own test below looks at them."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entity", "sort"),
    [(entity, sort) for entity in sorted(VIEWS.keys() - WITHIN) for sort in VIEWS[entity].sorts],
)
async def test_every_page_of_every_list_is_read_along_an_index_in_its_order(
    reader: Reader, entity: str, sort: str
):
    """First and last page, and the pages far behind and far before, whatever plan is cached."""
    first, last = (_listing(entity, sort, **{way: PAGE_SIZE}) for way in ("first", "last"))
    start, end = await reader.json(*first), await reader.json(*last)
    assert [len(page["nodes"]) for page in (start, end)] == [PAGE_SIZE] * 2
    behind = _listing(entity, sort, first=PAGE_SIZE, after=end["ends"]["first"])
    before = _listing(entity, sort, last=PAGE_SIZE, before=start["ends"]["last"])

    for source, wanted in (first, last, behind, before):
        assert await reader.complaints(json_statement(source, wanted), source.values) == []


CUSTOMER = uuid.UUID(md5(f"{BIG}par7".encode()).hexdigest())
ITEM = uuid.UUID(md5(f"{BIG}itm7".encode()).hexdigest())
SALES = PriceSide.SALES
DUE = date.today() - timedelta(1000)
FILTERS = {
    "a kind": DocumentFilter(kind=KindIn(in_=[DocumentKind.SALES_INVOICE])),
    "a rare state": DocumentFilter(state=StateIn(in_=[State.PENDING])),
    "a frequent state": DocumentFilter(state=StateIn(in_=[State.POSTED])),
    "a customer": DocumentFilter(partner=f"par_{CUSTOMER}"),
    "a payer": DocumentFilter(bill_to=f"par_{CUSTOMER}"),
    "a number": DocumentFilter(number="INV-4711"),
    "open lines": DocumentFilter(
        kind=KindIn(in_=[DocumentKind.SALES_INVOICE]), has_open_lines=True
    ),
    "a range of amounts": DocumentFilter(gross=AmountRange(min=Decimal("0.5"), max=Decimal(5))),
    "a range of due dates": DocumentFilter(due_date=DateRange(from_=DUE, to=DUE + timedelta(4))),
}


@pytest.mark.slow
@pytest.mark.parametrize("sort", VIEWS["document"].sorts)
@pytest.mark.parametrize("filter", FILTERS)
async def test_a_filter_reads_no_more_than_it_finds(reader: Reader, filter: str, sort: str):
    """Neither a rare value nor a frequent one makes PostgreSQL walk through the whole company."""
    source, wanted = _listing("document", sort, conditions_of(FILTERS[filter]), first=PAGE_SIZE)
    statement = json_statement(source, wanted)

    assert (await reader.json(source, wanted))["nodes"] != []
    assert await reader.complaints(statement, source.values, ["auto"]) == []


PARTNER_FILTERS = {
    "a rare kind": PartnerFilter(kind=PartnerKindIn(in_=[PartnerKind.PUBLIC])),
    "a frequent kind": PartnerFilter(kind=PartnerKindIn(in_=[PartnerKind.BUSINESS])),
    "a rare role": PartnerFilter(is_supplier=True),
    "blocked ones": PartnerFilter(is_blocked=True),
    "a group": PartnerFilter(partner_group="G-7"),
    "the start of a number": PartnerFilter(number_starts_with="K-471"),
    "the start of a name": PartnerFilter(name_starts_with="HOF 471"),
}
SEEDS: dict[str, tuple[str, Any]] = {
    "a number's start": ("item", items_by(ItemFilter(search="a-471"))),
    "a name's start": ("item", items_by(ItemFilter(search="WEIZEN 471"))),
    "a group": ("item", items_by(ItemFilter(item_group="G-7"))),
    "a GTIN": ("item", items_by(ItemFilter(gtin="0000000004711"))),
    "what is blocked": ("item", items_by(ItemFilter(is_blocked=True))),
    "what is not": ("item", items_by(ItemFilter(is_blocked=False))),
    "a supplier": ("item", items_by(ItemFilter(supplier=f"par_{CUSTOMER}"))),
    "an item's prices": ("price", prices_by(PriceFilter(item=f"itm_{ITEM}", side=SALES))),
    "a partner's prices": ("price", prices_by(PriceFilter(partner=f"par_{CUSTOMER}"))),
    "what holds today": ("price", prices_by(PriceFilter(valid_on=date.today()))),
}


@pytest.mark.slow
@pytest.mark.parametrize("filter", PARTNER_FILTERS)
async def test_a_filter_of_partners_reads_no_more_than_it_finds_by_name(
    reader: Reader, filter: str
):
    """Each filter has an index of its own in the order of names."""
    given = conditions(PARTNER_FILTERS[filter])
    source, wanted = _listing("partner", "NAME", given, first=PAGE_SIZE)
    statement = json_statement(source, wanted)

    assert (await reader.json(source, wanted))["nodes"] != []
    assert await reader.complaints(statement, source.values, ["auto"]) == []


@pytest.mark.parametrize(
    ("filter", "sort"),
    [(name, sort) for name, (entity, _) in SEEDS.items() for sort in VIEWS[entity].sorts],
)
async def test_a_filter_of_items_or_prices_reads_no_more_than_it_finds(
    reader: Reader, filter: str, sort: str
):
    """Searches by the start of a text walk along their index, behind row-level security too."""
    entity, conditions = SEEDS[filter]
    source, wanted = _listing(entity, sort, conditions, first=PAGE_SIZE)

    assert (await reader.json(source, wanted))["nodes"] != []
    assert await reader.complaints(json_statement(source, wanted), source.values, ["auto"]) == []


@pytest.mark.slow
async def test_the_price_search_reads_only_what_may_answer(reader: Reader):
    """Of 20,000 prices those of the items and groups that are asked about."""
    values = {
        "items": [ITEM],
        "item_groups": ["G-7"],
        "partners": [CUSTOMER],
        "price_groups": [],
        "branches": [],
        "earliest": date.today(),
        "latest": date.today(),
    }

    assert await reader.complaints(_CANDIDATES_READ, values) == []


@pytest.mark.slow
@pytest.mark.parametrize("sort", VIEWS["document"].sorts)
async def test_who_may_read_no_kind_of_document_reads_none(reader: Reader, sort: str):
    """Not one after the other, to find that none may be shown; others used the same statement."""
    source, wanted = _listing("document", sort, first=PAGE_SIZE)
    statement, nothing = json_statement(source, wanted), {**source.values, READABLE_KINDS: []}

    assert await reader.complaints(statement, nothing, ["auto"]) == []


@pytest.mark.slow
@pytest.mark.parametrize("entity", [entity for entity, view in VIEWS.items() if view.prefix])
async def test_a_row_is_found_by_its_id_along_the_primary_key(reader: Reader, entity: str):
    """What `node`, the root fields and every mutation's payload read."""
    table = VIEWS[entity].table.name
    source = by_id(entity, await reader.connection.fetchval(f"select id from {table} limit 1"))
    wanted = Shape(entity, (Branch(None, (Scalar("id", "id"),)),))

    assert (await reader.json(source, wanted))["id"].startswith(VIEWS[entity].prefix)
    assert await reader.complaints(json_statement(source, wanted), source.values) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entity", "name"), [(e, name) for e, view in VIEWS.items() for name in view.relations]
)
async def test_a_relation_is_followed_along_an_index(reader: Reader, entity: str, name: str):
    """From one row by the engine, and from many rows at once by the loaders."""
    view, relation = VIEWS[entity], VIEWS[entity].relations[name]
    leads = " and ".join(f"{own} is not null" for own, _ in relation.on)
    rows = await reader.connection.fetch(f"select * from {view.table.name} where {leads} limit 10")
    key = {c.name: rows[0][c.name] for c in view.table.primary_key if c.name != "tenant_id"}
    one = Single(entity, tuple(Condition(each, "=", each) for each in key), key)
    page = Page("nested", relation.order) if relation.paged else None
    shown = Scalar("shown", VIEWS[relation.entity].wire_names()[1])
    shape = Shape(relation.entity, (Branch(None, (shown,)),))
    nodes = (Nodes("nodes", shape),)
    related = Connection("r", name, page, nodes) if page else Related("r", name, shape)
    engine = json_statement(one, Shape(entity, (Branch(None, (related,)),)))
    many = {f"parent_{n}": [row[own] for row in rows] for n, (own, _) in enumerate(relation.on)}

    assert await reader.complaints(engine, {**key, "nested_size": 5}) == []
    loader = related_statement(entity, name, page)
    assert await reader.complaints(loader, {**many, "nested_size": 5}) == []


# ------------------------------------------------------------------------- what is written down


def test_the_printed_schema_and_the_schemas_of_events_are_what_the_code_says(tmp_path: Path):
    """`make schema` changes nothing, and no file of an event that is gone is left over."""
    main(["events", str(tmp_path)])
    printed, kept = (
        {file.name: file.read_text("utf-8") for file in folder.iterdir()}
        for folder in (tmp_path, ROOT / "docs" / "events")
    )

    assert main(["schema", "--check", str(ROOT / "schema.graphql")]) == 0
    assert kept == printed


def test_everything_in_the_schema_is_described():
    """For an integrator who has never seen an ERP: types, fields, arguments, inputs and values."""
    told: dict[str, Any] = {n: t for n, t in SCHEMA.type_map.items() if not n.startswith("__")}
    for name, type in list(told.items()):
        told |= {f"{name}.{n}": each for n, each in getattr(type, "fields", {}).items()}
        told |= {f"{name}.{n}": each for n, each in getattr(type, "values", {}).items()}
    for name, each in list(told.items()):
        told |= {f"{name}({n})": argument for n, argument in getattr(each, "args", {}).items()}
    told |= {f"@{each.name}": each for each in SCHEMA.directives}  # Strawberry drops its arguments'

    assert [name for name, each in told.items() if not (each.description or "").strip()] == []


def test_no_module_has_a_name_that_says_nothing():
    """A module is named after its area of the trade."""
    banned = {"util", "utils", "helper", "helpers", "common", "misc", "base", "manager"}
    rooms = ("domain", "migrations", "persistence", "resolvers", "schema", "tests", "web")
    modules = [path for room in rooms for path in (ROOT / room).glob("**/*.py")]

    assert len(modules) > 100
    assert [path for path in modules if banned & {path.stem, path.parent.name}] == []
