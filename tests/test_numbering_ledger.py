"""The ledger of numbers: counters taken over, numbers voided, the report, and what is told live."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Answer, Erp, User
from tests.numbered import SHOWN, change_series, create_series, posted, range_of, report, series_of
from tests.refused import unchanged
from tests.test_feed import latest, socket_of

PROOF = "Letzte Rechnung im alten Programm: INV-2026-00041, geprüft von Frau Behrens"
HASH = "ab" * 32


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def take_over(user: User, **more: Any) -> Answer:
    """Take over 41 numbers of 2026."""
    id = (await series_of(user))["id"]
    facts = {"id": id, "period": "2026", "lastUsed": 41, "proof": PROOF, **more}
    return await user.do("takeOverNumberRange", SHOWN, **facts)


async def void(user: User, **more: Any) -> Answer:
    """Void the next number of 2026."""
    id = (await series_of(user))["id"]
    facts = {"id": id, "reason": "Vordruck verdorben", "day": "2026-11-20", **more}
    return await user.do("voidNumber", SHOWN, **facts)


async def test_a_counter_of_another_system_goes_on_where_it_ended(shop: Erp):
    """With what proves it, in the report and for ever in the journal."""
    anna = await shop.sign_in()

    taken = await take_over(anna, fileHash=HASH.upper())
    first = await posted(anna, "2026-11-20")

    assert taken.problems == []
    assert first["number"] == "INV-2026-00042"
    found = await report(anna, "2026")
    names = ("firstNumber", "lastNumber", "takenOver", "takenOverNumber", "takenOverProof", "gaps")
    assert {name: found[name] for name in names} == {
        "firstNumber": "INV-2026-00042",
        "lastNumber": "INV-2026-00042",
        "takenOver": 41,
        "takenOverNumber": "INV-2026-00041",
        "takenOverProof": PROOF,
        "gaps": [],
    }
    [row] = [row for row in await shop.journal() if row["type"] == "NumberRangeTakenOver"]
    assert HASH in row["body"]


async def test_a_counter_of_another_year_can_be_taken_over_too(shop: Erp):
    """The range of that year is opened; a slip is mended before the first number is given."""
    anna = await shop.sign_in()

    for last_used in (7, 8):
        assert (await take_over(anna, period="2025", lastUsed=last_used)).problems == []

    assert (await posted(anna, "2025-12-30"))["number"] == "INV-2025-00009"
    assert (await posted(anna, "2026-01-02"))["number"] == "INV-2026-00001"


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"proof": "  "}, "REQUIRED", "proof"),
        ({"proof": "A" * 1001}, "TOO_LONG", "proof"),
        ({"fileHash": "4711"}, "FILE_HASH_MALFORMED", "fileHash"),
        ({"period": "26"}, "PERIOD_UNKNOWN", "period"),
        ({"lastUsed": 0}, "LAST_USED_OUT_OF_RANGE", "lastUsed"),
        ({"lastUsed": 100_000}, "LAST_USED_OUT_OF_RANGE", "lastUsed"),
    ],
)
async def test_a_takeover_without_proof_or_sense_is_refused(
    shop: Erp, facts: dict[str, Any], code: str, field: str
):
    """Nothing changes, not even a range is opened."""
    anna = await shop.sign_in()

    async with unchanged(shop):
        answer = await take_over(anna, **facts)

    [problem] = answer.problems
    assert (problem["code"], problem["path"]) == (code, ["input", field])


async def test_a_range_that_gave_a_number_cannot_be_set_any_more(shop: Erp):
    """There is no reset: neither forwards nor backwards, neither after a document nor a void."""
    anna = await shop.sign_in()
    await posted(anna, "2026-11-20")
    await void(anna, day="2025-11-20")

    async with unchanged(shop):
        answers = [
            await take_over(anna, period=period, lastUsed=last)
            for period in ("2026", "2025")
            for last in (1, 500)
        ]

    assert [answer.problem_codes for answer in answers] == [["NUMBER_RANGE_IN_USE"]] * 4


async def test_a_voided_number_keeps_its_place_and_its_reason(shop: Erp):
    """The next document gets the one after it; nothing is missing."""
    anna = await shop.sign_in()
    one = await posted(anna, "2026-11-20")
    assert (await void(anna, number="INV-2026-00002")).problems == []
    other = await posted(anna, "2026-11-20")

    found = await report(anna, "2026")

    assert found["allocations"]["nodes"] == [
        {
            "number": "INV-2026-00001",
            "counter": 1,
            "voidedReason": None,
            "document": {"id": one["id"]},
        },
        {
            "number": "INV-2026-00002",
            "counter": 2,
            "voidedReason": "Vordruck verdorben",
            "document": None,
        },
        {
            "number": "INV-2026-00003",
            "counter": 3,
            "voidedReason": None,
            "document": {"id": other["id"]},
        },
    ]
    assert found["voided"] == [{"number": "INV-2026-00002", "reason": "Vordruck verdorben"}]
    assert (found["last"], found["gaps"]) == (3, [])
    assert found["numberSeries"] == {"series": "sales_invoice"}


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"number": "INV-2026-00001"}, "NUMBER_BELONGS_TO_DOCUMENT", "number"),
        ({"number": "INV-2026-00002"}, "NUMBER_NOT_NEXT", "number"),
        ({"number": "INV-2026-00004"}, "NUMBER_NOT_NEXT", "number"),
        ({"number": "Unsinn"}, "NUMBER_NOT_NEXT", "number"),
        ({"reason": " "}, "REQUIRED", "reason"),
        ({"reason": "A" * 501}, "TOO_LONG", "reason"),
    ],
)
async def test_only_the_next_number_is_voided_and_never_that_of_a_document(
    shop: Erp, facts: dict[str, Any], code: str, field: str
):
    """A posted document is cancelled instead; a voided number is not voided again."""
    anna = await shop.sign_in()
    await posted(anna, "2026-11-20")
    await void(anna)

    async with unchanged(shop):
        answer = await void(anna, **facts)

    [problem] = answer.problems
    assert (problem["code"], problem["path"]) == (code, ["input", field])


async def test_the_database_holds_either_a_document_or_a_reason(shop: Erp):
    """Neither none nor both, whoever writes."""
    anna = await shop.sign_in()
    await posted(anna, "2026-11-20")
    entry = (
        "insert into number_allocation (tenant_id, series, number, period, counter, document_id,"
        " allocated_at, voided_reason) select tenant_id, series, 'X-1', '2026', 9, {}, now(), {}"
        " from number_allocation where tenant_id = $1"
    )

    for document, reason in (("null", "null"), ("gen_random_uuid()", "'x'")):
        with pytest.raises(asyncpg.CheckViolationError):
            await shop.owner.execute(entry.format(document, reason), shop.tenant)


async def test_a_number_that_vanished_from_the_ledger_is_reported_as_a_gap(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
):
    """The report looks at every entry: it finds what somebody with the owner's rights removed."""
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    await take_over(anna, lastUsed=3)
    for _ in range(6):
        await posted(anna, "2026-11-20")
    assert (await report(anna, "2026"))["gaps"] == []

    await owner.execute(
        "delete from number_allocation where tenant_id = $1 and counter in (4, 6, 7, 9)",
        shop.tenant,
    )

    assert (await report(anna, "2026"))["gaps"] == [
        {"firstNumber": "INV-2026-00004", "lastNumber": "INV-2026-00004", "count": 1},
        {"firstNumber": "INV-2026-00006", "lastNumber": "INV-2026-00007", "count": 2},
        {"firstNumber": "INV-2026-00009", "lastNumber": "INV-2026-00009", "count": 1},
    ]
    with pytest.raises(AssertionError):
        await shop.check_books()


