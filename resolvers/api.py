"""The whole API: the areas' fields put together, printed as schema.graphql."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from resolvers.approvals import ApprovalMutations, available_actions
from resolvers.branches import BranchMutations, BranchQueries
from resolvers.company import CompanyMutations, CompanyQueries
from resolvers.credit import credit_exposure
from resolvers.documents.billing import BillingQueries
from resolvers.documents.bulk import BulkMutations
from resolvers.documents.companions import CompanionMutations
from resolvers.documents.figures import FigureQueries
from resolvers.documents.jobs import JOB_COMPUTED, JobMutations, JobQueries
from resolvers.documents.previews import PreviewQueries
from resolvers.documents.queries import (
    DocumentQueries,
    findings,
    flow,
    match_findings,
    payment_block_reason,
)
from resolvers.documents.verbs import DocumentMutations
from resolvers.documents.writing import WritingMutations
from resolvers.exchange_rates import ExchangeRateMutations, ExchangeRateQueries
from resolvers.feed.fields import FeedQueries, Subscriptions
from resolvers.identity import IdentityQueries
from resolvers.imports import IMPORT_COMPUTED, ImportMutations, ImportQueries
from resolvers.inbox import InboxMutations, InboxQueries, failure
from resolvers.items import ItemMutations, ItemQueries
from resolvers.numbering import NUMBERING_COMPUTED, NumberingMutations, NumberingQueries
from resolvers.open_items import OpenItemQueries
from resolvers.partners import PartnerMutations, PartnerQueries
from resolvers.payment_terms import PaymentTermsMutations, PaymentTermsQueries
from resolvers.payments import PaymentMutations, PaymentQueries
from resolvers.periods import PeriodMutations, PeriodQueries
from resolvers.prices import PriceMutations, PriceQueries
from resolvers.printing import PrintingMutations, download
from resolvers.reading.loading import wire
from resolvers.search import SearchQueries
from resolvers.texts import TextMutations, TextQueries
from schema.documents import KIND_TYPES
from schema.inbox import UPLOAD, Upload
from schema.problems import PROBLEM_TYPES
from schema.scalars import SCALARS


@strawberry.type(description="What can be read.")
class Query(
    IdentityQueries,
    DocumentQueries,
    JobQueries,
    BillingQueries,
    PreviewQueries,  # type: ignore[misc]
    OpenItemQueries,
    PaymentQueries,
    FigureQueries,
    SearchQueries,
    CompanyQueries,
    BranchQueries,
    PaymentTermsQueries,
    ExchangeRateQueries,
    PartnerQueries,
    ItemQueries,
    PriceQueries,
    InboxQueries,
    ImportQueries,
    NumberingQueries,
    PeriodQueries,
    FeedQueries,
    TextQueries,
):
    """Queries of all areas."""


@strawberry.type(description="What can be done; each field is a transaction of its own.")
class Mutation(
    WritingMutations,  # type: ignore[misc]
    DocumentMutations,
    BulkMutations,
    JobMutations,
    CompanionMutations,
    ApprovalMutations,
    PaymentMutations,
    CompanyMutations,
    BranchMutations,
    PaymentTermsMutations,
    ExchangeRateMutations,
    PartnerMutations,
    ItemMutations,
    PriceMutations,
    InboxMutations,
    ImportMutations,
    NumberingMutations,
    PeriodMutations,
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
    ("Attachment", "download"): download,
    ("Document", "flow"): flow,
    ("SupplierInvoice", "matchFindings"): match_findings,
    ("SupplierInvoice", "findings"): findings,
    ("SupplierCreditNote", "findings"): findings,
    ("SupplierInvoice", "paymentBlockReason"): payment_block_reason,
    ("Partner", "creditExposure"): credit_exposure,
    ("InboxItem", "download"): download,
    ("InboxItem", "failure"): failure,
    ("Printout", "download"): download,
    **NUMBERING_COMPUTED,
    **IMPORT_COMPUTED,
    **JOB_COMPUTED,
}
"""Fields that need Python; a selection that holds one is answered by the standard executor."""

SCHEMA = API._schema
wire(SCHEMA, COMPUTED)
