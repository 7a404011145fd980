"""Payments: two more kinds of document, allocations, open items."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard
from migrations.series import close_series, open_series

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MONEY = sa.Numeric(18, 2)
_MOMENT = sa.DateTime(timezone=True)

_KINDS_BEFORE = (
    "SALES_INQUIRY", "SALES_OFFER", "SALES_CONTRACT", "SALES_ORDER", "DELIVERY_NOTE",
    "SALES_INVOICE", "CUSTOMER_RETURN", "SALES_CREDIT_NOTE", "PURCHASE_INQUIRY", "SUPPLIER_OFFER",
    "PURCHASE_CONTRACT", "PURCHASE_ORDER", "GOODS_RECEIPT", "SUPPLIER_INVOICE",
    "SELF_BILLED_INVOICE", "SUPPLIER_RETURN", "SUPPLIER_CREDIT_NOTE",
)  # fmt: skip
_KINDS = (
    ("INCOMING_PAYMENT", "payment", "PAY", "NONE"),
    ("OUTGOING_PAYMENT", "outgoing_payment", "ZA", "ALWAYS"),
)
"""The new kinds with series, prefix and approval, as the table of kinds had them then."""

_BILLING = (
    "'SALES_INVOICE', 'SALES_CREDIT_NOTE', 'SUPPLIER_INVOICE', 'SELF_BILLED_INVOICE',"
    " 'SUPPLIER_CREDIT_NOTE'"
)

_CHECKS = {
    "incoming_payment_has": "kind <> 'INCOMING_PAYMENT' or (issue_date is not null and due_date is not null and method is not null)",
    "incoming_payment_posted_has": "kind <> 'INCOMING_PAYMENT' or state <> 'POSTED' or (number is not null and posting_date is not null)",
    "outgoing_payment_has": "kind <> 'OUTGOING_PAYMENT' or (issue_date is not null and due_date is not null and method is not null)",
    "outgoing_payment_posted_has": "kind <> 'OUTGOING_PAYMENT' or state <> 'POSTED' or (number is not null and posting_date is not null)",
    "settled_within_payable": "settled * payable >= 0 and abs(settled) <= abs(payable) and discount_taken >= 0 and discount_taken <= abs(settled)",
}

_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("method", sa.String(40)),
    sa.Column("bank_reference", sa.String(140)),
    sa.Column("settled", _MONEY, nullable=False, server_default="0"),
    sa.Column("discount_taken", _MONEY, nullable=False, server_default="0"),
)

_OPEN_CENTS = (
    "case when state <> 'POSTED' then 0"
    " when kind in ('SALES_INVOICE', 'SUPPLIER_INVOICE', 'SELF_BILLED_INVOICE')"
    " then ((payable - settled) * 100)::bigint"
    " when kind in ('SALES_CREDIT_NOTE', 'SUPPLIER_CREDIT_NOTE', 'INCOMING_PAYMENT',"
    " 'OUTGOING_PAYMENT') then ((settled - payable) * 100)::bigint else 0 end"
)
_OPEN_SIDE = (
    "case when state <> 'POSTED' or payable = settled then null"
    " when kind in ('SALES_INVOICE', 'SALES_CREDIT_NOTE', 'INCOMING_PAYMENT') then 'SALES'"
    " when kind in ('SUPPLIER_INVOICE', 'SELF_BILLED_INVOICE', 'SUPPLIER_CREDIT_NOTE',"
    " 'OUTGOING_PAYMENT') then 'PURCHASE' end"
)
_COMPUTED: tuple[sa.Column[Any], ...] = (
    sa.Column(
        "open_cents", sa.BigInteger(), sa.Computed(_OPEN_CENTS, persisted=True), nullable=False
    ),
    sa.Column("open_side", sa.String(10), sa.Computed(_OPEN_SIDE, persisted=True)),
)
_SORTS = ("due_sort", "open_cents", "bill_to_id")

_FACTS_BEFORE = (
    "version,updated_at,responsible_id,cancelled_by_id,open_lines,sent_at,answer,answered_at,"
    "answer_reason,received_at,payment_block,match_report,objected_at,objection_reason"
)
_FACTS = f"{_FACTS_BEFORE},settled,discount_taken,open_cents,open_side"
_AMENDABLE = (
    "SALES_INQUIRY,SALES_OFFER,SALES_CONTRACT,SALES_ORDER,PURCHASE_INQUIRY,SUPPLIER_OFFER,"
    "PURCHASE_CONTRACT,PURCHASE_ORDER"
)

_OPEN_ITEMS = """
create view open_item with (security_invoker = true) as
select d.tenant_id, d.id, d.kind, d.open_side as side, d.number, d.external_number, d.currency,
  d.issue_date, d.due_date, d.due_sort, d.bill_to_id, d.gross, d.payable - d.settled as open_amount,
  d.open_cents
from document d where d.open_side is not null
"""

# Each allocation as it looks from either of its documents.
_BOTH_SIDES = """
create view document_allocation with (security_invoker = true) as
select a.tenant_id, a.id, a.document_id, a.payment_id as counterpart_id, false as is_source,
  a.amount, a.discount, a.discount_net, a.discount_tax, a.allocated_at, a.allocated_by,
  a.undone_at, a.undone_by, a.undo_reason
