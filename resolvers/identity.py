"""Who is asking, and `node`."""

import strawberry

from domain.identity import Actor
from persistence.reading.shape import Source
from resolvers.context import Info
from resolvers.fields import by_id, read
from schema.identity import Me
from schema.node import Id, Node, split_id

READ_SCOPES = ("sales:read", "purchase:read")


@strawberry.type
class IdentityQueries:
    """Fields about the caller and about anything with an id."""

    @read(any_of=(), description="Who you are and what you may do.")
    def me(self, info: Info) -> Me:
        """Tell the caller's rights."""
        actor = info.context.actor
        return Me(
            id=strawberry.ID(f"usr_{actor.user}"),
            roles=list(actor.roles),
            scopes=sorted(actor.scopes),
            tenant_id=strawberry.ID(f"ten_{actor.tenant}"),
        )

    @read(any_of=READ_SCOPES, description="Anything by its id; null if there is no such thing.")
    def node(self, info: Info, id: Id) -> Node | None:
        """Read one entity, whatever it is."""
        return _source(id, info.context.actor)  # type: ignore[return-value]


_NODES = {
    "doc": ("document", READ_SCOPES),
    "par": ("partner", READ_SCOPES),
    "itm": ("item", READ_SCOPES),
    "prc": ("price", READ_SCOPES),
    "inb": ("inbox_item", ("purchase:read",)),
    "ten": ("company", READ_SCOPES),
    "brn": ("branch", READ_SCOPES),
    "ptm": ("payment_terms", READ_SCOPES),
    "exr": ("exchange_rate", READ_SCOPES),
    "nsr": ("number_series", READ_SCOPES),
    "prd": ("period_lock", READ_SCOPES),
}


def _source(id: str, actor: Actor) -> Source | None:
    """Return what an id leads to; what this actor may not read is an unknown id."""
    prefix, uuid = split_id(id) or ("", None)
    entity, scopes = _NODES.get(prefix, ("", ()))
    if uuid is None or not entity or not actor.has_any(scopes):
        return None
    return by_id(entity, uuid)
