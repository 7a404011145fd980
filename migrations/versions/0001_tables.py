"""Every table, as the models declare them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_app_user")),
        sa.UniqueConstraint(
            "tenant_id", "issuer", "subject", name=op.f("uq_app_user_tenant_id_issuer_subject")
        ),
    )
    op.create_table(
        "blob",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "hash", name=op.f("pk_blob")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("mutation", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("journal_position", sa.BigInteger(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "user_id", "mutation", "key", name=op.f("pk_idempotency_key")
        ),
    )
    op.create_index(
        op.f("ix_idempotency_key_tenant_id_stored_at"),
        "idempotency_key",
        ["tenant_id", "stored_at"],
        unique=False,
    )
    op.create_table(
        "item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("unit_price", sa.Numeric(18, 6), nullable=False),
        sa.Column("price_quantity", sa.Numeric(18, 6), nullable=False),
        sa.Column("tax_category", sa.String(40), nullable=False),
        sa.Column("tax_rate", sa.Numeric(7, 4), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_item")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_item_tenant_id_number")),
    )
    op.create_table(
        "journal",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("entity_type", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "data",
            postgresql.JSONB(astext_type=sa.Text()),
            sa.Computed("body::jsonb", persisted=True),
            nullable=False,
        ),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_journal_position")),
        sa.PrimaryKeyConstraint("tenant_id", "position", name=op.f("pk_journal")),
    )
    op.create_index(
        op.f("ix_journal_tenant_id_entity_id_position"),
        "journal",
        ["tenant_id", "entity_id", "position"],
        unique=False,
    )
    op.create_table(
        "journal_head",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "journal_private",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "ref", name=op.f("pk_journal_private")),
    )
    op.create_index(
        op.f("ix_journal_private_tenant_id_subject_id"),
        "journal_private",
        ["tenant_id", "subject_id"],
        unique=False,
    )
    op.create_table(
        "kind_setting",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("approval", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", name=op.f("pk_kind_setting")),
    )
    op.create_table(
        "number_range",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=4), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "series", "period", name=op.f("pk_number_range")),
    )
    op.create_table(
        "partner",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=20), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vat_id", sa.String(length=20), nullable=True),
        sa.Column("tax_number", sa.String(length=30), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_partner")),
    )
    op.create_index(
        op.f("ix_partner_tenant_id_name_id"), "partner", ["tenant_id", "name", "id"], unique=False
    )
    op.create_index(
        op.f("ix_partner_tenant_id_vat_id"), "partner", ["tenant_id", "vat_id"], unique=False
    )
    op.create_table(
        "tenant",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=20), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vat_id", sa.String(length=20), nullable=True),
        sa.Column("tax_number", sa.String(length=30), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("bank", sa.String(length=100), nullable=True),
        sa.Column("legal_notice", sa.String(length=500), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant")),
    )
    op.create_table(
        "document",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("number", sa.String(length=36), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("supply_date", sa.Date(), nullable=True),
        sa.Column("supply_until", sa.Date(), nullable=True),
        sa.Column("posting_date", sa.Date(), nullable=True),
        sa.Column("payment_days", sa.Integer(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column(
            "due_sort",
            sa.Date(),
            sa.Computed(
                "coalesce(due_date, 'infinity'::date)",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("customer_reference", sa.String(length=100), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("net", sa.Numeric(18, 2), nullable=False),
        sa.Column("tax", sa.Numeric(18, 2), nullable=False),
        sa.Column("gross", sa.Numeric(18, 2), nullable=False),
        sa.Column(
            "gross_cents",
            sa.BigInteger(),
            sa.Computed(
                "(gross * 100)::bigint",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("sold_to_id", sa.Uuid(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'SALES_INVOICE' or (issue_date is not null and payment_days is not null and due_date is not null)",
            name=op.f("ck_document_sales_invoice_has"),
        ),
        sa.CheckConstraint(
            "kind <> 'SALES_INVOICE' or state <> 'POSTED' or (number is not null and supply_date is not null and posting_date is not null)",
            name=op.f("ck_document_sales_invoice_posted_has"),
        ),
        sa.CheckConstraint("kind in ('SALES_INVOICE')", name=op.f("ck_document_kind")),
        sa.CheckConstraint(
            "state in ('DRAFT', 'PENDING', 'APPROVED', 'REJECTED', 'POSTED', 'DISCARDED')",
            name=op.f("ck_document_state"),
        ),
        sa.CheckConstraint("gross = net + tax", name=op.f("ck_document_gross_is_net_and_tax")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "responsible_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_document_tenant_id_responsible_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sold_to_id"],
            ["partner.tenant_id", "partner.id"],
            name=op.f("fk_document_tenant_id_sold_to_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_document")),
    )
    op.create_index(
        op.f("ix_document_tenant_id_due_sort_id"),
        "document",
        ["tenant_id", "due_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_document_tenant_id_gross_cents_id"),
        "document",
        ["tenant_id", "gross_cents", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_document_tenant_id_issue_date_id"),
        "document",
        ["tenant_id", "issue_date", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_document_tenant_id_sold_to_id_issue_date_id"),
        "document",
        ["tenant_id", "sold_to_id", "issue_date", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_document_tenant_id_state_issue_date_id"),
        "document",
        ["tenant_id", "state", "issue_date", "id"],
        unique=False,
    )
    op.create_index("uq_document_number", "document", ["tenant_id", "kind", "number"], unique=True)
    op.create_table(
        "inbox_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure_code", sa.String(length=60), nullable=True),
        sa.Column(
            "failure_facts",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("syntax", sa.String(length=20), nullable=True),
        sa.Column("profile_id", sa.String(length=200), nullable=True),
        sa.Column("invoice_number", sa.String(length=200), nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("delivery_date", sa.Date(), nullable=True),
        sa.Column("type_code", sa.String(length=10), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("seller_name", sa.String(length=200), nullable=True),
        sa.Column("seller_street", sa.String(length=200), nullable=True),
        sa.Column("seller_postcode", sa.String(length=20), nullable=True),
        sa.Column("seller_city", sa.String(length=100), nullable=True),
        sa.Column("seller_country", sa.String(length=2), nullable=True),
        sa.Column("seller_vat_id", sa.String(length=20), nullable=True),
        sa.Column("seller_tax_number", sa.String(length=30), nullable=True),
        sa.Column("seller_email", sa.String(length=254), nullable=True),
        sa.Column("buyer_name", sa.String(length=200), nullable=True),
        sa.Column("buyer_reference", sa.String(length=200), nullable=True),
        sa.Column("net", sa.Numeric(18, 2), nullable=True),
        sa.Column("tax_total", sa.Numeric(18, 2), nullable=True),
        sa.Column("gross", sa.Numeric(18, 2), nullable=True),
        sa.Column("payable", sa.Numeric(18, 2), nullable=True),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_hash"],
            ["blob.tenant_id", "blob.hash"],
            name=op.f("fk_inbox_item_tenant_id_file_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partner.tenant_id", "partner.id"],
            name=op.f("fk_inbox_item_tenant_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inbox_item")),
    )
    op.create_index(
        op.f("ix_inbox_item_tenant_id_received_at_id"),
        "inbox_item",
        ["tenant_id", "received_at", "id"],
        unique=False,
    )
    op.create_table(
        "approval",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(40), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decided_by"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_approval_tenant_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_approval_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requested_by"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_approval_tenant_id_requested_by"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_approval")),
    )
    op.create_index(
        op.f("ix_approval_tenant_id_document_id_id"),
        "approval",
        ["tenant_id", "document_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_approval_open",
        "approval",
        ["tenant_id", "document_id"],
        unique=True,
        postgresql_where=sa.text("decision is null"),
    )
    op.create_table(
        "document_author",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_author_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_document_author_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "document_id", "user_id", name=op.f("pk_document_author")
        ),
    )
    op.create_table(
        "document_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("item_number", sa.String(length=30), nullable=True),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("quantity", sa.Numeric(18, 6), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("unit_price", sa.Numeric(18, 6), nullable=False),
        sa.Column("price_quantity", sa.Numeric(18, 6), nullable=False),
        sa.Column("tax_category", sa.String(40), nullable=False),
        sa.Column("tax_rate", sa.Numeric(7, 4), nullable=True),
        sa.Column("exemption_reason", sa.String(length=500), nullable=True),
        sa.Column("net", sa.Numeric(18, 2), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_line_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_document_line_tenant_id_item_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "document_id", "position", name=op.f("pk_document_line")
        ),
    )
    op.create_table(
        "document_party",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=20), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vat_id", sa.String(length=20), nullable=True),
        sa.Column("tax_number", sa.String(length=30), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_party_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partner.tenant_id", "partner.id"],
            name=op.f("fk_document_party_tenant_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "document_id", "role", name=op.f("pk_document_party")),
    )
    op.create_table(
        "document_tax",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("rate", sa.Numeric(7, 4), nullable=True),
        sa.Column("basis", sa.Numeric(18, 2), nullable=False),
        sa.Column("tax", sa.Numeric(18, 2), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_tax_tenant_id_document_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "document_id", "position", name=op.f("pk_document_tax")
        ),
    )
    op.create_table(
        "number_allocation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_number_allocation_tenant_id_document_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "series", "number", name=op.f("pk_number_allocation")),
        sa.UniqueConstraint(
            "tenant_id", "document_id", name=op.f("uq_number_allocation_tenant_id_document_id")
        ),
    )
    op.create_table(
        "printout",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_printout_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_hash"],
            ["blob.tenant_id", "blob.hash"],
            name=op.f("fk_printout_tenant_id_file_hash"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_printout")),
        sa.UniqueConstraint(
            "tenant_id",
            "document_id",
            "document_version",
            "language",
            name=op.f("uq_printout_tenant_id_document_id_document_version_language"),
        ),
    )
    op.create_index(
        op.f("ix_printout_tenant_id_document_id_id"),
        "printout",
        ["tenant_id", "document_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_printout_tenant_id_document_id_id"), table_name="printout")
    op.drop_table("printout")
    op.drop_table("number_allocation")
    op.drop_table("document_tax")
    op.drop_table("document_party")
    op.drop_table("document_line")
    op.drop_table("document_author")
    op.drop_index(
        "uq_approval_open", table_name="approval", postgresql_where=sa.text("decision is null")
    )
    op.drop_index(op.f("ix_approval_tenant_id_document_id_id"), table_name="approval")
    op.drop_table("approval")
    op.drop_index(op.f("ix_inbox_item_tenant_id_received_at_id"), table_name="inbox_item")
    op.drop_table("inbox_item")
    op.drop_index(op.f("ix_document_tenant_id_state_issue_date_id"), table_name="document")
    op.drop_index("uq_document_number", table_name="document")
    op.drop_index(op.f("ix_document_tenant_id_sold_to_id_issue_date_id"), table_name="document")
    op.drop_index(op.f("ix_document_tenant_id_issue_date_id"), table_name="document")
    op.drop_index(op.f("ix_document_tenant_id_gross_cents_id"), table_name="document")
    op.drop_index(op.f("ix_document_tenant_id_due_sort_id"), table_name="document")
    op.drop_table("document")
    op.drop_table("tenant")
    op.drop_index(op.f("ix_partner_tenant_id_vat_id"), table_name="partner")
    op.drop_index(op.f("ix_partner_tenant_id_name_id"), table_name="partner")
    op.drop_table("partner")
    op.drop_table("number_range")
    op.drop_table("kind_setting")
    op.drop_index(op.f("ix_journal_private_tenant_id_subject_id"), table_name="journal_private")
    op.drop_table("journal_private")
    op.drop_table("journal_head")
    op.drop_index(op.f("ix_journal_tenant_id_entity_id_position"), table_name="journal")
    op.drop_table("journal")
    op.drop_table("item")
    op.drop_index(op.f("ix_idempotency_key_tenant_id_stored_at"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_table("blob")
    op.drop_table("app_user")
