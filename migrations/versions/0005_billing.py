"""Received invoices: the three-way match, blocked payments, lines that correct a price."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FACTS = (
    "version,updated_at,responsible_id,cancelled_by_id,open_lines,sent_at,answer,answered_at,"
    "answer_reason,received_at"
)
_AMENDABLE = (
    "SALES_INQUIRY,SALES_OFFER,SALES_CONTRACT,SALES_ORDER,PURCHASE_INQUIRY,SUPPLIER_OFFER,"
    "PURCHASE_CONTRACT,PURCHASE_ORDER"
)
_TAKEN = ("taken_order", "taken_delivery", "taken_invoice", "taken_return", "taken_credit")


def upgrade() -> None:
    op.add_column("document", sa.Column("payment_block", sa.String(500)))
    op.add_column("document", sa.Column("match_report", sa.Text()))
    op.create_index(
        "ix_document_blocked",
        "document",
        ["tenant_id", "issue_date", "id"],
        postgresql_where=sa.text("payment_block is not null"),
    )
    op.add_column(
        "partner",
        sa.Column("invoice_rhythm", sa.String(40), nullable=False, server_default="DELIVERY"),
    )
    _say_what_is_a_fact(f"{_FACTS},payment_block,match_report")
    op.execute("alter table document_line disable trigger posted_is_final")
    op.add_column("document_line", sa.Column("invoice_max", sa.Numeric(18, 6)))
    op.add_column(
        "document_line",
        sa.Column("is_price_correction", sa.Boolean(), nullable=False, server_default="false"),
    )
    op.alter_column("document_line", "is_price_correction", server_default=None)
    op.execute(
        "update document_line l set invoice_max = quantity_max from document d"
        " where d.tenant_id = l.tenant_id and d.id = l.document_id"
        " and d.kind in ('SALES_INQUIRY', 'SALES_OFFER', 'SALES_CONTRACT', 'SALES_ORDER',"
        " 'DELIVERY_NOTE', 'SALES_INVOICE', 'CUSTOMER_RETURN', 'SALES_CREDIT_NOTE')"
    )
    op.execute("alter table document_line enable trigger posted_is_final")
    _limit_what_is_taken({"taken_invoice": "invoice_max"})


def downgrade() -> None:
    _limit_what_is_taken({})
    op.drop_column("document_line", "is_price_correction")
    op.drop_column("document_line", "invoice_max")
    _say_what_is_a_fact(_FACTS)
    op.drop_index("ix_document_blocked", "document")
    op.drop_column("partner", "invoice_rhythm")
    op.drop_column("document", "match_report")
    op.drop_column("document", "payment_block")


def _limit_what_is_taken(limits: dict[str, str]) -> None:
    name = op.f("ck_document_line_taken_within_quantity")
    op.drop_constraint(name, "document_line")
    op.create_check_constraint(
        name,
        "document_line",
        " and ".join(
            f"{taken} * stock_quantity >= 0"
            f" and abs({taken}) <= abs({limits.get(taken, 'quantity_max')})"
            for taken in _TAKEN
        ),
    )


def _say_what_is_a_fact(facts: str) -> None:
    op.execute("drop trigger posted_is_final on document")
    op.execute(
        f"create trigger posted_is_final before update or delete on document for each row"
        f" when (old.state = 'POSTED')"
        f" execute function refuse_change_of_final('{facts}', '{_AMENDABLE}')"
    )
