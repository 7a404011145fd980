"""Imports: list, one, start, cancel."""

from typing import Annotated
from uuid import UUID

import strawberry
from graphql import GraphQLResolveInfo

from domain.imports.columns import checked_mapping
from domain.imports.run import ImportFile, ImportRun, ImportWish
from persistence.jobs import IMPORT_ROWS
from persistence.reading.rows import Row
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Context, Info
from resolvers.fields import by_id, read, write
from resolvers.identity import READ_SCOPES
from resolvers.inbox import failure
from resolvers.paging import listing
from resolvers.partners import WRITE_SCOPES
from schema.imports import (
    CancelImportInput,
    CancelImportPayload,
    ImportSort,
    StartImportInput,
    StartImportPayload,
)
from schema.imports import ImportRun as ImportRunType
from schema.node import Id, uuid_of, uuid_to_find
from schema.paging import ORDER, After, Before, Connection, First, Last
from schema.printing import DownloadLink


@strawberry.type
class ImportQueries:
    """Reading imports."""

    @read(any_of=READ_SCOPES, description="Imports as a list (Datenübernahmen).")
    def import_runs(
        self,
        info: Info,
        sort: Annotated[ImportSort, ORDER] = ImportSort.NEWEST,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ImportRunType]:
        """List imports."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("import_run", sort, {}, page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One import; null if there is none.")
    def import_run(self, info: Info, id: Id) -> ImportRunType | None:
        """Read one import."""
        return by_id("import_run", uuid_to_find("imp", id))  # type: ignore[return-value]


async def rejected(row: Row, info: GraphQLResolveInfo[Context]) -> DownloadLink | None:
    """Return a fresh signed link to the bad rows of an import, or None if it has none."""
    found = row.__dict__
    if found["rejected_hash"] is None:
        return None
    context: Context = info.context
    name = f"{found['file_name'].rpartition('.')[0] or found['file_name']}-rejected.csv"
    now = context.services.clock()
    link = context.links.link(context.tenant, found["rejected_hash"], name, now)
    return DownloadLink(url=f"/files/{context.links.sign(link)}", expires_at=link.expires_at)


IMPORT_COMPUTED = {("ImportRun", "rejected"): rejected, ("ImportRun", "failure"): failure}


@strawberry.type
class ImportMutations:
    """Writing imports."""

    @write(
        StartImportPayload,
        any_of=WRITE_SCOPES,
        description="Import a table of partners or items. A worker takes its rows: watch"
        " `jobProgress` with the id of the import.",
    )
    async def start_import(self, work: UnitOfWork, input: StartImportInput) -> UUID:
        """Keep the file and have it imported."""
        wish = ImportWish(
            entity=input.entity,
            mode=input.mode,
            error_policy=input.error_policy,
            is_dry_run=input.dry_run,
            allows_duplicates=input.allow_duplicates,
            number_format=input.number_format,
            mapping=checked_mapping(
                [(each.column, each.field, each.group_number) for each in input.columns],
                input.entity,
                ("input", "columns"),
            ),
        )
        file = input.file
        hash = await work.blobs.keep(file.content)
        run = ImportRun(
            id=work.new_id(),
            tenant_id=work.actor.tenant,
            wish=wish,
            file=ImportFile(file.name, hash, len(file.content)),
            at=work.now,
        )
        work.imports.add(run)
        work.later(IMPORT_ROWS, run.id)
        return run.id

    @write(
        CancelImportPayload,
        any_of=WRITE_SCOPES,
        description="End an import behind the batch that is being done; what is done stays.",
    )
    async def cancel_import(self, work: UnitOfWork, input: CancelImportInput) -> UUID:
        """Cancel."""
        run = await work.imports.locked(uuid_of("imp", input.id, "ImportRun", ("input", "id")))
        run.cancel(("input", "id"), at=work.now)
        return run.id
