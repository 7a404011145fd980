"""What a received document states of net and tax per rate, kept as facts (section 15 (1) UStG).

What we calculate beside it is a finding that a person looks at; it never refuses posting. A finding
keeps a received invoice from being paid as a deviation of the match does: the tax that we deduct
and the money that we pay hang on what is stated, and both are hard to get back. Only what a person
says lifts that, no later receipt: goods mend no tax. Nothing is paid on a credit note, so there a
finding is shown and blocks nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from domain.amounts import StatedTax, TaxDifference, TaxFinding, tax_findings
from domain.items import ListedTwice
from domain.journal import canonical
from domain.money import (
    CENT,
    TooPrecise,
    checked,
    checked_amount,
    checked_percent,
    rounded,
    trimmed,
)
from domain.problems import Path, Problem
from domain.tax import TaxGroup

if TYPE_CHECKING:
    from domain.documents.document import Document

RATES_MAX = 20
_HERE: Path = ("input", "statedTaxes")


class TooManyRates(Problem):
    """A document may state {rates_max} tax rates at the most."""

    rates_max: int


class StatedTotal:
    """Net and tax of one rate in percent as a received document states them, 0 for no tax."""

    position: int
    rate: Decimal
    net: Decimal
    tax: Decimal

    def __init__(self, document: "Document", position: int, stated: StatedTax) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.position = position
        self.rate = stated.rate or Decimal(0)
        self.net, self.tax = stated.net, stated.tax


def checked_stated(stated: Sequence[StatedTax]) -> tuple[StatedTax, ...]:
    """Return what a document states, each rate once.

    Raises TooManyRates, ListedTwice, or the problem of a number that cannot be.
    """
    if len(stated) > RATES_MAX:
        raise TooManyRates(rates_max=RATES_MAX, path=_HERE)
    kept: dict[Decimal, StatedTax] = {}
    for place, each in enumerate(stated):
        path: Path = (*_HERE, str(place))
        rate = each.rate or Decimal(0)
        if rate:
            checked_percent(rate, (*path, "rate"))
        if rate in kept:
            raise ListedTwice(name=f"{rate:f} %", path=(*path, "rate"))
        net, tax = _cents(each.net, (*path, "net")), _cents(each.tax, (*path, "tax"))
        kept[rate] = replace(each, rate=rate, net=net, tax=tax)
    return tuple(kept.values())


def _cents(amount: Decimal, path: Path) -> Decimal:
    """Return an amount of either sign: what goes back may count against the rest."""
    amount = checked_amount(checked(amount, path), path)
    if amount != amount.quantize(CENT):
        raise TooPrecise(decimals_max=2, path=path)
    return rounded(amount)


def findings_of(document: "Document", tolerance: Decimal) -> tuple[TaxFinding, ...]:
    """Return how stated amounts differ from ours by more than `tolerance`, in its currency.

    A document of which nothing stated was written down has none.
    """
    if not document.stated_taxes:
        return ()
    found = tax_findings(
        [StatedTax(each.rate, each.net, each.tax) for each in document.stated_taxes],
        [
            TaxGroup(each.category, each.rate, each.basis, each.tax, each.reason)
            for each in document.taxes
        ],
        tolerance,
    )
    return tuple(replace(each, rate=trimmed(each.rate)) for each in found)


def findings_as_text(findings: Sequence[TaxFinding]) -> str | None:
    """Return findings as canonical JSON, the form in which a document keeps them; None for none."""
    rows: Any = [asdict(each) for each in findings]
    return canonical(rows) if rows else None


def findings_from_text(text: str | None) -> tuple[TaxFinding, ...]:
    """Read findings as a document keeps them."""
    return tuple(
        TaxFinding(
            TaxDifference(row["kind"]),
            *(Decimal(row[name]) for name in ("rate", "stated", "calculated")),
        )
        for row in json.loads(text or "[]")
    )


def blocks_of(findings: Sequence[TaxFinding]) -> list[str]:
    """Return why findings keep an invoice from being paid, as codes and rates.

    >>> blocks_of([TaxFinding(TaxDifference.TAX, Decimal("19.0000"), Decimal(2), Decimal(1))])
    ['TAX 19%']
    """
    return [block_of(each) for each in findings]


def block_of(finding: TaxFinding) -> str:
    """Return the name of a finding in the block of a payment."""
    return f"{finding.kind} {finding.rate.normalize():f}%"
