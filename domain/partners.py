"""Partners (Geschäftspartner): whom we sell to and buy from, and addresses as they were."""

import re
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.journal import Recorder
from domain.problems import Path, Problem
from domain.text import checked_text, optional_text

_LENGTH_MAX = {
    "name": 200,
    "street": 200,
    "postcode": 20,
    "city": 100,
    "country": 2,
    "vat_id": 20,
    "tax_number": 30,
    "email": 254,
}
_OPTIONAL = ("vat_id", "tax_number", "email")


class CountryUnknown(Problem):
    """Write the country as two capital letters such as DE (ISO 3166-1)."""


class VatIdMalformed(Problem):
    """A VAT id is two capital letters and 2 to 12 letters or digits, such as DE136695976."""


class DuplicatePartner(Problem):
    """There is already a partner with the VAT id {vat_id}: {existing}."""

    vat_id: str
    existing: str


class PaymentDaysOutOfRange(Problem):
    """Payment terms are 0 to {days_max} days."""

    days_max: int


PAYMENT_DAYS_MAX = 365


@dataclass(frozen=True, slots=True)
class Address:
    """Name, postal address and tax ids of a party, checked for length and form."""

    name: str
    street: str
    postcode: str
    city: str
    country: str = "DE"
    vat_id: str | None = None
    tax_number: str | None = None
    email: str | None = None

    def checked(self, path: Path) -> "Address":
        """Return this address trimmed. Raises the problem of the first field that is wrong."""
        trimmed: dict[str, Any] = {}
        for field in fields(self):
            check = optional_text if field.name in _OPTIONAL else checked_text
            place = (*path, _camel(field.name))
            trimmed[field.name] = check(getattr(self, field.name), _LENGTH_MAX[field.name], place)
        address = replace(self, **trimmed)
        if not re.fullmatch(r"[A-Z]{2}", address.country):
            raise CountryUnknown(path=(*path, "country"))
        if address.vat_id and not re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,12}", address.vat_id):
            raise VatIdMalformed(path=(*path, "vatId"))
        return address


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.title() for word in tail)


def checked_payment_days(days: int, path: Path) -> int:
    """Return the days until payment is due. Raises PaymentDaysOutOfRange."""
    if not 0 <= days <= PAYMENT_DAYS_MAX:
        raise PaymentDaysOutOfRange(days_max=PAYMENT_DAYS_MAX, path=path)
    return days


class Partner(Recorder):
    """A business partner with the address new documents take over."""

    entity_type = "partner"

    id: UUID
    tenant_id: UUID
    name: str
    street: str
    postcode: str
    city: str
    country: str
    vat_id: str | None
    tax_number: str | None
    email: str | None
    iban: str | None
    payment_days: int
    version: int

    def __init__(
        self,
        *,
        id: UUID,
        tenant_id: UUID,
        address: Address,
        iban: str | None = None,
        payment_days: int = 14,
        **facts: Any,
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.payment_days = checked_payment_days(payment_days, ("input", "paymentDays"))
        self.iban = optional_text(iban, 34, ("input", "iban"))
        self._take(address.checked(("input",)))
        self.record("PartnerCreated", action="CREATE", **facts)

    def update(
        self, *, address: Address, iban: str | None, payment_days: int, at: datetime
    ) -> None:
        """Take over a whole new set of master data; documents keep what they said before."""
        self.updated_at = at
        self.payment_days = checked_payment_days(payment_days, ("input", "paymentDays"))
        self.iban = optional_text(iban, 34, ("input", "iban"))
        self._take(address.checked(("input",)))
        self.record("PartnerUpdated", action="UPDATE")

    def _take(self, address: Address) -> None:
        for field in fields(address):
            setattr(self, field.name, getattr(address, field.name))

    @property
    def address(self) -> Address:
        """The present address, to be kept by a document as it is now."""
        return Address(**{field.name: getattr(self, field.name) for field in fields(Address)})
