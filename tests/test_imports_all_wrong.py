"""A bad row names every wrong column at once, in the dry run as in the real one."""

import pytest

from tests.erp import Erp
from tests.importing import ITEM_HEADINGS, imported, problems_of, table

HEADINGS = (
    "Kundennummer;Firma;Straße;PLZ;Ort;Land;USt-IdNr.;E-Mail;IBAN;BIC;Leitweg-ID;Zahlungsziel"
)
PARTNERS = "{ partners { nodes { number postcode country email } } }"


async def both(erp: Erp, content: bytes, **input: object) -> list[tuple[int, str | None, str]]:
    """Rehearse an import and do it, and return the problems, which are the same."""
    anna = await erp.sign_in()
    rehearsed = await imported(anna, content, dryRun=True, **input)
    real = await imported(anna, content, **input)
    assert problems_of(rehearsed) == problems_of(real)
    assert real["createdRows"] == real["updatedRows"] == 0
    return problems_of(real)


async def test_every_wrong_column_of_a_partner_is_named_in_one_round(erp: Erp) -> None:
    """VAT id, e-mail and postcode of the newcomer's row, and all that is wrong behind them."""
    problems = await both(
        erp,
        table(
            HEADINGS,
            "70001;Hof;Weg 1;1067;Dresden;;DE136695977;kein-mail;;;;",
            "70002;Hof;Weg 1;01067;Dresden;;;x@;DE00;XX;04011000-1;400",
        ),
    )
    assert problems == [
        (2, "PLZ", "POSTCODE_MALFORMED"),
        (2, "USt-IdNr.", "VAT_ID_CHECK_DIGIT_WRONG"),
        (2, "E-Mail", "EMAIL_MALFORMED"),
        (3, "E-Mail", "EMAIL_MALFORMED"),
        (3, "Zahlungsziel", "PAYMENT_DAYS_OUT_OF_RANGE"),
        (3, "Leitweg-ID", "LEITWEG_ID_INVALID"),
        (3, "BIC", "BIC_MALFORMED"),
        (3, "IBAN", "IBAN_INVALID"),
    ]


async def test_what_cannot_be_read_or_is_missing_hides_nothing_else(erp: Erp) -> None:
    """A row without a name and with an unreadable number still tells of its VAT id."""
    problems = await both(
        erp, table(HEADINGS, ";;Weg 1;27318;Hoya;;DE123456789;;;;;bald", "70002;Hof;;;;;;;;;;")
    )
    assert problems == [
        (2, "Zahlungsziel", "NOT_A_NUMBER"),
        (2, "Firma", "REQUIRED"),
        (2, "USt-IdNr.", "VAT_ID_CHECK_DIGIT_WRONG"),
        (3, "Straße", "REQUIRED"),
        (3, "PLZ", "REQUIRED"),
        (3, "Ort", "REQUIRED"),
    ]


async def test_what_hangs_on_a_wrong_column_is_not_blamed(erp: Erp) -> None:
    """Nobody knows whether 1010 is wrong while the country cannot be read; VAT ids stand alone."""
    problems = await both(erp, table(HEADINGS, "70001;Hof;Weg 1;1010;Wien;Atlantis;AT1;;;;;"))
    assert problems == [(2, "Land", "WORD_UNKNOWN"), (2, "USt-IdNr.", "VAT_ID_MALFORMED")]


async def test_a_number_that_is_taken_is_told_with_the_rest_of_its_row(erp: Erp) -> None:
    """The number alone would cost another round."""
    anna = await erp.sign_in()
    await anna.create_partner("Alt", number="70009", vatId="DE136695976")
    problems = await both(
        erp,
        table(HEADINGS, "70009;Neu;Weg 1;2731;Hoya;;DE136695976;;;;;"),
    )
    assert problems == [
        (2, "Kundennummer", "DUPLICATE_PARTNER_NUMBER"),
        (2, "USt-IdNr.", "DUPLICATE_PARTNER"),
        (2, "PLZ", "POSTCODE_MALFORMED"),
    ]


async def test_an_update_names_every_wrong_column_and_changes_nothing(erp: Erp) -> None:
    """The partner stays as it was, the good cells of the bad row included."""
    anna = await erp.sign_in()
    await anna.create_partner("Alt", number="70009")
    before = (await anna.ask(PARTNERS)).data
    problems = await both(
        erp,
        table("Kundennummer;PLZ;Ort;E-Mail;IBAN", "70009;123;Bremen;kein-mail;DE00"),
        mode="UPDATE_EXISTING",
    )
    assert problems == [
        (2, "PLZ", "POSTCODE_MALFORMED"),
        (2, "E-Mail", "EMAIL_MALFORMED"),
        (2, "IBAN", "IBAN_INVALID"),
    ]
    assert (await anna.ask(PARTNERS)).data == before


async def test_every_wrong_column_of_an_item_is_named_in_one_round(erp: Erp) -> None:
    """Price, rate, GTIN, weight and further unit are judged on their own."""
    problems = await both(
        erp,
        table(
            f"{ITEM_HEADINGS};GTIN;Gewicht;Einheit 2;Faktor 2",
            "W-1;Weizen;t;-1;18;4006381333932;0;kg;0,5",
            f"{'x' * 31};Weizen;Scheffel;1;7;;-2;Sack;0",
        ),
        entity="ITEMS",
    )
    assert problems == [
        (2, "GTIN", "GTIN_INVALID"),
        (2, "Preis", "MUST_NOT_BE_NEGATIVE"),
        (2, "Gewicht", "MUST_BE_POSITIVE"),
        (2, "Steuersatz", "TAX_RATE_UNKNOWN"),
        (2, "Einheit 2", "UNIT_FACTOR_FIXED"),
        (3, "Einheit", "WORD_UNKNOWN"),
        (3, "Artikelnummer", "TOO_LONG"),
        (3, "Gewicht", "MUST_BE_POSITIVE"),
    ]


@pytest.mark.parametrize(
    ("postcode", "country", "codes"),
    [
        ("01067", "DE", []),
        ("1067", "DE", ["POSTCODE_MALFORMED"]),
        ("010670", "DE", ["POSTCODE_MALFORMED"]),
        ("D-01067", "DE", ["POSTCODE_MALFORMED"]),
        ("٠١٠٦٧", "DE", ["POSTCODE_MALFORMED"]),
        ("1010", "AT", []),
        ("SW1A 1AA", "GB", []),
    ],
)
async def test_a_german_postcode_has_five_digits(
    erp: Erp, postcode: str, country: str, codes: list[str]
) -> None:
    """Of a new partner, of a change, and of a further address; elsewhere it is as it is."""
    anna = await erp.sign_in()
    place = {"street": "Weg 1", "postcode": postcode, "city": "Ort", "country": country}
    facts = {"street": "Weg 1", "postcode": "27318", "city": "Hoya"}
    new = await anna.do("createPartner", "partner { id version }", name="Hof", **place)
    known = (await anna.do("createPartner", "partner { id version }", name="Alt", **facts)).made
    named = {"id": known["id"], "expectedVersion": known["version"], "name": "Alt"}
    changed = await anna.do("updatePartner", "partner { id }", **named, **place)
    further = await anna.do(
        "createPartner", "partner { id }", name="B", **facts, addresses=[{"label": "L", **place}]
    )
    assert [new.problem_codes, changed.problem_codes, further.problem_codes] == [codes] * 3
    if codes:
        assert [each.problems[0]["path"] for each in (new, changed, further)] == [
            ["input", "postcode"],
            ["input", "postcode"],
            ["input", "addresses", "0", "postcode"],
        ]
