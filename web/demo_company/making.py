"""Making the demo company: its founding, its master data, then day after day of its plan."""

import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from domain.documents.kinds import KINDS
from domain.identity import ADMIN, Actor
from domain.items import Item
from domain.partners import Partner
from domain.payment_terms import Discount, PaymentTerms, PaymentTermsDraft
from domain.prices.price import Price, PriceSide, PriceTerms
from persistence.database import OWNER_ROLE, Database, connect
from persistence.identity import remember_user
from persistence.tenants import create_tenant
from persistence.unit_of_work import Services, UnitOfWork, unit_of_work
from web.demo_company.chance import Watch
from web.demo_company.goods import Group
from web.demo_company.people import CREDIT_LIMITS, Sort
from web.demo_company.plan import Plan, planned
from web.demo_company.planner import BY_ANOTHER, Step, workday
from web.demo_company.seasons import changes_of_price
from web.demo_company.trading import Day, Diary
from web.demo_company.writing import Stock
from web.development import ELBMARSCH, ELBMARSCH_USERS, ISSUER

UNTIL = date(2026, 10, 30)
"""The last day of the company unless another is asked for."""

COMPANY = {
    "name": ELBMARSCH.name,
    "street": "Elbdeich 7",
    "postcode": "21706",
    "city": "Drochtersen",
    "country": "DE",
    "vat_id": "DE999440040",
    "tax_number": "43/200/00000",
    "email": "rechnung@elbmarsch.example",
    "phone": "+49 4143 00000",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "bank": "Commerzbank",
    "legal_notice": "Sitz Drochtersen, Amtsgericht Tostedt HRB 00000, Geschäftsführerin: E. Marsch",
}
PAYMENT_TERMS = (
    PaymentTermsDraft("14N", "14 Tage netto", "14 days net", 14),
    PaymentTermsDraft(
        "30N-2S14",
        "14 Tage 2 % Skonto, 30 Tage netto",
        "2 % within 14 days, 30 days net",
        30,
        (Discount(14, Decimal(2)),),
    ),
    PaymentTermsDraft(
        "30N-3S10",
        "10 Tage 3 % Skonto, 30 Tage netto",
        "3 % within 10 days, 30 days net",
        30,
        (Discount(10, Decimal(3)),),
    ),
)
PRICES_A_UNIT_MAX = 500
GARBAGE_AFTER = (50_000, 50, 100)
COUNTED_FIRST, COUNTED_TIMES = 50, 3
"""After how many documents the database counts its rows first, and when again: after three times
as many."""
LIMITED = (Sort.COOPERATIVE, Sort.DEALER)


class CompanyThere(Exception):
    """The demo company is in this database already."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, in numbers."""

    partners: int
    items: int
    documents: int
    days: int


@dataclass(frozen=True, slots=True)
class People:
    """Who works in the company: two clerks take turns by week, the manager approves."""

    clerks: tuple[Actor, ...]
    manager: Actor

    def clerk(self, day: date) -> Actor:
        """Return who is at the desk in the week of a day."""
        return self.clerks[day.isocalendar().week % len(self.clerks)]


async def make_demo_company(
    url: str,
    *,
    seed: int = 1,
    scale: Decimal = Decimal(1),
    until: date = UNTIL,
    tenant: UUID = ELBMARSCH.id,
    say: Callable[[str], None] = lambda _: None,
) -> Made:
    """Make two years of business that end on `until`. Raises CompanyThere.

    The same `seed`, `scale` and `until` make the same company, ids and times included.
    """
    plan = planned(seed=seed, scale=scale, until=until)
    await _found(url, tenant, plan.start)
    # A crash in between costs nothing that is not made again, so no commit waits for the disk.
    database = await Database.open(url, reads=1, synchronous_commit="off")
    watch = Watch(seed)
    usual = gc.get_threshold()
    gc.set_threshold(*GARBAGE_AFTER)  # rows by the thousand, hardly a cycle among them
    try:
        maker = _Maker(database, watch, await _hire(database, tenant))
        watch.set_to(plan.start - timedelta(days=1))
        diary = await maker.fill(plan)
        days, counted = 0, COUNTED_FIRST
        for day, steps in groupby(plan.steps, key=lambda step: step.day):
            await maker.live(diary, day, list(steps))
            days += 1
            if len(diary.ids) >= counted:
                await _count(url)
                counted *= COUNTED_TIMES
            if days % 100 == 0:
                say(f"{day}: {len(diary.ids)} documents")
        watch.set_to(workday(until))
        await maker.limit_credit(diary.stock, plan)
    finally:
        gc.set_threshold(*usual)
        await database.close()
    return Made(len(plan.people), len(plan.articles), len(diary.ids), days)


