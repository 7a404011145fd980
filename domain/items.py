"""Items (Artikel): what is sold and bought, in which units, from which suppliers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from domain.gtin import checked_gtin
from domain.journal import Recorder
from domain.money import (
    DECIMALS_MAX,
    EXACT,
    MustBePositive,
    MustNotBeNegative,
    checked,
)
from domain.problems import Path, Problem
from domain.tax import ItemTaxClass as ItemTaxClass
from domain.tax import TaxCategory, checked_rate
from domain.text import checked_text, optional_text
from domain.units import Unit as Unit
from domain.units import factors, physical_factor

CURRENCY = "EUR"
"""The currency of an item's own prices."""
GROUP_LENGTH_MAX = 40
DESCRIPTION_LENGTH_MAX = 2000
SUPPLIERS_MAX = 50
PRICE_MAX = Decimal(10) ** 12
"""Below what numeric(18,6) holds."""
LEAD_DAYS_MAX = 730


class DuplicateItem(Problem):
    """There is already an item with the number {number}."""

    number: str


class UnitNotConvertible(Problem):
    """Item {item} cannot be counted in {unit}; possible: {possible_units}."""

    item: str
    unit: str
    possible_units: str


class UnitFactorFixed(Problem):
    """1 {unit} is always {factor} {stock_unit}, so an item cannot say otherwise."""

    unit: str
    factor: str
    stock_unit: str


class ListedTwice(Problem):
    """{name} stands in this list twice."""

    name: str


class TooManySuppliers(Problem):
    """An item may have {suppliers_max} suppliers at the most."""

    suppliers_max: int


class LeadDaysOutOfRange(Problem):
    """A supplier's lead time is 0 to {days_max} days."""

    days_max: int


class ItemBlocked(Problem):
    """Item {number} is blocked: {reason}."""

    number: str
    reason: str


class ItemNotBlocked(Problem):
    """Item {number} is not blocked."""

    number: str


def tax_class_of(category: TaxCategory, rate: Decimal | None) -> ItemTaxClass:
    """Return the class that a category and rate mean where none is named.

    Of category S, the full rates (19 %, once 16 %) are standard, those below reduced. K and G say
    where the goods go, not what they are: standard.

    >>> str(tax_class_of(TaxCategory.S, Decimal(7)))
    'REDUCED'
    """
    if category is TaxCategory.S and rate is not None and rate < 16:
        return ItemTaxClass.REDUCED
    return {
        TaxCategory.Z: ItemTaxClass.ZERO_RATED,
        TaxCategory.E: ItemTaxClass.EXEMPT,
        TaxCategory.O: ItemTaxClass.OUT_OF_SCOPE,
        TaxCategory.AE: ItemTaxClass.REVERSE_CHARGE_GOODS,
    }.get(category, ItemTaxClass.STANDARD)


@dataclass(frozen=True, slots=True)
class UnitDraft:
    """A further unit as asked for: `factor` is how many stock units one of it is."""

    unit: Unit
    factor: Decimal


