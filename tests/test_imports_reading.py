"""Reading tables: what is found out about a file, and files that no reader should trust."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.imports import ImportEntity, ImportErrorPolicy, ImportField, ImportMode
from domain.imports.cells import NumberFormat, as_count, as_day, as_flag, as_number, as_text
from domain.imports.columns import HEADINGS, assigned
from domain.imports.fields import Target, heading_key
from domain.imports.groups import GROUPS, group_target
from domain.imports.run import ImportWish
from domain.money import NotANumber
from domain.problems import Problem
from persistence.imports.csv_files import csv_rows, written
from persistence.imports.reading import Table, read_table, rejected_rows
from persistence.imports.workbooks import workbook_rows
from tests.importing import PARTNER_HEADINGS, table, texts, workbook

WISH = ImportWish(
    entity=ImportEntity.PARTNERS,
    mode=ImportMode.CREATE_ONLY,
    error_policy=ImportErrorPolicy.SKIP_FAILED,
    is_dry_run=False,
    allows_duplicates=False,
    number_format=NumberFormat.AUTO,
    mapping={},
)
NAMES = ["Name", "Straße", "PLZ", "Ort"]


def cells_of(content: bytes) -> list[list[str]]:
    """Return the rows of a CSV file without their numbers."""
    return [cells for _, cells in csv_rows(content)]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separator_encoding_and_quotes_are_found_out(separator: str, encoding: str):
    """Whatever the program was that wrote the file."""
    lines = [("Name", "Straße", "Ort"), ('"Müller; Söhne, ""Mühle"""', "Weg 1", "Köln\t|")]
    quoted = [lines[0], (lines[1][0], lines[1][1], '"Köln\t|"')]
    text = "\r\n".join(separator.join(cells) for cells in quoted)

    assert cells_of(text.encode(encoding)) == [
        ["Name", "Straße", "Ort"],
        ['Müller; Söhne, "Mühle"', "Weg 1", "Köln\t|"],
    ]


def test_the_line_of_a_spreadsheet_about_its_separator_is_believed():
    """`sep=;` is Excel's; rows are counted as it shows them."""
    assert list(csv_rows(b"sep=;\r\na;b\r\n1,5;2")) == [(2, ["a", "b"]), (3, ["1,5", "2"])]


def test_a_text_of_several_lines_is_one_cell():
    """Rows are counted as a spreadsheet counts them, not as lines of the file."""
    assert list(csv_rows(b'a;b\n"x\ny";2\n3;4\n')) == [
        (1, ["a", "b"]),
        (2, ["x\ny", "2"]),
        (3, ["3", "4"]),
    ]


@given(st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=20))
@settings(max_examples=300, deadline=None)
def test_what_we_write_as_csv_no_spreadsheet_computes_and_we_read_again(cell: str):
    """No written cell begins like a formula, and reading takes the mark before it away."""
    content = written([["a", "b", "c"], ["1", cell, "2"], ["3", "4", "5"]])

    [_, [_, kept, _], _] = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert not kept.startswith(("=", "+", "-", "@", "\t", "\r"))
    unmarked = cell[1:] if cell[:1] == "'" and cell[1:2] in [*"=+-@\t"] else cell
    assert cells_of(content)[1] == ["1", unmarked, "2"]


NUMBERS = [
    ("1.234,56", "1234.56"),
    ("1.234.567", "1234567"),
    ("1234,5", "1234.5"),
    ("1234.5", "1234.5"),
    ("-5", "-5"),
    ("−5,5", "-5.5"),
    ("0.125", "0.125"),
    ("1234.567", "1234.567"),
    ("19 %", "19"),
    ("12,50 €", "12.50"),
    ("1 234,50 EUR", "1234.50"),
]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_a_number_is_read_in_german_or_iso_form(text: str, number: str):
    """With blanks, signs, percent and euro."""
    assert as_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["", "1,2,3", "1.23,4.5", "12a", "=1+1", "1'000", "NaN", "1e5", "١", "9" * 41, "1,234.5"],
)
def test_what_is_no_number_in_either_form_is_refused(text: str):
    """Nothing is guessed or computed."""
    with pytest.raises(NotANumber):
        as_number(text)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    )
)
def test_every_number_is_read_as_it_was_written_in_german(number: Decimal):
    """Thousands and decimals, told by the form."""
    german = f"{number:,f}".translate(str.maketrans(",.", ".,"))

    assert as_number(german, NumberFormat.GERMAN) == number
    assert as_number(f"{number:f}", NumberFormat.ISO) == number


