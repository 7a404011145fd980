"""Imports of what a record has several of: addresses, contacts, further units, suppliers."""

from typing import Any

import pytest

from tests.erp import Erp, User
from tests.importing import do_rows, imported, problems_of, start, table
from tests.refused import unchanged

PARTNER = "Kundennummer;Firma;Straße;PLZ;Ort"
ADDRESS = "Adresse {0} Bezeichnung;Adresse {0} Straße;Adresse {0} PLZ;Adresse {0} Ort"
CONTACT = "Ansprechpartner {0};Ansprechpartner {0} E-Mail;Ansprechpartner {0} Rechnungen"
HOF = "70001;Hof Lindenau;Lindenallee 4;27318;Hoya"
ITEM = "Steuersatz;Artikelnummer;Bezeichnung;Einheit;Preis"
PARTS = """{ partners(sort: NUMBER) { nodes { number
  addresses { label street postcode city country isBillingDefault isShippingDefault }
  contacts { name email phone function receives { documents channel } } } } }"""
ITEMS = """{ items { nodes { number version units { unit factor }
  suppliers { partner { number } itemNumber itemName leadDays } } } }"""


async def parts_of(user: User, query: str = PARTS) -> dict[str, Any]:
    """Return the one record there is."""
    [listed] = (await user.ask(query)).data.values()
    [found] = listed["nodes"]
    record: dict[str, Any] = found
    return record


async def test_a_partner_comes_with_addresses_and_contacts_and_who_gets_what_how(erp: Erp):
    """Numbered columns in German or English, in any order; a group without cells is nobody."""
    anna = await erp.sign_in()
    headings = (
        f"{PARTNER};{ADDRESS.format(1)};Adresse 1 Lieferadresse;address_2_street;address_2_zip;"
        f"address_2_city;address_2_country;{CONTACT.format(1)};Ansprechpartner 1 Telefon;"
        "contact_2_name;contact_2_function;contact_2_offers;contact_2_reminders;Ansprechpartner 3"
    )

    run = await imported(
        anna,
        table(
            headings,
            f"{HOF};Lager;Am Silo 1;01067;Dresden;ja;Ring 5;1010;Wien;Österreich;"
            "Frau Linde;rechnung@hof.example;PDF;04251 1;Herr Baum;Einkauf;Brief;E-Rechnung;",
        ),
    )

    assert [each for each in run["columns"] if each["field"] is None] == []
    assert (run["createdRows"], problems_of(run)) == (1, [])
    assert await parts_of(anna) == {
        "number": "70001",
        "addresses": [
            {
                "label": "Lager",
                "street": "Am Silo 1",
                "postcode": "01067",
                "city": "Dresden",
                "country": "DE",
                "isBillingDefault": False,
                "isShippingDefault": True,
            },
            {
                "label": "Wien",
                "street": "Ring 5",
                "postcode": "1010",
                "city": "Wien",
                "country": "AT",
                "isBillingDefault": False,
                "isShippingDefault": False,
            },
        ],
        "contacts": [
            {
                "name": "Frau Linde",
                "email": "rechnung@hof.example",
                "phone": "04251 1",
                "function": None,
                "receives": [{"documents": "INVOICES", "channel": "PDF_MAIL"}],
            },
            {
                "name": "Herr Baum",
                "email": None,
                "phone": None,
                "function": "Einkauf",
                "receives": [
                    {"documents": "OFFERS", "channel": "PRINT"},
                    {"documents": "REMINDERS", "channel": "E_INVOICE"},
                ],
            },
        ],
    }


async def test_the_columns_of_a_group_tell_which_one_they_fill(erp: Erp):
    """So does a column that is given its meaning by hand; a number is 1 where none is told."""
    anna = await erp.sign_in()

    answer = await start(
        anna,
        table(f"{PARTNER};contact_2_email;Ansprechpartner;Wer", f"{HOF};;;"),
        columns=[{"column": "Wer", "field": "CONTACT_NAME", "groupNumber": 7}],
    )
    run = answer.made["id"]
    await do_rows(erp, run)

    found = await anna.ask(
        "query($id: ID!) { importRun(id: $id) { columns { heading field groupNumber } } }", id=run
    )
    columns = [tuple(each.values()) for each in found.data["importRun"]["columns"]]
    assert columns[4:] == [
        ("Ort", "CITY", None),
        ("contact_2_email", "CONTACT_EMAIL", 2),
        ("Ansprechpartner", "CONTACT_NAME", 1),
        ("Wer", "CONTACT_NAME", 7),
    ]


