"""Small amounts, and the duty to send an e-invoice: by date, customer, amount and turnover.

Sources: section 14 (1), (2) and section 27 (38) UStG, sections 33, 34a UStDV, E-Rechnungsverordnung
of the federation; BMF letters of 15.10.2024 and 15.10.2025.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.tax.categories import TaxCategory
from domain.tax.countries import HOME
from domain.tax.question import PartnerKind, SellerRegime

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


class EInvoiceDuty(StrEnum):
    """How an invoice may be sent."""

    REQUIRED = "REQUIRED"  # as an e-invoice only
    ALLOWED = "ALLOWED"  # as an e-invoice without asking, still also on paper
    CONSENT = "CONSENT"  # on paper; electronically in any form only with the recipient's consent


@dataclass(frozen=True, slots=True)
class Transition:
    """Supplies from `start` until `end` may be invoiced on paper by `sent_by`, up to a turnover."""

    start: date
    end: date
    sent_by: date
    turnover_max: Decimal | None


TRANSITIONS: tuple[Transition, ...] = (
    Transition(date(2025, 1, 1), date(2026, 12, 31), date(2026, 12, 31), None),
    Transition(date(2027, 1, 1), date(2027, 12, 31), date(2027, 12, 31), Decimal(800_000)),
)
"""Section 27 (38) no. 1 and 2 UStG; EDI under no. 3 is an agreement we do not support."""

DUTY_START = date(2025, 1, 1)
PUBLIC_DUTY_START = date(2020, 11, 27)  # federal buyers [sections 3, 11 ERechV]
PUBLIC_FREE_MAX = Decimal(1000)  # direct orders up to that may be on paper [section 3 (3) ERechV]


def einvoice_duty(
    *,
    buyer: PartnerKind,
    buyer_country: str,
    gross: Decimal,
    categories: Collection[TaxCategory],
    supply_date: date,
    issue_date: date,
    regime: SellerRegime = SellerRegime.STANDARD,
    turnover: Decimal | None = None,
    seller_country: str = HOME,
) -> EInvoiceDuty:
    """Return how an invoice has to be sent. Follow the bill-to party.

    `gross` and `turnover` are in EUR, `turnover` is the seller's of the calendar year before the
    supply; while it is not known, none is small enough. `supply_date` is the last day of supply.

    >>> einvoice_duty(buyer=PartnerKind.BUSINESS, buyer_country="DE", gross=Decimal(1190),
    ...     categories={TaxCategory.S}, supply_date=date(2026, 12, 30),
    ...     issue_date=date(2027, 1, 4)).value
    'REQUIRED'
    """
    if buyer is PartnerKind.PUBLIC and buyer_country == HOME:
        return _duty_to_public(gross, issue_date)
    is_covered = (
        buyer is PartnerKind.BUSINESS
        and buyer_country == HOME == seller_country
        and supply_date >= DUTY_START
        and regime is not SellerRegime.SMALL_BUSINESS_19
        and not is_small_amount(gross, categories, supply_date)
        and set(categories) != {TaxCategory.E}
    )
    if not is_covered:
        return EInvoiceDuty.CONSENT
    is_free = any(
        each.start <= supply_date <= each.end
        and issue_date <= each.sent_by
        and (each.turnover_max is None or (turnover is not None and turnover <= each.turnover_max))
        for each in TRANSITIONS
    )
    return EInvoiceDuty.ALLOWED if is_free else EInvoiceDuty.REQUIRED


def _duty_to_public(gross: Decimal, issue_date: date) -> EInvoiceDuty:
    """Return the duty towards public buyers by federal law; the states have rules of their own."""
    if issue_date < PUBLIC_DUTY_START:
        return EInvoiceDuty.CONSENT
    return EInvoiceDuty.REQUIRED if abs(gross) > PUBLIC_FREE_MAX else EInvoiceDuty.ALLOWED
