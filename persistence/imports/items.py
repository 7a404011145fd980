"""A batch of rows about items, in one unit of work, by the same code as the mutations."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from domain.imports.cells import CellProblem, ImportRow, values_of
from domain.imports.fields import ImportEntity
from domain.imports.item_rows import (
    ITEM_READERS,
    draft_of_item,
    item_draft,
    item_keys,
    item_part_problems,
    suppliers_named,
)
from domain.imports.judging import Values, all_wrong, missing, refused, wrong_by
from domain.imports.run import Fate, ImportErrorPolicy, ImportMode, ImportWish, RowOutcome
from domain.items import DuplicateItem, Item, ItemDraft
from domain.problems import Problem

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork


class ItemBatch:
    """Rows of items on their way into the master data."""

    def __init__(self, work: "UnitOfWork", wish: ImportWish) -> None:
        self._work = work
        self._wish = wish
        self._by_number: dict[str, Item] = {}
        self._taken: set[str] = set()
        self._partners: Mapping[str, UUID] = {}

    async def take(self, rows: Sequence[ImportRow]) -> list[RowOutcome]:
        """Return what became of each row, up to the first bad one where the import stops there."""
        today = await self._work.tenants.today()
        named = set().union(*(suppliers_named(row) for row in rows))
        self._partners = await self._work.partners.ids_of(named)
        numbers = {item_keys(row)["number"] for row in rows if item_keys(row)}
        if self._wish.mode is ImportMode.UPDATE_EXISTING:
            found = await self._work.items.matching(numbers)
            self._by_number = {item.number: item for item in found}
        else:
            self._taken = await self._work.items.numbers_taken(numbers)
        outcomes: list[RowOutcome] = []
        for row in rows:
            outcomes.append(self._judged(row, today))
            stops = self._wish.error_policy is ImportErrorPolicy.STOP_AT_FIRST
            if stops and outcomes[-1].fate is Fate.FAILED:
                break
        return outcomes

    def _judged(self, row: ImportRow, today: date) -> RowOutcome:
        """Decide on a row. What it changes is kept by the unit of work, or nothing is."""
        values, problems = values_of(row, ITEM_READERS, self._wish.number_format)
        number = item_keys(row).get("number", "")
        known = self._by_number.get(number)
        before = None if known is None else draft_of_item(known)
        if known is None:
            problems += missing(ImportEntity.ITEMS, values, problems)
            if number in self._taken:
                taken = DuplicateItem(number=number, path=("input", "number"))
                problems.append(wrong_by(taken, {}))
        problems += item_part_problems(values, before, self._partners, problems)
        if not problems:
            draft, places = item_draft(values, before, self._partners)
            try:
                if known is None:
                    return self._created(row, draft, today)
                return self._updated(row, draft, before, known, today)
            except Problem as problem:
                problems.append(wrong_by(problem, places))

        def judge(trial: Values) -> CellProblem | None:
            return self._first_wrong(trial, before, today)

        wrong = all_wrong(ImportEntity.ITEMS, values, problems, judge, is_new=known is None)
        return refused(row.number, wrong)

    def _first_wrong(
        self, values: Values, before: ItemDraft | None, today: date
    ) -> CellProblem | None:
        """Return what the domain refuses first of an item that is never kept, None if nothing."""
        draft, places = item_draft(values, before, self._partners)
        tenant = self._work.actor.tenant
        try:
            Item(id=self._work.new_id(), tenant_id=tenant, draft=draft, today=today)
        except Problem as problem:
            return wrong_by(problem, places)
        return None

    def _created(self, row: ImportRow, draft: ItemDraft, today: date) -> RowOutcome:
        tenant = self._work.actor.tenant
        item = Item(id=self._work.new_id(), tenant_id=tenant, draft=draft, today=today)
        self._work.items.add(item)
        return RowOutcome(row.number, Fate.CREATED)

    def _updated(
        self, row: ImportRow, draft: ItemDraft, before: ItemDraft | None, known: Item, today: date
    ) -> RowOutcome:
        if draft == before:
            return RowOutcome(row.number, Fate.UNCHANGED)
        try:
            known.update(draft, at=self._work.now, today=today)
        except Problem:
            self._work.session.expunge(known)  # half of it may be changed already
            raise
        return RowOutcome(row.number, Fate.UPDATED)
