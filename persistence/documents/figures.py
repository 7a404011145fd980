"""Counts and sums over documents: what a list holds by facet, and what a period comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)

from domain.documents.figures import GroupBy, Summed, figure_of, sign_of
from domain.documents.kinds import KINDS
from persistence.documents.tables import document, quoted
from persistence.identity import app_user
from persistence.partners import partner
from persistence.reading.shape import Condition, Source
from persistence.reading.statement import TENANT, Statement, compiled, guards
from persistence.reading.views import VIEWS, global_id

if TYPE_CHECKING:
    from persistence.database import Snapshot

COUNTED_MAX = 100_000
"""What is counted at the most; beyond it the counts are those of a part, and say so."""

NAMED_MAX = 20
"""How many partners and users a facet names, the most frequent first."""

GROUPS_MAX = 500

_MONTH = func.to_char(document.c.issue_date, "YYYY-MM")


@dataclass(frozen=True, slots=True)
class Count:
    """How many documents have a value; `label` is how people call it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts by facet, the most frequent first, and of all together."""

    counts: Mapping[str, list[Count]]
    total: int
    is_capped: bool


def _facet(
    found: CTE, name: str, value: ColumnElement[Any], at_most: int = GROUPS_MAX
) -> Select[Any]:
    """Return the most frequent values of a column of what was found."""
    counted = (
        select(literal(name).label("facet"), cast(value, Text).label("value"))
        .add_columns(func.count().label("count"))
        .select_from(found)
        .where(value.is_not(None))
        .group_by(value)
        .order_by(func.count().desc(), value)
        .limit(at_most)
    )
    return select(counted.subquery())


@lru_cache(maxsize=64)
def _facets_statement(conditions: tuple[Condition, ...]) -> Statement:
    """Return the one statement that counts every facet of a filter."""
    view, columns = VIEWS["document"], document.c
    where = guards(view, document, Source("document", conditions))
    found = (
        select(
            columns.kind,
            columns.state,
            columns.partner_id,
            columns.responsible_id,
            columns.answer,
            _MONTH.label("month"),
            columns.payment_block.is_not(None).label("payment_blocked"),
        )
        .where(where)
        .limit(COUNTED_MAX + 1)
        .cte("found")
        .prefix_with("materialized")
    )
    facets = [
        _facet(found, "kind", found.c.kind),
        _facet(found, "state", found.c.state),
        _facet(found, "month", found.c.month),
        _facet(found, "answer", found.c.answer),
        _facet(found, "payment_blocked", found.c.payment_blocked),
        _facet(found, "partner", found.c.partner_id, NAMED_MAX),
        _facet(found, "responsible", found.c.responsible_id, NAMED_MAX),
        select(literal("total"), literal(""), func.count()).select_from(found),
    ]
    return compiled(_named(union_all(*facets).subquery("counted")))


def _named(counted: Any) -> Select[Any]:
    """Give partners and users their ids as clients see them, and their names."""
    columns = counted.c
    partner_name = (
        select(partner.c.name)
        .where(_is(partner, columns, "partner"))
        .correlate(counted)
        .scalar_subquery()
    )
    user_name = (
        select(app_user.c.name)
        .where(_is(app_user, columns, "responsible"))
        .correlate(counted)
        .scalar_subquery()
    )
    shown = case(
        (columns.facet == "partner", global_id("par", columns.value)),
        (columns.facet == "responsible", global_id("usr", columns.value)),
        else_=columns.value,
    )
    label = case(
        (columns.facet == "partner", partner_name),
        (columns.facet == "responsible", user_name),
        else_=columns.value,
    )
    return select(columns.facet, shown.label("value"), label.label("label"), columns.count)


def _is(table: Table, columns: Any, facet: str) -> ColumnElement[bool]:
    """The row that a value of `facet` names; other facets' values are no ids."""
    id = case((columns.facet == facet, cast(columns.value, table.c.id.type)))
    return and_(
        table.c.tenant_id == bindparam(TENANT, type_=table.c.tenant_id.type), table.c.id == id
    )


