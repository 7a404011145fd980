"""Credit exposure: one expression that sums up what a payer owes us and what is promised to him."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from domain.credit import adds_exposure
from domain.documents.kinds import KINDS, SALES, Step
from domain.documents.lines import COUNTING
from domain.partners import Partner
from persistence.documents import document, document_line
from persistence.locks import Lock
from persistence.partners import partner
from persistence.reading.statement import TENANT, compiled
from persistence.reading.views import Columns, one_of

if TYPE_CHECKING:
    from persistence.database import Snapshot
    from persistence.unit_of_work import UnitOfWork

CHECKED_KINDS = frozenset(kind.name for kind in KINDS.values() if adds_exposure(kind))
_ORDERS = tuple(name for name in CHECKED_KINDS if KINDS[name].step is Step.ORDER)
_DELIVERIES = tuple(name for name in CHECKED_KINDS if KINDS[name].step is Step.DELIVERY)


def exposure_of(columns: Columns) -> ColumnElement[Any]:
    """Return the credit exposure of the partner whose columns these are, in company currency."""
    return func.round(_open_items(columns) + _promised(columns), 2)


def _open_items(columns: Columns) -> ColumnElement[Any]:
    of_payer = document.alias("open_of_payer")
    company = of_payer.c.open_cents / func.coalesce(of_payer.c.exchange_rate, 1)
    cents = func.coalesce(func.sum(func.round(company)), 0)
    return (
        select(cents / literal_column("100"))
        .where(
            of_payer.c.tenant_id == columns.tenant_id,
            of_payer.c.bill_to_id == columns.id,
            of_payer.c.open_side == SALES.upper(),
        )
        .correlate_except(of_payer)
        .scalar_subquery()
    )


def _promised(columns: Columns) -> ColumnElement[Any]:
    """Orders not yet delivered and deliveries not yet billed; what is only a draft counts not yet.

    The value of a line goes down with its quantity, each line rounded to cents.
    """
    return _of_orders(columns) + _of_deliveries(columns)


def _of_orders(columns: Columns) -> ColumnElement[Any]:
    """Sum up what is ordered and neither delivered nor billed."""
    promise, line = document.alias("promised"), document_line.alias("promised_line")
    stock = line.c.stock_quantity
    done = case(
        (stock > 0, func.greatest(line.c.delivered, line.c.invoiced)),
        else_=func.least(line.c.delivered, line.c.invoiced),
    )
    share = func.greatest((stock - done) / func.nullif(stock, 0), 0)
    return (
        select(func.coalesce(func.sum(func.round(_value(line.c, promise.c) * share, 2)), 0))
        .select_from(promise)
        .join(line, _belongs(line.c, promise.c))
        .where(*_counts(promise.c, line.c, columns, _ORDERS), line.c.closed_at.is_(None))
        .correlate_except(promise, line)
        .scalar_subquery()
    )


def _of_deliveries(columns: Columns) -> ColumnElement[Any]:
    """Sum up what is delivered and not billed.

    What was billed of an order line itself counts for its deliveries first in, first out, as
    domain.documents.beside says.
    """
    moved, line = document.alias("moved"), document_line.alias("moved_line")
    order, ordered = document.alias("moved_of"), document_line.alias("moved_of_line")
    sign = func.sign(line.c.stock_quantity)
    waits = func.greatest(
        sign * (line.c.stock_quantity - line.c.invoiced - line.c.returned), literal_column("0")
    )
    of_order = (
        select(ordered.c.invoiced)
        .join(order, _belongs(ordered.c, order.c))
        .where(
            ordered.c.tenant_id == line.c.tenant_id,
            ordered.c.id == line.c.source_line_id,
            one_of(order.c.kind, _ORDERS),
        )
        .correlate_except(order, ordered)
        .scalar_subquery()
    )
    through_deliveries = func.sum(line.c.invoiced).over(partition_by=line.c.source_line_id)
    beside = sign * (func.coalesce(of_order, 0) - through_deliveries)
    before = func.sum(waits).over(
        partition_by=line.c.source_line_id,
        order_by=(moved.c.posting_date, moved.c.id, line.c.position),
        rows=(None, -1),
    )
    rest = (
        select(
            waits.label("waits"),
            (beside - func.coalesce(before, 0)).label("beside"),
            func.abs(line.c.stock_quantity).label("quantity"),
            _value(line.c, moved.c).label("value"),
            line.c.closed_at,
        )
        .select_from(moved)
        .join(line, _belongs(line.c, moved.c))
        .where(*_counts(moved.c, line.c, columns, _DELIVERIES))
        .correlate_except(moved, line)
        .subquery("rest")
    )
    share_of_advance = func.least(rest.c.waits, rest.c.beside)
    open = rest.c.waits - func.greatest(share_of_advance, literal_column("0"))
    share = open / func.nullif(rest.c.quantity, 0)
    return (
        select(func.coalesce(func.sum(func.round(rest.c.value * share, 2)), 0))
        .where(rest.c.closed_at.is_(None))
        .correlate_except(rest)
        .scalar_subquery()
    )


def _value(line: Columns, promise: Columns) -> ColumnElement[Any]:
    """The gross value of a whole line in company currency, with its part of allowances.

    What was agreed over the whole document is borne by all of its lines in proportion.
    """
    rate = 1 + func.coalesce(line.tax_rate, 0) / 100
    over_all = (promise.charge_total - promise.allowance_total) / func.nullif(promise.line_total, 0)
    value: ColumnElement[Any] = line.net * rate * (1 + func.coalesce(over_all, 0))
    return value / func.coalesce(promise.exchange_rate, 1)


def _belongs(line: Columns, promise: Columns) -> ColumnElement[bool]:
    return and_(line.tenant_id == promise.tenant_id, line.document_id == promise.id)


def _counts(
    promise: Columns, line: Columns, payer: Columns, kinds: Sequence[str]
) -> tuple[ColumnElement[bool], ...]:
    """What documents and lines count: final ones of a payer, with a value."""
    return (
        promise.tenant_id == payer.tenant_id,
        promise.bill_to_id == payer.id,
        one_of(promise.kind, sorted(kinds)),
        promise.state == "POSTED",
        promise.cancels_id.is_(None),
        promise.cancelled_by_id.is_(None),
        one_of(line.kind, COUNTING),
    )


_EXPOSURES = compiled(
    select(partner.c.id, exposure_of(partner.c).label("exposure")).where(
        partner.c.tenant_id == bindparam(TENANT, type_=Uuid()),
        partner.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid()))),
    )
)


async def exposures_of(snapshot: "Snapshot", ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return the credit exposure of each of these partners by one statement."""
    rows = await snapshot.fetch(_EXPOSURES, {"ids": list(ids)})
    return {row["id"]: row["exposure"] for row in rows}


