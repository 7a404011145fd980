"""Exchange rates (Wechselkurse)."""

import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from domain.exchange_rates import RateSource as RateSource  # described here for all
from schema.entities import shows
from schema.enums import described
from schema.journal import JournalEntry
from schema.mutations import key_field, payload
from schema.node import Node
from schema.paging import paged
from schema.scalars import Currency

described(
    RateSource,
    "RateSource",
    "Where an exchange rate comes from.",
    ECB="Reference rate of the European Central Bank (EZB).",
    BMF="Monthly rate of the Federal Ministry of Finance for VAT (section 16 (6) UStG).",
    MANUAL="Typed by hand, such as a rate agreed with a bank.",
)


@shows("exchange_rate")
@strawberry.type(
    description="How many units of a currency one unit of your company's is worth, as the ECB and"
    " the ministry publish it."
)
class ExchangeRate(Node):
    """An exchange rate."""

    currency: Currency = strawberry.field(description="The foreign currency, ISO 4217.")
    valid_on: datetime.date = strawberry.field(
        description="From this day on, until the next one recorded."
    )
    rate: Decimal = strawberry.field(
        description="Units of `currency` for one unit of company currency."
    )
    source: RateSource = strawberry.field(description="Where it comes from.")
    created_at: datetime.datetime = strawberry.field(description="When it was recorded first.")
    updated_at: datetime.datetime = strawberry.field(description="When it was corrected last.")
    version: int = strawberry.field(description="Grows with every correction.")
    history = paged(JournalEntry, "What happened to this record, oldest first.")


@strawberry.enum(description="Orders of `exchangeRates`.")
class ExchangeRateSort(Enum):
    """Sorts of the view."""

    NEWEST = strawberry.enum_value("NEWEST", description="By day, newest first.")


@strawberry.input(description="Which exchange rates; all conditions must hold.")
class ExchangeRateFilter:
    """Conditions of `exchangeRates`."""

    currency: Currency | None = strawberry.field(default=None, description="Of this currency.")


@strawberry.input(
    description="The rate of a currency on a day; one recorded for that day before is corrected."
)
class RecordExchangeRateInput:
    """A rate."""

    currency: Currency = strawberry.field(description="The foreign currency, ISO 4217.")
    valid_on: datetime.date = strawberry.field(description="The day it is for.")
    rate: Decimal = strawberry.field(
        description="Units of `currency` for one unit of company currency, such as 1.0856 USD; up"
        " to 6 decimals."
    )
    source: RateSource = strawberry.field(
        default=RateSource.MANUAL, description="Where it comes from."
    )
    idempotency_key: str = key_field()


RecordExchangeRatePayload = payload("RecordExchangeRate", exchange_rate=ExchangeRate)
