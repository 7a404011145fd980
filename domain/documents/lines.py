"""Lines of a document: what a client asks for, and what is kept after the rules have looked."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from domain.documents.kinds import Kind, Step
from domain.documents.progress import COUNTED, POSTED, TAKEN, fulfilling_step
from domain.items import Item, Unit
from domain.money import (
    DECIMALS_MAX,
    EXACT,
    MustBePositive,
    MustNotBeNegative,
    MustNotBeZero,
    TooPrecise,
    checked,
    checked_amount,
    rounded,
)
from domain.problems import Path, Problem
from domain.tax import REASON_LENGTH_MAX, TaxCategory, checked_rate, checked_reason
from domain.text import Required, checked_text, optional_text

T = TypeVar("T")
NOTHING_YET = Decimal(0)
ONE = Decimal(1)
PERCENT_MAX = Decimal(100)
PERCENT_DECIMALS_MAX = 4  # rates are numeric(7,4)


class LineKind(StrEnum):
    """What a line of a document is. Only ITEM and CHARGE count in its amounts."""

    ITEM = "ITEM"
    CHARGE = "CHARGE"
    TEXT = "TEXT"
    HEADING = "HEADING"
    SUBTOTAL = "SUBTOTAL"
    OPTIONAL = "OPTIONAL"


COUNTING = (LineKind.ITEM, LineKind.CHARGE)
WITH_QUANTITY = (*COUNTING, LineKind.OPTIONAL)
_OF_TIME = frozenset({"HOUR", "DAY"})


class PriceReasonMissing(Problem):
    """A price of 0 needs a reason, such as "sample" or "replacement". Write it beside the price."""


class PercentOutOfRange(Problem):
    """A percentage must lie between 0 and {percent_max}."""

    percent_max: str


class NoQuantityHere(Problem):
    """A line of the kind {kind} has words only: leave this out."""

    kind: str


class QuantityReversed(Problem):
    """What is written of line {position} must count in the same direction as the line: {quantity}."""  # noqa: E501  one sentence for the user

    position: int
    quantity: str


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as asked for. What is left out comes from the item; without an item it is needed.

    One that is not new is a line of the document as it is: that line is changed, and goes on
    knowing the line it came from.
    """

    id: UUID
    quantity: Decimal | None = None
    is_new: bool = True
    kind: LineKind = LineKind.ITEM
    item_id: UUID | None = None
    description: str | None = None
    unit: Unit | None = None
    unit_price: Decimal | None = None
    price_quantity: Decimal | None = None
    discount_percent: Decimal | None = None
    price_reason: str | None = None
    tax_category: TaxCategory | None = None
    tax_rate: Decimal | None = None
    exemption_reason: str | None = None
    supply_date: date | None = None
    account: str | None = None
    cost_centre: str | None = None


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where a line stands, and what its document says about it."""

    tenant_id: UUID
    document_id: UUID
    id: UUID
    position: int
    kind: Kind
    supplied_on: date
    path: Path


class Line:
    """A line as kept. `unit_price` is net for `price_quantity` units (EUR per 1 t, per 100).

    `stock_quantity` is `quantity` in the item's stock unit: `stock_factor` stock units are one
    unit. What its follow-ups took is counted there too (see domain.documents.progress).
    """

    tenant_id: UUID
    document_id: UUID
    id: UUID
    position: int
    kind: LineKind
    item_id: UUID | None
    item_number: str | None
    description: str
    quantity: Decimal | None
    unit: Unit | None
    stock_factor: Decimal
    stock_quantity: Decimal
    quantity_max: Decimal
    unit_price: Decimal | None
    price_quantity: Decimal
    discount_percent: Decimal
    price_reason: str | None
    tax_category: TaxCategory | None
    tax_rate: Decimal | None
    exemption_reason: str | None
    supply_date: date | None
    account: str | None
    cost_centre: str | None
    net: Decimal
    amount_shown: Decimal | None
    source_line_id: UUID | None
    source_document_id: UUID | None
    source_number: str | None
    source_date: date | None
    closed_at: datetime | None
    closed_reason: str | None
    confirmed_quantity: Decimal | None
    open_quantity: Decimal
    taken_order: Decimal
    taken_delivery: Decimal
    taken_invoice: Decimal
    taken_return: Decimal
    taken_credit: Decimal

    def __init__(self, place: LinePlace) -> None:
        self.tenant_id = place.tenant_id
        self.document_id = place.document_id
        self.id = place.id
        self.position = place.position
        self.source_line_id = self.source_document_id = None
        self.source_number = self.source_date = None
        self.closed_at = self.closed_reason = self.confirmed_quantity = None
        self.open_quantity = NOTHING_YET
        for counter in (*TAKEN, *POSTED):
            setattr(self, counter, NOTHING_YET)

    def ask(self, draft: LineDraft, item: Item | None, place: LinePlace) -> None:
        """Take over what a client asks for. Raises the problem of the first thing that is wrong."""
        path = place.path
        _demand_words_only(draft, path)
        self.kind = draft.kind
        self.item_id = item.id if item else None
        self.item_number = item.number if item else None
        self.description = checked_text(
            draft.description or (item.name if item else ""),
            2000 if draft.kind is LineKind.TEXT else 500,
            (*path, "description"),
        )
        self.supply_date = draft.supply_date
        self.account = optional_text(draft.account, 20, (*path, "account"))
        self.cost_centre = optional_text(draft.cost_centre, 40, (*path, "costCentre"))
        self.price_reason = optional_text(draft.price_reason, 200, (*path, "priceReason"))
        self._ask_quantity(draft, item, path)
        self._ask_price(draft, item, place)
        self._ask_tax(draft, item, place)
        self.compute(path)

    def _ask_quantity(self, draft: LineDraft, item: Item | None, path: Path) -> None:
        if draft.kind not in WITH_QUANTITY:
            self.quantity, self.unit, self.stock_factor = None, None, ONE
            self.stock_quantity = self.quantity_max = NOTHING_YET
            return
        given = ONE if draft.kind is LineKind.CHARGE else None
        quantity = checked(_given(draft.quantity, given, (*path, "quantity")), (*path, "quantity"))
        if quantity == 0:
            raise MustNotBeZero(path=(*path, "quantity"))
        usual = item.unit if item else Unit.PIECE if draft.kind is LineKind.CHARGE else None
        self.unit = _given(draft.unit, usual, (*path, "unit"))
        self.stock_factor = item.factor(self.unit, (*path, "unit")) if item else ONE
        self.set_quantity(quantity, (*path, "quantity"))

    def set_quantity(self, quantity: Decimal, path: Path, tolerance: Decimal = NOTHING_YET) -> None:
        """Take a quantity in the line's unit; `tolerance` percent more may be converted."""
        self.quantity = quantity
        self.stock_quantity = in_stock_units(quantity, self.stock_factor, path)
        self.tolerate(tolerance, path)

    def tolerate(self, percent: Decimal, path: Path) -> None:
        """Let follow-ups take `percent` more than the quantity. Raises TooLarge."""
        most = EXACT.multiply(self.stock_quantity, EXACT.add(ONE, percent / 100))
        self.quantity_max = checked(EXACT.quantize(most, _SMALLEST), path)

    def keep_stock_quantity(self, before: "Line") -> None:
        """Keep the exact stock quantity of a line that still says the same.

        The rest of a line is not always a round number of its units: a third of a pallet is.
        """
        if all(getattr(self, name) == getattr(before, name) for name in _MEASURE):
            self.stock_quantity = before.stock_quantity

    @property
    def goods(self) -> tuple[object, ...]:
        """What must stay the same along a chain: the item, or without one the unit."""
        return (self.item_id, None if self.item_id else self.unit)

    def _ask_price(self, draft: LineDraft, item: Item | None, place: LinePlace) -> None:
        path = place.path
        self.discount_percent = checked_percent(
            draft.discount_percent or NOTHING_YET, (*path, "discountPercent")
        )
        usual = item.price_quantity if item else ONE
        self.price_quantity = checked(
            ONE if draft.kind not in WITH_QUANTITY else _given(draft.price_quantity, usual, path),
            (*path, "priceQuantity"),
        )
        if self.price_quantity <= 0:
            raise MustBePositive(path=(*path, "priceQuantity"))
        if draft.kind not in WITH_QUANTITY:
            self.unit_price = None
            return
        found = draft.unit_price
        if found is None and item is not None:
            found = _price_in(item, self.stock_factor)
        if found is None and not place.kind.priced:
            self.unit_price = None
            return
        self.unit_price = checked(_given(found, None, (*path, "unitPrice")), (*path, "unitPrice"))
        if self.unit_price < 0:
            raise MustNotBeNegative(path=(*path, "unitPrice"))
        if place.kind.priced and self.unit_price == 0 and not self.price_reason:
            raise PriceReasonMissing(path=(*path, "priceReason"))

    def _ask_tax(self, draft: LineDraft, item: Item | None, place: LinePlace) -> None:
        path, usual = place.path, item.tax_category if item else None
        self.tax_category = self.tax_rate = self.exemption_reason = None
        if draft.kind not in WITH_QUANTITY:
            return
        if not place.kind.priced and draft.tax_category is None and usual is None:
            return
        self.tax_category = _given(draft.tax_category, usual, (*path, "taxCategory"))
        takes_items_rate = draft.tax_category in (None, usual)
        rate = item.tax_rate if item and takes_items_rate and draft.tax_rate is None else None
        self.tax_rate = checked_rate(
            self.tax_category,
            draft.tax_rate if rate is None else rate,
            draft.supply_date or place.supplied_on,
            (*path, "taxRate"),
        )
        self.exemption_reason = checked_reason(
            self.tax_category,
            optional_text(draft.exemption_reason, REASON_LENGTH_MAX, (*path, "exemptionReason")),
            (*path, "exemptionReason"),
        )

    def compute(self, path: Path) -> None:
        """Compute what the line is worth; only lines that count have a net amount."""
        amount = NOTHING_YET
        if self.unit_price is not None and self.quantity is not None:
            amount = checked_amount(
                line_net(
                    self.quantity, self.unit_price, self.price_quantity, self.discount_percent
                ),
                path,
            )
        self.net = amount if self.kind in COUNTING else rounded(NOTHING_YET)
        self.amount_shown = amount if self.kind is LineKind.OPTIONAL else None

    def carry(
        self, source: "Line", quantity: Decimal | None, path: Path, stock: Decimal | None = None
    ) -> None:
        """Take over what was agreed on a line above; `quantity` is in the unit of that line.

        `stock` is the exact quantity in stock units where the other is a rounded one.
        """
        for name in CARRIED:
            setattr(self, name, getattr(source, name))
        if source.kind is LineKind.OPTIONAL:
            self.kind = LineKind.ITEM  # an option that is ordered is none any more
        if quantity is None:
            self.quantity = None
            self.stock_quantity = self.quantity_max = NOTHING_YET
        else:
            self.set_quantity(quantity, path)
            if stock is not None:
                self.stock_quantity = self.quantity_max = stock
        self.compute(path)

    def demand_same_direction(self, quantity: Decimal, path: Path) -> None:
        """Raise QuantityReversed for empties where goods go out, and the other way round."""
        if quantity * self.stock_quantity < 0:
            raise QuantityReversed(
                position=self.position, quantity=f"{self.quantity or 0:f}", path=path
            )

    def take_over(self, asked: "Line") -> None:
        """Become what was asked for, and stay the line that others know."""
        for name in ("position", *CONTENT):
            value = getattr(asked, name)
            if getattr(self, name) != value:
                setattr(self, name, value)

    def is_delivered(self) -> bool:
        """Say whether this is something that is delivered, not work or a charge."""
        return self.kind is not LineKind.CHARGE and self.unit not in _OF_TIME

    def open_stock(self, step: Step) -> Decimal:
        """Return what a line of a document of `step` still waits for, in stock units."""
        waits_for = fulfilling_step(step, is_delivered=self.is_delivered())
        if waits_for is None or self.closed_at is not None or self.kind not in COUNTING:
            return NOTHING_YET
        taken: Decimal = getattr(self, COUNTED[waits_for][0])
        if step is Step.DELIVERY:
            taken += self.taken_return
        rest = self.stock_quantity - taken
        return rest if rest * self.stock_quantity > 0 else NOTHING_YET

    def in_unit(self, stock: Decimal) -> Decimal:
        """Return a quantity in stock units as one in the unit of the line."""
        return EXACT.quantize(EXACT.divide(stock, self.stock_factor), _SMALLEST)


