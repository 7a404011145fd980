"""Prices (Preise), and what the price search finds and why."""

import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from domain.prices.price import PriceSide as DomainPriceSide
from domain.prices.price import PriceSource as PriceSource  # described here for all
from domain.units import Unit
from schema.branches import Branch
from schema.entities import shows
from schema.enums import described
from schema.items import Item
from schema.journal import JournalEntry
from schema.mutations import key_field, payload, version_field
from schema.node import Node
from schema.paging import paged
from schema.partners import Partner
from schema.scalars import Currency

PriceSide = described(
    DomainPriceSide,
    "PriceSide",
    "Whether you sell at a price or buy at it.",
    SALES="A price of yours (Verkaufspreis, VK).",
    PURCHASE="A supplier's price (Einkaufspreis, EK).",
)
described(
    PriceSource,
    "PriceSource",
    "Where a price comes from (Preisherkunft); the first five in the order of the price search.",
    CONTRACT="Agreed in a contract (Kontrakt).",
    CUSTOMER_ITEM="Agreed with this partner for this item (Kundenpreis).",
    CUSTOMER_GROUP="Agreed with this partner for the item's group (Kundenrabatt).",
    PRICE_GROUP="For the customer's price group (Preisgruppe).",
    LIST="The list price for everybody (Listenpreis).",
    MANUAL="Typed by hand (manueller Preis).",
    SOURCE_DOCUMENT="Taken over from the document before, such as the order (Vorbeleg).",
)


@shows("price")
@strawberry.type(
    description="A price, or a discount on the list price, and for what it holds (Preis)."
)
class Price(Node):
    """A price as kept."""

    side: DomainPriceSide = strawberry.field(description="Selling or buying.")
    item: Item | None = strawberry.field(description="The item it is for; null for a group.")
    item_group: str | None = strawberry.field(description="The item group it is for.")
    partner: Partner | None = strawberry.field(description="With whom it was agreed.")
    price_group: str | None = strawberry.field(
        description="Key of the customers' price group (Preisgruppe) it is for."
    )
    branch: Branch | None = strawberry.field(
        description="The branch (Niederlassung) it is for; null for all of them."
    )
    quantity_from: Decimal = strawberry.field(
        description="From which quantity it holds (Staffelmenge), in stock units."
    )
    valid_from: datetime.date = strawberry.field(description="First day of its validity.")
    valid_until: datetime.date | None = strawberry.field(
        description="Last day of its validity; null: until further notice."
    )
    unit_price: Decimal | None = strawberry.field(
        description="Net price of `priceQuantity` units; null for a mere discount."
    )
    price_quantity: Decimal | None = strawberry.field(
        description="How many units the price is for."
    )
    unit: Unit | None = strawberry.field(description="The unit the price is for.")
    currency: Currency | None = strawberry.field(description="The currency of the price.")
    discount_percent: Decimal | None = strawberry.field(
        description="Discount on this price, or on the list price if there is none (Rabatt)."
    )
    created_at: datetime.datetime = strawberry.field(description="When the record was made.")
    updated_at: datetime.datetime = strawberry.field(description="When it was changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to this record, oldest first.")


@strawberry.enum(description="Orders of `prices`.")
class PriceSort(Enum):
    """Sorts of the view."""

    VALID_FROM = strawberry.enum_value("VALID_FROM", description="Newest validity first.")
    NEWEST = strawberry.enum_value("NEWEST", description="Newest record first.")


@strawberry.input(description="Which prices; all conditions must hold.")
class PriceFilter:
    """Conditions of `prices`."""

    side: DomainPriceSide | None = strawberry.field(default=None, description="By side.")
    item: strawberry.ID | None = strawberry.field(
        default=None, description="By item, `itm_…`; those of its group are not among them."
    )
    item_group: str | None = strawberry.field(default=None, description="By item group, exactly.")
    partner: strawberry.ID | None = strawberry.field(
        default=None, description="By partner, `par_…`."
    )
    price_group: str | None = strawberry.field(
        default=None, description="By customers' price group, exactly."
    )
    branch: strawberry.ID | None = strawberry.field(
        default=None,
        description="By branch, `brn_…`; those for all branches are not among them.",
    )
    valid_on: datetime.date | None = strawberry.field(
        default=None, description="Only those valid on this day."
    )


