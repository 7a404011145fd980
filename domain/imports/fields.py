"""What a column of a table can fill: a field, or a field of one of several parts of a record."""

from dataclasses import dataclass
from enum import StrEnum


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
    ADDRESS_LABEL = "ADDRESS_LABEL"
    ADDRESS_NAME = "ADDRESS_NAME"
    ADDRESS_STREET = "ADDRESS_STREET"
    ADDRESS_POSTCODE = "ADDRESS_POSTCODE"
    ADDRESS_CITY = "ADDRESS_CITY"
    ADDRESS_COUNTRY = "ADDRESS_COUNTRY"
    ADDRESS_IS_BILLING_DEFAULT = "ADDRESS_IS_BILLING_DEFAULT"
    ADDRESS_IS_SHIPPING_DEFAULT = "ADDRESS_IS_SHIPPING_DEFAULT"
    CONTACT_NAME = "CONTACT_NAME"
    CONTACT_EMAIL = "CONTACT_EMAIL"
    CONTACT_PHONE = "CONTACT_PHONE"
    CONTACT_FUNCTION = "CONTACT_FUNCTION"
    CONTACT_OFFERS = "CONTACT_OFFERS"
    CONTACT_ORDERS = "CONTACT_ORDERS"
    CONTACT_DELIVERIES = "CONTACT_DELIVERIES"
    CONTACT_INVOICES = "CONTACT_INVOICES"
    CONTACT_REMINDERS = "CONTACT_REMINDERS"
    FURTHER_UNIT = "FURTHER_UNIT"
    FURTHER_UNIT_FACTOR = "FURTHER_UNIT_FACTOR"
    SUPPLIER_NUMBER = "SUPPLIER_NUMBER"
    SUPPLIER_ITEM_NUMBER = "SUPPLIER_ITEM_NUMBER"
    SUPPLIER_ITEM_NAME = "SUPPLIER_ITEM_NAME"
    SUPPLIER_LEAD_DAYS = "SUPPLIER_LEAD_DAYS"


@dataclass(frozen=True, slots=True)
class Target:
    """What a column fills. `group_number` tells which contact, address, unit or supplier, from 1.

    >>> str(Target(ImportField.CONTACT_EMAIL, 2)), Target.parse("NAME")
    ('CONTACT_EMAIL:2', Target(field=<ImportField.NAME: 'NAME'>, group_number=None))
    """

    field: ImportField
    group_number: int | None = None

    def __str__(self) -> str:
        return (
            self.field.value if self.group_number is None else f"{self.field}:{self.group_number}"
        )

    @staticmethod
    def parse(written: str) -> "Target":
        """Read what `str` wrote."""
        field, _, number = written.partition(":")
        return Target(ImportField(field), int(number) if number else None)


def heading_key(heading: str) -> str:
    """Return what is compared of a heading.

    >>> heading_key(" USt-IdNr. "), heading_key("Straße"), heading_key("STRASSE")
    ('ustidnr', 'strasse', 'strasse')
    """
    return "".join(char for char in heading.casefold() if char.isalnum())
