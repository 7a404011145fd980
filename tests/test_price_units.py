"""A price in another unit: the same worth, exactly wherever six decimals can say it."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.items import UnitNotConvertible
from domain.prices.price import PriceSource
from domain.prices.search import PriceFound
from domain.units import Unit
from tests.test_price_search import GOODS, found, price


@pytest.mark.parametrize(
    ("unit", "amount", "per"),
    [
        (Unit.TONNE, "210.50", "1"),
        (Unit.KILOGRAM, "210.50", "1000"),
        (Unit.BAG, "210.50", "40"),
        (Unit.PALLET, "126.3", "1"),
    ],
)
def test_a_price_is_told_in_the_unit_of_the_line(unit: Unit, amount: str, per: str):
    """210.50 EUR per tonne for 40 bags of 25 kg; a pallet of 600 kg has a price of its own."""
    listed = found(price(1, PriceSource.LIST, "210.50"))

    told = listed.in_unit(unit, GOODS)

    assert (told.unit_price, told.price_quantity, told.unit) == (
        Decimal(amount),
        Decimal(per),
        unit,
    )
    assert told.price_id == listed.price_id


def test_a_price_is_not_told_in_a_unit_that_the_item_does_not_have():
    """As every other conversion."""
    with pytest.raises(UnitNotConvertible):
        found().in_unit(Unit.LITRE, GOODS)


SIZES = st.decimals("0.000001", "9999", places=6)


@given(SIZES, SIZES, st.decimals("0", "9999", places=6), SIZES)
def test_a_price_in_another_unit_is_worth_the_same_or_rounded_to_six_decimals(
    mine: Decimal, theirs: Decimal, amount: Decimal, per: Decimal
):
    """Whatever the factors: what can be said exactly is."""
    goods = replace(GOODS, factors={Unit.BOX: mine, Unit.PACK: theirs})
    asked = PriceFound(amount, per, Unit.BOX, "EUR", None, PriceSource.LIST, None)

    told = asked.in_unit(Unit.PACK, goods)

    worth = Fraction(amount) / Fraction(per) / Fraction(mine)
    wrong = Fraction(told.unit_price) / Fraction(told.price_quantity) / Fraction(theirs) - worth
    allowed = Fraction(1, 2 * 10**6) / Fraction(told.price_quantity) / Fraction(theirs)
    assert abs(wrong) <= allowed
    assert (
        max(-int(n.normalize().as_tuple().exponent) for n in (told.unit_price, told.price_quantity))
        <= 6
    )
