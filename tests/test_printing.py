"""A printed invoice says what section 14 UStG asks, in the reader's language."""

import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.documents.life import TransitionNotAllowed
from domain.items import Unit
from domain.printing.contents import Paper, contents_of
from domain.printing.letterhead import Fact, Letterhead
from domain.printing.mandatory import missing_contents
from domain.printing.rows import LineRow

sys.path.insert(0, str(Path(__file__).parent / "samples"))

from sample_invoice import (
    AE,
    ALPENHOF,
    DE,
    EN,
    SCREWS_LINE,
    TODAY,
    E,
    G,
    S,
    a_line,
    a_partner,
    an_invoice,
    said_by,
)


def test_a_german_line_shows_comma_point_and_no_break_space():
    """1.234,56 €, quantities without trailing zeros, a price per hundred."""
    contents = said_by(
        SCREWS_LINE,
        a_line(
            "1234.5", S, "7.0000", quantity=Decimal("2.500000"), unit=Unit.TONNE, description="Raps"
        ),
        a_line("0.123456", S, "19", quantity=Decimal(-1000), unit=Unit.SQUARE_METRE),
    )

    assert tuple(replace(line, carried="") for line in contents.lines) == (
        LineRow(
            "1",
            "Art.-Nr. A-1007",
            "Schrauben M8",
            "250 Stück",
            "19,90\u00a0€ / 100\u00a0Stück",
            "19\u00a0%",
            "49,75\u00a0€",
        ),
        LineRow("2", None, "Raps", "2,5 t", "1.234,50\u00a0€", "7\u00a0%", "3.086,25\u00a0€"),
        LineRow(
            "3", None, "Beratung", "-1.000 m²", "0,123456\u00a0€", "19\u00a0%", "-123,46\u00a0€"
        ),
    )


def test_an_english_line_shows_point_and_comma():
    """The same facts for an English reader."""
    contents = said_by(SCREWS_LINE, a_line("1234.5", S, "19", quantity=Decimal("1.5")), language=EN)

    assert tuple(replace(line, carried="") for line in contents.lines) == (
        LineRow(
            "1",
            "Item A-1007",
            "Schrauben M8",
            "250 pcs",
            "€19.90 / 100\u00a0pcs",
            "19%",
            "€49.75",
        ),
        LineRow("2", None, "Beratung", "1.5 h", "€1,234.50", "19%", "€1,851.75"),
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            DE,
            (
                Fact("Rechnungsnummer", "INV-2026-00042"),
                Fact("Rechnungsdatum", "05.03.2026"),
                Fact("Liefer-/Leistungsdatum", "03.03.2026"),
                Fact("Fällig am", "19.03.2026"),
                Fact("Ihr Zeichen", "B-17"),
                Fact("Ihre USt-IdNr.", "DE123456788"),
            ),
        ),
        (
            EN,
            (
                Fact("Invoice number", "INV-2026-00042"),
                Fact("Invoice date", "5\u00a0March\u00a02026"),
                Fact("Date of supply", "3\u00a0March\u00a02026"),
                Fact("Due date", "19\u00a0March\u00a02026"),
                Fact("Your reference", "B-17"),
                Fact("Your VAT ID", "DE123456788"),
            ),
        ),
    ],
)
def test_the_information_block_names_number_dates_and_reference(language, expected):
    """Labels and dates are those of the language."""
    contents = said_by(SCREWS_LINE, language=language, customer_reference="B-17")

    assert contents.information == expected


def test_a_period_of_supply_is_shown_with_both_days():
    """A service over a month names its period instead of a day."""
    contents = said_by(SCREWS_LINE, supply_date=date(2026, 2, 1), supply_until=date(2026, 2, 28))

    assert Fact("Leistungszeitraum", "01.02.2026 – 28.02.2026") in contents.information
    assert contents.subject == ()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (DE, "Das Liefer- bzw. Leistungsdatum entspricht dem Rechnungsdatum."),
        (EN, "The date of supply is the invoice date."),
    ],
)
def test_a_supply_on_the_day_of_the_invoice_is_said_in_a_sentence(language, sentence):
    """The law accepts no silence: that both dates are one must be stated."""
    contents = said_by(SCREWS_LINE, language=language, supply_date=TODAY)

    assert contents.subject == (sentence,)
    assert len(contents.information) == 4


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (DE, "Steuerschuldnerschaft des Leistungsempfängers"),
        (
            EN,
            "Reverse charge, VAT is owed by the recipient of the supply"
            " – Steuerschuldnerschaft des Leistungsempfängers",
        ),
    ],
)
def test_reverse_charge_shows_no_tax_and_says_who_owes_it(language, sentence):
    """Section 14a (5): the German words stand in every language; a dash stands for the tax."""
    contents = said_by(a_line("100", AE), language=language, bill_to=ALPENHOF)

    assert contents.exemptions == (sentence,)
    assert [(row.tax, contents.lines[0].tax_rate) for row in contents.tax_rows] == [("–", "–")]
    assert contents.net == contents.gross


