"""Credit exposure of partners, counted for all of an answer together; the limit is looked at."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from aiodataloader import DataLoader
from graphql import GraphQLResolveInfo

from domain.credit import CreditMode, adds_exposure, check_credit, exposure_added
from domain.documents.document import Document
from domain.documents.kinds import Action
from domain.partners import Partner
from domain.requests import Busy
from persistence.credit import exposures_of
from persistence.reading.rows import Row
from persistence.tenants import Terms
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Context
from schema.node import uuid_to_find

RETRY_AFTER_MS = 200


class ExposureLoader(DataLoader[UUID, Decimal]):
    """Counts the exposure of many partners by one statement."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    async def batch_load_fn(self, keys: list[UUID]) -> list[Decimal]:
        """Return the exposure of each."""
        found = await exposures_of(self._context.snapshot, keys)
        return [found[key] for key in keys]


async def credit_exposure(row: Row, info: GraphQLResolveInfo[Context]) -> Decimal:
    """Return what a partner owes and is promised."""
    context: Context = info.context
    if ExposureLoader not in context.loaders:
        context.loaders[ExposureLoader] = ExposureLoader(context)
    found: Decimal = await context.loaders[ExposureLoader].load(
        uuid_to_find("par", row.__dict__["id"])
    )
    return found


async def check_credit_of(
    work: UnitOfWork,
    payers: Mapping[UUID, Partner],
    document: Document,
    terms: Terms,
    *,
    accepted: bool,
    already: Decimal = Decimal(0),
) -> None:
    """Look at the credit limit of a locked payer; `already` is what the document counts before.

    Raises CreditLimitExceeded, Forbidden, or Busy if another payer was named while we waited.
    """
    if not adds_exposure(document.definition):
        return
    payer = payers.get(document.bill_to_id)
    if payer is None:
        raise Busy(retry_after_ms=RETRY_AFTER_MS)
    limit, mode = payer.credit_limit, CreditMode(terms.settings.credit_check.value)
    if limit is None or mode is CreditMode.OFF:
        return
    exposure, counted = await work.credit.exposure(payer, document)
    check_credit(
        limit,
        exposure,
        exposure_added(document, counted) - already,
        mode,
        accepted=accepted,
        demand_right=lambda: work.actor.demand(document.definition, Action.APPROVE),
    )
