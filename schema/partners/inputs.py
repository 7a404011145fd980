"""What can be asked of partners: filters, orders, mutations."""

import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from domain.identity import Language
from domain.partners import Channel, DocumentGroup, PartnerKind, TaxClass
from domain.partners.rhythm import Rhythm
from schema.mutations import key_field, payload, version_field
from schema.partners.types import Partner


@strawberry.enum(description="Orders of `partners`.")
class PartnerSort(Enum):
    """Sorts of the view."""

    NAME = strawberry.enum_value("NAME", description="By name.")
    NUMBER = strawberry.enum_value("NUMBER", description="By number, as text.")
    NEWEST = strawberry.enum_value("NEWEST", description="Newest record first.")


@strawberry.input(description="One of these kinds of partner.")
class PartnerKindIn:
    """`in`."""

    in_: list[PartnerKind] = strawberry.field(name="in", description="Any of these.")


@strawberry.input(description="Which partners; all conditions must hold.")
class PartnerFilter:
    """Conditions of `partners`."""

    number_starts_with: str | None = strawberry.field(
        default=None, description="The number begins with this text."
    )
    name_starts_with: str | None = strawberry.field(
        default=None, description="The name begins with this text, in capitals or not."
    )
    kind: PartnerKindIn | None = strawberry.field(default=None, description="By kind.")
    is_customer: bool | None = strawberry.field(default=None, description="Buys from you.")
    is_supplier: bool | None = strawberry.field(default=None, description="You buy from it.")
    is_blocked: bool | None = strawberry.field(default=None, description="Is blocked.")
    partner_group: str | None = strawberry.field(default=None, description="Of this group.")


