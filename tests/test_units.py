"""Units: what converts by itself, what an item says, and that nothing is ever rounded."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.items import Goods, UnitNotConvertible
from domain.money import EXACT, NotANumber, TooLarge, TooPrecise
from domain.units import Unit, factors, in_stock_unit, physical_factor

NIL = UUID(int=0)
CODES = {
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
    Unit.BIG_BAG: "X43",
    Unit.BOX: "XBX",
    Unit.CANISTER: "XCI",
    Unit.PALLET: "XPX",
}
SIZES = st.decimals("0.000001", "100000", places=6)
QUANTITIES = st.decimals("-99999", "99999", places=6)


def _goods(stock: Unit, own: dict[Unit, Decimal]) -> Goods:
    return Goods(
        id=NIL,
        number="W-100",
        item_group=None,
        unit=stock,
        factors=factors(stock, own),
        unit_price=Decimal(1),
        price_quantity=Decimal(1),
    )


def test_every_unit_has_its_code_of_recommendation_20():
    """Each code once; packages are those of Recommendation 21 behind an X."""
    assert {unit: unit.code for unit in Unit} == CODES
    assert len(set(CODES.values())) == len(Unit)


@pytest.mark.parametrize(
    ("unit", "into", "factor"),
    [
        (Unit.TONNE, Unit.KILOGRAM, "1000"),
        (Unit.TONNE, Unit.DECITONNE, "10"),
        (Unit.DECITONNE, Unit.KILOGRAM, "100"),
        (Unit.GRAM, Unit.KILOGRAM, "0.001"),
        (Unit.GRAM, Unit.TONNE, "0.000001"),
        (Unit.HECTOLITRE, Unit.LITRE, "100"),
        (Unit.LITRE, Unit.CUBIC_METRE, "0.001"),
        (Unit.KILOMETRE, Unit.METRE, "1000"),
        (Unit.SQUARE_METRE, Unit.HECTARE, "0.0001"),
        (Unit.PALLET, Unit.PALLET, "1"),
    ],
)
def test_physical_units_convert_by_constants(unit: Unit, into: Unit, factor: str):
    """Exact in both directions."""
    assert physical_factor(unit, into) == Decimal(factor)
    back = physical_factor(into, unit)
    assert back is not None
    assert back * Decimal(factor) == 1


@pytest.mark.parametrize(
    ("unit", "into"),
    [
        (Unit.LITRE, Unit.KILOGRAM),  # a matter of density
        (Unit.METRE, Unit.SQUARE_METRE),
        (Unit.DAY, Unit.HOUR),  # a matter of the working day
        (Unit.BAG, Unit.KILOGRAM),
        (Unit.BOX, Unit.PIECE),
    ],
)
def test_units_of_different_dimensions_do_not_convert_by_themselves(unit: Unit, into: Unit):
    """Neither there nor back."""
    assert physical_factor(unit, into) is None
    assert physical_factor(into, unit) is None


def test_an_item_says_what_a_package_holds_and_the_rest_follows():
    """Feed by the kilogram, in bags of 25 kg and pallets of 40 bags."""
    feed = _goods(Unit.KILOGRAM, {Unit.BAG: Decimal(25), Unit.PALLET: Decimal(1000)})

    assert {unit.name: feed.factor(unit) for unit in feed.factors} == {
        "KILOGRAM": 1,
        "BAG": 25,
        "PALLET": 1000,
        "GRAM": Decimal("0.001"),
        "DECITONNE": 100,
        "TONNE": 1000,
    }


def test_a_density_leads_from_litres_to_every_unit_of_mass():
    """Oil stocked by the litre, 0.88 kg each: the factor of a kilogram leads on to the tonne."""
    oil = _goods(Unit.LITRE, {Unit.KILOGRAM: Decimal("1.136364")})

    assert oil.factor(Unit.TONNE) == Decimal("1136.364")
    assert oil.factor(Unit.HECTOLITRE) == 100


def test_an_unknown_unit_names_those_that_are_possible():
    """The sentence says which item, and what would do."""
    with pytest.raises(UnitNotConvertible) as refused:
        _goods(Unit.PIECE, {Unit.BOX: Decimal(12)}).factor(Unit.TONNE, ("input", "unit"))

    assert refused.value.path == ("input", "unit")
    assert refused.value.message("en") == (
        "Item W-100 cannot be counted in TONNE; possible: PIECE, BOX."
    )


def test_a_quantity_in_stock_units_is_exact_or_refused():
    """Never rounded in silence: what six decimals cannot say is TOO_PRECISE."""
    assert in_stock_unit(Decimal("0.5"), Decimal("0.000002")) == Decimal("0.000001")
    assert in_stock_unit(Decimal("-3"), Decimal(25)) == -75
    with pytest.raises(TooPrecise):
        in_stock_unit(Decimal("0.5"), Decimal("0.000001"))
    with pytest.raises(TooLarge):
        in_stock_unit(Decimal("999999999999"), Decimal(1000))
    with pytest.raises(NotANumber):
        in_stock_unit(Decimal("NaN"), Decimal(1))


@given(QUANTITIES, SIZES)
def test_what_is_kept_in_stock_units_is_the_true_product(quantity: Decimal, size: Decimal):
    """Compared with fractions, which know no rounding."""
    true = Fraction(quantity) * Fraction(size)
    try:
        kept = in_stock_unit(quantity, size)
    except TooPrecise:
        assert (true * 10**6).denominator != 1
    else:
        assert Fraction(kept) == true


@given(st.sampled_from(Unit), st.dictionaries(st.sampled_from(Unit), SIZES, max_size=4))
def test_the_stock_unit_is_one_and_own_factors_come_first(stock: Unit, own: dict[Unit, Decimal]):
    """Whatever an item says."""
    found = factors(stock, own)

    assert found[stock] == 1
    assert {unit: found[unit] for unit in own if unit is not stock} == {
        unit: factor for unit, factor in own.items() if unit is not stock
    }


@given(st.sampled_from(Unit), st.sampled_from(Unit), st.sampled_from(Unit))
def test_a_conversion_by_way_of_a_third_unit_is_the_same(one: Unit, two: Unit, three: Unit):
    """kg to g to t is kg to t."""
    first, second, whole = (
        physical_factor(one, two),
        physical_factor(two, three),
        physical_factor(one, three),
    )

    if first is not None and second is not None:
        assert whole is not None
        assert EXACT.multiply(first, second) == whole
