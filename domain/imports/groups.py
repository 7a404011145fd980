"""Columns that come in groups: what a record may have several of, one group for each of them.

`Ansprechpartner 2 E-Mail` and `contact_2_email` both are the e-mail address of the second contact.
The number says which columns of a row belong together, and no more: a part of a known record is
found by its key, whatever number it has in the table. Without a number it is the first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.imports.fields import ImportEntity, ImportField, Target, heading_key
from domain.problems import Problem

GROUP_NUMBER_MAX = 50


class GroupNumberWrong(Problem):
    """Only columns of addresses, contacts, further units and suppliers are numbered, from 1 to {number_max}."""  # noqa: E501  one sentence for the user

    number_max: int


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that make one part of a record.

    `listed` is the parts' name in the input of the mutations, `parts` the attribute that each field
    fills. A part is known by the first of `keys` that a row has, and a new one needs `required`.
    """

    listed: str
    parts: Mapping[ImportField, str]
    headings: Mapping[ImportField, tuple[str, ...]]
    keys: tuple[ImportField, ...]
    required: tuple[ImportField, ...]


def _after(starts: tuple[str, ...], *ends: str) -> tuple[str, ...]:
    """Return headings made of a start and an end."""
    return tuple(f"{start} {end}".strip() for end in ends for start in starts)


_F = ImportField
_ADDRESS = ("Adresse", "Weitere Adresse", "Address", "Further address")
_CONTACT = ("Ansprechpartner", "Kontakt", "Contact")
_UNIT = ("Einheit", "Weitere Einheit", "Mengeneinheit", "ME", "Unit", "Further unit")
_SUPPLIER = ("Lieferant", "Supplier")

