"""Payment terms: list, create, update."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.payment_terms import Discount, PaymentTerms, PaymentTermsDraft
from domain.problems import Path
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.mutations import drafted
from schema.node import uuid_of
from schema.paging import ORDER, After, Before, Connection, First, Last
from schema.payment_terms import (
    CreatePaymentTermsInput,
    CreatePaymentTermsPayload,
    PaymentTermsSort,
    UpdatePaymentTermsInput,
    UpdatePaymentTermsPayload,
)
from schema.payment_terms import PaymentTerms as PaymentTermsType

WRITE_SCOPES = ("sales:write", "purchase:write")


@strawberry.type
class PaymentTermsQueries:
    """Reading payment terms."""

    @read(any_of=READ_SCOPES, description="Payment terms as a list (Zahlungsbedingungen).")
    def payment_terms(
        self,
        info: Info,
        sort: Annotated[PaymentTermsSort, ORDER] = PaymentTermsSort.CODE,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PaymentTermsType]:
        """List payment terms."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("payment_terms", sort, {}, page)  # type: ignore[return-value]


@strawberry.type
class PaymentTermsMutations:
    """Writing payment terms."""

    @write(CreatePaymentTermsPayload, any_of=WRITE_SCOPES, description="Make payment terms.")
    async def create_payment_terms(self, work: UnitOfWork, input: CreatePaymentTermsInput) -> UUID:
        """Make payment terms."""
        terms = PaymentTerms(id=work.new_id(), tenant_id=work.actor.tenant, draft=_draft(input))
        work.payment_terms.add(terms)
        return terms.id

    @write(
        UpdatePaymentTermsPayload,
        any_of=WRITE_SCOPES,
        description="Replace payment terms. New documents of partners who have them follow; those"
        " that are written keep what they say.",
    )
    async def update_payment_terms(self, work: UnitOfWork, input: UpdatePaymentTermsInput) -> UUID:
        """Change payment terms."""
        id = payment_terms_id(input.id, ("input", "id"))
        terms = await work.payment_terms.locked(id, input.expected_version, input.code)
        terms.update(_draft(input), at=work.now)
        return terms.id


def payment_terms_id(id: str, path: Path) -> UUID:
    """Return the UUID of payment terms. Raises NotFound."""
    return uuid_of("ptm", id, "PaymentTerms", path)


def _draft(input: CreatePaymentTermsInput) -> PaymentTermsDraft:
    return drafted(
        PaymentTermsDraft, input, steps=tuple(drafted(Discount, step) for step in input.steps)
    )
