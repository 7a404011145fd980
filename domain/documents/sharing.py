"""Allowances and charges of a whole document, shared by the documents that are made of it.

A percentage travels to each of them. Of an amount each bears the share of what it takes, to the
cent: the shares of all come to the amount.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.amounts import Allowance
from domain.documents.amounts import groups_of
from domain.documents.kinds import Kind
from domain.documents.lines import COUNTING, Line, share_of
from domain.documents.progress import COUNTED, steps_counted
from domain.money import EXACT

if TYPE_CHECKING:
    from domain.documents.document import Document

NOTHING = Decimal(0)


def allowances_of(sources: Sequence["Document"], new: "Document") -> tuple[Allowance, ...]:
    """Return the allowances of a new document that is made of lines of `sources`.

    One of a tax group goes along with the lines of that group, in the tax they have now.
    """
    percents = (a.allowance for a in sources[0].allowances if a.percent is not None)
    found = [_in_new_group(each, sources, new) for each in percents]
    for source in sources:
        found += [_in_new_group(each, [source], new) for each in _shares_of(source, new)]
    return tuple(each for each in found if each is not None)


def taken_of(source: "Document", line: Line, target: Kind) -> Decimal:
    """Return what documents like `target` took of a line until now, in stock units."""
    steps = steps_counted(source.definition.step, target.step, direct=True)
    return max((getattr(line, COUNTED[step][0]) for step in steps), key=abs, default=NOTHING)


def _shares_of(source: "Document", new: "Document") -> Iterable[Allowance]:
    """Yield what the lines that `new` takes of `source` bear of its amounts off and on."""
    taking: dict[UUID, Decimal] = {}
    for line in new.lines:
        if line.source_line_id is not None:
            known = taking.get(line.source_line_id, NOTHING)
            taking[line.source_line_id] = known + line.stock_quantity

    def worth(line: Line, stock: Decimal) -> Decimal:
        return EXACT.divide(EXACT.multiply(line.net, stock), line.stock_quantity)

    for each in source.allowances:
        if each.amount is None:
            continue
        bearing = [line for line in _lines_in_group(each.allowance, source) if line.stock_quantity]
        before = sum((worth(x, taken_of(source, x, new.definition)) for x in bearing), NOTHING)
        now = sum((worth(x, taking.get(x.id, NOTHING)) for x in bearing), NOTHING)
        whole = sum((line.net for line in bearing), NOTHING)
        share = share_of(each.amount, whole, before, now)
        if share:
            yield replace(each.allowance, amount=share)


def _lines_in_group(allowance: Allowance, source: "Document") -> list[Line]:
    """Return the lines that bear an allowance: those of its tax group, or all that count."""
    return [
        line
        for line in source.lines
        if line.kind in COUNTING
        and (allowance.tax is None or (line.tax_category, line.tax_rate) == allowance.tax)
    ]


def _in_new_group(
    allowance: Allowance, sources: Sequence["Document"], new: "Document"
) -> Allowance | None:
    """Return an allowance in the tax group of the new lines that bear it, None without any."""
    if allowance.tax is None:
        return allowance
    bearing = {line.id for source in sources for line in _lines_in_group(allowance, source)}
    groups = groups_of([line for line in new.lines if line.source_line_id in bearing])
    return replace(allowance, tax=groups.pop() if len(groups) == 1 else None) if groups else None
