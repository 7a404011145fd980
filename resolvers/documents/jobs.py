"""Jobs over documents: list, one, start, cancel; and what the worker does in each part."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry
from graphql import GraphQLResolveInfo

from domain.bulk import Outcome, TooManyItems
from domain.documents.jobs import (
    JOB_ITEMS_MAX,
    AskedDocument,
    DocumentJob,
    JobItem,
    JobVerb,
    JobWish,
    NothingSelected,
    check_options,
    check_selection,
)
from domain.identity import ADMIN, Actor, Forbidden, Language
from domain.problems import NotFound, Path
from persistence.jobs import RUN_DOCUMENT_JOB
from persistence.reading.rows import Row
from persistence.reading.shape import Single
from persistence.unit_of_work import UnitOfWork
from resolvers.approvals import APPROVE_SCOPES
from resolvers.bulk import BULK
from resolvers.context import Context, Info
from resolvers.documents.queries import conditions_of
from resolvers.documents.verbs import POST_SCOPES, WRITE_SCOPES
from resolvers.fields import read, write
from resolvers.identity import READ_SCOPES
from resolvers.inbox import failure, problem_of
from resolvers.paging import conditions_and_values, listing
from resolvers.printing import PRINT_SCOPES, download
from schema.bulk import ErrorPolicy
from schema.documents.bulk import (
    ApproveDocumentsInput,
    ConvertDocumentsInput,
    DiscardDocumentsInput,
    DocumentsInput,
    PostDocumentsInput,
    PrintDocumentsInput,
    ReassignDocumentsInput,
    SubmitDocumentsInput,
)
from schema.documents.enums import DocumentKind
from schema.documents.jobs import (
    CancelDocumentJobInput,
    CancelDocumentJobPayload,
    DocumentJobSort,
    StartDocumentJobInput,
    StartDocumentJobPayload,
)
from schema.documents.jobs import DocumentJob as DocumentJobType
from schema.node import Id, split_id, uuid_of, uuid_to_find
from schema.paging import ORDER, After, Before, Connection, First, Last
from schema.problems import Told

SCOPES_OF_VERB: dict[JobVerb, tuple[str, ...]] = {
    JobVerb.SUBMIT: WRITE_SCOPES,
    JobVerb.APPROVE: APPROVE_SCOPES,
    JobVerb.POST: POST_SCOPES,
    JobVerb.DISCARD: WRITE_SCOPES,
    JobVerb.CONVERT: WRITE_SCOPES,
    JobVerb.REASSIGN: WRITE_SCOPES,
    JobVerb.PRINT: PRINT_SCOPES,
}
"""One of these opens the bulk mutation of the verb; each document asks for its own besides."""

JOB_SCOPES = tuple(dict.fromkeys(scope for any_of in SCOPES_OF_VERB.values() for scope in any_of))


@strawberry.type
class JobQueries:
    """Reading jobs."""

    @read(
        any_of=READ_SCOPES,
        description="Your jobs over documents as a list; an administrator sees everybody's.",
    )
    def document_jobs(
        self,
        info: Info,
        sort: Annotated[DocumentJobSort, ORDER] = DocumentJobSort.NEWEST,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[DocumentJobType]:
        """List jobs."""
        page = {"first": first, "after": after, "last": last, "before": before}
        mine = {("started_by", "="): _starter(info.context.actor)}
        return listing("document_job", sort, mine, page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One job over documents; null if there is none of yours.")
    def document_job(self, info: Info, id: Id) -> DocumentJobType | None:
        """Read one job."""
        return _of(info.context.actor, uuid_to_find("job", id))  # type: ignore[return-value]


@strawberry.type
class JobMutations:
    """Starting and ending jobs."""

    @write(
        StartDocumentJobPayload,
        any_of=JOB_SCOPES,
        description="Do with up to 10,000 documents what a bulk mutation does with 500"
        " (Stapelverarbeitung). A worker does it in parts, with the rights you still have then;"
        " what is refused is left out. Watch `jobProgress` with the id of the job.",
    )
    async def start_document_job(self, work: UnitOfWork, input: StartDocumentJobInput) -> UUID:
        """Select the documents now, and have them done."""
        demand_verb(work.actor, input.verb)
        wish = await _wish(work, input)
        check_selection(input.ids, input.filter)
        documents = await (_named(work, input) if input.filter is None else _found(work, input))
        if not documents:
            raise NothingSelected(path=("input", "ids" if input.filter is None else "filter"))
        return start(work, wish, documents).id

    @write(
        CancelDocumentJobPayload,
        any_of=JOB_SCOPES,
        description="End a job behind the part that is being done; what is done stays.",
    )
    async def cancel_document_job(self, work: UnitOfWork, input: CancelDocumentJobInput) -> UUID:
        """Cancel."""
        path: Path = ("input", "id")
        id = uuid_of("job", input.id, "DocumentJob", path)
        job = await work.document_jobs.locked(id)
        if _starter(work.actor) not in (None, job.started_by):
            raise NotFound(entity="DocumentJob", id=input.id, path=path)
        job.cancel(path, at=work.now)
        return job.id


def start(
    work: UnitOfWork,
    wish: JobWish,
    documents: Sequence[AskedDocument],
    outcomes: Sequence[Outcome] = (),
) -> DocumentJob:
    """Keep a new job of this actor, and have a worker do it, or the rest of it."""
    job = DocumentJob(
        id=work.new_id(),
        tenant_id=work.actor.tenant,
        wish=wish,
        documents=documents,
        by=work.actor.user,
        scopes=work.actor.scopes,
        at=work.now,
        outcomes=outcomes,
    )
    work.document_jobs.add(job)
    work.later(RUN_DOCUMENT_JOB, job.id)
    return job


async def start_printing(
    work: UnitOfWork, input: PrintDocumentsInput, outcomes: Sequence[Outcome]
) -> UUID:
    """Start the job that prints what `printDocuments` accepted; the refused ones are in it too."""
    asked = [AskedDocument(id, _uuid(id)) for id in dict.fromkeys(input.ids)]
    wish = JobWish(verb=JobVerb.PRINT, language=input.language)
    return start(work, wish, asked, outcomes).id


def demand_verb(actor: Actor, verb: JobVerb) -> None:
    """Raise Forbidden unless this actor might call the bulk mutation of `verb`."""
    if not actor.has_any(SCOPES_OF_VERB[verb]):
        raise Forbidden(required_scope=" or ".join(SCOPES_OF_VERB[verb]))


async def do_part(work: UnitOfWork, job: DocumentJob, items: Sequence[JobItem]) -> None:
    """Do the verb with the next documents of a locked job: the very code of the bulk mutation."""
    outcomes = await BULK[f"{job.verb.lower()}_documents"](
        None, work, _input_of(job, [strawberry.ID(item.asked) for item in items])
    )
    job.take(items, outcomes, at=work.now)


def _input_of(job: DocumentJob, ids: list[strawberry.ID]) -> DocumentsInput:
    """Return what the bulk mutation of a job's verb would be called with."""
    same: dict[str, Any] = {
        "ids": ids,
        "error_policy": ErrorPolicy.SKIP_FAILED,
        "idempotency_key": "",
    }
    match job.verb:
        case JobVerb.SUBMIT:
            return SubmitDocumentsInput(**same)
        case JobVerb.APPROVE:
            return ApproveDocumentsInput(**same, note=job.note or "")
        case JobVerb.POST:
            return PostDocumentsInput(
                **same,
                accept_credit_limit=job.accept_credit_limit,
                accept_older_date=job.accept_older_date,
                posting_date=job.posting_date,
            )
        case JobVerb.DISCARD:
            return DiscardDocumentsInput(**same)
        case JobVerb.CONVERT:
            return ConvertDocumentsInput(**same, to=DocumentKind(job.target))
        case JobVerb.REASSIGN:
            responsible = strawberry.ID(f"usr_{job.responsible_id}")
            return ReassignDocumentsInput(**same, responsible=responsible)
        case JobVerb.PRINT:
            return PrintDocumentsInput(**same, language=job.language)


