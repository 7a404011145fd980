"""Payment terms: due days and Skonto, and how partners and their documents follow them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.partners import (
    Address,
    AddressEntry,
    Partner,
    PartnerDraft,
    TaxClass,
    TaxClassEntry,
)
from domain.payment_terms import Discount, PaymentTerms, PaymentTermsDraft, Terms
from tests.erp import Erp, User
from tests.refused import PARTNER, problem_of, unchanged

SHOWN = "paymentTerms { id code nameDe nameEn dueDays version steps { days percent } }"
FACTS: dict[str, Any] = {
    "code": "30N-3S7-2S14",
    "nameDe": "7 Tage 3 %, 14 Tage 2 %, 30 Tage netto",
    "nameEn": "3 % within 7 days, 2 % within 14 days, 30 days net",
    "dueDays": 30,
    "steps": [{"days": 7, "percent": "3"}, {"days": 14, "percent": "2.50"}],
}


async def _make(user: User, **more: Any) -> Any:
    return (await user.do("createPaymentTerms", SHOWN, **{**FACTS, **more})).made


async def test_payment_terms_are_kept_listed_and_replaced(erp: Erp):
    """The journal tells which step changed."""
    anna = await erp.sign_in()
    made = await _make(anna)
    await _make(anna, code="0", steps=[], dueDays=0)
    steps = [{"days": 7, "percent": "2"}]

    update = await anna.do(
        "updatePaymentTerms", SHOWN, id=made["id"], expectedVersion=1, **{**FACTS, "steps": steps}
    )

    assert made["steps"] == [{"days": 7, "percent": "3"}, {"days": 14, "percent": "2.5"}]
    assert (update.made["version"], update.made["steps"]) == (2, steps)
    listed = await anna.ask(
        "{ paymentTerms { nodes { code history(last: 1) { nodes {"
        " type changes { field before after } } } } } }"
    )
    first, second = listed.data["paymentTerms"]["nodes"]
    assert (first["code"], second["code"]) == ("0", FACTS["code"])
    [entry] = second["history"]["nodes"]
    assert (entry["type"], entry["changes"]) == (
        "PaymentTermsUpdated",
        [
            {"field": "steps.1.percent", "before": "3", "after": "2"},
            {"field": "steps.2.days", "before": "14", "after": None},
            {"field": "steps.2.percent", "before": "2.5", "after": None},
        ],
    )


STEP = {"days": 7, "percent": "3"}


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"code": " "}, "REQUIRED", "code"),
        ({"code": "x" * 21}, "TOO_LONG", "code"),
        ({"nameDe": ""}, "REQUIRED", "nameDe"),
        ({"nameEn": "x" * 101}, "TOO_LONG", "nameEn"),
        ({"dueDays": 366}, "PAYMENT_DAYS_OUT_OF_RANGE", "dueDays"),
        ({"steps": [STEP] * 3}, "TOO_MANY_DISCOUNT_STEPS", "steps"),
        ({"steps": [{**STEP, "days": -1}]}, "PAYMENT_DAYS_OUT_OF_RANGE", "steps.0.days"),
        ({"steps": [{**STEP, "percent": "0"}]}, "MUST_BE_POSITIVE", "steps.0.percent"),
        ({"steps": [{**STEP, "percent": "100"}]}, "TOO_LARGE", "steps.0.percent"),
        ({"steps": [{**STEP, "percent": "2.005"}]}, "TOO_PRECISE", "steps.0.percent"),
        ({"steps": [{**STEP, "percent": "NaN"}]}, "NOT_A_NUMBER", "steps.0.percent"),
        ({"steps": [{**STEP, "days": 30}]}, "DISCOUNT_STEPS_UNORDERED", "steps"),
        ({"steps": [STEP, STEP]}, "DISCOUNT_STEPS_UNORDERED", "steps"),
        ({"steps": [STEP, {"days": 14, "percent": "4"}]}, "DISCOUNT_STEPS_UNORDERED", "steps"),
        ({"code": "TAKEN"}, "DUPLICATE_PAYMENT_TERMS", "code"),
    ],
)
async def test_wrong_payment_terms_are_neither_made_nor_taken_over(
    erp: Erp, change: dict[str, Any], code: str, place: str
):
    """The same problem at the same place; nothing is written."""
    anna = await erp.sign_in()
    await _make(anna, code="TAKEN")
    known = await _make(anna)
    wrong = {**FACTS, "code": "NEW", **change}

    async with unchanged(erp):
        made = await anna.do("createPaymentTerms", SHOWN, **wrong)
        updated = await anna.do(
            "updatePaymentTerms", SHOWN, id=known["id"], expectedVersion=1, **wrong
        )

    assert problem_of(made)[:2] == problem_of(updated)[:2] == (code, f"input.{place}")


async def test_payment_terms_seen_in_another_version_are_not_changed(erp: Erp):
    """The first of two editors wins."""
    anna = await erp.sign_in()
    made = await _make(anna)

    async with unchanged(erp):
        answer = await anna.do(
            "updatePaymentTerms", SHOWN, id=made["id"], expectedVersion=2, **FACTS
        )

    assert answer.problem_codes == ["VERSION_CONFLICT"]


async def test_a_partner_pays_by_its_terms_and_new_documents_follow_them(erp: Erp):
    """What is written keeps its due date; without terms the partner's own days count again."""
    anna = await erp.sign_in()
    terms = (await _make(anna))["id"]
    partner = await anna.create_partner(paymentTermsId=terms, paymentDays=5)
    asked = "query($id: ID!) { partner(id: $id) { paymentDays paymentTerms { code } } }"

    async def due(customer: str) -> str:
        invoice = await anna.create_invoice(soldTo=customer)
        found = await anna.ask(
            "query($id: ID!) { document(id: $id) { ... on SalesInvoice { dueDate } } }",
            id=invoice["id"],
        )
        day: str = found.data["document"]["dueDate"]
        return day

    before = (await anna.ask(asked, id=partner)).data["partner"]
    assert before == {"paymentDays": 30, "paymentTerms": {"code": FACTS["code"]}}
    assert await due(partner) == "2026-12-20"
    await anna.do(
        "updatePaymentTerms",
        SHOWN,
        id=terms,
        expectedVersion=1,
        **{**FACTS, "dueDays": 60, "steps": []},
    )
    assert (await anna.ask(asked, id=partner)).data["partner"]["paymentDays"] == 60
    assert await due(partner) == "2027-01-19"
    facts = {**PARTNER, "paymentDays": 5}
    await anna.do("updatePartner", "partner { id }", id=partner, expectedVersion=1, **facts)
    after = (await anna.ask(asked, id=partner)).data["partner"]
    assert after == {"paymentDays": 5, "paymentTerms": None}
    assert await due(partner) == "2026-11-25"


