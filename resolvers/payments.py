"""Payments: allocate, settle, take back, and propose."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from domain.documents.document import Document
from domain.documents.kinds import Action
from domain.exchange_rates import checked_currency
from domain.money import checked_money
from domain.payments import Asked, Settling, allocate, check_count, propose, undo
from domain.problems import NotFound, Path
from domain.text import Required
from persistence.open_items import Available, available_of, blocked_for, company_of, items_for
from persistence.reading.shape import Condition, Source
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Context, Info
from resolvers.documents.queries import why_blocked
from resolvers.documents.writing import document_id
from resolvers.fields import read, write
from resolvers.identity import READ_SCOPES
from schema.node import uuid_of, uuid_to_find
from schema.payments import (
    AllocatePaymentInput,
    AllocatePaymentPayload,
    AllocationInput,
    AllocationProposal,
    LeftOutOfProposal,
    ProposedAllocation,
    SettleDocumentsInput,
    SettleDocumentsPayload,
    SettlementInput,
    TradeSide,
    UndoAllocationInput,
    UndoAllocationPayload,
)
from schema.scalars import Currency

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

PaidIn = Annotated[
    Currency | None,
    strawberry.argument(
        description="With `partner`: the currency of the amount; your company's if left out."
    ),
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
        currency: PaidIn = None,
    ) -> AllocationProposal:
        """Propose."""
        context = info.context
        if payment_id is not None:
            available = await available_of(context.snapshot, uuid_to_find("doc", payment_id))
        else:
            available = await _paid(context, partner, amount, side, currency)
        if available is None:
            return AllocationProposal(allocations=[], rest=Decimal("0.00"), left_out=[])
        return await _proposal(context, available)


async def _paid(
    context: Context,
    partner: str | None,
    amount: Decimal | None,
    side: TradeSide,
    currency: str | None,
) -> Available:
    if partner is None:
        raise Required(path=("partner",))
    if amount is None:
        raise Required(path=("amount",))
    company = await company_of(context.snapshot)
    return Available(
        payer=uuid_to_find("par", partner),
        side=side.name,
        currency=checked_currency(currency or company.currency, ("currency",)),
        on=company.today,
        amount=checked_money(amount, ("amount",)),
    )


async def _proposal(context: Context, available: Available) -> AllocationProposal:
    found = propose(available.amount, await items_for(context.snapshot, available))
    blocked = await blocked_for(context.snapshot, available)
    ids = [*(each.document_id for each in found), *(each.document_id for each in blocked)]
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
        rest=available.amount - sum((each.amount for each in found), Decimal(0)),
        left_out=[
            LeftOutOfProposal(
                document=rows[f"doc_{each.document_id}"],  # type: ignore[arg-type]
                document_id=strawberry.ID(f"doc_{each.document_id}"),
                reason=why_blocked(
                    each.payment_block, each.match_report, each.tax_report, context.language
                ),
            )
            for each in blocked
        ],
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
        if allocation.undone_at is None:
            await work.payments.refuse_deducted([payment, document])
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
    taxes = await _discount_taxes(work, given, documents)
    asked = [
        _asked(given[place], document, path, taxes)
        for place, (document, (_, path)) in enumerate(zip(documents, wanted, strict=True))
    ]
    work.payments.keep(
        allocate(source, asked, settling(work), path=path, third_party=input.third_party)
    )
    return source.id


async def _discount_taxes(
    work: UnitOfWork,
    given: Sequence[AllocationInput | SettlementInput],
    documents: Sequence[Document],
) -> dict[UUID, Decimal]:
    """Return the tax in the discounts that stand, where another one is asked for."""
    if not any(isinstance(each, AllocationInput) and each.discount for each in given):
        return {}
    return await work.payments.discount_taxes([each.id for each in documents])


def _asked(
    given: AllocationInput | SettlementInput,
    document: Document,
    path: Path,
    taxes: Mapping[UUID, Decimal],
) -> Asked:
    if isinstance(given, AllocationInput):
        tax = taxes.get(document.id, Decimal("0.00"))
        return Asked(document, given.amount, path, given.discount, given.accept_discount, tax)
    return Asked(document, given.amount, path)


def _place(place: int) -> tuple[str, str]:
    return "allocations", str(place)
