"""Payments inside a unit of work: allocations kept, and found together with what they settle."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import or_, select

from domain.documents.document import Document
from domain.documents.kinds import Action
from domain.payments import Allocation, PrepaymentDeducted
from domain.problems import NotFound
from domain.requests import RETRY_AFTER_MS, Busy
from persistence.documents.allocations import payment_allocation

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork


class Payments:
    """Allocations inside a unit of work; the locks of their documents guard them."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def keep(self, made: Iterable[Allocation]) -> None:
        """Keep new allocations."""
        self._work.session.add_all(made)

    async def locked(self, id: UUID, action: Action) -> tuple[Allocation, Document, Document]:
        """Return an allocation with its payment and its document, both locked.

        Raises NotFound, also where one of both is of a kind the actor may not read, or Forbidden.
        """
        columns = payment_allocation.c
        of_tenant = columns.tenant_id == self._work.actor.tenant
        found = await self._work.session.execute(
            select(columns.payment_id, columns.document_id).where(of_tenant, columns.id == id)
        )
        place, sides = ("input", "id"), found.one_or_none()
        unknown = NotFound(entity="Allocation", id=f"alc_{id}", path=place)
        if sides is None:
            raise unknown
        try:
            both = await self._work.documents.locked_together(
                [(side, place) for side in sides], action
            )
        except NotFound:
            raise unknown from None
        # Read after the locks: who waited for them sees what the one before did.
        allocation = await self._work.session.scalar(
            select(Allocation).where(of_tenant, columns.id == id)
        )
        if allocation is None:
            raise unknown
        return allocation, both[0], both[1]

    async def of(self, payment: Document, known: Sequence[Document]) -> list[Allocation]:
        """Return what a locked payment still settles, oldest first.

        `known` are the documents locked with it. Raises Busy if more was allocated meanwhile.
        """
        columns = payment_allocation.c
        query = (
            select(Allocation)
            .where(
                columns.tenant_id == self._work.actor.tenant,
                or_(columns.payment_id == payment.id, columns.document_id == payment.id),
                columns.undone_at.is_(None),
            )
            .order_by(columns.id)
        )
        found = list(await self._work.session.scalars(query))
        ids = {each.id for each in known} | {payment.id}
        if not all({each.payment_id, each.document_id} <= ids for each in found):
            raise Busy(retry_after_ms=RETRY_AFTER_MS)
        return found

    async def last_undone(self, documents: Collection[UUID]) -> dict[UUID, date]:
        """Return the last day until which an allocation counted that was taken back, by document.

        The documents are locked.
        """
        driver = await self._work.driver()
        rows = await driver.fetch(_LAST_UNDONE, self._work.actor.tenant, list(documents))
        return {row["id"]: row["undone_on"] for row in rows}

    async def discount_taxes(self, documents: Collection[UUID]) -> dict[UUID, Decimal]:
        """Return the tax in the cash discounts that were taken of each document and still stand.

        The documents are locked.
        """
        driver = await self._work.driver()
        rows = await driver.fetch(_DISCOUNT_TAXES, self._work.actor.tenant, list(documents))
        return {row["document_id"]: row["discount_tax"] for row in rows}

    async def refuse_deducted(self, documents: Iterable[Document]) -> None:
        """Raise PrepaymentDeducted where a final invoice, be it a draft, deducts a document.

        What was received is deducted, so it stays received as long [section 14 (5) UStG]. The
        documents are locked, as they are while a final invoice is written.
        """
        known = {each.id: each.number or "" for each in documents}
        for id in sorted(await self._work.documents.deducted(known)):
            raise PrepaymentDeducted(number=known[id], path=("input", "id"))


_DISCOUNT_TAXES = """
select document_id, sum(discount_tax) as discount_tax from payment_allocation
where tenant_id = $1 and document_id = any($2) and undone_at is null and discount > 0
group by document_id
"""

_LAST_UNDONE = """
select id, max(undone_on) as undone_on from (
  select payment_id as id, undone_on from payment_allocation
  where tenant_id = $1 and payment_id = any($2) and undone_on is not null
  union all
  select document_id, undone_on from payment_allocation
  where tenant_id = $1 and document_id = any($2) and undone_on is not null
) a group by id
"""
