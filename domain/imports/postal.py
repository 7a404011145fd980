"""Countries and postcodes as tables write them."""

from decimal import Decimal

from babel import Locale

from domain.countries import COUNTRIES
from domain.imports.cells import Cell, as_text, one_of

_POSTCODE_DIGITS = 5  # of a German postcode


def _countries() -> dict[str, str]:
    """Return the code of every country by code and by its German and English name."""
    words = {code.casefold(): code for code in COUNTRIES}
    for language in ("de", "en"):
        names = Locale(language).territories
        words |= {str(names[code]).casefold(): code for code in sorted(COUNTRIES) if code in names}
    return {**words, "d": "DE", "a": "AT"}  # the signs of cars, as older programs write them


read_country = one_of(_countries(), "DE, Deutschland, AT, Österreich …")


def postcode(cell: Cell, country: str) -> str:
    """Return a postcode; a German one that a workbook keeps as a number gets its zero back.

    >>> postcode(Decimal(1067), "DE"), postcode(Decimal(1010), "AT"), postcode("1067", "DE")
    ('01067', '1010', '1067')
    """
    written = as_text(cell)
    if isinstance(cell, Decimal) and country == "DE":
        return written.rjust(_POSTCODE_DIGITS, "0")
    return written
