"""What a document comes to: allowances, gross prices, prepayments, company currency."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MONEY = sa.Numeric(18, 2)
_RATE = sa.Numeric(7, 4)
_AMOUNTS = ("line_total", "allowance_total", "charge_total", "prepaid", "payable")
_COMPANY = ("company_net", "company_tax", "company_gross")
_POSTED_BEFORE = (
    "kind <> 'SALES_INVOICE' or state <> 'POSTED' or"
    " (number is not null and supply_date is not null and posting_date is not null)"
)
_POSTED = (
    "kind <> 'SALES_INVOICE' or state <> 'POSTED' or (number is not null and"
    " (supply_date is not null or invoice_type = 'PREPAYMENT') and posting_date is not null)"
)


def upgrade() -> None:
    _widen_documents()
    _widen_parts()
    _make_parts()


def _widen_documents() -> None:
    op.execute("alter table document disable trigger posted_is_final")
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("price_basis", sa.String(40), nullable=False, server_default="NET"),
        sa.Column("invoice_type", sa.String(40)),
        sa.Column("type_code", sa.String(10)),
        *(
            sa.Column(name, _MONEY, nullable=False, server_default="0")
            for name in (*_AMOUNTS, *_COMPANY)
        ),
        sa.Column("exchange_rate", sa.Numeric(18, 6)),
        sa.Column("rate_date", sa.Date()),
        sa.Column("rate_source", sa.String(40)),
    )
    for column in columns:
        op.add_column("document", column)
    op.execute(
        "update document set line_total = net, payable = gross, company_net = net,"
        " company_tax = tax, company_gross = gross,"
        " invoice_type = case kind when 'SALES_INVOICE' then 'ORDINARY' end,"
        " type_code = case kind when 'SALES_INVOICE' then '380' when 'SALES_CREDIT_NOTE' then '381'"
        " when 'SELF_BILLED_INVOICE' then '389' end"
    )
    for name in ("price_basis", *_AMOUNTS, *_COMPANY):
        op.alter_column("document", name, server_default=None)
    op.execute("alter table document enable trigger posted_is_final")
    for name, rule in (
        ("net_is_lines_and_allowances", "net = line_total - allowance_total + charge_total"),
        ("payable_is_gross_less_prepaid", "payable = gross - prepaid"),
    ):
        op.create_check_constraint(op.f(f"ck_document_{name}"), "document", rule)
    _check_posted(_POSTED)


def _widen_parts() -> None:
    for table in ("document_tax", "document_line"):
        op.execute(f"alter table {table} disable trigger posted_is_final")
    for name in ("company_basis", "company_tax"):
        op.add_column("document_tax", sa.Column(name, _MONEY, nullable=False, server_default="0"))
    op.execute("update document_tax set company_basis = basis, company_tax = tax")
    for name in ("company_basis", "company_tax"):
        op.alter_column("document_tax", name, server_default=None)
    op.add_column("document_line", sa.Column("allowance_amount", _MONEY))
    op.add_column("document_line", sa.Column("charge_amount", _MONEY))
    op.add_column("document_line", sa.Column("allowance_reason", sa.String(200)))
    for table in ("document_tax", "document_line"):
        op.execute(f"alter table {table} enable trigger posted_is_final")


def _make_parts() -> None:
    def part(name: str, key: tuple[str, ...], *columns: Any) -> None:
        op.create_table(
            name,
            sa.Column("tenant_id", sa.Uuid(), nullable=False),
            sa.Column("document_id", sa.Uuid(), nullable=False),
            *columns,
            sa.ForeignKeyConstraint(
                ["tenant_id", "document_id"],
                ["document.tenant_id", "document.id"],
                name=f"fk_{name}_tenant_id_document_id",
            ),
            sa.PrimaryKeyConstraint("tenant_id", "document_id", *key, name=f"pk_{name}"),
        )

    part(
        "document_allowance",
        ("position",),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_charge", sa.Boolean(), nullable=False),
        sa.Column("amount", _MONEY),
        sa.Column("percent", _RATE),
        sa.Column("reason", sa.String(200)),
        sa.Column("code", sa.String(10)),
        sa.Column("tax_category", sa.String(40)),
        sa.Column("tax_rate", _RATE),
    )
    part(
        "document_prepayment",
        ("prepayment_id", "position"),
        sa.Column("prepayment_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(36), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("rate", _RATE),
        sa.Column("net", _MONEY, nullable=False),
        sa.Column("tax", _MONEY, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "prepayment_id"],
            ["document.tenant_id", "document.id"],
            name="fk_document_prepayment_tenant_id_prepayment_id",
        ),
    )
    op.create_index(
        "uq_document_prepayment_active",
        "document_prepayment",
        ["tenant_id", "prepayment_id", "position"],
        unique=True,
        postgresql_where=sa.text("is_active"),
    )
    guard("document_allowance", "select, insert, update, delete")
    # Of a posted one only this may change: a cancelled final invoice gives its prepayments back.
    guard("document_prepayment", "select, insert, delete, update (is_active)")
    op.execute(
        "create trigger posted_is_final before insert or update or delete on document_allowance"
        " for each row execute function refuse_change_of_posted()"
    )
    op.execute(
        "create trigger posted_is_final before insert or delete on document_prepayment"
        " for each row execute function refuse_change_of_posted()"
    )


def _check_posted(rule: str) -> None:
    name = op.f("ck_document_sales_invoice_posted_has")
    op.drop_constraint(name, "document")
    op.create_check_constraint(name, "document", rule)


def downgrade() -> None:
    op.drop_table("document_prepayment")
    op.drop_table("document_allowance")
    for name in ("allowance_amount", "charge_amount", "allowance_reason"):
        op.drop_column("document_line", name)
    for name in ("company_basis", "company_tax"):
        op.drop_column("document_tax", name)
    _check_posted(_POSTED_BEFORE)
    for name in ("net_is_lines_and_allowances", "payable_is_gross_less_prepaid"):
        op.drop_constraint(op.f(f"ck_document_{name}"), "document")
    for name in (
        "price_basis",
        "invoice_type",
        "type_code",
        *_AMOUNTS,
        *_COMPANY,
        "exchange_rate",
        "rate_date",
        "rate_source",
    ):
        op.drop_column("document", name)
