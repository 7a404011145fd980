"""What a document comes to: its lines, allowances, tax groups, prepayments, company currency."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from domain.amounts import (
    Allowance,
    AllowanceShare,
    AmountLine,
    PriceBasis,
    TaxKey,
    Totals,
    checked_allowance,
    in_company_currency,
    line_amount,
    totals_of,
)
from domain.documents.kinds import Kind
from domain.documents.lines import COUNTING, Line, LineKind
from domain.documents.parts import DocumentAllowance, Prepaid, TaxTotal
from domain.exchange_rates import RateSource
from domain.money import MustBePositive, checked, checked_amount
from domain.problems import Path, Problem
from domain.tax import TaxCategoriesMixed, TaxCategory, TaxChoice, TaxGroup, checked_rate

if TYPE_CHECKING:
    from domain.documents.document import Document

NOTHING = Decimal("0.00")
ALLOWANCES_MAX = 20
_LINES: Path = ("input", "lines")


class InvoiceType(StrEnum):
    """What an invoice to a customer is for."""

    ORDINARY = "ORDINARY"
    PARTIAL = "PARTIAL"
    PREPAYMENT = "PREPAYMENT"
    FINAL = "FINAL"


class NegativeTotal(Problem):
    """An invoice must not total below zero. Write a credit note instead."""


class TooManyAllowances(Problem):
    """A document may have {allowances_max} allowances and charges at the most."""

    allowances_max: int


class AllowanceWithoutLines(Problem):
    """An allowance over the whole document needs lines with a price."""


class AllowanceGroupMissing(Problem):
    """No line of this document is taxed {tax}, so no allowance or charge can be. Name the tax of a line, or none: then all lines bear it."""  # noqa: E501  one sentence for the user

    tax: str


class NotAPrepayment(Problem):
    """{number} cannot be deducted: it is no posted prepayment invoice of this payer, or done."""

    number: str


class PrepaymentNotPaid(Problem):
    """Of the prepayment {number} {open} {currency} are not paid, so its tax is not owed yet and is not deducted."""  # noqa: E501  one sentence for the user

    number: str
    open: str
    currency: str


class PrepaymentCredited(Problem):
    """{number} was credited, in whole or in part, so it is not deducted. Cancel the credit note, or the prepayment, and write that anew."""  # noqa: E501  one sentence for the user

    number: str


class PrepaymentsWithoutFinal(Problem):
    """Only a final invoice deducts prepayments. Write its type as FINAL."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """How many units of the document's currency are one unit of the company's, and since when."""

    rate: Decimal
    date: date
    source: RateSource

    def checked(self, path: Path) -> "Exchange":
        """Return this rate. Raises MustBePositive, NotANumber, TooLarge or TooPrecise."""
        if checked(self.rate, path) <= 0:
            raise MustBePositive(path=path)
        return self


_ALLOWANCES: Path = ("input", "allowances")


def checked_allowances(
    allowances: Sequence[Allowance], lines: Sequence[Line], on: date
) -> tuple[Allowance, ...]:
    """Return what a client writes, each that names a tax in a group that `lines` have.

    `on` is the day of supply. Raises TooManyAllowances or the problem of a wrong one.
    """
    if len(allowances) > ALLOWANCES_MAX:
        raise TooManyAllowances(allowances_max=ALLOWANCES_MAX, path=_ALLOWANCES)
    groups = groups_of(lines)
    checked_ones = []
    for place, each in enumerate(allowances):
        path = (*_ALLOWANCES, str(place))
        checked_allowance(each, path)
        checked_ones.append(replace(each, tax=each.tax and _in_group(each.tax, groups, on, path)))
    return tuple(checked_ones)


def _in_group(tax: TaxKey, groups: Collection[TaxKey], on: date, path: Path) -> TaxKey:
    """Return the group that a client means. Raises what a line would, or AllowanceGroupMissing."""
    if tax in groups:
        return tax
    category, rate = tax
    meant = category, checked_rate(category, rate, on, (*path, "taxRate"))
    if groups and meant not in groups:
        raise AllowanceGroupMissing(tax=TaxChoice(*meant).words, path=(*path, "taxCategory"))
    return meant


def groups_of(lines: Sequence[Line]) -> set[TaxKey]:
    """Return the tax groups of lines that count in the amounts."""
    return {
        (line.tax_category, line.tax_rate)
        for line in lines
        if is_priced(line) and line.tax_category is not None
    }


def amounts_of(
    kind: Kind,
    lines: Sequence[Line],
    allowances: Sequence[Allowance],
    basis: PriceBasis,
    *,
    may_be_negative: bool = False,
) -> Totals:
    """Return what lines and allowances come to, and let each line know its net.

    Raises TaxCategoriesMixed, NegativeTotal, TooLarge or AllowanceWithoutLines.
    """
    counting = [line for line in lines if is_priced(line)]
    if not counting and allowances:
        raise AllowanceWithoutLines(path=("input", "allowances"))
    priced = [_amount_line(line) for line in counting]
    totals = totals_of(priced, allowances, basis=basis, path=_LINES)
    for line, amount in zip(counting, totals.lines, strict=True):
        line.net = amount.net
    sums = subtotals_of(lines, basis)
    for line in lines:
        if line.id in sums:
            line.amount_shown = sums[line.id]
    if len(totals.groups) > 1 and any(g.category is TaxCategory.O for g in totals.groups):
        raise TaxCategoriesMixed(path=_LINES)
    if totals.gross < 0 and kind.is_billing and not may_be_negative:
        raise NegativeTotal(path=_LINES)
    return totals


def shares_of(
    document: "Document", allowances: Sequence[Allowance], *, as_shown: bool = False
) -> tuple[AllowanceShare, ...]:
    """Return what each tax group of a document bears of its `allowances`, without tax.

    `as_shown` they are with tax where the prices of the document are.
    """
    return totals_of(
        [_amount_line(line) for line in document.lines if is_priced(line)],
        allowances,
        basis=PriceBasis.NET if as_shown else document.price_basis,
    ).shares


def amount_as_shown(line: Line, basis: PriceBasis) -> Decimal:
    """Return what a line that counts comes to, with tax where its price is."""
    if basis is PriceBasis.NET or not is_priced(line):
        return line.net
    return line_amount(_amount_line(line)).amount


def subtotals_of(lines: Sequence[Line], basis: PriceBasis) -> dict[UUID, Decimal]:
    """Return what each subtotal (Zwischensumme) shows, by its line, with tax where prices have it.

    That is the sum of the lines that count since the heading or the subtotal before it.
    """
    found, running = {}, NOTHING
    for line in lines:
        if line.kind is LineKind.SUBTOTAL:
            found[line.id] = running
        if line.kind in (LineKind.SUBTOTAL, LineKind.HEADING):
            running = NOTHING
        elif line.kind in COUNTING:
            running += amount_as_shown(line, basis)
    return found


def is_priced(line: Line) -> bool:
    """Say whether a line counts in the amounts, with all that takes."""
    return (
        line.kind in COUNTING
        and line.quantity is not None
        and line.unit_price is not None
        and line.tax_category is not None
    )


def _amount_line(line: Line) -> AmountLine:
    if line.quantity is None or line.unit_price is None or line.tax_category is None:
        raise TypeError("only lines that are priced have an amount")
    return AmountLine(
        quantity=line.quantity,
        unit_price=line.unit_price,
        category=line.tax_category,
        rate=line.tax_rate,
        price_quantity=line.price_quantity,
        discount_percent=line.discount_percent,
        allowances=line.allowances,
        reason=line.exemption_reason,
    )


def take_amounts(document: "Document", totals: Totals, prepaid: Sequence[Prepaid] = ()) -> None:
    """Keep what a document comes to, in its own currency and in the company's."""
    document.taxes[:] = [
        TaxTotal(document, place, group, in_company(document, group.basis))
        for place, group in enumerate(totals.groups, 1)
    ]
    document.line_total = totals.line_total
    document.allowance_total, document.charge_total = totals.allowances, totals.charges
    document.net, document.tax, document.gross = totals.net, totals.tax, totals.gross
    for tax in document.taxes:
        tax.company_tax = in_company(document, tax.tax)
    document.company_net = sum((each.company_basis for each in document.taxes), NOTHING)
    document.company_tax = sum((each.company_tax for each in document.taxes), NOTHING)
    document.company_gross = document.company_net + document.company_tax
    document.prepayments[:] = prepaid
    document.prepaid = sum((each.net + each.tax for each in prepaid), NOTHING)
    document.payable = document.gross - document.prepaid


