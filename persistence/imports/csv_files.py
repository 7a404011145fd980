"""CSV as programs write it: separator, encoding and quoting are found out. And CSV as we write it.

A spreadsheet takes a cell that begins with = + - @ for a formula. We never compute anything; where
we write such a cell, an apostrophe before it says that it is text, and reading takes it away again.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from domain.imports.cells import CELL_LENGTH_MAX
from domain.imports.files import CellTooLong, ImportFormatUnknown

Rows = Iterator[tuple[int, list[str]]]

SEPARATORS = (";", "\t", ",", "|")
_ROWS_LOOKED_AT = 20
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_TOLD_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_rows(content: bytes) -> Rows:
    """Yield the rows of a CSV file with their numbers from 1, empty ones included.

    Raises ImportFormatUnknown or CellTooLong.
    """
    text = decoded(content)
    number = 1
    told = _TOLD_SEPARATOR.match(text)
    if told:  # Excel's own first line
        text, number = text[told.end() :], 2
    separator = told[1] if told else separator_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise CellTooLong(row=number, length_max=CELL_LENGTH_MAX) from None
        if any(len(cell) > CELL_LENGTH_MAX for cell in cells):
            raise CellTooLong(row=number, length_max=CELL_LENGTH_MAX)
        yield number, [_unmarked(cell) for cell in cells]
        number += 1


def decoded(content: bytes) -> str:
    """Return the text: by its byte order mark, else UTF-8, else Windows-1252.

    Raises ImportFormatUnknown for what is no text.
    """
    encodings = [(len(bom), name) for bom, name in _BOMS if content.startswith(bom)]
    for skipped, encoding in encodings or [(0, "utf-8"), (0, "cp1252")]:
        try:
            text = content[skipped:].decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ImportFormatUnknown()


def separator_of(text: str) -> str:
    """Return what separates the cells: what gives the first rows most cells, and alike many.

    >>> separator_of('Name;Preis\\nWeizen;"1,5"\\n'), separator_of("Name,Ort\\nHof,Hoya\\n")
    (';', ',')
    """
    return max(SEPARATORS, key=lambda separator: _fit(text, separator))


def _fit(text: str, separator: str) -> tuple[float, int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        widths = [len(row) for row in islice(reader, _ROWS_LOOKED_AT) if row]
    except csv.Error:
        return (0.0, 0)
    if not widths or widths[0] < 2:
        return (0.0, 0)
    return (widths.count(widths[0]) / len(widths), widths[0])


def _unmarked(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA_STARTS and cell[1:] else cell


def marked(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    >>> marked("=HYPERLINK()"), marked("Hof"), marked("-5")
    ("'=HYPERLINK()", 'Hof', "'-5")
    """
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def written(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV that spreadsheets open as they are: semicolons, UTF-8 with its mark."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept, delimiter=";", quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    for row in rows:
        writer.writerow([marked(cell) for cell in row])
    return kept.getvalue().encode("utf-8-sig")
