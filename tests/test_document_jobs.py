"""Jobs over documents: one verb for more documents than a call takes; refused ones are left out."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from domain.documents.jobs import JobVerb
from tests.companies import actor_of, found_without_approval
from tests.erp import Erp
from tests.refused import unchanged
from tests.stacks import counts, do_job, done, drafts, numbers_of, outcomes, seen, start, uuid_of


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Any:
    """A company that posts its drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


def numbered(first: int, last: int) -> list[str]:
    """Return the numbers of invoices from one counter to another."""
    return [f"INV-2026-{n:05}" for n in range(first, last + 1)]


async def test_1200_drafts_are_posted_in_one_job_without_a_gap(shop: Erp):
    """Six parts, the last one told as the end; every document is told as done and posted once."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 1_200)

    job = (await start(anna, "POST", ids=ids)).made
    await do_job(shop, job["id"])

    found = await seen(anna, job["id"])
    assert counts(job) == ("WAITING", 0, 1_200, 0)
    assert counts(found) == ("FINISHED", 1_200, 1_200, 0)
    numbers = await numbers_of(shop, ids)
    parts = [sorted(map(str, numbers[n : n + 200])) for n in range(0, 1_200, 200)]
    assert parts == [numbered(n + 1, n + 200) for n in range(0, 1_200, 200)]
    assert found["items"]["totalCount"] == 1_200
    assert {each["fate"] for each in found["items"]["nodes"]} == {"DONE"}
    assert [each["asked"] for each in found["items"]["nodes"]] == ids[:200]
    types = [row["type"] for row in await shop.journal()]
    assert types.count("SalesInvoicePosted") == 1_200
    assert await shop.journal_types(job["id"]) == [
        "DocumentJobStarted",
        *["DocumentJobProgressed"] * 5,
        "DocumentJobFinished",
    ]


async def test_numbers_follow_the_dates_whatever_order_the_documents_are_named_in(shop: Erp):
    """The newest is named first, and over several parts; nobody is out of date order."""
    anna = await shop.sign_in()
    days = ["2026-11-20", "2026-11-18", "2026-11-19"]
    ids = await drafts(anna, 450, days)

    found = await done(anna, "POST", ids=ids)

    assert counts(found) == ("FINISHED", 450, 450, 0)
    numbers = await numbers_of(shop, ids)
    by_day = [sorted(map(str, numbers[n::3])) for n in (1, 2, 0)]
    assert by_day == [numbered(1, 150), numbered(151, 300), numbered(301, 450)]
    assert [each["asked"] for each in found["items"]["nodes"]] == ids[:200]


async def test_a_filter_selects_what_is_there_when_the_job_is_started(shop: Erp):
    """In the order of dates; what fits later is not among them, and other kinds are not touched."""
    anna = await shop.sign_in()
    partner = await anna.create_partner("Hof Sommer")
    ids = await drafts(anna, 3, ["2026-11-20", "2026-11-18", "2026-11-19"], soldTo=partner)
    order = await anna.create("SALES_ORDER", soldTo=partner)
    wanted = {"partner": partner, "kind": {"in": ["SALES_INVOICE"]}, "state": {"in": ["DRAFT"]}}
    later = {**wanted, "issueDate": {"from": "2026-11-18", "to": "2026-11-19"}}

    job = (await start(anna, "DISCARD", filter=later)).made
    more = await drafts(anna, 1, ["2026-11-19"], soldTo=partner)
    await do_job(shop, job["id"])

    found = await seen(anna, job["id"])
    assert [each["asked"] for each in found["items"]["nodes"]] == [ids[1], ids[2]]
    assert counts(found) == ("FINISHED", 2, 2, 0)
    states = await shop.owner.fetch(
        "select id, state from document where tenant_id = $1 and partner_id = $2",
        shop.tenant,
        uuid_of(partner),
    )
    told = {f"doc_{row['id']}": row["state"] for row in states}
    assert [told[id] for id in ids] == ["DRAFT", "DISCARDED", "DISCARDED"]
    assert told[order["id"]] == told[more[0]] == "DRAFT"


async def test_what_is_refused_is_left_out_and_told_with_its_reason(shop: Erp):
    """A posted one, one of another company, one of another type, an unknown one; once named twice.

    What belongs to another company is answered as what does not exist.
    """
    anna = await shop.sign_in()
    stranger = await found_without_approval(shop.server, shop.owner, shop.http)
    theirs = (await (await stranger.sign_in("eve")).create_invoice())["id"]
    ids = await drafts(anna, 2)
    posted = await anna.create_invoice(issueDate="2026-11-01", supplyDate="2026-11-01")
    await anna.post(posted)
    unknown = f"doc_{uuid4()}"
    partner = await anna.create_partner()

    job = await start(anna, "POST", ids=[theirs, ids[0], posted["id"], partner, unknown, *ids])
    await do_job(shop, job.made["id"])
    found = await seen(anna, job.made["id"])

    assert counts(found) == ("FINISHED", 6, 6, 4)
    assert outcomes(found) == [
        (0, "REFUSED", "NOT_FOUND"),
        (1, "DONE", None),
        (2, "REFUSED", "TRANSITION_NOT_ALLOWED"),
        (3, "REFUSED", "NOT_FOUND"),
        (4, "REFUSED", "NOT_FOUND"),
        (5, "DONE", None),
    ]
    nodes = found["items"]["nodes"]
    assert nodes[0]["problem"] == {
        "code": "NOT_FOUND",
        "message": f"There is no Document with the id {theirs}.",
    }
    assert [each["document"] for each in (nodes[0], nodes[2])] == [None, {"id": posted["id"]}]
    assert [each["made"] for each in (nodes[1], nodes[2])] == [{"id": ids[0]}, None]
    assert [each["place"] for each in found["refusals"]["nodes"]] == [0, 2, 3, 4]
    assert await stranger.numbers() == []


async def test_one_document_in_a_closed_period_does_not_hold_the_others_up(shop: Erp):
    """Three of thirty lie in October, which is closed: they are refused, the others posted."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 30, ["2026-11-20"] * 9 + ["2026-10-15"])
    closed = await anna.do("closePeriod", "periodLock { id }", area="SALES", until="2026-10-31")
    assert closed.problems == []

    found = await done(anna, "POST", ids=ids)
    for _ in range(3):
        await do_job(shop, found["id"])
    found = await seen(anna, found["id"])

    assert counts(found) == ("FINISHED", 30, 30, 3)
    assert [(each["place"], each["code"]) for each in found["refusals"]["nodes"]] == [
        (9, "PERIOD_CLOSED"),
        (19, "PERIOD_CLOSED"),
        (29, "PERIOD_CLOSED"),
    ]
    assert await shop.numbers() == numbered(1, 27)


