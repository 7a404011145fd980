"""The lock order of the whole system: each class once per transaction, in this order."""

from enum import IntEnum


class Lock(IntEnum):
    """Classes of locks; taking one of an earlier class than the last is a bug, never a deadlock."""

    IDEMPOTENCY_KEY = 1
    TEXT_TEMPLATES = 2
    INBOX_ITEMS = 3
    PARTNERS = 4
    DOCUMENTS = 5
    APPROVALS = 6
    NUMBER_RANGES = 7
    JOURNAL_HEAD = 8


class LockOrder(RuntimeError):
    """A lock was taken out of order or twice; every such place could deadlock with another."""


class Locks:
    """The locks one transaction holds."""

    def __init__(self) -> None:
        self.taken: list[Lock] = []

    def take(self, lock: Lock) -> None:
        """Note that `lock` is taken now. Raises LockOrder."""
        if self.taken and lock <= self.taken[-1]:
            raise LockOrder(f"{lock.name} after {self.taken[-1].name}")
        self.taken.append(lock)
