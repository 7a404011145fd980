"""Imports of partners and items: runs, the columns of their files, and what was wrong with rows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guarding import guard

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_runs()
    _make_parts()
    guard("import_run", "select, insert, update")
    guard("import_column", "select, insert")
    guard("import_problem", "select, insert")


def _make_runs() -> None:
    counts = ("done_rows", "created_rows", "updated_rows", "unchanged_rows", "failed_rows")
    op.create_table(
        "import_run",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("imported_entity", sa.String(40), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("error_policy", sa.String(40), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("allows_duplicates", sa.Boolean(), nullable=False),
        sa.Column("number_format", sa.String(40), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("problem_count", sa.Integer(), nullable=False),
        sa.Column("rejected_hash", sa.String(64), nullable=True),
        sa.Column("failure_code", sa.String(60), nullable=True),
        sa.Column("failure_facts", JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_hash"],
            ["blob.tenant_id", "blob.hash"],
            name=op.f("fk_import_run_tenant_id_file_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rejected_hash"],
            ["blob.tenant_id", "blob.hash"],
            name=op.f("fk_import_run_tenant_id_rejected_hash"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_import_run")),
    )
    op.create_index(
        op.f("ix_import_run_tenant_id_created_at_id"),
        "import_run",
        ["tenant_id", "created_at", "id"],
    )


def _make_parts() -> None:
    run = (["tenant_id", "run_id"], ["import_run.tenant_id", "import_run.id"])
    op.create_table(
        "import_column",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(200), nullable=False),
        sa.Column("field", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(*run, name=op.f("fk_import_column_tenant_id_run_id")),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "place", name=op.f("pk_import_column")),
    )
    op.create_table(
        "import_problem",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(200), nullable=True),
        sa.Column("field", sa.String(40), nullable=True),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("reason_de", sa.String(2000), nullable=False),
        sa.Column("reason_en", sa.String(2000), nullable=False),
        sa.ForeignKeyConstraint(*run, name=op.f("fk_import_problem_tenant_id_run_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_import_problem")),
    )
    op.create_index(
        op.f("ix_import_problem_tenant_id_run_id_place_id"),
        "import_problem",
        ["tenant_id", "run_id", "place", "id"],
    )


def downgrade() -> None:
    op.drop_table("import_problem")
    op.drop_table("import_column")
    op.drop_table("import_run")
