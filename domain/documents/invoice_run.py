"""The invoice run (Rechnungslauf): which posted deliveries become one invoice, and when.

Deliveries share an invoice where payer, currency, terms and tax treatment are the same, in the
rhythm agreed with the payer. A week or month is billed once it is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from uuid import UUID


class Rhythm(StrEnum):
    """How often a partner wants to be billed."""

    DELIVERY = "DELIVERY"
    ORDER = "ORDER"
    SHIP_TO = "SHIP_TO"
    WEEK = "WEEK"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True)
class Unbilled:
    """A posted delivery with something open to bill: `net` of what is open."""

    id: UUID
    number: str
    supplied_on: date
    bill_to: UUID
    bill_to_name: str
    ship_to: str
    orders: tuple[UUID, ...]
    currency: str
    payment_days: int
    tax_treatment: str
    rhythm: Rhythm
    net: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """Deliveries that become one invoice, oldest first."""

    bill_to: UUID
    bill_to_name: str
    currency: str
    payment_days: int
    tax_treatment: str
    rhythm: Rhythm
    deliveries: tuple[Unbilled, ...]

    @property
    def billed_from(self) -> date:
        """The first day up to which a run must go to bill all of them."""
        return max(billed_from(each) for each in self.deliveries)

    @property
    def net(self) -> Decimal:
        """The net of all of them."""
        return sum((each.net for each in self.deliveries), Decimal(0))


def propose(deliveries: Iterable[Unbilled], until: date) -> tuple[Proposal, ...]:
    """Group what was delivered up to `until` into invoices, sorted by payer and first day."""
    return _grouped(each for each in deliveries if billed_from(each) <= until)


def waiting(deliveries: Iterable[Unbilled], until: date) -> tuple[Proposal, ...]:
    """Group what the rhythm of its payer leaves out of a run up to `until`."""
    return _grouped(each for each in deliveries if billed_from(each) > until)


def _grouped(deliveries: Iterable[Unbilled]) -> tuple[Proposal, ...]:
    found = sorted(deliveries, key=lambda each: (_key(each), each.supplied_on, each.number))
    proposals = [_proposal(tuple(group)) for _, group in groupby(found, key=_key)]
    return tuple(
        sorted(proposals, key=lambda p: (p.bill_to_name, p.bill_to, p.deliveries[0].supplied_on))
    )


def billed_from(delivery: Unbilled) -> date:
    """Return the first day up to which a run must go to bill it: its week or month is over then."""
    day = delivery.supplied_on
    match delivery.rhythm:
        case Rhythm.WEEK:
            return day + timedelta(days=7 - day.isoweekday())
        case Rhythm.MONTH:
            return _last_of_month(day)
        case _:
            return day


def _last_of_month(day: date) -> date:
    """Return the last day of a month.

    >>> _last_of_month(date(2028, 2, 5))
    datetime.date(2028, 2, 29)
    """
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _key(delivery: Unbilled) -> tuple[str, ...]:
    """Return what deliveries of one invoice have in common."""
    day = delivery.supplied_on
    match delivery.rhythm:
        case Rhythm.DELIVERY:
            own = str(delivery.id)
        case Rhythm.ORDER:
            own = ",".join(map(str, delivery.orders)) or str(delivery.id)
        case Rhythm.SHIP_TO:
            own = delivery.ship_to
        case Rhythm.WEEK:
            own = "{}-{:02}".format(*day.isocalendar())
        case Rhythm.MONTH:
            own = f"{day:%Y-%m}"
    return (
        str(delivery.bill_to),
        delivery.currency,
        str(delivery.payment_days),
        delivery.tax_treatment,
        delivery.rhythm,
        own,
    )


def _proposal(deliveries: tuple[Unbilled, ...]) -> Proposal:
    first = deliveries[0]
    return Proposal(
        bill_to=first.bill_to,
        bill_to_name=first.bill_to_name,
        currency=first.currency,
        payment_days=first.payment_days,
        tax_treatment=first.tax_treatment,
        rhythm=first.rhythm,
        deliveries=deliveries,
    )