_SMALLEST = Decimal(1).scaleb(-DECIMALS_MAX)
_SMALLEST_PERCENT = Decimal(1).scaleb(-PERCENT_DECIMALS_MAX)
_MEASURE = ("quantity", "item_id", "unit", "stock_factor")

CARRIED: tuple[str, ...] = (
    "kind",
    "item_id",
    "item_number",
    "description",
    "unit",
    "stock_factor",
    "unit_price",
    "price_quantity",
    "discount_percent",
    "price_reason",
    "tax_category",
    "tax_rate",
    "exemption_reason",
    "supply_date",
    "account",
    "cost_centre",
)
"""What a line takes over from the line it comes from, beside the quantity."""

CONTENT: tuple[str, ...] = (
    *CARRIED,
    "quantity",
    "stock_quantity",
    "quantity_max",
    "net",
    "amount_shown",
)
"""What a client says about a line, with what follows from it."""


def line_net(
    quantity: Decimal,
    unit_price: Decimal,
    price_quantity: Decimal,
    discount_percent: Decimal = NOTHING_YET,
) -> Decimal:
    """Return quantity x price / price quantity less discount, rounded once (EN 16931 BT-131).

    >>> line_net(Decimal("250"), Decimal("19.90"), Decimal("100"))
    Decimal('49.75')
    >>> line_net(Decimal("10"), Decimal("9.99"), Decimal("1"), Decimal("2.5"))
    Decimal('97.40')
    """
    full = EXACT.divide(EXACT.multiply(quantity, unit_price), price_quantity)
    return rounded(EXACT.multiply(full, EXACT.subtract(ONE, discount_percent / 100)))


