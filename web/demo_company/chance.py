"""Where clock, ids and luck come from, so that the same seed makes the same company."""

import random
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
OPENING = time(7, 30)
_SEQUENCE_BITS = 12
T = TypeVar("T")


class Chance:
    """A seeded source of luck; one per purpose, so that a change here moves nothing there."""

    def __init__(self, seed: int, purpose: str) -> None:
        self.random = random.Random(f"{seed} {purpose}")  # noqa: S311  luck, no secret

    def happens(self, percent: int) -> bool:
        """Say whether something happens that happens so often."""
        return self.random.randrange(100) < percent

    def number(self, least: int, most: int) -> int:
        """Return a whole number, both ends included."""
        return self.random.randint(least, most)

    def amount(self, least: str, most: str, step: str) -> Decimal:
        """Return a multiple of `step` from `least` to `most`, both of them multiples too.

        >>> Chance(1, "doctest").amount("0.5", "0.5", "0.25")
        Decimal('0.50')
        """
        size = Decimal(step)
        return size * self.number(int(Decimal(least) / size), int(Decimal(most) / size))

    def pick(self, many: Sequence[T]) -> T:
        """Return one of many."""
        return many[self.random.randrange(len(many))]


class Watch:
    """The clock and the ids of the demo company: ids sort by the time they were made (UUIDv7)."""

    def __init__(self, seed: int) -> None:
        self._luck = Chance(seed, "ids").random
        self._now = datetime.min.replace(tzinfo=ZONE)
        self._made = 0

    def set_to(self, day: date, opening: time = OPENING) -> None:
        """Begin a day; ids of it follow one another from here on."""
        self._now = datetime.combine(day, opening, ZONE)
        self._made = 0

    def now(self) -> datetime:
        """Return the time."""
        return self._now

    def new_id(self) -> UUID:
        """Return the next id: the time in milliseconds, a number that counts up, luck."""
        sequence = self._made
        self._made += 1
        moment = int(self._now.timestamp() * 1000) + (sequence >> _SEQUENCE_BITS)
        counted = sequence & ((1 << _SEQUENCE_BITS) - 1)
        rest = self._luck.getrandbits(62)
        return UUID(int=moment << 80 | 7 << 76 | counted << 64 | 2 << 62 | rest)
