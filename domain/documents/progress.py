"""How far a line has come: what its follow-ups took of it, and what of that is final.

Drafts already take, so that two people who convert the same order never deliver it twice; what is
posted is what people are told as ordered, delivered or invoiced. Both count in the stock unit, the
one unit that a whole chain shares, with the sign of the line (returned empties are negative).
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.documents.kinds import Step

COUNTED: dict[Step, tuple[str, str]] = {
    Step.ORDER: ("taken_order", "ordered"),
    Step.DELIVERY: ("taken_delivery", "delivered"),
    Step.INVOICE: ("taken_invoice", "invoiced"),
    Step.RETURN: ("taken_return", "returned"),
    Step.CREDIT_NOTE: ("taken_credit", "credited"),
}
"""The columns of a line that count each step: taken by anybody, and posted."""

TAKEN: tuple[str, ...] = tuple(taken for taken, _ in COUNTED.values())
POSTED: tuple[str, ...] = tuple(posted for _, posted in COUNTED.values())


@dataclass(frozen=True, slots=True)
class Taking:
    """What one follow-up line takes of a line above it: `quantity` of `step`, in stock units."""

    step: Step
    quantity: Decimal
    limited: bool  # whether it may not go beyond what the line allows


def steps_counted(source: Step, target: Step, *, direct: bool) -> tuple[Step, ...]:
    """Return the steps that a follow-up of `target` counts as on a line of `source` above it.

    A follow-up counts as its own step wherever the chain leads up to. A contract is called off by
    whatever comes directly of it, so that counts as ordered too; offers and inquiries are answered
    by the one step below them only.

    >>> steps_counted(Step.CONTRACT, Step.DELIVERY, direct=True)
    (<Step.ORDER: 'ORDER'>, <Step.DELIVERY: 'DELIVERY'>)
    >>> steps_counted(Step.OFFER, Step.DELIVERY, direct=False)
    ()
    """
    match source:
        case Step.INQUIRY:
            return ()
        case Step.OFFER:
            return (Step.ORDER,) if direct else ()
        case Step.CONTRACT if direct and target is not Step.ORDER:
            return (Step.ORDER, target)
        case _:
            return (target,) if target in COUNTED else ()


def fulfilling_step(source: Step, *, is_delivered: bool) -> Step | None:
    """Return the step that a line of `source` waits for; None waits for nothing.

    What is not delivered (work, freight) waits for its invoice.
    """
    match source:
        case Step.OFFER | Step.CONTRACT:
            return Step.ORDER
        case Step.ORDER:
            return Step.DELIVERY if is_delivered else Step.INVOICE
        case Step.DELIVERY:
            return Step.INVOICE
        case Step.RETURN:
            return Step.CREDIT_NOTE
        case _:
            return None
