"""Rules of chains without a database: units with factors, rests that are no round number."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents.conversion import Making, Pick, convert, open_for
from domain.documents.document import Document
from domain.documents.drafts import DocumentDraft, PartyDraft
from domain.documents.kinds import KINDS, ApprovalMode
from domain.documents.lines import LineDraft
from domain.documents.upstream import OpenQuantityExceeded, Upstream
from domain.items import Item, ItemDraft, Unit, UnitDraft
from domain.money import TooLarge, TooPrecise
from domain.partners import Address, Partner, PartnerDraft
from domain.prices.price import PriceSource
from domain.prices.search import PriceFound
from domain.tax import TaxCategory

TODAY, NOW, ANNA = date(2026, 11, 20), datetime(2026, 11, 20, tzinfo=UTC), uuid4()
ADDRESS = Address(name="Hof", street="Weg 1", postcode="27318", city="Hoya")


CUSTOMER = Partner(id=uuid4(), tenant_id=uuid4(), number="10001", draft=PartnerDraft(ADDRESS))

LISTED = PriceFound(Decimal(3), Decimal(1), Unit.PIECE, "EUR", None, PriceSource.LIST, None)
"""The price of a bag, as the price search finds it."""


def pallets(bags: str) -> Item:
    """Return an item that is kept in bags, by pieces; a pallet holds `bags` of them."""
    factor = UnitDraft(Unit.PALLET, Decimal(bags))
    draft = ItemDraft(
        number="S-1",
        name="Saatgut",
        unit=Unit.PIECE,
        unit_price=Decimal(3),
        tax_category=TaxCategory.S,
        tax_rate=Decimal(7),
        units=(factor,),
    )
    return Item(id=uuid4(), tenant_id=uuid4(), draft=draft, today=TODAY)


def asked(item: Item, *lines: LineDraft) -> DocumentDraft:
    """Return a draft of lines of one item."""
    return DocumentDraft(
        issue_date=TODAY,
        lines=lines,
        parties=dict.fromkeys(KINDS["SALES_ORDER"].parties, PartyDraft(CUSTOMER)),
        items={item.id: item},
    )


def ordered(item: Item, quantity: str, unit: Unit) -> Document:
    """Return a posted order of one line."""
    line = LineDraft(
        id=uuid4(),
        quantity=Decimal(quantity),
        unit=unit,
        item_id=item.id,
        found=LISTED.in_unit(unit, item.goods),
    )
    made = {"id": uuid4(), "tenant_id": uuid4(), "kind": KINDS["SALES_ORDER"], "currency": "EUR"}
    order = Document.drafted(asked(item, line), **made, by=ANNA, at=NOW, today=TODAY)  # type: ignore[arg-type]
    order.post(seller=ADDRESS, by=ANNA, at=NOW, mode=ApprovalMode.NONE)
    return order


def delivered(order: Document, quantity: str | None = None) -> Document:
    """Return a draft of a delivery, of all that is open or of a quantity."""
    pick = quantity and [Pick(order.lines[0].id, Decimal(quantity), ("input", "lines", "0"))]
    making = Making(id=uuid4(), new_id=uuid4, by=ANNA, at=NOW, today=TODAY)
    return convert([order], KINDS["DELIVERY_NOTE"], pick or None, making, Upstream([order]))


def changed(delivery: Document, order: Document, item: Item, quantity: str, unit: Unit) -> None:
    """Write another quantity and unit into a delivery."""
    line = LineDraft(
        id=delivery.lines[0].id,
        is_new=False,
        quantity=Decimal(quantity),
        unit=unit,
        item_id=item.id,
        found=LISTED.in_unit(unit, item.goods),
    )
    draft = asked(item, line)
    mode = ApprovalMode.NONE
    upstream = Upstream([order])
    delivery.update(draft, by=ANNA, at=NOW, today=TODAY, mode=mode, upstream=upstream)


def test_pallets_are_counted_in_bags_and_shown_in_pallets():
    """Two pallets of 40 ordered, half a pallet delivered: 20 bags are taken, 1.5 pallets open."""
    order = ordered(pallets("40"), "2", Unit.PALLET)

    delivery = delivered(order, "0.5")

    [line] = order.lines
    assert (line.stock_quantity, line.taken_delivery) == (80, 20)
    [half] = delivery.lines
    assert (line.open_quantity, half.unit_price / half.price_quantity) == (Decimal("1.5"), 120)
    assert delivery.net == 60


def test_a_delivery_in_bags_of_an_order_in_pallets_takes_bags():
    """The draft is rewritten in another unit of the item; its price is that of the unit."""
    item = pallets("40")
    order = ordered(item, "2", Unit.PALLET)
    delivery = delivered(order)

    changed(delivery, order, item, "30", Unit.PIECE)

    assert (order.lines[0].taken_delivery, order.lines[0].open_quantity) == (30, Decimal("1.25"))
    assert (delivery.lines[0].unit_price, delivery.net) == (3, 90)


def test_the_rest_of_a_third_of_a_pallet_is_converted_to_the_last_bag():
    """One of three bags is gone: 0.666667 pallets are exactly two bags, and nothing is left."""
    item = pallets("3")
    order = ordered(item, "1", Unit.PALLET)
    first = delivered(order)
    changed(first, order, item, "1", Unit.PIECE)

    rest = delivered(order)

    assert rest.lines[0].quantity == Decimal("0.666667")
    assert (rest.lines[0].stock_quantity, order.lines[0].taken_delivery) == (2, 3)
    assert order.lines[0].open_quantity == 0
    changed(rest, order, item, "0.666667", Unit.PALLET)  # written as it was shown
    assert order.lines[0].taken_delivery == 3
    with pytest.raises(OpenQuantityExceeded):
        changed(rest, order, item, "0.67", Unit.PALLET)


@pytest.mark.parametrize(
    ("factor", "quantity", "problem"),
    [("0.001", "0.0001", TooPrecise), ("1000", "1000000000", TooLarge)],
)
def test_a_quantity_that_cannot_be_kept_in_stock_units_is_refused(
    factor: str, quantity: str, problem: type[Exception]
):
    """Too fine or too large, before the database has to say so."""
    with pytest.raises(problem):
        ordered(pallets(factor), quantity, Unit.PALLET)


@given(
    factor=st.integers(1, 10_000),
    parts=st.lists(st.integers(1, 500), min_size=1, max_size=6),
    spare=st.integers(0, 100),
)
def test_however_an_order_is_delivered_in_bags_its_rest_is_exactly_what_is_missing(
    factor: int, parts: list[int], spare: int
):
    """Parts in bags, the rest in pallets: together what was ordered, to the last bag."""
    item = pallets(str(factor))
    order = ordered(item, str(sum(parts) + spare), Unit.PALLET)
    [line] = order.lines
    for part in parts:
        changed(delivered(order), order, item, str(part), Unit.PIECE)

    rest = open_for(order, line, KINDS["DELIVERY_NOTE"])
    if rest:
        delivered(order)

    assert line.taken_delivery == line.stock_quantity
    assert line.open_quantity == 0
