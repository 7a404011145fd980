"""Three-way match (Rechnungsprüfung): what a supplier bills against what was ordered and received.

A deviation never refuses posting: what was received must be kept as it came. Beyond the tolerance
it blocks the payment, until somebody else lifts the block, goods arrive or a credit note comes.
What the invoice states of its tax blocks as well (domain.documents.stated); no goods lift that.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.amounts import TaxFinding, line_goods
from domain.documents.kinds import Step
from domain.documents.lines import COUNTING, Line, LineKind
from domain.documents.stated import blocks_of
from domain.journal import canonical
from domain.money import EXACT, percent_of, rounded

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
    """A deviation of the line at `position`, 0 for the document as a whole.

    `expected` and `found` are a quantity in the line's unit, or a net sum of the whole line; the
    prices beside it are net, less discount, for the price quantity of the invoice's line.
    """

    position: int
    deviation: Deviation
    expected: Decimal
    found: Decimal
    is_blocking: bool
    expected_price: Decimal | None = None
    found_price: Decimal | None = None

    @property
    def name(self) -> str:
        """The code and position by which the block of a payment names it."""
        return f"{self.deviation} {self.position}" if self.position else f"{self.deviation}"


def match(
    invoice: "Document",
    upstream: "Upstream",
    tolerance: Tolerance | None = None,
    credited: Mapping[UUID, Decimal] = MappingProxyType({}),
) -> tuple[Finding, ...]:
    """Return every deviation of a received invoice, in the order of its lines.

    `credited` is what posted credit notes took off its lines by now, net by line id.
    """
    allowed = tolerance or Tolerance()
    chains = {line.id: tuple(upstream.above(line)) for line in invoice.lines}
    charges = _Charges(invoice, chains, allowed)
    findings: list[Finding] = []
    for line in invoice.lines:
        if line.kind not in COUNTING or line.is_price_correction:
            continue
        chain, off = chains[line.id], credited.get(line.id, NOTHING)
        if chain:
            findings += _quantity(line, chain, allowed)
            findings += _price(line, chain, allowed, off)
        elif line.kind is LineKind.CHARGE:
            findings += charges.of_line(line, line.net - off)
        elif line.item_id is not None or charges.has_order:
            rest = line.net - off
            too_much = rest > allowed.amount or (line.item_id is not None and not off)
            kind = Deviation.NOT_ORDERED
            findings.append(Finding(line.position, kind, NOTHING, rest, too_much))
    return (*charges.of_document(), *findings)


Chain = Sequence[tuple["Document", Line]]


class _Charges:
    """What is charged beside the goods, against what was agreed with their orders.

    Compared is what charges add less what allowances take off. An invoice without any order, such
    as that of a landlord, has nothing to compare with.
    """

    def __init__(
        self, invoice: "Document", chains: Mapping[UUID, Chain], allowed: Tolerance
    ) -> None:
        self._slack = allowed.amount
        self._found = invoice.charge_total - invoice.allowance_total
        agreed: dict[UUID, tuple[Document, Decimal]] = {}
        for line in invoice.lines:
            if chain := chains[line.id]:
                document = _agreement(chain)[0]
                _, net = agreed.get(document.id, (document, NOTHING))
                agreed[document.id] = document, net + line.net
        self.has_order = bool(agreed)
        self._agreed = sum((_surcharge(*each) for each in agreed.values()), NOTHING)
        self._rest = max(NOTHING, self._agreed - self._found)

    def of_document(self) -> list[Finding]:
        """Return the finding of charges on the whole that go beyond what was agreed."""
        if not self.has_order or self._found - self._agreed <= self._slack:
            return []
        return [Finding(0, Deviation.CHARGE, self._agreed, self._found, True)]

    def of_line(self, line: Line, net: Decimal) -> list[Finding]:
        """Return the finding of a line of charges, unless that much was agreed for the whole."""
        if not self.has_order:
            return []
        expected, self._rest = min(self._rest, net), max(NOTHING, self._rest - net)
        if net == expected:
            return []
        beyond = net - expected > self._slack
        return [Finding(line.position, Deviation.CHARGE, expected, net, beyond)]


def _agreement(chain: Chain) -> tuple["Document", Line]:
    """Return the order or contract where prices and charges were agreed, else the next above."""
    return next(
        (each for each in chain if each[0].definition.step in (Step.ORDER, Step.CONTRACT)),
        chain[0],
    )


def _surcharge(agreed: "Document", net: Decimal) -> Decimal:
    """Return what was agreed to come on top of lines that are `net`; below zero it goes off."""
    return sum(
        (
            (1 if each.is_charge else -1)
            * (each.amount or rounded(EXACT.multiply(net, (each.percent or NOTHING) / 100)))
            for each in agreed.allowances
        ),
        NOTHING,
    )


def _quantity(line: Line, chain: Chain, allowed: Tolerance) -> list[Finding]:
    """Compare all that was invoiced of the receipt, and of the order, with what arrived of it."""
    if line.kind is LineKind.CHARGE or not line.is_delivered():
        return []
    for source, received in _received(chain):
        invoiced = source.invoiced - source.credited
        if invoiced == received or abs(invoiced) < abs(received):
            continue
        most = EXACT.multiply(received, 1 + allowed.quantity_percent / 100)
        return [
            Finding(
                line.position,
                Deviation.QUANTITY,
                source.in_unit(received).normalize(),
                source.in_unit(invoiced).normalize(),
                abs(invoiced) > abs(most),
            )
        ]
    return []


def _received(chain: Chain) -> list[tuple[Line, Decimal]]:
    """Return the lines that count, and what arrived of each less returns, in stock units.

    Beside the receipt that is the order, of which an invoice may have been made directly.
    """
    found = []
    for document, line in chain:
        if document.definition.step is Step.DELIVERY:
            found.append((line, line.stock_quantity - line.returned))
        elif document.definition.step is Step.ORDER:
            found.append((line, line.delivered - line.returned))
    nearest = chain[0][1]
    return found or [(nearest, nearest.delivered - nearest.returned)]


def _price(
    line: Line, chain: Chain, allowed: Tolerance, credited: Decimal = NOTHING
) -> list[Finding]:
    """Compare the line's net with what its quantity costs as agreed, less what was credited.

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
    goods = line_goods(
        agreed.in_unit(line.stock_quantity - line.credited),
        agreed.unit_price,
        agreed.price_quantity,
    )
    expected = goods - percent_of(goods, agreed.discount_percent)  # rounded as a line is
    found = line.net - credited
    if found == expected:
        return []
    deviation = Deviation.CHARGE if line.kind is LineKind.CHARGE else Deviation.PRICE
    slack = max(allowed.amount, abs(expected) * allowed.price_percent / 100)
    return [
        Finding(
            line.position,
            deviation,
            expected,
            found,
            abs(found) - abs(expected) > slack,
            _price_of(agreed, line),
            _price_of(line, line),
        )
    ]


def _price_of(priced: Line, line: Line) -> Decimal:
    """Return the price of `priced`, less discount, for the unit and price quantity of `line`."""
    share = EXACT.subtract(Decimal(1), priced.discount_percent / 100)
    units = EXACT.divide(
        EXACT.multiply(line.price_quantity, line.stock_factor),
        EXACT.multiply(priced.price_quantity, priced.stock_factor),
    )
    price = EXACT.multiply(EXACT.multiply(priced.unit_price or NOTHING, share), units)
    return EXACT.quantize(price, _PRICE).normalize()


_PRICE = Decimal("0.000001")


def block_reason(findings: Sequence[Finding], taxes: Sequence[TaxFinding] = ()) -> str | None:
    """Return why the payment is blocked, as codes with positions or rates; None if nothing does.

    >>> block_reason([Finding(2, Deviation.PRICE, Decimal(1), Decimal(2), True)])
    'PRICE 2'
    """
    blocking = [each.name for each in findings if each.is_blocking]
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
            _decimal(row.get("expected_price")),
            _decimal(row.get("found_price")),
        )
        for row in json.loads(text or "[]")
    )


def _decimal(text: str | None) -> Decimal | None:
    """Read a price; reports written before there were any have none."""
    return None if text is None else Decimal(text)
