"""What stands on a printed document, worded for its reader (sections 14 (4), 14a UStG).

Everything here is text that is ready to print: the template in the web room places it and decides
nothing. Numbers and dates are written by `wording`, the words stand in labels.toml, and which kind
shows what in the table of layouts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.documents.document import Document
from domain.documents.kinds import Action, ApprovalMode
from domain.identity import Language
from domain.printing.beside import NOTHING_BESIDE, Beside
from domain.printing.facts import due_on, information_of, supply_of
from domain.printing.layouts import LAYOUTS, Layout
from domain.printing.letterhead import Fact, Letterhead, footer_of, spaced_iban
from domain.printing.parties import PrintedParty, parties_of
from domain.printing.references import Reference, corrected, said
from domain.printing.rows import (
    LineRow,
    TaxRow,
    exemption_marks,
    line_rows,
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
    opening and closing texts, the built-in ones stand where it has none; `beside` is master data.
    """

    letterhead: Letterhead
    language: Language
    references: tuple[Reference, ...] = ()
    texts: Mapping[TextPlace, str] = field(default_factory=dict)
    beside: Beside = NOTHING_BESIDE


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
    attention: str  # who reads it there: "z. Hd. Petra Muster"
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
    supply = supply_of(document, wording)
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
        information=information_of(document, wording, parties, paper.beside, paper.references),
        subject=tuple(_subject(document, wording, supply, named)),
        sender=parties.sender,
        addressee=parties.addressee,
        attention=wording.labels["attention"].format(name=paper.beside.attention)
        if paper.beside.attention
        else "",
        others=parties.others,
        opening=_text(document, wording, paper, TextPlace.OPENING),
        priced=kind.priced,
        lines=line_rows(document, wording, marks, paper.references, paper.beside),
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
        payment=_payment(document, wording, layout, paper),
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


def _subject(
    document: Document, wording: Wording, supply: Fact, named: tuple[Reference, ...]
) -> Iterator[str]:
    """Yield the sentences under the title: what it is about, why, when supplied."""
    if named:
        label = "cancels" if document.is_cancellation else "corrects"
        what = ", ".join(said(each, wording) for each in named)
        yield wording.labels[label].format(what=what)
    if document.bonus_from and document.bonus_until:
        period = wording.period(document.bonus_from, document.bonus_until)
        yield wording.labels["bonus"].format(period=period)
    if document.cancel_reason:
        yield wording.labels["reason"].format(reason=document.cancel_reason)
    if supply.text and not supply.label:
        yield supply.text


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


def _payment(document: Document, wording: Wording, layout: Layout, paper: Paper) -> str:
    if not layout.payment:
        return ""
    if document.is_cancellation:
        return wording.payment("cancellation")
    if not document.payable and document.definition.is_billing:
        return wording.payment("nothing")
    is_theirs, in_full = document.definition.is_self_billed, document.discount_days is None
    iban = spaced_iban(paper.beside.iban if is_theirs else paper.letterhead.iban)
    return wording.payment(
        layout.payment if document.payment_days else f"{layout.payment}_at_once",
        gross=wording.money(document.payable),
        plain=wording.payment("plain") if in_full else "",
        plain_terms=wording.payment("plain_terms") if in_full else "",
        due_date=wording.day(due_on(document)),
        days=str(document.payment_days or 0),
        account=wording.payment("their_account" if is_theirs else "account", iban=iban)
        if iban
        else "",
        number=document.number or "",
    )


def _discounts(document: Document, wording: Wording, layout: Layout) -> tuple[str, ...]:
    if layout.payment not in _WITH_DISCOUNT or document.is_cancellation or document.payable <= 0:
        return ()
    return discount_sentences(document, wording)


_WITH_DISCOUNT = {"invoice", "terms"}
"""Sentences on how to pay; what we pay or set off ourselves needs none about cash discount."""
