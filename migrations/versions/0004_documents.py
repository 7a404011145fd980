"""Every kind of document: conversions, remainders, amendments, cancellations, received numbers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_QUANTITY = sa.Numeric(18, 6)
_RATE = sa.Numeric(7, 4)
_MOMENT = sa.DateTime(timezone=True)

_COUNTERS = (
    "taken_order", "taken_delivery", "taken_invoice", "taken_return", "taken_credit",
    "ordered", "delivered", "invoiced", "returned", "credited",
)  # fmt: skip
_TAKEN = _COUNTERS[:5]

_KINDS = (
    ("SALES_INQUIRY", "sales_inquiry", "INQ"),
    ("SALES_OFFER", "sales_offer", "ANG"),
    ("SALES_CONTRACT", "sales_contract", "VK"),
    ("SALES_ORDER", "sales_order", "SO"),
    ("DELIVERY_NOTE", "delivery", "DL"),
    ("CUSTOMER_RETURN", "customer_return", "KR"),
    ("SALES_CREDIT_NOTE", "sales_credit_note", "RK"),
    ("PURCHASE_INQUIRY", "purchase_inquiry", "PR"),
    ("SUPPLIER_OFFER", "supplier_offer", "POF"),
    ("PURCHASE_CONTRACT", "purchase_contract", "EK"),
    ("PURCHASE_ORDER", "purchase_order", "PO"),
    ("GOODS_RECEIPT", "goods_receipt", "GR"),
    ("SUPPLIER_INVOICE", "supplier_invoice", "PINV"),
    ("SELF_BILLED_INVOICE", "self_billed_invoice", "GS"),
    ("SUPPLIER_RETURN", "supplier_return", "LR"),
    ("SUPPLIER_CREDIT_NOTE", "supplier_credit_note", "LK"),
)
"""The new kinds with their series, as the table of kinds had them when this was written."""

_CHECKS = {
    "kind": "kind in ('SALES_INQUIRY', 'SALES_OFFER', 'SALES_CONTRACT', 'SALES_ORDER', 'DELIVERY_NOTE', 'SALES_INVOICE', 'CUSTOMER_RETURN', 'SALES_CREDIT_NOTE', 'PURCHASE_INQUIRY', 'SUPPLIER_OFFER', 'PURCHASE_CONTRACT', 'PURCHASE_ORDER', 'GOODS_RECEIPT', 'SUPPLIER_INVOICE', 'SELF_BILLED_INVOICE', 'SUPPLIER_RETURN', 'SUPPLIER_CREDIT_NOTE')",
    "sales_inquiry_has": "kind <> 'SALES_INQUIRY' or (issue_date is not null)",
    "sales_inquiry_posted_has": "kind <> 'SALES_INQUIRY' or state <> 'POSTED' or (number is not null and posting_date is not null)",
    "sales_offer_has": "kind <> 'SALES_OFFER' or (issue_date is not null and payment_days is not null)",
    "sales_offer_posted_has": "kind <> 'SALES_OFFER' or state <> 'POSTED' or (number is not null and posting_date is not null)",
    "sales_contract_has": "kind <> 'SALES_CONTRACT' or (issue_date is not null and payment_days is not null)",
    "sales_contract_posted_has": "kind <> 'SALES_CONTRACT' or state <> 'POSTED' or (number is not null and posting_date is not null and valid_from is not null and valid_until is not null)",
    "sales_order_has": "kind <> 'SALES_ORDER' or (issue_date is not null and payment_days is not null)",
    "sales_order_posted_has": "kind <> 'SALES_ORDER' or state <> 'POSTED' or (number is not null and posting_date is not null)",
    "delivery_note_has": "kind <> 'DELIVERY_NOTE' or (issue_date is not null and payment_days is not null)",
    "delivery_note_posted_has": "kind <> 'DELIVERY_NOTE' or state <> 'POSTED' or (number is not null and posting_date is not null and supply_date is not null)",
    "sales_invoice_has": "kind <> 'SALES_INVOICE' or (issue_date is not null and payment_days is not null and due_date is not null)",
    "sales_invoice_posted_has": "kind <> 'SALES_INVOICE' or state <> 'POSTED' or (number is not null and supply_date is not null and posting_date is not null)",
    "customer_return_has": "kind <> 'CUSTOMER_RETURN' or (issue_date is not null)",
    "customer_return_posted_has": "kind <> 'CUSTOMER_RETURN' or state <> 'POSTED' or (number is not null and posting_date is not null and supply_date is not null)",
    "sales_credit_note_has": "kind <> 'SALES_CREDIT_NOTE' or (issue_date is not null and payment_days is not null and due_date is not null)",
    "sales_credit_note_posted_has": "kind <> 'SALES_CREDIT_NOTE' or state <> 'POSTED' or (number is not null and supply_date is not null and posting_date is not null)",
    "purchase_inquiry_has": "kind <> 'PURCHASE_INQUIRY' or (issue_date is not null)",
    "purchase_inquiry_posted_has": "kind <> 'PURCHASE_INQUIRY' or state <> 'POSTED' or (number is not null and posting_date is not null)",
    "supplier_offer_has": "kind <> 'SUPPLIER_OFFER' or (issue_date is not null and payment_days is not null)",
    "supplier_offer_posted_has": "kind <> 'SUPPLIER_OFFER' or state <> 'POSTED' or cancels_id is not null or (number is not null and posting_date is not null)",
    "purchase_contract_has": "kind <> 'PURCHASE_CONTRACT' or (issue_date is not null and payment_days is not null)",
    "purchase_contract_posted_has": "kind <> 'PURCHASE_CONTRACT' or state <> 'POSTED' or (number is not null and posting_date is not null and valid_from is not null and valid_until is not null)",
    "purchase_order_has": "kind <> 'PURCHASE_ORDER' or (issue_date is not null and payment_days is not null)",
    "purchase_order_posted_has": "kind <> 'PURCHASE_ORDER' or state <> 'POSTED' or (number is not null and posting_date is not null)",
    "goods_receipt_has": "kind <> 'GOODS_RECEIPT' or (issue_date is not null and payment_days is not null)",
    "goods_receipt_posted_has": "kind <> 'GOODS_RECEIPT' or state <> 'POSTED' or cancels_id is not null or (number is not null and posting_date is not null and supply_date is not null)",
    "supplier_invoice_has": "kind <> 'SUPPLIER_INVOICE' or (issue_date is not null and payment_days is not null and due_date is not null)",
    "supplier_invoice_posted_has": "kind <> 'SUPPLIER_INVOICE' or state <> 'POSTED' or cancels_id is not null or (number is not null and supply_date is not null and posting_date is not null and external_number is not null)",
    "self_billed_invoice_has": "kind <> 'SELF_BILLED_INVOICE' or (issue_date is not null and payment_days is not null and due_date is not null)",
    "self_billed_invoice_posted_has": "kind <> 'SELF_BILLED_INVOICE' or state <> 'POSTED' or (number is not null and supply_date is not null and posting_date is not null)",
    "supplier_return_has": "kind <> 'SUPPLIER_RETURN' or (issue_date is not null)",
    "supplier_return_posted_has": "kind <> 'SUPPLIER_RETURN' or state <> 'POSTED' or (number is not null and posting_date is not null and supply_date is not null)",
    "supplier_credit_note_has": "kind <> 'SUPPLIER_CREDIT_NOTE' or (issue_date is not null and payment_days is not null and due_date is not null)",
    "supplier_credit_note_posted_has": "kind <> 'SUPPLIER_CREDIT_NOTE' or state <> 'POSTED' or cancels_id is not null or (number is not null and supply_date is not null and posting_date is not null and external_number is not null)",
}

_HEADER: tuple[sa.Column[Any], ...] = (
    sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
    sa.Column("valid_from", sa.Date()),
    sa.Column("valid_until", sa.Date()),
    sa.Column("requested_date", sa.Date()),
    sa.Column("tolerance_percent", _RATE),
    sa.Column("price_fixed", sa.Boolean()),
    sa.Column("external_number", sa.String(100)),
    sa.Column("external_year", sa.Integer()),
    sa.Column("carrier", sa.String(100)),
    sa.Column("opening_text", sa.String(2000)),
    sa.Column("closing_text", sa.String(2000)),
    sa.Column("bill_to_id", sa.Uuid()),
    sa.Column("cancels_id", sa.Uuid()),
    sa.Column("cancelled_by_id", sa.Uuid()),
    sa.Column("cancel_reason", sa.String(500)),
    sa.Column("open_lines", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("sent_at", _MOMENT),
    sa.Column("answer", sa.String(20)),
    sa.Column("answered_at", _MOMENT),
    sa.Column("answer_reason", sa.String(500)),
    sa.Column("received_at", _MOMENT),
    sa.Column("posted_in", sa.BigInteger()),
)

_LINE: tuple[sa.Column[Any], ...] = (
    sa.Column("id", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()")),
    sa.Column("kind", sa.String(40), nullable=False, server_default="ITEM"),
    sa.Column("stock_factor", _QUANTITY, nullable=False, server_default="1"),
    sa.Column("stock_quantity", _QUANTITY, nullable=False, server_default="0"),
    sa.Column("quantity_max", _QUANTITY, nullable=False, server_default="0"),
    sa.Column("open_quantity", _QUANTITY, nullable=False, server_default="0"),
    sa.Column("discount_percent", _RATE, nullable=False, server_default="0"),
    sa.Column("price_reason", sa.String(200)),
    sa.Column("supply_date", sa.Date()),
    sa.Column("account", sa.String(20)),
    sa.Column("cost_centre", sa.String(40)),
    sa.Column("amount_shown", sa.Numeric(18, 2)),
    sa.Column("source_line_id", sa.Uuid()),
    sa.Column("source_document_id", sa.Uuid()),
    sa.Column("source_number", sa.String(36)),
    sa.Column("source_date", sa.Date()),
    sa.Column("closed_at", _MOMENT),
    sa.Column("closed_reason", sa.String(500)),
    sa.Column("confirmed_quantity", _QUANTITY),
)

_NULLABLE_NOW = ("quantity", "unit", "unit_price", "tax_category")

_FACTS = (
    "version,updated_at,responsible_id,cancelled_by_id,open_lines,sent_at,answer,answered_at,"
    "answer_reason,received_at"
)
"""What people record of a posted document; nothing else of it ever changes."""

_PROGRESS = "open_quantity,closed_at,closed_reason,confirmed_quantity," + ",".join(_COUNTERS)
_AMENDABLE = (
    "SALES_INQUIRY,SALES_OFFER,SALES_CONTRACT,SALES_ORDER,PURCHASE_INQUIRY,SUPPLIER_OFFER,"
    "PURCHASE_CONTRACT,PURCHASE_ORDER"
)

# Which transaction posted it, so that its parts may still be written by that one alone.
_NOTE_POSTING = """
create function note_posting() returns trigger language plpgsql as $$
begin
  new.posted_in := (pg_current_xact_id()::text)::bigint;
  return new;
