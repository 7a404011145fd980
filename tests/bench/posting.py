"""Posting: drafts of one series become invoices, beside a transaction written by hand."""

import json
import uuid
from typing import Any
from uuid import UUID

import aiohttp

from domain.documents.kinds import ApprovalMode, State
from persistence.identity import user_id
from tests.bench.company import LINES, YEAR, fill, settle
from tests.bench.machine import BenchFailed, stage
from tests.bench.measures import Result, Runs, Series
from tests.bench.postgres import Cluster
from tests.erp import Erp
from web.development import ISSUER

WARM_UP = 50
MUTATION = """mutation Post($input: PostDocumentInput!) { postDocument(input: $input) {
  document { id state number version gross } problems { code message } } }"""
POSTER = "petra"

_DIFFERS = {"tenant", "recorded_at", "occurred_at", "actor", "entity_id"}


async def posting(started: Cluster, runs: Runs) -> list[Result]:
    """Measure posting with one client and with many, all in one series of numbers."""
    async with stage(started, "posting", "tests.bench.load") as on, aiohttp.ClientSession() as http:
        names = ("NeuroERP", "floor")
        companies = {
            name: await Erp.found(on.door, on.owner, http, ApprovalMode.NONE) for name in names
        }
        count = WARM_UP + (runs.rounds + 1) * sum(runs.postings.values())
        drafts = {
            name: iter(await fill(on.owner, each.tenant, count, State.DRAFT))
            for name, each in companies.items()
        }
        await settle(on.url)
        results = []
        for clients, number in {0: WARM_UP, **runs.postings}.items():
            series = {"NeuroERP": Series(on.ours), "floor": Series(on.floor)}
            for turn in range(runs.rounds + 1 if clients else 1):
                for name in names:
                    ids = [next(drafts[name]) for _ in range(number)]
                    job = _JOBS[name](companies[name], ids)
                    await series[name].measure(on, counts=turn > 0, clients=clients or 1, **job)
            if not clients:
                await _demand_equal(*companies.values())
                continue
            results.append(
                Result(
                    f"Posting, {clients} {'client' if clients == 1 else 'clients'}",
                    f"`postDocument` of drafts with {LINES} lines in one series; {count:,} drafts"
                    f" per company; {runs.rounds} rounds of {number:,} postings in turn.",
                    {name: each.figures() for name, each in series.items()},
                    "journal bodies equal but for the number before timing; afterwards gapless"
                    " numbers, a sound journal, ledger and sums on both sides",
                )
            )
        for company in companies.values():
            await _check(company, count)
    return results


def post_request(company: Erp, id: UUID) -> tuple[str, str, dict[str, str]]:
    """Return path, body and headers of a request that posts a draft."""
    asked: dict[str, Any] = {
        "id": f"doc_{id}",
        "expectedVersion": 1,
        "idempotencyKey": str(uuid.uuid4()),
    }
    asked["acceptOlderDate"] = True  # drafts are posted as they come, whatever their dates
    body = json.dumps({"query": MUTATION, "variables": {"input": asked}})
    return "/graphql", body, {"authorization": f"Bearer {company.token(POSTER, ('accountant',))}"}


def _ours(company: Erp, ids: list[UUID]) -> dict[str, Any]:
    paths, bodies, headers = zip(*(post_request(company, id) for id in ids), strict=True)
    return {"path": paths[0], "headers": headers[0], "bodies": bodies, **_RIGHT}


def _floor(company: Erp, ids: list[UUID]) -> dict[str, Any]:
    user = user_id(ISSUER, f"{POSTER}@{company.tenant}")
    who = {"tenant": str(company.tenant), "user": str(user), "expectedVersion": 1}
    bodies = [
        json.dumps({**who, "document": str(id), "idempotencyKey": str(uuid.uuid4())}) for id in ids
    ]
    return {"path": "/post", "headers": {}, "bodies": bodies, **_RIGHT}


_RIGHT = {"answer_holds": '"state":"POSTED"'}
_JOBS = {"NeuroERP": _ours, "floor": _floor}


async def _demand_equal(ours: Erp, floor: Erp) -> None:
    """Demand that both journals tell the same about the same documents.

    The number stands apart: ours is given after the changes were noted, the floor tells it.
    """
    mine, theirs = [[_told(row) for row in await each.journal()] for each in (ours, floor)]
    if len(mine) != WARM_UP or mine != theirs:
        differing = next(pair for pair in zip(mine, theirs, strict=False) if pair[0] != pair[1])
        raise BenchFailed(f"the journals differ: {differing}")


def _told(row: Any) -> dict[str, Any]:
    body = json.loads(row["body"])
    changes = [each for each in body["facts"]["changes"] if each["field"] != "number"]
    body["facts"]["changes"] = sorted(changes, key=lambda change: change["field"])
    return {name: value for name, value in body.items() if name not in _DIFFERS}


async def _check(company: Erp, count: int) -> None:
    """Demand what both promise. Raises BenchFailed."""
    try:
        await company.check_books()
    except AssertionError as wrong:
        raise BenchFailed(f"the books are wrong: {wrong}") from wrong
    numbers = [f"INV-{YEAR}-{n:05}" for n in range(1, count + 1)]
    if await company.numbers() != numbers or len(await company.journal()) != count:
        raise BenchFailed("a number is missing or a posting is not in the journal")
    kept = await company.owner.fetchval(
        "select count(*) from idempotency_key where tenant_id = $1 and made is not null",
        company.tenant,
    )
    if kept != count:
        raise BenchFailed(f"{kept} of {count} idempotency keys hold their result")
