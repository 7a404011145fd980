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
from domain.documents.lines import COUNTING, WITH_QUANTITY, Line, LineDraft, LinePlace
from domain.items import Item, Unit
from domain.prices.price import PriceSource
from domain.prices.search import PriceFound
from domain.problems import NotFound, Path, Problem

if TYPE_CHECKING:
    from domain.documents.document import Document

_NO_ITEM = UUID(int=0)
_LEFT_OUT = (
    "quantity",
    "description",
    "unit",
    "allowance_amount",
    "charge_amount",
    "allowance_reason",
    "supply_date",
    "account",
    "cost_centre",
)
_KEPT_SOURCES = (None, PriceSource.MANUAL, PriceSource.SOURCE_DOCUMENT)
"""Where a price comes from that nobody but a person or the document above may change."""


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
    stays: tuple[str, ...] = ()
    item = draft.items.get(asked.item_id or _NO_ITEM)
    if present is not None:
        asked, stays = _filled(asked, present, item)
    line.ask(asked, item, place)
    for name in stays:
        setattr(line, name, getattr(present, name))
    if present is not None:
        _demand_same_goods(line, present, place)
        line.keep_stock_quantity(present)
    line.tolerate(draft.tolerance_percent or Decimal(0), (*place.path, "quantity"))
    return line


def _filled(
    asked: LineDraft, present: Line, item: Item | None
) -> tuple[LineDraft, tuple[str, ...]]:
    """Fill what is left out of a line that is there already with what it says.

    A line that became other goods is a new one and starts anew. Also returns what then stays as it
    was: where price and tax come from.
    """
    if asked.kind not in WITH_QUANTITY or present.kind not in WITH_QUANTITY:
        same = asked.kind is present.kind and asked.description is None
        return replace(asked, description=present.description) if same else asked, ()
    if asked.item_id != present.item_id:
        return asked, ()
    names = list(_LEFT_OUT)
    asked, stays = _filled_tax(asked, present, names)
    asked, of_price = _filled_price(asked, present, item, names)
    left_out = {name: getattr(present, name) for name in names if getattr(asked, name) is None}
    return replace(asked, **left_out), (*stays, *of_price)


def _filled_tax(
    asked: LineDraft, present: Line, names: list[str]
) -> tuple[LineDraft, tuple[str, ...]]:
    """Keep the tax that was agreed or decided by a person; one that was proposed is so anew."""
    if asked.tax_category is not None or asked.tax_rate is not None:
        return asked, ()
    if present.source_line_id is None and asked.proposal is not None:
        if present.tax_override_reason is None:
            return asked, ()
        names += ["tax_category", "tax_rate", "exemption_reason", "tax_override_reason"]
        return asked, ()
    names += ["tax_category", "tax_rate", "exemption_reason"]
    return replace(asked, proposal=None), ("tax_reason", "tax_warning", "tax_override_reason")


def _filled_price(
    asked: LineDraft, present: Line, item: Item | None, names: list[str]
) -> tuple[LineDraft, tuple[str, ...]]:
    """Keep the price that was agreed or written by a person; one that was found is so anew.

    A price that stays is turned into the unit asked for, exactly where six decimals can say it.
    """
    if asked.unit_price is not None:
        names.append("discount_percent")
        if asked.unit in (None, present.unit):
            names.append("price_quantity")
        return asked, ()
    was_found = present.price_source not in _KEPT_SOURCES
    if present.source_line_id is None and was_found and asked.found is not None:
        if asked.found.discount_percent is None:
            names.append("discount_percent")
        return asked, ()
    if asked.price_quantity is not None or present.unit_price is None or present.unit is None:
        names.append("discount_percent")
        return asked, ()
    unit = asked.unit or present.unit
    if unit is not present.unit:
        if item is None:
            return asked, ()
        price = _kept_price(present, present.unit).in_unit(unit, item.goods)
        asked = replace(asked, unit_price=price.unit_price, price_quantity=price.price_quantity)
        names += ["price_reason", "discount_percent"]
        return replace(asked, found=None), ("price_source",)
    names += ["unit_price", "price_quantity", "price_reason", "discount_percent"]
    return replace(asked, found=None), ("price_source", "found_price")


def _kept_price(line: Line, unit: Unit) -> PriceFound:
    """Return the price of a line in the form that turns into other units."""
    if line.unit_price is None:
        raise TypeError("a line without price keeps none")
    return PriceFound(
        unit_price=line.unit_price,
        price_quantity=line.price_quantity,
        unit=unit,
        currency="",
        discount_percent=line.discount_percent,
        source=PriceSource.SOURCE_DOCUMENT,
        price_id=None,
    )


def _demand_same_goods(line: Line, present: Line, place: LinePlace) -> None:
    """Raise SourceLineDiffers where a line that came from another would become other goods."""
    if present.source_line_id is None or present.kind not in COUNTING:
        return
    if line.kind in COUNTING and line.goods != present.goods:
        raise SourceLineDiffers(
            position=place.position, number=present.source_number or "", path=place.path
        )
