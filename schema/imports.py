"""Imports (Datenübernahme): tables of partners and items, with a dry run, problems by row."""

from datetime import datetime
from enum import Enum

import strawberry

from domain.imports.cells import NumberFormat as DomainNumberFormat
from domain.imports.columns import HEADINGS
from domain.imports.fields import ImportEntity as DomainImportEntity
from domain.imports.fields import ImportField as DomainImportField
from domain.imports.groups import GROUP_NUMBER_MAX, GROUPS
from domain.imports.run import ImportErrorPolicy as DomainImportErrorPolicy
from domain.imports.run import ImportMode as DomainImportMode
from domain.imports.run import ImportState as DomainImportState
from schema.documents.jobs import DocumentJob
from schema.entities import shows
from schema.enums import described
from schema.inbox import Upload
from schema.journal import JournalEntry, JournalFacts
from schema.mutations import key_field, payload
from schema.node import Node
from schema.paging import paged
from schema.printing import DownloadLink
from schema.problems import Problem

described(
    DomainImportEntity,
    "ImportEntity",
    "What a table holds.",
    PARTNERS="Partners (Geschäftspartner).",
    ITEMS="Items (Artikel).",
)
described(
    DomainImportMode,
    "ImportMode",
    "What becomes of rows about records that are there already, by number or VAT id.",
    CREATE_ONLY="They are refused, as duplicates.",
    UPDATE_EXISTING="The record takes over the row's filled cells; other rows make new records.",
)
described(
    DomainImportErrorPolicy,
    "ImportErrorPolicy",
    "What to do at a bad row.",
    SKIP_FAILED="It is left out and told, the others are imported.",
    STOP_AT_FIRST="The import ends there; the rows before it stay.",
)
described(
    DomainNumberFormat,
    "NumberFormat",
    "How numbers are written in a table.",
    AUTO="Both forms; 1.234, which could be both, is refused.",
    GERMAN="1.234,56.",
    ISO="1234.56.",
)
described(
    DomainImportState,
    "ImportState",
    "How far an import is.",
    WAITING="Kept, and waiting for a worker.",
    RUNNING="Rows are being imported.",
    FINISHED="All rows are done; `failedRows` of them were bad.",
    STOPPED="Ended at the first bad row, as asked.",
    CANCELLED="Ended by a user; the rows that were done stay.",
    FAILED="The file cannot be imported; `failure` says why.",
)


def _words(field: DomainImportField) -> str:
    """Return what a field is called in tables, by entity."""
    known = [headings[field][0] for headings in HEADINGS.values() if field in headings]
    for group in (each for groups in GROUPS.values() for each in groups):
        if field in group.headings:
            start, _, end = group.headings[field][0].partition(" ")
            known.append(f"{start} 1 {end}".strip())
    return f"Such as {' or '.join(dict.fromkeys(known))}."


described(
    DomainImportField,
    "ImportField",
    "A field that a column can fill; the description names a heading that is recognised.",
    **{field.name: _words(field) for field in DomainImportField},
)


@shows("import_column")
@strawberry.type(description="A column of an imported file.")
class ImportColumn:
    """A column."""

    place: int = strawberry.field(description="Its place in the file, from 0.")
    heading: str = strawberry.field(description="Its heading.")
    field: DomainImportField | None = strawberry.field(
        description="What it fills; null: it is not recognised and not imported."
    )
    group_number: int | None = strawberry.field(
        description="Of a contact, address, further unit or supplier: which one, from 1."
    )


@shows("import_problem")
@strawberry.type(description="What is wrong with a row.")
class ImportProblem:
    """A problem of a row."""

    id: strawberry.ID = strawberry.field(description="The problem's own id.")
    row: int = strawberry.field(description="The row as a spreadsheet counts: the heading is 1.")
    column: str | None = strawberry.field(
        description="The heading of the column; null: the row as a whole, or a missing column."
    )
    field: DomainImportField | None = strawberry.field(description="What the cell should fill.")
    group_number: int | None = strawberry.field(
        description="Of a contact, address, further unit or supplier: which one, from 1."
    )
    code: str = strawberry.field(description="The rule, as in docs/problems.")
    reason_de: str = strawberry.field(description="The reason in German.")
    reason_en: str = strawberry.field(description="The reason in English.")


