"""GTIN: the check digit notices slips of the pen; and a blocked item says so."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.gtin import LENGTHS, GtinInvalid, check_digit, checked_gtin
from domain.items import Item, ItemBlocked, ItemDraft, Unit
from persistence.models import metadata

PATH = ("input", "gtin")
DIGITS = st.sampled_from(LENGTHS).flatmap(
    lambda length: st.text("0123456789", min_size=length - 1, max_size=length - 1)
)


@pytest.mark.parametrize(
    "gtin", ["96385074", "614141000036", "4006381333931", "10614141000415", "0000000000000"]
)
def test_real_numbers_of_every_length_are_kept(gtin: str):
    """Blanks around them are none of theirs."""
    assert checked_gtin(f" {gtin} ", PATH) == gtin


@pytest.mark.parametrize("text", [None, "", "  "])
def test_without_a_bar_code_there_is_no_number(text: str | None):
    """Empty is none."""
    assert checked_gtin(text, PATH) is None


@pytest.mark.parametrize(
    "text", ["4006381333932", "400638133393", "123456789", "40063813339-1", "4006381 33393"]
)
def test_what_does_not_check_is_refused(text: str):
    """A wrong digit, a missing one, a length of no GTIN, signs and blanks inside."""
    with pytest.raises(GtinInvalid):
        checked_gtin(text, PATH)


@given(DIGITS, st.data())
def test_one_wrong_digit_is_always_noticed(digits: str, data: st.DataObject):
    """Wherever it stands; GS1 promises no more."""
    gtin = f"{digits}{check_digit(digits)}"
    place = data.draw(st.integers(0, len(gtin) - 1))
    other = data.draw(st.sampled_from([each for each in "0123456789" if each != gtin[place]]))

    assert checked_gtin(gtin, PATH) == gtin
    with pytest.raises(GtinInvalid):
        checked_gtin(gtin[:place] + other + gtin[place + 1 :], PATH)


def test_a_blocked_item_is_refused_with_its_reason_and_an_unblocked_one_is_not():
    """What documents ask before they take an item."""
    assert "item" in metadata.tables  # mapped, as everywhere
    draft = ItemDraft("D-200", "Dünger", Unit.TONNE, Decimal(348), tax_rate=Decimal(19))
    item = Item(id=UUID(int=1), tenant_id=UUID(int=2), draft=draft, today=date(2026, 11, 20))
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    item.refuse_blocked(PATH)

    item.block("keine Zulassung", at=moment)

    with pytest.raises(ItemBlocked) as refused:
        item.refuse_blocked(("input", "lines", "0", "itemId"))
    assert refused.value.message("de") == "Der Artikel D-200 ist gesperrt: keine Zulassung."
    item.unblock(at=moment)
    item.refuse_blocked(PATH)
