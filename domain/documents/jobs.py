"""A job: one verb for more documents than one transaction takes, in parts, by a worker.

Every part is one transaction: what becomes of its documents and how far the job is are kept
together, so that each document is done once, whatever dies in between. Only those that are refused
are left out; all or nothing would need one transaction for all.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.bulk import Outcome
from domain.identity import Language
from domain.journal import Recorder
from domain.problems import Path, Problem
from domain.text import Required, optional_text

JOB_ITEMS_MAX = 10_000
PART_SIZE = 200
"""Documents of one transaction: few enough that nobody waits long for what it locks."""

FILE_DOCUMENTS_MAX = 500
"""Documents in one file to print: what a printer and its paper trays take at a time."""

PRINTS_PER_STEP = 20
"""PDFs made between two reports of progress; each takes about a third of a second."""

NOTE_LENGTH_MAX = 1_000
ASKED_LENGTH_MAX = 60


class JobVerb(StrEnum):
    """What is done with each document."""

    SUBMIT = "SUBMIT"
    APPROVE = "APPROVE"
    POST = "POST"
    DISCARD = "DISCARD"
    CONVERT = "CONVERT"
    REASSIGN = "REASSIGN"
    PRINT = "PRINT"


class JobState(StrEnum):
    """WAITING for a worker, RUNNING, and the three ends.

    FINISHED went through all documents, CANCELLED by a user, FAILED since it must not go on.
    """

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class JobAction(StrEnum):
    """What happens to a job; a fact of its events."""

    START = "START"
    PROGRESS = "PROGRESS"
    FINISH = "FINISH"
    CANCEL = "CANCEL"
    FAIL = "FAIL"


class JobFate(StrEnum):
    """What became of a document; ACCEPTED is to be printed, and its PDF is not there yet."""

    WAITING = "WAITING"
    ACCEPTED = "ACCEPTED"
    DONE = "DONE"
    REFUSED = "REFUSED"


class JobOver(Problem):
    """This job is {state}, so there is nothing left to cancel."""

    state: str


class NothingSelected(Problem):
    """None of the documents asked for is there, so there is nothing to do."""


class SelectionAmbiguous(Problem):
    """Name the documents by ids or by a filter, one of both."""


class OptionOutOfPlace(Problem):
    """{option} says nothing about {verb}. Leave it out."""

    option: str
    verb: str


class PrintFailed(Problem):
    """The PDF of this document could not be made; the log of the server says why."""


_OPTIONS: dict[JobVerb, tuple[str, ...]] = {
    JobVerb.SUBMIT: (),
    JobVerb.APPROVE: ("note",),
    JobVerb.POST: ("acceptCreditLimit", "acceptOlderDate", "postingDate"),
    JobVerb.DISCARD: (),
    JobVerb.CONVERT: ("to",),
    JobVerb.REASSIGN: ("responsible",),
    JobVerb.PRINT: ("language",),
}
"""What can be said about a verb, by the names of the input."""

_NEEDED = frozenset({"to", "responsible"})


def check_options(verb: JobVerb, given: Collection[str]) -> None:
    """Raise OptionOutOfPlace for what says nothing about a verb, or Required for what is missing.

    >>> check_options(JobVerb.POST, {"postingDate"})
    >>> check_options(JobVerb.CONVERT, ())
    Traceback (most recent call last):
    domain.text.Required: This must not be empty.
    """
    for option in sorted(given):
        if option not in _OPTIONS[verb]:
            raise OptionOutOfPlace(option=option, verb=verb, path=("input", option))
    for option in _OPTIONS[verb]:
        if option in _NEEDED and option not in given:
            raise Required(path=("input", option))


def check_selection(ids: object | None, filter: object | None) -> None:
    """Raise SelectionAmbiguous unless one of both names the documents."""
    if (ids is None) is (filter is None):
        raise SelectionAmbiguous(path=("input", "ids"))


@dataclass(frozen=True, slots=True)
class JobWish:
    """What is to be done with each document; `target` is the kind that it becomes."""

    verb: JobVerb
    note: str | None = None
    accept_credit_limit: bool = False
    accept_older_date: bool = False
    posting_date: date | None = None
    target: str | None = None
    responsible_id: UUID | None = None
    language: Language = Language.DE


@dataclass(frozen=True, slots=True)
class AskedDocument:
    """A document as it was named, and its id if it is one; `dated` decides about numbers."""

    asked: str
    id: UUID | None
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class PrintFile:
    """One PDF with many documents, as it was kept."""

    hash: str
    size: int
    document_count: int
    page_count: int


class JobItem:
    """A document of a job. `place` is its place among those asked for, `turn` when it is done."""

    tenant_id: UUID
    job_id: UUID
    place: int
    turn: int
    asked: str
    document_id: UUID | None
    fate: JobFate
    made_id: UUID | None
    code: str | None
    facts: str | None

    def __init__(self, job: "DocumentJob", place: int, turn: int, asked: AskedDocument) -> None:
        self.tenant_id = job.tenant_id
        self.job_id = job.id
        self.place = place
        self.turn = turn
        self.asked = asked.asked[:ASKED_LENGTH_MAX]
        self.document_id = asked.id
        self.fate = JobFate.WAITING
        self.made_id = self.code = self.facts = None

    def settle(self, outcome: Outcome, done: JobFate) -> None:
        """Note what became of it: `done`, or refused."""
        if outcome.problem is None:
            self.fate, self.made_id = done, outcome.id
            return
        self.fate = JobFate.REFUSED
        self.made_id = None
        self.code = outcome.problem.code
        self.facts = json.dumps(outcome.problem.facts(), ensure_ascii=False)


class JobFile:
    """A file to print: up to 500 documents in the order asked for."""

    tenant_id: UUID
    job_id: UUID
    place: int
    file_name: str
    file_hash: str
    file_size: int
    document_count: int
    page_count: int

    def __init__(self, job: "DocumentJob", place: int, file: PrintFile) -> None:
        self.tenant_id = job.tenant_id
        self.job_id = job.id
        self.place = place
        self.file_name = f"Belege-{job.created_at:%Y-%m-%d}-{place + 1}.pdf"
        self.file_hash = file.hash
        self.file_size = file.size
        self.document_count = file.document_count
        self.page_count = file.page_count


class DocumentJob(Recorder):
    """One verb for many documents, and how far it is.

    By their turn, `begun` documents went through the verb, `done` are settled for good, and `filed`
    of those to print have gone into a file; without printing `begun` and `done` are the same.
    """

    entity_type = "document_job"

    id: UUID
    tenant_id: UUID
    verb: JobVerb
    note: str | None
    accept_credit_limit: bool
    accept_older_date: bool
    posting_date: date | None
    target: str | None
    responsible_id: UUID | None
    language: Language
    scopes: str
    state: JobState
    total: int
    begun: int
    done: int
    refused: int
    filed: int
    failure_code: str | None
    failure_facts: dict[str, Any] | None
    started_by: UUID
    created_at: datetime
    finished_at: datetime | None
    items: list[JobItem]
    files: list[JobFile]
    version: int

    def __init__(
        self,
        *,
        id: UUID,
        tenant_id: UUID,
        wish: JobWish,
        documents: Sequence[AskedDocument],
        by: UUID,
        scopes: Collection[str],
        at: datetime,
        outcomes: Sequence[Outcome] = (),
    ) -> None:
        """Start a job; with `outcomes` the verb was tried already, and the rest is to be done."""
        self.id = id
        self.tenant_id = tenant_id
        for field in fields(JobWish):
            setattr(self, field.name, getattr(wish, field.name))
        self.note = optional_text(wish.note, NOTE_LENGTH_MAX, ("input", "note"))
        self.scopes = " ".join(sorted(scopes))
        self.state = JobState.WAITING
        self.total = len(documents)
        self.begun = self.done = self.refused = self.filed = 0
        self.failure_code = self.failure_facts = self.finished_at = None
        self.started_by = by
        self.created_at = self.updated_at = at
        turns = _turns(wish.verb, documents)
        self.items = [
            JobItem(self, place, turns[place], asked) for place, asked in enumerate(documents)
        ]
        self.files = []
        if outcomes:
            self._settle(self.items, outcomes)
        self._tell("DocumentJobStarted", JobAction.START)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.state not in (JobState.WAITING, JobState.RUNNING)

    @property
    def prints(self) -> bool:
        """Whether it makes files to print."""
        return self.verb is JobVerb.PRINT

    @property
    def starter_scopes(self) -> frozenset[str]:
        """What its starter might do when it was started."""
        return frozenset(self.scopes.split())

    @property
    def file_ends_at(self) -> int:
        """The turn at which the file ends that is made now."""
        return min(self.filed + FILE_DOCUMENTS_MAX, self.total)

    @property
    def part_ends_at(self) -> int:
        """The turn before which a part may go now."""
        return self.file_ends_at if self.prints else self.total

    def take(self, items: Sequence[JobItem], outcomes: Sequence[Outcome], *, at: datetime) -> None:
        """Note what the verb did with the next documents, and end with the last of them."""
        self._settle(items, outcomes)
        if self.done == self.total and not self.prints:
            self._finish(at)
        else:
            self._go_on(at)

    def printed(self, items: Mapping[JobItem, Problem | None], *, at: datetime) -> None:
        """Note that the PDFs of accepted documents are there, or why one is not."""
        for item, problem in items.items():
            item.settle(Outcome(item.made_id, problem), JobFate.DONE)
            self.refused += problem is not None
        self.done += len(items)
        self._go_on(at)

    def file(self, file: PrintFile | None, *, at: datetime) -> None:
        """Keep the file of the next documents, if any was printed, and end with the last one."""
        if file is not None:
            self.files.append(JobFile(self, len(self.files), file))
        self.filed = self.file_ends_at
        if self.filed == self.total:
            self._finish(at)
        else:
            self._go_on(at)

    def cancel(self, path: Path, *, at: datetime) -> None:
        """End it behind what is done; that stays. Raises JobOver."""
        if self.is_over:
            raise JobOver(state=self.state, path=path)
        self._end(JobState.CANCELLED, at)
        self._tell("DocumentJobCancelled", JobAction.CANCEL)

    def fail(self, problem: Problem, *, at: datetime) -> None:
        """End it because it must not go on."""
        self.failure_code = problem.code
        self.failure_facts = problem.facts()
        self._end(JobState.FAILED, at)
        self._tell("DocumentJobFailed", JobAction.FAIL)

    def _settle(self, items: Sequence[JobItem], outcomes: Sequence[Outcome]) -> None:
        done = JobFate.ACCEPTED if self.prints else JobFate.DONE
        for item, outcome in zip(items, outcomes, strict=True):
            item.settle(outcome, done)
        refused = sum(1 for outcome in outcomes if outcome.problem)
        self.begun += len(items)
        self.done += refused if self.prints else len(items)
        self.refused += refused

    def _go_on(self, at: datetime) -> None:
        self.state = JobState.RUNNING
        self.updated_at = at
        self._tell("DocumentJobProgressed", JobAction.PROGRESS)

    def _finish(self, at: datetime) -> None:
        self._end(JobState.FINISHED, at)
        self._tell("DocumentJobFinished", JobAction.FINISH)

    def _end(self, state: JobState, at: datetime) -> None:
        self.state = state
        self.finished_at = self.updated_at = at

    def _tell(self, event_type: str, action: JobAction) -> None:
        self.record(
            event_type,
            action=action,
            state_after=self.state,
            done=self.done,
            total=self.total,
            failed=self.refused,
        )


def _turns(verb: JobVerb, documents: Sequence[AskedDocument]) -> list[int]:
    """Return the turn of each place: as asked, but numbers are given in the order of dates.

    >>> day = date(2026, 11, 2)
    >>> asked = [AskedDocument("b", None, day), AskedDocument("?", None), AskedDocument("a", None, day.replace(day=1))]
    >>> _turns(JobVerb.POST, asked), _turns(JobVerb.PRINT, asked)
    ([1, 2, 0], [0, 1, 2])
    """  # noqa: E501  an example in one line
    places = list(range(len(documents)))
    if verb is JobVerb.POST:
        places.sort(key=lambda place: documents[place].dated or date.max)
    turns = [0] * len(places)
    for turn, place in enumerate(places):
        turns[place] = turn
    return turns
