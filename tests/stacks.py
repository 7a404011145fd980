"""Jobs over documents: started through the public door, and done in this process as by a worker."""

import io
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pikepdf

from domain.documents.cancellation import duplicate_of
from domain.documents.kinds import Action
from domain.identity import Language
from persistence.database import Database
from persistence.identity import scopes_now
from persistence.unit_of_work import UnitOfWork, unit_of_work
from resolvers.documents.verbs import making
from tests.companies import actor_of, database_of, quiet_services, work_of
from tests.erp import PROBLEMS, Answer, Erp, User
from tests.importing import inline
from web.document_jobs import Means, run_document_job

JOB = "id verb state total done refused"
OUTCOMES = """items(first: 200) { totalCount nodes { place asked fate code
  document { id } made { id } problem { code message } } }"""
SEEN = f"""query($id: ID!) {{ documentJob(id: $id) {{ {JOB} failureCode failure {{ message }}
  {OUTCOMES} refusals(first: 200) {{ nodes {{ place code }} }}
  files {{ place fileName documentCount pageCount download {{ url }} }} }} }}"""


def uuid_of(id: str) -> UUID:
    """Return the UUID of a global id."""
    return UUID(id.partition("_")[2])


async def start(user: User, verb: str, **input: Any) -> Answer:
    """Ask for a job."""
    input.setdefault("idempotencyKey", str(uuid4()))
    return await user.ask(
        "mutation($input: StartDocumentJobInput!) { startDocumentJob(input: $input)"
        f" {{ documentJob {{ {JOB} }} {PROBLEMS} }} }}",
        input={"verb": verb, **input},  # `language` is one of it
    )


async def print_many(user: User, ids: list[str], **input: Any) -> Answer:
    """Ask for one PDF of many documents."""
    input.setdefault("idempotencyKey", str(uuid4()))
    return await user.ask(
        "mutation($input: PrintDocumentsInput!) { printDocuments(input: $input)"
        " { items { place document { id } problems { code path } }"
        f" documentJob {{ {JOB} }} {PROBLEMS} }} }}",
        input={"ids": ids, **input},
    )


async def seen(user: User, job: str) -> dict[str, Any]:
    """Return a job as it is."""
    found: dict[str, Any] = (await user.ask(SEEN, id=job)).data["documentJob"]
    return found


def outcomes(job: dict[str, Any]) -> list[tuple[int, str, str | None]]:
    """Return place, fate and code of each document of a job, the first 200."""
    return [(each["place"], each["fate"], each["code"]) for each in job["items"]["nodes"]]


def counts(job: dict[str, Any]) -> tuple[Any, ...]:
    """Return state, done of total, refused."""
    return job["state"], job["done"], job["total"], job["refused"]


def means_of(company: Erp, user: str = "anna", *, may_retry: bool = True) -> Means:
    """Return what a worker gives a job that this user started; a PDF is a blank page."""
    actor = replace(actor_of(company, user), scopes=frozenset())
    database = database_of(company)

    async def print_one(id: UUID, language: Language) -> None:
        await keep_page(company, id, language)

    return Means(
        starter=actor,
        open_work=lambda who: unit_of_work(database, who, quiet_services()),
        scopes_now=lambda: scopes_now(database, company.tenant, actor.user),
        print_one=print_one,
        run_elsewhere=inline,
        may_retry=may_retry,
    )


async def do_job(company: Erp, job: str, user: str = "anna", **more: Any) -> None:
    """Do one job of the queue for a job over documents."""
    await run_document_job(uuid_of(job), replace(means_of(company, user), **more))


async def done(user: User, verb: str, **input: Any) -> dict[str, Any]:
    """Have a verb done with many documents and return what came of it."""
    job: str = (await start(user, verb, **input)).made["id"]
    await do_job(user.erp, job, user.name)
    return await seen(user, job)


def page(height: int) -> bytes:
    """Return a PDF of one blank page, so high that one tells it from others."""
    with pikepdf.new() as file:
        file.add_blank_page(page_size=(200, height))
        kept = io.BytesIO()
        file.save(kept, deterministic_id=True)
        return kept.getvalue()


def heights(content: bytes) -> list[int]:
    """Return how high the pages of a PDF are, in their order."""
    with pikepdf.open(io.BytesIO(content)) as file:
        return [int(each.mediabox[3]) for each in file.pages]


async def keep_page(company: Erp, id: UUID, language: Language) -> None:
    """Print a document as the worker does, unless it is printed: as high as its number counts."""
    work: UnitOfWork
    async with work_of(company) as work:
        document = await work.documents.locked(id, None, Action.PRINT)
        if await work.printouts.exists(document, language):
            return
        pdf = page(100 + int((document.number or "0").rpartition("-")[2]))
        hash = await work.blobs.keep(pdf)
        if await work.printouts.add(document, language, ("Rechnung.pdf", hash, len(pdf))):
            document.printed(language=language, file_hash=hash)


async def drafts(
    user: User,
    count: int,
    dated: list[str] | None = None,
    database: Database | None = None,
    **more: Any,
) -> list[str]:
    """Return the ids of many drafts of one invoice; `dated` gives their dates in turn."""
    first = await user.create_invoice(**more)
    ids: list[str] = []
    work: UnitOfWork
    author = actor_of(user.erp, user.name)
    database = database or database_of(user.erp)
    async with unit_of_work(database, author, quiet_services()) as work:
        original = await work.documents.locked(uuid_of(first["id"]), None, Action.CONVERT)
        for n in range(count):
            copy = duplicate_of(original, replace(await making(work), id=uuid4()))
            copy.issue_date = date.fromisoformat(dated[n % len(dated)] if dated else "2026-11-20")
            copy.supply_date = copy.issue_date
            copy.set_dates()
            work.documents.add(copy)
            ids.append(f"doc_{copy.id}")
    return ids


async def numbers_of(company: Erp, ids: list[str]) -> list[str | None]:
    """Return the numbers of documents, in their order."""
    rows = await company.owner.fetch(
        "select id, number from document where tenant_id = $1 and id = any($2)",
        company.tenant,
        [uuid_of(id) for id in ids],
    )
    known = {f"doc_{row['id']}": row["number"] for row in rows}
    return [known[id] for id in ids]


async def file_of(user: User, job: dict[str, Any], place: int = 0) -> bytes:
    """Return a file of a job, as it is downloaded."""
    url = user.erp.server.url + job["files"][place]["download"]["url"]
    async with user.erp.http.get(url) as answer:
        assert answer.status == 200
        content: bytes = await answer.read()
        return content
