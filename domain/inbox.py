"""The inbox (Posteingang): files that came in, what was read from them, and what became of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.journal import Recorder
from domain.partners import AccountEntry, Address, PartnerDraft
from domain.partners.parts import checked_iban
from domain.problems import Problem
from domain.text import checked_text

FILE_SIZE_MAX_MB = 20


class InboxState(StrEnum):
    """RECEIVED: kept, not read yet. READ: its facts stand in the item. FAILED: kept, unreadable."""

    RECEIVED = "RECEIVED"
    READ = "READ"
    FAILED = "FAILED"


class FileNotReadable(Problem):
    """The file could not be read within {seconds} s and the memory a file may use."""

    seconds: int


class InboxItemNotRead(Problem):
    """This inbox item is {state}, so nothing is known of its seller yet."""

    state: str


class InboxItemHasPartner(Problem):
    """A partner was already made from this inbox item: {partner}."""

    partner: str


class SellerIncomplete(Problem):
    """The e-invoice does not name the seller's {missing}. Create the partner by hand."""

    missing: str


class InboxItem(Recorder):
    """A received file; the original stays as it came, known by its SHA-256 hash."""

    entity_type = "inbox_item"

    id: UUID
    tenant_id: UUID
    state: InboxState
    file_name: str
    media_type: str
    file_hash: str
    file_size: int
    received_at: datetime
    failure_code: str | None
    failure_facts: dict[str, Any] | None
    partner_id: UUID | None
    version: int
    seller_name: str | None
    seller_street: str | None
    seller_postcode: str | None
    seller_city: str | None
    seller_country: str | None
    seller_vat_id: str | None
    seller_tax_number: str | None
    seller_email: str | None
    iban: str | None

    def __init__(
        self,
        *,
        id: UUID,
        tenant_id: UUID,
        file_name: str,
        media_type: str,
        file_hash: str,
        file_size: int,
        at: datetime,
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.state = InboxState.RECEIVED
        self.file_name = checked_text(file_name, 255, ("input", "file"))
        self.media_type = media_type
        self.file_hash = file_hash
        self.file_size = file_size
        self.received_at = self.updated_at = at
        self.failure_code = self.failure_facts = self.partner_id = None
        self.record("InboxItemReceived", action="RECEIVE", file_hash=file_hash, size=file_size)

    def read(self, facts: dict[str, Any], *, at: datetime) -> None:
        """Keep what was read: names of this item's fields with their values."""
        self.updated_at = at
        self.state = InboxState.READ
        for name, value in facts.items():
            setattr(self, name, value)
        self.record("InboxItemRead", action="READ", state_after=self.state)

    def fail(self, problem: Problem, *, at: datetime) -> None:
        """Remember why the file could not be read; the file itself stays."""
        self.updated_at = at
        self.state = InboxState.FAILED
        self.failure_code = problem.code
        self.failure_facts = problem.facts()
        self.record("InboxItemFailed", action="FAIL", state_after=self.state, code=problem.code)

    def seller(self) -> Address:
        """Return who sent the invoice. Raises InboxItemNotRead or SellerIncomplete."""
        if self.state is not InboxState.READ:
            raise InboxItemNotRead(state=self.state, path=("input", "id"))
        if self.partner_id is not None:
            raise InboxItemHasPartner(partner=f"par_{self.partner_id}", path=("input", "id"))
        for part in ("name", "street", "postcode", "city"):
            if not getattr(self, f"seller_{part}"):
                raise SellerIncomplete(missing=part, path=("input", "id"))
        return Address(
            name=self.seller_name or "",
            street=self.seller_street or "",
            postcode=self.seller_postcode or "",
            city=self.seller_city or "",
            country=self.seller_country or "DE",
            vat_id=self.seller_vat_id,
            tax_number=self.seller_tax_number,
            email=self.seller_email,
        )

    def supplier(self) -> PartnerDraft:
        """Return the seller as a partner to make. Raises also what a partner must not have.

        An IBAN or VAT id that cannot be right is refused: it would become our own master data.
        """
        seller = self.seller().checked(("input", "id"))
        iban = checked_iban(self.iban, ("input", "id", "iban")) if self.iban else None
        accounts = (AccountEntry(iban),) if iban else ()
        return PartnerDraft(seller, is_customer=False, is_supplier=True, accounts=accounts)

    def link(self, partner_id: UUID, *, at: datetime) -> None:
        """Remember the partner that was made of the seller."""
        self.updated_at = at
        self.partner_id = partner_id
        self.record("InboxItemLinked", action="LINK", partner_id=partner_id)
