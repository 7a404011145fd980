"""The worker: jobs that take long or read hostile files, in processes of their own.

Every job may run twice; each checks under the lock whether its work is done already.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job as StoredJob
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries

from domain.documents.kinds import Action
from domain.identity import ADMIN, Actor, Language
from domain.inbox import FileNotReadable, InboxState
from domain.printing.contents import Contents, Paper, contents_of
from domain.printing.failures import PrintFailed, PrintFailure
from domain.printing.mandatory import missing_contents
from domain.problems import Problem
from persistence.database import APP_ROLE, server_settings
from persistence.einvoice import read_einvoice
from persistence.identity import scopes_now
from persistence.inbox import facts_of
from persistence.jobs import (
    ATTEMPTS_MAX,
    IMPORT_ROWS,
    PRINT_DOCUMENT,
    READ_INBOX_ITEM,
    RUN_DOCUMENT_JOB,
    Job,
)
from persistence.unit_of_work import UnitOfWork, unit_of_work
from web.document_jobs import Means, run_document_job
from web.imports import import_rows
from web.printing.render import PrintingUnavailable, render_document
from web.state import State

PROCESSES = 2
FILE_SECONDS_MAX = 60
MEMORY_BYTES_MAX = 2 * 1024**3
POLL = timedelta(seconds=1)
JOBS_AT_ONCE = 8  # fewer than WRITE_CONNECTIONS_MAX: none fails for want of a connection
RETRY_SECONDS = 1.0

_log = logging.getLogger("neuroerp.worker")


def _bounded() -> None:
    """Bound a process that reads files of strangers: its memory, and its life to its parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is its parent's
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(ValueError, OSError):  # macOS does not keep this limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))


def _end_with_parent() -> None:
    """Die when the worker dies, also by kill -9, which leaves nobody to say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


class Processes:
    """A pool of bounded processes that is replaced when a hostile file broke it."""

    def __init__(self) -> None:
        self._pool = self._open()
        self._free = asyncio.Semaphore(PROCESSES)  # so that the time counts from the start

    @staticmethod
    def _open() -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(PROCESSES, mp_context=spawn, initializer=_bounded)

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function elsewhere. Raises TimeoutError or BrokenProcessPool past its bounds."""
        async with self._free:
            return await self._run(partial(function, *arguments))

    async def _run(self, function: Callable[[], Any]) -> Any:
        loop = asyncio.get_running_loop()
        pool = self._pool
        try:
            return await asyncio.wait_for(loop.run_in_executor(pool, function), FILE_SECONDS_MAX)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise BrokenProcessPool("it was replaced before its turn came") from None
        except (TimeoutError, BrokenProcessPool):
            if self._pool is pool:
                self._pool = self._open()
                for process in list((pool._processes or {}).values()):
                    process.kill()
                pool.shutdown(wait=False, cancel_futures=True)
            raise

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _facts(content: bytes) -> dict[str, Any]:
    """Read an e-invoice, in a process of its own."""
    return facts_of(read_einvoice(content))


class Jobs:
    """What the worker can do, one method per job."""

    def __init__(self, state: State, processes: Processes) -> None:
        self._state = state
        self._processes = processes

    def _work(self, tenant: UUID, user: UUID) -> Any:
        actor = Actor(tenant, user, frozenset({ADMIN}))
        return unit_of_work(self._state.database, actor, self._state.services)

    async def read_inbox_item(self, job: Job, attempt: int) -> None:
        """Read a received file; an unreadable one stays, with the reason."""
        tenant, id, user = job.ids
        work: UnitOfWork
        async with self._work(tenant, user) as work:
            item = await work.inbox.locked(id)
            if item.state is not InboxState.RECEIVED:
                return
            content = await work.blobs.content(item.file_hash)
        facts: dict[str, Any] | Problem
        try:
            facts = await self._processes.run(_facts, content)
        except Problem as problem:
            facts = problem
        except (TimeoutError, BrokenProcessPool, MemoryError):
            if attempt < ATTEMPTS_MAX:
                raise
            facts = FileNotReadable(seconds=FILE_SECONDS_MAX)
        async with self._work(tenant, user) as work:
            item = await work.inbox.locked(id)
            if item.state is InboxState.RECEIVED:
                if isinstance(facts, Problem):
                    item.fail(facts, at=work.now)
                else:
                    item.read(facts, at=work.now)

    async def print_document(self, job: Job, attempt: int) -> None:
        """Make the PDF of a posted document and keep it, or keep why that cannot be done.

        What a document lacks comes by no second try; everything else is tried again.
        """
        try:
            await self._print_document(job)
        except ContentsMissing as lacking:
            _log.error("a print cannot be made: %s", lacking)
            await self._keep_failure(job, PrintFailed(PrintFailure.CONTENTS_MISSING, lacking.names))
        except Exception as error:
            if attempt >= ATTEMPTS_MAX:
                await self._keep_failure(job, PrintFailed(_failure_of(error)))
            raise

    async def _keep_failure(self, job: Job, failed: PrintFailed) -> None:
        tenant, id, user = job.ids
        work: UnitOfWork
        async with self._work(tenant, user) as work:
            document = await work.documents.locked(id, None, Action.PRINT)
            await work.print_problems.keep(document, Language(job.language), failed)

    async def _print_document(self, job: Job) -> None:
        tenant, id, user = job.ids
        await self._print(tenant, user, id, Language(job.language))

    async def _print(self, tenant: UUID, user: UUID, id: UUID, language: Language) -> None:
        """Print a document unless this version of it is printed."""
        work: UnitOfWork
        async with self._work(tenant, user) as work:
            document = await work.documents.locked(id, None, Action.PRINT)
            if await work.printouts.exists(document, language):
                return
            paper = Paper(
                letterhead=await work.tenants.letterhead(),
                language=language,
                references=await work.printouts.references(document),
                texts=await work.texts.of(document.kind, language),
                beside=await work.printouts.beside(document),
            )
            contents = contents_of(document, paper)
            if missing := missing_contents(contents):
                raise ContentsMissing(document.number or "", missing)
            version, printed_at = document.version, work.now
        pdf: bytes = await self._processes.run(render_document, contents, printed_at)
        async with self._work(tenant, user) as work:
            document = await work.documents.locked(id, None, Action.PRINT)
            hash = await work.blobs.keep(pdf)
            file = (file_name(contents), hash, len(pdf))
            if await work.printouts.add(document, language, file, version):
                document.printed(language=language, file_hash=hash)

    async def import_rows(self, job: Job, attempt: int) -> None:
        """Take the next rows of an import into the master data."""
        tenant, id, user = job.ids
        await import_rows(
            id, lambda: self._work(tenant, user), self._processes.run, attempt < ATTEMPTS_MAX
        )

    async def run_document_job(self, job: Job, attempt: int) -> None:
        """Do the next parts of a job over documents, with the rights that its starter still has."""
        tenant, id, user = job.ids
        state = self._state

        means = Means(
            starter=Actor(tenant, user, frozenset()),
            open_work=lambda actor: unit_of_work(state.database, actor, state.services),
            scopes_now=lambda: scopes_now(state.database, tenant, user),
            print_one=partial(self._print, tenant, user),
            run_elsewhere=self._processes.run,
            may_retry=attempt < ATTEMPTS_MAX,
        )
        await run_document_job(id, means)


