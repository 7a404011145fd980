"""What can be read of a partner."""

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.identity import Language
from domain.partners import Channel as DomainChannel
from domain.partners import DocumentGroup as DomainDocumentGroup
from domain.partners import PartnerKind as DomainPartnerKind
from domain.partners import TaxClass as DomainTaxClass
from domain.partners.rhythm import Rhythm
from schema import printing  # noqa: F401  there the enum Language gets its words
from schema.entities import RequiresScope, shows
from schema.enums import described
from schema.journal import JournalEntry
from schema.node import Node
from schema.paging import paged
from schema.payment_terms import PaymentTerms

if TYPE_CHECKING:
    from schema.documents import Document

described(
    Rhythm,
    "InvoiceRhythm",
    "How often a partner wants to be billed (Rechnungsrhythmus).",
    DELIVERY="An invoice for each delivery.",
    ORDER="An invoice for each order.",
    SHIP_TO="An invoice for each place of delivery.",
    WEEK="A collective invoice each week, once it is over.",
    MONTH="A collective invoice each month, once it is over.",
)


described(
    DomainPartnerKind,
    "PartnerKind",
    "Who a partner is; it decides the duty to send e-invoices.",
    BUSINESS="A business (Unternehmer).",
    PRIVATE="A private person (Verbraucher).",
    PUBLIC="A public body (Behörde); it wants a Leitweg-ID on invoices.",
)
described(
    DomainDocumentGroup,
    "DocumentGroup",
    "Documents that a contact may receive.",
    OFFERS="Offers (Angebote).",
    ORDERS="Orders and their confirmations (Aufträge, Bestellungen).",
    DELIVERIES="Delivery notes (Lieferscheine).",
    INVOICES="Invoices and credit notes (Rechnungen).",
    REMINDERS="Payment reminders (Mahnungen).",
)
described(
    DomainChannel,
    "Channel",
    "How a document reaches its reader.",
    E_INVOICE="As an e-invoice (XRechnung, ZUGFeRD).",
    PDF_MAIL="As a PDF by e-mail.",
    PRINT="On paper.",
)
described(
    DomainTaxClass,
    "TaxClass",
    "How a supplier is taxed; it alone decides the rate of a self-billed invoice (Gutschrift).",
    STANDARD="By the usual rates (Regelbesteuerung).",
    EXEMPT="Exempt supplies only (section 4 no. 8 to 29 UStG).",
    SMALL_BUSINESS_19="Kleinunternehmer (section 19 UStG): no tax.",
    FLAT_RATE_24="Flat-rate farmer (section 24 UStG): the average rate.",
    PRIVATE="Not a business: no tax.",
)


