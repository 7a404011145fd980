"""Exchange rates: list, record."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.exchange_rates import ExchangeRate
from domain.identity import ADMIN
from domain.text import text_to_find
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.exchange_rates import ExchangeRate as ExchangeRateType
from schema.exchange_rates import (
    ExchangeRateFilter,
    ExchangeRateSort,
    RecordExchangeRateInput,
    RecordExchangeRatePayload,
)
from schema.paging import ORDER, WHICH, After, Before, Connection, First, Last


@strawberry.type
class ExchangeRateQueries:
    """Reading exchange rates."""

    @read(any_of=READ_SCOPES, description="Exchange rates as a list (Wechselkurse).")
    def exchange_rates(
        self,
        info: Info,
        filter: Annotated[ExchangeRateFilter | None, WHICH] = None,
        sort: Annotated[ExchangeRateSort, ORDER] = ExchangeRateSort.NEWEST,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ExchangeRateType]:
        """List exchange rates."""
        page = {"first": first, "after": after, "last": last, "before": before}
        currency = None if filter is None else filter.currency
        wanted = {("currency", "="): None if currency is None else text_to_find(currency)}
        return listing("exchange_rate", sort, wanted, page)  # type: ignore[return-value]


@strawberry.type
class ExchangeRateMutations:
    """Writing exchange rates."""

    @write(
        RecordExchangeRatePayload,
        any_of=(ADMIN,),
        description="Record the rate of a currency on a day, or correct it.",
    )
    async def record_exchange_rate(self, work: UnitOfWork, input: RecordExchangeRateInput) -> UUID:
        """Record a rate."""
        rate = await work.exchange_rates.locked(text_to_find(input.currency), input.valid_on)
        if rate is None:
            rate = ExchangeRate(
                id=work.new_id(),
                tenant_id=work.actor.tenant,
                currency=input.currency,
                valid_on=input.valid_on,
                own=await work.tenants.currency(),
            )
            work.exchange_rates.add(rate)
        rate.quote(input.rate, input.source, at=work.now)
        return rate.id
