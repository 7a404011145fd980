"""The rates of German value added tax, each by its name and the date of supply.

Sources: sections 12 (1), 12 (2), 24 (1) UStG, section 28 (1) to (3) UStG for the half year 2020/2.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.problems import Path, Problem


class RateName(StrEnum):
    """What the law calls a rate, whatever it is worth on a day."""

    STANDARD = "STANDARD"  # section 12 (1) UStG
    REDUCED = "REDUCED"  # section 12 (2) UStG
    FARMERS = "FARMERS"  # section 24 (1) no. 3 UStG
    FORESTRY = "FORESTRY"  # section 24 (1) no. 1 UStG


class TaxDateTooEarly(Problem):
    """The rates of value added tax are known from {earliest} on; {date} is before that."""

    earliest: str
    date: str


def _row(start: date, *rates: str) -> tuple[date, Mapping[RateName, Decimal]]:
    return start, dict(zip(RateName, map(Decimal, rates), strict=True))


NAMED_RATES: tuple[tuple[date, Mapping[RateName, Decimal]], ...] = (
    _row(date(2025, 1, 1), "19", "7", "7.8", "5.5"),
    _row(date(2024, 12, 6), "19", "7", "8.4", "5.5"),
    _row(date(2023, 1, 1), "19", "7", "9", "5.5"),
    _row(date(2022, 1, 1), "19", "7", "9.5", "5.5"),
    _row(date(2021, 1, 1), "19", "7", "10.7", "5.5"),
    _row(date(2020, 7, 1), "16", "5", "10.7", "5.5"),
    _row(date(2007, 1, 1), "19", "7", "10.7", "5.5"),
)
"""Rates in percent by first day of supply, newest first; in each row in the order of RateName."""

RATES: tuple[tuple[date, frozenset[Decimal]], ...] = tuple(
    (start, frozenset(named.values())) for start, named in NAMED_RATES
)
"""Rates of category S by date of supply, newest first [section 12, section 24 UStG]."""

EARLIEST = NAMED_RATES[-1][0]
"""The first day whose rates are known."""


def rates_on(on: date) -> frozenset[Decimal]:
    """Return every rate of category S on a day of supply; none before `EARLIEST`."""
    return next((rates for start, rates in RATES if on >= start), frozenset())


def rate_named(name: RateName, on: date, path: Path = ()) -> Decimal:
    """Return what a rate is worth in percent on a day of supply. Raises TaxDateTooEarly.

    >>> rate_named(RateName.STANDARD, date(2020, 12, 31))
    Decimal('16')
    >>> rate_named(RateName.FARMERS, date(2026, 8, 1))
    Decimal('7.8')
    """
    for start, named in NAMED_RATES:
        if on >= start:
            return named[name]
    raise TaxDateTooEarly(earliest=EARLIEST.isoformat(), date=on.isoformat(), path=path)
