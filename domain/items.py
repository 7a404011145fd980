"""Items (Artikel) and the units they are sold in."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.journal import Recorder
from domain.money import MustBePositive, MustNotBeNegative, checked
from domain.problems import Path, Problem
from domain.tax import TaxCategory, checked_rate
from domain.text import checked_text


class Unit(StrEnum):
    """A unit of quantity; its value is what clients write, `code` the UN/ECE Rec 20 code."""

    PIECE = "PIECE"
    KILOGRAM = "KILOGRAM"
    TONNE = "TONNE"
    LITRE = "LITRE"
    METRE = "METRE"
    SQUARE_METRE = "SQUARE_METRE"
    HOUR = "HOUR"
    PACK = "PACK"

    @property
    def code(self) -> str:
        """The code that e-invoices write (UN/ECE Recommendation 20)."""
        return _CODES[self]


_CODES: dict[Unit, str] = {
    Unit.PIECE: "H87",
    Unit.KILOGRAM: "KGM",
    Unit.TONNE: "TNE",
    Unit.LITRE: "LTR",
    Unit.METRE: "MTR",
    Unit.SQUARE_METRE: "MTK",
    Unit.HOUR: "HUR",
    Unit.PACK: "XPK",
}


class DuplicateItem(Problem):
    """There is already an item with the number {number}."""

    number: str


class Item(Recorder):
    """Something we sell or buy: `unit_price` is for `price_quantity` units, net, in EUR."""

    entity_type = "item"

    id: UUID
    tenant_id: UUID
    number: str
    name: str
    unit: Unit
    unit_price: Decimal
    price_quantity: Decimal
    tax_category: TaxCategory
    tax_rate: Decimal | None
    version: int

    def __init__(
        self,
        *,
        id: UUID,
        tenant_id: UUID,
        number: str,
        name: str,
        unit: Unit,
        unit_price: Decimal,
        price_quantity: Decimal,
        tax_category: TaxCategory,
        tax_rate: Decimal | None,
        today: date,
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.number = checked_text(number, 30, ("input", "number"))
        self.name = checked_text(name, 200, ("input", "name"))
        self.unit = unit
        self.unit_price = checked(unit_price, ("input", "unitPrice"))
        self.price_quantity = checked(price_quantity, ("input", "priceQuantity"))
        if self.unit_price < 0:
            raise MustNotBeNegative(path=("input", "unitPrice"))
        if self.price_quantity <= 0:
            raise MustBePositive(path=("input", "priceQuantity"))
        self.tax_category = tax_category
        self.tax_rate = checked_rate(tax_category, tax_rate, today, ("input", "taxRate"))
        self.record("ItemCreated", action="CREATE", number=self.number)

    def factor(self, unit: Unit, path: Path) -> Decimal:
        """Return how many stock units one `unit` is."""
        return Decimal(1)
