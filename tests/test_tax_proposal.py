"""The tax of a line is proposed by the table: every case of trade, with its date, text and why."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.problems import Problem
from domain.tax import (
    EXEMPTION_TEXT,
    ItemTaxClass,
    PartnerKind,
    SellerRegime,
    Side,
    SupplierClass,
    TaxCategory,
    TaxDateTooEarly,
    TaxProposal,
    TaxQuestion,
    TaxReason,
    TaxWarning,
    checked_rate,
    is_in_eu,
    possible_rates,
    propose,
)
from domain.tax.reasons import _REASONS, _WARNINGS
from domain.tax.rules import RULES, When
from domain.text import Required

TODAY = date(2026, 8, 1)
OWED_BY_BUYER, COMMUNITY, EXPORT, NOT_TAXABLE = EXEMPTION_TEXT.values()
AUSTRIAN = {"partner_country": "AT", "vat_id": "ATU12345678", "ship_to": "AT"}
SWISS = {"partner_country": "CH", "ship_to": "CH"}
PRIVATE_IN_FRANCE = {"partner_kind": PartnerKind.PRIVATE, "partner_country": "FR", "ship_to": "FR"}
SERVICE = {"is_service": True}


def question(**asked: Any) -> TaxQuestion:
    """Ask about wheat for a German business, unless asked otherwise."""
    usual: dict[str, Any] = {
        "item": ItemTaxClass.REDUCED,
        "is_service": False,
        "partner_kind": PartnerKind.BUSINESS,
        "supply_date": TODAY,
    }
    return TaxQuestion(**(usual | asked))


def told(found: TaxProposal) -> str:
    return f"{found.category} {found.rate} {found.why.code}"


STANDARD, REDUCED, ZERO_RATED, EXEMPT, OUT_OF_SCOPE, SCRAP = (
    {"item": each} for each in ItemTaxClass
)
SMALL = {"regime": SellerRegime.SMALL_BUSINESS_19}
FARMER = {"regime": SellerRegime.FLAT_RATE_24}


def bought(supplier: SupplierClass, **more: Any) -> dict[str, Any]:
    return {"side": Side.SELF_BILLED, "supplier": supplier, **more}


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "feed at home": (REDUCED, "S 7 DOMESTIC_REDUCED"),
    "fertiliser at home": (STANDARD, "S 19 DOMESTIC_STANDARD"),
    "feed in the half year of 2020": (
        {"supply_date": date(2020, 12, 31)}, "S 5 DOMESTIC_REDUCED"),
    "fertiliser in the half year of 2020": (
        STANDARD | {"supply_date": date(2020, 7, 1)}, "S 16 DOMESTIC_STANDARD"),
    "a solar panel": (ZERO_RATED, "Z 0 ZERO_RATED"),
    "a solar panel before 2023": (
        ZERO_RATED | {"supply_date": date(2022, 12, 31)}, "S 19 DOMESTIC_STANDARD"),
    "a lesson": (EXEMPT | SERVICE | {"exemption": "§ 4 Nr. 21 UStG"}, "E 0 EXEMPT"),
    "an exempt thing abroad: its own exemption goes first": (EXEMPT | AUSTRIAN, "E 0 EXEMPT"),
    "damages": (OUT_OF_SCOPE, "O None OUT_OF_SCOPE"),
    "scrap to a dealer": (SCRAP, "AE 0 REVERSE_CHARGE_AT_HOME"),
    "scrap to a private person": (
        SCRAP | {"partner_kind": PartnerKind.PRIVATE}, "S 19 DOMESTIC_STANDARD"),
    "scrap to a town": (
        SCRAP | {"partner_kind": PartnerKind.PUBLIC}, "S 19 DOMESTIC_STANDARD"),
    "scrap to a dealer in Austria": (SCRAP | AUSTRIAN, "K 0 INTRA_COMMUNITY_SUPPLY"),
    "wheat to Austria": (AUSTRIAN, "K 0 INTRA_COMMUNITY_SUPPLY"),
    "wheat to a public body in Austria": (
        AUSTRIAN | {"partner_kind": PartnerKind.PUBLIC}, "K 0 INTRA_COMMUNITY_SUPPLY"),
    "wheat to Austria for a Dutch buyer": (
        AUSTRIAN | {"partner_country": "NL", "vat_id": "NL123456789B01"},
        "K 0 INTRA_COMMUNITY_SUPPLY"),
    "wheat to Greece, whose VAT ids begin with EL": (
        {"partner_country": "GR", "ship_to": "GR", "vat_id": "EL123456789"},
        "K 0 INTRA_COMMUNITY_SUPPLY"),
    "wheat to Northern Ireland": (
        {"partner_country": "XI", "ship_to": "XI", "vat_id": "XI123456789"},
        "K 0 INTRA_COMMUNITY_SUPPLY"),
    "wheat to England in 2020": (
        {"partner_country": "GB", "ship_to": "GB", "vat_id": "GB123456789",
         "supply_date": date(2020, 12, 31)}, "K 0 INTRA_COMMUNITY_SUPPLY"),
    "wheat to England since 2021": (
        {"partner_country": "GB", "ship_to": "GB", "vat_id": "GB123456789",
         "supply_date": date(2021, 1, 1)}, "G 0 EXPORT"),
    "wheat that an Austrian fetches and leaves at home": (
        AUSTRIAN | {"ship_to": "DE"}, "S 7 DOMESTIC_REDUCED"),
    "wheat to a Swiss": (SWISS, "G 0 EXPORT"),
    "wheat to a private Swiss": (SWISS | {"partner_kind": PartnerKind.PRIVATE}, "G 0 EXPORT"),
    "wheat to Switzerland for a German": ({"ship_to": "CH"}, "G 0 EXPORT"),
    "advice to an Austrian business": (
        STANDARD | SERVICE | AUSTRIAN, "AE 0 SERVICE_TO_EU_BUSINESS"),
    "advice to a Swiss business": (
        STANDARD | SERVICE | SWISS, "O None SERVICE_TO_THIRD_COUNTRY"),
    "advice to a Northern Irish business: third country for services": (
        STANDARD | SERVICE | {"partner_country": "XI", "vat_id": "XI123456789"},
        "O None SERVICE_TO_THIRD_COUNTRY"),
    "advice to a German with goods that went to Austria": (
        STANDARD | SERVICE | {"ship_to": "AT"}, "S 19 DOMESTIC_STANDARD"),
    "wine of a small business": (STANDARD | SMALL, "E 0 SMALL_BUSINESS"),
    "damages of a small business": (OUT_OF_SCOPE | SMALL, "E 0 SMALL_BUSINESS"),
    "wheat of a small business to Austria": (AUSTRIAN | SMALL, "E 0 SMALL_BUSINESS"),
    "wheat of a farmer": (FARMER, "S 7.8 FLAT_RATE_FARMER"),
    "wheat of a farmer in December 2024": (
        FARMER | {"supply_date": date(2024, 12, 6)}, "S 8.4 FLAT_RATE_FARMER"),
    "wheat of a farmer to Austria: no exemption, section 24 (1) s. 2": (
        FARMER | AUSTRIAN, "S 7.8 FLAT_RATE_FARMER"),
    "a farmer's lesson": (FARMER | EXEMPT, "E 0 EXEMPT"),
    "harvest bought of a business": (
        bought(SupplierClass.STANDARD), "S 7 DOMESTIC_REDUCED"),
    "harvest bought of a flat-rate farmer": (
        bought(SupplierClass.FLAT_RATE_24), "S 7.8 SUPPLIER_FLAT_RATE"),
    "harvest bought of a small business": (
        bought(SupplierClass.SMALL_BUSINESS_19), "E 0 SUPPLIER_SMALL_BUSINESS"),
    "apples bought of a gardener": (
        bought(SupplierClass.PRIVATE), "O None SUPPLIER_NOT_TAXABLE"),
    "scrap bought of a business: we owe the tax": (
        bought(SupplierClass.STANDARD, **SCRAP), "AE 0 REVERSE_CHARGE_AT_HOME"),
    "what we are taxed like does not matter when we buy": (
        bought(SupplierClass.STANDARD, **SMALL), "S 7 DOMESTIC_REDUCED"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_case_of_trade_has_its_tax(name: str):
    """Category, rate and the row of the table that decided."""
    asked, tax = CASES[name]

    assert told(propose(question(**asked))) == tax


WARNED: dict[str, tuple[dict[str, Any], str, TaxWarning]] = {
    "a business in Austria without a VAT id": (
        AUSTRIAN | {"vat_id": None}, "S 7 EU_BUYER_WITHOUT_VAT_ID",
        TaxWarning.BUYER_VAT_ID_MISSING),
    "a business in Austria with a German VAT id": (
        AUSTRIAN | {"vat_id": "DE136695976"}, "S 7 EU_BUYER_WITHOUT_VAT_ID",
        TaxWarning.BUYER_VAT_ID_MISSING),
    "a business in Austria with a Swiss VAT id": (
        AUSTRIAN | {"vat_id": "CHE123456789"}, "S 7 EU_BUYER_WITHOUT_VAT_ID",
        TaxWarning.BUYER_VAT_ID_MISSING),
    "advice to an Austrian business without a VAT id": (
        STANDARD | SERVICE | AUSTRIAN | {"vat_id": ""}, "S 19 EU_BUYER_WITHOUT_VAT_ID",
        TaxWarning.BUYER_VAT_ID_MISSING),
    "a parcel to a private person in France": (
        PRIVATE_IN_FRANCE, "S 7 DISTANCE_SALE", TaxWarning.OSS_NOT_SUPPORTED),
    "a solar panel to a private person in France": (
        PRIVATE_IN_FRANCE | ZERO_RATED, "S 19 DISTANCE_SALE", TaxWarning.OSS_NOT_SUPPORTED),
    "advice to a private person in France": (
        PRIVATE_IN_FRANCE | STANDARD | SERVICE, "S 19 SERVICE_TO_PRIVATE_ABROAD",
        TaxWarning.PLACE_OF_SERVICE_UNCERTAIN),
    "advice to a private Swiss": (
        SWISS | STANDARD | SERVICE | {"partner_kind": PartnerKind.PRIVATE},
        "S 19 SERVICE_TO_PRIVATE_ABROAD", TaxWarning.PLACE_OF_SERVICE_UNCERTAIN),
    "goods from Poland to Austria": (
        AUSTRIAN | {"ship_from": "PL"}, "O None GOODS_START_ABROAD",
        TaxWarning.FOREIGN_TAX_NOT_SUPPORTED),
    "goods from Poland to a German": (
        {"ship_from": "PL"}, "S 7 DOMESTIC_REDUCED", TaxWarning.FOREIGN_TAX_NOT_SUPPORTED),
    "wheat bought of an Austrian business": (
        bought(SupplierClass.STANDARD, **AUSTRIAN), "S 7 DOMESTIC_REDUCED",
        TaxWarning.SUPPLIER_ABROAD),
    "an exempt item that does not say why": (
        EXEMPT, "E 0 EXEMPT", TaxWarning.EXEMPTION_NOT_NAMED),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNED)
def test_a_doubtful_case_is_proposed_with_a_warning(name: str):
    """What is not supported is said openly, and a person decides."""
    asked, tax, warning = WARNED[name]

    found = propose(question(**asked))

    assert (told(found), found.warning) == (tax, warning)


def test_a_plain_case_warns_of_nothing():
    """Only the exempt items that do not say why: that is one of the doubtful cases above."""
    warned = {
        name
        for name, (asked, _) in CASES.items()
        if propose(question(**asked)).warning not in (None, TaxWarning.EXEMPTION_NOT_NAMED)
    }

    assert warned == set()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (REDUCED, None),
        (ZERO_RATED, None),
        (EXEMPT | {"exemption": "§ 4 Nr. 21 UStG"}, "§ 4 Nr. 21 UStG"),
        (EXEMPT, None),
        (SCRAP, OWED_BY_BUYER),
        (SERVICE | AUSTRIAN, OWED_BY_BUYER),
        (AUSTRIAN, COMMUNITY),
        (SWISS, EXPORT),
        (OUT_OF_SCOPE, NOT_TAXABLE),
        (SMALL, "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"),
        (
            SMALL | {"supply_date": date(2024, 12, 31)},
            "Kein Ausweis von Umsatzsteuer, da Kleinunternehmer (§ 19 UStG)",
        ),
        (
            bought(SupplierClass.SMALL_BUSINESS_19),
            "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)",
        ),
        (FARMER, None),
    ],
)
def test_missing_tax_comes_with_its_words(asked: Any, words: Any):
    """Section 14 (4) no. 8, 14a UStG; S and Z must have none [BR-S-10, BR-Z-10]."""
    found = propose(question(**asked))

    assert found.reason_text == words


@pytest.mark.parametrize("asked", [FARMER, bought(SupplierClass.FLAT_RATE_24)])
def test_a_flat_rate_comes_with_the_statement_of_section_24(asked: Any):
    """The average rate must be stated, but not as an exemption: tax is shown."""
    found = propose(question(**asked, supply_date=date(2023, 8, 1)))

    assert found.statement == "Durchschnittssatz für Land- und Forstwirte (§ 24 UStG): 9 %"
    assert found.reason_text is None


def test_why_is_a_code_and_a_sentence_in_both_languages():
    """With the facts of the case, rates and dates as each language writes them."""
    community = propose(question(**AUSTRIAN)).why
    flat = propose(question(**FARMER)).why

    assert community.code is TaxReason.INTRA_COMMUNITY_SUPPLY
    assert community.sentence("en") == (
        "Intra-community supply: goods from DE to AT, buyer has VAT id ATU12345678."
    )
    assert community.sentence("de") == (
        "Innergemeinschaftliche Lieferung: Ware von DE nach AT, der Käufer hat die USt-IdNr."
        " ATU12345678."
    )
    assert flat.sentence("en") == (
        "Your company is taxed at the farmers' flat rate, 7.8 % on 2026-08-01 (section 24 UStG)."
    )
    assert flat.sentence("de") == (
        "Die eigene Firma versteuert nach Durchschnittssätzen, 7,8 % am 01.08.2026 (§ 24 UStG)."
    )


def test_every_reason_and_warning_has_a_row_and_a_sentence():
    """No code without a sentence, no reason that no row gives."""
    assert {rule.why for rule in RULES} == set(TaxReason) == set(_REASONS)
    assert set(_WARNINGS) == set(TaxWarning)
    assert "OSS" in TaxWarning.OSS_NOT_SUPPORTED.sentence("en")
    assert "nicht unterstützt" in TaxWarning.OSS_NOT_SUPPORTED.sentence("de")


# ---------------------------------------------------------------------- what holds for the table

COUNTRIES = st.sampled_from(["DE", "AT", "FR", "GB", "XI", "HR", "CH", "US", "MC"])
QUESTIONS = st.builds(
    TaxQuestion,
    item=st.sampled_from(ItemTaxClass),
    is_service=st.booleans(),
    partner_kind=st.sampled_from(PartnerKind),
    supply_date=st.dates(date(2007, 1, 1), date(2030, 12, 31)),
    partner_country=COUNTRIES,
    vat_id=st.sampled_from([None, "", "DE136695976", "ATU12345678", "GB1", "XI1", "CHE1"]),
    ship_from=COUNTRIES,
    ship_to=COUNTRIES,
    regime=st.sampled_from(SellerRegime),
    side=st.sampled_from(Side),
    supplier=st.sampled_from(SupplierClass),
    exemption=st.sampled_from([None, "§ 4 Nr. 21 UStG"]),
)


@given(QUESTIONS)
def test_every_question_has_an_answer_that_may_be_posted(asked: TaxQuestion):
    """The rate is one of its category on that day, and no tax is shown where none may be."""
    found = propose(asked)

    assert checked_rate(found.category, found.rate, asked.supply_date, ()) == found.rate
    assert found.rate is None or found.rate in possible_rates(found.category, asked.supply_date)
    if asked.side is Side.SALES and asked.regime is SellerRegime.SMALL_BUSINESS_19:
        assert found.category is TaxCategory.E
    if found.category is TaxCategory.K:
        assert is_in_eu(asked.ship_to, asked.supply_date)
        assert asked.partner_kind is not PartnerKind.PRIVATE
        assert asked.vat_id


@given(QUESTIONS)
def test_a_supplier_s_class_alone_decides_what_is_bought_of_him(asked: TaxQuestion):
    """Neither countries nor our own taxation nor who he is change the rate of a Gutschrift."""
    bought_of = {"side": Side.SELF_BILLED, "supplier": asked.supplier, "item": asked.item}
    there = question(**bought_of, supply_date=asked.supply_date, is_service=asked.is_service)
    here = TaxQuestion(
        **{name: getattr(asked, name) for name in asked.__slots__} | {"side": Side.SELF_BILLED}
    )

    assert told(propose(here)) == told(propose(there))


def test_the_last_row_fits_everything_and_rows_of_one_case_follow_each_other_in_time():
    """So there is always an answer, and no day between two rows."""
    assert RULES[-1].when == When()
    dated = [rule for rule in RULES if rule.valid_until != date.max]
    followed = [RULES[RULES.index(rule) + 1] for rule in dated]
    assert [rule.valid_until for rule in dated] == [rule.valid_from for rule in followed]
    assert [rule.when for rule in dated] == [rule.when for rule in followed]


@pytest.mark.parametrize(
    ("country", "day", "is_member"),
    [
        ("HR", date(2013, 6, 30), False),
        ("HR", date(2013, 7, 1), True),
        ("GB", date(2020, 12, 31), True),
        ("GB", date(2021, 1, 1), False),
        ("MC", TODAY, True),
        ("CH", TODAY, False),
        ("NO", TODAY, False),
    ],
)
def test_a_country_belongs_to_the_eu_from_its_first_to_its_last_day(country, day, is_member):
    assert is_in_eu(country, day) is is_member


# --------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"supply_date": date(2006, 12, 31)}, TaxDateTooEarly),
        ({"side": Side.SELF_BILLED}, Required),
    ],
)
def test_a_question_that_says_too_little_is_refused(asked: Any, problem: type[Problem]):
    """No rate before 2007; no self-billed invoice without the supplier's class."""
    with pytest.raises(problem) as refused:
        propose(question(**asked), ("here",))

    assert refused.value.path == ("here",)
