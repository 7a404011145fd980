"""What is proposed for a line before a person decides: price and tax, with the reason why."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.amounts import PriceBasis
from domain.company import CompanySettings
from domain.documents.conversion import SourcesDiffer
from domain.documents.kinds import PURCHASE, Kind
from domain.documents.lines import OF_TIME, WITH_QUANTITY, Line, LineDraft
from domain.documents.posting import SELF_BILLED, class_of_supplier
from domain.items import Item, ItemTaxClass, Unit, tax_class_of
from domain.partners import Partner
from domain.prices.price import PriceSide, PriceSource
from domain.prices.search import Candidate, PriceQuestion, agreed, find_price
from domain.problems import Path
from domain.tax import (
    SellerRegime,
    Side,
    SupplierClass,
    TaxCategory,
    TaxProposal,
    TaxQuestion,
    propose,
)
from domain.units import in_stock_unit

_USUAL_RATES = frozenset(map(Decimal, ("19", "16", "7", "5", "0")))


@dataclass(frozen=True, slots=True)
class Trade:
    """What a document says about all its lines: who trades with whom, where, when and how."""

    kind: Kind
    partner: Partner
    ship_to: str
    company_country: str
    settings: CompanySettings
    currency: str
    on: date
    branch_id: UUID | None = None
    price_basis: PriceBasis = PriceBasis.NET


@dataclass(frozen=True, slots=True)
class ContractPrice:
    """What a contract says: `unit_price` for `price_quantity` of a unit, net or gross."""

    unit_price: Decimal
    price_quantity: Decimal
    unit: Unit
    currency: str
    price_basis: PriceBasis = PriceBasis.NET
    discount_percent: Decimal = Decimal(0)


def regime_of(settings: CompanySettings) -> SellerRegime:
    """Return how our own company is taxed."""
    if settings.is_small_business:
        return SellerRegime.SMALL_BUSINESS_19
    return SellerRegime.FLAT_RATE_24 if settings.is_flat_rate_farmer else SellerRegime.STANDARD


def supplier_class(kind: Kind, supplier: Partner, on: date) -> SupplierClass | None:
    """Return what alone decides the rate of a self-billed invoice; None for every other kind.

    None of an exempt supplier too: each of his lines says why there is no tax.
    """
    if kind.name != SELF_BILLED:
        return None
    return class_of_supplier(supplier, on, ("input", "supplier"))


def demand_one_document(classes: Collection[SupplierClass | None]) -> None:
    """Raise SourcesDiffer for supplies as a private person beside those of a business.

    What is outside the scope of the tax stands beside nothing else [EN 16931 BR-O-11].
    """
    if SupplierClass.PRIVATE in classes and len(set(classes)) > 1:
        raise SourcesDiffer(field="taxClass", path=("input", "ids"))


def price_question(line: LineDraft, item: Item, trade: Trade, path: Path) -> PriceQuestion | None:
    """Return what to ask for the price of a line; None where a line has none."""
    if line.kind not in WITH_QUANTITY or line.quantity is None:
        return None
    goods = item.goods
    factor = goods.factor(line.unit or item.unit, (*path, "unit"))
    return PriceQuestion(
        goods=goods,
        quantity=in_stock_unit(line.quantity, factor, (*path, "quantity")),
        on=line.supply_date or trade.on,
        currency=trade.currency,
        side=PriceSide.PURCHASE if trade.kind.side == PURCHASE else PriceSide.SALES,
        partner_id=trade.partner.id,
        price_group=trade.partner.price_group,
        branch_id=trade.branch_id,
    )


def with_price(
    line: LineDraft,
    item: Item,
    asked: PriceQuestion,
    candidates: Iterable[Candidate],
    trade: Trade,
    contract: ContractPrice | None = None,
) -> LineDraft:
    """Return the line with the price that was found, in its own unit; a contract comes first.

    Price lists are net, a contract has the basis it was written in: the price is turned into that
    of the document by the tax of its line.
    """
    if contract is not None:
        said = (contract.unit_price, contract.price_quantity, contract.unit, contract.currency)
        agreement = agreed(asked.goods, asked.side, *said, contract.discount_percent)
        candidates = (*candidates, agreement)
    found = find_price(candidates, asked)
    if found is None:
        return line
    found = found.in_unit(line.unit or item.unit, asked.goods)
    is_agreed = contract is not None and found.source is PriceSource.CONTRACT
    basis = contract.price_basis if contract and is_agreed else PriceBasis.NET
    if basis is not trade.price_basis:
        rate = _rate(line, item)
        found = found.with_tax(rate) if basis is PriceBasis.NET else found.without_tax(rate)
    return replace(line, found=found)


def _rate(line: LineDraft, item: Item) -> Decimal:
    """Return the rate of a line: as typed, as proposed, or that of its item."""
    proposed = line.proposal.rate if line.proposal else item.tax_rate
    rate = proposed if line.tax_rate is None else line.tax_rate
    return rate or Decimal(0)


def with_tax(line: LineDraft, item: Item, trade: Trade, path: Path) -> LineDraft:
    """Return the line with the tax that is proposed; an item of an unusual rate keeps its own."""
    if line.kind not in WITH_QUANTITY or not _is_usual(item, trade):
        return line
    return replace(line, proposal=proposal_for(item, line.unit, line.supply_date, trade, path))


def _is_usual(item: Item, trade: Trade) -> bool:
    if trade.kind.side == PURCHASE and trade.kind.name != SELF_BILLED:
        return False  # what others bill us is theirs to say
    return item.tax_category is not TaxCategory.S or item.tax_rate in _USUAL_RATES


def proposal_for(
    item: Item, unit: Unit | None, supplied: date | None, trade: Trade, path: Path
) -> TaxProposal:
    """Return the tax of an item in this trade, of its own day of supply where it has one."""
    return _proposal(item.tax_class, unit or item.unit, supplied or trade.on, trade, path)


def proposal_without_item(line: Line, trade: Trade, path: Path) -> TaxProposal | None:
    """Return the tax of a line that names no item: it is such goods as its present tax says.

    None for words, and for a line that nobody has taxed yet.
    """
    if line.kind not in WITH_QUANTITY or line.tax_category is None:
        return None
    goods = tax_class_of(line.tax_category, line.tax_rate)
    return _proposal(goods, line.unit, line.supply_date or trade.on, trade, path)


def _proposal(
    goods: ItemTaxClass, unit: Unit | None, on: date, trade: Trade, path: Path
) -> TaxProposal:
    partner = trade.partner
    supplier = supplier_class(trade.kind, partner, on)
    return propose(
        TaxQuestion(
            item=goods,
            is_service=unit in OF_TIME,
            partner_kind=partner.kind,
            supply_date=on,
            partner_country=partner.country,
            vat_id=partner.vat_id,
            ship_from=trade.company_country,
            ship_to=trade.ship_to,
            regime=regime_of(trade.settings),
            side=Side.SELF_BILLED if supplier else Side.SALES,
            supplier=supplier,
        ),
        path,
    )
