"""Every area's tables, so that the whole metadata is known to whoever imports this."""

from persistence import (  # noqa: F401  imported for their tables
    approvals,
    blobs,
    branches,
    company,
    documents,
    exchange_rates,
    identity,
    imports,
    inbox,
    items,
    journal,
    numbering,
    partners,
    payment_terms,
    periods,
    prices,
    printing,
    search,
    tenants,
    texts,
)
from persistence.catalog import metadata

__all__ = ["metadata"]
