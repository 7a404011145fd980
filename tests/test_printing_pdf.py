"""A printed invoice as PDF: complete, in pages, deaf to markup, the same each time."""

import io
import sys
from dataclasses import replace
from pathlib import Path

import jinja2
import pikepdf
import pypdf
import pytest

from domain.printing.contents import Contents, Paper, contents_of
from web.printing import render

sys.path.insert(0, str(Path(__file__).parent / "samples"))

from sample_invoice import (
    AE,
    ALPENHOF,
    DE,
    EN,
    LETTERHEAD,
    MUELLER,
    NOW,
    SCREWS_LINE,
    SELLER,
    TODAY,
    E,
    S,
    a_line,
    a_partner,
    an_invoice,
    said_by,
)


def pages_of(pdf: bytes) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return [page.extract_text().replace("\u00a0", " ") for page in reader.pages]


def text_of(contents: Contents) -> str:
    return " ".join(" ".join(pages_of(render.render_document(contents, NOW))).split())


@pytest.mark.parametrize("language", [DE, EN])
def test_the_pdf_shows_every_mandatory_content(language):
    """Read back from the PDF, not from the template."""
    contents = said_by(
        SCREWS_LINE,
        a_line("100", AE),
        language=language,
        bill_to=ALPENHOF,
        ship_to=MUELLER,
        note="Vielen Dank.",
        customer_reference="B-17",
    )

    text = text_of(contents)

    expected = [
        contents.title,
        SELLER.name,
        "Am Speicher 12",
        "04177 Leipzig",
        "DE136695976",
        "232/107/00542",
        *(contents.recipient.name, *contents.recipient.address, "ATU12345675"),
        "Müller & Söhne, Hauptstraße 7, 39104 Magdeburg",
        *(fact.text for fact in contents.information),
        *(text for line in contents.lines for text in (line.description, line.quantity, line.net)),
        *(text for row in contents.tax_rows for text in (row.label, row.basis, row.tax)),
        *(contents.net, contents.gross, *contents.exemptions, contents.payment, contents.note),
        *("+49 341 5550-120", "rechnung@lindenau.example", "SOGEDEFFXXX", "HRB 12345"),
    ]
    assert [each for each in expected if (each or "").replace("\u00a0", " ") not in text] == []


def test_the_sentence_of_supply_is_printed():
    """Where supply and invoice share their day."""
    text = text_of(said_by(SCREWS_LINE, supply_date=TODAY))

    assert "Das Liefer- bzw. Leistungsdatum entspricht dem Rechnungsdatum." in text


def test_sixty_lines_repeat_the_header_on_each_page():
    """Every page with lines names its columns and its number; the total never stands alone."""
    lines = [a_line("10", S, "19", description=f"Stunde Nr. {each}") for each in range(1, 61)]

    pages = pages_of(render.render_document(said_by(*lines), NOW))

    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Seite {number} von {len(pages)}" in page
        assert "Rechnung INV-2026-00042" in page
        assert ("Bezeichnung" in page) == ("Stunde Nr." in page)
    assert "Summe netto" in pages[-1]
    assert "Stunde Nr. 60" in pages[-1]
    text = " ".join(" ".join(pages).split())
    assert [each for each in range(1, 61) if f"Stunde Nr. {each} 1 Std." not in text] == []


@pytest.mark.slow
def test_a_thousand_lines_are_printed():
    """The longest invoice there can be."""
    lines = [a_line("10", S, "19", description=f"Stunde Nr. {each}") for each in range(1, 1001)]

    text = text_of(said_by(*lines))

    assert "Stunde Nr. 1000 " in text
    assert "11.900,00 €" in text


HOSTILE = (
    '<img src="file:///etc/passwd"><link rel=stylesheet href="http://127.0.0.1:9/x.css">'
    "<style>@import url(http://127.0.0.1:9/y); *{display:none}</style>{{ 7*7 }}&lt;"
)


def test_hostile_texts_are_printed_as_text_and_fetch_nothing(monkeypatch):
    """Markup, styles and templates in names, notes and descriptions are only letters."""
    urls = pytest.importorskip("weasyprint.urls")
    fetched: list[str] = []
    monkeypatch.setattr(urls.URLFetcher, "fetch", lambda self, url, *_: fetched.append(url))
    villain = a_partner(13, HOSTILE, "</title><script>", "27318", "</style>", vat_id="DE123456788")
    contents = contents_of(
        an_invoice(
            a_line("1", E, description=HOSTILE, exemption_reason=HOSTILE),
            bill_to=villain,
            note=HOSTILE,
            customer_reference="</td><base href=file:///etc/>",
        ),
        Paper(replace(LETTERHEAD, legal_notice=HOSTILE, bank="<hr>", email="a@b</footer>"), DE),
    )

    printed = "".join(text_of(contents).split())

    assert fetched == []
    assert printed.count("".join(HOSTILE.split())) == 5
    assert "</td><basehref=file:///etc/>" in printed


def test_a_template_that_names_a_file_reads_none(monkeypatch, tmp_path):
    """Should a style sheet or picture ever be named, nothing is fetched for it."""
    (tmp_path / "own.css").write_text("p::after { content: 'was read' }")
    link = f'<link rel="stylesheet" href="{(tmp_path / "own.css").as_uri()}"><p>Only text</p>'
    loader = jinja2.DictLoader({"letter.html": link})
    monkeypatch.setattr(render, "_TEMPLATES", jinja2.Environment(loader=loader, autoescape=True))

    assert text_of(said_by(SCREWS_LINE)) == "Only text"


def test_the_same_contents_at_the_same_time_are_the_same_bytes():
    """A repeated job writes the file it wrote before; another time is another file."""
    contents = said_by(SCREWS_LINE)

    first = render.render_document(contents, NOW)

    assert render.render_document(contents, NOW) == first
    assert render.render_document(contents, NOW.replace(hour=10)) != first


def test_the_file_names_its_title_language_and_kind():
    """PDF/A-3b with title, language and the time of printing."""
    pdf = pikepdf.open(io.BytesIO(render.render_document(said_by(SCREWS_LINE, language=EN), NOW)))

    with pdf.open_metadata() as metadata:
        level = (metadata["pdfaid:part"], metadata["pdfaid:conformance"])
    assert level == ("3", "B")
    assert str(pdf.Root.Lang) == "en"
    assert str(pdf.docinfo.Title) == "Invoice INV-2026-00042"
    assert "20260305093000" in str(pdf.docinfo.CreationDate)
    assert len(pdf.Root.OutputIntents) == 1


def test_without_pango_a_sentence_says_what_to_install(monkeypatch):
    """A machine without the library learns its name and how to get it."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)

    with pytest.raises(render.PrintingUnavailable) as refused:
        render.render_document(said_by(SCREWS_LINE), NOW)

    assert "apt-get install libpango-1.0-0" in str(refused.value)
    assert "brew install pango" in str(refused.value)
