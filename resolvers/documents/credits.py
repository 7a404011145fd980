"""What a credit note may take back, looked at when it is posted."""

from domain.documents.document import Document
from domain.documents.kinds import Step
from domain.documents.upstream import Upstream
from persistence.unit_of_work import UnitOfWork


async def refuse_deducted(work: UnitOfWork, document: Document, upstream: Upstream) -> None:
    """Raise FollowUpsExist for the credit of a prepayment that a final invoice deducts.

    It would be taken back twice.
    """
    if document.definition.step is not Step.CREDIT_NOTE:
        return
    credited = [above for line in document.lines for above, _ in upstream.above(line)]
    for prepayment in {each.id: each for each in credited if each.bills_money_only}.values():
        await work.documents.refuse_deducted(prepayment)
