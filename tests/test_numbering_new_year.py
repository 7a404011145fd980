"""New Year's night: many post at once, clocks stand before and after midnight, dates decide."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import Action
from persistence.unit_of_work import UnitOfWork, unit_of_work
from tests.companies import actor_of, database_of, found_without_approval, quiet_services
from tests.erp import Erp
from tests.numbered import range_of, report

MIDNIGHT = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)  # in Berlin
POSTERS, EACH = 20, 4


async def _post(company: Erp, invoice: str, at: datetime) -> str:
    """Post as the server does, by a clock of our own; return the number."""
    work: UnitOfWork
    services = quiet_services(at)
    async with unit_of_work(database_of(company), actor_of(company), services) as work:
        id = UUID(invoice.partition("_")[2])
        document = await work.documents.locked(id, None, Action.POST)
        terms = await work.tenants.terms(document.definition)
        document.post(seller=terms.company, by=work.actor.user, at=work.now, mode=terms.approval)
    assert document.number is not None
    return document.number


async def test_twenty_posters_over_new_year_leave_two_gapless_ranges(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
):
    """The number follows the posting date, not the clock: old documents after midnight, new before.

    The range of the new year does not exist yet; twenty open it at once, and it is opened once.
    """
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    partner = await anna.create_partner()
    days = ("2026-12-31", "2027-01-01")
    invoices = [
        (await anna.create_invoice(soldTo=partner, issueDate=day, supplyDate=day))["id"]
        for _ in range(POSTERS * EACH // 2)
        for day in days
    ]
    start = asyncio.Event()

    async def poster(place: int) -> list[str]:
        mine = invoices[place * EACH : (place + 1) * EACH]
        await start.wait()
        return [
            await _post(shop, each, MIDNIGHT + timedelta(milliseconds=7 * (n + place) - 70))
            for n, each in enumerate(mine)
        ]

    posters = [asyncio.ensure_future(poster(place)) for place in range(POSTERS)]
    start.set()
    numbers = [number for mine in await asyncio.gather(*posters) for number in mine]

    half = POSTERS * EACH // 2
    assert sorted(numbers[0::2]) == [f"INV-2026-{n:05}" for n in range(1, half + 1)]
    assert sorted(numbers[1::2]) == [f"INV-2027-{n:05}" for n in range(1, half + 1)]
    for year in ("2026", "2027"):
        found = await report(anna, year)
        assert (found["last"], found["gaps"]) == (half, [])
    await shop.check_books()


@pytest.mark.parametrize(
    ("clock", "day", "number"),
    [
        (MIDNIGHT - timedelta(microseconds=1), "2026-12-31", "INV-2026-00001"),
        (MIDNIGHT, "2027-01-01", "INV-2027-00001"),
        (MIDNIGHT + timedelta(minutes=59), "2027-01-01", "INV-2027-00001"),
    ],
)
async def test_today_is_the_day_where_the_company_is(
    server: SimpleNamespace,
    owner: asyncpg.Connection,
    http: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    clock: datetime,
    day: str,
    number: str,
):
    """An invoice without a date has that of today in the company's time zone, UTC lags an hour."""
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    monkeypatch.setattr(server.state, "services", quiet_services(clock))

    invoice = await anna.create_invoice(issueDate=None)
    await anna.post(invoice)

    shown = await anna.ask(
        "query($id: ID!) { document(id: $id) { issueDate number } }", id=invoice["id"]
    )
    assert shown.data["document"] == {"issueDate": day, "number": number}
    assert (await range_of(anna, day[:4]))["last"] == 1
    await shop.check_books()
