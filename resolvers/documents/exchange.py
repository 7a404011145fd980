"""The rate of a foreign currency on a document: typed on it, or recorded for the day of supply."""

from collections.abc import Sequence
from typing import Any

from domain.documents.amounts import Exchange
from domain.documents.conversion import supplied_by
from domain.documents.document import Document
from domain.documents.kinds import Kind
from domain.exchange_rates import ExchangeRateMissing, RateSource
from persistence.tenants import Terms
from persistence.unit_of_work import UnitOfWork


async def exchange_of(
    work: UnitOfWork, input: Any, currency: str, terms: Terms, present: Document | None = None
) -> Exchange | None:
    """Return the rate of a foreign currency, as written or as recorded for the day of supply.

    One that was typed on a document that is there stays. Raises ExchangeRateMissing.
    """
    if currency == terms.currency:
        return None
    day = getattr(input, "supply_date", None) or input.issue_date or terms.today
    if input.exchange_rate is not None:
        return Exchange(input.exchange_rate, day, RateSource.MANUAL)
    if present is not None and present.currency == currency and await is_typed(work, present):
        return present.exchanged
    known = await work.tenants.exchange_rate(currency, day, ("input", "exchangeRate"))
    return Exchange(known.rate, known.valid_on, known.source)


async def rate_of_supply(
    work: UnitOfWork, target: Kind, sources: Sequence[Document]
) -> Exchange | None:
    """Return the recorded rate of the last day of supply, for an invoice (section 16 (6) UStG).

    None keeps the rate of the documents above: somebody typed the same on all of them, or none was
    recorded.
    """
    rates = {source.exchange_rate for source in sources}
    if len(rates) == 1 and await is_typed(work, sources[0]):
        return None
    day, until = supplied_by(sources, target)
    on = until or day or await work.tenants.today()
    try:
        known = await work.tenants.exchange_rate(sources[0].currency, on)
    except ExchangeRateMissing:
        return None
    return Exchange(known.rate, known.valid_on, known.source)


async def is_typed(work: UnitOfWork, document: Document) -> bool:
    """Say whether the rate of a document was typed on it, not taken from what is recorded."""
    kept = document.exchanged
    if kept is None or kept.source is not RateSource.MANUAL:
        return False
    try:
        known = await work.tenants.exchange_rate(document.currency, kept.date)
    except ExchangeRateMissing:
        return True
    return (known.rate, known.valid_on) != (kept.rate, kept.date)
