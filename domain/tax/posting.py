"""What the tax of a document must keep before it may be posted: each broken rule is refused.

Sources: sections 14 (4), 14a, 14c, 19 UStG; EN 16931 BR-AE, BR-E, BR-G, BR-IC, BR-O, BR-Z.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.problems import Path, Problem
from domain.tax.categories import (
    ExemptionReasonMissing,
    TaxCategoriesMixed,
    TaxCategory,
    TaxGroup,
    TaxIdMissing,
    needs_both_tax_ids,
)
from domain.tax.countries import HOME, country_of_vat_id, is_in_eu
from domain.tax.question import SellerRegime


class TaxNotAllowed(Problem):
    """Category {category} shows no tax, but here stands {rate} % and {tax}. It would be owed all the same (section 14c UStG)."""  # noqa: E501  one sentence for the user

    category: str
    rate: str
    tax: str


class SmallBusinessTax(Problem):
    """A small business (section 19 UStG) must not show tax, but here stands category {category} at {rate} %."""  # noqa: E501  one sentence for the user

    category: str
    rate: str


class DeliveryCountryMissing(Problem):
    """Category {category} needs the country of delivery (EN 16931 BR-IC-12)."""

    category: str


class DeliveryCountryWrong(Problem):
    """Category {category} cannot be delivered to {country}: K leads to another member state of the EU, G out of the EU."""  # noqa: E501  one sentence for the user

    category: str
    country: str


class VatIdNotAllowed(Problem):
    """Category O must not show the VAT id of {party} (EN 16931 BR-O-02)."""

    party: str


class VatIdNotForeign(Problem):
    """Category K needs a VAT id of another member state of the EU; {vat_id} of {party} is none (section 6a (1) no. 4 UStG)."""  # noqa: E501  one sentence for the user

    vat_id: str
    party: str


@dataclass(frozen=True, slots=True)
class TaxParty:
    """Who stands on the document: `vat_id` is the one it shows, `role` the name in problems."""

    role: str
    vat_id: str | None = None


def check_document_tax(
    groups: Sequence[TaxGroup],
    *,
    seller: TaxParty,
    buyer: TaxParty,
    regime: SellerRegime,
    on: date,
    delivery_country: str | None = None,
    path: Path = (),
) -> None:
    """Refuse what must not be posted; the first broken rule is told.

    `regime` is that of whoever supplies, on a self-billed invoice the supplier's; `on` is the day
    of supply. Raises, in this order: TaxCategoriesMixed, SmallBusinessTax, TaxNotAllowed,
    ExemptionReasonMissing, then for each category TaxIdMissing, VatIdNotForeign,
    DeliveryCountryMissing, DeliveryCountryWrong, and last VatIdNotAllowed.
    """
    categories = {group.category for group in groups}
    if TaxCategory.O in categories and len(categories) > 1:
        raise TaxCategoriesMixed(path=path)
    if regime is SellerRegime.SMALL_BUSINESS_19:
        _check_small_business(groups, path)
    for group in groups:
        _check_group(group, path)
    for category in sorted(categories):
        if needs_both_tax_ids(category):
            _check_tax_ids(category, (seller, buyer), path)
        if category is TaxCategory.K:
            _check_foreign(buyer, on, path)
        _check_delivery(category, delivery_country, on, path)
    if TaxCategory.O in categories:
        for party in (seller, buyer):
            if party.vat_id:
                raise VatIdNotAllowed(party=party.role, path=path)


def _check_small_business(groups: Sequence[TaxGroup], path: Path) -> None:
    for group in groups:
        if group.category is TaxCategory.S or group.tax:
            raise SmallBusinessTax(
                category=group.category, rate=_percent(group.rate or Decimal(0)), path=path
            )


def _check_group(group: TaxGroup, path: Path) -> None:
    if group.category is TaxCategory.S:
        return
    if group.tax or group.rate:
        raise TaxNotAllowed(
            category=group.category,
            rate=_percent(group.rate or Decimal(0)),
            tax=f"{group.tax:f}",
            path=path,
        )
    if group.category is TaxCategory.E and not group.reason:
        raise ExemptionReasonMissing(category=group.category, path=path)


def _check_tax_ids(category: TaxCategory, parties: Sequence[TaxParty], path: Path) -> None:
    for party in parties:
        if not party.vat_id:
            raise TaxIdMissing(category=category, party=party.role, path=path)


def _check_foreign(buyer: TaxParty, on: date, path: Path) -> None:
    country = country_of_vat_id(buyer.vat_id) or ""
    if country == HOME or not is_in_eu(country, on):
        raise VatIdNotForeign(vat_id=buyer.vat_id or "", party=buyer.role, path=path)


def _check_delivery(category: TaxCategory, country: str | None, on: date, path: Path) -> None:
    """Check where goods go: K into another member state, G out of the EU."""
    if category is TaxCategory.K and not country:
        raise DeliveryCountryMissing(category=category, path=path)
    if country is None or category not in (TaxCategory.K, TaxCategory.G):
        return
    is_wanted = is_in_eu(country, on) is (category is TaxCategory.K)
    if country == HOME or not is_wanted:
        raise DeliveryCountryWrong(category=category, country=country, path=path)


def _percent(rate: Decimal) -> str:
    return f"{rate.normalize():f}"
