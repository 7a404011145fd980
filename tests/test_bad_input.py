"""Bad input through the public door: one clear answer each, and the database is as before."""

import json
from typing import Any

import pytest

from domain.documents.kinds import ApprovalMode
from tests.erp import Erp
from tests.refused import ITEM, LINE, PARTNER, problem_of, send, unchanged

INVOICE = "salesInvoice { id version state note }"


# -- What is no GraphQL, or does not fit the schema -----------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"query": "{ __typename }"', id="brace missing"),
        pytest.param(b"query { me { id } }", id="bare GraphQL"),
        pytest.param(b"{'query': '{ __typename }'}", id="single quotes"),
        pytest.param(b'{"query": "{ __typename }", "x": NaN}', id="NaN"),
        pytest.param(b"\xff\xfe\x00{", id="not UTF-8"),
        pytest.param("{“query”: 1}".encode(), id="typographic quotes"),
        pytest.param(b'{"query": "{ __typename } # \\ud800"}', id="half a surrogate pair"),
        pytest.param(b"[" * 100_000, id="100,000 brackets"),
    ],
)
async def test_a_body_that_is_no_json_is_refused_with_400(erp: Erp, body: bytes):
    """The sentence says that it is no JSON and where; nothing ran."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await send(anna, body)

    assert (answer.status, answer.error_codes) == (400, ["BAD_REQUEST"])
    assert answer.body["errors"][0]["message"].startswith("The body is not JSON: ")
    assert answer.body.keys() == {"errors"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ([], "The body must be one JSON object with the key query."),
        ([{"query": "{ __typename }"}], "The body must be one JSON object with the key query."),
        ("{ __typename }", "The body must be one JSON object with the key query."),
        (None, "The body must be one JSON object with the key query."),
        ({}, "The key query must be a string."),
        ({"query": None}, "The key query must be a string."),
        ({"query": ["{ __typename }"]}, "The key query must be a string."),
        ({"query": "{__typename}", "variables": []}, "The key variables must be an object."),
        ({"query": "{__typename}", "variables": "{}"}, "The key variables must be an object."),
        ({"query": "{__typename}", "operationName": 1}, "The key operationName must be a string."),
        ({"query": "{__typename}", "extensions": 1}, "The key extensions must be an object."),
    ],
)
async def test_json_that_is_no_request_is_refused_with_400(erp: Erp, body: Any, sentence: str):
    """The sentence names the key that is wrong; a batch is no request either."""
    anna = await erp.sign_in()

    answer = await send(anna, json.dumps(body))

    assert (answer.status, answer.error_codes) == (400, ["BAD_REQUEST"])
    assert [error["message"] for error in answer.body["errors"]] == [sentence]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Syntax Error: Unexpected <EOF>."),
        ("{", "Syntax Error: Expected Name, found <EOF>."),
        ("{ me { id } ", "Syntax Error: Expected Name, found <EOF>."),
        ("{ me { id } }}", "Syntax Error: Unexpected '}'."),
        ("select * from document", "Syntax Error: Unexpected Name 'select'."),
        ("{ me(\0) { id } }", "Syntax Error: Unexpected character: U+0000."),
        ("{ me { passwords } }", "Cannot query field 'passwords' on type 'Me'."),
        ("{ secrets }", "Cannot query field 'secrets' on type 'Query'."),
        ("mutation { drop }", "Cannot query field 'drop' on type 'Mutation'."),
        ("{ me { id(x: 1) } }", "Unknown argument 'x' on field 'Me.id'."),
        ("{ me }", "Field 'me' of type 'Me!' must have a selection of subfields."),
        (
            "{ document { id } }",
            "Argument 'Query.document(id:)' of type 'ID!' is required, but it was not provided.",
        ),
        ("{ me { ...all } }", "Unknown fragment 'all'."),
        ("{ me { id @sudo } }", "Unknown directive '@sudo'."),
        ("query($a: Wish) { node(id: $a) { id } }", "Unknown type 'Wish'."),
    ],
)
async def test_a_document_that_does_not_fit_the_schema_is_refused_with_400(
    erp: Erp, query: str, sentence: str
):
    """The first sentence names what is wrong; there is no data."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await anna.ask(query)

    assert answer.status == 400
    assert answer.body.keys() == {"errors"}
    assert set(answer.error_codes) == {"BAD_REQUEST"}
    assert answer.body["errors"][0]["message"].startswith(sentence)


