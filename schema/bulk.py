"""Doing the same with many: what is shared by all bulk mutations."""

from enum import Enum
from typing import Any

import strawberry

from schema.documents.kinds import Document
from schema.problems import Problem

ITEMS_MAX = 500


@strawberry.enum(description="What to do when one of many is refused.")
class ErrorPolicy(Enum):
    """Policies."""

    ALL_OR_NOTHING = strawberry.enum_value(
        "ALL_OR_NOTHING", description="Then nothing is done at all."
    )
    SKIP_FAILED = strawberry.enum_value(
        "SKIP_FAILED", description="It is left out, the others are done."
    )


@strawberry.type(description="What became of one of many.")
class DocumentOutcome:
    """An outcome, in the order of the input."""

    place: int = strawberry.field(description="Its place in the input, from 0.")
    document: Document | None = strawberry.field(description="As it is now; null if refused.")
    problems: list[Problem] = strawberry.field(
        description="Why it was refused; else empty. The path of each leads to its place among the"
        " ids. FORBIDDEN stands here where you may not do this with a document of its kind; it is a"
        " top-level error only where you may do it with none."
    )


def bulk_payload(mutation: str, **more: Any) -> Any:
    """Make the payload of a bulk mutation: an outcome per item, and problems of the whole.

    `more` are nodes that it shows besides, such as the job that does the rest.
    """
    shown = {name: node | None for name, node in more.items()}
    body = {
        "__annotations__": {
            "items": list[DocumentOutcome],
            **shown,
            "problems": list[Problem],
        },
        "__module__": __name__,
        "items": strawberry.field(
            default_factory=list, description="An outcome for each item, in order."
        ),
        "problems": strawberry.field(
            default_factory=list,
            description="Why the whole was refused; empty when anything was done.",
        ),
    }
    for name in shown:
        body[name] = strawberry.field(
            default=None, description="What does the rest; null when nothing was done."
        )
    return strawberry.type(
        type(f"{mutation}Payload", (), body), description=f"The answer of {mutation}."
    )


def policy_field() -> Any:
    """Declare the `errorPolicy` of a bulk input."""
    return strawberry.field(
        default=ErrorPolicy.ALL_OR_NOTHING, description="What to do when one is refused."
    )
