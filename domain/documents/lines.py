"""Lines of a document: what a client asks for, and what is kept after the rules have looked."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from domain.amounts import Allowance, AllowanceReasonMissing, AmountLine, line_amount
from domain.amounts.lines import ALLOWANCE_REASON_LENGTH_MAX
from domain.documents.kinds import PURCHASE, Kind, Step
from domain.documents.progress import COUNTED, POSTED, TAKEN, fulfilling_step
from domain.items import Item, Unit
from domain.money import (
    DECIMALS_MAX,
    EXACT,
    MustBePositive,
    MustNotBeNegative,
    MustNotBeZero,
    checked,
    checked_percent,
    rounded,
)
from domain.prices.price import PriceSource
from domain.prices.search import PriceFound
from domain.problems import Path, Problem
from domain.tax import (
    REASON_LENGTH_MAX,
    TaxCategory,
    TaxChoice,
    TaxProposal,
    check_override,
    checked_rate,
    checked_reason,
)
from domain.text import Required, checked_text, optional_text
from domain.units import in_stock_unit

if TYPE_CHECKING:
    from domain.documents.document import Document

T = TypeVar("T")
NOTHING_YET = Decimal(0)
ONE = Decimal(1)


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
OF_TIME = frozenset({Unit.HOUR, Unit.DAY})
"""Work is measured in time: it is done, not delivered."""


class PriceReasonMissing(Problem):
    """A price of 0 needs a reason, such as "sample" or "replacement". Write it beside the price."""


class PriceNotFound(Problem):
    """No price was found for {item}. Write one on the line, or put one into the price list."""

    item: str


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
    knowing the line it came from. `found` and `proposal` are the answers of the price search, in
    the unit of the line, and of the tax table.
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
    allowance_amount: Decimal | None = None
    charge_amount: Decimal | None = None
    allowance_reason: str | None = None
    tax_category: TaxCategory | None = None
    tax_rate: Decimal | None = None
    exemption_reason: str | None = None
    supply_date: date | None = None
    account: str | None = None
    cost_centre: str | None = None
    tax_override_reason: str | None = None
    source_line_id: UUID | None = None
    is_price_correction: bool = False
    found: PriceFound | None = None
    proposal: TaxProposal | None = None


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where a line stands, and what its document says about it.

    `is_price_open` leaves its price to the day of the call-off; one that is written is a hint.
    """

    tenant_id: UUID
    document_id: UUID
    id: UUID
    position: int
    kind: Kind
    supplied_on: date
    path: Path
    is_price_open: bool = False


