"""From the bytes of a file to the XML in it: XML itself, or a hybrid PDF (ZUGFeRD, Factur-X)."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import pikepdf
import pikepdf.settings

from domain.einvoice import (
    EncryptedPdf,
    FileCutOff,
    FileEmpty,
    FileFormatUnknown,
    FileTooLarge,
    PdfWithoutInvoice,
    TooManyAttachments,
)
from domain.inbox import FILE_SIZE_MAX_MB
from persistence.einvoice.xml import XML_SIZE_MAX_MB

PDF_SIZE_MAX_MB = FILE_SIZE_MAX_MB
STREAM_SIZE_MAX_MB = 16  # of one unpacked stream, so a packed bomb ends here
ATTACHMENTS_MAX = 100

INVOICE_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""The names the standard fixes, best first; other attachments are not the invoice.

Some programs attach their own UBL under other names: without the standard's name nobody promises
that it says what the page says.
"""

_MB = 1024 * 1024
_XML_STARTS = (b"<", b"\xff\xfe<", b"\xfe\xff\0<", b"\0<")
_HEAD_BYTES = 1024  # a PDF may begin with so much of something else
_TAIL_BYTES = 2048  # and so much may follow its end mark

# qpdf bounds what it unpacks for Flate and RunLength but not for LZW, which PDF/A forbids anyway.
_LZW = re.compile(
    rb"/"
    + rb"".join(rb"(?:%c|#%02X|#%02x)" % (c, c, c) for c in b"LZW")
    + rb"(?:D|#44|[\s/\[\]<>(])"
)

# The limits of qpdf hold for the whole process; they only bound reading.
pikepdf.settings.set_qpdf_limits(
    doc_max_warnings=1_000,
    parser_max_nesting=100,
    parser_max_container_size=200_000,
    max_stream_filters=3,
    flate_max_memory=STREAM_SIZE_MAX_MB * _MB,
    png_max_memory=STREAM_SIZE_MAX_MB * _MB,
    run_length_max_memory=STREAM_SIZE_MAX_MB * _MB,
    tiff_max_memory=STREAM_SIZE_MAX_MB * _MB,
    dct_max_memory=STREAM_SIZE_MAX_MB * _MB,
)


def invoice_xml(content: bytes) -> bytes:
    """Return the XML of an invoice, out of the PDF where it is one.

    Raises FileEmpty, FileTooLarge, FileFormatUnknown, and for a PDF EncryptedPdf, FileCutOff,
    TooManyAttachments or PdfWithoutInvoice.
    """
    if not content.strip():
        raise FileEmpty()
    if len(content) > PDF_SIZE_MAX_MB * _MB:
        raise FileTooLarge(size_max_mb=PDF_SIZE_MAX_MB)
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_XML_STARTS):
        return content
    if b"%PDF-" in content[:_HEAD_BYTES]:
        return _attached_invoice(content)
    raise FileFormatUnknown()


def _attached_invoice(content: bytes) -> bytes:
    if _LZW.search(content):
        raise PdfWithoutInvoice()
    with (
        _damage_as_problem(),
        pikepdf.open(io.BytesIO(content), inherit_page_attributes=False) as pdf,
    ):
        found = {name: spec for spec in _attachments(pdf) for name in _names(spec)}
        best = next((found[name] for name in INVOICE_NAMES if name in found), None)
        if best is not None:
            return _bytes_of(best)
    if b"%%EOF" not in content[-_TAIL_BYTES:]:
        raise FileCutOff()
    raise PdfWithoutInvoice()


@contextmanager
def _damage_as_problem() -> Iterator[None]:
    """Turn what qpdf and the odd shapes of broken objects raise into a Problem."""
    try:
        yield
    except pikepdf.PasswordError:
        raise EncryptedPdf() from None
    except (
        pikepdf.PikepdfError, RuntimeError, ValueError, TypeError, LookupError, AttributeError,
        NotImplementedError, ArithmeticError,
    ):  # fmt: skip
        raise FileCutOff() from None


def _attachments(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """Return the file specifications of the PDF. Raises TooManyAttachments."""
    names = pdf.Root.get("/Names")
    tree = None if names is None else names.get("/EmbeddedFiles")
    if tree is None:
        return []
    specs = list(islice(pikepdf.NameTree(tree).values(), ATTACHMENTS_MAX + 1))
    if len(specs) > ATTACHMENTS_MAX:
        raise TooManyAttachments(attachments_max=ATTACHMENTS_MAX)
    return specs


def _names(spec: pikepdf.Object) -> set[str]:
    """Return the names of an attachment in small letters, without folders."""
    names = (spec.get(key) for key in ("/UF", "/F"))
    return {re.split(r"[/\\]", str(name))[-1].lower() for name in names if name is not None}


def _bytes_of(spec: pikepdf.Object) -> bytes:
    """Return the attachment unpacked. Raises FileTooLarge, or what qpdf raises at its limits."""
    embedded = spec["/EF"]
    stream = embedded.get("/UF") or embedded["/F"]
    if len(stream.read_raw_bytes()) > XML_SIZE_MAX_MB * _MB:
        raise FileTooLarge(size_max_mb=XML_SIZE_MAX_MB)
    content = bytes(stream.read_bytes())
    if len(content) > XML_SIZE_MAX_MB * _MB:
        raise FileTooLarge(size_max_mb=XML_SIZE_MAX_MB)
    return content