async def test_every_verb_does_what_its_bulk_mutation_does(erp: Erp):
    """Submitted, approved with a note, posted, handed over, thrown away, converted."""
    anna = await erp.sign_in()
    martin = await erp.sign_in("martin", roles=("manager",))
    await martin.ask("{ me { id } }")
    ids = await drafts(anna, 3)
    wasted = await drafts(anna, 2)
    me, him = (f"usr_{actor_of(erp, name).user}" for name in ("anna", "martin"))

    jobs = [
        await done(anna, "SUBMIT", ids=ids),
        await done(martin, "APPROVE", ids=ids, note="Passt so"),
        await done(anna, "POST", ids=ids, postingDate="2026-11-21"),
        await done(anna, "REASSIGN", ids=ids, responsible=him),
        await done(anna, "DISCARD", ids=wasted),
        await done(anna, "CONVERT", ids=ids, to="SALES_CREDIT_NOTE"),
    ]

    assert [counts(job) for job in jobs] == [
        *[("FINISHED", 3, 3, 0)] * 4,
        ("FINISHED", 2, 2, 0),
        ("FINISHED", 3, 3, 0),
    ]
    asked = """query($id: ID!) { document(id: $id) { state postingDate responsible { id }
      approvals { note decider { id } } } }"""
    told = [(await anna.ask(asked, id=id)).data["document"] for id in ids]
    assert (
        told
        == [
            {
                "state": "POSTED",
                "postingDate": "2026-11-21",
                "responsible": {"id": him},
                "approvals": [{"note": "Passt so", "decider": {"id": him}}],
            }
        ]
        * 3
    )
    assert me != him
    made = [each["made"]["id"] for each in jobs[-1]["items"]["nodes"]]
    assert len({*made, *ids}) == 6
    kinds = [
        (await anna.ask("query($id: ID!) { document(id: $id) { kind state } }", id=id))
        for id in made
    ]
    assert [each.data["document"] for each in kinds] == [
        {"kind": "SALES_CREDIT_NOTE", "state": "DRAFT"}
    ] * 3


