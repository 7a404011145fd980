"""What a client writes: one input per kind, made of the fields that the table of kinds gives it."""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import strawberry

from domain.documents.kinds import KINDS, SALES, Kind, PaymentMethod
from domain.documents.lines import LineKind as DomainLineKind
from domain.items import Unit
from domain.tax import TaxCategory
from schema.documents.kinds import KIND_TYPES
from schema.mutations import key_field, payload, version_field


@strawberry.input(
    description="A line of a document to write. What is left out comes from the item."
)
class LineInput:
    """A line as asked for."""

    id: strawberry.ID | None = strawberry.field(
        default=None,
        description="A line of the document as it is, `lin_…`: it is changed and keeps its source.",
    )
    kind: DomainLineKind = strawberry.field(
        default=DomainLineKind.ITEM, description="What the line is."
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
        default=None, description="How many units the price is for, such as 100 or 1000."
    )
    discount_percent: Decimal | None = strawberry.field(
        default=None, description="Discount of the line, 0 to 100."
    )
    price_reason: str | None = strawberry.field(
        default=None, description="Why the price is what it is; needed for a price of 0."
    )
    tax_category: TaxCategory | None = strawberry.field(default=None, description="Tax category.")
    tax_rate: Decimal | None = strawberry.field(default=None, description="Rate in percent.")
    exemption_reason: str | None = strawberry.field(
        default=None, description="Why no tax is shown; needed for category E."
    )
    supply_date: datetime.date | None = strawberry.field(
        default=None, description="Day of supply of this line, where it differs."
    )
    account: str | None = strawberry.field(
        default=None, description="Account of a line without item (Konto)."
    )
    cost_centre: str | None = strawberry.field(
        default=None, description="Cost centre (Kostenstelle)."
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

_PAYER: dict[str, dict[str, Field]] = {
    SALES: {"bill_to": (_ID, strawberry.field(description="Who paid, `par_…`."))},
    "purchase": {"supplier": (_ID, strawberry.field(description="Who was paid, `par_…`."))},
}
"""Whom a payment concerns; a refund names the customer as the one who was paid."""

_FIELDS: dict[str, Field] = {
    "issue_date": _optional(_DATE, "The date on the paper; today if left out."),
    "supply_date": _optional(_DATE, "Day of supply, or first day of its period; posting needs it."),
    "supply_until": _optional(_DATE, "Last day of a supply period."),
    "valid_from": _optional(_DATE, "First day of the contract; posting needs it."),
    "valid_until": _optional(_DATE, "Last day on which it binds."),
    "requested_date": _optional(_DATE, "When the goods are wanted (Wunschtermin)."),
    "payment_days": _optional(int, "Days until due; the payer's terms if left out."),
    "cash_discount_days": _optional(
        int, "Within how many days of the issue date a cash discount (Skonto) may be deducted."
    ),
    "cash_discount_percent": _optional(Decimal, "That cash discount, in percent of the gross."),
    "amount": (Decimal, strawberry.field(description="How much was paid, above zero.")),
    "method": (PaymentMethod, strawberry.field(description="How it was paid.")),
    "bank_reference": _optional(str, "What the bank says of it (Verwendungszweck)."),
    "tolerance_percent": _optional(
        Decimal, "How much more than the quantity may be called off, 0 to 100."
    ),
    "price_fixed": _optional(bool, "Whether the price is agreed; an open one is set at call-off."),
    "external_number": _optional(str, "The number on the document you received."),
    "customer_reference": _optional(str, "The customer's own number for it."),
    "carrier": _optional(str, "Who carries it."),
    "opening_text": _optional(str, "Printed above the lines, up to 2000 characters."),
    "closing_text": _optional(str, "Printed below the lines, up to 2000 characters."),
    "note": _optional(str, "A text printed on it."),
}
"""Every header field a kind can have; which ones it has stands in the table of kinds."""


@dataclass(frozen=True, slots=True)
class KindInputs:
    """The inputs and payloads with which documents of one kind are written."""

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


def _inputs_of(kind: Kind) -> KindInputs:
    name, shown = kind.event, _SHOWN[kind.event]
    chosen = {field: _FIELDS[field] for field in ("issue_date", *kind.fields)}
    lines: Field = (list[LineInput], strawberry.field(description="1 to 1000 lines."))
    content = {
        **(_PARTIES if kind.has_lines else _PAYER)[kind.side],
        **chosen,
        **({"lines": lines} if kind.has_lines else {}),
        "idempotency_key": (str, key_field()),
    }
    create = _input(
        f"Create{name}Input", f"What a new document ({kind.german}) shall say.", content, ()
    )
    known: dict[str, Field] = {
        "id": (_ID, strawberry.field(description="The document, `doc_…`.")),
        "expected_version": (int, version_field()),
    }
    update = _input(
        f"Update{name}Input",
        f"The whole content of a draft ({kind.german}), anew.",
        known,
        (create,),
    )
    reason: dict[str, Field] = {
        "reason": (str, strawberry.field(description="Why it is amended; kept with the revision."))
    }
    amend = kind.amendable and _input(
        f"Amend{name}Input",
        f"The whole content of a posted document ({kind.german}), anew, as its next revision.",
        reason,
        (update,),
    )
    field = f"{name[0].lower()}{name[1:]}"
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", field).lower()
    return KindInputs(
        create=create,
        update=update,
        amend=amend or None,
        created=payload(f"Create{name}", **{snake: shown}),
        updated=payload(f"Update{name}", **{snake: shown}),
        amended=payload(f"Amend{name}", **{snake: shown}) if kind.amendable else None,
    )


INPUTS: dict[str, KindInputs] = {kind.name: _inputs_of(kind) for kind in KINDS.values()}
"""The inputs of every kind, by its name."""
