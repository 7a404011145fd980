"""The amounts of documents: Decimal only, rounded half away from zero, exact to the cent.

shares      splitting an amount so that no cent is lost
lines       one line: quantity x price, discount, allowances and charges
totals      a document: allowances over tax groups, tax, totals; net and gross prices
settlement  amounts in company currency
findings    what a received document states against what we calculate
"""

from domain.amounts.findings import (
    TOLERANCE_PER_RATE,
    StatedTax,
    TaxDifference,
    TaxFinding,
    tax_findings,
)
from domain.amounts.lines import (
    Allowance,
    AllowanceAmbiguous,
    AllowanceReasonMissing,
    AmountLine,
    LineAmount,
    PriceBasis,
    TaxKey,
    checked_allowance,
    line_amount,
    line_goods,
)
from domain.amounts.settlement import (
    in_company_currency,
)
from domain.amounts.shares import splits
from domain.amounts.totals import (
    AllowanceShare,
    Totals,
    totals_of,
)

__all__ = [
    "TOLERANCE_PER_RATE",
    "Allowance",
    "AllowanceAmbiguous",
    "AllowanceReasonMissing",
    "AllowanceShare",
    "AmountLine",
    "LineAmount",
    "PriceBasis",
    "StatedTax",
    "TaxDifference",
    "TaxFinding",
    "TaxKey",
    "Totals",
    "checked_allowance",
    "in_company_currency",
    "line_amount",
    "line_goods",
    "splits",
    "tax_findings",
    "totals_of",
]
