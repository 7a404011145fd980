"""Three-way match (Rechnungsprüfung): what a supplier bills against what was ordered and received.

A deviation never refuses posting: what was received must be kept as it came. Beyond the tolerance
it blocks the payment, until somebody else lifts the block, goods arrive or a credit note comes.
What the invoice states of its tax blocks as well (domain.documents.stated); no goods lift that.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from domain.amounts import TaxFinding
from domain.documents.kinds import Step
from domain.documents.lines import COUNTING, Line, LineKind, line_net
from domain.documents.stated import blocks_of
from domain.journal import canonical
from domain.money import EXACT

if TYPE_CHECKING:
    from domain.documents.document import Document
    from domain.documents.upstream import Upstream

NOTHING = Decimal(0)
BLOCK_LENGTH_MAX = 500


class Deviation(StrEnum):
    """In what an invoice differs from order and receipts."""

    QUANTITY = "QUANTITY"
    PRICE = "PRICE"
    CHARGE = "CHARGE"
    NOT_ORDERED = "NOT_ORDERED"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an invoice may go beyond: percent of quantity, percent of price, amount per line."""

    quantity_percent: Decimal = NOTHING
    price_percent: Decimal = NOTHING
    amount: Decimal = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Finding:
    """A deviation of the line at `position`: a quantity in its unit, or a net amount."""

    position: int
    deviation: Deviation
    expected: Decimal
    found: Decimal
    is_blocking: bool


def match(
    invoice: "Document", upstream: "Upstream", tolerance: Tolerance | None = None
) -> tuple[Finding, ...]:
    """Return every deviation of a received invoice, in the order of its lines."""
    allowed = tolerance or Tolerance()
    findings: list[Finding] = []
    for line in invoice.lines:
        if line.kind not in COUNTING or line.is_price_correction:
            continue
        chain = tuple(upstream.above(line))
        if chain:
            findings += _quantity(line, chain, allowed)
            findings += _price(line, chain, allowed)
        elif line.kind is LineKind.CHARGE:
            findings.append(Finding(line.position, Deviation.CHARGE, NOTHING, line.net, False))
        elif line.item_id is not None:
            findings.append(Finding(line.position, Deviation.NOT_ORDERED, NOTHING, line.net, True))
    return tuple(findings)


Chain = Sequence[tuple["Document", Line]]


def _quantity(line: Line, chain: Chain, allowed: Tolerance) -> list[Finding]:
    """Compare all that was invoiced of the receipt, or of the order, with what arrived of it."""
    if line.kind is LineKind.CHARGE or not line.is_delivered():
        return []
    source, received = _received(chain)
    invoiced = source.taken_invoice - source.taken_credit
    most = EXACT.multiply(received, 1 + allowed.quantity_percent / 100)
    if invoiced == received or abs(invoiced) < abs(received):
        return []
    return [
        Finding(
            line.position,
            Deviation.QUANTITY,
            source.in_unit(received).normalize(),
            source.in_unit(invoiced).normalize(),
            abs(invoiced) > abs(most),
        )
    ]


def _received(chain: Chain) -> tuple[Line, Decimal]:
    """Return the line that counts, and what arrived of it less returns, in stock units."""
    for document, line in chain:
        if document.definition.step is Step.DELIVERY:
            return line, line.stock_quantity - line.returned
    ordered = next((line for doc, line in chain if doc.definition.step is Step.ORDER), chain[0][1])
    return ordered, ordered.delivered - ordered.returned


def _price(line: Line, chain: Chain, allowed: Tolerance) -> list[Finding]:
    """Compare the line's net with what its quantity costs as agreed.

    A contract with an open price agreed on none: the price of the day stands on the receipt.
    """
    agreed = next(
        (
            each
            for doc, each in chain
            if doc.definition.step in (Step.ORDER, Step.CONTRACT) and not doc.has_open_price
        ),
        chain[0][1],
    )
    if agreed.unit_price is None:
        return []
    expected = line_net(
        agreed.in_unit(line.stock_quantity),
        agreed.unit_price,
        agreed.price_quantity,
        agreed.discount_percent,
    )
    if line.net == expected:
        return []
    deviation = Deviation.CHARGE if line.kind is LineKind.CHARGE else Deviation.PRICE
    slack = max(allowed.amount, abs(expected) * allowed.price_percent / 100)
    return [
        Finding(line.position, deviation, expected, line.net, abs(line.net) - abs(expected) > slack)
    ]


def block_reason(findings: Sequence[Finding], taxes: Sequence[TaxFinding] = ()) -> str | None:
    """Return why the payment is blocked, as codes with positions or rates; None if nothing does.

    >>> block_reason([Finding(2, Deviation.PRICE, Decimal(1), Decimal(2), True)])
    'PRICE 2'
    """
    blocking = [f"{each.deviation} {each.position}" for each in findings if each.is_blocking]
    return ", ".join((*blocking, *blocks_of(taxes)))[:BLOCK_LENGTH_MAX] or None


def as_text(findings: Sequence[Finding]) -> str:
    """Return findings as canonical JSON, the form in which a document keeps them."""
    rows: Any = [asdict(each) for each in findings]
    return canonical(rows)


def from_text(text: str | None) -> tuple[Finding, ...]:
    """Read findings as a document keeps them."""
    return tuple(
        Finding(
            row["position"],
            Deviation(row["deviation"]),
            Decimal(row["expected"]),
            Decimal(row["found"]),
            row["is_blocking"],
        )
        for row in json.loads(text or "[]")
    )
