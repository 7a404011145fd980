"""Units of quantity (Mengeneinheiten), and the exact factors between them.

Codes are those of UN/ECE Recommendation 20, packages those of Recommendation 21 with an X in front
(EN 16931 BT-130). Physical units of one dimension convert by constants; what a bag or a pallet
holds is a matter of the item. A day has no fixed number of working hours, so it converts to none.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from domain.money import EXACT, checked
from domain.problems import Path


class Unit(StrEnum):
    """A unit of quantity; its value is what clients write, `code` the UN/ECE Rec 20 code."""

    PIECE = "PIECE"
    GRAM = "GRAM"
    KILOGRAM = "KILOGRAM"
    DECITONNE = "DECITONNE"
    TONNE = "TONNE"
    LITRE = "LITRE"
    HECTOLITRE = "HECTOLITRE"
    CUBIC_METRE = "CUBIC_METRE"
    METRE = "METRE"
    KILOMETRE = "KILOMETRE"
    SQUARE_METRE = "SQUARE_METRE"
    HECTARE = "HECTARE"
    HOUR = "HOUR"
    DAY = "DAY"
    KILOWATT_HOUR = "KILOWATT_HOUR"
    LUMP_SUM = "LUMP_SUM"
    PACK = "PACK"
    BAG = "BAG"
    BIG_BAG = "BIG_BAG"
    BOX = "BOX"
    CANISTER = "CANISTER"
    PALLET = "PALLET"

    @property
    def code(self) -> str:
        """The code that e-invoices write (UN/ECE Recommendation 20)."""
        return _CODES[self]


_CODES: dict[Unit, str] = {
    Unit.PIECE: "H87",
    Unit.GRAM: "GRM",
    Unit.KILOGRAM: "KGM",
    Unit.DECITONNE: "DTN",
    Unit.TONNE: "TNE",
    Unit.LITRE: "LTR",
    Unit.HECTOLITRE: "HLT",
    Unit.CUBIC_METRE: "MTQ",
    Unit.METRE: "MTR",
    Unit.KILOMETRE: "KMT",
    Unit.SQUARE_METRE: "MTK",
    Unit.HECTARE: "HAR",
    Unit.HOUR: "HUR",
    Unit.DAY: "DAY",
    Unit.KILOWATT_HOUR: "KWH",
    Unit.LUMP_SUM: "LS",
    Unit.PACK: "XPK",
    Unit.BAG: "XBG",
    Unit.BIG_BAG: "X43",  # bag, super bulk
    Unit.BOX: "XBX",
    Unit.CANISTER: "XCI",
    Unit.PALLET: "XPX",
}

_DIMENSIONS: tuple[dict[Unit, Decimal], ...] = (
    {
        Unit.GRAM: Decimal(1),
        Unit.KILOGRAM: Decimal(1_000),
        Unit.DECITONNE: Decimal(100_000),
        Unit.TONNE: Decimal(1_000_000),
    },
    {Unit.LITRE: Decimal(1), Unit.HECTOLITRE: Decimal(100), Unit.CUBIC_METRE: Decimal(1_000)},
    {Unit.METRE: Decimal(1), Unit.KILOMETRE: Decimal(1_000)},
    {Unit.SQUARE_METRE: Decimal(1), Unit.HECTARE: Decimal(10_000)},
)
"""Physical units by dimension, each with how many of the smallest it holds; powers of ten only."""


def physical_factor(unit: Unit, into: Unit) -> Decimal | None:
    """Return how many `into` one `unit` is, exactly; None for units of different dimensions.

    >>> physical_factor(Unit.TONNE, Unit.KILOGRAM), physical_factor(Unit.GRAM, Unit.TONNE)
    (Decimal('1000'), Decimal('0.000001'))
    """
    if unit is into:
        return Decimal(1)
    for held in _DIMENSIONS:
        if unit in held and into in held:
            return held[unit] / held[into]
    return None


def factors(stock: Unit, own: Mapping[Unit, Decimal]) -> dict[Unit, Decimal]:
    """Return every unit a quantity can be written in, with its size in stock units.

    `own` are the factors of the item. The stock unit is 1; an own factor comes before a physical
    one; what is physically related to a unit that is known follows from it.

    >>> found = factors(Unit.KILOGRAM, {Unit.PALLET: Decimal(600)})
    >>> [f"{unit} {factor}" for unit, factor in found.items()]
    ['KILOGRAM 1', 'PALLET 600', 'GRAM 0.001', 'DECITONNE 100', 'TONNE 1000']
    """
    known = {stock: Decimal(1)}
    for unit in Unit:
        if unit in own:
            known.setdefault(unit, own[unit])
    for origin, size in list(known.items()):
        for unit in Unit:
            physical = physical_factor(unit, origin)
            if physical is not None and unit not in known:
                known[unit] = EXACT.multiply(physical, size)
    return known


def in_stock_unit(quantity: Decimal, factor: Decimal, path: Path = ()) -> Decimal:
    """Return a quantity in stock units, exactly. `factor` is the size of its unit in stock units.

    Raises TooPrecise where more than six decimals would be needed, TooLarge, or NotANumber.

    >>> in_stock_unit(Decimal("2.5"), Decimal(1000))
    Decimal('2500.0')
    """
    return checked(EXACT.multiply(checked(quantity, path), factor), path)
