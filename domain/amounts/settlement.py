"""What happens to the amounts of a document afterwards: prepayments, cash discount, currency.

Sources: sections 14 (5), 16 (6), 17 (1) UStG; EN 16931 BT-111, BT-113.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.amounts.lines import TaxKey
from domain.amounts.shares import NOTHING, settled, splits
from domain.amounts.totals import Totals
from domain.money import EXACT, MustBePositive, net_of, percent_of, rounded
from domain.problems import Path
from domain.tax import TaxCategory, TaxGroup


@dataclass(frozen=True, slots=True)
class Prepayment:
    """A posted prepayment invoice that was paid: its number and its groups, net and tax."""

    number: str
    groups: tuple[TaxGroup, ...]

    @property
    def gross(self) -> Decimal:
        """What was paid."""
        return sum((each.basis + each.tax for each in self.groups), NOTHING)


@dataclass(frozen=True, slots=True)
class FinalTotals:
    """A final invoice: the whole supply, what was prepaid with the tax in it, and what is left.

    `prepaid_groups` are net and tax of all prepayments by group; `remaining_groups` are what is
    left of the supply by group, negative where more was prepaid at that rate than is supplied.
    """

    totals: Totals
    prepayments: tuple[Prepayment, ...]
    prepaid_net: Decimal
    prepaid_tax: Decimal
    prepaid_gross: Decimal
    prepaid_groups: tuple[TaxGroup, ...]
    remaining_groups: tuple[TaxGroup, ...]
    payable: Decimal


def deduct_prepayments(totals: Totals, prepayments: Sequence[Prepayment]) -> FinalTotals:
    """Deduct prepayments and the tax in them; without that it is owed twice [section 14 (5) UStG].

    A negative `payable` is money to be paid back.

    >>> group = lambda net, tax: TaxGroup(TaxCategory.S, Decimal(19), Decimal(net), Decimal(tax),
    ...                                   None)
    >>> from domain.amounts.totals import totals_of
    >>> from domain.amounts.lines import AmountLine
    >>> whole = totals_of([AmountLine(quantity=Decimal(1), unit_price=Decimal(1000),
    ...                               category=TaxCategory.S, rate=Decimal(19))])
    >>> final = deduct_prepayments(whole, [Prepayment("AR-1", (group("300.00", "57.00"),))])
    >>> str(final.prepaid_gross), str(final.prepaid_tax), str(final.payable)
    ('357.00', '57.00', '833.00')
    >>> [(str(each.basis), str(each.tax)) for each in final.remaining_groups]
    [('700.00', '133.00')]
    """
    prepaid = _added(group for each in prepayments for group in each.groups)
    negative = (_with(each, -each.basis, -each.tax) for each in prepaid)
    net = sum((each.basis for each in prepaid), NOTHING)
    tax = sum((each.tax for each in prepaid), NOTHING)
    return FinalTotals(
        totals=totals,
        prepayments=tuple(prepayments),
        prepaid_net=net,
        prepaid_tax=tax,
        prepaid_gross=net + tax,
        prepaid_groups=prepaid,
        remaining_groups=_added((*totals.groups, *negative)),
        payable=totals.payable - net - tax,
    )


@dataclass(frozen=True, slots=True)
class DiscountGroup:
    """The part of a cash discount that falls on one tax group: `net` + `tax` = `gross`."""

    category: TaxCategory
    rate: Decimal | None
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Discount:
    """A cash discount (Skonto) that was taken: net *and* tax shrink [section 17 (1) UStG]."""

    net: Decimal
    tax: Decimal
    gross: Decimal
    groups: tuple[DiscountGroup, ...]


def discount_amounts(groups: Sequence[TaxGroup], percent: Decimal) -> Discount:
    """Return the cash discount of `percent` on a document with these groups, by group.

    The gross discount is that percentage of the gross, rounded once.

    >>> found = discount_amounts(
    ...     [TaxGroup(TaxCategory.S, Decimal(19), Decimal("100.00"), Decimal("19.00"), None),
    ...      TaxGroup(TaxCategory.S, Decimal(7), Decimal("50.00"), Decimal("3.50"), None)],
    ...     Decimal(2))
    >>> [(str(each.net), str(each.tax), str(each.gross)) for each in found.groups]
    [('2.00', '0.38', '2.38'), ('1.00', '0.07', '1.07')]
    >>> str(found.gross)
    '3.45'
    """
    sums = [each.basis + each.tax for each in groups]
    amount = percent_of(sum(sums, NOTHING), percent)
    return _discount(groups, settled(amount, [percent_of(each, percent) for each in sums], sums))


def discount_split(groups: Sequence[TaxGroup], gross: Decimal) -> Discount:
    """Return the same for a discount of a given gross amount, such as a customer deducted.

    Raises ValueError without groups.
    """
    return _discount(groups, splits(gross, [each.basis + each.tax for each in groups]))


@dataclass(frozen=True, slots=True)
class CompanyTotals:
    """The amounts of a foreign document in company currency (BT-111 is `tax`)."""

    groups: tuple[TaxGroup, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal


def in_company_currency(amount: Decimal, rate: Decimal, path: Path = ()) -> Decimal:
    """Return an amount in company currency, rounded to cents. Raises MustBePositive for the rate.

    `rate` is how many units of the document's currency one unit of the company's is worth, the way
    the ECB and the ministry publish it: 1 EUR = 1.0856 USD [section 16 (6) UStG].

    >>> in_company_currency(Decimal("1085.60"), Decimal("1.0856"))
    Decimal('1000.00')
    """
    if rate <= 0:
        raise MustBePositive(path=path)
    return rounded(EXACT.divide(amount, rate))


def totals_in_company_currency(
    groups: Iterable[TaxGroup], rate: Decimal, path: Path = ()
) -> CompanyTotals:
    """Return the groups in company currency, each basis and tax rounded; the totals are their sums.

    >>> [usd] = [TaxGroup(TaxCategory.S, Decimal(19), Decimal("100.00"), Decimal("19.00"), None)]
    >>> found = totals_in_company_currency([usd], Decimal("1.0856"))
    >>> str(found.net), str(found.tax), str(found.gross)
    ('92.11', '17.50', '109.61')
    """
    converted = tuple(
        _with(
            each,
            in_company_currency(each.basis, rate, path),
            in_company_currency(each.tax, rate, path),
        )
        for each in groups
    )
    net = sum((each.basis for each in converted), NOTHING)
    tax = sum((each.tax for each in converted), NOTHING)
    return CompanyTotals(groups=converted, net=net, tax=tax, gross=net + tax)


def _discount(groups: Sequence[TaxGroup], shares: Sequence[Decimal]) -> Discount:
    found = []
    for group, gross in zip(groups, shares, strict=True):
        net = net_of(gross, group.rate)
        found.append(DiscountGroup(group.category, group.rate, net, gross - net, gross))
    net, gross = sum((e.net for e in found), NOTHING), sum((e.gross for e in found), NOTHING)
    return Discount(net=net, tax=gross - net, gross=gross, groups=tuple(found))


def _added(groups: Iterable[TaxGroup]) -> tuple[TaxGroup, ...]:
    """Add up groups of one category and rate, in the order they come."""
    found: dict[TaxKey, TaxGroup] = {}
    for each in groups:
        key = (each.category, each.rate)
        known = found.get(key)
        found[key] = _with(known, known.basis + each.basis, known.tax + each.tax) if known else each
    return tuple(found.values())


def _with(group: TaxGroup, basis: Decimal, tax: Decimal) -> TaxGroup:
    return TaxGroup(group.category, group.rate, basis, tax, group.reason)
