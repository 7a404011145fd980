"""The company itself (Firma): profile, settings, how each kind of document is approved."""

from datetime import datetime
from decimal import Decimal

import strawberry

from domain.company import CreditCheck as DomainCreditCheck
from domain.company import Turnover as DomainTurnover
from domain.documents.kinds import ApprovalMode as DomainApprovalMode
from schema.branches import Branch
from schema.documents import DocumentKind
from schema.entities import shows
from schema.enums import described
from schema.journal import JournalEntry
from schema.mutations import key_field, payload, version_field
from schema.node import Node
from schema.paging import paged
from schema.scalars import Currency

described(
    DomainCreditCheck,
    "CreditCheck",
    "What happens when an order would pass the customer's credit limit (Kreditlimit).",
    WARN="A warning; it goes on.",
    BLOCK="It is refused.",
    OFF="Nobody looks.",
)
described(
    DomainTurnover,
    "Turnover",
    "Total turnover of the previous year (Gesamtumsatz); decides the duty to send e-invoices in"
    " 2027 (section 27 (38) UStG).",
    UP_TO_800000="Up to 800,000 EUR: other invoices are allowed through 2027.",
    ABOVE_800000="Above 800,000 EUR.",
)
described(
    DomainApprovalMode,
    "ApprovalMode",
    "How documents of a kind are approved (Freigabe).",
    NONE="Not at all: a draft is posted in one call.",
    BY_RULE="By the rules of the company; without a rule, always.",
    ALWAYS="Each needs the approval of somebody who did not work on it.",
)


@shows("document_setting")
@strawberry.type(description="How documents of one kind are approved.")
class DocumentSetting:
    """A setting."""

    kind: DocumentKind = strawberry.field(description="The kind of document.")
    approval: DomainApprovalMode = strawberry.field(description="How it is approved.")


@shows("company")
@strawberry.type(description="Your company (Firma): profile and settings.")
class Company(Node):
    """The company."""

    name: str = strawberry.field(description="Name, as on the letterhead.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(description="Country, ISO 3166-1 alpha-2.")
    vat_id: str | None = strawberry.field(description="VAT id (USt-IdNr.).")
    tax_number: str | None = strawberry.field(description="National tax number (Steuernummer).")
    email: str | None = strawberry.field(description="E-mail on the letterhead.")
    phone: str | None = strawberry.field(description="Telephone on the letterhead.")
    iban: str | None = strawberry.field(description="Where customers pay to.")
    bic: str | None = strawberry.field(description="BIC of that account.")
    bank: str | None = strawberry.field(description="Name of the bank.")
    creditor_id: str | None = strawberry.field(
        description="SEPA creditor id for direct debits (Gläubiger-ID)."
    )
    legal_notice: str | None = strawberry.field(
        description="What the law wants on letters: seat, register, directors."
    )
    currency: Currency = strawberry.field(description="The currency you account in; it stays.")
    time_zone: str = strawberry.field(description="IANA time zone; says which day it is for you.")
    is_small_business: bool = strawberry.field(
        description="No tax is shown (Kleinunternehmer, section 19 UStG)."
    )
    is_flat_rate_farmer: bool = strawberry.field(
        description="Agriculture at the average rate (Durchschnittssatz, section 24 UStG)."
    )
    is_taxed_on_cash_basis: bool = strawberry.field(
        description="Tax arises when the customer pays (Ist-Versteuerung, section 20 UStG)."
    )
    previous_turnover: DomainTurnover = strawberry.field(
        description="Total turnover of the previous year."
    )
    fiscal_year_start_month: int = strawberry.field(
        description="The month the fiscal year starts with (Wirtschaftsjahr), 1 to 12."
    )
    over_delivery_tolerance_percent: Decimal = strawberry.field(
        description="How much more than ordered may be delivered, in percent."
    )
    match_tolerance: Decimal = strawberry.field(
        description="How far net and tax that a supplier states may be from ours, per rate, and a"
        " line from the price agreed, in `currency`."
    )
    credit_check: DomainCreditCheck = strawberry.field(description="How credit limits count.")
    prints_contact: bool = strawberry.field(
        description="Whether prints name whoever is responsible for the document, with name and"
        " e-mail address (Ansprechpartner)."
    )
    document_settings: list[DocumentSetting] = strawberry.field(
        description="How each kind of document is approved."
    )
    branches: list[Branch] = strawberry.field(description="Branches (Niederlassungen) by code.")
    updated_at: datetime = strawberry.field(description="When the record was changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to this record, oldest first.")


@strawberry.input(description="The whole profile of your company, anew.")
class UpdateCompanyInput:
    """Replaces every field."""

    name: str = strawberry.field(description="Name, up to 200 characters.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(default="DE", description="Country, ISO 3166-1 alpha-2.")
    vat_id: str | None = strawberry.field(default=None, description="VAT id (USt-IdNr.).")
    tax_number: str | None = strawberry.field(default=None, description="Steuernummer.")
    email: str | None = strawberry.field(default=None, description="E-mail on the letterhead.")
    phone: str | None = strawberry.field(default=None, description="Telephone.")
    iban: str | None = strawberry.field(default=None, description="Where customers pay to.")
    bic: str | None = strawberry.field(default=None, description="BIC of that account.")
    bank: str | None = strawberry.field(default=None, description="Name of the bank.")
    creditor_id: str | None = strawberry.field(
        default=None, description="SEPA creditor id (Gläubiger-ID)."
    )
    legal_notice: str | None = strawberry.field(
        default=None, description="What the law wants on letters, up to 500 characters."
    )
    time_zone: str = strawberry.field(
        default="Europe/Berlin", description="IANA time zone such as Europe/Berlin."
    )
    is_small_business: bool = strawberry.field(
        default=False, description="Kleinunternehmer (section 19 UStG)."
    )
    is_flat_rate_farmer: bool = strawberry.field(
        default=False, description="Durchschnittssatz (section 24 UStG)."
    )
    is_taxed_on_cash_basis: bool = strawberry.field(
        default=False, description="Ist-Versteuerung (section 20 UStG)."
    )
    previous_turnover: DomainTurnover = strawberry.field(
        default=DomainTurnover.ABOVE_800000, description="Total turnover of the previous year."
    )
    fiscal_year_start_month: int = strawberry.field(
        default=1, description="First month of the fiscal year, 1 to 12."
    )
    over_delivery_tolerance_percent: Decimal = strawberry.field(
        default=Decimal(0), description="0 to 100, two decimals."
    )
    match_tolerance: Decimal = strawberry.field(
        default=Decimal("0.02"),
        description="An amount per tax rate, and per line of a received invoice.",
    )
    credit_check: DomainCreditCheck = strawberry.field(
        default=DomainCreditCheck.WARN, description="How credit limits count."
    )
    prints_contact: bool = strawberry.field(
        default=False,
        description="Whether prints name whoever is responsible for the document"
        " (Ansprechpartner).",
    )
    expected_version: int = version_field()
    idempotency_key: str = key_field()


@strawberry.input(description="How documents of a kind are approved from now on.")
class SetApprovalModeInput:
    """A setting."""

    kind: DocumentKind = strawberry.field(description="The kind of document.")
    approval: DomainApprovalMode = strawberry.field(description="How it is approved.")
    expected_version: int = version_field()
    idempotency_key: str = key_field()


UpdateCompanyPayload = payload("UpdateCompany", company=Company)
SetApprovalModePayload = payload("SetApprovalMode", company=Company)
