"""Limits of text: every text a user sends is bounded and printable."""

import re
from unicodedata import category

from domain.problems import Path, Problem


class Required(Problem):
    """This must not be empty."""


class TooLong(Problem):
    """This text may be {length_max} characters long at the most."""

    length_max: int


class UnprintableText(Problem):
    """This text holds control characters that cannot be kept or printed. Remove them."""


_LINE_END = re.compile("\r\n?|[\u2028\u2029]")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
"""What word processors and phones write without showing it; harmless, unlike bidi overrides."""


def text_to_find(text: str) -> str:
    """Return a text to look for. No text that is kept holds NUL, nor is empty."""
    return "" if "\0" in text else text


def checked_text(text: str, length_max: int, path: Path) -> str:
    """Return `text` without blanks at its ends, its lines ended by a line feed alone.

    Raises Required, TooLong or UnprintableText.
    """
    trimmed = _LINE_END.sub("\n", text.strip())
    if not trimmed:
        raise Required(path=path)
    if len(trimmed) > length_max:
        raise TooLong(length_max=length_max, path=path)
    if not all(map(_can_be_kept, trimmed)):
        raise UnprintableText(path=path)
    return trimmed


def _can_be_kept(char: str) -> bool:
    return char.isprintable() or char in "\n\t" or char in _INVISIBLE or category(char) == "Zs"


def optional_text(text: str | None, length_max: int, path: Path) -> str | None:
    """Return checked text, or None for an empty one."""
    return checked_text(text, length_max, path) if text and text.strip() else None
