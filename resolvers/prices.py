"""Prices: list, one, create, update, end, and the price search told."""

import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from domain.items import CURRENCY, Goods
from domain.money import trimmed
from domain.prices.price import Price, PriceSide, PriceTerms
from domain.prices.search import Considered, PriceFound, PriceQuestion, considered
from domain.units import Unit, in_stock_unit
from persistence.prices import candidates_as_read, goods_as_read
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import by_id, read, write
from resolvers.identity import READ_SCOPES
from resolvers.items import sought
from resolvers.paging import listing
from resolvers.partners import WRITE_SCOPES
from schema.mutations import drafted
from schema.node import Id, uuid_of, uuid_to_find
from schema.paging import ORDER, WHICH, After, Before, Connection, First, Last
from schema.prices import (
    ConsideredPrice,
    CreatePriceInput,
    CreatePricePayload,
    EndPriceInput,
    EndPricePayload,
    FoundPrice,
    ItemPrice,
    PriceFilter,
    PriceSort,
    UpdatePriceInput,
    UpdatePricePayload,
)
from schema.prices import Price as PriceType
from schema.scalars import Currency

WHAT = strawberry.argument(description="The item, `itm_…`.")
HOW_MUCH = strawberry.argument(description="How much; of a negative one its size counts.")
COUNTED_IN = strawberry.argument(
    description="The unit of the quantity; the stock unit if left out."
)
WHOM = strawberry.argument(description="The customer or supplier, `par_…`.")
GROUP = strawberry.argument(description="The customer's price group (Preisgruppe).")
DAY = strawberry.argument(description="The date of the document that the price is for.")
BRANCH = strawberry.argument(description="The branch that sells (Niederlassung), `brn_…`.")
SIDE = strawberry.argument(description="Selling or buying.")
MONEY = strawberry.argument(description="The currency of the document.")


