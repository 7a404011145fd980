"""Further addresses and contacts of a partner's row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.imports.cells import CellProblem, Reader, as_flag, one_of, plain
from domain.imports.fields import ImportField
from domain.imports.groups import ADDRESSES, CONTACTS
from domain.imports.parts import Given, key_of, merged, part_problems
from domain.imports.postal import postcode, read_country
from domain.partners import (
    AddressEntry,
    Channel,
    ContactEntry,
    DocumentGroup,
    PartnerDraft,
    Receipt,
)

_F = ImportField
_CHANNELS: dict[str, Channel | None] = {
    **dict.fromkeys(
        ("e_invoice", "e-rechnung", "e-invoice", "xrechnung", "zugferd"), Channel.E_INVOICE
    ),
    **dict.fromkeys(("pdf_mail", "pdf", "mail", "e-mail", "email"), Channel.PDF_MAIL),
    **dict.fromkeys(("print", "druck", "brief", "post", "papier", "paper"), Channel.PRINT),
    **dict.fromkeys(("nein", "no", "-"), None),
}
_read_channel = one_of(_CHANNELS, f"{', '.join(Channel)}, nein")
_DEFAULTS = ("is_billing_default", "is_shipping_default")

PARTNER_PART_READERS: Mapping[ImportField, Reader] = {
    **dict.fromkeys(ADDRESSES.parts, plain),
    _F.ADDRESS_POSTCODE: lambda cell, _form: cell,  # a number has lost its leading zero
    _F.ADDRESS_COUNTRY: read_country,
    _F.ADDRESS_IS_BILLING_DEFAULT: as_flag,
    _F.ADDRESS_IS_SHIPPING_DEFAULT: as_flag,
    **dict.fromkeys(CONTACTS.parts, plain),
    **dict.fromkeys(
        (
            _F.CONTACT_OFFERS,
            _F.CONTACT_ORDERS,
            _F.CONTACT_DELIVERIES,
            _F.CONTACT_INVOICES,
            _F.CONTACT_REMINDERS,
        ),
        _read_channel,
    ),
}


def partner_part_problems(
    values: Mapping[str, Any], known: PartnerDraft | None, told: Sequence[CellProblem]
) -> list[CellProblem]:
    """Return what a row lacks of its addresses and contacts."""
    labels = {each.label for each in known.addresses} if known else set()
    names = {each.name for each in known.contacts} if known else set()
    return [
        *part_problems(ADDRESSES, values.get("addresses", {}), labels.__contains__, told),
        *part_problems(CONTACTS, values.get("contacts", {}), names.__contains__, told),
    ]


def merged_addresses(
    known: Sequence[AddressEntry], given: Given
) -> tuple[tuple[AddressEntry, ...], dict[int, int]]:
    """Return the addresses with those of a row, found again by label, and their numbers by place.

    One without a label is labelled by its city. A new default takes the place of an old one.
    """

    def made(old: AddressEntry | None, values: Mapping[str, Any]) -> AddressEntry:
        entry = old or AddressEntry(label="", street="", postcode="", city="")
        changed = {**values, "label": key_of(ADDRESSES, values)}
        if "postcode" in changed:
            country = changed.get("country", entry.country)
            changed["postcode"] = postcode(changed["postcode"], country)
        return replace(entry, **changed)

    entries, numbers = merged(
        known, given, lambda entry, values: entry.label == key_of(ADDRESSES, values), made
    )
    for name in _DEFAULTS:
        chosen = {number for number, values in given.items() if values.get(name)}
        if chosen:
            entries = tuple(
                replace(entry, **{name: numbers.get(place) in chosen})  # type: ignore[arg-type]
                for place, entry in enumerate(entries)
            )
    return entries, numbers


def merged_contacts(
    known: Sequence[ContactEntry], given: Given
) -> tuple[tuple[ContactEntry, ...], dict[int, int]]:
    """Return the contacts with those of a row, found again by name, and their numbers by place."""
    return merged(known, given, lambda entry, values: entry.name == values["name"], _contact)


def _contact(old: ContactEntry | None, values: Mapping[str, Any]) -> ContactEntry:
    """Return a contact as a row wants it; `nein` takes a kind of document from it."""
    entry = old or ContactEntry(name="")
    channels: dict[DocumentGroup, Channel | None] = {
        each.documents: each.channel for each in entry.receives
    }
    facts = dict(values)
    for documents in DocumentGroup:
        if documents.lower() in facts:
            channels[documents] = facts.pop(documents.lower())
    receives = tuple(Receipt(each, how) for each, how in channels.items() if how is not None)
    return replace(entry, **facts, receives=receives)
