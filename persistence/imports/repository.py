"""Imports inside a unit of work."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, insert, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import selectinload

from domain.identity import Language
from domain.imports.fields import Target
from domain.imports.run import ImportRun, RowOutcome
from domain.problems import NotFound
from persistence.imports.tables import import_problem, import_run
from persistence.locks import Lock

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

_REASON_LENGTH_MAX = 2_000
_COLUMNS = selectinload(ImportRun.columns)  # type: ignore[arg-type]


class Imports:
    """Imports inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: ImportRun) -> None:
        """Keep a new import."""
        self._work.add(new)

    async def locked(self, id: UUID) -> ImportRun:
        """Return the import with its columns, locked. Raises NotFound."""
        self._work.lock(Lock.IMPORT_RUNS)
        query = select(ImportRun).where(
            import_run.c.tenant_id == self._work.actor.tenant, import_run.c.id == id
        )
        found = await self._work.session.scalar(query.options(_COLUMNS).with_for_update())
        if found is None:
            raise NotFound(entity="ImportRun", id=f"imp_{id}", path=("input", "id"))
        return found

    async def note(self, run: ImportRun, outcomes: Sequence[RowOutcome]) -> None:
        """Keep what was wrong with rows; called before they are counted."""
        headings = {
            Target(column.field, column.group_number): column.heading
            for column in run.columns
            if column.field
        }
        found = [(outcome.row, each) for outcome in outcomes for each in outcome.problems]
        rows = [
            {
                "tenant_id": run.tenant_id,
                "id": self._work.new_id(),
                "run_id": run.id,
                "place": run.problem_count + place,
                "row": row,
                "column": headings.get(each.target) if each.target else None,
                "field": each.target.field if each.target else None,
                "group_number": each.target.group_number if each.target else None,
                "code": each.problem.code,
                "reason_de": each.problem.message(Language.DE)[:_REASON_LENGTH_MAX],
                "reason_en": each.problem.message(Language.EN)[:_REASON_LENGTH_MAX],
            }
            for place, (row, each) in enumerate(found)
        ]
        if rows:
            await self._work.session.execute(insert(import_problem), rows)

    async def reasons(self, run: ImportRun) -> dict[int, tuple[str, str]]:
        """Return why rows were bad, by row: in German and in English."""
        of = import_problem.c
        heading = func.coalesce(of.column + ": ", "")
        texts = (
            func.string_agg(heading.concat(text), aggregate_order_by(literal(" | "), of.place))
            for text in (of.reason_de, of.reason_en)
        )
        query = (
            select(of.row, *texts)
            .where(of.tenant_id == run.tenant_id, of.run_id == run.id)
            .group_by(of.row)
        )
        found = await self._work.session.execute(query)
        return {row: (german, english) for row, german, english in found}
