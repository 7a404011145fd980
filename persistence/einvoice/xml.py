"""XML of strangers, parsed without trusting it.

A DTD is what every known attack needs (external entities, entity bombs), and no invoice needs one:
it is refused before the parser sees it. Tags and attributes are counted beforehand, because a tree
takes some forty times the memory of its text.
"""

import re

from lxml import etree

from domain.einvoice import FileTooLarge, XmlForbiddenConstruct, XmlMalformed, XmlTooComplex

XML_SIZE_MAX_MB = 10
"""Also what libxml2 takes as one text, so it bounds an attachment inside the XML."""

MARKUP_MAX = 300_000
"""Tags, and attributes; an invoice line has about sixty, so this is room for 5,000 lines."""

_BOM = b"\xef\xbb\xbf"
_DOCTYPE = re.compile(rb"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<!DOCTYPE", re.DOTALL)


def parsed(content: bytes) -> etree._Element:
    """Return the root of an XML document, comments left out.

    Raises FileTooLarge, XmlForbiddenConstruct, XmlTooComplex or XmlMalformed.
    """
    if len(content) > XML_SIZE_MAX_MB * 1024 * 1024:
        raise FileTooLarge(size_max_mb=XML_SIZE_MAX_MB)
    document = content.removeprefix(_BOM).lstrip()
    if _DOCTYPE.match(_ascii_bytes(document)):
        raise XmlForbiddenConstruct()
    if max(document.count(b"<"), (document.count(b'"') + document.count(b"'")) // 2) > MARKUP_MAX:
        raise XmlTooComplex(markup_max=MARKUP_MAX)
    try:
        root = etree.fromstring(document, _hardened_parser())
    except etree.XMLSyntaxError as error:
        raise XmlMalformed(line=error.lineno or 1) from None
    except (ValueError, LookupError):  # an encoding nobody knows
        raise XmlMalformed(line=1) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise XmlForbiddenConstruct()
    return root


def _hardened_parser() -> etree.XMLParser:
    """A parser of its own for each file: lxml parsers are not made for several threads."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _ascii_bytes(document: bytes) -> bytes:
    """Return the start of the document as ASCII would write it, UTF-16 unfolded."""
    if document[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in document[:4]:
        return document.replace(b"\0", b"").lstrip(b"\xff\xfe")
    return document
