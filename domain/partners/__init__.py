"""Partners (Geschäftspartner): whom we sell to and buy from, and addresses as they were."""

from domain.countries import CountryUnknown
from domain.partners.address import (
    Address,
    EmailMalformed,
    PostcodeMalformed,
    VatIdCheckDigitWrong,
    VatIdMalformed,
)
from domain.partners.partner import (
    DuplicatePartner,
    DuplicatePartnerNumber,
    Partner,
    PartnerDraft,
    PartnerKind,
)
from domain.partners.parts import (
    AccountEntry,
    AddressEntry,
    Channel,
    ContactEntry,
    DocumentGroup,
    Receipt,
    TaxClass,
    TaxClassEntry,
)
from domain.payment_terms import PaymentDaysOutOfRange, checked_payment_days

__all__ = [
    "AccountEntry",
    "Address",
    "AddressEntry",
    "Channel",
    "ContactEntry",
    "CountryUnknown",
    "DocumentGroup",
    "DuplicatePartner",
    "DuplicatePartnerNumber",
    "EmailMalformed",
    "Partner",
    "PartnerDraft",
    "PartnerKind",
    "PaymentDaysOutOfRange",
    "PostcodeMalformed",
    "Receipt",
    "TaxClass",
    "TaxClassEntry",
    "VatIdCheckDigitWrong",
    "VatIdMalformed",
    "checked_payment_days",
]
