"""Bulk print: one PDF of many documents in the order asked for; nothing is printed twice."""

import asyncio
import io
import time
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pypdf
import pytest

import domain.documents.jobs
import web.document_jobs
from domain.documents.jobs import DocumentJob
from domain.identity import Language
from tests.companies import found_without_approval
from tests.erp import Erp, User
from tests.refused import unchanged
from tests.stacks import (
    counts,
    do_job,
    done,
    drafts,
    file_of,
    heights,
    keep_page,
    numbers_of,
    outcomes,
    page,
    print_many,
    seen,
    start,
    uuid_of,
)
from web.printing.merging import merge_pdfs

WORKER_SECONDS_MAX = 60


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Any:
    """A company that posts its drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def posted(user: User, count: int) -> list[str]:
    """Return the ids of posted invoices, in the order of their numbers; nothing is printed."""
    ids = await drafts(user, count)
    assert counts(await done(user, "POST", ids=ids)) == ("FINISHED", count, count, 0)
    numbers = await numbers_of(user.erp, ids)
    return [id for _, id in sorted(zip(numbers, ids, strict=True))]


def test_pages_are_put_together_in_order_and_give_the_same_bytes_again():
    """Page after page, file after file."""
    files = [page(103), page(101), page(102)]

    merged, count = merge_pdfs(files)

    assert (heights(merged), count) == ([103, 101, 102], 3)
    assert merge_pdfs(files) == (merged, count)


async def test_documents_are_printed_into_one_file_in_the_order_asked_for(shop: Erp):
    """The last posted first; the answer tells of each, the job of all, the file has every page."""
    anna = await shop.sign_in()
    ids = await posted(anna, 45)
    backwards = ids[::-1]

    answer = (await print_many(anna, backwards)).data["printDocuments"]
    await do_job(shop, answer["documentJob"]["id"])

    assert [each["document"]["id"] for each in answer["items"]] == backwards
    assert answer["problems"] == []
    assert counts(answer["documentJob"]) == ("WAITING", 0, 45, 0)
    found = await seen(anna, answer["documentJob"]["id"])
    assert counts(found) == ("FINISHED", 45, 45, 0)
    assert outcomes(found) == [(place, "DONE", None) for place in range(45)]
    [file] = found["files"]
    assert (file["place"], file["documentCount"], file["pageCount"]) == (0, 45, 45)
    assert file["fileName"].startswith("Belege-")
    assert heights(await file_of(anna, found)) == [100 + n for n in range(45, 0, -1)]
    told = [row["facts"] for row in await shop.journal() if row["type"] == "DocumentJobProgressed"]
    assert len(told) == 3  # after each 20 PDFs


async def test_what_was_printed_before_is_taken_as_it_is(shop: Erp):
    """One printout per document and language, however often it is printed; others by language."""
    anna = await shop.sign_in()
    ids = await posted(anna, 3)
    await keep_page(shop, uuid_of(ids[1]), Language.DE)

    jobs = [(await print_many(anna, ids)).data["printDocuments"]["documentJob"]["id"]]
    jobs.append((await print_many(anna, ids)).data["printDocuments"]["documentJob"]["id"])
    jobs.append((await start(anna, "PRINT", ids=ids, language="EN")).made["id"])
    for job in jobs:
        await do_job(shop, job)

    printed = await shop.owner.fetch(
        "select language, count(*) from printout where tenant_id = $1 group by 1 order by 1",
        shop.tenant,
    )
    assert [tuple(row) for row in printed] == [("de", 3), ("en", 3)]
    files = [await file_of(anna, await seen(anna, job)) for job in jobs]
    assert files[0] == files[1]
    assert heights(files[2]) == [101, 102, 103]


async def test_refused_ones_are_left_out_or_stop_all(shop: Erp):
    """A draft, an unknown one and a payment cannot be printed; the rest is, if one wants so."""
    anna = await shop.sign_in()
    [first, second] = await posted(anna, 2)
    draft = (await anna.create_invoice())["id"]
    payment = await anna.create("INCOMING_PAYMENT")
    await anna.post(payment)
    unknown = f"doc_{uuid4()}"
    wanted = [draft, second, unknown, payment["id"], first]

    async with unchanged(shop):
        nothing = (await print_many(anna, wanted)).data["printDocuments"]
        none_of_them = (await print_many(anna, [draft], errorPolicy="SKIP_FAILED")).data
    some = (await print_many(anna, wanted, errorPolicy="SKIP_FAILED")).data["printDocuments"]
    await do_job(shop, some["documentJob"]["id"])

    def told(answer: dict[str, Any]) -> list[list[str]]:
        return [[each["code"] for each in item["problems"]] for item in answer["items"]]

    refused = [["TRANSITION_NOT_ALLOWED"], ["NOT_FOUND"], ["TRANSITION_NOT_ALLOWED"]]
    others = ["NOT_DONE_WITH_OTHERS"]
    assert told(nothing) == [refused[0], others, refused[1], refused[2], others]
    assert nothing["documentJob"] is none_of_them["printDocuments"]["documentJob"] is None
    assert told(some) == [refused[0], [], refused[1], refused[2], []]
    assert counts(some["documentJob"]) == ("WAITING", 3, 5, 3)
    found = await seen(anna, some["documentJob"]["id"])
    assert counts(found) == ("FINISHED", 5, 5, 3)
    assert heights(await file_of(anna, found)) == [102, 101]


async def test_501_are_too_many_for_one_call(shop: Erp):
    """A job takes them."""
    anna = await shop.sign_in()

    async with unchanged(shop):
        refused = await print_many(anna, [f"doc_{uuid4()}" for _ in range(501)])

    assert refused.problem_codes == ["TOO_MANY_ITEMS"]


async def test_a_repeated_call_prints_once(shop: Erp):
    """The same outcomes and the same job."""
    anna = await shop.sign_in()
    ids = await posted(anna, 2)

    first = (await print_many(anna, ids, idempotencyKey="k")).data
    again = (await print_many(anna, ids, idempotencyKey="k")).data

    assert again == first
    assert (await shop.journal_types(ids[0])).count("SalesInvoicePrintRequested") == 1


async def test_without_the_right_to_print_nothing_is_printed(shop: Erp):
    """Reading is not enough."""
    anna = await shop.sign_in()
    ids = await posted(anna, 1)
    karl = await shop.sign_in("karl", roles=("controller",))

    async with unchanged(shop):
        refused = await print_many(karl, ids)

    assert refused.error_codes == ["FORBIDDEN"]


async def test_a_large_job_makes_a_file_of_every_500_documents(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """In the order asked for; a file without a document to print is not made."""
    monkeypatch.setattr(domain.documents.jobs, "FILE_DOCUMENTS_MAX", 4)
    anna = await shop.sign_in()
    ids = await posted(anna, 6)
    unknown = [f"doc_{uuid4()}" for _ in range(5)]

    found = await done(anna, "PRINT", ids=[*ids[:2], *unknown[:2], *unknown[2:], ids[2], *ids[3:]])
    await do_job(shop, found["id"])
    found = await seen(anna, found["id"])

    assert counts(found) == ("FINISHED", 11, 11, 5)
    assert [(each["place"], each["documentCount"]) for each in found["files"]] == [
        (0, 2),
        (1, 1),
        (2, 3),
    ]
    pages = [heights(await file_of(anna, found, place)) for place in range(3)]
    assert pages == [[101, 102], [103], [104, 105, 106]]


class Killed(Exception):
    """Stands for kill -9."""


@pytest.mark.parametrize("dies_in", ["take", "printed", "file"])
async def test_a_print_job_that_dies_before_any_commit_goes_on_and_prints_once(
    shop: Erp, monkeypatch: pytest.MonkeyPatch, dies_in: str
):
    """Asked for once, printed once, one file, whichever step was lost."""
    anna = await shop.sign_in()
    ids = await posted(anna, 25)
    job = (await start(anna, "PRINT", ids=ids)).made["id"]

    def dying(*_: Any, **__: Any) -> None:
        raise Killed

    monkeypatch.setattr(DocumentJob, dies_in, dying)
    with pytest.raises(Killed):
        await do_job(shop, job)
    monkeypatch.undo()
    await do_job(shop, job)

    found = await seen(anna, job)
    assert counts(found) == ("FINISHED", 25, 25, 0)
    assert heights(await file_of(anna, found)) == [100 + n for n in range(1, 26)]
    types = [row["type"] for row in await shop.journal()]
    assert types.count("SalesInvoicePrintRequested") == types.count("SalesInvoicePrinted") == 25


async def test_a_pdf_that_cannot_be_made_is_told_after_the_last_try(shop: Erp):
    """Before that the worker comes back; the others are in the file."""
    anna = await shop.sign_in()
    ids = await posted(anna, 3)
    job = (await start(anna, "PRINT", ids=ids)).made["id"]

    async def print_one(id: UUID, language: Language) -> None:
        if id == uuid_of(ids[1]):
            raise TimeoutError
        await keep_page(shop, id, language)

    with pytest.raises(TimeoutError):
        await do_job(shop, job, print_one=print_one)
    waiting = counts(await seen(anna, job))
    await do_job(shop, job, print_one=print_one, may_retry=False)

    assert waiting == ("RUNNING", 0, 3, 0)
    found = await seen(anna, job)
    assert counts(found) == ("FINISHED", 3, 3, 1)
    assert outcomes(found) == [
        (0, "DONE", None),
        (1, "REFUSED", "PRINT_FAILED"),
        (2, "DONE", None),
    ]
    assert heights(await file_of(anna, found)) == [101, 103]


async def test_a_cancelled_print_job_makes_no_file(shop: Erp, monkeypatch: pytest.MonkeyPatch):
    """What was printed stays with its document."""
    anna = await shop.sign_in()
    ids = await posted(anna, 25)
    job = (await start(anna, "PRINT", ids=ids)).made["id"]
    monkeypatch.setattr(web.document_jobs, "STEPS_PER_JOB", 2)
    await do_job(shop, job)
    monkeypatch.undo()

    await anna.do("cancelDocumentJob", "documentJob { id }", id=job)
    await do_job(shop, job)

    found = await seen(anna, job)
    assert (counts(found), found["files"]) == (("CANCELLED", 20, 25, 0), [])
    assert [fate for _, fate, _ in outcomes(found)] == ["DONE"] * 20 + ["ACCEPTED"] * 5


@pytest.mark.usefixtures("worker")
async def test_the_worker_prints_many_into_one_file(shop: Erp):
    """Real PDFs through the queue: each invoice's pages, in the order asked for."""
    anna = await shop.sign_in()
    ids = [(await anna.create_invoice())["id"] for _ in range(3)]
    for id in ids:
        assert (await anna.post({"id": id, "version": 1})).problems == []
    order = [ids[2], ids[0], ids[1]]

    job = (await print_many(anna, order)).data["printDocuments"]["documentJob"]["id"]
    found = await finished(anna, job)

    assert counts(found) == ("FINISHED", 3, 3, 0)
    pages = pypdf.PdfReader(io.BytesIO(await file_of(anna, found))).pages
    texts = [each.extract_text() for each in pages]
    named = [next(n for n in (1, 2, 3) if f"INV-2026-{n:05}" in text) for text in texts]
    assert named == [3, 1, 2]


@pytest.mark.usefixtures("worker")
async def test_the_worker_does_a_job_through_the_queue(shop: Erp):
    """With the starter's rights as the server last saw them."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 450)

    job = (await start(anna, "DISCARD", ids=ids)).made["id"]

    assert counts(await finished(anna, job)) == ("FINISHED", 450, 450, 0)


async def finished(user: User, job: str) -> dict[str, Any]:
    """Return a job as soon as the worker has finished it."""
    deadline = time.monotonic() + WORKER_SECONDS_MAX
    while (found := await seen(user, job))["state"] != "FINISHED":
        assert time.monotonic() < deadline, counts(found)
        await asyncio.sleep(0.2)
    return found