class Line:
    """A line as kept. `unit_price` is net for `price_quantity` units (EUR per 1 t, per 100).

    `stock_quantity` is `quantity` in the item's stock unit: `stock_factor` stock units are one
    unit. What its follow-ups took is counted there too (see domain.documents.progress).
    `credited_net` is what credit notes took off an invoice line, drafts counted, in its currency.
    `billed_beside` is what invoices made of its order took of a delivery line; it is not kept but
    found anew whenever the chain is locked (see domain.documents.beside). So are `creditable`, what
    was billed of goods that came back of a delivery line, and `never_billed`, what of a return line
    waits for no credit note (see domain.documents.returned).
    """

    tenant_id: UUID
    document_id: UUID
    id: UUID
    position: int
    kind: LineKind
    billed_beside: Decimal = NOTHING_YET
    creditable: Decimal = NOTHING_YET
    never_billed: Decimal = NOTHING_YET
    item_id: UUID | None
    item_number: str | None
    description: str
    quantity: Decimal | None
    unit: Unit | None
    stock_factor: Decimal
    stock_quantity: Decimal
    quantity_max: Decimal
    invoice_max: Decimal | None
    is_price_correction: bool
    unit_price: Decimal | None
    price_quantity: Decimal
    discount_percent: Decimal
    price_reason: str | None
    price_source: PriceSource | None
    found_price: Decimal | None
    allowance_amount: Decimal | None
    charge_amount: Decimal | None
    allowance_reason: str | None
    tax_category: TaxCategory | None
    tax_rate: Decimal | None
    exemption_reason: str | None
    tax_reason: str | None
    tax_warning: str | None
    tax_override_reason: str | None
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
    ordered: Decimal
    delivered: Decimal
    invoiced: Decimal
    returned: Decimal
    credited: Decimal
    credited_net: Decimal

    def __init__(self, place: LinePlace) -> None:
        self.tenant_id = place.tenant_id
        self.document_id = place.document_id
        self.id = place.id
        self.position = place.position
        self.source_line_id = self.source_document_id = None
        self.source_number = self.source_date = None
        self.closed_at = self.closed_reason = self.confirmed_quantity = None
        self.may_be_overbilled = place.kind.side == PURCHASE
        self.is_price_correction = False
        self.open_quantity = self.credited_net = NOTHING_YET
        for counter in (*TAKEN, *POSTED):
            setattr(self, counter, NOTHING_YET)

    def ask(self, draft: LineDraft, item: Item | None, place: LinePlace) -> None:
        """Take over what a client asks for. Raises the problem of the first thing that is wrong."""
        path = place.path
        _demand_words_only(draft, path)
        self.kind = draft.kind
        self.source_line_id = draft.source_line_id
        self.is_price_correction = draft.is_price_correction
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
            self.stock_quantity = self.quantity_max = self.invoice_max = NOTHING_YET
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
        self.stock_quantity = in_stock_unit(quantity, self.stock_factor, path)
        self.tolerate(tolerance, path)

    def tolerate(self, percent: Decimal, path: Path) -> None:
        """Let follow-ups take `percent` more than the quantity. Raises TooLarge."""
        most = EXACT.multiply(self.stock_quantity, EXACT.add(ONE, percent / 100))
        self.quantity_max = checked(EXACT.quantize(most, _SMALLEST), path)
        self.invoice_max = None if self.may_be_overbilled else self.quantity_max

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
        asks = draft.unit_price is None and not place.is_price_open
        found = draft.found if asks else None
        if found is not None and draft.price_quantity not in (None, found.price_quantity):
            raise Required(path=(*path, "unitPrice"))
        self._ask_discount(draft, found, path)
        usual = item.price_quantity if item and self.unit is item.unit else ONE
        self.price_quantity = ONE
        if draft.kind in WITH_QUANTITY:
            asked = usual if draft.price_quantity is None else draft.price_quantity
            self.price_quantity = found.price_quantity if found else asked
        checked(self.price_quantity, (*path, "priceQuantity"))
        self._ask_allowances(draft, path)
        if self.price_quantity <= 0:
            raise MustBePositive(path=(*path, "priceQuantity"))
        self._note_source(draft, found)
        price = found.unit_price if found else draft.unit_price
        may_lack = place.is_price_open or not place.kind.priced
        if draft.kind not in WITH_QUANTITY or (price is None and may_lack):
            self.unit_price = None
            return
        if price is None and item is not None:
            raise PriceNotFound(item=item.number, path=(*path, "unitPrice"))
        self.unit_price = checked(_given(price, None, (*path, "unitPrice")), (*path, "unitPrice"))
        if self.unit_price < 0:
            raise MustNotBeNegative(path=(*path, "unitPrice"))
        if place.kind.priced and self.unit_price == 0 and not self.price_reason:
            raise PriceReasonMissing(path=(*path, "priceReason"))

    def _ask_discount(self, draft: LineDraft, found: PriceFound | None, path: Path) -> None:
        asked = draft.discount_percent
        if asked is None and found is not None:
            asked = found.discount_percent
        self.discount_percent = asked or NOTHING_YET
        if self.discount_percent:
            checked_percent(self.discount_percent, (*path, "discountPercent"))

    def _note_source(self, draft: LineDraft, found: PriceFound | None) -> None:
        """Keep where the price comes from, and beside one written by hand the one that was found.

        Both are for the same price quantity, so that a person can compare them.
        """
        self.price_source = found.source if found else None
        self.found_price = None
        if draft.found is not None and draft.unit_price is not None:
            self.price_source = PriceSource.MANUAL
            per_unit = EXACT.divide(draft.found.unit_price, draft.found.price_quantity)
            price = EXACT.multiply(per_unit, self.price_quantity)
            if price < _PRICE_MAX:
                self.found_price = EXACT.quantize(price, _SMALLEST)

    def _ask_allowances(self, draft: LineDraft, path: Path) -> None:
        self.allowance_amount = _amount(draft.allowance_amount, (*path, "allowanceAmount"))
        self.charge_amount = _amount(draft.charge_amount, (*path, "chargeAmount"))
        self.allowance_reason = optional_text(
            draft.allowance_reason, ALLOWANCE_REASON_LENGTH_MAX, (*path, "allowanceReason")
        )
        if (self.allowance_amount or self.charge_amount) and not self.allowance_reason:
            raise AllowanceReasonMissing(path=(*path, "allowanceReason"))

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """What is taken off and put on this line, beside its discount in percent."""
        return tuple(
            Allowance(amount=amount, is_charge=is_charge, reason=self.allowance_reason)
            for amount, is_charge in ((self.allowance_amount, False), (self.charge_amount, True))
            if amount
        )

    def _ask_tax(self, draft: LineDraft, item: Item | None, place: LinePlace) -> None:
        path, proposal = place.path, draft.proposal
        usual = proposal.category if proposal else item.tax_category if item else None
        self.tax_category = self.tax_rate = self.exemption_reason = None
        self.tax_reason = self.tax_warning = self.tax_override_reason = None
        if draft.kind not in WITH_QUANTITY:
            return
        if not place.kind.priced and draft.tax_category is None and usual is None:
            return
        self.tax_category = _given(draft.tax_category, usual, (*path, "taxCategory"))
        rate = draft.tax_rate
        if rate is None and draft.tax_category in (None, usual):
            rate = proposal.rate if proposal else item.tax_rate if item else None
        on = draft.supply_date or place.supplied_on
        self.tax_rate = checked_rate(self.tax_category, rate, on, (*path, "taxRate"))
        said = optional_text(draft.exemption_reason, REASON_LENGTH_MAX, (*path, "exemptionReason"))
        if proposal is not None:
            choice = TaxChoice(self.tax_category, self.tax_rate)
            self.tax_override_reason = check_override(
                proposal, choice, draft.tax_override_reason, (*path, "taxOverrideReason")
            )
            self.tax_reason = proposal.why.code.value
            self.tax_warning = proposal.warning.value if proposal.warning else None
            if self.tax_override_reason is None:
                said = said or proposal.reason_text
        self.exemption_reason = checked_reason(self.tax_category, said, (*path, "exemptionReason"))

    def price_of_the_day(self, found: PriceFound | None, path: Path) -> None:
        """Take the price that was found on the day of a call-off; without one it is asked for.

        A discount that the contract grants comes off the price of the day, in place of its own.
        """
        self.unit_price = found.unit_price if found else None
        self.price_quantity = found.price_quantity if found else ONE
        self.discount_percent = (
            self.discount_percent or (found and found.discount_percent) or NOTHING_YET
        )
        self.price_source = found.source if found else None
        self.found_price = self.price_reason = None
        self.compute(path)

    def tax_as_proposed(self, proposal: TaxProposal, path: Path) -> None:
        """Take the tax that is proposed, whatever stood there."""
        self.tax_category, self.tax_rate = proposal.category, proposal.rate
        self.tax_reason = proposal.why.code.value
        self.tax_warning = proposal.warning.value if proposal.warning else None
        self.tax_override_reason = None
        self.exemption_reason = checked_reason(
            proposal.category, proposal.reason_text, (*path, "exemptionReason")
        )

    def compute(self, path: Path) -> None:
        """Compute what the line is worth; only lines that count have a net amount."""
        amount = NOTHING_YET
        if self.unit_price is not None and self.quantity is not None:
            amount = line_amount(
                AmountLine(
                    quantity=self.quantity,
                    unit_price=self.unit_price,
                    category=self.tax_category or TaxCategory.S,
                    rate=self.tax_rate,
                    price_quantity=self.price_quantity,
                    discount_percent=self.discount_percent,
                    allowances=self.allowances,
                    path=path,
                )
            ).amount
        self.net = amount if self.kind in COUNTING else rounded(NOTHING_YET)
        self.amount_shown = amount if self.kind is LineKind.OPTIONAL else None

    def carry(
        self,
        source: "Line",
        quantity: Decimal | None,
        path: Path,
        *,
        stock: Decimal | None = None,
        before: Decimal = NOTHING_YET,
    ) -> None:
        """Take over what was agreed on a line above; `quantity` is in the unit of that line.

        `stock` is the exact quantity in stock units where the other is a rounded one, `before` what
        follow-ups like this one took until now.
        """
        for name in CARRIED:
            setattr(self, name, getattr(source, name))
        self.price_source = PriceSource.SOURCE_DOCUMENT if source.unit_price is not None else None
        if source.kind is LineKind.OPTIONAL:
            self.kind = LineKind.ITEM  # an option that is ordered is none any more
        if quantity is None:
            self.quantity = None
            self.stock_quantity = self.quantity_max = self.invoice_max = NOTHING_YET
        else:
            if stock is None:
                stock = in_stock_unit(quantity, self.stock_factor, path)
            self.quantity, self.stock_quantity = quantity, stock
            self.tolerate(NOTHING_YET, path)
            self._share_allowances(source, before)
        self.compute(path)

    def _share_allowances(self, source: "Line", before: Decimal) -> None:
        """Take of the amounts off and on the part that the quantity is of the whole."""
        whole, part = source.stock_quantity, self.stock_quantity
        for name in ("allowance_amount", "charge_amount"):
            amount: Decimal | None = getattr(source, name)
            setattr(self, name, (amount and share_of(amount, whole, before, part)) or None)
        if part * whole < 0:
            self.allowance_amount, self.charge_amount = self.charge_amount, self.allowance_amount

    def come_from(self, source: "Line", document: "Document") -> None:
        """Note where it comes from; of a delivery its number and day stay on the line."""
        self.source_line_id, self.source_document_id = source.id, document.id
        self.source_number = document.number
        self.source_date = document.supply_date or document.issue_date
        if document.definition.step is Step.DELIVERY and self.supply_date is None:
            self.supply_date = document.supply_until or document.supply_date

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
        if asked.source_line_id is not None:
            self.source_line_id = asked.source_line_id

    def is_delivered(self) -> bool:
        """Say whether this is something that is delivered, not work or a charge."""
        return self.kind is not LineKind.CHARGE and self.unit not in OF_TIME

    def open_stock(self, step: Step) -> Decimal:
        """Return what a line of a document of `step` still waits for, in stock units."""
        waits_for = fulfilling_step(step, is_delivered=self.is_delivered())
        if waits_for is None or self.closed_at is not None or self.kind not in COUNTING:
            return NOTHING_YET
        taken: Decimal = getattr(self, COUNTED[waits_for][0])
        if step is Step.DELIVERY:
            taken += self.taken_return + self.billed_beside
        if step is Step.RETURN:
            taken += self.never_billed
        rest = self.stock_quantity - taken
        return rest if rest * self.stock_quantity > 0 else NOTHING_YET

    def in_unit(self, stock: Decimal) -> Decimal:
        """Return a quantity in stock units as one in the unit of the line."""
        return EXACT.quantize(EXACT.divide(stock, self.stock_factor), _SMALLEST)


