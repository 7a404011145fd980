"""On which day an allocation counts, and which closed periods it must not fall into.

It counts from the day on which both documents were posted, whenever somebody wrote it down: a
payment of 30 November that is allocated on 3 December has paid the invoice in November. Where that
day is closed by now, it counts from today, as the cancellation of a document of a closed period
does. It belongs to the area of what settles; cash discount, which lessens net and tax of what is
settled in the period in which it is taken [section 17 (1) UStG], to the area of that as well.

Taken back, it counts until today, so that each earlier day shows what was known to be paid then;
by the cancellation of one of its documents, until the day on which that is posted. What is
allocated anew counts from that day on, never from before: on no day is more settled than there is.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain

from domain.documents.document import Document
from domain.payments.allocation import Allocation
from domain.periods import PeriodArea, area_of, check_period

Closed = Mapping[PeriodArea, date | None]
"""Up to which day each area is closed."""


def areas_of(allocation: Allocation) -> set[PeriodArea]:
    """Return the areas whose periods an allocation must leave alone."""
    payment, document = allocation.sides
    settled = [document] if allocation.discount else []
    return {area_of(each.definition) for each in (payment, *settled)}


def date_undone(
    allocation: Allocation, cancellation: Document | None, closed: Closed, *, today: date
) -> None:
    """Say until which day an allocation counts that is taken back now. Raises PeriodClosed.

    `cancellation` is that of one of its documents, if it is why.
    """
    wanted = today if cancellation is None else posted_on(cancellation)
    wanted = max(wanted, allocation.settled_on)
    allocation.undone_on = _open_day(allocation, wanted, closed, today)


def date_settled(
    allocation: Allocation, undone: Iterable[date], closed: Closed, *, today: date
) -> None:
    """Say from which day a new allocation counts. Raises PeriodClosed.

    `undone` are the days until which others counted that settled the same documents.
    """
    wanted = max(chain((posted_on(each) for each in allocation.sides), undone))
    allocation.settled_on = _open_day(allocation, wanted, closed, today)


def posted_on(document: Document) -> date:
    """Return the day on which a document counts."""
    return document.posting_date or document.issue_date


def _open_day(allocation: Allocation, wanted: date, closed: Closed, today: date) -> date:
    """Return the day wanted, or today where it is closed. Raises PeriodClosed if that is, too."""
    ends = [closed[area] for area in sorted(areas_of(allocation))]
    day = today if any(end is not None and wanted <= end for end in ends) else wanted
    for end in ends:
        check_period(end, day, allocation.place)
    return day
