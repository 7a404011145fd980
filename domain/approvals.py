"""Approvals (Freigaben): one step, four eyes. Nobody who changed any field decides."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.problems import Problem
from domain.text import checked_text, optional_text


class Decision(StrEnum):
    """What was decided about a document that waits."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class FourEyesViolation(Problem):
    """You worked on this document yourself, so somebody else must approve it."""

    author: str


class Approval:
    """The question whether one version of a document may be posted, and its answer."""

    id: UUID
    tenant_id: UUID
    document_id: UUID
    document_version: int
    requested_by: UUID
    requested_at: datetime
    decision: Decision | None
    decided_by: UUID | None
    decided_at: datetime | None
    note: str | None
    version: int

    def __init__(
        self,
        *,
        id: UUID,
        tenant_id: UUID,
        document_id: UUID,
        document_version: int,
        by: UUID,
        at: datetime,
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.document_id = document_id
        self.document_version = document_version
        self.requested_by = by
        self.requested_at = at
        self.decision = self.decided_by = self.decided_at = self.note = None

    def approve(self, *, by: UUID, at: datetime, authors: Collection[UUID], note: str) -> None:
        """Say yes. Raises FourEyesViolation for anyone who changed the document."""
        if by in authors:
            raise FourEyesViolation(author=f"usr_{by}", path=("input", "id"))
        self._decide(Decision.APPROVED, by, at, optional_text(note, 1000, ("input", "note")))

    def reject(self, *, by: UUID, at: datetime, reason: str) -> None:
        """Say no, with the reason the author will read. An author may take back an own document."""
        self._decide(Decision.REJECTED, by, at, checked_text(reason, 1000, ("input", "reason")))

    def _decide(self, decision: Decision, by: UUID, at: datetime, note: str | None) -> None:
        if self.decision is not None:
            raise RuntimeError("decided approvals are never loaded to be decided again")
        self.decision, self.decided_by, self.decided_at, self.note = decision, by, at, note
