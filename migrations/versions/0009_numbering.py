"""Series with templates over ranges, a ledger that counts, and periods that can be closed.

What every company has is carried over: each series of ranges becomes one number series by year, the
template of each year stays that of its range, and the ledger's counters follow from its order, for
numbers of one range have one width and no gap.
"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# What there was before: the newest range of a series says how it looks, its age since when.
_SERIES = """
insert into number_series (tenant_id, id, series, kind, branch, valid_from, period_rule,
  fiscal_year_start_month, template, template_from, prefix, tenant_code, branch_code, created_at,
  updated_at, version)
select distinct on (tenant_id, series) tenant_id, gen_random_uuid(), series, upper(series), '',
  '2000-01-01'::date, 'YEAR', 1, template, make_date(period::integer, 1, 1), '', '', '', now(),
  now(), 1
from number_range order by tenant_id, series, period desc
"""
_TEMPLATES = """
insert into number_template (tenant_id, series_id, valid_from, template)
select r.tenant_id, s.id, make_date(r.period::integer, 1, 1), r.template
from number_range r join number_series s on s.tenant_id = r.tenant_id and s.series = r.series
"""
_RANGES = """
update number_range r set series_id = s.id, kind = s.kind,
  newest_date = (select max(coalesce(d.posting_date, d.issue_date))
    from number_allocation a join document d on d.tenant_id = a.tenant_id and d.id = a.document_id
    where a.tenant_id = r.tenant_id and a.series = r.series
      and extract(year from coalesce(d.posting_date, d.issue_date)) = r.period::integer),
  warn_from = greatest(r.last + 1, c.capacity - greatest(c.capacity / 10, 1))
