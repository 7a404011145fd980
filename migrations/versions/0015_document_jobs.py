"""Jobs over documents: the job, its documents, its files; and which rights a user has had last."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guarding import guard

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_jobs()
    _make_parts()
    guard("document_job", "select, insert, update")
    guard("document_job_item", "select, insert, update")
    guard("document_job_file", "select, insert")
    for name in ("roles", "granted"):
        column = sa.Column(name, JSONB(), nullable=False, server_default=sa.text("'[]'"))
        op.add_column("app_user", column)
    op.add_column("app_user", sa.Column("rights_at", sa.DateTime(timezone=True), nullable=True))


def _make_jobs() -> None:
    counts = ("total", "begun", "done", "refused", "filed")
    op.create_table(
        "document_job",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verb", sa.String(40), nullable=False),
        sa.Column("note", sa.String(1000), nullable=True),
        sa.Column("accept_credit_limit", sa.Boolean(), nullable=False),
        sa.Column("accept_older_date", sa.Boolean(), nullable=False),
        sa.Column("posting_date", sa.Date(), nullable=True),
        sa.Column("target", sa.String(40), nullable=True),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("scopes", sa.String(1000), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("failure_code", sa.String(60), nullable=True),
        sa.Column("failure_facts", JSONB(), nullable=True),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                ["app_user.tenant_id", "app_user.id"],
                name=op.f(f"fk_document_job_tenant_id_{column}"),
            )
            for column in ("responsible_id", "started_by")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_document_job")),
    )
    op.create_index(
        op.f("ix_document_job_tenant_id_created_at_id"),
        "document_job",
        ["tenant_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_document_job_tenant_id_started_by_created_at_id"),
        "document_job",
        ["tenant_id", "started_by", "created_at", "id"],
    )


def _make_parts() -> None:
    job = (["tenant_id", "job_id"], ["document_job.tenant_id", "document_job.id"])
    op.create_table(
        "document_job_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("asked", sa.String(60), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("fate", sa.String(40), nullable=False),
        sa.Column("made_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(60), nullable=True),
        sa.Column("facts", sa.String(10_000), nullable=True),
        sa.ForeignKeyConstraint(*job, name=op.f("fk_document_job_item_tenant_id_job_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "made_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_job_item_tenant_id_made_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", "place", name=op.f("pk_document_job_item")),
    )
    op.create_index(
        op.f("ix_document_job_item_tenant_id_job_id_turn"),
        "document_job_item",
        ["tenant_id", "job_id", "turn"],
    )
    op.create_index(
        op.f("ix_document_job_item_tenant_id_job_id_fate_place"),
        "document_job_item",
        ["tenant_id", "job_id", "fate", "place"],
    )
    op.create_table(
        "document_job_file",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("document_count", sa.Integer(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(*job, name=op.f("fk_document_job_file_tenant_id_job_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_hash"],
            ["blob.tenant_id", "blob.hash"],
            name=op.f("fk_document_job_file_tenant_id_file_hash"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", "place", name=op.f("pk_document_job_file")),
    )


def downgrade() -> None:
    for name in ("rights_at", "granted", "roles"):
        op.drop_column("app_user", name)
    op.drop_table("document_job_file")
    op.drop_table("document_job_item")
    op.drop_table("document_job")
