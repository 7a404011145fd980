"""The amounts of a document: its lines, allowances, tax groups and totals.

Net prices: the tax of a group is its basis x rate, rounded once [EN 16931 BR-CO-17]. Gross prices:
the net of a group is taken out of its gross, and the tax is what is left, so that the gross on
paper stays as it is [section 14 (4) no. 7, 8 UStG].

Sources: EN 16931 BR-CO-10 to BR-CO-17, BR-S-08 and its sisters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.amounts.lines import (
    Allowance,
    AmountLine,
    LineAmount,
    PriceBasis,
    TaxKey,
    allowed,
    line_amount,
)
from domain.amounts.shares import NOTHING, settled, splits
from domain.money import checked_amount, net_of, percent_of, rounded
from domain.problems import Path
from domain.tax import TaxCategory, TaxGroup


@dataclass(frozen=True, slots=True)
class AllowanceShare:
    """The part of a document's allowance or charge that one tax group bears (BG-20, BG-21).

    `amount` is net and positive where the allowance takes something off a positive document.
    """

    allowance: Allowance
    category: TaxCategory
    rate: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """All amounts of a document in its currency, in cents.

    `line_total` (BT-106), `allowances` (BT-107) and `charges` (BT-108) are net; `net` (BT-109) =
    line_total - allowances + charges = sum of the groups' bases; `tax` (BT-110) = sum of the
    groups' taxes; `gross` (BT-112) = net + tax; `payable` (BT-115) = gross - prepaid + rounding.
    """

    lines: tuple[LineAmount, ...]
    shares: tuple[AllowanceShare, ...]
    line_total: Decimal
    allowances: Decimal
    charges: Decimal
    net: Decimal
    groups: tuple[TaxGroup, ...]
    tax: Decimal
    gross: Decimal
    payable: Decimal


@dataclass(frozen=True, slots=True)
class _Part:
    """A line or a share as a part of its tax group, on the price basis of the document."""

    tax: TaxKey
    amount: Decimal  # signed: what is taken off is negative on a positive document


def totals_of(
    lines: Sequence[AmountLine],
    allowances: Sequence[Allowance] = (),
    *,
    basis: PriceBasis = PriceBasis.NET,
    prepaid: Decimal = NOTHING,
    rounding: Decimal = NOTHING,
    path: Path = (),
) -> Totals:
    """Return the amounts of a document made of these lines, allowances and charges.

    Pass only lines that count: texts, headings, subtotals and options are none. Raises TooLarge
    with the path of a line, or `path` for the whole, and ValueError for an allowance over all
    groups of a document without lines.

    >>> totals = totals_of([
    ...     AmountLine(quantity=Decimal(4), unit_price=Decimal(25), category=TaxCategory.S,
    ...                rate=Decimal(19)),
    ...     AmountLine(quantity=Decimal("2.5"), unit_price=Decimal("210.50"),
    ...                category=TaxCategory.S, rate=Decimal(7)),
    ... ], [Allowance(percent=Decimal(3), reason="Messerabatt")])
    >>> [(str(each.rate), str(each.basis), str(each.tax)) for each in totals.groups]
    [('19', '97.00', '18.43'), ('7', '510.46', '35.73')]
    >>> str(totals.allowances), str(totals.net), str(totals.gross)
    ('18.79', '607.46', '661.62')
    """
    amounts = [line_amount(line) for line in lines]
    shares = _shares(lines, amounts, allowances)
    parts = [_Part(line.tax, each.amount) for line, each in zip(lines, amounts, strict=True)] + [
        _Part((each.category, each.rate), each.allowance.sign * each.amount) for each in shares
    ]
    groups, nets = _groups(parts, basis, _reasons(lines))
    of_lines, of_shares = nets[: len(lines)], nets[len(lines) :]
    amounts = [replace(each, net=net) for each, net in zip(amounts, of_lines, strict=True)]
    shares = [
        replace(each, amount=rounded(each.allowance.sign * net))
        for each, net in zip(shares, of_shares, strict=True)
    ]
    net, tax = _sum(each.basis for each in groups), _sum(each.tax for each in groups)
    return Totals(
        lines=tuple(amounts),
        shares=tuple(shares),
        line_total=_sum(each.net for each in amounts),
        allowances=_sum(each.amount for each in shares if not each.allowance.is_charge),
        charges=_sum(each.amount for each in shares if each.allowance.is_charge),
        net=net,
        groups=groups,
        tax=tax,
        gross=checked_amount(net + tax, path),
        payable=net + tax - prepaid + rounding,
    )


def _shares(
    lines: Sequence[AmountLine], amounts: Sequence[LineAmount], allowances: Sequence[Allowance]
) -> list[AllowanceShare]:
    """Split every allowance of the document over the groups, by their sums of lines."""
    weights: dict[TaxKey, Decimal] = {}
    for line, each in zip(lines, amounts, strict=True):
        weights[line.tax] = weights.get(line.tax, NOTHING) + each.amount
    return [
        AllowanceShare(allowance, *tax, amount)
        for allowance in allowances
        for tax, amount in _split(allowance, weights).items()
        if amount or allowance.tax in weights
    ]


def _split(allowance: Allowance, weights: Mapping[TaxKey, Decimal]) -> dict[TaxKey, Decimal]:
    """Return what each group bears: a percentage each of its own, an amount in proportion."""
    if allowance.tax is not None:
        return {allowance.tax: allowed(allowance, weights.get(allowance.tax, NOTHING))}
    sums = list(weights.values())
    amount = allowed(allowance, _sum(sums))
    if allowance.amount is not None:
        shares = splits(amount, sums)
    else:
        shares = settled(amount, [allowed(allowance, each) for each in sums], sums)
    return dict(zip(weights, shares, strict=True))


def _groups(
    parts: Sequence[_Part], basis: PriceBasis, reasons: Mapping[TaxKey, str | None]
) -> tuple[tuple[TaxGroup, ...], list[Decimal]]:
    """Return the tax groups, by category and falling rate, and the net of every part."""
    nets = [part.amount for part in parts]
    members: dict[TaxKey, list[int]] = {}
    for place, part in enumerate(parts):
        members.setdefault(part.tax, []).append(place)
    found = []
    for (category, rate), places in sorted(members.items(), key=_order):
        amount = _sum(parts[place].amount for place in places)
        net, tax = _net_and_tax(amount, rate, basis)
        if basis is PriceBasis.GROSS:
            amounts = [parts[place].amount for place in places]
            shares = settled(net, [net_of(each, rate) for each in amounts], amounts)
            for place, share in zip(places, shares, strict=True):
                nets[place] = share
        found.append(TaxGroup(category, rate, net, tax, reasons.get((category, rate))))
    return tuple(found), nets


def _net_and_tax(
    amount: Decimal, rate: Decimal | None, basis: PriceBasis
) -> tuple[Decimal, Decimal]:
    if basis is PriceBasis.GROSS:
        net = net_of(amount, rate)
        return net, amount - net
    return amount, percent_of(amount, rate or Decimal(0))


def _order(group: tuple[TaxKey, list[int]]) -> tuple[TaxCategory, Decimal]:
    category, rate = group[0]
    return category, -(Decimal(-1) if rate is None else rate)


def _reasons(lines: Iterable[AmountLine]) -> dict[TaxKey, str | None]:
    """Return the first reason of each group; lines of one group may have several."""
    found: dict[TaxKey, str | None] = {}
    for line in lines:
        found[line.tax] = found.get(line.tax) or line.reason
    return found


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)
