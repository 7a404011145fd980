"""Items (Artikel)."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.items import ItemTaxClass as DomainItemTaxClass
from domain.items import Unit as DomainUnit
from domain.tax import TaxCategory as DomainTaxCategory
from schema.entities import shows
from schema.enums import described
from schema.journal import JournalEntry
from schema.mutations import key_field, payload, version_field
from schema.node import Node
from schema.paging import paged
from schema.partners import Partner

if TYPE_CHECKING:
    from schema.prices import Price

Unit = described(
    DomainUnit,
    "Unit",
    "A unit of quantity (Mengeneinheit, UN/ECE Rec 20). Physical units convert by themselves; what"
    " a package holds is said by each item.",
    PIECE="Piece (Stück, H87).",
    GRAM="Gram (Gramm, GRM).",
    KILOGRAM="Kilogram (Kilogramm, KGM).",
    DECITONNE="Decitonne, 100 kg (Dezitonne, Doppelzentner, DTN).",
    TONNE="Tonne, 1000 kg (Tonne, TNE).",
    LITRE="Litre (Liter, LTR).",
    HECTOLITRE="Hectolitre, 100 l (Hektoliter, HLT).",
    CUBIC_METRE="Cubic metre, 1000 l (Kubikmeter, MTQ).",
    METRE="Metre (Meter, MTR).",
    KILOMETRE="Kilometre, 1000 m (Kilometer, KMT).",
    SQUARE_METRE="Square metre (Quadratmeter, MTK).",
    HECTARE="Hectare, 10000 m² (Hektar, HAR).",
    HOUR="Hour (Stunde, HUR).",
    DAY="Day (Tag, DAY).",
    KILOWATT_HOUR="Kilowatt hour (Kilowattstunde, KWH).",
    LUMP_SUM="Flat, for the whole (Pauschale, LS).",
    PACK="Pack (Packung, XPK).",
    BAG="Bag (Sack, XBG).",
    BIG_BAG="Big bag (Big Bag, X43).",
    BOX="Box (Karton, XBX).",
    CANISTER="Canister (Kanister, XCI).",
    PALLET="Pallet (Palette, XPX).",
)
ItemTaxClass = described(
    DomainItemTaxClass,
    "ItemTaxClass",
    "How an item is taxed before anything is known about the buyer (Steuerklasse).",
    STANDARD="The standard rate (Regelsteuersatz, section 12 (1) UStG).",
    REDUCED="The reduced rate (ermäßigter Satz, section 12 (2) UStG).",
    ZERO_RATED="Zero rate, such as solar systems (Nullsatz, section 12 (3) UStG).",
    EXEMPT="Exempt (steuerfrei, section 4 UStG).",
    OUT_OF_SCOPE="Not taxable (nicht steuerbar).",
    REVERSE_CHARGE_GOODS="Goods whose business buyer owes the tax, such as scrap"
    " (section 13b (2) UStG).",
)
TaxCategory = described(
    DomainTaxCategory,
    "TaxCategory",
    "Tax category [UNTDID 5305].",
    S="Standard or reduced rate.",
    Z="Zero rate, such as solar systems (section 12 (3) UStG).",
    E="Exempt; needs a reason.",
    AE="Reverse charge: the buyer owes the tax (section 13b UStG).",
    K="Delivery to another country of the EU (section 4 no. 1b UStG).",
    G="Export out of the EU (section 4 no. 1a UStG).",
    O="Not taxable (nicht steuerbar).",
)


@shows("item_unit")
@strawberry.type(description="A further unit of an item (weitere Mengeneinheit).")
class ItemUnit:
    """One unit beside the stock unit."""

    unit: DomainUnit = strawberry.field(description="The unit, such as BAG.")
    factor: Decimal = strawberry.field(description="How many stock units one of it is.")


@shows("item_supplier")
@strawberry.type(description="Who supplies an item, and what he calls it (Lieferant).")
class ItemSupplier:
    """One supplier of an item."""

    partner: Partner = strawberry.field(description="The supplier.")
    item_number: str | None = strawberry.field(
        description="The supplier's item number (Lieferantenartikelnummer)."
    )
    item_name: str | None = strawberry.field(description="What the supplier calls it.")
    lead_days: int | None = strawberry.field(
        description="Days from order to delivery (Lieferzeit)."
    )
    last_purchase_price: Decimal | None = strawberry.field(
        description="What `priceQuantity` stock units of the item cost last at this supplier"
        " (letzter EK), net of discount, EUR; written by what is posted."
    )
    last_purchased_on: date | None = strawberry.field(
        description="The day of supply of that purchase."
    )


@shows("item")
@strawberry.type(description="Something you sell or buy (Artikel).")
class Item(Node):
    """Master data of an item."""

    number: str = strawberry.field(description="Item number (Artikelnummer), unique.")
    name: str = strawberry.field(description="What stands on documents.")
    description_de: str | None = strawberry.field(description="A longer text in German.")
    description_en: str | None = strawberry.field(description="A longer text in English.")
    item_group: str | None = strawberry.field(
        description="Key of its group (Artikelgruppe), for prices and lists."
    )
    unit: DomainUnit = strawberry.field(
        description="The stock unit (Lagereinheit): prices and stock count in it."
    )
    units: list[ItemUnit] = strawberry.field(description="Further units with their factors.")
    unit_price: Decimal = strawberry.field(description="Net price of `priceQuantity` units, EUR.")
    price_quantity: Decimal = strawberry.field(description="How many units the price is for.")
    last_purchase_price: Decimal | None = strawberry.field(
        description="What `priceQuantity` units cost at the last receipt or bill of any supplier"
        " (letzter EK), net, EUR."
    )
    last_purchased_on: date | None = strawberry.field(
        description="The day of supply of that purchase."
    )
    tax_category: DomainTaxCategory = strawberry.field(description="Tax category of a sale.")
    tax_rate: Decimal | None = strawberry.field(description="Rate in percent; null for O.")
    tax_class: DomainItemTaxClass = strawberry.field(
        description="Tax class (Steuerklasse); follows from category and rate if not given."
    )
    gtin: str | None = strawberry.field(description="The number under its bar code (GTIN, EAN).")
    is_stocked: bool = strawberry.field(
        description="Whether stock is kept of it (Lagerartikel); not of services."
    )
    weight_kg: Decimal | None = strawberry.field(description="Weight of one stock unit in kg.")
    suppliers: list[ItemSupplier] = strawberry.field(description="Who supplies it.")
    is_blocked: bool = strawberry.field(description="Whether it may be sold and bought no more.")
    blocked_reason: str | None = strawberry.field(description="Why it is blocked (Sperrgrund).")
    created_at: datetime = strawberry.field(description="When the record was made.")
    updated_at: datetime = strawberry.field(description="When the record was changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    prices = paged(
        Annotated["Price", strawberry.lazy("schema.prices")],
        "Prices of this very item, the newest validity first; those of its group are not here.",
    )
    history = paged(JournalEntry, "What happened to this record, oldest first.")


@strawberry.enum(description="Orders of `items`.")
class ItemSort(Enum):
    """Sorts of the view."""

    NUMBER = strawberry.enum_value("NUMBER", description="By item number.")
    NAME = strawberry.enum_value("NAME", description="By name.")
    NEWEST = strawberry.enum_value("NEWEST", description="Newest record first.")


@strawberry.input(description="Which items; all conditions must hold.")
class ItemFilter:
    """Conditions of `items`."""

    search: str | None = strawberry.field(
        default=None, description="Number or name starts with this, in capitals or not."
    )
    item_group: str | None = strawberry.field(default=None, description="By group, exactly.")
    gtin: str | None = strawberry.field(default=None, description="By GTIN, exactly.")
    is_blocked: bool | None = strawberry.field(default=None, description="Blocked, or not.")
    supplier: strawberry.ID | None = strawberry.field(
        default=None, description="Only what this partner supplies, `par_…`."
    )


@strawberry.input(description="A further unit of an item.")
class ItemUnitInput:
    """A unit with its factor."""

    unit: DomainUnit = strawberry.field(description="The unit, such as BAG.")
    factor: Decimal = strawberry.field(
        description="How many stock units one of it is: 25 for a bag of 25 kg. Up to 6 decimals."
    )


@strawberry.input(description="A supplier of an item.")
class ItemSupplierInput:
    """A supplier and what he calls it."""

    partner_id: strawberry.ID = strawberry.field(description="The supplier, `par_…`.")
    item_number: str | None = strawberry.field(
        default=None, description="The supplier's item number, up to 50 characters."
    )
    item_name: str | None = strawberry.field(
        default=None, description="What the supplier calls it, up to 200 characters."
    )
    lead_days: int | None = strawberry.field(
        default=None, description="Days from order to delivery, 0 to 730."
    )


@strawberry.input(description="Master data of an item.")
class CreateItemInput:
    """A new item."""

    number: str = strawberry.field(description="Item number, up to 30 characters, unique.")
    name: str = strawberry.field(description="What stands on documents, up to 200 characters.")
    description_de: str | None = strawberry.field(
        default=None, description="A longer text in German, up to 2000 characters."
    )
    description_en: str | None = strawberry.field(
        default=None, description="A longer text in English, up to 2000 characters."
    )
    item_group: str | None = strawberry.field(
        default=None, description="Key of its group (Artikelgruppe), up to 40 characters."
    )
    unit: DomainUnit = strawberry.field(
        description="The stock unit (Lagereinheit): prices and stock count in it."
    )
    units: list[ItemUnitInput] = strawberry.field(
        default_factory=list, description="Further units, such as bags and pallets, each once."
    )
    unit_price: Decimal = strawberry.field(description="Net price of `priceQuantity` units, EUR.")
    price_quantity: Decimal = strawberry.field(
        default=Decimal(1), description="How many units the price is for, such as 100."
    )
    tax_category: DomainTaxCategory = strawberry.field(
        default=DomainTaxCategory.S, description="Tax category of a sale."
    )
    tax_rate: Decimal | None = strawberry.field(
        default=None, description="Rate in percent; needed for category S."
    )
    tax_class: DomainItemTaxClass | None = strawberry.field(
        default=None, description="Tax class; follows from category and rate if left out."
    )
    gtin: str | None = strawberry.field(
        default=None, description="GTIN (EAN) of 8, 12, 13 or 14 digits."
    )
    is_stocked: bool = strawberry.field(
        default=True, description="Whether stock is kept of it (Lagerartikel)."
    )
    weight_kg: Decimal | None = strawberry.field(
        default=None, description="Weight of one stock unit in kg."
    )
    suppliers: list[ItemSupplierInput] = strawberry.field(
        default_factory=list, description="Who supplies it, up to 50, each once."
    )
    idempotency_key: str = key_field()


@strawberry.input(description="The whole master data of an item, anew.")
class UpdateItemInput(CreateItemInput):
    """Replaces every field, units and suppliers too."""

    id: strawberry.ID = strawberry.field(description="The item, `itm_…`.")
    expected_version: int = version_field()


@strawberry.input(description="Let an item be sold and bought no more (Sperren).")
class BlockItemInput:
    """Block."""

    id: strawberry.ID = strawberry.field(description="The item, `itm_…`.")
    expected_version: int = version_field()
    reason: str = strawberry.field(description="Why, up to 200 characters; required.")
    idempotency_key: str = key_field()


@strawberry.input(description="Let an item be sold and bought again (Entsperren).")
class UnblockItemInput:
    """Unblock."""

    id: strawberry.ID = strawberry.field(description="The item, `itm_…`.")
    expected_version: int = version_field()
    idempotency_key: str = key_field()


CreateItemPayload = payload("CreateItem", item=Item)
UpdateItemPayload = payload("UpdateItem", item=Item)
BlockItemPayload = payload("BlockItem", item=Item)
UnblockItemPayload = payload("UnblockItem", item=Item)
