"""What is proposed for lines, cash discount, branches and objections on documents."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_RATE = sa.Numeric(7, 4)
_FACTS = (
    "version,updated_at,responsible_id,cancelled_by_id,open_lines,sent_at,answer,answered_at,"
    "answer_reason,received_at,payment_block,match_report"
)
_AMENDABLE = (
    "SALES_INQUIRY,SALES_OFFER,SALES_CONTRACT,SALES_ORDER,PURCHASE_INQUIRY,SUPPLIER_OFFER,"
    "PURCHASE_CONTRACT,PURCHASE_ORDER"
)
_DOCUMENT: tuple[sa.Column[Any], ...] = (
    sa.Column("discount_days", sa.Integer()),
    sa.Column("discount_percent", _RATE),
    sa.Column("discount2_days", sa.Integer()),
    sa.Column("discount2_percent", _RATE),
    sa.Column("branch_id", sa.Uuid()),
    sa.Column("branch", sa.String(20)),
    sa.Column("objected_at", sa.DateTime(timezone=True)),
    sa.Column("objection_reason", sa.String(500)),
)
_LINE: tuple[sa.Column[Any], ...] = (
    sa.Column("price_source", sa.String(40)),
    sa.Column("found_price", sa.Numeric(18, 6)),
    sa.Column("tax_reason", sa.String(40)),
    sa.Column("tax_warning", sa.String(40)),
    sa.Column("tax_override_reason", sa.String(400)),
)


def upgrade() -> None:
    for column in _DOCUMENT:
        op.add_column("document", column)
    op.create_foreign_key(
        "fk_document_tenant_id_branch_id",
        "document",
        "branch",
        ["tenant_id", "branch_id"],
        ["tenant_id", "id"],
    )
    for column in _LINE:
        op.add_column("document_line", column)
    _say_what_is_a_fact(f"{_FACTS},objected_at,objection_reason")


def downgrade() -> None:
    _say_what_is_a_fact(_FACTS)
    for column in _LINE:
        op.drop_column("document_line", column.name)
    op.drop_constraint("fk_document_tenant_id_branch_id", "document")
    for column in _DOCUMENT:
        op.drop_column("document", column.name)


def _say_what_is_a_fact(facts: str) -> None:
    op.execute("drop trigger posted_is_final on document")
    op.execute(
        f"create trigger posted_is_final before update or delete on document for each row"
        f" when (old.state = 'POSTED')"
        f" execute function refuse_change_of_final('{facts}', '{_AMENDABLE}')"
    )
