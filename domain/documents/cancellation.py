"""Cancellation (Storno): a posted document is never changed, a counter document takes it back.

The counter document is of the same kind, with every quantity negated, takes a number of its own
and names its original (UStDV section 31 (5); GoBD: what was posted stays readable).
"""

from dataclasses import replace
from datetime import date

from domain.documents.amounts import amounts_of, keep_allowances, take_amounts
from domain.documents.conversion import Making
from domain.documents.document import Document
from domain.documents.drafts import HEADER, TERMS
from domain.documents.kinds import Action, ApprovalMode, State
from domain.documents.lines import Line, LinePlace
from domain.documents.parts import Party, Prepaid
from domain.documents.progress import TAKEN
from domain.documents.upstream import Upstream
from domain.partners import Address
from domain.problems import Problem
from domain.text import checked_text

_HERE = ("input", "id")
REASON_LENGTH_MAX = 500


class AlreadyCancelled(Problem):
    """{number} was cancelled before."""

    number: str


class CancellationFinal(Problem):
    """{number} is itself a cancellation. Write a new document instead of cancelling it."""

    number: str


class FollowUpsExist(Problem):
    """Documents were made of {number}. Cancel or discard those first."""

    number: str


def cancel(
    original: Document,
    making: Making,
    *,
    company: Address,
    reason: str,
    posting_date: date,
    upstream: Upstream,
    copied: bool = False,
) -> Document:
    """Return the posted counter document; the original and what it came from get their due back.

    Where it is `copied` at once, the sources are told by that copy, of both in one.
    `posting_date` is that of the original, or today where its period is closed. Raises
    TransitionNotAllowed, AlreadyCancelled, CancellationFinal, FollowUpsExist or Required.
    """
    original.next_state(Action.CANCEL, ApprovalMode.ALWAYS)
    reason = checked_text(reason, REASON_LENGTH_MAX, ("input", "reason"))
    number = original.number or ""
    if original.is_cancellation:
        raise CancellationFinal(number=number, path=_HERE)
    if original.cancelled_by_id is not None:
        raise AlreadyCancelled(number=number, path=_HERE)
    counters = (*TAKEN, "credited_net")
    if any(getattr(line, counter) for line in original.lines for counter in counters):
        raise FollowUpsExist(number=number, path=_HERE)
    counter = _counter_of(original, making, reason, posting_date)
    counter.parties.append(Party(counter, counter.definition.we_are, None, company))
    billed = upstream.creditable()
    upstream.release(original)
    upstream.settle(original, -1)
    if upstream.credits_unbilled(billed):  # credit notes of what came back rest on this invoice
        raise FollowUpsExist(number=number, path=_HERE)
    if not copied:
        upstream.tell(counter, by=making.by, at=making.at)
    original.cancelled_by_id = counter.id
    original.tell(
        Action.CANCEL,
        "Cancelled",
        making.by,
        making.at,
        original.state,
        is_author=False,
        reason=reason,
        cause_id=counter.id,
    )
    original.count_open()
    counter.tell(
        Action.CREATE,
        "Created",
        making.by,
        making.at,
        State.DRAFT,
        is_new=True,
        source_ids=[original.id],
    )
    counter.tell(Action.POST, "Posted", making.by, making.at, State.POSTED)
    return counter


def _counter_of(original: Document, making: Making, reason: str, posting_date: date) -> Document:
    counter = empty_like(original, making)
    counter.cancels_id, counter.cancel_reason = original.id, reason
    counter.set_type(original.invoice_type)
    counter.issue_date, counter.posting_date = making.today, posting_date
    counter.set_dates()
    counter.external_number = counter.external_year = None
    copy_lines(counter, original, making, sign=-1)
    _take_amounts(counter, original, sign=-1)
    return counter


