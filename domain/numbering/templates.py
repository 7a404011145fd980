"""How numbers look: templates with placeholders, checked rule by rule, each with its reason."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from domain.problems import Path, Problem

_PART = re.compile(r"\{(year|yy|fy|seq:(\d{1,3}))\}")
_VALUE = re.compile(r"\{(prefix|tenant|branch)\}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_ALLOWED = re.compile(r"[A-Za-z0-9$&%*+/_.-]*")
_ANY_DIGIT = "#"  # no template may print it, so it can stand for every digit
NUMBER_LENGTH_MAX = 36  # what DATEV's Belegfeld 1 holds
WIDTH_MAX = 9  # a billion numbers per period; a counter fits into GraphQL's Int
PREVIEW_COUNT = 3


class PeriodRule(StrEnum):
    """When a series starts to count anew."""

    NONE = "NONE"
    YEAR = "YEAR"
    FISCAL_YEAR = "FISCAL_YEAR"


class NumberTemplateInvalid(Problem):
    """The template {template} must print letters, digits and $&%*+/_.- only, beside its placeholders."""  # noqa: E501  one sentence for the user

    template: str


class NumberTemplateTooLong(NumberTemplateInvalid):
    """The template {template} prints more than {length_max} characters."""

    length_max: int


class NumberTemplatePlaceholderUnknown(NumberTemplateInvalid):
    """{placeholder} is no placeholder. Known are {{prefix}}, {{tenant}}, {{branch}}, {{year}}, {{yy}}, {{fy}} and {{seq:WIDTH}}."""  # noqa: E501  one sentence for the user

    placeholder: str


class NumberTemplateWithoutCounter(NumberTemplateInvalid):
    """The template {template} needs exactly one {{seq:WIDTH}} with a width of 1 to {width_max}."""

    width_max: int


class NumberTemplateWithoutYear(NumberTemplateInvalid):
    """Numbers start anew with every period, so the template {template} needs {{year}}, {{yy}} or, by fiscal year, {{fy}}."""  # noqa: E501  one sentence for the user


class NumberTemplateWithYear(NumberTemplateInvalid):
    """The period rule {rule} does not go with {placeholder} in the template {template}."""

    rule: str
    placeholder: str


class NumberTemplateValueMissing(NumberTemplateInvalid):
    """The template {template} prints {placeholder}, but the series has no such value."""

    placeholder: str


_YEARS = {
    PeriodRule.NONE: frozenset[str](),
    PeriodRule.YEAR: frozenset({"year", "yy"}),
    PeriodRule.FISCAL_YEAR: frozenset({"year", "yy", "fy"}),
}


@dataclass(frozen=True, slots=True)
class Template:
    """How numbers of a range look, for example `INV-{year}-{seq:5}`; see `parse` for its rules."""

    text: str
    width: int

    @staticmethod
    def parse(
        text: str,
        path: Path = (),
        *,
        rule: PeriodRule = PeriodRule.YEAR,
        values: Mapping[str, str] | None = None,
    ) -> "Template":
        """Read a template; `values` fill in `{prefix}`, `{tenant}` and `{branch}` for good.

        Raises NumberTemplateInvalid or the one of its kinds that says which rule is broken.

        >>> Template.parse("INV-{year}-{seq:5}").print("2026", 1)
        'INV-2026-00001'
        >>> shop = {"prefix": "RE", "tenant": "A"}
        >>> rule = PeriodRule.FISCAL_YEAR
        >>> Template.parse("{prefix}-{tenant}-{fy}-{seq:4}", rule=rule, values=shop).print(
        ...     "2026/27", 12
        ... )
        'RE-A-2026/27-0012'
        """
        filled = _filled(text, values or {}, path)
        for unknown in _PLACEHOLDER.findall(_PART.sub("", filled)):
            raise NumberTemplatePlaceholderUnknown(template=text, placeholder=unknown, path=path)
        if _ALLOWED.fullmatch(_PART.sub("", filled)) is None:
            raise NumberTemplateInvalid(template=text, path=path)
        parts = _PART.findall(filled)
        widths = [int(width) for _, width in parts if width]
        if len(widths) != 1 or not 1 <= widths[0] <= WIDTH_MAX:
            raise NumberTemplateWithoutCounter(template=text, width_max=WIDTH_MAX, path=path)
        _check_years([name for name, width in parts if not width], rule, text, path)
        template = Template(filled, widths[0])
        if len(template.layout()) > NUMBER_LENGTH_MAX:
            raise NumberTemplateTooLong(template=text, length_max=NUMBER_LENGTH_MAX, path=path)
        return template

    @staticmethod
    def kept(text: str) -> "Template":
        """Return a template that was checked when it was kept."""
        [width] = (int(width) for _, width in _PART.findall(text) if width)
        return Template(text, width)

    @property
    def capacity(self) -> int:
        """The last counter that has the width of this template.

        >>> Template.parse("{year}{seq:3}").capacity
        999
        """
        return int(10**self.width) - 1

    def fits(self, counter: int) -> bool:
        """Say whether `counter` still has the width of this template."""
        return counter <= self.capacity

    def print(self, period: str, counter: int) -> str:
        """Return the number of `counter` in `period`, such as 2026 or 2026/27."""
        return self._shown(period, str(counter).zfill(self.width))

    def widens(self, other: "Template") -> bool:
        """Say whether this prints as `other` does, only with more digits: never the same number.

        >>> Template.parse("A{year}{seq:5}").widens(Template.parse("A{year}{seq:4}"))
        True
        """
        return self.width > other.width and self.text == other.text.replace(
            f"{{seq:{other.width}}}", f"{{seq:{self.width}}}"
        )

    def layout(self, period: str | None = None) -> str:
        """Return the characters of every number of `period`, with # for any digit.

        Without a period, of every number at all, in the longest form of a year.

        >>> template = Template.parse("INV-{yy}-{seq:3}")
        >>> template.layout(), template.layout("2026")
        ('INV-##-###', 'INV-26-###')
        """
        return self._shown(period or "####/##", _ANY_DIGIT * self.width)

    def _shown(self, period: str, counter: str) -> str:
        years = {"year": period[:4], "yy": period[2:4], "fy": period}
        return _PART.sub(lambda part: years.get(part[1], counter), self.text)


def _filled(text: str, values: Mapping[str, str], path: Path) -> str:
    for name in _VALUE.findall(text):
        if not values.get(name):
            raise NumberTemplateValueMissing(template=text, placeholder=f"{{{name}}}", path=path)
    return _VALUE.sub(lambda part: values[part[1]], text)


def _check_years(names: list[str], rule: PeriodRule, text: str, path: Path) -> None:
    for name in names:
        if name not in _YEARS[rule]:
            raise NumberTemplateWithYear(
                template=text, rule=rule.value, placeholder=f"{{{name}}}", path=path
            )
    if not names and rule is not PeriodRule.NONE:
        raise NumberTemplateWithoutYear(template=text, path=path)


def may_repeat(one: str, other: str) -> bool:
    """Say whether some number could be of both layouts.

    >>> may_repeat("INV-####-###", "INV-2026-0##"), may_repeat("A-###", "B-###")
    (True, False)
    """
    return all(_may_equal(a, b) for a, b in zip_longest(one, other, fillvalue=""))


def _may_equal(one: str, other: str) -> bool:
    if one == other:
        return True
    return (one == _ANY_DIGIT and other.isdigit()) or (other == _ANY_DIGIT and one.isdigit())


def any_may_repeat(layouts: Iterable[str], others: Iterable[str]) -> bool:
    """Say whether some number could be of one layout of each side."""
    known = tuple(others)
    return any(may_repeat(one, other) for one in layouts for other in known)


def preview(template: Template, period: str) -> tuple[tuple[str, ...], str]:
    """Return the first numbers of a period and its last one.

    >>> preview(Template.parse("RE{yy}-{seq:2}"), "2026")
    (('RE26-01', 'RE26-02', 'RE26-03'), 'RE26-99')
    """
    first = range(1, min(PREVIEW_COUNT, template.capacity) + 1)
    return tuple(template.print(period, n) for n in first), template.print(
        period, template.capacity
    )
