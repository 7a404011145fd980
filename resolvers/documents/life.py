"""The life of one locked document: submitted, posted, thrown away; alone or as one of many."""

from uuid import UUID

from domain.documents.document import Document
from domain.documents.kinds import Action
from domain.documents.purchases import note_purchases
from domain.documents.upstream import Upstream
from persistence.unit_of_work import UnitOfWork
from resolvers.documents.conditions import Held, Outlook, check_credit_of, conditions_of
from resolvers.documents.credits import refuse_deducted
from schema.documents.bulk import PostDocumentsInput
from schema.documents.verbs import PostDocumentInput


async def submit(work: UnitOfWork, document: Document) -> UUID:
    """Ask for approval."""
    terms = await work.tenants.terms(document.definition)
    document.next_state(Action.SUBMIT, terms.approval)
    approval = document.submit(
        approval_id=work.new_id(),
        seller=terms.company,
        by=work.actor.user,
        at=work.now,
        mode=terms.approval,
        conditions=await conditions_of(work, document, terms),
    )
    work.approvals.add(approval)
    return document.id


async def post(
    work: UnitOfWork,
    document: Document,
    upstream: Upstream,
    input: PostDocumentInput | PostDocumentsInput,
    held: Held,
    outlook: Outlook | None = None,
) -> UUID:
    """Make it final; an `outlook` refuses it here for what would refuse all of many at the end."""
    terms = await work.tenants.terms(document.definition)
    document.next_state(Action.POST, terms.approval)
    accepted = input.accept_credit_limit
    added = await check_credit_of(work, held, document, upstream, terms, accepted=accepted)
    held.demand_bought(document)
    await refuse_deducted(work, document, upstream)
    document.post(
        seller=terms.company,
        by=work.actor.user,
        at=work.now,
        mode=terms.approval,
        today=terms.today,
        posting_date=input.posting_date,
        upstream=upstream,
        conditions=await conditions_of(work, document, terms),
        demand_day=None if outlook is None else outlook.demand,
    )
    work.credit.promise(document.bill_to_id, added)
    note_purchases(document, held.bought, at=work.now)
    if input.accept_older_date:
        work.numbering.accept_older_date(document.id)
    work.printouts.print_by_posting(document)
    return document.id


async def discard(work: UnitOfWork, document: Document, upstream: Upstream) -> UUID:
    """Throw a draft away; what it took goes back."""
    mode = (await work.tenants.terms(document.definition)).approval
    document.discard(by=work.actor.user, at=work.now, mode=mode, upstream=upstream)
    return document.id
