"""Documents of every kind: one set of tables, one repository, one readable view."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Index,
    Integer,
    String,
    Table,
    select,
)
from sqlalchemy.orm import selectinload

from domain.documents.document import Author, Document, Party, TaxTotal
from domain.documents.kinds import KINDS, Action, PartyRole, State
from domain.documents.lines import Line
from domain.items import Unit
from domain.problems import NotFound
from domain.tax import TaxCategory
from persistence.catalog import (
    Money,
    Quantity,
    Rate,
    address_columns,
    identity,
    moment,
    reference,
    tenant_table,
    version,
)
from persistence.changes import camel
from persistence.identity import app_user
from persistence.items import item
from persistence.locks import Lock
from persistence.mapping import EnumText, by_place, mapper, owned
from persistence.partners import partner
from persistence.reading.views import Relation, Sort, View, readable, shows_id

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork


def _kind_checks() -> list[CheckConstraint]:
    """What the table of kinds demands of each row, as the database holds it."""
    checks = [CheckConstraint(f"kind in ({_quoted(KINDS)})", name="kind")]
    for kind in KINDS.values():
        always = " and ".join(f"{column} is not null" for column in kind.required)
        posted = " and ".join(
            f"{column} is not null" for column in ("number", *kind.required_to_post)
        )
        checks += [
            CheckConstraint(
                f"kind <> '{kind.name}' or ({always})", name=f"{kind.name.lower()}_has"
            ),
            CheckConstraint(
                f"kind <> '{kind.name}' or state <> 'POSTED' or ({posted})",
                name=f"{kind.name.lower()}_posted_has",
            ),
        ]
    return checks


def _quoted(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names)


document = tenant_table(
    "document",
    identity(),
    Column("kind", String(40), nullable=False),
    Column("state", EnumText(State), nullable=False),
    Column("number", String(36)),
    Column("currency", String(3), nullable=False),
    Column("issue_date", Date, nullable=False),
    Column("supply_date", Date),
    Column("supply_until", Date),
    Column("posting_date", Date),
    Column("payment_days", Integer),
    Column("due_date", Date),
    Column(
        "due_sort",
        Date,
        Computed("coalesce(due_date, 'infinity'::date)", persisted=True),
        nullable=False,
    ),
    Column("customer_reference", String(100)),
    Column("note", String(2000)),
    Column("net", Money(), nullable=False),
    Column("tax", Money(), nullable=False),
    Column("gross", Money(), nullable=False),
    Column(
        "gross_cents", BigInteger, Computed("(gross * 100)::bigint", persisted=True), nullable=False
    ),
    Column("sold_to_id", _uuid := identity().type, nullable=False),
    Column("responsible_id", _uuid, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    version(),
    reference("sold_to_id", partner),
    reference("responsible_id", app_user),
    *_kind_checks(),
    CheckConstraint(f"state in ({_quoted(State)})", name="state"),
    CheckConstraint("gross = net + tax", name="gross_is_net_and_tax"),
    Index(None, "tenant_id", "issue_date", "id"),
    Index(None, "tenant_id", "due_sort", "id"),
    Index(None, "tenant_id", "state", "issue_date", "id"),
    Index(None, "tenant_id", "gross_cents", "id"),
    Index(None, "tenant_id", "sold_to_id", "issue_date", "id"),
    Index("uq_document_number", "tenant_id", "kind", "number", unique=True),
)


def _part(name: str, *columns: Any, key: tuple[str, ...]) -> Table:
    return tenant_table(
        name,
        Column("document_id", _uuid, nullable=False),
        *columns,
        reference("document_id", document),
        key=("document_id", *key),
    )


document_party = _part(
    "document_party",
    Column("role", EnumText(PartyRole), nullable=False),
    Column("partner_id", _uuid),
    *address_columns(subject="partner", by="partner_id"),
    reference("partner_id", partner),
    key=("role",),
)

document_line = _part(
    "document_line",
    Column("position", Integer, nullable=False),
    Column("item_id", _uuid),
    Column("item_number", String(30)),
    Column("description", String(500), nullable=False),
    Column("quantity", Quantity(), nullable=False),
    Column("unit", EnumText(Unit), nullable=False),
    Column("unit_price", Quantity(), nullable=False),
    Column("price_quantity", Quantity(), nullable=False),
    Column("tax_category", EnumText(TaxCategory), nullable=False),
    Column("tax_rate", Rate()),
    Column("exemption_reason", String(500)),
    Column("net", Money(), nullable=False),
    reference("item_id", item),
    key=("position",),
)

document_tax = _part(
    "document_tax",
    Column("position", Integer, nullable=False),
    Column("category", EnumText(TaxCategory), nullable=False),
    Column("rate", Rate()),
    Column("basis", Money(), nullable=False),
    Column("tax", Money(), nullable=False),
    Column("reason", String(500)),
    key=("position",),
)

document_author = _part(
    "document_author",
    Column("user_id", _uuid, nullable=False),
    reference("user_id", app_user),
    key=("user_id",),
)

mapper.map_imperatively(Party, document_party)
mapper.map_imperatively(Line, document_line)
mapper.map_imperatively(TaxTotal, document_tax)
mapper.map_imperatively(Author, document_author)
mapper.map_imperatively(
    Document,
    document,
    properties={
        "parties": owned(Party, told=lambda party: camel(party.role.value.lower())),
        "lines": owned(Line, order_by=document_line.c.position, told=by_place("lines")),
        "taxes": owned(TaxTotal, order_by=document_tax.c.position),
        "authors": owned(Author),
    },
    version_id_col=document.c.version,
    exclude_properties=("due_sort", "gross_cents"),
)
_WHOLE = (
    selectinload(Document.parties),  # type: ignore[arg-type]
    selectinload(Document.lines),  # type: ignore[arg-type]
    selectinload(Document.taxes),  # type: ignore[arg-type]
    selectinload(Document.authors),  # type: ignore[arg-type]
)

_OF_DOCUMENT = (("id", "document_id"),)


def _party(role: PartyRole) -> Relation:
    return Relation("document_party", _OF_DOCUMENT, where=(("role", role.value),))


readable(
    View(
        "document",
        document,
        prefix="doc",
        kind="kind",
        guarded_kinds=True,
        relations={
            "sold_to": _party(PartyRole.SOLD_TO),
            "bill_to": _party(PartyRole.BILL_TO),
            "ship_to": _party(PartyRole.SHIP_TO),
            "seller": _party(PartyRole.SELLER),
            "partner": Relation("partner", (("sold_to_id", "id"),)),
            "responsible": Relation("user", (("responsible_id", "id"),)),
            "lines": Relation("document_line", _OF_DOCUMENT, many=True, order="position"),
            "taxes": Relation("document_tax", _OF_DOCUMENT, many=True, order="position"),
            "authors": Relation("document_author", _OF_DOCUMENT, many=True, order="user_id"),
            "approvals": Relation("approval", _OF_DOCUMENT, many=True, order="id"),
            "printouts": Relation("printout", _OF_DOCUMENT, many=True, order="id"),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
        sorts={
            "ISSUE_DATE_NEWEST": Sort("issue_date", descending=True),
            "ISSUE_DATE_OLDEST": Sort("issue_date"),
            "GROSS_HIGHEST": Sort("gross_cents", descending=True),
            "DUE_FIRST": Sort("due_sort"),
        },
    )
)
readable(
    View(
        "document_party",
        document_party,
        relations={"partner": Relation("partner", (("partner_id", "id"),))},
    )
)
readable(
    View(
        "document_line",
        document_line,
        relations={"item": Relation("item", (("item_id", "id"),))},
    )
)
readable(View("document_tax", document_tax))
readable(
    View(
        "document_author",
        document_author,
        computed={"id": shows_id("usr", "user_id")},
        relations={"user": Relation("user", (("user_id", "id"),))},
    )
)


class Documents:
    """Documents inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: Document) -> None:
        """Keep a new document, if this actor may make one of its kind."""
        self._work.actor.demand(new.definition, Action.CREATE)
        self._work.add(new)

    async def locked(self, id: UUID, expected_version: int | None, action: Action) -> Document:
        """Return the whole document, locked for `action`; None expects any version.

        Raises NotFound (also for one the actor may not read), Forbidden or VersionConflict.
        """
        self._work.lock(Lock.DOCUMENTS)
        actor = self._work.actor
        query = (
            select(Document)
            .where(
                document.c.tenant_id == actor.tenant,
                document.c.id == id,
                document.c.kind.in_(actor.readable_kinds),
            )
            .order_by(document.c.id)
            .options(*_WHOLE)
            .with_for_update()
        )
        found = await self._work.session.scalar(query)
        if found is None:
            raise NotFound(entity="Document", id=f"doc_{id}", path=("input", "id"))
        actor.demand(found.definition, action)
        if expected_version is not None:
            self._work.expect_version(found.version, expected_version)
        return found
