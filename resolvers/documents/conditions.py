"""What posting asks of others than the document: who pays, what is bought, periods and numbers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.credit import (
    CreditMode,
    adds_exposure,
    check_credit,
    counted_above,
    exposure_added,
)
from domain.documents.document import Document
from domain.documents.drafts import NEW_BUSINESS, refuse_blocked
from domain.documents.kinds import Action
from domain.documents.posting import SELF_BILLED, Conditions
from domain.documents.proposals import regime_of
from domain.documents.purchases import bought_items
from domain.documents.upstream import Upstream
from domain.items import Item
from domain.partners import Partner
from domain.payments.dating import Closed
from domain.periods import area_of, check_period
from domain.problems import Path
from domain.requests import RETRY_AFTER_MS, Busy
from persistence.numbering.giving import NumberOutlook
from persistence.tenants import Terms
from persistence.unit_of_work import UnitOfWork

_HERE: Path = ("input", "id")


@dataclass(frozen=True, slots=True)
class Held:
    """What is locked before documents that are to be posted: who pays for them, what is bought."""

    payers: Mapping[UUID, Partner]
    bought: Mapping[UUID, Item]

    def demand_bought(self, document: Document) -> None:
        """Raise Busy for an item that was named on the document while we waited."""
        if not bought_items(document) <= self.bought.keys():
            raise Busy(retry_after_ms=RETRY_AFTER_MS)


async def held_to_post(work: UnitOfWork, ids: Collection[UUID]) -> Held:
    """Lock what posting these documents changes or judges besides them, before they are."""
    payers = await work.credit.lock_payers(ids)
    return Held(payers, await work.items.lock_bought(await work.documents.bought_items(ids)))


@dataclass(frozen=True, slots=True)
class Outlook:
    """How periods and numbers look before they are locked: what of many would be refused.

    They are locked last, where a refusal is that of all; whoever closes a period or numbers a
    later document in between has it so.
    """

    closed: Closed
    numbers: NumberOutlook

    def demand(self, document: Document, day: date) -> None:
        """Raise PeriodClosed, or what the number series refuses, for a day of posting."""
        check_period(self.closed[area_of(document.definition)], day, _HERE)
        self.numbers.demand(document, day)


async def outlook_for(
    work: UnitOfWork,
    documents: Collection[Document],
    posting_date: date | None,
    *,
    accepts_older: bool,
) -> Outlook:
    """Return how it looks for documents that are posted on a day, or each on its own."""
    days = {posting_date} if posting_date else {each.issue_date for each in documents}
    if posting_date is None:
        days.add(await work.tenants.today())
    numbers = await work.numbering.outlook(list(documents), days, accepts_older=accepts_older)
    return Outlook(await work.periods.closed(), numbers)


async def check_credit_of(
    work: UnitOfWork,
    held: Held,
    document: Document,
    upstream: Upstream,
    terms: Terms,
    *,
    accepted: bool,
    already: Decimal = Decimal(0),
) -> Decimal:
    """Look at the credit limit of a locked payer, and return what the document adds to it.

    `already` is what an amended document counted before.

    Raises CreditLimitExceeded, Forbidden, or Busy if another payer was named while we waited.
    """
    if not adds_exposure(document.definition):
        return Decimal(0)
    payer = held.payers.get(document.bill_to_id)
    if payer is None:
        raise Busy(retry_after_ms=RETRY_AFTER_MS)
    limit, mode = payer.credit_limit, CreditMode(terms.settings.credit_check.value)
    if limit is None or mode is CreditMode.OFF:
        return Decimal(0)
    added = exposure_added(document, counted_above(document, upstream)) - already
    check_credit(
        limit,
        await work.credit.exposure(payer),
        added,
        mode,
        accepted=accepted,
        demand_right=lambda: work.actor.demand(document.definition, Action.APPROVE),
    )
    return added


async def refuse_blocked_partners(work: UnitOfWork, document: Document) -> None:
    """Raise PartnerBlocked for new business with somebody who was blocked since it was written."""
    for partner in await look_at_partners(work, [document]):
        refuse_blocked(document.definition, partner, _HERE)


async def look_at_partners(work: UnitOfWork, documents: Sequence[Document]) -> list[Partner]:
    """Return the partners of new business; who was looked at before is not looked for again."""
    new = [each for each in documents if each.definition.step in NEW_BUSINESS]
    return await work.partners.at_hand({id for d in new for id in (d.partner_id, d.bill_to_id)})


async def conditions_of(work: UnitOfWork, document: Document, terms: Terms) -> Conditions:
    """Return what posting asks of company and partner. Raises PartnerBlocked for new business."""
    await refuse_blocked_partners(work, document)
    supplier = None
    if document.kind == SELF_BILLED:
        named = await work.partners.named([(document.partner_id, _HERE)], with_tax_classes=True)
        supplier = named[document.partner_id]
    return Conditions(
        regime=regime_of(terms.settings),
        match_tolerance=terms.settings.match_tolerance,
        supplier=supplier,
    )


async def ask_for_suppliers(work: UnitOfWork, documents: Iterable[Document]) -> None:
    """Read the suppliers that `conditions_of` asks for, for all documents at once."""
    named = ((each.partner_id, _HERE) for each in documents if each.kind == SELF_BILLED)
    await work.partners.named(named, with_tax_classes=True)