from number_series s, (
  select tenant_id, series, period,
    (10::numeric ^ substring(template from '[{]seq:([0-9]+)[}]')::integer - 1)::bigint as capacity
  from number_range
) c
where (c.tenant_id, c.series, c.period) = (r.tenant_id, r.series, r.period) and s.tenant_id = r.tenant_id and s.series = r.series
"""
_LEDGER = """
update number_allocation a set period = c.period, counter = c.counter
from (
  select a.tenant_id, a.series, a.number,
    extract(year from coalesce(d.posting_date, d.issue_date))::text as period,
    row_number() over (
      partition by a.tenant_id, a.series, extract(year from coalesce(d.posting_date, d.issue_date))
      order by a.number collate "C") as counter
  from number_allocation a join document d on d.tenant_id = a.tenant_id and d.id = a.document_id
) c
where c.tenant_id = a.tenant_id and c.series = a.series and c.number = a.number
"""
_LOCKS = """
insert into accounting_period_lock (tenant_id, id, area, updated_at, version)
select t.tenant_id, gen_random_uuid(), area, now(), 1
from tenant t cross join unnest(array['SALES', 'PURCHASE', 'PAYMENTS']) area
"""


def upgrade() -> None:
    _make_series()
    op.execute(_SERIES)
    op.execute(_TEMPLATES)
    _widen_ranges()
    _widen_ledger()
    _make_locks()
    op.execute(_LOCKS)


def _make_series() -> None:
    op.create_table(
        "number_series",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("period_rule", sa.String(40), nullable=False),
        sa.Column("fiscal_year_start_month", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("template_from", sa.Date(), nullable=False),
        sa.Column("prefix", sa.String(10), nullable=False),
        sa.Column("tenant_code", sa.String(10), nullable=False),
        sa.Column("branch_code", sa.String(10), nullable=False),
        sa.Column("warn_at_remaining", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_number_series")),
        sa.UniqueConstraint("tenant_id", "series", name=op.f("uq_number_series_tenant_id_series")),
        sa.UniqueConstraint(
            "tenant_id",
            "kind",
            "branch",
            "valid_from",
            name=op.f("uq_number_series_tenant_id_kind_branch_valid_from"),
        ),
    )
    op.create_index(
        op.f("ix_number_series_tenant_id_series_id"), "number_series", ["tenant_id", "series", "id"]
    )
    guard("number_series", "select, insert, update")
    op.create_table(
        "number_template",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("template", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id"],
            ["number_series.tenant_id", "number_series.id"],
            name=op.f("fk_number_template_tenant_id_series_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "series_id", "valid_from", name=op.f("pk_number_template")
        ),
    )
    guard("number_template", "select, insert, update")


def _widen_ranges() -> None:
    op.alter_column("number_range", "period", type_=sa.String(7))
    op.alter_column("number_range", "template", type_=sa.String(100))
    op.add_column("number_range", sa.Column("series_id", sa.Uuid()))
    op.add_column("number_range", sa.Column("kind", sa.String(40)))
    op.add_column(
        "number_range",
        sa.Column("taken_over", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column("number_range", sa.Column("taken_over_at", sa.DateTime(timezone=True)))
    op.add_column("number_range", sa.Column("taken_over_proof", sa.String(1000)))
    op.add_column("number_range", sa.Column("taken_over_hash", sa.String(64)))
    op.add_column("number_range", sa.Column("warn_from", sa.BigInteger()))
    op.add_column("number_range", sa.Column("newest_date", sa.Date()))
    op.execute(_RANGES)
    for column in ("series_id", "kind", "warn_from"):
        op.alter_column("number_range", column, nullable=False)
    op.create_foreign_key(
        op.f("fk_number_range_tenant_id_series_id"),
        "number_range",
        "number_series",
        ["tenant_id", "series_id"],
        ["tenant_id", "id"],
    )
    op.create_unique_constraint(
        op.f("uq_number_range_tenant_id_series_id_period"),
        "number_range",
        ["tenant_id", "series_id", "period"],
    )
    op.create_check_constraint(
        op.f("ck_number_range_never_back"), "number_range", "last >= taken_over"
    )


def _widen_ledger() -> None:
    op.add_column("number_allocation", sa.Column("period", sa.String(7)))
    op.add_column("number_allocation", sa.Column("counter", sa.BigInteger()))
    op.execute(_LEDGER)
    for column in ("period", "counter"):
        op.alter_column("number_allocation", column, nullable=False)
    op.alter_column("number_allocation", "document_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_number_allocation_a_document_or_a_reason"),
        "number_allocation",
        "(document_id is null) <> (voided_reason is null)",
    )
    op.create_index(
        op.f("ix_number_allocation_tenant_id_series_period_counter_number"),
        "number_allocation",
        ["tenant_id", "series", "period", "counter", "number"],
    )


def _make_locks() -> None:
    op.create_table(
        "accounting_period_lock",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(40), nullable=False),
        sa.Column("closed_until", sa.Date(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_accounting_period_lock")),
        sa.UniqueConstraint(
            "tenant_id", "area", name=op.f("uq_accounting_period_lock_tenant_id_area")
        ),
    )
    guard("accounting_period_lock", "select, update")


def downgrade() -> None:
    """Go back to ranges alone. What only this version can hold (voided numbers) refuses it."""
    op.drop_table("accounting_period_lock")
    op.drop_index(
        op.f("ix_number_allocation_tenant_id_series_period_counter_number"),
        table_name="number_allocation",
    )
    op.drop_constraint(op.f("ck_number_allocation_a_document_or_a_reason"), "number_allocation")
    op.alter_column("number_allocation", "document_id", nullable=False)
    op.drop_column("number_allocation", "counter")
    op.drop_column("number_allocation", "period")
    op.drop_constraint(op.f("ck_number_range_never_back"), "number_range")
    op.drop_constraint(op.f("uq_number_range_tenant_id_series_id_period"), "number_range")
    op.drop_constraint(op.f("fk_number_range_tenant_id_series_id"), "number_range")
    for column in (
        "newest_date",
        "warn_from",
        "taken_over_hash",
        "taken_over_proof",
        "taken_over_at",
        "taken_over",
        "kind",
        "series_id",
    ):
        op.drop_column("number_range", column)
    op.alter_column("number_range", "template", type_=sa.String(60))
    op.alter_column("number_range", "period", type_=sa.String(4))
    op.drop_table("number_template")
    op.drop_table("number_series")
