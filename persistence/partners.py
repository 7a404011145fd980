"""Partners: table, mapping, repository and readable view."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Column, Index, Integer, func, select

from domain.documents.invoice_run import Rhythm
from domain.partners import DuplicatePartner, Partner
from domain.problems import NotFound, Path
from persistence.catalog import (
    address_columns,
    identity,
    moment,
    personal,
    tenant_table,
    version,
)
from persistence.locks import Lock
from persistence.mapping import EnumText, mapper
from persistence.reading.views import Relation, Sort, View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

partner = tenant_table(
    "partner",
    identity(),
    *address_columns(subject="partner", by="id"),
    personal("iban", 34, subject="partner", by="id"),
    Column("payment_days", Integer, nullable=False),
    Column("invoice_rhythm", EnumText(Rhythm), nullable=False, server_default="DELIVERY"),
    moment("created_at"),
    moment("updated_at"),
    version(),
    Index(None, "tenant_id", "name", "id"),
    Index(None, "tenant_id", "vat_id"),
)

mapper.map_imperatively(Partner, partner, version_id_col=partner.c.version)

readable(
    View(
        "partner",
        partner,
        prefix="par",
        sorts={"NAME": Sort("name"), "NEWEST": Sort("id", descending=True)},
        relations={
            "documents": Relation(
                "document", (("id", "partner_id"),), paged=True, order="ISSUE_DATE_NEWEST"
            ),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)


class Partners:
    """Partners inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: Partner) -> None:
        """Keep a new partner."""
        self._work.add(new)

    async def named(self, ids: Iterable[tuple[UUID, Path]]) -> dict[UUID, Partner]:
        """Return the partners that a draft names. Raises NotFound at the path of a missing one."""
        wanted = dict(ids)
        query = select(Partner).where(
            partner.c.tenant_id == self._work.actor.tenant, partner.c.id.in_(wanted)
        )
        found = {each.id: each for each in await self._work.session.scalars(query)}
        for id, path in wanted.items():
            if id not in found:
                raise NotFound(entity="Partner", id=f"par_{id}", path=path)
        return found

    async def locked(self, id: UUID, expected_version: int) -> Partner:
        """Return the partner, locked. Raises NotFound or VersionConflict."""
        self._work.lock(Lock.PARTNERS)
        query = select(Partner).where(
            partner.c.tenant_id == self._work.actor.tenant, partner.c.id == id
        )
        found = await self._work.session.scalar(query.with_for_update())
        if found is None:
            raise NotFound(entity="Partner", id=f"par_{id}", path=("input", "id"))
        self._work.expect_version(found.version, expected_version)
        return found

    async def refuse_second(self, vat_id: str | None) -> None:
        """Raise DuplicatePartner if a partner has this VAT id; two at once wait for each other."""
        if vat_id is None:
            return
        self._work.lock(Lock.PARTNERS)
        name = f"{self._work.actor.tenant} {vat_id}"
        await self._work.session.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0)))
        )
        existing = await self._work.session.scalar(
            select(partner.c.id).where(
                partner.c.tenant_id == self._work.actor.tenant, partner.c.vat_id == vat_id
            )
        )
        if existing is not None:
            raise DuplicatePartner(vat_id=vat_id, existing=f"par_{existing}", path=("input", "id"))
