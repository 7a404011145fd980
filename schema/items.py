"""Items (Artikel)."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from domain.items import Unit as DomainUnit
from domain.tax import TaxCategory as DomainTaxCategory
from schema.entities import shows
from schema.enums import described
from schema.journal import JournalEntry
from schema.mutations import key_field, payload
from schema.node import Node
from schema.paging import paged

Unit = described(
    DomainUnit,
    "Unit",
    "A unit of quantity (UN/ECE Rec 20).",
    PIECE="Piece (Stück, H87).",
    KILOGRAM="Kilogram (KGM).",
    TONNE="Tonne, 1000 kg (TNE).",
    LITRE="Litre (LTR).",
    METRE="Metre (MTR).",
    SQUARE_METRE="Square metre (MTK).",
    HOUR="Hour (HUR).",
    PACK="Pack (Packung, XPK).",
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


@shows("item")
@strawberry.type(description="Something you sell or buy (Artikel).")
class Item(Node):
    """Master data of an item."""

    number: str = strawberry.field(description="Item number (Artikelnummer), unique.")
    name: str = strawberry.field(description="What stands on documents.")
    unit: DomainUnit = strawberry.field(description="The unit it is sold in.")
    unit_price: Decimal = strawberry.field(description="Net price of `priceQuantity` units, EUR.")
    price_quantity: Decimal = strawberry.field(description="How many units the price is for.")
    tax_category: DomainTaxCategory = strawberry.field(description="Tax category of a sale.")
    tax_rate: Decimal | None = strawberry.field(description="Rate in percent; null for O.")
    created_at: datetime = strawberry.field(description="When the record was made.")
    updated_at: datetime = strawberry.field(description="When the record was changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to this record, oldest first.")


@strawberry.enum(description="Orders of `items`.")
class ItemSort(Enum):
    """Sorts of the view."""

    NUMBER = strawberry.enum_value("NUMBER", description="By item number.")
    NEWEST = strawberry.enum_value("NEWEST", description="Newest record first.")


@strawberry.input(description="Master data of an item.")
class CreateItemInput:
    """A new item."""

    number: str = strawberry.field(description="Item number, up to 30 characters, unique.")
    name: str = strawberry.field(description="What stands on documents, up to 200 characters.")
    unit: DomainUnit = strawberry.field(description="The unit it is sold in.")
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
    idempotency_key: str = key_field()


CreateItemPayload = payload("CreateItem", item=Item)
