"""A row of a table becomes the draft of an item: a new one, or what is there with changes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.imports.cells import (
    CellProblem,
    ImportRow,
    Reader,
    Readers,
    as_count,
    as_flag,
    as_number,
    as_text,
    one_of,
    plain,
)
from domain.imports.fields import ImportField, Target
from domain.imports.groups import SUPPLIERS, UNITS
from domain.imports.parts import Places, merged, part_problems
from domain.items import Item, ItemDraft, SupplierDraft, UnitDraft
from domain.problems import Problem
from domain.tax import TaxCategory
from domain.units import Unit

_F = ImportField

_UNIT_WORDS: dict[Unit, tuple[str, ...]] = {
    Unit.PIECE: ("Stück", "Stk", "Stk.", "St", "St.", "pc", "pcs", "piece", "C62"),
    Unit.GRAM: ("g", "Gramm"),
    Unit.KILOGRAM: ("kg", "Kilogramm", "Kilo"),
    Unit.DECITONNE: ("dt", "Dezitonne", "Doppelzentner", "dz"),
    Unit.TONNE: ("t", "to", "Tonne", "Tonnen"),
    Unit.LITRE: ("l", "Liter", "ltr"),
    Unit.HECTOLITRE: ("hl", "Hektoliter"),
    Unit.CUBIC_METRE: ("m³", "m3", "cbm", "Kubikmeter"),
    Unit.METRE: ("m", "Meter", "lfm"),
    Unit.KILOMETRE: ("km", "Kilometer"),
    Unit.SQUARE_METRE: ("m²", "m2", "qm", "Quadratmeter"),
    Unit.HECTARE: ("ha", "Hektar"),
    Unit.HOUR: ("h", "Std", "Std.", "Stunde", "Stunden"),
    Unit.DAY: ("Tag", "Tage", "d"),
    Unit.KILOWATT_HOUR: ("kWh", "Kilowattstunde"),
    Unit.LUMP_SUM: ("psch", "pauschal", "Pauschale"),
    Unit.PACK: ("Pack", "Pck", "Packung", "Paket", "VPE"),
    Unit.BAG: ("Sack", "Beutel", "Sck"),
    Unit.BIG_BAG: ("Big Bag", "Bigbag", "BB"),
    Unit.BOX: ("Karton", "Ktn", "Kiste", "Schachtel"),
    Unit.CANISTER: ("Kanister", "Kan"),
    Unit.PALLET: ("Palette", "Pal", "Plt"),
}
_UNITS = {
    word.casefold(): unit
    for unit, words in _UNIT_WORDS.items()
    for word in (unit.value, unit.value.replace("_", " "), unit.code, *words)
}

_read_unit = one_of(_UNITS, ", ".join(Unit))
_OWN: Mapping[ImportField, tuple[str, Reader]] = {
    _F.NUMBER: ("number", plain),
    _F.NAME: ("name", plain),
    _F.UNIT: ("unit", _read_unit),
    _F.UNIT_PRICE: ("unit_price", as_number),
    _F.PRICE_QUANTITY: ("price_quantity", as_number),
    _F.TAX_CATEGORY: (
        "tax_category",
        one_of({each.casefold(): each for each in TaxCategory}, ", ".join(TaxCategory)),
    ),
    _F.TAX_RATE: ("tax_rate", as_number),
    _F.ITEM_GROUP: ("item_group", plain),
    _F.GTIN: ("gtin", plain),
    _F.DESCRIPTION_DE: ("description_de", plain),
    _F.DESCRIPTION_EN: ("description_en", plain),
    _F.IS_STOCKED: ("is_stocked", as_flag),
    _F.WEIGHT_KG: ("weight_kg", as_number),
}
ITEM_READERS = Readers(
    _OWN,
    {
        _F.FURTHER_UNIT: _read_unit,
        _F.FURTHER_UNIT_FACTOR: as_number,
        _F.SUPPLIER_NUMBER: plain,
        _F.SUPPLIER_ITEM_NUMBER: plain,
        _F.SUPPLIER_ITEM_NAME: plain,
        _F.SUPPLIER_LEAD_DAYS: as_count,
    },
)


class PartnerNumberUnknown(Problem):
    """There is no partner with the number {number}. Import the partners first."""

    number: str


def item_keys(row: ImportRow) -> dict[str, str]:
    """Return what a row's item is known by: its `number`, where the row has one."""
    number = Target(_F.NUMBER)
    return {"number": as_text(row.cells[number])} if number in row.cells else {}


