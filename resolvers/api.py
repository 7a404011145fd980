"""The whole API: the areas' fields put together, printed as schema.graphql."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from resolvers.approvals import ApprovalMutations, available_actions
from resolvers.documents.queries import DocumentQueries, flow
from resolvers.documents.verbs import DocumentMutations
from resolvers.documents.writing import WritingMutations
from resolvers.feed.fields import FeedQueries, Subscriptions
from resolvers.identity import IdentityQueries
from resolvers.inbox import InboxMutations, InboxQueries, failure
from resolvers.items import ItemMutations, ItemQueries
from resolvers.partners import PartnerMutations, PartnerQueries
from resolvers.printing import PrintingMutations, download
from resolvers.reading.loading import wire
from resolvers.texts import TextMutations, TextQueries
from schema.documents import KIND_TYPES
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
    FeedQueries,
    TextQueries,
):
    """Queries of all areas."""


@strawberry.type(description="What can be done; each field is a transaction of its own.")
class Mutation(
    WritingMutations,  # type: ignore[misc]
    DocumentMutations,
    ApprovalMutations,
    PartnerMutations,
    ItemMutations,
    InboxMutations,
    PrintingMutations,
    TextMutations,
):
    """Mutations of all areas."""


@strawberry.type(description="What can be followed, without a gap, from any cursor on.")
class Subscription(Subscriptions):
    """Subscriptions of all areas."""


API = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[*KIND_TYPES, *PROBLEM_TYPES],
    config=StrawberryConfig(scalar_map={**SCALARS, Upload: UPLOAD}),
)

COMPUTED = {
    ("Document", "availableActions"): available_actions,
    ("Document", "flow"): flow,
    ("InboxItem", "download"): download,
    ("InboxItem", "failure"): failure,
    ("Printout", "download"): download,
}
"""Fields that need Python; a selection that holds one is answered by the standard executor."""

SCHEMA = API._schema
wire(SCHEMA, COMPUTED)
