"""The price search: which of several prices holds, whatever order they come in."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.items import Goods
from domain.prices.price import PriceSide, PriceSource, PriceTerms
from domain.prices.search import (
    ORDER,
    Candidate,
    PriceFound,
    PriceQuestion,
    agreed,
    considered,
    find_price,
    holds,
)
from domain.units import Unit, factors

WHEAT, BARLEY = UUID(int=1), UUID(int=2)
ANNA, BERT = UUID(int=11), UUID(int=12)
HOYA, VERDEN = UUID(int=21), UUID(int=22)
DAY = date(2026, 11, 20)
GOODS = Goods(
    id=WHEAT,
    number="W-100",
    item_group="SEED",
    unit=Unit.KILOGRAM,
    factors=factors(Unit.KILOGRAM, {Unit.BAG: Decimal(25), Unit.PALLET: Decimal(600)}),
    unit_price=Decimal(620),
    price_quantity=Decimal(1000),
    last_purchase_price=Decimal(540),
)
ASKED = PriceQuestion(
    goods=GOODS,
    quantity=Decimal(5000),
    on=DAY,
    partner_id=ANNA,
    price_group="FARM",
    branch_id=HOYA,
)
SCOPES: dict[PriceSource, dict[str, Any]] = {
    PriceSource.CUSTOMER_ITEM: {"partner_id": ANNA, "item_id": WHEAT},
    PriceSource.CUSTOMER_GROUP: {"partner_id": ANNA, "item_group": "SEED"},
    PriceSource.PRICE_GROUP: {"price_group": "FARM", "item_id": WHEAT},
    PriceSource.LIST: {"item_id": WHEAT},
}


def price(number: int, source: PriceSource, amount: str | None = "500", **more: Any) -> Candidate:
    """Return a price of a level, for a tonne, valid since the start of the year."""
    scope = {**SCOPES[source], **more}
    if amount is not None:
        scope |= {"unit_price": Decimal(amount), "price_quantity": Decimal(1)}
        scope = {"unit": Unit.TONNE, "currency": "EUR", **scope}
    scope = {"side": PriceSide.SALES, "valid_from": date(2026, 1, 1), **scope}
    terms = PriceTerms(**scope)
    assert terms.source is source
    return Candidate(terms, source, UUID(int=number))


CONTRACT = agreed(GOODS, PriceSide.SALES, Decimal(480), Decimal(1), Unit.TONNE, "EUR")
ONE_PER_LEVEL = [
    CONTRACT,
    price(1, PriceSource.CUSTOMER_ITEM, "510"),
    price(2, PriceSource.CUSTOMER_GROUP, None, discount_percent=Decimal(8)),
    price(3, PriceSource.PRICE_GROUP, "590"),
    price(4, PriceSource.LIST, "610"),
]


def found(*candidates: Candidate, **asked: Any) -> PriceFound:
    """Return the answer; there must be one."""
    answer = find_price(candidates, replace(ASKED, **asked))
    assert answer is not None
    return answer


# ------------------------------------------------------------------------------------- by example


def test_the_levels_are_asked_in_the_documented_order():
    """Taking away the hit each time, the search goes down to the item's own price."""
    answers = [found(*ONE_PER_LEVEL[taken:]) for taken in range(len(ONE_PER_LEVEL) + 1)]

    assert [
        (each.source.name, str(each.unit_price), each.unit, each.discount_percent, each.price_id)
        for each in answers
    ] == [
        ("CONTRACT", "480", Unit.TONNE, None, None),
        ("CUSTOMER_ITEM", "510", Unit.TONNE, None, UUID(int=1)),
        ("CUSTOMER_GROUP", "610", Unit.TONNE, Decimal(8), UUID(int=2)),
        ("PRICE_GROUP", "590", Unit.TONNE, None, UUID(int=3)),
        ("LIST", "610", Unit.TONNE, None, UUID(int=4)),
        ("LIST", "620", Unit.KILOGRAM, None, None),
    ]
    assert answers[-1].price_quantity == 1000


def test_the_search_tells_every_level_it_looked_at():
    """So that a person sees why: the hit, and what the others would have said."""
    levels = considered([ONE_PER_LEVEL[3], ONE_PER_LEVEL[1]], ASKED)

    assert [
        (each.source.name, each.found and str(each.found.unit_price), each.hit) for each in levels
    ] == [
        ("CONTRACT", None, False),
        ("CUSTOMER_ITEM", "510", True),
        ("CUSTOMER_GROUP", None, False),
        ("PRICE_GROUP", "590", False),
        ("LIST", "620", False),
    ]


