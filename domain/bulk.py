"""Doing the same with many: what can be said of the whole."""

from dataclasses import dataclass
from uuid import UUID

from domain.problems import Problem

ITEMS_MAX = 500


class TooManyItems(Problem):
    """At most {items_max} at a time. Split it up."""

    items_max: int


class NotDoneWithOthers(Problem):
    """This was not done, since another of them was refused and you asked for all or nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of many: the id of what was made or changed, or the problem."""

    id: UUID | None
    problem: Problem | None = None
