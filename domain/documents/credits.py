"""What a credit note refers to: a return, lines of invoices, or a partner and period (bonus).

Return and invoice are named line by line, as everywhere in a chain, or by converting them; they
are of the same payer. Of an invoice line no more is credited than was invoiced, whether for goods
or for the price alone, drafts counted. A bonus (Bonus, Jahresrückvergütung) lowers the price of
all that a partner took in a period (section 17 (1) UStG): it names the period, and no line of a
document.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.documents.kinds import Step
from domain.documents.lines import COUNTING, Line
from domain.problems import Path, Problem
from domain.text import Required

if TYPE_CHECKING:
    from domain.documents.document import Document
    from domain.documents.drafts import DocumentDraft
    from domain.documents.upstream import Upstream

ROUNDING_SLACK = Decimal("0.05")
"""Parts of a line are rounded each: ten of them may come to five cents more than the whole."""


class BonusPeriodReversed(Problem):
    """The period of the bonus ends before it starts."""


class CreditReferencesMixed(Problem):
    """A credit note refers to lines of other documents or to the period of a bonus, not to both."""


class CreditExceedsInvoice(Problem):
    """Of line {position} of {number} only {open} {currency} net are not credited yet; {asked} are more than that."""  # noqa: E501  one sentence for the user

    position: int
    number: str
    open: str
    asked: str
    currency: str


def check_bonus(draft: "DocumentDraft") -> None:
    """Raise Required for half a period, BonusPeriodReversed for one that ends before it starts."""
    start, end = draft.bonus_from, draft.bonus_until
    for missing, other, name in ((start, end, "bonusFrom"), (end, start, "bonusUntil")):
        if missing is None and other is not None:
            raise Required(path=("input", name))
    if start is not None and end is not None and end < start:
        raise BonusPeriodReversed(path=("input", "bonusUntil"))


def check_references(document: "Document") -> None:
    """Raise CreditReferencesMixed for a bonus that names lines of other documents too."""
    if document.bonus_from is None:
        return
    for place, line in enumerate(document.lines):
        if line.source_line_id is not None:
            path: Path = ("input", "lines", str(place), "sourceLineId")
            raise CreditReferencesMixed(path=path)


def credited_lines(
    document: "Document", upstream: "Upstream"
) -> Iterator[tuple[Line, "Document", Line]]:
    """Yield the lines of a credit note with the invoice and the line of it that each credits.

    A return leads to the invoice that it came from; one made of a delivery leads to none.
    """
    if document.definition.step is not Step.CREDIT_NOTE:
        return
    for line in document.lines:
        if line.kind not in COUNTING:
            continue
        for above, source in upstream.above(line):
            if above.definition.step is Step.INVOICE:
                yield line, above, source
                break


def demand_creditable(invoice: "Document", source: Line, line: Line, path: Path) -> None:
    """Raise CreditExceedsInvoice where more would be credited than was invoiced; `line` counts.

    What was agreed over the whole invoice, as an allowance, is not looked at.
    """
    slack = Decimal(0) if line.is_price_correction else ROUNDING_SLACK
    credited = source.credited_net
    if credited * source.net >= 0 and abs(credited) <= abs(source.net) + slack:
        return
    raise CreditExceedsInvoice(
        position=source.position,
        number=invoice.number or "",
        open=f"{source.net - (credited - line.net):f}",
        asked=f"{line.net:f}",
        currency=invoice.currency,
        path=path,
    )
