"""What a supplier's tax class allows on an invoice that we write for him (Gutschrift).

His class alone decides: a tax that he does not owe he would owe for being shown (section 14c UStG),
and we could not deduct it.
"""

from datetime import date
from decimal import Decimal

from domain.tax.categories import TaxCategory
from domain.tax.proposal import TaxChoice
from domain.tax.question import SupplierClass
from domain.tax.rates import RateName, rate_named

_RATES = {
    SupplierClass.STANDARD: (RateName.STANDARD, RateName.REDUCED),
    SupplierClass.FLAT_RATE_24: (RateName.FARMERS,),
}
_WITH_A_REASON = (RateName.FORESTRY, RateName.STANDARD)
"""A farmer's timber, and his drinks and sawmill goods [section 24 (1) no. 1, 2 UStG]."""

_CATEGORY = {
    SupplierClass.SMALL_BUSINESS_19: TaxCategory.E,
    SupplierClass.PRIVATE: TaxCategory.O,
}


def usual_taxes(supplier: SupplierClass, on: date) -> tuple[TaxChoice, ...]:
    """Return what a supplier of a class may show for a supply on a day.

    >>> [str(each.rate) for each in usual_taxes(SupplierClass.STANDARD, date(2026, 8, 1))]
    ['19', '7']
    """
    if supplier in _CATEGORY:
        category = _CATEGORY[supplier]
        return (TaxChoice(category, None if category is TaxCategory.O else Decimal(0)),)
    return tuple(TaxChoice(TaxCategory.S, rate_named(name, on)) for name in _RATES[supplier])


def is_allowed(supplier: SupplierClass, chosen: TaxChoice, on: date, *, has_reason: bool) -> bool:
    """Say whether a supplier of a class may show a tax for a supply on a day.

    A regular one may also show none where the goods have none (reverse charge, exempt). A farmer
    has other average rates for timber and drinks; somebody must have said that it is such a case.

    >>> sold = TaxChoice(TaxCategory.S, rate_named(RateName.STANDARD, date(2026, 8, 1)))
    >>> [is_allowed(each, sold, date(2026, 8, 1), has_reason=False) for each in SupplierClass]
    [True, False, False, False]
    """
    if supplier is SupplierClass.STANDARD and chosen.category is not TaxCategory.S:
        return True
    usual = usual_taxes(supplier, on)
    if supplier is SupplierClass.FLAT_RATE_24 and has_reason:
        usual += tuple(TaxChoice(TaxCategory.S, rate_named(name, on)) for name in _WITH_A_REASON)
    return chosen in usual
