"""Branches (Niederlassungen) of the company."""

from datetime import datetime
from enum import Enum

import strawberry

from schema.entities import shows
from schema.journal import JournalEntry
from schema.mutations import key_field, payload, version_field
from schema.node import Node
from schema.paging import paged


@shows("branch")
@strawberry.type(description="A branch of your company (Niederlassung).")
class Branch(Node):
    """A branch."""

    code: str = strawberry.field(description="Your short name for it, unique.")
    name: str = strawberry.field(description="Name.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(description="Country, ISO 3166-1 alpha-2.")
    created_at: datetime = strawberry.field(description="When the record was made.")
    updated_at: datetime = strawberry.field(description="When the record was changed last.")
    version: int = strawberry.field(description="Grows with every change.")
    history = paged(JournalEntry, "What happened to this record, oldest first.")


@strawberry.enum(description="Orders of `branches`.")
class BranchSort(Enum):
    """Sorts of the view."""

    CODE = strawberry.enum_value("CODE", description="By code.")


@strawberry.input(description="A branch to make.")
class CreateBranchInput:
    """A new branch."""

    code: str = strawberry.field(description="Up to 20 characters, unique.")
    name: str = strawberry.field(description="Name, up to 200 characters.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code (PLZ).")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(default="DE", description="Country, ISO 3166-1 alpha-2.")
    idempotency_key: str = key_field()


@strawberry.input(description="The whole content of a branch, anew.")
class UpdateBranchInput(CreateBranchInput):
    """Replaces every field."""

    id: strawberry.ID = strawberry.field(description="The branch, `brn_…`.")
    expected_version: int = version_field()


CreateBranchPayload = payload("CreateBranch", branch=Branch)
UpdateBranchPayload = payload("UpdateBranch", branch=Branch)
