"""What a row asks for, judged without looking anything up; what is wrong goes by field."""

from collections.abc import Mapping
from typing import Any

from domain.imports.cells import CellProblem
from domain.imports.columns import REQUIRED, ImportEntity, ImportField
from domain.imports.run import PROBLEMS_PER_ROW_MAX, Fate, RowOutcome
from domain.problems import Problem
from domain.text import Required

_FIELD_OF_ATTRIBUTE = {field.value.lower().replace("_", ""): field for field in ImportField}


def field_at(path: tuple[str, ...]) -> ImportField | None:
    """Return the field that a problem of the domain is about, by the end of its path.

    >>> field_at(("input", "vatId")), field_at(("input", "accounts", "0", "iban"))
    (<ImportField.VAT_ID: 'VAT_ID'>, <ImportField.IBAN: 'IBAN'>)
    """
    return _FIELD_OF_ATTRIBUTE.get(path[-1].lower()) if path else None


def missing(
    entity: ImportEntity, values: Mapping[str, Any], problems: list[CellProblem]
) -> list[CellProblem]:
    """Return what a new record lacks; a cell that could not be read is said already."""
    told = {each.field for each in problems}
    return [
        CellProblem(field, Required())
        for field in REQUIRED[entity]
        if field.value.lower() not in values and field not in told
    ]


def refused(row: int, problems: list[CellProblem]) -> RowOutcome:
    """Return the outcome of a bad row."""
    return RowOutcome(row, Fate.FAILED, tuple(problems[:PROBLEMS_PER_ROW_MAX]))


def refused_by(row: int, problem: Problem) -> RowOutcome:
    """Return the outcome of a row that the domain refused."""
    return refused(row, [CellProblem(field_at(problem.path), problem)])
