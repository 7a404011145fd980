"""Allowances, prepayments, cash discount and foreign currency stand on paper as agreed."""

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "samples"))

from sample_documents import FREIGHT, LIME, WHEAT, a_document
from sample_invoice import LETTERHEAD

from domain.amounts import Allowance, PriceBasis
from domain.documents.amounts import Exchange, InvoiceType
from domain.documents.document import Document
from domain.exchange_rates import RateSource
from domain.identity import Language
from domain.payment_terms import Discount
from domain.printing.contents import Contents, Paper, contents_of
from domain.printing.sums import SumRow


def contents(document: Document, language: Language = Language.DE) -> Contents:
    return contents_of(document, Paper(LETTERHEAD, language))


def plain(rows: tuple[SumRow, ...]) -> list[tuple[str, str]]:
    return [(row.label.replace("\u00a0", " "), row.amount.replace("\u00a0", " ")) for row in rows]


def words(sentences: tuple[str, ...]) -> list[str]:
    return [each.replace("\u00a0", " ") for each in sentences]


def test_allowances_and_charges_lead_from_the_lines_to_the_net():
    """6,977.22 less 3 percent, plus packaging; both tax groups bear their share."""
    says = contents(
        a_document(
            "SALES_INVOICE",
            *(WHEAT, LIME, FREIGHT),
            allowances=(
                Allowance(percent=Decimal(3), reason="Messerabatt"),
                Allowance(amount=Decimal("12.00"), is_charge=True, reason="Verpackung"),
            ),
        )
    )

    assert plain(says.sums_above) == [
        ("Summe der Positionen", "6.977,22 €"),
        ("abzüglich 3 % Messerabatt", "-209,32 €"),
        ("zuzüglich Verpackung", "12,00 €"),
    ]
    assert says.net.replace("\u00a0", " ") == "6.779,90 €"
    bases = [row.basis.replace("\u00a0", " ") for row in says.tax_rows]
    assert bases == ["1.024,29 €", "5.755,61 €"]


def test_a_document_without_allowances_needs_no_sum_of_its_lines():
    """Its net is that sum."""
    says = contents(a_document("SALES_INVOICE"))

    assert (says.sums_above, says.sums_below, says.discounts) == ((), (), ())


def test_a_final_invoice_takes_off_prepayments_with_their_tax():
    """Section 14 (5) sentence 2 UStG: what was paid before, and the tax on it."""
    before = a_document("SALES_INVOICE", LIME, invoice_type=InvoiceType.PREPAYMENT)
    before.settled = before.payable
    final = a_document(
        "SALES_INVOICE", LIME, FREIGHT, invoice_type=InvoiceType.FINAL, prepayments=(before,)
    )

    first, says = contents(before), contents(final)

    assert (first.title, says.title) == ("Anzahlungsrechnung", "Schlussrechnung")
    assert plain(says.sums_below) == [
        (
            "abzüglich Vorauszahlung INV-2026-00001 vom 24.11.2026:"
            " netto 1.005,60 €, USt. 19 % 191,06 €",
            "-1.196,66 €",
        ),
        ("Noch zu zahlen", "57,72 €"),
    ]
    assert "57,72" in says.payment


def test_terms_of_an_order_are_a_sentence_with_and_without_cash_discount():
    """Nothing is lost between its parts."""
    plain_order = contents(a_document("SALES_ORDER", LIME, payment_days=30))
    order = contents(
        a_document("SALES_ORDER", LIME, payment_days=30, discounts=(Discount(10, Decimal(2)),))
    )

    assert plain_order.payment == "Zahlungsbedingung: 30 Tage netto, ohne Abzug."
    assert order.payment == "Zahlungsbedingung: 30 Tage netto."
    assert words(order.discounts) == ["Bei Zahlung innerhalb von 10 Tagen 2 % Skonto."]


def test_cash_discount_is_offered_with_day_and_amount():
    """Whoever pays early reads what to transfer; "without deduction" would contradict it."""
    says = contents(
        a_document(
            "SALES_INVOICE",
            LIME,
            payment_days=30,
            discounts=(Discount(10, Decimal(2)), Discount(20, Decimal(1))),
        )
    )

    assert "ohne Abzug" not in says.payment
    assert words(says.discounts) == [
        "Bei Zahlung bis zum 04.12.2026 dürfen Sie 2 % Skonto (23,93 €) abziehen"
        " und überweisen nur 1.172,73 €.",
        "Bei Zahlung bis zum 14.12.2026 dürfen Sie 1 % Skonto (11,97 €) abziehen"
        " und überweisen nur 1.184,69 €.",
    ]


def test_tax_in_a_foreign_currency_is_told_in_euros():
    """Section 16 (6) UStG, with the rate and its day."""
    rate = Exchange(Decimal("1.25"), date(2026, 11, 20), RateSource.MANUAL)
    says = contents(a_document("SALES_INVOICE", LIME, currency="USD", exchange=rate))

    assert plain(says.sums_below) == [
        ("Umsatzsteuer in EUR (1 EUR = 1,25 USD, Kurs vom 20.11.2026)", "152,85 €")
    ]


def test_prices_with_tax_are_headed_as_such():
    """Price and amount of the line hold the tax, and so does the total."""
    says = contents(a_document("SALES_INVOICE", LIME, price_basis=PriceBasis.GROSS))

    assert says.labels["unit_price"] == "Einzelpreis (brutto)"
    assert says.gross.replace("\u00a0", " ") == "1.005,60 €"
