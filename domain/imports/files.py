"""What can be wrong with a table as a file, and how much of one is read."""

from domain.problems import Problem

UNPACKED_SIZE_MAX_MB = 256
"""Of one part of a workbook, unpacked; what a bomb needs is far above it."""
TEXT_LENGTH_MAX = 50_000_000
"""Characters of all cells that are imported."""


class ImportFormatUnknown(Problem):
    """The file is neither CSV nor a workbook (.xlsx). Save it as one of these; .xls is too old."""


class SheetDamaged(Problem):
    """The workbook is damaged, protected by a password, or holds no readable sheet."""


class CellTooLong(Problem):
    """A cell in row {row} is longer than {length_max} characters. Is a quotation mark missing?"""

    row: int
    length_max: int


class TooManyRows(Problem):
    """A table may have {rows_max} rows at the most. Split it up."""

    rows_max: int


class UnpackedTooLarge(Problem):
    """The table is larger than {size_max_mb} MB when it is unpacked."""

    size_max_mb: int
