"""Conversion: orders become delivery notes and those invoices, beside SQL written by hand."""

import json
import uuid
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import aiohttp

from domain.documents.kinds import KINDS, ApprovalMode, State
from persistence.identity import user_id
from tests.bench.company import LINES, fill, settle
from tests.bench.machine import BenchFailed, Stage, stage
from tests.bench.measures import Result, Runs, Series
from tests.bench.postgres import Cluster
from tests.erp import Erp, User
from web.development import ISSUER

WARM_UP = 20
MUTATION = """mutation Convert($input: ConvertDocumentInput!) { convertDocument(input: $input) {
  document { id state version gross } problems { code message } } }"""
POST = "items { problems { code message } }"
SELLER = "petra"
AT_ONCE = 500
NAMES = ("NeuroERP", "floor")
STORY = {"DELIVERY_NOTE": "an order", "SALES_INVOICE": "a delivery note"}

_DIFFERS = {"tenant", "recorded_at", "occurred_at", "actor", "entity_id"}
_IDS = {"ref", "partnerId", "billToId", "responsibleId", "sourceLineId", "sourceDocumentId"}
_OF_TABLE = {
    "document": "id, number, number_key, partner_id, bill_to_id, responsible_id, created_at,"
    " updated_at, posted_in",
    "document_line": "id, document_id, source_line_id, source_document_id, source_number",
    "document_party": "document_id, partner_id",
    "document_tax": "document_id",
    "document_author": "document_id, user_id",
    "document_search": "document_id, partner_id",
}
"""Columns that differ between two companies, by table that a conversion writes.

Which of the drafts that many clients make at once gets which number is chance.
"""


async def conversion(started: Cluster, runs: Runs) -> list[Result]:
    """Measure the conversion of whole documents with one client and with many."""
    async with (
        stage(started, "conversion", "tests.bench.load") as on,
        aiohttp.ClientSession() as http,
    ):
        found = [await Erp.found(on.door, on.owner, http, ApprovalMode.NONE) for _ in NAMES]
        companies = dict(zip(NAMES, found, strict=True))
        for each in companies.values():
            await _sign_in(each)  # so that the floor's author is known as well
        count = WARM_UP + (runs.rounds + 1) * sum(runs.conversions.values())
        waiting = {
            name: await fill(on.owner, each.tenant, count, State.POSTED, KINDS["SALES_ORDER"])
            for name, each in companies.items()
        }
        results = []
        for target in STORY:
            await settle(on.url)
            results += await _measured(on, runs, companies, waiting, target)
            await _demand_same_rows(on, *companies.values())
            for name, company in companies.items():
                waiting[name] = await _post_all(company, target)
                await _check(company)
    return results


async def _measured(
    on: Stage, runs: Runs, companies: dict[str, Erp], waiting: dict[str, list[UUID]], target: str
) -> list[Result]:
    sources = {name: iter(ids) for name, ids in waiting.items()}
    told_before = {name: len(await each.journal()) for name, each in companies.items()}
    results = []
    for clients, number in {0: WARM_UP, **runs.conversions}.items():
        series = {"NeuroERP": Series(on.ours), "floor": Series(on.floor)}
        for turn in range(runs.rounds + 1 if clients else 1):
            for name in NAMES:
                job = _JOBS[name](companies[name], _taken(sources[name], number), target)
                await series[name].measure(on, counts=turn > 0, clients=clients or 1, **job)
        if not clients:
            await _demand_same_journals(companies, told_before)
            continue
        who = f"{clients} {'client' if clients == 1 else 'clients'}"
        results.append(
            Result(
                f"Conversion of {STORY[target]}, {who}",
                f"`convertDocument` of {STORY[target]} with {LINES} lines, all that is open;"
                f" {len(waiting['floor']):,} per company; {runs.rounds} rounds of {number:,} in"
                " turn.",
                {name: each.figures() for name, each in series.items()},
                "journal bodies equal but for ids and salts before timing; afterwards equal rows"
                " of documents, lines, parties, taxes and search words, and a sound journal",
            )
        )
    return results


def _taken(ids: Iterator[UUID], number: int) -> list[UUID]:
    return [next(ids) for _ in range(number)]


