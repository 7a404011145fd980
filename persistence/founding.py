"""What a new company starts with: a number series for each kind, and no period closed."""

from uuid import UUID, uuid4

import asyncpg

from domain.documents.kinds import Kind
from domain.numbering.ranges import EARLIEST, warn_from
from domain.numbering.templates import PeriodRule, Template
from domain.periods import PeriodArea

_SERIES = """
insert into number_series (tenant_id, id, series, kind, branch, valid_from, period_rule,
  fiscal_year_start_month, template, template_from, prefix, tenant_code, branch_code, created_at,
  updated_at, version)
values ($1, $2, $3, $4, '', $5, $6, 1, $7, $5, '', '', '', now(), now(), 1)
"""

_TEMPLATE = "insert into number_template (tenant_id, series_id, valid_from, template)"
_TEMPLATE += " values ($1, $2, $3, $4)"

_RANGE = """
insert into number_range (tenant_id, series, period, series_id, kind, template, last, warn_from)
values ($1, $2, $3, $4, $5, $6, 0, $7)
"""


async def open_series(
    connection: asyncpg.Connection, tenant: UUID, kind: Kind, period: str
) -> None:
    """Give a company the series of a kind, by year, with the range of one year."""
    id, text = uuid4(), kind.number_template
    rule = PeriodRule.YEAR.value
    await connection.execute(_SERIES, tenant, id, kind.series, kind.name, EARLIEST, rule, text)
    await connection.execute(_TEMPLATE, tenant, id, EARLIEST, text)
    warned = warn_from(Template.parse(text), None)
    await connection.execute(_RANGE, tenant, kind.series, period, id, kind.name, text, warned)


async def open_periods(connection: asyncpg.Connection, tenant: UUID) -> None:
    """Give a company a lock for each area, with nothing closed."""
    for area in PeriodArea:
        await connection.execute(
            "insert into accounting_period_lock (tenant_id, id, area, updated_at, version)"
            " values ($1, $2, $3, now(), 1)",
            tenant,
            uuid4(),
            area.value,
        )