@shows("import_run")
@strawberry.type(description="An import of a table (Datenübernahme).")
class ImportRun(Node):
    """An import. Rows are counted without the heading and without empty ones."""

    imported_entity: DomainImportEntity = strawberry.field(description="What the table holds.")
    mode: DomainImportMode = strawberry.field(description="What becomes of known records.")
    error_policy: DomainImportErrorPolicy = strawberry.field(description="What ends it.")
    is_dry_run: bool = strawberry.field(
        description="Everything is tried and nothing kept; the counts tell what would be."
    )
    allows_duplicates: bool = strawberry.field(description="Partners may share a VAT id.")
    number_format: DomainNumberFormat = strawberry.field(description="How numbers are written.")
    state: DomainImportState = strawberry.field(description="How far it is.")
    file_name: str = strawberry.field(description="The name it came with.")
    file_hash: str = strawberry.field(description="SHA-256 of the file, hex.")
    file_size: int = strawberry.field(description="Bytes.")
    total_rows: int | None = strawberry.field(description="Rows; null until the file is read.")
    done_rows: int = strawberry.field(description="Rows that are done.")
    created_rows: int = strawberry.field(description="Rows that made a record.")
    updated_rows: int = strawberry.field(description="Rows that changed a record.")
    unchanged_rows: int = strawberry.field(description="Rows that said what is there already.")
    failed_rows: int = strawberry.field(description="Rows that were bad.")
    problem_count: int = strawberry.field(description="What was wrong with them, counted.")
    columns: list[ImportColumn] = strawberry.field(
        description="The columns of the file; empty until it is read."
    )
    problems = paged(ImportProblem, "What was wrong, row by row.")
    rejected: DownloadLink | None = strawberry.field(
        description="A fresh link to a CSV file of the bad rows with their reasons, once it ended."
    )
    failure_code: str | None = strawberry.field(description="Why the file cannot be imported.")
    failure: Problem | None = strawberry.field(description="The same in words, with its facts.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    updated_at: datetime = strawberry.field(description="When it went on last.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    version: int = strawberry.field(description="Grows with every batch.")
    history = paged(JournalEntry, "What happened to it, oldest first.")


@shows("journal_entry")
@strawberry.type(description="An import, or a job over documents, made progress.")
class JobProgress(JournalFacts):
    """A message of `jobProgress`."""

    done: int = strawberry.field(description="Rows or documents that were done then.")
    total: int | None = strawberry.field(
        description="Rows or documents in all; null until a file is read."
    )
    failed: int = strawberry.field(
        description="Rows that had been bad then, or documents that had been refused."
    )
    import_run: ImportRun | None = strawberry.field(
        description="The import as it is at reading, never older than the event."
    )
    document_job: DocumentJob | None = strawberry.field(
        description="The job as it is at reading, never older than the event; null: not yours."
    )


@strawberry.enum(description="Orders of `importRuns`.")
class ImportSort(Enum):
    """Sorts of the view."""

    NEWEST = strawberry.enum_value("NEWEST", description="Asked for last first.")
    OLDEST = strawberry.enum_value("OLDEST", description="Asked for first first.")


@strawberry.input(description="A column and what it fills.")
class ImportColumnInput:
    """A column by hand."""

    column: str = strawberry.field(description="The heading, as it stands in the file.")
    field: DomainImportField = strawberry.field(description="What it fills.")
    group_number: int | None = strawberry.field(
        default=None,
        description="Of a contact, address, further unit or supplier: which one, 1 to"
        f" {GROUP_NUMBER_MAX}; the first if left out.",
    )


@strawberry.input(description="A table to import.")
class StartImportInput:
    """An import."""

    file: Upload = strawberry.field(
        description="CSV or a workbook (.xlsx) with headings in its first row; up to 20 MB,"
        " 100,000 rows, 200 columns."
    )
    entity: DomainImportEntity = strawberry.field(description="What it holds.")
    mode: DomainImportMode = strawberry.field(
        default=DomainImportMode.CREATE_ONLY, description="What becomes of known records."
    )
    dry_run: bool = strawberry.field(
        default=False, description="Try everything, keep nothing, and tell what would happen."
    )
    error_policy: DomainImportErrorPolicy = strawberry.field(
        default=DomainImportErrorPolicy.SKIP_FAILED, description="What to do at a bad row."
    )
    number_format: DomainNumberFormat = strawberry.field(
        default=DomainNumberFormat.AUTO, description="How numbers are written in it."
    )
    allow_duplicates: bool = strawberry.field(
        default=False, description="Although partners share a VAT id."
    )
    columns: list[ImportColumnInput] = strawberry.field(
        default_factory=list, description="Columns whose heading is not recognised by itself."
    )
    idempotency_key: str = key_field()


@strawberry.input(description="End an import; the rows that are done stay.")
class CancelImportInput:
    """Which import."""

    id: strawberry.ID = strawberry.field(description="The import, `imp_…`.")
    idempotency_key: str = key_field()


StartImportPayload = payload("StartImport", import_run=ImportRun)
CancelImportPayload = payload("CancelImport", import_run=ImportRun)
