"""Hostile and broken files: refused with the reason, in seconds, with nothing but a Problem."""

import io
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name

from domain.einvoice import (
    EncryptedPdf,
    FileCutOff,
    FileEmpty,
    FileFormatUnknown,
    FileTooLarge,
    NotAnInvoice,
    PdfWithoutInvoice,
    TooManyAttachments,
    XmlForbiddenConstruct,
    XmlMalformed,
    XmlTooComplex,
    arithmetic_findings,
)
from domain.problems import Problem
from persistence.einvoice import read_einvoice
from persistence.einvoice.container import ATTACHMENTS_MAX, PDF_SIZE_MAX_MB
from persistence.einvoice.xml import MARKUP_MAX, XML_SIZE_MAX_MB

SAMPLES = Path(__file__).parent / "samples"
UBL = (SAMPLES / "xrechnung_ubl_saatgut_7_19.xml").read_bytes()
HYBRID = (SAMPLES / "zugferd_landwirt_7_8.pdf").read_bytes()
MB = 1024 * 1024
ATTACK_SECONDS_MAX = 5


def with_doctype(doctype: bytes, text: bytes = b"2026-10117") -> bytes:
    declaration, body = UBL.split(b"\n", 1)
    return declaration + doctype + body.replace(b"2026-10117", text)


