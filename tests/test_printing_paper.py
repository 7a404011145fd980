"""What a reader of paper looks for: whom to ask, what to pay per bag, where a sum is carried to."""

import io
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pypdf
import pytest

from domain.amounts import Allowance, PriceBasis
from domain.documents.drafts import PartyDraft
from domain.documents.kinds import PartyRole
from domain.documents.lines import LineKind
from domain.identity import Language
from domain.items import Unit
from domain.partners import ContactEntry, DocumentGroup, Receipt
from domain.partners.parts import Channel
from domain.printing.beside import Beside, Contact, beside_of
from domain.printing.contents import Contents
from domain.printing.wording import Wording
from tests.companies import found_without_approval
from tests.test_printing_worker import printed
from web.printing.render import render_document

sys.path.insert(0, str(Path(__file__).parent / "samples"))

from sample_documents import (
    HOF,
    LIME,
    a_document,
    a_reference,
    collective_invoice,
    comes_from,
    contents,
    goods,
    words,
)
from sample_invoice import NOW, SELLER, a_partner


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def facts_of(says: Contents) -> dict[str, str]:
    return {fact.label: fact.text for fact in says.information}


def invoice_to(**ship_to: str) -> Contents:
    """Return an invoice whose goods go to an address that was written by hand."""
    place = replace(HOF.address, **ship_to)
    parties = {PartyRole.SHIP_TO: PartyDraft(HOF, place)}
    return contents(a_document("SALES_INVOICE", LIME, parties=parties))


@pytest.mark.parametrize(
    ("ship_to", "names_it"),
    [
        ({"name": "Laufkundschaft", "street": "-", "city": "Bremen"}, False),
        ({"name": "LANDWIRTSCHAFT  PETERSEN GbR", "street": "Deichstrasse 14"}, False),
        ({"name": "LANDWIRTSCHAFT  Petersen GbR"}, False),
        (
            {"name": "Abholer", "street": SELLER.street, "postcode": "04177", "city": "Leipzig"},
            False,
        ),
        ({"name": "Betriebsteil Nord"}, True),
    ],
)
def test_a_delivery_address_that_says_nothing_is_left_out(ship_to: dict[str, str], names_it: bool):
    """A street of marks, the address of the invoice once more, or our own counter."""
    assert bool(invoice_to(**ship_to).others) is names_it


def test_a_price_correction_says_so_and_names_the_line_of_the_invoice():
    """50 bags at 1.00 would read as a return of goods for a euro each."""
    invoice, source = a_reference("SALES_INVOICE"), uuid4()
    note = comes_from(a_document("SALES_CREDIT_NOTE", LIME), invoice)
    note.lines[0].is_price_correction, note.lines[0].source_line_id = True, source

    [line] = contents(note, invoice, beside=Beside(positions={source: 3})).lines
    [english] = contents(note, invoice, beside=Beside(), language=Language.EN).lines

    assert line.notes == (
        "Preisberichtigung zu Position 3 aus Rechnung INV-2026-00001 vom 20.11.2026:"
        " Die Menge bleibt unverändert, nur der Preis wird berichtigt.",
    )
    assert line.discount == "Preisdifferenz"
    assert plain(english.notes[0]).startswith("Price correction of Invoice INV-2026-00001 of")


def test_prices_with_tax_make_amounts_with_tax_down_to_the_total():
    """2 x 27.99 is 55.98 on paper too; net and tax by rate stand below."""
    says = contents(
        a_document(
            "SALES_INVOICE",
            goods("Rasendünger", "2", "27.99", "19", unit=Unit.BAG),
            words(LineKind.SUBTOTAL, "Zwischensumme"),
            goods("Saatgut", "1", "10.70", "7", unit=Unit.BAG),
            price_basis=PriceBasis.GROSS,
            allowances=(Allowance(percent=Decimal(10), reason="Treue"),),
        )
    )

    assert [plain(line.net) for line in says.lines] == ["55,98 €", "55,98 €", "10,70 €"]
    assert says.labels["line_net"] == "Betrag (brutto)"
    assert [(row.label, plain(row.amount)) for row in says.sums_above] == [
        ("Summe der Positionen (brutto)", "66,68 €"),
        ("abzüglich 10\u00a0% Treue", "-6,67 €"),
    ]
    assert [(plain(row.basis), plain(row.tax)) for row in says.tax_rows] == [
        ("42,34 €", "8,04 €"),
        ("9,00 €", "0,63 €"),
    ]
    assert plain(says.gross) == "60,01 €"


@pytest.mark.parametrize(
    ("price", "per", "unit", "expected"),
    [
        ("95", "4", Unit.BAG, "23,75 €"),
        ("95", "100", Unit.KILOGRAM, "95,00 € / 100 kg"),
        ("95", "3", Unit.BAG, "95,00 € / 3 Sack"),
        ("19.9", "100", Unit.PIECE, "19,90 € / 100 Stück"),
        ("0.125", "0.5", Unit.BAG, "0,25 €"),
        ("1", "8", Unit.BAG, "1,00 € / 8 Sack"),
        ("21.5", "1", Unit.BAG, "21,50 €"),
    ],
)
def test_a_price_is_said_for_one_unit_where_that_is_exact(
    price: str, per: str, unit: Unit, expected: str
):
    """95 EUR for 100 kg are 23.75 a bag of 25 kg; what was agreed for 100 or 1000 stays so."""
    wording = Wording(Language.DE, "EUR")

    assert plain(wording.price_per(Decimal(price), Decimal(per), unit)) == expected


