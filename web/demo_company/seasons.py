"""How prices move: grain is cheap in harvest, fertiliser dear in spring, diesel in autumn."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from domain.prices.price import PriceSide, PriceTerms
from web.demo_company.goods import Group
from web.demo_company.plan import Plan

MONTHS = 12
_BY_QUARTER: dict[Group, tuple[str, str, str, str]] = {
    Group.GRAIN: ("1.04", "1.06", "0.93", "0.97"),
    Group.FERTILISER: ("1.08", "1.02", "0.92", "0.98"),
    Group.FUEL: ("0.99", "0.97", "1.01", "1.05"),
}
_RISE_A_YEAR = Decimal("0.02")


def changes_of_price(plan: Plan, items: Sequence[UUID]) -> Iterator[tuple[int, PriceTerms]]:
    """Yield the list prices from the first day of each quarter on, with the place of the item."""
    for day in quarters(plan.start, plan.until):
        for place, article in enumerate(plan.articles):
            if article.group in _BY_QUARTER:
                price = article.price * factor(article.group, day, since=plan.start)
                yield (
                    place,
                    PriceTerms(
                        side=PriceSide.SALES,
                        valid_from=day,
                        item_id=items[place],
                        unit_price=price.quantize(Decimal("0.01"), ROUND_HALF_UP),
                    ),
                )


def quarters(start: date, until: date) -> list[date]:
    """Return the first days of the quarters from the one that `start` is in.

    >>> [day.isoformat() for day in quarters(date(2024, 11, 1), date(2025, 4, 1))]
    ['2024-10-01', '2025-01-01', '2025-04-01']
    """
    first = start.year * MONTHS + (start.month - 1) // 3 * 3
    last = until.year * MONTHS + until.month - 1
    return [date(month // MONTHS, month % MONTHS + 1, 1) for month in range(first, last + 1, 3)]


def factor(group: Group, day: date, *, since: date) -> Decimal:
    """Return how many times its first price a group costs on a day.

    >>> factor(Group.GRAIN, date(2025, 7, 1), since=date(2024, 11, 1))
    Decimal('0.95')
    """
    season = Decimal(_BY_QUARTER[group][(day.month - 1) // 3])
    return season + _RISE_A_YEAR * (day.year - since.year)