end $$
"""

_REFUSE_FINAL = """
create function refuse_change_of_final() returns trigger language plpgsql as $$
declare
  free text[] := string_to_array(tg_argv[0], ',') || array['due_sort', 'gross_cents'];
begin
  if tg_op = 'UPDATE' then
    if old.kind = any (string_to_array(tg_argv[1], ','))
       and (old.kind, old.state, old.number, old.posting_date, old.created_at)
         is not distinct from (new.kind, new.state, new.number, new.posting_date, new.created_at)
    then return new;
    end if;
    if (to_jsonb(old) - free) = (to_jsonb(new) - free) then return new; end if;
  end if;
  raise exception '% of % is refused: posted is final', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $$
"""

_REFUSE_PARTS = f"""
create or replace function refuse_change_of_posted() returns trigger language plpgsql as $$
declare
  posted boolean;
begin
  if tg_table_name = 'document_line' and tg_op = 'UPDATE'
     and (to_jsonb(old) - string_to_array('{_PROGRESS}', ','))
       = (to_jsonb(new) - string_to_array('{_PROGRESS}', ','))
  then return new;
  end if;
  for posted in
    select d.state = 'POSTED' and d.posted_in is distinct from (pg_current_xact_id()::text)::bigint
      and d.kind <> all (string_to_array('{_AMENDABLE}', ','))
    from document d
    where (d.tenant_id = old.tenant_id and d.id = old.document_id)
       or (d.tenant_id = new.tenant_id and d.id = new.document_id)
    for share
  loop
    if posted then
      raise exception '% of % is refused: its document is posted', tg_op, tg_table_name
        using errcode = 'restrict_violation';
    end if;
  end loop;
  return case when tg_op = 'DELETE' then old else new end;