@shows("partner_address")
@strawberry.type(description="A further address of a partner.")
class PartnerAddress:
    """An address."""

    label: str = strawberry.field(description="What you call it, such as Lager Nord.")
    name: str | None = strawberry.field(description="Name there; null: the partner's own.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(description="Country, ISO 3166-1 alpha-2.")
    is_billing_default: bool = strawberry.field(description="New invoices go here.")
    is_shipping_default: bool = strawberry.field(description="New deliveries go here.")


@shows("partner_receipt")
@strawberry.type(description="Which documents a contact gets, and how.")
class PartnerReceipt:
    """A receipt."""

    documents: DomainDocumentGroup = strawberry.field(description="Which documents.")
    channel: DomainChannel = strawberry.field(description="How they reach the contact.")


@shows("partner_contact")
@strawberry.type(description="A person or desk at a partner's (Ansprechpartner).")
class PartnerContact:
    """A contact."""

    name: str = strawberry.field(description="Name.")
    email: str | None = strawberry.field(description="E-mail.")
    phone: str | None = strawberry.field(description="Telephone.")
    function: str | None = strawberry.field(description="What they do there.")
    receives: list[PartnerReceipt] = strawberry.field(description="Documents they get.")


@shows("partner_account")
@strawberry.type(description="A bank account of a partner.")
class PartnerAccount:
    """An account."""

    iban: str = strawberry.field(description="IBAN without blanks.")
    bic: str | None = strawberry.field(description="BIC.")
    holder: str | None = strawberry.field(description="Who holds it; null: the partner.")


@shows("partner_tax_class")
@strawberry.type(description="How a supplier is taxed from a day on.")
class PartnerTaxClass:
    """A dated tax class."""

    tax_class: DomainTaxClass = strawberry.field(description="The tax class.")
    valid_from: datetime.date = strawberry.field(description="From this day on.")


@shows("partner")
@strawberry.type(description="A business partner (Geschäftspartner), customer or supplier.")
class Partner(Node):
    """Master data of a partner."""

    number: str = strawberry.field(description="Your number for it (Kunden-, Lieferantennummer).")
    kind: DomainPartnerKind = strawberry.field(description="Who it is.")
    is_customer: bool = strawberry.field(description="It buys from you (Kunde).")
    is_supplier: bool = strawberry.field(description="You buy from it (Lieferant).")
    is_one_time: bool = strawberry.field(
        description="Stands for customers without a record of their own (Laufkundschaft): their"
        " address is typed on the document."
    )
    name: str = strawberry.field(description="Name or company.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(description="Country, ISO 3166-1 alpha-2.")
    vat_id: str | None = strawberry.field(description="VAT id (USt-IdNr.).")
    tax_number: str | None = strawberry.field(description="National tax number (Steuernummer).")
    email: str | None = strawberry.field(description="Where invoices may be sent.")
    language: Language = strawberry.field(description="The language of its documents.")
    price_group: str | None = strawberry.field(description="Prices it gets (Preisgruppe).")
    partner_group: str | None = strawberry.field(description="Your own group of partners.")
    credit_limit: Decimal | None = strawberry.field(
        description="Credit limit in the company's currency (Kreditlimit); null: none."
    )
    payment_terms: PaymentTerms | None = strawberry.field(
        description="Payment terms (Zahlungsbedingung); null: `paymentDays` alone."
    )
    invoice_rhythm: Rhythm = strawberry.field(
        description="How often it wants to be billed (Rechnungsrhythmus)."
    )
    payment_days: int = strawberry.field(
        description="Days until an invoice is due: those of the payment terms, or its own."
    )
    leitweg_id: str | None = strawberry.field(
        description="Leitweg-ID: how invoices to a public body find their desk (BT-10)."
    )
    endpoint_id: str | None = strawberry.field(description="Electronic address (BT-34, BT-49).")
    endpoint_scheme: str | None = strawberry.field(
        description="Scheme of the electronic address (EAS), such as 0204, 9930 or EM."
    )
    creditor_id: str | None = strawberry.field(
        description="SEPA creditor id of a supplier (Gläubiger-ID)."
    )
    self_billing_agreed_on: datetime.date | None = strawberry.field(
        description="Since when you may write its invoices (Gutschriftsverfahren)."
    )
    self_billing_agreement_ends: datetime.date | None = strawberry.field(
        description="Last day of that agreement; null: no end."
    )
    is_blocked: bool = strawberry.field(description="No new business (gesperrt).")
    blocked_reason: str | None = strawberry.field(description="Why it is blocked.")
    addresses: list[PartnerAddress] = strawberry.field(description="Further addresses.")
    contacts: list[PartnerContact] = strawberry.field(description="Contacts (Ansprechpartner).")
    accounts: list[PartnerAccount] = strawberry.field(description="Bank accounts.")
    tax_classes: list[PartnerTaxClass] = strawberry.field(
        description="How a supplier is taxed, oldest first; each until the next."
    )
    credit_exposure: Decimal = strawberry.field(
        directives=[RequiresScope(any_of=["sales:read"])],
        description="What the partner owes you as payer (Kreditinanspruchnahme): open items, what"
        " was delivered and not billed, what is ordered and not delivered; gross, in company"
        " currency.",
    )
    created_at: datetime.datetime = strawberry.field(description="When the record was made.")
    updated_at: datetime.datetime = strawberry.field(
        description="When the record was changed last."
    )
    version: int = strawberry.field(description="Grows with every change.")
    documents = paged(
        Annotated["Document", strawberry.lazy("schema.documents")],
        "Documents sold to this partner, newest first.",
    )
    history = paged(JournalEntry, "What happened to this record, oldest first.")