async def test_a_range_nobody_used_has_an_empty_report_and_no_range_has_none(shop: Erp):
    """Nothing is opened by looking."""
    anna = await shop.sign_in()

    async with unchanged(shop):
        found, none = await report(anna, "2026"), await report(anna, "2031")

    assert none is None
    names = ("firstNumber", "lastNumber", "takenOverNumber", "allocations", "voided", "gaps")
    assert [found[name] for name in names] == [None, None, None, {"nodes": []}, [], []]


EVENTS = """subscription($after: Cursor, $filter: NumberingEventFilter) {
  numberingEvents(after: $after, filter: $filter) {
    type action kind period number reason remaining numberSeries { series }
  }
}"""


async def test_what_happens_to_a_series_is_told_live_and_low_ranges_once(shop: Erp):
    """The warning comes with the number that leaves as few as wished, in its transaction."""
    anna = await shop.sign_in()
    start = await latest(anna)
    made = await create_series(
        anna,
        series="small",
        branch="",
        template="K{year}{seq:1}",
        warnAtRemaining=5,
        validFrom="2026-01-01",
    )
    await anna.do(
        "takeOverNumberRange", SHOWN, id=made.made["id"], period="2026", lastUsed=2, proof="Liste"
    )
    await posted(anna, "2026-11-20")
    await posted(anna, "2026-11-20")
    await anna.do("voidNumber", SHOWN, id=made.made["id"], day="2026-11-20", reason="Probe")
    await posted(anna, "2026-11-20")
    series = await series_of(anna, "small")
    await change_series(anna, series, template="K{year}{seq:2}", templateFrom="2026-01-01")

    async with socket_of(shop) as socket:
        await socket.sign_in(anna.token)
        await socket.follow(query=EVENTS, after=start)
        events = [await socket.event() for _ in range(5)]

    assert [
        tuple(event[name] for name in ("type", "number", "reason", "remaining")) for event in events
    ] == [
        ("NumberSeriesCreated", None, None, None),
        ("NumberRangeTakenOver", "K20262", "Liste", None),
        ("NumberRangeRunningLow", "K20264", None, 5),
        ("NumberVoided", "K20265", "Probe", None),
        ("NumberSeriesUpdated", None, None, None),
    ]
    assert {event["kind"] for event in events} == {"SALES_INVOICE"}
    assert events[2]["numberSeries"] == {"series": "small"}
    assert (await range_of(anna, "2026", "small"))["remaining"] == 99 - 6


async def test_a_follower_may_ask_for_warnings_alone(shop: Erp):
    """Filters speak of facts: the series, the kind, the action; voiding may be what warns."""
    anna = await shop.sign_in()
    start = await latest(anna)
    series = await series_of(anna)
    await change_series(
        anna,
        series,
        template="INV-{year}-{seq:2}",
        templateFrom="2026-01-01",
        warnAtRemaining=98,
    )
    await void(anna)
    filter = {
        "series": series["id"],
        "kind": {"in": ["SALES_INVOICE"]},
        "action": {"in": ["WARN"]},
    }

    async with socket_of(shop) as socket:
        await socket.sign_in(anna.token)
        await socket.follow(query=EVENTS, after=start, filter=filter)
        event = await socket.event()

    assert (event["type"], event["number"], event["remaining"]) == (
        "NumberRangeRunningLow",
        "INV-2026-01",
        98,
    )
