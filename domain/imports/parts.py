"""The parts of a record that a row names: found again by their key, changed, or added."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from domain.imports.cells import CellProblem
from domain.imports.fields import Target
from domain.imports.groups import Group
from domain.partners.parts import StatedTwice
from domain.text import Required

T = TypeVar("T")
Given = Mapping[int, Mapping[str, Any]]
"""What a row says of parts, by the number of their columns and by attribute."""
Places = Mapping[tuple[str, int], int]
"""Which number in the table a part has, by its list and its place there, from 0."""


def key_of(group: Group, values: Mapping[str, Any]) -> Any:
    """Return what a part is known by, None where the row does not tell."""
    keys = (group.parts[field] for field in group.keys)
    return next((values[key] for key in keys if key in values), None)


def part_problems(
    group: Group,
    given: Given,
    is_known: Callable[[Any], bool],
    told: Sequence[CellProblem],
) -> list[CellProblem]:
    """Return what a row lacks of its parts: a key of each, its own, and all of what is new.

    `is_known` says of a key whether the record has that part. `told` are the cells that could not
    be read, which is not said twice.
    """
    found: list[CellProblem] = []
    unreadable = {each.target for each in told}
    seen: set[Any] = set()
    for number, values in sorted(given.items()):
        key = key_of(group, values)
        needed = group.required if key is not None and not is_known(key) else ()
        if key is None and not any(Target(field, number) in unreadable for field in group.keys):
            needed = group.keys[:1]
        for field in needed:
            target = Target(field, number)
            if group.parts[field] not in values and target not in unreadable:
                found.append(CellProblem(target, Required()))
        if key is not None and key in seen:
            found.append(CellProblem(Target(group.keys[0], number), StatedTwice(value=str(key))))
        seen.add(key)
    return found


def merged(
    known: Sequence[T],
    given: Given,
    names: Callable[[T, Mapping[str, Any]], bool],
    made: Callable[[T | None, Mapping[str, Any]], T],
) -> tuple[tuple[T, ...], dict[int, int]]:
    """Return the parts with those a row names changed or added, and their numbers by place.

    `names` says whether values name a part, `made` what becomes of it, or of None for a new one.

    >>> merged(["a", "b"], {2: {"k": "b"}, 5: {"k": "c"}}, lambda part, values: part == values["k"],
    ...        lambda part, values: values["k"].upper())
    (('a', 'B', 'C'), {1: 2, 2: 5})
    """
    parts, numbers = list(known), {}
    for number, values in sorted(given.items()):
        places = (place for place, part in enumerate(known) if names(part, values))
        place = next(places, len(parts))
        parts[place : place + 1] = [made(known[place] if place < len(known) else None, values)]
        numbers[place] = number
    return tuple(parts), numbers
