"""Payment terms (Zahlungsbedingungen) of the company."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from schema.entities import shows
from schema.journal import JournalEntry
from schema.mutations import key_field, payload, version_field
from schema.node import Node
from schema.paging import paged


@shows("payment_terms_step")
@strawberry.type(description="A step of cash discount (Skontostufe).")
class PaymentTermsStep:
    """A step."""

    days: int = strawberry.field(description="Who pays within so many days of the issue date …")
    percent: Decimal = strawberry.field(description="… may deduct so many percent of the gross.")


@shows("payment_terms")
@strawberry.type(description="When an invoice is due, and what an early payer may deduct (Skonto).")
class PaymentTerms(Node):
    """Payment terms."""

    code: str = strawberry.field(description="Your short name for them, unique, such as 30N-2S10.")
    name_de: str = strawberry.field(description="Their name in German.")
    name_en: str = strawberry.field(description="Their name in English.")
    due_days: int = strawberry.field(description="Days from the issue date until it is due.")
    steps: list[PaymentTermsStep] = strawberry.field(description="Up to two steps of Skonto.")
    created_at: datetime = strawberry.field(description="When the record was made.")
    updated_at: datetime = strawberry.field(description="When the record was changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to this record, oldest first.")


@strawberry.enum(description="Orders of `paymentTerms`.")
class PaymentTermsSort(Enum):
    """Sorts of the view."""

    CODE = strawberry.enum_value("CODE", description="By code.")


@strawberry.input(description="A step of cash discount (Skontostufe).")
class PaymentTermsStepInput:
    """A step as asked for."""

    days: int = strawberry.field(description="Days from the issue date, before the due date.")
    percent: Decimal = strawberry.field(description="Above 0 and below 100, two decimals.")


@strawberry.input(description="Payment terms to make.")
class CreatePaymentTermsInput:
    """New payment terms."""

    code: str = strawberry.field(description="Up to 20 characters, unique.")
    name_de: str = strawberry.field(description="Name in German, up to 100 characters.")
    name_en: str = strawberry.field(description="Name in English, up to 100 characters.")
    due_days: int = strawberry.field(description="Days until due, 0 to 365.")
    steps: list[PaymentTermsStepInput] = strawberry.field(
        default_factory=list,
        description="Up to two: a later one has more days and a lower percentage.",
    )
    idempotency_key: str = key_field()


@strawberry.input(description="The whole content of payment terms, anew.")
class UpdatePaymentTermsInput(CreatePaymentTermsInput):
    """Replaces every field."""

    id: strawberry.ID = strawberry.field(description="The payment terms, `ptm_…`.")
    expected_version: int = version_field()


CreatePaymentTermsPayload = payload("CreatePaymentTerms", payment_terms=PaymentTerms)
UpdatePaymentTermsPayload = payload("UpdatePaymentTerms", payment_terms=PaymentTerms)
