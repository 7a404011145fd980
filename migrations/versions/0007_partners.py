"""Partners complete, payment terms, and the company's settings, branches and exchange rates."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.guarding import guard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FULL = "select, insert, update, delete"
_KEPT = "select, insert, update"
PRIVILEGES = {
    "payment_terms": _KEPT,
    "payment_terms_step": _FULL,
    "partner_counter": _KEPT,
    "partner_address": _FULL,
    "partner_contact": _FULL,
    "partner_receipt": _FULL,
    "partner_account": _FULL,
    "partner_tax_class": _FULL,
    "branch": _KEPT,
    "exchange_rate": _KEPT,
}

_KEY_OF_NAME = "translate(name::text, 'ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ'::text, 'abcdefghijklmnopqrstuvwxyzäöü'::text)"
_PARTNER_INDEXES = {
    "ix_partner_tenant_id_name_key_id": ["tenant_id", "name_key", "id"],
    "ix_partner_tenant_id_kind_name_id": ["tenant_id", "kind", "name", "id"],
    "ix_partner_tenant_id_partner_group_name_id": ["tenant_id", "partner_group", "name", "id"],
    "ix_partner_tenant_id_is_blocked_name_id": ["tenant_id", "is_blocked", "name", "id"],
    "ix_partner_tenant_id_is_customer_name_id": ["tenant_id", "is_customer", "name", "id"],
    "ix_partner_tenant_id_is_supplier_name_id": ["tenant_id", "is_supplier", "name", "id"],
}
_TENANT_COLUMNS = (
    "creditor_id",
    "is_small_business",
    "is_flat_rate_farmer",
    "is_taxed_on_cash_basis",
    "previous_turnover",
    "fiscal_year_start_month",
    "over_delivery_tolerance_percent",
    "match_tolerance",
    "credit_check",
    "updated_at",
)
_PARTNER_COLUMNS = (
    "number",
    "kind",
    "is_customer",
    "is_supplier",
    "is_one_time",
    "language",
    "price_group",
    "partner_group",
    "credit_limit",
    "payment_terms_id",
    "leitweg_id",
    "endpoint_id",
    "endpoint_scheme",
    "creditor_id",
    "self_billing_agreed_on",
    "self_billing_agreement_ends",
)


def upgrade() -> None:
    _payment_terms()
    _partner()
    _parts()
    _company()
    for table, privileges in PRIVILEGES.items():
        guard(table, privileges)
    op.execute("grant update on tenant to neuroerp_app")
    op.execute("grant insert, update on kind_setting to neuroerp_app")


def _moments() -> list[sa.Column[Any]]:
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def _payment_terms() -> None:
    op.create_table(
        "payment_terms",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name_de", sa.String(100), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        *_moments(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payment_terms")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_payment_terms_tenant_id_code")),
    )
    op.create_table(
        "payment_terms_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("payment_terms_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Numeric(7, 4), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_terms_id"],
            ["payment_terms.tenant_id", "payment_terms.id"],
            name=op.f("fk_payment_terms_step_tenant_id_payment_terms_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "payment_terms_id", "position", name=op.f("pk_payment_terms_step")
        ),
    )


def _partner() -> None:
    """Partners of before are businesses, customers and suppliers alike, numbered by age."""
    for column in (
        sa.Column("number", sa.String(20, collation="C")),
        sa.Column("kind", sa.String(40), nullable=False, server_default="BUSINESS"),
        sa.Column("is_customer", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("is_supplier", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("is_one_time", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("language", sa.String(40), nullable=False, server_default="de"),
        sa.Column("price_group", sa.String(40)),
        sa.Column("partner_group", sa.String(40)),
        sa.Column("credit_limit", sa.Numeric(18, 2)),
        sa.Column("payment_terms_id", sa.Uuid()),
        sa.Column("leitweg_id", sa.String(46)),
        sa.Column("endpoint_id", sa.String(254)),
        sa.Column("endpoint_scheme", sa.String(4)),
        sa.Column("creditor_id", sa.String(35)),
        sa.Column("self_billing_agreed_on", sa.Date()),
        sa.Column("self_billing_agreement_ends", sa.Date()),
        sa.Column("blocked_reason", sa.String(500)),
        sa.Column(
            "name_key",
            sa.String(200, collation="C"),
            sa.Computed(_KEY_OF_NAME, persisted=True),
            nullable=False,
        ),
        sa.Column(
            "is_blocked",
            sa.Boolean(),
            sa.Computed("blocked_reason is not null", persisted=True),
            nullable=False,
        ),
    ):
        op.add_column("partner", column)
    for name in ("kind", "is_customer", "is_supplier", "is_one_time", "language"):
        op.alter_column("partner", name, server_default=None)
    op.create_table(
        "partner_counter",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_partner_counter")),
    )
    op.execute(
        "update partner set number = n.number from (select tenant_id, id, (10000 + row_number()"
        " over (partition by tenant_id order by created_at, id))::text as number from partner) n"
        " where partner.tenant_id = n.tenant_id and partner.id = n.id"
    )
    op.execute(
        "insert into partner_counter (tenant_id, last)"
        " select tenant_id, max(number::bigint) from partner group by tenant_id"
    )
    op.alter_column("partner", "number", nullable=False)
    op.create_unique_constraint(
        op.f("uq_partner_tenant_id_number"), "partner", ["tenant_id", "number"]
    )
    op.create_foreign_key(
        op.f("fk_partner_tenant_id_payment_terms_id"),
        "partner",
        "payment_terms",
        ["tenant_id", "payment_terms_id"],
        ["tenant_id", "id"],
    )
    for name, columns in _PARTNER_INDEXES.items():
        op.create_index(op.f(name), "partner", columns)


def _part(name: str, *columns: sa.Column[Any], key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partner.tenant_id", "partner.id"],
            name=op.f(f"fk_{name}_tenant_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "partner_id", *key, name=op.f(f"pk_{name}")),
    )


def _parts() -> None:
    _part(
        "partner_address",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("street", sa.String(200), nullable=False),
        sa.Column("postcode", sa.String(20), nullable=False),
        sa.Column("city", sa.String(100), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("is_billing_default", sa.Boolean(), nullable=False),
        sa.Column("is_shipping_default", sa.Boolean(), nullable=False),
        key=("position",),
    )
    _part(
        "partner_contact",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("phone", sa.String(40)),
        sa.Column("function", sa.String(100)),
        key=("position",),
    )
    _part(
        "partner_receipt",
        sa.Column("contact_position", sa.Integer(), nullable=False),
        sa.Column("documents", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        key=("contact_position", "documents"),
    )
    _part(
        "partner_account",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("bic", sa.String(11)),
        sa.Column("holder", sa.String(200)),
        key=("position",),
    )
    op.execute(
        "insert into partner_account (tenant_id, partner_id, position, iban)"
        " select tenant_id, id, 1, iban from partner where iban is not null"
    )
    op.drop_column("partner", "iban")
    _part(
        "partner_tax_class",
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("tax_class", sa.String(40), nullable=False),
        key=("valid_from",),
    )


def _company() -> None:
    for column in (
        sa.Column("creditor_id", sa.String(35)),
        sa.Column("is_small_business", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_flat_rate_farmer", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column(
            "is_taxed_on_cash_basis", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Column(
            "previous_turnover", sa.String(40), nullable=False, server_default="ABOVE_800000"
        ),
        sa.Column("fiscal_year_start_month", sa.Integer(), nullable=False, server_default="1"),
        sa.Column(
            "over_delivery_tolerance_percent",
            sa.Numeric(7, 4),
            nullable=False,
            server_default=sa.text("0"),
        ),
        sa.Column(
            "match_tolerance", sa.Numeric(18, 2), nullable=False, server_default=sa.text("0.02")
        ),
        sa.Column("credit_check", sa.String(40), nullable=False, server_default="WARN"),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
    ):
        op.add_column("tenant", column)
    op.create_table(
        "branch",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("street", sa.String(200), nullable=False),
        sa.Column("postcode", sa.String(20), nullable=False),
        sa.Column("city", sa.String(100), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        *_moments(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_branch")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_branch_tenant_id_code")),
    )
    op.create_table(
        "exchange_rate",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(18, 6), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        *_moments(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_exchange_rate")),
        sa.UniqueConstraint(
            "tenant_id",
            "currency",
            "valid_on",
            name=op.f("uq_exchange_rate_tenant_id_currency_valid_on"),
        ),
    )
    op.create_index(
        op.f("ix_exchange_rate_tenant_id_valid_on_id"),
        "exchange_rate",
        ["tenant_id", "valid_on", "id"],
    )
    op.create_index(
        op.f("ix_exchange_rate_tenant_id_currency_valid_on_id"),
        "exchange_rate",
        ["tenant_id", "currency", "valid_on", "id"],
    )


def downgrade() -> None:
    """A partner keeps its first account alone: it had no more before."""
    op.execute("revoke update on tenant from neuroerp_app")
    op.execute("revoke insert, update on kind_setting from neuroerp_app")
    op.drop_table("exchange_rate")
    op.drop_table("branch")
    for column in _TENANT_COLUMNS:
        op.drop_column("tenant", column)
    op.drop_table("partner_tax_class")
    op.add_column("partner", sa.Column("iban", sa.String(34)))
    op.execute(
        "update partner set iban = a.iban from partner_account a where a.position = 1"
        " and a.tenant_id = partner.tenant_id and a.partner_id = partner.id"
    )
    for table in ("account", "receipt", "contact", "address"):
        op.drop_table(f"partner_{table}")
    for name in _PARTNER_INDEXES:
        op.drop_index(op.f(name), table_name="partner")
    op.drop_constraint(op.f("fk_partner_tenant_id_payment_terms_id"), "partner")
    op.drop_constraint(op.f("uq_partner_tenant_id_number"), "partner")
    op.drop_table("partner_counter")
    for column in ("is_blocked", "name_key", "blocked_reason", *_PARTNER_COLUMNS):
        op.drop_column("partner", column)
    op.drop_table("payment_terms_step")
    op.drop_table("payment_terms")
