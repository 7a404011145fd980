"""Conversions and edits by many at once, the database as last defence, and how many statements."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest
from sqlalchemy import event

from persistence.database import APP_ROLE, connect
from tests.chains import convert, converted, draft, look, plain, posted, progress, wheat, write
from tests.companies import database_of, found_without_approval
from tests.erp import User


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


# ----------------------------------------------------------------------------------------- races


async def test_an_order_converted_by_many_at_once_is_never_delivered_twice(anna: User):
    """Ten people deliver 3 of 10 tonnes in one moment: three drafts, and 1 tonne is left."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    people = [await anna.erp.sign_in(f"user{n}") for n in range(10)]
    start = asyncio.Barrier(len(people))

    async def deliver(user: User) -> list[str]:
        await start.wait()
        answer = await convert(user, order, "DELIVERY_NOTE", (order["lines"][0], "3"))
        return answer.problem_codes

    outcomes = await asyncio.gather(*map(deliver, people))

    assert sorted(outcomes) == [[]] * 3 + [["OPEN_QUANTITY_EXCEEDED"]] * 7
    assert progress(await look(anna, order)) == [("0", "0", "0", "0", "0", "1")]


async def test_of_twenty_who_edit_a_document_at_once_exactly_one_wins(anna: User):
    """The others are told that the version they saw is gone."""
    order = await draft(anna, "SALES_ORDER", wheat("10"))
    customer = await anna.create_partner()
    start = asyncio.Barrier(20)

    async def edit(quantity: int) -> list[str]:
        await start.wait()
        answer = await write(
            anna,
            "update",
            "SALES_ORDER",
            [wheat(str(quantity))],
            id=order["id"],
            expectedVersion=order["version"],
            soldTo=customer,
        )
        return answer.problem_codes

    outcomes = await asyncio.gather(*map(edit, range(1, 21)))

    assert sorted(outcomes) == [[]] + [["VERSION_CONFLICT"]] * 19
    won = outcomes.index([]) + 1
    after = await look(anna, order)
    assert (after["version"], plain(after["lines"][0]["quantity"])) == (2, str(won))


async def test_a_repeated_call_converts_once(anna: User):
    """The same key answers with the same draft; the order is taken from once."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    pick = (order["lines"][0], "4")

    first = await convert(anna, order, "DELIVERY_NOTE", pick, idempotencyKey="einmal")
    again = await convert(anna, order, "DELIVERY_NOTE", pick, idempotencyKey="einmal")

    assert first.made["id"] == again.made["id"]
    assert progress(await look(anna, order))[0][-1] == "6"


# ------------------------------------------------------------------------------- the last defence


@pytest.mark.parametrize(
    "change",
    [
        "taken_delivery = 11",
        "taken_delivery = -1",
        "taken_invoice = 10.000001",
        "delivered = 1",
        "taken_order = 5, ordered = 6",
    ],
)
async def test_the_database_takes_no_more_than_the_quantity_from_a_line(anna: User, change: str):
    """Whatever a program does wrong: a CHECK refuses it."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    url = anna.erp.server.settings.database_url
    connection = await connect(url, APP_ROLE)
    try:
        async with connection.transaction():
            await connection.execute(
                "select set_config('app.tenant', $1, true)", str(anna.erp.tenant)
            )
            with pytest.raises(asyncpg.CheckViolationError):
                async with connection.transaction():
                    await connection.execute(
                        f"update document_line set {change} where document_id = $1::uuid",
                        order["id"].partition("_")[2],
                    )
    finally:
        await connection.close()


# ----------------------------------------------------------------------------------------- speed


async def test_converting_a_thousand_lines_takes_as_many_statements_as_converting_one(anna: User):
    """Inserts and updates of lines go in batches, whatever their number."""
    engine = database_of(anna.erp).engine.sync_engine
    counts = []
    for lines in (1, 1000):
        order = await posted(anna, "SALES_ORDER", *[wheat("1")] * lines)
        seen: list[str] = []

        def note(_c: object, _k: object, statement: str, *_: object) -> None:
            seen.append(statement)  # noqa: B023  read before the next round

        event.listen(engine, "before_cursor_execute", note)
        await converted(anna, order, "DELIVERY_NOTE")
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))

    assert counts[1] <= counts[0] + 2 * 10  # inserts of lines go a few hundred at a time
