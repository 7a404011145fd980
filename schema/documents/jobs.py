"""Jobs over documents: one verb for more than a call takes, in parts, by a worker."""

import datetime
from enum import Enum

import strawberry

from domain.documents.jobs import JobFate as DomainJobFate
from domain.documents.jobs import JobState as DomainJobState
from domain.documents.jobs import JobVerb as DomainJobVerb
from domain.identity import Language as DomainLanguage
from schema.documents.enums import DocumentKind
from schema.documents.filters import DocumentFilter
from schema.documents.kinds import Document
from schema.entities import shows
from schema.enums import described
from schema.identity import User
from schema.journal import JournalEntry
from schema.mutations import key_field, payload
from schema.node import Node
from schema.paging import paged
from schema.printing import DownloadLink
from schema.problems import Problem

described(
    DomainJobVerb,
    "JobVerb",
    "What a job does with each of its documents; the same as the bulk mutation of that name.",
    SUBMIT="Ask for approval (Einreichen), as `submitDocuments`.",
    APPROVE="Approve (Freigeben), as `approveDocuments`.",
    POST="Make final and number (Buchen), as `postDocuments`; in the order of their dates.",
    DISCARD="Throw drafts away (Verwerfen), as `discardDocuments`.",
    CONVERT="Make the next document of the chain (Weiterführen), as `convertDocuments`.",
    REASSIGN="Hand over to somebody else (Zuständigkeit ändern), as `reassignDocuments`.",
    PRINT="Make PDFs and put them together (Sammeldruck), as `printDocuments`.",
)
described(
    DomainJobState,
    "JobState",
    "How far a job is.",
    WAITING="Kept, and waiting for a worker.",
    RUNNING="Documents are being done.",
    FINISHED="All documents are done; `refused` of them were left out.",
    CANCELLED="Ended by a user; what was done stays.",
    FAILED="It must not go on; `failure` says why. What was done stays.",
)
described(
    DomainJobFate,
    "JobFate",
    "What became of a document of a job.",
    WAITING="Nothing yet; of a job that ended: nothing.",
    ACCEPTED="It may be printed, and its PDF is not made yet.",
    DONE="It was done.",
    REFUSED="It was left out; `problem` says why.",
)


@shows("document_job_item")
@strawberry.type(description="A document of a job, and what became of it.")
class DocumentJobItem:
    """An item."""

    place: int = strawberry.field(
        description="Its place among those asked for, from 0; of a filter, by date."
    )
    asked: strawberry.ID = strawberry.field(description="The id it was asked for by.")
    fate: DomainJobFate = strawberry.field(description="What became of it.")
    document: Document | None = strawberry.field(
        description="The document asked for, as it is now; null: you may not see it."
    )
    made: Document | None = strawberry.field(
        description="What came of it: the document itself, or what it became by CONVERT."
    )
    code: str | None = strawberry.field(description="The rule that refused it; else null.")
    problem: Problem | None = strawberry.field(description="Why it was refused, with its facts.")


@shows("document_job_file")
@strawberry.type(description="A PDF with up to 500 documents in the order asked for.")
class DocumentJobFile:
    """A file to print."""

    place: int = strawberry.field(description="Its place among the files of the job, from 0.")
    file_name: str = strawberry.field(description="The name to save it under.")
    file_hash: str = strawberry.field(description="SHA-256 of the file, hex.")
    file_size: int = strawberry.field(description="Bytes.")
    document_count: int = strawberry.field(description="Documents in it.")
    page_count: int = strawberry.field(description="Pages in it.")
    download: DownloadLink = strawberry.field(description="A fresh link to the file.")