@strawberry.type
class PriceQueries:
    """Reading prices."""

    @read(any_of=READ_SCOPES, description="Prices as a list.")
    def prices(
        self,
        info: Info,
        filter: Annotated[PriceFilter | None, WHICH] = None,
        sort: Annotated[PriceSort, ORDER] = PriceSort.VALID_FROM,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PriceType]:
        """List prices."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("price", sort, _conditions(filter), page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One price; null if there is none.")
    def price(self, info: Info, id: Id) -> PriceType | None:
        """Read one price."""
        return by_id("price", uuid_to_find("prc", id))  # type: ignore[return-value]

    @read(
        any_of=READ_SCOPES,
        description="Which price holds for a quantity of an item, and on which levels the search"
        " looked for it (Preisfindung); null for an unknown item.",
    )
    async def item_price(
        self,
        info: Info,
        item_id: Annotated[strawberry.ID, WHAT],
        quantity: Annotated[Decimal, HOW_MUCH],
        on: Annotated[datetime.date, DAY],
        unit: Annotated[Unit | None, COUNTED_IN] = None,
        partner_id: Annotated[strawberry.ID | None, WHOM] = None,
        price_group: Annotated[str | None, GROUP] = None,
        branch_id: Annotated[strawberry.ID | None, BRANCH] = None,
        side: Annotated[PriceSide, SIDE] = PriceSide.SALES,
        currency: Annotated[Currency, MONEY] = Currency(CURRENCY),  # noqa: B008  a plain text
    ) -> ItemPrice | None:
        """Find a price and tell why."""
        snapshot = info.context.snapshot
        goods = await goods_as_read(snapshot, uuid_to_find("itm", item_id))
        if goods is None:
            return None
        factor = goods.factor(unit or goods.unit, ("unit",))
        asked = PriceQuestion(
            goods=goods,
            quantity=in_stock_unit(quantity, factor, ("quantity",)),
            on=on,
            currency=currency,
            side=side,
            partner_id=uuid_to_find("par", partner_id) if partner_id else None,
            price_group=sought(price_group),
            branch_id=uuid_to_find("brn", branch_id) if branch_id else None,
        )
        return _told(asked, considered(await candidates_as_read(snapshot, asked), asked))


def _conditions(wanted: PriceFilter | None) -> dict[tuple[str, str], object]:
    if wanted is None:
        return {}
    return {
        ("side", "="): wanted.side and wanted.side.value,
        ("item_id", "="): None if wanted.item is None else uuid_to_find("itm", wanted.item),
        ("item_group", "="): sought(wanted.item_group),
        ("partner_id", "="): (
            None if wanted.partner is None else uuid_to_find("par", wanted.partner)
        ),
        ("price_group", "="): sought(wanted.price_group),
        ("branch_id", "="): (None if wanted.branch is None else uuid_to_find("brn", wanted.branch)),
        ("valid_from", "<="): wanted.valid_on,
        ("valid_until_sort", ">="): wanted.valid_on,
    }


def _told(asked: PriceQuestion, levels: tuple[Considered, ...]) -> ItemPrice:
    hit = next((each.found for each in levels if each.hit), None)
    return ItemPrice(
        stock_quantity=trimmed(asked.quantity),
        stock_unit=asked.goods.unit,
        found=None if hit is None else _found(hit),
        considered=[_level(each) for each in levels],
    )


def _found(found: PriceFound) -> FoundPrice:
    source = by_id("price", found.price_id) if found.price_id else None
    return FoundPrice(
        source=found.source,
        unit_price=trimmed(found.unit_price),
        price_quantity=trimmed(found.price_quantity),
        unit=found.unit,
        currency=Currency(found.currency),
        discount_percent=_trimmed(found.discount_percent),
        price=source,  # type: ignore[arg-type]
    )


def _level(level: Considered) -> ConsideredPrice:
    found = level.found
    return ConsideredPrice(
        source=level.source,
        hit=level.hit,
        unit_price=_trimmed(found.unit_price) if found else None,
        price_quantity=_trimmed(found.price_quantity) if found else None,
        unit=found.unit if found else None,
        currency=Currency(found.currency) if found else None,
        discount_percent=_trimmed(found.discount_percent) if found else None,
        price_id=strawberry.ID(f"prc_{found.price_id}") if found and found.price_id else None,
    )


def _trimmed(number: Decimal | None) -> Decimal | None:
    return None if number is None else trimmed(number)


@strawberry.type
class PriceMutations:
    """Writing prices."""

    @write(CreatePricePayload, any_of=WRITE_SCOPES, description="Write down a price.")
    async def create_price(self, work: UnitOfWork, input: CreatePriceInput) -> UUID:
        """Make a price."""
        terms, goods = await _terms(work, input)
        price = Price(id=work.new_id(), tenant_id=work.actor.tenant, terms=terms, goods=goods)
        work.prices.add(price)
        return price.id

    @write(
        UpdatePricePayload,
        any_of=WRITE_SCOPES,
        description="Replace a price. For a new price from a day on, create one beside it.",
    )
    async def update_price(self, work: UnitOfWork, input: UpdatePriceInput) -> UUID:
        """Change a price; documents keep what they were written with."""
        price = await work.prices.locked(_price_id(input.id), input.expected_version)
        terms, goods = await _terms(work, input)
        price.update(terms, goods, at=work.now)
        work.prices.add(price)
        return price.id

    @write(EndPricePayload, any_of=WRITE_SCOPES, description="Let a price hold no longer.")
    async def end_price(self, work: UnitOfWork, input: EndPriceInput) -> UUID:
        """End."""
        price = await work.prices.locked(_price_id(input.id), input.expected_version)
        price.end(input.valid_until, at=work.now)
        return price.id


def _price_id(id: str) -> UUID:
    return uuid_of("prc", id, "Price", ("input", "id"))


async def _terms(work: UnitOfWork, input: CreatePriceInput) -> tuple[PriceTerms, Goods | None]:
    """Return the terms of an input, all it names found, and the item as prices see it."""
    goods, item_id, partner_id, branch_id = None, None, None, None
    if input.partner_id:
        path = ("input", "partnerId")
        partner_id = uuid_of("par", input.partner_id, "Partner", path)
        await work.partners.named([(partner_id, path)])
    if input.item_id:
        path = ("input", "itemId")
        item_id = uuid_of("itm", input.item_id, "Item", path)
        goods = (await work.items.named([(item_id, path)]))[item_id].goods
    if input.branch_id:
        path = ("input", "branchId")
        branch_id = uuid_of("brn", input.branch_id, "Branch", path)
        await work.branches.named(branch_id, path)
    valid_from = input.valid_from or await work.tenants.today()
    terms = drafted(
        PriceTerms,
        input,
        valid_from=valid_from,
        item_id=item_id,
        partner_id=partner_id,
        branch_id=branch_id,
    )
    return terms, goods