def in_company(document: "Document", amount: Decimal) -> Decimal:
    """Return an amount in company currency. Raises TooLarge where a tiny rate makes it huge."""
    rate = document.exchange_rate
    if rate is None:
        return amount
    return checked_amount(in_company_currency(amount, rate), ("input", "exchangeRate"))


def keep_allowances(document: "Document", allowances: Sequence[Allowance]) -> None:
    """Keep the allowances and charges of a document."""
    document.allowances[:] = [
        DocumentAllowance(document, place, each) for place, each in enumerate(allowances, 1)
    ]


def prepaid_by(document: "Document", prepayments: Sequence["Document"]) -> list[Prepaid]:
    """Return what paid prepayments take off a final invoice.

    Only what was received is deducted [section 14 (5) sentence 2 UStG]. Raises NotAPrepayment or
    PrepaymentNotPaid.
    """
    found: list[Prepaid] = []
    for place, each in enumerate(prepayments):
        if (
            each in prepayments[:place]
            or each.invoice_type != InvoiceType.PREPAYMENT
            or each.number is None
            or each.cancelled_by_id is not None
            or each.is_cancellation
            or each.bill_to_id != document.bill_to_id
            or each.currency != document.currency
        ):
            raise not_a_prepayment(each, place)
        if each.open_amount:
            raise PrepaymentNotPaid(
                number=each.number,
                open=f"{each.open_amount:f}",
                currency=each.currency,
                path=("input", "prepayments", str(place)),
            )
        found += [
            Prepaid(
                document,
                prepayment_id=each.id,
                position=tax.position,
                number=each.number,
                issue_date=each.issue_date,
                group=TaxGroup(tax.category, tax.rate, tax.basis, tax.tax, None),
            )
            for tax in each.taxes
        ]
    return found


def not_a_prepayment(document: "Document", place: int) -> NotAPrepayment:
    """Return why the document at `place` of the prepayments in an input is not deducted."""
    return NotAPrepayment(
        number=document.number or f"doc_{document.id}", path=("input", "prepayments", str(place))
    )


def type_code_of(document: "Document") -> str | None:
    """Return the code of the kind of invoice for e-invoices [UNTDID 1001, BR-DE-17].

    A cancelled invoice is corrected by 384 with negative amounts, which names its original;
    a self-billed one keeps 389.
    """
    code = document.definition.type_code
    if code == "380" and document.is_cancellation:
        return "384"
    if document.invoice_type == InvoiceType.PARTIAL:
        return "326"
    return code
