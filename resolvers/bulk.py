"""Bulk mutations: many of the same in one unit of work, each with an outcome of its own."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.bulk import ITEMS_MAX, NotDoneWithOthers, Outcome, TooManyItems
from domain.identity import Forbidden
from domain.problems import PROBLEMS, Path, Problem
from persistence.reading.rows import Row
from persistence.reading.shape import Condition, Source
from persistence.unit_of_work import AlreadyDone, Call, UnitOfWork, unit_of_work
from resolvers.context import Context, Info
from resolvers.fields import by_id, sent
from schema.bulk import DocumentOutcome, ErrorPolicy
from schema.entities import RequiresScope
from schema.problems import Told

WriteEach = Callable[[Any, UnitOfWork, Any], Awaitable[Sequence[Outcome]]]
Then = Callable[[UnitOfWork, Any, Sequence[Outcome]], Awaitable[UUID]]

BULK: dict[str, WriteEach] = {}
"""What each bulk mutation does in a unit of work, by its Python name; jobs do the same in parts."""


class _Refused(Exception):
    """Leaves the unit of work without a trace."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes = outcomes


def write_each(
    payload: Any, *, any_of: tuple[str, ...], description: str, then: Then | None = None
) -> Any:
    """Declare a bulk mutation: the function returns an outcome per item, in order.

    A refused item is left out or stops everything, as the input's `error_policy` says. `then` is
    called with the outcomes before the commit and returns the job that does the rest of the work.
    """

    def declare(function: WriteEach) -> Any:
        BULK[function.__name__] = function

        async def resolve(root: Any, info: Info, input: Any) -> Any:
            context = info.context
            await context.renew()
            call = Call(info.field_name, input.idempotency_key, sent(input))
            try:
                outcomes, job = await _done(function, context, call, input, then)
            except Forbidden:
                raise
            except Problem as problem:
                return payload(problems=[Told(problem)])
            context.committed = any(outcome.id for outcome in outcomes)
            shown: dict[str, Any] = {"items": await _shown(context, outcomes)}
            if job is not None:
                shown["document_job"] = by_id("document_job", job)
            return payload(**shown)

        resolve.__name__ = function.__name__
        given = inspect.signature(function).parameters["input"].annotation
        what = strawberry.argument(description="What to do, with your idempotency key.")
        resolve.__annotations__ = {
            "info": Info,
            "input": Annotated[given, what],
            "return": payload,
        }
        return strawberry.mutation(
            resolver=resolve,
            description=description,
            directives=[RequiresScope(any_of=list(any_of))],
        )

    return declare


async def _done(
    function: WriteEach, context: Context, call: Call, input: Any, then: Then | None
) -> tuple[Sequence[Outcome], UUID | None]:
    """Return the outcomes, and the job that does the rest."""
    try:
        async with unit_of_work(context.database, context.actor, context.services, call) as work:
            outcomes = await function(None, work, input)
            refused = sum(1 for outcome in outcomes if outcome.problem)
            stops = refused and input.error_policy is ErrorPolicy.ALL_OR_NOTHING
            if stops or refused == len(outcomes):
                raise _Refused(outcomes)
            job = await then(work, input, outcomes) if then else None
            work.made = [_kept(outcome) for outcome in outcomes]
            if job is not None:
                work.made.append({"job": str(job)})
            return outcomes, job
    except _Refused as nothing:
        return [
            outcome if outcome.problem else Outcome(None, NotDoneWithOthers())
            for outcome in nothing.outcomes
        ], None
    except AlreadyDone as before:
        jobs = [UUID(kept["job"]) for kept in before.made if "job" in kept]
        outcomes = [_remembered(kept) for kept in before.made if "job" not in kept]
        return outcomes, next(iter(jobs), None)


def _kept(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as the idempotency key keeps it."""
    if outcome.problem is None:
        return {"id": str(outcome.id)}
    problem = outcome.problem
    return {"code": problem.code, "path": problem.path, "facts": problem.facts()}


def _remembered(kept: dict[str, Any]) -> Outcome:
    if "id" in kept:
        return Outcome(UUID(kept["id"]))
    return Outcome(None, PROBLEMS[kept["code"]](path=tuple(kept["path"]), **kept["facts"]))


async def _shown(context: Context, outcomes: Sequence[Outcome]) -> list[DocumentOutcome]:
    """Return the outcomes with their documents, all read by one statement."""
    ids = [outcome.id for outcome in outcomes if outcome.id]
    source = Source("document", (Condition("id", "any", "ids"),), {"ids": ids})
    rows: dict[str, Row] = {}
    if ids:
        rows = {row.__dict__["id"]: row for row in await context.snapshot.rows(source, {})}
    return [
        DocumentOutcome(
            place=place,
            document=rows.get(f"doc_{outcome.id}"),  # type: ignore[arg-type]
            problems=[Told(outcome.problem)] if outcome.problem else [],  # type: ignore[list-item]
        )
        for place, outcome in enumerate(outcomes)
    ]


def check_count(items: Sequence[Any], path: Path) -> None:
    """Raise TooManyItems beyond what one transaction does."""
    if len(items) > ITEMS_MAX:
        raise TooManyItems(items_max=ITEMS_MAX, path=path)
