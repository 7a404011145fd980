"""Figures over many documents: by what they are grouped, and which of them count."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.documents.kinds import KINDS, SALES, Kind, State
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


SALES_REVENUE, PURCHASE_COST = "SALES_REVENUE", "PURCHASE_COST"


def figure_of(kind: Kind) -> str:
    """Return the figure that documents of a kind are summed up in; no figure mixes two steps.

    What is billed on a side is one figure, all else is one of its kind alone.

    >>> figure_of(KINDS["SALES_CREDIT_NOTE"]), figure_of(KINDS["SALES_ORDER"])
    ('SALES_REVENUE', 'SALES_ORDER')
    """
    if not kind.is_billing:
        return kind.name
    return SALES_REVENUE if kind.side == SALES else PURCHASE_COST


def sign_of(kind: Kind) -> int:
    """Return with which sign documents of a kind enter their figure: credit notes count against."""
    return kind.owed if kind.is_billing else 1


Figure = StrEnum(  # type: ignore[misc]
    "Figure", {figure_of(kind): figure_of(kind) for kind in KINDS.values()}
)
"""Every figure, in the order of the kinds."""


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
