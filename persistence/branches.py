"""Branches of the company: table, mapping, repository and readable view."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Column, String, UniqueConstraint, select

from domain.branches import Branch, DuplicateBranch
from domain.problems import NotFound, Path
from persistence.catalog import identity, moment, tenant_table, version
from persistence.locked import locked_one
from persistence.locks import Lock
from persistence.mapping import mapper
from persistence.reading.views import Relation, Sort, View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

branch = tenant_table(
    "branch",
    identity(),
    Column("code", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("street", String(200), nullable=False),
    Column("postcode", String(20), nullable=False),
    Column("city", String(100), nullable=False),
    Column("country", String(2), nullable=False),
    moment("created_at"),
    moment("updated_at"),
    version(),
    UniqueConstraint("tenant_id", "code"),
)

mapper.map_imperatively(Branch, branch, version_id_col=branch.c.version)

readable(
    View(
        "branch",
        branch,
        prefix="brn",
        sorts={"CODE": Sort("code")},
        relations={
            "history": Relation("journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST")
        },
    )
)


class Branches:
    """Branches inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: Branch) -> None:
        """Keep a new branch; a code that is taken is DuplicateBranch."""
        self._work.add(new, refused_by=_refused_by(new.code))

    async def named(self, id: UUID, path: Path) -> Branch:
        """Return a branch that a document names. Raises NotFound."""
        query = select(Branch).where(
            branch.c.tenant_id == self._work.actor.tenant, branch.c.id == id
        )
        found: Branch | None = await self._work.session.scalar(query)
        if found is None:
            raise NotFound(entity="Branch", id=f"brn_{id}", path=path)
        return found

    async def locked(self, id: UUID, expected_version: int, code: str) -> Branch:
        """Return it, to be given this `code`. Raises NotFound or VersionConflict."""
        key = (id, expected_version)
        found = await locked_one(self._work, Lock.SETTINGS, Branch, branch, key)
        self._work.refuse(_refused_by(code.strip()))
        return found


def _refused_by(code: str) -> dict[str, DuplicateBranch]:
    problem = DuplicateBranch(branch_code=code, path=("input", "code"))
    return {"uq_branch_tenant_id_code": problem}