@pytest.mark.parametrize(
    "text", ["31.2.2026", "1.1.26", "11/23/2026", "2026-13-01", "heute", "0.0.0000"]
)
def test_what_is_no_day_is_refused(text: str):
    """Two digits of a year and American days are not guessed at."""
    with pytest.raises(Problem) as caught:
        as_day(text)
    assert caught.value.code == "DAY_NOT_READABLE"


def test_cells_of_a_workbook_need_no_reading():
    """Numbers and days are certain there."""
    assert as_day(date(2026, 11, 23)) == date(2026, 11, 23)
    assert (as_number(Decimal("1.234")), as_count(Decimal("14.0"))) == (Decimal("1.234"), 14)
    assert (as_text(Decimal("4006381333931.0")), as_text(date(2026, 1, 2))) == (
        "4006381333931",
        "2026-01-02",
    )
    assert as_flag("TRUE") is True


@pytest.mark.parametrize("entity", ImportEntity)
def test_no_heading_means_two_fields(entity: ImportEntity):
    """And each is recognised however it is written."""
    known = [heading_key(name) for names in HEADINGS[entity].values() for name in names]
    assert len(known) == len({*known}) or entity is ImportEntity.PARTNERS
    for field, names in HEADINGS[entity].items():
        for name in names:
            assert assigned([f" {name.upper()} "], entity, {}) == [Target(field)]


@pytest.mark.parametrize("entity", ImportEntity)
def test_a_heading_of_a_group_means_one_field_of_the_part_whose_number_it_has(
    entity: ImportEntity,
):
    """The number may stand between the words or behind them; from 1 to 50."""
    own = {heading_key(name) for names in HEADINGS[entity].values() for name in names}
    seen: dict[str, ImportField] = {}
    for group in GROUPS[entity]:
        for field, names in group.headings.items():
            for name in names:
                first, _, rest = name.partition(" ")
                numbered = [f"{first} 50 {rest}", f"{name} 50"]
                assert assigned([numbered[0]], entity, {}) == [Target(field, 50)]
                assert assigned([numbered[1]], entity, {}) == [Target(field, 50)]
                assert seen.setdefault(heading_key(name), field) is field
                if heading_key(name) not in own:
                    assert assigned([name], entity, {}) == [Target(field, 1)]
    assert [group_target(f"Kontakt {n}", ImportEntity.PARTNERS) for n in (0, 51, 100)] == [None] * 3


def test_a_workbook_gives_texts_numbers_days_and_formulas_as_text():
    """Shared and own texts, runs, both forms of days, booleans, gaps, hidden sheets passed over."""
    row = (
        '<row r="4"><c r="A4" t="s"><v>1</v></c><c r="B4"><v>0.1</v></c><c r="D4" s="2"><v>46349.5'
        '</v></c><c r="E4" t="b"><v>1</v></c><c r="F4"><f>A1*2</f><v>7</v></c>'
        '<c r="G4" t="d"><v>2026-11-23T00:00:00</v></c><c r="H4" t="e"><v>#REF!</v></c>'
        '<c r="I4"><v>12.300000000000001</v></c></row>'
    )

    assert list(workbook_rows(workbook([texts("a", "b"), row]))) == [
        (1, ["a", "b"]),
        (
            4,
            [
                "Saatgut",
                Decimal("0.1"),
                "",
                date(2026, 11, 23),
                "TRUE",
                "=A1*2",
                date(2026, 11, 23),
                "#REF!",
                Decimal("12.3"),
            ],
        ),
    ]


_DTD = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "yyyyyyyyyy">]>'
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _huge() -> bytes:
    return b"<worksheet>" + (b"<x>" + b" " * 9_000_000 + b"</x>") * 30


def _repacked(content: bytes, *, cut: int = 0, flag: int = 0) -> bytes:
    spoilt = bytearray(content)
    if flag:  # says that every part is encrypted
        place = spoilt.find(b"PK\x01\x02")
        while place >= 0:
            spoilt[place + 8] |= flag
            place = spoilt.find(b"PK\x01\x02", place + 1)
    return bytes(spoilt[: len(spoilt) - cut])


def _many_parts() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for n in range(10_001):
            archive.writestr(f"{n}", "")
    return kept.getvalue()


GOOD = workbook([texts(*NAMES), texts("Hof", "Weg 1", "1", "Hoya")])

