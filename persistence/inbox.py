"""The inbox: table, mapping, repository and readable view."""

from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import relationship

from domain.einvoice import EInvoice
from domain.inbox import InboxItem, InboxState
from domain.money import checked
from domain.partners import Partner
from domain.problems import NotFound
from persistence.blobs import blob
from persistence.catalog import (
    Money,
    address_columns,
    identity,
    moment,
    personal,
    reference,
    tenant_table,
    version,
)
from persistence.locks import Lock
from persistence.mapping import EnumText, mapper
from persistence.partners import partner
from persistence.reading.views import Relation, Sort, View, readable, shows_id

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

inbox_item = tenant_table(
    "inbox_item",
    identity(),
    Column("state", EnumText(InboxState), nullable=False),
    personal("file_name", 255, subject="inbox_item", by="id", nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("file_hash", String(64), nullable=False),
    Column("file_size", BigInteger, nullable=False),
    moment("received_at"),
    moment("updated_at"),
    Column("failure_code", String(60)),
    Column("failure_facts", JSONB(none_as_null=True)),
    Column("partner_id", Uuid),
    Column("syntax", String(20)),
    Column("profile_id", String(200)),
    Column("invoice_number", String(200)),
    Column("issue_date", Date),
    Column("due_date", Date),
    Column("delivery_date", Date),
    Column("type_code", String(10)),
    Column("currency", String(3)),
    *address_columns(subject="inbox_item", by="id", prefix="seller_", required=False),
    personal("buyer_name", 200, subject="inbox_item", by="id"),
    Column("buyer_reference", String(200)),
    Column("net", Money()),
    Column("tax_total", Money()),
    Column("gross", Money()),
    Column("payable", Money()),
    personal("iban", 34, subject="inbox_item", by="id"),
    Column("line_count", Integer),
    version(),
    reference("file_hash", blob, target="hash"),
    reference("partner_id", partner),
    Index(None, "tenant_id", "received_at", "id"),
)

mapper.map_imperatively(
    InboxItem,
    inbox_item,
    properties={"_partner": relationship(Partner, lazy="raise")},  # a new partner is saved first
    version_id_col=inbox_item.c.version,
)

readable(
    View(
        "inbox_item",
        inbox_item,
        prefix="inb",
        sorts={"NEWEST": Sort("received_at", descending=True), "OLDEST": Sort("received_at")},
        computed={"partner_id": shows_id("par", "partner_id")},
        relations={
            "partner": Relation("partner", (("partner_id", "id"),)),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)

_LENGTHS = {
    column.name: column.type.length
    for column in inbox_item.c
    if isinstance(column.type, String) and column.type.length
}


def facts_of(invoice: EInvoice) -> dict[str, Any]:
    """Return the facts of an e-invoice that have a column here, texts cut to their limits.

    Raises TooLarge, TooPrecise or NotANumber for an amount that cannot be kept exactly.
    """
    seller = invoice.seller_address
    known: dict[str, Any] = {field.name: getattr(invoice, field.name) for field in fields(invoice)}
    known |= {f"seller_{part}": getattr(seller, part, None) for part in ("street", "postcode")}
    known |= {f"seller_{part}": getattr(seller, part, None) for part in ("city", "country")}
    known["line_count"] = len(invoice.lines)
    return {name: _kept(name, value) for name, value in known.items() if name in inbox_item.c}


def _kept(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return checked(value, (name,))
    return value[: _LENGTHS[name]] if isinstance(value, str) else value


class Inbox:
    """Inbox items inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: InboxItem) -> None:
        """Keep a new item."""
        self._work.add(new)

    async def locked(self, id: UUID) -> InboxItem:
        """Return the item, locked. Raises NotFound."""
        self._work.lock(Lock.INBOX_ITEMS)
        query = select(InboxItem).where(
            inbox_item.c.tenant_id == self._work.actor.tenant, inbox_item.c.id == id
        )
        found = await self._work.session.scalar(query.with_for_update())
        if found is None:
            raise NotFound(entity="InboxItem", id=f"inb_{id}", path=("input", "id"))
        return found
