"""Figures over many documents: by what they are grouped, and which of them count."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.documents.kinds import State
from domain.problems import Problem

YEARS_MAX = 20


class FiguresPeriodInvalid(Problem):
    """A period of figures does not end before it starts and holds {years_max} years at most."""

    years_max: int


class GroupBy(StrEnum):
    """By what statistics are grouped."""

    MONTH = "MONTH"
    KIND = "KIND"
    STATE = "STATE"
    PARTNER = "PARTNER"
    RESPONSIBLE = "RESPONSIBLE"


@dataclass(frozen=True, slots=True)
class Summed:
    """Which documents count: kinds the caller may read, states, days of issue with both ends."""

    kinds: tuple[str, ...]
    states: tuple[State, ...]
    issued_from: date
    issued_to: date

    def checked(self) -> "Summed":
        """Return it if its period can be summed up. Raises FiguresPeriodInvalid."""
        years = self.issued_to.year - self.issued_from.year
        if self.issued_to < self.issued_from or years > YEARS_MAX:
            raise FiguresPeriodInvalid(years_max=YEARS_MAX, path=("to",))
        return self


def states_that_count(by: GroupBy) -> tuple[State, ...]:
    """Return which states count unless somebody says so: what is final, or each for itself.

    >>> states_that_count(GroupBy.MONTH)
    (<State.POSTED: 'POSTED'>,)
    """
    return tuple(State) if by is GroupBy.STATE else (State.POSTED,)
