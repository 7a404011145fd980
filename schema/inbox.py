"""The inbox (Posteingang): received files and what was read from them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from domain.inbox import FILE_SIZE_MAX_MB
from domain.inbox import InboxState as DomainInboxState
from schema.entities import shows
from schema.enums import described
from schema.journal import JournalEntry
from schema.mutations import key_field, payload
from schema.node import Node
from schema.paging import paged
from schema.partners import Partner
from schema.printing import DownloadLink
from schema.problems import Problem

described(
    DomainInboxState,
    "InboxState",
    "How far a file was read.",
    RECEIVED="Kept, and waiting to be read.",
    READ="Read; its facts are known.",
    FAILED="Not readable; `failure` says why.",
)


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that came with a request."""

    name: str
    media_type: str
    content: bytes
    sha256: str


Upload = NewType("Upload", ReceivedFile)


def _file(value: Any) -> ReceivedFile:
    if not isinstance(value, ReceivedFile):
        raise ValueError("Send the file by the GraphQL multipart request specification.")
    return value


UPLOAD: ScalarDefinition = strawberry.scalar(
    name="Upload",
    description=f"A file of up to {FILE_SIZE_MAX_MB} MB, sent as multipart/form-data.",
    parse_value=_file,
)


@shows("inbox_item")
@strawberry.type(description="A received file with what was read from it.")
class InboxItem(Node):
    """An inbox item; facts of the invoice are null until it is READ or where the file is silent."""

    state: DomainInboxState = strawberry.field(description="How far it was read.")
    file_name: str = strawberry.field(description="The name it came with.")
    media_type: str = strawberry.field(description="The type it came with.")
    file_hash: str = strawberry.field(description="SHA-256 of the original, hex.")
    file_size: int = strawberry.field(description="Bytes.")
    received_at: datetime = strawberry.field(description="When it came in.")
    updated_at: datetime = strawberry.field(description="When it was changed last.")
    download: DownloadLink = strawberry.field(description="A fresh link to the file as it came.")
    failure_code: str | None = strawberry.field(description="Why it cannot be read; docs/problems.")
    failure: Problem | None = strawberry.field(description="The same in words, with its facts.")
    syntax: str | None = strawberry.field(description="How the e-invoice is written.")
    profile_id: str | None = strawberry.field(description="Its specification (BT-24).")
    invoice_number: str | None = strawberry.field(description="The supplier's number (BT-1).")
    issue_date: date | None = strawberry.field(description="Date of issue (BT-2).")
    due_date: date | None = strawberry.field(description="Due date (BT-9).")
    delivery_date: date | None = strawberry.field(description="Date of supply (BT-72).")
    type_code: str | None = strawberry.field(description="Type (BT-3), such as 380.")
    currency: str | None = strawberry.field(description="Currency of its amounts (BT-5).")
    seller_name: str | None = strawberry.field(description="Seller (BT-27).")
    seller_vat_id: str | None = strawberry.field(description="Seller's VAT id (BT-31).")
    seller_tax_number: str | None = strawberry.field(description="Seller's tax number (BT-32).")
    seller_street: str | None = strawberry.field(description="Seller's street (BT-35).")
    seller_postcode: str | None = strawberry.field(description="Seller's postal code (BT-38).")
    seller_city: str | None = strawberry.field(description="Seller's city (BT-37).")
    seller_country: str | None = strawberry.field(description="Seller's country (BT-40).")
    buyer_name: str | None = strawberry.field(description="Buyer (BT-44).")
    buyer_reference: str | None = strawberry.field(description="Buyer reference (BT-10).")
    net: Decimal | None = strawberry.field(description="Sum without tax (BT-109).")
    tax_total: Decimal | None = strawberry.field(description="Tax (BT-110).")
    gross: Decimal | None = strawberry.field(description="Sum with tax (BT-112).")
    payable: Decimal | None = strawberry.field(description="What is to be paid (BT-115).")
    iban: str | None = strawberry.field(description="Where to (BT-84).")
    line_count: int | None = strawberry.field(description="How many lines it has.")
    partner: Partner | None = strawberry.field(description="The partner made of the seller.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to it, oldest first.")


@strawberry.enum(description="Orders of `inboxItems`.")
class InboxSort(Enum):
    """Sorts of the view."""

    NEWEST = strawberry.enum_value("NEWEST", description="Received last first.")
    OLDEST = strawberry.enum_value("OLDEST", description="Received first first.")


@strawberry.input(description="One of these states.")
class InboxStateIn:
    """`in`."""

    in_: list[DomainInboxState] = strawberry.field(name="in", description="Any of these.")


@strawberry.input(description="Which inbox items; all conditions must hold.")
class InboxFilter:
    """Conditions of `inboxItems`."""

    state: InboxStateIn | None = strawberry.field(default=None, description="By state.")


@strawberry.input(description="A file for the inbox.")
class ImportInboxFileInput:
    """A received file."""

    file: Upload = strawberry.field(description="The file, kept as it comes.")
    idempotency_key: str = key_field()


@strawberry.input(description="Make a partner of the seller of a read e-invoice.")
class CreatePartnerFromInboxItemInput:
    """Which inbox item."""

    id: strawberry.ID = strawberry.field(description="The inbox item, `inb_…`.")
    idempotency_key: str = key_field()


ImportInboxFilePayload = payload("ImportInboxFile", inbox_item=InboxItem)
CreatePartnerFromInboxItemPayload = payload("CreatePartnerFromInboxItem", partner=Partner)
