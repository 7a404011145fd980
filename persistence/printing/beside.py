"""What prints show of master data: who reads them, who answers, what the reader calls things."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from domain.documents.document import Document
from domain.documents.kinds import PURCHASE
from domain.documents.lines import WITH_QUANTITY
from domain.partners import Partner
from domain.printing.beside import NOTHING_BESIDE, Beside, Contact, beside_of, reader_id
from persistence.documents.tables import document_line
from persistence.identity import app_user
from persistence.items import item_supplier
from persistence.partners import partner
from persistence.reading.views import one_of
from persistence.tenants import tenant_company

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork


async def beside(work: "UnitOfWork", document: Document) -> Beside:
    """Return what stands on the print of a document beside what it keeps itself."""
    found = await work.session.scalar(
        select(Partner)
        .where(partner.c.tenant_id == work.actor.tenant, partner.c.id == reader_id(document))
        .options(
            selectinload(Partner.contacts),  # type: ignore[arg-type]
            selectinload(Partner.receipts),  # type: ignore[arg-type]
            selectinload(Partner.accounts),  # type: ignore[arg-type]
        )
    )
    return replace(
        beside_of(document, found) if found else NOTHING_BESIDE,
        contact=await _contact(work, document),
        item_numbers=await _item_numbers(work, document),
        positions=await _positions(work, document),
    )


async def _contact(work: "UnitOfWork", document: Document) -> Contact | None:
    """Return whoever is responsible, where the company wants it on paper."""
    user, company = app_user.c, tenant_company.c
    query = (
        select(user.name, user.email)
        .join(tenant_company, company.tenant_id == user.tenant_id)
        .where(
            user.tenant_id == work.actor.tenant,
            user.id == document.responsible_id,
            company.prints_contact,
        )
    )
    row = (await work.session.execute(query)).one_or_none()
    return Contact(*row) if row else None


async def _item_numbers(work: "UnitOfWork", document: Document) -> Mapping[UUID, str]:
    """Return the supplier's own numbers of the items that are bought of him."""
    items = {line.item_id for line in document.lines if line.item_id}
    if document.definition.side != PURCHASE or not items:
        return {}
    known = item_supplier.c
    query = select(known.item_id, known.item_number).where(
        known.tenant_id == work.actor.tenant,
        known.partner_id == document.partner_id,
        known.item_id.in_(items),
        known.item_number.is_not(None),
    )
    return {row.item_id: row.item_number for row in await work.session.execute(query)}


async def _positions(work: "UnitOfWork", document: Document) -> Mapping[UUID, int]:
    """Return where the lines whose price is corrected stand on their paper."""
    corrected = {
        line.source_line_id
        for line in document.lines
        if line.is_price_correction and line.source_line_id
    }
    if not corrected:
        return {}
    line, before = document_line.alias("line"), document_line.alias("before")
    query = (
        select(line.c.id, func.count().label("place"))
        .join(
            before,
            (before.c.tenant_id == line.c.tenant_id)
            & (before.c.document_id == line.c.document_id)
            & (before.c.position <= line.c.position)
            & one_of(before.c.kind, WITH_QUANTITY),
        )
        .where(line.c.tenant_id == work.actor.tenant, line.c.id.in_(corrected))
        .group_by(line.c.id)
    )
    return {row.id: row.place for row in await work.session.execute(query)}
