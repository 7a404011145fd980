"""The tables of partners and of what they own, and how aggregates meet them."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from domain.identity import Language
from domain.partners import Partner
from domain.partners.parts import (
    Channel,
    DocumentGroup,
    PartnerAccount,
    PartnerAddress,
    PartnerContact,
    PartnerReceipt,
    PartnerTaxClass,
    TaxClass,
)
from domain.partners.rhythm import Rhythm
from domain.tax import PartnerKind
from persistence.catalog import (
    Money,
    address_columns,
    identity,
    moment,
    personal,
    reference,
    tenant_table,
    version,
)
from persistence.mapping import EnumText, by_place, mapper, owned
from persistence.payment_terms import payment_terms

_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ"
_SMALL = str.maketrans(_CAPITALS, _CAPITALS.lower())
_KEY_OF_NAME = f"translate(name::text, '{_CAPITALS}'::text, '{_CAPITALS.lower()}'::text)"
"""Small letters whatever the locale of the server; compared byte by byte, so a start of a name is
a range of an index."""


def search_key(name: str) -> str:
    """Return what `partner.name_key` holds for a name.

    >>> search_key("Müller & SÖHNE")
    'müller & söhne'
    """
    return name.translate(_SMALL)


def _own(name: str, length: int, *, nullable: bool = True) -> Column[Any]:
    return personal(name, length, subject="partner", by="id", nullable=nullable)


partner = tenant_table(
    "partner",
    identity(),
    Column("number", String(20, collation="C"), nullable=False),
    Column("kind", EnumText(PartnerKind), nullable=False),
    Column("is_customer", Boolean, nullable=False),
    Column("is_supplier", Boolean, nullable=False),
    Column("is_one_time", Boolean, nullable=False),
    Column("language", EnumText(Language), nullable=False),
    *address_columns(subject="partner", by="id"),
    Column("price_group", String(40)),
    Column("partner_group", String(40)),
    Column("credit_limit", Money()),
    Column("invoice_rhythm", EnumText(Rhythm), nullable=False, server_default="DELIVERY"),
    Column("payment_days", Integer, nullable=False),
    Column("payment_terms_id", Uuid),
    Column("leitweg_id", String(46)),
    _own("endpoint_id", 254),
    Column("endpoint_scheme", String(4)),
    _own("creditor_id", 35),
    Column("self_billing_agreed_on", Date),
    Column("self_billing_agreement_ends", Date),
    _own("blocked_reason", 500),
    Column(
        "name_key",
        String(200, collation="C"),
        Computed(_KEY_OF_NAME, persisted=True),
        nullable=False,
    ),
    Column(
        "is_blocked",
        Boolean,
        Computed("blocked_reason is not null", persisted=True),
        nullable=False,
    ),
    moment("created_at"),
    moment("updated_at"),
    version(),
    reference("payment_terms_id", payment_terms),
    UniqueConstraint("tenant_id", "number"),
    Index(None, "tenant_id", "name", "id"),
    Index(None, "tenant_id", "name_key", "id"),
    Index(None, "tenant_id", "vat_id"),
    Index(None, "tenant_id", "kind", "name", "id"),
    Index(None, "tenant_id", "partner_group", "name", "id"),
    Index(None, "tenant_id", "is_blocked", "name", "id"),
    Index(None, "tenant_id", "is_customer", "name", "id"),
    Index(None, "tenant_id", "is_supplier", "name", "id"),
)

partner_counter = tenant_table(
    "partner_counter",
    Column("last", BigInteger, nullable=False),
    key=(),
)


def _part(name: str, *columns: Column[Any], key: tuple[str, ...]) -> Table:
    return tenant_table(
        name,
        Column("partner_id", Uuid, nullable=False),
        *columns,
        reference("partner_id", partner),
        key=("partner_id", *key),
    )


def _of_partner(name: str, length: int, *, nullable: bool = True) -> Column[Any]:
    return personal(name, length, subject="partner", by="partner_id", nullable=nullable)


partner_address = _part(
    "partner_address",
    Column("position", Integer, nullable=False),
    Column("label", String(60), nullable=False),
    _of_partner("name", 200),
    _of_partner("street", 200, nullable=False),
    _of_partner("postcode", 20, nullable=False),
    _of_partner("city", 100, nullable=False),
    _of_partner("country", 2, nullable=False),
    Column("is_billing_default", Boolean, nullable=False),
    Column("is_shipping_default", Boolean, nullable=False),
    key=("position",),
)

partner_contact = _part(
    "partner_contact",
    Column("position", Integer, nullable=False),
    _of_partner("name", 200, nullable=False),
    _of_partner("email", 254),
    _of_partner("phone", 40),
    _of_partner("function", 100),
    key=("position",),
)

partner_receipt = _part(
    "partner_receipt",
    Column("contact_position", Integer, nullable=False),
    Column("documents", EnumText(DocumentGroup), nullable=False),
    Column("channel", EnumText(Channel), nullable=False),
    key=("contact_position", "documents"),
)

partner_account = _part(
    "partner_account",
    Column("position", Integer, nullable=False),
    _of_partner("iban", 34, nullable=False),
    Column("bic", String(11)),
    _of_partner("holder", 200),
    key=("position",),
)

partner_tax_class = _part(
    "partner_tax_class",
    Column("valid_from", Date, nullable=False),
    Column("tax_class", EnumText(TaxClass), nullable=False),
    key=("valid_from",),
)

mapper.map_imperatively(PartnerAddress, partner_address)
mapper.map_imperatively(PartnerContact, partner_contact)
mapper.map_imperatively(PartnerReceipt, partner_receipt)
mapper.map_imperatively(PartnerAccount, partner_account)
mapper.map_imperatively(PartnerTaxClass, partner_tax_class)


def _receipt_name(receipt: PartnerReceipt) -> str:
    return f"contacts.{receipt.contact_position}.receives.{receipt.documents.value}"


mapper.map_imperatively(
    Partner,
    partner,
    properties={
        "own_payment_days": partner.c.payment_days,
        "addresses": owned(
            PartnerAddress, order_by=partner_address.c.position, told=by_place("addresses")
        ),
        "contacts": owned(
            PartnerContact, order_by=partner_contact.c.position, told=by_place("contacts")
        ),
        "receipts": owned(
            PartnerReceipt, order_by=partner_receipt.c.contact_position, told=_receipt_name
        ),
        "accounts": owned(
            PartnerAccount, order_by=partner_account.c.position, told=by_place("accounts")
        ),
        "tax_classes": owned(
            PartnerTaxClass,
            order_by=partner_tax_class.c.valid_from,
            told=by_place("taxClasses", "valid_from"),
        ),
    },
    version_id_col=partner.c.version,
    exclude_properties=("name_key", "is_blocked"),
)