WRONG_SCALARS = [
    ("ID!", True, "ID cannot represent value: True"),
    ("ID!", None, "Expected value of non-null type 'ID!' not to be None."),
    ("Int", "1", "Int cannot represent non-integer value: "),
    ("Int", 1.5, "Int cannot represent non-integer value: "),
    ("Int", True, "Int cannot represent non-integer value: "),
    ("Int", 2**31, "Int cannot represent non 32-bit signed integer value: "),
    ("String", 1, "String cannot represent a non string value: "),
    ("String", ["x"], "String cannot represent a non string value: "),
    ("Decimal", 0.1, 'A Decimal is written as a string such as "12.50".'),
    ("Decimal", True, 'A Decimal is written as a string such as "12.50".'),
    ("Decimal", "12,50", "'12,50' is not a Decimal such as \"12.50\"."),
    ("Decimal", "zwölf", "'zwölf' is not a Decimal such as \"12.50\"."),
    ("Decimal", "", "'' is not a Decimal such as \"12.50\"."),
    ("Decimal", "1_000", "'1_000' is not a Decimal such as \"12.50\"."),
    ("Decimal", " 1", "' 1' is not a Decimal such as \"12.50\"."),
    ("Decimal", "\u0661\u0662", "'\u0661\u0662' is not a Decimal such as \"12.50\"."),
    ("Decimal", "9" * 41, "A Decimal has at most 40 characters."),
    ("Decimal", "1E+999999", "'1E+999999' is not a Decimal such as \"12.50\"."),
    ("Decimal", "sNaN", "'sNaN' is not a Decimal such as \"12.50\"."),
    ("Date", "2026-02-30", "'2026-02-30' is not a date such as \"2026-11-23\"."),
    ("Date", "23.11.2026", "'23.11.2026' is not a date such as \"2026-11-23\"."),
    ("Date", "2026-11-23T00:00:00Z", "'2026-11-23T00:00:00Z' is not a date such as"),
    ("Date", "-0001-01-01", "'-0001-01-01' is not a date such as \"2026-11-23\"."),
    ("Date", "12026-01-01", "'12026-01-01' is not a date such as \"2026-11-23\"."),
    ("Date", 20261123, '20261123 is not a date such as "2026-11-23".'),
]
PLACES = {
    "ID!": ("document(id: %s)", "{ id }"),
    "Int": ("documents(first: %s)", "{ totalCount }"),
    "String": ("documents(filter: {number: %s})", "{ totalCount }"),
    "Decimal": ("documents(filter: {gross: {min: %s}})", "{ totalCount }"),
    "Date": ("documents(filter: {issueDate: {from: %s}})", "{ totalCount }"),
}


@pytest.mark.parametrize(("type", "value", "sentence"), WRONG_SCALARS)
async def test_a_wrong_scalar_is_refused_before_anything_runs(
    erp: Erp, type: str, value: Any, sentence: str
):
    """In a variable the sentence names it; written in the text it is refused in the same way."""
    anna = await erp.sign_in()
    field, shown = PLACES[type]

    in_variable = await send(
        anna,
        json.dumps(
            {
                "query": f"query($x: {type}) {{ {field % '$x'} {shown} }}",
                "variables": {"x": value},
            },
            ensure_ascii=False,
        ),
    )
    written = json.dumps(value, ensure_ascii=False)
    in_text = await anna.ask(f"{{ {field % written} {shown} }}")

    assert (in_variable.status, in_variable.error_codes) == (400, ["BAD_REQUEST"])
    message = in_variable.body["errors"][0]["message"]
    assert message.startswith("Variable '$x' ")
    assert sentence in message
    if type != "ID!" or value is not None:
        assert (in_text.status, in_text.body.keys()) == (400, {"errors"})
        assert set(in_text.error_codes) == {"BAD_REQUEST"}


