"""A batch of rows about partners, in one unit of work, by the same code as the mutations."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from domain.imports.cells import CellProblem, ImportRow, RowRepeated, values_of
from domain.imports.fields import ImportEntity
from domain.imports.judging import Values, all_wrong, missing, refused, wrong_by
from domain.imports.partner_parts import partner_part_problems
from domain.imports.partner_rows import (
    PARTNER_READERS,
    draft_of_partner,
    partner_draft,
    partner_keys,
)
from domain.imports.run import Fate, ImportErrorPolicy, ImportMode, ImportWish, RowOutcome
from domain.partners import DuplicatePartner, DuplicatePartnerNumber, Partner, PartnerDraft
from domain.problems import Problem

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork


class PartnerBatch:
    """Rows of partners on their way into the master data."""

    def __init__(self, work: "UnitOfWork", wish: ImportWish) -> None:
        self._work = work
        self._wish = wish
        self._by_number: dict[str, Partner] = {}
        self._by_vat_id: dict[str, Partner] = {}
        self._taken: set[str] = set()
        self._holders: Mapping[str, UUID] = {}
        self._row_of: dict[UUID, int] = {}
        self._new: list[Partner] = []
        self._unnumbered: list[Partner] = []

    async def take(self, rows: Sequence[ImportRow]) -> list[RowOutcome]:
        """Return what became of each row, up to the first bad one where the import stops there."""
        await self._look_up(rows)
        outcomes: list[RowOutcome] = []
        for row in rows:
            outcomes.append(self._judged(row))
            stops = self._wish.error_policy is ImportErrorPolicy.STOP_AT_FIRST
            if stops and outcomes[-1].fate is Fate.FAILED:
                break
        await self._keep()
        return outcomes

    async def _look_up(self, rows: Sequence[ImportRow]) -> None:
        """Lock and load what the rows are about, in as many statements whatever their number."""
        keys = [partner_keys(row) for row in rows]
        numbers = {key["number"] for key in keys if "number" in key}
        vat_ids = {key["vat_id"] for key in keys if "vat_id" in key}
        if self._wish.mode is ImportMode.UPDATE_EXISTING:
            for partner in await self._work.partners.matching(numbers, vat_ids):
                self._by_number[partner.number] = partner
                if partner.vat_id is not None:
                    self._by_vat_id.setdefault(partner.vat_id, partner)
        else:
            self._taken = await self._work.partners.numbers_taken(numbers)
        if not self._wish.allows_duplicates:
            self._holders = await self._work.partners.holders(vat_ids)

    def _judged(self, row: ImportRow) -> RowOutcome:
        """Decide on a row. What it changes is kept by the unit of work, or nothing is."""
        values, problems = values_of(row, PARTNER_READERS, self._wish.number_format)
        keys = partner_keys(row)
        known = self._known(keys)
        before = None if known is None else draft_of_partner(known)
        if known is None:
            problems += missing(ImportEntity.PARTNERS, values, problems)
            if keys.get("number") in self._taken:
                taken = DuplicatePartnerNumber(number=keys["number"], path=("input", "number"))
                problems.append(wrong_by(taken, {}))
        problems += partner_part_problems(values, before, problems)
        if not problems:
            draft, places = partner_draft(values, before)
            try:
                if known is None:
                    return self._created(row, draft, values.get("number"))
                return self._updated(row, draft, before, known)
            except Problem as problem:
                problems.append(wrong_by(problem, places))

        def judge(trial: Values) -> CellProblem | None:
            return self._first_wrong(trial, before)

        wrong = all_wrong(ImportEntity.PARTNERS, values, problems, judge, is_new=known is None)
        return refused(row.number, wrong)

    def _first_wrong(self, values: Values, before: PartnerDraft | None) -> CellProblem | None:
        """Return what the domain refuses first of a partner that is never kept, None if nothing."""
        draft, places = partner_draft(values, before)
        try:
            if before is None or draft.address.vat_id != before.address.vat_id:
                self._refuse_second(draft.address.vat_id)
            Partner(
                id=self._work.new_id(),
                tenant_id=self._work.actor.tenant,
                number=values.get("number") or "?",
                draft=draft,
            )
        except Problem as problem:
            return wrong_by(problem, places)
        return None

    def _known(self, keys: Mapping[str, str]) -> Partner | None:
        if "number" in keys:
            return self._by_number.get(keys["number"])
        return self._by_vat_id.get(keys.get("vat_id", ""))

    def _created(self, row: ImportRow, draft: PartnerDraft, number: str | None) -> RowOutcome:
        self._refuse_second(draft.address.vat_id)
        partner = Partner(
            id=self._work.new_id(),
            tenant_id=self._work.actor.tenant,
            number=number or "?",  # its number comes with those of the whole batch
            draft=draft,
        )
        (self._new if number else self._unnumbered).append(partner)
        return RowOutcome(row.number, Fate.CREATED)

    def _updated(
        self, row: ImportRow, draft: PartnerDraft, before: PartnerDraft | None, known: Partner
    ) -> RowOutcome:
        # Rows may name it by number and by VAT id: a bad one must not take the other along.
        if (first := self._row_of.setdefault(known.id, row.number)) != row.number:
            raise RowRepeated(first_row=first)
        if draft == before:
            return RowOutcome(row.number, Fate.UNCHANGED)
        if draft.address.vat_id != known.vat_id:
            self._refuse_second(draft.address.vat_id)
        try:
            known.update(draft, at=self._work.now)
        except Problem:
            self._work.session.expunge(known)  # half of it may be changed already
            raise
        return RowOutcome(row.number, Fate.UPDATED)

    def _refuse_second(self, vat_id: str | None) -> None:
        holder = self._holders.get(vat_id or "")
        if vat_id is not None and holder is not None:
            path = ("input", "vatId")
            raise DuplicatePartner(vat_id=vat_id, existing=f"par_{holder}", path=path)

    async def _keep(self) -> None:
        """Give numbers to those without one, and keep all that are new."""
        if self._unnumbered:
            given = {partner.number for partner in self._new}
            numbers = await self._work.partners.next_numbers(len(self._unnumbered), given)
            for partner, number in zip(self._unnumbered, numbers, strict=True):
                partner.number = number
        for partner in (*self._new, *self._unnumbered):
            self._work.partners.add(partner)
