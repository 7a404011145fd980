"""An import: a file on its way into the master data, row by row, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.imports.cells import CellProblem, NumberFormat
from domain.imports.columns import HEADING_LENGTH_MAX
from domain.imports.fields import ImportEntity, ImportField, Target
from domain.journal import Recorder
from domain.problems import Path, Problem
from domain.text import checked_text

ROWS_MAX = 100_000
BATCH_ROWS = 200
PROBLEMS_PER_ROW_MAX = 10


class ImportState(StrEnum):
    """WAITING to be read, RUNNING, and the four ends.

    FINISHED went through all rows, STOPPED at the first bad one as asked, CANCELLED by a user,
    FAILED because of the file itself.
    """

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    STOPPED = "STOPPED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class ImportMode(StrEnum):
    """What becomes of rows about records that are there already."""

    CREATE_ONLY = "CREATE_ONLY"
    UPDATE_EXISTING = "UPDATE_EXISTING"


class ImportErrorPolicy(StrEnum):
    """What to do at a bad row."""

    SKIP_FAILED = "SKIP_FAILED"
    STOP_AT_FIRST = "STOP_AT_FIRST"


class ImportAction(StrEnum):
    """What happens to an import; a fact of its events."""

    START = "START"
    PROGRESS = "PROGRESS"
    FINISH = "FINISH"
    CANCEL = "CANCEL"
    FAIL = "FAIL"


class ImportOver(Problem):
    """This import is {state}, so there is nothing left to cancel."""

    state: str


class Fate(StrEnum):
    """What became of a row."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of the row with this number."""

    row: int
    fate: Fate
    problems: Sequence[CellProblem] = ()


@dataclass(frozen=True, slots=True)
class ImportWish:
    """How an import is to be done. `mapping` says by hand what headings mean."""

    entity: ImportEntity
    mode: ImportMode
    error_policy: ImportErrorPolicy
    is_dry_run: bool
    allows_duplicates: bool
    number_format: NumberFormat
    mapping: Mapping[str, Target]


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file as it was kept."""

    name: str
    hash: str
    size: int


class ImportColumn:
    """A column of the file; without a field it is not imported.

    `group_number` tells of a field of a part which one it is.
    """

    tenant_id: UUID
    run_id: UUID
    place: int
    heading: str
    field: ImportField | None
    group_number: int | None

    def __init__(self, run: "ImportRun", place: int, heading: str, target: Target | None) -> None:
        self.tenant_id = run.tenant_id
        self.run_id = run.id
        self.place = place
        self.heading = heading[:HEADING_LENGTH_MAX]
        self.field = target.field if target else None
        self.group_number = target.group_number if target else None


class ImportRun(Recorder):
    """One import. Rows are counted without the heading and without empty ones."""

    entity_type = "import_run"

    id: UUID
    tenant_id: UUID
    imported_entity: ImportEntity
    mode: ImportMode
    error_policy: ImportErrorPolicy
    is_dry_run: bool
    allows_duplicates: bool
    number_format: NumberFormat
    mapping: dict[str, str]
    state: ImportState
    file_name: str
    file_hash: str
    file_size: int
    total_rows: int | None
    done_rows: int
    created_rows: int
    updated_rows: int
    unchanged_rows: int
    failed_rows: int
    problem_count: int
    rejected_hash: str | None
    failure_code: str | None
    failure_facts: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None
    columns: list[ImportColumn]
    version: int

    def __init__(
        self, *, id: UUID, tenant_id: UUID, wish: ImportWish, file: ImportFile, at: datetime
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.imported_entity = wish.entity
        for name in ("mode", "error_policy", "is_dry_run", "allows_duplicates"):
            setattr(self, name, getattr(wish, name))
        self.number_format = wish.number_format
        self.mapping = {heading: str(target) for heading, target in wish.mapping.items()}
        self.state = ImportState.WAITING
        self.file_name = checked_text(file.name, 255, ("input", "file"))
        self.file_hash = file.hash
        self.file_size = file.size
        self.total_rows = self.rejected_hash = self.finished_at = None
        self.failure_code = self.failure_facts = None
        self.done_rows = self.created_rows = self.updated_rows = self.unchanged_rows = 0
        self.failed_rows = self.problem_count = 0
        self.columns = []
        self.created_at = self.updated_at = at
        self._tell("ImportStarted", ImportAction.START)

    @property
    def wish(self) -> ImportWish:
        """How it is to be done."""
        return ImportWish(
            self.imported_entity,
            self.mode,
            self.error_policy,
            self.is_dry_run,
            self.allows_duplicates,
            self.number_format,
            {heading: Target.parse(target) for heading, target in self.mapping.items()},
        )

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.state not in (ImportState.WAITING, ImportState.RUNNING)

    @property
    def stops(self) -> bool:
        """Whether it is to end here, before its last row, because a row was bad."""
        return self.error_policy is ImportErrorPolicy.STOP_AT_FIRST and self.failed_rows > 0

    @property
    def has_rows_left(self) -> bool:
        """Whether rows are left to do."""
        return not self.stops and self.done_rows < (self.total_rows or 0)

    def begin(self, headings: Sequence[tuple[str, Target | None]], total_rows: int) -> None:
        """Take over what the file holds; told with the first progress or the end."""
        self.state = ImportState.RUNNING
        self.total_rows = total_rows
        self.columns[:] = [
            ImportColumn(self, place, heading, target)
            for place, (heading, target) in enumerate(headings)
        ]

    def advance(self, outcomes: Sequence[RowOutcome], *, at: datetime) -> None:
        """Count what became of the next rows."""
        fates = [outcome.fate for outcome in outcomes]
        self.done_rows += len(outcomes)
        self.created_rows += fates.count(Fate.CREATED)
        self.updated_rows += fates.count(Fate.UPDATED)
        self.unchanged_rows += fates.count(Fate.UNCHANGED)
        self.failed_rows += fates.count(Fate.FAILED)
        self.problem_count += sum(len(outcome.problems) for outcome in outcomes)
        self.updated_at = at
        self._tell("ImportProgressed", ImportAction.PROGRESS)

    def finish(self, rejected_hash: str | None, *, at: datetime) -> None:
        """End it; `rejected_hash` names the file with the rows that were bad."""
        self.state = ImportState.STOPPED if self.stops else ImportState.FINISHED
        self.rejected_hash = rejected_hash
        self.finished_at = self.updated_at = at
        self._tell("ImportFinished", ImportAction.FINISH)

    def cancel(self, path: Path, *, at: datetime) -> None:
        """End it after the rows that are done; these stay. Raises ImportOver."""
        if self.is_over:
            raise ImportOver(state=self.state, path=path)
        self.state = ImportState.CANCELLED
        self.finished_at = self.updated_at = at
        self._tell("ImportCancelled", ImportAction.CANCEL)

    def fail(self, problem: Problem, *, at: datetime) -> None:
        """End it because the file cannot be imported at all."""
        self.state = ImportState.FAILED
        self.failure_code = problem.code
        self.failure_facts = problem.facts()
        self.finished_at = self.updated_at = at
        self._tell("ImportFailed", ImportAction.FAIL)

    def _tell(self, event_type: str, action: ImportAction) -> None:
        self.record(
            event_type,
            action=action,
            state_after=self.state,
            done=self.done_rows,
            total=self.total_rows,
            failed=self.failed_rows,
        )
