"""The amounts of documents: hand-made documents, and what holds for every document."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from domain.amounts import (
    Allowance,
    AllowanceAmbiguous,
    AllowanceReasonMissing,
    AmountLine,
    PriceBasis,
    StatedTax,
    Totals,
    checked_allowance,
    in_company_currency,
    tax_findings,
    totals_of,
)
from domain.money import MustBePositive, NotANumber, PercentOutOfRange, TooLarge, TooPrecise
from domain.problems import Problem
from domain.tax import TaxCategory, TaxGroup
from domain.text import TooLong, UnprintableText

S, Z, E, AE, K, G, O = TaxCategory  # noqa: E741  the codes of the standard
CENT = Decimal("0.01")


def line(quantity: Any, price: Any, rate: Any = 19, category: Any = S, **more: Any) -> AmountLine:
    return AmountLine(
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        category=category,
        rate=None if rate is None else Decimal(rate),
        **more,
    )


def group(rate: Any, net: str, tax: str, category: TaxCategory = S) -> TaxGroup:
    return TaxGroup(category, Decimal(rate), Decimal(net), Decimal(tax), None)


def off(amount: Any = None, percent: Any = None, **more: Any) -> Allowance:
    return Allowance(
        amount=None if amount is None else Decimal(amount),
        percent=None if percent is None else Decimal(percent),
        **{"reason": "Rabatt", **more},
    )


def on(amount: Any = None, percent: Any = None, **more: Any) -> Allowance:
    return off(amount, percent, is_charge=True, **{"reason": "Fracht", **more})


def told(groups: Sequence[TaxGroup]) -> list[str]:
    return [f"{each.category} {each.rate}: {each.basis} + {each.tax}" for each in groups]


def summed(totals: Totals) -> str:
    return (
        f"{totals.line_total} - {totals.allowances} + {totals.charges} = {totals.net};"
        f" + {totals.tax} = {totals.gross}"
    )


# ------------------------------------------------------------------------ documents made by hand

FREIGHT_19 = on("40.00", tax=(S, Decimal(19)))
DOCUMENTS: dict[str, Any] = {
    "a discount over two rates, split by their sums": (
        [line(4, 25), line("2.5", "210.50", 7)],
        [off(percent=3)],
        ["S 19: 97.00 + 18.43", "S 7: 510.46 + 35.73"],
        "626.25 - 18.79 + 0.00 = 607.46; + 54.16 = 661.62",
    ),
    "an amount off, whose odd cent goes to the largest group": (
        [line(1, 100), line(1, 100, 7), line(1, "100.01", "7.8")],
        [off("10.00")],
        ["S 19: 96.67 + 18.37", "S 7.8: 96.67 + 7.54", "S 7: 96.67 + 6.77"],
        "300.01 - 10.00 + 0.00 = 290.01; + 32.68 = 322.69",
    ),
    "freight with a tax of its own beside grain": (
        [line(24, "218.50", 7)],
        [FREIGHT_19],
        ["S 19: 40.00 + 7.60", "S 7: 5244.00 + 367.08"],
        "5244.00 - 0.00 + 40.00 = 5284.00; + 374.68 = 5658.68",
    ),
    "a discount on a line, then a pallet charge on what is left": (
        [line(3, "33.35", discount_percent=Decimal(10), allowances=(on("5.00"), off(percent=1)))],
        [],
        ["S 19: 94.14 + 17.89"],
        "94.14 - 0.00 + 0.00 = 94.14; + 17.89 = 112.03",
    ),
    "empties taken back bear no part of a fixed discount, but their part of a percentage": (
        [line(10, 10), line(-2, 10, 7)],
        [off("8.00"), off(percent=10)],
        ["S 19: 82.00 + 15.58", "S 7: -18.00 + -1.26"],
        "80.00 - 16.00 + 0.00 = 64.00; + 14.32 = 78.32",
    ),
    "no tax, whatever the category": (
        [line(1, 100, 0, K), line(1, 50, 0, G)],
        [off(percent=2)],
        ["G 0: 49.00 + 0.00", "K 0: 98.00 + 0.00"],
        "150.00 - 3.00 + 0.00 = 147.00; + 0.00 = 147.00",
    ),
    "not taxable, so there is no rate at all": (
        [line(1, 750, None, O)],
        [],
        ["O None: 750.00 + 0.00"],
        "750.00 - 0.00 + 0.00 = 750.00; + 0.00 = 750.00",
    ),
    "nothing at all": ([], [], [], "0.00 - 0.00 + 0.00 = 0.00; + 0.00 = 0.00"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_made_by_hand_comes_out_to_the_cent(name: str):
    """Groups by category and falling rate, then all totals in the order of EN 16931."""
    lines, allowances, groups, totals = DOCUMENTS[name]

    made = totals_of(lines, allowances)

    assert told(made.groups) == groups
    assert summed(made) == totals


def test_a_price_with_tax_stays_as_it_is_printed():
    """Gross prices: the sum on the shelf is the gross to pay, net and tax are taken out of it."""
    made = totals_of([line(3, "9.99"), line(2, "4.49", 7)], [off("2.00")], basis=PriceBasis.GROSS)

    assert str(made.gross) == "36.95"  # 29.97 + 8.98 - 2.00
    assert told(made.groups) == ["S 19: 23.89 + 4.54", "S 7: 7.96 + 0.56"]
    assert summed(made) == "33.57 - 1.72 + 0.00 = 31.85; + 5.10 = 36.95"
    assert [str(each.net) for each in made.lines] == ["25.18", "8.39"]


def test_each_share_of_a_discount_is_told_with_its_tax():
    """BG-20: every allowance of the document carries category and rate."""
    discount, freight = off(percent=3), FREIGHT_19

    made = totals_of([line(4, 25), line("2.5", "210.50", 7)], [discount, freight])

    assert [
        (each.allowance, each.category, str(each.rate), str(each.amount)) for each in made.shares
    ] == [(discount, S, "19", "3.00"), (discount, S, "7", "15.79"), (freight, S, "19", "40.00")]


def test_what_is_prepaid_and_rounded_changes_only_what_is_payable():
    """BR-CO-16: payable = gross - prepaid + rounding."""
    made = totals_of([line(1, 100)], prepaid=Decimal("19.01"), rounding=Decimal("0.01"))

    assert (str(made.gross), str(made.payable)) == ("119.00", "100.00")


@pytest.mark.parametrize("rate", ["0", "-1.08"])
def test_an_exchange_rate_of_nothing_or_less_is_refused(rate: str):
    with pytest.raises(MustBePositive) as refused:
        in_company_currency(Decimal(1), Decimal(rate), ("input", "exchangeRate"))

    assert refused.value.path == ("input", "exchangeRate")


# -------------------------------------------------------------------------------- allowances


@pytest.mark.parametrize(
    ("allowance", "problem", "place"),
    [
        (off(), AllowanceAmbiguous, ()),
        (off(1, 1), AllowanceAmbiguous, ()),
        (off(0), MustBePositive, ("amount",)),
        (on(-1), MustBePositive, ("amount",)),
        (off("NaN"), NotANumber, ("amount",)),
        (off("0.0000001"), TooPrecise, ("amount",)),
        (off(percent=0), PercentOutOfRange, ("percent",)),
        (off(percent=-3), PercentOutOfRange, ("percent",)),
        (off(percent="100.01"), PercentOutOfRange, ("percent",)),
        (on(percent="1000.01"), PercentOutOfRange, ("percent",)),
        (off(percent="Infinity"), NotANumber, ("percent",)),
        (off(1, reason=None), AllowanceReasonMissing, ()),
        (on(percent=1, reason="", code=""), AllowanceReasonMissing, ()),
        (off(1, reason="x" * 201), TooLong, ("reason",)),
        (off(1, reason=None, code="x" * 11), TooLong, ("code",)),
        (off(1, reason="a\u202eb"), UnprintableText, ("reason",)),
    ],
)
def test_an_allowance_that_says_too_little_or_too_much_is_refused(
    allowance: Allowance, problem: type[Problem], place: tuple[str, ...]
):
    """EN 16931 BR-CO-21 to 24: a reason or its code, one positive amount."""
    with pytest.raises(problem) as refused:
        checked_allowance(allowance, ("here",))

    assert refused.value.path == ("here", *place)


@pytest.mark.parametrize(
    "allowance",
    [off("0.01"), off(percent=100), on(percent=1000), off(1, reason=None, code="95"), on(10**9)],
)
def test_an_allowance_with_an_amount_and_a_reason_is_taken_as_it_is(allowance: Allowance):
    assert checked_allowance(allowance, ()) is allowance


LARGEST = "9999999999999.99"


@pytest.mark.parametrize(
    ("lines", "allowances", "place"),
    [
        ([line(1, 1), line(10**12 - 1, 10**12 - 1, path=("lines", "7"))], [], ("lines", "7")),
        ([line(10**7, 10**6, discount_percent=Decimal(100), path=("here",))], [], ("here",)),
        ([line(1, 10**12, allowances=(on(percent=900),), path=("here",))], [], ("here",)),
        ([line(1, LARGEST, 0, Z), line(1, "0.01", 0, Z)], [], ("lines",)),
        ([line(1, LARGEST, 0, Z)], [on("0.01")], ("lines",)),
        ([line(-1, LARGEST)], [], ("lines",)),
    ],
)
def test_an_amount_too_large_to_keep_is_refused_at_its_line(lines, allowances, place):
    """One cent below 10,000,000,000,000 EUR is the most, on both sides of zero."""
    with pytest.raises(TooLarge) as refused:
        totals_of(lines, allowances, path=("lines",))

    assert refused.value.path == place
    assert str(totals_of([line(1, LARGEST, 0, Z)]).gross) == LARGEST


def test_an_amount_cannot_be_split_over_nothing():
    """Not even for a document without lines: the caller has refused it before."""
    with pytest.raises(ValueError, match="no groups"):
        totals_of([], [off(1)])


# ---------------------------------------------------------------------------------- findings


def test_a_received_invoice_within_the_tolerance_gives_no_finding():
    """Two cents per rate are how others round; a third one is told."""
    ours = [group(19, "100.00", "19.00"), group(7, "50.00", "3.50")]
    near = [
        StatedTax(Decimal("7.00"), Decimal("50.02"), Decimal("3.48")),
        StatedTax(Decimal("19.00"), Decimal("99.98"), Decimal("19.02")),
    ]

    assert tax_findings(near, ours) == ()
    assert [
        f"{each.rate} {each.kind}: {each.stated} {each.calculated}"
        for each in tax_findings(near, ours, tolerance=CENT)
    ] == [
        "19.00 NET: 99.98 100.00",
        "19.00 TAX: 19.02 19.00",
        "7.00 NET: 50.02 50.00",
        "7.00 TAX: 3.48 3.50",
    ]


def test_a_rate_that_only_one_side_knows_is_a_finding():
    """Wine at 19 % stated as 7 %: one rate too much, one too few."""
    ours = [group(19, "100.00", "19.00"), group(0, "5.00", "0.00", E)]
    stated = [
        StatedTax(Decimal(7), Decimal("100.00"), Decimal("7.00")),
        StatedTax(None, Decimal("5.00"), Decimal("0.00")),
    ]

    assert [
        f"{each.rate} {each.kind}: {each.stated} {each.calculated}"
        for each in tax_findings(stated, ours)
    ] == ["19 NOT_STATED: 0.00 119.00", "7 NOT_CALCULATED: 107.00 0.00"]
