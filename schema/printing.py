"""Printouts and their downloads."""

from datetime import datetime

import strawberry

from domain.identity import Language as DomainLanguage
from schema.entities import shows
from schema.enums import described

described(
    DomainLanguage,
    "Language",
    "A language of texts and prints.",
    EN="English.",
    DE="German (Deutsch).",
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
