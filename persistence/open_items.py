"""Open items: the readable list, how old they are, and what a payment could settle."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
)

from domain.payments import OpenItem, discount_within
from persistence.catalog import Money
from persistence.open_then import THEN
from persistence.reading.statement import READABLE_KINDS, TENANT, Statement
from persistence.reading.views import Columns, Relation, Sort, View, readable
from persistence.tenants import tenant_company

if TYPE_CHECKING:
    from persistence.database import Snapshot

PARTNERS_MAX = 1_000
PROPOSED_MAX = 500

open_item = Table(
    "open_item",
    MetaData(),  # a view of the database (migrations), so Alembic need not know it
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("side", String(10), nullable=False),
    Column("number", String(36), nullable=False),
    Column("external_number", String(100)),
    Column("currency", String(3), nullable=False),
    Column("issue_date", Date, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("due_sort", Date, nullable=False),
    Column("bill_to_id", Uuid, nullable=False),
    Column("gross", Money(), nullable=False),
    Column("open_amount", Money(), nullable=False),
    Column("open_cents", BigInteger, nullable=False),
)


def today() -> ColumnElement[date]:
    """Return the day it is where the company is, as part of a statement; found once per read."""
    company = tenant_company.c
    here = func.timezone(company.time_zone, func.now())
    mine = company.tenant_id == bindparam(TENANT, type_=company.tenant_id.type)
    return select(cast(here, Date)).where(mine).scalar_subquery()


def is_overdue(columns: Columns) -> ColumnElement[bool]:
    """Say whether something is open after the day on which it was due."""
    is_owed = columns.open_cents > literal_column("0")
    return func.coalesce(is_owed & (columns.due_sort < today()), literal_column("false"))


def days_overdue(columns: Columns) -> ColumnElement[int]:
    """Count the days since what is owed was due; 0 before, and for what is not owed."""
    return case(
        (columns.open_cents > literal_column("0"), func.greatest(today() - columns.due_date, 0)),
        else_=0,
    )


readable(
    View(
        "open_item",
        open_item,
        guarded_kinds=True,
        computed={
            "balance": lambda columns: cast(
                func.round(cast(columns.open_cents, Numeric) / 100, 2), Text
            ),
            "is_overdue": is_overdue,
            "days_overdue": days_overdue,
        },
        relations={
            "document": Relation("document", (("id", "id"),)),
            "partner": Relation("partner", (("bill_to_id", "id"),)),
        },
        sorts={
            "DUE_FIRST": Sort("due_sort"),
            "PARTNER": Sort("bill_to_id"),
            "AMOUNT": Sort("open_cents", descending=True),
        },
    )
)

_BUCKETS = ("not_due", "days_1_to_30", "days_31_to_60", "days_61_to_90", "over_90_days")

# Amounts are cents in the company's currency, at the rate that each document keeps. What lessens a
# side (a credit note, a payment) is nothing that anybody is late with: it is never overdue.
_SUMS = f"""
select d.bill_to_id, coalesce(sum(d.open_cents), 0)::bigint as total,
  coalesce(sum(d.open_cents) filter (where age <= 0), 0)::bigint as not_due,
  coalesce(sum(d.open_cents) filter (where age between 1 and 30), 0)::bigint as days_1_to_30,
  coalesce(sum(d.open_cents) filter (where age between 31 and 60), 0)::bigint as days_31_to_60,
  coalesce(sum(d.open_cents) filter (where age between 61 and 90), 0)::bigint as days_61_to_90,
  coalesce(sum(d.open_cents) filter (where age > 90), 0)::bigint as over_90_days
from (
  select bill_to_id, case when open_cents > 0 then {{on}} - due_date else 0 end as age,
    round(open_cents / coalesce(exchange_rate, 1))::bigint as open_cents
  from {{items}}
) d
group by grouping sets ((), (d.bill_to_id))
order by grouping(d.bill_to_id) desc, abs(sum(d.open_cents)) desc, d.bill_to_id
limit {PARTNERS_MAX + 1}
"""  # noqa: S608  numbers of our own

_NOW = "document where tenant_id = $1 and open_side = $3 and kind = any($2::text[])"
_AGEING = _SUMS.format(items=_NOW, on="$4::date")
_AGEING_THEN = THEN + _SUMS.format(items="open_then where open_cents <> 0", on="$5::date")

_COMPANY = """
select currency, (now() at time zone time_zone)::date as today from tenant where tenant_id = $1
"""

_OWED = f"""
from document d
where d.tenant_id = $1 and d.kind = any($2::text[]) and d.open_side = $3 and d.bill_to_id = $4
  and d.open_cents > 0 and d.currency = $5 and d.id <> $6 and d.payment_block is {{block}}