async def test_problems_of_parts_name_row_column_and_reason(erp: Erp):
    """The column of the very group, or none where it is missing; the dry run tells the same."""
    anna = await erp.sign_in()
    content = table(
        f"{PARTNER};{CONTACT.format(1)};{CONTACT.format(2)};{ADDRESS.format(1)};{ADDRESS.format(3)}",
        f"{HOF};;a@b.example;;Herr B;kein-mail;;;;;;;;;",
        "70002;B;Weg 1;27318;Hoya;Frau A;;PDF;;;;;;;;;;;",
        "70003;C;Weg 1;27318;Hoya;Frau A;;Taube;Frau A;;;;;;;;;;",
        "70004;D;Weg 1;27318;Hoya;;;;;;;Lager;Weg 2;;;Lager;Weg 3;27318;Hoya",
        "70005;E;Weg 1;27318;Hoya;Herr E;e@b.example;PDF;;;;;;;;;;;",
    )

    rehearsed = await imported(anna, content, dryRun=True)
    real = await imported(anna, content)

    assert (
        problems_of(rehearsed)
        == problems_of(real)
        == [
            (2, "Ansprechpartner 1", "REQUIRED"),
            (2, "Ansprechpartner 2 E-Mail", "EMAIL_MALFORMED"),
            (3, "Ansprechpartner 1 E-Mail", "REQUIRED"),
            (4, "Ansprechpartner 1 Rechnungen", "WORD_UNKNOWN"),
            (4, "Ansprechpartner 2", "STATED_TWICE"),
            (5, "Adresse 1 PLZ", "REQUIRED"),
            (5, "Adresse 1 Ort", "REQUIRED"),
            (5, "Adresse 3 Bezeichnung", "STATED_TWICE"),
        ]
    )
    nodes = real["problems"]["nodes"]
    assert nodes[3]["reasonDe"] == "Das ist keines von E_INVOICE, PDF_MAIL, PRINT, nein."
    assert (real["createdRows"], real["failedRows"]) == (1, 4)


async def test_what_the_domain_refuses_of_a_part_is_told_of_its_column(erp: Erp):
    """The second contact's mail is that of the second contact's column, not the partner's own."""
    anna = await erp.sign_in()

    run = await imported(
        anna,
        table(
            f"{PARTNER};E-Mail;{CONTACT.format(1)};{CONTACT.format(2)}",
            f"{HOF};hof@b.example;Frau A;a@b.example;;Herr B;kein-mail;",
        ),
    )

    assert problems_of(run) == [(2, "Ansprechpartner 2 E-Mail", "EMAIL_MALFORMED")]


async def test_an_update_finds_parts_again_by_label_and_name(erp: Erp):
    """Whatever their number in the table; filled cells change, `nein` takes away, others stay."""
    anna = await erp.sign_in()
    await anna.create_partner(
        "Hof Lindenau",
        number="70001",
        addresses=[
            {"label": "Lager", "street": "Alt 1", "postcode": "27318", "city": "Hoya",
             "isShippingDefault": True},
        ],
        contacts=[
            {"name": "Frau Linde", "phone": "1"},
            {"name": "Herr Baum", "email": "b@b.example",
             "receives": [{"documents": "OFFERS", "channel": "PRINT"},
                          {"documents": "INVOICES", "channel": "PDF_MAIL"}]},
        ],
    )  # fmt: skip
    headings = (
        "Kundennummer;Kontakt 1;Kontakt 1 Rechnungen;Kontakt 2;Kontakt 2 Telefon;"
        f"{ADDRESS.format(1)};Adresse 1 Lieferadresse;Adresse 2 Bezeichnung;Adresse 2 Straße"
    )
    line = "70001;Herr Baum;nein;Frau Neu;77;Halle;Neu 2;27318;Hoya;ja;Lager;Alt 1a"

    first = await imported(anna, table(headings, line), mode="UPDATE_EXISTING")
    again = await imported(anna, table(headings, line), mode="UPDATE_EXISTING")

    assert (first["updatedRows"], problems_of(first)) == (1, [])
    assert (again["unchangedRows"], problems_of(again)) == (1, [])
    found = await parts_of(anna)
    labelled = ("label", "street", "isShippingDefault")
    assert [tuple(each[name] for name in labelled) for each in found["addresses"]] == [
        ("Lager", "Alt 1a", False),
        ("Halle", "Neu 2", True),
    ]
    assert [(each["name"], each["phone"], each["receives"]) for each in found["contacts"]] == [
        ("Frau Linde", "1", []),
        ("Herr Baum", None, [{"documents": "OFFERS", "channel": "PRINT"}]),
        ("Frau Neu", "77", []),
    ]


