"""From the bytes of a table to rows as plain data, in a process of its own: files are hostile."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain

from domain.einvoice import FileEmpty
from domain.imports.cells import Cell, ImportRow, as_text
from domain.imports.columns import (
    COLUMNS_MAX,
    TooManyColumns,
    assigned,
    demand_columns,
)
from domain.imports.fields import ImportEntity, Target
from domain.imports.files import ImportFormatUnknown, TooManyRows
from domain.imports.item_rows import item_keys
from domain.imports.partner_rows import partner_keys
from domain.imports.run import BATCH_ROWS, ROWS_MAX, ImportMode, ImportWish
from persistence.imports.csv_files import csv_rows, written
from persistence.imports.workbooks import ZIP_START, workbook_rows

_OTHER_FORMATS = (b"\xd0\xcf\x11\xe0", b"%PDF-", b"PK\x05\x06", b"<?xml", b"<!DOCTYPE", b"<html")
_KEYS = {ImportEntity.PARTNERS: partner_keys, ImportEntity.ITEMS: item_keys}
REASON_HEADINGS = ("Grund", "Reason")


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be imported: its headings with their fields, and its rows in batches."""

    headings: Sequence[tuple[str, Target | None]]
    total_rows: int
    packed: Sequence[bytes]

    def batch(self, place: int) -> list[ImportRow]:
        """Return the rows from `place` (from 0, without empty rows) to the end of their batch."""
        number, skipped = divmod(place, BATCH_ROWS)
        return [_unpacked(row) for row in json.loads(self.packed[number])][skipped:]


def read_table(content: bytes, wish: ImportWish) -> Table:
    """Read a whole file. Nothing but a Problem is raised.

    Raises FileEmpty, ImportFormatUnknown, TooManyRows, TooManyColumns, ColumnUnknown,
    ColumnMissing, and the problems of `csv_rows` and `workbook_rows`.
    """
    rows = _filled(content)
    headings = _headings(rows)
    found = assigned(headings, wish.entity, wish.mapping)
    demand_columns(wish.entity, found, updates=wish.mode is ImportMode.UPDATE_EXISTING)
    packed: list[bytes] = []
    batch: list[list[object]] = []
    total = 0
    for row in _marked_repeats(_mapped(rows, found, len(headings)), wish):
        total += 1
        if total > ROWS_MAX:
            raise TooManyRows(rows_max=ROWS_MAX)
        batch.append(_packed(row))
        if len(batch) == BATCH_ROWS:
            packed.append(json.dumps(batch).encode())
            batch = []
    if batch:
        packed.append(json.dumps(batch).encode())
    return Table(list(zip(headings, found, strict=True)), total, packed)


def rejected_rows(content: bytes, reasons: Mapping[int, tuple[str, str]]) -> bytes:
    """Return the rows with these numbers as CSV, each with its reasons in two further columns."""
    rows = _filled(content)
    headings = _headings(rows)
    width = len(headings)

    def lines() -> Iterator[list[str]]:
        yield [*headings, *REASON_HEADINGS]
        for number, cells in rows:
            if number in reasons:
                texts = [as_text(cell) for cell in cells]
                texts += [""] * (width - len(texts))
                yield [*texts[:width], *reasons[number], *texts[width:]]

    return written(lines())


def _filled(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows of a file that are not empty."""
    for number, cells in _rows(content):
        if any(not isinstance(cell, str) or cell.strip() for cell in cells):
            yield number, cells


def _rows(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    if not content.strip():
        raise FileEmpty()
    if content.startswith(ZIP_START):
        yield from workbook_rows(content)
        return
    if content.lstrip()[:9].startswith(_OTHER_FORMATS):
        raise ImportFormatUnknown()
    for number, cells in csv_rows(content):
        yield number, [*cells]


def _headings(rows: Iterator[tuple[int, list[Cell]]]) -> list[str]:
    """Take the first row and return it as headings. Raises FileEmpty or TooManyColumns."""
    first = next(rows, None)
    if first is None:
        raise FileEmpty()
    headings = [" ".join(as_text(cell).split()) for cell in first[1]]
    while not headings[-1]:
        headings.pop()
    if len(headings) > COLUMNS_MAX:
        raise TooManyColumns(columns_max=COLUMNS_MAX)
    return headings


def _mapped(
    rows: Iterator[tuple[int, list[Cell]]], targets: Sequence[Target | None], width: int
) -> Iterator[ImportRow]:
    """Yield rows with the cells that fill something and are not empty."""
    for number, cells in rows:
        filled = {
            target: cell
            for target, cell in zip(targets, chain(cells, [""] * width), strict=False)
            if target is not None and (not isinstance(cell, str) or cell.strip())
        }
        is_too_wide = any(not isinstance(cell, str) or cell.strip() for cell in cells[width:])
        yield ImportRow(number, filled, is_too_wide)


def _marked_repeats(rows: Iterator[ImportRow], wish: ImportWish) -> Iterator[ImportRow]:
    """Yield rows; one about the record of a row above says which row that is."""
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        keys = _KEYS[wish.entity](row)
        if wish.allows_duplicates:
            keys.pop("vat_id", None)
        first = min((seen[key] for key in keys.items() if key in seen), default=None)
        for key in keys.items():
            seen.setdefault(key, row.number)
        yield ImportRow(row.number, row.cells, row.is_too_wide, first)


def _packed(row: ImportRow) -> list[object]:
    cells = {str(target): _plain(cell) for target, cell in row.cells.items()}
    return [row.number, cells, row.is_too_wide, row.repeats]


def _plain(cell: Cell) -> object:
    match cell:
        case Decimal():
            return ["number", str(cell)]
        case date():
            return ["day", cell.isoformat()]
        case _:
            return cell


def _unpacked(packed: list[object]) -> ImportRow:
    number, cells, is_too_wide, repeats = packed
    filled = {Target.parse(name): _cell(cell) for name, cell in cells.items()}  # type: ignore[attr-defined]
    return ImportRow(number, filled, is_too_wide, repeats)  # type: ignore[arg-type]


def _cell(plain: object) -> Cell:
    match plain:
        case ["number", str(text)]:
            return Decimal(text)
        case ["day", str(text)]:
            return date.fromisoformat(text)
        case _:
            return str(plain)