ADDRESSES = Group(
    "addresses",
    {
        _F.ADDRESS_LABEL: "label",
        _F.ADDRESS_NAME: "name",
        _F.ADDRESS_STREET: "street",
        _F.ADDRESS_POSTCODE: "postcode",
        _F.ADDRESS_CITY: "city",
        _F.ADDRESS_COUNTRY: "country",
        _F.ADDRESS_IS_BILLING_DEFAULT: "is_billing_default",
        _F.ADDRESS_IS_SHIPPING_DEFAULT: "is_shipping_default",
    },
    {
        _F.ADDRESS_LABEL: _after(_ADDRESS, "Bezeichnung", "Label"),
        _F.ADDRESS_NAME: _after(_ADDRESS, "Name", "Firma"),
        _F.ADDRESS_STREET: _after(_ADDRESS, "Straße", "Street"),
        _F.ADDRESS_POSTCODE: _after(_ADDRESS, "PLZ", "Postleitzahl", "Postcode", "ZIP"),
        _F.ADDRESS_CITY: _after(_ADDRESS, "Ort", "Stadt", "City"),
        _F.ADDRESS_COUNTRY: _after(_ADDRESS, "Land", "Country"),
        _F.ADDRESS_IS_BILLING_DEFAULT: _after(
            _ADDRESS, "für Rechnungen", "Rechnungsadresse", "Is billing default"
        ),
        _F.ADDRESS_IS_SHIPPING_DEFAULT: _after(
            _ADDRESS, "für Lieferungen", "Lieferadresse", "Is shipping default"
        ),
    },
    keys=(_F.ADDRESS_LABEL, _F.ADDRESS_CITY),
    required=(_F.ADDRESS_STREET, _F.ADDRESS_POSTCODE, _F.ADDRESS_CITY),
)
CONTACTS = Group(
    "contacts",
    {
        _F.CONTACT_NAME: "name",
        _F.CONTACT_EMAIL: "email",
        _F.CONTACT_PHONE: "phone",
        _F.CONTACT_FUNCTION: "function",
        _F.CONTACT_OFFERS: "offers",
        _F.CONTACT_ORDERS: "orders",
        _F.CONTACT_DELIVERIES: "deliveries",
        _F.CONTACT_INVOICES: "invoices",
        _F.CONTACT_REMINDERS: "reminders",
    },
    {
        _F.CONTACT_NAME: _after(_CONTACT, "Name", ""),
        _F.CONTACT_EMAIL: _after(_CONTACT, "E-Mail", "Mail"),
        _F.CONTACT_PHONE: _after(_CONTACT, "Telefon", "Tel.", "Phone"),
        _F.CONTACT_FUNCTION: _after(_CONTACT, "Funktion", "Abteilung", "Function", "Department"),
        _F.CONTACT_OFFERS: _after(_CONTACT, "Angebote", "Offers"),
        _F.CONTACT_ORDERS: _after(_CONTACT, "Aufträge", "Bestellungen", "Orders"),
        _F.CONTACT_DELIVERIES: _after(_CONTACT, "Lieferscheine", "Lieferungen", "Deliveries"),
        _F.CONTACT_INVOICES: _after(_CONTACT, "Rechnungen", "Invoices"),
        _F.CONTACT_REMINDERS: _after(_CONTACT, "Mahnungen", "Reminders"),
    },
    keys=(_F.CONTACT_NAME,),
    required=(),
)
UNITS = Group(
    "units",
    {_F.FURTHER_UNIT: "unit", _F.FURTHER_UNIT_FACTOR: "factor"},
    {
        _F.FURTHER_UNIT: _UNIT,
        _F.FURTHER_UNIT_FACTOR: (
            *_after(_UNIT, "Faktor", "Factor"),
            *("Faktor", "Umrechnungsfaktor", "Factor"),
        ),
    },
    keys=(_F.FURTHER_UNIT,),
    required=(_F.FURTHER_UNIT_FACTOR,),
)
SUPPLIERS = Group(
    "suppliers",
    {
        _F.SUPPLIER_NUMBER: "number",
        _F.SUPPLIER_ITEM_NUMBER: "item_number",
        _F.SUPPLIER_ITEM_NAME: "item_name",
        _F.SUPPLIER_LEAD_DAYS: "lead_days",
    },
    {
        _F.SUPPLIER_NUMBER: (
            *("Lieferantennummer", "Lieferanten-Nr."),
            *_after(_SUPPLIER, "Nummer", "Nr.", "Number", "No.", ""),
        ),
        _F.SUPPLIER_ITEM_NUMBER: (
            *("Lieferantenartikelnummer", "Lieferanten-Artikel-Nr."),
            *_after(_SUPPLIER, "Artikelnummer", "Artikel-Nr.", "Item number", "Item no."),
        ),
        _F.SUPPLIER_ITEM_NAME: _after(_SUPPLIER, "Bezeichnung", "Artikelbezeichnung", "Item name"),
        _F.SUPPLIER_LEAD_DAYS: (
            *_after(_SUPPLIER, "Lieferzeit", "Lieferzeit Tage", "Lead days"),
            *("Lieferzeit", "Lieferzeit Tage", "Lead days"),
        ),
    },
    keys=(_F.SUPPLIER_NUMBER,),
    required=(),
)
GROUPS: dict[ImportEntity, tuple[Group, ...]] = {
    ImportEntity.PARTNERS: (ADDRESSES, CONTACTS),
    ImportEntity.ITEMS: (UNITS, SUPPLIERS),
}

_FIELDS = {
    entity: {
        heading_key(name): field
        for group in groups
        for field, names in group.headings.items()
        for name in names
    }
    for entity, groups in GROUPS.items()
}
_GROUP_OF = {
    (entity, field): group
    for entity, groups in GROUPS.items()
    for group in groups
    for field in group.parts
}
_LIST_OF = {
    field: (group.listed, attribute)
    for groups in GROUPS.values()
    for group in groups
    for field, attribute in group.parts.items()
}
_NUMBERED = re.compile(r"([^0-9]*)([0-9]{0,2})([^0-9]*)")


def group_of(entity: ImportEntity, field: ImportField) -> Group | None:
    """Return the group that a field belongs to, None for a field of the record itself."""
    return _GROUP_OF.get((entity, field))


def list_of(field: ImportField) -> tuple[str, str]:
    """Return the list and the attribute that a field of a part fills."""
    return _LIST_OF[field]


def group_target(heading: str, entity: ImportEntity) -> Target | None:
    """Return what a heading of a group means, with its number wherever that stands in it.

    >>> str(group_target("supplier_3_item_number", ImportEntity.ITEMS))
    'SUPPLIER_ITEM_NUMBER:3'
    >>> str(group_target("Ansprechpartner", ImportEntity.PARTNERS))
    'CONTACT_NAME:1'
    """
    parts = _NUMBERED.fullmatch(heading_key(heading))
    if parts is None:
        return None
    number = int(parts[2] or 1)
    field = _FIELDS[entity].get(parts[1] + parts[3])
    if field is None or not 1 <= number <= GROUP_NUMBER_MAX:
        return None
    return Target(field, number)
