"""A price as it is written down: what for, for whom, from which quantity on, and how long."""

import re
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.dates import checked_day
from domain.items import CURRENCY, GROUP_LENGTH_MAX, Goods
from domain.journal import Recorder
from domain.money import (
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
