"""Documents of every kind: one set of tables, wide, with a CHECK per kind."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import selectinload

from domain.amounts import PriceBasis
from domain.documents.amounts import InvoiceType
from domain.documents.companions import (
    COMMENT_LENGTH_MAX,
    FILE_NAME_LENGTH_MAX,
    MEDIA_TYPE_LENGTH_MAX,
    TAG_LENGTH_MAX,
    Attachment,
    Comment,
    Tag,
)
from domain.documents.document import Document
from domain.documents.kinds import (
    KINDS,
    PURCHASE,
    SALES,
    Kind,
    PartyRole,
    PaymentMethod,
    State,
)
from domain.documents.lines import Line, LineKind
from domain.documents.parts import (
    Author,
    DocumentAllowance,
    Party,
    Prepaid,
    Revision,
    TaxTotal,
)
from domain.documents.progress import COUNTED, POSTED, TAKEN
from domain.documents.stated import StatedTotal
from domain.exchange_rates import RateSource
from domain.items import Unit
from domain.prices.price import PriceSource
from domain.tax import TaxCategory
from persistence.blobs import blob
from persistence.branches import branch
from persistence.catalog import (
    Money,
    Quantity,
    Rate,
    address_columns,
    identity,
    moment,
    personal,
    reference,
    tenant_table,
    version,
)
from persistence.changes import camel
from persistence.identity import app_user
from persistence.items import item
from persistence.mapping import EnumText, by_place, mapper, owned
from persistence.partners import partner


def _kind_checks() -> list[CheckConstraint]:
    """What the table of kinds demands of each row, as the database holds it."""
    checks = [CheckConstraint(f"kind in ({quoted(KINDS)})", name="kind")]
    for kind in KINDS.values():
        always = " and ".join(f"{column} is not null" for column in kind.required)
        posted = " and ".join(
            _needed(kind, column) for column in ("number", *kind.required_to_post)
        )
        exempt = " or cancels_id is not null" if kind.received else ""
        checks += [
            CheckConstraint(
                f"kind <> '{kind.name}' or ({always})", name=f"{kind.name.lower()}_has"
            ),
            CheckConstraint(
                f"kind <> '{kind.name}' or state <> 'POSTED'{exempt} or ({posted})",
                name=f"{kind.name.lower()}_posted_has",
            ),
        ]
    return checks


def _needed(kind: Kind, column: str) -> str:
    """A prepayment is asked for before anything is supplied (section 14 (5) UStG)."""
    if column == "supply_date" and "invoice_type" in kind.fields:
        return "(supply_date is not null or invoice_type = 'PREPAYMENT')"
    return f"{column} is not null"


def quoted(names: Iterable[str]) -> str:
    """Return names as a list of SQL literals."""
    return ", ".join(f"'{name}'" for name in names)


def _owed(sign: int) -> str:
    return quoted(kind.name for kind in KINDS.values() if kind.owed == sign)


def _on(side: str) -> str:
    return quoted(kind.name for kind in KINDS.values() if kind.owed and kind.side == side)


_OPEN_CENTS = (
    "case when state <> 'POSTED' then 0"
    f" when kind in ({_owed(1)}) then ((payable - settled) * 100)::bigint"
    f" when kind in ({_owed(-1)}) then ((settled - payable) * 100)::bigint else 0 end"
)
"""What is open, with the sign in which it is owed on its side: an invoice +, a payment -."""

_OPEN_SIDE = (
    "case when state <> 'POSTED' or payable = settled then null"
    f" when kind in ({_on(SALES)}) then 'SALES' when kind in ({_on(PURCHASE)}) then 'PURCHASE' end"
)
"""On which side it is an open item; null where nothing is open."""

document = tenant_table(
    "document",
    identity(),
    Column("kind", String(40), nullable=False),
    Column("state", EnumText(State), nullable=False),
    Column("number", String(36)),
    Column("revision", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("issue_date", Date, nullable=False),
    Column("supply_date", Date),
    Column("supply_until", Date),
    Column("posting_date", Date),
    Column("bonus_from", Date),
    Column("bonus_until", Date),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("requested_date", Date),
    Column("payment_days", Integer),
    Column("discount_days", Integer),
    Column("discount_percent", Rate()),
    Column("discount2_days", Integer),
    Column("discount2_percent", Rate()),
    Column("branch_id", Uuid),
    Column("branch", String(20)),
    Column("method", EnumText(PaymentMethod)),
    personal("bank_reference", 140, subject="partner", by="partner_id"),
    Column("due_date", Date),
    Column(
        "due_sort",
        Date,
        Computed("coalesce(due_date, 'infinity'::date)", persisted=True),
        nullable=False,
    ),
    Column("tolerance_percent", Rate()),
    Column("price_fixed", Boolean),
    Column("external_number", String(100)),
    Column("external_year", Integer),
    Column("customer_reference", String(100)),
    Column("carrier", String(100)),
    Column("opening_text", String(2000)),
    Column("closing_text", String(2000)),
    Column("note", String(2000)),
    Column("price_basis", EnumText(PriceBasis), nullable=False),
    Column("invoice_type", EnumText(InvoiceType)),
    Column("type_code", String(10)),
    Column("line_total", Money(), nullable=False),
    Column("allowance_total", Money(), nullable=False),
    Column("charge_total", Money(), nullable=False),
    Column("net", Money(), nullable=False),
    Column("tax", Money(), nullable=False),
    Column("gross", Money(), nullable=False),
    Column("prepaid", Money(), nullable=False),
    Column("payable", Money(), nullable=False),
    Column("exchange_rate", Quantity()),
    Column("rate_date", Date),
    Column("rate_source", EnumText(RateSource)),
    Column("company_net", Money(), nullable=False),
    Column("company_tax", Money(), nullable=False),
    Column("company_gross", Money(), nullable=False),
    Column(
        "gross_cents", BigInteger, Computed("(gross * 100)::bigint", persisted=True), nullable=False
    ),
    Column("settled", Money(), nullable=False),
    Column("discount_taken", Money(), nullable=False),
    Column("open_cents", BigInteger, Computed(_OPEN_CENTS, persisted=True), nullable=False),
    Column("open_side", String(10), Computed(_OPEN_SIDE, persisted=True)),
    Column("partner_id", Uuid, nullable=False),
    Column("bill_to_id", Uuid, nullable=False),
    Column("responsible_id", Uuid, nullable=False),
    Column("cancels_id", Uuid),
    Column("cancelled_by_id", Uuid),
    Column("cancel_reason", String(500)),
    Column("open_lines", Integer, nullable=False),
    moment("sent_at", nullable=True),
    Column("answer", String(20)),
    moment("answered_at", nullable=True),
    Column("answer_reason", String(500)),
    moment("received_at", nullable=True),
    moment("objected_at", nullable=True),
    Column("objection_reason", String(500)),
    Column("payment_block", String(500)),
    Column("match_report", Text),
    Column("tax_report", Text),
    Column("posted_in", BigInteger),
    Column(
        "number_key",
        String(60, collation="C"),
        Computed("coalesce(lower(number), chr(1114111))", persisted=True),
        nullable=False,
    ),
    moment("created_at"),
    moment("updated_at"),
    version(),
    reference("partner_id", partner),
    reference("bill_to_id", partner),
    reference("responsible_id", app_user),
    reference("branch_id", branch),
    *_kind_checks(),
    CheckConstraint(f"state in ({quoted(State)})", name="state"),
    CheckConstraint("gross = net + tax", name="gross_is_net_and_tax"),
    CheckConstraint(
        "net = line_total - allowance_total + charge_total", name="net_is_lines_and_allowances"
    ),
    CheckConstraint("payable = gross - prepaid", name="payable_is_gross_less_prepaid"),
    CheckConstraint(
        "settled * payable >= 0 and abs(settled) <= abs(payable) and discount_taken >= 0"
        " and discount_taken <= abs(settled)",
        name="settled_within_payable",
    ),
    Index(None, "tenant_id", "issue_date", "id"),
    Index(None, "tenant_id", "due_sort", "id"),
    Index(None, "tenant_id", "state", "issue_date", "id"),
    Index(None, "tenant_id", "kind", "issue_date", "id"),
    Index(None, "tenant_id", "gross_cents", "id"),
    Index(None, "tenant_id", "number_key", "id"),
    Index(None, "tenant_id", "created_at", "id"),
    Index(None, "tenant_id", "updated_at", "id"),
    Index(None, "tenant_id", "partner_id", "issue_date", "id"),
    Index(None, "tenant_id", "bill_to_id", "kind", "issue_date", "id"),
    Index(
        "ix_document_open",
        "tenant_id",
        "kind",
        "issue_date",
        "id",
        postgresql_where=text("open_lines > 0"),
    ),
    Index(
        "ix_document_blocked",
        "tenant_id",
        "issue_date",
        "id",
        postgresql_where=text("payment_block is not null"),
    ),
    *(
        Index(
            f"ix_document_open_item_{column}",
            "tenant_id",
            "open_side",
            column,
            "id",
            postgresql_where=text("open_side is not null"),
        )
        for column in ("due_sort", "open_cents", "bill_to_id")
    ),
    Index("uq_document_number", "tenant_id", "kind", "number", unique=True),
    Index("uq_document_cancels", "tenant_id", "cancels_id", unique=True),
    Index(
        "uq_document_external_number",
        "tenant_id",
        "kind",
        "partner_id",
        "external_year",
        "external_number",
        unique=True,
        postgresql_where=text("cancelled_by_id is null and state <> 'DISCARDED'"),
    ),
)

ONLY_THE_DATABASE = (
    "due_sort",
    "gross_cents",
    "number_key",
    "open_cents",
    "open_side",
    "posted_in",
)
"""Columns that no aggregate holds: computed, or written by a trigger."""


def _part(name: str, *columns: Any, key: tuple[str, ...]) -> Table:
    return tenant_table(
        name,
        Column("document_id", Uuid, nullable=False),
        *columns,
        reference("document_id", document),
        key=("document_id", *key),
    )


document_party = _part(
    "document_party",
    Column("role", EnumText(PartyRole), nullable=False),
    Column("partner_id", Uuid),
    *address_columns(subject="partner", by="partner_id"),
    reference("partner_id", partner),
    key=("role",),
)


def _counter(name: str) -> Column[Any]:
    return Column(name, Quantity(), nullable=False, server_default="0")


def _limit(counter: str) -> str:
    """What a counter stays within; no limit is null, and abs(x) <= null refuses nothing."""
    return "invoice_max" if counter == "taken_invoice" else "quantity_max"


document_line = tenant_table(
    "document_line",
    identity(),
    Column("document_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", EnumText(LineKind), nullable=False),
    Column("item_id", Uuid),
    Column("item_number", String(30)),
    Column("description", String(2000), nullable=False),
    Column("quantity", Quantity()),
    Column("unit", EnumText(Unit)),
    Column("stock_factor", Quantity(), nullable=False),
    Column("stock_quantity", Quantity(), nullable=False),
    Column("quantity_max", Quantity(), nullable=False),
    Column("invoice_max", Quantity()),
    Column("open_quantity", Quantity(), nullable=False),
    Column("unit_price", Quantity()),
    Column("price_quantity", Quantity(), nullable=False),
    Column("discount_percent", Rate(), nullable=False),
    Column("price_reason", String(200)),
    Column("price_source", EnumText(PriceSource)),
    Column("found_price", Quantity()),
    Column("allowance_amount", Money()),
    Column("charge_amount", Money()),
    Column("allowance_reason", String(200)),
    Column("tax_category", EnumText(TaxCategory)),
    Column("tax_rate", Rate()),
    Column("exemption_reason", String(500)),
    Column("tax_reason", String(40)),
    Column("tax_warning", String(40)),
    Column("tax_override_reason", String(400)),
    Column("supply_date", Date),
    Column("account", String(20)),
    Column("cost_centre", String(40)),
    Column("net", Money(), nullable=False),
    Column("amount_shown", Money()),
    Column("is_price_correction", Boolean, nullable=False),
    Column("source_line_id", Uuid),
    Column("source_document_id", Uuid),
    Column("source_number", String(36)),
    Column("source_date", Date),
    moment("closed_at", nullable=True),
    Column("closed_reason", String(500)),
    Column("confirmed_quantity", Quantity()),
    *(_counter(name) for name in (*TAKEN, *POSTED)),
    Column("credited_net", Money(), nullable=False, server_default="0"),
    reference("document_id", document),
    reference("item_id", item),
    reference("source_document_id", document),
    CheckConstraint("stock_factor > 0", name="stock_factor_above_zero"),
    CheckConstraint(
        " and ".join(
            f"{name} * stock_quantity >= 0 and abs({name}) <= abs({_limit(name)})" for name in TAKEN
        ),
        name="taken_within_quantity",
    ),
    CheckConstraint(
        " and ".join(f"abs({name}) <= abs({taken})" for taken, name in COUNTED.values()),
        name="posted_within_taken",
    ),
    Index(None, "tenant_id", "document_id", "position"),
    Index(None, "tenant_id", "source_line_id"),
    Index(None, "tenant_id", "source_document_id"),
)

document_tax = _part(
    "document_tax",
    Column("position", Integer, nullable=False),
    Column("category", EnumText(TaxCategory), nullable=False),
    Column("rate", Rate()),
    Column("basis", Money(), nullable=False),
    Column("tax", Money(), nullable=False),
    Column("company_basis", Money(), nullable=False),
    Column("company_tax", Money(), nullable=False),
    Column("reason", String(500)),
    key=("position",),
)

document_allowance = _part(
    "document_allowance",
    Column("position", Integer, nullable=False),
    Column("is_charge", Boolean, nullable=False),
    Column("amount", Money()),
    Column("percent", Rate()),
    Column("reason", String(200)),
    Column("code", String(10)),
    Column("tax_category", EnumText(TaxCategory)),
    Column("tax_rate", Rate()),
    key=("position",),
)

document_prepayment = _part(
    "document_prepayment",
    Column("prepayment_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("number", String(36), nullable=False),
    Column("issue_date", Date, nullable=False),
    Column("category", EnumText(TaxCategory), nullable=False),
    Column("rate", Rate()),
    Column("net", Money(), nullable=False),
    Column("tax", Money(), nullable=False),
    Column("is_active", Boolean, nullable=False),
    reference("prepayment_id", document),
    Index(
        "uq_document_prepayment_active",
        "tenant_id",
        "prepayment_id",
        "position",
        unique=True,
        postgresql_where=text("is_active"),
    ),
    key=("prepayment_id", "position"),
)

document_stated_tax = _part(
    "document_stated_tax",
    Column("position", Integer, nullable=False),
    Column("rate", Rate(), nullable=False),
    Column("net", Money(), nullable=False),
    Column("tax", Money(), nullable=False),
    key=("position",),
)

document_author = _part(
    "document_author",
    Column("user_id", Uuid, nullable=False),
    reference("user_id", app_user),
    key=("user_id",),
)

document_revision = _part(
    "document_revision",
    Column("revision", Integer, nullable=False),
    moment("amended_at"),
    Column("amended_by", Uuid, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("content", Text, nullable=False),
    reference("amended_by", app_user),
    key=("revision",),
)

document_tag = _part(
    "document_tag",
    Column("name", String(TAG_LENGTH_MAX), nullable=False),
    moment("added_at"),
    Column("added_by", Uuid, nullable=False),
    reference("added_by", app_user),
    Index(None, "tenant_id", "name", "document_id"),
    key=("name",),
)

document_comment = tenant_table(
    "document_comment",
    identity(),
    Column("document_id", Uuid, nullable=False),
    personal("text", COMMENT_LENGTH_MAX, subject="user", by="author_id", nullable=False),
    Column("author_id", Uuid, nullable=False),
    moment("written_at"),
    moment("edited_at", nullable=True),
    reference("document_id", document),
    reference("author_id", app_user),
    Index(None, "tenant_id", "document_id", "id"),
)

attachment = tenant_table(
    "attachment",
    identity(),
    Column("document_id", Uuid, nullable=False),
    personal(
        "file_name", FILE_NAME_LENGTH_MAX, subject="document", by="document_id", nullable=False
    ),
    Column("media_type", String(MEDIA_TYPE_LENGTH_MAX), nullable=False),
    Column("file_hash", String(64), nullable=False),
    Column("file_size", BigInteger, nullable=False),
    moment("attached_at"),
    Column("attached_by", Uuid, nullable=False),
    reference("document_id", document),
    reference("file_hash", blob, target="hash"),
    reference("attached_by", app_user),
    Index(None, "tenant_id", "document_id", "id"),
)

mapper.map_imperatively(Tag, document_tag)
mapper.map_imperatively(Comment, document_comment)
mapper.map_imperatively(Attachment, attachment)
mapper.map_imperatively(Party, document_party)
mapper.map_imperatively(Line, document_line)
mapper.map_imperatively(TaxTotal, document_tax)
mapper.map_imperatively(DocumentAllowance, document_allowance)
mapper.map_imperatively(Prepaid, document_prepayment)
mapper.map_imperatively(StatedTotal, document_stated_tax)
mapper.map_imperatively(Author, document_author)
mapper.map_imperatively(Revision, document_revision)
mapper.map_imperatively(
    Document,
    document,
    properties={
        "parties": owned(Party, told=lambda party: camel(party.role.value.lower())),
        "lines": owned(
            Line,
            order_by=document_line.c.position,
            told=by_place("lines"),
            foreign_keys=[document_line.c.tenant_id, document_line.c.document_id],
        ),
        "taxes": owned(TaxTotal, order_by=document_tax.c.position),
        "allowances": owned(
            DocumentAllowance,
            order_by=document_allowance.c.position,
            told=by_place("allowances"),
        ),
        "prepayments": owned(
            Prepaid,
            order_by=(document_prepayment.c.prepayment_id, document_prepayment.c.position),
            told=lambda part: f"prepayments.{part.prepayment_id}.{part.position}",
            foreign_keys=[document_prepayment.c.tenant_id, document_prepayment.c.document_id],
        ),
        "stated_taxes": owned(
            StatedTotal,
            order_by=document_stated_tax.c.position,
            told=by_place("statedTaxes"),
        ),
        "authors": owned(Author),
        "tags": owned(Tag, order_by=document_tag.c.name),
        "comments": owned(Comment, order_by=document_comment.c.id, told=by_place("comments", "id")),
        "attachments": owned(
            Attachment, order_by=attachment.c.id, told=by_place("attachments", "id")
        ),
    },
    version_id_col=document.c.version,
    exclude_properties=ONLY_THE_DATABASE,
)
WHOLE = (
    selectinload(Document.parties),  # type: ignore[arg-type]
    selectinload(Document.lines),  # type: ignore[arg-type]
    selectinload(Document.taxes),  # type: ignore[arg-type]
    selectinload(Document.allowances),  # type: ignore[arg-type]
    selectinload(Document.prepayments),  # type: ignore[arg-type]
    selectinload(Document.authors),  # type: ignore[arg-type]
)
"""What every document is loaded with; `stated_taxes` only where its kind states any."""
