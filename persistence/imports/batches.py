"""The batch of an import as one unit of work: rows and progress together, or neither."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING
from uuid import UUID

from domain.imports.cells import ImportRow
from domain.imports.fields import ImportEntity
from domain.imports.run import ImportRun, ImportState, ImportWish, RowOutcome
from domain.problems import Problem
from persistence.imports.items import ItemBatch
from persistence.imports.partners import PartnerBatch
from persistence.imports.reading import Table

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

OpenWork = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]

_BATCHES: dict[ImportEntity, type[PartnerBatch] | type[ItemBatch]] = {
    ImportEntity.PARTNERS: PartnerBatch,
    ImportEntity.ITEMS: ItemBatch,
}


class _NothingKept(Exception):
    """Leaves the unit of work of a dry run without a trace."""


async def next_batch(open_work: OpenWork, id: UUID, table: Table, place: int) -> ImportRun:
    """Do the batch that starts at `place` and return the import as it is then.

    Where another worker was faster, or the import is over, nothing is done: each row counts once.
    """
    async with open_work() as work:
        run = await work.imports.locked(id)
        wish = run.wish
        if run.is_over or run.done_rows != place:
            return run
    rows = table.batch(place)
    rehearsed = await _rehearsed(open_work, wish, rows) if wish.is_dry_run else None
    async with open_work() as work:
        run = await work.imports.locked(id)
        if run.is_over or run.done_rows != place:
            return run
        if run.state is ImportState.WAITING:
            run.begin(table.headings, table.total_rows)
        outcomes = await _taken(work, wish, rows) if rehearsed is None else rehearsed
        await work.imports.note(run, outcomes)
        run.advance(outcomes, at=work.now)
        return run


async def finish(open_work: OpenWork, id: UUID, table: Table, rejected: bytes | None) -> None:
    """End an import whose rows are done; `rejected` is the file with its bad rows."""
    async with open_work() as work:
        run = await work.imports.locked(id)
        if run.is_over:
            return
        if run.state is ImportState.WAITING:
            run.begin(table.headings, table.total_rows)
        run.finish(await work.blobs.keep(rejected) if rejected else None, at=work.now)


async def fail(open_work: OpenWork, id: UUID, problem: Problem) -> None:
    """End an import whose file cannot be imported."""
    async with open_work() as work:
        run = await work.imports.locked(id)
        if not run.is_over:
            run.fail(problem, at=work.now)


async def _taken(
    work: "UnitOfWork", wish: ImportWish, rows: Sequence[ImportRow]
) -> list[RowOutcome]:
    return await _BATCHES[wish.entity](work, wish).take(rows)


async def _rehearsed(
    open_work: OpenWork, wish: ImportWish, rows: Sequence[ImportRow]
) -> list[RowOutcome]:
    """Do everything but the commit: the database has its say, and nothing is left of it."""
    outcomes: list[RowOutcome] = []
    try:
        async with open_work() as work:
            outcomes = await _taken(work, wish, rows)
            await work.session.flush()
            raise _NothingKept
    except _NothingKept:
        return outcomes
