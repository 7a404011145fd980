"""Approvals (Freigaben)."""

from datetime import datetime

import strawberry

from domain.approvals import Decision as DomainDecision
from schema.entities import shows
from schema.enums import described
from schema.identity import User

described(
    DomainDecision,
    "ApprovalDecision",
    "What was decided.",
    APPROVED="Yes, it may be posted (freigegeben).",
    REJECTED="No, with the reason in `note` (abgelehnt).",
)


@shows("approval")
@strawberry.type(description="The question whether a version of a document may be posted.")
class Approval:
    """An approval with its answer."""

    id: strawberry.ID = strawberry.field(description="The approval's id, `apr_…`.")
    document_version: int = strawberry.field(description="The version that was submitted.")
    requested_at: datetime = strawberry.field(description="When it was submitted.")
    requester: User = strawberry.field(description="Who submitted it.")
    decision: DomainDecision | None = strawberry.field(description="Null while it waits.")
    decided_at: datetime | None = strawberry.field(description="When it was decided.")
    decider: User | None = strawberry.field(description="Who decided.")
    note: str | None = strawberry.field(description="The note or the reason of the decision.")