async def _wish(work: UnitOfWork, input: StartDocumentJobInput) -> JobWish:
    """Return what is to be done with each. Raises OptionOutOfPlace, Required or NotFound."""
    given = {
        "note": input.note,
        "acceptCreditLimit": input.accept_credit_limit,
        "acceptOlderDate": input.accept_older_date,
        "postingDate": input.posting_date,
        "to": input.to,
        "responsible": input.responsible,
        "language": input.language,
    }
    check_options(input.verb, {name for name, value in given.items() if value})
    responsible = None
    if input.responsible is not None:
        path: Path = ("input", "responsible")
        responsible = uuid_of("usr", input.responsible, "User", path)
        await work.tenants.demand_user(responsible, path)
    return JobWish(
        verb=input.verb,
        note=input.note,
        accept_credit_limit=input.accept_credit_limit,
        accept_older_date=input.accept_older_date,
        posting_date=input.posting_date,
        target=input.to and input.to.value,
        responsible_id=responsible,
        language=input.language or Language.DE,
    )


async def _named(work: UnitOfWork, input: StartDocumentJobInput) -> list[AskedDocument]:
    """Return the documents that ids name, each once; none if all of them are unknown.

    Raises TooManyItems.
    """
    ids = list(dict.fromkeys(input.ids or ()))
    if len(ids) > JOB_ITEMS_MAX:
        raise TooManyItems(items_max=JOB_ITEMS_MAX, path=("input", "ids"))
    found = {id: _uuid(id) for id in ids}
    known = await work.document_jobs.known([uuid for uuid in found.values() if uuid])
    if not known:
        return []
    return [
        AskedDocument(id, uuid, known.get(uuid) if uuid else None) for id, uuid in found.items()
    ]


