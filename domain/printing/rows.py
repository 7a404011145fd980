"""The table of a printed document: its lines, and its net amounts by rate and by exemption."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.documents.amounts import amount_as_shown, subtotals_of
from domain.documents.document import Document
from domain.documents.lines import COUNTING, NOTHING_YET, WITH_QUANTITY, Line, LineKind
from domain.printing.beside import NOTHING_BESIDE, Beside
from domain.printing.references import Reference, source_of
from domain.printing.sums import line_allowances
from domain.printing.wording import Wording
from domain.tax import TaxCategory

NO_TAX = "–"
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
TaxKey = tuple[TaxCategory, Decimal | None, str | None]

SOURCE = "SOURCE"
"""Beside the kinds of line: a row that names the document which the next lines come from."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row of the table; `kind` is that of the line, or SOURCE. Empty is what is not said."""

    position: str
    item_number: str | None
    description: str
    quantity: str
    unit_price: str
    tax_rate: str
    net: str
    discount: str = ""
    notes: tuple[str, ...] = ()
    kind: str = LineKind.ITEM
    carried: str = ""  # what the lines come to so far, for the next page (Übertrag)


@dataclass(frozen=True, slots=True)
class TaxRow:
    """Net amount of one rate or one exemption, and the tax on it (NO_TAX for an exemption)."""

    category: TaxCategory
    label: str
    basis: str
    tax: str


def exemption_marks(document: Document) -> dict[TaxKey, str]:
    """Number the exemptions, so that rows and lines point at their sentence; one needs no mark."""
    if not document.definition.priced:
        return {}
    groups = [(total.category, total.rate) for total in document.taxes]
    found = [
        (line.tax_category, line.tax_rate, line.exemption_reason)
        for line in document.lines
        if line.kind in COUNTING and line.tax_category is not None
    ]
    keys = dict.fromkeys(sorted(found, key=lambda key: groups.index(key[:2])))
    reasons = [key for key in keys if key[2]]
    numbers = {key: str(place).translate(_SUPERSCRIPT) for place, key in enumerate(reasons, 1)}
    return {key: numbers.get(key, "") if len(keys) > 1 else "" for key in keys}


def line_rows(
    document: Document,
    wording: Wording,
    marks: Mapping[TaxKey, str],
    known: Sequence[Reference] = (),
    beside: Beside = NOTHING_BESIDE,
) -> tuple[LineRow, ...]:
    """Word every line; one without tax points at its exemption by the mark.

    Lines that come from several documents stand under the name of theirs. Lines with a quantity are
    numbered from 1 without a gap, whatever words stand between them.
    """
    so_far, place, rows = NOTHING_YET, 0, []
    for line, row in _rows(document, wording, marks, known, beside):
        if line is not None and line.kind in WITH_QUANTITY:
            place += 1
            row = replace(row, position=str(place))
        if line is not None and line.kind in COUNTING:
            so_far += amount_as_shown(line, document.price_basis)
        if document.definition.priced:
            carried = wording.labels["carried"].format(amount=wording.money(so_far))
            row = replace(row, carried=carried)
        rows.append(row)
    return tuple(rows)


def only_source(document: Document, known: Sequence[Reference], wording: Wording) -> str:
    """Name the one document that all lines come from; "" where they differ or come from none."""
    sources = {source_of(line, known, wording) for line in document.lines}
    return sources.pop() if len(sources) == 1 else ""


def _rows(
    document: Document,
    wording: Wording,
    marks: Mapping[TaxKey, str],
    known: Sequence[Reference],
    beside: Beside,
) -> Iterator[tuple[Line | None, LineRow]]:
    several = len({source_of(line, known, wording) for line in document.lines}) > 1
    before: str | None = None
    subtotals = subtotals_of(document.lines, document.price_basis)
    for line in document.lines:
        source = source_of(line, known, wording)
        if several and source != before:
            yield None, _wide(SOURCE, source or wording.labels["own_lines"])
        before = source
        if line.kind is LineKind.SUBTOTAL:
            amount = wording.money(subtotals[line.id]) if document.definition.priced else ""
            yield line, _wide(LineKind.SUBTOTAL, line.description, amount)
        elif line.kind not in WITH_QUANTITY:
            yield line, _wide(line.kind, line.description)
        else:
            row = _quantity_row(document, line, wording, marks)
            yield line, replace(row, notes=row.notes + _beside(line, known, wording, beside))


def _wide(kind: str, text: str, net: str = "") -> LineRow:
    return LineRow("", None, text, "", "", "", net, kind=kind)


