"""Days that trade can mean; one far outside is a slip of the pen."""

from datetime import date

from domain.problems import Path, Problem

EARLIEST = date(2000, 1, 1)


class DateOutOfRange(Problem):
    """This date must lie between {earliest} and {latest}."""

    earliest: str
    latest: str


def checked_day(day: date, latest: date, path: Path) -> date:
    """Return a day from EARLIEST to `latest`, both included. Raises DateOutOfRange."""
    if not EARLIEST <= day <= latest:
        raise DateOutOfRange(earliest=EARLIEST.isoformat(), latest=latest.isoformat(), path=path)
    return day
