"""Where a country lies for value added tax, by date: at home, in the EU, or outside.

Countries are ISO 3166-1 codes, with XI for Northern Ireland, which stays in the EU for goods only.
Parts of a country with rules of their own (Helgoland, Büsingen, the Canary Islands, Åland and
others [section 1 (2), (2a) UStG, UStAE 1.10]) share its code and are not told apart.

Sources: section 1 (2a) UStG, article 5 of directive 2006/112/EC, the protocol on Northern Ireland.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

HOME = "DE"

_BREXIT = date(2021, 1, 1)  # end of the transition period, until which VAT law went on
_FOUNDED = date(1993, 1, 1)  # the single market

_SINCE: Mapping[str, date] = {
    **dict.fromkeys(("BE", "DE", "DK", "ES", "FR", "GR", "IE", "IT", "LU", "NL", "PT"), _FOUNDED),
    **dict.fromkeys(("AT", "FI", "SE"), date(1995, 1, 1)),
    **dict.fromkeys(("CY", "CZ", "EE", "HU", "LT", "LV", "MT", "PL", "SI", "SK"), date(2004, 5, 1)),
    **dict.fromkeys(("BG", "RO"), date(2007, 1, 1)),
    "HR": date(2013, 7, 1),
    "MC": _FOUNDED,  # Monaco counts as France [section 1 (2a) s. 2 UStG]
}
_UNTIL: Mapping[str, tuple[date, date]] = {
    "GB": (_FOUNDED, _BREXIT),
    "IM": (_FOUNDED, _BREXIT),  # the Isle of Man counted as Great Britain
}
_GOODS_ONLY: Mapping[str, date] = {"XI": _FOUNDED}
_VAT_PREFIXES: Mapping[str, str] = {"EL": "GR"}  # Greece writes its VAT ids with EL


class Area(StrEnum):
    """Where something is, seen from Germany."""

    HOME = "HOME"
    EU = "EU"
    THIRD = "THIRD"


def is_in_eu(country: str, on: date, *, is_service: bool = False) -> bool:
    """Say whether a country belongs to the EU for value added tax on that day.

    >>> is_in_eu("GB", date(2020, 12, 31)), is_in_eu("GB", date(2021, 1, 1))
    (True, False)
    >>> is_in_eu("XI", date(2026, 1, 1)), is_in_eu("XI", date(2026, 1, 1), is_service=True)
    (True, False)
    """
    if country in _UNTIL:
        since, until = _UNTIL[country]
        return since <= on < until
    since = _SINCE.get(country) or (date.max if is_service else _GOODS_ONLY.get(country, date.max))
    return on >= since


def area_of(country: str, on: date, *, is_service: bool = False) -> Area:
    """Return where a country lies for goods, or for services, on that day.

    >>> [area_of(country, date(2026, 1, 1)).value for country in ("DE", "AT", "CH")]
    ['HOME', 'EU', 'THIRD']
    """
    if country == HOME:
        return Area.HOME
    return Area.EU if is_in_eu(country, on, is_service=is_service) else Area.THIRD


def country_of_vat_id(vat_id: str | None) -> str | None:
    """Return the country that gave a VAT id, by its first two letters; None without one.

    >>> country_of_vat_id("EL123456789"), country_of_vat_id("ATU12345678"), country_of_vat_id(" ")
    ('GR', 'AT', None)
    """
    prefix = "".join((vat_id or "").split()).upper()[:2]
    return _VAT_PREFIXES.get(prefix, prefix) or None
