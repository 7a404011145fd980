"""What stands on a printed invoice, worded for its reader (sections 14 (4), 14a UStG).

Everything here is text that is ready to print: the template in the web room places it and decides
nothing. Numbers and dates are written by `wording`, the words stand in labels.toml.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date

from domain.documents.document import Document
from domain.documents.kinds import Action, ApprovalMode, PartyRole
from domain.identity import Language
from domain.partners import Address
from domain.printing.rows import NO_TAX, LineRow, TaxRow, exemption_marks, line_rows, tax_rows
from domain.printing.wording import Wording
from domain.tax import needs_both_tax_ids


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Our company beyond its address; `legal_notice` is what section 35a GmbHG and others ask."""

    phone: str | None = None
    email: str | None = None
    iban: str | None = None
    bic: str | None = None
    bank: str | None = None
    legal_notice: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A label, which may be empty, and what is said under it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PrintedParty:
    """A party as an address on paper; the name comes first. `label` says why it is named."""

    label: str
    name: str
    address: tuple[str, ...]
    vat_id: str | None
    tax_number: str | None


@dataclass(frozen=True, slots=True)
class InvoiceContents:
    """All text of a printed invoice in one language."""

    template: str  # of the kind of document
    language: Language
    labels: Mapping[str, str]
    title: str
    number: str
    issue_date: str
    due_date: str
    supply: str  # the date, the period, or the sentence that it is the invoice date
    information: tuple[Fact, ...]  # the block beside the address
    supply_sentence: str | None
    seller: PrintedParty
    recipient: PrintedParty
    further_parties: tuple[PrintedParty, ...]
    lines: tuple[LineRow, ...]
    tax_rows: tuple[TaxRow, ...]
    net: str
    gross: str
    exemptions: tuple[str, ...]
    payment: str
    note: str | None
    footer: tuple[tuple[Fact, ...], ...]  # columns
    legal_notice: str | None


def invoice_contents(
    document: Document, letterhead: Letterhead, language: Language
) -> InvoiceContents:
    """Return what the printed invoice says. Raises TransitionNotAllowed unless it is posted."""
    document.next_state(Action.PRINT, ApprovalMode.ALWAYS)
    wording = Wording(language, document.currency)
    seller, recipient, *further = _parties(document, wording)
    supply = _supply(document, wording)
    marks = exemption_marks(document)
    return InvoiceContents(
        template=document.definition.print_template,
        language=language,
        labels=wording.labels,
        title=wording.labels["title"],
        number=document.number or "",
        issue_date=wording.day(document.issue_date),
        due_date=wording.day(due_on(document)),
        supply=supply.text,
        information=_information(document, wording, recipient, supply),
        supply_sentence=None if supply.label else supply.text,
        seller=seller,
        recipient=recipient,
        further_parties=tuple(further),
        lines=line_rows(document, wording, marks),
        tax_rows=tax_rows(document, wording, marks),
        net=wording.money(document.net),
        gross=wording.money(document.gross),
        exemptions=tuple(
            f"{mark} {wording.exemption(category, reason)}".strip()
            for (category, _, reason), mark in marks.items()
            if reason
        ),
        payment=_payment(document, wording, letterhead),
        note=document.note,
        footer=_footer(wording, seller, letterhead),
        legal_notice=letterhead.legal_notice,
    )


def _parties(document: Document, wording: Wording) -> tuple[PrintedParty, ...]:
    """Return seller and recipient, then whoever was supplied or delivered to at another place."""
    home = _address(document, PartyRole.SELLER).country
    seller, bill_to, sold_to, ship_to = (
        _printed(role, _address(document, role), home, wording)
        for role in (PartyRole.SELLER, PartyRole.BILL_TO, PartyRole.SOLD_TO, PartyRole.SHIP_TO)
    )
    place = (bill_to.name, bill_to.address)
    others = (party for party in (sold_to, ship_to) if (party.name, party.address) != place)
    return seller, bill_to, *others


def _address(document: Document, role: PartyRole) -> Address:
    party = document.party(role)
    return Address(**{field.name: getattr(party, field.name) for field in fields(Address)})


