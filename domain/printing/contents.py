"""What stands on a printed document, worded for its reader (sections 14 (4), 14a UStG).

Everything here is text that is ready to print: the template in the web room places it and decides
nothing. Numbers and dates are written by `wording`, the words stand in labels.toml, and which kind
shows what in the table of layouts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from domain.documents.amounts import InvoiceType
from domain.documents.document import Document
from domain.documents.kinds import Action, ApprovalMode
from domain.identity import Language
from domain.printing.layouts import LAYOUTS, Layout
from domain.printing.letterhead import Fact, Letterhead, footer_of, spaced_iban
from domain.printing.parties import Parties, PrintedParty, parties_of
from domain.printing.references import Reference, agreed, corrected, numbered, said
from domain.printing.rows import (
    LineRow,
    TaxRow,
    exemption_marks,
    line_rows,
    only_source,
    tax_rows,
)
from domain.printing.sums import (
    SumRow,
    discount_sentences,
    line_total_label,
    rows_above_net,
    rows_below_gross,
)
from domain.printing.wording import Wording
from domain.tax import average_rate
from domain.texts import TextPlace, built_in, filled


@dataclass(frozen=True, slots=True)
class Paper:
    """What a print needs beside its document.

    `references` are the documents that it came from, cancels or corrects; `texts` a company's own
    opening and closing texts, the built-in ones stand where it has none.
    """

    letterhead: Letterhead
    language: Language
    references: tuple[Reference, ...] = ()
    texts: Mapping[TextPlace, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contents:
    """All text of a printed document in one language; empty is what its kind does not show."""

    kind: str
    language: Language
    labels: Mapping[str, str]
    title: str
    number: str
    revision: str  # "Fassung 2"; the first is none
    issue_date: str
    supply: str  # the date, the period, or the sentence that it is the date of the document
    information: tuple[Fact, ...]  # the block beside the address
    subject: tuple[str, ...]  # sentences under the title
    sender: PrintedParty  # our company
    addressee: PrintedParty
    others: tuple[PrintedParty, ...]
    opening: str
    priced: bool
    lines: tuple[LineRow, ...]
    tax_rows: tuple[TaxRow, ...]
    sums_above: tuple[SumRow, ...]
    net: str
    gross: str
    sums_below: tuple[SumRow, ...]
    exemptions: tuple[str, ...]
    average_rates: tuple[str, ...]
    payment: str
    discounts: tuple[str, ...]
    note: str
    closing: str
    signatures: tuple[str, ...]
    footer: tuple[tuple[Fact, ...], ...]  # columns
    legal_notice: str | None
    is_self_billed: bool
    is_cancellation: bool
    corrects: tuple[str, ...]  # numbers of the documents that it cancels or corrects

    @property
    def seller(self) -> PrintedParty:
        """Who supplied (section 14 (4) no. 1 UStG): of a self-billed invoice its reader."""
        return self.addressee if self.is_self_billed else self.sender

    @property
    def recipient(self) -> PrintedParty:
        """Who was supplied and owes the price."""
        return self.sender if self.is_self_billed else self.addressee


def contents_of(document: Document, paper: Paper) -> Contents:
    """Return what the print says. Raises TransitionNotAllowed unless it is posted and printable."""
    document.next_state(Action.PRINT, ApprovalMode.ALWAYS)
    kind = document.definition
    layout = LAYOUTS[kind.print_template]
    wording = Wording(paper.language, document.currency, kind.print_template)
    parties = parties_of(document, layout, wording)
    supply = _supply(document, wording)
    marks = exemption_marks(document)
    named = corrected(document, paper.references)
    return Contents(
        kind=document.kind,
        language=paper.language,
        labels=wording.labels | line_total_label(document, wording),
        title=_title(document, wording),
        number=document.number or "",
        revision=wording.labels["revision"].format(revision=document.revision)
        if document.revision > 1
        else "",
        issue_date=wording.day(document.issue_date),
        supply=supply.text,
        information=_information(document, wording, layout, parties, paper),
        subject=tuple(_subject(document, wording, supply, named)),
        sender=parties.sender,
        addressee=parties.addressee,
        others=parties.others,
        opening=_text(document, wording, paper, TextPlace.OPENING),
        priced=kind.priced,
        lines=line_rows(document, wording, marks, paper.references),
        tax_rows=tax_rows(document, wording, marks),
        sums_above=rows_above_net(document, wording),
        net=wording.money(document.net) if kind.priced else "",
        gross=wording.money(document.gross) if kind.priced else "",
        sums_below=rows_below_gross(document, wording),
        exemptions=tuple(
            f"{mark} {wording.exemption(category, reason)}".strip()
            for (category, _, reason), mark in marks.items()
            if reason
        ),
        average_rates=_average_rates(document, wording),
        payment=_payment(document, wording, layout, paper.letterhead),
        discounts=_discounts(document, wording, layout),
        note="" if document.is_cancellation else document.note or "",
        closing=_text(document, wording, paper, TextPlace.CLOSING),
        signatures=tuple(
            wording.labels[name].format(
                sender=parties.sender.name, addressee=parties.addressee.name
            )
            for name in layout.signatures
        ),
        footer=footer_of(wording.labels, parties.sender, paper.letterhead),
        legal_notice=paper.letterhead.legal_notice,
        is_self_billed=kind.is_self_billed,
        is_cancellation=document.is_cancellation,
        corrects=tuple(each.number for each in named),
    )


def _title(document: Document, wording: Wording) -> str:
    """Head it; an invoice before or after others says so (section 14 (5) UStG)."""
    of_type = wording.labels.get(f"type_{document.invoice_type}")
    if of_type and not document.is_cancellation:
        return of_type
    return wording.title(document.kind, is_cancellation=document.is_cancellation)


def _supply(document: Document, wording: Wording) -> Fact:
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


def _subject(
    document: Document, wording: Wording, supply: Fact, named: tuple[Reference, ...]
) -> Iterator[str]:
    """Yield the sentences under the title: what it cancels or corrects, why, when supplied."""
    if named:
        label = "cancels" if document.is_cancellation else "corrects"
        what = ", ".join(said(each, wording) for each in named)
        yield wording.labels[label].format(what=what)
    if document.cancel_reason:
        yield wording.labels["reason"].format(reason=document.cancel_reason)
    if supply.text and not supply.label:
        yield supply.text


def _information(
    document: Document, wording: Wording, layout: Layout, parties: Parties, paper: Paper
) -> tuple[Fact, ...]:
    """Return the facts of the layout, then what the document fulfils and comes from."""
    facts = [_FACTS[name](document, wording, parties) for name in layout.information]
    source = only_source(document, paper.references, wording)
    fulfilled = agreed(paper.references)
    named = corrected(document, paper.references)  # under the title already
    facts += [
        Fact(wording.named(each.kind), numbered(each.number, each.issue_date, wording))
        for each in paper.references
        if each not in named and (each in fulfilled or said(each, wording) == source)
    ]
    return tuple(fact for fact in facts if fact.label and fact.text)


_Say = Callable[[Document, Wording, Parties], Fact]


def _day(name: str) -> _Say:
    def say(document: Document, wording: Wording, parties: Parties) -> Fact:
        day: date | None = getattr(document, name)
        return Fact(wording.labels[name], wording.day(day) if day else "")

    return say


def _words(name: str) -> _Say:
    return lambda document, wording, _: Fact(wording.labels[name], getattr(document, name) or "")


def _validity(document: Document, wording: Wording, parties: Parties) -> Fact:
    start, end = document.valid_from, document.valid_until
    return Fact(wording.labels["validity"], wording.period(start, end) if start and end else "")


def _tolerance(document: Document, wording: Wording, parties: Parties) -> Fact:
    label, percent = wording.labels["tolerance"], document.tolerance_percent
    if not percent:
        return Fact(label, "")
    return Fact(label, wording.labels["tolerance_text"].format(percent=wording.percent(percent)))


def _price(document: Document, wording: Wording, parties: Parties) -> Fact:
    if document.price_fixed is None:
        return Fact("", "")
    how = "price_fixed" if document.price_fixed else "price_open"
    return Fact(wording.labels["price"], wording.labels[how])


def _due(document: Document, wording: Wording, parties: Parties) -> Fact:
    text = "" if document.is_cancellation else wording.day(due_on(document))
    return Fact(wording.labels["due_date"], text)


_FACTS: dict[str, _Say] = {
    "number": _words("number"),
    "issue_date": _day("issue_date"),
    "requested_date": _day("requested_date"),
    "valid_until": _day("valid_until"),
    "validity": _validity,
    "tolerance": _tolerance,
    "price": _price,
    "supply": lambda document, wording, _: _supply(document, wording),
    "carrier": _words("carrier"),
    "due_date": _due,
    "customer_reference": _words("customer_reference"),
    "external_number": _words("external_number"),
    "recipient_vat_id": lambda _, wording, parties: Fact(
        wording.labels["recipient_vat_id"], parties.addressee.vat_id or ""
    ),
    "supplier_vat_id": lambda _, wording, parties: Fact(
        wording.labels["supplier_vat_id"], parties.addressee.vat_id or ""
    ),
    "supplier_tax_number": lambda _, wording, parties: Fact(
        wording.labels["supplier_tax_number"], parties.addressee.tax_number or ""
    ),
}
"""How each fact of a layout is said; one without text is left out."""


def due_on(document: Document) -> date:
    """Return the day an invoice is due; the database sees to it that every invoice has one."""
    return document.due_date or document.issue_date


def _text(document: Document, wording: Wording, paper: Paper, place: TextPlace) -> str:
    """Return the document's own text, else the company's, else the built-in one.

    A cancellation copies its original and speaks for itself: it has none.
    """
    if document.is_cancellation:
        return ""
    own: str | None = getattr(document, f"{place.lower()}_text")
    if own:
        return own
    template = paper.texts.get(place)
    if template is None:
        template = built_in(document.kind, paper.language, place)
    facts = {
        "number": document.number or "",
        "date": wording.day(document.issue_date),
        "customer_reference": document.customer_reference or "",
        "valid_until": wording.day(document.valid_until) if document.valid_until else "",
        "due_date": wording.day(document.due_date) if document.due_date else "",
    }
    return filled(template, facts)


def _average_rates(document: Document, wording: Wording) -> tuple[str, ...]:
    """State the average rate of farmers and foresters (section 24 (1) sentence 5 UStG)."""
    if not document.definition.priced:
        return ()
    rates = [
        total.rate
        for total in document.taxes
        if total.rate is not None and average_rate(total.category, total.rate)
    ]
    sentence = wording.labels["average_rate"]
    return tuple(sentence.format(rate=wording.percent(rate)) for rate in rates)


def _payment(document: Document, wording: Wording, layout: Layout, letterhead: Letterhead) -> str:
    if not layout.payment:
        return ""
    if document.is_cancellation:
        return wording.payment("cancellation")
    if not document.payable and document.definition.is_billing:
        return wording.payment("nothing")
    iban, in_full = spaced_iban(letterhead.iban), document.discount_days is None
    return wording.payment(
        layout.payment if document.payment_days else f"{layout.payment}_at_once",
        gross=wording.money(document.payable),
        plain=wording.payment("plain") if in_full else "",
        plain_terms=wording.payment("plain_terms") if in_full else "",
        due_date=wording.day(due_on(document)),
        days=str(document.payment_days or 0),
        account=wording.payment("account", iban=iban) if iban else "",
        number=document.number or "",
    )


def _discounts(document: Document, wording: Wording, layout: Layout) -> tuple[str, ...]:
    if layout.payment not in _WITH_DISCOUNT or document.is_cancellation or document.payable <= 0:
        return ()
    return discount_sentences(document, wording)


_WITH_DISCOUNT = {"invoice", "terms"}
"""Sentences on how to pay; what we pay or set off ourselves needs none about cash discount."""
