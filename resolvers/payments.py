"""Payments: allocate, settle, take back, and propose."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from domain.documents.document import Document
from domain.documents.kinds import Action
from domain.money import checked_money
from domain.payments import Asked, OpenItem, Settling, allocate, check_count, propose, undo
from domain.problems import NotFound, Path
from domain.text import Required
from persistence.open_items import Available, available_of, company_of, items_for
from persistence.reading.shape import Condition, Source
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Context, Info
from resolvers.documents.writing import document_id
from resolvers.fields import read, write
from resolvers.identity import READ_SCOPES
from schema.node import uuid_of, uuid_to_find
from schema.payments import (
    AllocatePaymentInput,
    AllocatePaymentPayload,
    AllocationInput,
    AllocationProposal,
    ProposedAllocation,
    SettleDocumentsInput,
    SettleDocumentsPayload,
    SettlementInput,
    TradeSide,
    UndoAllocationInput,
    UndoAllocationPayload,
)

POST_SCOPES = ("sales:post", "purchase:post")

Payment = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="A posted payment or credit note, `doc_…`."),
]
Payer = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Or whoever paid, `par_…`, before the payment is written."),
]
Amount = Annotated[
    Decimal | None, strawberry.argument(description="With `partner`: how much was paid.")
]
Side = Annotated[
    TradeSide, strawberry.argument(description="With `partner`: on which side it was paid.")
]


@strawberry.type
class PaymentQueries:
    """Proposing."""

    @read(
        any_of=READ_SCOPES,
        description="How a payment, or an amount of a partner, could settle what is open: oldest"
        " due first, with cash discount (Skonto) where it is still in time.",
    )
    async def propose_allocation(
        self,
        info: Info,
        payment_id: Payment = None,
        partner: Payer = None,
        amount: Amount = None,
        side: Side = TradeSide.SALES,
    ) -> AllocationProposal:
        """Propose."""
        context = info.context
        if payment_id is not None:
            available = await available_of(context.snapshot, uuid_to_find("doc", payment_id))
        else:
            available = await _paid(context, partner, amount, side)
        if available is None:
            return AllocationProposal(allocations=[], rest=Decimal("0.00"))
        return await _proposal(
            context, available.amount, await items_for(context.snapshot, available)
        )


async def _paid(
    context: Context, partner: str | None, amount: Decimal | None, side: TradeSide
) -> Available:
    if partner is None:
        raise Required(path=("partner",))
    if amount is None:
        raise Required(path=("amount",))
    company = await company_of(context.snapshot)
    return Available(
        payer=uuid_to_find("par", partner),
        side=side.name,
        currency=company.currency,
        on=company.today,
        amount=checked_money(amount, ("amount",)),
    )


async def _proposal(context: Context, amount: Decimal, items: list[OpenItem]) -> AllocationProposal:
    found = propose(amount, items)
    ids = [each.document_id for each in found]
    source = Source("document", (Condition("id", "any", "ids"),), {"ids": ids})
    rows = {row.__dict__["id"]: row for row in await context.snapshot.rows(source, {})}
    return AllocationProposal(
        allocations=[
            ProposedAllocation(
                document=rows[f"doc_{each.document_id}"],  # type: ignore[arg-type]
                document_id=strawberry.ID(f"doc_{each.document_id}"),
                amount=each.amount,
                discount=each.discount,
            )
            for each in found
        ],
        rest=amount - sum((each.amount for each in found), Decimal(0)),
    )


@strawberry.type
class PaymentMutations:
    """Settling."""

    @write(
        AllocatePaymentPayload,
        any_of=POST_SCOPES,
        description="Allocate a payment to what it pays (Zahlung zuordnen): in part, several"
        " documents, with cash discount. What is left stays open on it as a credit balance.",
    )
    async def allocate_payment(self, work: UnitOfWork, input: AllocatePaymentInput) -> UUID:
        """Allocate."""
        path = ("input", "paymentId")
        payment = document_id(input.payment_id, "paymentId")
        return await _settled(work, payment, path, input, is_payment=True)

    @write(
        SettleDocumentsPayload,
        any_of=POST_SCOPES,
        description="Settle documents by a credit note, or by anything else that is owed the other"
        " way (Verrechnen).",
    )
    async def settle_documents(self, work: UnitOfWork, input: SettleDocumentsInput) -> UUID:
        """Settle."""
        path = ("input", "creditId")
        credit = document_id(input.credit_id, "creditId")
        return await _settled(work, credit, path, input, is_payment=False)

    @write(
        UndoAllocationPayload,
        any_of=POST_SCOPES,
        description="Take an allocation back, with the reason; both sides are open again.",
    )
    async def undo_allocation(self, work: UnitOfWork, input: UndoAllocationInput) -> UUID:
        """Undo."""
        id = uuid_of("alc", input.id, "Allocation", ("input", "id"))
        allocation, payment, document = await work.payments.locked(id, Action.UNSETTLE)
        undo(allocation, payment, document, settling(work), input.reason)
        return document.id


def settling(work: UnitOfWork) -> Settling:
    """Return who settles now."""
    return Settling(work.new_id, work.actor.user, work.now)


async def _settled(
    work: UnitOfWork,
    credit: UUID,
    path: Path,
    input: AllocatePaymentInput | SettleDocumentsInput,
    *,
    is_payment: bool,
) -> UUID:
    """Settle what an input names; a payment is unknown to who asks for a credit, and vice versa."""
    given: Sequence[AllocationInput | SettlementInput] = input.allocations
    check_count(len(given))
    wanted = [
        (document_id(each.document_id, *_place(place), "documentId"), ("input", *_place(place)))
        for place, each in enumerate(given)
    ]
    places = [(id, (*place, "documentId")) for id, place in wanted]
    source, *documents = await work.documents.locked_together(
        [(credit, path), *places], Action.SETTLE
    )
    if source.definition.is_payment is not is_payment:
        raise NotFound(entity="Document", id=f"doc_{credit}", path=path)
    asked = [
        _asked(given[place], document, path)
        for place, (document, (_, path)) in enumerate(zip(documents, wanted, strict=True))
    ]
    work.payments.keep(
        allocate(source, asked, settling(work), path=path, third_party=input.third_party)
    )
    return source.id


def _asked(given: AllocationInput | SettlementInput, document: Document, path: Path) -> Asked:
    if isinstance(given, AllocationInput):
        return Asked(document, given.amount, path, given.discount, given.accept_discount)
    return Asked(document, given.amount, path)


def _place(place: int) -> tuple[str, str]:
    return "allocations", str(place)
