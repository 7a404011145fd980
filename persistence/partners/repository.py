"""Partners inside a unit of work.

All that is locked here is one class of lock, always in this order: the partner's row, its VAT id,
the counter of partner numbers.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from domain.partners import DuplicatePartner, DuplicatePartnerNumber, Partner
from domain.problems import NotFound, Path
from persistence.locked import locked_one, one_at_a_time
from persistence.locks import Lock
from persistence.partners.tables import partner, partner_counter

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

FIRST_NUMBER = 10001
"""Five digits, so that numbers given by counter sort as texts in their order."""

_ADDRESSES = selectinload(Partner.addresses)  # type: ignore[arg-type]
_TAX_CLASSES = selectinload(Partner.tax_classes)  # type: ignore[arg-type]
_WHOLE = (
    _ADDRESSES,
    selectinload(Partner.contacts),  # type: ignore[arg-type]
    selectinload(Partner.receipts),  # type: ignore[arg-type]
    selectinload(Partner.accounts),  # type: ignore[arg-type]
    _TAX_CLASSES,
)


class Partners:
    """Partners inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work
        self._at_hand: dict[UUID, Partner] = {}
        self._named: dict[UUID, Partner] = {}
        self._with_tax_classes: dict[UUID, Partner] = {}

    def add(self, new: Partner) -> None:
        """Keep a new partner; a number that is taken is DuplicatePartnerNumber."""
        duplicate = DuplicatePartnerNumber(number=new.number, path=("input", "number"))
        self._work.add(new, refused_by={"uq_partner_tenant_id_number": duplicate})

    async def next_number(self) -> str:
        """Take the next number of the company's own series; what was given by hand is passed over.

        Unique, not gapless: no law asks for more, a number that was not used is given again.
        """
        [number] = await self.next_numbers(1)
        return number

    async def next_numbers(self, count: int, besides: Collection[str] = ()) -> list[str]:
        """Take the next `count` numbers; those in `besides` are about to be given by hand."""
        self._work.lock(Lock.PARTNERS, again=True)
        tenant = self._work.actor.tenant
        numbers: list[str] = []
        while len(numbers) < count:
            wanted = count - len(numbers)
            moved = insert(partner_counter).values(tenant_id=tenant, last=FIRST_NUMBER + wanted - 1)
            moved = moved.on_conflict_do_update(
                index_elements=[partner_counter.c.tenant_id],
                set_={"last": partner_counter.c.last + wanted},
            )
            last = await self._work.session.scalar(moved.returning(partner_counter.c.last))
            if last is None:
                raise RuntimeError("the counter of partner numbers told no number")
            free = [str(last - wanted + 1 + place) for place in range(wanted)]
            given = {*await self.numbers_taken(free), *besides}
            numbers += [number for number in free if number not in given]
        return numbers

    async def numbers_taken(self, numbers: Collection[str]) -> set[str]:
        """Return those of these numbers that partners have."""
        query = select(partner.c.number).where(
            partner.c.tenant_id == self._work.actor.tenant, partner.c.number.in_(numbers)
        )
        return set(await self._work.session.scalars(query)) if numbers else set()

    async def ids_of(self, numbers: Collection[str]) -> dict[str, UUID]:
        """Return which partners have these numbers, by number."""
        query = select(partner.c.number, partner.c.id).where(
            partner.c.tenant_id == self._work.actor.tenant, partner.c.number.in_(numbers)
        )
        found = await self._work.session.execute(query) if numbers else ()
        return {row.number: row.id for row in found}

    async def matching(self, numbers: Collection[str], vat_ids: Collection[str]) -> list[Partner]:
        """Return the whole partners with one of these numbers or VAT ids, locked, oldest first."""
        self._work.lock(Lock.PARTNERS)
        query = select(Partner).where(
            partner.c.tenant_id == self._work.actor.tenant,
            or_(partner.c.number.in_(numbers), partner.c.vat_id.in_(vat_ids)),
        )
        query = query.order_by(partner.c.id).options(*_WHOLE).with_for_update()
        found = list(await self._work.session.scalars(query))
        await self._complete(found)
        return found

    async def holders(self, vat_ids: Collection[str]) -> dict[str, UUID]:
        """Return who has these VAT ids; nobody else gives one of them away until the end."""
        if not vat_ids:
            return {}
        self._work.lock(Lock.PARTNERS, again=True)
        for vat_id in sorted(vat_ids):
            await one_at_a_time(self._work, vat_id)
        query = (
            select(partner.c.vat_id, partner.c.id)
            .where(partner.c.tenant_id == self._work.actor.tenant, partner.c.vat_id.in_(vat_ids))
            .order_by(partner.c.id.desc())
        )
        found = await self._work.session.execute(query)
        return {row.vat_id: row.id for row in found}

    async def named(
        self, ids: Iterable[tuple[UUID, Path]], *, with_tax_classes: bool = False
    ) -> dict[UUID, Partner]:
        """Return the partners that a draft names, with their further addresses and payment terms.

        Who was named before is not asked for again. Raises NotFound at the path of a missing one.
        """
        parts = (_ADDRESSES, _TAX_CLASSES) if with_tax_classes else (_ADDRESSES,)
        known = self._with_tax_classes if with_tax_classes else self._named
        wanted = dict(ids)
        if missing := wanted.keys() - known.keys():
            query = select(Partner).where(
                partner.c.tenant_id == self._work.actor.tenant, partner.c.id.in_(missing)
            )
            found = list(await self._work.session.scalars(query.options(*parts)))
            await self._complete(found)
            known.update((each.id, each) for each in found)
            self._named.update(known)
        for id, path in wanted.items():
            if id not in known:
                raise NotFound(entity="Partner", id=f"par_{id}", path=path)
        return {id: known[id] for id in wanted}

    async def at_hand(self, ids: Collection[UUID]) -> list[Partner]:
        """Return these partners without their parts, by id; who was asked for before is known."""
        missing = {*ids} - self._at_hand.keys()
        if missing:
            query = select(Partner).where(
                partner.c.tenant_id == self._work.actor.tenant, partner.c.id.in_(missing)
            )
            self._at_hand |= {each.id: each for each in await self._work.session.scalars(query)}
        return [self._at_hand[id] for id in sorted(ids)]

    async def locked(self, id: UUID, expected_version: int) -> Partner:
        """Return the whole partner, locked. Raises NotFound or VersionConflict."""
        key = (id, expected_version)
        found = await locked_one(self._work, Lock.PARTNERS, Partner, partner, key, *_WHOLE)
        await self._complete([found])
        return found

    async def refuse_second(self, vat_id: str | None, path: Path = ("input", "vatId")) -> None:
        """Raise DuplicatePartner if a partner has this VAT id; two at once wait for each other."""
        if vat_id is None:
            return
        self._work.lock(Lock.PARTNERS, again=True)
        await one_at_a_time(self._work, vat_id)
        existing = await self._work.session.scalar(
            select(partner.c.id)
            .where(partner.c.tenant_id == self._work.actor.tenant, partner.c.vat_id == vat_id)
            .order_by(partner.c.id)
            .limit(1)
        )
        if existing is not None:
            raise DuplicatePartner(vat_id=vat_id, existing=f"par_{existing}", path=path)

    async def _complete(self, partners: Sequence[Partner]) -> None:
        """Give partners the payment terms they name."""
        ids = [each.payment_terms_id for each in partners if each.payment_terms_id is not None]
        terms = await self._work.payment_terms.all_of(ids)
        for each in partners:
            if each.payment_terms_id is not None:
                each.payment_terms = terms[each.payment_terms_id]
