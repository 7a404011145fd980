"""Value added tax: categories, dated rates, the proposal of a tax, and what must not be posted.

rates       what a named rate is worth on a day of supply
categories  categories S to O, what each demands of a line, the breakdown by group
countries   where a country lies: at home, in the EU, outside, by date
question    what must be known to propose a tax
rules       the table, read from top to bottom; reasons holds its sentences, drawing its picture
proposal    the tax of a line by that table, and what an override needs
suppliers   what the class of a supplier allows on an invoice that we write for him
posting     what is refused before a document is posted
duty        small amounts, and the duty to send an e-invoice
"""

from domain.tax.categories import (
    EXEMPTION_TEXT,
    REASON_LENGTH_MAX,
    ExemptionReasonMissing,
    TaxCategoriesMixed,
    TaxCategory,
    TaxGroup,
    TaxIdMissing,
    TaxRateUnknown,
    average_rate,
    breakdown,
    checked_rate,
    checked_reason,
    needs_both_tax_ids,
    possible_rates,
)
from domain.tax.countries import HOME, Area, area_of, country_of_vat_id, is_in_eu
from domain.tax.duty import is_small_amount
from domain.tax.posting import (
    DeliveryCountryMissing,
    DeliveryCountryWrong,
    SmallBusinessTax,
    TaxNotAllowed,
    TaxParty,
    VatIdNotAllowed,
    VatIdNotForeign,
    check_document_tax,
)
from domain.tax.proposal import (
    TaxChoice,
    TaxOverrideReasonMissing,
    TaxProposal,
    check_override,
    propose,
)
from domain.tax.question import (
    ItemTaxClass,
    PartnerKind,
    SellerRegime,
    Side,
    SupplierClass,
    TaxQuestion,
)
from domain.tax.rates import NAMED_RATES, RATES, RateName, TaxDateTooEarly, rate_named
from domain.tax.reasons import TaxReason, TaxWarning, TaxWhy, template
from domain.tax.suppliers import is_allowed, usual_taxes

__all__ = [
    "EXEMPTION_TEXT",
    "HOME",
    "NAMED_RATES",
    "RATES",
    "REASON_LENGTH_MAX",
    "Area",
    "DeliveryCountryMissing",
    "DeliveryCountryWrong",
    "ExemptionReasonMissing",
    "ItemTaxClass",
    "PartnerKind",
    "RateName",
    "SellerRegime",
    "Side",
    "SmallBusinessTax",
    "SupplierClass",
    "TaxCategoriesMixed",
    "TaxCategory",
    "TaxChoice",
    "TaxDateTooEarly",
    "TaxGroup",
    "TaxIdMissing",
    "TaxNotAllowed",
    "TaxOverrideReasonMissing",
    "TaxParty",
    "TaxProposal",
    "TaxQuestion",
    "TaxRateUnknown",
    "TaxReason",
    "TaxWarning",
    "TaxWhy",
    "VatIdNotAllowed",
    "VatIdNotForeign",
    "area_of",
    "average_rate",
    "breakdown",
    "check_document_tax",
    "check_override",
    "checked_rate",
    "checked_reason",
    "country_of_vat_id",
    "is_allowed",
    "is_in_eu",
    "is_small_amount",
    "needs_both_tax_ids",
    "possible_rates",
    "propose",
    "rate_named",
    "template",
    "usual_taxes",
]