from payment_allocation a
union all
select a.tenant_id, a.id, a.payment_id, a.document_id, true,
  a.amount, a.discount, a.discount_net, a.discount_tax, a.allocated_at, a.allocated_by,
  a.undone_at, a.undone_by, a.undo_reason
from payment_allocation a
"""

_VIEWS = {"open_item": _OPEN_ITEMS, "document_allocation": _BOTH_SIDES}


def upgrade() -> None:
    op.execute("alter table document disable trigger posted_is_final")
    for column in _COLUMNS:
        op.add_column("document", column)
    # What was cancelled before there were payments has settled its original.
    op.execute(
        f"update document set settled = payable where state = 'POSTED' and kind in ({_BILLING})"
        " and (cancels_id is not null or cancelled_by_id is not null)"
    )
    for name in ("settled", "discount_taken"):
        op.alter_column("document", name, server_default=None)
    for column in _COMPUTED:
        op.add_column("document", column)
    _final_apart_from(_FACTS)
    op.drop_constraint(op.f("ck_document_kind"), "document")
    _check_kinds((*_KINDS_BEFORE, *(name for name, *_ in _KINDS)))
    for name, rule in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_document_{name}"), "document", rule)
    for name in _SORTS:
        op.create_index(
            f"ix_document_open_item_{name}",
            "document",
            ["tenant_id", "open_side", name, "id"],
            postgresql_where=sa.text("open_side is not null"),
        )
    _make_allocations()
    for name, view in _VIEWS.items():
        op.execute(view)
        op.execute(f"grant select on {name} to neuroerp_app, neuroerp_operator")
    for kind, series, prefix, approval in _KINDS:
        op.execute(
            f"insert into kind_setting (tenant_id, kind, approval)"
            f" select tenant_id, '{kind}', '{approval}' from tenant on conflict do nothing"
        )
        open_series(kind, series, prefix)


def _make_allocations() -> None:
    op.create_table(
        "payment_allocation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("discount", _MONEY, nullable=False),
        sa.Column("discount_net", _MONEY, nullable=False),
        sa.Column("discount_tax", _MONEY, nullable=False),
        sa.Column("allocated_at", _MOMENT, nullable=False),
        sa.Column("allocated_by", sa.Uuid(), nullable=False),
        sa.Column("undone_at", _MOMENT),
        sa.Column("undone_by", sa.Uuid()),
        sa.Column("undo_reason", sa.String(500)),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{table}.tenant_id", f"{table}.id"],
                name=f"fk_payment_allocation_tenant_id_{column}",
            )
            for column, table in (
                ("payment_id", "document"),
                ("document_id", "document"),
                ("allocated_by", "app_user"),
                ("undone_by", "app_user"),
            )
        ),
        sa.CheckConstraint(
            "payment_id <> document_id", name=op.f("ck_payment_allocation_two_sides")
        ),
        sa.CheckConstraint(
            "amount > 0 and discount >= 0 and discount = discount_net + discount_tax",
            name=op.f("ck_payment_allocation_amounts"),
        ),
        sa.CheckConstraint(
            "(undone_at is null) = (undone_by is null)"
            " and (undone_at is null) = (undo_reason is null)",
            name=op.f("ck_payment_allocation_undone_whole"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_payment_allocation"),
    )
    for column in ("payment_id", "document_id"):
        op.create_index(
            f"ix_payment_allocation_tenant_id_{column}_id",
            "payment_allocation",
            ["tenant_id", column, "id"],
        )
    guard("payment_allocation", "select, insert, update (undone_at, undone_by, undo_reason)")
    op.execute(
        "create trigger undone_is_final before update on payment_allocation for each row"
        " when (old.undone_at is not null) execute function refuse_change('undone is final')"
    )


def _check_kinds(names: tuple[str, ...]) -> None:
    quoted = ", ".join(f"'{name}'" for name in names)
    op.create_check_constraint(op.f("ck_document_kind"), "document", f"kind in ({quoted})")


def _final_apart_from(facts: str) -> None:
    op.execute("drop trigger posted_is_final on document")
    op.execute(
        f"create trigger posted_is_final before update or delete on document for each row"
        f" when (old.state = 'POSTED')"
        f" execute function refuse_change_of_final('{facts}', '{_AMENDABLE}')"
    )


def downgrade() -> None:
    for name in reversed(_VIEWS):
        op.execute(f"drop view {name}")
    op.drop_table("payment_allocation")
    for name in _SORTS:
        op.drop_index(f"ix_document_open_item_{name}", "document")
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_document_{name}"), "document")
    op.drop_constraint(op.f("ck_document_kind"), "document")
    _check_kinds(_KINDS_BEFORE)
    _final_apart_from(_FACTS_BEFORE)
    for column in (*_COMPUTED, *_COLUMNS):
        op.drop_column("document", column.name)
    for kind, *_ in _KINDS:
        op.execute(f"delete from kind_setting where kind = '{kind}'")
        close_series(kind)