_SMALLEST = Decimal(1).scaleb(-DECIMALS_MAX)
_PRICE_MAX = Decimal(10) ** 12
"""Above this a found price cannot be kept, and compares with nothing."""
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
    "price_source",
    "found_price",
    "allowance_amount",
    "charge_amount",
    "allowance_reason",
    "tax_category",
    "tax_rate",
    "exemption_reason",
    "tax_reason",
    "tax_warning",
    "tax_override_reason",
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
    "invoice_max",
    "is_price_correction",
    "net",
    "amount_shown",
)
"""What a client says about a line, with what follows from it."""


def share_of(amount: Decimal, whole: Decimal, before: Decimal, part: Decimal) -> Decimal:
    """Return what `part` of a `whole` bears of an amount, after `before` bore its share.

    The shares of all parts come to the amount to the cent, whatever goes beyond the whole bears
    nothing more.

    >>> [str(share_of(Decimal(10), Decimal(3), Decimal(n), Decimal(1))) for n in range(4)]
    ['3.33', '3.34', '3.33', '0.00']
    """
    if whole == 0:
        return rounded(NOTHING_YET)

    def borne(taken: Decimal) -> Decimal:
        return rounded(EXACT.multiply(amount, min(ONE, EXACT.divide(abs(taken), abs(whole)))))

    return borne(abs(before) + abs(part)) - borne(before)


def _amount(amount: Decimal | None, path: Path) -> Decimal | None:
    if amount is None or amount == 0:
        return None
    if checked(amount, path) < 0:
        raise MustBePositive(path=path)
    return rounded(amount)


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


def _given(value: T | None, otherwise: T | None, path: Path) -> T:
    found = otherwise if value is None else value
    if found is None:
        raise Required(path=path)
    return found