def convert_request(company: Erp, id: UUID, to: str) -> tuple[str, str, dict[str, str]]:
    """Return path, body and headers of a request that converts a document."""
    asked = {"ids": [f"doc_{id}"], "to": to, "idempotencyKey": str(uuid.uuid4())}
    body = json.dumps({"query": MUTATION, "variables": {"input": asked}})
    return "/graphql", body, {"authorization": f"Bearer {company.token(SELLER, ('accountant',))}"}


def _ours(company: Erp, ids: list[UUID], to: str) -> dict[str, Any]:
    asked = [convert_request(company, id, to) for id in ids]
    paths, bodies, headers = zip(*asked, strict=True)
    return {"path": paths[0], "headers": headers[0], "bodies": bodies, **_RIGHT}


def _floor(company: Erp, ids: list[UUID], to: str) -> dict[str, Any]:
    user = user_id(ISSUER, f"{SELLER}@{company.tenant}")
    who = {"tenant": str(company.tenant), "user": str(user), "to": to}
    bodies = [
        json.dumps({**who, "document": str(id), "idempotencyKey": str(uuid.uuid4())}) for id in ids
    ]
    return {"path": "/convert", "headers": {}, "bodies": bodies, **_RIGHT}


_RIGHT = {"answer_holds": '"state":"DRAFT"'}
_JOBS = {"NeuroERP": _ours, "floor": _floor}


async def _sign_in(company: Erp) -> User:
    seller = await company.sign_in(SELLER, roles=("accountant",))
    assert (await seller.ask("{ documents(first: 1) { nodes { id } } }")).data
    return seller


async def _post_all(company: Erp, kind: str) -> list[UUID]:
    """Post every draft of a kind by our own server, for both sides; returns their ids in order."""
    rows = await company.owner.fetch(
        "select id from document where tenant_id = $1 and kind = $2 order by id",
        company.tenant,
        kind,
    )
    ids = [row["id"] for row in rows]
    seller = await _sign_in(company)
    for start in range(0, len(ids), AT_ONCE):
        named = [f"doc_{id}" for id in ids[start : start + AT_ONCE]]
        made = (await seller.do("postDocuments", POST, ids=named)).made
        if refused := [each["problems"] for each in made if each["problems"]]:
            raise BenchFailed(f"what was converted cannot be posted: {refused[0]}")
    return ids


async def _demand_same_journals(companies: dict[str, Erp], before: dict[str, int]) -> None:
    """Demand that both journals tell the same about the conversions of the warm-up."""
    mine, theirs = [
        [_told(row) for row in (await companies[name].journal())[before[name] :]] for name in NAMES
    ]
    if len(mine) < 2 * WARM_UP or mine != theirs:
        differing = next(
            (pair for pair in zip(mine, theirs, strict=False) if pair[0] != pair[1]), ""
        )
        raise BenchFailed(f"the journals differ: {differing}")


def _told(row: Any) -> dict[str, Any]:
    body = json.loads(row["body"])
    facts = body["facts"]
    for change in facts["changes"]:
        is_private = isinstance(change["after"], dict)
        if is_private or change["field"].rpartition(".")[2] in _IDS:
            change["after"] = "…"
    facts["changes"] = sorted(facts["changes"], key=lambda change: change["field"])
    facts |= {name: "…" for name in ("cause_id", "source_ids") if name in facts}
    return {name: value for name, value in body.items() if name not in _DIFFERS}


async def _demand_same_rows(on: Stage, ours: Erp, floor: Erp) -> None:
    """Demand that the same rows stand in every table that a conversion writes."""
    for table, differing in _OF_TABLE.items():
        seen = [
            await on.owner.fetch(
                f"select (to_jsonb(t) - string_to_array($2, ', ') - 'tenant_id')::text as row,"
                f" count(*) from {table} t where tenant_id = $1 group by 1 order by 1",
                each.tenant,
                differing,
            )
            for each in (ours, floor)
        ]
        if seen[0] != seen[1]:
            pairs = zip(*seen, strict=False)
            raise BenchFailed(f"{table} differs: {next(p for p in pairs if p[0] != p[1])}")


async def _check(company: Erp) -> None:
    """Demand a sound journal, ledger and sums. Raises BenchFailed."""
    try:
        await company.check_books()
    except AssertionError as wrong:
        raise BenchFailed(f"the books are wrong: {wrong}") from wrong
