"""New Year's night: many post at once, clocks stand before and after midnight, dates decide."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import Action
from domain.numbering.series import SeriesChange
from persistence.unit_of_work import UnitOfWork, unit_of_work
from tests.companies import actor_of, database_of, found_without_approval, quiet_services
from tests.erp import Erp
from tests.numbered import SHOWN, range_of, report, series_of

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


async def test_templates_change_while_the_new_year_is_opened(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
):
    """Whoever changes a series and whoever opens its range wait for each other, never for ever.

    Each number is printed by the template its range had when it was opened, or by a wider one.
    """
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    partner = await anna.create_partner()
    days = [f"{year}-01-01" for year in range(2010, 2020)]
    invoices = [
        (await anna.create_invoice(soldTo=partner, issueDate=day, supplyDate=day))["id"]
        for day in days
    ]
    series = UUID((await series_of(anna))["id"].partition("_")[2])

    async def change(width: int) -> None:
        work: UnitOfWork
        services = quiet_services(MIDNIGHT)
        async with unit_of_work(database_of(shop), actor_of(shop), services) as work:
            look = SeriesChange(f"INV-{{year}}-{{seq:{width}}}", date(2010, 1, 1))
            version = (await work.number_series.found(series)).version
            await work.number_series.change(series, version, look)

    async def widen() -> None:
        for width in (6, 7, 8, 9):
            await change(width)

    widening = asyncio.ensure_future(widen())
    numbers = await asyncio.gather(*(_post(shop, each, MIDNIGHT) for each in invoices))
    await widening

    counters = [number.rpartition("-")[2] for number in numbers]
    assert {int(counter) for counter in counters} == {1}
    assert {len(counter) for counter in counters} <= {5, 6, 7, 8, 9}
    assert {each["template"] for each in (await series_of(anna))["ranges"]} == {
        "INV-{year}-{seq:9}"
    }
    await shop.check_books()


async def test_a_takeover_and_postings_at_once_leave_one_truth(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
):
    """Either the takeover comes first and all go on after it, or it is refused."""
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    partner = await anna.create_partner()
    invoices = [await anna.create_invoice(soldTo=partner) for _ in range(8)]
    id = (await series_of(anna))["id"]
    takeover = anna.do(
        "takeOverNumberRange", SHOWN, id=id, period="2026", lastUsed=41, proof="Liste"
    )

    answers = await asyncio.gather(
        *map(anna.post, invoices[:4]), takeover, *map(anna.post, invoices[4:])
    )

    taken = answers[4].problem_codes
    first = 1 if taken else 42
    assert taken in ([], ["NUMBER_RANGE_IN_USE"])
    assert await shop.numbers() == [f"INV-2026-{n:05}" for n in range(first, first + 8)]
    await shop.check_books()