async def test_nobody_approves_his_own_work_by_a_job(erp: Erp):
    """Four eyes hold for each document, as in the call for one."""
    anna = await erp.sign_in()
    ids = await drafts(anna, 2)
    await done(anna, "SUBMIT", ids=ids)

    found = await done(anna, "APPROVE", ids=ids)

    assert counts(found) == ("FINISHED", 2, 2, 2)
    assert [code for _, _, code in outcomes(found)] == ["FOUR_EYES_VIOLATION"] * 2


async def test_who_may_not_write_the_follow_up_takes_nothing_from_its_source(shop: Erp):
    """A buyer who may read orders converts none: refused, and all of the order is still open."""
    anna = await shop.sign_in()
    order = await anna.create("SALES_ORDER")
    await anna.post(order)
    bert = await shop.sign_in("bert", roles=())
    bert.token = shop.token("bert", (), scope="sales:read purchase:write")

    found = await done(bert, "CONVERT", ids=[order["id"]], to="DELIVERY_NOTE")

    assert outcomes(found) == [(0, "REFUSED", "FORBIDDEN")]
    assert await shop.journal_types(order["id"]) == ["SalesOrderCreated", "SalesOrderPosted"]
    assert (await anna.convert([order["id"]], "DELIVERY_NOTE")).problems == []


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"verb": "POST"}, "SELECTION_AMBIGUOUS", ["input", "ids"]),
        ({"verb": "POST", "ids": ["x"], "filter": {}}, "SELECTION_AMBIGUOUS", ["input", "ids"]),
        ({"verb": "POST", "ids": []}, "NOTHING_SELECTED", ["input", "ids"]),
        ({"verb": "POST", "ids": ["doc_1", "nichts"]}, "NOTHING_SELECTED", ["input", "ids"]),
        ({"verb": "POST", "filter": {"number": "4711"}}, "NOTHING_SELECTED", ["input", "filter"]),
        (
            {"verb": "POST", "ids": [f"doc_{n}" for n in range(10_001)]},
            "TOO_MANY_ITEMS",
            ["input", "ids"],
        ),
        ({"verb": "CONVERT", "ids": ["x"]}, "REQUIRED", ["input", "to"]),
        ({"verb": "REASSIGN", "ids": ["x"]}, "REQUIRED", ["input", "responsible"]),
        (
            {"verb": "REASSIGN", "ids": ["x"], "responsible": f"usr_{uuid4()}"},
            "NOT_FOUND",
            ["input", "responsible"],
        ),
        (
            {"verb": "APPROVE", "ids": ["x"], "postingDate": "2026-11-20"},
            "OPTION_OUT_OF_PLACE",
            ["input", "postingDate"],
        ),
        (
            {"verb": "SUBMIT", "ids": ["x"], "language": "DE"},
            "OPTION_OUT_OF_PLACE",
            ["input", "language"],
        ),
        (
            {"verb": "POST", "filter": {"gross": {"min": "NaN"}}},
            "NOT_A_NUMBER",
            ["input", "filter", "gross", "min"],
        ),
    ],
)
async def test_a_job_that_makes_no_sense_is_not_started(
    shop: Erp, input: dict[str, Any], code: str, path: list[str]
):
    """One problem with its place, and nothing is kept."""
    anna = await shop.sign_in()

    async with unchanged(shop):
        refused = await start(anna, **input)

    assert [(each["code"], each["path"]) for each in refused.problems] == [(code, path)]


