"""Every kind as PDF: read back from the file, not from the template."""

import io
import re
import sys
from datetime import date
from pathlib import Path

import pypdf
import pytest

from domain.documents.lines import LineKind
from domain.printing.contents import Contents
from web.printing.render import render_document
from web.worker import file_name

sys.path.insert(0, str(Path(__file__).parent / "samples"))

from sample_documents import (
    PRINTED,
    Example,
    a_document,
    a_reference,
    comes_from,
    contents,
    examples,
    goods,
    words,
)
from sample_invoice import EN, NOW

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
HOSTILE = '<img src="file:///etc/passwd"></td><style>*{display:none}</style>{{ 7*7 }}&lt;'


def pages_of(pdf: bytes) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return [page.extract_text().replace("\u00a0", " ") for page in reader.pages]


def text_of(says: Contents) -> str:
    return " ".join(" ".join(pages_of(render_document(says, NOW))).split())


@pytest.mark.parametrize("kind", PRINTED)
def test_the_pdf_shows_all_that_the_contents_say(kind: str):
    """Title, facts, lines, sums, texts and signatures of each kind are on the paper."""
    says = contents(a_document(kind, note="Bitte beachten."))

    text = text_of(says)

    expected = [
        f"{says.title} {says.number}",
        *(each.text for each in says.information),
        *(part for line in says.lines for part in (line.description, line.quantity, line.net)),
        *(part for row in says.tax_rows for part in (row.label, row.basis, row.tax)),
        *(says.opening, *says.closing.split("\n"), says.payment, says.note, says.gross),
        *(*says.average_rates, *says.signatures, *says.subject),
    ]
    assert [each for each in expected if each.replace("\u00a0", " ") not in text] == []


@pytest.mark.parametrize("kind", ["DELIVERY_NOTE", "CUSTOMER_RETURN", "SUPPLIER_RETURN"])
def test_no_price_stands_anywhere_in_the_file_of_a_delivery(kind: str):
    """Neither an amount nor the columns for one."""
    text = text_of(contents(a_document(kind)))

    assert re.findall(r"€|EUR|\d %|Einzelpreis|Betrag|USt\. |Summe", text) == []


@pytest.mark.parametrize("language", [None, EN])
def test_the_file_of_a_correction_never_says_gutschrift(language: object):
    """The word belongs to self-billing."""
    invoice = a_reference("SALES_INVOICE")
    note = comes_from(a_document("SALES_CREDIT_NOTE"), *[invoice] * 3)
    says = contents(note, invoice) if language is None else contents(note, invoice, language=EN)

    text = text_of(says)

    assert "gutschrift" not in text.lower()
    assert "INV-2026-00001" in text


def test_the_file_of_a_self_billed_invoice_says_gutschrift_and_the_suppliers_number():
    """Section 14 (4) nos. 2 and 10 UStG."""
    text = text_of(contents(a_document("SELF_BILLED_INVOICE")))

    assert "Gutschrift GS-2026-00001" in text
    assert "Ihre Steuernummer 18/123/45678" in text
    assert "Durchschnittssatz" in text


def test_forty_lines_of_two_deliveries_break_between_lines():
    """No row is torn, no heading stands alone at the foot, every page names its columns."""
    notes = (
        a_reference("DELIVERY_NOTE", date(2026, 11, 18), 1),
        a_reference("DELIVERY_NOTE", date(2026, 11, 20), 2),
    )
    lines = [goods(f"Partie {n} Ende", "1.25", "486.00") for n in range(1, 41)]
    invoice = comes_from(
        a_document("SALES_INVOICE", *lines), *[notes[n > 20] for n in range(1, 41)]
    )

    pages = pages_of(render_document(contents(invoice, *notes), NOW))

    assert len(pages) == 2
    text = " ".join(" ".join(pages).split())
    torn = [n for n in range(1, 41) if f"Partie {n} Ende 1,25 t 486,00 € 7 % 607,50 €" not in text]
    assert torn == []
    for page in pages:
        assert ("Bezeichnung" in page) == ("Partie" in page)
        last = [line for line in page.splitlines() if line.strip()]
        assert not any("Lieferschein" in line for line in last[-3:])


@pytest.mark.parametrize("kind", PRINTED)
def test_hostile_texts_are_letters_on_every_kind(kind: str):
    """Markup and templates in texts of people are printed as they were written."""
    said = {"note": HOSTILE, "opening_text": HOSTILE, "closing_text": HOSTILE}
    lines = (
        goods(HOSTILE, "1", "10", "7.8"),
        words(LineKind.HEADING, HOSTILE),
        words(LineKind.TEXT, HOSTILE),
    )
    received = {"note": HOSTILE} if kind == "GOODS_RECEIPT" else said

    printed = "".join(text_of(contents(a_document(kind, *lines, **received))).split())

    assert printed.count("".join(HOSTILE.split())) == 3 + len(received)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_the_examples_in_the_docs_are_those_of_the_code(example: Example):
    """Whoever changes the print prints the examples anew (tests/samples/make_prints.py)."""
    kept = (EXAMPLES / f"{example.name}.pdf").read_bytes()

    assert pages_of(kept) == pages_of(render_document(example.contents, NOW))
    assert len(kept) < 40_000


def test_a_file_is_named_after_title_number_and_revision():
    """So that a person finds it among downloads."""
    offer = a_document("SALES_OFFER")
    assert file_name(contents(offer)) == "Angebot-ANG-2026-00001.pdf"
    offer.revision = 2

    assert file_name(contents(offer)) == "Angebot-ANG-2026-00001-Fassung-2.pdf"
    note = a_document("SALES_CREDIT_NOTE")
    assert file_name(contents(note, language=EN)) == "Invoice-correction-RK-2026-00001.pdf"
