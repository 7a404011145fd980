"""Partners: lists, one, create, update, block."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.partners import (
    AccountEntry,
    Address,
    AddressEntry,
    ContactEntry,
    Partner,
    PartnerDraft,
    Receipt,
    TaxClassEntry,
)
from domain.text import text_to_find
from persistence.partners import search_key
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import by_id, read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from resolvers.payment_terms import payment_terms_id
from schema.mutations import drafted
from schema.node import Id, uuid_of, uuid_to_find
from schema.paging import ORDER, WHICH, After, Before, Connection, First, Last
from schema.partners import (
    BlockPartnerInput,
    BlockPartnerPayload,
    CreatePartnerInput,
    CreatePartnerPayload,
    PartnerFilter,
    PartnerInput,
    PartnerSort,
    UnblockPartnerInput,
    UnblockPartnerPayload,
    UpdatePartnerInput,
    UpdatePartnerPayload,
)
from schema.partners import Partner as PartnerType

WRITE_SCOPES = ("sales:write", "purchase:write")
_LAST_CHARACTER = chr(0x10FFFF)


@strawberry.type
class PartnerQueries:
    """Reading partners."""

    @read(any_of=READ_SCOPES, description="Partners as a list.")
    def partners(
        self,
        info: Info,
        filter: Annotated[PartnerFilter | None, WHICH] = None,
        sort: Annotated[PartnerSort, ORDER] = PartnerSort.NAME,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PartnerType]:
        """List partners."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("partner", sort, conditions(filter), page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One partner; null if there is none.")
    def partner(self, info: Info, id: Id) -> PartnerType | None:
        """Read one partner."""
        return by_id("partner", uuid_to_find("par", id))  # type: ignore[return-value]


def conditions(wanted: PartnerFilter | None) -> dict[tuple[str, str], Any]:
    """Return the tests a filter stands for, for `listing`."""
    if wanted is None:
        return {}
    name, group = wanted.name_starts_with, wanted.partner_group
    return {
        **_starts_with("number", wanted.number_starts_with),
        **_starts_with("name_key", None if name is None else search_key(name)),
        ("kind", "any"): wanted.kind and [kind.value for kind in wanted.kind.in_],
        ("is_customer", "="): wanted.is_customer,
        ("is_supplier", "="): wanted.is_supplier,
        ("is_blocked", "="): wanted.is_blocked,
        ("partner_group", "="): None if group is None else text_to_find(group),
    }


def _starts_with(column: str, start: str | None) -> dict[tuple[str, str], Any]:
    """Texts that begin alike are a range from `start` on; no text that is kept holds NUL."""
    if start is None:
        return {}
    if "\0" in start:
        return {(column, "="): text_to_find(start)}
    return {(column, ">="): start, (column, "<="): start + _LAST_CHARACTER}


@strawberry.type
class PartnerMutations:
    """Writing partners."""

    @write(CreatePartnerPayload, any_of=WRITE_SCOPES, description="Create a partner.")
    async def create_partner(self, work: UnitOfWork, input: CreatePartnerInput) -> UUID:
        """Make a partner."""
        draft = await _draft(work, input)
        if not input.allow_duplicate:
            await work.partners.refuse_second(draft.address.vat_id)
        partner = Partner(
            id=work.new_id(),
            tenant_id=work.actor.tenant,
            number=input.number or await work.partners.next_number(),
            draft=draft,
        )
        work.partners.add(partner)
        return partner.id

    @write(UpdatePartnerPayload, any_of=WRITE_SCOPES, description="Replace a partner's data.")
    async def update_partner(self, work: UnitOfWork, input: UpdatePartnerInput) -> UUID:
        """Change a partner; documents keep what they said before."""
        partner = await work.partners.locked(_partner_id(input.id), input.expected_version)
        draft = await _draft(work, input)
        if draft.address.vat_id != partner.vat_id and not input.allow_duplicate:
            await work.partners.refuse_second(draft.address.vat_id)
        partner.update(draft, at=work.now)
        return partner.id

    @write(BlockPartnerPayload, any_of=WRITE_SCOPES, description="Block a partner (Sperren).")
    async def block_partner(self, work: UnitOfWork, input: BlockPartnerInput) -> UUID:
        """Block, or give another reason."""
        partner = await work.partners.locked(_partner_id(input.id), input.expected_version)
        partner.block(input.reason, at=work.now)
        return partner.id

    @write(UnblockPartnerPayload, any_of=WRITE_SCOPES, description="End the block of a partner.")
    async def unblock_partner(self, work: UnitOfWork, input: UnblockPartnerInput) -> UUID:
        """Unblock."""
        partner = await work.partners.locked(_partner_id(input.id), input.expected_version)
        partner.unblock(at=work.now)
        return partner.id


def _partner_id(id: str) -> UUID:
    return uuid_of("par", id, "Partner", ("input", "id"))


async def _draft(work: UnitOfWork, input: PartnerInput) -> PartnerDraft:
    """Return the draft of an input, its payment terms found."""
    path = ("input", "paymentTermsId")
    terms_id = input.payment_terms_id and payment_terms_id(input.payment_terms_id, path)
    return drafted(
        PartnerDraft,
        input,
        address=drafted(Address, input).checked(("input",)),
        payment_terms=await work.payment_terms.named(terms_id or None, path),
        addresses=tuple(drafted(AddressEntry, each) for each in input.addresses),
        contacts=tuple(
            drafted(
                ContactEntry, each, receives=tuple(drafted(Receipt, one) for one in each.receives)
            )
            for each in input.contacts
        ),
        accounts=tuple(drafted(AccountEntry, each) for each in input.accounts),
        tax_classes=tuple(drafted(TaxClassEntry, each) for each in input.tax_classes),
    )
