"""Amounts of a foreign document in company currency (section 16 (6) UStG, EN 16931 BT-111)."""

from decimal import Decimal

from domain.money import EXACT, MustBePositive, rounded
from domain.problems import Path


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
