"""What is said of a follow-up while it is made: what none of its sources can know.

The paper of a supplier has a number and a date of its own, so that a receipt becomes an invoice
that can be posted by one conversion.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from domain.dates import checked_day
from domain.documents.drafts import DAYS_AHEAD_MAX, HEADER, check_supply, input_path
from domain.documents.jobs import OptionOutOfPlace
from domain.documents.kinds import Kind

if TYPE_CHECKING:
    from domain.documents.document import Document

_TEXTS = ("external_number", "customer_reference")
_DAYS = ("issue_date", "supply_date", "supply_until")


@dataclass(frozen=True, slots=True)
class Said:
    """Header fields of a follow-up by its author's word; None leaves what the conversion finds."""

    issue_date: date | None = None
    supply_date: date | None = None
    supply_until: date | None = None
    external_number: str | None = None
    customer_reference: str | None = None

    @property
    def supplied_on(self) -> date | None:
        """The day of supply that decides rates, if one is said."""
        return self.supply_until or self.supply_date

    def check(self, kind: Kind, today: date) -> None:
        """Raise OptionOutOfPlace for a field that `kind` does not have, or DateOutOfRange."""
        for name in (*_DAYS, *_TEXTS):
            path = input_path(name)
            if getattr(self, name) is None:
                continue
            if name != "issue_date" and name not in kind.fields:
                raise OptionOutOfPlace(option=str(path[-1]), verb=kind.name, path=path)
            if name in _DAYS:
                checked_day(getattr(self, name), today + timedelta(days=DAYS_AHEAD_MAX), path)

    def put_on(self, new: "Document") -> None:
        """Write it over what a conversion found, before other dates follow from it.

        A day of supply without a last one is that day alone. Raises Required or
        SupplyPeriodReversed for a period without start or that ends before it, or that a text is
        too long or not printable.
        """
        new.issue_date = self.issue_date or new.issue_date
        if self.supply_date is not None:
            new.supply_date, new.supply_until = self.supply_date, None
        if self.supply_until is not None:
            new.supply_until = self.supply_until
        check_supply(new.supply_date, new.supply_until)
        for name in _TEXTS:
            if getattr(self, name) is not None:
                setattr(new, name, HEADER[name](getattr(self, name), input_path(name)))
        new.external_year = new.issue_date.year if new.external_number else None


NOTHING_SAID = Said()
