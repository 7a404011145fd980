"""Deliveries without invoice and receipts without invoice, as they were on any day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.amounts import Allowance, PriceBasis
from domain.documents.agreed import Agreed
from domain.documents.drafts import TERMS
from domain.documents.invoice_run import TooManyDeliveries, Unbilled
from domain.documents.kinds import KINDS, Step
from domain.partners.rhythm import Rhythm
from domain.tax import TaxCategory
from persistence.documents.tables import quoted
from persistence.reading.statement import TENANT, Statement

if TYPE_CHECKING:
    from persistence.database import Snapshot

PROPOSED_MAX = 5_000


def _of(*steps: Step) -> str:
    """Return the kinds of these steps as a list of SQL literals."""
    return quoted(kind.name for kind in KINDS.values() if kind.step in steps)


# What percentages over the whole document leave of a line, as a factor.
_FACTOR = """
(select 1 + coalesce(sum(case when a.is_charge then a.percent else -a.percent end), 0) / 100
  from document_allowance a
  where a.tenant_id = $1 and a.document_id = l.document_id and a.percent is not null
    and (a.tax_category is null
      or (a.tax_category = l.tax_category and a.tax_rate is not distinct from l.tax_rate)))
"""

# What fixed amounts over the whole add, the part of the lines that was billed before, and the part
# that is billed with what is open: each invoice bears its share (domain.documents.sharing).
_FIXED = "max(document_net) - round(sum(l.net * factor), 2)"
_BILLED = "coalesce(sum(l.net * taken) / nullif(sum(l.net), 0), 0)"
_BILLED_THEN = "coalesce(sum(l.net * (taken + share)) / nullif(sum(l.net), 0), 0)"

# The net of the invoice over what is open: `share` is the open part of a line, 0 to 1, `taken` the
# billed one.
_NET = f"""
round(sum(round(l.net * share, 2) * factor), 2)
  + round(({_FIXED}) * least(1, {_BILLED_THEN}), 2) - round(({_FIXED}) * least(1, {_BILLED}), 2)
"""

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
  select l.document_id, l.position, d.posting_date, d.supply_date, d.net as document_net, l.net,
    l.stock_quantity, l.source_line_id, {_FACTOR} as factor,
    l.closed_at is not null and (l.closed_at at time zone (
      select time_zone from tenant where tenant_id = $1
    ))::date <= $2 as is_closed,
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
    coalesce((
      select sum(f.stock_quantity) from document_line f
      join document fd on fd.tenant_id = $1 and fd.id = f.document_id
      where f.tenant_id = $1 and f.source_line_id = l.id
        and not f.is_price_correction and fd.kind in ({_of(Step.INVOICE)})
        and fd.state = 'POSTED' and fd.posting_date <= $2 and fd.cancels_id is null
        and fd.invoice_type is distinct from 'PREPAYMENT'
        and not exists (select from gone where gone.id = fd.id)
    ), 0) / nullif(l.stock_quantity, 0) as taken,
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
  select line.*, waits - greatest(least(waits, beside - coalesce(sum(waits) over (
      partition by source_line_id order by posting_date, document_id, position
      rows between unbounded preceding and 1 preceding
    ), 0)), 0) as open
  from line
), share as (
  select rest.*, case when is_closed then 0
    else open / nullif(abs(stock_quantity), 0) end as share from rest
), open as (
  select document_id,
    {_NET} as net
  from share l where supply_date <= $2 group by document_id having bool_or(share <> 0)
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
_PROPOSED = f"""
select d.id, coalesce(d.number, '') as number,
  coalesce(d.supply_until, d.supply_date) as supplied_on,
  d.bill_to_id, coalesce(b.name, '') as bill_to_name, b.name as payer,
  concat_ws(', ', s.name, s.street, s.postcode, s.city) as ship_to, open.orders, d.currency,
  {", ".join(f"d.{name}" for name in TERMS)}, d.branch_id, d.price_basis,
  coalesce(open.tax_treatment, '') as tax_treatment, p.invoice_rhythm as rhythm, open.net,
  (select count(*) from document_line l
    where l.tenant_id = $1 and l.document_id = d.id and l.kind <> 'OPTIONAL') as lines,
  (select json_agg(a order by a.position) from document_allowance a
    where a.tenant_id = $1 and a.document_id = d.id and a.percent is not null) as allowances
from document d
join lateral (
  select {_NET} as net,
    string_agg(distinct tax_category, ' ' order by tax_category)
      filter (where share <> 0) as tax_treatment,
    array_remove(array_agg(distinct source_document_id) filter (where share <> 0), null) as orders
  from (
    select l.*, d.net as document_net, {_FACTOR} as factor,
      l.open_quantity / nullif(l.quantity, 0) as share,
      l.taken_invoice / nullif(l.stock_quantity, 0) as taken
    from document_line l
    where l.tenant_id = $1 and l.document_id = d.id and l.kind in ('ITEM', 'CHARGE')
  ) l
) open on true
join partner p on p.tenant_id = $1 and p.id = d.bill_to_id
left join document_party b on b.tenant_id = $1 and b.document_id = d.id and b.role = 'BILL_TO'
left join document_party s on s.tenant_id = $1 and s.document_id = d.id and s.role = 'SHIP_TO'
where d.tenant_id = $1 and d.kind = $3 and d.open_lines > 0 and d.supply_date <= $2
  and ($4::uuid is null or d.bill_to_id = $4)
order by d.supply_date, d.id limit $5
"""  # noqa: S608  names of our own


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
    """Return what the invoice run groups, the oldest first.

    Raises TooManyDeliveries for more than are looked at: nothing is left out silently.
    """
    statement = Statement(_PROPOSED, (*_NAMES, "limit"), {})
    rows = await snapshot.fetch(statement, {**asked.values, "limit": PROPOSED_MAX + 1})
    if len(rows) > PROPOSED_MAX:
        raise TooManyDeliveries(deliveries_max=PROPOSED_MAX)
    return [_unbilled(dict(row)) for row in rows]


_SAID = (
    *("id", "number", "supplied_on", "bill_to_name", "ship_to", "payment_days", "tax_treatment"),
    *("net", "lines"),
)


def _unbilled(row: Mapping[str, Any]) -> Unbilled:
    allowances = json.loads(row["allowances"] or "[]", parse_float=Decimal, parse_int=Decimal)
    return Unbilled(
        **{name: row[name] for name in _SAID},
        orders=tuple(sorted(row["orders"] or ())),
        rhythm=Rhythm(row["rhythm"]),
        agreed=Agreed(
            payer=(row["bill_to_id"], row["payer"]),
            branch=row["branch_id"],
            currency=row["currency"],
            price_basis=PriceBasis(row["price_basis"]),
            allowances=tuple(_allowance(each) for each in allowances),
            terms=tuple(row[name] for name in TERMS),
        ),
    )


def _allowance(row: Mapping[str, Any]) -> Allowance:
    category = row["tax_category"]
    return Allowance(
        percent=row["percent"],
        is_charge=row["is_charge"],
        reason=row["reason"],
        code=row["code"],
        tax=None if category is None else (TaxCategory(category), row["tax_rate"]),
    )
