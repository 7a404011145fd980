"""A day of the demo company: its planned steps, done in one unit of work with the domain's verbs.

What a step needs was made on an earlier day, so it is posted and has its number. All documents of
the day are locked by one statement, and the numbers of the day are given as one block per series.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from domain.approvals import Approval
from domain.documents.amounts import InvoiceType
from domain.documents.cancellation import cancel
from domain.documents.conversion import Making, convert, open_for
from domain.documents.document import Document
from domain.documents.drafts import DocumentDraft
from domain.documents.facts import (
    confirm_received,
    record_answer,
    record_objection,
    release_payment,
)
from domain.documents.kinds import KINDS, Action, Kind
from domain.documents.kinds import Step as KindStep
from domain.documents.posting import SELF_BILLED
from domain.documents.purchases import note_purchases
from domain.documents.remainders import amend, close_lines
from domain.documents.upstream import Upstream
from domain.items import Item
from domain.payments import Asked, allocate, settle_cancelled
from persistence.tenants import Terms
from persistence.unit_of_work import UnitOfWork
from resolvers.documents.conditions import conditions_of
from resolvers.documents.makings import making_of
from resolvers.payments import settling
from web.demo_company.planner import How, Step, Verb
from web.demo_company.writing import (
    Stock,
    billed,
    conditions_in,
    draft_of,
    kept,
    open_lines,
    paid_of,
    parties_of,
    picks_of,
    priced,
    written_anew,
)

OVERPAID = Decimal("10.00")


@dataclass(slots=True)
class Diary:
    """What was made so far: the id of each document by the name that the plan gives it."""

    stock: Stock
    terms: dict[str, Terms]
    ids: dict[str, UUID] = field(default_factory=dict)


class Day:
    """The steps of one day by one person, in one unit of work."""

    def __init__(self, work: UnitOfWork, diary: Diary, steps: Sequence[Step]) -> None:
        self._work, self._diary, self._steps = work, diary, steps
        self._known: dict[UUID, Document] = {}
        self._approvals: dict[UUID, Approval] = {}
        self._drafts: dict[str, DocumentDraft] = {}
        self._upstream = Upstream()
        self._items: dict[UUID, Item] = {}

    async def live(self) -> None:
        """Do all of them, in their order."""
        await self._lock()
        await self._find_prices()
        for step in self._steps:
            if self._may_be_done(step):
                await _VERBS[step.verb](self, step)

    def _may_be_done(self, step: Step) -> bool:
        """Say whether all it needs is there: nothing is paid of what was credited whole."""
        return all(name in self._diary.ids for name in step.of)

    async def _lock(self) -> None:
        """Lock every document that a step of the day needs, with all that it came from."""
        work = self._work
        names = dict.fromkeys(name for step in self._steps for name in step.of)
        ids = [self._diary.ids[name] for name in names if name in self._diary.ids]
        approves = any(step.verb is Verb.APPROVE for step in self._steps)
        if any(step.kind and KINDS[step.kind].tells_purchase_prices for step in self._steps):
            named = await work.documents.named_items(ids)
            self._items = await work.items.lock_bought(named | self._written_items())
        if not ids:
            return
        found, self._upstream = await work.documents.locked_each(
            [(id, ()) for id in ids], Action.APPROVE if approves else Action.POST
        )
        for id in ids:
            document = found[id]
            if not isinstance(document, Document):
                raise document
            self._known[id] = document
        if approves:
            self._approvals = await work.approvals.open_for_each(list(self._known.values()))

    def _written_items(self) -> set[UUID]:
        """Return the items on lines that are written today."""
        places = {line.article for step in self._steps for line in step.lines}
        return {self._diary.stock.items[place].id for place in places if place is not None}

    async def _find_prices(self) -> None:
        asked = []
        written = [step for step in self._steps if step.verb is Verb.WRITE]
        for step in written:
            terms = self._terms(KINDS[step.kind])
            draft = draft_of(self._diary.stock, step, terms, self._work)
            asked.append((KINDS[step.kind], draft, terms))
        for step, draft in zip(written, await priced(self._work, asked), strict=True):
            self._drafts[step.made] = draft

    async def _write(self, step: Step) -> None:
        new = self._drafted(step, self._drafts[step.made])
        if not step.is_draft:
            await self._post(new)

    async def _follow(self, step: Step) -> None:
        await self._post(await self._converted(step, self._of(step)))

    async def _converted(self, step: Step, sources: Sequence[Document]) -> Document:
        target = KINDS[step.kind]
        payer = next(
            each for each in self._diary.stock.partners if each.id == sources[0].bill_to_id
        )
        making = replace(self._making(target), terms=payer.terms())
        if target.name == SELF_BILLED:
            making = await making_of(self._work, target, sources)
        new = convert(sources, target, picks_of(step, sources, target), making, self._upstream)
        self._keep(step, new)
        return new

    async def _bill(self, step: Step) -> None:
        """Write down what a supplier sent, each line with the one it bills or credits."""
        kind, times = KINDS[step.kind], step.share or Decimal(1)
        partner = self._diary.stock.partners[step.partner]
        lines = [
            billed(line, quantity, self._work.new_id(), times)
            for source in self._of(step)
            for line in open_lines(source)
            if (quantity := open_for(source, line, kind))
        ]
        items = {id: self._diary.stock.by_id[id] for each in lines if (id := each.item_id)}
        draft = DocumentDraft(
            issue_date=step.day,
            lines=tuple(lines),
            items=items,
            parties=parties_of(kind, partner),
            **step.facts,
        )
        await self._post(self._drafted(step, draft))

    async def _bill_finally(self, step: Step) -> None:
        """Bill a delivery and deduct what was paid before it."""
        *sources, prepayment = self._of(step)
        new = await self._converted(step, sources)
        draft = written_anew(
            new,
            self._diary.stock,
            self._diary.stock.partners[step.partner],
            invoice_type=InvoiceType.FINAL,
            prepayments=(prepayment,),
        )
        work = self._work
        terms = self._terms(new.definition)
        new.update(
            draft, by=work.actor.user, at=work.now, today=terms.today, upstream=self._upstream
        )
        await self._post(new)

    async def _amend(self, step: Step) -> None:
        """Let the first line become more."""
        [order] = self._of(step)
        work, terms = self._work, self._terms(order.definition)
        first, *others = order.lines
        lines = (kept(first, times=step.share or Decimal(1)), *map(kept, others))
        partner = next(each for each in self._diary.stock.partners if each.id == order.partner_id)
        before = amend(
            order,
            written_anew(order, self._diary.stock, partner, lines=lines),
            by=work.actor.user,
            at=work.now,
            today=terms.today,
            reason=step.reason,
            mode=terms.approval,
            upstream=self._upstream,
        )
        work.documents.keep_revision(before)

    async def _close(self, step: Step) -> None:
        """Close what is open, if anything is."""
        [document] = self._of(step)
        if any(line.open_quantity for line in document.lines):
            close_lines(
                document, None, by=self._work.actor.user, at=self._work.now, reason=step.reason
            )

    async def _cancel(self, step: Step) -> None:
        [original] = self._of(step)
        work, terms = self._work, self._terms(original.definition)
        counter = cancel(
            original,
            self._making(original.definition),
            company=terms.company,
            reason=step.reason,
            posting_date=terms.today,
            upstream=self._upstream,
        )
        self._diary.ids[step.made] = counter.id
        work.documents.keep(counter)
        at_once = settle_cancelled(original, counter, settling(work))
        work.payments.keep([at_once] if at_once else [])

    async def _pay(self, step: Step) -> None:
        """A customer pays invoices, and the payment is allocated to them."""
        asked = [paid_of(step, each) for each in self._of(step) if each.open_amount]
        if asked:
            payment = self._paid(step, asked)
            await self._post(payment)
            self._allocate(payment, asked)

    async def _request(self, step: Step) -> None:
        """Write down what goes out in the next run."""
        asked = [paid_of(step, each) for each in self._of(step) if each.open_amount]
        if asked:
            self._paid(step, asked)

    def _paid(self, step: Step, asked: Sequence[Asked]) -> Document:
        kind = KINDS[step.kind]
        amount = sum((each.amount for each in asked), Decimal(0))
        if step.how is How.TOO_MUCH:
            amount += OVERPAID
        draft = DocumentDraft(
            issue_date=step.day,
            lines=(),
            parties=parties_of(kind, self._diary.stock.partners[step.partner]),
            amount=amount,
            bank_reference=", ".join(each.document.number or "" for each in asked)[:140],
            **step.facts,
        )
        return self._drafted(step, draft)

    def _allocate(self, payment: Document, asked: Sequence[Asked]) -> None:
        self._work.payments.keep(allocate(payment, asked, settling(self._work), path=()))

    async def _submit(self, step: Step) -> None:
        [document] = self._of(step)
        work, terms = self._work, self._terms(document.definition)
        approval = document.submit(
            approval_id=work.new_id(),
            seller=terms.company,
            by=work.actor.user,
            at=work.now,
            mode=terms.approval,
            conditions=conditions_in(terms),
        )
        work.approvals.add(approval)

    async def _approve(self, step: Step) -> None:
        [document] = self._of(step)
        document.approve(
            self._approvals[document.id],
            by=self._work.actor.user,
            at=self._work.now,
            mode=self._terms(document.definition).approval,
        )

    async def _transfer(self, step: Step) -> None:
        """Post an approved payment and allocate it to what it pays."""
        payment, *invoices = self._of(step)
        await self._post(payment)
        self._allocate(payment, [paid_of(step, each) for each in invoices if each.open_amount])

    async def _settle(self, step: Step) -> None:
        """Set a credit note off against its invoice, as far as that is open."""
        credit, invoice = self._of(step)
        amount = min(abs(credit.open_amount), abs(invoice.open_amount))
        if amount:
            self._allocate(credit, [Asked(invoice, amount, ())])

    async def _release(self, step: Step) -> None:
        """Lift the block of an invoice, if it has one."""
        [invoice] = self._of(step)
        if invoice.payment_block is not None:
            release_payment(
                invoice, reason=step.reason, by=self._work.actor.user, at=self._work.now
            )

    async def _answer(self, step: Step) -> None:
        [document] = self._of(step)
        record_answer(
            document,
            step.facts["answer"],
            by=self._work.actor.user,
            at=self._work.now,
            reason=step.reason or None,
        )

    async def _object(self, step: Step) -> None:
        [invoice] = self._of(step)
        record_objection(invoice, reason=step.reason, by=self._work.actor.user, at=self._work.now)

    async def _received(self, step: Step) -> None:
        [delivery] = self._of(step)
        confirm_received(delivery, None, by=self._work.actor.user, at=self._work.now)

    def _drafted(self, step: Step, draft: DocumentDraft) -> Document:
        kind, work = KINDS[step.kind], self._work
        new = Document.drafted(
            draft,
            id=work.new_id(),
            tenant_id=work.actor.tenant,
            kind=kind,
            currency=draft.currency,
            by=work.actor.user,
            at=work.now,
            today=self._terms(kind).today,
            upstream=self._upstream,
        )
        self._keep(step, new)
        return new

    def _keep(self, step: Step, new: Document) -> None:
        self._diary.ids[step.made] = new.id
        self._work.documents.add(new)

    async def _post(self, document: Document) -> None:
        work, terms = self._work, self._terms(document.definition)
        conditions = conditions_in(terms)
        if document.kind == SELF_BILLED:
            conditions = await conditions_of(work, document, terms)
        document.post(
            seller=terms.company,
            by=work.actor.user,
            at=work.now,
            mode=terms.approval,
            today=terms.today,
            upstream=self._upstream,
            conditions=conditions,
        )
        note_purchases(document, self._items, at=work.now)

    def _making(self, target: Kind) -> Making:
        terms = self._terms(target)
        tolerance = terms.settings.over_delivery_tolerance_percent
        return Making(
            id=self._work.new_id(),
            new_id=self._work.new_id,
            by=self._work.actor.user,
            at=self._work.now,
            today=terms.today,
            tolerance_percent=tolerance if target.step is KindStep.ORDER else Decimal(0),
        )

    def _terms(self, kind: Kind) -> Terms:
        """Return the terms of a kind today; the company keeps its settings all along."""
        return replace(self._diary.terms[kind.name], today=self._work.now.date())

    def _of(self, step: Step) -> list[Document]:
        return [self._known[self._diary.ids[name]] for name in step.of]


_VERBS: dict[Verb, Callable[[Day, Step], Awaitable[None]]] = {
    Verb.WRITE: Day._write,
    Verb.FOLLOW: Day._follow,
    Verb.BILL: Day._bill,
    Verb.FINAL: Day._bill_finally,
    Verb.AMEND: Day._amend,
    Verb.CLOSE: Day._close,
    Verb.CANCEL: Day._cancel,
    Verb.PAY: Day._pay,
    Verb.REQUEST: Day._request,
    Verb.SUBMIT: Day._submit,
    Verb.APPROVE: Day._approve,
    Verb.TRANSFER: Day._transfer,
    Verb.SETTLE: Day._settle,
    Verb.RELEASE: Day._release,
    Verb.ANSWER: Day._answer,
    Verb.OBJECT: Day._object,
    Verb.RECEIVED: Day._received,
}
