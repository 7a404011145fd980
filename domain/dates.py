"""Days that trade can mean; one far outside is a slip of the pen."""

from datetime import date

from domain.problems import Path, Problem

EARLIEST = date(2000, 1, 1)


class DateOutOfRange(Problem):
    """This date must lie between {earliest} and {latest}."""

    earliest: str
    latest: str


def checked_day(day: date, latest: date, path: Path, earliest: date = EARLIEST) -> date:
    """Return a day from `earliest` to `latest`, both included. Raises DateOutOfRange."""
    if not earliest <= day <= latest:
        raise DateOutOfRange(earliest=earliest.isoformat(), latest=latest.isoformat(), path=path)
    return day
