"""The last purchase price (letzter EK): what goods cost lately, told by what is posted.

A receipt tells the price that was agreed for it, an invoice the one that is billed. The day of
supply dates it: an older one never overwrites a newer, of one day what is posted last counts. A
cancellation takes back goods or debt, not the knowledge of what they cost. Samples free of charge,
corrections of a price and what goes back tell nothing. It changes the item, never a document.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.amounts import PriceBasis
from domain.documents.document import Document
from domain.documents.lines import Line, LineKind
from domain.items import Bought, Item
from domain.money import EXACT

ONE = Decimal(1)


def bought_items(document: Document) -> set[UUID]:
    """Return the items of which posting a document tells the purchase price."""
    if not document.definition.tells_purchase_prices or document.is_cancellation:
        return set()
    return {line.item_id for line in document.lines if line.item_id and _tells(line)}


def note_purchases(document: Document, items: Mapping[UUID, Item], *, at: datetime) -> None:
    """Let the items of a posted document know what they cost; of several lines the last counts."""
    wanted = bought_items(document)
    told = {
        line.item_id: line for line in document.lines if line.item_id in wanted and _tells(line)
    }
    for id, line in told.items():
        if id is not None:
            on = line.supply_date or document.supplied_on
            bought = Bought(document.partner_id, unit_cost(document, line), on, document.id)
            items[id].note_purchase(bought, at=at)


def _tells(line: Line) -> bool:
    return (
        line.kind is LineKind.ITEM
        and not line.is_price_correction
        and line.stock_quantity > 0
        and line.net > 0
    )


def unit_cost(document: Document, line: Line) -> Decimal:
    """Return what one stock unit costs, net of discount, in company currency, not rounded.

    Where prices hold the tax, or an amount is off or on the line, its net by its quantity says it.
    """
    if line.unit_price is None or document.price_basis is PriceBasis.GROSS or line.allowances:
        cost = EXACT.divide(line.net, line.stock_quantity)
    else:
        share = EXACT.subtract(ONE, line.discount_percent / 100)
        per_unit = EXACT.divide(EXACT.multiply(line.unit_price, share), line.price_quantity)
        cost = EXACT.divide(per_unit, line.stock_factor)
    rate = document.exchange_rate
    return cost if rate is None else EXACT.divide(cost, rate)