@strawberry.input(description="A further address of a partner.")
class PartnerAddressInput:
    """An address."""

    label: str = strawberry.field(description="What you call it, up to 60 characters.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(default="DE", description="Country, ISO 3166-1 alpha-2.")
    name: str | None = strawberry.field(
        default=None, description="Name there, if it is not the partner's own."
    )
    is_billing_default: bool = strawberry.field(
        default=False, description="New invoices go here; one address at the most."
    )
    is_shipping_default: bool = strawberry.field(
        default=False, description="New deliveries go here; one address at the most."
    )


@strawberry.input(description="Which documents a contact gets, and how.")
class PartnerReceiptInput:
    """A receipt."""

    documents: DocumentGroup = strawberry.field(description="Which documents.")
    channel: Channel = strawberry.field(description="How; PDF_MAIL needs the contact's e-mail.")


@strawberry.input(description="A person or desk at a partner's (Ansprechpartner).")
class PartnerContactInput:
    """A contact."""

    name: str = strawberry.field(description="Name.")
    email: str | None = strawberry.field(default=None, description="E-mail.")
    phone: str | None = strawberry.field(default=None, description="Telephone.")
    function: str | None = strawberry.field(default=None, description="What they do there.")
    receives: list[PartnerReceiptInput] = strawberry.field(
        default_factory=list, description="Documents they get; each group once."
    )


@strawberry.input(description="A bank account of a partner.")
class PartnerAccountInput:
    """An account."""

    iban: str = strawberry.field(description="IBAN; its check digits are checked.")
    bic: str | None = strawberry.field(default=None, description="BIC.")
    holder: str | None = strawberry.field(
        default=None, description="Who holds it, if not the partner."
    )


@strawberry.input(description="How a supplier is taxed from a day on.")
class PartnerTaxClassInput:
    """A dated tax class."""

    tax_class: TaxClass = strawberry.field(description="The tax class.")
    valid_from: datetime.date = strawberry.field(description="From this day on.")


@strawberry.input(description="The whole master data of a partner.")
class PartnerInput:
    """What a new partner and a changed one have alike."""

    name: str = strawberry.field(description="Name or company, up to 200 characters.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(default="DE", description="Country, ISO 3166-1 alpha-2.")
    vat_id: str | None = strawberry.field(
        default=None, description="VAT id (USt-IdNr.); a German one must have its check digit."
    )
    tax_number: str | None = strawberry.field(default=None, description="Steuernummer.")
    email: str | None = strawberry.field(default=None, description="Where invoices may be sent.")
    kind: PartnerKind = strawberry.field(default=PartnerKind.BUSINESS, description="Who it is.")
    is_customer: bool = strawberry.field(default=True, description="It buys from you.")
    is_supplier: bool = strawberry.field(default=False, description="You buy from it.")
    is_one_time: bool = strawberry.field(
        default=False, description="Stands for customers without a record (Laufkundschaft)."
    )
    language: Language = strawberry.field(
        default=Language.DE, description="The language of its documents."
    )
    price_group: str | None = strawberry.field(default=None, description="Preisgruppe.")
    partner_group: str | None = strawberry.field(default=None, description="Your own group.")
    credit_limit: Decimal | None = strawberry.field(
        default=None, description="Credit limit in the company's currency; null: none."
    )
    invoice_rhythm: Rhythm = strawberry.field(
        default=Rhythm.DELIVERY, description="How often it wants to be billed."
    )
    payment_days: int = strawberry.field(
        default=14, description="Days until due, 0 to 365, where there are no payment terms."
    )
    payment_terms_id: strawberry.ID | None = strawberry.field(
        default=None, description="Payment terms (Zahlungsbedingung), `ptm_…`."
    )
    leitweg_id: str | None = strawberry.field(
        default=None, description="Leitweg-ID of a public body (BT-10)."
    )
    endpoint_id: str | None = strawberry.field(
        default=None, description="Electronic address (BT-49); needs `endpointScheme`."
    )
    endpoint_scheme: str | None = strawberry.field(
        default=None, description="Its scheme (EAS), such as 0204, 9930 or EM."
    )
    creditor_id: str | None = strawberry.field(default=None, description="Gläubiger-ID.")
    self_billing_agreed_on: datetime.date | None = strawberry.field(
        default=None, description="Since when you may write its invoices (Gutschriftsverfahren)."
    )
    self_billing_agreement_ends: datetime.date | None = strawberry.field(
        default=None, description="Last day of that agreement."
    )
    addresses: list[PartnerAddressInput] = strawberry.field(
        default_factory=list, description="Further addresses, up to 50."
    )
    contacts: list[PartnerContactInput] = strawberry.field(
        default_factory=list, description="Contacts, up to 100."
    )
    accounts: list[PartnerAccountInput] = strawberry.field(
        default_factory=list, description="Bank accounts, up to 20."
    )
    tax_classes: list[PartnerTaxClassInput] = strawberry.field(
        default_factory=list, description="How a supplier is taxed, each day once, up to 50."
    )
    allow_duplicate: bool = strawberry.field(
        default=False, description="Although another partner has the same VAT id."
    )
    idempotency_key: str = key_field()


@strawberry.input(description="A partner to make.")
class CreatePartnerInput(PartnerInput):
    """A new partner."""

    number: str | None = strawberry.field(
        default=None,
        description="Your number for it, up to 20 characters, unique; the next one if left out.",
    )


@strawberry.input(description="The whole master data of a partner, anew; its number stays.")
class UpdatePartnerInput(PartnerInput):
    """Replaces every field, list and entry."""

    id: strawberry.ID = strawberry.field(description="The partner, `par_…`.")
    expected_version: int = version_field()


@strawberry.input(description="Refuse new business with a partner (Sperren).")
class BlockPartnerInput:
    """Block."""

    id: strawberry.ID = strawberry.field(description="The partner, `par_…`.")
    reason: str = strawberry.field(description="Why, for colleagues, up to 500 characters.")
    expected_version: int = version_field()
    idempotency_key: str = key_field()


@strawberry.input(description="Allow business with a partner again (Entsperren).")
class UnblockPartnerInput:
    """Unblock."""

    id: strawberry.ID = strawberry.field(description="The partner, `par_…`.")
    expected_version: int = version_field()
    idempotency_key: str = key_field()


CreatePartnerPayload = payload("CreatePartner", partner=Partner)
UpdatePartnerPayload = payload("UpdatePartner", partner=Partner)
BlockPartnerPayload = payload("BlockPartner", partner=Partner)
UnblockPartnerPayload = payload("UnblockPartner", partner=Partner)
