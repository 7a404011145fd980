"""Opening and closing texts (Textvorlagen) of printed documents, per kind and language.

A text may name facts of its document in braces. A line that names a fact which the document does
not have is left out, so that one template serves documents with and without it. Own texts on a
document are printed as written.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from uuid import UUID

from domain.documents.kinds import KINDS
from domain.identity import Language
from domain.journal import Recorder
from domain.problems import Path, Problem
from domain.text import optional_text

TEXT_LENGTH_MAX = 2000
PLACEHOLDERS = ("number", "date", "customer_reference", "valid_until", "due_date")
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_HERE: Path = ("input", "text")


class TextPlace(StrEnum):
    """Where a text stands: before the lines of a document, or after them."""

    OPENING = "OPENING"
    CLOSING = "CLOSING"


class TextPlaceholderUnknown(Problem):
    """{placeholder} is nothing a text can name; possible: {possible}."""

    placeholder: str
    possible: str


class KindNotPrinted(Problem):
    """Documents of the kind {kind} are not printed, so they have no texts."""

    kind: str


_BUILT_IN: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
    files("domain").joinpath("texts.toml").read_text(encoding="utf-8")
)


def built_in(kind: str, language: Language, place: TextPlace) -> str:
    """Return the text that stands where a company has none of its own; "" for none."""
    return _BUILT_IN[language].get(kind, {}).get(place.lower(), "")


class TextTemplate(Recorder):
    """A company's own text; `text` None means the built-in one again, "" means none at all."""

    entity_type = "text_template"

    id: UUID
    tenant_id: UUID
    kind: str
    language: Language
    place: TextPlace
    text: str | None
    created_at: datetime
    updated_at: datetime
    version: int

    def __init__(
        self, *, id: UUID, tenant_id: UUID, kind: str, language: Language, place: TextPlace
    ) -> None:
        if not KINDS[kind].print_template:
            raise KindNotPrinted(kind=kind, path=("input", "kind"))
        self.id = id
        self.tenant_id = tenant_id
        self.kind = kind
        self.language = language
        self.place = place
        self.text = None

    def set(self, text: str | None, *, at: datetime) -> None:
        """Take over a text. Raises TextPlaceholderUnknown, TooLong or UnprintableText."""
        self.text = None if text is None else checked_template(text, _HERE)
        self.updated_at = at
        self.record("TextTemplateSet", action="SET")


def checked_template(text: str, path: Path) -> str:
    """Return a text whose placeholders are all known.

    >>> checked_template("Gültig bis {valid_until}.", ())
    'Gültig bis {valid_until}.'
    """
    kept = optional_text(text, TEXT_LENGTH_MAX, path) or ""
    for name in _PLACEHOLDER.findall(kept):
        if name not in PLACEHOLDERS:
            raise TextPlaceholderUnknown(
                placeholder=f"{{{name}}}",
                possible=", ".join(f"{{{each}}}" for each in PLACEHOLDERS),
                path=path,
            )
    return kept


def filled(template: str, facts: Mapping[str, str]) -> str:
    """Return a text with its facts; a line that names a missing fact is left out.

    >>> filled("Vielen Dank.\\nGültig bis {valid_until}.", {"valid_until": ""})
    'Vielen Dank.'
    """
    lines = (
        line
        for line in template.split("\n")
        if all(facts.get(name) for name in _PLACEHOLDER.findall(line))
    )
    return "\n".join(_PLACEHOLDER.sub(lambda found: facts[found[1]], each) for each in lines)
