"""Imports: files as rows, tables, repository, readable views, and the rows' way into the data."""

from persistence.imports import views  # noqa: F401  imported for the views it declares
from persistence.imports.repository import Imports
from persistence.imports.tables import import_run

__all__ = ["Imports", "import_run"]
