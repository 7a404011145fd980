"""Items with further units, suppliers and all their facts; prices."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FULL = "select, insert, update, delete"

# What tax_class_of of domain/items.py says of items that were made before the column was.
_TAX_CLASS = """
update item set is_stocked = true, tax_class = case
  when tax_category = 'S' and tax_rate < 16 then 'REDUCED'
  when tax_category = 'Z' then 'ZERO_RATED'
  when tax_category = 'E' then 'EXEMPT'
  when tax_category = 'O' then 'OUT_OF_SCOPE'
  when tax_category = 'AE' then 'REVERSE_CHARGE_GOODS'
  else 'STANDARD' end
"""

_INDEXES = (
    ("name", "id"),
    ("number_key",),
    ("name_key",),
    ("item_group", "number"),
    ("gtin",),
    ("is_blocked", "number"),
)
_PRICE_INDEXES = (
    ("valid_from",),
    *((column, "valid_from") for column in ("item_id", "item_group", "partner_id", "price_group")),
)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("description_de", sa.String(2000)),
        sa.Column("description_en", sa.String(2000)),
        sa.Column("item_group", sa.String(40)),
        sa.Column("last_purchase_price", sa.Numeric(18, 6)),
        sa.Column("tax_class", sa.String(40)),
        sa.Column("gtin", sa.String(14)),
        sa.Column("is_stocked", sa.Boolean()),
        sa.Column("weight_kg", sa.Numeric(18, 6)),
        sa.Column("blocked_reason", sa.String(200)),
        sa.Column(
            "is_blocked",
            sa.Boolean(),
            sa.Computed("blocked_reason is not null", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "number_key",
            sa.String(60, collation="C"),
            sa.Computed("lower(number)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "name_key",
            sa.String(400, collation="C"),
            sa.Computed("lower(name)", persisted=True),
            nullable=False,
        ),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("item", column)
    op.execute(_TAX_CLASS)
    for name in ("tax_class", "is_stocked"):
        op.alter_column("item", name, nullable=False)
    for columns in _INDEXES:
        op.create_index(
            op.f(f"ix_item_tenant_id_{'_'.join(columns)}"), "item", ["tenant_id", *columns]
        )
    _create_parts()
    _create_prices()
    guard("item_unit", _FULL)
    guard("item_supplier", _FULL)
    guard("item_price", "select, insert, update")


def _create_parts() -> None:
    op.create_table(
        "item_unit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("factor", sa.Numeric(18, 6), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "item_id", "unit", name=op.f("pk_item_unit")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_item_unit_tenant_id_item_id"),
        ),
    )
    op.create_table(
        "item_supplier",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("item_number", sa.String(50)),
        sa.Column("item_name", sa.String(200)),
        sa.Column("lead_days", sa.Integer()),
        sa.PrimaryKeyConstraint(
            "tenant_id", "item_id", "partner_id", name=op.f("pk_item_supplier")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_item_supplier_tenant_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partner.tenant_id", "partner.id"],
            name=op.f("fk_item_supplier_tenant_id_partner_id"),
        ),
    )
    op.create_index(
        op.f("ix_item_supplier_tenant_id_partner_id_item_id"),
        "item_supplier",
        ["tenant_id", "partner_id", "item_id"],
    )


def _create_prices() -> None:
    op.create_table(
        "item_price",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("partner_id", sa.Uuid()),
        sa.Column("item_id", sa.Uuid()),
        sa.Column("item_group", sa.String(40)),
        sa.Column("price_group", sa.String(40)),
        sa.Column("branch_id", sa.Uuid()),
        sa.Column("quantity_from", sa.Numeric(18, 6), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column(
            "valid_until_sort",
            sa.Date(),
            sa.Computed("coalesce(valid_until, 'infinity'::date)", persisted=True),
            nullable=False,
        ),
        sa.Column("unit_price", sa.Numeric(18, 6)),
        sa.Column("price_quantity", sa.Numeric(18, 6)),
        sa.Column("unit", sa.String(40)),
        sa.Column("currency", sa.String(3)),
        sa.Column("discount_percent", sa.Numeric(7, 4)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_item_price")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partner.tenant_id", "partner.id"],
            name=op.f("fk_item_price_tenant_id_partner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_item_price_tenant_id_item_id"),
        ),
        sa.CheckConstraint(
            "(item_id is null) <> (item_group is null)", name=op.f("ck_item_price_item_or_group")
        ),
        sa.CheckConstraint(
            "partner_id is null or price_group is null",
            name=op.f("ck_item_price_partner_or_group"),
        ),
        sa.CheckConstraint(
            "(unit_price is null and price_quantity is null and unit is null and currency is null"
            " and discount_percent is not null)"
            " or (unit_price is not null and price_quantity is not null and unit is not null"
            " and currency is not null)",
            name=op.f("ck_item_price_price_or_discount"),
        ),
        sa.CheckConstraint(
            "valid_until is null or valid_from <= valid_until",
            name=op.f("ck_item_price_validity"),
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "item_id",
            "item_group",
            "partner_id",
            "price_group",
            "branch_id",
            "side",
            "currency",
            "quantity_from",
            "valid_from",
            name=op.f("uq_item_price_scope"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    for columns in _PRICE_INDEXES:
        op.create_index(
            op.f(f"ix_item_price_tenant_id_{'_'.join(columns)}_id"),
            "item_price",
            ["tenant_id", *columns, "id"],
        )


def downgrade() -> None:
    for table in ("item_price", "item_supplier", "item_unit"):
        op.drop_table(table)
    for columns in reversed(_INDEXES):
        op.drop_index(op.f(f"ix_item_tenant_id_{'_'.join(columns)}"), "item")
    for column in reversed(_columns()):
        op.drop_column("item", column.name)
