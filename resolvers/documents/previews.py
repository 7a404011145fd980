"""Previews: a document is drafted as it would be, looked at, and forgotten."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated, Any, TypeVar

import strawberry

from domain.documents.document import Document
from domain.documents.kinds import KINDS, Kind
from domain.identity import Forbidden
from domain.problems import Problem
from domain.tax import TaxReason, TaxWarning
from persistence.unit_of_work import unit_of_work
from resolvers.context import Info
from resolvers.documents.writing import drafted_document
from resolvers.fields import read
from schema.documents import DocumentKind
from schema.documents.inputs import INPUTS
from schema.documents.previews import (
    DocumentPreview,
    DocumentPreviewAmounts,
    PreviewLine,
    PreviewTax,
)
from schema.problems import Told

T = TypeVar("T")


class _Seen(Exception):
    """Leaves the unit of work, so that nothing of it is kept."""

    def __init__(self, document: Document) -> None:
        self.document = document


def _preview(kind: Kind) -> Any:
    async def preview(self: Any, info: Info, input: Any) -> DocumentPreview:
        context = info.context
        try:
            async with unit_of_work(context.database, context.actor, context.services) as work:
                raise _Seen(await drafted_document(work, kind, input))
        except _Seen as seen:
            return DocumentPreview(amounts=_amounts(seen.document))
        except Forbidden:
            raise
        except Problem as problem:
            return DocumentPreview(problems=[Told(problem)])  # type: ignore[list-item]

    what = strawberry.argument(description="What the document would say.")
    preview.__name__ = f"preview{_snake(kind)}"
    preview.__annotations__ |= {"input": Annotated[INPUTS[kind.name].preview, what]}
    preview.__signature__ = inspect.signature(preview)  # type: ignore[attr-defined]
    words = f"What a document would come to, without saving it: {kind.german}."
    return read(any_of=(f"{kind.side}:write",), description=words)(preview)


def _fields() -> Iterator[tuple[str, Any]]:
    for kind in KINDS.values():
        if kind.priced:
            yield f"preview{_snake(kind)}", _preview(kind)


def _snake(kind: Kind) -> str:
    return re.sub(r"(?=[A-Z])", "_", kind.event).lower()


PreviewQueries: Any = strawberry.type(type("PreviewQueries", (), dict(_fields())))


def _amounts(document: Document) -> DocumentPreviewAmounts:
    return _shown(
        DocumentPreviewAmounts,
        document,
        kind=DocumentKind(document.kind),
        lines=[
            _shown(
                PreviewLine,
                line,
                tax_reason=line.tax_reason and TaxReason(line.tax_reason),
                tax_warning=line.tax_warning and TaxWarning(line.tax_warning),
            )
            for line in document.lines
        ],
        taxes=[_shown(PreviewTax, tax) for tax in document.taxes],
    )


def _shown(shape: type[T], of: Any, **given: Any) -> T:
    """Return a type of the schema with the values of equal names; `given` has the rest."""
    names = {field.name for field in fields(shape)} - given.keys()  # type: ignore[arg-type]
    return shape(**{name: getattr(of, name) for name in names}, **given)
