"""Printouts and their downloads."""

from datetime import datetime

import strawberry

from domain.identity import Language as DomainLanguage
from domain.printing.failures import PrintFailure as DomainPrintFailure
from schema.entities import shows
from schema.enums import described

described(
    DomainLanguage,
    "Language",
    "A language of texts and prints.",
    EN="English.",
    DE="German (Deutsch).",
)
described(
    DomainPrintFailure,
    "PrintFailure",
    "What kept the worker from making a PDF (Druckfehler).",
    CONTENTS_MISSING="The document does not say all that the law wants on it; `missing` names it.",
    PRINTER_MISSING="The server lacks what PDFs are drawn with; whoever runs it has to install it.",
    TOO_LARGE="It took too long or too much memory.",
    INTERNAL="An error of ours, which the log of the worker tells.",
)


@strawberry.type(description="A link that opens a file without a sign-in, for a short time.")
class DownloadLink:
    """A signed link."""

    url: str = strawberry.field(description="The address, relative to this server.")
    expires_at: datetime = strawberry.field(description="When it stops to work.")


@shows("printout")
@strawberry.type(description="A PDF of one version of a document.")
class Printout:
    """A printed document."""

    id: strawberry.ID = strawberry.field(description="The printout's id, `prt_…`.")
    document_version: int = strawberry.field(description="The version it shows.")
    language: DomainLanguage = strawberry.field(description="The language it is written in.")
    file_name: str = strawberry.field(description="The name to save it under.")
    file_hash: str = strawberry.field(description="SHA-256 of its bytes, hex.")
    file_size: int = strawberry.field(description="Bytes.")
    printed_at: datetime = strawberry.field(description="When it was made.")
    download: DownloadLink = strawberry.field(description="A fresh link to the file.")


@shows("print_problem")
@strawberry.type(
    description="Why there is no PDF of a document in a language. Mend it, then call printDocument."
)
class PrintProblem:
    """A print that failed."""

    code: DomainPrintFailure = strawberry.field(description="What kept it.")
    language: DomainLanguage = strawberry.field(description="The language it was to be in.")
    document_version: int = strawberry.field(description="The version that was to be printed.")
    missing: str = strawberry.field(
        description="Names of mandatory contents that it lacks, such as `supply`; empty for none."
    )
    failed_at: datetime = strawberry.field(description="When it failed last.")
