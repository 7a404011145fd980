"""A business partner: master data, blocking, and what documents ask of it."""

import re
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.check_digits import compact, is_creditor_id, is_leitweg_id
from domain.identity import Language
from domain.journal import Recorder
from domain.money import checked_not_below_zero
from domain.partners.address import Address, camel, checked_email
from domain.partners.parts import (
    AccountEntry,
    AddressEntry,
    ContactEntry,
    PartnerAccount,
    PartnerAddress,
    PartnerContact,
    PartnerReceipt,
    PartnerTaxClass,
    TaxClass,
    TaxClassEntry,
    refuse_second_default,
    refuse_twice,
)
from domain.partners.rhythm import Rhythm
from domain.payment_terms import PaymentTerms, Terms, checked_payment_days
from domain.problems import Path, Problem
from domain.tax import PartnerKind as PartnerKind
from domain.text import Required, checked_text, optional_text

NUMBER_LENGTH_MAX = 20
PART_COUNT_MAX = {"addresses": 50, "contacts": 100, "accounts": 20, "tax_classes": 50}
EMAIL_SCHEME = "EM"


class DuplicatePartner(Problem):
    """There is already a partner with the VAT id {vat_id}: {existing}."""

    vat_id: str
    existing: str


class DuplicatePartnerNumber(Problem):
    """There is already a partner with the number {number}."""

    number: str


class PartnerRoleMissing(Problem):
    """A partner is a customer, a supplier, or both."""


class PartnerNotBlocked(Problem):
    """This partner is not blocked."""


class CreditorIdInvalid(Problem):
    """This is no creditor id (Gläubiger-ID): its length or its check digits are wrong."""


class LeitwegIdInvalid(Problem):
    """This is no Leitweg-ID: its parts or its check digits are wrong, such as 04011000-1234512345-06 has them."""  # noqa: E501  one sentence for the user


class EndpointSchemeMalformed(Problem):
    """The scheme of an electronic address is four digits or two letters of the EAS list, such as 0204, 9930 or EM."""  # noqa: E501  one sentence for the user


class AgreementEndsEarly(Problem):
    """The agreement on self-billing ends before it was made."""


class TooManyEntries(Problem):
    """A partner may have {entries_max} of these at the most."""

    entries_max: int


@dataclass(frozen=True, slots=True)
class PartnerDraft:
    """The master data of a partner as asked for, whole.

    `credit_limit` is an amount in the company's currency, None for no limit; `payment_days` counts
    where there are no `payment_terms`. `endpoint_id` is the electronic address (BT-34, BT-49).
    """

    address: Address
    kind: PartnerKind = PartnerKind.BUSINESS
    is_customer: bool = True
    is_supplier: bool = False
    is_one_time: bool = False
    language: Language = Language.DE
    price_group: str | None = None
    partner_group: str | None = None
    credit_limit: Decimal | None = None
    invoice_rhythm: Rhythm = Rhythm.DELIVERY
    payment_days: int = 14
    payment_terms: PaymentTerms | None = None
    leitweg_id: str | None = None
    endpoint_id: str | None = None
    endpoint_scheme: str | None = None
    creditor_id: str | None = None
    self_billing_agreed_on: date | None = None
    self_billing_agreement_ends: date | None = None
    addresses: tuple[AddressEntry, ...] = ()
    contacts: tuple[ContactEntry, ...] = ()
    accounts: tuple[AccountEntry, ...] = ()
    tax_classes: tuple[TaxClassEntry, ...] = ()


