"""Allocations (Zuordnungen): what settles what, told on both sides, and taken back again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.documents.document import Document
from domain.documents.kinds import Action, ApprovalMode, State
from domain.money import checked, checked_money
from domain.payments.discount import NOTHING, discount_agreed, tax_of_another
from domain.payments.obstacles import Standing, settle_obstacle, undo_obstacle
from domain.problems import Path, Problem
from domain.text import Required, checked_text

ALLOCATIONS_MAX = 500
REASON_LENGTH_MAX = 500


class AllocationExceedsOpen(Problem):
    """Of {number} only {open} {currency} are open; {asked} are more than that."""

    number: str
    open: str
    asked: str
    currency: str


class AllocationExceedsPayment(Problem):
    """Of {number} only {open} {currency} are not allocated yet; {asked} are more than that."""

    number: str
    open: str
    asked: str
    currency: str


class CurrencyDiffers(Problem):
    """{number} is in {currency}, not in {expected}; only amounts of one currency settle."""

    number: str
    currency: str
    expected: str


class PayerDiffers(Problem):
    """{number} concerns another payer. If a third party pays for him, say so with thirdParty."""

    number: str


class CashDiscountNegative(Problem):
    """A cash discount must not be below zero."""


class DiscountNotAgreed(Problem):
    """On {day} a cash discount of {agreed} {currency} may be deducted from {number}; {asked} are more. Accept it with acceptDiscount."""  # noqa: E501  one sentence for the user

    number: str
    day: str
    agreed: str
    asked: str
    currency: str


class NotAnOpenItem(Problem):
    """A {kind} is nothing that is paid. Take the invoice made of it."""

    kind: str


class NotPosted(Problem):
    """This document is in the state {state}. Only what is posted can be settled."""

    state: str


class PaymentBlocked(Problem):
    """{number} must not be paid: {reason}. Somebody else than its author may release it first."""

    number: str
    reason: str


class OwedTheSameWay(Problem):
    """{first} and {second} are owed the same way, so neither settles the other."""

    first: str
    second: str


class TooManyAllocations(Problem):
    """At most {allocations_max} documents are settled at a time."""

    allocations_max: int


class Allocation:
    """How much of a payment (or of a credit) settles how much of a document.

    `amount` lessens both, the cash discount only the document; `discount` = `discount_net` +
    `discount_tax`. All are above zero or zero, in the currency both share. It counts from
    `settled_on` on, and until the day before `undone_on`; the unit of work dates it.
    """

    id: UUID
    tenant_id: UUID
    payment_id: UUID
    document_id: UUID
    amount: Decimal
    discount: Decimal
    discount_net: Decimal
    discount_tax: Decimal
    allocated_at: datetime
    allocated_by: UUID
    settled_on: date
    undone_at: datetime | None
    undone_on: date | None
    undone_by: UUID | None
    undo_reason: str | None
    sides: tuple[Document, Document]
    """Payment and document, while this is being made or taken back; not kept."""
    place: Path
    """Where the input asks for it; not kept."""

    def __init__(
        self,
        *,
        id: UUID,
        payment: Document,
        document: Document,
        by: UUID,
        at: datetime,
        place: Path,
    ) -> None:
        self.id = id
        self.tenant_id = payment.tenant_id
        self.payment_id, self.document_id = payment.id, document.id
        self.allocated_by, self.allocated_at = by, at
        self.undone_at = self.undone_on = self.undone_by = self.undo_reason = None
        self.sides, self.place = (payment, document), place

    def take(self, amount: Decimal, discount: Decimal, discount_tax: Decimal) -> None:
        """Keep the amounts."""
        self.amount, self.discount = amount, discount
        self.discount_tax, self.discount_net = discount_tax, discount - discount_tax


@dataclass(frozen=True, slots=True)
class Asked:
    """A document to settle by `amount` and `discount`; `path` is its place in the input.

    `discount_tax` is the tax in the discounts that were taken of it before and still stand.
    """

    document: Document
    amount: Decimal
    path: Path
    discount: Decimal = NOTHING
    accept_discount: bool = False
    discount_tax: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class _Part:
    """What an allocation settles."""

    amount: Decimal
    discount: Decimal = NOTHING
    discount_tax: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Settling:
    """Who settles, when, and the ids for what is made."""

    new_id: Callable[[], UUID]
    by: UUID
    at: datetime


def check_count(asked: int) -> None:
    """Raise Required for none, TooManyAllocations for more than one call settles."""
    if not asked:
        raise Required(path=("input", "allocations"))
    if asked > ALLOCATIONS_MAX:
        raise TooManyAllocations(allocations_max=ALLOCATIONS_MAX, path=("input", "allocations"))


def allocate(
    payment: Document,
    asked: Sequence[Asked],
    settling: Settling,
    *,
    path: Path,
    third_party: bool = False,
) -> list[Allocation]:
    """Let a payment, or a credit, settle documents one after the other, and tell it on both sides.

    `path` is the place of the payment in the input. Raises Required, TooManyAllocations,
    NotAnOpenItem, NotPosted, FullySettled, CurrencyDiffers, PayerDiffers, OwedTheSameWay,
    PaymentBlocked for money on a blocked invoice (what is set off lessens it all the same),
    AllocationExceedsOpen, AllocationExceedsPayment, CashDiscountNegative, DiscountNotAgreed, or
    what an amount can be.
    """
    _demand_open_item(payment, path)
    check_count(len(asked))
    made: list[Allocation] = []
    for each in asked:
        place = (*each.path, "documentId")
        _demand_open_item(each.document, place)
        _demand_match(payment, each.document, place, third_party=third_party)
        amount, discount = _checked_amounts(payment, each)
        before = sum(
            (one.discount_tax for one in made if one.document_id == each.document.id),
            each.discount_tax,
        )
        part = _Part(amount, discount, tax_of_another(each.document, discount, before))
        made.append(_settle(payment, each.document, part, settling, each.path))
    return made


def _demand_open_item(document: Document, path: Path) -> None:
    if not document.definition.owed:
        raise NotAnOpenItem(kind=document.kind, path=path)
    if document.state is not State.POSTED:
        raise NotPosted(state=document.state, path=path)
    if obstacle := settle_obstacle(_name(document), document.open_amount, path):
        raise obstacle


def _demand_match(payment: Document, document: Document, path: Path, *, third_party: bool) -> None:
    if document.currency != payment.currency:
        raise CurrencyDiffers(
            number=_name(document),
            currency=document.currency,
            expected=payment.currency,
            path=path,
        )
    if document.bill_to_id != payment.bill_to_id and not third_party:
        raise PayerDiffers(number=_name(document), path=path)
    if _direction(payment) == _direction(document):
        raise OwedTheSameWay(first=_name(payment), second=_name(document), path=path)
    if document.payment_block and not payment.definition.has_lines:
        raise PaymentBlocked(number=_name(document), reason=document.payment_block, path=path)


def _checked_amounts(payment: Document, asked: Asked) -> tuple[Decimal, Decimal]:
    document, place = asked.document, (*asked.path, "amount")
    amount, discount = checked_money(asked.amount, place), NOTHING
    if checked(asked.discount, (*asked.path, "discount")) < 0:
        raise CashDiscountNegative(path=(*asked.path, "discount"))
    if asked.discount:
        discount = checked_money(asked.discount, (*asked.path, "discount"))
    if amount + discount > abs(document.open_amount):
        raise AllocationExceedsOpen(
            number=_name(document),
            open=f"{abs(document.open_amount):f}",
            asked=f"{amount + discount:f}",
            currency=document.currency,
            path=place,
        )
    if amount > abs(payment.open_amount):
        raise AllocationExceedsPayment(
            number=_name(payment),
            open=f"{abs(payment.open_amount):f}",
            asked=f"{amount:f}",
            currency=payment.currency,
            path=place,
        )
    agreed = discount_agreed(document, payment.issue_date)
    if discount > agreed and not asked.accept_discount:
        raise DiscountNotAgreed(
            number=_name(document),
            day=payment.issue_date.isoformat(),
            agreed=f"{agreed:f}",
            asked=f"{discount:f}",
            currency=document.currency,
            path=(*asked.path, "discount"),
        )
    return amount, discount


def _settle(
    payment: Document,
    document: Document,
    part: _Part,
    settling: Settling,
    place: Path,
) -> Allocation:
    made = Allocation(
        id=settling.new_id(),
        payment=payment,
        document=document,
        by=settling.by,
        at=settling.at,
        place=place,
    )
    made.take(part.amount, part.discount, part.discount_tax)
    _move(payment, part.amount, NOTHING)
    _move(document, part.amount, part.discount)
    for one, other in ((payment, document), (document, payment)):
        one.tell(
            Action.SETTLE,
            "Settled",
            settling.by,
            settling.at,
            one.next_state(Action.SETTLE, ApprovalMode.ALWAYS),
            is_author=False,
            **_facts(made, one, other),
        )
    return made


def undo(
    allocation: Allocation, payment: Document, document: Document, settling: Settling, reason: str
) -> None:
    """Take an allocation back: both sides are open again by what it had settled.

    Raises AllocationUndone, SettledByCancellation or Required.
    """
    reason = checked_text(reason, REASON_LENGTH_MAX, ("input", "reason"))
    standing = Standing(
        number=_name(document),
        is_undone=allocation.undone_at is not None,
        is_by_cancellation=payment.cancels_id == document.id,
    )
    if obstacle := undo_obstacle(standing, ("input", "id")):
        raise obstacle
    _move(payment, -allocation.amount, NOTHING)
    _move(document, -allocation.amount, -allocation.discount)
    allocation.undone_at, allocation.undone_by = settling.at, settling.by
    allocation.undo_reason = reason
    allocation.sides, allocation.place = (payment, document), ("input", "id")
    for one, other in ((payment, document), (document, payment)):
        one.tell(
            Action.UNSETTLE,
            "Unsettled",
            settling.by,
            settling.at,
            one.next_state(Action.UNSETTLE, ApprovalMode.ALWAYS),
            is_author=False,
            reason=reason,
            **_facts(allocation, one, other),
        )


def without_discount(
    allocation: Allocation, payment: Document, document: Document, settling: Settling, reason: str
) -> Allocation:
    """Take the cash discount of an allocation back, and let the money stay.

    For a document that is cancelled: nothing is left that could have become cheaper, and what its
    counter document owes is what was paid, not what was deducted.
    """
    undo(allocation, payment, document, settling, reason)
    return _settle(payment, document, _Part(allocation.amount), settling, ("input", "id"))


def settle_cancelled(
    original: Document, counter: Document, settling: Settling
) -> Allocation | None:
    """Let a cancellation settle what is still open of its original, at once.

    What was paid of the original before stays open on the counter document, as a credit balance.
    """
    amount = abs(original.open_amount)
    if not amount:
        return None
    return _settle(counter, original, _Part(amount), settling, ("input", "id"))


def _move(document: Document, amount: Decimal, discount: Decimal) -> None:
    sign = 1 if document.payable > 0 else -1
    document.settled += sign * (amount + discount)
    document.discount_taken += discount


def _facts(allocation: Allocation, one: Document, other: Document) -> dict[str, Any]:
    discount = allocation.discount if one.id == allocation.document_id else NOTHING
    return {
        "allocation_id": allocation.id,
        "amount": allocation.amount,
        "discount": discount,
        "cause_id": other.id,
    }


def _direction(document: Document) -> int:
    """Which way it is owed, however much of it is open.

    A cancellation is owed the other way, and so is a final invoice of less than was prepaid.
    """
    return document.definition.owed_to_us * (1 if document.payable > 0 else -1)


def _name(document: Document) -> str:
    return document.number or document.definition.german
