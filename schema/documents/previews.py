"""What a document would come to, computed without saving anything."""

from decimal import Decimal

import strawberry

from domain.items import Unit
from domain.tax import TaxCategory, TaxReason, TaxWarning
from schema.documents.enums import DocumentKind
from schema.prices import PriceSource
from schema.problems import Problem
from schema.scalars import Currency


@strawberry.type(description="A line as it would be kept.")
class PreviewLine:
    """A line."""

    position: int = strawberry.field(description="Its place, from 1.")
    description: str = strawberry.field(description="What is sold, or the text.")
    quantity: Decimal | None = strawberry.field(description="How much, in `unit`.")
    unit: Unit | None = strawberry.field(description="The unit of the quantity.")
    unit_price: Decimal | None = strawberry.field(
        description="Price of `priceQuantity` units, found or as written."
    )
    price_quantity: Decimal = strawberry.field(description="How many units the price is for.")
    price_source: PriceSource | None = strawberry.field(description="Where the price comes from.")
    found_price: Decimal | None = strawberry.field(
        description="Beside a price written by hand: the one that the price search found."
    )
    discount_percent: Decimal = strawberry.field(description="Discount of the line in percent.")
    tax_category: TaxCategory | None = strawberry.field(description="Tax category.")
    tax_rate: Decimal | None = strawberry.field(description="Rate in percent.")
    tax_reason: TaxReason | None = strawberry.field(description="Why this tax was proposed.")
    tax_warning: TaxWarning | None = strawberry.field(description="What to look at.")
    net: Decimal = strawberry.field(description="Without tax.")


@strawberry.type(description="A tax group as it would be kept.")
class PreviewTax:
    """A tax group."""

    category: TaxCategory = strawberry.field(description="Tax category.")
    rate: Decimal | None = strawberry.field(description="Rate in percent.")
    basis: Decimal = strawberry.field(description="Net amount of the group.")
    tax: Decimal = strawberry.field(description="Tax of the group.")


@strawberry.type(description="What a document would come to.")
class DocumentPreviewAmounts:
    """Amounts."""

    kind: DocumentKind = strawberry.field(description="Its kind.")
    currency: Currency = strawberry.field(description="Currency of all amounts.")
    line_total: Decimal = strawberry.field(description="Sum of the lines without tax (BT-106).")
    allowance_total: Decimal = strawberry.field(description="What is off the whole (BT-107).")
    charge_total: Decimal = strawberry.field(description="What is on top (BT-108).")
    net: Decimal = strawberry.field(description="Sum without tax.")
    tax: Decimal = strawberry.field(description="Tax.")
    gross: Decimal = strawberry.field(description="Sum with tax.")
    prepaid: Decimal = strawberry.field(description="Prepayments deducted.")
    payable: Decimal = strawberry.field(description="What would be to pay.")
    company_gross: Decimal = strawberry.field(description="Sum with tax in company currency.")
    lines: list[PreviewLine] = strawberry.field(description="Lines in order.")
    taxes: list[PreviewTax] = strawberry.field(description="The tax breakdown.")


@strawberry.type(description="A document computed without saving, or why it cannot be.")
class DocumentPreview:
    """A preview."""

    amounts: DocumentPreviewAmounts | None = strawberry.field(
        default=None, description="What it would come to; null if refused."
    )
    problems: list[Problem] = strawberry.field(
        default_factory=list, description="Why it could not be written like this."
    )
