"""What is refused before a document is posted, and how an invoice may be sent."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.problems import Problem
from domain.tax import (
    DeliveryCountryMissing,
    DeliveryCountryWrong,
    ExemptionReasonMissing,
    SellerRegime,
    SmallBusinessTax,
    TaxCategoriesMixed,
    TaxCategory,
    TaxChoice,
    TaxGroup,
    TaxIdMissing,
    TaxNotAllowed,
    TaxOverrideReasonMissing,
    TaxParty,
    VatIdNotAllowed,
    VatIdNotForeign,
    check_document_tax,
    check_override,
    is_small_amount,
    propose,
)
from domain.tax.drawing import drawn_rates, drawn_rules
from domain.tax.reasons import _REASONS, TaxReason
from domain.text import TooLong
from tests.test_tax_proposal import question

S, Z, E, AE, K, G, O = TaxCategory  # noqa: E741  the codes of the standard
TODAY = date(2026, 8, 1)
SELLER = TaxParty("SELLER", "DE136695976")
AUSTRIAN = TaxParty("BILL_TO", "ATU12345678")
NOBODY = TaxParty("BILL_TO")


def group(category: TaxCategory, rate: Any = 0, tax: str = "0.00", reason: Any = None) -> TaxGroup:
    rate = None if rate is None else Decimal(rate)
    return TaxGroup(category, rate, Decimal("200.00"), Decimal(tax), reason)


def check(*groups: TaxGroup, **more: Any) -> None:
    usual: dict[str, Any] = {
        "seller": SELLER,
        "buyer": AUSTRIAN,
        "regime": SellerRegime.STANDARD,
        "on": TODAY,
        "path": ("input", "id"),
    }
    check_document_tax(groups, **(usual | more))


SMALL = {"regime": SellerRegime.SMALL_BUSINESS_19}
TAXED = group(S, 19, "38.00")
EXEMPT = group(E, reason="§ 4 Nr. 21 UStG")
OUT_OF_SCOPE = group(O, None)
WITHOUT_IDS = {"seller": TaxParty("SELLER"), "buyer": NOBODY}

REFUSED: dict[str, tuple[list[TaxGroup], dict[str, Any], type[Problem], dict[str, str]]] = {
    "not taxable beside taxed": ([OUT_OF_SCOPE, TAXED], {}, TaxCategoriesMixed, {}),
    "tax of a small business": (
        [TAXED], SMALL, SmallBusinessTax, {"category": "S", "rate": "19"}),
    "tax of a small business that hides in an exemption": (
        [group(E, 0, "1.00", "§ 19 UStG")], SMALL, SmallBusinessTax,
        {"category": "E", "rate": "0"}),
    "tax on reverse charge": (
        [group(AE, "19.00", "38.00")], {}, TaxNotAllowed,
        {"category": "AE", "rate": "19", "tax": "38.00"}),
    "tax within the EU": (
        [group(K, 0, "0.01")], {"delivery_country": "AT"}, TaxNotAllowed,
        {"category": "K", "rate": "0", "tax": "0.01"}),
    "tax on an export": (
        [group(G, 7)], {}, TaxNotAllowed, {"category": "G", "rate": "7", "tax": "0.00"}),
    "tax on what is exempt": (
        [group(E, "7.8", "15.60", "§ 4")], {}, TaxNotAllowed,
        {"category": "E", "rate": "7.8", "tax": "15.60"}),
    "tax on what is not taxable": (
        [group(O, 19, "38.00")], WITHOUT_IDS, TaxNotAllowed,
        {"category": "O", "rate": "19", "tax": "38.00"}),
    "tax at zero per cent": (
        [group(Z, 0, "-0.01")], {}, TaxNotAllowed,
        {"category": "Z", "rate": "0", "tax": "-0.01"}),
    "exempt without a reason": (
        [group(E)], {}, ExemptionReasonMissing, {"category": "E"}),
    "reverse charge without the buyer's VAT id": (
        [group(AE)], {"buyer": NOBODY}, TaxIdMissing, {"category": "AE", "party": "BILL_TO"}),
    "within the EU without the seller's VAT id": (
        [group(K)], {"seller": TaxParty("SELLER"), "delivery_country": "AT"}, TaxIdMissing,
        {"category": "K", "party": "SELLER"}),
    "within the EU without the buyer's VAT id": (
        [group(K)], {"buyer": NOBODY, "delivery_country": "AT"}, TaxIdMissing,
        {"category": "K", "party": "BILL_TO"}),
    "within the EU with a German VAT id": (
        [group(K)], {"buyer": TaxParty("BILL_TO", "DE136695976"), "delivery_country": "AT"},
        VatIdNotForeign, {"vat_id": "DE136695976", "party": "BILL_TO"}),
    "within the EU with a British VAT id since 2021": (
        [group(K)], {"buyer": TaxParty("BILL_TO", "GB123456789"), "delivery_country": "AT"},
        VatIdNotForeign, {"vat_id": "GB123456789", "party": "BILL_TO"}),
    "within the EU without the country of delivery": (
        [group(K)], {}, DeliveryCountryMissing, {"category": "K"}),
    "within the EU, but to Switzerland": (
        [group(K)], {"delivery_country": "CH"}, DeliveryCountryWrong,
        {"category": "K", "country": "CH"}),
    "within the EU, but at home": (
        [group(K)], {"delivery_country": "DE"}, DeliveryCountryWrong,
        {"category": "K", "country": "DE"}),
    "to England since it left": (
        [group(K)], {"delivery_country": "GB"}, DeliveryCountryWrong,
        {"category": "K", "country": "GB"}),
    "an export to Austria": (
        [group(G)], {"delivery_country": "AT"}, DeliveryCountryWrong,
        {"category": "G", "country": "AT"}),
    "an export that stays at home": (
        [group(G)], {"delivery_country": "DE"}, DeliveryCountryWrong,
        {"category": "G", "country": "DE"}),
    "not taxable with the seller's VAT id": (
        [OUT_OF_SCOPE], {"buyer": NOBODY}, VatIdNotAllowed, {"party": "SELLER"}),
    "not taxable with the buyer's VAT id": (
        [OUT_OF_SCOPE], {"seller": TaxParty("SELLER")}, VatIdNotAllowed, {"party": "BILL_TO"}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_law_does_not_want_is_not_posted(name: str):
    """Each rule by its name, with the facts that mend it."""
    groups, more, problem, facts = REFUSED[name]

    with pytest.raises(problem) as refused:
        check(*groups, **more)

    assert refused.value.facts() == facts
    assert refused.value.path == ("input", "id")


@pytest.mark.parametrize(
    ("groups", "more"),
    [
        ([TAXED, group(S, 7, "14.00"), group(Z), EXEMPT], {"buyer": NOBODY}),
        ([group(S, "7.8", "15.60")], {"regime": SellerRegime.FLAT_RATE_24}),
        ([group(E, reason="Steuerbefreiung für Kleinunternehmer (§ 19 UStG)")], SMALL),
        ([group(AE)], {}),
        ([group(K), TAXED], {"delivery_country": "AT"}),
        ([group(K)], {"delivery_country": "XI"}),
        ([group(K)], {"delivery_country": "GB", "on": date(2020, 12, 31)}),
        ([group(G)], {"delivery_country": "CH", "buyer": NOBODY}),
        ([group(G)], {"buyer": NOBODY}),
        ([OUT_OF_SCOPE], WITHOUT_IDS),
        ([], {}),
    ],
)
def test_what_keeps_the_rules_is_posted(groups: list[TaxGroup], more: dict[str, Any]):
    """Every category in its right place, mixed where it may be."""
    check(*groups, **more)


# ------------------------------------------------------------------------------ overrides

WHEAT = propose(question())


def test_the_proposed_tax_needs_no_reason():
    """However many zeros the rate is written with."""
    assert check_override(WHEAT, TaxChoice(TaxCategory.S, Decimal("7.00")), None) is None
    assert check_override(WHEAT, TaxChoice(TaxCategory.S, Decimal(7)), "no matter") is None


@pytest.mark.parametrize(
    ("chosen", "told_as"),
    [
        (TaxChoice(TaxCategory.S, Decimal("19.00")), "S 19 %"),
        (TaxChoice(TaxCategory.Z, Decimal(0)), "Z 0 %"),
        (TaxChoice(TaxCategory.O, None), "O"),
    ],
)
def test_another_tax_than_proposed_needs_a_reason(chosen: TaxChoice, told_as: str):
    """Category or rate: whoever audits it must find out why."""
    assert check_override(WHEAT, chosen, " mit dem Steuerberater geklärt ") == (
        "mit dem Steuerberater geklärt"
    )
    for silent in (None, "", "  "):
        with pytest.raises(TaxOverrideReasonMissing) as refused:
            check_override(WHEAT, chosen, silent, ("input", "taxReason"))
        assert refused.value.facts() == {"proposed": "S 7 %", "chosen": told_as}
        assert refused.value.path == ("input", "taxReason")
    with pytest.raises(TooLong):
        check_override(WHEAT, chosen, "x" * 401)


# --------------------------------------------------------------- ------------- small amounts


@pytest.mark.parametrize(
    ("gross", "categories", "day", "is_small"),
    [
        ("250.00", {S}, TODAY, True),
        ("250.01", {S}, TODAY, False),
        ("-250.00", {S, Z}, TODAY, True),
        ("150.00", {S}, date(2016, 12, 31), True),
        ("150.01", {S}, date(2016, 12, 31), False),
        ("250.00", {S}, date(2017, 1, 1), True),
        ("1.00", {K}, TODAY, False),
        ("1.00", {S, AE}, TODAY, False),
        ("1.00", {S}, date(2006, 12, 31), False),
    ],
)
def test_a_small_amount_has_its_limit_by_date(gross, categories, day, is_small):
    """Section 33 UStDV: 250 EUR since 2017, 150 EUR before; never AE or K."""
    assert is_small_amount(Decimal(gross), categories, day) is is_small


# ---------------------------------------------------------------------------------- the guide

GUIDE = Path(__file__).parents[1] / "docs" / "guides" / "tax.md"


@pytest.mark.parametrize("drawn", [drawn_rules, drawn_rates])
def test_the_guide_shows_the_tables_of_the_code(drawn: Any):
    """Whoever changes a row draws it anew: the guide is for people and must not lie."""
    assert f"\n\n{drawn()}\n\n" in GUIDE.read_text("utf-8")


def test_the_guide_says_every_reason_in_both_languages():
    """A code of `taxReason` is looked up there; facts of the line stand in braces."""
    rows = [f"| `{each}` | {' | '.join(_REASONS[each])} |\n" for each in TaxReason]
    assert "".join(rows) in GUIDE.read_text("utf-8")


def test_the_guide_names_every_refusal_and_warning():
    """What is not proposed or not posted can be looked up by its code."""
    named = set(re.findall(r"`([A-Z_]+)`", GUIDE.read_text("utf-8")))

    refusals = {each[2].code for each in REFUSED.values()} | {TaxOverrideReasonMissing.code}
    assert refusals <= named
