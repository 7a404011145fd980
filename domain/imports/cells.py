"""Cells of a table become values: numbers and days in German and ISO form, words of lists.

A cell holds a text as it stands in the file; a workbook also holds numbers and days that are
certain. Whatever a cell begins with, it is data: nothing is ever computed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from domain.imports.fields import ImportField, Target
from domain.imports.groups import list_of
from domain.money import NotANumber, trimmed
from domain.problems import Problem

Cell = str | Decimal | date
T = TypeVar("T")

CELL_LENGTH_MAX = 32_000
NUMBER_LENGTH_MAX = 40


class NumberFormat(StrEnum):
    """How numbers are written in a table. AUTO refuses what both forms could mean."""

    AUTO = "AUTO"
    GERMAN = "GERMAN"
    ISO = "ISO"


class NumberAmbiguous(Problem):
    """{number} means one thing in German form and another in ISO form. Say numberFormat GERMAN or ISO."""  # noqa: E501  one sentence for the user

    number: str


class DayNotReadable(Problem):
    """Write a day such as 23.11.2026 or 2026-11-23."""


class FlagNotReadable(Problem):
    """Write yes or no (ja, nein)."""


class WordUnknown(Problem):
    """This is none of {possible_words}."""

    possible_words: str


class RowRepeated(Problem):
    """Row {first_row} is about the same record, by number or VAT id."""

    first_row: int


class RowTooWide(Problem):
    """This row has more cells than there are headings, so its values may stand in wrong columns."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of a table: `number` as a spreadsheet counts, the heading's row included.

    `repeats` is the row above that is about the same record.
    """

    number: int
    cells: Mapping[Target, Cell]
    is_too_wide: bool = False
    repeats: int | None = None


_GERMAN = re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d+)?", re.ASCII)
_ISO = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_BOTH = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_FLAGS = {
    **dict.fromkeys(("ja", "j", "yes", "y", "true", "wahr", "1", "x"), True),
    **dict.fromkeys(("nein", "n", "no", "false", "falsch", "0", "-"), False),
}


def as_text(cell: Cell) -> str:
    """Return a cell as text, without blanks at its ends.

    >>> as_text(Decimal("4711.0")), as_text("  Hof ")
    ('4711', 'Hof')
    """
    match cell:
        case Decimal():
            return f"{trimmed(cell):f}" if cell.is_finite() else str(cell)
        case date():
            return cell.isoformat()
        case _:
            return cell.strip()


def as_number(cell: Cell, form: NumberFormat = NumberFormat.AUTO) -> Decimal:
    """Return a number, written the German or the ISO way; € and % behind it do not count.

    Raises NotANumber, or NumberAmbiguous for such as 1.234 where the form is not told.

    >>> as_number("1.234,56"), as_number("1234.56"), as_number("19 %"), as_number("0.125")
    (Decimal('1234.56'), Decimal('1234.56'), Decimal('19'), Decimal('0.125'))
    >>> as_number("1.234", NumberFormat.GERMAN), as_number("1.234", NumberFormat.ISO)
    (Decimal('1234'), Decimal('1.234'))
    """
    if isinstance(cell, Decimal):
        return cell
    written = "".join(as_text(cell).replace("\u2212", "-").split())
    written = re.sub(r"(?:€|EUR|%)$", "", written)
    if len(written) > NUMBER_LENGTH_MAX:
        raise NotANumber()
    if form is NumberFormat.AUTO and _BOTH.fullmatch(written):
        raise NumberAmbiguous(number=written)
    if form is not NumberFormat.ISO and _GERMAN.fullmatch(written):
        return Decimal(written.replace(".", "").replace(",", "."))
    if form is not NumberFormat.GERMAN and _ISO.fullmatch(written):
        return Decimal(written)
    raise NotANumber()


def as_count(cell: Cell, form: NumberFormat = NumberFormat.AUTO) -> int:
    """Return a whole number. Raises NotANumber or NumberAmbiguous."""
    number = as_number(cell, form)
    if number != number.to_integral_value() or abs(number) > 10**9:
        raise NotANumber()
    return int(number)


def as_day(cell: Cell, _form: NumberFormat = NumberFormat.AUTO) -> date:
    """Return a day. Raises DayNotReadable.

    >>> as_day("3.1.2026"), as_day("2026-01-03")
    (datetime.date(2026, 1, 3), datetime.date(2026, 1, 3))
    """
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    written = as_text(cell)
    german = _GERMAN_DAY.fullmatch(written)
    try:
        if german:
            return date(int(german[3]), int(german[2]), int(german[1]))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written, re.ASCII):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise DayNotReadable()


def as_flag(cell: Cell, _form: NumberFormat = NumberFormat.AUTO) -> bool:
    """Return yes or no. Raises FlagNotReadable.

    >>> as_flag("Ja"), as_flag(Decimal(0))
    (True, False)
    """
    found = _FLAGS.get(as_text(cell).casefold())
    if found is None:
        raise FlagNotReadable()
    return found


Reader = Callable[[Cell, NumberFormat], Any]


def plain(cell: Cell, _form: NumberFormat) -> str:
    """Read a cell as the text it is."""
    return as_text(cell)


def one_of(words: Mapping[str, T], shown: str) -> Reader:
    """Return a reader of words of a list, in small letters; `shown` names them to the user."""

    def read(cell: Cell, _form: NumberFormat) -> T:
        word = as_text(cell).casefold()
        if word not in words:
            raise WordUnknown(possible_words=shown)
        return words[word]

    return read


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with a row, and in what a column fills if it is one's."""

    target: Target | None
    problem: Problem


@dataclass(frozen=True, slots=True)
class Readers:
    """How the cells of an entity are read: of the record itself, by attribute, and of its parts."""

    own: Mapping[ImportField, tuple[str, Reader]]
    parts: Mapping[ImportField, Reader]


def values_of(
    row: ImportRow, readers: Readers, form: NumberFormat
) -> tuple[dict[str, Any], list[CellProblem]]:
    """Return the values of a row's cells by attribute, and what is wrong with the others.

    Those of parts stand under the name of their list, by number and attribute. An empty cell says
    nothing: it leaves what is there, or the default of what is new.
    """
    values: dict[str, Any] = {}
    problems: list[CellProblem] = []
    if row.is_too_wide:
        problems.append(CellProblem(None, RowTooWide()))
    if row.repeats is not None:
        problems.append(CellProblem(None, RowRepeated(first_row=row.repeats)))
    for target, cell in row.cells.items():
        try:
            if target.group_number is None:
                attribute, read = readers.own[target.field]
                values[attribute] = read(cell, form)
            else:
                listed, attribute = list_of(target.field)
                part = values.setdefault(listed, {}).setdefault(target.group_number, {})
                part[attribute] = readers.parts[target.field](cell, form)
        except Problem as problem:
            problems.append(CellProblem(target, problem))
    return values, problems
