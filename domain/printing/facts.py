"""The facts beside the address: numbers, dates, who to ask, what the document comes from."""

from collections.abc import Callable, Sequence
from datetime import date

from domain.documents.amounts import InvoiceType
from domain.documents.document import Document
from domain.documents.kinds import SALES
from domain.printing.beside import Beside
from domain.printing.layouts import LAYOUTS
from domain.printing.letterhead import Fact
from domain.printing.parties import Parties
from domain.printing.references import Reference, agreed, corrected, numbered, said
from domain.printing.rows import only_source
from domain.printing.wording import Wording


def supply_of(document: Document, wording: Wording) -> Fact:
    """Say when it was supplied; without a label where a whole sentence says it.

    What is invoiced before it is supplied says so (UStAE 14.8 (4)), with the day that is expected.
    """
    start, end = document.supply_date, document.supply_until
    is_to_come = document.invoice_type == InvoiceType.PREPAYMENT
    if start is None:
        return Fact("", wording.labels["supply_to_come"] if is_to_come else "")
    if is_to_come:
        until = wording.period(start, end) if end and end != start else wording.day(start)
        return Fact(wording.labels["supply_expected"], until)
    if end and end != start:
        return Fact(wording.labels["supply_period"], wording.period(start, end))
    if start == document.issue_date and document.definition.is_billing:
        return Fact("", wording.labels["supplied_on_issue_date"])
    return Fact(wording.labels["supply_date"], wording.day(start))


def information_of(
    document: Document,
    wording: Wording,
    parties: Parties,
    beside: Beside,
    references: Sequence[Reference],
) -> tuple[Fact, ...]:
    """Return the facts of the layout, then what the document fulfils and comes from."""
    layout = LAYOUTS[document.definition.print_template]
    names = (*layout.information, "contact")
    facts = [_FACTS[name](document, wording, parties, beside) for name in names]
    source = only_source(document, references, wording)
    fulfilled = agreed(references)
    named = corrected(document, references)  # under the title already
    facts += [
        Fact(wording.named(each.kind), numbered(each.number, each.issue_date, wording))
        for each in references
        if each not in named and (each in fulfilled or said(each, wording) == source)
    ]
    return tuple(fact for fact in facts if fact.label and fact.text)


_Say = Callable[[Document, Wording, Parties, Beside], Fact]


def _day(name: str) -> _Say:
    def say(document: Document, wording: Wording, *_others: object) -> Fact:
        day: date | None = getattr(document, name)
        return Fact(wording.labels[name], wording.day(day) if day else "")

    return say


def _words(name: str) -> _Say:
    return lambda document, wording, *_: Fact(wording.labels[name], getattr(document, name) or "")


def _validity(document: Document, wording: Wording, *_others: object) -> Fact:
    start, end = document.valid_from, document.valid_until
    return Fact(wording.labels["validity"], wording.period(start, end) if start and end else "")


def _tolerance(document: Document, wording: Wording, *_others: object) -> Fact:
    label, percent = wording.labels["tolerance"], document.tolerance_percent
    if not percent:
        return Fact(label, "")
    return Fact(label, wording.labels["tolerance_text"].format(percent=wording.percent(percent)))


def _price(document: Document, wording: Wording, *_others: object) -> Fact:
    if document.price_fixed is None:
        return Fact("", "")
    how = "price_fixed" if document.price_fixed else "price_open"
    return Fact(wording.labels["price"], wording.labels[how])


def _due(document: Document, wording: Wording, *_others: object) -> Fact:
    text = "" if document.is_cancellation else wording.day(due_on(document))
    return Fact(wording.labels["due_date"], text)


def _partner_number(
    document: Document, wording: Wording, _parties: Parties, beside: Beside
) -> Fact:
    name = "customer_number" if document.definition.side == SALES else "supplier_number"
    return Fact(wording.labels[name], beside.partner_number)


_FACTS: dict[str, _Say] = {
    "number": _words("number"),
    "issue_date": _day("issue_date"),
    "partner_number": _partner_number,
    "contact": lambda _, wording, __, beside: Fact(
        wording.labels["contact"], beside.contact.text if beside.contact else ""
    ),
    "requested_date": _day("requested_date"),
    "valid_until": _day("valid_until"),
    "validity": _validity,
    "tolerance": _tolerance,
    "price": _price,
    "supply": lambda document, wording, *_: supply_of(document, wording),
    "carrier": _words("carrier"),
    "due_date": _due,
    "customer_reference": _words("customer_reference"),
    "external_number": _words("external_number"),
    "recipient_vat_id": lambda _, wording, parties, __: Fact(
        wording.labels["recipient_vat_id"], parties.addressee.vat_id or ""
    ),
    "supplier_vat_id": lambda _, wording, parties, __: Fact(
        wording.labels["supplier_vat_id"], parties.addressee.vat_id or ""
    ),
    "supplier_tax_number": lambda _, wording, parties, __: Fact(
        wording.labels["supplier_tax_number"], parties.addressee.tax_number or ""
    ),
}
"""How each fact of a layout is said; one without text is left out."""


def due_on(document: Document) -> date:
    """Return the day an invoice is due; the database sees to it that every invoice has one."""
    return document.due_date or document.issue_date
