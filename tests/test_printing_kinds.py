"""Every kind of document says on paper what its reader needs, and nothing that is not his."""

import re
import sys
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.documents.drafts import PartyDraft
from domain.documents.kinds import KINDS, PartyRole
from domain.documents.life import TransitionNotAllowed
from domain.documents.lines import LineKind
from domain.documents.posting import SupplierTaxNumberMissing
from domain.printing.contents import Contents
from domain.printing.layouts import LAYOUTS
from domain.printing.letterhead import Fact
from domain.printing.mandatory import missing_contents
from domain.texts import TextPlace

sys.path.insert(0, str(Path(__file__).parent / "samples"))

from sample_documents import (
    FARMER,
    HOF,
    PRINTED,
    SELF_BILLED,
    STALL,
    WHEAT,
    a_cancellation,
    a_document,
    a_reference,
    comes_from,
    contents,
    goods,
    reference_to,
    words,
)
from sample_invoice import AE, DE, EN, a_line, a_partner

UNPRICED = (
    "DELIVERY_NOTE",
    "CUSTOMER_RETURN",
    "PURCHASE_INQUIRY",
    "GOODS_RECEIPT",
    "SUPPLIER_RETURN",
)


def texts_of(value: Any) -> list[str]:
    """Return every text that contents hold, however deep, apart from the labels."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for each in value for text in texts_of(each)]
    if is_dataclass(value):
        return [
            text
            for field in fields(value)
            if field.name != "labels"
            for text in texts_of(getattr(value, field.name))
        ]
    return []


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def rows_of(says: Contents) -> list[tuple[str, str, str]]:
    return [(line.kind, line.description, plain(line.net)) for line in says.lines]


@pytest.mark.parametrize(
    ("kind", "german", "english"),
    [
        ("SALES_OFFER", "Angebot", "Offer"),
        ("SALES_CONTRACT", "Verkaufskontrakt", "Sales contract"),
        ("SALES_ORDER", "Auftragsbestätigung", "Order confirmation"),
        ("DELIVERY_NOTE", "Lieferschein", "Delivery note"),
        ("SALES_INVOICE", "Rechnung", "Invoice"),
        ("CUSTOMER_RETURN", "Rückgabeschein", "Return note"),
        ("SALES_CREDIT_NOTE", "Rechnungskorrektur", "Invoice correction (Rechnungskorrektur)"),
        ("PURCHASE_INQUIRY", "Anfrage", "Inquiry"),
        ("PURCHASE_CONTRACT", "Einkaufskontrakt", "Purchase contract"),
        ("PURCHASE_ORDER", "Bestellung", "Purchase order"),
        ("GOODS_RECEIPT", "Wareneingangsschein", "Goods receipt"),
        ("SELF_BILLED_INVOICE", "Gutschrift", "Self-billed invoice (Gutschrift)"),
        ("SUPPLIER_RETURN", "Rückgabeschein", "Return note"),
    ],
)
def test_each_kind_has_its_title_and_lacks_nothing(kind: str, german: str, english: str):
    """The word of the trade in both languages, and all that is mandatory."""
    document = a_document(kind)

    in_german, in_english = contents(document), contents(document, language=EN)

    assert (in_german.title, in_english.title) == (german, english)
    assert (missing_contents(in_german), missing_contents(in_english)) == ((), ())


def test_the_table_of_kinds_and_the_table_of_layouts_fit():
    """Every layout is used, every kind that is printed has one; received kinds wait for a wish."""
    assert {KINDS[kind].print_template for kind in PRINTED} == LAYOUTS.keys()
    assert [name for name, kind in KINDS.items() if not kind.print_template] == [
        "SALES_INQUIRY",
        "SUPPLIER_OFFER",
        "SUPPLIER_INVOICE",
        "SUPPLIER_CREDIT_NOTE",
        "INCOMING_PAYMENT",
        "OUTGOING_PAYMENT",
    ]
    by_hand = [name for name in PRINTED if not KINDS[name].printed_by_posting]
    assert by_hand == ["GOODS_RECEIPT"]


@pytest.mark.parametrize("kind", ["SALES_INQUIRY", "SUPPLIER_INVOICE"])
def test_what_came_from_outside_is_not_printed(kind: str):
    """The original is kept instead."""
    received = {"external_number": "R-1", "supply_date": date(2026, 11, 20)}

    with pytest.raises(TransitionNotAllowed):
        contents(a_document(kind, **received))


@pytest.mark.parametrize("kind", [*UNPRICED, "SUPPLIER_RETURN"])
@pytest.mark.parametrize("language", [DE, EN])
def test_a_document_for_the_goods_shows_no_price(kind: str, language: Any):
    """Neither price nor amount nor tax: drivers and stores need not know."""
    says = contents(a_document(kind), language=language)

    found = " | ".join(texts_of(says))
    assert re.findall(r"€|%|EUR|486|5\.923", found) == []
    assert (says.priced, says.tax_rows, says.net, says.gross) == (False, (), "", "")


@pytest.mark.parametrize("language", [DE, EN])
def test_a_correction_is_never_headed_gutschrift(language: Any):
    """That word is reserved for self-billing (section 14 (4) no. 10 UStG)."""
    invoice = a_reference("SALES_INVOICE")
    note = comes_from(a_document("SALES_CREDIT_NOTE"), *[invoice] * 3)

    says = contents(note, invoice, language=language)

    assert "gutschrift" not in " ".join([*texts_of(says), *says.labels.values()]).lower()


def test_a_correction_names_the_invoices_it_corrects():
    """Number and date of each (section 31 (5) UStDV), in one sentence under the title."""
    first = a_reference("SALES_INVOICE", date(2026, 11, 2), 1)
    second = a_reference("SALES_INVOICE", date(2026, 11, 9), 7)
    note = comes_from(a_document("SALES_CREDIT_NOTE"), first, second, None)

    says = contents(note, first, second)

    assert says.subject == (
        "Berichtigt wird: Rechnung INV-2026-00001 vom 02.11.2026,"
        " Rechnung INV-2026-00007 vom 09.11.2026",
    )
    assert says.corrects == ("INV-2026-00001", "INV-2026-00007")


@pytest.mark.parametrize(
    ("kind", "title", "subject"),
    [
        ("SALES_INVOICE", "Stornorechnung", "Storno zu Rechnung INV-2026-00001 vom 24.11.2026"),
        (
            "SALES_CREDIT_NOTE",
            "Stornorechnung",
            "Storno zu Rechnungskorrektur RK-2026-00001 vom 24.11.2026",
        ),
        (
            "SELF_BILLED_INVOICE",
            "Stornorechnung",
            "Storno zu Gutschrift GS-2026-00001 vom 24.11.2026",
        ),
        (
            "DELIVERY_NOTE",
            "Lieferschein (Storno)",
            "Storno zu Lieferschein DL-2026-00001 vom 24.11.2026",
        ),
    ],
)
def test_a_cancellation_names_its_original_and_the_reason(kind: str, title: str, subject: str):
    """Title, number and date of the original, why; no own texts and nothing to pay."""
    original = a_document(kind, opening_text="Guten Tag", note="Danke")

    says = contents(a_cancellation(original, "Menge war falsch"), reference_to(original))

    assert (says.title, says.subject[:2]) == (title, (subject, "Grund: Menge war falsch"))
    assert (says.opening, says.closing, says.note) == ("", "", "")
    assert "überweis" not in says.payment
    assert missing_contents(says) == ()


def test_a_cancellation_that_names_no_original_lacks_it():
    """Without it the paper corrects nothing."""
    original = a_document("SALES_INVOICE")

    assert missing_contents(contents(a_cancellation(original))) == ("original",)


def test_a_self_billed_invoice_shows_the_suppliers_tax_id_and_average_rate():
    """We write it, the supplier is the seller (section 14 (4) nos. 1, 2 and 10, section 24)."""
    says = contents(a_document("SELF_BILLED_INVOICE"))

    assert says.title == "Gutschrift"
    assert (says.seller.name, says.recipient.name) == ("Hinnerk Thomsen", "Hofgut Lindenau GmbH")
    assert Fact("Ihre Steuernummer", "18/123/45678") in says.information
    assert [plain(text) for text in says.average_rates] == [
        "Die Umsatzsteuer ist nach dem Durchschnittssatz für land- und forstwirtschaftliche"
        " Betriebe von 7,8 % berechnet (§ 24 UStG)."
    ]
    assert plain(says.payment) == (
        "Wir überweisen Ihnen 18.380,62 € bis zum 08.12.2026 auf Ihr Konto"
        " IBAN DE89 3704 0044 0532 0130 00 unter Angabe der Nummer GS-2026-00001."
    )


def test_a_self_billed_invoice_without_any_tax_id_of_the_supplier_is_not_posted():
    """It could not be printed as the law wants it; without tax it may be."""
    anonymous = a_partner(31, "Ohne Nummer", "Weg 1", "25761", "Büsum", known=SELF_BILLED)
    parties = {PartyRole.SUPPLIER: PartyDraft(anonymous)}

    with pytest.raises(SupplierTaxNumberMissing):
        a_document("SELF_BILLED_INVOICE", parties=parties)


def test_the_usual_rates_are_no_average_rates():
    """19 and 7 percent need no statement."""
    assert contents(a_document("SALES_INVOICE")).average_rates == ()


def test_an_optional_line_stands_in_brackets_and_is_not_summed():
    """What may be ordered besides has its amount shown, beside a word that says so."""
    says = contents(a_document("SALES_OFFER"))

    assert rows_of(says) == [
        ("HEADING", "Saatgut", ""),
        ("ITEM", "Saatweizen Z-Saatgut, gebeizt", "5.923,12 €"),
        ("ITEM", "Wintergerste, zweizeilig", "3.640,00 €"),
        ("SUBTOTAL", "Zwischensumme Saatgut", "9.563,12 €"),
        ("HEADING", "Düngung", ""),
        ("ITEM", "Kohlensaurer Kalk 85, gekörnt", "1.005,60 €"),
        ("OPTIONAL", "Kalkstreuer mit Fahrer", "(552,00 €)"),
        ("TEXT", "Die Ausbringung bieten wir bis Ende Februar an.", ""),
        ("CHARGE", "Fracht frei Hof", "48,50 €"),
    ]
    assert says.lines[6].notes == ("Option, in der Summe nicht enthalten",)
    assert plain(says.net) == "10.617,22 €"


def test_a_discount_is_shown_beside_the_price():
    """Section 14 (4) no. 7: what was agreed in advance."""
    says = contents(a_document("SALES_ORDER"))

    assert [plain(line.discount) for line in says.lines] == ["– 2,5 % Rabatt", "", ""]


def test_a_subtotal_counts_since_the_last_subtotal_or_heading():
    """Options and texts do not count, charges do."""
    says = contents(
        a_document(
            "SALES_INVOICE",
            goods("A", "1", "10"),
            words(LineKind.SUBTOTAL, "Summe A"),
            goods("B", "1", "20"),
            words(LineKind.HEADING, "C"),
            goods("C", "2", "15"),
            goods("D", "1", "99", kind=LineKind.OPTIONAL),
            words(LineKind.SUBTOTAL, "Summe C"),
        )
    )

    assert [row for row in rows_of(says) if row[0] == "SUBTOTAL"] == [
        ("SUBTOTAL", "Summe A", "10,00 €"),
        ("SUBTOTAL", "Summe C", "30,00 €"),
    ]


def test_a_collective_invoice_groups_its_lines_by_delivery_note():
    """A row names the note where it changes; a line supplied on another day says when."""
    first = a_reference("DELIVERY_NOTE", date(2026, 11, 18), 1)
    second = a_reference("DELIVERY_NOTE", date(2026, 11, 20), 2)
    invoice = a_document(
        "SALES_INVOICE",
        goods("A", "1", "10", supply_date=date(2026, 11, 18)),
        goods("B", "1", "20", supply_date=date(2026, 11, 18)),
        goods("C", "1", "30", supply_date=date(2026, 11, 20)),
        goods("D", "1", "40"),
        supply_date=date(2026, 11, 20),
    )
    comes_from(invoice, first, first, second, None)

    says = contents(invoice, first, second)

    assert [(line.kind, line.description, line.notes) for line in says.lines] == [
        ("SOURCE", "Lieferschein DL-2026-00001 vom 18.11.2026", ()),
        ("ITEM", "A", ("Lieferdatum 18.11.2026",)),
        ("ITEM", "B", ("Lieferdatum 18.11.2026",)),
        ("SOURCE", "Lieferschein DL-2026-00002 vom 20.11.2026", ()),
        ("ITEM", "C", ()),
        ("SOURCE", "Weitere Positionen", ()),
        ("ITEM", "D", ()),
    ]


def test_a_single_source_and_the_order_are_named_beside_the_address():
    """One note needs no heading; the order behind it is named as well."""
    note = a_reference("DELIVERY_NOTE")
    order = a_reference("SALES_ORDER", date(2026, 11, 10))
    order = replace(order, document_id=HOF.id)
    invoice = comes_from(a_document("SALES_INVOICE", WHEAT), note)

    says = contents(invoice, order, note)

    assert says.information[-2:] == (
        Fact("Auftrag", "SO-2026-00001 vom 10.11.2026"),
        Fact("Lieferschein", "DL-2026-00001 vom 20.11.2026"),
    )
    assert [line.kind for line in says.lines] == ["ITEM"]


def test_a_receipt_is_named_with_the_suppliers_number():
    """The farmer finds his delivery note on the account of his harvest."""
    receipts = (
        replace(a_reference("GOODS_RECEIPT", place=1), external_number="LS 12"),
        a_reference("GOODS_RECEIPT", place=2),
    )
    account = comes_from(a_document("SELF_BILLED_INVOICE"), *receipts)

    sources = [line.description for line in contents(account, *receipts).lines if not line.net]

    assert sources == [
        "Wareneingang GR-2026-00001 vom 20.11.2026 (Ihre Nr. LS 12)",
        "Wareneingang GR-2026-00002 vom 20.11.2026",
    ]


def test_a_contract_says_period_tolerance_and_price():
    """What a Kontrakt binds to, signed by both."""
    sale, purchase = contents(a_document("SALES_CONTRACT")), a_document("PURCHASE_CONTRACT")

    assert sale.information[3:] == (
        Fact("Zeitraum", "01.01.2027 – 30.06.2027"),
        Fact("Mengentoleranz", "± 5\u00a0%"),
        Fact("Preis", "Festpreis"),
    )
    assert Fact("Preis", "offen, wird bei Abruf vereinbart") in contents(purchase).information
    assert len(sale.signatures) == 2


def test_a_delivery_note_goes_to_the_place_of_delivery_and_names_carrier_and_customer():
    """The driver finds the yard, the yard finds the customer, and somebody signs."""
    note = a_document("DELIVERY_NOTE", parties={PartyRole.SHIP_TO: PartyDraft(STALL)})

    says = contents(note)

    assert says.addressee.name == "Petersen, Betriebsteil Nord"
    assert [(each.label, each.name) for each in says.others] == [
        ("Auftraggeber", "Landwirtschaft Petersen GbR")
    ]
    assert Fact("Spediteur", "Spedition Nordlicht, HEI-NL 204") in says.information
    assert len(says.signatures) == 1


@pytest.mark.parametrize(("language", "words_"), [(DE, "Fassung 2"), (EN, "Revision 2")])
def test_an_amended_document_says_which_version_it_is(language: Any, words_: str):
    """The first one says nothing."""
    offer = a_document("SALES_OFFER")
    assert contents(offer, language=language).revision == ""
    offer.revision = 2

    assert contents(offer, language=language).revision == words_


def test_texts_are_the_documents_own_else_the_companys_else_the_built_in():
    """Own texts stand as written, templates are filled, a line without its fact is left out."""
    offer = a_document("SALES_OFFER")
    company = {TextPlace.OPENING: "Nr. {number}\nFällig {due_date}", TextPlace.CLOSING: ""}
    own = a_document("SALES_OFFER", opening_text="Moin {number}")

    assert contents(offer).closing == (
        "Dieses Angebot gilt bis zum 15.12.2026.\nWir freuen uns auf Ihren Auftrag."
    )
    assert contents(a_document("SALES_OFFER", valid_until=None)).closing == (
        "Wir freuen uns auf Ihren Auftrag."
    )
    by_company = contents(offer, texts=company)
    assert (by_company.opening, by_company.closing) == ("Nr. ANG-2026-00001", "")
    assert contents(own, texts=company).opening == "Moin {number}"


def test_reverse_charge_on_an_offer_is_said_as_on_the_invoice():
    """Whoever decides by the offer should know who owes the tax."""
    says = contents(a_document("SALES_OFFER", a_line("100", AE, quantity=Decimal(1))))

    assert says.exemptions == ("Steuerschuldnerschaft des Leistungsempfängers",)
    assert FARMER.address.tax_number not in texts_of(says)
