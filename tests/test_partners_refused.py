"""What a partner must not have: each wrong fact is refused at its place, and nothing is written."""

import uuid
from typing import Any

import pytest

from persistence.unit_of_work import UnitOfWork
from tests.companies import work_of
from tests.erp import Erp
from tests.refused import PARTNER, problem_of, unchanged

IBAN = "DE89370400440532013000"
DEPOT = {"label": "Lager", "street": "Weg 2", "postcode": "27283", "city": "Verden"}
MAILED: dict[str, Any] = {
    "name": "Frau Müller",
    "email": "mueller@example.org",
    "receives": [{"documents": "REMINDERS", "channel": "PDF_MAIL"}],
}

DAY = "2026-01-01"
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"isCustomer": False}, "PARTNER_ROLE_MISSING", "isCustomer"),
    ({"creditLimit": "-0.01"}, "AMOUNT_BELOW_ZERO", "creditLimit"),
    ({"creditLimit": "1.001"}, "TOO_PRECISE", "creditLimit"),
    ({"priceGroup": "x" * 41}, "TOO_LONG", "priceGroup"),
    ({"partnerGroup": "x" * 41}, "TOO_LONG", "partnerGroup"),
    ({"leitwegId": "04011000-1234512345-07"}, "LEITWEG_ID_INVALID", "leitwegId"),
    ({"creditorId": "DE97ZZZ09999999999"}, "CREDITOR_ID_INVALID", "creditorId"),
    ({"endpointId": "a@b.example"}, "REQUIRED", "endpointScheme"),
    ({"endpointScheme": "EM"}, "REQUIRED", "endpointId"),
    ({"endpointId": "x", "endpointScheme": "em"}, "ENDPOINT_SCHEME_MALFORMED", "endpointScheme"),
    ({"endpointId": "no mail", "endpointScheme": "EM"}, "EMAIL_MALFORMED", "endpointId"),
    ({"selfBillingAgreementEnds": DAY}, "REQUIRED", "selfBillingAgreedOn"),
    (
        {"selfBillingAgreedOn": DAY, "selfBillingAgreementEnds": "2025-12-31"},
        "AGREEMENT_ENDS_EARLY",
        "selfBillingAgreementEnds",
    ),
    ({"addresses": [DEPOT, {**DEPOT, "city": " "}]}, "REQUIRED", "addresses.1.city"),
    ({"addresses": [{**DEPOT, "country": "UK"}]}, "COUNTRY_UNKNOWN", "addresses.0.country"),
    (
        {"addresses": [{**DEPOT, "isBillingDefault": True}] * 2},
        "DEFAULT_ADDRESS_AMBIGUOUS",
        "addresses.1.isBillingDefault",
    ),
    ({"addresses": [DEPOT] * 51}, "TOO_MANY_ENTRIES", "addresses"),
    ({"contacts": [{"name": "A", "email": "A"}]}, "EMAIL_MALFORMED", "contacts.0.email"),
    (
        {"contacts": [{**MAILED, "email": None}]},
        "REQUIRED",
        "contacts.0.email",
    ),
    (
        {"contacts": [{**MAILED, "receives": MAILED["receives"] * 2}]},
        "STATED_TWICE",
        "contacts.0.receives",
    ),
    ({"accounts": [{"iban": "DE88370400440532013000"}]}, "IBAN_INVALID", "accounts.0.iban"),
    ({"accounts": [{"iban": IBAN, "bic": "COBA"}]}, "BIC_MALFORMED", "accounts.0.bic"),
    ({"accounts": [{"iban": IBAN}] * 2}, "STATED_TWICE", "accounts"),
    (
        {"taxClasses": [{"taxClass": "PRIVATE", "validFrom": DAY}] * 2},
        "STATED_TWICE",
        "taxClasses",
    ),
    ({"number": "x" * 21}, "TOO_LONG", "number"),
]


@pytest.mark.parametrize(("change", "code", "place"), FAULTS)
async def test_a_wrong_fact_of_a_partner_is_refused_at_its_place(
    erp: Erp, change: dict[str, Any], code: str, place: str
):
    """Creating and updating alike; nothing is written."""
    anna = await erp.sign_in()
    id = await anna.create_partner()

    async with unchanged(erp):
        answers = [await anna.do("createPartner", "partner { id }", **PARTNER, **change)]
        if "number" not in change:
            facts = {**PARTNER, **change, "expectedVersion": 1}
            answers.append(await anna.do("updatePartner", "partner { id }", id=id, **facts))

    for answer in answers:
        assert problem_of(answer)[:2] == (code, f"input.{place}")


# ------------------------------------------------------------------------- sellers of e-invoices

SELLER = {
    "seller_name": "Saatgut AG",
    "seller_street": "Weg 1",
    "seller_postcode": "27318",
    "seller_city": "Hoya",
    "seller_vat_id": "DE136695976",
    "iban": "DE89 3704 0044 0532 0130 00",
}


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({}, None, ""),
        ({"seller_vat_id": "DE123456789"}, "VAT_ID_CHECK_DIGIT_WRONG", "input.id.vatId"),
        ({"iban": "DE88370400440532013000"}, "IBAN_INVALID", "input.id.iban"),
        ({"seller_email": "see website"}, "EMAIL_MALFORMED", "input.id.email"),
    ],
)
async def test_the_seller_of_an_e_invoice_becomes_a_supplier_if_what_it_says_can_be_right(
    erp: Erp, change: dict[str, str], code: str | None, place: str
):
    """What is only read may be wrong; what becomes our own master data may not."""
    anna = await erp.sign_in()
    item = (await anna.import_file("a.xml", b"<a/>")).made["id"]
    work: UnitOfWork
    async with work_of(erp) as work:
        found = await work.inbox.locked(uuid.UUID(item.removeprefix("inb_")))
        found.read({**SELLER, **change}, at=work.now)

    answer = await anna.do(
        "createPartnerFromInboxItem",
        "partner { number isCustomer isSupplier accounts { iban } }",
        id=item,
    )

    if code:
        assert problem_of(answer)[:2] == (code, place)
    else:
        assert answer.made == {
            "number": "10001",
            "isCustomer": False,
            "isSupplier": True,
            "accounts": [{"iban": IBAN}],
        }
