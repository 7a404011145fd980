"""Jobs over documents while they run: killed and resumed, cancelled, watched, rights taken away."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

import web.document_jobs
from domain.documents.jobs import DocumentJob
from domain.problems import NotFound
from domain.requests import Busy
from tests.companies import found_without_approval
from tests.erp import Erp
from tests.stacks import (
    counts,
    do_job,
    drafts,
    means_of,
    numbers_of,
    outcomes,
    seen,
    start,
    uuid_of,
)
from tests.test_feed import latest, socket_of
from web.document_jobs import run_document_job


class Killed(Exception):
    """Stands for kill -9: the transaction ends without a commit."""


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Any:
    """A company that posts its drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def test_a_job_that_dies_between_two_parts_goes_on_with_the_next(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """Each document once; what was done before the end is not done again."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 450)
    job = (await start(anna, "POST", ids=ids)).made["id"]
    monkeypatch.setattr(web.document_jobs, "STEPS_PER_JOB", 1)
    await do_job(shop, job)
    half, waiting = await seen(anna, job), await jobs_of(shop, job)
    before = await numbers_of(shop, ids)
    monkeypatch.undo()

    await do_job(shop, job)

    assert counts(half) == ("RUNNING", 200, 450, 0)
    assert waiting == 2  # the first, and the one that is to go on
    assert [number is None for number in before] == [False] * 200 + [True] * 250
    assert counts(await seen(anna, job)) == ("FINISHED", 450, 450, 0)
    after = await numbers_of(shop, ids)
    assert after[:200] == before[:200]
    assert sorted(map(str, after)) == [f"INV-2026-{n:05}" for n in range(1, 451)]


async def jobs_of(company: Erp, job: str) -> int:
    """Count what waits in the queue for a job."""
    counted: int = await company.owner.fetchval(
        "select count(*) from pgqueuer where entrypoint = 'run_document_job'"
        " and convert_from(payload, 'utf8') like '%' || $1 || '%'",
        str(uuid_of(job)),
    )
    return counted


async def test_a_part_that_dies_before_its_commit_leaves_nothing_and_is_done_anew(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """Documents, numbers and progress are one transaction: none is there without the others."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 450)
    job = (await start(anna, "POST", ids=ids)).made["id"]
    take = DocumentJob.take

    def dying(self: DocumentJob, *items: Any, at: Any) -> None:
        take(self, *items, at=at)
        if self.done == 400:
            raise Killed

    monkeypatch.setattr(DocumentJob, "take", dying)
    with pytest.raises(Killed):
        await do_job(shop, job)
    monkeypatch.undo()
    half, numbers = await seen(anna, job), await shop.numbers()

    await do_job(shop, job)

    assert (counts(half), len(numbers)) == (("RUNNING", 200, 450, 0), 200)
    assert counts(await seen(anna, job)) == ("FINISHED", 450, 450, 0)
    types = [row["type"] for row in await shop.journal()]
    assert types.count("SalesInvoicePosted") == 450


async def test_two_workers_with_the_same_job_do_each_document_once(shop: Erp):
    """A job that was taken up twice, as after a long silence of the first worker."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 450)
    job = (await start(anna, "POST", ids=ids)).made["id"]

    await asyncio.gather(do_job(shop, job), do_job(shop, job))

    assert counts(await seen(anna, job)) == ("FINISHED", 450, 450, 0)
    types = [row["type"] for row in await shop.journal()]
    assert types.count("SalesInvoicePosted") == 450
    assert types.count("DocumentJobProgressed") == 2


async def test_a_part_that_others_hold_up_is_tried_again_and_refuses_nobody(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """Twice busy is not told; for longer the worker comes back later."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 2)
    job = (await start(anna, "POST", ids=ids)).made["id"]
    do_part, tries = web.document_jobs.do_part, iter(range(10))

    async def held(*part: Any) -> None:
        if next(tries) not in (5, 6):
            raise Busy(retry_after_ms=1)
        await do_part(*part)

    monkeypatch.setattr(web.document_jobs, "do_part", held)
    with pytest.raises(Busy):
        await do_job(shop, job)
    untouched = counts(await seen(anna, job))
    await do_job(shop, job)

    assert untouched == ("WAITING", 0, 2, 0)
    assert counts(await seen(anna, job)) == ("FINISHED", 2, 2, 0)


async def test_a_cancelled_job_keeps_what_is_done_and_does_no_more(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """The rest stays WAITING; a second time there is nothing to cancel."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 250)
    job = (await start(anna, "POST", ids=ids)).made["id"]
    monkeypatch.setattr(web.document_jobs, "STEPS_PER_JOB", 1)
    await do_job(shop, job)
    monkeypatch.undo()

    cancelled = await anna.do("cancelDocumentJob", "documentJob { state done }", id=job)
    await do_job(shop, job)
    again = await anna.do("cancelDocumentJob", "documentJob { state }", id=job)

    assert cancelled.made == {"state": "CANCELLED", "done": 200}
    assert [(each["code"], each["message"]) for each in again.problems] == [
        ("JOB_OVER", "This job is CANCELLED, so there is nothing left to cancel.")
    ]
    assert counts(await seen(anna, job)) == ("CANCELLED", 200, 250, 0)
    rest = """query($id: ID!) { documentJob(id: $id) { finishedAt
      items(last: 50) { nodes { fate document { ... on SalesInvoice { state } } } } } }"""
    found = (await anna.ask(rest, id=job)).data["documentJob"]
    assert found["items"]["nodes"] == [{"fate": "WAITING", "document": {"state": "DRAFT"}}] * 50
    assert found["finishedAt"] is not None
    assert len(await shop.numbers()) == 200


async def test_whoever_lost_the_right_meanwhile_does_no_more(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """The next token without the role ends the job; the parts before it stay."""
    karl = await shop.sign_in("karl", roles=("accountant",))
    ids = await drafts(karl, 250)
    job = (await start(karl, "POST", ids=ids)).made["id"]
    monkeypatch.setattr(web.document_jobs, "STEPS_PER_JOB", 1)
    await do_job(shop, job, "karl")
    monkeypatch.undo()

    karl.token = shop.token("karl", (), scope="sales:read")
    await karl.ask("{ me { id } }")
    await do_job(shop, job, "karl")

    found = await seen(karl, job)
    assert counts(found) == ("FAILED", 200, 250, 0)
    assert found["failureCode"] == "FORBIDDEN"
    assert found["failure"]["message"] == (
        "You need the scope sales:post or purchase:post for this."
    )
    assert len(await shop.numbers()) == 200


async def test_a_right_that_is_left_for_one_side_does_that_side_only(shop: Erp):
    """Each document is asked for its own scope; what may not be read is not there."""
    karl = await shop.sign_in("karl", roles=("accountant",))
    sale = (await karl.create_invoice())["id"]
    bought = (await karl.create("PURCHASE_ORDER"))["id"]
    job = (await start(karl, "POST", ids=[sale, bought])).made["id"]

    karl.token = shop.token("karl", (), scope="sales:read purchase:read purchase:post")
    await karl.ask("{ me { id } }")
    await do_job(shop, job, "karl")

    found = await seen(karl, job)
    assert outcomes(found) == [(0, "REFUSED", "FORBIDDEN"), (1, "DONE", None)]
    assert counts(found) == ("FINISHED", 2, 2, 1)


async def test_a_right_that_came_meanwhile_does_not_count(shop: Erp):
    """Who could only post purchases does not post sales by a job that was started before."""
    bert = await shop.sign_in("bert", roles=())
    anna = await shop.sign_in()
    sale = (await anna.create_invoice())["id"]
    bert.token = shop.token("bert", (), scope="sales:read purchase:post")
    job = (await start(bert, "POST", ids=[sale])).made["id"]

    bert.token = shop.token("bert", ("admin",))
    await bert.ask("{ me { id } }")
    await do_job(shop, job, "bert")

    assert outcomes(await seen(bert, job)) == [(0, "REFUSED", "FORBIDDEN")]


async def test_an_older_token_gives_no_right_back(shop: Erp):
    """Tokens that say when they were issued count in that order, whichever is seen first."""
    karl = await shop.sign_in("karl", roles=("accountant",))
    karl.token = shop.token("karl", ("accountant",), iat=1_000_000_000)
    ids = await drafts(karl, 1)
    job = (await start(karl, "POST", ids=ids)).made["id"]

    for roles, issued in (((), 1_000_000_600), (("accountant",), 1_000_000_300)):
        token = shop.token("karl", roles, scope="sales:read", iat=issued)
        await replace(karl, token=token).ask("{ me { id } }")
    await do_job(shop, job, "karl")

    assert (await seen(karl, job))["failureCode"] == "FORBIDDEN"


PROGRESS = """subscription($after: Cursor, $job: ID!) {
  jobProgress(after: $after, id: $job) {
    type action done total failed stateAfter importRun { id } documentJob { state refused }
  }
}"""


async def test_progress_is_told_live_once_per_part_and_ends_with_all_done(shop: Erp):
    """Done, total and failed are facts of the event; another job's events are not told."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 449)
    posted = await anna.create_invoice()
    await anna.post(posted)
    begin = await latest(anna)
    other = (await start(anna, "DISCARD", ids=ids[:1])).made["id"]
    job = (await start(anna, "POST", ids=[*ids[1:], posted["id"]])).made["id"]
    await do_job(shop, other)
    await do_job(shop, job)

    async with socket_of(shop) as socket:
        await socket.sign_in(anna.token)
        await socket.follow(query=PROGRESS, after=begin, job=job)
        events = [await socket.event() for _ in range(4)]

    facts = ("type", "stateAfter", "done", "total", "failed")
    assert [tuple(event[name] for name in facts) for event in events] == [
        ("DocumentJobStarted", "WAITING", 0, 449, 0),
        ("DocumentJobProgressed", "RUNNING", 200, 449, 0),
        ("DocumentJobProgressed", "RUNNING", 400, 449, 0),
        ("DocumentJobFinished", "FINISHED", 449, 449, 1),
    ]
    assert events[0]["documentJob"] == {"state": "FINISHED", "refused": 1}
    assert {event["importRun"] for event in events} == {None}


async def test_somebody_elses_progress_shows_counts_and_not_the_job(shop: Erp):
    """Two who follow the same with the same rights do not share an answer."""
    karl = await shop.sign_in("karl", roles=("accountant",))
    kurt = await shop.sign_in("kurt", roles=("accountant",))
    ids = await drafts(karl, 1)
    begin = await latest(karl)
    job = (await start(karl, "POST", ids=ids)).made["id"]
    told = []
    for user in (karl, kurt):
        async with socket_of(shop) as socket:
            await socket.sign_in(user.token)
            await socket.follow(query=PROGRESS, after=begin, job=job)
            told.append(await socket.event())

    assert [event["total"] for event in told] == [1, 1]
    assert [event["documentJob"] for event in told] == [{"state": "WAITING", "refused": 0}, None]


async def test_a_job_of_another_company_is_not_run_by_its_id(shop: Erp):
    """A worker that got a wrong tenant finds nothing, as it should."""
    stranger = await found_without_approval(shop.server, shop.owner, shop.http)
    eve = await stranger.sign_in("eve")
    job = (await start(eve, "POST", ids=await drafts(eve, 1))).made["id"]

    with pytest.raises(NotFound, match="There is no DocumentJob"):
        await run_document_job(uuid_of(job), means_of(shop))
