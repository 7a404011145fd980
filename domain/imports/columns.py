"""Which column of a table means which field: by its heading in German or English, or as told."""

from collections.abc import Iterable, Mapping, Sequence

from domain.imports.fields import ImportEntity, ImportField, Target, heading_key
from domain.imports.groups import GROUP_NUMBER_MAX, GroupNumberWrong, group_of, group_target
from domain.problems import Path, Problem
from domain.text import checked_text

COLUMNS_MAX = 200
HEADING_LENGTH_MAX = 200


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


_FIELDS = {
    entity: {heading_key(name): field for field, names in known.items() for name in names}
    for entity, known in HEADINGS.items()
}


def checked_mapping(
    columns: Sequence[tuple[str, ImportField, int | None]], entity: ImportEntity, path: Path
) -> dict[str, Target]:
    """Return what the columns fill that were given a field by hand, by heading.

    A field of a part without a number is of the first one. Raises TooManyColumns,
    FieldNotImportable, GroupNumberWrong, FieldMappedTwice, or that a heading is no text.
    """
    if len(columns) > COLUMNS_MAX:
        raise TooManyColumns(columns_max=COLUMNS_MAX, path=path)
    mapping: dict[str, Target] = {}
    for place, (heading, field, number) in enumerate(columns):
        here = (*path, str(place))
        group = group_of(entity, field)
        if group is None and field not in HEADINGS[entity]:
            raise FieldNotImportable(field=field, entity=entity, path=(*here, "field"))
        if number is not None and (group is None or not 1 <= number <= GROUP_NUMBER_MAX):
            raise GroupNumberWrong(number_max=GROUP_NUMBER_MAX, path=(*here, "groupNumber"))
        target = Target(field, None if group is None else number or 1)
        if target in mapping.values():
            raise FieldMappedTwice(field=field, path=(*here, "field"))
        mapping[checked_text(heading, HEADING_LENGTH_MAX, (*here, "column"))] = target
    return mapping


def assigned(
    headings: Sequence[str], entity: ImportEntity, mapping: Mapping[str, Target]
) -> list[Target | None]:
    """Return what each column fills: as told, else as its heading says; None for neither.

    Each is filled once, by the first of its columns. Raises ColumnUnknown for a heading that was
    told and is not there.

    >>> [each and str(each) for each in
    ...  assigned(["Firma", "Umsatz", "Kontakt 2 Mail"], ImportEntity.PARTNERS, {})]
    ['NAME', None, 'CONTACT_EMAIL:2']
    """
    names = [heading.strip() for heading in headings]
    found: list[Target | None] = [None] * len(names)
    for heading, target in mapping.items():
        if heading not in names:
            raise ColumnUnknown(column=heading)
        found[names.index(heading)] = target
    for place, name in enumerate(names):
        meant = _meant(name, entity)
        if found[place] is None and meant is not None and meant not in found:
            found[place] = meant
    return found


def _meant(heading: str, entity: ImportEntity) -> Target | None:
    field = _FIELDS[entity].get(heading_key(heading))
    return group_target(heading, entity) if field is None else Target(field)


def demand_columns(entity: ImportEntity, found: Iterable[Target | None], *, updates: bool) -> None:
    """Raise ColumnMissing for the first field that this import cannot do without.

    An import that `updates` finds its records by number, partners by VAT id as well.
    """
    present = {each.field for each in found if each is not None}
    if not updates:
        needed = REQUIRED[entity]
    elif entity is ImportEntity.PARTNERS and ImportField.VAT_ID in present:
        needed = ()
    else:
        needed = (ImportField.NUMBER,)
    for field in needed:
        if field not in present:
            raise ColumnMissing(field=field)
