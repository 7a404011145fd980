"""What a client asks of a document, before the document takes it over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from domain.dates import checked_day
from domain.documents.lines import LineDraft
from domain.items import Item
from domain.partners import Partner, checked_payment_days
from domain.problems import Path, Problem
from domain.text import Required

LINES_MAX = 1000
DAYS_AHEAD_MAX = 366


class LinesMissing(Problem):
    """A document needs at least one line."""


class TooManyLines(Problem):
    """A document may have {lines_max} lines at the most."""

    lines_max: int


class SupplyPeriodReversed(Problem):
    """The period of supply ends before it starts."""


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document as asked for; references are resolved by the unit of work beforehand."""

    issue_date: date
    lines: tuple[LineDraft, ...]
    sold_to: Partner
    bill_to: Partner
    ship_to: Partner
    items: Mapping[UUID, Item]
    supply_date: date | None = None
    supply_until: date | None = None
    payment_days: int | None = None
    customer_reference: str | None = None
    note: str | None = None

    @property
    def supplied_on(self) -> date:
        """The day that decides rates: a service over a period is supplied when it is completed.

        Section 13 (1) no. 1 and section 27 (1) UStG, UStAE 13.1 (3); before there is a day of
        supply, the issue date stands in for it.
        """
        return self.supply_until or self.supply_date or self.issue_date


def check_dates(draft: DocumentDraft, today: date) -> None:
    """Raise DateOutOfRange, Required or SupplyPeriodReversed for dates that cannot be."""
    latest = today + timedelta(days=DAYS_AHEAD_MAX)
    for name in ("issue_date", "supply_date", "supply_until"):
        day: date | None = getattr(draft, name)
        if day is not None:
            checked_day(day, latest, input_path(name))
    if draft.supply_until and not draft.supply_date:
        raise Required(path=input_path("supply_date"))
    if draft.supply_until and draft.supply_date and draft.supply_until < draft.supply_date:
        raise SupplyPeriodReversed(path=input_path("supply_until"))


def payment_days_of(draft: DocumentDraft) -> int:
    """Return the days until payment is due: as asked for, else as agreed with who pays."""
    days = draft.bill_to.payment_days if draft.payment_days is None else draft.payment_days
    return checked_payment_days(days, input_path("payment_days"))


def input_path(name: str) -> Path:
    """Return the place of a field of the draft in the input that asked for it."""
    head, *tail = name.split("_")
    return ("input", head + "".join(word.title() for word in tail))
