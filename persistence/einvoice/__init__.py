"""E-invoices from bytes: UBL, CII (XRechnung, ZUGFeRD 2, Factur-X), ZUGFeRD 1; XML or hybrid PDF.

container  bytes -> the XML inside, every size bounded
xml        bytes -> element tree, no DTD, no entities, no network
syntaxes   where each fact stands, one table per syntax
reading    tree + table -> domain.einvoice.EInvoice
"""

from domain.einvoice import EInvoice
from persistence.einvoice.container import invoice_xml
from persistence.einvoice.reading import facts_of
from persistence.einvoice.xml import parsed

__all__ = ["read_einvoice"]


def read_einvoice(content: bytes) -> EInvoice:
    """Return the facts of the e-invoice in `content` (XML, or a PDF with the XML attached).

    The file is only read: whether it keeps the business rules is the validator's to say, and
    `domain.einvoice.arithmetic_findings` adds it up. Nothing but a Problem is raised.

    Raises, in this order: FileEmpty, FileTooLarge, FileFormatUnknown; for a PDF EncryptedPdf,
    FileCutOff, TooManyAttachments, PdfWithoutInvoice, FileTooLarge; for the XML
    XmlForbiddenConstruct, XmlTooComplex, XmlMalformed, NotAnInvoice.
    """
    return facts_of(parsed(invoice_xml(content)))
