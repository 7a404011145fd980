"""What a row asks for, judged without looking anything up; what is wrong goes by column."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

from domain.imports.cells import CellProblem, RowTooWide
from domain.imports.columns import REQUIRED
from domain.imports.fields import ImportEntity, ImportField, Target
from domain.imports.groups import GROUPS, group_of, list_of
from domain.imports.parts import Places
from domain.imports.run import PROBLEMS_PER_ROW_MAX, Fate, RowOutcome
from domain.problems import Problem
from domain.tax import TaxCategory
from domain.text import Required
from domain.units import Unit

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


Values = dict[str, Any]
"""What a row says, by attribute; of parts by list, number and attribute."""

_GO_TOGETHER: Mapping[ImportField, tuple[str, ...]] = {
    ImportField.COUNTRY: ("country", "postcode"),
    ImportField.IS_CUSTOMER: ("is_customer", "is_supplier"),
    ImportField.ENDPOINT_ID: ("endpoint_id", "endpoint_scheme"),
    ImportField.ENDPOINT_SCHEME: ("endpoint_id", "endpoint_scheme"),
    ImportField.IBAN: ("iban", "bic"),
    ImportField.UNIT: ("unit", "units"),
    ImportField.TAX_CATEGORY: ("tax_category", "tax_rate"),
    ImportField.TAX_RATE: ("tax_category", "tax_rate"),
}
"""What is judged by a field, and says nothing of its own once that one is wrong."""

_HARMLESS: Mapping[ImportEntity, Mapping[str, Any]] = {
    ImportEntity.PARTNERS: {
        "number": "?",
        "name": "?",
        "street": "?",
        "postcode": "00000",
        "city": "?",
    },
    ImportEntity.ITEMS: {
        "number": "?",
        "name": "?",
        "unit": Unit.PIECE,
        "unit_price": Decimal(0),
        "tax_category": TaxCategory.O,
    },
}
"""What stands in for a wrong value that a new record must have; nothing of it is ever kept."""


def all_wrong(
    entity: ImportEntity,
    values: Mapping[str, Any],
    told: Sequence[CellProblem],
    judge: Callable[[Values], CellProblem | None],
    *,
    is_new: bool,
) -> list[CellProblem]:
    """Return what is wrong with a bad row: what is `told`, and all that `judge` finds besides.

    `judge` says what is wrong first of values. What is wrong is then left out, or harmless where a
    new record must have it, and the rest is judged again, up to PROBLEMS_PER_ROW_MAX problems.
    Values that may stand in wrong columns are not judged at all.
    """
    found = list(told)
    if any(isinstance(each.problem, RowTooWide) for each in found):
        return found
    trial = deepcopy(dict(values))
    harmless = _HARMLESS[entity] if is_new else {}
    for each in found:
        _leave_out(trial, each.target, entity, harmless)
    while len(found) < PROBLEMS_PER_ROW_MAX:
        wrong = judge(trial)
        if wrong is None:
            break
        is_again = any(each.target == wrong.target for each in found)
        if not is_again:
            found.append(wrong)
        if not _leave_out(trial, wrong.target, entity, harmless, whole=is_again):
            break
    return found


def _leave_out(
    values: Values,
    target: Target | None,
    entity: ImportEntity,
    harmless: Mapping[str, Any],
    *,
    whole: bool = False,
) -> bool:
    """Take what fills a target out of a row's values, and say whether that may change anything.

    `whole` takes the part that it is one of; so does what a part cannot be without.
    """
    if target is None:
        return False
    group = group_of(entity, target.field)
    if group is None or target.group_number is None:
        before = dict(values)
        for name in _GO_TOGETHER.get(target.field, (target.field.value.lower(),)):
            values.pop(name, None)
            if name in harmless:
                values[name] = harmless[name]
        return not whole and values != before
    parts = values.get(group.listed, {})
    needed = (*group.keys, *group.required, ImportField.ADDRESS_COUNTRY)  # it judges the postcode
    if whole or target.field in needed:
        return parts.pop(target.group_number, None) is not None
    parts.get(target.group_number, {}).pop(list_of(target.field)[1], None)
    return True


def refused(row: int, problems: list[CellProblem]) -> RowOutcome:
    """Return the outcome of a bad row."""
    return RowOutcome(row, Fate.FAILED, tuple(problems[:PROBLEMS_PER_ROW_MAX]))


def wrong_by(problem: Problem, places: Places) -> CellProblem:
    """Return what the domain refused of a row, by its column."""
    return CellProblem(target_at(problem.path, places), problem)
