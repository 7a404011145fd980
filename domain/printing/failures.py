"""Why a print could not be made, in words that a program can act on."""

from dataclasses import dataclass
from enum import StrEnum


class PrintFailure(StrEnum):
    """What kept the worker from making a PDF."""

    CONTENTS_MISSING = "CONTENTS_MISSING"
    PRINTER_MISSING = "PRINTER_MISSING"
    TOO_LARGE = "TOO_LARGE"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class PrintFailed:
    """A failed print: `missing` names the mandatory contents that it lacks, no values of it."""

    code: PrintFailure
    missing: tuple[str, ...] = ()