async def _found(url: str, tenant: UUID, start: date) -> None:
    owner = await connect(url, OWNER_ROLE)
    try:
        if not await create_tenant(owner, tenant, COMPANY, {}, str(start.year)):
            raise CompanyThere(f"{COMPANY['name']} is in this database already.")
    finally:
        await owner.close()


async def _count(url: str) -> None:
    """Let the database count its rows, as autovacuum does when business grows slowly.

    Else it goes on by the plans it made for empty tables, and reads all documents to find one.
    """
    owner = await connect(url, OWNER_ROLE, statement_timeout="0")
    try:
        await owner.execute("analyze")
    finally:
        await owner.close()


async def _hire(database: Database, tenant: UUID) -> People:
    actors = {}
    for user in ELBMARSCH_USERS:
        id = await remember_user(database, tenant, ISSUER, user.email, user.name, user.email)
        if id is None:
            raise RuntimeError("the company was founded just before")
        actors[user.role] = Actor(tenant, id, frozenset({ADMIN}))
    return People((actors["operator"], actors["accountant"]), actors["manager"])


class _Maker:
    """Opens the units of work of the demo company."""

    def __init__(self, database: Database, watch: Watch, people: People) -> None:
        self._database, self._watch, self._people = database, watch, people
        self._services = Services(watch.now, watch.new_id, lambda tenant, position, jobs: None)

    @asynccontextmanager
    async def _work(self, actor: Actor) -> AsyncIterator[UnitOfWork]:
        async with unit_of_work(self._database, actor, self._services) as work:
            yield work

    async def fill(self, plan: Plan) -> Diary:
        """Make the master data; returns the diary in which its documents will stand."""
        async with self._work(self._people.manager) as work:
            terms = [
                PaymentTerms(id=work.new_id(), tenant_id=work.actor.tenant, draft=draft)
                for draft in PAYMENT_TERMS
            ]
            for each in terms:
                work.payment_terms.add(each)
        async with self._work(self._people.manager) as work:
            partners = []
            for person in plan.people:
                new = Partner(
                    id=work.new_id(),
                    tenant_id=work.actor.tenant,
                    number=await work.partners.next_number(),
                    draft=person.draft(terms, plan.start),
                )
                work.partners.add(new)
                partners.append(new)
        async with self._work(self._people.manager) as work:
            items = [
                Item(
                    id=work.new_id(),
                    tenant_id=work.actor.tenant,
                    draft=article.draft(),
                    today=plan.start,
                )
                for article in plan.articles
            ]
            for item in items:
                work.items.add(item)
            kept = {name: await work.tenants.terms(kind) for name, kind in KINDS.items()}
        await self._list_prices(plan, items)
        return Diary(Stock(partners, items, {item.id: item for item in items}), kept)

    async def _list_prices(self, plan: Plan, items: Sequence[Item]) -> None:
        """Write down the list prices of what changes with the season, and for resellers."""
        wanted = [
            (terms, items[place]) for place, terms in changes_of_price(plan, [i.id for i in items])
        ]
        for start in range(0, len(wanted), PRICES_A_UNIT_MAX):
            async with self._work(self._people.manager) as work:
                for terms, item in wanted[start : start + PRICES_A_UNIT_MAX]:
                    new = Price(
                        id=work.new_id(),
                        tenant_id=work.actor.tenant,
                        terms=terms,
                        goods=item.goods,
                    )
                    work.prices.add(new)
        async with self._work(self._people.manager) as work:
            for group in Group:
                terms = PriceTerms(
                    side=PriceSide.SALES,
                    valid_from=plan.start,
                    item_group=group.value,
                    price_group="WIEDERVERKAUF",
                    discount_percent=Decimal(4),
                )
                work.prices.add(
                    Price(id=work.new_id(), tenant_id=work.actor.tenant, terms=terms, goods=None)
                )

    async def live(self, diary: Diary, day: date, steps: Sequence[Step]) -> None:
        """Let a day happen: first what the clerks do, then what needs another pair of eyes."""
        self._watch.set_to(day)
        clerk = self._people.clerk(day)
        for actor, mine in (
            (clerk, [step for step in steps if step.verb not in BY_ANOTHER]),
            (self._people.manager, [step for step in steps if step.verb in BY_ANOTHER]),
        ):
            if mine:
                async with self._work(actor) as work:
                    await Day(work, diary, mine).live()

    async def limit_credit(self, stock: Stock, plan: Plan) -> None:
        """Give resellers a credit limit: the company introduced them on its last day."""
        for place, person in enumerate(plan.people):
            if person.sort not in LIMITED:
                continue
            async with self._work(self._people.manager) as work:
                partner = await work.partners.locked(stock.partners[place].id, 1)
                terms = [partner.payment_terms] if partner.payment_terms else []
                draft = person.draft(terms * len(PAYMENT_TERMS), plan.start)
                limit = CREDIT_LIMITS[place % len(CREDIT_LIMITS)]
                partner.update(replace(draft, credit_limit=limit), at=work.now)
