"""The part of the model of life that knows what was billed beside deliveries, and what came back.

What was billed of an order itself pays for its deliveries, the first in first. Of goods that came
back of a delivery only what was billed is credited, to the first return first.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.documents.kinds import Step

if TYPE_CHECKING:
    from tests.life_model import Known, Line, Model

NOTHING = Decimal(0)


def _below(model: "Model", above: "Line | None", step: Step) -> Iterator["Line"]:
    """Return the lines of posted documents of a step made of a line itself, oldest first."""
    for document in model.documents:
        if document.step is step and document.is_live:
            yield from (each for each in document.lines if above and each.source is above)


def _of_order(line: "Line") -> bool:
    return line.source is not None and line.source.document.step is Step.ORDER


def _itself(model: "Model", order: "Line", *, posted: bool) -> Decimal:
    """Return what invoices took of an order without a delivery between."""
    return sum(
        (
            each.quantity
            for document in model.documents
            if document.step is Step.INVOICE and (document.is_live if posted else document.counts)
            for each in document.lines
            if each.source is order
        ),
        NOTHING,
    )


def billed_beside(model: "Model", line: "Line") -> Decimal:
    """Return what of a delivery line invoices of its order took."""
    if line.document.step is not Step.DELIVERY or not _of_order(line):
        return NOTHING
    assert line.source is not None
    sign = 1 if line.quantity > 0 else -1
    moved = list(_below(model, line.source, Step.DELIVERY))
    left = sign * _itself(model, line.source, posted=False)
    for each in moved:
        back = sign * model.taken(each, Step.RETURN)
        beyond = sign * (model.taken(each, Step.INVOICE) - each.quantity) + back
        credited = min(back, sign * model.taken(each, Step.CREDIT_NOTE))
        left -= max(NOTHING, credited - max(NOTHING, min(back, beyond)))
    for each in moved:
        taken = model.taken(each, Step.INVOICE) + model.taken(each, Step.RETURN)
        share = max(NOTHING, min(left, sign * (each.quantity - taken)))
        left -= share
        if each is line:
            return sign * share
    return NOTHING


def creditable(model: "Model", line: "Line") -> Decimal:
    """Return how much of what came back of a delivery line was billed; posted documents count."""
    sign = 1 if line.quantity > 0 else -1

    def counted(each: "Line") -> tuple[Decimal, Decimal]:
        return (
            sign * model.taken(each, Step.INVOICE, posted=True),
            sign * model.taken(each, Step.RETURN, posted=True),
        )

    def billed(each: "Line") -> Decimal:
        invoiced, back = counted(each)
        return max(NOTHING, min(invoiced + back - sign * each.quantity, back))

    found = billed(line)
    if _of_order(line):
        assert line.source is not None
        moved = list(_below(model, line.source, Step.DELIVERY))
        left = sign * _itself(model, line.source, posted=True)
        left -= sum(max(NOTHING, sign * each.quantity - sum(counted(each))) for each in moved)
        for each in moved:
            share = max(NOTHING, min(left, counted(each)[1] - billed(each)))
            left -= share
            found += share if each is line else NOTHING
    return sign * found


def never_billed(model: "Model", line: "Line") -> Decimal:
    """Return what of a return line waits for no credit note, since nobody was billed for it."""
    source = line.source
    is_back = line.document.step is Step.RETURN
    if not is_back or source is None or source.document.step is not Step.DELIVERY:
        return NOTHING
    sign = 1 if source.quantity > 0 else -1
    left = sign * (creditable(model, source) - model.taken(source, Step.CREDIT_NOTE))
    for each in _below(model, source, Step.RETURN):
        rest = max(NOTHING, sign * (each.quantity - model.taken(each, Step.CREDIT_NOTE)))
        share = max(NOTHING, min(left, rest))
        left -= share
        if each is line:
            return sign * (rest - share)
    return NOTHING


def credits_too_much(model: "Model", document: "Known") -> bool:
    """Say whether a credit note gives back goods of a return that nobody was billed for."""
    if document.step is not Step.CREDIT_NOTE:
        return False
    for line in document.lines:
        back = line.source
        moved = back and back.document.step is Step.RETURN and back.source
        if moved and moved.document.step is Step.DELIVERY:
            credited = model.taken(moved, Step.CREDIT_NOTE)
            if abs(credited) > abs(creditable(model, moved)):
                return True
    return False


def rests_on(model: "Model", known: "Known") -> bool:
    """Say whether credit notes of what came back rest on a document that is to be cancelled."""
    moved = [
        line
        for document in model.documents
        if document.step is Step.DELIVERY and document.is_live and document is not known
        for line in document.lines
    ]
    before = {line: creditable(model, line) for line in moved}
    known.cancelled_by = known
    after = {line: creditable(model, line) for line in moved}
    credited = {
        line: sum(model.taken(back, Step.CREDIT_NOTE) for back in _below(model, line, Step.RETURN))
        for line in moved
    }
    known.cancelled_by = None
    return any(
        abs(credited[line]) > abs(after[line]) and abs(after[line]) < abs(before[line])
        for line in moved
    )
