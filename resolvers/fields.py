"""Root fields: each names the scopes that open it, and a write runs in one unit of work."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields, is_dataclass
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.identity import Forbidden
from domain.problems import Problem
from persistence.reading.shape import Condition, Single
from persistence.reading.views import VIEWS
from persistence.unit_of_work import AlreadyDone, Call, UnitOfWork, unit_of_work
from resolvers.context import Info
from schema.entities import ENTITY_OF_TYPE, RequiresScope
from schema.inbox import ReceivedFile
from schema.problems import Told

Write = Callable[[Any, UnitOfWork, Any], Awaitable[UUID]]


def read(*, any_of: tuple[str, ...], description: str) -> Any:
    """Declare a root query field; a resolver returns a Source or a plain value."""
    return strawberry.field(
        description=description, directives=[RequiresScope(any_of=list(any_of))]
    )


def live(*, any_of: tuple[str, ...], description: str) -> Any:
    """Declare a root subscription field; its resolver returns a Stream."""
    return strawberry.subscription(
        description=description, directives=[RequiresScope(any_of=list(any_of))]
    )


def write(payload: Any, *, any_of: tuple[str, ...], description: str) -> Callable[[Write], Any]:
    """Declare a root mutation field: one unit of work, then the payload is read anew.

    The function decides and returns the id of what it made or changed; a Problem it raises becomes
    data. The first field of `payload` shows that id's entity.
    """

    def declare(function: Write) -> Any:
        shown = next(iter(payload.__annotations__))

        async def resolve(root: Any, info: Info, input: Any) -> Any:
            context = info.context
            await context.renew()
            call = Call(info.field_name, input.idempotency_key, sent(input))
            try:
                id = await _done(function, context, call, input)
            except Forbidden:
                raise  # what a user cannot mend is an error, not a problem
            except Problem as problem:
                return payload(problems=[Told(problem)])
            context.committed = True
            return payload(**{shown: by_id(_entity(payload, shown), id)})

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


async def _done(function: Write, context: Any, call: Call, input: Any) -> UUID:
    try:
        async with unit_of_work(context.database, context.actor, context.services, call) as work:
            id = await function(None, work, input)
            work.made = str(id)
            return id
    except AlreadyDone as before:
        return UUID(before.made)


def _entity(payload: Any, shown: str) -> str:
    node = payload.__annotations__[shown].__args__[0]
    return ENTITY_OF_TYPE[node.__name__]


def sent(input: Any) -> dict[str, Any]:
    """Return what an idempotency key stands for: the rest of the input, a file by its hash."""
    plain: dict[str, Any] = {}
    for field in fields(input):
        value = getattr(input, field.name)
        if value is strawberry.UNSET:
            continue
        if isinstance(value, ReceivedFile):
            value = value.sha256
        elif isinstance(value, list):
            value = [_plain(each) for each in value]
        else:
            value = _plain(value)
        plain[field.name] = value
    del plain["idempotency_key"]
    return plain


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def by_id(entity: str, id: UUID) -> Single:
    """Return the source of the one row with this id."""
    return Single(entity, (Condition(VIEWS[entity].key, "=", "id"),), {"id": id})