@shows("document_job")
@strawberry.type(
    description="A job (Stapelverarbeitung): one verb for many documents, done by a worker in parts"
    " of at most 500. Only who started it sees it, and administrators."
)
class DocumentJob(Node):
    """A job."""

    verb: DomainJobVerb = strawberry.field(description="What is done with each document.")
    note: str | None = strawberry.field(description="APPROVE: the note for the others.")
    accept_credit_limit: bool = strawberry.field(description="POST: although a limit is passed.")
    accept_older_date: bool = strawberry.field(description="POST: even after later dates.")
    posting_date: datetime.date | None = strawberry.field(description="POST: on this day.")
    target: DocumentKind | None = strawberry.field(description="CONVERT: what each becomes.")
    responsible: User | None = strawberry.field(description="REASSIGN: who gets them.")
    language: DomainLanguage = strawberry.field(description="PRINT: the language of the PDFs.")
    state: DomainJobState = strawberry.field(description="How far it is.")
    total: int = strawberry.field(description="Documents in all.")
    done: int = strawberry.field(description="Documents that are settled, refused ones included.")
    refused: int = strawberry.field(description="Documents that were left out.")
    items = paged(DocumentJobItem, "What became of each document, in the order asked for.")
    refusals = paged(DocumentJobItem, "The documents that were left out, in the same order.")
    files: list[DocumentJobFile] = strawberry.field(
        description="PRINT: the files so far, each with the next 500 documents at the most."
    )
    failure_code: str | None = strawberry.field(description="Why it must not go on.")
    failure: Problem | None = strawberry.field(description="The same in words, with its facts.")
    starter: User | None = strawberry.field(description="Who started it, with whose rights.")
    created_at: datetime.datetime = strawberry.field(description="When it was asked for.")
    updated_at: datetime.datetime = strawberry.field(description="When it went on last.")
    finished_at: datetime.datetime | None = strawberry.field(description="When it ended.")
    version: int = strawberry.field(description="Grows with every part.")
    history = paged(JournalEntry, "What happened to it, oldest first.")


@strawberry.enum(description="Orders of `documentJobs`.")
class DocumentJobSort(Enum):
    """Sorts of the view."""

    NEWEST = strawberry.enum_value("NEWEST", description="Asked for last first.")
    OLDEST = strawberry.enum_value("OLDEST", description="Asked for first first.")


@strawberry.input(
    description="One verb for many documents. Those that are refused are left out"
    " (SKIP_FAILED): all or nothing is for up to 500, by the bulk mutations."
)
class StartDocumentJobInput:
    """A job."""

    verb: DomainJobVerb = strawberry.field(description="What to do with each.")
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The documents, `doc_…`, 1 to 10,000; or a filter instead."
    )
    filter: DocumentFilter | None = strawberry.field(
        default=None,
        description="All documents that `documents` shows with this filter now, up to 10,000; what"
        " fits it later is not among them.",
    )
    note: str | None = strawberry.field(
        default=None, description="Only for APPROVE: a note for the others."
    )
    accept_credit_limit: bool = strawberry.field(
        default=False, description="Only for POST: go on although a credit limit is passed."
    )
    accept_older_date: bool = strawberry.field(
        default=False, description="Only for POST: number them even after documents of later dates."
    )
    posting_date: datetime.date | None = strawberry.field(
        default=None, description="Only for POST: decides periods and numbers; else each one's own."
    )
    to: DocumentKind | None = strawberry.field(
        default=None, description="For CONVERT, needed there: what each of them becomes."
    )
    responsible: strawberry.ID | None = strawberry.field(
        default=None, description="For REASSIGN, needed there: the user, `usr_…`."
    )
    language: DomainLanguage | None = strawberry.field(
        default=None, description="Only for PRINT: the language; German if left out."
    )
    idempotency_key: str = key_field()


@strawberry.input(description="End a job; what was done stays.")
class CancelDocumentJobInput:
    """Which job."""

    id: strawberry.ID = strawberry.field(description="The job, `job_…`.")
    idempotency_key: str = key_field()


StartDocumentJobPayload = payload("StartDocumentJob", document_job=DocumentJob)
CancelDocumentJobPayload = payload("CancelDocumentJob", document_job=DocumentJob)
