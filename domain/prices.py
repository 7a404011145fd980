"""Prices (Preise): what was agreed with whom for what, and which of several prices holds.

The search goes from the most special to the most general, in an order that never changes:
contract, customer and item, customer and item group, price group, list. Within a level an item
comes before its group, a branch before none, a higher quantity break before a lower one, a newer
price before an older one. docs/guides/prices.md tells it to people.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.dates import checked_day
from domain.items import CURRENCY, GROUP_LENGTH_MAX, Goods
from domain.journal import Recorder
from domain.money import (
    DECIMALS_MAX,
    EXACT,
    MustBePositive,
    MustNotBeNegative,
    TooPrecise,
    checked,
)
from domain.problems import Path, Problem
from domain.text import Required, optional_text
from domain.units import Unit

LATEST = date(2999, 12, 31)
PERCENT_DECIMALS_MAX = 4
NOBODY = UUID(int=0)


class PriceSide(StrEnum):
    """Whether we sell at a price or buy at it."""

    SALES = "SALES"
    PURCHASE = "PURCHASE"


class PriceSource(StrEnum):
    """Where the price of a line comes from; the first five in the order of the search."""

    CONTRACT = "CONTRACT"
    CUSTOMER_ITEM = "CUSTOMER_ITEM"
    CUSTOMER_GROUP = "CUSTOMER_GROUP"
    PRICE_GROUP = "PRICE_GROUP"
    LIST = "LIST"
    MANUAL = "MANUAL"
    SOURCE_DOCUMENT = "SOURCE_DOCUMENT"


ORDER = (
    PriceSource.CONTRACT,
    PriceSource.CUSTOMER_ITEM,
    PriceSource.CUSTOMER_GROUP,
    PriceSource.PRICE_GROUP,
    PriceSource.LIST,
)
"""The levels of the search, the most special first."""


class PriceScopeInvalid(Problem):
    """A price is for an item or an item group, and for a partner, a customers' price group or all.

    For all there are prices of items only, and price groups only in sales.
    """


class PriceValidityReversed(Problem):
    """The price would end before it starts, on {valid_from}."""

    valid_from: str


class DiscountOutOfRange(Problem):
    """A discount is 0 to 100 percent."""


class CurrencyMalformed(Problem):
    """Write the currency as three capital letters such as EUR (ISO 4217)."""


class DuplicatePrice(Problem):
    """There is already a price for this with the same quantity break from {valid_from} on."""

    valid_from: str


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """A price and for what it holds; None in a scope means whatever it may be.

    `unit_price` is net, in `currency`, for `price_quantity` of `unit`; `quantity_from` is the
    quantity break (Staffel) in stock units. Without a unit price it is a discount on the list
    price. The first and the last day of its validity are included.
    """

    side: PriceSide
    valid_from: date
    valid_until: date | None = None
    partner_id: UUID | None = None
    item_id: UUID | None = None
    item_group: str | None = None
    price_group: str | None = None
    branch_id: UUID | None = None
    quantity_from: Decimal = Decimal(0)
    unit_price: Decimal | None = None
    price_quantity: Decimal | None = None
    unit: Unit | None = None
    currency: str | None = None
    discount_percent: Decimal | None = None

    @property
    def source(self) -> PriceSource:
        """The level of the search that these terms belong to."""
        if self.partner_id is not None:
            return PriceSource.CUSTOMER_ITEM if self.item_id else PriceSource.CUSTOMER_GROUP
        return PriceSource.LIST if self.price_group is None else PriceSource.PRICE_GROUP

    def checked(self, goods: Goods | None, path: Path = ("input",)) -> "PriceTerms":
        """Return these terms as they can be kept; `goods` is the item they are for, if it is one.

        Raises the problem of the first field that is wrong.
        """
        terms = replace(
            self,
            item_group=optional_text(self.item_group, GROUP_LENGTH_MAX, (*path, "itemGroup")),
            price_group=optional_text(self.price_group, GROUP_LENGTH_MAX, (*path, "priceGroup")),
            quantity_from=_not_negative(self.quantity_from, (*path, "quantityFrom")),
            discount_percent=_discount(self.discount_percent, (*path, "discountPercent")),
        )
        terms._refuse_scope(path)
        checked_day(self.valid_from, LATEST, (*path, "validFrom"))
        if self.valid_until is not None:
            checked_end(self.valid_from, self.valid_until, (*path, "validUntil"))
        if self.unit_price is not None:
            return terms._with_amount(self.unit_price, goods, path)
        if self.discount_percent is None or terms.source is PriceSource.LIST:
            raise Required(path=(*path, "unitPrice"))
        return replace(terms, price_quantity=None, unit=None, currency=None)

    def _refuse_scope(self, path: Path) -> None:
        for_all = self.partner_id is None and self.price_group is None
        if (
            (self.item_id is None) == (self.item_group is None)
            or (self.partner_id is not None and self.price_group is not None)
            or (for_all and self.item_id is None)
            or (self.side is PriceSide.PURCHASE and self.price_group is not None)
        ):
            raise PriceScopeInvalid(path=path)

    def _with_amount(self, unit_price: Decimal, goods: Goods | None, path: Path) -> "PriceTerms":
        unit = self.unit or (goods.unit if goods else None)
        if unit is None:
            raise Required(path=(*path, "unit"))
        if goods is not None:
            goods.factor(unit, (*path, "unit"))
        per = checked(
            Decimal(1) if self.price_quantity is None else self.price_quantity,
            (*path, "priceQuantity"),
        )
        if per <= 0:
            raise MustBePositive(path=(*path, "priceQuantity"))
        currency = CURRENCY if self.currency is None else self.currency
        if not re.fullmatch(r"[A-Z]{3}", currency):
            raise CurrencyMalformed(path=(*path, "currency"))
        amount = _not_negative(unit_price, (*path, "unitPrice"))
        return replace(self, unit_price=amount, price_quantity=per, unit=unit, currency=currency)

    def hold_for(self, asked: "PriceQuestion") -> bool:
        """Say whether these terms speak of what is asked; the day decides about validity."""
        goods = asked.goods
        return (
            self.side is asked.side
            and self.partner_id in (None, asked.partner_id)
            and self.item_id in (None, goods.id)
            and self.item_group in (None, goods.item_group)
            and self.price_group in (None, asked.price_group)
            and self.branch_id in (None, asked.branch_id)
            and self.currency in (None, asked.currency)
            and (self.unit is None or self.unit in goods.factors)
            and self.quantity_from <= abs(asked.quantity)
            and self.valid_from <= asked.on
            and (self.valid_until is None or asked.on <= self.valid_until)
        )


def checked_end(valid_from: date, valid_until: date, path: Path) -> date:
    """Return the last day of a validity. Raises DateOutOfRange or PriceValidityReversed."""
    if checked_day(valid_until, LATEST, path) < valid_from:
        raise PriceValidityReversed(valid_from=valid_from.isoformat(), path=path)
    return valid_until


def _not_negative(number: Decimal, path: Path) -> Decimal:
    if checked(number, path) < 0:
        raise MustNotBeNegative(path=path)
    return number


def _discount(percent: Decimal | None, path: Path) -> Decimal | None:
    if percent is None:
        return None
    if not 0 <= checked(percent, path) <= 100:
        raise DiscountOutOfRange(path=path)
    if percent != percent.quantize(Decimal(1).scaleb(-PERCENT_DECIMALS_MAX)):
        raise TooPrecise(decimals_max=PERCENT_DECIMALS_MAX, path=path)
    return percent


class Price(Recorder):
    """A price as kept; its fields are those of PriceTerms."""

    entity_type = "price"

    id: UUID
    tenant_id: UUID
    side: PriceSide
    valid_from: date
    valid_until: date | None
    partner_id: UUID | None
    item_id: UUID | None
    item_group: str | None
    price_group: str | None
    branch_id: UUID | None
    quantity_from: Decimal
    unit_price: Decimal | None
    price_quantity: Decimal | None
    unit: Unit | None
    currency: str | None
    discount_percent: Decimal | None
    version: int

    def __init__(
        self, *, id: UUID, tenant_id: UUID, terms: PriceTerms, goods: Goods | None
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self._take(terms.checked(goods))
        self.record("PriceCreated", action="CREATE")

    def update(self, terms: PriceTerms, goods: Goods | None, *, at: datetime) -> None:
        """Replace it; documents keep the price they were written with."""
        self._take(terms.checked(goods))
        self.updated_at = at
        self.record("PriceUpdated", action="UPDATE")

    def end(self, valid_until: date, *, at: datetime) -> None:
        """Let it hold up to this day and no longer. Raises PriceValidityReversed."""
        self.valid_until = checked_end(self.valid_from, valid_until, ("input", "validUntil"))
        self.updated_at = at
        self.record("PriceEnded", action="END", valid_until=self.valid_until)

    def _take(self, terms: PriceTerms) -> None:
        for field in fields(terms):
            setattr(self, field.name, getattr(terms, field.name))


# ------------------------------------------------------------------------------------- the search


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


def agreed(
    goods: Goods, side: PriceSide, price: Decimal, per: Decimal, unit: Unit, currency: str
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
    holding = [each for each in (*candidates, *_own_price(asked)) if each.terms.hold_for(asked)]
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