def in_stock_units(quantity: Decimal, factor: Decimal, path: Path) -> Decimal:
    """Return a quantity in stock units, exactly. Raises TooPrecise where it cannot be kept."""
    stock = EXACT.multiply(quantity, factor)
    kept = EXACT.quantize(stock, _SMALLEST)
    if kept != stock:
        raise TooPrecise(decimals_max=DECIMALS_MAX, path=path)
    return checked(kept, path)


def checked_percent(percent: Decimal, path: Path) -> Decimal:
    """Return a percentage between 0 and 100. Raises PercentOutOfRange."""
    percent = checked(percent, path)
    if percent != EXACT.quantize(percent, _SMALLEST_PERCENT):
        raise TooPrecise(decimals_max=PERCENT_DECIMALS_MAX, path=path)
    if not 0 <= percent <= PERCENT_MAX:
        raise PercentOutOfRange(percent_max=str(PERCENT_MAX), path=path)
    return percent


_AMOUNTS = {
    "quantity": "quantity",
    "unit": "unit",
    "unit_price": "unitPrice",
    "price_quantity": "priceQuantity",
    "discount_percent": "discountPercent",
    "tax_category": "taxCategory",
    "tax_rate": "taxRate",
}
"""What a line of words cannot have, by the name of its field in the input."""


def _demand_words_only(draft: LineDraft, path: Path) -> None:
    """Raise NoQuantityHere for a text, heading or subtotal with a quantity or a price."""
    if draft.kind in WITH_QUANTITY:
        return
    for name, field in _AMOUNTS.items():
        if getattr(draft, name) is not None:
            raise NoQuantityHere(kind=draft.kind, path=(*path, field))


def _price_in(item: Item, factor: Decimal) -> Decimal:
    """Return the item's list price for a unit of `factor` stock units."""
    return EXACT.quantize(EXACT.multiply(item.unit_price, factor), _SMALLEST).normalize() + 0


def _given(value: T | None, otherwise: T | None, path: Path) -> T:
    found = otherwise if value is None else value
    if found is None:
        raise Required(path=path)
    return found
