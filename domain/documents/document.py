"""A document of any kind: what it holds, what may happen to it, and the events that tell so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.approvals import Approval
from domain.documents.kinds import KINDS, Action, ApprovalMode, Kind, PartyRole, State
from domain.documents.life import allowed_actions, next_state
from domain.documents.lines import Line, LineDraft
from domain.items import Item
from domain.journal import Recorder
from domain.money import checked_amount
from domain.partners import Address, Partner, checked_payment_days
from domain.problems import Path, Problem
from domain.tax import (
    TaxCategoriesMixed,
    TaxCategory,
    TaxGroup,
    TaxIdMissing,
    breakdown,
    needs_both_tax_ids,
)
from domain.text import Required, optional_text

LINES_MAX = 1000
EARLIEST = date(2000, 1, 1)
DAYS_AHEAD_MAX = 366


class LinesMissing(Problem):
    """A document needs at least one line."""


class TooManyLines(Problem):
    """A document may have {lines_max} lines at the most."""

    lines_max: int


class DateOutOfRange(Problem):
    """This date must lie between {earliest} and {latest}."""

    earliest: str
    latest: str


class SupplyDateMissing(Problem):
    """The date of supply is missing; an invoice must name it (section 14 (4) no. 6 UStG)."""


class SupplyPeriodReversed(Problem):
    """The period of supply ends before it starts."""


class NegativeTotal(Problem):
    """An invoice must not total below zero. Write a credit note instead."""


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document as asked for; references are resolved by the unit of work beforehand."""

    issue_date: date
    lines: tuple[LineDraft, ...]
    sold_to: Partner
    bill_to: Partner
    ship_to: Partner
    items: Mapping[UUID, Item]
    supply_date: date | None = None
    supply_until: date | None = None
    payment_days: int | None = None
    customer_reference: str | None = None
    note: str | None = None


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
        self.state = State.DRAFT
        self.number = None
        self.posting_date = None
        self.currency = currency
        self.responsible_id = by
        self.created_at = at
        self.parties, self.lines, self.taxes, self.authors = [], [], [], []
        self._take(draft, today)
        self._tell(Action.CREATE, "Created", by, at, state_before=None)

    @property
    def definition(self) -> Kind:
        """The entry of the table of kinds that rules this document."""
        return KINDS[self.kind]

    def allowed_actions(self, mode: ApprovalMode) -> tuple[Action, ...]:
        """Return what the life of this document allows now, whoever asks."""
        return allowed_actions(self.state, mode)

    def update(self, draft: DocumentDraft, *, by: UUID, at: datetime, today: date) -> None:
        """Replace the whole content of a draft; a rejected document becomes a draft again."""
        before = self._advance(Action.UPDATE, ApprovalMode.ALWAYS)
        self._take(draft, today)
        self._tell(Action.UPDATE, "Updated", by, at, state_before=before)

    def submit(self, *, approval_id: UUID, by: UUID, at: datetime, mode: ApprovalMode) -> Approval:
        """Ask for approval and return the question. The document then waits in PENDING."""
        before = self._advance(Action.SUBMIT, mode)
        self._tell(Action.SUBMIT, "Submitted", by, at, state_before=before)
        return Approval(
            id=approval_id,
            tenant_id=self.tenant_id,
            document_id=self.id,
            document_version=self.version + 1,
            by=by,
            at=at,
        )

    def approve(self, approval: Approval | None, *, by: UUID, at: datetime, note: str = "") -> None:
        """Approve. Raises FourEyesViolation for anyone who changed any field of it."""
        before = self._advance(Action.APPROVE, ApprovalMode.ALWAYS)
        authors = {author.user_id for author in self.authors}
        _asked(approval).approve(by=by, at=at, authors=authors, note=note)
        self._tell(Action.APPROVE, "Approved", by, at, state_before=before, is_author=False)

    def reject(self, approval: Approval | None, *, by: UUID, at: datetime, reason: str) -> None:
        """Send it back with a reason; the next edit makes it a draft again."""
        before = self._advance(Action.REJECT, ApprovalMode.ALWAYS)
        _asked(approval).reject(by=by, at=at, reason=reason)
        self._tell(Action.REJECT, "Rejected", by, at, state_before=before, is_author=False)

    def discard(self, *, by: UUID, at: datetime) -> None:
        """Throw a draft away; it stays readable and takes no number."""
        before = self._advance(Action.DISCARD, ApprovalMode.ALWAYS)
        self._tell(Action.DISCARD, "Discarded", by, at, state_before=before)

    def post(self, *, seller: Address, by: UUID, at: datetime, mode: ApprovalMode) -> None:
        """Make it final. The unit of work gives it the next number of its series at the end."""
        before = self._advance(Action.POST, mode)
        if self.supply_date is None:
            raise SupplyDateMissing(path=("input", "id"))
        self._demand_tax_ids(seller)
        self.posting_date = self.issue_date
        self.parties.append(Party(self, PartyRole.SELLER, None, seller))
        self._tell(Action.POST, "Posted", by, at, state_before=before, is_author=False)

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

    def _advance(self, action: Action, mode: ApprovalMode) -> State:
        before = self.state
        self.state = next_state(before, action, mode)
        return before

    def _tell(
        self,
        action: Action,
        verb: str,
        by: UUID,
        at: datetime,
        *,
        state_before: State | None,
        is_author: bool = True,
    ) -> None:
        self.updated_at = at
        if is_author and by not in {author.user_id for author in self.authors}:
            self.authors.append(Author(self, by))
        self.record(
            f"{self.definition.event}{verb}",
            action=action,
            kind=self.kind,
            state_before=state_before,
            state_after=self.state,
        )

    def _take(self, draft: DocumentDraft, today: date) -> None:
        self._take_dates(draft, today)
        self.customer_reference = optional_text(
            draft.customer_reference, 100, ("input", "customerReference")
        )
        self.note = optional_text(draft.note, 2000, ("input", "note"))
        self._take_parties(draft)
        self._take_lines(draft)

    def _take_dates(self, draft: DocumentDraft, today: date) -> None:
        latest = today + timedelta(days=DAYS_AHEAD_MAX)
        for name in ("issue_date", "supply_date", "supply_until"):
            day: date | None = getattr(draft, name)
            if day is not None and not EARLIEST <= day <= latest:
                raise DateOutOfRange(
                    earliest=EARLIEST.isoformat(), latest=latest.isoformat(), path=_input(name)
                )
            setattr(self, name, day)
        if draft.supply_until and not draft.supply_date:
            raise Required(path=_input("supply_date"))
        if draft.supply_until and draft.supply_date and draft.supply_until < draft.supply_date:
            raise SupplyPeriodReversed(path=_input("supply_until"))
        days = draft.bill_to.payment_days if draft.payment_days is None else draft.payment_days
        self.payment_days = checked_payment_days(days, _input("payment_days"))
        self.due_date = self.issue_date + timedelta(days=self.payment_days)

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

    def _take_lines(self, draft: DocumentDraft) -> None:
        if not draft.lines:
            raise LinesMissing(path=_input("lines"))
        if len(draft.lines) > LINES_MAX:
            raise TooManyLines(lines_max=LINES_MAX, path=_input("lines"))
        supplied = self.supply_date or self.issue_date
        self.lines[:] = [
            Line(
                line,
                draft.items[line.item_id] if line.item_id else None,
                tenant_id=self.tenant_id,
                document_id=self.id,
                position=position,
                on=supplied,
                path=("input", "lines", str(position - 1)),
            )
            for position, line in enumerate(draft.lines, start=1)
        ]
        self._total(self.lines)

    def _total(self, lines: Sequence[Line]) -> None:
        groups = breakdown(
            (line.tax_category, line.tax_rate, line.net, line.exemption_reason) for line in lines
        )
        if len(groups) > 1 and any(group.category is TaxCategory.O for group in groups):
            raise TaxCategoriesMixed(path=_input("lines"))
        self.taxes[:] = [TaxTotal(self, place, group) for place, group in enumerate(groups, 1)]
        self.net = sum((group.basis for group in groups), Decimal(0))
        self.tax = sum((group.tax for group in groups), Decimal(0))
        self.gross = checked_amount(self.net + self.tax, _input("lines"))
        if self.gross < 0:
            raise NegativeTotal(path=_input("lines"))

    def party(self, role: PartyRole) -> Party | None:
        """Return the party in `role`, if this document names one."""
        return next((party for party in self.parties if party.role is role), None)

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


def _asked(approval: Approval | None) -> Approval:
    if approval is None:
        raise RuntimeError("a document in PENDING has an open approval; the database sees to it")
    return approval


def _input(name: str) -> Path:
    head, *tail = name.split("_")
    return ("input", head + "".join(word.title() for word in tail))
