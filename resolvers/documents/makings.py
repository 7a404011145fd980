"""What a new document that is made of others needs from outside: partners, prices, taxes, rates."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from domain.documents.conversion import Making
from domain.documents.document import Document
from domain.documents.drafts import refuse_blocked
from domain.documents.kinds import SALES, Kind, Step
from domain.documents.lines import Line
from domain.documents.posting import SELF_BILLED
from domain.documents.proposals import (
    Trade,
    demand_one_document,
    proposal_for,
    proposal_without_item,
    supplier_class,
)
from domain.documents.said import NOTHING_SAID, Said
from domain.partners import Partner
from domain.prices.price import PriceSide
from domain.prices.search import PriceFound, PriceQuestion, find_price
from domain.problems import Path
from domain.tax import TaxProposal
from persistence.tenants import Terms
from persistence.unit_of_work import UnitOfWork
from resolvers.documents.exchange import rate_of_supply


async def making(work: UnitOfWork, sources: Sequence[Document] = ()) -> Making:
    """Return what a new document needs from outside, with the partners of those it is made of."""
    path: Path = ("input", "ids")
    ids = {id for source in sources for id in (source.partner_id, source.bill_to_id)}
    return Making(
        id=work.new_id(),
        new_id=work.new_id,
        by=work.actor.user,
        at=work.now,
        today=await work.tenants.today(),
        partners=await work.partners.named(
            ((id, path) for id in sorted(ids)), with_tax_classes=True
        ),
    )


async def ask_for_makings(work: UnitOfWork, target: Kind, sources: Sequence[Document]) -> None:
    """Read what `making_of` asks for, for all sources at once where each becomes one of its own."""
    path: Path = ("input", "ids")
    ids = {id for each in sources for id in (each.partner_id, each.bill_to_id)}
    partners = await work.partners.named(((id, path) for id in ids), with_tax_classes=True)
    retaxed = sources if target.name == SELF_BILLED else ()
    open = [each for each in sources if each.has_open_price]
    lines = (line for each in (*retaxed, *open) for line in each.lines)
    await work.items.named((id, path) for id in {line.item_id for line in lines} if id)
    questions = [
        question
        for each in open
        for question in await _open_questions(work, partners[each.partner_id], target, [each])
    ]
    await work.prices.candidates(questions)


async def making_of(
    work: UnitOfWork, target: Kind, sources: Sequence[Document], said: Said = NOTHING_SAID
) -> Making:
    """Return what a follow-up of `target` needs; its partners are looked at anew.

    Raises PartnerBlocked for new business with a blocked partner.
    """
    made = replace(await making(work, sources), said=said)
    terms = await work.tenants.terms(target)
    if target.step is Step.ORDER:
        tolerance = terms.settings.over_delivery_tolerance_percent
        made = replace(made, tolerance_percent=tolerance)
    for partner in made.partners.values():
        refuse_blocked(target, partner, ("input", "ids"))
    if sources:
        made = replace(made, terms=made.partners[sources[0].bill_to_id].terms())
    if target.name == SELF_BILLED and sources:
        supplier = made.partners[sources[0].partner_id]
        made = replace(made, retax=await _taxed_by(work, supplier, target, sources, terms, said))
    if target.is_billing and any(source.exchange_rate is not None for source in sources):
        made = replace(made, exchange=await rate_of_supply(work, target, sources))
    if any(source.has_open_price for source in sources):
        partner = made.partners[sources[0].partner_id]
        made = replace(made, reprice=await _priced_today(work, partner, target, sources))
    return made


async def _priced_today(
    work: UnitOfWork, partner: Partner, target: Kind, sources: Sequence[Document]
) -> Callable[[Line], PriceFound | None]:
    """Return how the price search answers for lines that a contract with an open price leaves open.

    All items are asked for by one statement; quantity breaks look at what a line calls off. Prices
    of other contracts do not count: this one is called off.
    """
    asked = await _open_questions(work, partner, target, sources)
    candidates = await work.prices.candidates(asked)
    known = {each.goods.id: (each, found) for each, found in zip(asked, candidates, strict=True)}

    def reprice(line: Line) -> PriceFound | None:
        if line.item_id is None or line.unit is None:
            return None
        question, may_answer = known[line.item_id]
        found = find_price(may_answer, replace(question, quantity=line.stock_quantity))
        return found and found.in_unit(line.unit, question.goods)

    return reprice


async def _open_questions(
    work: UnitOfWork, partner: Partner, target: Kind, sources: Sequence[Document]
) -> list[PriceQuestion]:
    """Return what the price search is asked of the items whose price sources leave open."""
    open_lines = [line for source in sources if source.has_open_price for line in source.lines]
    path: Path = ("input", "ids")
    items = await work.items.named((id, path) for id in {line.item_id for line in open_lines} if id)
    first, today = sources[0], await work.tenants.today()
    return [
        PriceQuestion(
            goods=item.goods,
            quantity=Decimal(0),
            on=today,
            currency=first.currency,
            side=PriceSide.SALES if target.side == SALES else PriceSide.PURCHASE,
            partner_id=partner.id,
            price_group=partner.price_group,
            branch_id=first.branch_id,
        )
        for item in items.values()
    ]


async def _taxed_by(
    work: UnitOfWork,
    supplier: Partner,
    target: Kind,
    sources: Sequence[Document],
    terms: Terms,
    said: Said,
) -> Callable[[Line], TaxProposal | None]:
    """Return how the supplier's tax class decides the tax of each line, of its day of supply.

    Raises SourcesDiffer where one document cannot hold what he supplied under two classes.
    """
    named = {line.item_id for source in sources for line in source.lines if line.item_id}
    path: Path = ("input", "ids")
    items = await work.items.named((id, path) for id in sorted(named))
    days = {said.supplied_on} if said.supplied_on else {s.supplied_on for s in sources}
    on = max(days)
    demand_one_document([supplier_class(target, supplier, day) for day in sorted(days)])
    trade = Trade(
        kind=target,
        partner=supplier,
        ship_to=terms.company.country,
        company_country=terms.company.country,
        settings=terms.settings,
        currency=terms.currency,
        on=on,
    )

    def retax(line: Line) -> TaxProposal | None:
        if line.item_id is None:
            return proposal_without_item(line, trade, path)
        return proposal_for(items[line.item_id], line.unit, line.supply_date, trade, path)

    return retax
