"""Name, postal address and tax ids of a party, as a document keeps them."""

import re
from dataclasses import dataclass, fields, replace
from typing import Any

from domain.check_digits import has_form_of_vat_id, is_german_vat_id
from domain.countries import checked_country
from domain.problems import Path, Problem
from domain.text import checked_text, optional_text

ADDRESS_LENGTH_MAX = {
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
_EMAIL = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\".]+(?:\.[^\s@,;<>()\".]+)+")


class VatIdMalformed(Problem):
    """A VAT id is two capital letters and 2 to 12 letters or digits, such as DE136695976."""


class VatIdCheckDigitWrong(Problem):
    """The check digit of this German VAT id is wrong, so it was mistyped."""


class PostcodeMalformed(Problem):
    """A German postcode has five digits, such as 01067; {postcode} has not."""

    postcode: str


class EmailMalformed(Problem):
    """Write one e-mail address such as rechnung@example.com."""


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
            place = (*path, camel(field.name))
            length = ADDRESS_LENGTH_MAX[field.name]
            trimmed[field.name] = check(getattr(self, field.name), length, place)
        address = replace(self, **trimmed)
        checked_country(address.country, (*path, "country"))
        check_postcode(address.postcode, address.country, (*path, "postcode"))
        checked_vat_id(address.vat_id, (*path, "vatId"))
        checked_email(address.email, (*path, "email"))
        return address


def camel(name: str) -> str:
    """Return a name of ours as clients write it: `vat_id` -> `vatId`."""
    head, *tail = name.split("_")
    return head + "".join(word.title() for word in tail)


def check_postcode(postcode: str, country: str, path: Path) -> None:
    """Raise PostcodeMalformed for a German postcode that has not five digits.

    >>> check_postcode("1010", "AT", ())
    """
    if country == "DE" and not re.fullmatch(r"\d{5}", postcode, re.ASCII):
        raise PostcodeMalformed(postcode=postcode, path=path)


def checked_vat_id(vat_id: str | None, path: Path) -> str | None:
    """Return a VAT id for master data. Raises VatIdMalformed or VatIdCheckDigitWrong."""
    if vat_id is None:
        return None
    if not has_form_of_vat_id(vat_id):
        raise VatIdMalformed(path=path)
    if vat_id.startswith("DE") and not is_german_vat_id(vat_id):
        raise VatIdCheckDigitWrong(path=path)
    return vat_id


def checked_email(email: str | None, path: Path) -> str | None:
    """Return an e-mail address that looks like one address. Raises EmailMalformed."""
    if email is not None and not _EMAIL.fullmatch(email):
        raise EmailMalformed(path=path)
    return email