async def test_an_unknown_enum_value_or_field_of_an_input_is_refused_with_its_place(erp: Erp):
    """A category, unit or field that the schema does not have never reaches the domain."""
    anna = await erp.sign_in()
    input = await anna.invoice_input()
    shown = "salesInvoice { id }"

    async with unchanged(erp):
        category = await anna.do(
            "createSalesInvoice", shown, **{**input, "lines": [{**LINE, "taxCategory": "X"}]}
        )
        unit = await anna.do(
            "createSalesInvoice", shown, **{**input, "lines": [{**LINE, "unit": "BUSHEL"}]}
        )
        field = await anna.do("createSalesInvoice", shown, **input, rebate="10")
        missing = await anna.do("createSalesInvoice", shown, soldTo=input["soldTo"])

    answers = (category, unit, field, missing)
    assert {(answer.status, *answer.error_codes) for answer in answers} == {(400, "BAD_REQUEST")}
    wrong = "Variable '$input' has invalid value"
    found = [answer.body["errors"][0]["message"] for answer in answers]
    for message, start in zip(
        found,
        [
            f"{wrong} at .lines[0].taxCategory: Value 'X' does not exist in 'TaxCategory' enum.",
            f"{wrong} at .lines[0].unit: Value 'BUSHEL' does not exist in 'Unit' enum.",
            f"{wrong}: Expected value of type 'CreateSalesInvoiceInput' not to include unknown"
            " field 'rebate', found: ",
            f"{wrong}: Expected value of type 'CreateSalesInvoiceInput' to include required field"
            " 'lines', found: ",
        ],
        strict=True,
    ):
        assert message.startswith(start)


# -- The content of an invoice --------------------------------------------------------------------

BIG = "999999999999"
SUM_LIMIT = "This number is too large; below 10000000000000 is possible."
NUMBER_LIMIT = "This number is too large; below 1000000000000 is possible."
DATES = "This date must lie between 2000-01-01 and "
NOT_FINITE = "This must be a finite number such as 12.50."
DECIMALS = "This number may have 6 decimals at the most."
UNPRINTABLE = "This text holds control characters that cannot be kept or printed. Remove them."
EMPTY = "This must not be empty."
NO_RATE = "is no rate of category"

