"""A batch of rows about items, in one unit of work, by the same code as the mutations."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from domain.imports.cells import ImportRow, values_of
from domain.imports.columns import ImportEntity
from domain.imports.item_rows import ITEM_READERS, draft_of_item, item_draft, item_keys
from domain.imports.judging import missing, refused, refused_by
from domain.imports.run import Fate, ImportErrorPolicy, ImportMode, ImportWish, RowOutcome
from domain.items import DuplicateItem, Item
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

    async def take(self, rows: Sequence[ImportRow]) -> list[RowOutcome]:
        """Return what became of each row, up to the first bad one where the import stops there."""
        today = await self._work.tenants.today()
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
        if known is None:
            problems += missing(ImportEntity.ITEMS, values, problems)
            if number in self._taken:
                taken = DuplicateItem(number=number, path=("input", "number"))
                return refused_by(row.number, taken)
        if problems:
            return refused(row.number, problems)
        try:
            if known is None:
                return self._created(row, values, today)
            return self._updated(row, values, known, today)
        except Problem as problem:
            return refused_by(row.number, problem)

    def _created(self, row: ImportRow, values: Mapping[str, Any], today: date) -> RowOutcome:
        draft = item_draft(values, None)
        tenant = self._work.actor.tenant
        item = Item(id=self._work.new_id(), tenant_id=tenant, draft=draft, today=today)
        self._work.items.add(item)
        return RowOutcome(row.number, Fate.CREATED)

    def _updated(
        self, row: ImportRow, values: Mapping[str, Any], known: Item, today: date
    ) -> RowOutcome:
        before = draft_of_item(known)
        draft = item_draft(values, before)
        if draft == before:
            return RowOutcome(row.number, Fate.UNCHANGED)
        try:
            known.update(draft, at=self._work.now, today=today)
        except Problem:
            self._work.session.expunge(known)  # half of it may be changed already
            raise
        return RowOutcome(row.number, Fate.UPDATED)
