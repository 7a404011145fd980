"""Users, and who is asking."""

import strawberry

from schema.entities import shows


@shows("user")
@strawberry.type(description="A user of your company (Benutzer).")
class User:
    """A user as others see them."""

    id: strawberry.ID = strawberry.field(description="Our opaque id, `usr_…`.")
    name: str = strawberry.field(description="The name the identity provider gave last.")


@strawberry.type(description="Who you are and what you may do.")
class Me:
    """The caller."""

    id: strawberry.ID = strawberry.field(description="Your user id, `usr_…`.")
    roles: list[str] = strawberry.field(description="Your roles, from the token.")
    scopes: list[str] = strawberry.field(description="What your roles allow, by Casbin's policy.")
    tenant_id: strawberry.ID = strawberry.field(description="Your company's id, `ten_…`.")
