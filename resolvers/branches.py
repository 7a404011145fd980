"""Branches: list, create, update."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.branches import Branch, BranchDraft
from domain.identity import ADMIN
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.branches import Branch as BranchType
from schema.branches import (
    BranchSort,
    CreateBranchInput,
    CreateBranchPayload,
    UpdateBranchInput,
    UpdateBranchPayload,
)
from schema.mutations import drafted
from schema.node import uuid_of
from schema.paging import ORDER, After, Before, Connection, First, Last


@strawberry.type
class BranchQueries:
    """Reading branches."""

    @read(any_of=READ_SCOPES, description="Branches of your company (Niederlassungen) as a list.")
    def branches(
        self,
        info: Info,
        sort: Annotated[BranchSort, ORDER] = BranchSort.CODE,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[BranchType]:
        """List branches."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("branch", sort, {}, page)  # type: ignore[return-value]


@strawberry.type
class BranchMutations:
    """Writing branches."""

    @write(CreateBranchPayload, any_of=(ADMIN,), description="Make a branch.")
    async def create_branch(self, work: UnitOfWork, input: CreateBranchInput) -> UUID:
        """Make a branch."""
        draft = drafted(BranchDraft, input)
        branch = Branch(id=work.new_id(), tenant_id=work.actor.tenant, draft=draft)
        work.branches.add(branch)
        return branch.id

    @write(UpdateBranchPayload, any_of=(ADMIN,), description="Replace the content of a branch.")
    async def update_branch(self, work: UnitOfWork, input: UpdateBranchInput) -> UUID:
        """Change a branch."""
        id = uuid_of("brn", input.id, "Branch", ("input", "id"))
        branch = await work.branches.locked(id, input.expected_version, input.code)
        branch.update(drafted(BranchDraft, input), at=work.now)
        return branch.id
