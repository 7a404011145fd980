"""Imports while they run: killed and resumed, two at once, cancelled, watched, repeated."""

import asyncio
import time
from typing import Any
from uuid import UUID

import pytest

import web.imports
from domain.imports.run import ImportRun
from persistence.partners import Partners
from tests.erp import Erp
from tests.importing import (
    PARTNER_HEADINGS,
    do_rows,
    imported,
    problems_of,
    seen,
    start,
    table,
    work_for,
)
from tests.refused import unchanged
from tests.test_feed import latest, socket_of
from web.imports import import_rows

WORKER_SECONDS_MAX = 30
CONTENT = table("Firma;Straße;PLZ;Ort", *(f"Hof {n};Weg {n};27318;Hoya" for n in range(450)))


class Killed(Exception):
    """Stands for kill -9: the transaction ends without a commit."""


async def partners_of(company: Erp) -> list[str]:
    """Return the names of the partners, as they were numbered."""
    rows = await company.owner.fetch(
        "select name from partner where tenant_id = $1 order by number", company.tenant
    )
    return [row["name"] for row in rows]


async def test_an_import_that_dies_between_two_batches_goes_on_with_the_next(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
):
    """Each row exactly once; what was done before the end is not done again."""
    anna = await erp.sign_in()
    run = (await start(anna, CONTENT)).made["id"]
    monkeypatch.setattr(web.imports, "BATCHES_PER_JOB", 1)
    await do_rows(erp, run)
    half = await seen(anna, run)
    jobs = await erp.owner.fetchval(
        "select count(*) from pgqueuer where entrypoint = 'import_rows'"
        " and convert_from(payload, 'utf8') like '%' || $1 || '%'",
        run.partition("_")[2],
    )
    monkeypatch.undo()

    await do_rows(erp, run)

    assert (half["state"], half["doneRows"], half["totalRows"]) == ("RUNNING", 200, 450)
    assert jobs == 2  # the first, and the one that is to go on
    found = await seen(anna, run)
    assert (found["state"], found["doneRows"], found["createdRows"]) == ("FINISHED", 450, 450)
    assert await partners_of(erp) == [f"Hof {n}" for n in range(450)]


async def test_a_batch_that_dies_in_the_middle_leaves_nothing_and_is_done_anew(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
):
    """Rows and progress are one transaction: neither is there without the other."""
    anna = await erp.sign_in()
    run = (await start(anna, CONTENT)).made["id"]
    advance = ImportRun.advance

    def dying(self: ImportRun, outcomes: Any, *, at: Any) -> None:
        advance(self, outcomes, at=at)
        if self.done_rows == 400:
            raise Killed

    monkeypatch.setattr(ImportRun, "advance", dying)
    with pytest.raises(Killed):
        await do_rows(erp, run)
    monkeypatch.undo()
    half = await seen(anna, run)
    names = await partners_of(erp)

    await do_rows(erp, run)

    assert (half["doneRows"], half["createdRows"], len(names)) == (200, 200, 200)
    assert (await seen(anna, run))["state"] == "FINISHED"
    assert await partners_of(erp) == [f"Hof {n}" for n in range(450)]


async def test_two_workers_with_the_same_import_do_each_row_once(erp: Erp):
    """A job that was taken up twice, as after a long silence of the first worker."""
    anna = await erp.sign_in()
    run = (await start(anna, CONTENT)).made["id"]

    await asyncio.gather(do_rows(erp, run), do_rows(erp, run))

    found = await seen(anna, run)
    assert (found["state"], found["doneRows"], found["createdRows"]) == ("FINISHED", 450, 450)
    assert sorted(await partners_of(erp)) == sorted(f"Hof {n}" for n in range(450))


async def test_a_number_that_somebody_takes_meanwhile_is_told_of_its_row(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
):
    """The database refuses the batch, the next try sees the other partner."""
    anna = await erp.sign_in()
    await anna.create_partner("Schneller", number="70001")
    looked = 0
    numbers_taken = Partners.numbers_taken

    async def too_early(self: Partners, numbers: Any) -> set[str]:
        nonlocal looked
        looked += 1
        return set() if looked == 1 else await numbers_taken(self, numbers)

    monkeypatch.setattr(Partners, "numbers_taken", too_early)

    run = await imported(
        anna, table(PARTNER_HEADINGS, "70001;Hof;W;27318;Hoya;", "70002;Hof;W;27318;Hoya;")
    )

    assert (run["state"], run["createdRows"], run["failedRows"]) == ("FINISHED", 1, 1)
    assert problems_of(run) == [(2, "Kundennummer", "DUPLICATE_PARTNER_NUMBER")]


