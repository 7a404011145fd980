"""Jobs over documents: tables, mapping, repository and readable views."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import relationship, selectinload

from domain.documents.document import Document
from domain.documents.jobs import DocumentJob, JobFate, JobFile, JobItem, JobState, JobVerb
from domain.identity import Language
from domain.problems import NotFound
from persistence.blobs import blob
from persistence.catalog import identity, moment, personal, reference, tenant_table, version
from persistence.documents.tables import document
from persistence.identity import app_user
from persistence.locks import Lock
from persistence.mapping import EnumText, mapper, owned
from persistence.reading.shape import Condition, Source
from persistence.reading.statement import READABLE_KINDS, TENANT, guards
from persistence.reading.views import VIEWS, Relation, Sort, View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

document_job = tenant_table(
    "document_job",
    identity(),
    Column("verb", EnumText(JobVerb), nullable=False),
    Column("note", String(1000)),
    Column("accept_credit_limit", Boolean, nullable=False),
    Column("accept_older_date", Boolean, nullable=False),
    Column("posting_date", Date),
    Column("target", String(40)),
    Column("responsible_id", Uuid),
    Column("language", EnumText(Language), nullable=False),
    Column("scopes", String(1000), nullable=False),
    Column("state", EnumText(JobState), nullable=False),
    Column("total", Integer, nullable=False),
    Column("begun", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("filed", Integer, nullable=False),
    Column("failure_code", String(60)),
    Column("failure_facts", JSONB(none_as_null=True)),
    Column("started_by", Uuid, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    moment("finished_at", nullable=True),
    version(),
    reference("responsible_id", app_user),
    reference("started_by", app_user),
    Index(None, "tenant_id", "created_at", "id"),
    Index(None, "tenant_id", "started_by", "created_at", "id"),
)

document_job_item = tenant_table(
    "document_job_item",
    Column("job_id", Uuid, nullable=False),
    Column("place", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("asked", String(60), nullable=False),
    Column("document_id", Uuid),  # as it was asked for, of whatever company
    Column("fate", EnumText(JobFate), nullable=False),
    Column("made_id", Uuid),
    Column("code", String(60)),
    personal("facts", 10_000, subject="document_job", by="job_id"),
    reference("job_id", document_job),
    reference("made_id", document),
    Index(None, "tenant_id", "job_id", "turn"),
    Index(None, "tenant_id", "job_id", "fate", "place"),
    key=("job_id", "place"),
)

document_job_file = tenant_table(
    "document_job_file",
    Column("job_id", Uuid, nullable=False),
    Column("place", Integer, nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("file_hash", String(64), nullable=False),
    Column("file_size", BigInteger, nullable=False),
    Column("document_count", Integer, nullable=False),
    Column("page_count", Integer, nullable=False),
    reference("job_id", document_job),
    reference("file_hash", blob, target="hash"),
    key=("job_id", "place"),
)

mapper.map_imperatively(
    JobItem,
    document_job_item,
    properties={
        "_made": relationship(  # a document that is made now is saved first
            Document,
            primaryjoin=and_(
                document.c.tenant_id == document_job_item.c.tenant_id,
                document.c.id == document_job_item.c.made_id,
            ),
            foreign_keys=[document_job_item.c.made_id],
            lazy="raise",
        )
    },
)
mapper.map_imperatively(JobFile, document_job_file)
mapper.map_imperatively(
    DocumentJob,
    document_job,
    properties={
        "items": owned(JobItem, order_by=document_job_item.c.place),
        "files": owned(JobFile, order_by=document_job_file.c.place),
    },
    version_id_col=document_job.c.version,
)

_OF_JOB = (("id", "job_id"),)

readable(
    View(
        "document_job",
        document_job,
        prefix="job",
        sorts={"NEWEST": Sort("created_at", descending=True), "OLDEST": Sort("created_at")},
        relations={
            "starter": Relation("user", (("started_by", "id"),)),
            "responsible": Relation("user", (("responsible_id", "id"),)),
            "items": Relation("document_job_item", _OF_JOB, paged=True, order="PLACE"),
            "refusals": Relation(
                "document_job_item",
                _OF_JOB,
                paged=True,
                order="PLACE",
                where=(("fate", JobFate.REFUSED.value),),
            ),
            "files": Relation("document_job_file", _OF_JOB, many=True, order="place"),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)
readable(
    View(
        "document_job_item",
        document_job_item,
        key="place",
        sorts={"PLACE": Sort("place")},
        relations={
            "document": Relation("document", (("document_id", "id"),)),
            "made": Relation("document", (("made_id", "id"),)),
        },
    )
)
readable(View("document_job_file", document_job_file, key="place"))


class DocumentJobs:
    """Jobs over documents inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: DocumentJob) -> None:
        """Keep a new job with its documents."""
        self._work.add(new)

    async def locked(self, id: UUID) -> DocumentJob:
        """Return the job with its files, locked. Raises NotFound."""
        self._work.lock(Lock.DOCUMENT_JOBS)
        query = select(DocumentJob).where(
            document_job.c.tenant_id == self._work.actor.tenant, document_job.c.id == id
        )
        files = selectinload(DocumentJob.files)  # type: ignore[arg-type]
        found = await self._work.session.scalar(query.options(files).with_for_update())
        if found is None:
            raise NotFound(entity="DocumentJob", id=f"job_{id}", path=("input", "id"))
        return found

    async def turns(
        self, job: DocumentJob, start: int, end: int, fate: JobFate, count_max: int
    ) -> Sequence[JobItem]:
        """Return the next documents of a job with this fate, from one turn to before another."""
        columns = document_job_item.c
        query = (
            select(JobItem)
            .where(
                columns.tenant_id == job.tenant_id,
                columns.job_id == job.id,
                columns.turn >= start,
                columns.turn < end,
                columns.fate == fate,
            )
            .order_by(columns.turn)
            .limit(count_max)
        )
        return (await self._work.session.scalars(query)).all()

    async def known(self, ids: Collection[UUID]) -> dict[UUID, date]:
        """Return the date of each of these documents that is there and may be read."""
        query = select(document.c.id, document.c.issue_date).where(
            document.c.tenant_id == self._work.actor.tenant,
            document.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
            document.c.kind == func.any(bindparam("kinds", type_=ARRAY(Text))),
        )
        kinds = list(self._work.actor.readable_kinds)
        rows = await self._work.session.execute(query, {"ids": list(ids), "kinds": kinds})
        return {row[0]: row[1] for row in rows}

    async def selected(
        self, conditions: tuple[Condition, ...], values: Mapping[str, Any], count_max: int
    ) -> list[tuple[UUID, date]]:
        """Return id and date of the documents that a list with these conditions shows, by date."""
        actor, columns = self._work.actor, document.c
        source = Source("document", conditions)
        query = (
            select(columns.id, columns.issue_date)
            .where(guards(VIEWS["document"], document, source))
            .order_by(columns.issue_date, columns.id)
            .limit(count_max)
        )
        rights = {TENANT: actor.tenant, READABLE_KINDS: list(actor.readable_kinds)}
        rows = await self._work.session.execute(query, {**values, **rights})
        return [(row[0], row[1]) for row in rows]