async def _found(work: UnitOfWork, input: StartDocumentJobInput) -> list[AskedDocument]:
    """Return the documents that a filter finds now, by date. Raises TooManyItems."""
    path: Path = ("input", "filter")
    tests, values = conditions_and_values(conditions_of(input.filter, path))
    found = await work.document_jobs.selected(tests, values, JOB_ITEMS_MAX + 1)
    if len(found) > JOB_ITEMS_MAX:
        raise TooManyItems(items_max=JOB_ITEMS_MAX, path=path)
    return [AskedDocument(f"doc_{id}", id, dated) for id, dated in found]


def _uuid(id: str) -> UUID | None:
    """Return the UUID of a document's id, or None for what is none."""
    prefix, uuid = split_id(id) or ("", None)
    return uuid if prefix == "doc" else None


def _starter(actor: Actor) -> UUID | None:
    """Return whose jobs an actor sees; None: everybody's."""
    return None if actor.has_any((ADMIN,)) else actor.user


def _of(actor: Actor, id: UUID) -> Single:
    """Return the source of a job that this actor may see."""
    starter = _starter(actor)
    tests, values = conditions_and_values({("id", "="): id, ("started_by", "="): starter})
    return Single("document_job", tests, values)


def _of_event(row: Row, info: GraphQLResolveInfo[Context]) -> Single | None:
    """Return the source of the job that an event is about, if the reader may see it."""
    prefix, id = split_id(row.__dict__["entity_id"]) or ("", None)
    return _of(info.context.actor, id) if id is not None and prefix == "job" else None


def _problem(row: Row, _info: GraphQLResolveInfo[Context]) -> Told | None:
    """Return why a document was refused."""
    return problem_of(row.__dict__["code"], row.__dict__["facts"])


JOB_COMPUTED = {
    ("DocumentJob", "failure"): failure,
    ("DocumentJobItem", "problem"): _problem,
    ("DocumentJobFile", "download"): download,
    ("JobProgress", "documentJob"): _of_event,
}
