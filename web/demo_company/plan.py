"""What happens in the two years: pure, from a seed; nothing here touches a database or a clock."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.documents.kinds import PaymentMethod
from domain.units import Unit
from web.demo_company.buying import harvested, restocked, self_billed
from web.demo_company.chance import Chance
from web.demo_company.goods import Article, Group, articles
from web.demo_company.people import Person, Sort, people
from web.demo_company.planner import PeriodOver, PlannedLine, Planner, Step, Verb
from web.demo_company.selling import (
    ALL_YEAR,
    SPRING,
    called_off,
    fuelled,
    invoice,
    offered,
    ordered,
    over_the_counter,
    prepaid,
)

YEARS_DAYS = 729
PARTNERS, ARTICLES, DOCUMENTS = 300, 800, 5_000
WAITING = 4
_PAID_BY_US = ("SUPPLIER_INVOICE", "SELF_BILLED_INVOICE")
PARTNERS_MIN, ARTICLES_MIN, DOCUMENTS_MIN = 24, 40, 100

Deal = Callable[[Planner, Chance, date], None]


@dataclass(frozen=True, slots=True)
class Trade:
    """How often a deal is made in two years at full scale, and how much in each month."""

    deal: Deal
    count: int
    months: tuple[int, ...] = (1,) * 12


TRADES: tuple[Trade, ...] = (
    Trade(ordered, 310, (2, 5, 9, 10, 6, 3, 3, 4, 7, 4, 3, 2)),
    Trade(offered, 55, (4, 6, 5, 3, 2, 2, 2, 4, 3, 2, 2, 3)),
    Trade(called_off, 34, (5, 4, 1, 0, 0, 0, 0, 0, 0, 1, 4, 5)),
    Trade(fuelled, 150, (1, 1, 3, 3, 3, 2, 4, 5, 4, 3, 1, 1)),
    Trade(prepaid, 14, (2, 4, 4, 2, 1, 1, 1, 2, 2, 1, 1, 1)),
    Trade(restocked, 215, (4, 5, 5, 4, 3, 2, 2, 4, 4, 3, 2, 2)),
    Trade(harvested, 105, (0, 0, 0, 0, 0, 0, 5, 9, 2, 2, 0, 0)),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The partners, the articles, and the steps by day."""

    start: date
    until: date
    people: tuple[Person, ...]
    articles: tuple[Article, ...]
    steps: tuple[Step, ...]
    documents: int


def planned(*, seed: int, scale: Decimal, until: date) -> Plan:
    """Plan two years that end on `until`; `scale` 1 is 5,000 documents."""
    who = people(max(PARTNERS_MIN, int(PARTNERS * scale)), Chance(seed, "people"))
    what = articles(max(ARTICLES_MIN, int(ARTICLES * scale)), Chance(seed, "goods"))
    start = until - timedelta(days=YEARS_DAYS)
    plan = Planner(start=start, until=until, people=who, articles=what)
    wanted = max(DOCUMENTS_MIN, int(DOCUMENTS * scale))
    for place, trade in enumerate(TRADES):
        luck = Chance(seed, f"trade {place}")
        for _ in range(max(1, int(trade.count * scale))):
            with suppress(PeriodOver):
                trade.deal(plan, luck, _day(plan, luck, trade.months))
    _bill_collectively(plan, Chance(seed, "collective invoices"))
    _leave_open(plan, Chance(seed, "open"))
    _fill_up(plan, Chance(seed, "counter"), wanted)
    steps = tuple(sorted(plan.steps, key=lambda step: step.day))
    return Plan(start, until, tuple(who), tuple(what), steps, plan.documents)


def _day(plan: Planner, luck: Chance, months: tuple[int, ...]) -> date:
    """Return a day of the two years, in a month that its weight favours."""
    while True:
        day = plan.start + timedelta(days=luck.number(0, YEARS_DAYS - 3))
        if luck.number(1, max(months)) <= months[day.month - 1]:
            return day


def _bill_collectively(plan: Planner, luck: Chance) -> None:
    """Bill each week's or month's deliveries of a partner together."""
    for (side, partner, day), deliveries in sorted(plan.to_bill.items(), key=lambda one: one[0]):
        with suppress(PeriodOver):
            if side == "sales":
                invoice(plan, luck, day, partner, deliveries)
            else:
                self_billed(plan, luck, day, partner, deliveries)


def _leave_open(plan: Planner, luck: Chance) -> None:
    """Write what lies on the desks on the last days: drafts and payments not yet approved."""
    last = plan.until
    while last.weekday() > 4:
        last -= timedelta(days=1)
    for kind, groups in (("SALES_ORDER", SPRING), ("SALES_OFFER", ALL_YEAR)):
        for _ in range(3):
            customer = plan.choose(luck, Sort.FARM, Sort.DEALER)
            lines = plan.lines(luck, 2, *groups)
            plan.write(last, kind, customer, lines, is_draft=True)
    supplier = plan.choose(luck, Sort.SUPPLIER)
    lines = plan.lines(luck, 2, Group.FEED, factor=Decimal("0.84"))
    plan.write(last, "PURCHASE_ORDER", supplier, lines, is_draft=True)
    overhaul = PlannedLine(
        Decimal(1),
        price=luck.amount("180", "420", "10"),
        unit=Unit.LUMP_SUM,
        words="Wartung der Fuhrwerkswaage",
        tax_rate=Decimal(19),
        costs=("4800", "WAAGE"),
    )
    for back in (4, 3):
        billed = last - timedelta(days=back)
        facts = {"external_number": plan.next_external("RE"), "supply_date": billed}
        plan.write(billed, "SUPPLIER_INVOICE", supplier, [overhaul], facts=facts)
    _leave_waiting(plan, last)


def _leave_waiting(plan: Planner, last: date) -> None:
    """Let the newest bills that nobody paid wait for approval of their payment, one as a draft."""
    touched = {name for step in plan.steps for name in step.of}
    unpaid = [
        step
        for step in plan.steps
        if step.kind in _PAID_BY_US and step.made not in touched and step.share is None
    ]
    for place, step in enumerate(sorted(unpaid, key=lambda step: step.day)[-WAITING:]):
        with suppress(PeriodOver):
            payment = plan.add(
                Verb.REQUEST,
                last - timedelta(days=1),
                step.made,
                kind="OUTGOING_PAYMENT",
                partner=step.partner,
                facts={"method": PaymentMethod.BANK_TRANSFER},
            )
            if place:
                plan.add(Verb.SUBMIT, last, payment)


def _fill_up(plan: Planner, luck: Chance, wanted: int) -> None:
    """Sell over the counter until there are as many documents as wanted."""
    while plan.documents < wanted:
        day = plan.start + timedelta(days=luck.number(0, YEARS_DAYS - 5))
        over_the_counter(plan, luck, day, is_paid=plan.documents + 2 <= wanted)
