"""Reads: a page of documents with partner and lines, beside SQL that builds the JSON by hand."""

import json
from typing import Any

import aiohttp

from domain.documents.kinds import ApprovalMode, State
from tests.bench.company import LINES, fill, settle
from tests.bench.http import Client, request
from tests.bench.machine import BenchFailed, stage
from tests.bench.measures import Result, Runs, Series
from tests.bench.postgres import Cluster
from tests.erp import Erp

FIRST = 50
CLIENTS = 16
OURS = "NeuroERP"
DOCUMENTS = 2_000
QUERY = """query List($first: Int!) { documents(first: $first) { nodes {
  id kind state number currency issueDate net tax gross updatedAt ... on SalesInvoice { supplyDate }
  partner { name } lines { description quantity net } } } }"""

Job = dict[str, Any]


async def reads(started: Cluster, runs: Runs) -> list[Result]:
    """Measure reading a page of documents."""
    async with stage(started, "reads", "tests.bench.load") as on, aiohttp.ClientSession() as http:
        company = await Erp.found(on.door, on.owner, http, ApprovalMode.NONE)
        await fill(on.owner, company.tenant, DOCUMENTS, State.POSTED)
        await settle(on.url)
        token = company.token("rita", ("accountant",))
        asked = json.dumps({"query": QUERY, "variables": {"first": FIRST}})
        where = f"?tenant={company.tenant}&first={FIRST}"
        jobs: dict[str, Job] = {
            OURS: _job("/graphql", asked, authorization=f"Bearer {token}"),
            "floor": _job(f"/documents{where}"),
            "floor without tenant": _job(f"/documents-unguarded{where}"),
        }
        series = {
            name: Series(on.ours if body["bodies"][0] else on.floor) for name, body in jobs.items()
        }
        for name, job in jobs.items():
            job["answer_is"] = await _answer(series[name].server.port, job)
        _demand_equal(jobs)
        for turn in range(runs.rounds + 1):
            for name, job in jobs.items():
                seconds = runs.seconds if turn else runs.warm_up_seconds
                await series[name].measure(on, counts=turn > 0, seconds=seconds, **job)
    return [
        Result(
            f"Reads, {CLIENTS} clients",
            f"`documents(first: {FIRST})`: 11 fields, partner's name, {LINES} lines of 3 fields,"
            f" {len(jobs['floor']['answer_is']):,} characters; the company has {DOCUMENTS:,}"
            f" documents of {LINES} lines; {runs.rounds} rounds of {runs.seconds:g} s in turn.",
            {name: each.figures() for name, each in series.items()},
            "answers equal as parsed JSON before timing, every later one byte by byte the first",
        )
    ]


def _job(path: str, body: str | None = None, **headers: str) -> Job:
    return {"path": path, "clients": CLIENTS, "bodies": [body], "headers": headers}


async def _answer(port: int, job: Job) -> str:
    client = await Client.connect(port)
    status, body = await client.ask(request(job["path"], job["bodies"][0], job["headers"]))
    client.close()
    if status != 200:
        raise BenchFailed(f"{job['path']} answers {status}: {body[:500].decode()}")
    return body.decode()


def _demand_equal(jobs: dict[str, Job]) -> None:
    ours, *floors = (json.loads(job["answer_is"]) for job in jobs.values())
    nodes = ours["data"]["documents"]["nodes"]
    if any(ours != floor for floor in floors):
        raise BenchFailed("the floor reads something else than we do")
    if len(nodes) != FIRST or any(len(node["lines"]) != LINES for node in nodes):
        raise BenchFailed("the page is not full")