async def test_a_vat_id_is_given_away_once_unless_it_is_wanted(erp: Erp):
    """As in the mutations: a partner of the same VAT id is named; `allowDuplicates` lets it be."""
    anna = await erp.sign_in()
    known = await anna.create_partner("Hof Lindenau", vatId="DE136695976")
    lines = ("1;Hof A;W;27318;Hoya;DE136695976", "2;Hof B;W;27318;Hoya;DE136695976")
    content = table(PARTNER_HEADINGS, *lines)

    refused = await imported(anna, content)
    allowed = await imported(anna, content, allowDuplicates=True)

    assert problems_of(refused) == [
        (2, "USt-IdNr.", "DUPLICATE_PARTNER"),
        (3, None, "ROW_REPEATED"),
        (3, "USt-IdNr.", "DUPLICATE_PARTNER"),
    ]
    assert known in refused["problems"]["nodes"][0]["reasonEn"]
    assert (allowed["createdRows"], allowed["failedRows"]) == (2, 0)


async def test_two_rows_that_name_one_partner_differently_are_one_row_too_many(erp: Erp):
    """By number and by VAT id: the first one counts, a bad second one takes nothing of it back."""
    anna = await erp.sign_in()
    await anna.create_partner("Hof Lindenau", number="70001", vatId="DE136695976")
    lines = ("70001;;Neuweg 2;;;", ";;Altweg 3;;;DE136695976")

    run = await imported(anna, table(PARTNER_HEADINGS, *lines), mode="UPDATE_EXISTING")

    assert (run["updatedRows"], problems_of(run)) == (1, [(3, None, "ROW_REPEATED")])
    streets = (await anna.ask("{ partners { nodes { street version } } }")).data["partners"]
    assert streets["nodes"] == [{"street": "Neuweg 2", "version": 2}]


async def test_a_cancelled_import_ends_and_what_is_done_stays(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
):
    """The worker sees it before the next batch; a second cancel has nothing left to do."""
    anna = await erp.sign_in()
    run = (await start(anna, CONTENT)).made["id"]
    monkeypatch.setattr(web.imports, "BATCHES_PER_JOB", 1)
    await do_rows(erp, run)

    cancelled = await anna.do("cancelImport", "importRun { state doneRows }", id=run)
    await do_rows(erp, run)
    again = await anna.do("cancelImport", "importRun { state }", id=run)

    assert cancelled.made == {"state": "CANCELLED", "doneRows": 200}
    assert again.problem_codes == ["IMPORT_OVER"]
    assert len(await partners_of(erp)) == 200
    assert (await erp.journal_types(run))[-1] == "ImportCancelled"


async def test_a_table_without_rows_is_finished_at_once(erp: Erp):
    """Nothing to do is no error."""
    anna = await erp.sign_in()

    run = await imported(anna, table(PARTNER_HEADINGS))

    assert (run["state"], run["totalRows"], run["doneRows"]) == ("FINISHED", 0, 0)


async def test_a_file_that_cannot_be_imported_fails_with_the_reason(erp: Erp):
    """In the caller's language, with its facts; the file stays, nothing else is made."""
    anna = await erp.sign_in()

    run = await imported(anna, table("a;b", "1;2"))
    unknown = await imported(
        anna, table("a;b", "1;2"), columns=[{"column": "Firma", "field": "NAME"}]
    )

    assert (run["state"], run["failureCode"], run["totalRows"]) == (
        "FAILED",
        "COLUMN_MISSING",
        None,
    )
    assert run["failure"]["message"] == (
        "The file needs a column for NAME; none of its headings is recognised as that."
    )
    assert unknown["failure"]["message"] == "The file has no column Firma."
    assert await erp.journal_types(run["id"]) == ["ImportStarted", "ImportFailed"]


async def test_a_file_that_breaks_its_reader_is_tried_again_and_then_told(erp: Erp):
    """The worker lives on; after the last try the import FAILED."""
    anna = await erp.sign_in()
    run = (await start(anna, CONTENT)).made["id"]
    id = UUID(run.partition("_")[2])

    async def broken(*_: Any) -> Any:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await import_rows(id, work_for(erp), broken, True)
    waiting = (await seen(anna, run))["state"]
    await import_rows(id, work_for(erp), broken, False)

    assert waiting == "WAITING"
    assert (await seen(anna, run))["failureCode"] == "FILE_NOT_READABLE"


