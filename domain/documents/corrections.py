"""Price corrections: a credit note about the price alone takes off no more than a line is worth."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.kinds import Step
from domain.documents.lines import Line
from domain.money import EXACT, rounded
from domain.problems import Path, Problem

if TYPE_CHECKING:
    from domain.documents.document import Document
    from domain.documents.upstream import Upstream


class PriceCorrectionExceeded(Problem):
    """Line {position} of {number} is worth {worth} net now; {asked} are more than can be taken off it."""  # noqa: E501  one sentence for the user

    position: int
    number: str
    worth: str
    asked: str


def corrected_lines(document: "Document") -> set[UUID]:
    """Return the lines whose price a credit note of ours corrects.

    What we received is kept as it came, whatever it takes off.
    """
    definition = document.definition
    if definition.step is not Step.CREDIT_NOTE or definition.received:
        return set()
    return {
        line.source_line_id
        for line in document.lines
        if line.is_price_correction and line.source_line_id is not None
    }


def check_corrections(
    document: "Document", upstream: "Upstream", before: Mapping[UUID, Decimal], path: Path
) -> None:
    """Raise PriceCorrectionExceeded where the corrections of a line pass what is left of it.

    `before` is what other credit notes took off the price of each line, net.
    """
    wanted = corrected_lines(document)
    asked = {id: before.get(id, Decimal(0)) for id in wanted}
    for line in document.lines:
        source = next(upstream.above(line), None)
        if source is None or line.source_line_id not in wanted or not line.is_price_correction:
            continue
        above, billed = source
        asked[billed.id] += line.net
        worth = _worth(billed)
        if abs(asked[billed.id]) > abs(worth):
            raise PriceCorrectionExceeded(
                position=billed.position,
                number=above.number or "",
                worth=f"{worth:.2f}",
                asked=f"{asked[billed.id]:.2f}",
                path=path,
            )


def _worth(billed: Line) -> Decimal:
    """Return the net of what was billed and not credited of a line; one without price has none."""
    if not billed.stock_quantity:
        return billed.net
    rest = EXACT.subtract(billed.stock_quantity, billed.taken_credit)
    return rounded(EXACT.divide(EXACT.multiply(billed.net, rest), billed.stock_quantity))