@strawberry.type(description="A price that the search found.")
class FoundPrice:
    """The answer of the search."""

    source: PriceSource = strawberry.field(description="On which level it was found.")
    unit_price: Decimal = strawberry.field(description="Net price of `priceQuantity` units.")
    price_quantity: Decimal = strawberry.field(description="How many units the price is for.")
    unit: Unit = strawberry.field(description="The unit the price is for.")
    currency: Currency = strawberry.field(description="The currency of the price.")
    discount_percent: Decimal | None = strawberry.field(
        description="The discount to take off it, in percent."
    )
    price: Price | None = strawberry.field(
        description="The record it comes from; null for the item's own price."
    )


@strawberry.type(description="A level the price search looked at, in its order.")
class ConsideredPrice:
    """A level, whether it had a price or not."""

    source: PriceSource = strawberry.field(description="The level.")
    hit: bool = strawberry.field(description="Whether this level gave the answer.")
    unit_price: Decimal | None = strawberry.field(
        description="The best net price of this level; null where it has none that holds."
    )
    price_quantity: Decimal | None = strawberry.field(
        description="How many units that price is for."
    )
    unit: Unit | None = strawberry.field(description="The unit that price is for.")
    currency: Currency | None = strawberry.field(description="The currency of that price.")
    discount_percent: Decimal | None = strawberry.field(description="Its discount in percent.")
    price_id: strawberry.ID | None = strawberry.field(
        description="The record it comes from, `prc_…`; null for the item's own price."
    )


@strawberry.type(description="Which price holds for a quantity of an item, and why.")
class ItemPrice:
    """The search, told."""

    stock_quantity: Decimal = strawberry.field(
        description="The quantity asked about in stock units; quantity breaks compare with it."
    )
    stock_unit: Unit = strawberry.field(description="The item's stock unit (Lagereinheit).")
    found: FoundPrice | None = strawberry.field(
        description="The price that holds; null where there is none in this currency."
    )
    considered: list[ConsideredPrice] = strawberry.field(
        description="Every level in the order of the search; the first with a price is the hit."
    )


@strawberry.input(description="A price, or a discount on the list price.")
class CreatePriceInput:
    """A new price."""

    side: DomainPriceSide = strawberry.field(
        default=DomainPriceSide.SALES, description="Selling or buying."
    )
    item_id: strawberry.ID | None = strawberry.field(
        default=None, description="The item, `itm_…`; either this or `itemGroup`."
    )
    item_group: str | None = strawberry.field(
        default=None, description="Key of the item group; only with a partner or a price group."
    )
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="With whom it is agreed, `par_…`; left out: for everybody."
    )
    price_group: str | None = strawberry.field(
        default=None, description="Key of the customers' price group; not beside a partner."
    )
    branch_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The branch (Niederlassung) it is for, `brn_…`; left out: for all of them.",
    )
    quantity_from: Decimal = strawberry.field(
        default=Decimal(0), description="From which quantity it holds, in stock units (Staffel)."
    )
    valid_from: datetime.date | None = strawberry.field(
        default=None, description="First day; today if left out."
    )
    valid_until: datetime.date | None = strawberry.field(
        default=None, description="Last day, included; left out: until further notice."
    )
    unit_price: Decimal | None = strawberry.field(
        default=None, description="Net price of `priceQuantity` units; left out: a mere discount."
    )
    price_quantity: Decimal | None = strawberry.field(
        default=None, description="How many units the price is for; 1 if left out."
    )
    unit: Unit | None = strawberry.field(
        default=None, description="The unit it is for; the item's stock unit if left out."
    )
    currency: Currency | None = strawberry.field(
        default=None, description="The currency; EUR if left out."
    )
    discount_percent: Decimal | None = strawberry.field(
        default=None,
        description="Discount, 0 to 100: on `unitPrice`, or on the list price without one.",
    )
    idempotency_key: str = key_field()


@strawberry.input(description="The whole content of a price, anew.")
class UpdatePriceInput(CreatePriceInput):
    """Replaces every field."""

    id: strawberry.ID = strawberry.field(description="The price, `prc_…`.")
    expected_version: int = version_field()


@strawberry.input(description="Let a price end.")
class EndPriceInput:
    """End."""

    id: strawberry.ID = strawberry.field(description="The price, `prc_…`.")
    expected_version: int = version_field()
    valid_until: datetime.date = strawberry.field(description="The last day on which it holds.")
    idempotency_key: str = key_field()


CreatePricePayload = payload("CreatePrice", price=Price)
UpdatePricePayload = payload("UpdatePrice", price=Price)
EndPricePayload = payload("EndPrice", price=Price)
