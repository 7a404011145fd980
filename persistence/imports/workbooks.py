"""Workbooks (.xlsx, ISO/IEC 29500) of strangers: the first sheet as rows, read as a stream.

Why no library: the one that is known best had its last release in 2024, unpacks without a bound and
builds more than rows need. What is read here is small: zip, and four kinds of XML part. No DTD, no
entities, no network; every part is counted while it is unpacked; formulas stay text.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import IO, Any, cast

from lxml import etree

from domain.imports.cells import CELL_LENGTH_MAX, Cell
from domain.imports.columns import COLUMNS_MAX, TooManyColumns
from domain.imports.files import (
    TEXT_LENGTH_MAX,
    UNPACKED_SIZE_MAX_MB,
    CellTooLong,
    SheetDamaged,
    UnpackedTooLarge,
)

ZIP_START = b"PK\x03\x04"
PARTS_MAX = 10_000
_ROW_NUMBER_MAX = 1_048_576  # of the format
_MB = 1024 * 1024
_TEXTS_MAX = 2_000_000
_DAY_ZERO = {False: date(1899, 12, 30), True: date(1904, 1, 1)}  # 1900 counts a day too many
_DAY_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION_ID = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


class _Bounded(io.RawIOBase):
    """A part of the workbook while it is unpacked, up to a bound."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._left = UNPACKED_SIZE_MAX_MB * _MB

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises UnpackedTooLarge."""
        chunk = self._source.read(65_536 if size < 0 else size)
        self._left -= len(chunk)
        if self._left < 0:
            raise UnpackedTooLarge(size_max_mb=UNPACKED_SIZE_MAX_MB)
        return chunk


def workbook_rows(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows of the first visible sheet with their numbers, cells up to the last one.

    Raises SheetDamaged, UnpackedTooLarge, TooManyColumns or CellTooLong.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > PARTS_MAX:
                raise SheetDamaged()
            yield from _Workbook(archive).rows()
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, etree.LxmlError, EOFError, OSError,
        RuntimeError, NotImplementedError, ValueError, LookupError, OverflowError,
    ):  # fmt: skip
        raise SheetDamaged() from None


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._counts_from_1904 = False
        self._text_length = 0

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield the rows of the first visible sheet."""
        sheet = self._first_sheet()
        texts = self._texts()
        day_styles = self._day_styles()
        number = 0
        for element in self._elements(sheet, "row"):
            number = int(element.get("r") or number + 1)
            if not 0 < number <= _ROW_NUMBER_MAX:
                raise SheetDamaged()
            yield number, self._cells(element, number, texts, day_styles)

    def _first_sheet(self) -> str:
        """Return the name of the part that holds the first visible sheet. Raises SheetDamaged."""
        chosen = None
        for element in self._elements("xl/workbook.xml", "workbookPr", "sheet"):
            if _name(element) == "workbookPr":
                self._counts_from_1904 = element.get("date1904") in ("1", "true")
            elif chosen is None and element.get("state", "visible") == "visible":
                chosen = element.get(_RELATION_ID) or element.get(_STRICT_RELATION_ID)
        for element in self._elements("xl/_rels/workbook.xml.rels", "Relationship"):
            if chosen is not None and element.get("Id") == chosen:
                target = element.get("Target") or ""
                return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        raise SheetDamaged()

    def _texts(self) -> list[str]:
        """Return the texts that cells share."""
        texts: list[str] = []
        if "xl/sharedStrings.xml" in self._archive.namelist():
            for element in self._elements("xl/sharedStrings.xml", "si"):
                texts.append(_text(element))
                if len(texts) > _TEXTS_MAX:
                    raise UnpackedTooLarge(size_max_mb=UNPACKED_SIZE_MAX_MB)
        return texts

    def _day_styles(self) -> set[int]:
        """Return the styles of cells that show a number as a day."""
        if "xl/styles.xml" not in self._archive.namelist():
            return set()
        own: set[int] = set()
        styles: list[int] = []
        for element in self._elements("xl/styles.xml", "numFmt", "cellXfs"):
            if _name(element) == "numFmt":
                if re.search("[dDyY]", _QUOTED.sub("", element.get("formatCode") or "")):
                    own.add(int(element.get("numFmtId") or -1))
            else:
                styles = [int(style.get("numFmtId") or 0) for style in element]
        return {n for n, format in enumerate(styles) if format in own or format in _DAY_FORMATS}

    def _cells(
        self, row: etree._Element, number: int, texts: list[str], day_styles: set[int]
    ) -> list[Cell]:
        cells: list[Cell] = []
        for element in row:
            if _name(element) != "c":
                continue
            place = _column(element.get("r"), len(cells))
            if place >= COLUMNS_MAX:
                raise TooManyColumns(columns_max=COLUMNS_MAX)
            cells += [""] * (place + 1 - len(cells))
            cells[place] = cell = self._cell(element, texts, day_styles)
            if isinstance(cell, str):
                if len(cell) > CELL_LENGTH_MAX:
                    raise CellTooLong(row=number, length_max=CELL_LENGTH_MAX)
                self._text_length += len(cell)
                if self._text_length > TEXT_LENGTH_MAX:
                    raise UnpackedTooLarge(size_max_mb=UNPACKED_SIZE_MAX_MB)
        return cells

    def _cell(self, cell: etree._Element, texts: list[str], day_styles: set[int]) -> Cell:
        parts = {_name(part): part for part in cell}
        if "f" in parts:  # what it would come to is not ours to believe
            return f"={parts['f'].text or ''}"
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _text(parts["is"]) if "is" in parts else ""
        value = (parts["v"].text or "") if "v" in parts else ""
        match kind:
            case "s":
                return texts[int(value)] if value else ""
            case "n" if value:
                return self._number(value, int(cell.get("s") or 0) in day_styles)
            case "b":
                return {"1": "TRUE", "0": "FALSE"}.get(value, value)
            case "d":
                return date.fromisoformat(value[:10]) if value else ""
            case _:
                return value

    def _number(self, value: str, is_day: bool) -> Cell:
        """Return a number, as a day where its style says so; a float's noise is cut off."""
        if len(value) > 40:
            raise SheetDamaged()
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise SheetDamaged() from None
        if not number.is_finite() or abs(number.adjusted()) > 30:
            return value
        if is_day:
            return _DAY_ZERO[self._counts_from_1904] + timedelta(days=int(number))
        return Decimal(f"{float(value):.15g}") if "." in value and len(value) > 15 else number

    def _elements(self, part: str, *names: str) -> Iterator[Any]:
        """Yield the elements of a part with these names, each whole, and forget them afterwards.

        Raises SheetDamaged for a part that is missing or declares a document type.
        """
        with self._archive.open(part) as packed:
            source = cast(IO[bytes], _Bounded(packed))
            events = etree.iterparse(
                source,
                events=("start", "end"),
                resolve_entities=False,
                load_dtd=False,
                no_network=True,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            )
            inside = 0
            for seen, (event, element) in enumerate(events):
                if seen == 0 and element.getroottree().docinfo.doctype:
                    raise SheetDamaged()
                is_wanted = _name(element) in names
                if event == "start":
                    inside += is_wanted
                    continue
                inside -= is_wanted
                if is_wanted:
                    yield element
                if not inside:  # nobody asks for it any more, nor for what stood before it
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: etree._Element) -> str:
    """Return the text of a string item: its runs one after another, without reading aids."""
    found: list[str] = []
    for child in element:
        if _name(child) == "t":
            found.append(child.text or "")
        elif _name(child) == "r":
            found += [part.text or "" for part in child if _name(part) == "t"]
    return "".join(found)


def _column(reference: str | None, following: int) -> int:
    """Return the place of a cell from 0: by its reference, else behind the one before.

    >>> _column("A1", 5), _column("AB12", 0), _column(None, 3)
    (0, 27, 3)
    """
    if reference is None:
        return following
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise SheetDamaged()
    place = 0
    for letter in match[1]:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