LINE_FAULTS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"quantity": "0"}, "MUST_NOT_BE_ZERO", "quantity", "This must not be zero."),
    ({"quantity": "-0.000"}, "MUST_NOT_BE_ZERO", "quantity", "This must not be zero."),
    ({"quantity": "NaN"}, "NOT_A_NUMBER", "quantity", NOT_FINITE),
    ({"quantity": "-Infinity"}, "NOT_A_NUMBER", "quantity", NOT_FINITE),
    ({"unitPrice": "Infinity"}, "NOT_A_NUMBER", "unitPrice", NOT_FINITE),
    ({"priceQuantity": "NaN"}, "NOT_A_NUMBER", "priceQuantity", NOT_FINITE),
    ({"quantity": "0.0000001"}, "TOO_PRECISE", "quantity", DECIMALS),
    ({"unitPrice": "25.0000001"}, "TOO_PRECISE", "unitPrice", DECIMALS),
    ({"priceQuantity": "1.0000001"}, "TOO_PRECISE", "priceQuantity", DECIMALS),
    ({"quantity": "1000000000000"}, "TOO_LARGE", "quantity", NUMBER_LIMIT),
    ({"quantity": "-1000000000000"}, "TOO_LARGE", "quantity", NUMBER_LIMIT),
    ({"unitPrice": "9" * 40}, "TOO_LARGE", "unitPrice", NUMBER_LIMIT),
    ({"priceQuantity": "1E+30"}, "TOO_LARGE", "priceQuantity", NUMBER_LIMIT),
    ({"quantity": "999999999999", "unitPrice": "11"}, "TOO_LARGE", "", SUM_LIMIT),
    (
        {"unitPrice": "-0.01"},
        "MUST_NOT_BE_NEGATIVE",
        "unitPrice",
        "A price must not be negative. To take goods back, write a negative quantity.",
    ),
    ({"priceQuantity": "0"}, "MUST_BE_POSITIVE", "priceQuantity", "This must be greater than"),
    ({"priceQuantity": "-100"}, "MUST_BE_POSITIVE", "priceQuantity", "This must be greater than"),
    (
        {"taxRate": "18"},
        "TAX_RATE_UNKNOWN",
        "taxRate",
        "18 % is no rate of category S on 2026-11-18; possible: 5.5, 7, 7.8, 19.",
    ),
    ({"taxRate": "-19"}, "TAX_RATE_UNKNOWN", "taxRate", "-19 % " + NO_RATE),
    ({"taxRate": "19.0000001"}, "TAX_RATE_UNKNOWN", "taxRate", "19.0000001 % " + NO_RATE),
    ({"taxRate": "NaN"}, "TAX_RATE_UNKNOWN", "taxRate", "NaN % " + NO_RATE),
    ({"taxCategory": "Z", "taxRate": "19"}, "TAX_RATE_UNKNOWN", "taxRate", "19 % " + NO_RATE),
    (
        {"taxCategory": "O", "taxRate": "0"},
        "TAX_RATE_UNKNOWN",
        "taxRate",
        "0 % is no rate of category O on 2026-11-18; possible: -.",
    ),
    ({"taxRate": None}, "REQUIRED", "taxRate", EMPTY),
    ({"taxCategory": None}, "REQUIRED", "taxCategory", EMPTY),
    ({"unit": None}, "REQUIRED", "unit", EMPTY),
    ({"unitPrice": None}, "REQUIRED", "unitPrice", EMPTY),
    ({"description": None}, "REQUIRED", "description", EMPTY),
    ({"description": " \n\t "}, "REQUIRED", "description", EMPTY),
    (
        {"taxCategory": "E", "taxRate": "0"},
        "EXEMPTION_REASON_MISSING",
        "exemptionReason",
        "Category E shows no tax, so the invoice must say why (section 14 (4) no. 8 UStG).",
    ),
    (
        {"taxCategory": "E", "taxRate": "0", "exemptionReason": "  "},
        "EXEMPTION_REASON_MISSING",
        "exemptionReason",
        "Category E shows no tax, so the invoice must say why (section 14 (4) no. 8 UStG).",
    ),
    ({"description": "a\u0000b"}, "UNPRINTABLE_TEXT", "description", UNPRINTABLE),
    ({"description": "a\u001b[2Jb"}, "UNPRINTABLE_TEXT", "description", UNPRINTABLE),
    ({"description": "a\u202eb"}, "UNPRINTABLE_TEXT", "description", UNPRINTABLE),
    (
        {"description": "x" * 501},
        "TOO_LONG",
        "description",
        "This text may be 500 characters long at the most.",
    ),
]

HEAD_FAULTS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"lines": []}, "LINES_MISSING", "lines", "A document needs at least one line."),
    (
        {"lines": [LINE] * 1001},
        "TOO_MANY_LINES",
        "lines",
        "A document may have 1000 lines at the most.",
    ),
    (
        {"lines": [{**LINE, "quantity": "-4"}]},
        "NEGATIVE_TOTAL",
        "lines",
        "An invoice must not total below zero. Write a credit note instead.",
    ),
    (
        {"lines": [LINE, {**LINE, "taxCategory": "O", "taxRate": None}]},
        "TAX_CATEGORIES_MIXED",
        "lines",
        "Category O cannot stand beside another category in one invoice (EN 16931 BR-O-11).",
    ),
    ({"issueDate": "1999-12-31"}, "DATE_OUT_OF_RANGE", "issueDate", DATES),
    ({"issueDate": "0001-01-01"}, "DATE_OUT_OF_RANGE", "issueDate", DATES),
    ({"issueDate": "9999-12-31"}, "DATE_OUT_OF_RANGE", "issueDate", DATES),
    ({"supplyDate": "1999-12-31"}, "DATE_OUT_OF_RANGE", "supplyDate", DATES),
    ({"supplyUntil": "9999-12-31"}, "DATE_OUT_OF_RANGE", "supplyUntil", DATES),
    (
        {"supplyUntil": "2026-11-17"},
        "SUPPLY_PERIOD_REVERSED",
        "supplyUntil",
        "The period of supply ends before it starts.",
    ),
    ({"supplyDate": None, "supplyUntil": "2026-11-18"}, "REQUIRED", "supplyDate", EMPTY),
    (
        {"paymentDays": -1},
        "PAYMENT_DAYS_OUT_OF_RANGE",
        "paymentDays",
        "Payment terms are 0 to 365 days.",
    ),
    (
        {"paymentDays": 2**31 - 1},
        "PAYMENT_DAYS_OUT_OF_RANGE",
        "paymentDays",
        "Payment terms are 0 to 365 days.",
    ),
    ({"note": "a\u0000"}, "UNPRINTABLE_TEXT", "note", UNPRINTABLE),
    ({"note": "x" * 2001}, "TOO_LONG", "note", "This text may be 2000 characters long"),
    (
        {"customerReference": "x" * 101},
        "TOO_LONG",
        "customerReference",
        "This text may be 100 characters long at the most.",
    ),
    (
        {"lines": [LINE, LINE, {**LINE, "quantity": "0"}]},
        "MUST_NOT_BE_ZERO",
        "lines.2.quantity",
        "This must not be zero.",
    ),
]