def _printed(role: PartyRole, address: Address, home: str, wording: Wording) -> PrintedParty:
    name, *more_of_name = address.name.splitlines()
    abroad = (wording.country(address.country),) if address.country != home else ()
    return PrintedParty(
        label=wording.labels.get(role.lower(), ""),
        name=name,
        address=(
            *more_of_name,
            *address.street.splitlines(),
            f"{address.postcode} {address.city}",
            *abroad,
        ),
        vat_id=address.vat_id,
        tax_number=address.tax_number,
    )


def _supply(document: Document, wording: Wording) -> Fact:
    """Say when it was supplied; without a label where a whole sentence says it."""
    start, end = document.supply_date, document.supply_until
    if start is None:
        return Fact("", "")
    if end and end != start:
        return Fact(wording.labels["supply_period"], wording.period(start, end))
    if start == document.issue_date:
        return Fact("", wording.labels["supplied_on_issue_date"])
    return Fact(wording.labels["supply_date"], wording.day(start))


def _information(
    document: Document, wording: Wording, recipient: PrintedParty, supply: Fact
) -> tuple[Fact, ...]:
    labels = wording.labels
    rows = (
        (labels["number"], document.number),
        (labels["issue_date"], wording.day(document.issue_date)),
        (supply.label, supply.text if supply.label else None),
        (labels["due_date"], wording.day(due_on(document))),
        (labels["customer_reference"], document.customer_reference),
        (labels["recipient_vat_id"], recipient.vat_id),
    )
    return tuple(Fact(label, text) for label, text in rows if text)


def due_on(document: Document) -> date:
    """Return the day an invoice is due; the database sees to it that every invoice has one."""
    return document.due_date or document.issue_date


def _payment(document: Document, wording: Wording, letterhead: Letterhead) -> str:
    if not document.gross:
        return wording.payment("nothing")
    iban = _iban(letterhead)
    return wording.payment(
        "pay" if document.payment_days else "pay_at_once",
        gross=wording.money(document.gross),
        due_date=wording.day(due_on(document)),
        account=wording.payment("account", iban=iban) if iban else "",
        number=document.number or "",
    )


def _iban(letterhead: Letterhead) -> str:
    plain = "".join((letterhead.iban or "").split())
    return "\u00a0".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def _footer(
    wording: Wording, seller: PrintedParty, letterhead: Letterhead
) -> tuple[tuple[Fact, ...], ...]:
    columns = (
        (("", seller.name), *(("", line) for line in seller.address)),
        (("phone", letterhead.phone), ("email", letterhead.email)),
        (("bank", letterhead.bank), ("iban", _iban(letterhead)), ("bic", letterhead.bic)),
        (("vat_id", seller.vat_id), ("tax_number", seller.tax_number)),
    )
    return tuple(
        tuple(Fact(wording.labels.get(name, ""), text) for name, text in column if text)
        for column in columns
        if any(text for _, text in column)
    )


_MANDATORY: dict[str, Callable[[InvoiceContents], object]] = {
    "seller": lambda says: says.seller.name and len(says.seller.address) > 1,
    "recipient": lambda says: says.recipient.name and len(says.recipient.address) > 1,
    "seller_tax_id": lambda says: says.seller.vat_id or says.seller.tax_number,
    "issue_date": lambda says: says.issue_date,
    "number": lambda says: says.number,
    "lines": lambda says: (
        says.lines and all(line.quantity and line.description for line in says.lines)
    ),
    "supply": lambda says: says.supply,
    "net_by_rate": lambda says: says.tax_rows and all(row.basis for row in says.tax_rows),
    "tax_or_exemption": lambda says: (
        sum(row.tax == NO_TAX for row in says.tax_rows) == len(says.exemptions)
    ),
    "both_vat_ids": lambda says: (
        not any(needs_both_tax_ids(row.category) for row in says.tax_rows)
        or (says.seller.vat_id and says.recipient.vat_id)
    ),
}
"""Section 14 (4) no. 1 to 8 and 14a UStG, as far as every sales invoice needs it."""


def missing_contents(contents: InvoiceContents) -> tuple[str, ...]:
    """Return the names of mandatory contents that `contents` lacks, in the order of the law."""
    return tuple(name for name, is_said in _MANDATORY.items() if not is_said(contents))
