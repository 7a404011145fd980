"""Where each fact stands in each syntax: data only, one table per syntax.

A fact has one path, or several in order of preference. `$currency` is the currency of the invoice,
for tax may be stated in two. ZUGFeRD 1 and the UBL credit note are their sisters under other
names, so they are made from the same tables by renaming.

Sources: EN 16931-3-2 (UBL 2.1), EN 16931-3-3 (CII D16B), ZUGFeRD 1.0 technical appendix.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.einvoice import EInvoiceSyntax

Table = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Syntax:
    """One way to write an invoice. `taxes` and `lines` say where the repeated parts stand, as do
    `allowances` and `charges` for the document and `line_allowances` and `line_charges` in a line.
    """

    code: EInvoiceSyntax
    root: str
    namespaces: Mapping[str, str]
    currency: str
    header: Table
    seller_address: Table
    buyer_address: Table
    taxes: str
    tax: Table
    lines: str
    line: Table
    allowances: str
    charges: str
    line_allowances: str
    line_charges: str
    allowance: Table

    def renamed(
        self,
        code: EInvoiceSyntax,
        root: str,
        namespaces: Mapping[str, str],
        names: Mapping[str, str],
    ) -> "Syntax":
        """Return the sister syntax in which each element of `names` is called otherwise."""
        word = re.compile(rf"\b({'|'.join(names)})\b")

        def path(old: str) -> str:
            return word.sub(lambda match: names[match[0]], old)

        def table(old: Table) -> Table:
            return {fact: tuple(map(path, paths)) for fact, paths in old.items()}

        return Syntax(
            code=code,
            root=root,
            namespaces=namespaces,
            currency=path(self.currency),
            header=table(self.header),
            seller_address=table(self.seller_address),
            buyer_address=table(self.buyer_address),
            taxes=path(self.taxes),
            tax=table(self.tax),
            lines=path(self.lines),
            line=table(self.line),
            allowances=path(self.allowances),
            charges=path(self.charges),
            line_allowances=path(self.line_allowances),
            line_charges=path(self.line_charges),
            allowance=table(self.allowance),
        )


def _under(parent: str, table: Mapping[str, str | tuple[str, ...]], prefix: str = "") -> Table:
    """Return the table with every path below `parent` and every fact named with `prefix`."""
    return {
        prefix + fact: tuple(
            parent + path for path in ((paths,) if isinstance(paths, str) else paths)
        )
        for fact, paths in table.items()
    }


_RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
_CODES = "urn:un:unece:uncefact:data:standard"
_DEAL = "rsm:SupplyChainTradeTransaction/"
_AGREEMENT = _DEAL + "ram:ApplicableHeaderTradeAgreement/"
_SETTLEMENT = _DEAL + "ram:ApplicableHeaderTradeSettlement/"
_SUMS = _SETTLEMENT + "ram:SpecifiedTradeSettlementHeaderMonetarySummation/"
_CII_SELLER = _AGREEMENT + "ram:SellerTradeParty/"
_CII_BUYER = _AGREEMENT + "ram:BuyerTradeParty/"

_CII_PARTY: Mapping[str, str | tuple[str, ...]] = {
    "name": "ram:Name",
    "vat_id": "ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    "email": (
        "ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID",
        "ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:CompleteNumber",
        "ram:URIUniversalCommunication/ram:URIID[@schemeID='EM']",
    ),
    "phone": "ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:CompleteNumber",
}
_IS_CHARGE = "[normalize-space({0})='true' or normalize-space({0})='1']"
_IS_ALLOWANCE = "[not(normalize-space({0})='true' or normalize-space({0})='1')]"
_CII_INDICATOR = "ram:ChargeIndicator/udt:Indicator"
_CII_ALLOWANCE = "ram:SpecifiedTradeAllowanceCharge"
_CII_LINE_ALLOWANCE = "ram:SpecifiedLineTradeSettlement/" + _CII_ALLOWANCE
_CII_ADDRESS = {
    "street": "ram:PostalTradeAddress/ram:LineOne",
    "additional": "ram:PostalTradeAddress/ram:LineTwo",
    "postcode": "ram:PostalTradeAddress/ram:PostcodeCode",
    "city": "ram:PostalTradeAddress/ram:CityName",
    "country": "ram:PostalTradeAddress/ram:CountryID",
}

CII = Syntax(
    code=EInvoiceSyntax.CII,
    root=f"{{{_RSM}}}CrossIndustryInvoice",
    namespaces={
        "rsm": _RSM,
        "ram": f"{_CODES}:ReusableAggregateBusinessInformationEntity:100",
        "udt": f"{_CODES}:UnqualifiedDataType:100",
    },
    currency=_SETTLEMENT + "ram:InvoiceCurrencyCode",
    header={
        **_under(_CII_SELLER, _CII_PARTY, prefix="seller_"),
        **_under(_CII_BUYER, _CII_PARTY, prefix="buyer_"),
        **_under("", {
            "profile_id": "rsm:ExchangedDocumentContext/"
            "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
            "invoice_number": "rsm:ExchangedDocument/ram:ID",
            "issue_date": "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",
            "type_code": "rsm:ExchangedDocument/ram:TypeCode",
            "delivery_date": _DEAL + "ram:ApplicableHeaderTradeDelivery/"
            "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString",
            "seller_tax_number":
                _CII_SELLER + "ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']",
            # Seen in the wild: the namespace forgotten. A format error, yet it says who asked.
            "buyer_reference": (_AGREEMENT + "ram:BuyerReference", _AGREEMENT + "BuyerReference"),
        }),
        **_under(_SETTLEMENT, {
            "currency": "ram:InvoiceCurrencyCode",
            "due_date": "ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString",
            "payment_terms": "ram:SpecifiedTradePaymentTerms/ram:Description",
            "preceding_invoice": "ram:InvoiceReferencedDocument/ram:IssuerAssignedID",
            "ibans": "ram:SpecifiedTradeSettlementPaymentMeans/"
            "ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
        }),
        **_under(_SUMS, {
            "line_total": "ram:LineTotalAmount",
            "allowances": "ram:AllowanceTotalAmount",
            "charges": "ram:ChargeTotalAmount",
            "net": "ram:TaxBasisTotalAmount",
            "tax_total": ("ram:TaxTotalAmount[@currencyID=$currency]", "ram:TaxTotalAmount"),
            "gross": "ram:GrandTotalAmount",
            "prepaid": "ram:TotalPrepaidAmount",
            "rounding": "ram:RoundingAmount",
            "payable": "ram:DuePayableAmount",
        }),
    },
    seller_address=_under(_CII_SELLER, _CII_ADDRESS),
    buyer_address=_under(_CII_BUYER, _CII_ADDRESS),
    taxes=_SETTLEMENT + "ram:ApplicableTradeTax",
    tax=_under("ram:", {
        "category": "CategoryCode",
        "rate": "RateApplicablePercent",
        "basis": "BasisAmount",
        "tax": "CalculatedAmount",
        "exemption": ("ExemptionReasonCode", "ExemptionReason"),
    }),
    lines=_DEAL + "ram:IncludedSupplyChainTradeLineItem",
    line=_under("ram:", {
        "line_id": "AssociatedDocumentLineDocument/ram:LineID",
        "name": "SpecifiedTradeProduct/ram:Name",
        "description": "SpecifiedTradeProduct/ram:Description",
        "sellers_item_number": "SpecifiedTradeProduct/ram:SellerAssignedID",
        "quantity": "SpecifiedLineTradeDelivery/ram:BilledQuantity",
        "unit_code": "SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode",
        "unit_price": "SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",
        "price_base_quantity":
            "SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:BasisQuantity",
        "net_amount": "SpecifiedLineTradeSettlement/"
        "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
        "tax_category": "SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
        "tax_rate":
            "SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:RateApplicablePercent",
    }),
    allowances=_SETTLEMENT + _CII_ALLOWANCE + _IS_ALLOWANCE.format(_CII_INDICATOR),
    # Logistics charges (EXTENDED, ZUGFeRD 1) have no indicator: they are always charges.
    charges=_SETTLEMENT + _CII_ALLOWANCE + _IS_CHARGE.format(_CII_INDICATOR)
    + "|" + _SETTLEMENT + "ram:SpecifiedLogisticsServiceCharge",
    line_allowances=_CII_LINE_ALLOWANCE + _IS_ALLOWANCE.format(_CII_INDICATOR),
    line_charges=_CII_LINE_ALLOWANCE + _IS_CHARGE.format(_CII_INDICATOR),
    allowance=_under("ram:", {
        "amount": ("ActualAmount", "AppliedAmount"),
        "percent": "CalculationPercent",
        "base_amount": "BasisAmount",
        "reason": ("Reason", "ReasonCode", "Description"),
        "tax_category": ("CategoryTradeTax/ram:CategoryCode", "AppliedTradeTax/ram:CategoryCode"),
        "tax_rate": ("CategoryTradeTax/ram:RateApplicablePercent",
                     "AppliedTradeTax/ram:RateApplicablePercent"),
    }),
)  # fmt: skip

_ZF1 = "urn:ferd:CrossIndustryDocument:invoice:1p0"

ZUGFERD_1 = CII.renamed(
    code=EInvoiceSyntax.CII_ZF1,
    root=f"{{{_ZF1}}}CrossIndustryDocument",
    namespaces={
        "rsm": _ZF1,
        "ram": f"{_CODES}:ReusableAggregateBusinessInformationEntity:12",
        "udt": f"{_CODES}:UnqualifiedDataType:15",
    },
    names={
        "ExchangedDocumentContext": "SpecifiedExchangedDocumentContext",
        "ExchangedDocument": "HeaderExchangedDocument",
        "SupplyChainTradeTransaction": "SpecifiedSupplyChainTradeTransaction",
        "ApplicableHeaderTradeAgreement": "ApplicableSupplyChainTradeAgreement",
        "ApplicableHeaderTradeDelivery": "ApplicableSupplyChainTradeDelivery",
        "ApplicableHeaderTradeSettlement": "ApplicableSupplyChainTradeSettlement",
        "SpecifiedTradeSettlementHeaderMonetarySummation":
            "SpecifiedTradeSettlementMonetarySummation",
        "SpecifiedLineTradeAgreement": "SpecifiedSupplyChainTradeAgreement",
        "SpecifiedLineTradeDelivery": "SpecifiedSupplyChainTradeDelivery",
        "SpecifiedLineTradeSettlement": "SpecifiedSupplyChainTradeSettlement",
        "SpecifiedTradeSettlementLineMonetarySummation":
            "SpecifiedTradeSettlementMonetarySummation",
        "RateApplicablePercent": "ApplicablePercent",
        "IssuerAssignedID": "ID",
    },
)  # fmt: skip

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_UBL_PARTS = {
    "cac": f"{_UBL}:CommonAggregateComponents-2",
    "cbc": f"{_UBL}:CommonBasicComponents-2",
}
_UBL_SELLER = "cac:AccountingSupplierParty/cac:Party/"
_UBL_BUYER = "cac:AccountingCustomerParty/cac:Party/"
_UBL_SUMS = "cac:LegalMonetaryTotal/"

_UBL_PARTY: Mapping[str, str | tuple[str, ...]] = {
    "name": ("cac:PartyLegalEntity/cbc:RegistrationName", "cac:PartyName/cbc:Name"),
    "vat_id": "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID",
    "email": ("cac:Contact/cbc:ElectronicMail", "cbc:EndpointID[@schemeID='EM']"),
    "phone": "cac:Contact/cbc:Telephone",
}
_UBL_ADDRESS = {
    "street": "cac:PostalAddress/cbc:StreetName",
    "additional": "cac:PostalAddress/cbc:AdditionalStreetName",
    "postcode": "cac:PostalAddress/cbc:PostalZone",
    "city": "cac:PostalAddress/cbc:CityName",
    "country": "cac:PostalAddress/cac:Country/cbc:IdentificationCode",
}

UBL_INVOICE = Syntax(
    code=EInvoiceSyntax.UBL_INVOICE,
    root=f"{{{_UBL}:Invoice-2}}Invoice",
    namespaces=_UBL_PARTS,
    currency="cbc:DocumentCurrencyCode",
    header={
        **_under(_UBL_SELLER, _UBL_PARTY, prefix="seller_"),
        **_under(_UBL_BUYER, _UBL_PARTY, prefix="buyer_"),
        **_under("", {
            "profile_id": "cbc:CustomizationID",
            "invoice_number": "cbc:ID",
            "issue_date": "cbc:IssueDate",
            "due_date": ("cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate"),
            "delivery_date": "cac:Delivery/cbc:ActualDeliveryDate",
            "type_code": "cbc:InvoiceTypeCode",
            "currency": "cbc:DocumentCurrencyCode",
            "seller_tax_number":
                _UBL_SELLER + "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID!='VAT']/cbc:CompanyID",
            "buyer_reference": "cbc:BuyerReference",
            "preceding_invoice": "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID",
            "payment_terms": "cac:PaymentTerms/cbc:Note",
            "ibans": "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
            "tax_total": ("cac:TaxTotal/cbc:TaxAmount[@currencyID=$currency]",
                          "cac:TaxTotal/cbc:TaxAmount"),
        }),
        **_under(_UBL_SUMS, {
            "line_total": "cbc:LineExtensionAmount",
            "allowances": "cbc:AllowanceTotalAmount",
            "charges": "cbc:ChargeTotalAmount",
            "net": "cbc:TaxExclusiveAmount",
            "gross": "cbc:TaxInclusiveAmount",
            "prepaid": "cbc:PrepaidAmount",
            "rounding": "cbc:PayableRoundingAmount",
            "payable": "cbc:PayableAmount",
        }),
    },
    seller_address=_under(_UBL_SELLER, _UBL_ADDRESS),
    buyer_address=_under(_UBL_BUYER, _UBL_ADDRESS),
    taxes="cac:TaxTotal/cac:TaxSubtotal",
    tax=_under("", {
        "category": "cac:TaxCategory/cbc:ID",
        "rate": "cac:TaxCategory/cbc:Percent",
        "basis": "cbc:TaxableAmount",
        "tax": "cbc:TaxAmount",
        "exemption": ("cac:TaxCategory/cbc:TaxExemptionReasonCode",
                      "cac:TaxCategory/cbc:TaxExemptionReason"),
    }),
    lines="cac:InvoiceLine",
    line=_under("", {
        "line_id": "cbc:ID",
        "name": "cac:Item/cbc:Name",
        "description": "cac:Item/cbc:Description",
        "sellers_item_number": "cac:Item/cac:SellersItemIdentification/cbc:ID",
        "quantity": "cbc:InvoicedQuantity",
        "unit_code": "cbc:InvoicedQuantity/@unitCode",
        "unit_price": "cac:Price/cbc:PriceAmount",
        "price_base_quantity": "cac:Price/cbc:BaseQuantity",
        "net_amount": "cbc:LineExtensionAmount",
        "tax_category": "cac:Item/cac:ClassifiedTaxCategory/cbc:ID",
        "tax_rate": "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent",
    }),
    allowances="cac:AllowanceCharge" + _IS_ALLOWANCE.format("cbc:ChargeIndicator"),
    charges="cac:AllowanceCharge" + _IS_CHARGE.format("cbc:ChargeIndicator"),
    line_allowances="cac:AllowanceCharge" + _IS_ALLOWANCE.format("cbc:ChargeIndicator"),
    line_charges="cac:AllowanceCharge" + _IS_CHARGE.format("cbc:ChargeIndicator"),
    allowance=_under("", {
        "amount": "cbc:Amount",
        "percent": "cbc:MultiplierFactorNumeric",
        "base_amount": "cbc:BaseAmount",
        "reason": ("cbc:AllowanceChargeReason", "cbc:AllowanceChargeReasonCode"),
        "tax_category": "cac:TaxCategory/cbc:ID",
        "tax_rate": "cac:TaxCategory/cbc:Percent",
    }),
)  # fmt: skip

UBL_CREDIT_NOTE = UBL_INVOICE.renamed(
    code=EInvoiceSyntax.UBL_CREDIT_NOTE,
    root=f"{{{_UBL}:CreditNote-2}}CreditNote",
    namespaces=_UBL_PARTS,
    names={
        "InvoiceLine": "CreditNoteLine",
        "InvoicedQuantity": "CreditedQuantity",
        "InvoiceTypeCode": "CreditNoteTypeCode",
    },
)

SYNTAXES: Mapping[str, Syntax] = {
    syntax.root: syntax for syntax in (CII, ZUGFERD_1, UBL_INVOICE, UBL_CREDIT_NOTE)
}
"""Every syntax by the name of its root element."""
