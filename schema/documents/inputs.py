"""What a client writes: one input per kind, made of the fields that the table of kinds gives it."""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import strawberry

from domain.amounts import PriceBasis
from domain.credit import adds_exposure
from domain.documents.amounts import InvoiceType
from domain.documents.kinds import KINDS, SALES, Kind, PaymentMethod
from domain.documents.lines import LineKind as DomainLineKind
from domain.items import Unit
from domain.tax import TaxCategory
from schema.documents.kinds import KIND_TYPES
from schema.mutations import key_field, payload, version_field


@strawberry.input(
    description="A line of a document to write. What is left out comes from the item; a line that"
    " is there already keeps it, but prices and taxes that were found are looked up anew."
)
class LineInput:
    """A line as asked for."""

    id: strawberry.ID | None = strawberry.field(
        default=None,
        description="A line of the document as it is, `lin_…`: it is changed and keeps its source.",
    )
    kind: DomainLineKind | None = strawberry.field(
        default=None, description="What the line is; what it was, or `ITEM`, if left out."
    )
    quantity: Decimal | None = strawberry.field(
        default=None,
        description="How much; negative for returned goods. Needed for items and options.",
    )
    item_id: strawberry.ID | None = strawberry.field(default=None, description="The item, `itm_…`.")
    description: str | None = strawberry.field(
        default=None, description="What is sold, or the text."
    )
    unit: Unit | None = strawberry.field(default=None, description="The unit of the quantity.")
    unit_price: Decimal | None = strawberry.field(
        default=None, description="Net price of `priceQuantity` units."
    )
    price_quantity: Decimal | None = strawberry.field(
        default=None,
        description="How many units the price is for, such as 100 or 1000. Left out: as the item is"
        " priced where the line counts in the item's own unit, else 1.",
    )
    discount_percent: Decimal | None = strawberry.field(
        default=None, description="Discount of the line, 0 to 100."
    )
    price_reason: str | None = strawberry.field(
        default=None, description="Why the price is what it is; needed for a price of 0."
    )
    allowance_amount: Decimal | None = strawberry.field(
        default=None, description="An amount off the line (Nachlass), after its discount."
    )
    charge_amount: Decimal | None = strawberry.field(
        default=None, description="An amount on top of the line (Zuschlag)."
    )
    allowance_reason: str | None = strawberry.field(
        default=None, description="Why; needed for an amount off or on top."
    )
    tax_category: TaxCategory | None = strawberry.field(default=None, description="Tax category.")
    tax_rate: Decimal | None = strawberry.field(default=None, description="Rate in percent.")
    exemption_reason: str | None = strawberry.field(
        default=None, description="Why no tax is shown; needed for category E."
    )
    tax_override_reason: str | None = strawberry.field(
        default=None, description="Why another tax than proposed; needed where it is another."
    )
    supply_date: datetime.date | None = strawberry.field(
        default=None, description="Day of supply of this line, where it differs."
    )
    account: str | None = strawberry.field(
        default=None,
        description="Account of a line without item (Konto), up to 20 characters. What a supplier"
        " bills or credits without an item is not posted without it.",
    )
    cost_centre: str | None = strawberry.field(
        default=None,
        description="Cost centre (Kostenstelle), up to 40 characters; needed where an account is.",
    )


@strawberry.input(
    description="A line of a received invoice or of a credit note, which may name what it is about."
)
class BillingLineInput(LineInput):
    """A line that may come from a line of an order, a receipt or an invoice."""

    source_line_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The line it is about, `lin_…`, of a posted document of the same partner.",
    )
    is_price_correction: bool | None = strawberry.field(
        default=None,
        description="Whether it corrects the price alone: then it takes no quantity of its source."
        " No if left out, or what it was.",
    )


