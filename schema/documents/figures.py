"""Counts and sums over documents, for filters on a screen and for dashboards."""

from decimal import Decimal

import strawberry

from domain.documents.figures import PURCHASE_COST, SALES_REVENUE
from domain.documents.figures import Figure as DomainFigure
from domain.documents.figures import GroupBy as DomainGroupBy
from domain.documents.kinds import KINDS
from schema.enums import described
from schema.scalars import Currency

described(
    DomainGroupBy,
    "StatisticsGroup",
    "By what statistics are grouped.",
    MONTH="By the month of the date on the paper, such as 2026-11.",
    KIND="By kind of document (Belegart).",
    STATE="By state; then all states count.",
    PARTNER="By customer or supplier, the largest net first.",
    RESPONSIBLE="By who looks after them (Sachbearbeiter), the largest net first.",
)


@strawberry.type(description="How many documents have a value.")
class FacetCount:
    """A count."""

    value: str = strawberry.field(
        description="What a filter takes: a name of a kind, a state, an id, a month, true or false."
    )
    label: str = strawberry.field(description="What people call it; the name of a partner or user.")
    count: int = strawberry.field(description="How many documents.")


@strawberry.type(
    description="What a list of documents holds, counted by what it can be filtered by; the most"
    " frequent first."
)
class DocumentFacets:
    """Facets of `documents`."""

    kind: list[FacetCount] = strawberry.field(description="By kind of document.")
    state: list[FacetCount] = strawberry.field(description="By state.")
    month: list[FacetCount] = strawberry.field(description="By month of the date, such as 2026-11.")
    answer: list[FacetCount] = strawberry.field(
        description="By the answer of the other side, where there is one."
    )
    payment_blocked: list[FacetCount] = strawberry.field(
        description="By whether the payment is blocked: true, false."
    )
    partner: list[FacetCount] = strawberry.field(
        description="By customer or supplier, the 20 most frequent."
    )
    responsible: list[FacetCount] = strawberry.field(
        description="By who looks after it, the 20 most frequent."
    )
    total: int = strawberry.field(description="How many documents were counted, up to 100,000.")
    is_capped: bool = strawberry.field(
        description="More than 100,000 fit; the counts are those of 100,000 of them."
    )


described(
    DomainFigure,
    "StatisticsFigure",
    "What is summed up together: what is billed on a side, or documents of one kind.",
    **{
        name: f"The documents of the kind {name} ({KINDS[name].german}) alone."
        for name in DomainFigure.__members__
        if name in KINDS
    },
    **{
        SALES_REVENUE: "What customers are billed (Umsatz): invoices less credit notes, each sale"
        " once: a prepayment (Anzahlungsrechnung) by itself, its final invoice less that.",
        PURCHASE_COST: "What suppliers bill (Einkauf): supplier and self-billed invoices less"
        " supplier credit notes.",
    },
)


@strawberry.type(
    description="What the documents of a group come to in one figure, in your company's currency at"
    " the rate that each document keeps."
)
class DocumentSum:
    """A row of the statistics."""

    figure: DomainFigure = strawberry.field(
        description="What is summed up; rows of different figures are not to be added."
    )
    value: str = strawberry.field(description="A month, kind or state, or an id.")
    label: str = strawberry.field(description="What people call it.")
    documents: int = strawberry.field(description="How many documents.")
    net: Decimal = strawberry.field(
        description="Sum without tax; credit notes and what was cancelled count against, also"
        " where they stand alone (by KIND)."
    )
    tax: Decimal = strawberry.field(description="Sum of the tax.")
    gross: Decimal = strawberry.field(description="Sum with tax.")
    currency: Currency = strawberry.field(description="Your company's currency, ISO 4217.")
