"""The documents above a document: what its lines take of them, and what of that is final."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.kinds import Step
from domain.documents.lines import COUNTING, Line
from domain.documents.progress import COUNTED, steps_counted
from domain.problems import NotFound, Path, Problem

if TYPE_CHECKING:
    from domain.documents.document import Document


class OpenQuantityExceeded(Problem):
    """Line {position} of {number} has {open} {unit} open for this; {asked} are more than that."""

    position: int
    number: str
    open: str
    asked: str
    unit: str


class SourceNotPossible(Problem):
    """A line of this document cannot come from {source}: it is another chain, partner or state."""

    source: str


class Upstream:
    """The chain above a document, locked together with it."""

    def __init__(self, documents: Iterable["Document"] = ()) -> None:
        documents = tuple(documents)
        self._blocked = [each for each in documents if each.payment_block]
        self._documents = {above.id: above for above in documents}
        self._lines = {
            line.id: (above, line) for above in self._documents.values() for line in above.lines
        }
        self._before: dict[tuple[UUID, str], Decimal] = {}

    def document(self, id: UUID) -> "Document | None":
        """Return a locked document by its id."""
        return self._documents.get(id)

    def recheck(self, *, by: UUID, at: datetime) -> None:
        """Let invoices whose payment is blocked look again, since something of theirs came."""
        for invoice in self._blocked:
            invoice.rechecked(self, by=by, at=at)

    def above(self, line: Line) -> Iterator[tuple["Document", Line]]:
        """Yield the lines above a line with their documents, the nearest first."""
        source_id = line.source_line_id
        while source_id is not None and source_id in self._lines:
            document, source = self._lines[source_id]
            yield document, source
            source_id = source.source_line_id

    def adopt(self, document: "Document") -> None:
        """Tie the lines that name a source to it. Raises NotFound or SourceNotPossible."""
        for place, line in enumerate(document.lines):
            if line.source_line_id is None or line.source_document_id is not None:
                continue
            path: Path = ("input", "lines", str(place), "sourceLineId")
            if line.source_line_id not in self._lines:
                raise NotFound(entity="Line", id=f"lin_{line.source_line_id}", path=path)
            above, source = self._lines[line.source_line_id]
            if not above.may_become(document):
                raise SourceNotPossible(source=above.number or above.kind, path=path)
            line.come_from(source, above)

    def take(self, document: "Document", path: Path) -> None:
        """Let a document take what its lines say. Raises OpenQuantityExceeded."""
        for line in _counting(document):
            for above, source, steps in self._counted(document, line):
                source.demand_same_direction(line.stock_quantity, path)
                for step in steps:
                    before = self._add(source, COUNTED[step][0], line.stock_quantity)
                    is_closed = source.closed_at is not None and source.id == line.source_line_id
                    try:
                        _check_limit(above, source, step, line, path, before if is_closed else None)
                    except OpenQuantityExceeded:
                        self._undo()
                        raise

    def _undo(self) -> None:
        """Put everything back to where it was told last: one of many is refused, others go on."""
        for (line_id, counter), before in self._before.items():
            setattr(self._lines[line_id][1], counter, before)
        self._before.clear()

    def release(self, document: "Document") -> None:
        """Give back what the lines of a document had taken."""
        for line in _counting(document):
            for _, source, steps in self._counted(document, line):
                for step in steps:
                    self._add(source, COUNTED[step][0], -line.stock_quantity)

    def settle(self, document: "Document", sign: int = 1) -> None:
        """Count a document that is posted now, or with -1 no more."""
        for line in _counting(document):
            for _, source, steps in self._counted(document, line):
                for step in steps:
                    self._add(source, COUNTED[step][1], sign * line.stock_quantity)

    def tell(self, cause: "Document", *, by: UUID, at: datetime) -> None:
        """Let every document that was changed in the end tell so, once."""
        changed = {
            self._lines[line_id][0].id
            for (line_id, counter), before in self._before.items()
            if getattr(self._lines[line_id][1], counter) != before
        }
        for document in self._documents.values():
            if document.id in changed:
                document.progressed(cause, by=by, at=at)
        self._before.clear()

    def _counted(
        self, document: "Document", line: Line
    ) -> Iterator[tuple["Document", Line, tuple[Step, ...]]]:
        """Go up line by line; a line that an amendment dropped had nothing that counts below it.

        What credits a prepayment takes of that alone: it never had any goods.
        """
        source_id, source_document_id, direct = line.source_line_id, line.source_document_id, True
        while source_id is not None:
            if source_id not in self._lines and source_document_id in self._documents:
                return
            above, source = self._lines[source_id]
            steps = steps_counted(above.definition.step, document.definition.step, direct=direct)
            yield above, source, steps
            if above.bills_money_only:
                return
            source_id, source_document_id = source.source_line_id, source.source_document_id
            direct = False

    def _add(self, source: Line, counter: str, quantity: Decimal) -> Decimal:
        """Count, and return what was counted before anything happened here."""
        counted: Decimal = getattr(source, counter)
        setattr(source, counter, counted + quantity)
        return self._before.setdefault((source.id, counter), counted)


def _counting(document: "Document") -> Iterator[Line]:
    """Yield the lines that take of what they came from; a prepayment takes money, not goods."""
    if document.bills_money_only:
        return iter(())
    return (
        line
        for line in document.lines
        if line.source_line_id is not None
        and line.kind in COUNTING
        and not line.is_price_correction
    )


def _check_limit(
    above: "Document", source: Line, step: Step, line: Line, path: Path, closed_at: Decimal | None
) -> None:
    """Raise OpenQuantityExceeded where a line is taken beyond its quantity and tolerance.

    `closed_at` is the quantity where a closed line stood: what took it may shrink, not grow.
    """
    taken: Decimal = getattr(source, COUNTED[step][0])
    most = source.quantity_max
    if above.definition.step is Step.DELIVERY and step is Step.INVOICE:
        most -= source.taken_return
    if step is Step.INVOICE and source.invoice_max is None:
        return  # a supplier may bill too much; the match tells, nothing is refused
    if closed_at is not None:
        most = min(most, closed_at, key=abs)
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
