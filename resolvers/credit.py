"""Credit exposure of partners, counted for all of an answer together; the limit is looked at."""

from decimal import Decimal
from uuid import UUID

from aiodataloader import DataLoader
from graphql import GraphQLResolveInfo

from persistence.credit import exposures_of
from persistence.reading.rows import Row
from resolvers.context import Context
from schema.node import uuid_to_find


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
