"""The price search (Preisfindung): which of several prices holds.

It goes from the most special to the most general, in an order that never changes: contract,
customer and item, customer and item group, price group, list. Within a level an item comes before
its group, a branch before none, a higher quantity break before a lower one, a newer price before an
older one. docs/guides/prices.md tells it to people.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from domain.items import CURRENCY, Goods
from domain.money import DECIMALS_MAX, EXACT
from domain.prices.price import PriceSide, PriceSource, PriceTerms
from domain.units import Unit

NOBODY = UUID(int=0)
ORDER = (
    PriceSource.CONTRACT,
    PriceSource.CUSTOMER_ITEM,
    PriceSource.CUSTOMER_GROUP,
    PriceSource.PRICE_GROUP,
    PriceSource.LIST,
)
"""The levels of the search, the most special first."""


@dataclass(frozen=True, slots=True)
class PriceQuestion:
    """What a line asks: which price holds on the day `on`, the document's date.

    `quantity` is in stock units; of a return, which is negative, its size counts. A price in
    another currency is no answer: who has none asks again in the company's and converts.
    """

    goods: Goods
    quantity: Decimal
    on: date
    currency: str = CURRENCY
    side: PriceSide = PriceSide.SALES
    partner_id: UUID | None = None
    price_group: str | None = None
    branch_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A price that may answer, with its level; `price_id` is None for one that is no record."""

    terms: PriceTerms
    source: PriceSource
    price_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PriceFound:
    """The answer: net, for `price_quantity` of `unit`, before `discount_percent` is taken off."""

    unit_price: Decimal
    price_quantity: Decimal
    unit: Unit
    currency: str
    discount_percent: Decimal | None
    source: PriceSource
    price_id: UUID | None

    def in_unit(self, unit: Unit, goods: Goods) -> "PriceFound":
        """Return the same price for a line that counts in `unit`. Raises UnitNotConvertible.

        Exact wherever six decimals can say it: first by another price quantity (1 t is 1000 kg),
        then by another unit price, then by both; else the unit price is rounded to six decimals.
        """
        if unit is self.unit:
            return self
        mine, theirs = goods.factor(self.unit), goods.factor(unit)
        price = EXACT.multiply(self.unit_price, theirs)
        quantity = EXACT.multiply(self.price_quantity, mine)
        for new_price, new_quantity in (
            (self.unit_price, EXACT.divide(quantity, theirs)),
            (EXACT.divide(price, mine), self.price_quantity),
            (price, quantity),
        ):
            exact = EXACT.multiply(new_price, quantity) == EXACT.multiply(price, new_quantity)
            if exact and _can_be_kept(new_price) and _can_be_kept(new_quantity):
                return replace(self, unit_price=new_price, price_quantity=new_quantity, unit=unit)
        return replace(self, unit_price=_rounded_price(EXACT.divide(price, mine)), unit=unit)

    def with_tax(self, rate: Decimal) -> "PriceFound":
        """Return the same price with the tax of `rate` percent in it, for up to six decimals."""
        gross = EXACT.multiply(self.unit_price, EXACT.add(Decimal(1), rate / 100))
        return replace(self, unit_price=_rounded_price(gross))

    def without_tax(self, rate: Decimal) -> "PriceFound":
        """Return the same price without the tax of `rate` percent, for up to six decimals."""
        net = EXACT.divide(self.unit_price, EXACT.add(Decimal(1), rate / 100))
        return replace(self, unit_price=_rounded_price(net))


def _can_be_kept(number: Decimal) -> bool:
    return number < Decimal(10) ** 12 and number == _rounded_price(number)


def _rounded_price(price: Decimal) -> Decimal:
    return price.quantize(Decimal(1).scaleb(-DECIMALS_MAX), ROUND_HALF_UP, EXACT)


@dataclass(frozen=True, slots=True)
class Considered:
    """A level that was looked at, and its best price, if it has one; `hit` marks the answer."""

    source: PriceSource
    found: PriceFound | None
    hit: bool