async def test_a_note_that_is_too_long_is_refused_at_once(erp: Erp):
    """And not in each of the documents."""
    anna = await erp.sign_in()
    draft = (await anna.create_invoice())["id"]

    refused = await start(anna, "APPROVE", ids=[draft], note="x" * 1_001)

    assert refused.problem_codes == ["TOO_LONG"]


async def test_a_repeated_call_starts_one_job(shop: Erp):
    """The same key and input answer with the same job; another input is refused."""
    anna = await shop.sign_in()
    ids = await drafts(anna, 2)

    first = await start(anna, "POST", ids=ids, idempotencyKey="k")
    again = await start(anna, "POST", ids=ids, idempotencyKey="k")
    other = await start(anna, "POST", ids=ids[:1], idempotencyKey="k")

    assert again.made["id"] == first.made["id"]
    assert other.problem_codes == ["IDEMPOTENCY_KEY_REUSED"]
    listed = (await anna.ask("{ documentJobs { nodes { id } } }")).data["documentJobs"]["nodes"]
    assert listed == [{"id": first.made["id"]}]


SCOPES = {
    JobVerb.SUBMIT: "sales:write",
    JobVerb.APPROVE: "sales:approve",
    JobVerb.POST: "sales:post",
    JobVerb.DISCARD: "sales:write",
    JobVerb.CONVERT: "sales:write",
    JobVerb.REASSIGN: "sales:write",
    JobVerb.PRINT: "docs:print",
}


@pytest.mark.parametrize("verb", SCOPES)
async def test_each_verb_asks_for_the_scope_of_its_bulk_mutation(shop: Erp, verb: JobVerb):
    """Every other right together does not open it."""
    anna = await shop.sign_in()
    draft = (await anna.create_invoice())["id"]
    rita = await shop.sign_in("rita", roles=())
    others = {scope for scope in SCOPES.values() if scope != SCOPES[verb]}
    rita.token = shop.token("rita", (), scope=" ".join({"sales:read", *others}))
    options = {
        JobVerb.CONVERT: {"to": "SALES_CREDIT_NOTE"},
        JobVerb.REASSIGN: {"responsible": f"usr_{actor_of(shop).user}"},
    }.get(verb, {})

    async with unchanged(shop):
        refused = await start(rita, verb, ids=[draft], **options)
    rita.token = shop.token("rita", (), scope=f"sales:read {SCOPES[verb]}")
    allowed = await start(rita, verb, ids=[draft], **options)

    assert refused.error_codes == ["FORBIDDEN"]
    assert allowed.problems == []


async def test_a_job_is_seen_by_who_started_it_and_by_administrators(shop: Erp):
    """For anybody else, and in another company, there is no such job."""
    ada = await shop.sign_in("ada")
    karl = await shop.sign_in("karl", roles=("accountant",))
    kurt = await shop.sign_in("kurt", roles=("accountant",))
    eve = await (await found_without_approval(shop.server, shop.owner, shop.http)).sign_in("eve")
    ids = await drafts(karl, 1)
    job = (await start(karl, "POST", ids=ids)).made["id"]
    asked = """query($id: ID!) { documentJob(id: $id) { id } node(id: $id) { id }
      documentJobs { totalCount nodes { id starter { name } } } }"""

    told = {user.name: (await user.ask(asked, id=job)).data for user in (ada, karl, kurt, eve)}
    refused = [
        await user.do("cancelDocumentJob", "documentJob { id }", id=job) for user in (kurt, eve)
    ]

    mine = {"documentJob": {"id": job}, "node": None}
    listed = {"totalCount": 1, "nodes": [{"id": job, "starter": {"name": "karl"}}]}
    nothing = {"documentJob": None, "node": None, "documentJobs": {"totalCount": 0, "nodes": []}}
    assert told["ada"] == told["karl"] == {**mine, "documentJobs": listed}
    assert told["kurt"] == told["eve"] == nothing
    assert [each.problem_codes for each in refused] == [["NOT_FOUND"]] * 2
