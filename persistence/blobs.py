"""Files as they came or were made, known by the SHA-256 of their bytes, kept in the database."""

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger, Column, LargeBinary, String, select
from sqlalchemy.dialects.postgresql import insert

from persistence.catalog import moment, tenant_table
from persistence.database import Database

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

blob = tenant_table(
    "blob",
    Column("hash", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    moment("stored_at"),
    key=("hash",),
)


class Blobs:
    """Files inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    async def keep(self, content: bytes) -> str:
        """Keep a file and return its hash; the same bytes are kept once."""
        hash = hashlib.sha256(content).hexdigest()
        new = insert(blob).values(
            tenant_id=self._work.actor.tenant,
            hash=hash,
            size=len(content),
            content=content,
            stored_at=self._work.now,
        )
        await self._work.session.execute(new.on_conflict_do_nothing())
        return hash

    async def content(self, hash: str) -> bytes:
        """Return the bytes of a file that this tenant keeps."""
        found: bytes | None = await self._work.session.scalar(
            select(blob.c.content).where(
                blob.c.tenant_id == self._work.actor.tenant, blob.c.hash == hash
            )
        )
        if found is None:
            raise LookupError(f"no file {hash}")
        return found


async def read_blob(database: Database, tenant: UUID, hash: str) -> bytes | None:
    """Return the bytes of a file for a download, or None."""
    async with database.reading(tenant) as connection:
        content: bytes | None = await connection.fetchval(
            "select content from blob where tenant_id = $1 and hash = $2", tenant, hash
        )
        return content
