"""Why a tax is proposed, and what is uncertain about it: codes with a sentence in each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class TaxReason(StrEnum):
    """Why this tax and no other: the row of the table that fits."""

    SUPPLIER_NOT_TAXABLE = "SUPPLIER_NOT_TAXABLE"
    SUPPLIER_SMALL_BUSINESS = "SUPPLIER_SMALL_BUSINESS"
    SUPPLIER_FLAT_RATE = "SUPPLIER_FLAT_RATE"
    SMALL_BUSINESS = "SMALL_BUSINESS"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    EXEMPT = "EXEMPT"
    SERVICE_TO_EU_BUSINESS = "SERVICE_TO_EU_BUSINESS"
    SERVICE_TO_THIRD_COUNTRY = "SERVICE_TO_THIRD_COUNTRY"
    FLAT_RATE_FARMER = "FLAT_RATE_FARMER"
    GOODS_START_ABROAD = "GOODS_START_ABROAD"
    INTRA_COMMUNITY_SUPPLY = "INTRA_COMMUNITY_SUPPLY"
    EXPORT = "EXPORT"
    EU_BUYER_WITHOUT_VAT_ID = "EU_BUYER_WITHOUT_VAT_ID"
    DISTANCE_SALE = "DISTANCE_SALE"
    SERVICE_TO_PRIVATE_ABROAD = "SERVICE_TO_PRIVATE_ABROAD"
    REVERSE_CHARGE_AT_HOME = "REVERSE_CHARGE_AT_HOME"
    ZERO_RATED = "ZERO_RATED"
    DOMESTIC_REDUCED = "DOMESTIC_REDUCED"
    DOMESTIC_STANDARD = "DOMESTIC_STANDARD"


class TaxWarning(StrEnum):
    """What a person should look at before the document is posted."""

    BUYER_VAT_ID_MISSING = "BUYER_VAT_ID_MISSING"
    OSS_NOT_SUPPORTED = "OSS_NOT_SUPPORTED"
    PLACE_OF_SERVICE_UNCERTAIN = "PLACE_OF_SERVICE_UNCERTAIN"
    FOREIGN_TAX_NOT_SUPPORTED = "FOREIGN_TAX_NOT_SUPPORTED"
    SUPPLIER_ABROAD = "SUPPLIER_ABROAD"
    EXEMPTION_NOT_NAMED = "EXEMPTION_NOT_NAMED"

    def sentence(self, language: str) -> str:
        """Return what is uncertain, in German for "de" and else in English."""
        english, german = _WARNINGS[self]
        return german if language == "de" else english


@dataclass(frozen=True, slots=True)
class TaxWhy:
    """The reason of a proposal: a code for programs, sentences for people."""

    code: TaxReason
    english: str
    german: str

    def sentence(self, language: str) -> str:
        """Return the reason in German for "de" and else in English."""
        return self.german if language == "de" else self.english


def why(reason: TaxReason, english: Mapping[str, str], german: Mapping[str, str]) -> TaxWhy:
    """Return a reason with its facts filled into the sentences of both languages."""
    in_english, in_german = _REASONS[reason]
    return TaxWhy(reason, in_english.format_map(english), in_german.format_map(german))


def template(reason: TaxReason) -> str:
    """Return the English sentence of a reason with its facts still in braces."""
    return _REASONS[reason][0]


_REASONS: Mapping[TaxReason, tuple[str, str]] = {
    TaxReason.SUPPLIER_NOT_TAXABLE: (
        "Self-billed: the supplier is no business, so there is no tax.",
        "Gutschrift: Der Lieferant ist kein Unternehmer, deshalb fällt keine Steuer an.",
    ),
    TaxReason.SUPPLIER_SMALL_BUSINESS: (
        "Self-billed: the supplier is a small business (section 19 UStG).",
        "Gutschrift: Der Lieferant ist Kleinunternehmer (§ 19 UStG).",
    ),
    TaxReason.SUPPLIER_FLAT_RATE: (
        "Self-billed: the supplier is a flat-rate farmer, {rate} % on {date} (section 24 UStG).",
        "Gutschrift: Der Lieferant ist pauschalierender Landwirt, {rate} % am {date} (§ 24 UStG).",
    ),
    TaxReason.SMALL_BUSINESS: (
        "Your company is a small business (section 19 UStG) and shows no tax.",
        "Die eigene Firma ist Kleinunternehmer (§ 19 UStG) und weist keine Steuer aus.",
    ),
    TaxReason.OUT_OF_SCOPE: (
        "The item is outside the scope of the tax.",
        "Der Artikel ist nicht steuerbar.",
    ),
    TaxReason.EXEMPT: (
        "The item is exempt from tax: {exemption}.",
        "Der Artikel ist steuerfrei: {exemption}.",
    ),
    TaxReason.SERVICE_TO_EU_BUSINESS: (
        "Service to a business in {country} with VAT id {vat_id}, which owes the tax there.",
        "Leistung an ein Unternehmen in {country} mit USt-IdNr. {vat_id}, das dort die Steuer"
        " schuldet.",
    ),
    TaxReason.SERVICE_TO_THIRD_COUNTRY: (
        "Service to a business in {country}, outside the EU: not taxable in Germany.",
        "Leistung an ein Unternehmen in {country}, außerhalb der EU: in Deutschland nicht"
        " steuerbar.",
    ),
    TaxReason.FLAT_RATE_FARMER: (
        "Your company is taxed at the farmers' flat rate, {rate} % on {date} (section 24 UStG).",
        "Die eigene Firma versteuert nach Durchschnittssätzen, {rate} % am {date} (§ 24 UStG).",
    ),
    TaxReason.GOODS_START_ABROAD: (
        "Goods from {ship_from} to {ship_to}: not taxable in Germany.",
        "Ware von {ship_from} nach {ship_to}: in Deutschland nicht steuerbar.",
    ),
    TaxReason.INTRA_COMMUNITY_SUPPLY: (
        "Intra-community supply: goods from {ship_from} to {ship_to}, buyer has VAT id {vat_id}.",
        "Innergemeinschaftliche Lieferung: Ware von {ship_from} nach {ship_to}, der Käufer hat die"
        " USt-IdNr. {vat_id}.",
    ),
    TaxReason.EXPORT: (
        "Export: goods from {ship_from} to {ship_to}, outside the EU.",
        "Ausfuhrlieferung: Ware von {ship_from} nach {ship_to}, außerhalb der EU.",
    ),
    TaxReason.EU_BUYER_WITHOUT_VAT_ID: (
        "Buyer in the EU without a VAT id of another member state: taxed as at home, {rate} %.",
        "Käufer in der EU ohne USt-IdNr. eines anderen Mitgliedstaats: Steuer wie im Inland,"
        " {rate} %.",
    ),
    TaxReason.DISTANCE_SALE: (
        "Goods from {ship_from} to a private customer in {ship_to}: taxed as at home, {rate} %.",
        "Ware von {ship_from} an eine Privatperson in {ship_to}: Steuer wie im Inland, {rate} %.",
    ),
    TaxReason.SERVICE_TO_PRIVATE_ABROAD: (
        "Service to a private customer in {country}: taxed where your company sits, {rate} %.",
        "Leistung an eine Privatperson in {country}: Steuer am Sitz der eigenen Firma, {rate} %.",
    ),
    TaxReason.REVERSE_CHARGE_AT_HOME: (
        "Supply of section 13b (2) UStG to a business: the buyer owes the tax.",
        "Leistung nach § 13b Abs. 2 UStG an ein Unternehmen: Der Käufer schuldet die Steuer.",
    ),
    TaxReason.ZERO_RATED: (
        "The item is taxed at 0 % (section 12 (3) UStG).",
        "Der Artikel wird mit 0 % besteuert (§ 12 Abs. 3 UStG).",
    ),
    TaxReason.DOMESTIC_REDUCED: (
        "Domestic supply at the reduced rate, {rate} % on {date}.",
        "Inland, ermäßigter Steuersatz, {rate} % am {date}.",
    ),
    TaxReason.DOMESTIC_STANDARD: (
        "Domestic supply at the standard rate, {rate} % on {date}.",
        "Inland, allgemeiner Steuersatz, {rate} % am {date}.",
    ),
}

_WARNINGS: Mapping[TaxWarning, tuple[str, str]] = {
    TaxWarning.BUYER_VAT_ID_MISSING: (
        "With a valid VAT id of another member state this would be free of German tax. Ask for it.",
        "Mit gültiger USt-IdNr. eines anderen Mitgliedstaats fiele keine deutsche Steuer an. Bitte"
        " nachfragen.",
    ),
    TaxWarning.OSS_NOT_SUPPORTED: (
        "Above 10,000 EUR a year the tax of the buyer's country is due (section 3c UStG). The"
        " one-stop shop (OSS) is not supported.",
        "Über 10.000 EUR im Jahr fällt die Steuer im Land des Käufers an (§ 3c UStG). Das"
        " OSS-Verfahren wird nicht unterstützt.",
    ),
    TaxWarning.PLACE_OF_SERVICE_UNCERTAIN: (
        "Some services to private customers are taxed elsewhere (section 3a (3) to (5) UStG).",
        "Manche Leistungen an Privatpersonen werden anderswo besteuert (§ 3a Abs. 3 bis 5 UStG).",
    ),
    TaxWarning.FOREIGN_TAX_NOT_SUPPORTED: (
        "The goods start abroad. Tax of other countries and chain transactions are not supported.",
        "Die Ware beginnt ihren Weg im Ausland. Ausländische Steuer und Reihengeschäfte werden"
        " nicht unterstützt.",
    ),
    TaxWarning.SUPPLIER_ABROAD: (
        "The supplier sits abroad. Self-billed acquisitions from abroad are not supported.",
        "Der Lieferant sitzt im Ausland. Gutschriften über Erwerbe aus dem Ausland werden nicht"
        " unterstützt.",
    ),
    TaxWarning.EXEMPTION_NOT_NAMED: (
        "The item does not say why it is exempt; the invoice must (section 14 (4) no. 8 UStG).",
        "Am Artikel fehlt der Grund der Befreiung; die Rechnung braucht ihn"
        " (§ 14 Abs. 4 Nr. 8 UStG).",
    ),
}
