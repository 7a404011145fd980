"""What stands against settling and against taking back, for the verbs and for who asks before."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.problems import Path, Problem


class FullySettled(Problem):
    """Nothing of {number} is left to be settled, nor to settle anything with."""

    number: str


class NothingSettled(Problem):
    """Nothing settles {number}, so there is nothing to take back."""

    number: str


class AllocationUndone(Problem):
    """This allocation was taken back before."""


class SettledByCancellation(Problem):
    """{number} is settled by its own cancellation; that cannot be taken back."""

    number: str


class PrepaymentDeducted(Problem):
    """A final invoice deducts {number}, so what paid it stays. Cancel that invoice first."""

    number: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An allocation, as far as it matters for taking it back; `number` is of what it settles."""

    number: str
    is_undone: bool
    is_by_cancellation: bool


def settle_obstacle(number: str, open_amount: Decimal | int, path: Path = ()) -> Problem | None:
    """Return what stands against settling a posted open item by anything, or anything by it.

    >>> settle_obstacle("INV-1", Decimal("0.01")) is None
    True
    """
    return None if open_amount else FullySettled(number=number, path=path)


def undo_obstacle(allocation: Standing, path: Path = ()) -> Problem | None:
    """Return what stands against taking an allocation back."""
    if allocation.is_undone:
        return AllocationUndone(path=path)
    if allocation.is_by_cancellation:
        return SettledByCancellation(number=allocation.number, path=path)
    return None


def unsettle_obstacle(number: str, allocations: Sequence[Standing]) -> Problem | None:
    """Return what stands against taking back any of the allocations of a document.

    >>> gone = Standing("INV-1", is_undone=True, is_by_cancellation=False)
    >>> unsettle_obstacle("INV-1", [gone]).code
    'NOTHING_SETTLED'
    """
    standing = [each for each in allocations if not each.is_undone]
    obstacles = [undo_obstacle(each) for each in standing]
    if None in obstacles:
        return None
    return obstacles[0] if obstacles else NothingSettled(number=number)
