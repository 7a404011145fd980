"""What a partner owns besides its main address: further addresses, contacts, accounts, tax classes.

Each part has an entry as asked for (frozen) and the row that is kept. A partner's parts are always
replaced together; a row is known by its partner and its place or day.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from domain.check_digits import compact, is_iban
from domain.countries import checked_country
from domain.partners.address import ADDRESS_LENGTH_MAX, camel, check_postcode, checked_email
from domain.problems import Path, Problem
from domain.text import Required, checked_text, optional_text

if TYPE_CHECKING:
    from domain.partners.partner import Partner

LABEL_LENGTH_MAX = 60
PHONE_LENGTH_MAX = 40
IBAN_LENGTH_MAX = 34


class IbanInvalid(Problem):
    """This is no IBAN: its length or its check digits are wrong."""


class BicMalformed(Problem):
    """A BIC has 8 or 11 letters and digits, such as COBADEFFXXX."""


class DefaultAddressAmbiguous(Problem):
    """Only one address can be the default for {purpose}."""

    purpose: str


class StatedTwice(Problem):
    """{value} stands here twice."""

    value: str


class DocumentGroup(StrEnum):
    """Documents that a contact may receive, by what they are about."""

    OFFERS = "OFFERS"
    ORDERS = "ORDERS"
    DELIVERIES = "DELIVERIES"
    INVOICES = "INVOICES"
    REMINDERS = "REMINDERS"


class Channel(StrEnum):
    """How a document reaches its reader."""

    E_INVOICE = "E_INVOICE"
    PDF_MAIL = "PDF_MAIL"
    PRINT = "PRINT"


class TaxClass(StrEnum):
    """How a supplier is taxed: it alone decides the rate of a self-billed invoice (Gutschrift)."""

    STANDARD = "STANDARD"
    EXEMPT = "EXEMPT"
    SMALL_BUSINESS_19 = "SMALL_BUSINESS_19"
    FLAT_RATE_24 = "FLAT_RATE_24"
    PRIVATE = "PRIVATE"


@dataclass(frozen=True, slots=True)
class AddressEntry:
    """A further address; without a name it is the partner's own."""

    label: str
    street: str
    postcode: str
    city: str
    country: str = "DE"
    name: str | None = None
    is_billing_default: bool = False
    is_shipping_default: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which documents a contact gets, and how."""

    documents: DocumentGroup
    channel: Channel


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A person or desk at the partner's."""

    name: str
    email: str | None = None
    phone: str | None = None
    function: str | None = None
    receives: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """A bank account; without a holder it is the partner's own."""

    iban: str
    bic: str | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class TaxClassEntry:
    """The tax class from a day on, until the next one."""

    tax_class: TaxClass
    valid_from: date


class _Part:
    """A row of a partner."""

    tenant_id: UUID
    partner_id: UUID

    def __init__(self, partner: "Partner") -> None:
        self.tenant_id = partner.tenant_id
        self.partner_id = partner.id


class PartnerAddress(_Part):
    """A further address as kept."""

    position: int
    label: str
    name: str | None
    street: str
    postcode: str
    city: str
    country: str
    is_billing_default: bool
    is_shipping_default: bool

    def __init__(self, partner: "Partner", position: int, entry: AddressEntry, path: Path) -> None:
        super().__init__(partner)
        self.position = position
        self.label = checked_text(entry.label, LABEL_LENGTH_MAX, (*path, "label"))
        self.name = optional_text(entry.name, ADDRESS_LENGTH_MAX["name"], (*path, "name"))
        for part in ("street", "postcode", "city", "country"):
            text = checked_text(getattr(entry, part), ADDRESS_LENGTH_MAX[part], (*path, part))
            setattr(self, part, text)
        checked_country(self.country, (*path, "country"))
        check_postcode(self.postcode, self.country, (*path, "postcode"))
        self.is_billing_default = entry.is_billing_default
        self.is_shipping_default = entry.is_shipping_default


class PartnerContact(_Part):
    """A contact as kept."""

    position: int
    name: str
    email: str | None
    phone: str | None
    function: str | None

    def __init__(self, partner: "Partner", position: int, entry: ContactEntry, path: Path) -> None:
        super().__init__(partner)
        self.position = position
        self.name = checked_text(entry.name, ADDRESS_LENGTH_MAX["name"], (*path, "name"))
        email = optional_text(entry.email, ADDRESS_LENGTH_MAX["email"], (*path, "email"))
        self.email = checked_email(email, (*path, "email"))
        self.phone = optional_text(entry.phone, PHONE_LENGTH_MAX, (*path, "phone"))
        self.function = optional_text(entry.function, 100, (*path, "function"))
        channels = [receipt.channel for receipt in entry.receives]
        if Channel.PDF_MAIL in channels and self.email is None:
            raise Required(path=(*path, "email"))
        refuse_twice((receipt.documents for receipt in entry.receives), (*path, "receives"))


class PartnerReceipt(_Part):
    """Which documents a contact gets, and how, as kept; the contact is known by its position."""

    contact_position: int
    documents: DocumentGroup
    channel: Channel

    def __init__(self, partner: "Partner", contact_position: int, receipt: Receipt) -> None:
        super().__init__(partner)
        self.contact_position = contact_position
        self.documents = receipt.documents
        self.channel = receipt.channel


class PartnerAccount(_Part):
    """A bank account as kept: IBAN and BIC without blanks."""

    position: int
    iban: str
    bic: str | None
    holder: str | None

    def __init__(self, partner: "Partner", position: int, entry: AccountEntry, path: Path) -> None:
        super().__init__(partner)
        self.position = position
        self.bic = checked_bic(entry.bic, (*path, "bic"))  # first, since it goes with an IBAN
        self.iban = checked_iban(entry.iban, (*path, "iban"))
        self.holder = optional_text(entry.holder, ADDRESS_LENGTH_MAX["name"], (*path, "holder"))


class PartnerTaxClass(_Part):
    """A dated tax class as kept."""

    tax_class: TaxClass
    valid_from: date

    def __init__(self, partner: "Partner", entry: TaxClassEntry) -> None:
        super().__init__(partner)
        for field in fields(entry):
            setattr(self, field.name, getattr(entry, field.name))


def checked_iban(text: str, path: Path) -> str:
    """Return an IBAN as it is kept. Raises Required, TooLong or IbanInvalid."""
    iban = checked_text(compact(text), IBAN_LENGTH_MAX, path)
    if not is_iban(iban):
        raise IbanInvalid(path=path)
    return iban


def checked_bic(text: str | None, path: Path) -> str | None:
    """Return a BIC [ISO 9362] as it is kept, None for an empty one. Raises BicMalformed."""
    bic = compact(text or "")
    if bic and not re.fullmatch(r"[A-Z]{6}[0-9A-Z]{2}(?:[0-9A-Z]{3})?", bic, re.ASCII):
        raise BicMalformed(path=path)
    return bic or None


def refuse_twice(values: Iterable[object], path: Path) -> None:
    """Raise StatedTwice for the first value that was there before."""
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise StatedTwice(value=str(value), path=path)
        seen.add(value)


def refuse_second_default(addresses: Iterable[AddressEntry], path: Path) -> None:
    """Raise DefaultAddressAmbiguous if two addresses are the default for the same purpose."""
    given = list(addresses)
    for name, purpose in (("is_billing_default", "billing"), ("is_shipping_default", "shipping")):
        defaults = [place for place, entry in enumerate(given) if getattr(entry, name)]
        if len(defaults) > 1:
            place = (*path, str(defaults[1]), camel(name))
            raise DefaultAddressAmbiguous(purpose=purpose, path=place)
