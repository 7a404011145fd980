"""A document of any kind: what it holds, what may happen to it, and the events that tell so."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.amounts import PriceBasis, StatedTax, TaxFinding
from domain.approvals import Approval
from domain.dates import checked_day
from domain.documents.amounts import (
    Exchange,
    InvoiceType,
    PrepaymentsWithoutFinal,
    amounts_of,
    checked_allowances,
    in_company,
    keep_allowances,
    prepaid_by,
    take_amounts,
    type_code_of,
)
from domain.documents.asking import lines_of
from domain.documents.companions import Attachment, Comment, Tag
from domain.documents.credits import check_references
from domain.documents.drafts import (
    HEADER,
    MOVED_ON_ISSUE,
    TERMS,
    DocumentDraft,
    check_dates,
    header_of,
    input_path,
    payer,
)
from domain.documents.kinds import (
    KINDS,
    Action,
    ApprovalMode,
    Kind,
    PartyRole,
    PaymentMethod,
    State,
    Step,
)
from domain.documents.life import allowed_actions, next_state
from domain.documents.lines import NOTHING_YET, Line
from domain.documents.matching import Tolerance, as_text, block_reason, from_text, match
from domain.documents.parts import Author, DocumentAllowance, Party, Prepaid, TaxTotal
from domain.documents.posting import USUAL, Conditions, demand_postable, shown_company
from domain.documents.stated import (
    StatedTotal,
    checked_stated,
    findings_as_text,
    findings_from_text,
    findings_of,
)
from domain.documents.upstream import NOTHING_ABOVE, Upstream
from domain.exchange_rates import RateSource
from domain.journal import Recorder
from domain.money import checked_money
from domain.partners import Address
from domain.problems import Problem
from domain.text import Required


class PartnerOfSourceDiffers(Problem):
    """This came from a document of another customer or supplier and stays with that one. Write a new document for this one."""  # noqa: E501  one sentence for the user


class DuplicateDocument(Problem):
    """You already have {number} of this partner in that year: {existing}."""

    number: str
    existing: str


class Document(Recorder):
    """A document with its parties, lines, tax groups and authors, loaded and saved as a whole."""

    entity_type = "document"

    id: UUID
    tenant_id: UUID
    kind: str
    state: State
    number: str | None
    version: int
    revision: int
    currency: str
    issue_date: date
    posting_date: date | None
    due_date: date | None
    payment_days: int | None
    discount_days: int | None
    discount_percent: Decimal | None
    discount2_days: int | None
    discount2_percent: Decimal | None
    branch_id: UUID | None
    branch: str | None
    supply_date: date | None
    supply_until: date | None
    bonus_from: date | None
    bonus_until: date | None
    valid_from: date | None
    valid_until: date | None
    requested_date: date | None
    method: PaymentMethod | None
    bank_reference: str | None
    tolerance_percent: Decimal | None
    price_fixed: bool | None
    external_number: str | None
    external_year: int | None
    customer_reference: str | None
    carrier: str | None
    opening_text: str | None
    closing_text: str | None
    note: str | None
    price_basis: PriceBasis
    invoice_type: InvoiceType | None
    type_code: str | None
    line_total: Decimal
    allowance_total: Decimal
    charge_total: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    prepaid: Decimal
    payable: Decimal
    exchange_rate: Decimal | None
    rate_date: date | None
    rate_source: RateSource | None
    company_net: Decimal
    company_tax: Decimal
    company_gross: Decimal
    settled: Decimal
    discount_taken: Decimal
    partner_id: UUID
    bill_to_id: UUID
    responsible_id: UUID
    cancels_id: UUID | None
    cancelled_by_id: UUID | None
    cancel_reason: str | None
    open_lines: int
    sent_at: datetime | None
    answer: str | None
    answered_at: datetime | None
    answer_reason: str | None
    received_at: datetime | None
    objected_at: datetime | None
    objection_reason: str | None
    payment_block: str | None
    match_report: str | None
    tax_report: str | None
    created_at: datetime
    updated_at: datetime
    parties: list[Party]
    lines: list[Line]
    taxes: list[TaxTotal]
    allowances: list[DocumentAllowance]
    prepayments: list[Prepaid]
    stated_taxes: list[StatedTotal]
    authors: list[Author]
    tags: list[Tag]
    comments: list[Comment]
    attachments: list[Attachment]

    def __init__(
        self, *, id: UUID, tenant_id: UUID, kind: Kind, currency: str, by: UUID, at: datetime
    ) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.kind = kind.name
        self.number = None
        self.revision = 1
        self.currency = currency
        self.responsible_id = by
        self.created_at = at
        self.open_lines = 0
        self.settled = self.discount_taken = Decimal("0.00")
        self.posting_date = self.due_date = self.payment_days = self.external_year = None
        self.cancels_id = self.cancelled_by_id = self.cancel_reason = None
        self.sent_at = self.answer = self.answered_at = self.answer_reason = None
        self.received_at = self.payment_block = self.match_report = self.tax_report = None
        self.parties, self.lines, self.taxes, self.authors = [], [], [], []
        self.allowances, self.prepayments, self.stated_taxes = [], [], []
        self.price_basis, self.invoice_type, self.type_code = PriceBasis.NET, None, None
        self.exchange_rate = self.rate_date = self.rate_source = None
        self.branch_id = self.branch = None
        self.objected_at = self.objection_reason = None
        for name in (*HEADER, *TERMS):
            setattr(self, name, None)

    @classmethod
    def drafted(
        cls,
        draft: DocumentDraft,
        *,
        id: UUID,
        tenant_id: UUID,
        kind: Kind,
        currency: str,
        by: UUID,
        at: datetime,
        today: date,
        upstream: Upstream = NOTHING_ABOVE,
    ) -> "Document":
        """Return a new draft that says what a client asks for.

        Lines that name a source take of it, as a conversion does.
        """
        new = cls(id=id, tenant_id=tenant_id, kind=kind, currency=currency, by=by, at=at)
        new.take_content(draft, today)
        upstream.adopt(new)
        check_references(new)
        upstream.take(new, input_path("lines"))
        upstream.tell(new, by=by, at=at)
        new.tell(Action.CREATE, "Created", by, at, State.DRAFT, is_new=True)
        return new

    @property
    def definition(self) -> Kind:
        """The entry of the table of kinds that rules this document."""
        return KINDS[self.kind]

    @property
    def is_cancellation(self) -> bool:
        """Whether it takes back another document (Storno)."""
        return self.cancels_id is not None

    @property
    def bills_money_only(self) -> bool:
        """Whether it is a prepayment: the goods are delivered and billed by others later."""
        return self.invoice_type is InvoiceType.PREPAYMENT

    @property
    def supplied_on(self) -> date:
        """The day that decides rates; the issue date stands in until there is one of supply."""
        return self.supply_until or self.supply_date or self.issue_date

    @property
    def has_open_price(self) -> bool:
        """Whether it is a contract that leaves the price to the day of each call-off."""
        return self.definition.step is Step.CONTRACT and self.price_fixed is False

    def may_become(self, follow_up: "Document") -> bool:
        """Say whether lines of `follow_up` may name lines of this one as their source."""
        return (
            follow_up.kind in self.definition.targets
            and self.state is State.POSTED
            and self.cancelled_by_id is None
            and not self.is_cancellation
            and self.bill_to_id == follow_up.bill_to_id
            and self.currency == follow_up.currency
        )

    @property
    def open_amount(self) -> Decimal:
        """What is neither paid nor set off of it, with the sign of its gross; a draft owes nothing.

        Everything that asks what a document owes asks here, the database by `open_cents`.
        """
        is_open = self.state is State.POSTED and self.definition.owed != 0
        return self.payable - self.settled if is_open else Decimal("0.00")

    @property
    def balance(self) -> Decimal:
        """What is open, seen from us: above zero they owe it to us, below zero we owe it."""
        return self.definition.owed_to_us * self.open_amount

    def allowed_actions(self, mode: ApprovalMode) -> tuple[Action, ...]:
        """Return what the life of this document allows now, whoever asks."""
        return allowed_actions(self.definition, self.state, mode)

    def next_state(self, action: Action, mode: ApprovalMode) -> State:
        """Return the state after `action`. Raises TransitionNotAllowed."""
        return next_state(self.definition, self.state, action, mode)

    def update(
        self,
        draft: DocumentDraft,
        *,
        by: UUID,
        at: datetime,
        today: date,
        mode: ApprovalMode = ApprovalMode.ALWAYS,
        upstream: Upstream = NOTHING_ABOVE,
    ) -> None:
        """Replace the whole content of a draft; a rejected document becomes a draft again."""
        state = self.next_state(Action.UPDATE, mode)
        upstream.release(self)
        self.take_content(draft, today)
        upstream.adopt(self)
        check_references(self)
        upstream.take(self, input_path("lines"))
        upstream.tell(self, by=by, at=at)
        self.tell(Action.UPDATE, "Updated", by, at, state)

    def submit(
        self,
        *,
        approval_id: UUID,
        seller: Address,
        by: UUID,
        at: datetime,
        mode: ApprovalMode,
        conditions: Conditions = USUAL,
    ) -> Approval:
        """Ask for approval and return the question. The document then waits in PENDING.

        What posting will ask for is asked for now: nothing can be added once it is approved.
        """
        state = self.next_state(Action.SUBMIT, mode)
        demand_postable(self, seller, conditions)
        self.tell(Action.SUBMIT, "Submitted", by, at, state)
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
        state = self.next_state(Action.APPROVE, mode)
        authors = {author.user_id for author in self.authors}
        _asked(approval).approve(by=by, at=at, authors=authors, note=note)
        self.tell(Action.APPROVE, "Approved", by, at, state, is_author=False)

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
        state = self.next_state(Action.REJECT, mode)
        _asked(approval).reject(by=by, at=at, reason=reason)
        self.tell(Action.REJECT, "Rejected", by, at, state, is_author=False, reason=reason.strip())

    def discard(
        self,
        *,
        by: UUID,
        at: datetime,
        mode: ApprovalMode = ApprovalMode.ALWAYS,
        upstream: Upstream = NOTHING_ABOVE,
    ) -> None:
        """Throw a draft away; it stays readable and takes no number."""
        state = self.next_state(Action.DISCARD, mode)
        upstream.release(self)
        upstream.tell(self, by=by, at=at)
        self.prepayments.clear()
        self.tell(Action.DISCARD, "Discarded", by, at, state)

    def post(
        self,
        *,
        seller: Address,
        by: UUID,
        at: datetime,
        mode: ApprovalMode,
        today: date | None = None,
        posting_date: date | None = None,
        upstream: Upstream = NOTHING_ABOVE,
        conditions: Conditions = USUAL,
        demand_day: Callable[["Document", date], None] | None = None,
    ) -> None:
        """Make it final. The unit of work gives it the next number of its series at the end.

        What we received is posted `today` unless another day is named, our own on its issue date.
        Raises DateOutOfRange for a day that is no day to post it on.
        `demand_day` refuses the day before anything changes, where that is known already.
        """
        state = self.next_state(Action.POST, mode)
        demand_postable(self, seller, conditions)
        usual = today if self.definition.received and today else self.issue_date
        day = posting_date or usual
        if posting_date is not None:
            self._check_posting_date(posting_date, today or at.date())
        if demand_day is not None:
            demand_day(self, day)
        self.posting_date = day
        us = shown_company(self, seller)
        self.parties.append(Party(self, self.definition.we_are, None, us))
        upstream.settle(self)
        if self.definition.states_taxes:
            self.compare_stated(conditions.match_tolerance)
        if self.definition.is_matched:
            self.check_match(upstream, conditions.match_tolerance)
        upstream.tell(self, by=by, at=at)
        upstream.recheck(self, conditions.match_tolerance, by=by, at=at)
        self.tell(Action.POST, "Posted", by, at, state, is_author=False)
        self.count_open()

    def _check_posting_date(self, day: date, today: date) -> None:
        """Raise DateOutOfRange before anything happened, or later than tomorrow.

        Tomorrow is the first open day where the books are closed up to today. What bears a later
        date itself is posted by then at the latest.
        """
        happened = [self.issue_date, *filter(None, (self.supply_date, self.supply_until))]
        latest = max(today + timedelta(days=1), self.issue_date)
        checked_day(day, latest, input_path("posting_date"), earliest=min(happened))

    def check_match(self, upstream: Upstream, tolerance: Decimal) -> None:
        """Compare a received invoice with order and receipts; what deviates blocks its payment."""
        findings = match(self, upstream, Tolerance(amount=tolerance))
        self.match_report = as_text(findings)
        self.payment_block = block_reason(findings, self.findings)

    def compare_stated(self, tolerance: Decimal) -> None:
        """Compare what it states of net and tax per rate with what its lines come to."""
        self.tax_report = findings_as_text(findings_of(self, tolerance))

    @property
    def findings(self) -> tuple[TaxFinding, ...]:
        """How what it states differs from what we calculate, by falling rate."""
        return findings_from_text(self.tax_report)

    def repeat_stated(self, original: "Document") -> None:
        """State the same as another document with the same lines."""
        self.stated_taxes[:] = [
            StatedTotal(self, each.position, StatedTax(each.rate, each.net, each.tax))
            for each in original.stated_taxes
        ]
        self.tax_report = original.tax_report

    def state_taxes(self, stated: Sequence[StatedTax], tolerance: Decimal) -> None:
        """Keep what it states of net and tax per rate, and how that differs from ours."""
        self.stated_taxes[:] = [
            StatedTotal(self, position, each) for position, each in enumerate(stated, start=1)
        ]
        self.compare_stated(tolerance)

    @property
    def is_blocked_by_match(self) -> bool:
        """Whether the match blocks its payment; a reason in anybody's own words is no finding."""
        found = block_reason(from_text(self.match_report), self.findings)
        return found is not None and self.payment_block == found

    def rechecked(self, upstream: Upstream, tolerance: Decimal, *, by: UUID, at: datetime) -> None:
        """Compare anew, since goods or a credit note came; the block may go, never come.

        Only a block that the match had set: what a person blocked a second person lifts.
        """
        if not self.is_blocked_by_match or self.cancelled_by_id is not None:
            return
        findings = match(self, upstream, Tolerance(amount=tolerance), upstream.credited)
        if block_reason(findings, self.findings) is None:
            self.match_report, self.payment_block = as_text(findings), None
            self.tell(
                Action.RELEASE_PAYMENT,
                "PaymentReleased",
                by,
                at,
                self.state,
                is_author=False,
                reason="MATCHED",
            )

    def move_cancellation_after(self, closed_until: date | None) -> None:
        """Post a cancellation today where the period of its original is closed by now."""
        if closed_until is None or not self.is_cancellation or self.posting_date is None:
            return
        if self.posting_date <= closed_until:
            self.posting_date = self.issue_date

    def request_print(self, language: str) -> None:
        """Note that somebody wants it as a PDF. Raises TransitionNotAllowed."""
        self.next_state(Action.PRINT, ApprovalMode.ALWAYS)
        self.record(
            f"{self.definition.event}PrintRequested",
            action=Action.PRINT,
            kind=self.kind,
            state_before=self.state,
            state_after=self.state,
            language=language,
        )

    def printed(self, *, language: str, file_hash: str) -> None:
        """Note that a PDF was made. What was posted stays as it is, only the journal grows."""
        self.next_state(Action.PRINT, ApprovalMode.ALWAYS)
        self.record(
            f"{self.definition.event}Printed",
            action=Action.PRINT,
            kind=self.kind,
            state_before=self.state,
            state_after=self.state,
            language=language,
            file_hash=file_hash,
        )

    def progressed(self, cause: "Document", *, by: UUID, at: datetime) -> None:
        """Note that a follow-up took something of its lines, gave it back, or made it final."""
        state = self.next_state(Action.PROGRESS, ApprovalMode.ALWAYS)
        self.count_open()
        self.tell(Action.PROGRESS, "Progressed", by, at, state, is_author=False, cause_id=cause.id)

    def tell(
        self,
        action: Action,
        verb: str,
        by: UUID,
        at: datetime,
        state: State,
        *,
        is_new: bool = False,
        is_author: bool = True,
        **facts: Any,
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

    def count_open(self) -> None:
        """Count the lines that still wait for what follows; a draft has none."""
        for line, open in zip(self.lines, self._open_quantities(), strict=True):
            line.open_quantity = open
        self.open_lines = sum(1 for line in self.lines if line.open_quantity)

    def waits_otherwise(self) -> bool:
        """Say whether its lines wait for more or less than they did when they were counted last."""
        return [line.open_quantity for line in self.lines] != self._open_quantities()

    def _open_quantities(self) -> list[Decimal]:
        step = self.definition.step
        waits = self.state is State.POSTED and not self.is_cancellation and not self.cancelled_by_id
        return [
            line.in_unit(line.open_stock(step) if waits else NOTHING_YET) for line in self.lines
        ]

    def take_content(self, draft: DocumentDraft, today: date) -> None:
        """Take over a draft as a whole: all of it is checked before anything changes."""
        check_dates(draft, today)
        header = header_of(self.definition, draft)
        has_lines = self.definition.has_lines
        lines = lines_of(self, draft) if has_lines else []
        amount = None if has_lines else _asked_amount(draft)
        allowances = checked_allowances(draft.allowances, lines, draft.supplied_on)
        stated = checked_stated(draft.stated_taxes)
        totals = amounts_of(self.definition, lines, allowances, draft.price_basis)
        self._check_prepayments(draft)
        self.currency = draft.currency
        self.exchange(draft.exchange and draft.exchange.checked(input_path("exchange_rate")))
        self.branch_id, self.branch = draft.branch or (None, None)
        self.price_basis = draft.price_basis
        self.set_type(draft.invoice_type)
        self.issue_date = draft.issue_date
        for name, value in header.items():
            setattr(self, name, value)
        self.external_year = draft.issue_date.year if self.external_number else None
        self.set_dates()
        self._take_lines(lines)
        self._take_parties(draft)
        keep_allowances(self, allowances)
        take_amounts(self, totals, prepaid_by(self, draft.prepayments))
        if amount is not None:
            self.take_amount(amount)
        if self.definition.states_taxes:
            self.state_taxes(stated, draft.tax_tolerance)

    def _check_prepayments(self, draft: DocumentDraft) -> None:
        if draft.prepayments and draft.invoice_type is not InvoiceType.FINAL:
            raise PrepaymentsWithoutFinal(path=input_path("prepayments"))

    def exchange(self, exchange: Exchange | None) -> None:
        """Take the rate that turns its amounts into company currency; None if it is that."""
        self.exchange_rate = exchange.rate if exchange else None
        self.rate_date = exchange.date if exchange else None
        self.rate_source = exchange.source if exchange else None

    @property
    def exchanged(self) -> Exchange | None:
        """The rate that turns its amounts into company currency; None if it is that."""
        if self.exchange_rate is None or self.rate_date is None or self.rate_source is None:
            return None
        return Exchange(self.exchange_rate, self.rate_date, self.rate_source)

    def set_type(self, invoice_type: InvoiceType | None) -> None:
        """Say what an invoice to a customer is for, and the code that follows."""
        if "invoice_type" in self.definition.fields:
            self.invoice_type = invoice_type or InvoiceType.ORDINARY
        self.type_code = type_code_of(self)

    def set_dates(self) -> None:
        """Set what follows from other dates: when it is due, and when it was supplied.

        Goods are moved on the issue date unless said otherwise; a bonus is about its period.
        """
        if self.definition.step in MOVED_ON_ISSUE and self.supply_date is None:
            self.supply_date = self.issue_date
        if self.bonus_from is not None and self.supply_date is None:
            self.supply_date = self.bonus_from
            self.supply_until = None if self.bonus_until == self.bonus_from else self.bonus_until
        if self.definition.is_billing and self.payment_days is not None:
            self.due_date = self.issue_date + timedelta(days=self.payment_days)
        if self.definition.is_payment:
            self.due_date = self.issue_date  # the value date (Wertstellung)

    def take_amount(self, amount: Decimal) -> None:
        """Keep the one amount that a kind without lines states; no tax is in it."""
        self.net = self.gross = self.line_total = self.payable = amount
        self.company_net = self.company_gross = in_company(self, amount)
        self.tax = self.company_tax = self.prepaid = Decimal("0.00")
        self.allowance_total = self.charge_total = Decimal("0.00")

    def _take_parties(self, draft: DocumentDraft) -> None:
        kind = self.definition
        came_from_another = any(line.source_document_id for line in self.lines)
        first = kind.parties[0]
        if came_from_another and draft.parties[first].partner.id != self.partner_id:
            raise PartnerOfSourceDiffers(path=input_path(first.value.lower()))
        for role in kind.parties:
            named, present = draft.parties[role], self.party(role)
            address = named.address_for(role)
            agreed = came_from_another and role is PartyRole.SHIP_TO and named.address is None
            if agreed and present is not None and present.partner_id == named.partner.id:
                address = present.address
            self.name_party(role, named.partner.id, address)
        self.partner_id = draft.parties[kind.parties[0]].partner.id
        self.bill_to_id = draft.parties[payer(kind)].partner.id

    def name_party(self, role: PartyRole, partner_id: UUID | None, address: Address) -> None:
        """Name somebody in a role, with the address that this document shows."""
        present = self.party(role)
        if present is None:
            self.parties.append(Party(self, role, partner_id, address))
        else:
            present.show(partner_id, address)

    def _take_lines(self, asked: Sequence[Line]) -> None:
        """Change the lines that stay, add the new ones, drop the rest."""
        known: Mapping[UUID, Line] = {line.id: line for line in self.lines}
        kept = []
        for line in asked:
            present = known.get(line.id)
            if present is None:
                kept.append(line)
            else:
                present.take_over(line)
                kept.append(present)
        self.lines[:] = kept

    def party(self, role: PartyRole) -> Party | None:
        """Return the party in `role`, if this document names one."""
        return next((party for party in self.parties if party.role is role), None)


def _asked_amount(draft: DocumentDraft) -> Decimal:
    path = input_path("amount")
    if draft.amount is None:
        raise Required(path=path)
    return checked_money(draft.amount, path)


def _asked(approval: Approval | None) -> Approval:
    if approval is None:
        raise RuntimeError("a document in PENDING has an open approval; the database sees to it")
    return approval