@strawberry.input(description="An address typed on one document only.")
class AddressInput:
    """An address."""

    name: str = strawberry.field(description="Name or company.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(default="DE", description="Country, ISO 3166-1 alpha-2.")
    vat_id: str | None = strawberry.field(default=None, description="VAT id (USt-IdNr.).")
    tax_number: str | None = strawberry.field(default=None, description="Steuernummer.")
    email: str | None = strawberry.field(default=None, description="E-mail.")


@strawberry.input(
    description="Something off the whole document or on top of it, split over its tax groups."
)
class AllowanceInput:
    """An allowance or charge."""

    amount: Decimal | None = strawberry.field(
        default=None, description="An amount; this or `percent`."
    )
    percent: Decimal | None = strawberry.field(
        default=None, description="Percent of the lines; this or `amount`."
    )
    is_charge: bool = strawberry.field(
        default=False, description="True puts it on top (Zuschlag) instead of off (Nachlass)."
    )
    reason: str | None = strawberry.field(
        default=None, description="Why; this or a code is needed (EN 16931 BR-CO-21)."
    )
    code: str | None = strawberry.field(
        default=None, description="Reason code of UNTDID 5189, or 7161 for a charge."
    )
    tax_category: TaxCategory | None = strawberry.field(
        default=None, description="The one tax group that bears it; all of them if left out."
    )
    tax_rate: Decimal | None = strawberry.field(
        default=None, description="The rate of that group in percent."
    )


@strawberry.input(description="A step of cash discount (Skonto).")
class DiscountInput:
    """Who pays early may deduct."""

    days: int = strawberry.field(description="Within how many days of the issue date.")
    percent: Decimal = strawberry.field(description="How much may be deducted, in percent.")


@strawberry.input(
    description="What a received document states for one tax rate; kept as it stands there."
)
class StatedTaxInput:
    """Net and tax of a rate."""

    rate: Decimal = strawberry.field(
        description="Rate in percent (Steuersatz); 0 where no tax is shown."
    )
    net: Decimal = strawberry.field(description="The net amount stated for it (Nettobetrag).")
    tax: Decimal = strawberry.field(description="The tax stated for it (Steuerbetrag).")


Field = tuple[Any, Any]


def _optional(kind: Any, description: str) -> Field:
    return kind | None, strawberry.field(default=None, description=description)


_ID = strawberry.ID
_DATE = datetime.date

_PARTIES: dict[str, dict[str, Field]] = {
    SALES: {
        "sold_to": (_ID, strawberry.field(description="The customer, `par_…`.")),
        "bill_to": _optional(_ID, "Who pays; the customer if left out."),
        "ship_to": _optional(_ID, "Where it goes; the customer if left out."),
        "sold_to_address": _optional(AddressInput, "Instead of the customer's own (Laufkunde)."),
        "bill_to_address": _optional(AddressInput, "Instead of the payer's own."),
        "ship_to_address": _optional(AddressInput, "Instead of the recipient's own, as a site."),
    },
    "purchase": {
        "supplier": (_ID, strawberry.field(description="The supplier, `par_…`.")),
        "supplier_address": _optional(AddressInput, "Instead of the supplier's own."),
    },
}

_AMOUNTS: dict[str, Field] = {
    "currency": _optional(str, "Currency of all amounts, ISO 4217; your company's if left out."),
    "exchange_rate": _optional(
        Decimal,
        "How many units of that currency are one of your company's; the recorded rate of the day"
        " if left out.",
    ),
    "price_basis": (
        PriceBasis,
        strawberry.field(default=PriceBasis.NET, description="Whether prices hold the tax."),
    ),
    "allowances": (
        list[AllowanceInput],
        strawberry.field(
            default_factory=list, description="Allowances and charges of the whole, up to 20."
        ),
    ),
}
"""What every kind has that shows prices."""
_MONEY: dict[str, Field] = {
    "currency": _optional(
        str,
        "Currency of the amount, ISO 4217, the one of what it pays; your company's if left out.",
    ),
    "exchange_rate": _optional(
        Decimal,
        "How many units of that currency are one of your company's, as the bank counted; the"
        " recorded rate of the value date if left out.",
    ),
}
"""What a payment says of its currency."""
_PAYER: dict[str, dict[str, Field]] = {
    SALES: {"bill_to": (_ID, strawberry.field(description="Who paid, `par_…`."))},
    "purchase": {"supplier": (_ID, strawberry.field(description="Who was paid, `par_…`."))},
}
"""Whom a payment concerns; a refund names the customer as the one who was paid."""

_FIELDS: dict[str, Field] = {
    "issue_date": _optional(_DATE, "The date on the paper; today if left out."),
    "supply_date": _optional(_DATE, "Day of supply, or first day of its period; posting needs it."),
    "supply_until": _optional(_DATE, "Last day of a supply period."),
    "bonus_from": _optional(
        _DATE,
        "First day of the period that a bonus is granted for (Bonus, Rückvergütung); together with"
        " `bonusUntil`, and without lines that name a source. The supply date if that is left out.",
    ),
    "bonus_until": _optional(_DATE, "Last day of that period."),
    "valid_from": _optional(_DATE, "First day of the contract; posting needs it."),
    "valid_until": _optional(_DATE, "Last day on which it binds."),
    "requested_date": _optional(_DATE, "When the goods are wanted (Wunschtermin)."),
    "invoice_type": (
        InvoiceType,
        strawberry.field(default=InvoiceType.ORDINARY, description="What the invoice is for."),
    ),
    "prepayments": (
        list[_ID],
        strawberry.field(
            default_factory=list,
            description="Posted prepayment invoices, `doc_…`, that a final invoice deducts.",
        ),
    ),
    "stated_taxes": (
        list[StatedTaxInput],
        strawberry.field(
            default_factory=list,
            description="What the paper states of net and tax, each rate once, up to 20; left out:"
            " nothing is compared.",
        ),
    ),
    "payment_days": _optional(int, "Days until due; the payer's terms if left out."),
    "discounts": _optional(
        list[DiscountInput],
        "Steps of cash discount (Skonto), at most 2; the payer's terms if left out.",
    ),
    "amount": (Decimal, strawberry.field(description="How much was paid, above zero.")),
    "method": (PaymentMethod, strawberry.field(description="How it was paid.")),
    "bank_reference": _optional(str, "What the bank says of it (Verwendungszweck)."),
    "tolerance_percent": _optional(
        Decimal, "How much more than the quantity may be called off, 0 to 100."
    ),
    "price_fixed": _optional(
        bool,
        "Whether the price is agreed, as it is if left out. With false each call-off takes the"
        " price of its day; lines may come without price, and one written is a mere hint.",
    ),
    "external_number": _optional(str, "The number on the document you received."),
    "customer_reference": _optional(str, "The customer's own number for it."),
    "carrier": _optional(str, "Who carries it."),
    "opening_text": _optional(str, "Printed above the lines, up to 2000 characters."),
    "closing_text": _optional(str, "Printed below the lines, up to 2000 characters."),
    "branch": _optional(_ID, "The branch that does it, `brn_…`; none if left out."),
    "note": _optional(str, "A text printed on it."),
}
"""Every header field a kind can have; which ones it has stands in the table of kinds."""

_ACCEPT_CREDIT_LIMIT: Field = (
    bool,
    strawberry.field(
        default=False,
        description="Amend it although the payer's credit limit is passed; where the company"
        " blocks that, you need the scope sales:approve.",
    ),
)


@dataclass(frozen=True, slots=True)
class KindInputs:
    """The inputs and payloads with which documents of one kind are written."""

    preview: Any
    create: Any
    update: Any
    amend: Any
    created: Any
    updated: Any
    amended: Any


def _input(name: str, description: str, fields: dict[str, Field], bases: tuple[Any, ...]) -> Any:
    body = {
        "__annotations__": {field: kind for field, (kind, _) in fields.items()},
        "__module__": __name__,
        "__doc__": description,
        **{field: shown for field, (_, shown) in fields.items()},
    }
    return strawberry.input(type(name, bases, body), description=description)


_SHOWN: dict[str, Any] = {each.__name__: each for each in KIND_TYPES}


def _left_out(name: str, declared: Any, shown: Any) -> Field:
    """Declare a field of a draft as one of a change, where it may be left out."""
    said = re.sub(r"[;,] [^;,]* if left out\.$", ".", shown.description)
    if name == "lines":
        said += " They are all the lines there will be; one that is there is named by its `id`."
    optional = strawberry.field(default=strawberry.UNSET, description=said)
    return declared | None, optional


def never_empty(kind: Kind) -> frozenset[str]:
    """Return the fields that a new document of a kind must say, or says by itself."""
    return _NEVER_EMPTY | {kind.parties[0].value.lower()}


_NEVER_EMPTY = frozenset(
    {
        "lines",
        "amount",
        "method",
        "price_basis",
        "allowances",
        "prepayments",
        "invoice_type",
        "stated_taxes",
    }
)


def _inputs_of(kind: Kind) -> KindInputs:
    name, shown = kind.event, _SHOWN[kind.event]
    chosen = {field: _FIELDS[field] for field in ("issue_date", *kind.fields)}
    if "payment_days" in kind.fields:
        chosen["discounts"] = _FIELDS["discounts"]
    chosen["branch"] = _FIELDS["branch"]
    if "invoice_type" in kind.fields:
        chosen["prepayments"] = _FIELDS["prepayments"]
    if kind.priced and kind.has_lines:
        chosen |= _AMOUNTS
    if kind.is_payment:
        chosen |= _MONEY
    line: Any = BillingLineInput if kind.names_sources else LineInput
    lines: Field = (list[line], strawberry.field(description="1 to 1000 lines."))
    content = {
        **(_PARTIES if kind.has_lines else _PAYER)[kind.side],
        **chosen,
        **({"lines": lines} if kind.has_lines else {}),
    }
    preview = _input(
        f"Preview{name}Input", f"What a document ({kind.german}) would say.", content, ()
    )
    key: dict[str, Field] = {"idempotency_key": (str, key_field())}
    create = _input(
        f"Create{name}Input", f"What a new document ({kind.german}) shall say.", key, (preview,)
    )
    known: dict[str, Field] = {
        "id": (_ID, strawberry.field(description="The document, `doc_…`.")),
        "expected_version": (int, version_field()),
    }
    changes = {field: _left_out(field, *declared) for field, declared in content.items()}
    update = _input(
        f"Update{name}Input",
        f"What changes in a draft ({kind.german}). What is left out stays as it is, null empties"
        " it.",
        {**known, **key, **changes},
        (),
    )
    reason: dict[str, Field] = {
        "reason": (str, strawberry.field(description="Why it is amended; kept with the revision."))
    }
    if adds_exposure(kind):
        reason["accept_credit_limit"] = _ACCEPT_CREDIT_LIMIT
    amend = kind.amendable and _input(
        f"Amend{name}Input",
        f"What its next revision changes in a posted document ({kind.german}). What is left out"
        " stays as it is, null empties it.",
        reason,
        (update,),
    )
    field = f"{name[0].lower()}{name[1:]}"
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", field).lower()
    return KindInputs(
        preview=preview,
        create=create,
        update=update,
        amend=amend or None,
        created=payload(f"Create{name}", **{snake: shown}),
        updated=payload(f"Update{name}", **{snake: shown}),
        amended=payload(f"Amend{name}", **{snake: shown}) if kind.amendable else None,
    )


INPUTS: dict[str, KindInputs] = {kind.name: _inputs_of(kind) for kind in KINDS.values()}
"""The inputs of every kind, by its name."""
