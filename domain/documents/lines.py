"""Lines of a document: what a client asks for, and what is kept after the rules have looked."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from domain.items import Item, Unit
from domain.money import (
    EXACT,
    MustBePositive,
    MustNotBeNegative,
    MustNotBeZero,
    checked,
    checked_amount,
    rounded,
)
from domain.problems import Path
from domain.tax import REASON_LENGTH_MAX, TaxCategory, checked_rate, checked_reason
from domain.text import Required, checked_text, optional_text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as asked for. What is left out comes from the item; without an item it is needed."""

    quantity: Decimal
    item_id: UUID | None = None
    description: str | None = None
    unit: Unit | None = None
    unit_price: Decimal | None = None
    price_quantity: Decimal | None = None
    tax_category: TaxCategory | None = None
    tax_rate: Decimal | None = None
    exemption_reason: str | None = None


class Line:
    """A line as kept. `unit_price` is net for `price_quantity` units (EUR per 1 t, per 100)."""

    tenant_id: UUID
    document_id: UUID
    position: int
    item_id: UUID | None
    item_number: str | None
    description: str
    quantity: Decimal
    unit: Unit
    unit_price: Decimal
    price_quantity: Decimal
    tax_category: TaxCategory
    tax_rate: Decimal | None
    exemption_reason: str | None
    net: Decimal

    def __init__(
        self,
        draft: LineDraft,
        item: Item | None,
        *,
        tenant_id: UUID,
        document_id: UUID,
        position: int,
        on: date,
        path: Path,
    ) -> None:
        self.tenant_id = tenant_id
        self.document_id = document_id
        self.position = position
        self.item_id = item.id if item else None
        self.item_number = item.number if item else None
        self.description = checked_text(
            draft.description or (item.name if item else ""), 500, (*path, "description")
        )
        self.quantity = checked(draft.quantity, (*path, "quantity"))
        self.unit = _given(draft.unit, item.unit if item else None, (*path, "unit"))
        self.unit_price = checked(
            _given(draft.unit_price, item.unit_price if item else None, (*path, "unitPrice")),
            (*path, "unitPrice"),
        )
        self.price_quantity = checked(
            _given(draft.price_quantity, item.price_quantity if item else Decimal(1), path),
            (*path, "priceQuantity"),
        )
        if self.quantity == 0:
            raise MustNotBeZero(path=(*path, "quantity"))
        if self.unit_price < 0:
            raise MustNotBeNegative(path=(*path, "unitPrice"))
        if self.price_quantity <= 0:
            raise MustBePositive(path=(*path, "priceQuantity"))
        self.tax_category = _given(
            draft.tax_category, item.tax_category if item else None, (*path, "taxCategory")
        )
        takes_items_rate = draft.tax_category in (None, item.tax_category if item else None)
        rate = item.tax_rate if item and takes_items_rate and draft.tax_rate is None else None
        self.tax_rate = checked_rate(
            self.tax_category, draft.tax_rate if rate is None else rate, on, (*path, "taxRate")
        )
        self.exemption_reason = checked_reason(
            self.tax_category,
            optional_text(draft.exemption_reason, REASON_LENGTH_MAX, (*path, "exemptionReason")),
            (*path, "exemptionReason"),
        )
        net = line_net(self.quantity, self.unit_price, self.price_quantity)
        self.net = checked_amount(net, path)


def line_net(quantity: Decimal, unit_price: Decimal, price_quantity: Decimal) -> Decimal:
    """Return quantity x price / price quantity, rounded to cents per line (EN 16931 BT-131).

    >>> line_net(Decimal("250"), Decimal("19.90"), Decimal("100"))
    Decimal('49.75')
    """
    return rounded(EXACT.divide(EXACT.multiply(quantity, unit_price), price_quantity))


def _given(value: T | None, otherwise: T | None, path: Path) -> T:
    found = otherwise if value is None else value
    if found is None:
        raise Required(path=path)
    return found
