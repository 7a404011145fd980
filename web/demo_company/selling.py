"""Deals with customers: from inquiry to money, with all that comes between."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.documents.amounts import InvoiceType
from domain.documents.facts import Answer
from domain.documents.kinds import PaymentMethod
from domain.partners.rhythm import Rhythm
from domain.units import Unit
from web.demo_company.chance import Chance
from web.demo_company.goods import RANGES, Group
from web.demo_company.people import Sort
from web.demo_company.planner import How, PlannedLine, Planner, Verb

BUYERS = (Sort.FARM, Sort.FARM, Sort.COOPERATIVE, Sort.DEALER, Sort.MILL, Sort.AUTHORITY)
FARMERS = (Sort.FARM, Sort.FARM, Sort.COOPERATIVE)
SPRING = (Group.FERTILISER, Group.UNIT_SEED, Group.CEREAL_SEED, Group.PROTECTION, Group.GRASS_SEED)
ALL_YEAR = (Group.FEED, Group.FEED, Group.LUBRICANT, Group.SUPPLY, Group.PROTECTION)
COUNTER = (Group.SUPPLY, Group.SUPPLY, Group.LUBRICANT)
HALF = Decimal("0.5")


def days(count: int) -> timedelta:
    """Return so many days."""
    return timedelta(days=count)


def ordered(plan: Planner, luck: Chance, day: date) -> None:
    """An order is delivered, in one or two parts, billed and paid."""
    customer = plan.choose(luck, *BUYERS)
    groups = SPRING if 2 <= day.month <= 5 or day.month == 9 else ALL_YEAR
    lines = plan.lines(luck, luck.number(1, 4), *groups)
    order = plan.write(
        day,
        "SALES_ORDER",
        customer,
        lines,
        facts={
            "requested_date": day + days(7),
            "customer_reference": f"Best. {luck.number(100, 999)}",
        },
    )
    if plan.happens(luck, "an order is amended", 9):
        plan.add(Verb.AMEND, day + days(1), order, reason="Kunde bestellt mehr", share=Decimal(2))
        day += days(1)
    deliver(plan, luck, day, customer, order)


def deliver(plan: Planner, luck: Chance, day: date, customer: int, order: str) -> None:
    """Deliver an order, whole or in part; the rest follows or is closed."""
    day += days(luck.number(1, 6))
    in_parts = plan.happens(luck, "a delivery comes in parts", 28)
    share = Decimal("0.6") if in_parts else None
    delivery = plan.follow(day, "DELIVERY_NOTE", order, share=share)
    bill(plan, luck, day, customer, delivery)
    if plan.happens(luck, "a receipt is confirmed", 20):
        plan.add(Verb.RECEIVED, day + days(2), delivery)
    if in_parts and plan.happens(luck, "a remainder is closed", 35):
        plan.add(Verb.CLOSE, day + days(4), order, reason="Rest wird nicht mehr gebraucht")
    elif in_parts:
        day += days(luck.number(3, 9))
        bill(plan, luck, day, customer, plan.follow(day, "DELIVERY_NOTE", order))


def bill(plan: Planner, luck: Chance, day: date, customer: int, delivery: str) -> None:
    """Bill a delivery as the customer wants it: at once, or with others later."""
    if plan.people[customer].rhythm in (Rhythm.WEEK, Rhythm.MONTH):
        plan.bill_later("sales", customer, day, delivery)
        return
    day += days(luck.number(1, 3))
    invoice(plan, luck, day, customer, [delivery])


def invoice(
    plan: Planner, luck: Chance, day: date, customer: int, deliveries: Sequence[str]
) -> None:
    """Make an invoice of deliveries, rarely cancel it and write it anew; what comes back is
    credited."""
    made = plan.follow(day, "SALES_INVOICE", *deliveries)
    if plan.happens(luck, "an invoice is cancelled", 3):
        plan.add(
            Verb.CANCEL, day + days(1), made, kind="SALES_INVOICE", reason="Falscher Empfänger"
        )
        day += days(3)
        made = plan.follow(day, "SALES_INVOICE", *deliveries)
    if plan.happens(luck, "goods come back", 7):
        back = plan.follow(day + days(3), "CUSTOMER_RETURN", made, share=HALF)
        credit = plan.follow(day + days(5), "SALES_CREDIT_NOTE", back)
        plan.add(Verb.SETTLE, day + days(7), credit, made)
        day += days(1)
    paid(plan, luck, day, customer, made)


def paid(plan: Planner, luck: Chance, day: date, customer: int, *invoices: str) -> None:
    """Let a customer pay: early with discount, in time, late, in part, too much, or not at all."""
    luck_of_day = luck.number(1, 100)
    method = PaymentMethod.DIRECT_DEBIT if luck.happens(15) else PaymentMethod.BANK_TRANSFER
    facts = {"method": method}

    def pay(after: int, how: How, *, share: Decimal | None = None) -> None:
        plan.add(
            Verb.PAY,
            day + days(after),
            *invoices,
            kind="INCOMING_PAYMENT",
            partner=customer,
            how=how,
            share=share,
            facts=facts,
        )

    if luck_of_day <= 34:
        pay(luck.number(9, 10), How.WITH_DISCOUNT)
    elif luck_of_day <= 76:
        pay(luck.number(12, 33), How.IN_FULL)
    elif luck_of_day <= 86:
        pay(luck.number(40, 75), How.IN_FULL)
    elif luck_of_day <= 92:
        pay(luck.number(14, 20), How.IN_PART, share=HALF)
        pay(luck.number(35, 60), How.IN_FULL)
    elif luck_of_day <= 95:
        pay(luck.number(12, 30), How.TOO_MUCH)


def offered(plan: Planner, luck: Chance, day: date) -> None:
    """A customer asks, gets an offer, and orders or declines."""
    customer = plan.choose(luck, *BUYERS)
    lines = plan.lines(luck, luck.number(1, 3), *SPRING, *ALL_YEAR)
    validity = {"valid_until": day + days(30)}
    if plan.happens(luck, "a customer asks", 45):
        asked = plan.write(day, "SALES_INQUIRY", customer, lines)
        day += days(1)
        offer = plan.write(day, "SALES_OFFER", customer, lines, facts=validity)
        plan.add(Verb.ANSWER, day + days(1), asked, facts={"answer": Answer.ACCEPTED})
    else:
        offer = plan.write(day, "SALES_OFFER", customer, lines, facts=validity)
    day += days(luck.number(3, 12))
    if plan.happens(luck, "an offer is accepted", 55):
        plan.add(Verb.ANSWER, day, offer, facts={"answer": Answer.ACCEPTED})
        day += days(1)
        deliver(plan, luck, day, customer, plan.follow(day, "SALES_ORDER", offer))
    elif luck.happens(70):
        declined = {"answer": Answer.DECLINED}
        plan.add(Verb.ANSWER, day, offer, facts=declined, reason="Mitbewerber war billiger")


def called_off(plan: Planner, luck: Chance, day: date) -> None:
    """A contract in winter is called off in spring, by orders or directly by deliveries."""
    customer = plan.choose(luck, *FARMERS)
    [line] = plan.lines(luck, 1, Group.FERTILISER, Group.UNIT_SEED, Group.FEED)
    line = replace(line, quantity=line.quantity * 6, discount_percent=Decimal(3))
    contract = plan.write(
        day,
        "SALES_CONTRACT",
        customer,
        [line],
        facts={"valid_from": day, "valid_until": day + days(210), "price_fixed": True},
    )
    for left in range(luck.number(2, 4), 0, -1):
        day += days(luck.number(14, 40))
        share = part_of_rest(left, is_last_whole=luck.happens(40))
        if plan.happens(luck, "a contract is called off by an order", 50):
            order = plan.follow(day, "SALES_ORDER", contract, share=share)
            deliver(plan, luck, day, customer, order)
        else:
            bill(
                plan, luck, day, customer, plan.follow(day, "DELIVERY_NOTE", contract, share=share)
            )
    if luck.happens(60):
        plan.add(Verb.CLOSE, day + days(21), contract, reason="Frühjahr ist vorbei")


def part_of_rest(left: int, *, is_last_whole: bool) -> Decimal | None:
    """Return how much of what is open the next of so many calls takes; None for all of it.

    >>> part_of_rest(4, is_last_whole=True), part_of_rest(1, is_last_whole=True)
    (Decimal('0.2500'), None)
    """
    if left == 1:
        return None if is_last_whole else HALF
    return (Decimal(1) / left).quantize(Decimal("0.0001"))


def fuelled(plan: Planner, luck: Chance, day: date) -> None:
    """The tank lorry delivers without an order."""
    customer = plan.choose(luck, *FARMERS, Sort.PRIVATE, Sort.AUTHORITY)
    lines = plan.lines(luck, 1, Group.FUEL)
    facts = {"carrier": "Tankwagen STD-NE 7"}
    bill(plan, luck, day, customer, plan.write(day, "DELIVERY_NOTE", customer, lines, facts=facts))


def prepaid(plan: Planner, luck: Chance, day: date) -> None:
    """A prepayment comes before the goods; the final invoice deducts it."""
    customer = plan.choose(luck, Sort.FARM, Sort.COOPERATIVE)
    [line] = plan.lines(luck, 1, Group.FERTILISER)
    order = plan.write(day, "SALES_ORDER", customer, [line])
    advance = PlannedLine(
        Decimal(1),
        price=Decimal(luck.number(2, 4) * 100),
        unit=Unit.LUMP_SUM,
        words="Anzahlung auf Ihren Auftrag",
        tax_rate=Decimal(RANGES[Group.FERTILISER].tax_rate),
    )
    day += days(1)
    advanced = plan.write(
        day,
        "SALES_INVOICE",
        customer,
        [advance],
        facts={"invoice_type": InvoiceType.PREPAYMENT},
    )
    in_full = {"kind": "INCOMING_PAYMENT", "partner": customer, "how": How.IN_FULL}
    paying = {"method": PaymentMethod.BANK_TRANSFER}
    plan.add(Verb.PAY, day + days(5), advanced, facts=paying, **in_full)
    day += days(luck.number(8, 15))
    delivery = plan.follow(day, "DELIVERY_NOTE", order)
    day += days(2)
    final = plan.add(Verb.FINAL, day, delivery, advanced, kind="SALES_INVOICE", partner=customer)
    paid(plan, luck, day, customer, final)


def over_the_counter(plan: Planner, luck: Chance, day: date, *, is_paid: bool = True) -> None:
    """Somebody buys in the shop and pays in cash or by card, or has it written down."""
    customer = plan.choose(luck, Sort.WALK_IN, Sort.PRIVATE, Sort.FARM)
    lines = plan.lines(luck, luck.number(1, 3), *COUNTER)
    bill = plan.write(
        day, "SALES_INVOICE", customer, lines, facts={"supply_date": day, "payment_days": 0}
    )
    if is_paid:
        method = PaymentMethod.CARD if luck.happens(60) else PaymentMethod.CASH
        plan.add(
            Verb.PAY,
            day + days(1),
            bill,
            kind="INCOMING_PAYMENT",
            partner=customer,
            facts={"method": method},
        )