FAULTS = [
    pytest.param(
        {"lines": [{**LINE, **change}]},
        code,
        f"input.lines.0.{place}".rstrip("."),
        sentence,
        id=f"{code}-{'-'.join(change)}-{n}",
    )
    for n, (change, code, place, sentence) in enumerate(LINE_FAULTS)
] + [
    pytest.param(change, code, f"input.{place}", sentence, id=f"{code}-{'-'.join(change)}-{n}")
    for n, (change, code, place, sentence) in enumerate(HEAD_FAULTS)
]
OVERFLOWS = [
    pytest.param(
        {"lines": [{**LINE, "quantity": BIG, "unitPrice": BIG, "priceQuantity": "0.000001"}]},
        "TOO_LARGE",
        "input.lines.0",
        SUM_LIMIT,
    ),
    pytest.param(
        {"lines": [{**LINE, "quantity": BIG, "unitPrice": "10"}] * 1000},
        "TOO_LARGE",
        "input.lines",
        "This number is too large; below ",
    ),
]


@pytest.mark.parametrize(("change", "code", "place", "sentence"), [*FAULTS, *OVERFLOWS])
async def test_a_wrong_invoice_is_neither_made_nor_taken_over(
    erp: Erp, change: dict[str, Any], code: str, place: str, sentence: str
):
    """Create and update answer with the same problem at the same place; the draft stays."""
    anna = await erp.sign_in()
    draft = await anna.create_invoice()
    wrong = {**await anna.invoice_input(), **change}
    shown = "salesInvoice { id }"

    async with unchanged(erp):
        made = await anna.do("createSalesInvoice", shown, **wrong)
        updated = await anna.do(
            "updateSalesInvoice", shown, id=draft["id"], expectedVersion=draft["version"], **wrong
        )

    assert problem_of(made) == problem_of(updated)
    found = problem_of(made)
    assert found[:2] == (code, place)
    assert found[2].startswith(sentence)


async def test_the_latest_date_is_a_year_and_a_day_ahead(erp: Erp):
    """366 days from the company's today are taken, one more is not; the sentence names the day."""
    anna = await erp.sign_in()
    shown = "salesInvoice { issueDate }"
    far = await anna.do(
        "createSalesInvoice", shown, **await anna.invoice_input(issueDate="2200-01-01")
    )
    latest = problem_of(far)[2].removeprefix(DATES).removesuffix(".")

    taken = await anna.do("createSalesInvoice", shown, **await anna.invoice_input(issueDate=latest))

    assert taken.made == {"issueDate": latest}


