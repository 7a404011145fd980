"""Approvals: table, mapping, repository and readable view."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Column, Index, Integer, String, Uuid, select, text

from domain.approvals import Approval, Decision
from domain.documents.document import Document
from persistence.catalog import identity, moment, reference, tenant_table, version
from persistence.documents import document
from persistence.identity import app_user
from persistence.locks import Lock
from persistence.mapping import EnumText, mapper
from persistence.reading.views import Relation, View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

approval = tenant_table(
    "approval",
    identity(),
    Column("document_id", Uuid, nullable=False),
    Column("document_version", Integer, nullable=False),
    Column("requested_by", Uuid, nullable=False),
    moment("requested_at"),
    Column("decision", EnumText(Decision)),
    Column("decided_by", Uuid),
    moment("decided_at", nullable=True),
    Column("note", String(1000)),
    version(),
    reference("document_id", document),
    reference("requested_by", app_user),
    reference("decided_by", app_user),
    Index(None, "tenant_id", "document_id", "id"),
    Index(
        "uq_approval_open",
        "tenant_id",
        "document_id",
        unique=True,
        postgresql_where=text("decision is null"),
    ),
)

mapper.map_imperatively(Approval, approval, version_id_col=approval.c.version)

readable(
    View(
        "approval",
        approval,
        prefix="apr",
        relations={
            "requester": Relation("user", (("requested_by", "id"),)),
            "decider": Relation("user", (("decided_by", "id"),)),
        },
    )
)


class Approvals:
    """Approvals inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: Approval) -> None:
        """Keep a new question."""
        self._work.add(new)

    async def open_for_each(self, documents: Sequence[Document]) -> dict[UUID, Approval]:
        """Return the undecided approvals of locked documents by document, locked too."""
        self._work.lock(Lock.APPROVALS)
        query = (
            select(Approval)
            .where(
                approval.c.tenant_id == self._work.actor.tenant,
                approval.c.document_id.in_([document.id for document in documents]),
                approval.c.decision.is_(None),
            )
            .order_by(approval.c.id)
            .with_for_update()
        )
        return {each.document_id: each for each in await self._work.session.scalars(query)}

    async def open_for(self, document: Document) -> Approval | None:
        """Return the undecided approval of a locked document, locked too; PENDING has one."""
        self._work.lock(Lock.APPROVALS)
        query = select(Approval).where(
            approval.c.tenant_id == self._work.actor.tenant,
            approval.c.document_id == document.id,
            approval.c.decision.is_(None),
        )
        return (await self._work.session.scalars(query.with_for_update())).one_or_none()