def test_lines_are_numbered_without_a_gap():
    """Headings, texts and subtotals have no number, an option has one."""
    lines = contents(a_document("SALES_OFFER")).lines

    assert [line.position for line in lines] == ["", "1", "2", "", "", "3", "4", "", "5"]
    assert [plain(line.carried) for line in lines][-2:] == [
        "Übertrag 10.568,72 €",
        "Übertrag 10.617,22 €",
    ]


def test_a_sum_is_carried_over_every_page_break():
    """The last line of a page has come to it; the page of the total carries nothing on."""
    pages = pypdf.PdfReader(io.BytesIO(render_document(collective_invoice(), NOW))).pages
    texts = [plain(page.extract_text()) for page in pages]

    carried = [
        [line for line in text.splitlines() if line.startswith("Übertrag")] for text in texts
    ]
    assert carried == [
        ["Übertrag 6.682,50 €"],
        ["Übertrag 6.682,50 €", "Übertrag 18.225,00 €"],
        ["Übertrag 18.225,00 €"],
    ]


def test_the_discount_stays_on_the_page_of_the_sums_with_the_last_line():
    """However many lines there are, no page holds a sentence or a subtotal alone."""
    for count in range(6, 16):
        lines = [goods(f"Partie {place}", "1", "100", "19") for place in range(count)]
        document = a_document(
            "SALES_INVOICE", *lines, words(LineKind.SUBTOTAL, "Zwischensumme"), payment_days=30
        )
        document.discount_days, document.discount_percent = 10, Decimal(2)
        pages = pypdf.PdfReader(io.BytesIO(render_document(contents(document), NOW))).pages
        last = pages[-1].extract_text()
        assert "Skonto" in last, count
        assert f"Partie {count - 1}" in last, count


def test_customer_and_contacts_stand_on_paper_and_a_walk_in_has_none():
    """Kundennummer, who reads it there, who answers here."""
    dual: dict[str, Any] = {
        "contacts": (
            ContactEntry(
                "Frau Lager", receives=(Receipt(DocumentGroup.DELIVERIES, Channel.PRINT),)
            ),
            ContactEntry("Frau Geld", receives=(Receipt(DocumentGroup.INVOICES, Channel.PRINT),)),
        )
    }
    address = ("Hof Sommer", "Weg 1", "27318", "Hoya")
    known = a_partner(41, *address, known=dual)
    walk_in = a_partner(42, *address, known={"is_one_time": True})
    document = a_document("SALES_INVOICE", LIME, parties={PartyRole.BILL_TO: PartyDraft(known)})
    beside = beside_of(document, known)
    with_contact = replace(beside, contact=Contact("Anna Weber", "anna@lindenau.example"))

    says = contents(document, beside=with_contact)

    assert says.attention == "z. Hd. Frau Geld"
    assert facts_of(says)["Ihre Kundennummer"] == "41"
    assert facts_of(says)["Ansprechpartner"] == "Anna Weber\nanna@lindenau.example"
    assert beside_of(document, walk_in) == Beside()


async def test_a_purchase_order_names_our_number_theirs_and_whom_to_ask(
    server, worker, owner, http
):
    """The supplier finds the item by its own number; the company lets its people be named."""
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    await owner.execute("update tenant set prints_contact = true where tenant_id = $1", shop.tenant)
    supplier = await anna.create_partner("Saatzucht Nord", contacts=[{"name": "Herr Korn"}])
    number = (await anna.ask("query($id: ID!) { partner(id: $id) { number } }", id=supplier)).data[
        "partner"
    ]["number"]
    item = await anna.create_item(suppliers=[{"partnerId": supplier, "itemNumber": "SZ-4711"}])
    answer = await anna.do(
        "createPurchaseOrder",
        "purchaseOrder { id version }",
        supplier=supplier,
        lines=[{"itemId": item, "quantity": "2", "unitPrice": "480"}],
    )
    order = answer.made
    assert (await anna.post(order)).problems == []

    [(_, _, text)] = await printed(anna, order)

    assert "Ihre Art.-Nr. SZ-4711" in text
    assert f"Ihre Lieferantennr. {number}" in text
    assert "z. Hd. Herr Korn" in text
    assert "Ansprechpartner" in text


async def test_a_price_correction_names_the_position_on_the_paper_of_the_invoice(
    server, worker, owner, http
):
    """The heading before the line has no number there, so its second line is position 1."""
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    heading = {"kind": "HEADING", "description": "Dünger"}
    tax = {"unit": "BAG", "taxCategory": "S", "taxRate": "19", "description": "Rasendünger"}
    invoice = await anna.create_invoice(
        soldTo=customer, lines=[heading, {**tax, "quantity": "50", "unitPrice": "21.5"}]
    )
    assert (await anna.post(invoice)).problems == []
    asked = "query($id: ID!) { document(id: $id) { lines { id } } }"
    lines = (await anna.ask(asked, id=invoice["id"])).data["document"]["lines"]
    source = {"sourceLineId": lines[1]["id"], "isPriceCorrection": True}
    answer = await anna.do(
        "createSalesCreditNote",
        "salesCreditNote { id version }",
        soldTo=customer,
        supplyDate="2026-11-20",
        lines=[{**tax, **source, "quantity": "50", "unitPrice": "1"}],
    )
    assert answer.problems == []
    assert (await anna.post(answer.made)).problems == []

    [(_, _, text)] = await printed(anna, answer.made)

    assert "Preisberichtigung zu Position 1 aus Rechnung INV-2026-00001 vom" in text
    assert "Preisdifferenz" in text