@dataclass(frozen=True, slots=True)
class SupplierDraft:
    """A supplier as asked for: his number and name of the item, `lead_days` from order to here."""

    partner_id: UUID
    item_number: str | None = None
    item_name: str | None = None
    lead_days: int | None = None


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item as asked for. `unit` is the stock unit (Lagereinheit), `weight_kg` that of one."""

    number: str
    name: str
    unit: Unit
    unit_price: Decimal
    price_quantity: Decimal = Decimal(1)
    tax_category: TaxCategory = TaxCategory.S
    tax_rate: Decimal | None = None
    tax_class: ItemTaxClass | None = None
    description_de: str | None = None
    description_en: str | None = None
    item_group: str | None = None
    gtin: str | None = None
    is_stocked: bool = True
    weight_kg: Decimal | None = None
    units: Sequence[UnitDraft] = ()
    suppliers: Sequence[SupplierDraft] = ()


class ItemUnit:
    """A further unit of an item: `factor` is how many stock units one of it is."""

    tenant_id: UUID
    item_id: UUID
    unit: Unit
    factor: Decimal

    def __init__(self, draft: UnitDraft, item: "Item", path: Path) -> None:
        self.tenant_id = item.tenant_id
        self.item_id = item.id
        self.unit = draft.unit
        self.factor = checked(draft.factor, (*path, "factor"))
        if self.factor <= 0:
            raise MustBePositive(path=(*path, "factor"))
        physical = physical_factor(draft.unit, item.unit)
        if physical is not None and physical != self.factor:
            raise UnitFactorFixed(
                unit=draft.unit, factor=f"{physical:f}", stock_unit=item.unit, path=path
            )


@dataclass(frozen=True, slots=True)
class Bought:
    """What one stock unit cost on a day, net, in CURRENCY, and which document tells so."""

    partner_id: UUID
    cost: Decimal
    on: date
    document_id: UUID


class ItemSupplier:
    """Who supplies an item, what he calls it (Lieferantenartikelnummer), what he took lately.

    `last_purchase_price` is for as many stock units as the item's own prices.
    """

    tenant_id: UUID
    item_id: UUID
    partner_id: UUID
    item_number: str | None
    item_name: str | None
    lead_days: int | None
    last_purchase_price: Decimal | None
    last_purchased_on: date | None

    def __init__(self, draft: SupplierDraft, item: "Item", path: Path) -> None:
        self.tenant_id = item.tenant_id
        self.item_id = item.id
        self.partner_id = draft.partner_id
        self.item_number = optional_text(draft.item_number, 50, (*path, "itemNumber"))
        self.item_name = optional_text(draft.item_name, 200, (*path, "itemName"))
        if draft.lead_days is not None and not 0 <= draft.lead_days <= LEAD_DAYS_MAX:
            raise LeadDaysOutOfRange(days_max=LEAD_DAYS_MAX, path=(*path, "leadDays"))
        self.lead_days = draft.lead_days
        self.last_purchase_price = self.last_purchased_on = None


@dataclass(frozen=True, slots=True)
class Goods:
    """What prices and quantities ask of an item: its units with their factors, its own prices.

    Both prices are net, in CURRENCY, for `price_quantity` stock units.
    """

    id: UUID
    number: str
    item_group: str | None
    unit: Unit
    factors: Mapping[Unit, Decimal]
    unit_price: Decimal
    price_quantity: Decimal
    last_purchase_price: Decimal | None = None

    def factor(self, unit: Unit, path: Path = ()) -> Decimal:
        """Return how many stock units one `unit` is. Raises UnitNotConvertible."""
        found = self.factors.get(unit)
        if found is None:
            possible = ", ".join(self.factors)
            raise UnitNotConvertible(
                item=self.number, unit=unit, possible_units=possible, path=path
            )
        return found


class Item(Recorder):
    """Something we sell or buy: `unit_price` is for `price_quantity` stock units, net, in EUR.

    `last_purchase_price` is for as many, told by the newest receipt or bill of any supplier
    (domain.documents.purchases).
    """

    entity_type = "item"

    id: UUID
    tenant_id: UUID
    number: str
    name: str
    description_de: str | None
    description_en: str | None
    item_group: str | None
    unit: Unit
    unit_price: Decimal
    price_quantity: Decimal
    last_purchase_price: Decimal | None
    last_purchased_on: date | None
    tax_category: TaxCategory
    tax_rate: Decimal | None
    tax_class: ItemTaxClass
    gtin: str | None
    is_stocked: bool
    weight_kg: Decimal | None
    blocked_reason: str | None
    units: list[ItemUnit]
    suppliers: list[ItemSupplier]
    version: int

    def __init__(self, *, id: UUID, tenant_id: UUID, draft: ItemDraft, today: date) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.last_purchase_price = self.last_purchased_on = None
        self.blocked_reason = None
        self.suppliers = []
        self._take(draft, today)
        self.record("ItemCreated", action="CREATE", number=self.number)

    def update(self, draft: ItemDraft, *, at: datetime, today: date) -> None:
        """Take over a whole new set of master data; documents keep what they said before.

        What it cost lately stays, told for the new price quantity and stock unit.
        """
        before, per = self.goods, self.price_quantity
        self._take(draft, today)
        self._retell_purchases(before, per)
        self.updated_at = at
        self.record("ItemUpdated", action="UPDATE")

    def note_purchase(self, bought: Bought, *, at: datetime) -> None:
        """Remember what it cost, of this supplier and at all; an older day changes nothing.

        A supplier who is not among its suppliers becomes one, unless the list is full.
        """
        price = kept_price(EXACT.multiply(bought.cost, self.price_quantity))
        if price is None:
            return
        entry = next(
            (each for each in self.suppliers if each.partner_id == bought.partner_id), None
        )
        if entry is None and len(self.suppliers) < SUPPLIERS_MAX:
            entry = ItemSupplier(SupplierDraft(bought.partner_id), self, ())
            self.suppliers.append(entry)
        entries: tuple[Item | ItemSupplier, ...] = (self, entry) if entry else (self,)
        told = [each for each in entries if _is_older(each, bought.on)]
        for each in told:
            each.last_purchase_price, each.last_purchased_on = price, bought.on
        if told:
            self.updated_at = at
            self.record("ItemPurchased", action="NOTE_PURCHASE", document_id=bought.document_id)

    def _retell_purchases(self, before: Goods, per: Decimal) -> None:
        """Say the last purchase prices for other units; unknown where those do not convert."""
        factor = self.goods.factors.get(before.unit)
        if factor == 1 and per == self.price_quantity:
            return
        entries: tuple[Item | ItemSupplier, ...] = (self, *self.suppliers)
        for each in entries:
            told = each.last_purchase_price
            if told is None:
                continue
            share = factor and EXACT.divide(self.price_quantity, EXACT.multiply(per, factor))
            each.last_purchase_price = kept_price(EXACT.multiply(told, share)) if share else None
            if each.last_purchase_price is None:
                each.last_purchased_on = None

    def _take(self, draft: ItemDraft, today: date) -> None:
        self.number = checked_text(draft.number, 30, ("input", "number"))
        self.name = checked_text(draft.name, 200, ("input", "name"))
        self.description_de = _description(draft.description_de, "descriptionDe")
        self.description_en = _description(draft.description_en, "descriptionEn")
        self.item_group = optional_text(draft.item_group, GROUP_LENGTH_MAX, ("input", "itemGroup"))
        self.gtin = checked_gtin(draft.gtin, ("input", "gtin"))
        self.is_stocked = draft.is_stocked
        self.unit = draft.unit
        self._take_numbers(draft)
        self.tax_category = draft.tax_category
        self.tax_rate = checked_rate(
            draft.tax_category, draft.tax_rate, today, ("input", "taxRate")
        )
        self.tax_class = draft.tax_class or tax_class_of(self.tax_category, self.tax_rate)
        self.units = self._taken_units(draft.units)
        self.suppliers = self._taken_suppliers(draft.suppliers)

    def _take_numbers(self, draft: ItemDraft) -> None:
        self.unit_price = checked(draft.unit_price, ("input", "unitPrice"))
        self.price_quantity = checked(draft.price_quantity, ("input", "priceQuantity"))
        if self.unit_price < 0:
            raise MustNotBeNegative(path=("input", "unitPrice"))
        if self.price_quantity <= 0:
            raise MustBePositive(path=("input", "priceQuantity"))
        self.weight_kg = None
        if draft.weight_kg is not None:
            self.weight_kg = checked(draft.weight_kg, ("input", "weightKg"))
            if self.weight_kg <= 0:
                raise MustBePositive(path=("input", "weightKg"))

    def _taken_units(self, drafts: Sequence[UnitDraft]) -> list[ItemUnit]:
        _refuse_twice((draft.unit for draft in drafts), "units", "unit")
        return [
            ItemUnit(draft, self, ("input", "units", str(place)))
            for place, draft in enumerate(drafts)
        ]

    def _taken_suppliers(self, drafts: Sequence[SupplierDraft]) -> list[ItemSupplier]:
        if len(drafts) > SUPPLIERS_MAX:
            raise TooManySuppliers(suppliers_max=SUPPLIERS_MAX, path=("input", "suppliers"))
        _refuse_twice((f"par_{draft.partner_id}" for draft in drafts), "suppliers", "partnerId")
        known = {each.partner_id: each for each in self.suppliers}
        taken = []
        for place, draft in enumerate(drafts):
            entry = ItemSupplier(draft, self, ("input", "suppliers", str(place)))
            before = known.get(draft.partner_id)
            if before is not None:  # what he took lately is no master data that a draft says
                entry.last_purchase_price = before.last_purchase_price
                entry.last_purchased_on = before.last_purchased_on
            taken.append(entry)
        return taken

    def block(self, reason: str, *, at: datetime) -> None:
        """Let it be sold and bought no more; a second reason replaces the first."""
        self.blocked_reason = checked_text(reason, 200, ("input", "reason"))
        self.updated_at = at
        self.record("ItemBlocked", action="BLOCK", reason=self.blocked_reason)

    def unblock(self, *, at: datetime) -> None:
        """Let it be sold and bought again. Raises ItemNotBlocked."""
        if self.blocked_reason is None:
            raise ItemNotBlocked(number=self.number, path=("input", "id"))
        self.blocked_reason = None
        self.updated_at = at
        self.record("ItemUnblocked", action="UNBLOCK")

    def refuse_blocked(self, path: Path) -> None:
        """Raise ItemBlocked if it may not be sold or bought."""
        if self.blocked_reason is not None:
            raise ItemBlocked(number=self.number, reason=self.blocked_reason, path=path)

    @property
    def goods(self) -> Goods:
        """What prices and quantities ask of it."""
        return Goods(
            id=self.id,
            number=self.number,
            item_group=self.item_group,
            unit=self.unit,
            factors=factors(self.unit, {each.unit: each.factor for each in self.units}),
            unit_price=self.unit_price,
            price_quantity=self.price_quantity,
            last_purchase_price=self.last_purchase_price,
        )

    def factor(self, unit: Unit, path: Path = ()) -> Decimal:
        """Return how many stock units one `unit` is, exactly: the item's own factor first.

        Raises UnitNotConvertible.
        """
        return self.goods.factor(unit, path)


def kept_price(price: Decimal) -> Decimal | None:
    """Return a price that we computed as it is kept, to six decimals; None for one too large.

    >>> kept_price(Decimal("200.0000004"))
    Decimal('200.000000')
    """
    if price >= PRICE_MAX:
        return None
    return EXACT.quantize(price, Decimal(1).scaleb(-DECIMALS_MAX))


def _is_older(known: Item | ItemSupplier, on: date) -> bool:
    return known.last_purchased_on is None or known.last_purchased_on <= on


def _description(text: str | None, field: str) -> str | None:
    return optional_text(text, DESCRIPTION_LENGTH_MAX, ("input", field))


def _refuse_twice(names: Iterable[str], listed: str, field: str) -> None:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            raise ListedTwice(name=str(name), path=("input", listed, str(place), field))
        seen.add(name)
