"""Opening and closing texts of a company: table, mapping, repository and readable view."""

from typing import TYPE_CHECKING

from sqlalchemy import Column, Index, String, UniqueConstraint, func, select

from domain.identity import Language
from domain.texts import TextPlace, TextTemplate
from persistence.catalog import identity, moment, tenant_table, version
from persistence.locks import Lock
from persistence.mapping import EnumText, mapper
from persistence.reading.views import Relation, Sort, View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

text_template = tenant_table(
    "text_template",
    identity(),
    Column("kind", String(40), nullable=False),
    Column("language", EnumText(Language), nullable=False),
    Column("place", EnumText(TextPlace), nullable=False),
    Column("text", String(2000)),
    moment("created_at"),
    moment("updated_at"),
    version(),
    UniqueConstraint("tenant_id", "kind", "language", "place"),
    Index(None, "tenant_id", "kind", "id"),
)

mapper.map_imperatively(TextTemplate, text_template, version_id_col=text_template.c.version)

readable(
    View(
        "text_template",
        text_template,
        prefix="txt",
        sorts={"KIND": Sort("kind")},
        relations={
            "history": Relation("journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST")
        },
    )
)


class TextTemplates:
    """Texts inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    async def locked(
        self, kind: str, language: Language, place: TextPlace, expected_version: int
    ) -> TextTemplate:
        """Return the text of a place, locked, a new one where there is none yet (version 0).

        Two who set the same place at once wait for each other. Raises KindNotPrinted or
        VersionConflict.
        """
        self._work.lock(Lock.SETTINGS)
        tenant, columns = self._work.actor.tenant, text_template.c
        name = f"text {tenant} {kind} {language} {place}"
        await self._work.session.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0)))
        )
        found = await self._work.session.scalar(
            select(TextTemplate)
            .where(
                columns.tenant_id == tenant,
                columns.kind == kind,
                columns.language == language,
                columns.place == place,
            )
            .with_for_update()
        )
        self._work.expect_version(found.version if found else 0, expected_version)
        if found is not None:
            return found
        new = TextTemplate(
            id=self._work.new_id(), tenant_id=tenant, kind=kind, language=language, place=place
        )
        self._work.add(new)
        return new

    async def of(self, kind: str, language: Language) -> dict[TextPlace, str]:
        """Return the company's own texts for a kind; a place without one has the built-in."""
        columns = text_template.c
        rows = await self._work.session.execute(
            select(columns.place, columns.text).where(
                columns.tenant_id == self._work.actor.tenant,
                columns.kind == kind,
                columns.language == language,
                columns.text.is_not(None),
            )
        )
        return {row.place: row.text for row in rows}
