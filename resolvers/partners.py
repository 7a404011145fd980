"""Partners: lists, one, create, update."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.partners import Address, Partner
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import by_id, read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.mutations import drafted
from schema.node import Id, uuid_of, uuid_to_find
from schema.paging import ORDER, After, Before, Connection, First, Last
from schema.partners import (
    CreatePartnerInput,
    CreatePartnerPayload,
    PartnerSort,
    UpdatePartnerInput,
    UpdatePartnerPayload,
)
from schema.partners import Partner as PartnerType

WRITE_SCOPES = ("sales:write", "purchase:write")


@strawberry.type
class PartnerQueries:
    """Reading partners."""

    @read(any_of=READ_SCOPES, description="Partners as a list.")
    def partners(
        self,
        info: Info,
        sort: Annotated[PartnerSort, ORDER] = PartnerSort.NAME,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PartnerType]:
        """List partners."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("partner", sort, {}, page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One partner; null if there is none.")
    def partner(self, info: Info, id: Id) -> PartnerType | None:
        """Read one partner."""
        return by_id("partner", uuid_to_find("par", id))  # type: ignore[return-value]


@strawberry.type
class PartnerMutations:
    """Writing partners."""

    @write(CreatePartnerPayload, any_of=WRITE_SCOPES, description="Create a partner.")
    async def create_partner(self, work: UnitOfWork, input: CreatePartnerInput) -> UUID:
        """Make a partner."""
        partner = Partner(
            id=work.new_id(),
            tenant_id=work.actor.tenant,
            address=drafted(Address, input),
            iban=input.iban,
            payment_days=input.payment_days,
        )
        work.partners.add(partner)
        return partner.id

    @write(UpdatePartnerPayload, any_of=WRITE_SCOPES, description="Replace a partner's data.")
    async def update_partner(self, work: UnitOfWork, input: UpdatePartnerInput) -> UUID:
        """Change a partner; documents keep what they said before."""
        id = uuid_of("par", input.id, "Partner", ("input", "id"))
        partner = await work.partners.locked(id, input.expected_version)
        partner.update(
            address=drafted(Address, input),
            iban=input.iban,
            payment_days=input.payment_days,
            at=work.now,
        )
        return partner.id
