"""The lines of a document as a client asks for them, held against the lines that it has."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.drafts import (
    LINES_MAX,
    DocumentDraft,
    LinesMissing,
    TooManyLines,
    input_path,
)
from domain.documents.kinds import Step
from domain.documents.lines import COUNTING, Line, LineDraft, LinePlace
from domain.problems import NotFound, Path, Problem

if TYPE_CHECKING:
    from domain.documents.document import Document


class LineNamedTwice(Problem):
    """The line {id} is named twice. Write a second line without id."""

    id: str


class SourceLineDiffers(Problem):
    """Line {position} came from {number} and stays the same item in a unit of it. Write other goods as a line of their own."""  # noqa: E501  one sentence for the user

    position: int
    number: str


def lines_of(document: "Document", draft: DocumentDraft) -> list[Line]:
    """Return the lines that a draft asks for, checked; none of the document's is changed yet.

    Raises LinesMissing, TooManyLines, NotFound, LineNamedTwice, SourceLineDiffers, or what is wrong
    with a line.
    """
    if not draft.lines:
        raise LinesMissing(path=input_path("lines"))
    if len(draft.lines) > LINES_MAX:
        raise TooManyLines(lines_max=LINES_MAX, path=input_path("lines"))
    known: Mapping[UUID, Line] = {line.id: line for line in document.lines}
    named: set[UUID] = set()
    is_price_open = document.definition.step is Step.CONTRACT and draft.price_fixed is False
    lines = []
    for position, asked in enumerate(draft.lines, start=1):
        path: Path = ("input", "lines", str(position - 1))
        if not asked.is_new and asked.id not in known:
            raise NotFound(entity="Line", id=f"lin_{asked.id}", path=(*path, "id"))
        if asked.id in named:
            raise LineNamedTwice(id=f"lin_{asked.id}", path=(*path, "id"))
        named.add(asked.id)
        place = LinePlace(
            tenant_id=document.tenant_id,
            document_id=document.id,
            id=asked.id,
            position=position,
            kind=document.definition,
            supplied_on=draft.supplied_on,
            path=path,
            is_price_open=is_price_open,
        )
        lines.append(_line_of(asked, known.get(asked.id), draft, place))
    return lines


def _line_of(
    asked: LineDraft, present: Line | None, draft: DocumentDraft, place: LinePlace
) -> Line:
    line = Line(place)
    agreed: tuple[str, ...] = ()
    if present is not None and present.source_line_id is not None:
        asked, agreed = _as_agreed(asked, present)
    line.ask(asked, draft.items[asked.item_id] if asked.item_id else None, place)
    for name in agreed:
        setattr(line, name, getattr(present, name))
    if present is not None:
        _demand_same_goods(line, present, place)
        line.keep_stock_quantity(present)
    line.tolerate(draft.tolerance_percent or Decimal(0), (*place.path, "quantity"))
    return line


def _as_agreed(asked: LineDraft, present: Line) -> tuple[LineDraft, tuple[str, ...]]:
    """Fill what is left out of a line that came from another with what was agreed there.

    Else the item would fill in the list price of today, on a delivery even unseen. A price for
    another unit is not known, so that one comes from the item or is asked for. Also returns what
    then stays as it was: where price and tax come from.
    """
    if asked.kind not in COUNTING:
        return asked, ()
    stays: list[str] = []
    names = ["item_id", "description", "unit", "discount_percent", "account", "cost_centre"]
    has_price = asked.unit_price is not None or asked.price_quantity is not None
    if not has_price and asked.unit in (None, present.unit):
        names += ["unit_price", "price_quantity", "price_reason"]
        stays += ["price_source", "found_price"]
        asked = replace(asked, found=None)
    if asked.tax_category is None and asked.tax_rate is None:
        names += ["tax_category", "tax_rate", "exemption_reason"]
        stays += ["tax_reason", "tax_warning", "tax_override_reason"]
        asked = replace(asked, proposal=None)
    agreed = {name: getattr(present, name) for name in names if getattr(asked, name) is None}
    return replace(asked, **agreed), tuple(stays)


def _demand_same_goods(line: Line, present: Line, place: LinePlace) -> None:
    """Raise SourceLineDiffers where a line that came from another would become other goods."""
    if present.source_line_id is None or present.kind not in COUNTING:
        return
    if line.kind in COUNTING and line.goods != present.goods:
        raise SourceLineDiffers(
            position=place.position, number=present.source_number or "", path=place.path
        )
