"""Opening and closing texts: a list of a company's own, the built-in ones, and setting them."""

from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from domain.identity import Language as DomainLanguage
from domain.texts import TextPlace as DomainTextPlace
from domain.texts import built_in
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.documents.enums import DocumentKind
from schema.paging import After, Before, Connection, First, Last
from schema.texts import SetTextTemplateInput, SetTextTemplatePayload
from schema.texts import TextTemplate as TextTemplateType

_KIND = strawberry.argument(description="The kind of document.")
_LANGUAGE = strawberry.argument(description="The language.")
_PLACE = strawberry.argument(description="Before or after the lines.")


class _Sort(Enum):
    KIND = "KIND"


@strawberry.type
class TextQueries:
    """Reading texts."""

    @read(any_of=READ_SCOPES, description="Your own texts on printed documents, by kind.")
    def text_templates(
        self,
        info: Info,
        kind: Annotated[DocumentKind | None, _KIND] = None,
        language: Annotated[DomainLanguage | None, _LANGUAGE] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TextTemplateType]:
        """List texts."""
        page = {"first": first, "after": after, "last": last, "before": before}
        wanted = {
            ("kind", "="): kind and kind.value,
            ("language", "="): language and language.value,
        }
        return listing("text_template", _Sort.KIND, wanted, page)  # type: ignore[return-value]

    @read(
        any_of=READ_SCOPES,
        description="The built-in text that is printed where you have set none; empty for none.",
    )
    def built_in_text(
        self,
        info: Info,
        kind: Annotated[DocumentKind, _KIND],
        language: Annotated[DomainLanguage, _LANGUAGE],
        place: Annotated[DomainTextPlace, _PLACE],
    ) -> str:
        """Read a built-in text."""
        return built_in(kind.value, language, place)


@strawberry.type
class TextMutations:
    """Writing texts."""

    @write(
        SetTextTemplatePayload,
        any_of=("policy:write",),
        description="Set the opening or closing text of a kind of document in a language.",
    )
    async def set_text_template(self, work: UnitOfWork, input: SetTextTemplateInput) -> UUID:
        """Set a text."""
        template = await work.texts.locked(
            input.kind.value, input.language, input.place, input.expected_version
        )
        template.set(input.text, at=work.now)
        return template.id
