"""Drafts of the demo company: what a planned step becomes as the domain asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from domain.documents.conversion import Pick, open_for
from domain.documents.document import Document
from domain.documents.drafts import DocumentDraft, PartyDraft
from domain.documents.kinds import KINDS, Kind, PartyRole
from domain.documents.lines import COUNTING, Line, LineDraft, LineKind
from domain.documents.posting import Conditions
from domain.documents.proposals import Trade, price_question, regime_of, with_price, with_tax
from domain.documents.remainders import content_of
from domain.items import Item
from domain.partners import Address, Partner
from domain.payments import Asked
from domain.payments.discount import discount_agreed
from domain.tax import TaxCategory
from domain.units import Unit
from persistence.tenants import Terms
from persistence.unit_of_work import UnitOfWork
from web.demo_company.planner import How, PlannedLine
from web.demo_company.planner import Step as Planned

CENT = Decimal("0.01")
WHOLE_UNITS = frozenset({Unit.PIECE, Unit.BAG, Unit.BIG_BAG, Unit.PALLET, Unit.CANISTER, Unit.BOX})
WALK_IN = Address("Barverkauf", "Elbdeich 7", "21706", "Drochtersen")


@dataclass(frozen=True, slots=True)
class Stock:
    """The partners and items of the company, in the order in which the plan names them."""

    partners: Sequence[Partner]
    items: Sequence[Item]
    by_id: Mapping[UUID, Item]


def draft_of(stock: Stock, step: Planned, terms: Terms, work: UnitOfWork) -> DocumentDraft:
    """Return the draft of a document that comes from nowhere; prices are still to be found."""
    kind = KINDS[step.kind]
    partner = stock.partners[step.partner]
    items: dict[UUID, Item] = {}
    lines = []
    for planned in step.lines:
        item = None if planned.article is None else stock.items[planned.article]
        if item is not None:
            items[item.id] = item
        lines.append(_line_of(planned, item, work.new_id()))
    draft = DocumentDraft(
        issue_date=step.day,
        lines=tuple(lines),
        items=items,
        parties=parties_of(kind, partner),
        **step.facts,
    )
    trade = trade_of(kind, draft, terms)
    return replace(draft, lines=tuple(_taxed(line, draft, trade) for line in lines))


def _line_of(planned: PlannedLine, item: Item | None, id: UUID) -> LineDraft:
    if item is None:
        account, cost_centre = planned.costs or (None, None)
        return LineDraft(
            id=id,
            kind=LineKind.ITEM,
            quantity=planned.quantity,
            unit=planned.unit,
            description=planned.words,
            unit_price=planned.price,
            tax_category=TaxCategory.S,
            tax_rate=planned.tax_rate,
            account=account,
            cost_centre=cost_centre,
        )
    return LineDraft(
        id=id,
        quantity=planned.quantity,
        item_id=item.id,
        unit=planned.unit,
        unit_price=planned.price,
        discount_percent=planned.discount_percent,
    )


def _taxed(line: LineDraft, draft: DocumentDraft, trade: Trade) -> LineDraft:
    return line if line.item_id is None else with_tax(line, draft.items[line.item_id], trade, ())


def parties_of(kind: Kind, partner: Partner) -> dict[PartyRole, PartyDraft]:
    """Return the partner in every role of a kind; a walk-in customer's address is typed."""
    typed = WALK_IN if partner.is_one_time else None
    party = PartyDraft(partner, typed)
    return {role: party.checked(kind, role, ()) for role in kind.parties}


def trade_of(kind: Kind, draft: DocumentDraft, terms: Terms) -> Trade:
    """Return who trades with whom; a price and a tax follow from it."""
    ship_to = draft.parties.get(PartyRole.SHIP_TO)
    home = terms.company.country
    return Trade(
        kind=kind,
        partner=draft.parties[kind.parties[0]].partner,
        ship_to=ship_to.address_for(PartyRole.SHIP_TO).country if ship_to else home,
        company_country=home,
        settings=terms.settings,
        currency=terms.currency,
        on=draft.supplied_on,
    )


