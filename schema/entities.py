"""Which GraphQL type shows which entity; the reading engine and the loaders follow this table."""

from collections.abc import Callable
from typing import TypeVar

import strawberry
from strawberry.schema_directive import Location

T = TypeVar("T")

ENTITY_OF_TYPE: dict[str, str] = {}
"""GraphQL type name -> entity (a readable view of persistence)."""

KIND_OF_TYPE: dict[str, str] = {}
"""GraphQL type name -> kind, for the concrete types of an entity that has several."""


def shows(entity: str, kind: str | None = None) -> Callable[[type[T]], type[T]]:
    """Say that a GraphQL type shows rows of `entity`, of one `kind` only where given."""

    def declare(cls: type[T]) -> type[T]:
        ENTITY_OF_TYPE[cls.__name__] = entity
        if kind is not None:
            KIND_OF_TYPE[cls.__name__] = kind
        return cls

    return declare


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="One of these scopes opens this field; an empty list asks for a sign-in only.",
)
class RequiresScope:
    """Stands in the SDL at every field that needs a scope."""

    any_of: list[str]
