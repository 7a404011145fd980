"""Partners (Geschäftspartner): customers and suppliers."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.entities import RequiresScope, shows
from schema.journal import JournalEntry
from schema.mutations import key_field, payload, version_field
from schema.node import Node
from schema.paging import paged

if TYPE_CHECKING:
    from schema.documents import Document


@shows("partner")
@strawberry.type(description="A business partner (Geschäftspartner), customer or supplier.")
class Partner(Node):
    """Master data of a partner."""

    name: str = strawberry.field(description="Name or company.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(description="Country, ISO 3166-1 alpha-2.")
    vat_id: str | None = strawberry.field(description="VAT id (USt-IdNr.).")
    tax_number: str | None = strawberry.field(description="National tax number (Steuernummer).")
    email: str | None = strawberry.field(description="Where invoices may be sent.")
    iban: str | None = strawberry.field(description="Bank account.")
    payment_days: int = strawberry.field(description="Days until an invoice is due.")
    credit_exposure: Decimal = strawberry.field(
        directives=[RequiresScope(any_of=["sales:read"])],
        description="What the partner owes you as payer (Kreditinanspruchnahme): open items, what"
        " was delivered and not billed, what is ordered and not delivered; gross, in company"
        " currency.",
    )
    created_at: datetime = strawberry.field(description="When the record was made.")
    updated_at: datetime = strawberry.field(description="When the record was changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    documents = paged(
        Annotated["Document", strawberry.lazy("schema.documents")],
        "Documents sold to this partner, newest first.",
    )
    history = paged(JournalEntry, "What happened to this record, oldest first.")


@strawberry.enum(description="Orders of `partners`.")
class PartnerSort(Enum):
    """Sorts of the view."""

    NAME = strawberry.enum_value("NAME", description="By name.")
    NEWEST = strawberry.enum_value("NEWEST", description="Newest record first.")


@strawberry.input(description="Master data of a partner.")
class CreatePartnerInput:
    """A new partner."""

    name: str = strawberry.field(description="Name or company, up to 200 characters.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(default="DE", description="Country, ISO 3166-1 alpha-2.")
    vat_id: str | None = strawberry.field(default=None, description="VAT id (USt-IdNr.).")
    tax_number: str | None = strawberry.field(default=None, description="Steuernummer.")
    email: str | None = strawberry.field(default=None, description="Where invoices may be sent.")
    iban: str | None = strawberry.field(default=None, description="Bank account.")
    payment_days: int = strawberry.field(default=14, description="Days until due, 0 to 365.")
    idempotency_key: str = key_field()


@strawberry.input(description="The whole master data of a partner, anew.")
class UpdatePartnerInput(CreatePartnerInput):
    """Replaces every field."""

    id: strawberry.ID = strawberry.field(description="The partner, `par_…`.")
    expected_version: int = version_field()


CreatePartnerPayload = payload("CreatePartner", partner=Partner)
UpdatePartnerPayload = payload("UpdatePartner", partner=Partner)
