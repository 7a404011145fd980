"""What a credit note may take back, looked at when it is written and when it is posted."""

from domain.documents.corrections import check_corrections, corrected_lines
from domain.documents.document import Document
from domain.documents.kinds import Step
from domain.documents.upstream import Upstream
from domain.problems import Path
from persistence.unit_of_work import UnitOfWork


async def demand_worth(
    work: UnitOfWork, document: Document, upstream: Upstream, path: Path = ("input", "lines")
) -> None:
    """Raise PriceCorrectionExceeded where prices are corrected by more than lines are worth."""
    wanted = corrected_lines(document)
    if wanted:
        before = await work.documents.corrected(wanted, document.id)
        check_corrections(document, upstream, before, path)


async def demand_creditable(work: UnitOfWork, document: Document, upstream: Upstream) -> None:
    """Look at a credit note that is about to be posted.

    Raises PriceCorrectionExceeded, or FollowUpsExist for a prepayment that a final invoice deducts:
    it would be taken back twice.
    """
    await demand_worth(work, document, upstream, ("input", "id"))
    if document.definition.step is not Step.CREDIT_NOTE:
        return
    credited = [above for line in document.lines for above, _ in upstream.above(line)]
    for prepayment in {each.id: each for each in credited if each.bills_money_only}.values():
        await work.documents.refuse_deducted(prepayment)
