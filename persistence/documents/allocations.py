"""Allocations: table, mapping, and how they look from either side."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    MetaData,
    String,
    Table,
    Uuid,
    text,
)

from domain.payments import Allocation
from persistence.catalog import Money, identity, moment, reference, tenant_table
from persistence.documents.tables import document
from persistence.identity import app_user
from persistence.mapping import mapper
from persistence.reading.views import Relation, View, readable, shows_id

payment_allocation = tenant_table(
    "payment_allocation",
    identity(),
    Column("payment_id", Uuid, nullable=False),
    Column("document_id", Uuid, nullable=False),
    Column("amount", Money(), nullable=False),
    Column("discount", Money(), nullable=False),
    Column("discount_net", Money(), nullable=False),
    Column("discount_tax", Money(), nullable=False),
    moment("allocated_at"),
    Column("allocated_by", Uuid, nullable=False),
    Column("settled_on", Date, nullable=False),
    moment("undone_at", nullable=True),
    Column("undone_on", Date),
    Column("undone_by", Uuid),
    Column("undo_reason", String(500)),
    reference("payment_id", document),
    reference("document_id", document),
    reference("allocated_by", app_user),
    reference("undone_by", app_user),
    CheckConstraint("payment_id <> document_id", name="two_sides"),
    CheckConstraint(
        "amount > 0 and discount >= 0 and discount = discount_net + discount_tax", name="amounts"
    ),
    CheckConstraint(
        "(undone_at is null) = (undone_by is null) and (undone_at is null) = (undo_reason is null)"
        " and (undone_at is null) = (undone_on is null)",
        name="undone_whole",
    ),
    CheckConstraint("undone_on >= settled_on", name="days"),
    Index(None, "tenant_id", "settled_on", "id"),
    Index(None, "tenant_id", "undone_on", "id", postgresql_where=text("undone_on is not null")),
    Index(None, "tenant_id", "payment_id", "id"),
    Index(None, "tenant_id", "document_id", "id"),
)

mapper.map_imperatively(Allocation, payment_allocation)

document_allocation = Table(
    "document_allocation",
    MetaData(),  # a view of the database (migrations): each allocation seen from both sides
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("document_id", Uuid, nullable=False),
    Column("counterpart_id", Uuid, nullable=False),
    Column("is_source", Boolean, primary_key=True),
    Column("amount", Money(), nullable=False),
    Column("discount", Money(), nullable=False),
    Column("discount_net", Money(), nullable=False),
    Column("discount_tax", Money(), nullable=False),
    moment("allocated_at"),
    Column("allocated_by", Uuid, nullable=False),
    Column("settled_on", Date, nullable=False),
    moment("undone_at", nullable=True),
    Column("undone_on", Date),
    Column("undone_by", Uuid),
    Column("undo_reason", String(500)),
)

readable(
    View(
        "document_allocation",
        document_allocation,
        computed={
            "id": shows_id("alc", "id"),
            "counterpart_id": shows_id("doc", "counterpart_id"),
            "is_undone": lambda columns: columns.undone_at.is_not(None),
        },
        relations={
            "counterpart": Relation("document", (("counterpart_id", "id"),)),
            "allocator": Relation("user", (("allocated_by", "id"),)),
            "undoer": Relation("user", (("undone_by", "id"),)),
        },
    )
)
