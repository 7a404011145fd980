"""Deliveries without invoice and receipts without invoice, as they were on any day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.documents.invoice_run import Rhythm, Unbilled
from domain.documents.kinds import KINDS, Step
from persistence.documents.tables import quoted
from persistence.reading.statement import TENANT, Statement

if TYPE_CHECKING:
    from persistence.database import Snapshot

PROPOSED_MAX = 5_000


def _of(*steps: Step) -> str:
    """Return the kinds of these steps as a list of SQL literals."""
    return quoted(kind.name for kind in KINDS.values() if kind.step in steps)


# What a follow-up took counts from its posting date to that of its cancellation. What was billed of
# an order line itself counts for its deliveries first in, first out (domain.documents.beside).
_OPEN = f"""
with gone as (
  select c.cancels_id as id from document c
  where c.tenant_id = $1 and c.cancels_id is not null and c.state = 'POSTED'
    and c.posting_date <= $2
), delivery as (
  select d.* from document d
  where d.tenant_id = $1 and d.kind = $3 and d.state = 'POSTED' and d.posting_date <= $2
    and d.cancels_id is null and ($4::uuid is null or d.bill_to_id = $4)
    and not exists (select from gone where gone.id = d.id)
), line as (
  select l.document_id, l.position, d.posting_date, d.supply_date, l.tax_category, l.stock_factor,
    l.unit_price, l.price_quantity, l.discount_percent, l.source_line_id, l.source_document_id,
    l.closed_at is not null and l.closed_at::date <= $2 as is_closed,
    sign(l.stock_quantity) as sign,
    greatest(sign(l.stock_quantity) * (l.stock_quantity - coalesce((
      select sum(f.stock_quantity) from document_line f
      join document fd on fd.tenant_id = $1 and fd.id = f.document_id
      where f.tenant_id = $1 and f.source_line_id = any(array(
          select l.id union all select i.id from document_line i
          where i.tenant_id = $1 and i.source_line_id = l.id
        )) and (f.source_line_id = l.id or fd.kind in ({_of(Step.RETURN)}))
        and not f.is_price_correction
        and fd.state = 'POSTED' and fd.posting_date <= $2 and fd.cancels_id is null
        and fd.invoice_type is distinct from 'PREPAYMENT'
        and not exists (select from gone where gone.id = fd.id)
    ), 0)), 0) as waits,
    sign(l.stock_quantity) * coalesce((
      select sum(f.stock_quantity) from document_line f
      join document fd on fd.tenant_id = $1 and fd.id = f.document_id
      where f.tenant_id = $1 and f.source_line_id = l.source_line_id
        and not f.is_price_correction and fd.kind in ({_of(Step.INVOICE)})
        and fd.state = 'POSTED' and fd.posting_date <= $2 and fd.cancels_id is null
        and not exists (select from gone where gone.id = fd.id)
    ), 0) as beside
  from delivery d join document_line l on l.tenant_id = $1 and l.document_id = d.id
  where l.kind in ('ITEM', 'CHARGE')
), rest as (
  select line.*, sign * (waits - greatest(least(waits, beside - coalesce(sum(waits) over (
      partition by source_line_id order by posting_date, document_id, position
      rows between unbounded preceding and 1 preceding
    ), 0)), 0)) as open
  from line
), open as (
  select document_id, sum(round(coalesce(
      open / stock_factor * unit_price / price_quantity * (1 - discount_percent / 100), 0), 2)
    ) as net, string_agg(distinct tax_category, ' ' order by tax_category) as tax_treatment,
    array_remove(array_agg(distinct source_document_id), null) as orders
  from rest where open <> 0 and not is_closed and supply_date <= $2 group by document_id
)
"""  # noqa: S608  names of our own

_PAGE = (
    _OPEN
    + """
select d.id, d.supply_date, d.currency, open.net
from open join delivery d on d.id = open.document_id
where $5::date is null or (d.supply_date, d.id) > ($5, $6) order by d.supply_date, d.id limit $7
"""
)

_TOTALS = (
    _OPEN
    + """
