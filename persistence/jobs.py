"""Jobs: work for later, enqueued in the transaction that needs it (pgqueuer).

A job names its tenant and ids, never values. The library's notifying trigger is dropped by our
migration, since NOTIFY inside transactions would serialise the commits of all tenants; workers are
woken after the commit and poll every second besides.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, cast
from uuid import UUID

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries

from domain.identity import Language

READ_INBOX_ITEM = "read_inbox_item"
PRINT_DOCUMENT = "print_document"
IMPORT_ROWS = "import_rows"
RUN_DOCUMENT_JOB = "run_document_job"

ATTEMPTS_MAX = 5

_FIRST = frozenset({IMPORT_ROWS, RUN_DOCUMENT_JOB})
"""Somebody watches these: their next part does not wait for all prints of the part before."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done, for whom, and with which entity; a print in which language."""

    name: str
    tenant: str
    entity: str
    user: str
    language: str = Language.DE

    def payload(self) -> bytes:
        """Return the bytes that are stored."""
        return json.dumps(asdict(self)).encode()

    @staticmethod
    def parse(payload: bytes) -> "Job":
        """Read what `payload` wrote."""
        return Job(**json.loads(payload))

    @property
    def ids(self) -> tuple[UUID, UUID, UUID]:
        """Tenant, entity and the user on whose behalf it is done."""
        return UUID(self.tenant), UUID(self.entity), UUID(self.user)


async def enqueue(connection: Any, jobs: list[Job]) -> None:
    """Insert jobs on the connection of an open transaction."""
    queries = Queries(AsyncpgDriver(cast(asyncpg.Connection, connection)))
    await queries.enqueue(
        [job.name for job in jobs],
        [job.payload() for job in jobs],
        [int(job.name in _FIRST) for job in jobs],
    )
