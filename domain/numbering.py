"""Document numbers: unique by law (section 14 (4) no. 4 UStG), gapless by our own promise.

The law accepts gaps (UStAE 14.5 (10)); an unexplained one still costs an argument with the auditor.
A range is plain data: whoever holds its row lock takes the next number and saves the range in the
transaction of the document, so a document that rolls back leaves no gap.
"""

import re
from dataclasses import dataclass, replace

from domain.problems import Path, Problem

_PART = re.compile(r"\{(year|seq:(\d+))\}")
_ALLOWED = re.compile(r"[A-Za-z0-9$&%*+/_.-]*")
NUMBER_LENGTH_MAX = 36  # what DATEV's Belegfeld 1 holds
WIDTH_MAX = 12


class NumberTemplateInvalid(Problem):
    """The template {template} is not possible: it needs {{year}} and one {{seq:WIDTH}}, and prints letters, digits and $&%*+/_.- up to {length_max} characters."""  # noqa: E501  one sentence for the user

    template: str
    length_max: int


class NumberRangeExhausted(Problem):
    """The number range {series} of {period} is used up. Widen its template or open a new series."""

    series: str
    period: str


class NumberRangeMissing(Problem):
    """There is no number range for the series {series}. Create one first."""

    series: str


@dataclass(frozen=True, slots=True)
class Template:
    """How numbers of a range look, for example `INV-{year}-{seq:5}`; see `parse` for its rules."""

    text: str
    width: int

    @staticmethod
    def parse(text: str, path: Path = ()) -> "Template":
        """Read a template. Raises NumberTemplateInvalid.

        >>> Template.parse("INV-{year}-{seq:5}").print("2026", 1)
        'INV-2026-00001'
        """
        parts = _PART.findall(text)
        widths = [int(width) for part, width in parts if part != "year"]
        years = len(parts) - len(widths)
        sound = (
            len(widths) == 1
            and years == 1  # numbers start anew each year, so the year keeps them apart
            and 1 <= widths[0] <= WIDTH_MAX
            and _ALLOWED.fullmatch(_PART.sub("", text)) is not None
            and len(_PART.sub("", text)) + 4 + widths[0] <= NUMBER_LENGTH_MAX
        )
        if not sound:
            raise NumberTemplateInvalid(template=text, length_max=NUMBER_LENGTH_MAX, path=path)
        return Template(text, widths[0])

    def fits(self, counter: int) -> bool:
        """Say whether `counter` still has the width of this template."""
        return len(str(counter)) <= self.width

    def print(self, period: str, counter: int) -> str:
        """Return the number of `counter` in the year `period`."""
        return _PART.sub(
            lambda part: period if part[1] == "year" else str(counter).zfill(self.width), self.text
        )


@dataclass(frozen=True, slots=True)
class NumberRange:
    """One counter: `series` (for example sales_invoice) in `period` (a year, such as 2026)."""

    series: str
    period: str
    template: Template
    last: int = 0

    def take(self) -> tuple[str, "NumberRange"]:
        """Return the next number and the range after taking it. Raises NumberRangeExhausted."""
        counter = self.last + 1
        if not self.template.fits(counter):
            raise NumberRangeExhausted(series=self.series, period=self.period, path=("input", "id"))
        return self.template.print(self.period, counter), replace(self, last=counter)
