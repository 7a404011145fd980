"""Imports (Datenübernahme): partners and items from tables of other programs."""

from domain.imports.fields import ImportEntity, ImportField
from domain.imports.run import ImportErrorPolicy, ImportMode, ImportRun, ImportState

__all__ = [
    "ImportEntity",
    "ImportErrorPolicy",
    "ImportField",
    "ImportMode",
    "ImportRun",
    "ImportState",
]
