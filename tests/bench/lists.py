"""List growth: any page of `documents` in a large company beside the first page of a small one.

Both companies live in one database, so that the small one is not fast by being alone.
"""

import json
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from domain.documents.kinds import ApprovalMode
from persistence.reading.views import VIEWS
from schema.documents.filters import DocumentSort
from tests.bench.company import settle
from tests.bench.machine import BenchFailed, Stage, stage
from tests.bench.measures import QUICK, Result, Runs
from tests.bench.postgres import Cluster
from tests.erp import Erp, User

SMALL, LARGE, LARGE_QUICK = 10_000, 1_000_000, 100_000
CHUNK = 50_000
FIRST = 50
REPEATS, REPEATS_QUICK = 40, 15
RATIO_MAX = 1.5

_PARTNERS = """
insert into partner (tenant_id, id, number, kind, is_customer, is_supplier, is_one_time, language,
  name, street, postcode, city, country, payment_days, created_at, updated_at, version)
select $1::uuid, md5($1::uuid::text || 'par' || n)::uuid, 10000 + n, 'BUSINESS', true, false, false,
  'de', 'Hof ' || n, 'Weg ' || n, '27318', 'Hoya', 'DE', 14, now(), now(), 1
from generate_series(0, 299) n
"""
_USER = """
insert into app_user (tenant_id, id, issuer, subject, name)
values ($1::uuid, $1::uuid, 'urn:bench', 'author', 'Autorin')
"""
_DOCUMENTS = """
insert into document (tenant_id, id, kind, state, number, revision, currency, issue_date,
  posting_date, supply_date, payment_days, due_date, price_basis, line_total, allowance_total,
  charge_total, net, tax, gross, prepaid, payable, company_net, company_tax, company_gross,
  partner_id, bill_to_id, responsible_id, open_lines, created_at, updated_at, version)
select $1::uuid, md5($1::uuid::text || 'doc' || n)::uuid, 'SALES_INVOICE', 'POSTED',
  'INV-2026-' || lpad(n::text, 7, '0'), 1, 'EUR', day, day, day, 14, day + 14, 'NET', net, 0, 0,
  net, 0, net, 0, net, net, 0, net, partner, partner, $1::uuid, 0,
  now() - n * interval '1 second', now() - n * interval '1 second', 1
from (
  select n, '2024-01-01'::date + (n * 7919 % 730)::integer as day,
    (n * 104729 % 1000003)::numeric / 100 as net,
    md5($1::uuid::text || 'par' || n % 300)::uuid as partner
  from generate_series($2::bigint, $3::bigint) n
) each
"""
QUERY = """query List($sort: DocumentSort!, $first: Int, $after: Cursor, $last: Int) {
  documents(sort: $sort, first: $first, after: $after, last: $last) {
    nodes { id number state issueDate gross partner { name } }
    pageInfo { endCursor } } }"""


async def lists(started: Cluster, runs: Runs) -> list[Result]:
    """Measure pages of `documents` in every order: first, in the middle, last."""
    large = LARGE_QUICK if runs is QUICK else LARGE
    repeats = REPEATS_QUICK if runs is QUICK else REPEATS
    async with stage(started, "lists", "tests.bench.load") as on, aiohttp.ClientSession() as http:
        small = await _company(on, http, SMALL)
        big = await _company(on, http, large)
        await settle(on.url)
        figures: dict[str, dict[str, float]] = {}
        first = await _medians(small, repeats, _ends("first"))
        pages = await _pages(on.owner, big, large // 2)
        measured = await _medians(big, repeats, pages)
        for sort in DocumentSort:
            floor = first[f"{sort.name} first"]
            for place in ("first", "middle", "last"):
                taken = measured[f"{sort.name} {place}"]
                figures[f"{sort.name}, {place}"] = {
                    f"ms, {SMALL:,}, first page": floor,
                    f"ms, {large:,}": taken,
                    "ratio": taken / floor,
                }
    worst = max(each["ratio"] for each in figures.values())
    if worst > RATIO_MAX and runs is not QUICK:
        raise BenchFailed(f"a page took {worst:.2f} times the first page of {SMALL:,} documents")
    return [
        Result(
            f"Lists, {large:,} documents",
            f"`documents(first: {FIRST})` in every order: the first page of a company of {SMALL:,}"
            f" documents beside pages of one of {large:,}; medians of {repeats} calls, one client.",
            figures,
            f"every page is full; the slowest took {worst:.2f} times the first page of the small"
            f" company, and a full run fails beyond {RATIO_MAX}",
            compares=False,
        )
    ]


async def _company(on: Stage, http: aiohttp.ClientSession, documents: int) -> User:
    company = await Erp.found(on.door, on.owner, http, ApprovalMode.NONE)
    await on.owner.execute(_PARTNERS, company.tenant)
    await on.owner.execute(_USER, company.tenant)
    for start in range(1, documents + 1, CHUNK):
        end = min(start + CHUNK - 1, documents)
        await on.owner.execute(_DOCUMENTS, company.tenant, start, end)
    return await company.sign_in("rita", roles=("accountant",))


async def _pages(owner: asyncpg.Connection, user: User, middle: int) -> dict[str, dict[str, Any]]:
    """Return the variables of each page; the middle starts at a document far from both ends."""
    id: UUID = await owner.fetchval(
        "select id from document where tenant_id = $1 and number = $2",
        user.erp.tenant,
        f"INV-2026-{middle:07}",
    )
    pages = _ends("first") | _ends("last")
    for sort in DocumentSort:
        after = await _cursor(user, owner, sort, id)
        pages[f"{sort.name} middle"] = {"sort": sort.name, "first": FIRST, "after": after}
    return pages


def _ends(end: str) -> dict[str, dict[str, Any]]:
    """Return the variables of the first or last page of every order."""
    return {f"{sort.name} {end}": {"sort": sort.name, end: FIRST} for sort in DocumentSort}


async def _cursor(user: User, owner: asyncpg.Connection, sort: DocumentSort, id: UUID) -> str:
    """Return the cursor of a document in an order, as the server writes it."""
    column = VIEWS["document"].sorts[sort.name].column
    cursor: str = await owner.fetchval(
        f"select replace(encode(convert_to(json_build_array($3::text, {column}::text, id::text)"
        "::text, 'UTF8'), 'base64'), chr(10), '') from document where tenant_id = $1 and id = $2",
        user.erp.tenant,
        id,
        sort.name,
    )
    return cursor


async def _medians(user: User, repeats: int, pages: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return the median time of each page in ms; pages take turns, so that none is favoured."""
    times: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(repeats + 1):
        for name, variables in pages.items():
            taken = await _timed(lambda chosen=variables: user.ask(QUERY, **chosen), name)
            if turn:
                times[name].append(taken)
    return {name: median(each) for name, each in times.items()}


async def _timed(ask: Callable[[], Awaitable[Any]], name: str) -> float:
    start = time.perf_counter()
    answer = await ask()
    taken = (time.perf_counter() - start) * 1_000
    nodes = (answer.body.get("data") or {}).get("documents", {}).get("nodes", [])
    if len(nodes) != FIRST:
        raise BenchFailed(f"the page {name} is not full: {json.dumps(answer.body)[:300]}")
    return taken
