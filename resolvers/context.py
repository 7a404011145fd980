"""What a resolver may use while one operation runs."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from strawberry.types import Info as StrawberryInfo

from domain.documents.kinds import ApprovalMode
from domain.identity import Actor, Language
from domain.printing.links import LinkSigner
from persistence.database import Database, Snapshot
from persistence.unit_of_work import Services


@dataclass(slots=True)
class Context:
    """One operation of one actor: its rights, its snapshot of the database, its loaders."""

    actor: Actor
    database: Database
    services: Services
    links: LinkSigner
    engine: bool = True  # False forces the standard executor, for the differential test
    loaders: dict[Any, Any] = field(default_factory=dict)
    committed: bool = False  # a write of this operation is in the database
    _snapshot: Snapshot | None = None

    @property
    def language(self) -> Language:
        """The language of problems."""
        return self.actor.language

    @property
    def tenant(self) -> UUID:
        """The company."""
        return self.actor.tenant

    @property
    def snapshot(self) -> Snapshot:
        """One state of the database, opened by the first read."""
        if self._snapshot is None:
            self._snapshot = self.database.snapshot(self.tenant, self.actor.readable_kinds)
        return self._snapshot

    async def approval_modes(self) -> dict[str, ApprovalMode]:
        """How this company wants each kind approved, read once per operation."""
        if "approval_modes" not in self.loaders:
            self.loaders["approval_modes"] = asyncio.ensure_future(self.snapshot.approval_modes())
        modes: dict[str, ApprovalMode] = await self.loaders["approval_modes"]
        return modes

    async def close(self) -> None:
        """End reading; fields that still run, because a sibling of theirs failed, are refused."""
        await self.snapshot.close()

    async def renew(self) -> None:
        """Let the next read see the state of then."""
        await self.close()
        self._snapshot = None
        self.loaders.clear()


Info = StrawberryInfo[Context, None]
