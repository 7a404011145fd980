"""Currencies by their code [ISO 4217] and their rates: units for one of our own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.journal import Recorder
from domain.money import MustBePositive, checked
from domain.problems import Path, Problem

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES
VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())
"""Codes of money in use; funds, metals and test codes are left out."""


class CurrencyUnknown(Problem):
    """Write the currency as three capital letters such as USD (ISO 4217)."""


class RateOfOwnCurrency(Problem):
    """{currency} is the currency of your company; its rate is always 1."""

    currency: str


class ExchangeRateMissing(Problem):
    """There is no exchange rate of {currency} on {day} or before. Record one first."""

    currency: str
    day: str


class RateSource(StrEnum):
    """Where a rate comes from: for VAT the monthly one of the ministry counts [16 (6) UStG]."""

    ECB = "ECB"
    BMF = "BMF"
    MANUAL = "MANUAL"


@dataclass(frozen=True, slots=True)
class KnownRate:
    """A rate with its day and source, for a document to keep."""

    rate: Decimal
    valid_on: date
    source: RateSource


class ExchangeRate(Recorder):
    """How many units of `currency` one unit of the company's is worth from `valid_on` on."""

    entity_type = "exchange_rate"

    id: UUID
    tenant_id: UUID
    currency: str
    valid_on: date
    rate: Decimal
    source: RateSource
    version: int

    def __init__(
        self, *, id: UUID, tenant_id: UUID, currency: str, valid_on: date, own: str
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.currency = checked_currency(currency, ("input", "currency"))
        if currency == own:
            raise RateOfOwnCurrency(currency=own, path=("input", "currency"))
        self.valid_on = valid_on

    def quote(self, rate: Decimal, source: RateSource, *, at: datetime) -> None:
        """Set the rate of this day, or correct it; documents keep the rate they took."""
        if checked(rate, ("input", "rate")) <= 0:
            raise MustBePositive(path=("input", "rate"))
        self.updated_at = at
        self.rate = rate
        self.source = source
        self.record("ExchangeRateRecorded", action="RECORD")


def checked_currency(code: str, path: Path) -> str:
    """Return the code of a currency. Raises CurrencyUnknown."""
    if code not in CURRENCIES:
        raise CurrencyUnknown(path=path)
    return code


def rate_on(
    rates: Iterable[ExchangeRate], currency: str, day: date, path: Path = ("input", "currency")
) -> KnownRate:
    """Return the newest rate of a currency at a day or before it. Raises ExchangeRateMissing."""
    known = [each for each in rates if each.currency == currency and each.valid_on <= day]
    if not known:
        raise ExchangeRateMissing(currency=currency, day=day.isoformat(), path=path)
    newest = max(known, key=lambda each: each.valid_on)
    return KnownRate(newest.rate, newest.valid_on, newest.source)
