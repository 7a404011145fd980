"""Every problem speaks German, has a page and a type; no sentence or page without a problem."""

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from strawberry.utils.str_converters import to_camel_case

from domain.problems import PROBLEMS, code_of
from schema.problems import PROBLEM_TYPES

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "problems"
GERMAN: dict[str, str] = tomllib.loads((ROOT / "domain" / "messages_de.toml").read_text("utf-8"))
CODES = sorted(PROBLEMS)
LINES_MIN, LINES_MAX = 10, 20

every_code = pytest.mark.parametrize("code", CODES)


@every_code
def test_the_german_sentence_tells_the_same_facts_as_the_english_one(code):
    """No language keeps a fact from its reader, or promises one that is not there."""
    facts = set(facts_in(PROBLEMS[code].sentence("en")))

    assert set(facts_in(GERMAN[code])) == facts


@every_code
def test_the_sentence_tells_only_facts_that_the_problem_has(code):
    """A sentence can be filled in whenever the problem can be raised."""
    sentence = PROBLEMS[code].sentence("en")

    assert set(facts_in(sentence)) <= facts_of(code).keys()


@every_code
def test_the_page_says_what_happened_gives_an_example_and_tells_how_to_mend_it(code):
    """A page answers the three questions of whoever meets the code, on less than one screen."""
    lines = page(code).splitlines()

    assert lines[0] == f"# {code}"
    assert [line for line in lines if line.startswith("## ")] == [
        "## What happened",
        "## Example",
        "## How to mend",
    ]
    assert LINES_MIN <= len(lines) <= LINES_MAX


@every_code
def test_the_example_of_the_page_is_what_the_class_says(code):
    """Sentence and facts of the example come out of the class when it is given those facts."""
    shown = example(code)

    facts = {name: shown["facts"][to_camel_case(name)] for name in facts_of(code)}
    problem = PROBLEMS[code](**facts)

    assert shown["message"] == problem.message("en")
    assert shown["facts"].keys() == {to_camel_case(name) for name in facts_of(code)}
    assert all(type(value) is facts_of(code)[name] for name, value in facts.items())
    assert all(isinstance(step, str) for step in shown["path"])


@every_code
def test_the_table_of_all_codes_has_a_row_for_each(code):
    """Whoever looks for a code by its area finds it, once."""
    table = (PAGES / "README.md").read_text("utf-8").partition("## All codes")[2]

    assert table.count(f"| [{code}]({code}.md) |") == 1


def test_every_problem_is_a_graphql_type_of_the_same_name():
    """`VERSION_CONFLICT` can be asked for its facts as `... on VersionConflict`."""
    names = [each.__strawberry_definition__.name for each in PROBLEM_TYPES]

    assert sorted(names) == sorted(problem.__name__ for problem in PROBLEMS.values())
    assert sorted(code_of(name) for name in names) == CODES


def test_there_is_no_german_sentence_without_a_problem_and_they_are_sorted():
    """A sentence that is left over would be translated for nobody."""
    assert list(GERMAN) == CODES


def test_there_is_no_page_without_a_problem():
    """A page that is left over would describe what cannot happen."""
    assert sorted(each.stem for each in PAGES.iterdir() if each.stem != "README") == CODES


def test_there_is_no_row_of_the_tables_without_a_problem():
    """A row that is left over would lead to no page."""
    linked = re.findall(r"\[([A-Z_]+)\]\(\1\.md\)", (PAGES / "README.md").read_text("utf-8"))

    assert sorted(set(linked)) == CODES


def facts_in(sentence: str) -> list[str]:
    """Return the names in braces; doubled braces are braces to print."""
    return [name for _, name, _, _ in Formatter().parse(sentence) if name is not None]


def facts_of(code: str) -> dict[str, Any]:
    """Return name and type of each fact of a problem."""
    return {field.name: field.type for field in fields(PROBLEMS[code]) if field.name != "path"}


def page(code: str) -> str:
    """Return the page of a code."""
    return (PAGES / f"{code}.md").read_text("utf-8")


def example(code: str) -> dict[str, Any]:
    """Return message, path and facts of the problem that the page's example shows."""
    section = page(code).partition("## Example")[2].partition("## How to mend")[0]
    blocks = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]
    [found] = [shown for block in blocks for shown in told_in(block) if shown["code"] == code]
    place = {name: found.pop(name) for name in ("code", "message")}
    return {**place, "path": found.pop("path", []), "facts": found}


def told_in(answer: Any) -> list[dict[str, Any]]:
    """Return the problems in an answer: as data, or flattened from top-level errors."""
    if isinstance(answer, list):
        return [shown for each in answer for shown in told_in(each)]
    if not isinstance(answer, dict):
        return []
    if "code" in answer and "message" in answer:
        return [answer]
    if "extensions" in answer:
        return [{"message": answer["message"], **answer["extensions"]}]
    return [shown for each in answer.values() for shown in told_in(each)]