PROGRESS = """subscription($after: Cursor, $run: ID!) {
  jobProgress(after: $after, id: $run) {
    type action done total failed stateAfter importRun { state failedRows }
  }
}"""


async def test_progress_is_told_live_once_per_batch(erp: Erp):
    """Done, total and failed are facts of the event; another import's events are not told."""
    anna = await erp.sign_in()
    begin = await latest(anna)
    other = (await start(anna, CONTENT + b"\n")).made["id"]
    run = (await start(anna, CONTENT + b"\nHof;;;")).made["id"]
    await do_rows(erp, other)
    await do_rows(erp, run)

    async with socket_of(erp) as socket:
        await socket.sign_in(anna.token)
        await socket.follow(query=PROGRESS, after=begin, run=run)
        events = [await socket.event() for _ in range(5)]

    facts = ("type", "stateAfter", "done", "total", "failed")
    assert [tuple(event[name] for name in facts) for event in events] == [
        ("ImportStarted", "WAITING", 0, None, 0),
        ("ImportProgressed", "RUNNING", 200, 451, 0),
        ("ImportProgressed", "RUNNING", 400, 451, 0),
        ("ImportProgressed", "RUNNING", 451, 451, 1),
        ("ImportFinished", "FINISHED", 451, 451, 1),
    ]
    assert events[0]["importRun"] == {"state": "FINISHED", "failedRows": 1}


async def test_a_repeated_call_starts_one_import(erp: Erp):
    """The same key and file answer with the same import; another file is refused."""
    anna = await erp.sign_in()
    first = await start(anna, CONTENT, idempotencyKey="k")
    await do_rows(erp, first.made["id"])

    again = await start(anna, CONTENT, idempotencyKey="k")
    other = await start(anna, CONTENT + b"\n", idempotencyKey="k")

    assert again.made["id"] == first.made["id"]
    assert again.made["state"] == "FINISHED"
    assert other.problem_codes == ["IDEMPOTENCY_KEY_REUSED"]
    listed = (await anna.ask("{ importRuns { nodes { id } } }")).data["importRuns"]["nodes"]
    assert listed == [{"id": first.made["id"]}]


async def test_who_may_write_neither_sales_nor_purchase_imports_nothing(erp: Erp):
    """Reading is not enough; one of the two is."""
    reader, buyer = await erp.sign_in("rita", roles=()), await erp.sign_in("bert", roles=())
    reader.token = erp.token("rita", (), scope="sales:read purchase:read")
    buyer.token = erp.token("bert", (), scope="purchase:write purchase:read")

    async with unchanged(erp):
        refused = await start(reader, CONTENT)
    allowed = await start(buyer, CONTENT)

    assert refused.error_codes == ["FORBIDDEN"]
    assert allowed.problems == []


async def test_another_company_sees_nothing_of_an_import(erp: Erp):
    """Neither the run, nor its rows, nor its file; its list is empty."""
    stranger = await Erp.found(erp.server, erp.owner, erp.http)
    anna, eve = await erp.sign_in(), await stranger.sign_in("eve")
    run = (await imported(anna, CONTENT))["id"]

    found = await eve.ask(
        "query($id: ID!) { importRun(id: $id) { id } node(id: $id) { id }"
        " importRuns { totalCount } }",
        id=run,
    )
    cancelled = await eve.do("cancelImport", "importRun { id }", id=run)

    assert found.data == {"importRun": None, "node": None, "importRuns": {"totalCount": 0}}
    assert cancelled.problem_codes == ["NOT_FOUND"]
    assert await partners_of(stranger) == []


@pytest.mark.usefixtures("worker")
async def test_the_worker_imports_what_was_sent_also_beside_hostile_files(erp: Erp):
    """Through the queue and processes of its own; a bomb stops nobody else's import."""
    anna = await erp.sign_in()
    bomb = b"PK\x03\x04" + bytes(1_000)
    runs = [(await start(anna, content)).made["id"] for content in (bomb, CONTENT, b"")]

    deadline = time.monotonic() + WORKER_SECONDS_MAX
    states: list[str] = []
    while time.monotonic() < deadline and {*states} != {"FAILED", "FINISHED"}:
        await asyncio.sleep(0.2)
        states = [(await seen(anna, run))["state"] for run in runs]

    assert states == ["FAILED", "FINISHED", "FAILED"]
    assert await partners_of(erp) == [f"Hof {n}" for n in range(450)]
