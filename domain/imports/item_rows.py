"""A row of a table becomes the draft of an item: a new one, or what is there with changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.imports.cells import ImportRow, Reader, as_flag, as_number, as_text, one_of, plain
from domain.imports.columns import ImportField
from domain.items import Item, ItemDraft, SupplierDraft, UnitDraft
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

ITEM_READERS: Mapping[ImportField, tuple[str, Reader]] = {
    _F.NUMBER: ("number", plain),
    _F.NAME: ("name", plain),
    _F.UNIT: ("unit", one_of(_UNITS, ", ".join(Unit))),
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


def item_keys(row: ImportRow) -> dict[str, str]:
    """Return what a row's item is known by: its `number`, where the row has one."""
    return {"number": as_text(row.cells[_F.NUMBER])} if _F.NUMBER in row.cells else {}


def item_draft(values: Mapping[str, Any], known: ItemDraft | None) -> ItemDraft:
    """Return what a row wants: `known` with the row's values, or a new item.

    A new one needs number, name, unit and price among the values. A draft is not checked yet. A
    new tax rate or category means that the tax class follows from it anew.
    """
    if known is None:
        return ItemDraft(**values)
    changed = replace(known, **values)
    taxed = (known.tax_category, known.tax_rate)
    if (changed.tax_category, changed.tax_rate) != taxed:
        return replace(changed, tax_class=None)
    return changed


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
