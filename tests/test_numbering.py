"""Number series through the door: set up, by branch and fiscal year, changed from a day on."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

import persistence.numbering.giving as giving
from domain.documents.kinds import KINDS, PURCHASE
from tests.companies import found_without_approval
from tests.erp import Erp
from tests.numbered import change_series, create_series, posted, range_of, series_of
from tests.refused import unchanged


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def test_a_company_starts_with_a_series_by_year(shop: Erp):
    """Its range of this year is open, and shows what comes next."""
    anna = await shop.sign_in()

    found = await series_of(anna)

    assert found == {
        "id": found["id"],
        "series": "sales_invoice",
        "version": 1,
        "template": "INV-{year}-{seq:5}",
        "ranges": [
            {
                "period": "2026",
                "template": "INV-{year}-{seq:5}",
                "last": 0,
                "takenOver": 0,
                "nextNumber": "INV-2026-00001",
                "remaining": 99_999,
            }
        ],
    }
    by_id = "query($id: ID!) { numberSeriesById(id: $id) { series } node(id: $id) { id } }"
    assert (await anna.ask(by_id, id=found["id"])).data == {
        "numberSeriesById": {"series": "sales_invoice"},
        "node": {"id": found["id"]},
    }


async def test_documents_of_a_branch_take_the_numbers_of_its_series(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """All others take those of the company as a whole; neither leaves a gap in the other."""
    anna = await shop.sign_in()
    assert (await create_series(anna)).problems == []
    numbers = []
    for branch in ("hamburg", "", "bremen", "hamburg"):
        with monkeypatch.context() as patch:
            patch.setattr(giving, "branch_of", lambda _document, branch=branch: branch)
            numbers.append((await posted(anna, "2026-11-20"))["number"])

    assert numbers == ["HH-2026-00001", "INV-2026-00001", "INV-2026-00002", "HH-2026-00002"]


async def test_a_series_by_fiscal_year_follows_the_one_before_from_its_first_day(shop: Erp):
    """Documents of earlier days still get the numbers of the old series."""
    anna = await shop.sign_in()
    made = await create_series(
        anna,
        series="invoice_fiscal",
        branch="",
        validFrom="2026-07-01",
        periodRule="FISCAL_YEAR",
        fiscalYearStartMonth=7,
        template="{prefix}{fy}-{seq:4}",
        prefix="RE",
    )
    assert made.problems == []

    days = ("2026-06-30", "2026-07-01", "2027-06-30", "2027-07-01")
    numbers = [(await posted(anna, day))["number"] for day in days]

    assert numbers == ["INV-2026-00001", "RE2026/27-0001", "RE2026/27-0002", "RE2027/28-0001"]


async def test_a_series_without_periods_counts_on_over_new_year(shop: Erp):
    """Its one range has no period."""
    anna = await shop.sign_in()
    facts = {"series": "endless", "branch": "", "validFrom": "2026-12-01", "template": "R{seq:6}"}
    assert (await create_series(anna, periodRule="NONE", **facts)).problems == []

    numbers = [(await posted(anna, day))["number"] for day in ("2026-12-31", "2027-01-01")]

    assert numbers == ["R000001", "R000002"]
    assert (await range_of(anna, "", "endless"))["nextNumber"] == "R000003"


REFUSED_SERIES: dict[str, tuple[dict[str, Any], str, str]] = {
    "a name in capitals": ({"series": "Hamburg"}, "NUMBER_SERIES_NAME_MALFORMED", "series"),
    "a name that is taken": ({"series": "sales_invoice"}, "DUPLICATE_NUMBER_SERIES", "series"),
    "the same branch and day": ({"branch": ""}, "DUPLICATE_NUMBER_SERIES", "series"),
    "numbers of another series": (
        {"template": "INV-{yy}26-{seq:5}"},
        "NUMBERS_WOULD_REPEAT",
        "template",
    ),
    "a month 13": (
        {"fiscalYearStartMonth": 13},
        "FISCAL_YEAR_START_INVALID",
        "fiscalYearStartMonth",
    ),
    "a blank in the prefix": ({"prefix": "R E"}, "NUMBER_VALUE_MALFORMED", "prefix"),
    "a long code": ({"tenantCode": "A" * 11}, "NUMBER_VALUE_MALFORMED", "tenantCode"),
    "a negative warning": ({"warnAtRemaining": -1}, "WARN_AT_OUT_OF_RANGE", "warnAtRemaining"),
    "an empty template": ({"template": " "}, "REQUIRED", "template"),
    "a long template": ({"template": "A" * 61}, "TOO_LONG", "template"),
    "a template without year": (
        {"template": "HH-{seq:5}"},
        "NUMBER_TEMPLATE_WITHOUT_YEAR",
        "template",
    ),
    "a template without its value": (
        {"template": "{branch}-{year}-{seq:5}"},
        "NUMBER_TEMPLATE_VALUE_MISSING",
        "template",
    ),
}


@pytest.mark.parametrize("case", REFUSED_SERIES)
async def test_a_series_that_cannot_be_is_refused_and_leaves_nothing(shop: Erp, case: str):
    """The path leads to the field that is wrong."""
    anna = await shop.sign_in()
    facts, code, field = REFUSED_SERIES[case]

    async with unchanged(shop):
        answer = await create_series(anna, **facts)

    [problem] = answer.problems
    assert (problem["code"], problem["path"]) == (code, ["input", field])


async def test_a_new_template_holds_for_periods_that_start_on_its_day_or_later(shop: Erp):
    """A year that began goes on as it was; so does an older one that is opened late."""
    anna = await shop.sign_in()
    await posted(anna, "2025-11-20")
    series = await series_of(anna)
    first = await change_series(
        anna, series, template="R-{year}-{seq:5}", templateFrom="2025-06-01"
    )
    await change_series(anna, first.made, template="RE-{year}-{seq:4}", templateFrom="2027-01-01")

    days = ("2025-12-31", "2026-01-01", "2027-01-01", "2024-12-31")
    numbers = [(await posted(anna, day))["number"] for day in days]

    assert numbers == ["INV-2025-00002", "R-2026-00001", "RE-2027-0001", "INV-2024-00001"]


async def test_an_earlier_change_replaces_what_was_planned_for_later(shop: Erp):
    """The last word counts from its day on."""
    anna = await shop.sign_in()
    series = await series_of(anna)
    planned = await change_series(
        anna, series, template="A-{year}-{seq:5}", templateFrom="2027-01-01"
    )
    await change_series(anna, planned.made, template="B-{year}-{seq:5}", templateFrom="2026-01-01")

    numbers = [(await posted(anna, day))["number"] for day in ("2026-02-01", "2027-02-01")]

    assert numbers == ["B-2026-00001", "B-2027-00001"]


async def test_a_range_that_runs_out_is_widened_while_it_is_in_use(shop: Erp):
    """Its counter goes on, in numbers of another length."""
    anna = await shop.sign_in()
    series = await series_of(anna)
    await change_series(anna, series, template="INV-{year}-{seq:1}", templateFrom="2026-01-01")
    for _ in range(9):
        await posted(anna, "2026-11-20")
    full = await anna.create_invoice()
    assert (await anna.post(full)).problem_codes == ["NUMBER_RANGE_EXHAUSTED"]
    assert (await range_of(anna, "2026"))["nextNumber"] is None

    series = await series_of(anna)
    wider = await change_series(
        anna, series, template="INV-{year}-{seq:2}", templateFrom="2026-01-01"
    )

    assert wider.made["ranges"][0]["nextNumber"] == "INV-2026-10"
    assert (await anna.post(full)).problems == []
    assert full["number"] == "INV-2026-10"


@pytest.mark.parametrize(
    ("template", "since", "code"),
    [
        ("X-{year}-{seq:5}", "2026-01-01", "NUMBER_RANGE_IN_USE"),
        ("INV-{year}-{seq:4}", "2026-01-01", "NUMBER_RANGE_IN_USE"),
        ("INV-20{yy}-{seq:5}", "2026-01-01", "NUMBER_RANGE_IN_USE"),
        ("INV-2026-{yy}{seq:3}", "2027-01-01", "NUMBERS_WOULD_REPEAT"),
        ("HH-{year}-{seq:5}", "2027-01-01", "NUMBERS_WOULD_REPEAT"),
    ],
)
async def test_a_change_that_could_print_a_number_twice_is_refused(
    shop: Erp, template: str, since: str, code: str
):
    """Whether by the range that is in use, an old one, or another series of the kind."""
    anna = await shop.sign_in()
    await create_series(anna)
    await posted(anna, "2026-11-20")
    series = await series_of(anna)

    async with unchanged(shop):
        answer = await change_series(anna, series, template=template, templateFrom=since)

    assert answer.problem_codes == [code]


async def test_a_series_that_somebody_changed_meanwhile_is_a_conflict(shop: Erp):
    """As with every record; the change itself stands in the journal, field by field."""
    anna = await shop.sign_in()
    series = await series_of(anna)
    await change_series(anna, series, template="R-{year}-{seq:5}", templateFrom="2027-01-01")

    answer = await change_series(anna, series, template="S-{year}-{seq:5}")

    assert answer.problem_codes == ["VERSION_CONFLICT"]
    [row] = [row for row in await shop.journal() if row["type"] == "NumberSeriesUpdated"]
    assert '"after":"R-{year}-{seq:5}"' in row["body"]
    assert '"after":"2027-01-01"' in row["body"]


@pytest.mark.parametrize("role", ["manager", "accountant", "operator"])
async def test_only_an_administrator_sets_numbers_up_and_readers_look(shop: Erp, role: str):
    """Whoever may read sales sees the series."""
    user = await shop.sign_in("user", roles=(role,))

    answer = await create_series(user)

    assert answer.error_codes == ["FORBIDDEN"]
    assert (await series_of(user))["series"] == "sales_invoice"


async def test_who_reads_no_sales_sees_no_series_of_sales(shop: Erp):
    """A series belongs to its kind; so does what the ledger says of it. His own he sees."""
    anna = await shop.sign_in()
    series = await series_of(anna)
    token = shop.token("buyer", (), scope="purchase:read")
    buyer = type(anna)(shop, "buyer", token)

    seen = await buyer.ask(
        "query($id: ID!) { numberSeries { nodes { kind } } numberSeriesById(id: $id) { id }"
        ' numberingReport(series: $id, period: "2026") { last } }',
        id=series["id"],
    )

    kinds = seen.data.pop("numberSeries")["nodes"]
    assert {KINDS[each["kind"]].side for each in kinds} == {PURCHASE}
    assert len(kinds) == sum(kind.side == PURCHASE for kind in KINDS.values())
    assert seen.data == {
        "numberSeriesById": None,
        "numberingReport": None,
    }


async def test_a_preview_sets_nothing_up(shop: Erp):
    """The first three and the last, or the reason why not, before anything is kept."""
    anna = await shop.sign_in()
    ask = (
        "query($t: String!) { previewNumbers(template: $t, periodRule: FISCAL_YEAR,"
        ' fiscalYearStartMonth: 7, prefix: "RE", tenantCode: "A", day: "2026-06-30")'
        " { first last period count } }"
    )

    async with unchanged(shop):
        shown = await anna.ask(ask, t="{prefix}-{tenant}-{fy}-{seq:3}")
        refused = await anna.ask(ask, language="de", t="{prefix}-{seq:3}")
        no_month = await anna.ask(ask.replace("Month: 7", "Month: 0"), t="{fy}{seq:3}")

    assert shown.data["previewNumbers"] == {
        "first": ["RE-A-2025/26-001", "RE-A-2025/26-002", "RE-A-2025/26-003"],
        "last": "RE-A-2025/26-999",
        "period": "2025/26",
        "count": 999,
    }
    assert refused.error_codes == ["NUMBER_TEMPLATE_WITHOUT_YEAR"]
    assert no_month.error_codes == ["FISCAL_YEAR_START_INVALID"]


async def test_an_older_date_is_numbered_after_a_newer_one_only_if_somebody_confirms_it(
    shop: Erp,
):
    """A warning, not a refusal: the problem names the newest date and the last number."""
    anna = await shop.sign_in()
    await posted(anna, "2026-11-20")
    late = await anna.create_invoice(issueDate="2026-11-19", supplyDate="2026-11-18")

    async with unchanged(shop):
        warned = await anna.do(
            "postDocument",
            "document { id } problems { ... on NumberOutOfDateOrder { series number date } }",
            id=late["id"],
            expectedVersion=1,
        )
    confirmed = await anna.post(late, acceptOlderDate=True)

    [problem] = warned.problems
    assert {name: problem[name] for name in ("code", "series", "number", "date")} == {
        "code": "NUMBER_OUT_OF_DATE_ORDER",
        "series": "sales_invoice",
        "number": "INV-2026-00001",
        "date": "2026-11-20",
    }
    assert confirmed.problems == []
    assert late["number"] == "INV-2026-00002"
    assert (await posted(anna, "2026-11-20"))["number"] == "INV-2026-00003"
