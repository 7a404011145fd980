"""Open items as they were at the end of any day, by the days of documents and allocations.

What is open now is known; what was open then differs by the allocations that count today and did
not then, and by those that counted then and were taken back since. So a day is read along indexes:
what is open now, and what was allocated or taken back after the day, however many documents there
are. An allocation that was taken back counts on the days on which it stood; one that was written
down late, from the day that it says (domain.payments.dating). Documents posted after the day are
not there yet.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.documents.kinds import KINDS, PURCHASE, SALES
from persistence.documents.tables import quoted
from persistence.reading.statement import READABLE_KINDS, TENANT, Statement

if TYPE_CHECKING:
    from persistence.database import Snapshot


def _on(side: str) -> str:
    return quoted(kind.name for kind in KINDS.values() if kind.owed and kind.side == side)


def _lessens(sign: int) -> str:
    return quoted(kind.name for kind in KINDS.values() if kind.owed == sign)


_COLUMNS = (
    "d.id, d.kind, d.number, d.bill_to_id, d.due_date, d.due_sort, d.currency, d.exchange_rate,"
    " d.payable, d.open_cents"
)
_POSTED = (
    "d.tenant_id = $1 and d.state = 'POSTED' and d.posting_date <= $4::date"
    " and d.kind = any($2::text[])"
)

# $1 tenant, $2 kinds, $3 side, $4 the day. An allocation settles its payment by the amount, its
# document by the discount as well; `part` is what was open more of a document then than is now.
# A range with two ends is one of which the planner expects few rows before it knows the day.
THEN = f"""
with change as (
  select payment_id, document_id, amount, discount, 1 as sign from payment_allocation
  where tenant_id = $1 and settled_on > $4::date and settled_on < 'infinity'
    and undone_on is null
  union all
  select payment_id, document_id, amount, discount, -1 from payment_allocation
  where tenant_id = $1 and undone_on > $4::date and undone_on < 'infinity'
    and settled_on <= $4::date
), moved as (
  select id, sum(part) as part from (
    select payment_id as id, sign * amount as part from change
    union all
    select document_id, sign * (amount + discount) from change
  ) side group by id
), item as (
  select {_COLUMNS}, coalesce(m.part, 0) as part
  from document d left join moved m on m.id = d.id
  where {_POSTED} and d.open_side = $3
  union all
  select {_COLUMNS}, m.part
  from moved m join document d on d.id = m.id
  where {_POSTED} and d.open_side is null and m.part <> 0 and d.kind = any(
    case when $3 = 'SALES' then array[{_on(SALES)}] else array[{_on(PURCHASE)}] end)
), open_then as (
  select id, number, bill_to_id, due_date, due_sort, currency, exchange_rate,
    open_cents + (part * 100 * sign(payable)
      * case when kind in ({_lessens(-1)}) then -1 else 1 end)::bigint as open_cents
  from item
)
"""  # noqa: S608  names of our own

_PAGE = f"""{THEN}
select id, number, due_sort, due_date, currency, open_cents from open_then
where open_cents <> 0 and ($5::uuid is null or bill_to_id = $5)
  and ($6::date is null or (due_sort, id) > ($6, $7::uuid))
order by due_sort, id limit $8
"""  # noqa: S608  names of our own

_TOTALS = f"""{THEN}
select currency, sum(open_cents)::bigint as open_cents, count(*) as documents from open_then
where open_cents <> 0 and ($5::uuid is null or bill_to_id = $5)
group by currency order by currency
"""  # noqa: S608  names of our own

_NAMES = (TENANT, READABLE_KINDS, "side", "as_of", "payer")


@dataclass(frozen=True, slots=True)
class AsOf:
    """Which side, at the end of which day, and of whom."""

    side: str
    as_of: date
    payer: UUID | None = None


@dataclass(frozen=True, slots=True)
class ItemThen:
    """An item that was open; `balance` as it counts on its side, `sort` its place in the list."""

    id: UUID
    number: str
    due_date: date
    sort: date
    currency: str
    balance: Decimal

    def days_overdue(self, on: date) -> int:
        """Count the days since what is owed was due; 0 before, and for what is not owed."""
        return max((on - self.due_date).days, 0) if self.balance > 0 else 0


@dataclass(frozen=True, slots=True)
class TotalThen:
    """The sum of all of them in one currency."""

    currency: str
    balance: Decimal
    documents: int


async def items_then(
    snapshot: "Snapshot", asked: AsOf, after: tuple[date, UUID] | None, size: int
) -> list[ItemThen]:
    """Return one more than `size` items from `after` on, due first."""
    day, id = after or (None, None)
    statement = Statement(_PAGE, (*_NAMES, "day", "id", "limit"), {})
    rows = await snapshot.fetch(
        statement, {**_values(asked), "day": day, "id": id, "limit": size + 1}
    )
    return [
        ItemThen(
            id=row["id"],
            number=row["number"],
            due_date=row["due_date"],
            sort=row["due_sort"],
            currency=row["currency"],
            balance=Decimal(row["open_cents"]).scaleb(-2),
        )
        for row in rows
    ]


async def totals_then(snapshot: "Snapshot", asked: AsOf) -> list[TotalThen]:
    """Return what was open in each currency."""
    rows = await snapshot.fetch(Statement(_TOTALS, _NAMES, {}), _values(asked))
    return [
        TotalThen(row["currency"], Decimal(row["open_cents"]).scaleb(-2), row["documents"])
        for row in rows
    ]


def _values(asked: AsOf) -> dict[str, object]:
    return {"side": asked.side, "as_of": asked.as_of, "payer": asked.payer}
