"""What all mutations share: one payload form, and how an input becomes a draft of the domain."""

from dataclasses import fields
from typing import Any, TypeVar

import strawberry

from schema.problems import Problem

T = TypeVar("T")

KEY_DESCRIPTION = (
    "Your own unique text for this intention. Sent again within 24 hours with the same input, it"
    " answers with what the first call made, and nothing is done twice."
)
VERSION_DESCRIPTION = "The version you have seen; another one now is a VERSION_CONFLICT."


def key_field() -> Any:
    """Declare the `idempotencyKey` of an input."""
    return strawberry.field(description=KEY_DESCRIPTION)


def version_field() -> Any:
    """Declare the `expectedVersion` of an input."""
    return strawberry.field(description=VERSION_DESCRIPTION)


def payload(mutation: str, **shown: Any) -> Any:
    """Make the payload type of a mutation: what it shows, null if refused, and the problems."""
    [(name, node)] = shown.items()
    body = {
        "__annotations__": {name: node | None, "problems": list[Problem]},
        "__module__": __name__,
        name: strawberry.field(default=None, description="As it is after the change."),
        "problems": strawberry.field(
            default_factory=list, description="Why it was refused; empty when it was done."
        ),
    }
    return strawberry.type(
        type(f"{mutation}Payload", (), body), description=f"The answer of {mutation}."
    )


def drafted(draft: type[T], given: Any, **more: Any) -> T:
    """Make a draft of the domain from an input by equal names; `more` has the rest."""
    names = {field.name for field in fields(draft)} - more.keys()  # type: ignore[arg-type]
    found = {name: getattr(given, name) for name in names if hasattr(given, name)}
    return draft(**found, **more)
