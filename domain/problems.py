"""What a user can cause and mend, as classes: one per broken rule.

The docstring of a problem is the English sentence the user reads, with its facts in braces; the
German sentence stands in messages_de.toml under the problem's code. The code, the GraphQL type and
the page in docs/problems all derive from the class, so nothing is typed twice.
"""

import re
import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import Any, ClassVar, dataclass_transform

Path = tuple[str, ...]

_GERMAN: dict[str, str] = tomllib.loads(
    files("domain").joinpath("messages_de.toml").read_text(encoding="utf-8")
)


def code_of(class_name: str) -> str:
    """Return the code of a problem class: `FourEyesViolation` -> `FOUR_EYES_VIOLATION`.

    >>> code_of("FourEyesViolation")
    'FOUR_EYES_VIOLATION'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", class_name).upper()


PROBLEMS: dict[str, type["Problem"]] = {}
"""Every problem class by its code."""


@dataclass_transform(kw_only_default=True, eq_default=False)
class _Fielded(Exception):
    """Makes the annotations of a subclass its keyword arguments."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        dataclass(kw_only=True, eq=False)(cls)


class Problem(_Fielded):
    """A rule was broken; `path` leads to the place in the input."""

    code: ClassVar[str]

    path: Path = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = code_of(cls.__name__)
        PROBLEMS[cls.code] = cls

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a problem travel between processes; exceptions pickle only their positional args."""
        return _rebuilt, (type(self), {**self.facts(), "path": self.path})

    @classmethod
    def sentence(cls, language: str) -> str:
        """Return the sentence with its facts still in braces. `language` is "de" or "en"."""
        return _GERMAN[cls.code] if language == "de" else " ".join((cls.__doc__ or "").split())

    def message(self, language: str = "en") -> str:
        """Return the sentence the user reads, facts filled in."""
        return self.sentence(language).format_map(self.facts())

    def facts(self) -> dict[str, Any]:
        """Return the facts of this problem by name, without its path."""
        return {
            field.name: getattr(self, field.name) for field in fields(self) if field.name != "path"
        }

    def __str__(self) -> str:
        return self.message()


def _rebuilt(kind: type[Problem], values: dict[str, Any]) -> Problem:
    return kind(**values)


class NotFound(Problem):
    """There is no {entity} with the id {id}."""

    entity: str
    id: str
