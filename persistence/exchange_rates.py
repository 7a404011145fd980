"""Exchange rates: table, mapping, repository and readable view."""

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Column, Date, Index, String, UniqueConstraint, select

from domain.exchange_rates import ExchangeRate, RateSource
from persistence.catalog import Quantity, identity, moment, tenant_table, version
from persistence.locked import one_at_a_time
from persistence.locks import Lock
from persistence.mapping import EnumText, mapper
from persistence.reading.views import Relation, Sort, View, readable

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

exchange_rate = tenant_table(
    "exchange_rate",
    identity(),
    Column("currency", String(3), nullable=False),
    Column("valid_on", Date, nullable=False),
    Column("rate", Quantity(), nullable=False),
    Column("source", EnumText(RateSource), nullable=False),
    moment("created_at"),
    moment("updated_at"),
    version(),
    UniqueConstraint("tenant_id", "currency", "valid_on"),
    Index(None, "tenant_id", "valid_on", "id"),
    Index(None, "tenant_id", "currency", "valid_on", "id"),
)

mapper.map_imperatively(ExchangeRate, exchange_rate, version_id_col=exchange_rate.c.version)

readable(
    View(
        "exchange_rate",
        exchange_rate,
        prefix="exr",
        sorts={"NEWEST": Sort("valid_on", descending=True)},
        relations={
            "history": Relation("journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST")
        },
    )
)


class ExchangeRates:
    """Exchange rates inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work

    def add(self, new: ExchangeRate) -> None:
        """Keep the first rate of a currency on a day."""
        self._work.add(new)

    async def locked(self, currency: str, valid_on: date) -> ExchangeRate | None:
        """Return the rate of a currency recorded for exactly this day, locked; None for none.

        Two who record a rate of the same currency at once wait for each other.
        """
        self._work.lock(Lock.SETTINGS)
        await one_at_a_time(self._work, f"exchange rate {currency[:3]}")
        query = select(ExchangeRate).where(
            exchange_rate.c.tenant_id == self._work.actor.tenant,
            exchange_rate.c.currency == currency,
            exchange_rate.c.valid_on == valid_on,
        )
        found: ExchangeRate | None = await self._work.session.scalar(query.with_for_update())
        return found
