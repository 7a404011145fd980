"""Opening and closing texts of printed documents, per kind and language."""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_template",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("text", sa.String(2000)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_text_template"),
        sa.UniqueConstraint(
            "tenant_id",
            "kind",
            "language",
            "place",
            name="uq_text_template_tenant_id_kind_language_place",
        ),
    )
    op.create_index(
        "ix_text_template_tenant_id_kind_id", "text_template", ["tenant_id", "kind", "id"]
    )
    guard("text_template", "select, insert, update")


def downgrade() -> None:
    op.drop_table("text_template")