async def priced(
    work: UnitOfWork, asked: Sequence[tuple[Kind, DocumentDraft, Terms]]
) -> list[DocumentDraft]:
    """Return the drafts with their prices, all of them searched for by one statement."""
    lines = [list(draft.lines) for _, draft, _ in asked]
    questions = []
    for place, (kind, draft, terms) in enumerate(asked):
        trade = trade_of(kind, draft, terms)
        for position, line in enumerate(draft.lines):
            if line.item_id is None or line.unit_price is not None:
                continue
            item = draft.items[line.item_id]
            question = price_question(line, item, trade, ())
            if question is not None:
                questions.append((place, position, item, question, trade))
    found = await work.prices.candidates([question for *_, question, _ in questions])
    for (place, position, item, asks, trade), candidates in zip(questions, found, strict=True):
        line = lines[place][position]
        lines[place][position] = with_price(line, item, asks, candidates, trade)
    return [
        replace(draft, lines=tuple(with_prices))
        for (_, draft, _), with_prices in zip(asked, lines, strict=True)
    ]


def written_anew(document: Document, stock: Stock, partner: Partner, **more: Any) -> DocumentDraft:
    """Return the draft that says what a document says, apart from `more`; its lines stay."""
    content = content_of(document)
    facts: dict[str, Any] = {name: content[name] for name in _STAYS} | more
    lines = facts.pop("lines", None) or tuple(kept(line) for line in document.lines)
    items = {line.item_id: stock.by_id[line.item_id] for line in document.lines if line.item_id}
    parties = parties_of(document.definition, partner)
    return DocumentDraft(lines=lines, items=items, parties=parties, **facts)


_STAYS = (
    "issue_date",
    "supply_date",
    "supply_until",
    "valid_from",
    "valid_until",
    "requested_date",
    "price_fixed",
    "external_number",
    "customer_reference",
    "carrier",
    "tolerance_percent",
    "payment_days",
    "note",
)
"""What a document goes on to say when it is written anew."""


def kept(line: Line, *, times: Decimal = Decimal(1)) -> LineDraft:
    """Return the draft that keeps a line, with so many times its quantity."""
    return LineDraft(
        id=line.id,
        is_new=False,
        kind=line.kind,
        item_id=line.item_id,
        description=line.description,
        quantity=None if line.quantity is None else line.quantity * times,
        unit=line.unit,
        unit_price=line.unit_price,
        price_quantity=line.price_quantity,
        discount_percent=line.discount_percent,
        tax_category=line.tax_category,
        tax_rate=line.tax_rate,
        exemption_reason=line.exemption_reason,
        account=line.account,
        cost_centre=line.cost_centre,
    )


def billed(line: Line, quantity: Decimal, id: UUID, times: Decimal) -> LineDraft:
    """Return a supplier's line for goods that came or went back, at `times` the agreed price."""
    price = line.unit_price
    return LineDraft(
        id=id,
        item_id=line.item_id,
        description=line.description,
        quantity=quantity,
        unit=line.unit,
        unit_price=price and (price * times).quantize(Decimal("0.01"), ROUND_HALF_UP),
        price_quantity=line.price_quantity,
        discount_percent=line.discount_percent,
        account=line.account,
        cost_centre=line.cost_centre,
        source_line_id=line.id,
    )


def part_of(line: Line, open: Decimal, share: Decimal) -> Decimal:
    """Return a part of what is open of a line, in whole units where it has such.

    Never nothing: what cannot be divided goes as a whole.
    """
    step = Decimal(1) if line.unit in WHOLE_UNITS else Decimal("0.01")
    return (open * share).quantize(step, ROUND_DOWN) or open


def open_lines(document: Document) -> list[Line]:
    """Return the lines that count."""
    return [line for line in document.lines if line.kind in COUNTING]


def picks_of(step: Planned, sources: Sequence[Document], target: Kind) -> list[Pick] | None:
    """Return the part of each line that a step takes; None for all that is open."""
    if step.share is None:
        return None
    return [
        Pick(line.id, part_of(line, rest, step.share), ())
        for source in sources
        for line in open_lines(source)
        if (rest := open_for(source, line, target))
    ]


def paid_of(step: Planned, invoice: Document) -> Asked:
    """Return how much of an invoice a customer pays, with the discount that he may deduct."""
    rest = abs(invoice.open_amount)
    if step.how is How.WITH_DISCOUNT:
        discount = min(discount_agreed(invoice, step.day), rest - CENT)
        return Asked(invoice, rest - discount, (), discount)
    if step.how is How.IN_PART and step.share is not None:
        return Asked(invoice, (rest * step.share).quantize(CENT) or rest, ())
    return Asked(invoice, rest, ())


def conditions_in(terms: Terms) -> Conditions:
    return Conditions(
        regime=regime_of(terms.settings), match_tolerance=terms.settings.match_tolerance
    )
