"""Filters of subscriptions: they speak of facts in the journal, never of present state."""

import strawberry

from domain.documents.kinds import Action
from schema.documents.filters import KindIn


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
