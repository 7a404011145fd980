"""Printouts: which file shows which version of a document."""

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Column, Index, Integer, String, UniqueConstraint, Uuid, select
from sqlalchemy.dialects.postgresql import insert

from domain.documents.document import Document
from domain.identity import Language
from persistence.blobs import blob
from persistence.catalog import identity, moment, reference, tenant_table
from persistence.documents import document
from persistence.mapping import EnumText
from persistence.reading.views import View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

printout = tenant_table(
    "printout",
    identity(),
    Column("document_id", Uuid, nullable=False),
    Column("document_version", Integer, nullable=False),
    Column("language", EnumText(Language), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("file_hash", String(64), nullable=False),
    Column("file_size", BigInteger, nullable=False),
    moment("printed_at"),
    reference("document_id", document),
    reference("file_hash", blob, target="hash"),
    UniqueConstraint("tenant_id", "document_id", "document_version", "language"),
    Index(None, "tenant_id", "document_id", "id"),
)

readable(View("printout", printout, prefix="prt"))


class Printouts:
    """Printouts inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    async def add(self, document: Document, language: Language, file: tuple[str, str, int]) -> bool:
        """Keep a printout of `file` (name, hash, size); False if this version has one already."""
        name, hash, size = file
        new = insert(printout).values(
            tenant_id=self._work.actor.tenant,
            id=self._work.new_id(),
            document_id=document.id,
            document_version=document.version,
            language=language,
            file_name=name,
            file_hash=hash,
            file_size=size,
            printed_at=self._work.now,
        )
        done = await self._work.session.execute(
            new.on_conflict_do_nothing().returning(printout.c.id)
        )
        return done.one_or_none() is not None

    async def exists(self, document: Document, language: Language) -> bool:
        """Say whether this version was printed in that language."""
        query = select(printout.c.id).where(
            printout.c.tenant_id == self._work.actor.tenant,
            printout.c.document_id == document.id,
            printout.c.document_version == document.version,
            printout.c.language == language,
        )
        return await self._work.session.scalar(query) is not None
