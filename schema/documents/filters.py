"""Which documents, and in which order."""

import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from domain.documents.facts import Answer as DomainAnswer
from domain.documents.kinds import State as DomainState
from schema.documents.enums import DocumentKind


@strawberry.enum(description="Orders of `documents`.")
class DocumentSort(Enum):
    """Sorts of the view; each has an index."""

    ISSUE_DATE_NEWEST = strawberry.enum_value("ISSUE_DATE_NEWEST", description="Newest first.")
    ISSUE_DATE_OLDEST = strawberry.enum_value("ISSUE_DATE_OLDEST", description="Oldest first.")
    GROSS_HIGHEST = strawberry.enum_value("GROSS_HIGHEST", description="Highest amount first.")
    DUE_FIRST = strawberry.enum_value("DUE_FIRST", description="Due first; without date last.")
    NUMBER = strawberry.enum_value("NUMBER", description="By number; drafts last.")
    NEWEST = strawberry.enum_value("NEWEST", description="Made last first, whatever its date.")
    UPDATED = strawberry.enum_value("UPDATED", description="Changed last first.")


@strawberry.input(description="One of these values.")
class StateIn:
    """`in`."""

    in_: list[DomainState] = strawberry.field(name="in", description="Any of these.")


@strawberry.input(description="One of these kinds.")
class KindIn:
    """`in`."""

    in_: list[DocumentKind] = strawberry.field(name="in", description="Any of these.")


@strawberry.input(description="One of these answers.")
class AnswerIn:
    """`in`."""

    in_: list[DomainAnswer] = strawberry.field(name="in", description="Any of these.")


@strawberry.input(description="A range of days, both ends included.")
class DateRange:
    """`from`, `to`."""

    from_: datetime.date | None = strawberry.field(
        name="from", default=None, description="From this day on."
    )
    to: datetime.date | None = strawberry.field(default=None, description="Up to this day.")


@strawberry.input(description="A range of amounts, both ends included.")
class AmountRange:
    """`min`, `max`."""

    min: Decimal | None = strawberry.field(default=None, description="At least.")
    max: Decimal | None = strawberry.field(default=None, description="At most.")


@strawberry.input(description="A range of instants, both ends included.")
class InstantRange:
    """`from`, `to`."""

    from_: datetime.datetime | None = strawberry.field(
        name="from", default=None, description="From this instant on."
    )
    to: datetime.datetime | None = strawberry.field(default=None, description="Up to this instant.")


@strawberry.input(description="Which documents; all conditions must hold.")
class DocumentFilter:
    """Conditions of `documents`."""

    kind: KindIn | None = strawberry.field(default=None, description="By kind.")
    state: StateIn | None = strawberry.field(default=None, description="By state.")
    partner: strawberry.ID | None = strawberry.field(
        default=None, description="By customer or supplier, `par_…`."
    )
    bill_to: strawberry.ID | None = strawberry.field(
        default=None, description="By who pays or is paid, `par_…`."
    )
    responsible: strawberry.ID | None = strawberry.field(
        default=None, description="By who looks after it, `usr_…`."
    )
    number: str | None = strawberry.field(default=None, description="By exact number.")
    number_starts_with: str | None = strawberry.field(
        default=None, description="By the start of the number, in capitals or not."
    )
    tag: str | None = strawberry.field(
        default=None, description="By a tag (Schlagwort), as spelled."
    )
    author: strawberry.ID | None = strawberry.field(
        default=None, description="By anybody who made or changed it, `usr_…`."
    )
    currency: str | None = strawberry.field(
        default=None, description="By the currency of its amounts, ISO 4217."
    )
    created: InstantRange | None = strawberry.field(
        default=None, description="By when it was made."
    )
    updated: InstantRange | None = strawberry.field(
        default=None, description="By when it changed last."
    )
    external_number: str | None = strawberry.field(
        default=None, description="By exact number it came with."
    )
    issue_date: DateRange | None = strawberry.field(default=None, description="By date.")
    due_date: DateRange | None = strawberry.field(default=None, description="By due date.")
    gross: AmountRange | None = strawberry.field(default=None, description="By gross amount.")
    answer: AnswerIn | None = strawberry.field(
        default=None, description="By the answer of the other side."
    )
    is_payment_blocked: bool | None = strawberry.field(
        default=None, description="Whether its payment is blocked."
    )
    has_open_lines: bool | None = strawberry.field(
        default=None, description="Whether lines still wait for the next step."
    )
    is_sent: bool | None = strawberry.field(default=None, description="Whether it was sent.")
    is_cancelled: bool | None = strawberry.field(
        default=None, description="Whether it was taken back."
    )
    overdue: bool | None = strawberry.field(
        default=None, description="Whether something is open after its due date (überfällig)."
    )
    is_paid: bool | None = strawberry.field(
        default=None,
        description="True: posted and nothing open; false: posted and something still open.",
    )
