"""Loading one entity of master data under its lock, the same way for all of them."""

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from sqlalchemy import Table, func, inspect, select
from sqlalchemy.orm.interfaces import ORMOption

from domain.journal import Recorder
from domain.problems import NotFound
from persistence.journal import PREFIXES
from persistence.locks import Lock

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

T = TypeVar("T", bound=Recorder)


async def locked_one(
    work: "UnitOfWork",
    lock: Lock,
    kind: type[T],
    table: Table,
    key: tuple[UUID, int],
    *parts: ORMOption,
) -> T:
    """Return the entity with its `parts`, locked. `key` is its id and the expected version.

    Raises NotFound or VersionConflict.
    """
    work.lock(lock)
    id, expected_version = key
    query = select(kind).where(table.c.tenant_id == work.actor.tenant, table.c.id == id)
    found = await work.session.scalar(query.options(*parts).with_for_update())
    if found is None:
        prefix = PREFIXES[kind.entity_type]
        raise NotFound(entity=kind.__name__, id=f"{prefix}_{id}", path=("input", "id"))
    work.expect_version(inspect(found).dict["version"], expected_version)
    return found


async def one_at_a_time(work: "UnitOfWork", name: str) -> None:
    """Wait until no other unit of work of this company holds `name`; held until the end."""
    place = f"{work.actor.tenant} {name}"
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(place, 0))))