order by d.due_sort, d.id limit {PROPOSED_MAX}
"""
_ITEMS = f"""
select d.id, d.due_date, d.open_cents, d.payable, d.discount_taken, d.issue_date,
  d.discount_days, d.discount_percent, d.discount2_days, d.discount2_percent
{_OWED.format(block="null")}
"""
_BLOCKED = f"""
select d.id, d.payment_block, d.match_report, d.tax_report {_OWED.format(block="not null")}
"""

_PAYMENT = """
select d.bill_to_id, d.open_side, d.currency, d.issue_date, -d.open_cents as open_cents
from document d
where d.tenant_id = $1 and d.kind = any($2::text[]) and d.id = $3 and d.open_cents < 0
"""

_RIGHTS = (TENANT, READABLE_KINDS)


@dataclass(frozen=True, slots=True)
class Ageing:
    """Sums of open items by age, positive as they are owed on their side."""

    total: Decimal
    not_due: Decimal
    days_1_to_30: Decimal
    days_31_to_60: Decimal
    days_61_to_90: Decimal
    over_90_days: Decimal

    @staticmethod
    def of(row: Any) -> "Ageing":
        """Make it of a row in cents."""
        return Ageing(*(_money(row[name]) for name in ("total", *_BUCKETS)))


@dataclass(frozen=True, slots=True)
class Company:
    """Which currency a company keeps its books in, and which day it is there."""

    currency: str
    today: date


async def company_of(snapshot: "Snapshot") -> Company:
    """Return currency and day of the company."""
    [row] = await snapshot.fetch(Statement(_COMPANY, (TENANT,), {}), {})
    return Company(row["currency"], row["today"])


async def ageing_of(
    snapshot: "Snapshot", side: str, on: date, as_of: date | None = None
) -> tuple[Ageing, dict[UUID, Ageing]]:
    """Return how old the open items of a side are on a day: the total, and per payer.

    What is open now, or what was at the end of the day `as_of`. The payers are those with the
    highest amounts, at most 1,000; the total counts everybody.
    """
    values: dict[str, Any] = {"side": side, "on": on}
    if as_of is None:
        statement = Statement(_AGEING, (*_RIGHTS, "side", "on"), {})
    else:
        statement = Statement(_AGEING_THEN, (*_RIGHTS, "side", "as_of", "on"), {})
        values["as_of"] = as_of
    total, *payers = await snapshot.fetch(statement, values)
    return Ageing.of(total), {row["bill_to_id"]: Ageing.of(row) for row in payers}


@dataclass(frozen=True, slots=True)
class Available:
    """An amount that could be allocated: whose, on which side, paid when."""

    payer: UUID
    side: str
    currency: str
    on: date
    amount: Decimal
    payment: UUID = field(default=UUID(int=0))


async def available_of(snapshot: "Snapshot", payment: UUID) -> Available | None:
    """Return what is not allocated yet of a payment or a credit note; None if there is none."""
    statement = Statement(_PAYMENT, (*_RIGHTS, "payment"), {})
    for row in await snapshot.fetch(statement, {"payment": payment}):
        return Available(
            payer=row["bill_to_id"],
            side=row["open_side"],
            currency=row["currency"],
            on=row["issue_date"],
            amount=_money(row["open_cents"]),
            payment=payment,
        )
    return None


async def items_for(snapshot: "Snapshot", available: Available) -> list[OpenItem]:
    """Return the 500 items due first that an amount could settle; none whose payment is blocked."""
    rows = await _owed(snapshot, _ITEMS, available)
    return [
        OpenItem(
            document_id=row["id"],
            due=row["due_date"],
            open=_money(row["open_cents"]),
            discount=discount_within(
                payable=row["payable"],
                taken=row["discount_taken"],
                issued=row["issue_date"],
                steps=(
                    (row["discount_days"], row["discount_percent"]),
                    (row["discount2_days"], row["discount2_percent"]),
                ),
                on=available.on,
            ),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Blocked:
    """An open invoice of a supplier that must not be paid, and what found that."""

    document_id: UUID
    payment_block: str
    match_report: str | None
    tax_report: str | None


async def blocked_for(snapshot: "Snapshot", available: Available) -> list[Blocked]:
    """Return the 500 items due first that an amount could settle, were they not blocked."""
    rows = await _owed(snapshot, _BLOCKED, available)
    names = ("id", "payment_block", "match_report", "tax_report")
    return [Blocked(*(row[name] for name in names)) for row in rows]


async def _owed(snapshot: "Snapshot", sql: str, available: Available) -> Any:
    statement = Statement(sql, (*_RIGHTS, "side", "payer", "currency", "payment"), {})
    names = ("side", "payer", "currency", "payment")
    return await snapshot.fetch(statement, {name: getattr(available, name) for name in names})


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
