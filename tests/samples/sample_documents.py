"""One document of every printed kind, as a grain and seed trader writes them: our own samples."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sample_invoice import (
    AUTHOR,
    LETTERHEAD,
    NOW,
    SELLER,
    TENANT,
    S,
    a_partner,
)

from domain.documents.cancellation import cancel
from domain.documents.conversion import Making
from domain.documents.document import Document
from domain.documents.drafts import DocumentDraft, PartyDraft
from domain.documents.kinds import KINDS, ApprovalMode, PartyRole
from domain.documents.lines import LineDraft, LineKind
from domain.documents.posting import Conditions
from domain.documents.upstream import NOTHING_ABOVE
from domain.identity import Language
from domain.items import Unit
from domain.partners import AccountEntry, TaxClass, TaxClassEntry
from domain.printing.beside import beside_of, reader_id
from domain.printing.contents import Contents, Paper, contents_of
from domain.printing.references import Reference

TODAY = date(2026, 11, 24)
HOF = a_partner(
    21, "Landwirtschaft Petersen GbR", "Deichstraße 14", "25704", "Meldorf", vat_id="DE123456788"
)
STALL = a_partner(22, "Petersen, Betriebsteil Nord", "Koogweg 2", "25709", "Marne")
SELF_BILLED: dict[str, Any] = {
    "self_billing_agreed_on": date(2026, 1, 1),
    "tax_classes": (TaxClassEntry(TaxClass.FLAT_RATE_24, date(2026, 1, 1)),),
    "accounts": (AccountEntry("DE89370400440532013000"),),
}
FARMER = a_partner(
    23,
    *("Hinnerk Thomsen", "Am Wall 3", "25761", "Büsum"),
    known=SELF_BILLED,
    tax_number="18/123/45678",
)
FREIGHT = LineDraft(
    uuid4(),
    Decimal(1),
    kind=LineKind.CHARGE,
    description="Fracht frei Hof",
    unit_price=Decimal("48.50"),
    tax_category=S,
    tax_rate=Decimal(19),
    account="3800",
    cost_centre="LAGER",
)


def goods(name: str, quantity: str, price: str | None, rate: str = "7", **said: Any) -> LineDraft:
    """Return a line over tonnes of something."""
    return LineDraft(
        uuid4(),
        Decimal(quantity),
        description=name,
        unit=said.pop("unit", Unit.TONNE),
        unit_price=Decimal(price) if price else None,
        tax_category=S,
        tax_rate=Decimal(rate),
        account="3200",
        cost_centre="LAGER",
        **said,
    )


def words(kind: LineKind, text: str) -> LineDraft:
    """Return a line that is only text."""
    return LineDraft(uuid4(), kind=kind, description=text)


WHEAT = goods("Saatweizen Z-Saatgut, gebeizt", "12.5", "486.00", discount_percent=Decimal("2.5"))
LIME = goods("Kohlensaurer Kalk 85, gekörnt", "24", "41.90", "19")
LINES: dict[str, tuple[LineDraft, ...]] = {
    "SALES_OFFER": (
        words(LineKind.HEADING, "Saatgut"),
        WHEAT,
        goods("Wintergerste, zweizeilig", "8", "455.00"),
        words(LineKind.SUBTOTAL, "Zwischensumme Saatgut"),
        words(LineKind.HEADING, "Düngung"),
        LIME,
        goods("Kalkstreuer mit Fahrer", "6", "92.00", "19", unit=Unit.HOUR, kind=LineKind.OPTIONAL),
        words(LineKind.TEXT, "Die Ausbringung bieten wir bis Ende Februar an."),
        FREIGHT,
    ),
    "SELF_BILLED_INVOICE": (
        goods("Winterweizen B, 12,4 % Protein, 14,1 % Feuchte", "86.42", "198.50", "7.8"),
        goods("Abzug Trocknung 0,6 Punkte", "-86.42", "1.20", "7.8"),
    ),
}
USUAL = (WHEAT, LIME, FREIGHT)
HEADER: dict[str, dict[str, Any]] = {
    "SALES_OFFER": {"valid_until": date(2026, 12, 15), "customer_reference": "Anfrage 11/26"},
    "SALES_CONTRACT": {
        "valid_from": date(2027, 1, 1),
        "valid_until": date(2027, 6, 30),
        "tolerance_percent": Decimal(5),
        "price_fixed": True,
    },
    "PURCHASE_CONTRACT": {
        "valid_from": date(2027, 7, 1),
        "valid_until": date(2027, 9, 30),
        "tolerance_percent": Decimal(5),
        "price_fixed": False,
    },
    "SALES_ORDER": {"requested_date": date(2026, 12, 1), "customer_reference": "B-2026-88"},
    "DELIVERY_NOTE": {
        "supply_date": TODAY,
        "carrier": "Spedition Nordlicht, HEI-NL 204",
        "customer_reference": "B-2026-88",
    },
    "SALES_INVOICE": {"supply_date": date(2026, 11, 20), "customer_reference": "B-2026-88"},
    "CUSTOMER_RETURN": {"supply_date": TODAY},
    "SALES_CREDIT_NOTE": {"supply_date": date(2026, 11, 20)},
    "PURCHASE_INQUIRY": {"requested_date": date(2027, 2, 1)},
    "PURCHASE_ORDER": {"requested_date": date(2027, 2, 1)},
    "GOODS_RECEIPT": {"supply_date": TODAY, "external_number": "LS 8871", "carrier": "Selbst"},
    "SELF_BILLED_INVOICE": {"supply_date": date(2026, 8, 3), "supply_until": date(2026, 8, 14)},
    "SUPPLIER_RETURN": {"supply_date": TODAY, "carrier": "Spedition Nordlicht"},
}
PRINTED = tuple(name for name, kind in KINDS.items() if kind.print_template)


def a_reference(kind: str, day: date = date(2026, 11, 20), place: int = 1) -> Reference:
    """Return another document by number and date."""
    number = KINDS[kind].number_template.partition("{")[0] + f"2026-{place:05}"
    return Reference(UUID(int=500 + place), kind, number, day)


def a_document(kind: str, *lines: LineDraft, **said: Any) -> Document:
    """Return a posted document of any printed kind."""
    definition = KINDS[kind]
    partner = FARMER if definition.is_self_billed else HOF
    parties = {role: PartyDraft(partner) for role in definition.parties}
    parties |= said.pop("parties", {})
    header = {"issue_date": TODAY} | HEADER.get(kind, {}) | said
    draft = DocumentDraft(lines=lines or LINES.get(kind, USUAL), parties=parties, **header)
    new = Document.drafted(
        draft,
        id=uuid4(),
        tenant_id=TENANT,
        kind=definition,
        currency="EUR",
        by=AUTHOR,
        at=NOW,
        today=TODAY,
    )
    supplier = parties[PartyRole.SUPPLIER].partner if definition.is_self_billed else None
    new.post(
        seller=SELLER,
        by=AUTHOR,
        at=NOW,
        mode=ApprovalMode.NONE,
        today=TODAY,
        conditions=Conditions(supplier=supplier),
    )
    new.number = a_reference(kind).number
    return new


def comes_from(document: Document, *places: Reference | None) -> Document:
    """Let the lines of a document come from others, in turn; None for lines of its own."""
    for line, source in zip(document.lines, places, strict=True):
        if source is not None:
            line.source_document_id, line.source_line_id = source.document_id, uuid4()
            line.source_number, line.source_date = source.number, source.issue_date
    return document


def a_cancellation(original: Document, reason: str = "Menge war falsch") -> Document:
    """Return what takes a document back."""
    making = Making(id=uuid4(), new_id=uuid4, by=AUTHOR, at=NOW, today=TODAY)
    counter = cancel(
        original,
        making,
        company=SELLER,
        reason=reason,
        posting_date=TODAY,
        upstream=NOTHING_ABOVE,
    )
    counter.number = a_reference(original.kind, place=2).number
    return counter


def reference_to(document: Document) -> Reference:
    """Return how others name a document."""
    return Reference(document.id, document.kind, document.number or "", document.issue_date)


def contents(
    document: Document,
    *references: Reference,
    language: Language = Language.DE,
    **paper: Any,
) -> Contents:
    """Return what the print of a document says."""
    if document.definition.print_template:
        paper.setdefault("beside", beside_of(document, _reader(document)))
    return contents_of(document, Paper(LETTERHEAD, language, references, **paper))


def _reader(document: Document) -> Any:
    known = {each.id: each for each in (HOF, STALL, FARMER)}
    return known.get(reader_id(document), HOF)


@dataclass(frozen=True, slots=True)
class Example:
    """A print for docs/examples."""

    name: str
    contents: Contents


def collective_invoice() -> Contents:
    """Return an invoice over two delivery notes with 40 lines."""
    notes = (
        a_reference("DELIVERY_NOTE", date(2026, 11, 18), 1),
        a_reference("DELIVERY_NOTE", date(2026, 11, 20), 2),
    )
    lines = [
        goods(f"Saatgut Partie {place}", "1.25", "486.00", supply_date=note.issue_date)
        for place, note in ((n, notes[n > 20]) for n in range(1, 41))
    ]
    period = {"supply_date": notes[0].issue_date, "supply_until": notes[1].issue_date}
    invoice = a_document("SALES_INVOICE", *lines, **period)
    comes_from(invoice, *[notes[n > 20] for n in range(1, 41)])
    return contents(invoice, *notes)


def examples() -> list[Example]:
    """Return one print of every kind, and those that look different in some case."""
    note, order = a_reference("DELIVERY_NOTE"), a_reference("SALES_ORDER", date(2026, 11, 10))
    invoice = a_reference("SALES_INVOICE", date(2026, 11, 22))
    references = {
        "DELIVERY_NOTE": (order,),
        "SALES_INVOICE": (order,),
        "SALES_CREDIT_NOTE": (invoice,),
        "CUSTOMER_RETURN": (note,),
        "SELF_BILLED_INVOICE": (a_reference("GOODS_RECEIPT", date(2026, 8, 14)),),
    }
    found = []
    for kind in PRINTED:
        document = a_document(kind, parties=_elsewhere(kind), note=None)
        sources = references.get(kind, ())
        if sources:
            comes_from(document, *[sources[0]] * len(document.lines))
        found.append(Example(kind.lower(), contents(document, *sources)))
    revised = a_document("SALES_OFFER")
    revised.revision = 2
    original = a_document("SALES_INVOICE")
    cancelled = contents(a_cancellation(original), reference_to(original))
    return [
        *found,
        Example("sales_offer_revision_2_english", contents(revised, language=Language.EN)),
        Example("sales_invoice_collective", collective_invoice()),
        Example("sales_invoice_cancellation", cancelled),
    ]


def _elsewhere(kind: str) -> dict[Any, PartyDraft]:
    """Have goods delivered to another place where that shows."""
    if kind in ("SALES_ORDER", "DELIVERY_NOTE", "SALES_INVOICE"):
        return {PartyRole.SHIP_TO: PartyDraft(STALL)}
    return {}