class Partner(Recorder):
    """A business partner with the address new documents take over."""

    entity_type = "partner"

    id: UUID
    tenant_id: UUID
    number: str
    kind: PartnerKind
    is_customer: bool
    is_supplier: bool
    is_one_time: bool
    language: Language
    name: str
    street: str
    postcode: str
    city: str
    country: str
    vat_id: str | None
    tax_number: str | None
    email: str | None
    price_group: str | None
    partner_group: str | None
    credit_limit: Decimal | None
    invoice_rhythm: Rhythm
    own_payment_days: int
    payment_terms_id: UUID | None
    payment_terms: PaymentTerms | None = None
    leitweg_id: str | None
    endpoint_id: str | None
    endpoint_scheme: str | None
    creditor_id: str | None
    self_billing_agreed_on: date | None
    self_billing_agreement_ends: date | None
    blocked_reason: str | None
    version: int
    addresses: list[PartnerAddress]
    contacts: list[PartnerContact]
    receipts: list[PartnerReceipt]
    accounts: list[PartnerAccount]
    tax_classes: list[PartnerTaxClass]

    def __init__(
        self, *, id: UUID, tenant_id: UUID, number: str, draft: PartnerDraft, **facts: Any
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.number = checked_text(number, NUMBER_LENGTH_MAX, ("input", "number"))
        self.blocked_reason = None
        self.addresses, self.contacts, self.receipts = [], [], []
        self.accounts, self.tax_classes = [], []
        self._take(draft)
        self.record("PartnerCreated", action="CREATE", **facts)

    def update(self, draft: PartnerDraft, *, at: datetime) -> None:
        """Take over a whole new set of master data; documents keep what they said before."""
        self.updated_at = at
        self._take(draft)
        self.record("PartnerUpdated", action="UPDATE")

    def block(self, reason: str, *, at: datetime) -> None:
        """Refuse new business with this partner, or give another reason for it."""
        self.updated_at = at
        self.blocked_reason = checked_text(reason, 500, ("input", "reason"))
        self.record("PartnerBlocked", action="BLOCK")

    def unblock(self, *, at: datetime) -> None:
        """Allow business again. Raises PartnerNotBlocked."""
        if self.blocked_reason is None:
            raise PartnerNotBlocked(path=("input", "id"))
        self.updated_at = at
        self.blocked_reason = None
        self.record("PartnerUnblocked", action="UNBLOCK")

    @property
    def is_blocked(self) -> bool:
        """Whether new business is refused; `blocked_reason` says why."""
        return self.blocked_reason is not None

    @property
    def payment_days(self) -> int:
        """Days until an invoice is due: those of the payment terms, or else of the partner."""
        return self.terms().due_days

    def terms(self) -> Terms:
        """Return when this partner pays and what it may deduct, for a document to take over."""
        if self.payment_terms_id is None:
            return Terms(self.own_payment_days)
        if self.payment_terms is None:
            raise RuntimeError("a partner is loaded together with its payment terms")
        return self.payment_terms.terms()

    @property
    def address(self) -> Address:
        """The present address, to be kept by a document as it is now."""
        return Address(**{field.name: getattr(self, field.name) for field in fields(Address)})

    @property
    def billing_address(self) -> Address:
        """The address invoices go to: the default for billing, or else the main one."""
        return self._address_for("is_billing_default")

    @property
    def shipping_address(self) -> Address:
        """The address goods go to: the default for shipping, or else the main one."""
        return self._address_for("is_shipping_default")

    def tax_class_on(self, day: date) -> TaxClass | None:
        """Return the supplier's tax class on a day, None while none is known."""
        known = [each for each in self.tax_classes if each.valid_from <= day]
        return max(known, key=lambda each: each.valid_from).tax_class if known else None

    def agrees_to_self_billing(self, day: date) -> bool:
        """Say whether an agreement on self-billing is on file for a day [section 14 (2) UStG]."""
        start, end = self.self_billing_agreed_on, self.self_billing_agreement_ends
        return start is not None and start <= day and (end is None or day <= end)

    def _address_for(self, purpose: str) -> Address:
        chosen = next((each for each in self.addresses if getattr(each, purpose)), None)
        if chosen is None:
            return self.address
        return replace(
            self.address,
            name=chosen.name or self.name,
            street=chosen.street,
            postcode=chosen.postcode,
            city=chosen.city,
            country=chosen.country,
        )

    def _take(self, draft: PartnerDraft) -> None:
        address = draft.address.checked(("input",))
        facts = _checked_facts(draft)
        self._take_parts(draft)
        for field in fields(address):
            setattr(self, field.name, getattr(address, field.name))
        for name, value in facts.items():
            setattr(self, name, value)
        self.payment_terms = draft.payment_terms
        self.payment_terms_id = draft.payment_terms.id if draft.payment_terms else None

    def _take_parts(self, draft: PartnerDraft) -> None:
        """Replace all parts. Raises the problem of the first one that is wrong."""
        for name, count_max in PART_COUNT_MAX.items():
            if len(getattr(draft, name)) > count_max:
                raise TooManyEntries(entries_max=count_max, path=("input", camel(name)))
        refuse_second_default(draft.addresses, ("input", "addresses"))
        addresses = [
            PartnerAddress(self, place, entry, ("input", "addresses", str(place - 1)))
            for place, entry in enumerate(draft.addresses, 1)
        ]
        contacts = [
            PartnerContact(self, place, entry, ("input", "contacts", str(place - 1)))
            for place, entry in enumerate(draft.contacts, 1)
        ]
        accounts = [
            PartnerAccount(self, place, entry, ("input", "accounts", str(place - 1)))
            for place, entry in enumerate(draft.accounts, 1)
        ]
        refuse_twice((each.iban for each in accounts), ("input", "accounts"))
        days = sorted(entry.valid_from for entry in draft.tax_classes)
        refuse_twice(days, ("input", "taxClasses"))
        self.addresses[:], self.contacts[:], self.accounts[:] = addresses, contacts, accounts
        self.receipts[:] = [
            PartnerReceipt(self, place, receipt)
            for place, entry in enumerate(draft.contacts, 1)
            for receipt in entry.receives
        ]
        by_day = sorted(draft.tax_classes, key=lambda entry: entry.valid_from)
        self.tax_classes[:] = [PartnerTaxClass(self, entry) for entry in by_day]


def _checked_facts(draft: PartnerDraft) -> dict[str, Any]:
    """Return the plain fields of a draft as they are kept.

    Raises the problem of the first one that is wrong.
    """
    if not (draft.is_customer or draft.is_supplier):
        raise PartnerRoleMissing(path=("input", "isCustomer"))
    return {
        "kind": draft.kind,
        "is_customer": draft.is_customer,
        "is_supplier": draft.is_supplier,
        "is_one_time": draft.is_one_time,
        "language": draft.language,
        "invoice_rhythm": draft.invoice_rhythm,
        "price_group": optional_text(draft.price_group, 40, ("input", "priceGroup")),
        "partner_group": optional_text(draft.partner_group, 40, ("input", "partnerGroup")),
        "credit_limit": checked_not_below_zero(draft.credit_limit, ("input", "creditLimit")),
        "own_payment_days": checked_payment_days(draft.payment_days, ("input", "paymentDays")),
        "leitweg_id": _checked_leitweg_id(draft.leitweg_id, ("input", "leitwegId")),
        "creditor_id": checked_creditor_id(draft.creditor_id, ("input", "creditorId")),
        **_checked_endpoint(draft),
        **_checked_agreement(draft),
    }


def checked_creditor_id(text: str | None, path: Path) -> str | None:
    """Return a creditor id as it is kept. Raises TooLong or CreditorIdInvalid."""
    creditor_id = optional_text(compact(text or ""), 35, path)
    if creditor_id is not None and not is_creditor_id(creditor_id):
        raise CreditorIdInvalid(path=path)
    return creditor_id


def _checked_leitweg_id(text: str | None, path: Path) -> str | None:
    leitweg_id = optional_text(text, 46, path)
    if leitweg_id is not None and not is_leitweg_id(leitweg_id):
        raise LeitwegIdInvalid(path=path)
    return leitweg_id


def _checked_endpoint(draft: PartnerDraft) -> dict[str, str | None]:
    """Return electronic address and scheme: both or none."""
    places = {name: ("input", camel(name)) for name in ("endpoint_id", "endpoint_scheme")}
    id = optional_text(draft.endpoint_id, 254, places["endpoint_id"])
    scheme = optional_text(draft.endpoint_scheme, 4, places["endpoint_scheme"])
    if id is None and scheme is None:
        return {"endpoint_id": None, "endpoint_scheme": None}
    if id is None or scheme is None:
        raise Required(path=places["endpoint_id" if id is None else "endpoint_scheme"])
    if not re.fullmatch(r"\d{4}|[A-Z]{2}", scheme, re.ASCII):
        raise EndpointSchemeMalformed(path=places["endpoint_scheme"])
    if scheme == EMAIL_SCHEME:
        checked_email(id, places["endpoint_id"])
    return {"endpoint_id": id, "endpoint_scheme": scheme}


def _checked_agreement(draft: PartnerDraft) -> dict[str, date | None]:
    start, end = draft.self_billing_agreed_on, draft.self_billing_agreement_ends
    if end is not None and start is None:
        raise Required(path=("input", "selfBillingAgreedOn"))
    if end is not None and start is not None and end < start:
        raise AgreementEndsEarly(path=("input", "selfBillingAgreementEnds"))
    return {"self_billing_agreed_on": start, "self_billing_agreement_ends": end}