def _quantity_row(
    document: Document, line: Line, wording: Wording, marks: Mapping[TaxKey, str]
) -> LineRow:
    priced = document.definition.priced
    return LineRow(
        position="",
        item_number=line.item_number
        and wording.labels["item_number"].format(number=line.item_number),
        description=line.description,
        quantity=_quantity(line, wording),
        unit_price=_unit_price(line, wording) if priced else "",
        tax_rate=_tax_rate(line, wording, marks) if priced else "",
        net=_amount(document, line, wording) if priced else "",
        discount=_discount(line, wording) if priced else "",
        notes=_notes(document, line, wording) + (line_allowances(line, wording) if priced else ()),
        kind=line.kind,
    )


def _quantity(line: Line, wording: Wording) -> str:
    if line.quantity is None or line.unit is None:
        return ""
    return wording.quantity(line.quantity, line.unit)


def _unit_price(line: Line, wording: Wording) -> str:
    if line.unit_price is None or line.unit is None:
        return ""
    return wording.price_per(line.unit_price, line.price_quantity, line.unit)


def _beside(
    line: Line, known: Sequence[Reference], wording: Wording, beside: Beside
) -> tuple[str, ...]:
    """Say what the supplier calls the item, and of what a price is corrected."""
    notes = []
    number = beside.item_numbers.get(line.item_id) if line.item_id else None
    if number:
        notes.append(wording.labels["their_item_number"].format(number=number))
    if line.is_price_correction:
        source, position = source_of(line, known, wording), None
        if line.source_line_id is not None:
            position = beside.positions.get(line.source_line_id)
        name = "price_correction_of" if position is None else "price_correction_line"
        what = wording.labels[name].format(position=position, source=source) if source else ""
        notes.append(wording.labels["price_correction"].format(what=what))
    return tuple(notes)


def _discount(line: Line, wording: Wording) -> str:
    """Say what is special about the price: that it is a difference, that a discount goes off."""
    if line.is_price_correction:
        return wording.labels["price_difference"]
    if not line.discount_percent or line.unit_price is None:
        return ""
    return wording.labels["discount"].format(percent=wording.percent(line.discount_percent))


def _amount(document: Document, line: Line, wording: Wording) -> str:
    if line.kind is LineKind.OPTIONAL:
        return f"({wording.money(line.amount_shown or NOTHING_YET)})"
    return wording.money(amount_as_shown(line, document.price_basis))


def _notes(document: Document, line: Line, wording: Wording) -> tuple[str, ...]:
    """Say what is special about a line: that it is an option, that it was supplied another day."""
    optional = (wording.labels["optional"],) if line.kind is LineKind.OPTIONAL else ()
    on_its_day = line.supply_date is not None and (
        line.supply_date != document.supply_date or document.supply_until is not None
    )
    if not on_its_day or line.supply_date is None:
        return optional
    return (
        *optional,
        wording.labels["line_supply_date"].format(day=wording.day(line.supply_date)),
    )


def _tax_rate(line: Line, wording: Wording, marks: Mapping[TaxKey, str]) -> str:
    if line.kind is LineKind.OPTIONAL and line.exemption_reason:
        return NO_TAX
    if line.tax_category is None:
        return ""
    if line.exemption_reason:
        return NO_TAX + marks[line.tax_category, line.tax_rate, line.exemption_reason]
    return wording.percent(line.tax_rate or Decimal(0))


def tax_rows(
    document: Document, wording: Wording, marks: Mapping[TaxKey, str]
) -> tuple[TaxRow, ...]:
    """Split the stored breakdown by exemption as well (section 14 (4) no. 7 UStG).

    What the lines do not come to, an allowance of the whole, is borne by the first exemption. One
    that has a tax group of its own, such as freight at another rate, has a row of its own.
    """
    of_lines = {key[:2] for key in marks}
    alone = [
        (total.category, total.rate, total.reason)
        for total in document.taxes
        if document.definition.priced and (total.category, total.rate) not in of_lines
    ]
    groups = [(total.category, total.rate) for total in document.taxes]
    keys = sorted([*marks, *alone], key=lambda key: groups.index(key[:2]))
    basis = dict.fromkeys(keys, Decimal(0))
    for line in document.lines:
        if line.kind not in COUNTING or line.tax_category is None or not marks:
            continue
        basis[line.tax_category, line.tax_rate, line.exemption_reason] += line.net
    tax = {(total.category, total.rate): total.tax for total in document.taxes}
    for total in document.taxes:
        of_group = [key for key in basis if key[:2] == (total.category, total.rate)]
        if of_group:
            basis[of_group[0]] += total.basis - sum(basis[key] for key in of_group)
    return tuple(
        TaxRow(
            category=category,
            label=wording.tax(category, rate) + marks.get((category, rate, reason), ""),
            basis=wording.money(net),
            tax=NO_TAX if reason else wording.money(tax[category, rate]),
        )
        for (category, rate, reason), net in basis.items()
    )