def pdf_with(*names: str, content: bytes = UBL, change: Callable[..., None] | None = None) -> bytes:
    """Return a PDF with `content` attached under each name."""
    document = pikepdf.new()
    document.add_blank_page()
    entries: list[Any] = []
    for name in names:
        stream = document.make_stream(content)
        spec = Dictionary(Type=Name.Filespec, F=name, UF=name, EF=Dictionary(F=stream))
        entries += [name, document.make_indirect(spec)]
    document.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array(entries)))
    if change:
        change(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def locked_pdf() -> bytes:
    document, written = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(written, encryption=pikepdf.Encryption(owner="a", user="b"))
    return written.getvalue()


def object_stream_bomb() -> bytes:
    """A PDF whose catalog is packed into 300 MB of blanks."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 10_000_000) for _ in range(30)) + packer.flush()
    head = b"%PDF-1.5\n"
    bomb = b"1 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    body = head + bomb + packed + b"\nendstream endobj\n"
    at = len(body).to_bytes(4, "big")
    rows = bytes(6) + b"\1" + len(head).to_bytes(4, "big") + b"\0\2\0\0\0\1\0\1" + at + b"\0"
    table = b"3 0 obj<</Type/XRef/Size 4/W[1 4 1]/Root 2 0 R/Length %d>>stream\n" % len(rows)
    end = b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(body)
    return body + table + rows + end


def lzw_filter(document: pikepdf.Pdf) -> None:
    document.Root.Names.EmbeddedFiles.Names[1].EF.F.Note = Name("/LZWDecode")


ATTACKS: dict[str, tuple[type[Problem], Callable[[], bytes]]] = {
    "nothing": (FileEmpty, lambda: b""),
    "only blanks": (FileEmpty, lambda: b" \r\n\t"),
    "a picture": (FileFormatUnknown, lambda: b"\xff\xd8\xff\xe0" + bytes(2000)),
    "too large a file": (FileTooLarge, lambda: b"%PDF-" + bytes(PDF_SIZE_MAX_MB * MB)),
    "too large an XML": (FileTooLarge, lambda: b"<a>" + b"a" * XML_SIZE_MAX_MB * MB + b"</a>"),
    "a DTD": (XmlForbiddenConstruct, lambda: with_doctype(b"<!DOCTYPE x>")),
    "a DTD behind a comment": (
        XmlForbiddenConstruct,
        lambda: with_doctype(b"<!-- - --> <?pi?>\n<!DOCTYPE Invoice SYSTEM 'a.dtd'>"),
    ),
    "a DTD in UTF-16": (
        XmlForbiddenConstruct,
        lambda: "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".encode("utf-16"),
    ),
    "an external entity": (
        XmlForbiddenConstruct,
        lambda: with_doctype(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', b"&x;"),
    ),
    "an entity bomb in an attribute": (
        XmlForbiddenConstruct,
        lambda: b"<!DOCTYPE a [<!ENTITY b '%s'>]><a b='%s'/>" % (b"c" * 9999, b"&b;" * 9999),
    ),
    "an entity nobody declared": (XmlMalformed, lambda: UBL.replace(b"2026-10117", b"&x;")),
    "broken XML": (XmlMalformed, lambda: UBL[:-40]),
    "an unknown encoding": (XmlMalformed, lambda: UBL.replace(b"UTF-8", b"UTF-99", 1)),
    "too many elements": (XmlTooComplex, lambda: b"<a>" + b"<b/>" * MARKUP_MAX + b"</a>"),
    "too many attributes": (
        XmlTooComplex,
        lambda: b"<a %s/>" % b" ".join(b'b%d=""' % n for n in range(MARKUP_MAX + 1)),
    ),
    "elements too deep": (XmlMalformed, lambda: b"<a>" * 100_000),
    "a web page": (NotAnInvoice, lambda: b"<html><body/></html>"),
    "an order in UBL": (
        NotAnInvoice,
        lambda: b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>',
    ),
    "a PDF without attachment": (PdfWithoutInvoice, pdf_with),
    "a PDF with a strange attachment": (PdfWithoutInvoice, lambda: pdf_with("invoice.xml")),
    "too many attachments": (
        TooManyAttachments,
        lambda: pdf_with(*(f"{n:03}.txt" for n in range(ATTACHMENTS_MAX + 1))),
    ),
    "a locked PDF": (EncryptedPdf, locked_pdf),
    "a cut-off PDF": (FileCutOff, lambda: HYBRID[: len(HYBRID) // 2]),
    "a PDF of junk": (FileCutOff, lambda: b"%PDF-1.7\n" + b"1 0 obj <</A 2 0 R>>\n" * 50_000),
    "a bomb as attachment": (FileCutOff, lambda: pdf_with("factur-x.xml", content=bytes(99 * MB))),
    "a bomb as catalog": (FileCutOff, object_stream_bomb),
    "a PDF packed with LZW": (
        PdfWithoutInvoice,
        lambda: pdf_with("factur-x.xml", change=lzw_filter),
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_with_its_reason_and_in_seconds(attack):
    problem, made = ATTACKS[attack]
    content = made()
    started = time.monotonic()

    with pytest.raises(problem) as refusal:
        read_einvoice(content)

    assert type(refusal.value) is problem
    assert refusal.value.message("en")
    assert time.monotonic() - started < ATTACK_SECONDS_MAX


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-Invoice.XML", "XRECHNUNG.xml"])
def test_the_name_of_the_attachment_may_be_spelled_in_capitals(name):
    assert read_einvoice(pdf_with("terms.txt", name)).invoice_number == "2026-10117"


def read_or_refuse(content: bytes) -> None:
    """Read and add up; only a Problem may come out."""
    with suppress(Problem):
        arithmetic_findings(read_einvoice(content))


FUZZ = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
STARTS = st.sampled_from([b"", b"%PDF-1.7\n", b"<", b"<?xml version='1.0'?><a", b"\xff\xfe<\0"])


@FUZZ
@given(STARTS, st.binary(max_size=2000))
def test_random_bytes_are_refused_with_a_problem(start, rest):
    read_or_refuse(start + rest)


@FUZZ
@given(
    st.sampled_from([UBL, HYBRID, (SAMPLES / "xrechnung_cii_schadenersatz.xml").read_bytes()]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=8)), max_size=6),
)
def test_a_damaged_invoice_is_read_or_refused_with_a_problem(content, damages):
    damaged = bytearray(content)
    for place, splinter in damages:
        at = int(place * len(damaged))
        damaged[at : at + len(splinter)] = splinter

    read_or_refuse(bytes(damaged))


@FUZZ
@given(st.sampled_from(["cbc:Percent", "cbc:LineExtensionAmount", "cbc:IssueDate"]), st.text())
def test_whatever_stands_where_a_number_or_date_belongs_is_no_accident(element, text):
    written = "".join(char for char in text if char.isprintable() and char not in "<&")
    start, rest = UBL.decode().split(f"<{element}", 1)
    attributes, after = rest.split(">", 1)

    read_or_refuse(
        f"{start}<{element}{attributes}>{written}{after[after.index('<') :]}".encode(
            errors="ignore"
        )
    )
