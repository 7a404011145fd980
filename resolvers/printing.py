"""Links to download files: PDFs that the worker makes, what came in, what was attached."""

from uuid import UUID

import strawberry
from graphql import GraphQLResolveInfo

from domain.documents.kinds import Action
from persistence.jobs import PRINT_DOCUMENT
from persistence.reading.rows import Row
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Context
from resolvers.documents.writing import document_id
from resolvers.fields import write
from schema.documents.verbs import PrintDocumentInput, PrintDocumentPayload
from schema.printing import DownloadLink

PRINT_SCOPES = ("docs:print",)


@strawberry.type
class PrintingMutations:
    """Printing."""

    @write(
        PrintDocumentPayload,
        any_of=PRINT_SCOPES,
        description="Make a PDF of a posted document in a language (Drucken). A worker does it"
        " soon; `printouts` then shows it. A version is printed once per language.",
    )
    async def print_document(self, work: UnitOfWork, input: PrintDocumentInput) -> UUID:
        """Print."""
        document = await work.documents.locked(document_id(input.id), None, Action.PRINT)
        document.request_print(input.language)
        work.later(PRINT_DOCUMENT, document.id, input.language)
        return document.id


async def download(row: Row, info: GraphQLResolveInfo[Context]) -> DownloadLink:
    """Return a fresh signed link to the file of a printout, an inbox item or an attachment."""
    context: Context = info.context
    now = context.services.clock()
    found = row.__dict__
    link = context.links.link(context.tenant, found["file_hash"], found["file_name"], now)
    return DownloadLink(url=f"/files/{context.links.sign(link)}", expires_at=link.expires_at)
