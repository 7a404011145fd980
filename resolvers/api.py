"""The whole API: the areas' fields put together, printed as schema.graphql."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from resolvers.approvals import ApprovalMutations, available_actions
from resolvers.documents import DocumentMutations, DocumentQueries
from resolvers.feed.fields import FeedQueries, Subscriptions
from resolvers.identity import IdentityQueries
from resolvers.inbox import InboxMutations, InboxQueries, failure
from resolvers.items import ItemMutations, ItemQueries
from resolvers.numbering import NUMBERING_COMPUTED, NumberingMutations, NumberingQueries
from resolvers.partners import PartnerMutations, PartnerQueries
from resolvers.periods import PeriodMutations, PeriodQueries
from resolvers.printing import download
from resolvers.reading.loading import wire
from schema.documents import SalesInvoice
from schema.inbox import UPLOAD, Upload
from schema.problems import PROBLEM_TYPES
from schema.scalars import SCALARS


@strawberry.type(description="What can be read.")
class Query(
    IdentityQueries,
    DocumentQueries,
    PartnerQueries,
    ItemQueries,
    InboxQueries,
    NumberingQueries,
    PeriodQueries,
    FeedQueries,
):
    """Queries of all areas."""


@strawberry.type(description="What can be done; each field is a transaction of its own.")
class Mutation(
    DocumentMutations,
    ApprovalMutations,
    PartnerMutations,
    ItemMutations,
    InboxMutations,
    NumberingMutations,
    PeriodMutations,
):
    """Mutations of all areas."""


@strawberry.type(description="What can be followed, without a gap, from any cursor on.")
class Subscription(Subscriptions):
    """Subscriptions of all areas."""


API = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[SalesInvoice, *PROBLEM_TYPES],
    config=StrawberryConfig(scalar_map={**SCALARS, Upload: UPLOAD}),
)

COMPUTED = {
    ("Document", "availableActions"): available_actions,
    ("InboxItem", "download"): download,
    ("InboxItem", "failure"): failure,
    ("Printout", "download"): download,
    **NUMBERING_COMPUTED,
}
"""Fields that need Python; a selection that holds one is answered by the standard executor."""

SCHEMA = API._schema
wire(SCHEMA, COMPUTED)
