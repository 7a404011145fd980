"""A sample as CII D16B, the XML of XRechnung CII, ZUGFeRD 2 and Factur-X."""

from collections.abc import Iterator, Mapping
from datetime import date

from sample_facts import EXEMPTIONS, PROCESS, Line, Sample
from sample_xml import Node, xml_of

UNCEFACT = "urn:un:unece:uncefact:data:standard:"
CII_NAMESPACES: dict[str | None, str] = {
    "rsm": UNCEFACT + "CrossIndustryInvoice:100",
    "ram": UNCEFACT + "ReusableAggregateBusinessInformationEntity:100",
    "udt": UNCEFACT + "UnqualifiedDataType:100",
}


def cii(sample: Sample) -> bytes:
    return xml_of("rsm:CrossIndustryInvoice", CII_NAMESPACES, cii_parts(sample))


def cii_date(name: str, day: date) -> Node:
    return name, ("udt:DateTimeString", {"format": "102"}, f"{day:%Y%m%d}")


def cii_address(party: Mapping[str, str]) -> Node:
    return ("ram:PostalTradeAddress",
        ("ram:PostcodeCode", party["postcode"]), ("ram:LineOne", party["street"]),
        ("ram:LineTwo", party.get("additional")), ("ram:CityName", party["city"]),
        ("ram:CountryID", party["country"]))  # fmt: skip


def cii_party(name: str, party: Mapping[str, str]) -> Node:
    kinds = {"FC": "tax_number", "VA": "vat_id"}
    registrations = [(scheme, party[kind]) for scheme, kind in kinds.items() if kind in party]
    return (name,
        ("ram:Name", party["name"]),
        ("contact" in party and ("ram:DefinedTradeContact",
            ("ram:PersonName", party["contact"]),
            ("ram:TelephoneUniversalCommunication", ("ram:CompleteNumber", party["phone"])),
            ("ram:EmailURIUniversalCommunication", ("ram:URIID", party["email"])))) or None,
        cii_address(party),
        ("ram:URIUniversalCommunication", ("ram:URIID", {"schemeID": "EM"}, party["email"])),
        *(("ram:SpecifiedTaxRegistration", ("ram:ID", {"schemeID": scheme}, number))
          for scheme, number in registrations))  # fmt: skip


def cii_parts(sample: Sample) -> Iterator[Node]:
    row = sample.row
    yield ("rsm:ExchangedDocumentContext",
        ("ram:BusinessProcessSpecifiedDocumentContextParameter", ("ram:ID", PROCESS)),
        ("ram:GuidelineSpecifiedDocumentContextParameter", ("ram:ID", sample.profile)))  # fmt: skip
    yield ("rsm:ExchangedDocument", ("ram:ID", row["number"]), ("ram:TypeCode", sample.type_code),
        cii_date("ram:IssueDateTime", row["issued"]),
        ("ram:IncludedNote", ("ram:Content", row.get("note"))))  # fmt: skip
    yield ("rsm:SupplyChainTradeTransaction", *map(cii_line, sample.lines),
        ("ram:ApplicableHeaderTradeAgreement",
            ("ram:BuyerReference", row.get("buyer_reference")),
            cii_party("ram:SellerTradeParty", sample.seller),
            cii_party("ram:BuyerTradeParty", sample.buyer)),
        ("ram:ApplicableHeaderTradeDelivery",
            sample.ship_to and ("ram:ShipToTradeParty", ("ram:Name", sample.ship_to["name"]),
                cii_address(sample.ship_to)),
            ("ram:ActualDeliverySupplyChainEvent",
                cii_date("ram:OccurrenceDateTime", row["delivered"]))),
        ("ram:ApplicableHeaderTradeSettlement", *cii_settlement(sample)))  # fmt: skip


def cii_line(line: Line) -> Node:
    return ("ram:IncludedSupplyChainTradeLineItem",
        ("ram:AssociatedDocumentLineDocument", ("ram:LineID", line.number)),
        ("ram:SpecifiedTradeProduct", ("ram:SellerAssignedID", line.item),
            ("ram:Name", line.name), ("ram:Description", line.description or None)),
        ("ram:SpecifiedLineTradeAgreement", ("ram:NetPriceProductTradePrice",
            ("ram:ChargeAmount", line.price),
            ("ram:BasisQuantity", {"unitCode": line.unit}, line.base))),
        ("ram:SpecifiedLineTradeDelivery",
            ("ram:BilledQuantity", {"unitCode": line.unit}, line.quantity)),
        ("ram:SpecifiedLineTradeSettlement",
            ("ram:ApplicableTradeTax", ("ram:TypeCode", "VAT"),
                ("ram:CategoryCode", line.category), ("ram:RateApplicablePercent", line.rate)),
            ("ram:SpecifiedTradeSettlementLineMonetarySummation",
                ("ram:LineTotalAmount", line.net))))  # fmt: skip


def cii_settlement(sample: Sample) -> Iterator[Node]:
    row = sample.row
    yield "ram:InvoiceCurrencyCode", "EUR"
    yield ("ram:SpecifiedTradeSettlementPaymentMeans", ("ram:TypeCode", "58"),
        ("ram:PayeePartyCreditorFinancialAccount", ("ram:IBANID", sample.seller["iban"]))
    )  # fmt: skip
    for category, rate, basis, tax in sample.groups:
        code, words = EXEMPTIONS.get(category, (None, None))
        yield ("ram:ApplicableTradeTax", ("ram:CalculatedAmount", tax), ("ram:TypeCode", "VAT"),
            ("ram:ExemptionReason", words), ("ram:BasisAmount", basis),
            ("ram:CategoryCode", category), ("ram:ExemptionReasonCode", code),
            ("ram:RateApplicablePercent", rate or None))  # fmt: skip
    for change in sample.changes:
        is_charge = "false" if change["amount"].startswith("-") else "true"
        yield ("ram:SpecifiedTradeAllowanceCharge",
            ("ram:ChargeIndicator", ("udt:Indicator", is_charge)),
            ("ram:ActualAmount", change["amount"].lstrip("-")), ("ram:Reason", change["reason"]),
            ("ram:CategoryTradeTax", ("ram:TypeCode", "VAT"),
                ("ram:CategoryCode", change["category"]),
                ("ram:RateApplicablePercent", change["rate"])))  # fmt: skip
    yield ("ram:SpecifiedTradePaymentTerms", ("ram:Description", row["terms"]),
        cii_date("ram:DueDateDateTime", row["due"]))  # fmt: skip
    yield ("ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        ("ram:LineTotalAmount", sample.line_total),
        ("ram:ChargeTotalAmount", sample.changed(1)),
        ("ram:AllowanceTotalAmount", sample.changed(-1)),
        ("ram:TaxBasisTotalAmount", sample.net),
        ("ram:TaxTotalAmount", {"currencyID": "EUR"}, sample.tax_total),
        ("ram:GrandTotalAmount", sample.gross),
        ("ram:TotalPrepaidAmount", row.get("prepaid")),
        ("ram:DuePayableAmount", sample.payable))  # fmt: skip
