"""The company itself (Firma): who it is on paper, how it is taxed, and how strict it works."""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.documents.kinds import ApprovalMode, Kind
from domain.journal import Recorder
from domain.money import (
    AmountBelowZero,
    TooLarge,
    TooPrecise,
    checked,
    checked_not_below_zero,
)
from domain.partners import Address
from domain.partners.partner import checked_creditor_id
from domain.partners.parts import checked_bic, checked_iban
from domain.problems import Path, Problem
from domain.text import checked_text, optional_text


class TimeZoneUnknown(Problem):
    """Write the time zone as the IANA database names it, such as Europe/Berlin."""


class MonthOutOfRange(Problem):
    """A month is a number from 1 (January) to 12 (December)."""


class CreditCheck(StrEnum):
    """What happens when an order would pass the customer's credit limit."""

    WARN = "WARN"
    BLOCK = "BLOCK"
    OFF = "OFF"


class Turnover(StrEnum):
    """Total turnover of the previous year: up to 800,000 EUR, paper is allowed through 2027.

    Section 27 (38) no. 2 UStG.
    """

    UP_TO_800000 = "UP_TO_800000"
    ABOVE_800000 = "ABOVE_800000"


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """How the company is taxed and how strict it works.

    `match_tolerance` is an amount per tax rate in the company's currency; the over-delivery
    tolerance is in percent of the ordered quantity. The fiscal year starts with the first day of
    `fiscal_year_start_month`. `prints_contact`: documents name whoever is responsible for them.
    """

    is_small_business: bool = False
    is_flat_rate_farmer: bool = False
    is_taxed_on_cash_basis: bool = False
    previous_turnover: Turnover = Turnover.ABOVE_800000
    fiscal_year_start_month: int = 1
    over_delivery_tolerance_percent: Decimal = Decimal(0)
    match_tolerance: Decimal = Decimal("0.02")
    credit_check: CreditCheck = CreditCheck.WARN
    prints_contact: bool = False

    def checked(self) -> "CompanySettings":
        """Return these settings. Raises the problem of the first one that cannot be."""
        if not 1 <= self.fiscal_year_start_month <= 12:
            raise MonthOutOfRange(path=("input", "fiscalYearStartMonth"))
        _checked_tolerance(
            self.over_delivery_tolerance_percent, ("input", "overDeliveryTolerancePercent")
        )
        checked_not_below_zero(self.match_tolerance, ("input", "matchTolerance"))
        return self


@dataclass(frozen=True, slots=True)
class CompanyDraft:
    """The profile of the company as asked for, whole."""

    address: Address
    settings: CompanySettings = CompanySettings()
    time_zone: str = "Europe/Berlin"
    phone: str | None = None
    iban: str | None = None
    bic: str | None = None
    bank: str | None = None
    creditor_id: str | None = None
    legal_notice: str | None = None


class KindSetting:
    """How documents of one kind are approved."""

    tenant_id: UUID
    kind: str
    approval: ApprovalMode

    def __init__(self, company: "Company", kind: str, approval: ApprovalMode) -> None:
        self.tenant_id = company.id
        self.kind = kind
        self.approval = approval


class Company(Recorder):
    """Our own company; posted documents keep what it was when they were posted."""

    entity_type = "company"

    id: UUID
    currency: str
    time_zone: str
    document_settings: list[KindSetting]
    version: int

    def update(self, draft: CompanyDraft, *, at: datetime) -> None:
        """Take over a whole new profile. Its currency stays: amounts are kept in it."""
        facts = {
            **_fields_of(draft.address.checked(("input",))),
            **_fields_of(draft.settings.checked()),
            **_letterhead(draft),
            "time_zone": checked_time_zone(draft.time_zone, ("input", "timeZone")),
        }
        self.updated_at = at
        for name, value in facts.items():
            setattr(self, name, value)
        self.record("CompanyUpdated", action="UPDATE")

    def set_approval(self, kind: Kind, approval: ApprovalMode, *, at: datetime) -> None:
        """Say how documents of `kind` are approved from now on."""
        self.updated_at = at
        known = {setting.kind: setting for setting in self.document_settings}
        if kind.name in known:
            known[kind.name].approval = approval
        else:
            self.document_settings.append(KindSetting(self, kind.name, approval))
        self.record("ApprovalModeSet", action="SET", document_kind=kind.name)


def _fields_of(values: Any) -> dict[str, Any]:
    return {field.name: getattr(values, field.name) for field in fields(values)}


def _letterhead(draft: CompanyDraft) -> dict[str, str | None]:
    iban = optional_text(draft.iban, 60, ("input", "iban"))
    return {
        "phone": optional_text(draft.phone, 40, ("input", "phone")),
        "iban": checked_iban(iban, ("input", "iban")) if iban else None,
        "bic": checked_bic(draft.bic, ("input", "bic")),
        "bank": optional_text(draft.bank, 100, ("input", "bank")),
        "creditor_id": checked_creditor_id(draft.creditor_id, ("input", "creditorId")),
        "legal_notice": optional_text(draft.legal_notice, 500, ("input", "legalNotice")),
    }


def checked_time_zone(name: str, path: Path) -> str:
    """Return the name of a time zone. Raises Required, TooLong or TimeZoneUnknown."""
    zone = checked_text(name, 60, path)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder
        raise TimeZoneUnknown(path=path) from None
    return zone


def _checked_tolerance(percent: Decimal, path: Path) -> Decimal:
    if checked(percent, path) < 0:
        raise AmountBelowZero(path=path)
    if percent > 100:
        raise TooLarge(limit="100", path=path)
    if percent != percent.quantize(Decimal("0.01")):
        raise TooPrecise(decimals_max=2, path=path)
    return percent
