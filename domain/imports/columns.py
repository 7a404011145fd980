"""Which column of a table means which field: by its heading in German or English, or as told."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from domain.problems import Path, Problem
from domain.text import checked_text

COLUMNS_MAX = 200
HEADING_LENGTH_MAX = 200


class ImportEntity(StrEnum):
    """What a table holds."""

    PARTNERS = "PARTNERS"
    ITEMS = "ITEMS"


class ImportField(StrEnum):
    """A field that a column can fill."""

    NUMBER = "NUMBER"
    NAME = "NAME"
    STREET = "STREET"
    POSTCODE = "POSTCODE"
    CITY = "CITY"
    COUNTRY = "COUNTRY"
    VAT_ID = "VAT_ID"
    TAX_NUMBER = "TAX_NUMBER"
    EMAIL = "EMAIL"
    KIND = "KIND"
    IS_CUSTOMER = "IS_CUSTOMER"
    IS_SUPPLIER = "IS_SUPPLIER"
    LANGUAGE = "LANGUAGE"
    PRICE_GROUP = "PRICE_GROUP"
    PARTNER_GROUP = "PARTNER_GROUP"
    CREDIT_LIMIT = "CREDIT_LIMIT"
    PAYMENT_DAYS = "PAYMENT_DAYS"
    LEITWEG_ID = "LEITWEG_ID"
    ENDPOINT_ID = "ENDPOINT_ID"
    ENDPOINT_SCHEME = "ENDPOINT_SCHEME"
    CREDITOR_ID = "CREDITOR_ID"
    SELF_BILLING_AGREED_ON = "SELF_BILLING_AGREED_ON"
    IBAN = "IBAN"
    BIC = "BIC"
    UNIT = "UNIT"
    UNIT_PRICE = "UNIT_PRICE"
    PRICE_QUANTITY = "PRICE_QUANTITY"
    TAX_CATEGORY = "TAX_CATEGORY"
    TAX_RATE = "TAX_RATE"
    ITEM_GROUP = "ITEM_GROUP"
    GTIN = "GTIN"
    DESCRIPTION_DE = "DESCRIPTION_DE"
    DESCRIPTION_EN = "DESCRIPTION_EN"
    IS_STOCKED = "IS_STOCKED"
    WEIGHT_KG = "WEIGHT_KG"


class ColumnUnknown(Problem):
    """The file has no column {column}."""

    column: str


class ColumnMissing(Problem):
    """The file needs a column for {field}; none of its headings is recognised as that."""

    field: str


class FieldNotImportable(Problem):
    """{field} is no field of {entity}."""

    field: str
    entity: str


class FieldMappedTwice(Problem):
    """{field} is filled by two columns."""

    field: str


class TooManyColumns(Problem):
    """A table may have {columns_max} columns at the most."""

    columns_max: int


_F = ImportField

HEADINGS: dict[ImportEntity, dict[ImportField, tuple[str, ...]]] = {
    ImportEntity.PARTNERS: {
        _F.NUMBER: (
            "Kundennummer", "Kunden-Nr.", "KdNr", "Lieferantennummer", "Lieferanten-Nr.",
            "Partnernummer", "Geschäftspartnernummer", "Nummer", "Nr.", "Customer number",
            "Customer no.", "Supplier number", "Partner number", "Number", "No.",
        ),
        _F.NAME: (
            "Name", "Firma", "Firmenname", "Name 1", "Kundenname", "Lieferantenname", "Company",
            "Company name",
        ),
        _F.STREET: (
            "Straße", "Strasse", "Straße und Hausnummer", "Anschrift", "Street", "Address",
        ),
        _F.POSTCODE: ("PLZ", "Postleitzahl", "Postcode", "Postal code", "ZIP", "ZIP code"),
        _F.CITY: ("Ort", "Stadt", "City", "Town"),
        _F.COUNTRY: ("Land", "Länderkürzel", "Ländercode", "Country", "Country code"),
        _F.VAT_ID: (
            "USt-IdNr.", "USt-ID", "UStID-Nr.", "Umsatzsteuer-ID",
            "Umsatzsteuer-Identifikationsnummer", "VAT id", "VAT number", "VAT no.",
        ),
        _F.TAX_NUMBER: ("Steuernummer", "Steuer-Nr.", "St.-Nr.", "Tax number"),
        _F.EMAIL: ("E-Mail", "E-Mail-Adresse", "Mail", "Email address"),
        _F.KIND: ("Art", "Partnerart", "Kind"),
        _F.IS_CUSTOMER: ("Kunde", "Ist Kunde", "Is customer", "Customer"),
        _F.IS_SUPPLIER: ("Lieferant", "Ist Lieferant", "Is supplier", "Supplier"),
        _F.LANGUAGE: ("Sprache", "Language"),
        _F.PRICE_GROUP: ("Preisgruppe", "Price group"),
        _F.PARTNER_GROUP: ("Kundengruppe", "Partnergruppe", "Gruppe", "Partner group", "Group"),
        _F.CREDIT_LIMIT: ("Kreditlimit", "Credit limit"),
        _F.PAYMENT_DAYS: (
            "Zahlungsziel", "Zahlungsziel Tage", "Zahlungsfrist", "Payment days",
        ),
        _F.LEITWEG_ID: ("Leitweg-ID",),
        _F.ENDPOINT_ID: ("Elektronische Adresse", "Endpoint id", "Electronic address"),
        _F.ENDPOINT_SCHEME: ("Schema der elektronischen Adresse", "EAS", "Endpoint scheme"),
        _F.CREDITOR_ID: ("Gläubiger-ID", "Gläubiger-Identifikationsnummer", "Creditor id"),
        _F.SELF_BILLING_AGREED_ON: ("Gutschriftsverfahren seit", "Self-billing agreed on"),
        _F.IBAN: ("IBAN",),
        _F.BIC: ("BIC", "SWIFT"),
    },
    ImportEntity.ITEMS: {
        _F.NUMBER: (
            "Artikelnummer", "Artikel-Nr.", "ArtNr", "Nummer", "Nr.", "Item number", "Item no.",
            "Number", "SKU", "No.",
        ),
        _F.NAME: (
            "Bezeichnung", "Artikelbezeichnung", "Artikelname", "Artikel", "Name", "Item",
            "Item name", "Description",
        ),
        _F.UNIT: ("Einheit", "Mengeneinheit", "Lagereinheit", "ME", "Unit", "Stock unit", "UOM"),
        _F.UNIT_PRICE: (
            "Preis", "Verkaufspreis", "VK", "VK-Preis", "VK netto", "Nettopreis", "Listenpreis",
            "Price", "Unit price", "List price", "Net price",
        ),
        _F.PRICE_QUANTITY: ("Preiseinheit", "Preis je", "PE", "Price quantity", "Price per"),
        _F.TAX_CATEGORY: ("Steuerkategorie", "Tax category"),
        _F.TAX_RATE: (
            "Steuersatz", "MwSt", "MwSt-Satz", "USt", "USt-Satz", "Mehrwertsteuer", "Tax rate",
            "VAT", "VAT rate",
        ),
        _F.ITEM_GROUP: ("Warengruppe", "Artikelgruppe", "Item group", "Group"),
        _F.GTIN: ("GTIN", "EAN", "Barcode"),
        _F.DESCRIPTION_DE: ("Beschreibung", "Langtext", "Beschreibung deutsch"),
        _F.DESCRIPTION_EN: ("Beschreibung englisch", "Description English"),
        _F.IS_STOCKED: ("Lagerartikel", "Lagerführung", "Is stocked", "Stocked"),
        _F.WEIGHT_KG: ("Gewicht", "Gewicht kg", "Gewicht in kg", "Weight kg", "Weight"),
    },
}  # fmt: skip
"""Headings by what they mean; capitals, blanks and punctuation do not count."""

REQUIRED: dict[ImportEntity, tuple[ImportField, ...]] = {
    ImportEntity.PARTNERS: (_F.NAME, _F.STREET, _F.POSTCODE, _F.CITY),
    ImportEntity.ITEMS: (_F.NUMBER, _F.NAME, _F.UNIT, _F.UNIT_PRICE),
}
"""Without these nothing new can be made."""


def heading_key(heading: str) -> str:
    """Return what is compared of a heading.

    >>> heading_key(" USt-IdNr. "), heading_key("Straße"), heading_key("STRASSE")
    ('ustidnr', 'strasse', 'strasse')
    """
    return "".join(char for char in heading.casefold() if char.isalnum())


_FIELDS = {
    entity: {heading_key(name): field for field, names in known.items() for name in names}
    for entity, known in HEADINGS.items()
}


def checked_mapping(
    columns: Sequence[tuple[str, ImportField]], entity: ImportEntity, path: Path
) -> dict[str, ImportField]:
    """Return the columns that were given a field by hand, by heading.

    Raises TooManyColumns, FieldNotImportable, FieldMappedTwice, or that a heading is no text.
    """
    if len(columns) > COLUMNS_MAX:
        raise TooManyColumns(columns_max=COLUMNS_MAX, path=path)
    mapping: dict[str, ImportField] = {}
    for place, (heading, field) in enumerate(columns):
        here = (*path, str(place))
        if field not in HEADINGS[entity]:
            raise FieldNotImportable(field=field, entity=entity, path=(*here, "field"))
        if field in mapping.values():
            raise FieldMappedTwice(field=field, path=(*here, "field"))
        mapping[checked_text(heading, HEADING_LENGTH_MAX, (*here, "column"))] = field
    return mapping


def assigned(
    headings: Sequence[str], entity: ImportEntity, mapping: Mapping[str, ImportField]
) -> list[ImportField | None]:
    """Return the field of each column: as told, else as its heading says; None for neither.

    A field is filled once, by the first of its columns. Raises ColumnUnknown for a heading that was
    told and is not there.

    >>> assigned(["Firma", "Ort", "Umsatz"], ImportEntity.PARTNERS, {})
    [<ImportField.NAME: 'NAME'>, <ImportField.CITY: 'CITY'>, None]
    """
    names = [heading.strip() for heading in headings]
    found: list[ImportField | None] = [None] * len(names)
    for heading, field in mapping.items():
        if heading not in names:
            raise ColumnUnknown(column=heading)
        found[names.index(heading)] = field
    for place, name in enumerate(names):
        field_of = _FIELDS[entity].get(heading_key(name))
        if found[place] is None and field_of is not None and field_of not in found:
            found[place] = field_of
    return found


def demand_columns(
    entity: ImportEntity, found: Iterable[ImportField | None], *, updates: bool
) -> None:
    """Raise ColumnMissing for the first field that this import cannot do without.

    An import that `updates` finds its records by number, partners by VAT id as well.
    """
    present = set(found)
    if not updates:
        needed = REQUIRED[entity]
    elif entity is ImportEntity.PARTNERS and ImportField.VAT_ID in present:
        needed = ()
    else:
        needed = (ImportField.NUMBER,)
    for field in needed:
        if field not in present:
            raise ColumnMissing(field=field)
