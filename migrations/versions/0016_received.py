"""What received documents state of net and tax per rate; prices of branches; last purchases."""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


_PURCHASES = (
    ("item", "last_purchased_on", sa.Date()),
    ("item_supplier", "last_purchase_price", sa.Numeric(18, 6)),
    ("item_supplier", "last_purchased_on", sa.Date()),
)


def upgrade() -> None:
    op.add_column("document", sa.Column("tax_report", sa.Text()))
    _make_stated()
    _price_by_branch()
    for table, name, kind in _PURCHASES:
        op.add_column(table, sa.Column(name, kind))


def _price_by_branch() -> None:
    """The column is as old as the table; now a price can be written down for a branch."""
    op.create_foreign_key(
        op.f("fk_item_price_tenant_id_branch_id"),
        "item_price",
        "branch",
        ["tenant_id", "branch_id"],
        ["tenant_id", "id"],
    )
    op.create_index(
        op.f("ix_item_price_tenant_id_branch_id_valid_from_id"),
        "item_price",
        ["tenant_id", "branch_id", "valid_from", "id"],
    )


def _make_stated() -> None:
    op.create_table(
        "document_stated_tax",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Numeric(7, 4), nullable=False),
        sa.Column("net", sa.Numeric(18, 2), nullable=False),
        sa.Column("tax", sa.Numeric(18, 2), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_stated_tax_tenant_id_document_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "document_id", "position", name=op.f("pk_document_stated_tax")
        ),
    )
    guard("document_stated_tax", "select, insert, update, delete")
    op.execute(
        "create trigger posted_is_final before insert or update or delete on document_stated_tax"
        " for each row execute function refuse_change_of_posted()"
    )


def downgrade() -> None:
    for table, name, _ in _PURCHASES:
        op.drop_column(table, name)
    op.drop_index(op.f("ix_item_price_tenant_id_branch_id_valid_from_id"))
    op.drop_constraint(op.f("fk_item_price_tenant_id_branch_id"), "item_price")
    op.drop_table("document_stated_tax")
    op.drop_column("document", "tax_report")
