"""Contents become a PDF: Jinja2 fills the template, WeasyPrint sets it. Nothing is fetched.

CPU-bound (a third of a second for a usual document): call it in a worker, never in the event loop.
The bytes are the same whenever contents and time are the same, on one machine with its fonts.
"""

import hashlib
from datetime import UTC, datetime
from importlib.resources import files
from math import ceil

from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.printing.contents import Contents

_TEMPLATES = Environment(
    loader=PackageLoader("web.printing", "templates"), autoescape=True, undefined=StrictUndefined
)

_FOOTER_MM_MIN = 37.0
_FOOTER_MM_EMPTY = 22.0  # page number, rules, distance to the text and to the paper's edge
_FOOTER_LINE_MM = 3.4
_COLUMN_CHARACTERS = 30  # what a column or the legal notice surely holds per line
_LEGAL_CHARACTERS = 110


class PrintingUnavailable(Exception):
    """PDF files cannot be made: WeasyPrint or the library Pango it draws with is missing ({cause}).
    On Debian and Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
    fonts-liberation. On macOS: brew install pango. Everything else works without it.
    """

    def __init__(self, cause: Exception) -> None:
        reason = str(cause).strip().splitlines()[0]
        super().__init__(" ".join((self.__doc__ or "").split()).format(cause=reason))


def render_document(contents: Contents, printed_at: datetime) -> bytes:
    """Return the document as PDF/A-3b. Raises PrintingUnavailable where Pango is missing."""
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as missing:
        raise PrintingUnavailable(missing) from missing
    refuse_all = URLFetcher(allowed_protocols=())
    stamp = printed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    html = _TEMPLATES.get_template("letter.html").render(
        says=contents, printed_at=stamp, footer_mm=_footer_mm(contents)
    )
    style = files("web.printing") / "templates" / "letter.css"
    css = style.read_text(encoding="utf-8")
    pdf: bytes = HTML(string=html, url_fetcher=refuse_all).write_pdf(
        stylesheets=[CSS(string=css, url_fetcher=refuse_all)],
        pdf_variant="pdf/a-3b",
        pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
    )
    return pdf


def _footer_mm(contents: Contents) -> float:
    """Return the height to keep free for the footer, so that a long one never covers lines."""
    columns = (
        sum(ceil(len(f"{fact.label} {fact.text}") / _COLUMN_CHARACTERS) for fact in column)
        for column in contents.footer
    )
    legal = ceil(len(contents.legal_notice or "") / _LEGAL_CHARACTERS)
    return max(_FOOTER_MM_MIN, _FOOTER_MM_EMPTY + _FOOTER_LINE_MM * (max(columns) + legal))