async def facets_of(
    snapshot: "Snapshot", conditions: tuple[Condition, ...], values: Mapping[str, Any]
) -> Facets:
    """Count what a filter of documents finds, by facet."""
    rows = await snapshot.fetch(_facets_statement(conditions), dict(values))
    counts: dict[str, list[Count]] = {}
    total = 0
    for row in rows:
        if row["facet"] == "total":
            total = row["count"]
        else:
            each = Count(row["value"], row["label"] or "", row["count"])
            counts.setdefault(row["facet"], []).append(each)
    return Facets(counts, min(total, COUNTED_MAX), total > COUNTED_MAX)


@dataclass(frozen=True, slots=True)
class Sum:
    """What the documents of a group come to in a figure, in company currency.

    Cancellations and credit notes count against, prepayments are deducted from final invoices.
    """

    figure: str
    value: str
    label: str
    documents: int
    net: Decimal
    tax: Decimal
    gross: Decimal
    currency: str


_GROUPS: dict[GroupBy, tuple[str, str, str]] = {
    GroupBy.MONTH: ("to_char(d.issue_date, 'YYYY-MM')", "g.value", ""),
    GroupBy.KIND: ("d.kind::text", "g.value", ""),
    GroupBy.STATE: ("d.state::text", "g.value", ""),
    GroupBy.PARTNER: (
        "d.partner_id",
        "p.name",
        "left join partner p on p.tenant_id = $1 and p.id = g.value",
    ),
    GroupBy.RESPONSIBLE: (
        "d.responsible_id",
        "u.name",
        "left join app_user u on u.tenant_id = $1 and u.id = g.value",
    ),
}
"""The value that groups, its label and where this stands."""

_PREFIX = {GroupBy.PARTNER: "par_", GroupBy.RESPONSIBLE: "usr_"}


def _figure() -> str:
    """Return the figure of a document."""
    whens = " ".join(
        f"when '{kind.name}' then '{figure_of(kind)}'"
        for kind in KINDS.values()
        if figure_of(kind) != kind.name
    )
    return f"case d.kind {whens} else d.kind end"


def _amount(name: str) -> str:
    """Return an amount of a document with its sign, less that of the prepayments it deducts.

    A prepayment counts on its own day at its own rate, the final invoice the rest at that of its
    day (section 16 (6) UStG): so a sale counts once.
    """
    against = quoted(kind.name for kind in KINDS.values() if sign_of(kind) < 0)
    deducted = (
        f"select coalesce(sum(round(p.{name} / coalesce(d.exchange_rate, 1), 2)), 0)"  # noqa: S608  names of our own
        " from document_prepayment p where p.tenant_id = $1 and p.document_id = d.id"
    )
    deducted = f"case when d.prepaid = 0 then 0 else ({deducted}) end"
    return f"case when d.kind in ({against}) then -1 else 1 end * (d.company_{name} - {deducted})"


def _sums_statement(by: GroupBy) -> Statement:
    """Return the one statement; time and kinds by their own order, the others largest first."""
    value, label, joined = _GROUPS[by]
    order = "g.net desc, g.value" if by in _PREFIX else "g.value"
    return Statement(
        f"""
select g.figure, '{_PREFIX.get(by, "")}' || g.value::text as value,
  coalesce({label}, '') as label, g.documents, g.net, g.tax, g.net + g.tax as gross,
  (select currency from tenant where tenant_id = $1) as currency
from (
  select s.figure, s.value, count(*) as documents, sum(s.net) as net, sum(s.tax) as tax
  from (
    select {_figure()} as figure, {value} as value, {_amount("net")} as net,
      {_amount("tax")} as tax
    from document d
    where d.tenant_id = $1 and d.kind = any($2) and d.state = any($3)
      and d.issue_date >= $4 and d.issue_date <= $5
  ) s
  group by s.figure, s.value
) g {joined} order by g.figure, {order} limit {GROUPS_MAX}
""",  # noqa: S608  texts of our own
        (TENANT, "kinds", "states", "from", "to"),
        {},
    )


_SUMS = {by: _sums_statement(by) for by in GroupBy}


async def sums_of(snapshot: "Snapshot", asked: Summed, by: GroupBy) -> list[Sum]:
    """Return sums and counts by group; at most 500 groups."""
    values = {
        "kinds": list(asked.kinds),
        "states": list(asked.states),
        "from": asked.issued_from,
        "to": asked.issued_to,
    }
    return [Sum(**dict(row)) for row in await snapshot.fetch(_SUMS[by], values)]
