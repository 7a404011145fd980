"""What a row asks for, judged without looking anything up; what is wrong goes by column."""

from collections.abc import Mapping
from typing import Any

from domain.imports.cells import CellProblem
from domain.imports.columns import REQUIRED
from domain.imports.fields import ImportEntity, ImportField, Target
from domain.imports.groups import GROUPS
from domain.imports.parts import Places
from domain.imports.run import PROBLEMS_PER_ROW_MAX, Fate, RowOutcome
from domain.problems import Problem
from domain.text import Required

_FIELD_OF_ATTRIBUTE = {field.value.lower().replace("_", ""): field for field in ImportField}
_PARTS = {
    group.listed: {name.replace("_", ""): field for field, name in group.parts.items()}
    for groups in GROUPS.values()
    for group in groups
}


def target_at(path: tuple[str, ...], places: Places) -> Target | None:
    """Return what a problem of the domain is about, by its path in the input of a mutation.

    `places` are the parts that the row names; a part that it does not name is no column's. What is
    wrong with a part as a whole is told of the first of its fields, by which it is known.

    >>> str(target_at(("input", "vatId"), {}))
    'VAT_ID'
    >>> str(target_at(("input", "contacts", "4", "email"), {("contacts", 4): 2}))
    'CONTACT_EMAIL:2'
    """
    match path:
        case (_, str(listed), str(place), *rest) if listed in _PARTS:
            number = places.get((listed, int(place)))
            if number is None:
                return None
            fields = _PARTS[listed]
            first = next(iter(fields.values()))
            return Target(fields.get(rest[-1].lower(), first) if rest else first, number)
        case (*_, str(last)) if last.lower() in _FIELD_OF_ATTRIBUTE:
            return Target(_FIELD_OF_ATTRIBUTE[last.lower()])
        case _:
            return None


def missing(
    entity: ImportEntity, values: Mapping[str, Any], problems: list[CellProblem]
) -> list[CellProblem]:
    """Return what a new record lacks; a cell that could not be read is said already."""
    told = {each.target.field for each in problems if each.target is not None}
    return [
        CellProblem(Target(field), Required())
        for field in REQUIRED[entity]
        if field.value.lower() not in values and field not in told
    ]


def refused(row: int, problems: list[CellProblem]) -> RowOutcome:
    """Return the outcome of a bad row."""
    return RowOutcome(row, Fate.FAILED, tuple(problems[:PROBLEMS_PER_ROW_MAX]))


def refused_by(row: int, problem: Problem, places: Places) -> RowOutcome:
    """Return the outcome of a row that the domain refused."""
    return refused(row, [CellProblem(target_at(problem.path, places), problem)])