def suppliers_named(row: ImportRow) -> set[str]:
    """Return the numbers of the partners that a row names as suppliers."""
    return {
        as_text(cell) for target, cell in row.cells.items() if target.field is _F.SUPPLIER_NUMBER
    }


def item_part_problems(
    values: Mapping[str, Any],
    known: ItemDraft | None,
    partners: Mapping[str, UUID],
    told: Sequence[CellProblem],
) -> list[CellProblem]:
    """Return what a row lacks of its units and suppliers; `partners` are those that are known."""
    units = {each.unit for each in known.units} if known else set()
    suppliers = values.get("suppliers", {})
    return [
        *part_problems(UNITS, values.get("units", {}), units.__contains__, told),
        *part_problems(SUPPLIERS, suppliers, lambda _: True, told),
        *(
            CellProblem(
                Target(_F.SUPPLIER_NUMBER, number), PartnerNumberUnknown(number=each["number"])
            )
            for number, each in sorted(suppliers.items())
            if "number" in each and each["number"] not in partners
        ),
    ]


def item_draft(
    values: Mapping[str, Any], known: ItemDraft | None, partners: Mapping[str, UUID]
) -> tuple[ItemDraft, Places]:
    """Return what a row wants: `known` with the row's values, or a new item, and its parts.

    A new one needs number, name, unit and price among the values, and every supplier one of the
    `partners`, which are given by number. A draft is not checked yet. A new tax rate or category
    means that the tax class follows from it anew.
    """
    facts = dict(values)
    units, of_units = merged(
        known.units if known else (),
        facts.pop("units", {}),
        lambda unit, part: unit.unit == part["unit"],
        lambda unit, part: replace(unit, **part) if unit else UnitDraft(**part),
    )

    def supplier(old: SupplierDraft | None, part: Mapping[str, Any]) -> SupplierDraft:
        more = {name: value for name, value in part.items() if name != "number"}
        return replace(old or SupplierDraft(partners[part["number"]]), **more)

    suppliers, of_suppliers = merged(
        known.suppliers if known else (),
        facts.pop("suppliers", {}),
        lambda each, part: each.partner_id == partners[part["number"]],
        supplier,
    )
    places = {
        **{("units", place): number for place, number in of_units.items()},
        **{("suppliers", place): number for place, number in of_suppliers.items()},
    }
    if known is None:
        return ItemDraft(**facts, units=units, suppliers=suppliers), places
    changed = replace(known, **facts, units=units, suppliers=suppliers)
    taxed = (known.tax_category, known.tax_rate)
    if (changed.tax_category, changed.tax_rate) != taxed:
        changed = replace(changed, tax_class=None)
    return changed, places


def draft_of_item(item: Item) -> ItemDraft:
    """Return the draft that would leave an item as it is."""
    names = (
        "number", "name", "unit", "unit_price", "price_quantity", "tax_category", "tax_rate",
        "tax_class", "description_de", "description_en", "item_group", "gtin", "is_stocked",
        "weight_kg",
    )  # fmt: skip
    return ItemDraft(
        **{name: getattr(item, name) for name in names},
        units=tuple(UnitDraft(each.unit, each.factor) for each in item.units),
        suppliers=tuple(
            SupplierDraft(each.partner_id, each.item_number, each.item_name, each.lead_days)
            for each in item.suppliers
        ),
    )
