"""The company: read it, change its profile, say how documents are approved."""

from uuid import UUID

import strawberry

from domain.company import CompanyDraft, CompanySettings
from domain.documents.kinds import KINDS
from domain.identity import ADMIN
from domain.partners import Address
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import by_id, read, write
from resolvers.identity import READ_SCOPES
from schema.company import Company as CompanyType
from schema.company import (
    SetApprovalModeInput,
    SetApprovalModePayload,
    UpdateCompanyInput,
    UpdateCompanyPayload,
)
from schema.mutations import drafted


@strawberry.type
class CompanyQueries:
    """Reading the company."""

    @read(any_of=READ_SCOPES, description="Your company: profile and settings (Firma).")
    def company(self, info: Info) -> CompanyType | None:
        """Read the caller's company; null for a tenant that was never set up."""
        return by_id("company", info.context.actor.tenant)  # type: ignore[return-value]


@strawberry.type
class CompanyMutations:
    """Writing the company."""

    @write(
        UpdateCompanyPayload,
        any_of=(ADMIN,),
        description="Replace the profile and the settings of your company. Posted documents keep"
        " what they said.",
    )
    async def update_company(self, work: UnitOfWork, input: UpdateCompanyInput) -> UUID:
        """Change the company."""
        company = await work.company.locked(input.expected_version)
        draft = drafted(
            CompanyDraft,
            input,
            address=drafted(Address, input),
            settings=drafted(CompanySettings, input),
        )
        company.update(draft, at=work.now)
        return company.id

    @write(
        SetApprovalModePayload,
        any_of=(ADMIN,),
        description="Say how documents of a kind are approved from now on (Freigabeart).",
    )
    async def set_approval_mode(self, work: UnitOfWork, input: SetApprovalModeInput) -> UUID:
        """Change the approval of a kind."""
        company = await work.company.locked(input.expected_version)
        company.set_approval(KINDS[input.kind.value], input.approval, at=work.now)
        return company.id
