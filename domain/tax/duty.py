"""Small amounts: which invoices may have the short contents, by date of supply.

Source: section 33 UStDV.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from domain.tax.categories import TaxCategory

SMALL_AMOUNTS: tuple[tuple[date, Decimal], ...] = (
    (date(2017, 1, 1), Decimal(250)),
    (date(2007, 1, 1), Decimal(150)),
)
"""Gross limit in EUR of a small-amount invoice by date of supply, newest first [section 33 UStDV].
"""

_NEVER_SMALL = {TaxCategory.AE, TaxCategory.K}


def is_small_amount(gross: Decimal, categories: Collection[TaxCategory], on: date) -> bool:
    """Say whether an invoice of `gross` EUR may have the short contents [section 33 UStDV].

    Reverse charge and intra-community supplies never may.

    >>> is_small_amount(Decimal("250.00"), {TaxCategory.S}, date(2026, 3, 1))
    True
    >>> is_small_amount(Decimal("250.01"), {TaxCategory.S}, date(2026, 3, 1))
    False
    >>> is_small_amount(Decimal("100"), {TaxCategory.S, TaxCategory.K}, date(2026, 3, 1))
    False
    """
    limit = next((limit for start, limit in SMALL_AMOUNTS if on >= start), Decimal(0))
    return abs(gross) <= limit and _NEVER_SMALL.isdisjoint(categories)
