"""Printouts: which file shows which version of a document."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Select,
    String,
    UniqueConstraint,
    Uuid,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from domain.documents.document import Document
from domain.documents.kinds import Step
from domain.identity import Language
from domain.printing.beside import Beside
from domain.printing.references import Reference
from persistence.blobs import blob
from persistence.catalog import identity, moment, reference, tenant_table
from persistence.documents import document
from persistence.documents.tables import document_line
from persistence.jobs import PRINT_DOCUMENT
from persistence.mapping import EnumText
from persistence.partners import partner
from persistence.printing.beside import beside
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
        self._to_print: list[Document] = []

    async def add(
        self,
        document: Document,
        language: Language,
        file: tuple[str, str, int],
        version: int | None = None,
    ) -> bool:
        """Keep a printout of `file` (name, hash, size); False if this version has one already.

        `version` is the one that the file shows, where the document may have moved on since.
        """
        name, hash, size = file
        new = insert(printout).values(
            tenant_id=self._work.actor.tenant,
            id=self._work.new_id(),
            document_id=document.id,
            document_version=version or document.version,
            language=language,
            file_name=name,
            file_hash=hash,
            file_size=size,
            printed_at=self._work.now,
        )
        await self._work.print_problems.forget(document, language)
        done = await self._work.session.execute(
            new.on_conflict_do_nothing().returning(printout.c.id)
        )
        return done.one_or_none() is not None

    def print_by_posting(self, posted: Document) -> None:
        """Have a document of ours printed in the language of its payer or supplier, if it is."""
        if posted.definition.printed_by_posting:
            self._to_print.append(posted)

    async def ask_for_prints(self) -> None:
        """Have all printed that posting prints; who pays is asked once for all of them."""
        if not self._to_print:
            return
        query = select(partner.c.id, partner.c.language).where(
            partner.c.tenant_id == self._work.actor.tenant,
            partner.c.id.in_({each.bill_to_id for each in self._to_print}),
        )
        languages = {row.id: row.language for row in await self._work.session.execute(query)}
        for each in self._to_print:
            language = languages.get(each.bill_to_id, Language.DE)
            self._work.later(PRINT_DOCUMENT, each.id, language)

    async def exists(self, document: Document, language: Language) -> bool:
        """Say whether this version was printed in that language."""
        query = select(printout.c.id).where(
            printout.c.tenant_id == self._work.actor.tenant,
            printout.c.document_id == document.id,
            printout.c.document_version == document.version,
            printout.c.language == language,
        )
        return await self._work.session.scalar(query) is not None

    async def contents(self, ids: Sequence[UUID], language: Language) -> list[bytes]:
        """Return the newest print in a language of each of these documents, in their order."""
        columns = printout.c
        query = (
            select(columns.document_id, blob.c.content)
            .distinct(columns.document_id)
            .join(
                blob,
                (blob.c.tenant_id == columns.tenant_id) & (blob.c.hash == columns.file_hash),
            )
            .where(
                columns.tenant_id == self._work.actor.tenant,
                columns.document_id.in_(ids),
                columns.language == language,
            )
            .order_by(columns.document_id, columns.document_version.desc())
        )
        rows = await self._work.session.execute(query)
        found: dict[UUID, bytes] = {row[0]: row[1] for row in rows}
        return [found[id] for id in ids]

    async def beside(self, printed: Document) -> Beside:
        """Return what stands on the print of master data."""
        return await beside(self._work, printed)

    async def references(self, printed: Document) -> tuple[Reference, ...]:
        """Return the documents that `printed` came from, cancels or corrects, oldest first."""
        tenant, columns = self._work.actor.tenant, document.c
        chain = _lines_above(tenant, printed.id)
        wanted = [
            columns.id.in_(select(chain.c.document_id)),
            columns.id == printed.cancels_id,
        ]
        if printed.definition.step is Step.CREDIT_NOTE:
            wanted.append(columns.id.in_(_billed_beside(tenant, chain)))
        query = (
            select(
                columns.id,
                columns.kind,
                columns.number,
                columns.issue_date,
                columns.external_number,
            )
            .where(
                columns.tenant_id == tenant,
                columns.id != printed.id,
                columns.number.is_not(None),
                or_(*wanted),
            )
            .order_by(columns.issue_date, columns.number)
        )
        return tuple(Reference(*row) for row in await self._work.session.execute(query))


def _lines_above(tenant: UUID, id: UUID) -> Any:
    """Return the table of lines that a document has or that they came from, however far up."""
    line, source = document_line.alias("line"), document_line.alias("source")
    own = select(line.c.id, line.c.document_id, line.c.source_line_id).where(
        line.c.tenant_id == tenant, line.c.document_id == id
    )
    chain = own.cte("chain", recursive=True)
    above = select(source.c.id, source.c.document_id, source.c.source_line_id).join(
        chain, source.c.id == chain.c.source_line_id
    )
    return chain.union(above.where(source.c.tenant_id == tenant))


def _billed_beside(tenant: UUID, chain: Any) -> Select[Any]:
    """Return the invoices over the deliveries in a chain of lines, unless cancelled."""
    billed, invoice = document_line.alias("billed"), document.alias("invoice")
    return (
        select(billed.c.document_id)
        .join(chain, billed.c.source_line_id == chain.c.id)
        .join(
            invoice,
            (invoice.c.tenant_id == billed.c.tenant_id) & (invoice.c.id == billed.c.document_id),
        )
        .where(
            billed.c.tenant_id == tenant,
            invoice.c.kind == "SALES_INVOICE",
            invoice.c.cancelled_by_id.is_(None),
            invoice.c.cancels_id.is_(None),
        )
    )
