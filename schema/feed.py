"""Filters of subscriptions: they speak of facts in the journal, never of present state."""

import strawberry

from domain.documents.kinds import Action
from domain.numbering.series import NumberingAction
from schema.documents.filters import KindIn
from schema.enums import described


@strawberry.input(description="One of these actions.")
class ActionIn:
    """`in`."""

    in_: list[Action] = strawberry.field(name="in", description="Any of these.")


@strawberry.input(description="Which events of documents; all conditions must hold.")
class DocumentEventFilter:
    """Conditions of `documentEvents`."""

    document: strawberry.ID | None = strawberry.field(
        default=None, description="Of this document only, `doc_…`."
    )
    kind: KindIn | None = strawberry.field(default=None, description="Of these kinds only.")
    action: ActionIn | None = strawberry.field(default=None, description="Of these actions only.")


@strawberry.input(description="Which events of the inbox; all conditions must hold.")
class InboxEventFilter:
    """Conditions of `inboxEvents`."""

    inbox_item: strawberry.ID | None = strawberry.field(
        default=None, description="Of this item only, `inb_…`."
    )


described(
    NumberingAction,
    "NumberingAction",
    "What happens to a number series.",
    CREATE="It was set up.",
    UPDATE="It looks different.",
    TAKE_OVER="A counter of another system was taken over.",
    VOID="A number was taken for nothing.",
    WARN="A range has few numbers left.",
)


@strawberry.input(description="One of these actions.")
class NumberingActionIn:
    """`in`."""

    in_: list[NumberingAction] = strawberry.field(name="in", description="Any of these.")


@strawberry.input(description="Which events of number series; all conditions must hold.")
class NumberingEventFilter:
    """Conditions of `numberingEvents`."""

    series: strawberry.ID | None = strawberry.field(
        default=None, description="Of this series only, `nsr_…`."
    )
    kind: KindIn | None = strawberry.field(
        default=None, description="Of series for these kinds of document only."
    )
    action: NumberingActionIn | None = strawberry.field(
        default=None, description="Of these actions only."
    )
