"""Documents inside a unit of work: kept, and locked together with what they came from."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from domain.documents.document import Document, DuplicateDocument
from domain.documents.kinds import Action, Kind
from domain.documents.parts import Revision
from domain.documents.upstream import Upstream
from domain.problems import NotFound, Path
from domain.requests import Busy
from persistence.documents.tables import WHOLE, document, document_line
from persistence.locks import Lock

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

RETRY_AFTER_MS = 200
_HERE: Path = ("input", "id")


class Documents:
    """Documents inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work
        self._locked: dict[UUID, Document] = {}
        """Held until the end: the session forgets what is unchanged, with what it has to tell."""

    def add(self, new: Document) -> None:
        """Keep a new document, if this actor may make one of its kind."""
        self._work.actor.demand(new.definition, Action.CREATE)
        self.keep(new)

    def keep(self, new: Document) -> None:
        """Keep a document that follows from an action the actor may do."""
        again = DuplicateDocument(
            number=new.external_number or "", existing="", path=("input", "externalNumber")
        )
        cancelled = NotFound(entity="Document", id="", path=_HERE)
        self._work.add(
            new,
            refused_by={"uq_document_external_number": again, "uq_document_cancels": cancelled},
        )

    def keep_revision(self, revision: Revision) -> None:
        """Keep what an amended document said before."""
        self._work.session.add(revision)

    async def refuse_second(self, new: Document) -> None:
        """Raise DuplicateDocument if the partner's number is known; at once the index refuses."""
        if new.external_number is None:
            return
        columns = document.c
        existing = await self._work.session.scalar(
            select(columns.id).where(
                columns.tenant_id == self._work.actor.tenant,
                columns.kind == new.kind,
                columns.partner_id == new.partner_id,
                columns.external_year == new.external_year,
                columns.external_number == new.external_number,
                columns.cancelled_by_id.is_(None),
                columns.state != "DISCARDED",
                columns.id != new.id,
            )
        )
        if existing is not None:
            raise DuplicateDocument(
                number=new.external_number,
                existing=f"doc_{existing}",
                path=("input", "externalNumber"),
            )

    async def locked(self, id: UUID, expected_version: int | None, action: Action) -> Document:
        """Return the whole document, locked for `action`; None expects any version.

        Raises NotFound (also for one the actor may not read), Forbidden or VersionConflict.
        """
        found = await self._lock({id}, with_sources=False)
        return self._checked(found, id, action, _HERE, expected_version)

    async def locked_chain(
        self, id: UUID, expected_version: int | None, action: Action, kind: Kind | None = None
    ) -> tuple[Document, Upstream]:
        """Return the document and everything it came from, locked together by one statement.

        One of another kind than `kind` is an unknown one.
        """
        found = await self._lock({id}, with_sources=True)
        if kind is not None and id in found and found[id].kind != kind.name:
            del found[id]
        document = self._checked(found, id, action, _HERE, expected_version)
        return document, _upstream(found, document.id)

    async def locked_sources(
        self, ids: Sequence[UUID], action: Action
    ) -> tuple[list[Document], Upstream]:
        """Return the documents in the order asked for, locked with all that they came from."""
        found = await self._lock(set(ids), with_sources=True)
        sources = [
            self._checked(found, id, action, ("input", "ids", str(place)), None)
            for place, id in enumerate(dict.fromkeys(ids))
        ]
        return sources, Upstream(found.values())

    async def _lock(self, ids: Collection[UUID], *, with_sources: bool) -> dict[UUID, Document]:
        self._work.lock(Lock.DOCUMENTS)
        tenant = self._work.actor.tenant
        wanted: ColumnElement[bool] = document.c.id.in_(ids)
        if with_sources:
            wanted = or_(wanted, document.c.id.in_(_sources_of(tenant, ids)))
        query = (
            select(Document)
            .where(document.c.tenant_id == tenant, wanted)
            .order_by(document.c.id)
            .options(*WHOLE)
            .with_for_update()
        )
        self._locked = {each.id: each for each in await self._work.session.scalars(query)}
        return dict(self._locked)

    def _checked(
        self,
        found: Mapping[UUID, Document],
        id: UUID,
        action: Action,
        path: Path,
        expected_version: int | None,
    ) -> Document:
        actor, document = self._work.actor, found.get(id)
        if document is None or document.kind not in actor.readable_kinds:
            raise NotFound(entity="Document", id=f"doc_{id}", path=path)
        actor.demand(document.definition, action)
        if expected_version is not None:
            self._work.expect_version(document.version, expected_version)
        return document


def _sources_of(tenant: UUID, ids: Collection[UUID]) -> Select[Any]:
    """Return the query of all documents that these came from, however far up."""
    line = document_line.c

    def above(condition: Any) -> Select[Any]:
        return select(line.source_document_id.label("id")).where(
            line.tenant_id == tenant, line.source_document_id.is_not(None), condition
        )

    chain = above(line.document_id.in_(ids)).cte("above", recursive=True)
    further = (
        select(line.source_document_id)
        .join(chain, line.document_id == chain.c.id)
        .where(line.tenant_id == tenant, line.source_document_id.is_not(None))
    )
    return select(chain.union(further).c.id)


def _upstream(found: Mapping[UUID, Document], id: UUID) -> Upstream:
    """Return what lies above a document. Raises Busy if it changed while we waited for it."""
    above = [each for each in found.values() if each.id != id]
    known = {line.id for each in above for line in each.lines}
    wanted = {line.source_line_id for line in found[id].lines if line.source_line_id}
    if not wanted <= known:
        raise Busy(retry_after_ms=RETRY_AFTER_MS)
    return Upstream(above)