@pytest.mark.parametrize(
    ("day", "rate", "possible"),
    [
        ("2020-06-30", "19", True),
        ("2020-07-01", "16", True),
        ("2020-07-01", "19", False),
        ("2020-12-31", "5", True),
        ("2020-12-31", "7", False),
        ("2021-01-01", "19", True),
        ("2021-01-01", "16", False),
        ("2024-12-05", "9", True),
        ("2024-12-06", "8.4", True),
        ("2024-12-31", "7.8", False),
        ("2025-01-01", "7.8", True),
    ],
)
async def test_the_day_of_supply_decides_which_rates_there_are(
    erp: Erp, day: str, rate: str, possible: bool
):
    """16 % is right in the second half of 2020 and 19 % is not, whenever the invoice is written."""
    anna = await erp.sign_in()
    input = await anna.invoice_input(supplyDate=day, lines=[{**LINE, "taxRate": rate}])

    answer = await anna.do("createSalesInvoice", "salesInvoice { lines { taxRate } }", **input)

    if possible:
        assert answer.made == {"lines": [{"taxRate": rate}]}
    else:
        code, place, sentence = problem_of(answer)
        assert (code, place) == ("TAX_RATE_UNKNOWN", "input.lines.0.taxRate")
        assert sentence.startswith(f"{rate} % is no rate of category S on {day}; possible: ")


@pytest.mark.parametrize("category", ["AE", "K"])
async def test_reverse_charge_is_not_submitted_without_the_customers_vat_id(
    erp: Erp, category: str
):
    """A draft may wait for the VAT id; once it is approved, nobody could add it any more."""
    olga = await erp.sign_in("olga", roles=("operator",))
    invoice = await olga.create_invoice(lines=[{**LINE, "taxCategory": category, "taxRate": "0"}])

    async with unchanged(erp):
        answer = await olga.submit(invoice)

    assert problem_of(answer) == (
        "TAX_ID_MISSING",
        "input.id",
        f"Category {category} needs the VAT id of BILL_TO (section 14a UStG).",
    )


@pytest.mark.parametrize(
    ("approval", "verb"), [(ApprovalMode.ALWAYS, "submit"), (ApprovalMode.NONE, "post")]
)
async def test_an_invoice_without_a_day_of_supply_stays_a_draft(
    erp: Erp, approval: ApprovalMode, verb: str
):
    """Section 14 (4) no. 6 UStG: the date of supply stands on every invoice."""
    company = await Erp.found(erp.server, erp.owner, erp.http, approval)
    anna = await company.sign_in()
    invoice = await anna.create_invoice(supplyDate=None)

    async with unchanged(company):
        answer = await getattr(anna, verb)(invoice)

    assert problem_of(answer) == (
        "SUPPLY_DATE_MISSING",
        "input.id",
        "The date of supply is missing; an invoice must name it (section 14 (4) no. 6 UStG).",
    )


async def test_a_company_without_any_tax_number_posts_nothing(erp: Erp):
    """Section 14 (4) no. 2 UStG: one of them stands on every invoice."""
    anna = await erp.sign_in()
    invoice = await anna.create_invoice()
    await erp.owner.execute(
        "update tenant set vat_id = null, tax_number = null where tenant_id = $1", erp.tenant
    )

    answer = await anna.submit(invoice)

    assert answer.problem_codes == ["SELLER_TAX_NUMBER_MISSING"]


# -- Partners and items ---------------------------------------------------------------------------

