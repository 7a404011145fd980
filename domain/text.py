"""Limits of text: every text a user sends is bounded and printable."""

from domain.problems import Path, Problem


class Required(Problem):
    """This must not be empty."""


class TooLong(Problem):
    """This text may be {length_max} characters long at the most."""

    length_max: int


class UnprintableText(Problem):
    """This text holds control characters that cannot be kept or printed. Remove them."""


def checked_text(text: str, length_max: int, path: Path) -> str:
    """Return `text` without blanks at its ends. Raises Required, TooLong or UnprintableText."""
    trimmed = text.strip()
    if not trimmed:
        raise Required(path=path)
    if len(trimmed) > length_max:
        raise TooLong(length_max=length_max, path=path)
    if any(not (char.isprintable() or char in "\n\t") for char in trimmed):
        raise UnprintableText(path=path)
    return trimmed


def optional_text(text: str | None, length_max: int, path: Path) -> str | None:
    """Return checked text, or None for an empty one."""
    return checked_text(text, length_max, path) if text and text.strip() else None
