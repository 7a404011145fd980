"""What holds for the amounts of every document, however it is drawn."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.amounts import (
    Allowance,
    AmountLine,
    PriceBasis,
    line_amount,
    splits,
    totals_of,
)
from domain.money import rounded
from domain.tax import TaxCategory
from tests.test_amounts import off

S, Z, E, AE, K, G, O = TaxCategory  # noqa: E741  the codes of the standard
CENT = Decimal("0.01")

RATED = st.sampled_from(
    [(S, Decimal(rate)) for rate in ("19", "7", "7.8", "5.5")]
    + [(Z, Decimal(0)), (K, Decimal(0)), (O, None)]
)
QUANTITIES = st.decimals("-9999", "9999", places=3)
PRICES = st.decimals(0, "9999.9999", places=4)
AMOUNTS = st.decimals("0.01", "9999.99", places=2)
PERCENTS = st.decimals("0.01", "100", places=2)
ALLOWANCES = st.builds(
    lambda value, is_charge: replace(value, is_charge=is_charge),
    st.builds(off, AMOUNTS) | st.builds(lambda percent: off(percent=percent), PERCENTS),
    st.booleans(),
)
LINES = st.builds(
    lambda quantity, price, rated, per, discount, allowances: AmountLine(
        quantity=quantity,
        unit_price=price,
        category=rated[0],
        rate=rated[1],
        price_quantity=per,
        discount_percent=discount,
        allowances=tuple(allowances),
    ),
    QUANTITIES,
    PRICES,
    RATED,
    st.sampled_from([Decimal(1), Decimal(100), Decimal(1000)]),
    st.just(Decimal(0)) | PERCENTS,
    st.lists(ALLOWANCES, max_size=2),
)
DRAWN = st.lists(LINES, min_size=1, max_size=8)
BASES = st.sampled_from(PriceBasis)
WEIGHTS = st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=12)
CENTS = st.decimals(-(10**7), 10**7, places=2)


def mirrored(amount_line: AmountLine) -> AmountLine:
    """Return the line of the cancellation: what was given is taken back."""
    return replace(
        amount_line,
        quantity=-amount_line.quantity,
        allowances=tuple(map(mirrored_allowance, amount_line.allowances)),
    )


def mirrored_allowance(allowance: Allowance) -> Allowance:
    return allowance if allowance.amount is None else replace(allowance, amount=-allowance.amount)


@given(DRAWN, st.lists(ALLOWANCES, max_size=3), BASES)
def test_totals_are_the_sums_of_their_parts(lines: Any, allowances: Any, basis: PriceBasis):
    """BR-CO-10 to 15: lines, shares, groups and totals agree to the cent, for every document."""
    made = totals_of(lines, allowances, basis=basis)

    assert made.line_total == sum(each.net for each in made.lines)
    assert made.net == made.line_total - made.allowances + made.charges
    assert made.net == sum(each.basis for each in made.groups)
    assert made.tax == sum(each.tax for each in made.groups)
    assert made.gross == made.net + made.tax == made.payable
    for each in made.groups:
        key = (each.category, each.rate)
        own = [amount.net for made_of, amount in zip(lines, made.lines, strict=True)
               if made_of.tax == key]  # fmt: skip
        borne = [part.allowance.sign * part.amount for part in made.shares
                 if (part.category, part.rate) == key]  # fmt: skip
        assert each.basis == sum(own) + sum(borne)
    amounts = [made.line_total, made.net, made.tax, made.gross, made.allowances, made.charges]
    assert {amount.as_tuple().exponent for amount in amounts} == {-2}


@given(DRAWN, st.lists(ALLOWANCES, max_size=3))
def test_the_tax_of_a_group_is_within_half_a_cent_of_the_exact_one(lines: Any, allowances: Any):
    """BR-CO-17, compared with fractions: one rounding, no more."""
    for each in totals_of(lines, allowances).groups:
        exact = Fraction(each.basis) * Fraction(each.rate or 0) / 100
        assert abs(Fraction(each.tax) - exact) <= Fraction(1, 200)


@given(DRAWN, st.lists(ALLOWANCES, max_size=3))
def test_gross_prices_keep_the_gross_that_is_printed(lines: Any, allowances: Any):
    """The sum of the printed amounts is the gross, and net is what EN 16931 can say, to a cent."""
    made = totals_of(lines, allowances, basis=PriceBasis.GROSS)
    as_net = totals_of(lines, allowances, basis=PriceBasis.NET)

    assert made.gross == as_net.net
    assert [each.amount for each in made.lines] == [line_amount(each).amount for each in lines]
    for each in made.groups:
        exact = (Fraction(each.basis) + Fraction(each.tax)) * 100 / (100 + Fraction(each.rate or 0))
        assert abs(Fraction(each.basis) - exact) <= Fraction(1, 200)


@given(DRAWN, st.lists(ALLOWANCES, max_size=3), BASES)
def test_a_cancelled_document_mirrors_the_original(lines: Any, allowances: Any, basis: PriceBasis):
    """Half cents go away from zero on both sides, so every amount is the negative of its twin."""
    made = totals_of(lines, allowances, basis=basis)

    twin = totals_of(
        list(map(mirrored, lines)), list(map(mirrored_allowance, allowances)), basis=basis
    )

    assert [each.net for each in twin.lines] == [-each.net for each in made.lines]
    assert [(each.basis, each.tax) for each in twin.groups] == [
        (-each.basis, -each.tax) for each in made.groups
    ]
    assert (twin.net, twin.tax, twin.gross) == (-made.net, -made.tax, -made.gross)


@given(CENTS, WEIGHTS)
def test_a_split_loses_no_cent_and_turns_no_sign(amount: Decimal, weights: list[Decimal]):
    """Whatever the weights: the shares sum to the amount, and each has its sign or is nothing."""
    shares = splits(amount, weights)

    assert sum(shares) == amount
    assert len(shares) == len(weights)
    assert all(share * amount >= 0 for share in shares)
    assert all(share == rounded(share) for share in shares)


@given(CENTS, st.lists(st.decimals("0.01", 10**6, places=2), min_size=1, max_size=12))
def test_only_the_largest_groups_are_off_their_exact_share(amount: Any, weights: Any):
    """The others are within half a cent; what is off is less than half a cent for each group."""
    shares = splits(amount, weights)

    exact = [Fraction(amount) * Fraction(each) / Fraction(sum(weights)) for each in weights]
    off_by = [abs(Fraction(share) - wanted) for share, wanted in zip(shares, exact, strict=True)]
    assert max(off_by) <= Fraction(len(weights) + 1, 200)
    if abs(amount) >= len(weights) * CENT * 100:
        largest = weights.index(max(weights))
        assert all(each <= Fraction(1, 200) for at, each in enumerate(off_by) if at != largest)
