"""The table of kinds: what a kind of document has and does is said here once.

The GraphQL type, the CHECK in the database, the number series, the print template, the scopes and
the docs follow this table. A new kind is a new entry and a GraphQL type, not a copy of code.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The life of every kind. Cancelled, paid or overdue are facts computed elsewhere."""

    DRAFT = "DRAFT"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    POSTED = "POSTED"
    DISCARDED = "DISCARDED"


class Action(StrEnum):
    """What somebody may do with a document."""

    READ = "READ"
    CREATE = "CREATE"
    UPDATE = "UPDATE"
    SUBMIT = "SUBMIT"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    POST = "POST"
    DISCARD = "DISCARD"
    PRINT = "PRINT"


class PartyRole(StrEnum):
    """Whom a document names. SELLER is our own company, kept as it was at posting."""

    SELLER = "SELLER"
    SOLD_TO = "SOLD_TO"
    BILL_TO = "BILL_TO"
    SHIP_TO = "SHIP_TO"


class ApprovalMode(StrEnum):
    """Whether a tenant's kind passes PENDING and APPROVED. BY_RULE without a rule asks always."""

    NONE = "NONE"
    BY_RULE = "BY_RULE"
    ALWAYS = "ALWAYS"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document.

    `event` starts the type of its journal events and names its GraphQL type; `required` lists
    columns that are never empty for this kind; `required_to_post` those that posting asks for.
    """

    name: str
    event: str
    german: str
    side: str
    series: str
    number_template: str
    parties: tuple[PartyRole, ...]
    required: tuple[str, ...]
    required_to_post: tuple[str, ...]
    print_template: str


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="SALES_INVOICE",
            event="SalesInvoice",
            german="Rechnung",
            side="sales",
            series="sales_invoice",
            number_template="INV-{year}-{seq:5}",
            parties=(PartyRole.SOLD_TO, PartyRole.BILL_TO, PartyRole.SHIP_TO),
            required=("issue_date", "payment_days", "due_date"),
            required_to_post=("supply_date", "posting_date"),
            print_template="invoice",
        ),
    )
}