async def test_an_item_comes_with_units_and_supplier_item_numbers(erp: Erp):
    """Units with their factors, suppliers by partner number with what they call the item."""
    anna = await erp.sign_in()
    await anna.create_partner("Saat AG", number="80001", isSupplier=True)
    await anna.create_partner("Korn KG", number="80002", isSupplier=True)
    headings = (
        f"{ITEM};Einheit 2;Faktor 2;Weitere Einheit 3;Faktor 3;"
        "Lieferant 1;Lieferant 1 Artikelnummer;supplier_2_number;supplier_2_item_name;"
        "supplier_2_lead_days"
    )
    line = "7;A-1;Rasensaat;kg;4,80;Sack;25;Palette;1.000,0;80001;RS-25;80002;Grassamen;14"

    run = await imported(anna, table(headings, line), entity="ITEMS")
    again = await imported(anna, table(headings, line), entity="ITEMS", mode="UPDATE_EXISTING")
    changed = await imported(
        anna,
        table(
            "Artikelnummer;Lieferantennummer;Lieferantenartikelnummer;Einheit 1;Faktor 1",
            "A-1;80002;G-7;Sack;20",
        ),
        entity="ITEMS",
        mode="UPDATE_EXISTING",
    )

    assert [each for each in run["columns"] if each["field"] is None] == []
    assert (run["createdRows"], again["unchangedRows"], changed["updatedRows"]) == (1, 1, 1)
    found = await parts_of(anna, ITEMS)
    assert sorted(found["units"], key=lambda each: each["unit"]) == [
        {"unit": "BAG", "factor": "20"},
        {"unit": "PALLET", "factor": "1000"},
    ]
    suppliers = sorted(found["suppliers"], key=lambda each: each["partner"]["number"])
    assert [tuple(each.values())[1:] for each in suppliers] == [
        ("RS-25", None, None),
        ("G-7", "Grassamen", 14),
    ]


async def test_bad_units_and_unknown_suppliers_are_refused_by_row_and_column(erp: Erp):
    """No factor, one that physics contradicts, a supplier whom nobody knows, years of waiting."""
    anna = await erp.sign_in()
    await anna.create_partner("Saat AG", number="80001", isSupplier=True)
    headings = (
        f"{ITEM};Einheit 2;Faktor 2;Lieferant 1;Lieferant 1 Artikelnummer;Lieferant 1 Lieferzeit"
    )

    run = await imported(
        anna,
        table(
            headings,
            "7;A-1;Weizen;t;210;Sack;;;;",
            "7;A-2;Weizen;t;210;kg;0,002;;;",
            "7;A-3;Weizen;t;210;;;80009;W-1;",
            "7;A-4;Weizen;t;210;;;;W-1;",
            "7;A-5;Weizen;t;210;Sack;-1;80001;W-1;900",
            "7;A-6;Weizen;t;210;;;80001;W-1;9000",
            "7;A-7;Weizen;t;210;;12;;;",
        ),
        entity="ITEMS",
    )

    assert problems_of(run) == [
        (2, "Faktor 2", "REQUIRED"),
        (3, "Einheit 2", "UNIT_FACTOR_FIXED"),
        (4, "Lieferant 1", "PARTNER_NUMBER_UNKNOWN"),
        (5, "Lieferant 1", "REQUIRED"),
        (6, "Faktor 2", "MUST_BE_POSITIVE"),
        (6, "Lieferant 1 Lieferzeit", "LEAD_DAYS_OUT_OF_RANGE"),
        (7, "Lieferant 1 Lieferzeit", "LEAD_DAYS_OUT_OF_RANGE"),
        (8, "Einheit 2", "REQUIRED"),
    ]
    assert run["createdRows"] == 0


async def test_a_supplier_of_another_company_is_unknown(erp: Erp):
    """The same number in another company's books names nobody here."""
    anna = await erp.sign_in()
    stranger = await Erp.found(erp.server, erp.owner, erp.http)
    await (await stranger.sign_in("eve")).create_partner("Saat AG", number="80001")

    run = await imported(
        anna, table(f"{ITEM};Lieferant 1", "7;A-1;Weizen;t;210;80001"), entity="ITEMS"
    )

    assert problems_of(run) == [(2, "Lieferant 1", "PARTNER_NUMBER_UNKNOWN")]


@pytest.mark.parametrize(
    ("field", "number"), [("NAME", 1), ("CONTACT_NAME", 0), ("CONTACT_NAME", 51)]
)
async def test_a_number_where_nothing_is_numbered_is_refused(erp: Erp, field: str, number: int):
    """Only parts are numbered, from 1 to 50; nothing is started."""
    anna = await erp.sign_in()
    columns = [{"column": "Wer", "field": field, "groupNumber": number}]

    async with unchanged(erp):
        refused = await start(anna, table(f"{PARTNER};Wer", HOF), columns=columns)

    assert refused.problem_codes == ["GROUP_NUMBER_WRONG"]
    assert refused.problems[0]["path"] == ["input", "columns", "0", "groupNumber"]
