"""The company as an aggregate and as a readable view; its tables are those of tenants.py."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import foreign, selectinload

from domain.company import Company, KindSetting
from persistence.locks import Lock
from persistence.mapping import by_place, mapper, owned
from persistence.reading.views import Relation, View, global_id, readable
from persistence.tenants import kind_setting, tenant_company

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

mapper.map_imperatively(KindSetting, kind_setting)
mapper.map_imperatively(
    Company,
    tenant_company,
    properties={
        "id": tenant_company.c.tenant_id,
        "document_settings": owned(
            KindSetting,
            order_by=kind_setting.c.kind,
            told=by_place("documentSettings", "kind"),
            join=foreign(kind_setting.c.tenant_id) == tenant_company.c.tenant_id,
        ),
    },
    version_id_col=tenant_company.c.version,
)

_OF_COMPANY = (("tenant_id", "tenant_id"),)

readable(
    View(
        "company",
        tenant_company,
        key="tenant_id",
        computed={"id": lambda c: global_id("ten", c.tenant_id)},
        relations={
            "document_settings": Relation("document_setting", _OF_COMPANY, many=True, order="kind"),
            "branches": Relation("branch", _OF_COMPANY, many=True, order="code"),
            "history": Relation(
                "journal_entry", (("tenant_id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)
readable(View("document_setting", kind_setting))


class Companies:
    """The company of a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    async def locked(self, expected_version: int) -> Company:
        """Return the whole company, locked. Raises VersionConflict."""
        self._work.lock(Lock.SETTINGS)
        query = (
            select(Company)
            .where(tenant_company.c.tenant_id == self._work.actor.tenant)
            .options(selectinload(Company.document_settings))  # type: ignore[arg-type]
        )
        found: Company = (await self._work.session.scalars(query.with_for_update())).one()
        self._work.expect_version(found.version, expected_version)
        return found
