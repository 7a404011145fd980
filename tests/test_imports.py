"""Imports of partners and items: what a table brings into the master data, and what it does not."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.erp import Erp
from tests.importing import (
    ITEM_HEADINGS,
    PARTNER_HEADINGS,
    do_rows,
    imported,
    problems_of,
    seen,
    start,
    table,
    texts,
    workbook,
)
from tests.refused import unchanged

SAMPLES = Path(__file__).parents[1] / "docs" / "guides" / "samples"
PARTNERS = "{ partners(sort: NUMBER) { nodes { number name street postcode city country vatId } } }"
ITEMS = """{ items { nodes { number name unit unitPrice priceQuantity taxRate taxClass itemGroup
  gtin } } }"""
LINDENAU = "70001;Hof Lindenau;Lindenallee 4;27318;Hoya;DE136695976"
SOMMER = "70002;Müller & Söhne;Weg 1;01067;Dresden;"


def counts(run: dict[str, Any]) -> tuple[Any, ...]:
    """Return state, done of total, created, updated, unchanged, failed."""
    names = ("state", "doneRows", "totalRows", "createdRows", "updatedRows", "unchangedRows")
    return (*(run[name] for name in names), run["failedRows"])


async def rows_of(company: Erp) -> dict[str, Any]:
    """Return a picture of all tables but those in which imports themselves are kept and told."""
    tables = [
        each
        for (each,) in await company.owner.fetch(
            "select table_name from information_schema.columns where column_name = 'tenant_id'"
            " and table_schema = 'public' and table_name <> 'journal_change'"
        )
        if each not in OWN_TABLES
    ]
    assert {"partner", "partner_counter", "item"} <= {*tables}
    return {
        each: await company.owner.fetch(
            f"select t::text from {each} t where tenant_id = $1 order by 1", company.tenant
        )
        for each in sorted(tables)
    }


async def nodes(user: Any, query: str) -> list[dict[str, Any]]:
    """Return the nodes of the one list in a query."""
    [found] = (await user.ask(query)).data.values()
    listed: list[dict[str, Any]] = found["nodes"]
    return listed


async def test_a_german_table_of_partners_becomes_partners(erp: Erp):
    """Headings are recognised, unknown ones reported; each row is told in the journal."""
    anna = await erp.sign_in()

    run = await imported(
        anna, table(f"{PARTNER_HEADINGS};Umsatz 2025", f"{LINDENAU};12", f"{SOMMER};", ";;;;;;")
    )

    assert counts(run) == ("FINISHED", 2, 2, 2, 0, 0, 0)
    assert [(each["heading"], each["field"]) for each in run["columns"]] == [
        ("Kundennummer", "NUMBER"),
        ("Firma", "NAME"),
        ("Straße", "STREET"),
        ("PLZ", "POSTCODE"),
        ("Ort", "CITY"),
        ("USt-IdNr.", "VAT_ID"),
        ("Umsatz 2025", None),
    ]
    assert await nodes(anna, PARTNERS) == [
        {
            "number": "70001",
            "name": "Hof Lindenau",
            "street": "Lindenallee 4",
            "postcode": "27318",
            "city": "Hoya",
            "country": "DE",
            "vatId": "DE136695976",
        },
        {
            "number": "70002",
            "name": "Müller & Söhne",
            "street": "Weg 1",
            "postcode": "01067",
            "city": "Dresden",
            "country": "DE",
            "vatId": None,
        },
    ]
    assert run["rejected"] is run["failure"] is None
    assert await erp.journal_types(run["id"]) == [
        "ImportStarted",
        "ImportProgressed",
        "ImportFinished",
    ]
    types = [row["type"] for row in await erp.journal()]
    assert types.count("PartnerCreated") == 2


async def test_a_german_table_of_items_becomes_items(erp: Erp):
    """Units by their German names, prices with a comma, rates with a percent sign, price units."""
    anna = await erp.sign_in()

    run = await imported(
        anna,
        table(
            f"{ITEM_HEADINGS};Preiseinheit;Warengruppe;EAN",
            "A-1;Winterweizen;t;1.210,50;7 %;;Getreide;",
            "A-2;Schraube M8;Stück;12,5;19;100;;4006381333931",
        ),
        entity="ITEMS",
    )

    assert counts(run) == ("FINISHED", 2, 2, 2, 0, 0, 0)
    assert await nodes(anna, ITEMS) == [
        {
            "number": "A-1",
            "name": "Winterweizen",
            "unit": "TONNE",
            "unitPrice": "1210.5",
            "priceQuantity": "1",
            "taxRate": "7",
            "taxClass": "REDUCED",
            "itemGroup": "Getreide",
            "gtin": None,
        },
        {
            "number": "A-2",
            "name": "Schraube M8",
            "unit": "PIECE",
            "unitPrice": "12.5",
            "priceQuantity": "100",
            "taxRate": "19",
            "taxClass": "STANDARD",
            "itemGroup": None,
            "gtin": "4006381333931",
        },
    ]


@pytest.mark.parametrize(("sample", "entity"), [("partners", "PARTNERS"), ("items", "ITEMS")])
async def test_the_samples_of_the_guide_are_imported_whole(erp: Erp, sample: str, entity: str):
    """Whoever tries them finds every column recognised and no row refused."""
    anna = await erp.sign_in()

    run = await imported(anna, (SAMPLES / f"{sample}.csv").read_bytes(), entity=entity)

    assert counts(run) == ("FINISHED", 3, 3, 3, 0, 0, 0)
    assert [each for each in run["columns"] if each["field"] is None] == []


async def test_a_workbook_is_imported_like_csv(erp: Erp):
    """Shared texts, numbers, days; a postcode that lost its zero gets it back."""
    anna = await erp.sign_in()
    row = (
        '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="inlineStr"><is><t>Weg 1</t></is></c>'
        '<c r="C3"><v>1067</v></c><c r="D3" t="str"><v>Dresden</v></c><c r="F3" s="1"><v>46349</v>'
        '</c><c r="G3"><v>5000.5</v></c></row>'
    )
    headings = ("Name", "Straße", "PLZ", "Ort", "leer", "Gutschriftsverfahren seit", "Kreditlimit")

    run = await imported(anna, workbook([texts(*headings), row]), name="daten.xlsx")

    assert counts(run) == ("FINISHED", 1, 1, 1, 0, 0, 0)
    [partner] = await nodes(
        anna, "{ partners { nodes { name postcode creditLimit selfBillingAgreedOn number } } }"
    )
    assert partner == {
        "name": "Hof Lindenau",
        "postcode": "01067",
        "creditLimit": "5000.50",
        "selfBillingAgreedOn": "2026-11-23",
        "number": "10001",
    }


async def test_every_problem_is_told_by_row_column_and_reason_in_both_languages(erp: Erp):
    """Bad rows are left out, the good ones among them are imported."""
    anna = await erp.sign_in()
    await anna.create_partner("Alt", number="70009")

    run = await imported(
        anna,
        table(
            f"{PARTNER_HEADINGS};Kreditlimit;Land;Kunde",
            f"{LINDENAU};;;",
            "70003;;Weg 1;;Hoya;DE136695977;1.234;Atlantis;vielleicht",
            "70001;Doppelt;Weg 1;27318;Hoya;;;;",
            "70009;Vergeben;Weg 1;27318;Hoya;;;;",
            "70005;Hof Sommer;Weg 1;27318;Hoya;DE136695977;;;",
            "70006;Hof Winter;Weg 1;27318;Hoya;;5.000,00;Österreich;ja",
            "70007;Hof;zu;viele;Zellen;;;;;x",
        ),
    )

    assert counts(run) == ("FINISHED", 7, 7, 2, 0, 0, 5)
    assert problems_of(run) == [
        (3, "Kreditlimit", "NUMBER_AMBIGUOUS"),
        (3, "Land", "WORD_UNKNOWN"),
        (3, "Kunde", "FLAG_NOT_READABLE"),
        (3, "Firma", "REQUIRED"),
        (3, "PLZ", "REQUIRED"),
        (3, "USt-IdNr.", "VAT_ID_CHECK_DIGIT_WRONG"),
        (4, None, "ROW_REPEATED"),
        (5, "Kundennummer", "DUPLICATE_PARTNER_NUMBER"),
        (6, None, "ROW_REPEATED"),
        (6, "USt-IdNr.", "VAT_ID_CHECK_DIGIT_WRONG"),
        (8, None, "ROW_TOO_WIDE"),
    ]
    assert run["problems"]["totalCount"] == run["problemCount"] == 11
    [first, *_] = run["problems"]["nodes"]
    assert (first["field"], first["reasonDe"][:24], first["reasonEn"][:22]) == (
        "CREDIT_LIMIT",
        "1.234 bedeutet in deutsc",
        "1.234 means one thing ",
    )
    assert [each["number"] for each in await nodes(anna, PARTNERS)] == ["70001", "70006", "70009"]


async def test_a_dry_run_tells_everything_and_leaves_nothing(erp: Erp):
    """The same counts and problems as the real run; no partner, number or event is left of it."""
    anna = await erp.sign_in()
    await anna.create_partner("Alt", number="70009")
    content = table(
        PARTNER_HEADINGS, LINDENAU, ";Ohne;Weg 1;27318;Hoya;", "70009;V;W;27318;H;", "x;;;;;"
    )

    before = await rows_of(erp)
    rehearsed = await imported(anna, content, dryRun=True)
    assert await rows_of(erp) == before
    told = [row["entity_type"] for row in await erp.journal()]
    assert told == ["partner", *["import_run"] * 3]
    real = await imported(anna, content)

    assert counts(rehearsed) == counts(real) == ("FINISHED", 4, 4, 2, 0, 0, 2)
    assert problems_of(rehearsed) == problems_of(real)
    assert (rehearsed["isDryRun"], real["isDryRun"]) == (True, False)
    numbers = [each["number"] for each in await nodes(anna, PARTNERS)]
    assert numbers == ["10001", "70001", "70009"]


async def test_an_update_takes_over_filled_cells_and_leaves_the_rest(erp: Erp):
    """Found by number or VAT id; a row that says nothing new changes nothing; others are made."""
    anna = await erp.sign_in()
    await anna.create_partner(
        "Hof Lindenau",
        number="70001",
        vatId="DE136695976",
        email="alt@example.com",
        accounts=[{"iban": "DE89370400440532013000"}],
        contacts=[
            {"name": "Frau Linde", "receives": [{"documents": "OFFERS", "channel": "PRINT"}]}
        ],
    )
    await anna.create_partner("Hof Sommer", number="70002")
    headings = "Kundennummer;Firma;Straße;PLZ;Ort;E-Mail;USt-IdNr.;IBAN"

    run = await imported(
        anna,
        table(
            headings,
            ";;Neuweg 2;;;;DE 136 695 976;",
            "70002;;;;;;;",
            "70003;Neu;Weg 3;27318;Hoya;kein-mail;;",
            "70004;Neu;Weg 4;27318;Hoya;;;",
        ),
        mode="UPDATE_EXISTING",
    )

    assert counts(run) == ("FINISHED", 4, 4, 1, 1, 1, 1)
    assert problems_of(run) == [(4, "E-Mail", "EMAIL_MALFORMED")]
    shown = "number street email accounts { iban } contacts { name receives { documents } } version"
    found = await nodes(anna, f"{{ partners(sort: NUMBER) {{ nodes {{ {shown} }} }} }}")
    assert found[0] == {
        "number": "70001",
        "street": "Neuweg 2",
        "email": "alt@example.com",
        "accounts": [{"iban": "DE89370400440532013000"}],
        "contacts": [{"name": "Frau Linde", "receives": [{"documents": "OFFERS"}]}],
        "version": 2,
    }
    assert [(each["number"], each["version"]) for each in found[1:]] == [("70002", 1), ("70004", 1)]


async def test_a_refused_update_leaves_its_record_as_it_was(erp: Erp):
    """Neither the fields before the wrong one nor the version move."""
    anna = await erp.sign_in()
    await anna.create_item("A-1")
    await anna.create_item("A-2")

    run = await imported(
        anna,
        table("Artikelnummer;Bezeichnung;Preis;GTIN", "A-1;Neu;-5;", "A-2;Neu;;4006381333931"),
        entity="ITEMS",
        mode="UPDATE_EXISTING",
    )

    assert counts(run) == ("FINISHED", 2, 2, 0, 1, 0, 1)
    assert problems_of(run) == [(2, "Preis", "MUST_NOT_BE_NEGATIVE")]
    found = await nodes(anna, "{ items { nodes { number name unitPrice version } } }")
    assert [tuple(each.values()) for each in found] == [
        ("A-1", "Winterweizen", "210.5", 1),
        ("A-2", "Neu", "210.5", 2),
    ]


async def test_an_import_may_stop_at_the_first_bad_row(erp: Erp):
    """What stands above it is imported, what stands below is not looked at."""
    anna = await erp.sign_in()

    run = await imported(
        anna, table(PARTNER_HEADINGS, LINDENAU, "2;;;;;", SOMMER), errorPolicy="STOP_AT_FIRST"
    )

    assert counts(run) == ("STOPPED", 2, 3, 1, 0, 0, 1)
    assert {row for row, _, _ in problems_of(run)} == {3}
    assert [each["number"] for each in await nodes(anna, PARTNERS)] == ["70001"]


async def test_columns_can_be_told_by_hand(erp: Erp):
    """A heading nobody knows is given a field; what is told comes before what is recognised."""
    anna = await erp.sign_in()

    run = await imported(
        anna,
        table("Suchname;Name;Gasse;PLZ;Ort", "LIND;Hof Lindenau;Lindenallee 4;27318;Hoya"),
        columns=[{"column": "Gasse", "field": "STREET"}, {"column": "Suchname", "field": "NAME"}],
    )

    assert [each["field"] for each in run["columns"]] == [
        "NAME",
        None,
        "STREET",
        "POSTCODE",
        "CITY",
    ]
    assert [each["name"] for each in await nodes(anna, PARTNERS)] == ["LIND"]


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ([{"column": "X", "field": "GTIN"}], "FIELD_NOT_IMPORTABLE", ["0", "field"]),
        (
            [{"column": "X", "field": "NAME"}, {"column": "Y", "field": "NAME"}],
            "FIELD_MAPPED_TWICE",
            ["1", "field"],
        ),
        ([{"column": " ", "field": "NAME"}], "REQUIRED", ["0", "column"]),
        ([{"column": "X", "field": "NAME"}] * 201, "TOO_MANY_COLUMNS", []),
    ],
)
async def test_a_mapping_that_cannot_be_is_refused_at_once(
    erp: Erp, input: list[Any], code: str, path: list[str]
):
    """Before anything is kept."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await start(anna, table(PARTNER_HEADINGS, LINDENAU), columns=input)

    [problem] = answer.problems
    assert (problem["code"], problem["path"]) == (code, ["input", "columns", *path])


