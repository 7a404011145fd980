"""What can go wrong with any request, whatever it asks for."""

from domain.problems import Problem

RETRY_AFTER_MS = 500
"""How long a client is told to wait where others change the same records."""


class VersionConflict(Problem):
    """You saw version {expected}, now it is version {current_version}. Read it and decide again."""

    expected: int
    current_version: int


class Busy(Problem):
    """Others are changing the same records right now. Try again in {retry_after_ms} ms."""

    retry_after_ms: int


class IdempotencyKeyReused(Problem):
    """This idempotency key was used with another input. Use a new key for a new intention."""


class CursorInvalid(Problem):
    """This cursor does not belong to this list in this order. Start again without it."""


class PageSizeOutOfRange(Problem):
    """A page has 1 to {size_max} rows."""

    size_max: int


class PageAmbiguous(Problem):
    """Ask for the first rows or for the last ones, not for both."""