def test_mixed_tax_is_split_by_rate_and_by_exemption():
    """Two exemptions of one category are two rows, each with its own sentence and mark."""
    contents = said_by(
        a_line("100", S, "19"),
        a_line("50", E, exemption_reason="§ 4 Nr. 14 UStG"),
        a_line("30", E, exemption_reason="§ 4 Nr. 21 UStG"),
        a_line("20", S, "7"),
        a_line("10", S, "19"),
    )

    assert [(row.label, row.basis, row.tax) for row in contents.tax_rows] == [
        ("Steuerfrei¹", "50,00\u00a0€", "–"),
        ("Steuerfrei²", "30,00\u00a0€", "–"),
        ("USt. 19\u00a0%", "110,00\u00a0€", "20,90\u00a0€"),
        ("USt. 7\u00a0%", "20,00\u00a0€", "1,40\u00a0€"),
    ]
    assert contents.exemptions == ("¹ § 4 Nr. 14 UStG", "² § 4 Nr. 21 UStG")
    rates = [line.tax_rate for line in contents.lines]
    assert rates == ["19\u00a0%", "–¹", "–²", "7\u00a0%", "19\u00a0%"]
    assert (contents.net, contents.gross) == ("210,00\u00a0€", "232,30\u00a0€")


def test_own_words_for_an_exemption_are_not_translated():
    """What somebody wrote on the line stands as written."""
    contents = said_by(
        a_line("100", G, exemption_reason="Ausfuhr in die Schweiz"),
        language=EN,
        bill_to=ALPENHOF,
        ship_to=a_partner(13, "Rütlihof", "Seestrasse 3", "8001", "Zürich", "CH"),
    )

    assert contents.exemptions == ("Ausfuhr in die Schweiz",)


@pytest.mark.parametrize(
    ("language", "days", "sentence"),
    [
        (
            DE,
            14,
            "Bitte überweisen Sie 119,00 € bis zum 19.03.2026 ohne Abzug auf das Konto"
            " IBAN DE75 5121 0800 1245 1261 99 unter Angabe der Rechnungsnummer INV-2026-00042.",
        ),
        (
            DE,
            0,
            "Der Rechnungsbetrag ist am 05.03.2026 sofort und ohne Abzug fällig."
            " Bitte überweisen Sie 119,00 € auf das Konto"
            " IBAN DE75 5121 0800 1245 1261 99 unter Angabe der Rechnungsnummer INV-2026-00042.",
        ),
        (
            EN,
            30,
            "Please pay €119.00 by 4 April 2026 without deduction to account"
            " IBAN DE75 5121 0800 1245 1261 99, quoting invoice number INV-2026-00042.",
        ),
    ],
)
def test_the_terms_of_payment_name_amount_day_and_account(language, days, sentence):
    """One sentence says what to pay, until when and where to."""
    contents = said_by(a_line("100", S, "19"), language=language, payment_days=days)

    assert contents.payment.replace("\u00a0", " ") == sentence


def test_without_an_account_the_sentence_names_none():
    """A company that keeps no IBAN still asks for its money."""
    contents = contents_of(an_invoice(a_line("100", S, "19")), Paper(Letterhead(), DE))

    assert contents.payment == (
        "Bitte überweisen Sie 119,00\u00a0€ bis zum 19.03.2026 ohne Abzug"
        " unter Angabe der Rechnungsnummer INV-2026-00042."
    )


def test_an_invoice_over_nothing_asks_for_nothing():
    """A free sample is not to be paid."""
    assert (
        said_by(a_line("0", S, "19", price_reason="Muster")).payment == "Es ist nichts zu zahlen."
    )


def test_a_foreign_address_ends_with_its_country_and_a_long_name_keeps_its_lines():
    """DIN 5008: the country in capitals, last; none at home."""
    assert said_by(SCREWS_LINE, bill_to=ALPENHOF).addressee.address == (
        "Einkauf",
        "Ring 8",
        "1070 Wien",
        "ÖSTERREICH",
    )
    assert said_by(SCREWS_LINE).addressee.address == ("Hauptstraße 7", "39104 Magdeburg")


def test_other_parties_are_named_only_where_they_differ():
    """Who was supplied must be on the invoice even where somebody else pays."""
    contents = said_by(SCREWS_LINE, sold_to=ALPENHOF)

    assert [(each.label, each.name) for each in contents.others] == [
        ("Leistungsempfänger", "Alpenhof")
    ]
    assert said_by(SCREWS_LINE).others == ()


def test_a_draft_is_not_printed():
    """Only a posted invoice has a number and a seller."""
    with pytest.raises(TransitionNotAllowed):
        said_by(SCREWS_LINE, posted=False)


@pytest.mark.parametrize("language", [DE, EN])
def test_nothing_that_the_law_asks_is_missing(language):
    """Section 14 (4) and 14a UStG, for taxed and for reverse charge lines."""
    assert missing_contents(said_by(SCREWS_LINE, language=language)) == ()
    assert missing_contents(said_by(a_line("9", AE), SCREWS_LINE, language=language)) == ()


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        ({"number": ""}, ("number",)),
        ({"issue_date": ""}, ("issue_date",)),
        ({"supply": ""}, ("supply",)),
        ({"lines": ()}, ("lines",)),
        ({"tax_rows": ()}, ("net_by_rate", "tax_or_exemption")),
        ({"exemptions": ()}, ("tax_or_exemption",)),
    ],
)
def test_what_is_left_out_is_named(left_out, missing):
    """Each mandatory content has its name, in the order of the law."""
    contents = said_by(a_line("100", AE))

    assert missing_contents(replace(contents, **left_out)) == missing


def test_missing_tax_ids_are_named():
    """The seller shows one always, both parties a VAT id under reverse charge."""
    contents = said_by(a_line("100", AE))
    anonymous = replace(contents.seller, vat_id=None, tax_number=None, address=())

    missing = missing_contents(replace(contents, sender=anonymous))

    assert missing == ("seller", "seller_tax_id", "both_vat_ids")
