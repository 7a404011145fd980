"""What received documents state of net and tax per rate; prices of branches; last purchases; credits."""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


_PROGRESS = (
    "open_quantity,closed_at,closed_reason,confirmed_quantity,taken_order,ordered,taken_delivery,"
    "delivered,taken_invoice,invoiced,taken_return,returned,taken_credit,credited"
)
_AMENDABLE = (
    "SALES_INQUIRY,SALES_OFFER,SALES_CONTRACT,SALES_ORDER,PURCHASE_INQUIRY,SUPPLIER_OFFER,"
    "PURCHASE_CONTRACT,PURCHASE_ORDER"
)

# As 0004 made it, with the progress of lines that may change on posted documents as an argument.
_REFUSE_PARTS = """
create or replace function refuse_change_of_posted() returns trigger language plpgsql as $$
declare
  posted boolean;
begin
  if tg_table_name = 'document_line' and tg_op = 'UPDATE'
     and (to_jsonb(old) - string_to_array('{progress}', ','))
       = (to_jsonb(new) - string_to_array('{progress}', ','))
  then return new;
  end if;
  for posted in
    select d.state = 'POSTED' and d.posted_in is distinct from (pg_current_xact_id()::text)::bigint
      and d.kind <> all (string_to_array('{amendable}', ','))
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

# What was credited before is counted too: of an invoice line, or of a return that came from it.
_COUNT_CREDITS = """
update document_line counted set credited_net = found.total from (
  select invoiced.tenant_id, invoiced.id, sum(line.net) as total
  from document credit
  join document_line line on line.tenant_id = credit.tenant_id and line.document_id = credit.id
  join document_line above on above.tenant_id = line.tenant_id and above.id = line.source_line_id
  join document source on source.tenant_id = above.tenant_id and source.id = above.document_id
  join document_line invoiced on invoiced.tenant_id = above.tenant_id and invoiced.id =
    case when source.kind like '%\\_RETURN' then above.source_line_id else above.id end
  join document invoice
    on invoice.tenant_id = invoiced.tenant_id and invoice.id = invoiced.document_id
  where credit.kind like '%\\_CREDIT\\_NOTE' and credit.cancelled_by_id is null
    and credit.cancels_id is null and credit.state <> 'DISCARDED'
    and line.kind in ('ITEM', 'CHARGE') and invoice.kind like '%\\_INVOICE'
  group by invoiced.tenant_id, invoiced.id
) found
where counted.tenant_id = found.tenant_id and counted.id = found.id
"""

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
    for name in ("bonus_from", "bonus_until"):
        op.add_column("document", sa.Column(name, sa.Date()))
    _count_credits()


def _count_credits() -> None:
    op.add_column(
        "document_line",
        sa.Column("credited_net", sa.Numeric(18, 2), nullable=False, server_default="0"),
    )
    _let_progress(f"{_PROGRESS},credited_net")
    op.execute(_COUNT_CREDITS)


def _let_progress(progress: str) -> None:
    op.execute(_REFUSE_PARTS.format(progress=progress, amendable=_AMENDABLE))


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
    _let_progress(_PROGRESS)
    op.drop_column("document_line", "credited_net")
    for name in ("bonus_from", "bonus_until"):
        op.drop_column("document", name)
    for table, name, _ in _PURCHASES:
        op.drop_column(table, name)
    op.drop_index(op.f("ix_item_price_tenant_id_branch_id_valid_from_id"))
    op.drop_constraint(op.f("fk_item_price_tenant_id_branch_id"), "item_price")
    op.drop_table("document_stated_tax")
    op.drop_column("document", "tax_report")
