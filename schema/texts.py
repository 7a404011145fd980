"""Opening and closing texts of printed documents (Textvorlagen)."""

from datetime import datetime

import strawberry

from domain.identity import Language as DomainLanguage
from domain.texts import PLACEHOLDERS
from domain.texts import TextPlace as DomainTextPlace
from schema.documents.enums import DocumentKind
from schema.entities import shows
from schema.enums import described
from schema.journal import JournalEntry
from schema.mutations import key_field, payload
from schema.node import Node
from schema.paging import paged

described(
    DomainTextPlace,
    "TextPlace",
    "Where a text stands on a printed document.",
    OPENING="Before the lines (Vortext).",
    CLOSING="After the lines (Schlusstext).",
)

_NAMES = ", ".join(f"`{{{name}}}`" for name in PLACEHOLDERS)


@shows("text_template")
@strawberry.type(
    description="A company's own opening or closing text (Textvorlage) for a kind of document and a"
    " language. A document with a text of its own prints that instead."
)
class TextTemplate(Node):
    """A text."""

    kind: DocumentKind = strawberry.field(description="The kind of document it is printed on.")
    language: DomainLanguage = strawberry.field(description="The language it is written in.")
    place: DomainTextPlace = strawberry.field(description="Where it stands.")
    text: str | None = strawberry.field(
        description="The text; empty prints none, null the built-in one."
    )
    created_at: datetime = strawberry.field(description="When it was set first.")
    updated_at: datetime = strawberry.field(description="When it was set last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to it, oldest first.")


@strawberry.input(description="A text for a kind of document, a language and a place.")
class SetTextTemplateInput:
    """The whole text, anew."""

    kind: DocumentKind = strawberry.field(description="The kind of document, one that is printed.")
    language: DomainLanguage = strawberry.field(description="The language it is written in.")
    place: DomainTextPlace = strawberry.field(description="Before or after the lines.")
    text: str | None = strawberry.field(
        default=None,
        description=f"Up to 2,000 characters; may name {_NAMES}. A line that names what a document"
        " does not have is left out. Empty prints none, null the built-in text again.",
    )
    expected_version: int = strawberry.field(
        default=0, description="The version you have seen; 0 where none was set before."
    )
    idempotency_key: str = key_field()


SetTextTemplatePayload = payload("SetTextTemplate", text_template=TextTemplate)
