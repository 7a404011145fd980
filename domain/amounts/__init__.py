"""The amounts of documents: Decimal only, rounded half away from zero, exact to the cent.

shares      splitting an amount so that no cent is lost
lines       one line: quantity x price, discount, allowances and charges
totals      a document: allowances over tax groups, tax, totals, subtotals; net and gross prices
settlement  prepayments deducted, cash discount by group, company currency
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
    CompanyTotals,
    Discount,
    DiscountGroup,
    FinalTotals,
    Prepayment,
    deduct_prepayments,
    discount_amounts,
    discount_split,
    in_company_currency,
    totals_in_company_currency,
)
from domain.amounts.shares import splits
from domain.amounts.totals import (
    AllowanceShare,
    Totals,
    rounding_for_einvoice,
    subtotals,
    totals_of,
)

__all__ = [
    "TOLERANCE_PER_RATE",
    "Allowance",
    "AllowanceAmbiguous",
    "AllowanceReasonMissing",
    "AllowanceShare",
    "AmountLine",
    "CompanyTotals",
    "Discount",
    "DiscountGroup",
    "FinalTotals",
    "LineAmount",
    "Prepayment",
    "PriceBasis",
    "StatedTax",
    "TaxDifference",
    "TaxFinding",
    "TaxKey",
    "Totals",
    "checked_allowance",
    "deduct_prepayments",
    "discount_amounts",
    "discount_split",
    "in_company_currency",
    "line_amount",
    "line_goods",
    "rounding_for_einvoice",
    "splits",
    "subtotals",
    "tax_findings",
    "totals_in_company_currency",
    "totals_of",
]
