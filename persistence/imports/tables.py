"""The tables of imports, and how the run meets its own."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from domain.imports.cells import NumberFormat
from domain.imports.fields import ImportEntity, ImportField
from domain.imports.run import (
    ImportColumn,
    ImportErrorPolicy,
    ImportMode,
    ImportRun,
    ImportState,
)
from persistence.blobs import blob
from persistence.catalog import identity, moment, personal, reference, tenant_table, version
from persistence.mapping import EnumText, mapper, owned

import_run = tenant_table(
    "import_run",
    identity(),
    Column("imported_entity", EnumText(ImportEntity), nullable=False),
    Column("mode", EnumText(ImportMode), nullable=False),
    Column("error_policy", EnumText(ImportErrorPolicy), nullable=False),
    Column("is_dry_run", Boolean, nullable=False),
    Column("allows_duplicates", Boolean, nullable=False),
    Column("number_format", EnumText(NumberFormat), nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("state", EnumText(ImportState), nullable=False),
    personal("file_name", 255, subject="import_run", by="id", nullable=False),
    Column("file_hash", String(64), nullable=False),
    Column("file_size", BigInteger, nullable=False),
    Column("total_rows", Integer),
    Column("done_rows", Integer, nullable=False),
    Column("created_rows", Integer, nullable=False),
    Column("updated_rows", Integer, nullable=False),
    Column("unchanged_rows", Integer, nullable=False),
    Column("failed_rows", Integer, nullable=False),
    Column("problem_count", Integer, nullable=False),
    Column("rejected_hash", String(64)),
    Column("failure_code", String(60)),
    Column("failure_facts", JSONB(none_as_null=True)),
    moment("created_at"),
    moment("updated_at"),
    moment("finished_at", nullable=True),
    version(),
    reference("file_hash", blob, target="hash"),
    reference("rejected_hash", blob, target="hash"),
    Index(None, "tenant_id", "created_at", "id"),
)

import_column = tenant_table(
    "import_column",
    Column("run_id", Uuid, nullable=False),
    Column("place", Integer, nullable=False),
    Column("heading", String(200), nullable=False),
    Column("field", EnumText(ImportField)),
    Column("group_number", Integer),
    reference("run_id", import_run),
    key=("run_id", "place"),
)

import_problem = tenant_table(
    "import_problem",
    identity(),
    Column("run_id", Uuid, nullable=False),
    Column("place", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    Column("column", String(200)),
    Column("field", EnumText(ImportField)),
    Column("group_number", Integer),
    Column("code", String(60), nullable=False),
    personal("reason_de", 2000, subject="import_run", by="run_id", nullable=False),
    personal("reason_en", 2000, subject="import_run", by="run_id", nullable=False),
    reference("run_id", import_run),
    Index(None, "tenant_id", "run_id", "place", "id"),
)

mapper.map_imperatively(ImportColumn, import_column)
mapper.map_imperatively(
    ImportRun,
    import_run,
    properties={"columns": owned(ImportColumn, order_by=import_column.c.place)},
    version_id_col=import_run.c.version,
)
