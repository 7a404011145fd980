"""What a document consists of beside its header and lines."""

from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.kinds import PartyRole
from domain.partners import Address
from domain.tax import TaxCategory, TaxGroup

if TYPE_CHECKING:
    from domain.documents.document import Document


class Party:
    """A partner as a document keeps it: a snapshot that later changes do not touch."""

    tenant_id: UUID
    document_id: UUID
    role: PartyRole
    partner_id: UUID | None
    name: str
    country: str
    vat_id: str | None

    def __init__(
        self, document: "Document", role: PartyRole, partner_id: UUID | None, address: Address
    ) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.role = role
        self.show(partner_id, address)

    def show(self, partner_id: UUID | None, address: Address) -> None:
        """Take over who it is and the address of now."""
        self.partner_id = partner_id
        for field in fields(address):
            setattr(self, field.name, getattr(address, field.name))

    @property
    def address(self) -> Address:
        """The address as the document keeps it."""
        return Address(**{field.name: getattr(self, field.name) for field in fields(Address)})


class TaxTotal:
    """A stored line of the tax breakdown."""

    category: TaxCategory
    rate: Decimal | None
    basis: Decimal
    tax: Decimal
    reason: str | None

    def __init__(self, document: "Document", position: int, group: TaxGroup) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.position = position
        self.category = group.category
        self.rate = group.rate
        self.basis = group.basis
        self.tax = group.tax
        self.reason = group.reason


class Author:
    """Somebody who changed the document; four eyes look at all of them."""

    user_id: UUID

    def __init__(self, document: "Document", user_id: UUID) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.user_id = user_id


class Revision:
    """What an amended document said before: its content as canonical JSON, without addresses."""

    def __init__(self, document: "Document", content: str, *, by: UUID, reason: str) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.revision = document.revision
        self.amended_at = document.updated_at
        self.amended_by = by
        self.reason = reason
        self.content = content
