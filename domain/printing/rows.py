"""The table of a printed invoice: its lines, and its net amounts by rate and by exemption."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.documents.document import Document
from domain.documents.lines import COUNTING, Line
from domain.printing.wording import Wording
from domain.tax import TaxCategory

NO_TAX = "–"
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
TaxKey = tuple[TaxCategory, Decimal | None, str | None]


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the table."""

    position: str
    item_number: str | None
    description: str
    quantity: str
    unit_price: str
    tax_rate: str
    net: str


@dataclass(frozen=True, slots=True)
class TaxRow:
    """Net amount of one rate or one exemption, and the tax on it (NO_TAX for an exemption)."""

    category: TaxCategory
    label: str
    basis: str
    tax: str


def exemption_marks(document: Document) -> dict[TaxKey, str]:
    """Number the exemptions, so that rows and lines point at their sentence; one needs no mark."""
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
    document: Document, wording: Wording, marks: Mapping[TaxKey, str]
) -> tuple[LineRow, ...]:
    """Word every line; one without tax points at its exemption by the mark."""
    return tuple(
        LineRow(
            position=str(line.position),
            item_number=line.item_number
            and wording.labels["item_number"].format(number=line.item_number),
            description=line.description,
            quantity=_quantity(line, wording),
            unit_price=_unit_price(line, wording),
            tax_rate=_tax_rate(line, wording, marks),
            net=wording.money(line.net) if line.kind in COUNTING else "",
        )
        for line in document.lines
    )


def _quantity(line: Line, wording: Wording) -> str:
    if line.quantity is None or line.unit is None:
        return ""
    return wording.quantity(line.quantity, line.unit)


def _unit_price(line: Line, wording: Wording) -> str:
    if line.unit_price is None or line.unit is None:
        return ""
    return wording.price_per(line.unit_price, line.price_quantity, line.unit)


def _tax_rate(line: Line, wording: Wording, marks: Mapping[TaxKey, str]) -> str:
    if line.kind not in COUNTING or line.tax_category is None:
        return ""
    if line.exemption_reason:
        return NO_TAX + marks[line.tax_category, line.tax_rate, line.exemption_reason]
    return wording.percent(line.tax_rate or Decimal(0))


def tax_rows(
    document: Document, wording: Wording, marks: Mapping[TaxKey, str]
) -> tuple[TaxRow, ...]:
    """Split the stored breakdown by exemption as well (section 14 (4) no. 7 UStG)."""
    basis = dict.fromkeys(marks, Decimal(0))
    for line in document.lines:
        if line.kind not in COUNTING or line.tax_category is None:
            continue
        basis[line.tax_category, line.tax_rate, line.exemption_reason] += line.net
    tax = {(total.category, total.rate): total.tax for total in document.taxes}
    return tuple(
        TaxRow(
            category=category,
            label=wording.tax(category, rate) + marks[category, rate, reason],
            basis=wording.money(net),
            tax=NO_TAX if reason else wording.money(tax[category, rate]),
        )
        for (category, rate, reason), net in basis.items()
    )
