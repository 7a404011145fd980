"""Global ids: `prefix_<uuid>`, opaque to clients; the prefix names the entity."""

import re
from typing import Annotated
from uuid import UUID

import strawberry

from domain.problems import NotFound, Path

_ID = re.compile(r"([a-z]{3})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)


@strawberry.interface(description="Anything with an id; read one by `node(id)`.")
class Node:
    """Relay's node."""

    id: strawberry.ID = strawberry.field(description="The global id.")


Id = Annotated[
    strawberry.ID, strawberry.argument(description="Its global id; one of another type finds null.")
]


def split_id(text: str) -> tuple[str, UUID] | None:
    """Return prefix and UUID of a global id, or None if it is none."""
    match = _ID.fullmatch(text)
    return (match[1], UUID(match[2])) if match else None


NOBODY = UUID(int=0)
"""The id that no row has."""


def uuid_to_find(prefix: str, text: str) -> UUID:
    """Return the UUID of an id to look for; one of another type leads to no row."""
    found = split_id(text)
    return found[1] if found and found[0] == prefix else NOBODY


def id_of(prefix: str, id: UUID) -> str:
    """Return a UUID as the id that clients know."""
    return f"{prefix}_{id}"


def uuid_of(prefix: str, text: str, entity: str, path: Path) -> UUID:
    """Return the UUID of an id. Raises NotFound for one of another type, as for an unknown one."""
    found = split_id(text)
    if found is None or found[0] != prefix:
        raise NotFound(entity=entity, id=text[:60], path=path)
    return found[1]
