"""Series, ranges and the ledger that names the document of every number."""

from persistence.numbering.giving import Numbering
from persistence.numbering.series import SeriesBook

__all__ = ["Numbering", "SeriesBook"]
