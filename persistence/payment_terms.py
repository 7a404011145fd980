"""Payment terms: tables, mapping, repository and readable views."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Column, Integer, String, UniqueConstraint, Uuid, select
from sqlalchemy.orm import selectinload

from domain.payment_terms import DuplicatePaymentTerms, PaymentTerms, PaymentTermsStep
from domain.problems import NotFound, Path
from persistence.catalog import Rate, identity, moment, reference, tenant_table, version
from persistence.locked import locked_one
from persistence.locks import Lock
from persistence.mapping import by_place, mapper, owned
from persistence.reading.views import Relation, Sort, View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

payment_terms = tenant_table(
    "payment_terms",
    identity(),
    Column("code", String(20), nullable=False),
    Column("name_de", String(100), nullable=False),
    Column("name_en", String(100), nullable=False),
    Column("due_days", Integer, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    version(),
    UniqueConstraint("tenant_id", "code"),
)

payment_terms_step = tenant_table(
    "payment_terms_step",
    Column("payment_terms_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("percent", Rate(), nullable=False),
    reference("payment_terms_id", payment_terms),
    key=("payment_terms_id", "position"),
)

mapper.map_imperatively(PaymentTermsStep, payment_terms_step)
mapper.map_imperatively(
    PaymentTerms,
    payment_terms,
    properties={
        "steps": owned(
            PaymentTermsStep, order_by=payment_terms_step.c.position, told=by_place("steps")
        )
    },
    version_id_col=payment_terms.c.version,
)
_WHOLE = selectinload(PaymentTerms.steps)  # type: ignore[arg-type]

readable(
    View(
        "payment_terms",
        payment_terms,
        prefix="ptm",
        sorts={"CODE": Sort("code")},
        relations={
            "steps": Relation(
                "payment_terms_step", (("id", "payment_terms_id"),), many=True, order="position"
            ),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)
readable(View("payment_terms_step", payment_terms_step))


class PaymentTermsList:
    """Payment terms inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: PaymentTerms) -> None:
        """Keep new payment terms; a code that is taken is DuplicatePaymentTerms."""
        self._work.add(new, refused_by=_refused_by(new.code))

    async def locked(self, id: UUID, expected_version: int, code: str) -> PaymentTerms:
        """Return them, to be given this `code`. Raises NotFound or VersionConflict."""
        key = (id, expected_version)
        work = self._work
        found = await locked_one(work, Lock.SETTINGS, PaymentTerms, payment_terms, key, _WHOLE)
        work.refuse(_refused_by(code.strip()))
        return found

    async def named(self, id: UUID | None, path: Path) -> PaymentTerms | None:
        """Return the payment terms that a partner names. Raises NotFound."""
        if id is None:
            return None
        found = await self.all_of([id])
        if id not in found:
            raise NotFound(entity="PaymentTerms", id=f"ptm_{id}", path=path)
        return found[id]

    async def all_of(self, ids: Iterable[UUID]) -> dict[UUID, PaymentTerms]:
        """Return those of these payment terms that there are, whole; asks nothing for no id."""
        wanted = set(ids)
        if not wanted:
            return {}
        query = select(PaymentTerms).where(
            payment_terms.c.tenant_id == self._work.actor.tenant, payment_terms.c.id.in_(wanted)
        )
        found = await self._work.session.scalars(query.options(_WHOLE))
        return {each.id: each for each in found}


def _refused_by(code: str) -> dict[str, DuplicatePaymentTerms]:
    problem = DuplicatePaymentTerms(terms_code=code, path=("input", "code"))
    return {"uq_payment_terms_tenant_id_code": problem}
