"""Credit limit (Kreditlimit): how much a payer may owe us, counted before more is promised to him.

The exposure is what he owes us already (open items), what was delivered and not billed, and what
is ordered and not delivered, all gross in the company's currency. It is looked at when an order or
a delivery becomes final, per payer (bill-to), while his record is locked.
"""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.kinds import SALES, Kind, Step
from domain.documents.lines import COUNTING
from domain.money import EXACT, rounded
from domain.problems import Path, Problem

if TYPE_CHECKING:
    from domain.documents.document import Document
    from domain.documents.lines import Line
    from domain.documents.upstream import Upstream

_HERE: Path = ("input", "id")


class CreditMode(StrEnum):
    """What happens when a credit limit would be passed."""

    WARN = "WARN"
    BLOCK = "BLOCK"
    OFF = "OFF"


class CreditLimitExceeded(Problem):
    """The credit limit of {limit} would be passed: with this the payer owes {exposure}. Go on with acceptCreditLimit."""  # noqa: E501  one sentence for the user

    limit: str
    exposure: str


def adds_exposure(kind: Kind) -> bool:
    """Say whether posting a document of `kind` lets a customer owe us more before it is billed."""
    return kind.side == SALES and kind.step in (Step.ORDER, Step.DELIVERY)


def counted_above(document: "Document", upstream: "Upstream") -> set[UUID]:
    """Return the orders above a document that count in the exposure of the same payer already."""
    sources = {line.source_document_id for line in document.lines if line.source_document_id}
    above = (upstream.document(id) for id in sources)
    return {
        order.id
        for order in above
        if order is not None
        and order.definition.step is Step.ORDER
        and adds_exposure(order.definition)
        and order.bill_to_id == document.bill_to_id
    }


def exposure_added(document: "Document", counted: set[UUID]) -> Decimal:
    """Return by how much posting `document` raises the exposure, gross, in company currency.

    `counted` are the documents above it that count already: a delivery of an order moves the same
    money from ordered to delivered. Allowances over the whole are borne by all lines in proportion.
    Of a posted order it is what still waits to be delivered.
    """
    added = Decimal(0)
    factor = EXACT.divide(_over_all(document), document.exchange_rate or 1)
    for line in document.lines:
        if line.kind in COUNTING and line.source_document_id not in counted:
            rate = line.tax_rate or Decimal(0)
            waiting = EXACT.multiply(line.net, _waiting(line))
            gross = EXACT.multiply(waiting, EXACT.add(Decimal(1), rate / 100))
            added += rounded(EXACT.multiply(gross, factor))
    return added


def _waiting(line: "Line") -> Decimal:
    """Return the part of a line that is neither delivered nor billed, 1 for all of it."""
    if line.closed_at is not None or not line.stock_quantity:
        return Decimal(0)
    done = max(line.delivered, line.invoiced, key=abs)
    rest = EXACT.subtract(line.stock_quantity, done)
    return max(EXACT.divide(rest, line.stock_quantity), Decimal(0))


def _over_all(document: "Document") -> Decimal:
    """Return what allowances and charges over a whole document leave of its lines, as a factor."""
    if document.line_total == 0:
        return Decimal(1)
    return EXACT.divide(document.net, document.line_total)


def check_credit(
    limit: Decimal | None,
    exposure: Decimal,
    addition: Decimal,
    mode: CreditMode,
    *,
    accepted: bool,
    demand_right: Callable[[], None],
) -> None:
    """Raise CreditLimitExceeded if `addition` leads beyond the limit and nobody accepts that.

    Under WARN whoever posts may accept it, under BLOCK only who has the right to:
    `demand_right` raises Forbidden for anybody else. No limit, or the mode OFF, allows everything.
    """
    total = exposure + addition
    if limit is None or mode is CreditMode.OFF or addition <= 0 or total <= limit:
        return
    if not accepted:
        raise CreditLimitExceeded(limit=f"{limit:.2f}", exposure=f"{total:.2f}", path=_HERE)
    if mode is CreditMode.BLOCK:
        demand_right()
