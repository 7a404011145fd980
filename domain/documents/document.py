"""A document of any kind: what it holds, what may happen to it, and the events that tell so."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.approvals import Approval
from domain.documents.drafts import (
    LINES_MAX,
    DocumentDraft,
    LinesMissing,
    TooManyLines,
    check_dates,
    input_path,
    payment_days_of,
)
from domain.documents.kinds import KINDS, Action, ApprovalMode, Kind, PartyRole, State
from domain.documents.life import allowed_actions, next_state
from domain.documents.lines import Line
from domain.journal import Recorder
from domain.money import checked_amount
from domain.partners import Address
from domain.problems import Problem
from domain.tax import (
    TaxCategoriesMixed,
    TaxCategory,
    TaxGroup,
    TaxIdMissing,
    breakdown,
    needs_both_tax_ids,
)
from domain.text import optional_text


class SupplyDateMissing(Problem):
    """The date of supply is missing; an invoice must name it (section 14 (4) no. 6 UStG)."""


class SellerTaxNumberMissing(Problem):
    """Your company has neither VAT id nor tax number; an invoice must show one of them (section 14 (4) no. 2 UStG)."""  # noqa: E501  one sentence for the user


class NegativeTotal(Problem):
    """An invoice must not total below zero. Write a credit note instead."""


class Party:
    """A partner as a document keeps it: a snapshot that later changes do not touch."""

    tenant_id: UUID
    document_id: UUID
    role: PartyRole
    partner_id: UUID | None

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

    vat_id: str | None


class TaxTotal:
    """A stored line of the tax breakdown."""

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

    def __init__(self, document: "Document", user_id: UUID) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.user_id = user_id

    user_id: UUID


class Document(Recorder):
    """A document with its parties, lines, tax groups and authors, loaded and saved as a whole."""

    entity_type = "document"

    id: UUID
    tenant_id: UUID
    kind: str
    state: State
    number: str | None
    version: int
    currency: str
    issue_date: date
    supply_date: date | None
    supply_until: date | None
    posting_date: date | None
    payment_days: int
    due_date: date
    customer_reference: str | None
    note: str | None
    net: Decimal
    tax: Decimal
    gross: Decimal
    sold_to_id: UUID
    responsible_id: UUID
    created_at: datetime
    updated_at: datetime
    parties: list[Party]
    lines: list[Line]
    taxes: list[TaxTotal]
    authors: list[Author]

    def __init__(
        self,
        *,
        id: UUID,
        tenant_id: UUID,
        kind: Kind,
        currency: str,
        draft: DocumentDraft,
        by: UUID,
        at: datetime,
        today: date,
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.kind = kind.name
        self.number = None
        self.posting_date = None
        self.currency = currency
        self.responsible_id = by
        self.created_at = at
        self.parties, self.lines, self.taxes, self.authors = [], [], [], []
        self._take(draft, today)
        self._tell(Action.CREATE, "Created", by, at, State.DRAFT, is_new=True)

    @property
    def definition(self) -> Kind:
        """The entry of the table of kinds that rules this document."""
        return KINDS[self.kind]

    def allowed_actions(self, mode: ApprovalMode) -> tuple[Action, ...]:
        """Return what the life of this document allows now, whoever asks."""
        return allowed_actions(self.state, mode)

    def update(
        self,
        draft: DocumentDraft,
        *,
        by: UUID,
        at: datetime,
        today: date,
        mode: ApprovalMode = ApprovalMode.ALWAYS,
    ) -> None:
        """Replace the whole content of a draft; a rejected document becomes a draft again."""
        state = next_state(self.state, Action.UPDATE, mode)
        self._take(draft, today)
        self._tell(Action.UPDATE, "Updated", by, at, state)

    def submit(
        self, *, approval_id: UUID, seller: Address, by: UUID, at: datetime, mode: ApprovalMode
    ) -> Approval:
        """Ask for approval and return the question. The document then waits in PENDING.

        What posting will ask for is asked for now: nothing can be added once it is approved.
        """
        state = next_state(self.state, Action.SUBMIT, mode)
        self._demand_postable(seller)
        self._tell(Action.SUBMIT, "Submitted", by, at, state)
        return Approval(
            id=approval_id,
            tenant_id=self.tenant_id,
            document_id=self.id,
            document_version=self.version + 1,
            by=by,
            at=at,
        )

    def approve(
        self,
        approval: Approval | None,
        *,
        by: UUID,
        at: datetime,
        note: str = "",
        mode: ApprovalMode = ApprovalMode.ALWAYS,
    ) -> None:
        """Approve. Raises FourEyesViolation for anyone who changed any field of it."""
        state = next_state(self.state, Action.APPROVE, mode)
        authors = {author.user_id for author in self.authors}
        _asked(approval).approve(by=by, at=at, authors=authors, note=note)
        self._tell(Action.APPROVE, "Approved", by, at, state, is_author=False)

    def reject(
        self,
        approval: Approval | None,
        *,
        by: UUID,
        at: datetime,
        reason: str,
        mode: ApprovalMode = ApprovalMode.ALWAYS,
    ) -> None:
        """Send it back with a reason; the next edit makes it a draft again."""
        state = next_state(self.state, Action.REJECT, mode)
        _asked(approval).reject(by=by, at=at, reason=reason)
        self._tell(Action.REJECT, "Rejected", by, at, state, is_author=False, reason=reason.strip())

    def discard(self, *, by: UUID, at: datetime, mode: ApprovalMode = ApprovalMode.ALWAYS) -> None:
        """Throw a draft away; it stays readable and takes no number."""
        state = next_state(self.state, Action.DISCARD, mode)
        self._tell(Action.DISCARD, "Discarded", by, at, state)

    def post(self, *, seller: Address, by: UUID, at: datetime, mode: ApprovalMode) -> None:
        """Make it final. The unit of work gives it the next number of its series at the end."""
        state = next_state(self.state, Action.POST, mode)
        self._demand_postable(seller)
        self.posting_date = self.issue_date
        self.parties.append(Party(self, PartyRole.SELLER, None, seller))
        self._tell(Action.POST, "Posted", by, at, state, is_author=False)

    def printed(self, *, language: str, file_hash: str) -> None:
        """Note that a PDF was made. What was posted stays as it is, only the journal grows."""
        next_state(self.state, Action.PRINT, ApprovalMode.ALWAYS)
        self.record(
            f"{self.definition.event}Printed",
            action=Action.PRINT,
            kind=self.kind,
            state_before=self.state,
            state_after=self.state,
            language=language,
            file_hash=file_hash,
        )

    def _tell(
        self,
        action: Action,
        verb: str,
        by: UUID,
        at: datetime,
        state: State,
        *,
        is_new: bool = False,
        is_author: bool = True,
        **facts: str,
    ) -> None:
        """Go over into a state and tell it; every verb checks all it must before this."""
        before, self.state = None if is_new else self.state, state
        self.updated_at = at
        if is_author and by not in {author.user_id for author in self.authors}:
            self.authors.append(Author(self, by))
        self.record(
            f"{self.definition.event}{verb}",
            action=action,
            kind=self.kind,
            state_before=before,
            state_after=state,
            **facts,
        )

    def _take(self, draft: DocumentDraft, today: date) -> None:
        """Take over a draft as a whole: all of it is checked before anything changes."""
        check_dates(draft, today)
        payment_days = payment_days_of(draft)
        reference = optional_text(draft.customer_reference, 100, ("input", "customerReference"))
        note = optional_text(draft.note, 2000, ("input", "note"))
        lines = self._lines_of(draft)
        groups = _groups_of(lines)
        gross = _gross_of(groups)
        self.issue_date = draft.issue_date
        self.supply_date, self.supply_until = draft.supply_date, draft.supply_until
        self.payment_days = payment_days
        self.due_date = self.issue_date + timedelta(days=payment_days)
        self.customer_reference, self.note = reference, note
        self._take_parties(draft)
        self.lines[:] = lines
        self.taxes[:] = [TaxTotal(self, place, group) for place, group in enumerate(groups, 1)]
        self.tax = sum((group.tax for group in groups), Decimal(0))
        self.net, self.gross = gross - self.tax, gross

    def _take_parties(self, draft: DocumentDraft) -> None:
        self.sold_to_id = draft.sold_to.id
        named = {
            PartyRole.SOLD_TO: draft.sold_to,
            PartyRole.BILL_TO: draft.bill_to,
            PartyRole.SHIP_TO: draft.ship_to,
        }
        for role in self.definition.parties:
            partner = named[role]
            present = self.party(role)
            if present is None:
                self.parties.append(Party(self, role, partner.id, partner.address))
            else:
                present.show(partner.id, partner.address)

    def _lines_of(self, draft: DocumentDraft) -> list[Line]:
        if not draft.lines:
            raise LinesMissing(path=input_path("lines"))
        if len(draft.lines) > LINES_MAX:
            raise TooManyLines(lines_max=LINES_MAX, path=input_path("lines"))
        return [
            Line(
                line,
                draft.items[line.item_id] if line.item_id else None,
                tenant_id=self.tenant_id,
                document_id=self.id,
                position=position,
                on=draft.supplied_on,
                path=("input", "lines", str(position - 1)),
            )
            for position, line in enumerate(draft.lines, start=1)
        ]

    def party(self, role: PartyRole) -> Party | None:
        """Return the party in `role`, if this document names one."""
        return next((party for party in self.parties if party.role is role), None)

    def _demand_postable(self, seller: Address) -> None:
        """Raise the problem of the first thing that the law wants on an invoice and is not here."""
        if self.supply_date is None:
            raise SupplyDateMissing(path=("input", "id"))
        self._demand_tax_ids(seller)
        if not (seller.vat_id or seller.tax_number):
            raise SellerTaxNumberMissing(path=("input", "id"))

    def _demand_tax_ids(self, seller: Address) -> None:
        bill_to = self.party(PartyRole.BILL_TO)
        for line in self.lines:
            if not needs_both_tax_ids(line.tax_category):
                continue
            for party, vat_id in (
                ("SELLER", seller.vat_id),
                ("BILL_TO", bill_to.vat_id if bill_to else None),
            ):
                if not vat_id:
                    raise TaxIdMissing(
                        category=line.tax_category, party=party, path=("input", "id")
                    )


def _groups_of(lines: Sequence[Line]) -> tuple[TaxGroup, ...]:
    groups = breakdown(
        (line.tax_category, line.tax_rate, line.net, line.exemption_reason) for line in lines
    )
    if len(groups) > 1 and any(group.category is TaxCategory.O for group in groups):
        raise TaxCategoriesMixed(path=input_path("lines"))
    return groups


def _gross_of(groups: Sequence[TaxGroup]) -> Decimal:
    gross = sum((group.basis + group.tax for group in groups), Decimal(0))
    if gross < 0:
        raise NegativeTotal(path=input_path("lines"))
    return checked_amount(gross, input_path("lines"))


def _asked(approval: Approval | None) -> Approval:
    if approval is None:
        raise RuntimeError("a document in PENDING has an open approval; the database sees to it")
    return approval