def _take_amounts(new: Document, original: Document, sign: int = 1) -> None:
    """Compute what a copy comes to; an amount off counts the other way on a negative document."""
    allowances = [
        each.allowance
        if each.amount is None or sign > 0
        else replace(each.allowance, is_charge=not each.is_charge)
        for each in original.allowances
    ]
    if not new.definition.has_lines:
        new.take_amount(-original.gross if sign < 0 else abs(original.gross))
        return
    keep_allowances(new, allowances)
    totals = amounts_of(
        new.definition, new.lines, allowances, new.price_basis, may_be_negative=sign < 0
    )
    take_amounts(new, totals, _given_back(new, original) if sign < 0 else ())


def _given_back(counter: Document, original: Document) -> list[Prepaid]:
    """Let the prepayments of a cancelled final invoice be deducted by another one."""
    for each in original.prepayments:
        each.is_active = False
    return [each.given_back_by(counter) for each in original.prepayments]


def _deduct_again(copy: Document, original: Document) -> None:
    """Deduct the prepayments that the cancelled final invoice gave back."""
    again = [each.repeated_by(copy) for each in original.prepayments]
    copy.prepayments[:] = again
    copy.prepaid = original.prepaid
    copy.payable = copy.gross - copy.prepaid


def copy_of(original: Document, making: Making, upstream: Upstream) -> Document:
    """Return a draft that says the same as `original` and comes from the same documents.

    Used to write it anew after a cancellation; it takes the quantities that this gave back.
    """
    copy = empty_like(original, making)
    copy.set_type(original.invoice_type)
    copy.issue_date = making.today
    copy.set_dates()
    copy_lines(copy, original, making)
    for line, said in zip(copy.lines, original.lines, strict=True):
        for name in ("source_line_id", "source_document_id", "source_number", "source_date"):
            setattr(line, name, getattr(said, name))
    _take_amounts(copy, original)
    _deduct_again(copy, original)
    if original.definition.states_taxes:
        copy.repeat_stated(original)
    upstream.take(copy, ("input", "id"))
    upstream.tell(copy, by=making.by, at=making.at)
    copy.tell(
        Action.CREATE,
        "Created",
        making.by,
        making.at,
        State.DRAFT,
        is_new=True,
        source_ids=[original.id],
    )
    return copy


def duplicate_of(original: Document, making: Making) -> Document:
    """Return a draft with the same content that comes from nowhere: an order like the last one."""
    copy = empty_like(original, making)
    copy.set_type(original.invoice_type)
    copy.issue_date = making.today
    copy.supply_date = copy.supply_until = None
    copy.set_dates()
    copy.external_number = copy.external_year = None
    copy_lines(copy, original, making)
    _take_amounts(copy, original)
    copy.tell(Action.CREATE, "Created", making.by, making.at, State.DRAFT, is_new=True)
    return copy


_AS_AGREED = ("price_basis", "exchange_rate", "rate_date", "rate_source", "branch_id", "branch")


def empty_like(original: Document, making: Making) -> Document:
    """Return a document of the same kind with the same header and parties, without lines."""
    new = Document(
        id=making.id,
        tenant_id=original.tenant_id,
        kind=original.definition,
        currency=original.currency,
        by=making.by,
        at=making.at,
    )
    new.responsible_id = original.responsible_id
    new.partner_id, new.bill_to_id = original.partner_id, original.bill_to_id
    for role in original.definition.parties:
        party = original.party(role)
        if party is not None:
            new.name_party(role, party.partner_id, making.address_of(role, party))
    for name in (*HEADER, *TERMS, *_AS_AGREED):
        setattr(new, name, getattr(original, name))
    new.external_year = original.external_year
    return new


def copy_lines(new: Document, original: Document, making: Making, sign: int = 1) -> None:
    """Copy every line of `original`, quantities times `sign`, without what was made of them."""
    for said in original.lines:
        line = Line(
            LinePlace(
                tenant_id=new.tenant_id,
                document_id=new.id,
                id=making.new_id(),
                position=said.position,
                kind=new.definition,
                supplied_on=new.supplied_on,
                path=_HERE,
            )
        )
        line.carry(said, None if said.quantity is None else sign * said.quantity, _HERE)
        line.kind, line.is_price_correction = said.kind, said.is_price_correction
        line.compute(_HERE)
        new.lines.append(line)
