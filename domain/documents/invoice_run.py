"""The invoice run (Rechnungslauf): which posted deliveries become one invoice, and when.

Deliveries share an invoice where all that a conversion demands is the same (payer, branch,
currency, price basis, percentages off, terms; see domain.documents.agreed) and the tax treatment
too, in the rhythm agreed with the payer. A week or month is billed once it is over. What is more
than one invoice holds becomes several.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from domain.documents.agreed import SOURCES_MAX, Agreed
from domain.documents.drafts import LINES_MAX
from domain.partners.rhythm import Rhythm
from domain.problems import Problem


class TooManyDeliveries(Problem):
    """More than {deliveries_max} deliveries wait for an invoice. Ask for one payer with billTo, or up to an earlier day."""  # noqa: E501  one sentence for the user

    deliveries_max: int


@dataclass(frozen=True, slots=True)
class Unbilled:
    """A posted delivery with something open to bill: `net` of what is open.

    `agreed` is what all deliveries of an invoice must agree on; `lines` may come into the invoice.
    """

    id: UUID
    number: str
    supplied_on: date
    bill_to_name: str
    ship_to: str
    orders: tuple[UUID, ...]
    payment_days: int
    tax_treatment: str
    rhythm: Rhythm
    net: Decimal
    agreed: Agreed
    lines: int

    @property
    def bill_to(self) -> UUID:
        """Who pays."""
        return self.agreed.payer[0]

    @property
    def currency(self) -> str:
        """The currency of `net`."""
        return self.agreed.currency


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
    found: dict[tuple[object, ...], list[Unbilled]] = {}
    for each in sorted(deliveries, key=lambda each: (each.supplied_on, each.number)):
        found.setdefault(_key(each), []).append(each)
    proposals = [_proposal(part) for group in found.values() for part in _invoices(group)]
    return tuple(
        sorted(proposals, key=lambda p: (p.bill_to_name, p.bill_to, p.deliveries[0].supplied_on))
    )


def _invoices(group: Sequence[Unbilled]) -> Iterator[tuple[Unbilled, ...]]:
    """Cut what belongs together into as many invoices as it takes."""
    part: list[Unbilled] = []
    for each in group:
        lines = sum(delivery.lines for delivery in part) + each.lines
        if part and (len(part) == SOURCES_MAX or lines > LINES_MAX):
            yield tuple(part)
            part = []
        part.append(each)
    yield tuple(part)


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


def _key(delivery: Unbilled) -> tuple[object, ...]:
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
        delivery.agreed,
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