PARTNER_FAULTS = [
    ({"name": " "}, "REQUIRED", "name"),
    ({"name": "x" * 201}, "TOO_LONG", "name"),
    ({"street": ""}, "REQUIRED", "street"),
    ({"postcode": "1" * 21}, "TOO_LONG", "postcode"),
    ({"postcode": "1067"}, "POSTCODE_MALFORMED", "postcode"),
    ({"city": "Ho\u0007ya"}, "UNPRINTABLE_TEXT", "city"),
    ({"country": "de"}, "COUNTRY_UNKNOWN", "country"),
    ({"country": "D1"}, "COUNTRY_UNKNOWN", "country"),
    ({"country": "DEU"}, "TOO_LONG", "country"),
    ({"vatId": "136695976"}, "VAT_ID_MALFORMED", "vatId"),
    ({"vatId": "DE 136695976"}, "VAT_ID_MALFORMED", "vatId"),
    ({"vatId": "DE" + "1" * 19}, "TOO_LONG", "vatId"),
    ({"taxNumber": "1" * 31}, "TOO_LONG", "taxNumber"),
    ({"email": "x" * 255}, "TOO_LONG", "email"),
    ({"vatId": "DE123456789"}, "VAT_ID_CHECK_DIGIT_WRONG", "vatId"),
    ({"country": "XX"}, "COUNTRY_UNKNOWN", "country"),
    ({"email": "a@b.example, c@d.example"}, "EMAIL_MALFORMED", "email"),
    ({"accounts": [{"iban": "D" * 35}]}, "TOO_LONG", "accounts.0.iban"),
    ({"paymentDays": 366}, "PAYMENT_DAYS_OUT_OF_RANGE", "paymentDays"),
]
ITEM_FAULTS = [
    ({"number": ""}, "REQUIRED", "number"),
    ({"number": "x" * 31}, "TOO_LONG", "number"),
    ({"name": "a\u0000"}, "UNPRINTABLE_TEXT", "name"),
    ({"name": "x" * 201}, "TOO_LONG", "name"),
    ({"unitPrice": "-1"}, "MUST_NOT_BE_NEGATIVE", "unitPrice"),
    ({"unitPrice": "NaN"}, "NOT_A_NUMBER", "unitPrice"),
    ({"unitPrice": "0.0000001"}, "TOO_PRECISE", "unitPrice"),
    ({"unitPrice": "1000000000000"}, "TOO_LARGE", "unitPrice"),
    ({"priceQuantity": "0"}, "MUST_BE_POSITIVE", "priceQuantity"),
    ({"taxRate": "16"}, "TAX_RATE_UNKNOWN", "taxRate"),
    ({"taxRate": None}, "REQUIRED", "taxRate"),
]


@pytest.mark.parametrize(("change", "code", "place"), PARTNER_FAULTS)
async def test_a_wrong_partner_is_neither_made_nor_taken_over(
    erp: Erp, change: dict[str, Any], code: str, place: str
):
    """Create and update answer with the same problem at the same place; the partner stays."""
    anna = await erp.sign_in()
    id = await anna.create_partner()
    wrong = {**PARTNER, **change}

    async with unchanged(erp):
        made = await anna.do("createPartner", "partner { id }", **wrong)
        updated = await anna.do(
            "updatePartner", "partner { id }", id=id, expectedVersion=1, **wrong
        )

    assert problem_of(made)[:2] == problem_of(updated)[:2] == (code, f"input.{place}")