FILES = {
    "nothing": (b"", "FILE_EMPTY"),
    "blanks": (b" \r\n \n", "FILE_EMPTY"),
    "separators alone": (b";;;\n;;\n", "FILE_EMPTY"),
    "a PDF": (b"%PDF-1.7\n" + bytes(10), "IMPORT_FORMAT_UNKNOWN"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "IMPORT_FORMAT_UNKNOWN"),
    "a page": (b"<html><table>", "IMPORT_FORMAT_UNKNOWN"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "IMPORT_FORMAT_UNKNOWN"),
    "headings alone that say nothing": (b"a;b\n1;2\n", "COLUMN_MISSING"),
    "a quotation mark that never closes": (
        table("Name;Straße;PLZ;Ort", '"Hof;Weg;27318;Hoya', *["x;y;27318;z"] * 9_000),
        "CELL_TOO_LONG",
    ),
    "a cell too long": (table("Name;Straße;PLZ;Ort", "x" * 32_001 + ";y"), "CELL_TOO_LONG"),
    "too many columns": (b";".join(b"c%d" % n for n in range(201)), "TOO_MANY_COLUMNS"),
    "too many rows": (table("Name;Straße;PLZ;Ort", *["a;b;c;d"] * 100_001), "TOO_MANY_ROWS"),
    "a ZIP of nothing": (b"PK\x03\x04" + bytes(100), "SHEET_DAMAGED"),
    "a workbook cut off": (_repacked(GOOD, cut=100), "SHEET_DAMAGED"),
    "a workbook with a password": (_repacked(GOOD, flag=1), "SHEET_DAMAGED"),
    "a workbook without its sheet": (
        workbook([], rels="<Relationships/>"),
        "SHEET_DAMAGED",
    ),
    "a sheet outside": (
        workbook([], rels='<R><Relationship Id="rId1" Target="../../../etc/passwd"/></R>'),
        "SHEET_DAMAGED",
    ),
    "a DTD": (workbook([], sheet=f"{_DTD}<a>&x;</a>"), "SHEET_DAMAGED"),
    "a DTD in the texts": (
        workbook([texts(*NAMES)], strings=f"{_DTD}<sst><si><t>&y;</t></si></sst>"),
        "SHEET_DAMAGED",
    ),
    "broken XML": (workbook(["<row><c></row>"]), "SHEET_DAMAGED"),
    "a text that is not there": (
        workbook(['<row><c t="s"><v>99</v></c></row>']),
        "SHEET_DAMAGED",
    ),
    "a row beyond the format": (workbook(['<row r="9999999"><c/></row>']), "SHEET_DAMAGED"),
    "a wide sheet": (workbook(['<row><c r="GS1"><v>1</v></c></row>']), "TOO_MANY_COLUMNS"),
    "a bomb": (workbook([], sheet=_huge()), "UNPACKED_TOO_LARGE"),
    "a bomb of texts": (
        workbook(
            [texts(*NAMES), *['<row><c t="s"><v>0</v></c></row>'] * 2_000],
            strings=f'<sst xmlns="{_SHEET}"><si><t>{"x" * 31_000}</t></si></sst>',
        ),
        "UNPACKED_TOO_LARGE",
    ),
    "a long text": (
        workbook([texts("x" * 32_001)]),
        "CELL_TOO_LONG",
    ),
    "ten thousand parts": (_many_parts(), "SHEET_DAMAGED"),
}


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_cannot_be_imported_is_a_problem(file: str):
    """Never another error, whatever the file holds."""
    content, code = FILES[file]

    with pytest.raises(Problem) as caught:
        read_table(content, WISH)

    assert caught.value.code == code


def _read(content: bytes) -> Table | str:
    try:
        return read_table(content, WISH)
    except Problem as problem:
        return problem.code


@given(st.binary(max_size=2_000))
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_rows_or_a_problem(content: bytes):
    """As a file of their own, as CSV behind good headings, and as a ZIP."""
    for whole in (content, PARTNER_HEADINGS.encode() + b"\n" + content, b"PK\x03\x04" + content):
        found = _read(whole)
        if isinstance(found, Table):
            for place in range(0, found.total_rows, 200):
                found.batch(place)
            rejected_rows(whole, {2: ("Grund", "reason")})


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_a_workbook_with_a_wrong_byte_is_rows_or_a_problem(place: int, change: int):
    """Wherever it was damaged on its way."""
    spoilt = bytearray(GOOD)
    spoilt[place] ^= change

    _read(bytes(spoilt))


def test_a_table_is_cut_into_batches_and_goes_on_inside_one():
    """Rows keep their numbers; empty ones are counted by the spreadsheet, not by us."""
    lines = [f"Hof {n};Weg;27318;Hoya" for n in range(450)]
    lines.insert(1, ";;;")

    found = read_table(table("Name;Straße;PLZ;Ort", *lines), WISH)

    assert found.total_rows == 450
    assert [len(found.batch(place)) for place in (0, 200, 400, 449)] == [200, 200, 50, 1]
    rows = found.batch(0)
    assert [row.number for row in rows[:3]] == [2, 4, 5]
    assert found.batch(449)[0].cells[Target(ImportField.NAME)] == "Hof 449"