@pytest.mark.parametrize(
    ("asked", "amount"),
    [
        ({"quantity": Decimal("999.999999")}, "620"),
        ({"quantity": Decimal(1000)}, "600"),
        ({"quantity": Decimal("4999.999999")}, "600"),
        ({"quantity": Decimal(5000)}, "580"),
        ({"quantity": Decimal(-5000)}, "580"),
        ({"quantity": Decimal(0)}, "620"),
    ],
)
def test_the_highest_break_not_above_the_quantity_counts(asked: dict[str, Any], amount: str):
    """In stock units; a return is priced like the sale, by the size of its quantity."""
    breaks = [
        price(1, PriceSource.LIST, "600", quantity_from=Decimal(1000)),
        price(2, PriceSource.LIST, "580", quantity_from=Decimal(5000)),
    ]

    assert str(found(*breaks, **asked).unit_price) == amount


@pytest.mark.parametrize(
    ("on", "amount"),
    [
        (date(2026, 1, 31), "620"),
        (date(2026, 2, 1), "600"),
        (date(2026, 2, 28), "600"),
        (date(2026, 3, 1), "620"),
    ],
)
def test_the_date_of_the_document_decides_and_both_ends_count(on: date, amount: str):
    """A price for February holds on its first and on its last day."""
    february = {"valid_from": date(2026, 2, 1), "valid_until": date(2026, 2, 28)}

    assert str(found(price(1, PriceSource.LIST, "600", **february), on=on).unit_price) == amount


def test_within_a_level_the_branch_comes_before_the_break_and_the_break_before_the_day():
    """A general price is overridden by the branch's, even with a lower break and an older day."""
    at_branch = price(1, PriceSource.LIST, "605", branch_id=HOYA, valid_from=date(2025, 1, 1))
    with_break = price(2, PriceSource.LIST, "600", quantity_from=Decimal(5000))
    newest = price(3, PriceSource.LIST, "595", valid_from=date(2026, 11, 1))
    elsewhere = price(4, PriceSource.LIST, "400", branch_id=VERDEN)

    assert found(newest, with_break, at_branch, elsewhere).price_id == UUID(int=1)
    assert found(newest, with_break, elsewhere).price_id == UUID(int=2)
    assert found(newest, elsewhere).price_id == UUID(int=3)
    assert found(at_branch, elsewhere, branch_id=None).price_id is None


def test_in_a_price_group_the_item_comes_before_its_group():
    """A discount for all seed does not override what was written for wheat."""
    group = price(
        1,
        PriceSource.PRICE_GROUP,
        None,
        item_id=None,
        item_group="SEED",
        branch_id=HOYA,
        discount_percent=Decimal(20),
    )
    item = price(2, PriceSource.PRICE_GROUP, "590")

    assert found(group, item).price_id == UUID(int=2)
    assert found(group).discount_percent == 20


def test_a_discount_is_one_on_the_list_price_of_the_day_and_replaces_the_lists_own():
    """8 % for the customer, not 8 % on top of the 3 % that everybody gets."""
    listed = price(1, PriceSource.LIST, "600", discount_percent=Decimal(3))
    discount = price(2, PriceSource.CUSTOMER_GROUP, None, discount_percent=Decimal(8))

    answer = found(listed, discount)

    assert (answer.unit_price, answer.discount_percent) == (600, 8)
    assert found(listed).discount_percent == 3


def test_a_discount_on_nothing_does_not_count():
    """A supplier's discount, but nothing was ever bought and nothing is listed."""
    unbought = replace(GOODS, last_purchase_price=None)
    discount = price(
        1, PriceSource.CUSTOMER_ITEM, None, discount_percent=Decimal(5), side=PriceSide.PURCHASE
    )
    asked = replace(ASKED, goods=unbought, side=PriceSide.PURCHASE)

    assert find_price([discount], asked) is None
    assert [each.found for each in considered([discount], asked)] == [None] * len(ORDER)
    listed = price(2, PriceSource.LIST, "550", side=PriceSide.PURCHASE)
    answer = find_price([discount, listed], asked)
    assert answer is not None
    assert (answer.unit_price, answer.discount_percent) == (550, 5)


def test_what_was_paid_last_is_the_list_price_of_buying():
    """And what we sell at never is, nor the other way round."""
    sales = price(1, PriceSource.CUSTOMER_ITEM, "510")

    answer = found(sales, side=PriceSide.PURCHASE)

    assert (answer.source, answer.unit_price) == (PriceSource.LIST, 540)


@pytest.mark.parametrize(
    "other",
    [
        {"partner_id": BERT},
        {"item_id": BARLEY},
        {"currency": "USD"},
        {"unit": Unit.LITRE},
        {"side": PriceSide.PURCHASE},
        {"branch_id": VERDEN},
    ],
)
def test_a_price_for_something_else_is_no_answer(other: dict[str, Any]):
    """Another customer, item, currency, side or branch, or a unit it cannot be counted in."""
    assert found(price(1, PriceSource.CUSTOMER_ITEM, "1", **other)).price_id is None


