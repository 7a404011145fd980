"""The lock order of the whole system: each class once per transaction, in this order."""

from enum import IntEnum


class Lock(IntEnum):
    """Classes of locks; taking one of an earlier class than the last is a bug, never a deadlock."""

    IDEMPOTENCY_KEY = 1
    INBOX_ITEMS = 2
    IMPORT_RUNS = 3
    DOCUMENT_JOBS = 4
    SETTINGS = 5  # the company, its branches, payment terms, exchange rates, texts
    PARTNERS = 6
    ITEMS = 7
    PRICES = 8
    DOCUMENTS = 9
    APPROVALS = 10
    PERIODS = 11
    NUMBER_RANGES = 12
    JOURNAL_HEAD = 13


class LockOrder(RuntimeError):
    """A lock was taken out of order or twice; every such place could deadlock with another."""


class Locks:
    """The locks one transaction holds."""

    def __init__(self) -> None:
        self.taken: list[Lock] = []

    def take(self, lock: Lock, *, again: bool = False) -> None:
        """Note that `lock` is taken now; `again` allows a further one of the class taken last.

        Raises LockOrder.
        """
        if again and self.taken[-1:] == [lock]:
            return
        if self.taken and lock <= self.taken[-1]:
            raise LockOrder(f"{lock.name} after {self.taken[-1].name}")
        self.taken.append(lock)
