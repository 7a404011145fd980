"""What the ledger says of a range: which numbers were voided, and which nobody can explain."""

from dataclasses import dataclass
from datetime import datetime

from persistence.database import Snapshot
from persistence.reading.statement import TENANT, Statement

ROWS_MAX = 1_000

_GAPS = Statement(
    """
select previous + 1 as first, counter - 1 as last from (
  select counter, lag(counter, 1, $4) over (order by counter) as previous from (
    select counter from number_allocation where tenant_id = $1 and series = $2 and period = $3
    union all select $5 + 1
  ) given
) pairs
where counter > previous + 1 order by 1 limit $6
""",
    (TENANT, "series", "period", "taken_over", "last", "rows_max"),
    {"rows_max": ROWS_MAX},
)

_VOIDED = Statement(
    """
select number, voided_reason as reason, allocated_at from number_allocation
where tenant_id = $1 and series = $2 and period = $3 and voided_reason is not null
order by counter limit $4
""",
    (TENANT, "series", "period", "rows_max"),
    {"rows_max": ROWS_MAX},
)


@dataclass(frozen=True, slots=True)
class Voided:
    """A number taken for nothing."""

    number: str
    reason: str
    allocated_at: datetime


async def gaps_of(
    snapshot: Snapshot, series: str, period: str, taken_over: int, last: int
) -> list[tuple[int, int]]:
    """Return first and last counter of every stretch that has no row in the ledger.

    Numbers up to `taken_over` were given elsewhere; the ledger never had them.
    """
    values = {"series": series, "period": period, "taken_over": taken_over, "last": last}
    return [(row["first"], row["last"]) for row in await snapshot.fetch(_GAPS, values)]


async def voided_of(snapshot: Snapshot, series: str, period: str) -> list[Voided]:
    """Return the voided numbers of a range, the oldest first."""
    rows = await snapshot.fetch(_VOIDED, {"series": series, "period": period})
    return [Voided(**row) for row in rows]