class Credit:
    """Credit limits inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work
        self._payers: list[UUID] = []
        self._exposures: dict[UUID, Decimal] = {}

    async def lock_payers(
        self, ids: Collection[UUID], named: Collection[UUID] = ()
    ) -> dict[UUID, Partner]:
        """Lock who pays for documents that are about to add to an exposure, before the documents.

        Documents of other kinds lock nobody; `named` are those who shall pay from now on. The lock
        lets others name the partner on new documents; it waits only for who judges his figures
        too.
        """
        columns, tenant = document.c, self._work.actor.tenant
        of_documents = columns.tenant_id == tenant, columns.id.in_(ids)
        payers = await self._work.session.scalars(
            select(columns.bill_to_id)
            .where(*of_documents, columns.kind.in_(CHECKED_KINDS))
            .distinct()
        )
        wanted = {*payers, *named}
        if not wanted:
            return {}
        self._work.lock(Lock.PARTNERS)
        query = (
            select(Partner)
            .where(partner.c.tenant_id == tenant, partner.c.id.in_(wanted))
            .order_by(partner.c.id)
        )
        found = await self._work.session.scalars(query.with_for_update(key_share=True))
        locked = {each.id: each for each in found}
        self._payers = [id for id, each in locked.items() if each.credit_limit is not None]
        return locked

    async def exposure(self, payer: Partner) -> Decimal:
        """Return a locked payer's exposure, with what was promised to him since we asked.

        All locked payers with a limit are asked for together, once.
        """
        if payer.id not in self._exposures:
            query = select(partner.c.id, exposure_of(partner.c)).where(
                partner.c.tenant_id == self._work.actor.tenant, partner.c.id.in_(self._payers)
            )
            rows = await self._work.session.execute(query)
            self._exposures = {id: Decimal(exposure) for id, exposure in rows}
        return self._exposures[payer.id]

    def promise(self, payer: UUID, amount: Decimal) -> None:
        """Count what this unit of work promises a payer: the database does not know it yet."""
        if payer in self._exposures:
            self._exposures[payer] += amount
