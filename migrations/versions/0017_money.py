"""Days on which allocations count; columns of imports that come in groups."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_GROUPED = ("import_column", "import_problem")
_WHOLE = "(undone_at is null) = (undone_by is null) and (undone_at is null) = (undo_reason is null)"

# What was allocated before counts from the day on which somebody wrote it down, as it was listed
# then, yet not before both documents were posted.
_DATE_WHAT_IS_THERE = """
update payment_allocation a set
  settled_on = greatest(of.settled_on, of.posted_on),
  undone_on = case when a.undone_at is not null
    then greatest(of.settled_on, of.posted_on, of.undone_on) end
from (
  select a.tenant_id, a.id, (a.allocated_at at time zone t.time_zone)::date as settled_on,
    (a.undone_at at time zone t.time_zone)::date as undone_on,
    greatest(p.posting_date, p.issue_date, d.posting_date, d.issue_date) as posted_on
  from payment_allocation a
  join tenant t on t.tenant_id = a.tenant_id
  join document p on p.tenant_id = a.tenant_id and p.id = a.payment_id
  join document d on d.tenant_id = a.tenant_id and d.id = a.document_id
) of
where of.tenant_id = a.tenant_id and of.id = a.id
"""

_BOTH_SIDES = """
create view document_allocation with (security_invoker = true) as
select a.tenant_id, a.id, a.document_id, a.payment_id as counterpart_id, false as is_source,
  a.amount, a.discount, a.discount_net, a.discount_tax, a.allocated_at, a.allocated_by,
  a.undone_at, a.undone_by, a.undo_reason{days}
from payment_allocation a
union all
select a.tenant_id, a.id, a.payment_id, a.document_id, true,
  a.amount, a.discount, a.discount_net, a.discount_tax, a.allocated_at, a.allocated_by,
  a.undone_at, a.undone_by, a.undo_reason{days}
from payment_allocation a
"""


def upgrade() -> None:
    for table in _GROUPED:
        op.add_column(table, sa.Column("group_number", sa.Integer(), nullable=True))
    for name in ("settled_on", "undone_on"):
        op.add_column("payment_allocation", sa.Column(name, sa.Date(), nullable=True))
    op.execute("alter table payment_allocation disable trigger undone_is_final")
    op.execute(_DATE_WHAT_IS_THERE)
    op.execute("alter table payment_allocation enable trigger undone_is_final")
    op.alter_column("payment_allocation", "settled_on", nullable=False)
    _check_whole(f"{_WHOLE} and (undone_at is null) = (undone_on is null)")
    op.create_check_constraint(
        op.f("ck_payment_allocation_days"), "payment_allocation", "undone_on >= settled_on"
    )
    op.create_index(
        "ix_payment_allocation_tenant_id_settled_on_id",
        "payment_allocation",
        ["tenant_id", "settled_on", "id"],
    )
    op.create_index(
        "ix_payment_allocation_tenant_id_undone_on_id",
        "payment_allocation",
        ["tenant_id", "undone_on", "id"],
        postgresql_where=sa.text("undone_on is not null"),
    )
    op.execute("grant update (undone_on) on payment_allocation to neuroerp_app")
    _show(", a.settled_on, a.undone_on")


def downgrade() -> None:
    _show("")
    op.execute("revoke update (undone_on) on payment_allocation from neuroerp_app")
    for name in ("undone_on", "settled_on"):
        op.drop_index(f"ix_payment_allocation_tenant_id_{name}_id", "payment_allocation")
    op.drop_constraint(op.f("ck_payment_allocation_days"), "payment_allocation")
    _check_whole(_WHOLE)
    for name in ("undone_on", "settled_on"):
        op.drop_column("payment_allocation", name)
    for table in _GROUPED:
        op.drop_column(table, "group_number")


def _check_whole(rule: str) -> None:
    name = op.f("ck_payment_allocation_undone_whole")
    op.drop_constraint(name, "payment_allocation")
    op.create_check_constraint(name, "payment_allocation", rule)


def _show(days: str) -> None:
    op.execute("drop view document_allocation")
    op.execute(_BOTH_SIDES.format(days=days))
    op.execute("grant select on document_allocation to neuroerp_app, neuroerp_operator")
