"""The sums below the lines: what leads to the net, and what is deducted from the gross."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from domain.amounts import PriceBasis
from domain.documents.amounts import amount_as_shown, shares_of
from domain.documents.document import Document
from domain.documents.lines import COUNTING, Line
from domain.items import CURRENCY
from domain.money import percent_of
from domain.printing.wording import Wording


@dataclass(frozen=True, slots=True)
class SumRow:
    """One sum with its name."""

    label: str
    amount: str


def rows_above_net(document: Document, wording: Wording) -> tuple[SumRow, ...]:
    """Return what leads from the lines to the net amount; nothing where they are the same."""
    if not document.definition.priced or not document.allowances:
        return ()
    return tuple(_allowances(document, wording))


def _allowances(document: Document, wording: Wording) -> Iterator[SumRow]:
    is_gross = document.price_basis is PriceBasis.GROSS
    total = document.line_total
    if is_gross:
        amounts = (amount_as_shown(line, document.price_basis) for line in document.lines)
        total = sum(amounts, Decimal(0))
    label = wording.labels["line_total_gross" if is_gross else "line_total"]
    yield SumRow(label, wording.money(total))
    allowances = [each.allowance for each in document.allowances]
    shares = shares_of(document, allowances, as_shown=True)
    for said in allowances:
        borne = sum((each.amount for each in shares if each.allowance is said), Decimal(0))
        yield SumRow(
            wording.allowance(is_charge=said.is_charge, percent=said.percent, reason=said.reason),
            wording.money(said.sign * borne),
        )


def rows_below_gross(document: Document, wording: Wording) -> tuple[SumRow, ...]:
    """Return the prepayments with their tax, what is left to pay, and the tax in our currency.

    Section 14 (5) sentence 2 and section 16 (6) UStG.
    """
    if not document.definition.priced:
        return ()
    rows = []
    for prepaid in document.prepayments:
        label = wording.labels["prepaid"].format(
            number=prepaid.number,
            day=wording.day(prepaid.issue_date),
            net=wording.money(prepaid.net),
            tax=wording.tax(prepaid.category, prepaid.rate),
            amount=wording.money(prepaid.tax),
        )
        rows.append(SumRow(label, wording.money(-prepaid.net - prepaid.tax)))
    if document.prepayments:
        rows.append(SumRow(wording.labels["payable"], wording.money(document.payable)))
    if document.exchange_rate is not None and document.rate_date is not None:
        ours = Wording(wording.language, CURRENCY)
        label = wording.labels["company_tax"].format(
            ours=CURRENCY,
            rate=wording.number(document.exchange_rate),
            theirs=document.currency,
            day=wording.day(document.rate_date),
        )
        rows.append(SumRow(label, ours.money(document.company_tax)))
    return tuple(rows)


def line_total_label(document: Document, wording: Wording) -> dict[str, str]:
    """Return the headings that differ where the prices of lines hold the tax."""
    if document.price_basis is PriceBasis.NET:
        return {}
    return {
        "unit_price": wording.labels["unit_price_gross"],
        "line_net": wording.labels["line_gross"],
    }


def line_allowances(line: Line, wording: Wording) -> tuple[str, ...]:
    """Say what is taken off or put on a single line, beside its discount."""
    if line.kind not in COUNTING:
        return ()
    return tuple(
        wording.allowance(is_charge=each.is_charge, percent=each.percent, reason=each.reason)
        + (f": {wording.money(each.amount)}" if each.amount is not None else "")
        for each in line.allowances
    )


def discount_sentences(document: Document, wording: Wording) -> tuple[str, ...]:
    """Say what may be deducted by whoever pays early (section 14 (4) no. 7 UStG)."""
    steps = (
        (document.discount_days, document.discount_percent),
        (document.discount2_days, document.discount2_percent),
    )
    return tuple(
        wording.payment(
            "discount" if document.definition.is_billing else "discount_terms",
            day=wording.day(document.issue_date + timedelta(days=days)),
            days=str(days),
            percent=wording.percent(percent),
            amount=wording.money(percent_of(document.payable, percent)),
            left=wording.money(document.payable - percent_of(document.payable, percent)),
        )
        for days, percent in steps
        if days is not None and percent
    )
