"""GTIN (EAN): the number under a bar code, with its check digit (GS1 General Specifications 7.9).

A GTIN has 8, 12, 13 or 14 digits. From the right, the digits before the check digit weigh 3 and 1
in turn; the check digit fills their sum up to the next multiple of ten.
"""

import re

from domain.problems import Path, Problem
from domain.text import optional_text

LENGTHS = (8, 12, 13, 14)


class GtinInvalid(Problem):
    """A GTIN has 8, 12, 13 or 14 digits, the last of which checks the others; this is none."""


def check_digit(digits: str) -> int:
    """Return the check digit that belongs behind `digits`.

    >>> check_digit("400638133393"), check_digit("9638507")
    (1, 4)
    """
    weighted = (int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return -sum(weighted) % 10


def checked_gtin(text: str | None, path: Path) -> str | None:
    """Return a GTIN, or None for an empty one. Raises GtinInvalid."""
    found = optional_text(text, 14, path)
    if found is None:
        return None
    if len(found) not in LENGTHS or not re.fullmatch(r"[0-9]+", found):
        raise GtinInvalid(path=path)
    if check_digit(found[:-1]) != int(found[-1]):
        raise GtinInvalid(path=path)
    return found
