"""A sample as UBL 2.1: Invoice or CreditNote."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sample_facts import EXEMPTIONS, PROCESS, Sample
from sample_xml import Node, xml_of

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
VAT = ("cac:TaxScheme", ("cbc:ID", "VAT"))


def ubl(sample: Sample) -> bytes:
    kind = "CreditNote" if sample.credit_note else "Invoice"
    namespaces: dict[str | None, str] = {
        None: f"{UBL}{kind}-2",
        "cac": f"{UBL}CommonAggregateComponents-2",
        "cbc": f"{UBL}CommonBasicComponents-2",
    }
    return xml_of(kind, namespaces, ubl_parts(sample, kind))


def ubl_amount(name: str, amount: Decimal | str | None) -> Node:
    return None if amount is None else (name, {"currencyID": "EUR"}, str(amount))


def ubl_address(name: str, party: Mapping[str, str]) -> Node:
    return (name,
        ("cbc:StreetName", party["street"]),
        ("cbc:AdditionalStreetName", party.get("additional")),
        ("cbc:CityName", party["city"]),
        ("cbc:PostalZone", party["postcode"]),
        ("cac:Country", ("cbc:IdentificationCode", party["country"])),
    )  # fmt: skip


def ubl_party(name: str, party: Mapping[str, str]) -> Node:
    vat_id, tax_number = party.get("vat_id"), party.get("tax_number")
    return (name, ("cac:Party",
        ("cbc:EndpointID", {"schemeID": "EM"}, party["email"]),
        ubl_address("cac:PostalAddress", party),
        vat_id and ("cac:PartyTaxScheme", ("cbc:CompanyID", vat_id), VAT),
        tax_number and ("cac:PartyTaxScheme", ("cbc:CompanyID", tax_number),
            ("cac:TaxScheme", ("cbc:ID", "FC"))),
        ("cac:PartyLegalEntity", ("cbc:RegistrationName", party["name"])),
        ("contact" in party and ("cac:Contact",
            ("cbc:Name", party["contact"]),
            ("cbc:Telephone", party["phone"]),
            ("cbc:ElectronicMail", party["email"]))) or None,
    ))  # fmt: skip


def ubl_tax(name: str, category: str, rate: str, *exemption: str | None) -> Node:
    code, words = exemption or (None, None)
    return (name, ("cbc:ID", category), ("cbc:Percent", rate),
        ("cbc:TaxExemptionReasonCode", code), ("cbc:TaxExemptionReason", words), VAT)  # fmt: skip


def ubl_parts(sample: Sample, kind: str) -> Iterator[Node]:
    row, credit = sample.row, sample.credit_note
    yield "cbc:CustomizationID", sample.profile
    yield "cbc:ProfileID", PROCESS
    yield "cbc:ID", row["number"]
    yield "cbc:IssueDate", row["issued"]
    yield "cbc:DueDate", None if credit else row["due"]
    yield f"cbc:{kind}TypeCode", sample.type_code
    yield "cbc:Note", row.get("note")
    yield "cbc:DocumentCurrencyCode", "EUR"
    yield "cbc:BuyerReference", row.get("buyer_reference")
    yield ("cac:BillingReference",
        ("cac:InvoiceDocumentReference", ("cbc:ID", row.get("preceding_invoice"))))  # fmt: skip
    yield ubl_party("cac:AccountingSupplierParty", sample.seller)
    yield ubl_party("cac:AccountingCustomerParty", sample.buyer)
    yield ("cac:Delivery", ("cbc:ActualDeliveryDate", row["delivered"]),
        sample.ship_to and ("cac:DeliveryLocation", ubl_address("cac:Address", sample.ship_to))
    )  # fmt: skip
    yield ("cac:PaymentMeans", ("cbc:PaymentMeansCode", "58"),
        ("cbc:PaymentDueDate", row["due"] if credit else None),
        ("cac:PayeeFinancialAccount", ("cbc:ID", sample.seller["iban"])))  # fmt: skip
    yield "cac:PaymentTerms", ("cbc:Note", row["terms"])
    for change in sample.changes:
        yield ("cac:AllowanceCharge",
            ("cbc:ChargeIndicator", "false" if change["amount"].startswith("-") else "true"),
            ("cbc:AllowanceChargeReason", change["reason"]),
            ubl_amount("cbc:Amount", change["amount"].lstrip("-")),
            ubl_tax("cac:TaxCategory", change["category"], change["rate"]))  # fmt: skip
    yield ("cac:TaxTotal", ubl_amount("cbc:TaxAmount", sample.tax_total), *(
        ("cac:TaxSubtotal", ubl_amount("cbc:TaxableAmount", basis),
            ubl_amount("cbc:TaxAmount", tax),
            ubl_tax("cac:TaxCategory", category, rate, *EXEMPTIONS.get(category, ())))
        for category, rate, basis, tax in sample.groups))  # fmt: skip
    yield ("cac:LegalMonetaryTotal",
        ubl_amount("cbc:LineExtensionAmount", sample.line_total),
        ubl_amount("cbc:TaxExclusiveAmount", sample.net),
        ubl_amount("cbc:TaxInclusiveAmount", sample.gross),
        ubl_amount("cbc:AllowanceTotalAmount", sample.changed(-1)),
        ubl_amount("cbc:ChargeTotalAmount", sample.changed(1)),
        ubl_amount("cbc:PrepaidAmount", row.get("prepaid")),
        ubl_amount("cbc:PayableAmount", sample.payable))  # fmt: skip
    quantity = "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity"
    for line in sample.lines:
        yield (f"cac:{kind}Line",
            ("cbc:ID", line.number),
            (quantity, {"unitCode": line.unit}, line.quantity),
            ubl_amount("cbc:LineExtensionAmount", line.net),
            ("cac:Item", ("cbc:Description", line.description), ("cbc:Name", line.name),
                ("cac:SellersItemIdentification", ("cbc:ID", line.item)),
                ubl_tax("cac:ClassifiedTaxCategory", line.category, line.rate)),
            ("cac:Price", ubl_amount("cbc:PriceAmount", line.price),
                ("cbc:BaseQuantity", {"unitCode": line.unit}, line.base)))  # fmt: skip