end $$
"""

# As 0002 made it.
_REFUSE_PARTS_BEFORE = """
create or replace function refuse_change_of_posted() returns trigger language plpgsql as $$
declare
  posted boolean;
begin
  for posted in
    select d.state = 'POSTED' and d.xmin <> pg_current_xact_id()::xid from document d
    where (d.tenant_id = old.tenant_id and d.id = old.document_id)
       or (d.tenant_id = new.tenant_id and d.id = new.document_id)
    for share
  loop
    if posted then
      raise exception '% of % is refused: its document is posted', tg_op, tg_table_name
        using errcode = 'restrict_violation';
    end if;
  end loop;
  return case when tg_op = 'DELETE' then old else new end;
end $$
"""

_OLD_CHECKS = {
    "kind": "kind in ('SALES_INVOICE')",
    "sales_invoice_has": _CHECKS["sales_invoice_has"],
    "sales_invoice_posted_has": _CHECKS["sales_invoice_posted_has"],
}


def upgrade() -> None:
    _widen_documents()
    _widen_lines()
    op.create_table(
        "document_revision",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("amended_at", _MOMENT, nullable=False),
        sa.Column("amended_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name="fk_document_revision_tenant_id_document_id",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "amended_by"],
            ["app_user.tenant_id", "app_user.id"],
            name="fk_document_revision_tenant_id_amended_by",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "document_id", "revision", name="pk_document_revision"
        ),
    )
    guard("document_revision", "select, insert")
    op.execute("drop trigger posted_is_final on document")
    op.execute(_NOTE_POSTING)
    op.execute(_REFUSE_FINAL)
    op.execute(_REFUSE_PARTS)
    op.execute(
        f"create trigger posted_is_final before update or delete on document for each row"
        f" when (old.state = 'POSTED')"
        f" execute function refuse_change_of_final('{_FACTS}', '{_AMENDABLE}')"
    )
    op.execute(
        "create trigger posted_in before insert on document for each row"
        " when (new.state = 'POSTED') execute function note_posting()"
    )
    op.execute(
        "create trigger posted_in_update before update on document for each row"
        " when (new.state = 'POSTED' and old.state <> 'POSTED') execute function note_posting()"
    )
    for kind, series, prefix in _KINDS:
        op.execute(
            f"insert into kind_setting (tenant_id, kind, approval)"
            f" select tenant_id, '{kind}', 'NONE' from tenant on conflict do nothing"
        )
        op.execute(
            f"insert into number_range (tenant_id, series, period, template, last)"
            f" select tenant_id, '{series}', to_char(now(), 'YYYY'), '{prefix}-{{year}}-{{seq:5}}', 0"
            f" from tenant on conflict do nothing"
        )


def _widen_documents() -> None:
    op.execute("alter table document disable trigger posted_is_final")
    op.alter_column("document", "sold_to_id", new_column_name="partner_id")
    op.execute(
        "alter table document rename constraint fk_document_tenant_id_sold_to_id"
        " to fk_document_tenant_id_partner_id"
    )
    op.execute(
        "alter index ix_document_tenant_id_sold_to_id_issue_date_id"
        " rename to ix_document_tenant_id_partner_id_issue_date_id"
    )
    for column in _HEADER:
        op.add_column("document", column)
    op.execute(
        "update document d set bill_to_id = coalesce((select p.partner_id from document_party p"
        " where p.tenant_id = d.tenant_id and p.document_id = d.id and p.role = 'BILL_TO'),"
        " d.partner_id)"
    )
    op.alter_column("document", "bill_to_id", nullable=False)
    for name in ("revision", "open_lines"):
        op.alter_column("document", name, server_default=None)
    op.execute("alter table document enable trigger posted_is_final")
    op.create_foreign_key(
        "fk_document_tenant_id_bill_to_id",
        "document",
        "partner",
        ["tenant_id", "bill_to_id"],
        ["tenant_id", "id"],
    )
    for name in _OLD_CHECKS:
        op.drop_constraint(f"ck_document_{name}", "document")
    for name, rule in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_document_{name}"), "document", rule)
    op.create_index(
        "ix_document_tenant_id_kind_issue_date_id",
        "document",
        ["tenant_id", "kind", "issue_date", "id"],
    )
    op.create_index(
        "ix_document_tenant_id_bill_to_id_kind_issue_date_id",
        "document",
        ["tenant_id", "bill_to_id", "kind", "issue_date", "id"],
    )
    op.create_index(
        "ix_document_open",
        "document",
        ["tenant_id", "kind", "issue_date", "id"],
        postgresql_where=sa.text("open_lines > 0"),
    )
    op.create_index("uq_document_cancels", "document", ["tenant_id", "cancels_id"], unique=True)
    op.create_index(
        "uq_document_external_number",
        "document",
        ["tenant_id", "kind", "partner_id", "external_year", "external_number"],
        unique=True,
        postgresql_where=sa.text("cancelled_by_id is null and state <> 'DISCARDED'"),
    )


def _widen_lines() -> None:
    op.execute("alter table document_line disable trigger posted_is_final")
    for column in _LINE:
        op.add_column("document_line", column)
    for name in _COUNTERS:
        op.add_column(
            "document_line", sa.Column(name, _QUANTITY, nullable=False, server_default="0")
        )
    op.execute("update document_line set stock_quantity = quantity, quantity_max = quantity")
    for name in ("id", "kind", "stock_factor", "stock_quantity", "quantity_max", "open_quantity"):
        op.alter_column("document_line", name, server_default=None)
    op.alter_column("document_line", "discount_percent", server_default=None)
    op.alter_column("document_line", "description", type_=sa.String(2000))
    for name in _NULLABLE_NOW:
        op.alter_column("document_line", name, nullable=True)
    op.execute("alter table document_line enable trigger posted_is_final")
    op.drop_constraint("pk_document_line", "document_line")
    op.create_primary_key("pk_document_line", "document_line", ["tenant_id", "id"])
    op.create_foreign_key(
        "fk_document_line_tenant_id_source_document_id",
        "document_line",
        "document",
        ["tenant_id", "source_document_id"],
        ["tenant_id", "id"],
    )
    op.create_check_constraint(
        op.f("ck_document_line_stock_factor_above_zero"), "document_line", "stock_factor > 0"
    )
    op.create_check_constraint(
        op.f("ck_document_line_taken_within_quantity"),
        "document_line",
        " and ".join(
            f"{name} * stock_quantity >= 0 and abs({name}) <= abs(quantity_max)" for name in _TAKEN
        ),
    )
    op.create_check_constraint(
        op.f("ck_document_line_posted_within_taken"),
        "document_line",
        " and ".join(
            f"abs({name}) <= abs({taken})"
            for taken, name in zip(_TAKEN, _COUNTERS[5:], strict=True)
        ),
    )
    for columns in (["document_id", "position"], ["source_line_id"], ["source_document_id"]):
        op.create_index(
            f"ix_document_line_tenant_id_{'_'.join(columns)}",
            "document_line",
            ["tenant_id", *columns],
        )


def downgrade() -> None:
    op.execute("drop trigger posted_in on document")
    op.execute("drop trigger posted_in_update on document")
    op.execute("drop trigger posted_is_final on document")
    op.execute(_REFUSE_PARTS_BEFORE)
    op.execute("drop function refuse_change_of_final()")
    op.execute("drop function note_posting()")
    op.execute(
        "create trigger posted_is_final before update or delete on document for each row"
        " when (old.state = 'POSTED') execute function refuse_change('posted is final')"
    )
    op.drop_table("document_revision")
    _narrow_lines()
    _narrow_documents()
    for kind, series, _ in _KINDS:
        op.execute(f"delete from kind_setting where kind = '{kind}'")
        op.execute(f"delete from number_range where series = '{series}'")


def _narrow_lines() -> None:
    for columns in (["document_id", "position"], ["source_line_id"], ["source_document_id"]):
        op.drop_index(f"ix_document_line_tenant_id_{'_'.join(columns)}", "document_line")
    for name in ("taken_within_quantity", "posted_within_taken", "stock_factor_above_zero"):
        op.drop_constraint(op.f(f"ck_document_line_{name}"), "document_line")
    op.drop_constraint("fk_document_line_tenant_id_source_document_id", "document_line")
    op.drop_constraint("pk_document_line", "document_line")
    op.create_primary_key(
        "pk_document_line", "document_line", ["tenant_id", "document_id", "position"]
    )
    for name in _NULLABLE_NOW:
        op.alter_column("document_line", name, nullable=False)
    op.alter_column("document_line", "description", type_=sa.String(500))
    for column in (*(column.name for column in _LINE), *_COUNTERS):
        op.drop_column("document_line", column)


def _narrow_documents() -> None:
    for name in (
        "ix_document_tenant_id_kind_issue_date_id",
        "ix_document_tenant_id_bill_to_id_kind_issue_date_id",
        "ix_document_open",
        "uq_document_cancels",
        "uq_document_external_number",
    ):
        op.drop_index(name, "document")
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_document_{name}"), "document")
    op.drop_constraint("fk_document_tenant_id_bill_to_id", "document")
    for column in _HEADER:
        op.drop_column("document", column.name)
    for name, rule in _OLD_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_document_{name}"), "document", rule)
    op.execute(
        "alter index ix_document_tenant_id_partner_id_issue_date_id"
        " rename to ix_document_tenant_id_sold_to_id_issue_date_id"
    )
    op.execute(
        "alter table document rename constraint fk_document_tenant_id_partner_id"
        " to fk_document_tenant_id_sold_to_id"
    )
    op.alter_column("document", "partner_id", new_column_name="sold_to_id")
