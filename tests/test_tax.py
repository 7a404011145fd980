"""Amounts and value added tax: hand-made invoices, and what holds for every invoice."""

import ast
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import domain
from domain.amounts import line_goods
from domain.money import AMOUNT_MAX, NotANumber, TooLarge, TooPrecise, checked, checked_amount
from domain.money import rounded as to_cents
from domain.problems import Problem
from domain.tax import (
    EXEMPTION_TEXT,
    ExemptionReasonMissing,
    TaxCategoriesMixed,
    TaxCategory,
    TaxRateUnknown,
    breakdown,
    checked_rate,
    checked_reason,
    needs_both_tax_ids,
    possible_rates,
)
from domain.text import Required
from tests.test_life import invoice

S, Z, E, AE, K, G, O = TaxCategory  # noqa: E741  the codes of the standard
TODAY = date(2026, 3, 15)
OWED_BY_BUYER, COMMUNITY, EXPORT, NOT_TAXABLE = EXEMPTION_TEXT.values()

# ------------------------------------------------------------------------- invoices made by hand

MIXED = {
    "seed, feed and a solar panel": (
        ["2.5 x 210.50 S 7", "4 x 25 S 19", "1 x 1999.99 Z"],
        ["S 19: 100.00 + 19.00", "S 7: 526.25 + 36.84", "Z 0: 1999.99 + 0.00"],
        "2626.24 + 55.84 = 2682.08",
    ),
    "three lines of 3 cents, whose tax is 2 cents and not three times 1": (
        ["1 x 0.03 S 19"] * 3,
        ["S 19: 0.09 + 0.02"],
        "0.09 + 0.02 = 0.11",
    ),
    "a farmer who sells timber, wheat, wine and feed": (
        ["12.5 x 64.40 S 5.5", "3 x 333.33 S 7.8", "4 x 25 S 19", "2.5 x 210.50 S 7"],
        [
            "S 19: 100.00 + 19.00",
            "S 7.8: 999.99 + 78.00",
            "S 7: 526.25 + 36.84",
            "S 5.5: 805.00 + 44.28",
        ],
        "2431.24 + 178.12 = 2609.36",
    ),
    "goods taken back, which halve away from zero too": (
        ["4 x 25 S 19", "-1 x 2.50 S 7", "-3 x 0.335 S 5.5"],
        ["S 19: 100.00 + 19.00", "S 7: -2.50 + -0.18", "S 5.5: -1.01 + -0.06"],
        "96.49 + 18.76 = 115.25",
    ),
    "goods sold and taken back at one rate": (
        ["10 x 1.05 S 19", "-1 x 1.05 S 19"],
        ["S 19: 9.45 + 1.80"],
        "9.45 + 1.80 = 11.25",
    ),
    "a price for 1000 pieces, and a line on the half cent": (
        ["250 x 19.99/1000 S 19", "3 x 0.335 S 19"],
        ["S 19: 6.01 + 1.14"],
        "6.01 + 1.14 = 7.15",
    ),
    "scrap, whose buyer owes the tax": (
        ["2.5 x 180 AE"],
        [f"AE 0: 450.00 + 0.00 {OWED_BY_BUYER}"],
        "450.00 + 0.00 = 450.00",
    ),
    "an export beside a delivery inside the community and a private lesson": (
        ["1 x 45.50 K", "1 x 1200 G 0", "2 x 30 E - § 4 Nr. 21 UStG"],
        [
            "E 0: 60.00 + 0.00 § 4 Nr. 21 UStG",
            f"G 0: 1200.00 + 0.00 {EXPORT}",
            f"K 0: 45.50 + 0.00 {COMMUNITY}",
        ],
        "1305.50 + 0.00 = 1305.50",
    ),
    "damages, which are not taxable": (
        ["1 x 750 O", "1 x 0.50 O"],
        [f"O None: 750.50 + 0.00 {NOT_TAXABLE}"],
        "750.50 + 0.00 = 750.50",
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_an_invoice_made_by_hand_comes_out_to_the_cent(name: str):
    """Groups by category, then by falling rate; tax per group; gross is net and tax."""
    lines, groups, totals = MIXED[name]

    made = invoice(*lines)

    assert [
        f"{tax.category} {tax.rate}: {tax.basis} + {tax.tax} {tax.reason or ''}".strip()
        for tax in made.taxes
    ] == groups
    assert f"{made.net} + {made.tax} = {made.gross}" == totals


@pytest.mark.parametrize(
    ("first", "last", "taxes"),
    [  # the tax on 99.90 EUR by rate
        ("2007-01-01", "2020-06-30", {"19": "18.98", "10.7": "10.69", "7": "6.99", "5.5": "5.49"}),
        ("2020-07-01", "2020-12-31", {"16": "15.98", "10.7": "10.69", "5.5": "5.49", "5": "5.00"}),
        ("2021-01-01", "2021-12-31", {"19": "18.98", "10.7": "10.69", "7": "6.99", "5.5": "5.49"}),
        ("2022-01-01", "2022-12-31", {"19": "18.98", "9.5": "9.49", "7": "6.99", "5.5": "5.49"}),
        ("2023-01-01", "2024-12-05", {"19": "18.98", "9": "8.99", "7": "6.99", "5.5": "5.49"}),
        ("2024-12-06", "2024-12-31", {"19": "18.98", "8.4": "8.39", "7": "6.99", "5.5": "5.49"}),
        ("2025-01-01", "2026-12-31", {"19": "18.98", "7.8": "7.79", "7": "6.99", "5.5": "5.49"}),
    ],
)
def test_a_rate_counts_from_its_first_to_its_last_day(first: str, last: str, taxes: dict[str, str]):
    """Sections 12 and 24 UStG by date of supply, whenever the invoice is written."""
    for day in (date.fromisoformat(first), date.fromisoformat(last)):
        made = invoice(*(f"1 x 99.90 S {rate}" for rate in reversed(taxes)), supply_date=day)
        assert {str(each.rate): str(each.tax) for each in made.taxes} == taxes
        assert possible_rates(S, day) == set(map(Decimal, taxes))
        assert [possible_rates(each, day) for each in (Z, E, AE, K, G)] == [{Decimal(0)}] * 5
        assert possible_rates(O, day) == frozenset()


def test_a_service_over_a_period_is_taxed_at_the_rate_of_its_last_day():
    """It is supplied when it is completed (section 27 (1) UStG, UStAE 13.1 (3)), as in 2020/21."""
    period = {"supply_date": date(2020, 7, 1), "supply_until": date(2021, 6, 30)}

    assert invoice("1 x 100 S 19", **period).tax == Decimal("19.00")
    with pytest.raises(TaxRateUnknown):
        invoice("1 x 100 S 16", **period)


@pytest.mark.parametrize("beside", [S, Z, E, AE, K, G])
def test_what_is_not_taxable_stands_alone(beside: TaxCategory):
    """EN 16931 BR-O-11: category O beside any other is refused, in both orders."""
    other = f"1 x 5 {beside} {'19' if beside is S else '-'} § 4 Nr. 21 UStG"
    for lines in ([other, "1 x 5 O"], ["1 x 5 O", other]):
        with pytest.raises(TaxCategoriesMixed) as refused:
            invoice(*lines)
        assert refused.value.path == ("input", "lines")


# ------------------------------------------------------------------------- rates and reasons


@pytest.mark.parametrize(
    ("category", "rates", "possible"),
    [(S, "20 0 -19 NaN", "5.5, 7, 7.8, 19"), (O, "0 19", "-")]
    + [(category, "19 7 0.01 -0.01", "0") for category in (Z, E, AE, K, G)],
)
def test_a_rate_that_a_category_does_not_have_is_refused(category: Any, rates: str, possible: str):
    """Tax on a supply without tax would be owed (section 14c UStG); O has no rate, not even 0."""
    for rate in rates.split():
        with pytest.raises(TaxRateUnknown) as refused:
            checked_rate(category, Decimal(rate), TODAY, ("here",))
        told = {"rate": rate, "category": category, "date": "2026-03-15"}
        assert refused.value.facts() == {**told, "possible_rates": possible}
        assert refused.value.path == ("here",)


def test_a_rate_left_out_is_nought_or_none_but_not_for_taxed_goods():
    """0 for what shows no tax, none at all for O; S must say which."""
    left_out = [checked_rate(each, None, TODAY, ()) for each in (Z, E, AE, K, G, O)]

    assert left_out == [*[Decimal(0)] * 5, None]
    with pytest.raises(Required):
        checked_rate(S, None, TODAY, ())


def test_missing_tax_is_explained_and_shown_tax_is_not():
    """Section 14 (4) no. 8 UStG; E has several reasons and must name its own; BR-S-10, BR-Z-10."""
    unexplained = {each: checked_reason(each, None, ()) for each in (S, Z, AE, K, G, O)}
    explained = {each: checked_reason(each, "§ 19 UStG", ()) for each in (S, Z, E, G)}

    assert unexplained == {S: None, Z: None, **EXEMPTION_TEXT}
    assert explained == {S: None, Z: None, E: "§ 19 UStG", G: "§ 19 UStG"}
    with pytest.raises(ExemptionReasonMissing) as refused:
        checked_reason(E, None, ("here",))
    assert (refused.value.facts(), refused.value.path) == ({"category": E}, ("here",))
    assert [each for each in TaxCategory if needs_both_tax_ids(each)] == [AE, K]


def test_reverse_charge_keeps_the_words_of_the_law_beside_a_reason_of_ones_own():
    """Section 14a (5) UStG demands these very words, whatever else is said."""
    reason = checked_reason(AE, "Bauleistung nach § 13b Abs. 2 Nr. 4 UStG", ())

    assert OWED_BY_BUYER in (reason or "")


# ---------------------------------------------------------------- what holds for every invoice

NUMBERS = st.decimals("0.000001", "999999999999.999999", places=6)
PRICES = st.decimals(0, "999999.999999", places=6)
SMALL = st.decimals("-99999", "99999", places=3).filter(bool)
RATED = st.sampled_from([(S, Decimal(r)) for r in ("19", "7", "7.8", "5.5")] + [(Z, Decimal(0))])
NETS = st.lists(st.tuples(RATED, st.decimals(-(10**13) + 1, 10**13 - 1, places=2)), max_size=40)


def exact(amount: Fraction) -> Fraction:
    """Round to cents, half away from zero, in fractions."""
    cents = int(abs(amount) * 100 + Fraction(1, 2))
    return Fraction(-cents if amount < 0 else cents, 100)


def groups_of(nets: list[Any]) -> Any:
    """Return the breakdown of ((category, rate), net) pairs."""
    return breakdown((*rated, net, None) for rated, net in nets)


@given(NETS)
def test_the_breakdown_is_exact_however_large_it_is(nets: list[Any]):
    """Compared with fractions: every basis is the sum of its lines, every tax rounded once."""
    basis: dict[Any, Fraction] = {}
    for rated, net in nets:
        basis[rated] = basis.get(rated, Fraction(0)) + Fraction(net)

    groups = {(each.category, each.rate): (each.basis, each.tax) for each in groups_of(nets)}

    assert groups == {
        rated: (net, exact(net * Fraction(rated[1]) / 100)) for rated, net in basis.items()
    }


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from([1, -1]))
def test_a_line_is_exact_however_large_it_is(quantity: Any, price: Any, per: Any, sign: int):
    """Quantity x price / price quantity, rounded once, for all that numeric(18,6) can hold."""
    net = line_goods(sign * quantity, price, per)

    assert net == exact(sign * Fraction(quantity) * Fraction(price) / Fraction(per))


@given(st.lists(st.tuples(RATED, SMALL), min_size=1, max_size=10))
def test_the_totals_of_an_invoice_are_the_sums_of_its_lines_and_of_its_groups(drawn: list[Any]):
    """net = lines = bases, tax = taxes, gross = net + tax (BR-CO-10, 13, 14, 15); all in cents."""
    made = invoice(*(f"{abs(quantity)} x 1.99 {rated[0]} {rated[1]}" for rated, quantity in drawn))

    assert made.net == sum(each.net for each in made.lines) == sum(t.basis for t in made.taxes)
    assert made.tax == sum(each.tax for each in made.taxes)
    assert made.gross == made.net + made.tax
    assert {amount.as_tuple().exponent for amount in (made.net, made.tax, made.gross)} == {-2}


@given(NETS, st.randoms())
def test_the_order_of_lines_does_not_matter(nets: list[Any], random: Any):
    """The same groups in the same order."""
    assert groups_of(random.sample(nets, len(nets))) == groups_of(nets)


@given(RATED, SMALL, SMALL, PRICES)
def test_a_line_split_in_two_differs_by_a_cent_at_most(rated: Any, one: Any, two: Any, price: Any):
    """Three roundings of half a cent make less than two cents, in net as in tax."""
    [apart] = groups_of([(rated, line_goods(part, price, Decimal(1))) for part in (one, two)])
    [whole] = groups_of([(rated, line_goods(one + two, price, Decimal(1)))])

    assert abs(apart.basis - whole.basis) <= Decimal("0.01")
    assert abs(apart.tax - whole.tax) <= Decimal("0.01")


# ----------------------------------------------------------------------------- amounts alone


@given(st.integers(-(10**25), 10**25), st.integers(0, 12))
def test_rounding_is_half_away_from_zero_and_done_once(digits: int, places: int):
    """Compared with fractions; once rounded, an amount stays."""
    amount = Decimal(digits).scaleb(-places)

    assert to_cents(amount) == exact(Fraction(digits, 10**places))
    assert to_cents(to_cents(amount)) == to_cents(amount)


@pytest.mark.parametrize("amount", ["-0.001", "-0.00499999", "-0"])
def test_less_than_half_a_cent_taken_back_is_nothing_and_not_minus_nothing(amount: str):
    """The journal would tell -0 where the table holds 0.00."""
    assert str(to_cents(Decimal(amount))) == "0.00"


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ("NaN Infinity -Infinity", NotANumber),
        ("1000000000000 -1000000000000 1E+99", TooLarge),
        ("0.0000001 -99999999999.9999991 1E-99", TooPrecise),
    ],
)
def test_a_number_that_cannot_be_kept_is_refused(numbers: str, problem: type[Problem]):
    """Neither rounded nor cut; up to 12 digits before the point and 6 behind it stay as given."""
    for number in numbers.split():
        with pytest.raises(problem) as refused:
            checked(Decimal(number), ("here",))
        assert refused.value.path == ("here",)
    for number in ("999999999999.999999", "-999999999999.999999", "1E+3", "0.1"):
        assert checked(Decimal(number), ()) == Decimal(number)


def test_an_amount_stays_below_its_limit_on_both_sides_of_zero():
    """One cent below the limit is kept, the limit itself is refused."""
    for sign in (1, -1):
        largest = sign * (AMOUNT_MAX - Decimal("0.01"))
        assert checked_amount(largest, ()) == largest
        with pytest.raises(TooLarge) as refused:
            checked_amount(sign * AMOUNT_MAX, ("here",))
        assert refused.value.facts() == {"limit": "10000000000000"}


def test_no_amount_is_ever_a_float():
    """No float is written where amounts are computed, and none that comes in is computed with."""
    room = Path(domain.__file__).parent
    files = [room / "money.py", room / "items.py"]
    for package in ("tax", "amounts", "documents"):
        files += room.glob(f"{package}/*.py")
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]

    assert [node for node in nodes if isinstance(getattr(node, "value", None), float)] == []
    assert [node for node in nodes if getattr(node, "id", None) == "float"] == []
    with pytest.raises(TypeError):
        line_goods(Decimal(1), 0.1, Decimal(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        breakdown([(S, Decimal(19), 0.1, None)])  # type: ignore[list-item]
