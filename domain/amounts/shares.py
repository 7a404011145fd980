"""Splitting an amount over groups so that not one cent is lost."""

from collections.abc import Sequence
from decimal import Decimal

from domain.money import EXACT, rounded

NOTHING = Decimal("0.00")


def splits(amount: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Split an amount in cents in proportion to `weights`; the shares always sum to it exactly.

    Each share is rounded, and the cents left over go to the group of the largest weight (or on to
    the next, where they would turn its sign): no share has another sign than the amount. Where
    weights of both signs meet (goods sold and taken back), those of the sign of their sum bear it
    alone; where the sum is nothing, each counts by its size. Raises ValueError without weights.

    >>> [str(share) for share in splits(Decimal("10.00"), [Decimal(2), Decimal(1)])]
    ['6.67', '3.33']
    >>> [str(share) for share in splits(Decimal("-0.05"), [Decimal(1)] * 9)]
    ['0.00', '0.00', '0.00', '0.00', '-0.01', '-0.01', '-0.01', '-0.01', '-0.01']
    >>> [str(share) for share in splits(Decimal("8.00"), [Decimal(100), Decimal(-20)])]
    ['8.00', '0.00']
    """
    if not weights:
        raise ValueError("an amount cannot be split over no groups")
    bearing = _bearing(weights)
    total = _sum(bearing)
    exact = [EXACT.divide(EXACT.multiply(amount, weight), total) for weight in bearing]
    return settled(amount, [rounded(share) for share in exact], bearing)


def settled(
    amount: Decimal, shares: Sequence[Decimal], weights: Sequence[Decimal]
) -> tuple[Decimal, ...]:
    """Return shares that sum to `amount`: what is left over goes to the largest weight.

    A share gives until it is nothing, then the next largest gives, so none changes its sign.
    """
    found = list(shares)
    rest = amount - _sum(found)
    for place in sorted(range(len(found)), key=lambda place: (-abs(weights[place]), place)):
        if not rest:
            break
        turned = found[place] + rest
        taken = -found[place] if found[place] and _is_turned(found[place], turned) else rest
        found[place] += taken
        rest -= taken
    if rest:
        found[0] += rest
    return tuple(map(rounded, found))


def _bearing(weights: Sequence[Decimal]) -> list[Decimal]:
    """Return weights of one sign: those that bear, the others 0."""
    total = _sum(weights)
    if total:
        return [abs(weight) if weight * total > 0 else Decimal(0) for weight in weights]
    sizes = [abs(weight) for weight in weights]
    return sizes if any(sizes) else [Decimal(1), *[Decimal(0)] * (len(weights) - 1)]


def _is_turned(before: Decimal, after: Decimal) -> bool:
    return (before < 0 < after) or (after < 0 < before)


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
