"""The documents above a document: what its lines take of them, and what of that is final."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.beside import may_be_billed, spread
from domain.documents.credits import CreditExceedsInvoice, credited_lines, demand_creditable
from domain.documents.kinds import Step
from domain.documents.lines import COUNTING, Line
from domain.documents.progress import COUNTED, steps_counted
from domain.documents.returned import find_creditable, may_be_credited, share_creditable
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
    """The chain above a document, locked with it, the deliveries of its orders and their returns.

    `asked` is that document where it is none of `documents`: as a delivery or return it counts
    among those.
    """

    def __init__(
        self, documents: Iterable["Document"] = (), asked: "Document | None" = None
    ) -> None:
        documents = tuple(documents)
        self._blocked = [each for each in documents if each.payment_block]
        self._credited: dict[UUID, Decimal] = {}
        self._documents = {above.id: above for above in documents}
        self._lines = {
            line.id: (above, line) for above in self._documents.values() for line in above.lines
        }
        self._before: dict[tuple[UUID, str], Decimal] = {}
        known = documents if asked is None else (*documents, asked)
        self._deliveries = {each.id: each for each in known if may_be_billed(each)}
        self._returns = {each.id: each for each in known if may_be_credited(each)}
        self._spread()

    def document(self, id: UUID) -> "Document | None":
        """Return a locked document by its id."""
        return self._documents.get(id)

    @property
    def blocked(self) -> list["Document"]:
        """The received invoices whose payment is blocked."""
        return self._blocked

    @property
    def credited(self) -> Mapping[UUID, Decimal]:
        """What posted credit notes took off lines of the blocked invoices, net by line id."""
        return self._credited

    def know_credits(self, credited: Mapping[UUID, Decimal]) -> None:
        """Take over what credit notes that are posted by now took off lines of blocked invoices."""
        self._credited = dict(credited)

    def recheck(self, cause: "Document", tolerance: Decimal, *, by: UUID, at: datetime) -> None:
        """Let invoices whose payment is blocked look again, since something of theirs came."""
        if cause.definition.step is Step.CREDIT_NOTE:
            self._count_credits(cause)
        for invoice in self._blocked:
            invoice.rechecked(self, tolerance, by=by, at=at)

    def _count_credits(self, note: "Document") -> None:
        for line in note.lines:
            invoiced = (
                source
                for document, source in self.above(line)
                if document.definition.step is Step.INVOICE
            )
            if line.kind in COUNTING and (source := next(invoiced, None)):
                known = self._credited.get(source.id, Decimal(0))
                self._credited[source.id] = known + line.net

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
        """Let a document take what its lines say.

        Raises OpenQuantityExceeded or CreditExceedsInvoice.
        """
        for line in _counting(document):
            for above, source, steps in self._counted(document, line):
                source.demand_same_direction(line.stock_quantity, path)
                is_back = self._came_back_of(above, source, line)
                for step in steps:
                    before = self._add(source, COUNTED[step][0], line.stock_quantity)
                    is_closed = source.closed_at is not None and source.id == line.source_line_id
                    try:
                        _check_limit(above, source, step, line, path, before if is_closed else None)
                        if is_back and step is Step.CREDIT_NOTE:
                            _check_within(above, source, step, line, path, source.creditable)
                    except OpenQuantityExceeded:
                        self._undo()
                        raise
        for line, invoice, source in credited_lines(document, self):
            self._add(source, "credited_net", line.net)
            if document.definition.received:
                continue  # what a supplier takes off is his to say
            try:
                demand_creditable(invoice, source, line, path)
            except CreditExceedsInvoice:
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
        for line, _, source in credited_lines(document, self):
            self._add(source, "credited_net", -line.net)

    def settle(self, document: "Document", sign: int = 1) -> None:
        """Count a document that is posted now, or with -1 no more."""
        for line in _counting(document):
            for _, source, steps in self._counted(document, line):
                for step in steps:
                    self._add(source, COUNTED[step][1], sign * line.stock_quantity)
        for step, known in ((Step.DELIVERY, self._deliveries), (Step.RETURN, self._returns)):
            known.pop(document.id, None)
            if document.definition.step is step and sign > 0:
                known[document.id] = document
        self._spread()

    def credits_unbilled(self, before: Mapping[UUID, Decimal]) -> bool:
        """Say whether more was credited of goods that came back than is billed of them by now.

        `before` is what `creditable` told before something was taken back: only less counts.
        """
        now = self.creditable()
        credited = dict.fromkeys(now, Decimal(0))
        for line in (line for back in self._returns.values() for line in back.lines):
            if line.source_line_id in credited and line.kind in COUNTING:
                credited[line.source_line_id] += line.taken_credit
        return any(
            abs(credited[id]) > abs(billed) and abs(billed) < abs(before[id])
            for id, billed in now.items()
            if id in before
        )

    def creditable(self) -> Mapping[UUID, Decimal]:
        """Return how much of goods that came back was billed, by line of the deliveries."""
        return {
            line.id: line.creditable for each in self._deliveries.values() for line in each.lines
        }

    def _came_back_of(self, delivery: "Document", source: Line, line: Line) -> bool:
        """Say whether a line credits goods that came back of this delivery line itself."""
        if line.source_line_id not in self._lines or delivery.definition.step is not Step.DELIVERY:
            return False
        above, back = self._lines[line.source_line_id]
        return above.definition.step is Step.RETURN and back.source_line_id == source.id

    def tell(self, cause: "Document", *, by: UUID, at: datetime) -> None:
        """Let every document that was changed in the end tell so, once."""
        changed = {
            self._lines[line_id][0].id
            for (line_id, counter), before in self._before.items()
            if getattr(self._lines[line_id][1], counter) != before
        }
        self._spread()
        for document in self._documents.values():
            beside = document.id in self._deliveries or document.id in self._returns
            beside = beside and document.id != cause.id
            if document.id in changed or (beside and document.waits_otherwise()):
                document.progressed(cause, by=by, at=at)
        self._before.clear()

    def _spread(self) -> None:
        """Find out what was billed beside deliveries, and what is credited of their returns."""
        if not self._deliveries:
            return
        ordered = {
            id: line
            for id, (above, line) in self._lines.items()
            if above.definition.step is Step.ORDER
        }
        spread(self._deliveries.values(), ordered)
        find_creditable(self._deliveries.values(), ordered)
        moved = {line.id: line for each in self._deliveries.values() for line in each.lines}
        share_creditable(self._returns.values(), moved)

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
    most = source.quantity_max
    if above.definition.step is Step.DELIVERY and step is Step.INVOICE:
        most -= source.taken_return
    if step is Step.INVOICE and source.invoice_max is None:
        return  # a supplier may bill too much; the match tells, nothing is refused
    if closed_at is not None:
        most = min(most, closed_at, key=abs)
    _check_within(above, source, step, line, path, most)


def _check_within(
    above: "Document", source: Line, step: Step, line: Line, path: Path, most: Decimal
) -> None:
    """Raise OpenQuantityExceeded where more than `most` of a line is taken."""
    taken: Decimal = getattr(source, COUNTED[step][0])
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