select d.currency, sum(open.net) as net, count(*) as documents from open
join delivery d on d.id = open.document_id group by d.currency order by d.currency
"""
)

# The run looks at now: what drafts took already is not proposed again.
_PROPOSED = """
select d.id, coalesce(d.number, '') as number,
  coalesce(d.supply_until, d.supply_date) as supplied_on,
  d.bill_to_id as bill_to, b.name as bill_to_name,
  concat_ws(', ', s.name, s.street, s.postcode, s.city) as ship_to, open.orders, d.currency,
  d.payment_days, coalesce(open.tax_treatment, '') as tax_treatment, p.invoice_rhythm as rhythm,
  open.net
from document d
join lateral (
  select sum(round(coalesce(
      open_quantity * unit_price / price_quantity * (1 - discount_percent / 100), 0), 2)
    ) as net, string_agg(distinct tax_category, ' ' order by tax_category) as tax_treatment,
    array_remove(array_agg(distinct source_document_id), null) as orders
  from document_line l
  where l.tenant_id = $1 and l.document_id = d.id and l.open_quantity <> 0
) open on true
join partner p on p.tenant_id = $1 and p.id = d.bill_to_id
left join document_party b on b.tenant_id = $1 and b.document_id = d.id and b.role = 'BILL_TO'
left join document_party s on s.tenant_id = $1 and s.document_id = d.id and s.role = 'SHIP_TO'
where d.tenant_id = $1 and d.kind = $3 and d.open_lines > 0 and d.supply_date <= $2
  and ($4::uuid is null or d.bill_to_id = $4)
order by d.supply_date, d.id limit $5
"""


@dataclass(frozen=True, slots=True)
class OpenDelivery:
    """A delivery or receipt with something that no invoice covers: net of that part."""

    id: UUID
    supply_date: date
    currency: str
    net: Decimal


@dataclass(frozen=True, slots=True)
class OpenTotal:
    """The sum of all of them in one currency."""

    currency: str
    net: Decimal
    documents: int


@dataclass(frozen=True, slots=True)
class Question:
    """Which side (a kind of delivery), on which day, and of whom."""

    kind: str
    on: date
    bill_to: UUID | None = None

    @property
    def values(self) -> Mapping[str, Any]:
        """The parameters of the statements."""
        return {"on": self.on, "kind": self.kind, "bill_to": self.bill_to}


_NAMES = (TENANT, "on", "kind", "bill_to")


async def open_deliveries(
    snapshot: "Snapshot", asked: Question, after: tuple[date, UUID] | None, size: int
) -> list[OpenDelivery]:
    """Return one more than `size` deliveries from `after` on, oldest first."""
    day, id = after or (None, None)
    statement = Statement(_PAGE, (*_NAMES, "day", "id", "limit"), {})
    values = {**asked.values, "day": day, "id": id, "limit": size + 1}
    return [OpenDelivery(**dict(row)) for row in await snapshot.fetch(statement, values)]


async def open_totals(snapshot: "Snapshot", asked: Question) -> list[OpenTotal]:
    """Return what is open in each currency."""
    rows = await snapshot.fetch(Statement(_TOTALS, _NAMES, {}), dict(asked.values))
    return [OpenTotal(**dict(row)) for row in rows]


async def unbilled(snapshot: "Snapshot", asked: Question) -> list[Unbilled]:
    """Return what the invoice run groups, at most 5,000 deliveries, the oldest first."""
    statement = Statement(_PROPOSED, (*_NAMES, "limit"), {})
    rows = await snapshot.fetch(statement, {**asked.values, "limit": PROPOSED_MAX})
    return [
        Unbilled(
            **{
                **dict(row),
                "orders": tuple(sorted(row["orders"])),
                "rhythm": Rhythm(row["rhythm"]),
            }
        )
        for row in rows
    ]
