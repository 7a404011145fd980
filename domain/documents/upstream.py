"""The documents above a document: what its lines take of them, and what of that is final."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.kinds import Step
from domain.documents.lines import COUNTING, Line
from domain.documents.progress import COUNTED, steps_counted
from domain.problems import Path, Problem

if TYPE_CHECKING:
    from domain.documents.document import Document


class OpenQuantityExceeded(Problem):
    """Line {position} of {number} has {open} {unit} open for this; {asked} are more than that."""

    position: int
    number: str
    open: str
    asked: str
    unit: str


class Upstream:
    """The chain above a document, locked together with it."""

    def __init__(self, documents: Iterable["Document"] = ()) -> None:
        self._lines = {line.id: (above, line) for above in documents for line in above.lines}
        self._touched: dict[UUID, Document] = {}
        self._before: dict[tuple[UUID, str], Decimal] = {}

    def take(self, document: "Document", path: Path) -> None:
        """Let a document take what its lines say. Raises OpenQuantityExceeded."""
        for line in _counting(document):
            for above, source, steps in self._counted(document, line):
                for step in steps:
                    self._add(above, source, COUNTED[step][0], line.stock_quantity)
                    _check_limit(above, source, step, line, path)

    def release(self, document: "Document") -> None:
        """Give back what the lines of a document had taken."""
        for line in _counting(document):
            for above, source, steps in self._counted(document, line):
                for step in steps:
                    self._add(above, source, COUNTED[step][0], -line.stock_quantity)

    def settle(self, document: "Document", sign: int = 1) -> None:
        """Count a document that is posted now, or with -1 no more."""
        for line in _counting(document):
            for above, source, steps in self._counted(document, line):
                for step in steps:
                    self._add(above, source, COUNTED[step][1], sign * line.stock_quantity)

    def tell(self, cause: "Document", *, by: UUID, at: datetime) -> None:
        """Let every document that was changed in the end tell so, once."""
        for document in self._touched.values():
            if any(
                getattr(line, counter) != before
                for line in document.lines
                for (line_id, counter), before in self._before.items()
                if line_id == line.id
            ):
                document.progressed(cause, by=by, at=at)
        self._touched.clear()
        self._before.clear()

    def _counted(
        self, document: "Document", line: Line
    ) -> Iterator[tuple["Document", Line, tuple[Step, ...]]]:
        source_id, direct = line.source_line_id, True
        while source_id is not None:
            above, source = self._lines[source_id]
            steps = steps_counted(above.definition.step, document.definition.step, direct=direct)
            yield above, source, steps
            source_id, direct = source.source_line_id, False

    def _add(self, above: "Document", source: Line, counter: str, quantity: Decimal) -> None:
        self._before.setdefault((source.id, counter), getattr(source, counter))
        setattr(source, counter, getattr(source, counter) + quantity)
        self._touched[above.id] = above


def _counting(document: "Document") -> Iterator[Line]:
    return (
        line for line in document.lines if line.source_line_id is not None and line.kind in COUNTING
    )


def _check_limit(above: "Document", source: Line, step: Step, line: Line, path: Path) -> None:
    """Raise OpenQuantityExceeded where a line is taken beyond its quantity and tolerance."""
    taken: Decimal = getattr(source, COUNTED[step][0])
    most = source.quantity_max
    if above.definition.step is Step.DELIVERY and step is Step.INVOICE:
        most -= source.taken_return
    if taken * source.stock_quantity >= 0 and abs(taken) <= abs(most):
        return
    before = taken - line.stock_quantity
    raise OpenQuantityExceeded(
        position=source.position,
        number=above.number or above.definition.german,
        open=f"{source.in_unit(most - before).normalize():f}",
        asked=f"{source.in_unit(line.stock_quantity).normalize():f}",
        unit=source.unit or "",
        path=path,
    )


NOTHING_ABOVE = Upstream()
"""For documents that came from nowhere."""
