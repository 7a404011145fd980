"""Why a document has no print yet: the last failure in each language, gone once it is printed."""

from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Uuid, delete
from sqlalchemy.dialects.postgresql import insert

from domain.documents.document import Document
from domain.identity import Language
from domain.printing.failures import PrintFailed, PrintFailure
from persistence.catalog import moment, reference, tenant_table
from persistence.documents import document
from persistence.mapping import EnumText
from persistence.reading.views import View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

print_problem = tenant_table(
    "print_problem",
    Column("document_id", Uuid, nullable=False),
    Column("language", EnumText(Language), nullable=False),
    Column("document_version", Integer, nullable=False),
    Column("code", EnumText(PrintFailure), nullable=False),
    Column("missing", String(200), nullable=False),
    moment("failed_at"),
    reference("document_id", document),
    key=("document_id", "language"),
)

readable(View("print_problem", print_problem))


class PrintProblems:
    """What kept prints from being made, inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    async def keep(self, document: Document, language: Language, failed: PrintFailed) -> None:
        """Keep why this version could not be printed, in place of what was known before."""
        facts = {
            "document_version": document.version,
            "code": failed.code,
            "missing": ", ".join(failed.missing),
            "failed_at": self._work.now,
        }
        new = insert(print_problem).values(
            tenant_id=self._work.actor.tenant,
            document_id=document.id,
            language=language,
            **facts,
        )
        place = ["tenant_id", "document_id", "language"]
        await self._work.session.execute(
            new.on_conflict_do_update(index_elements=place, set_=facts)
        )

    async def forget(self, document: Document, language: Language) -> None:
        """Forget why it could not be printed: it is printed now."""
        known = print_problem.c
        await self._work.session.execute(
            delete(print_problem).where(
                known.tenant_id == self._work.actor.tenant,
                known.document_id == document.id,
                known.language == language,
            )
        )