async def test_bad_rows_come_back_as_csv_that_no_spreadsheet_computes(erp: Erp):
    """With the reasons behind them; mended and sent again, the marks before formulas are gone."""
    anna = await erp.sign_in()
    content = table(
        "Nr.;Firma;Straße;PLZ;Ort;Telefon",
        '1;=HYPERLINK("http://example.com");+Weg;;@Ort;+49 4251',
        "2;Hof;Weg 1;27318;Hoya;",
    )

    run = await imported(anna, content)
    async with erp.http.get(f"{erp.server.url}{run['rejected']['url']}") as answer:
        rejected = await answer.read()
    mended = rejected.decode("utf-8-sig").replace("'+Weg;;", "'+Weg;27318;").encode()
    again = await imported(anna, mended)

    assert rejected.decode("utf-8-sig").splitlines() == [
        "Nr.;Firma;Straße;PLZ;Ort;Telefon;Grund;Reason",
        '1;"\'=HYPERLINK(""http://example.com"")";\'+Weg;;\'@Ort;\'+49 4251;'
        "PLZ: Dieses Feld darf nicht leer sein.;PLZ: This must not be empty.",
    ]
    assert counts(again) == ("FINISHED", 1, 1, 1, 0, 0, 0)
    assert [(each["name"], each["city"]) for each in await nodes(anna, PARTNERS)] == [
        ('=HYPERLINK("http://example.com")', "@Ort"),
        ("Hof", "Hoya"),
    ]


async def test_five_thousand_rows_take_seconds(erp: Erp):
    """Partners without numbers get those of the company's series, one after the other."""
    anna = await erp.sign_in()
    lines = [f"Hof {n};Weg {n};27318;Hoya" for n in range(5_000)]
    run = (await start(anna, table("Firma;Straße;PLZ;Ort", *lines))).made["id"]

    begun = time.monotonic()
    await do_rows(erp, run)
    took = time.monotonic() - begun

    found = await seen(anna, run)
    assert counts(found) == ("FINISHED", 5_000, 5_000, 5_000, 0, 0, 0)
    numbers = await erp.owner.fetch(
        "select number from partner where tenant_id = $1 order by number", erp.tenant
    )
    assert [row["number"] for row in numbers] == [str(10_001 + n) for n in range(5_000)]
    progressed = (await erp.journal_types(run)).count("ImportProgressed")
    assert progressed == 25
    assert took < 60  # about 8 s on two idle cores


OWN_TABLES = (
    "blob",
    "idempotency_key",
    "import_column",
    "import_problem",
    "import_run",
    "journal",
    "journal_head",
    "journal_private",
)
