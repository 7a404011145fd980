"""The job of an import: read the file elsewhere, then take its rows batch by batch.

A job does a bounded number of batches and has the rest done by another one, so that a worker that
is told to stop need not wait for a large file, and a file's tries are counted per part. Wherever it
dies, the next one goes on behind the last batch that was committed.
"""

from collections.abc import Awaitable, Callable
from concurrent.futures.process import BrokenProcessPool
from typing import Any
from uuid import UUID

from domain.imports.run import ImportRun, ImportState
from domain.inbox import FileNotReadable
from domain.items import DuplicateItem
from domain.partners import DuplicatePartnerNumber
from domain.problems import Problem
from domain.requests import Busy
from persistence.imports.batches import OpenWork, fail, finish, next_batch
from persistence.imports.reading import Table, read_table, rejected_rows
from persistence.jobs import IMPORT_ROWS

BATCHES_PER_JOB = 50
TRIES_PER_BATCH = 3
FILE_SECONDS_MAX = 60

_AT_THE_SAME_TIME = (Busy, DuplicatePartnerNumber, DuplicateItem)
"""Somebody else wrote meanwhile; the next try sees it and tells it of the row."""

Run = Callable[..., Awaitable[Any]]


async def import_rows(id: UUID, open_work: OpenWork, run_elsewhere: Run, may_retry: bool) -> None:
    """Go on with an import. A file that breaks its reader is tried again while that may be."""
    async with open_work() as work:
        run = await work.imports.locked(id)
        if run.is_over:
            return
        content = await work.blobs.content(run.file_hash)
    try:
        table: Table = await run_elsewhere(read_table, content, run.wish)
    except Problem as problem:
        await fail(open_work, id, problem)
        return
    except (TimeoutError, BrokenProcessPool, MemoryError):
        if may_retry:
            raise
        await fail(open_work, id, FileNotReadable(seconds=FILE_SECONDS_MAX))
        return
    run = await _batches(id, open_work, table, run)
    if run.is_over:
        return
    if run.state is not ImportState.WAITING and run.has_rows_left:
        async with open_work() as work:
            work.later(IMPORT_ROWS, id)
        return
    rejected = await _rejected(id, open_work, run_elsewhere, content) if run.failed_rows else None
    await finish(open_work, id, table, rejected)


async def _batches(id: UUID, open_work: OpenWork, table: Table, run: ImportRun) -> ImportRun:
    """Do the next batches, as many as one job does."""
    for _ in range(BATCHES_PER_JOB):
        waits = run.state is ImportState.WAITING
        if run.is_over or not (table.total_rows if waits else run.has_rows_left):
            break
        run = await _tried(id, open_work, table, run.done_rows)
    return run


async def _tried(id: UUID, open_work: OpenWork, table: Table, place: int) -> ImportRun:
    for _ in range(TRIES_PER_BATCH - 1):
        try:
            return await next_batch(open_work, id, table, place)
        except _AT_THE_SAME_TIME:
            continue
    return await next_batch(open_work, id, table, place)


async def _rejected(id: UUID, open_work: OpenWork, run_elsewhere: Run, content: bytes) -> bytes:
    """Return the file with the bad rows and their reasons."""
    async with open_work() as work:
        reasons = await work.imports.reasons(await work.imports.locked(id))
    rejected: bytes = await run_elsewhere(rejected_rows, content, reasons)
    return rejected
