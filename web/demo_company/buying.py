"""Deals with suppliers: orders, the three-way match, and the harvest with self-billed invoices."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from domain.documents.kinds import PaymentMethod
from web.demo_company.chance import Chance
from web.demo_company.goods import Group
from web.demo_company.people import Sort
from web.demo_company.planner import Planner, Verb
from web.demo_company.selling import days, part_of_rest

BOUGHT = (
    Group.FERTILISER,
    Group.CEREAL_SEED,
    Group.UNIT_SEED,
    Group.GRASS_SEED,
    Group.PROTECTION,
    Group.FEED,
    Group.FUEL,
    Group.LUBRICANT,
    Group.SUPPLY,
)
COST = Decimal("0.84")
"""What the company pays of a list price, on average."""
LOADS_A_DAY_MAX = 2


def restocked(plan: Planner, luck: Chance, day: date) -> None:
    """Goods are ordered, received, billed and paid."""
    supplier = plan.choose(luck, Sort.SUPPLIER)
    lines = plan.lines(luck, luck.number(1, 4), *BOUGHT, factor=COST)
    if plan.happens(luck, "we ask a supplier", 12):
        plan.write(day, "PURCHASE_INQUIRY", supplier, lines)
        day += days(2)
        facts = {
            "external_number": plan.next_external("AN"),
            "valid_until": day + days(30),
        }
        offer = plan.write(day, "SUPPLIER_OFFER", supplier, lines, facts=facts)
        day += days(2)
        order = plan.follow(day, "PURCHASE_ORDER", offer)
    else:
        order = plan.write(
            day, "PURCHASE_ORDER", supplier, lines, facts={"requested_date": day + days(10)}
        )
        if plan.happens(luck, "a purchase order is amended", 6):
            day += days(1)
            plan.add(Verb.AMEND, day, order, reason="Menge erhöht", share=Decimal(2))
    day += days(luck.number(4, 12))
    in_parts = plan.happens(luck, "a receipt comes in parts", 18)
    share = Decimal("0.5") if in_parts else None
    receipts = [plan.follow(day, "GOODS_RECEIPT", order, share=share)]
    if in_parts:
        day += days(luck.number(3, 8))
        receipts.append(plan.follow(day, "GOODS_RECEIPT", order))
    billed(plan, luck, day + days(luck.number(2, 6)), supplier, receipts)


def billed(plan: Planner, luck: Chance, day: date, supplier: int, receipts: Sequence[str]) -> None:
    """The supplier's invoice comes; a tenth deviates and waits until somebody else releases it."""
    deviates = plan.happens(luck, "a supplier bills too much", 10)
    invoice = plan.add(
        Verb.BILL,
        day,
        *receipts,
        kind="SUPPLIER_INVOICE",
        partner=supplier,
        share=Decimal("1.06") if deviates else None,
        facts={"external_number": plan.next_external("RE"), "supply_date": day - days(2)},
    )
    if deviates and not plan.happens(luck, "a block is lifted", 60):
        return
    if deviates:
        day += days(luck.number(2, 5))
        plan.add(Verb.RELEASE, day, invoice, reason="Preiserhöhung war angekündigt")
    elif plan.happens(luck, "we send goods back", 7):
        returned(plan, day, supplier, receipts[0], invoice)
        day += days(8)
    transferred(plan, day + days(luck.number(7, 25)), supplier, invoice)


def returned(plan: Planner, day: date, supplier: int, receipt: str, invoice: str) -> None:
    """A part goes back to the supplier, who credits it against his invoice."""
    back = plan.follow(day + days(1), "SUPPLIER_RETURN", invoice, share=Decimal("0.5"))
    credit = plan.add(
        Verb.BILL,
        day + days(4),
        back,
        kind="SUPPLIER_CREDIT_NOTE",
        partner=supplier,
        facts={"external_number": plan.next_external("GU"), "supply_date": day + days(1)},
    )
    plan.add(Verb.SETTLE, day + days(6), credit, invoice)


def transferred(plan: Planner, day: date, supplier: int, *invoices: str) -> None:
    """Money goes out with the next Tuesday's run, once somebody else has approved it."""
    tuesday = day + timedelta(days=(1 - day.weekday()) % 7)
    payment = plan.add(
        Verb.REQUEST,
        tuesday,
        *invoices,
        kind="OUTGOING_PAYMENT",
        partner=supplier,
        facts={"method": PaymentMethod.BANK_TRANSFER},
    )
    plan.add(Verb.SUBMIT, tuesday + days(1), payment)
    plan.add(Verb.APPROVE, tuesday + days(1), payment)
    plan.add(Verb.TRANSFER, tuesday + days(2), payment, *invoices)


def harvested(plan: Planner, luck: Chance, day: date) -> None:
    """A farmer brings grain, on a contract or as it comes; each week the company bills for him."""
    farmer = plan.choose(luck, Sort.FARM)
    [line] = plan.lines(luck, 1, Group.GRAIN, factor=Decimal("0.93"))
    contract = None
    if plan.happens(luck, "grain is contracted", 45):
        contracted = type(line)(line.quantity * 4, line.article, line.price)
        signed = max(plan.start, day - days(luck.number(30, 120)))
        contract = plan.write(
            signed,
            "PURCHASE_CONTRACT",
            farmer,
            [contracted],
            facts={
                "valid_from": signed,
                "valid_until": day + days(60),
                "price_fixed": True,
                "tolerance_percent": Decimal(5),
            },
        )
        day = max(day, signed + days(3))
    loads = luck.number(2, 5)
    for left in range(loads, 0, -1):
        day += days(luck.number(0, LOADS_A_DAY_MAX))
        if contract is None:
            facts = {"external_number": plan.next_external("WS"), "carrier": "Anlieferung Hof"}
            [load] = [type(line)(luck.amount("8", "27", "0.02"), line.article, line.price)]
            receipt = plan.write(day, "GOODS_RECEIPT", farmer, [load], facts=facts)
        else:
            share = part_of_rest(left, is_last_whole=luck.happens(70))
            receipt = plan.follow(day, "GOODS_RECEIPT", contract, share=share)
        plan.bill_later("purchase", farmer, day, receipt)


def self_billed(
    plan: Planner, luck: Chance, day: date, farmer: int, receipts: Sequence[str]
) -> None:
    """The company writes the invoice for what a farmer brought, and pays it."""
    invoice = plan.follow(day, "SELF_BILLED_INVOICE", *receipts, partner=farmer)
    if luck.happens(2):
        plan.add(Verb.OBJECT, day + days(5), invoice, reason="Feuchte falsch gemessen")
        return
    transferred(plan, day + days(luck.number(8, 20)), farmer, invoice)
