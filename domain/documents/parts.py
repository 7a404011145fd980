"""What a document consists of beside its header and lines."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.amounts import Allowance
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
    tax_number: str | None

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

    position: int
    category: TaxCategory
    rate: Decimal | None
    basis: Decimal
    tax: Decimal
    reason: str | None

    company_basis: Decimal
    company_tax: Decimal

    def __init__(
        self, document: "Document", position: int, group: TaxGroup, company_basis: Decimal
    ) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.position = position
        self.category = group.category
        self.rate = group.rate
        self.basis = group.basis
        self.tax = group.tax
        self.reason = group.reason
        self.company_basis, self.company_tax = company_basis, group.tax


class DocumentAllowance:
    """An allowance or charge of a whole document, as it was agreed."""

    is_charge: bool
    amount: Decimal | None
    percent: Decimal | None
    reason: str | None
    code: str | None
    tax_category: TaxCategory | None
    tax_rate: Decimal | None

    def __init__(self, document: "Document", position: int, allowance: Allowance) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.position = position
        self.is_charge = allowance.is_charge
        self.amount, self.percent = allowance.amount, allowance.percent
        self.reason, self.code = allowance.reason, allowance.code
        self.tax_category, self.tax_rate = allowance.tax or (None, None)

    @property
    def allowance(self) -> Allowance:
        """The allowance as rules take it."""
        tax = None if self.tax_category is None else (self.tax_category, self.tax_rate)
        return Allowance(
            amount=self.amount,
            percent=self.percent,
            is_charge=self.is_charge,
            reason=self.reason,
            code=self.code,
            tax=tax,
        )


class Prepaid:
    """What one tax group of a prepayment invoice takes off a final invoice (section 14 (5) UStG).

    While it is `is_active` no other final invoice may deduct the same prepayment.
    """

    prepayment_id: UUID
    position: int
    number: str
    issue_date: date
    category: TaxCategory
    rate: Decimal | None
    net: Decimal
    tax: Decimal
    is_active: bool

    def __init__(
        self,
        document: "Document",
        *,
        prepayment_id: UUID,
        position: int,
        number: str,
        issue_date: date,
        group: TaxGroup,
        is_active: bool = True,
    ) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.prepayment_id = prepayment_id
        self.position = position
        self.number, self.issue_date = number, issue_date
        self.category, self.rate = group.category, group.rate
        self.net, self.tax = group.basis, group.tax
        self.is_active = is_active

    def given_back_by(self, counter: "Document") -> "Prepaid":
        """Return the same with the other sign, for the document that cancels the final invoice."""
        return self._again(counter, -1, is_active=False)

    def repeated_by(self, copy: "Document") -> "Prepaid":
        """Return the same for the document that takes the place of a cancelled final invoice."""
        return self._again(copy, 1, is_active=True)

    def _again(self, document: "Document", sign: int, *, is_active: bool) -> "Prepaid":
        return Prepaid(
            document,
            prepayment_id=self.prepayment_id,
            position=self.position,
            number=self.number,
            issue_date=self.issue_date,
            group=TaxGroup(self.category, self.rate, sign * self.net, sign * self.tax, None),
            is_active=is_active,
        )


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
