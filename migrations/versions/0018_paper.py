"""Why a document could not be printed, and whether prints name who looks after it."""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_problem",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("missing", sa.String(200), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name="fk_print_problem_tenant_id_document_id",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "document_id", "language", name="pk_print_problem"),
    )
    guard("print_problem", "select, insert, update, delete")
    op.add_column(
        "tenant",
        sa.Column("prints_contact", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("tenant", "prints_contact")
    op.drop_table("print_problem")