@pytest.mark.parametrize(("change", "code", "place"), ITEM_FAULTS)
async def test_a_wrong_item_is_not_made(erp: Erp, change: dict[str, Any], code: str, place: str):
    """The problem names the field."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await anna.do("createItem", "item { id }", **{**ITEM, **change})

    assert problem_of(answer)[:2] == (code, f"input.{place}")


async def test_an_item_number_is_taken_once(erp: Erp):
    """The second item of a number is DUPLICATE_ITEM, in this company only."""
    anna = await erp.sign_in()
    other = await Erp.found(erp.server, erp.owner, erp.http)
    await anna.do("createItem", "item { id }", **ITEM)

    async with unchanged(erp):
        answer = await anna.do("createItem", "item { id }", **ITEM)
    elsewhere = await (await other.sign_in()).do("createItem", "item { number }", **ITEM)

    assert problem_of(answer) == (
        "DUPLICATE_ITEM",
        "input.number",
        "There is already an item with the number A-1.",
    )
    assert elsewhere.made == {"number": "A-1"}


# -- Text that no database keeps ------------------------------------------------------------------


SEARCHES = {
    "number": "query($x: String!) { documents(filter: {number: $x}) { totalCount } }",
    "after": "query($x: Cursor!) { documents(after: $x) { totalCount } }",
    "before": "query($x: Cursor!) { partners(before: $x) { totalCount } }",
    "partner": "query($x: ID!) { documents(filter: {partner: $x}) { totalCount } }",
    "node": "query($x: ID!) { node(id: $x) { id } }",
    "document": "query($x: ID!) { document(id: $x) { id } }",
}


@pytest.mark.parametrize(
    ("search", "text"),
    [
        pytest.param(search, text, id=f"{search}-{len(text)}")
        for search in SEARCHES
        for text in ("\0", "a\0b", "x" * 100_000)
    ],
)
async def test_text_that_cannot_be_kept_finds_nothing_and_breaks_nothing(
    erp: Erp, search: str, text: str
):
    """A search for such a text is answered, whatever with, but never with INTERNAL."""
    anna = await erp.sign_in()

    answer = await anna.ask(SEARCHES[search], x=text)

    assert set(answer.error_codes) <= {"NOT_FOUND", "CURSOR_INVALID"}


@pytest.mark.parametrize("text", ["\\ud800", "\\udfff", "\\ud800\\ud800", "\\udc00\\ud800"])
async def test_half_a_surrogate_pair_is_no_text(erp: Erp, text: str):
    """In a variable it is no JSON, in the text no GraphQL; a whole pair is one character."""
    anna = await erp.sign_in()
    query = "query($x: String) { documents(filter: {number: $x}) { totalCount } }"
    body = json.dumps({"query": query, "variables": {"x": "?"}})

    in_variable = await send(anna, body.replace("?", text))
    in_text = await anna.ask(f'{{ documents(filter: {{number: "{text}"}}) {{ totalCount }} }}')
    whole = await send(anna, body.replace("?", "\\ud83c\\udf3e"))

    assert (in_variable.status, in_variable.error_codes) == (400, ["BAD_REQUEST"])
    assert (in_text.status, in_text.error_codes) == (400, ["BAD_REQUEST"])
    assert whole.data == {"documents": {"totalCount": 0}}


async def test_ordinary_text_of_every_script_is_kept_as_it_is(erp: Erp):
    """Umlauts, accents, Chinese, emoji, tabs and lines are no control characters."""
    anna = await erp.sign_in()
    note = "Größe 10 m · Łódź · 麦 · 🌾\nzweite Zeile\tTab"

    invoice = await anna.do(
        "createSalesInvoice", "salesInvoice { note }", **await anna.invoice_input(note=note)
    )

    assert invoice.made == {"note": note}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("erste Zeile\r\nzweite Zeile", id="line end of Windows and HTML forms"),
        pytest.param("10\u00a0t", id="no-break space"),
        pytest.param("Getreide\u00adsilo", id="soft hyphen"),
        pytest.param("👨\u200d🌾", id="joined emoji"),
    ],
)
async def test_what_forms_and_word_processors_write_is_no_control_character(erp: Erp, text: str):
    """Nobody sees these characters, so nobody could remove them; they are kept or tidied."""
    anna = await erp.sign_in()

    invoice = await anna.do(
        "createSalesInvoice", "salesInvoice { note }", **await anna.invoice_input(note=text)
    )

    assert invoice.made["note"].splitlines() == text.splitlines()


# -- Languages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Dieser Wert darf nicht null sein."),
        ("de-DE,de;q=0.9,en;q=0.8", "Dieser Wert darf nicht null sein."),
        ("en,de;q=0.5", "This must not be zero."),
        ("en;q=0.5,de", "Dieser Wert darf nicht null sein."),
        ("fr", "This must not be zero."),
        ("", "This must not be zero."),
        (";;;q=," * 50, "This must not be zero."),
    ],
)
async def test_a_problem_speaks_the_language_of_the_caller(erp: Erp, language: str, sentence: str):
    """German where Accept-Language prefers it to English, else English; code and path stay."""
    anna = await erp.sign_in()
    input = await anna.invoice_input(lines=[{**LINE, "quantity": "0"}])

    answer = await anna.do("createSalesInvoice", INVOICE, language, **input)

    assert problem_of(answer) == ("MUST_NOT_BE_ZERO", "input.lines.0.quantity", sentence)


async def test_german_sentences_hold_their_facts(erp: Erp):
    """The facts stand in the sentence as they do in English."""
    anna = await erp.sign_in()
    input = await anna.invoice_input(lines=[{**LINE, "taxRate": "18"}])

    answer = await anna.do("createSalesInvoice", INVOICE, "de", **input)

    assert problem_of(answer)[2] == (
        "18 % ist am 2026-11-18 kein Steuersatz der Kategorie S; möglich: 5.5, 7, 7.8, 19."
    )
