"""Every new order and filter of documents has its index behind row-level security."""

import json
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from domain.documents.kinds import KINDS
from persistence.reading.shape import Branch, Connection, Nodes, PageInfo, Scalar, Shape
from persistence.reading.statement import READABLE_KINDS, TENANT, json_statement
from resolvers.documents.queries import conditions_of
from resolvers.paging import listing
from schema.documents.filters import DocumentFilter, DocumentSort
from tests.test_search_plans import BIG, app, plans  # noqa: F401  the database of 20,000 documents

PAGE_SIZE = 50
READ_MAX = 2 * (PAGE_SIZE + 1)
ORDERS = ("NUMBER", "NEWEST", "UPDATED")


async def page_of(
    app: asyncpg.Connection,  # noqa: F811
    sort: str,
    filter: DocumentFilter | None = None,
    **page: Any,
) -> tuple[dict[str, Any], list[str]]:
    """Return a page of documents with both its cursors, and what is wrong with how it was read."""
    source = listing("document", SimpleNamespace(value=sort), conditions_of(filter), page)
    shape = Shape("document", (Branch(None, (Scalar("shown", "number"),)),))
    ends = PageInfo("ends", (("first", "start_cursor"), ("last", "end_cursor")))
    statement = json_statement(
        source, Connection("", "", source.page, (Nodes("nodes", shape), ends))
    )
    rights = {TENANT: BIG, READABLE_KINDS: list(KINDS)}
    rows, found = await plans(app, statement.sql, *statement.arguments({**rights, **source.values}))
    return json.loads(rows[0][0]), [each for plan in found for each in complaints(plan)]


def complaints(node: dict[str, Any]) -> list[str]:
    """Find scans without an index, and more rows read than a page needs."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    read = round((node["Actual Rows"] + removed) * node["Actual Loops"])
    table, found = node.get("Relation Name"), []
    if table and (node["Node Type"] == "Seq Scan" or read > READ_MAX):
        found.append(f"{read} rows of {table} read by {node['Node Type']}")
    return found + [each for inner in node.get("Plans", ()) for each in complaints(inner)]


def test_these_are_the_orders_that_another_module_does_not_prove():
    """Whoever adds an order says where its index is proved."""
    proved = {"ISSUE_DATE_NEWEST", "ISSUE_DATE_OLDEST", "GROSS_HIGHEST", "DUE_FIRST", *ORDERS}

    assert {sort.name for sort in DocumentSort} == proved


@pytest.mark.parametrize("sort", ORDERS)
async def test_every_page_is_read_along_an_index_in_its_order(app: asyncpg.Connection, sort: str):  # noqa: F811
    """First and last page, and those far behind and far before; under a row-level policy."""
    first, wrong = await page_of(app, sort, first=PAGE_SIZE)
    last, also = await page_of(app, sort, last=PAGE_SIZE)
    behind = await page_of(app, sort, first=PAGE_SIZE, after=last["ends"]["first"])
    before = await page_of(app, sort, last=PAGE_SIZE, before=first["ends"]["last"])

    assert [len(page["nodes"]) for page in (first, last)] == [PAGE_SIZE] * 2
    assert [wrong, also, behind[1], before[1]] == [[], [], [], []]


@pytest.mark.parametrize(
    ("filter", "sort", "expected"),
    [
        (DocumentFilter(number_starts_with="inv-2026-0047"), "NUMBER", 50),
        (DocumentFilter(number_starts_with="INV-2026-00471"), "NUMBER", 10),
        (DocumentFilter(tag="Ernte"), "NEWEST", 7),
        (DocumentFilter(currency="EUR"), "UPDATED", 50),
    ],
    ids=["a frequent start", "a rare start", "a tag", "the only currency"],
)
async def test_a_filter_reads_no_more_than_it_finds(
    app: asyncpg.Connection,  # noqa: F811
    filter: DocumentFilter,
    sort: str,
    expected: int,
):
    """Neither a rare value nor a frequent one makes PostgreSQL walk through the whole company."""
    page, wrong = await page_of(app, sort, filter, first=PAGE_SIZE)

    assert len(page["nodes"]) == expected
    assert wrong == []