def test_in_a_currency_without_prices_there_is_none():
    """Who asks converts, with the rate of the document."""
    assert find_price(ONE_PER_LEVEL, replace(ASKED, currency="USD")) is None


# ------------------------------------------------------------------------------------- properties

DAYS = st.integers(-400, 400).map(lambda days: DAY + timedelta(days))


@st.composite
def candidates(draw: Any) -> Candidate:
    """Return any price: of our customer or another, valid or not, of any level and break."""
    source = draw(st.sampled_from([*SCOPES, PriceSource.CONTRACT]))
    start, end = draw(DAYS), draw(st.none() | DAYS)
    amount = draw(st.none() | st.integers(1, 999).map(Decimal))
    if source in (PriceSource.CONTRACT, PriceSource.LIST):
        amount = amount or Decimal(7)
    terms = PriceTerms(
        side=draw(st.sampled_from([PriceSide.SALES] * 4 + [PriceSide.PURCHASE])),
        valid_from=start,
        valid_until=end,
        branch_id=draw(st.sampled_from([None, HOYA, VERDEN])),
        quantity_from=Decimal(draw(st.integers(0, 9000))),
        unit_price=amount,
        price_quantity=None if amount is None else Decimal(1),
        unit=None if amount is None else draw(st.sampled_from([Unit.TONNE, Unit.BAG, Unit.LITRE])),
        currency=None if amount is None else draw(st.sampled_from(["EUR", "EUR", "USD"])),
        discount_percent=draw(st.integers(0, 100).map(Decimal)) if amount is None else None,
        **SCOPES.get(source, SCOPES[PriceSource.LIST]),
    )
    if draw(st.integers(0, 4)) == 0 and terms.partner_id is not None:
        terms = replace(terms, partner_id=BERT)
    return Candidate(terms, source, UUID(int=draw(st.integers(100, 10**9))))


def _unlike(candidate: Candidate) -> UUID | None:
    return candidate.price_id


MANY = st.lists(candidates(), max_size=12, unique_by=_unlike)


@given(MANY, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(some: list[Candidate], random: Any):
    """A database promises none."""
    shuffled = list(some)
    random.shuffle(shuffled)

    assert considered(shuffled, ASKED) == considered(some, ASKED)


@given(MANY)
def test_the_most_special_level_that_has_a_price_always_wins(some: list[Candidate]):
    """Whatever the more general levels offer, be it cheaper."""
    answer = find_price(some, ASKED)
    assert answer is not None  # the item has a price of its own

    holding = {each.source for each in some if holds(each.terms, ASKED)} | {PriceSource.LIST}
    assert answer.source is min(holding, key=ORDER.index)


@given(MANY)
def test_a_price_that_does_not_hold_that_day_never_wins(some: list[Candidate]):
    """Neither itself nor as the list price under a discount; taking it away changes nothing."""
    valid = [
        each
        for each in some
        if each.terms.valid_from <= DAY
        and (each.terms.valid_until is None or each.terms.valid_until >= DAY)
    ]

    assert considered(some, ASKED) == considered(valid, ASKED)


@given(MANY)
def test_no_break_above_the_quantity_wins_and_none_below_the_winner_is_higher(
    some: list[Candidate],
):
    """Among prices of the winner's level, scope and branch."""
    answer = find_price(some, ASKED)
    assert answer is not None
    assume(answer.price_id is not None)

    [winner] = [each for each in some if each.price_id == answer.price_id]
    rivals = [
        each.terms.quantity_from
        for each in some
        if each.source is winner.source
        and each.terms.branch_id == winner.terms.branch_id
        and holds(each.terms, ASKED)
    ]
    assert winner.terms.quantity_from == max(rivals) <= ASKED.quantity


@given(MANY, st.sampled_from([None, HOYA]))
def test_a_branchs_price_wins_over_a_general_one_of_its_level_and_no_other_branchs_ever(
    some: list[Candidate], branch: UUID | None
):
    """A branch without prices of its own takes the general ones."""
    asked = replace(ASKED, branch_id=branch)
    answer = find_price(some, asked)
    assert answer is not None
    assume(answer.price_id is not None)

    [winner] = [each for each in some if each.price_id == answer.price_id]
    level = [each for each in some if each.source is winner.source and holds(each.terms, asked)]
    special = [each for each in level if each.terms.branch_id is not None]
    assert winner.terms.branch_id in (None, branch)
    assert (winner.terms.branch_id is not None) == bool(special)