def _failure_of(error: Exception) -> PrintFailure:
    """Return what users are told of an error that comes with every try."""
    if isinstance(error, PrintingUnavailable):
        return PrintFailure.PRINTER_MISSING
    too_large = isinstance(error, TimeoutError | BrokenProcessPool | MemoryError)
    return PrintFailure.TOO_LARGE if too_large else PrintFailure.INTERNAL


def file_name(contents: Contents) -> str:
    """Return the name to save a print under, such as Angebot-ANG-2026-00001-Fassung-2.pdf."""
    title = contents.title.partition(" (")[0]
    parts = [title, contents.number, contents.revision]
    return "-".join(part for part in parts if part).replace("/", "-").replace(" ", "-") + ".pdf"


async def work(state: State, stop: asyncio.Event) -> None:
    """Do jobs until `stop` is set; a database that goes away is waited for."""
    processes = Processes()
    try:
        while not stop.is_set():
            try:
                await _follow_queue(state, Jobs(state, processes), stop)
            except Exception as error:  # the library raises what it meets, wrapped or not
                _log.warning("the queue cannot be read, trying again: %r", error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RETRY_SECONDS)
    finally:
        processes.close()


async def _follow_queue(state: State, jobs: Jobs, stop: asyncio.Event) -> None:
    pool = await asyncpg.create_pool(
        state.settings.database_url,
        min_size=2,
        max_size=4,
        server_settings=server_settings(APP_ROLE),
    )
    manager = QueueManager(Queries(AsyncpgPoolDriver(pool)))
    _register(manager, READ_INBOX_ITEM, jobs.read_inbox_item)
    _register(manager, PRINT_DOCUMENT, jobs.print_document)
    _register(manager, IMPORT_ROWS, jobs.import_rows)
    _register(manager, RUN_DOCUMENT_JOB, jobs.run_document_job)

    async def until_stopped() -> None:
        await stop.wait()
        manager.shutdown.set()

    stopping = asyncio.create_task(until_stopped())
    try:
        await manager.run(
            dequeue_timeout=POLL, batch_size=JOBS_AT_ONCE // 2, max_concurrent_tasks=JOBS_AT_ONCE
        )
    finally:
        stopping.cancel()
        pool.terminate()  # its jobs are done; a lost connection would be waited for


def _register(manager: QueueManager, name: str, do: Callable[[Job, int], Awaitable[None]]) -> None:
    """Register a job: tried again with growing pauses, held for an operator after the last try."""

    @manager.entrypoint(
        name,
        on_failure="hold",
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters=parameters, max_attempts=ATTEMPTS_MAX
        ),
    )
    async def run(stored: StoredJob) -> None:
        try:
            await do(Job.parse(stored.payload or b""), stored.attempts)
        except PrintingUnavailable as missing:
            _log.error("%s", missing)
            raise
        except Exception as error:
            # The library stores the text of what is raised: it must hold no value of a document.
            _log.exception("job %s %s failed", name, stored.id)
            raise JobFailed(type(error).__name__) from None


class ContentsMissing(Exception):
    """A posted invoice does not say all that the law asks; posting should have refused it."""

    def __init__(self, number: str, names: tuple[str, ...]) -> None:
        super().__init__(f"{number} lacks {', '.join(names)}")
        self.names = names


class JobFailed(Exception):
    """A job did not succeed; the log says why."""