# ----------------------------------------------------------------- what documents ask, as rules

HOF = Address("Hof Lindenau", "Lindenallee 4", "27318", "Hoya", vat_id="DE136695976")
TERMS = PaymentTerms(
    id=UUID(int=1),
    tenant_id=UUID(int=2),
    draft=PaymentTermsDraft("30N", "30 Tage", "30 days", 30, (Discount(10, Decimal(2)),)),
)
DRAFT = PartnerDraft(
    HOF,
    self_billing_agreed_on=date(2026, 3, 1),
    self_billing_agreement_ends=date(2026, 10, 31),
    addresses=(
        AddressEntry("Silo", "Am Silo 1", "27283", "Verden", is_shipping_default=True),
        AddressEntry("Büro", "Markt 1", "28195", "Bremen", name="Büro AG", is_billing_default=True),
    ),
    tax_classes=(
        TaxClassEntry(TaxClass.STANDARD, date(2026, 7, 1)),
        TaxClassEntry(TaxClass.FLAT_RATE_24, date(2026, 1, 1)),
    ),
)


def _partner(draft: PartnerDraft) -> Partner:
    return Partner(id=UUID(int=3), tenant_id=UUID(int=2), number="1", draft=draft)


def test_terms_are_those_of_the_payment_terms_or_else_the_partners_own_days():
    """Frozen, so that a document can keep them."""
    own = _partner(replace(DRAFT, payment_days=7))
    agreed = _partner(replace(DRAFT, payment_days=7, payment_terms=TERMS))

    assert (own.terms(), own.payment_days) == (Terms(7), 7)
    assert agreed.terms() == Terms(30, (Discount(10, Decimal(2)),))
    assert agreed.payment_days == 30


@pytest.mark.parametrize(
    ("day", "tax_class", "agreed"),
    [
        (date(2025, 12, 31), None, False),
        (date(2026, 1, 1), TaxClass.FLAT_RATE_24, False),
        (date(2026, 3, 1), TaxClass.FLAT_RATE_24, True),
        (date(2026, 6, 30), TaxClass.FLAT_RATE_24, True),
        (date(2026, 7, 1), TaxClass.STANDARD, True),
        (date(2026, 10, 31), TaxClass.STANDARD, True),
        (date(2026, 11, 1), TaxClass.STANDARD, False),
    ],
)
def test_tax_class_and_agreement_of_a_supplier_are_those_of_the_day(day, tax_class, agreed):
    """Both ends of the agreement belong to it; a tax class counts until the next one."""
    supplier = _partner(DRAFT)

    assert supplier.tax_class_on(day) is tax_class
    assert supplier.agrees_to_self_billing(day) is agreed


def test_default_addresses_stand_in_for_the_main_one_and_keep_its_tax_ids():
    """A name of their own where they have one."""
    partner = _partner(DRAFT)

    assert partner.shipping_address == replace(
        HOF, street="Am Silo 1", postcode="27283", city="Verden"
    )
    assert partner.billing_address == replace(
        HOF, name="Büro AG", street="Markt 1", postcode="28195", city="Bremen"
    )
    plain = _partner(PartnerDraft(HOF))
    assert plain.billing_address == plain.shipping_address == plain.address == HOF


def test_an_update_forgets_what_is_not_said_again():
    """The whole content anew."""
    partner = _partner(replace(DRAFT, payment_terms=TERMS))

    partner.update(PartnerDraft(HOF), at=datetime(2026, 1, 1, tzinfo=UTC))

    assert (partner.addresses, partner.tax_classes, partner.payment_terms_id) == ([], [], None)
    assert partner.terms() == Terms(14)
