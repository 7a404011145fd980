"""A row of a table becomes the draft of a partner: a new one, or what is there with changes."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from domain.check_digits import compact
from domain.identity import Language
from domain.imports.cells import (
    Cell,
    ImportRow,
    NumberFormat,
    Reader,
    Readers,
    as_count,
    as_day,
    as_flag,
    as_number,
    as_text,
    one_of,
    plain,
)
from domain.imports.fields import ImportField, Target
from domain.imports.partner_parts import PARTNER_PART_READERS, merged_addresses, merged_contacts
from domain.imports.parts import Places
from domain.imports.postal import postcode, read_country
from domain.partners import (
    AccountEntry,
    Address,
    AddressEntry,
    ContactEntry,
    Partner,
    PartnerDraft,
    PartnerKind,
    Receipt,
    TaxClassEntry,
)

T = TypeVar("T")
_F = ImportField
_ADDRESS = {field.name for field in fields(Address)}


def _compacted(cell: Cell, _form: NumberFormat) -> str:
    return compact(as_text(cell))


_KINDS = {
    **dict.fromkeys(("business", "geschäftlich", "unternehmen", "firma", "b2b"), "BUSINESS"),
    **dict.fromkeys(("private", "privat", "privatperson", "verbraucher", "b2c"), "PRIVATE"),
    **dict.fromkeys(("public", "behörde", "öffentlich", "b2g"), "PUBLIC"),
}
_LANGUAGES = {
    **dict.fromkeys(("de", "deutsch", "german"), Language.DE),
    **dict.fromkeys(("en", "englisch", "english"), Language.EN),
}

_OWN: Mapping[ImportField, tuple[str, Reader]] = {
    _F.NUMBER: ("number", plain),
    _F.NAME: ("name", plain),
    _F.STREET: ("street", plain),
    _F.POSTCODE: ("postcode", lambda cell, _form: cell),  # a number has lost its leading zero
    _F.CITY: ("city", plain),
    _F.COUNTRY: ("country", read_country),
    _F.VAT_ID: ("vat_id", _compacted),
    _F.TAX_NUMBER: ("tax_number", plain),
    _F.EMAIL: ("email", plain),
    _F.KIND: (
        "kind",
        one_of({word: PartnerKind(kind) for word, kind in _KINDS.items()}, ", ".join(PartnerKind)),
    ),
    _F.IS_CUSTOMER: ("is_customer", as_flag),
    _F.IS_SUPPLIER: ("is_supplier", as_flag),
    _F.LANGUAGE: ("language", one_of(_LANGUAGES, "DE, EN")),
    _F.PRICE_GROUP: ("price_group", plain),
    _F.PARTNER_GROUP: ("partner_group", plain),
    _F.CREDIT_LIMIT: ("credit_limit", as_number),
    _F.PAYMENT_DAYS: ("payment_days", as_count),
    _F.LEITWEG_ID: ("leitweg_id", plain),
    _F.ENDPOINT_ID: ("endpoint_id", plain),
    _F.ENDPOINT_SCHEME: ("endpoint_scheme", plain),
    _F.CREDITOR_ID: ("creditor_id", _compacted),
    _F.SELF_BILLING_AGREED_ON: ("self_billing_agreed_on", as_day),
    _F.IBAN: ("iban", _compacted),
    _F.BIC: ("bic", _compacted),
}
PARTNER_READERS = Readers(_OWN, PARTNER_PART_READERS)


def partner_keys(row: ImportRow) -> dict[str, str]:
    """Return what a row's partner is known by: `number` and `vat_id`, where the row has them."""
    readers: dict[ImportField, Callable[[Cell], str]] = {
        _F.NUMBER: as_text,
        _F.VAT_ID: lambda cell: compact(as_text(cell)),
    }
    return {
        field.value.lower(): read(row.cells[Target(field)])
        for field, read in readers.items()
        if Target(field) in row.cells
    }


def partner_draft(
    values: Mapping[str, Any], known: PartnerDraft | None
) -> tuple[PartnerDraft, Places]:
    """Return what a row wants: `known` with the row's values, or a new partner, and its parts.

    The number is no part of it. A draft is not checked yet.
    """
    draft = known or PartnerDraft(Address(name="", street="", postcode="", city=""))
    given = {name: value for name, value in values.items() if name != "number"}
    address = {name: given.pop(name) for name in list(given) if name in _ADDRESS}
    if "postcode" in address:
        country = address.get("country", draft.address.country)
        address["postcode"] = postcode(address["postcode"], country)
    account: dict[str, str] = {name: given.pop(name) for name in ("iban", "bic") if name in given}
    addresses, places = merged_addresses(draft.addresses, given.pop("addresses", {}))
    contacts, desks = merged_contacts(draft.contacts, given.pop("contacts", {}))
    wanted = replace(
        draft,
        address=replace(draft.address, **address),
        accounts=_accounts(draft.accounts, account),
        addresses=addresses,
        contacts=contacts,
        **given,
    )
    return wanted, {
        **{("addresses", place): number for place, number in places.items()},
        **{("contacts", place): number for place, number in desks.items()},
    }


def _accounts(
    known: tuple[AccountEntry, ...], given: Mapping[str, str]
) -> tuple[AccountEntry, ...]:
    """Return the accounts with the one a row names: changed if it is known, else added."""
    if not given:
        return known
    iban = given.get("iban") or (known[0].iban if len(known) == 1 else "")
    for place, account in enumerate(known):
        if account.iban == iban:
            changed = replace(account, **{**given, "iban": iban})
            return (*known[:place], changed, *known[place + 1 :])
    return (*known, AccountEntry(iban, given.get("bic")))


def draft_of_partner(partner: Partner) -> PartnerDraft:
    """Return the draft that would leave a partner as it is."""
    own = {field.name for field in fields(PartnerDraft)} - {"address", "payment_days"}
    parts: dict[str, Any] = {
        "addresses": tuple(_entry(AddressEntry, each) for each in partner.addresses),
        "accounts": tuple(_entry(AccountEntry, each) for each in partner.accounts),
        "tax_classes": tuple(_entry(TaxClassEntry, each) for each in partner.tax_classes),
        "contacts": tuple(
            _entry(
                ContactEntry,
                each,
                receives=tuple(
                    _entry(Receipt, one)
                    for one in partner.receipts
                    if one.contact_position == each.position
                ),
            )
            for each in partner.contacts
        ),
    }
    facts = {name: getattr(partner, name) for name in own - parts.keys()}
    return PartnerDraft(
        address=partner.address, payment_days=partner.own_payment_days, **facts, **parts
    )


def _entry(kind: type[T], part: object, **more: Any) -> T:
    names = {field.name for field in fields(kind)} - more.keys()  # type: ignore[arg-type]
    return kind(**{name: getattr(part, name) for name in names}, **more)
