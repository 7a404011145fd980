"""Accounting periods: what is closed stays closed, until somebody reopens it with a reason.

A closed period takes no document whose posting date lies in it (GoBD Rz. 58 ff., 107 ff.: what was
booked is not changed, and a finished period is finished). Sales, purchasing and payments are closed
apart, for they are finished on different days.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.documents.kinds import Kind
from domain.journal import Recorder
from domain.problems import Path, Problem
from domain.text import checked_text

REASON_LENGTH_MAX = 500


class PeriodArea(StrEnum):
    """What is closed apart."""

    SALES = "SALES"
    PURCHASE = "PURCHASE"
    PAYMENTS = "PAYMENTS"


def area_of(kind: Kind) -> PeriodArea:
    """Return the area that a kind of document belongs to: payments are closed by themselves."""
    return PeriodArea.PAYMENTS if kind.is_payment else PeriodArea(kind.side.upper())


class PeriodClosed(Problem):
    """The period up to {closed_until} is closed. The first date that would do is {first_open}."""

    closed_until: str
    first_open: str


class PeriodNotOver(Problem):
    """A day that lies ahead cannot be closed; today is {today}."""

    today: str


class PeriodAlreadyClosed(Problem):
    """This is closed up to {closed_until} already."""

    closed_until: str


class PeriodNotClosed(Problem):
    """Nothing after this day is closed, so there is nothing to reopen."""


def check_period(closed_until: date | None, posting_date: date, path: Path) -> None:
    """Raise PeriodClosed if the day of a posting lies in what is closed.

    >>> check_period(date(2026, 10, 31), date(2026, 11, 1), ())
    """
    if closed_until is not None and posting_date <= closed_until:
        raise PeriodClosed(
            closed_until=closed_until.isoformat(),
            first_open=(closed_until + timedelta(days=1)).isoformat(),
            path=path,
        )


class PeriodLock(Recorder):
    """Up to which day one area is closed; every company has one for each area from its start."""

    entity_type = "period_lock"

    id: UUID
    tenant_id: UUID
    area: PeriodArea
    closed_until: date | None
    version: int

    def close(self, until: date, *, today: date, at: datetime) -> None:
        """Close everything up to and including a day.

        Raises PeriodNotOver or PeriodAlreadyClosed.
        """
        path = ("input", "until")
        if until > today:
            raise PeriodNotOver(today=today.isoformat(), path=path)
        if self.closed_until is not None and until <= self.closed_until:
            raise PeriodAlreadyClosed(closed_until=self.closed_until.isoformat(), path=path)
        self.closed_until, self.updated_at = until, at
        self.record("PeriodClosed", action="CLOSE", area=self.area.value)

    def reopen(self, until: date | None, reason: str, *, at: datetime) -> None:
        """Leave only the days up to `until` closed, none without one. Raises PeriodNotClosed."""
        given = checked_text(reason, REASON_LENGTH_MAX, ("input", "reason"))
        if self.closed_until is None or (until is not None and until >= self.closed_until):
            raise PeriodNotClosed(path=("input", "until"))
        self.closed_until, self.updated_at = until, at
        self.record("PeriodReopened", action="REOPEN", area=self.area.value, reason=given)