def holds(terms: PriceTerms, asked: PriceQuestion) -> bool:
    """Say whether terms speak of what is asked; the day decides about validity."""
    goods = asked.goods
    return (
        terms.side is asked.side
        and terms.partner_id in (None, asked.partner_id)
        and terms.item_id in (None, goods.id)
        and terms.item_group in (None, goods.item_group)
        and terms.price_group in (None, asked.price_group)
        and terms.branch_id in (None, asked.branch_id)
        and terms.currency in (None, asked.currency)
        and (terms.unit is None or terms.unit in goods.factors)
        and terms.quantity_from <= abs(asked.quantity)
        and terms.valid_from <= asked.on
        and (terms.valid_until is None or asked.on <= terms.valid_until)
    )


def agreed(
    goods: Goods,
    side: PriceSide,
    price: Decimal,
    per: Decimal,
    unit: Unit,
    currency: str,
    discount: Decimal = Decimal(0),
) -> Candidate:
    """Return the price of a contract as a candidate; that the contract holds was seen before."""
    terms = PriceTerms(
        side=side,
        valid_from=date.min,
        item_id=goods.id,
        unit_price=price,
        price_quantity=per,
        unit=unit,
        currency=currency,
        discount_percent=discount or None,
    )
    return Candidate(terms, PriceSource.CONTRACT)


def find_price(candidates: Iterable[Candidate], asked: PriceQuestion) -> PriceFound | None:
    """Return the price that holds, the item's own as the last; None where there is none at all."""
    return next((each.found for each in considered(candidates, asked) if each.hit), None)


def considered(candidates: Iterable[Candidate], asked: PriceQuestion) -> tuple[Considered, ...]:
    """Return every level of the search in order with its best price; the first hit is the answer.

    A discount is one on the list price of the same day, branch and quantity, in place of one that
    the list gives; where nothing is listed, it does not count.
    """
    holding = [each for each in (*candidates, *_own_price(asked)) if holds(each.terms, asked)]
    listed = _best(each for each in holding if each.source is PriceSource.LIST)
    looked_at: list[Considered] = []
    found_before = False
    for source in ORDER:
        best = _best(
            each
            for each in holding
            if each.source is source and (listed or each.terms.unit_price is not None)
        )
        found = _answer(best, listed) if best else None
        hit = found is not None and not found_before
        found_before = found_before or hit
        looked_at.append(Considered(source, found, hit))
    return tuple(looked_at)


def _own_price(asked: PriceQuestion) -> Iterable[Candidate]:
    goods = asked.goods
    own = goods.unit_price if asked.side is PriceSide.SALES else goods.last_purchase_price
    if own is not None:
        listed = agreed(goods, asked.side, own, goods.price_quantity, goods.unit, CURRENCY)
        yield replace(listed, source=PriceSource.LIST)


def _best(candidates: Iterable[Candidate]) -> Candidate | None:
    return max(candidates, key=_rank, default=None)


def _rank(candidate: Candidate) -> tuple[Any, ...]:
    """What makes one price of a level better than another; the id only makes it certain."""
    terms = candidate.terms
    return (
        terms.item_id is not None,
        terms.branch_id is not None,
        terms.quantity_from,
        terms.valid_from,
        candidate.price_id or NOBODY,
    )


def _answer(best: Candidate, listed: Candidate | None) -> PriceFound:
    terms = best.terms
    priced = terms if terms.unit_price is not None or listed is None else listed.terms
    assert priced.unit_price is not None
    assert priced.price_quantity is not None
    assert priced.unit is not None
    assert priced.currency is not None
    return PriceFound(
        unit_price=priced.unit_price,
        price_quantity=priced.price_quantity,
        unit=priced.unit,
        currency=priced.currency,
        discount_percent=terms.discount_percent,
        source=best.source,
        price_id=best.price_id,
    )
