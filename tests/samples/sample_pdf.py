"""A sample as hybrid PDF: a page to read, PDF/A-3, with the CII inside as factur-x.xml."""

import io
from html import escape

import pikepdf
from lxml import etree
from sample_facts import EXEMPTIONS, Sample
from weasyprint import HTML, Attachment

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"

FACTUR_X = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>
<rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema><pdfaSchema:namespaceURI
>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>%s</rdf:Seq>
</pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""

PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{0}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{0}</pdfaProperty:description></rdf:li>"""

STYLE = """@page { size: A4; margin: 22mm } body { font: 10pt 'DejaVu Sans', sans-serif }
table { width: 100%; border-collapse: collapse; margin: 8mm 0 } td, th { text-align: left }
td + td + td, th + th + th { text-align: right } th { border-bottom: 0.5pt solid }"""


def pdf(sample: Sample, xml: bytes) -> bytes:
    """Return the PDF; the same sample and XML give the same bytes on the same installation."""
    names = ("DocumentType", "DocumentFileName", "Version", "ConformanceLevel")
    metadata = FACTUR_X % "".join(map(PROPERTY.format, names)).encode()
    written = HTML(string=page(sample)).write_pdf(
        pdf_variant="pdf/a-3b",
        pdf_identifier=sample.row["number"].encode(),
        attachments=[
            Attachment(
                string=xml,
                name="factur-x.xml",
                relationship="Alternative",
                created=sample.created,
                modified=sample.created,
            )
        ],
        xmp_metadata=[io.BytesIO(metadata)],
    )
    return finished(written)


def finished(written: bytes) -> bytes:
    """Put the metadata into one block, else readers miss the profile, and name no file twice."""
    with pikepdf.open(io.BytesIO(written)) as document:
        packet = etree.fromstring(document.Root.Metadata.read_bytes())
        first, *others = packet.iter(RDF)
        for other in others:
            first.extend(list(other))
            other.getparent().remove(other)  # type: ignore[union-attr]
        document.Root.Metadata = document.make_stream(
            etree.tostring(packet), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        document.Root.AF = pikepdf.Array([document.Root.AF[0]])
        document.remove_unreferenced_resources()
        result = io.BytesIO()
        document.save(result, deterministic_id=True)
    return result.getvalue()


def german(number: object) -> str:
    return f"{number:,}".translate(str.maketrans(",.", ".,"))


def page(sample: Sample) -> str:
    """Return the page a person reads, with the same facts as the XML."""
    row, seller, buyer = sample.row, sample.seller, sample.buyer
    rows = "".join(
        f"<tr><td>{line.number}<td>{escape(line.name)}<br>{escape(line.description)}"
        f"<td>{german(line.decimal_quantity)} {line.unit}<td>{german(line.decimal_price)}"
        f"<td>{line.rate} %<td>{german(line.net)}"
        for line in sample.lines
    )
    taxes = "".join(
        f"<p>{rate} % Umsatzsteuer auf {german(basis)} EUR: {german(tax)} EUR"
        f"{'<br>' + EXEMPTIONS[category][1] if category in EXEMPTIONS else ''}"
        for category, rate, basis, tax in sample.groups
    )
    return f"""<html lang=de><meta charset=utf-8><title>Rechnung {row["number"]}</title>
<meta name=dcterms.created content={sample.created:%Y-%m-%dT%H:%M:%SZ}>
<meta name=dcterms.modified content={sample.created:%Y-%m-%dT%H:%M:%SZ}><style>{STYLE}</style>
<p>{escape(seller["name"])} · {seller["street"]} · {seller["postcode"]} {seller["city"]}
<p>{escape(buyer["name"])}<br>{buyer["street"]}<br>{buyer["postcode"]} {buyer["city"]}
<h1>Rechnung {row["number"]}</h1>
<p>Rechnungsdatum {row["issued"]:%d.%m.%Y}, Lieferdatum {row["delivered"]:%d.%m.%Y}
<table><tr><th>Pos.<th>Bezeichnung<th>Menge<th>Preis EUR<th>USt<th>Netto EUR{rows}</table>
<p>Summe netto: {german(sample.net)} EUR{taxes}
<p><b>Rechnungsbetrag: {german(sample.gross)} EUR</b><p>{escape(row.get("note", ""))}
<p>{escape(row["terms"])} IBAN {seller["iban"]}
<p>Steuernummer {seller["tax_number"]} {seller.get("vat_id", "")}</html>"""
