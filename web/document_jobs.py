"""The job over documents: part by part, each one transaction with the rights of who started it.

It does a bounded number of steps and has the rest done by another one, so that a worker that is
told to stop need not wait long. Wherever it dies, the next one goes on behind the last step that
was committed: the job itself says how far it is, and every step looks again under its lock.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.bulk import Outcome
from domain.documents.jobs import (
    FILE_DOCUMENTS_MAX,
    PART_SIZE,
    PRINTS_PER_STEP,
    DocumentJob,
    JobFate,
    JobItem,
    PrintFailed,
    PrintFile,
)
from domain.identity import ADMIN, Actor, Forbidden, Language, scopes_left
from domain.problems import Problem
from domain.requests import Busy
from persistence.jobs import RUN_DOCUMENT_JOB
from persistence.unit_of_work import UnitOfWork
from resolvers.documents.jobs import demand_verb, do_part
from web.printing.merging import merge_pdfs

STEPS_PER_JOB = 10
TRIES_PER_PART = 3

_log = logging.getLogger("neuroerp.worker")

Run = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker gives a job: units of work of its starter, and processes for the long work.

    `scopes_now` tells what the starter may do now, `print_one` makes the PDF of a document unless
    it is there, and `may_retry` says whether a step that breaks is tried again.
    """

    starter: Actor
    open_work: Callable[[Actor], AbstractAsyncContextManager[UnitOfWork]]
    scopes_now: Callable[[], Awaitable[frozenset[str]]]
    print_one: Callable[[UUID, Language], Awaitable[None]]
    run_elsewhere: Run
    may_retry: bool = True

    def work(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a unit of work for what the worker itself does."""
        return self.open_work(replace(self.starter, scopes=frozenset({ADMIN})))


async def run_document_job(id: UUID, means: Means) -> None:
    """Go on with a job."""
    size = PART_SIZE
    for _ in range(STEPS_PER_JOB):
        async with means.work() as work:
            job = await work.document_jobs.locked(id)
        if job.is_over:
            return
        scopes = scopes_left(job.starter_scopes, await means.scopes_now())
        starter = replace(means.starter, scopes=scopes)
        try:
            demand_verb(starter, job.verb)
        except Forbidden as taken:
            await _fail(id, means, taken)
            return
        if job.begun < job.part_ends_at:
            size = await _part(job, means, starter, size)
        elif not await _print_next(job, means):
            await _file_next(job, means)
    async with means.work() as work:
        work.later(RUN_DOCUMENT_JOB, id)


async def _part(job: DocumentJob, means: Means, starter: Actor, size: int) -> int:
    """Do the next documents, at most `size`, and return how many to do at a time from then on.

    What refuses a part as a whole, such as a period that somebody closes meanwhile, is the fault of
    some of them: half as many are tried, down to one, which is then refused alone.
    """
    count = min(size, job.part_ends_at - job.begun)
    try:
        await _tried(lambda: _take(job, means, starter, count, None))
    except Busy:
        raise
    except Problem as problem:
        if count > 1:
            return count // 2
        refusal = problem
        await _tried(lambda: _take(job, means, starter, 1, refusal))
        return 1
    return min(2 * size, PART_SIZE)


async def _tried(step: Callable[[], Awaitable[None]]) -> None:
    """Do a step again where others held the same records too long. Raises Busy at last."""
    for _ in range(TRIES_PER_PART - 1):
        try:
            return await step()
        except Busy:
            continue
    await step()


async def _take(
    known: DocumentJob, means: Means, starter: Actor, count: int, refusal: Problem | None
) -> None:
    """Do a part in one transaction with its progress; nothing where another worker was faster.

    With a `refusal` nothing is tried: that is what became of it.
    """
    async with means.open_work(starter) as work:
        job = await work.document_jobs.locked(known.id)
        if job.is_over or job.begun != known.begun:
            return
        start, end = job.begun, job.begun + count
        items = await work.document_jobs.turns(job, start, end, JobFate.WAITING, count)
        if refusal is None:
            await do_part(work, job, items)
        else:
            job.take(items, [Outcome(None, refusal)], at=work.now)


async def _print_next(known: DocumentJob, means: Means) -> bool:
    """Make the next PDFs of the file that is being made; False if all are there."""
    async with means.work() as work:
        items = await _accepted(work, known)
    if not items:
        return False
    failed: dict[int, Problem] = {}
    for item in items:
        assert item.document_id is not None  # it was accepted, so it is a document
        try:
            await means.print_one(item.document_id, known.language)
        except Exception:
            if means.may_retry:
                raise
            _log.exception("job %s: document %s cannot be printed", known.id, item.document_id)
            failed[item.place] = PrintFailed()
    places = {item.place for item in items}
    async with means.work() as work:
        job = await work.document_jobs.locked(known.id)
        if not job.is_over:
            settled = [item for item in await _accepted(work, job) if item.place in places]
            if settled:
                job.printed({item: failed.get(item.place) for item in settled}, at=work.now)
    return True


async def _accepted(work: UnitOfWork, job: DocumentJob) -> Sequence[JobItem]:
    return await work.document_jobs.turns(
        job, job.filed, job.file_ends_at, JobFate.ACCEPTED, PRINTS_PER_STEP
    )


async def _file_next(known: DocumentJob, means: Means) -> None:
    """Put the next PDFs together, in the order asked for, and keep the file with the progress."""
    async with means.work() as work:
        items = await work.document_jobs.turns(
            known, known.filed, known.file_ends_at, JobFate.DONE, FILE_DOCUMENTS_MAX
        )
        ids = [item.document_id for item in items if item.document_id is not None]
        contents = await work.printouts.contents(ids, known.language)
    pages = 0
    if contents:
        merged, pages = await means.run_elsewhere(merge_pdfs, contents)
    async with means.work() as work:
        job = await work.document_jobs.locked(known.id)
        if job.is_over or job.filed != known.filed:
            return
        file = None
        if contents:
            hash = await work.blobs.keep(merged)
            file = PrintFile(hash, len(merged), len(contents), pages)
        job.file(file, at=work.now)


async def _fail(id: UUID, means: Means, problem: Problem) -> None:
    async with means.work() as work:
        job = await work.document_jobs.locked(id)
        if not job.is_over:
            job.fail(problem, at=work.now)
