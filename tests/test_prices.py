"""Prices through the API: written, replaced, ended, listed, found; and what is refused."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.prices.price import PriceSide, PriceSource
from domain.prices.search import PriceQuestion, find_price
from persistence.unit_of_work import UnitOfWork
from tests.companies import work_of
from tests.erp import Erp, User
from tests.refused import problem_of, unchanged

TERMS = """price { id version side item { number } itemGroup partner { name } priceGroup
  quantityFrom validFrom validUntil unitPrice priceQuantity unit currency discountPercent }"""
DAY = "2026-11-20"
SEARCH = """query($itemId: ID!, $partnerId: ID, $priceGroup: String, $quantity: Decimal!,
  $unit: Unit, $on: Date!, $side: PriceSide, $currency: Currency, $branchId: ID) {
  itemPrice(itemId: $itemId, partnerId: $partnerId, priceGroup: $priceGroup, quantity: $quantity,
    unit: $unit, on: $on, side: $side, currency: $currency, branchId: $branchId) {
    stockQuantity stockUnit
    found { source unitPrice priceQuantity unit currency discountPercent price { id } }
    considered { source hit unitPrice priceQuantity unit currency discountPercent priceId } } }"""


async def wheat(user: User, **more: Any) -> str:
    """Create wheat at 620 EUR per tonne, stocked by the kilogram, in bags of 25 kg."""
    return await user.create_item(
        unit="KILOGRAM",
        unitPrice="620",
        priceQuantity="1000",
        itemGroup="SEED",
        units=[{"unit": "BAG", "factor": "25"}],
        **more,
    )


async def write(user: User, **terms: Any) -> str:
    """Write down a price valid from the start of 2026, and return its id."""
    terms = {"validFrom": "2026-01-01", **terms}
    id: str = (await user.do("createPrice", "price { id }", **terms)).made["id"]
    return id


async def search(user: User, item: str, quantity: str = "1000", **more: Any) -> Any:
    """Ask which price holds, with everything that is told of it."""
    asked = {"itemId": item, "quantity": quantity, "on": DAY, **more}
    asked = {"side": "SALES", "currency": "EUR", **asked}
    return (await user.ask(SEARCH, **asked)).data["itemPrice"]


# --------------------------------------------------------------------------------------- written


async def test_a_price_takes_what_is_left_out_from_the_item_and_the_day(erp: Erp):
    """Per one stock unit, in EUR, from today on, from any quantity on."""
    anna = await erp.sign_in()
    item = await wheat(anna, number="W-100")

    made = (await anna.do("createPrice", TERMS, itemId=item, unitPrice="0.61")).made

    assert made.pop("id").startswith("prc_")
    assert made.pop("validFrom") >= DAY
    assert made == {
        "version": 1,
        "side": "SALES",
        "item": {"number": "W-100"},
        "itemGroup": None,
        "partner": None,
        "priceGroup": None,
        "quantityFrom": "0",
        "validUntil": None,
        "unitPrice": "0.61",
        "priceQuantity": "1",
        "unit": "KILOGRAM",
        "currency": "EUR",
        "discountPercent": None,
    }


async def test_a_discount_alone_has_neither_unit_nor_currency(erp: Erp):
    """Whatever is sent with it: it is one on the list price, in the currency of that."""
    anna = await erp.sign_in()
    hof = await anna.create_partner("Hof Lindenau")
    terms = {"partnerId": hof, "itemGroup": "SEED", "discountPercent": "7.5", "unit": "TONNE"}

    made = (await anna.do("createPrice", TERMS, **terms)).made

    shown = {name: made[name] for name in ("unit", "currency", "priceQuantity", "unitPrice")}
    assert shown == dict.fromkeys(shown)
    assert (made["discountPercent"], made["partner"]) == ("7.5", {"name": "Hof Lindenau"})


async def test_a_price_is_replaced_and_ended_and_the_journal_remembers(erp: Erp):
    """The old figures stand in its history."""
    anna = await erp.sign_in()
    item = await wheat(anna)
    id = await write(anna, itemId=item, unitPrice="600", unit="TONNE")
    one = {"id": id, "itemId": item, "validFrom": "2026-02-01"}

    updated = await anna.do(
        "updatePrice", TERMS, **one, expectedVersion=1, unitPrice="590", unit="TONNE"
    )
    ended = await anna.do("endPrice", TERMS, id=id, expectedVersion=2, validUntil="2026-02-01")

    assert (updated.made["unitPrice"], updated.made["validFrom"]) == ("590", "2026-02-01")
    assert (ended.made["validUntil"], ended.made["version"]) == ("2026-02-01", 3)
    asked = """query($id: ID!) { price(id: $id) { history { nodes { type
      changes { field before after } } } } }"""
    nodes = (await anna.ask(asked, id=id)).data["price"]["history"]["nodes"]
    assert [(each["type"], len(each["changes"])) for each in nodes][1:] == [
        ("PriceUpdated", 2),
        ("PriceEnded", 1),
    ]
    assert nodes[1]["changes"] == [
        {"field": "validFrom", "before": "2026-01-01", "after": "2026-02-01"},
        {"field": "unitPrice", "before": "600", "after": "590"},
    ]


ITEM, HOF = object(), object()
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"itemId": None}, "PRICE_SCOPE_INVALID", ""),
    ({"itemGroup": "SEED"}, "PRICE_SCOPE_INVALID", ""),
    ({"itemId": None, "itemGroup": "SEED"}, "PRICE_SCOPE_INVALID", ""),
    ({"partnerId": HOF, "priceGroup": "FARM"}, "PRICE_SCOPE_INVALID", ""),
    ({"side": "PURCHASE", "priceGroup": "FARM"}, "PRICE_SCOPE_INVALID", ""),
    ({"unitPrice": None}, "REQUIRED", ".unitPrice"),
    ({"unitPrice": None, "discountPercent": "5"}, "REQUIRED", ".unitPrice"),
    ({"unitPrice": "-1"}, "MUST_NOT_BE_NEGATIVE", ".unitPrice"),
    ({"unitPrice": "0.0000001"}, "TOO_PRECISE", ".unitPrice"),
    ({"priceQuantity": "0"}, "MUST_BE_POSITIVE", ".priceQuantity"),
    ({"quantityFrom": "-1"}, "MUST_NOT_BE_NEGATIVE", ".quantityFrom"),
    ({"quantityFrom": "NaN"}, "NOT_A_NUMBER", ".quantityFrom"),
    ({"unit": "LITRE"}, "UNIT_NOT_CONVERTIBLE", ".unit"),
    ({"itemId": None, "itemGroup": "SEED", "partnerId": HOF}, "REQUIRED", ".unit"),
    ({"currency": "eur"}, "CURRENCY_MALFORMED", ".currency"),
    ({"currency": "EURO"}, "CURRENCY_MALFORMED", ".currency"),
    ({"discountPercent": "100.1"}, "DISCOUNT_OUT_OF_RANGE", ".discountPercent"),
    ({"discountPercent": "-1"}, "DISCOUNT_OUT_OF_RANGE", ".discountPercent"),
    ({"discountPercent": "1.00001"}, "TOO_PRECISE", ".discountPercent"),
    ({"validFrom": "1999-12-31"}, "DATE_OUT_OF_RANGE", ".validFrom"),
    ({"validFrom": "3000-01-01"}, "DATE_OUT_OF_RANGE", ".validFrom"),
    ({"validUntil": "9999-12-31"}, "DATE_OUT_OF_RANGE", ".validUntil"),
    ({"validUntil": "2026-11-19"}, "PRICE_VALIDITY_REVERSED", ".validUntil"),
    ({"priceGroup": "x" * 41}, "TOO_LONG", ".priceGroup"),
]


@pytest.mark.parametrize(("change", "code", "place"), FAULTS)
async def test_a_wrong_price_is_neither_made_nor_taken_over(
    erp: Erp, change: dict[str, Any], code: str, place: str
):
    """Create and update answer with the same problem at the same place; the price stays."""
    anna = await erp.sign_in()
    item, hof = await wheat(anna), await anna.create_partner()
    id = await write(anna, itemId=item, unitPrice="1")
    marks = {ITEM: item, HOF: hof}
    wrong = {"itemId": ITEM, "unitPrice": "600", "validFrom": DAY, **change}
    wrong = {name: marks.get(value, value) for name, value in wrong.items()}

    async with unchanged(erp):
        made = await anna.do("createPrice", "price { id }", **wrong)
        updated = await anna.do("updatePrice", "price { id }", id=id, expectedVersion=1, **wrong)

    assert problem_of(made)[:2] == problem_of(updated)[:2] == (code, f"input{place}")


async def test_two_prices_for_the_same_from_the_same_day_are_one_too_many(erp: Erp):
    """Neither made nor moved there; with another break, day or currency it is another price."""
    anna = await erp.sign_in()
    same = {"itemId": await wheat(anna), "unitPrice": "600", "validFrom": "2026-01-01"}
    await write(anna, **same)
    later = await write(anna, **{**same, "validFrom": "2026-02-01"})
    await write(anna, **same, quantityFrom="1000")
    await write(anna, **same, currency="USD")
    await write(anna, **same, priceGroup="FARM")
    await write(anna, **same, side="PURCHASE")

    async with unchanged(erp):
        made = await anna.do("createPrice", "price { id }", **{**same, "unitPrice": "590"})
        moved = await anna.do("updatePrice", "price { id }", id=later, expectedVersion=1, **same)

    assert problem_of(made) == (
        "DUPLICATE_PRICE",
        "input",
        "There is already a price for this with the same quantity break from 2026-01-01 on.",
    )
    assert problem_of(moved)[:2] == ("DUPLICATE_PRICE", "input")


async def test_a_price_does_not_end_before_it_starts_nor_in_another_version(erp: Erp):
    """It may end on the day it starts."""
    anna = await erp.sign_in()
    id = await write(anna, itemId=await wheat(anna), unitPrice="600")
    one = {"id": id, "expectedVersion": 1}

    async with unchanged(erp):
        early = await anna.do("endPrice", "price { id }", **one, validUntil="2025-12-31")
        stale = await anna.do(
            "endPrice", "price { id }", id=id, expectedVersion=2, validUntil="2026-12-31"
        )

    assert problem_of(early) == (
        "PRICE_VALIDITY_REVERSED",
        "input.validUntil",
        "The price would end before it starts, on 2026-01-01.",
    )
    assert problem_of(stale)[:2] == ("VERSION_CONFLICT", "input.expectedVersion")
    ended = await anna.do("endPrice", "price { validUntil }", **one, validUntil="2026-01-01")
    assert ended.made == {"validUntil": "2026-01-01"}


# ---------------------------------------------------------------------------------------- listed


async def test_prices_are_listed_by_what_they_are_for_and_by_day(erp: Erp):
    """All conditions must hold; the newest validity comes first."""
    anna = await erp.sign_in()
    item, hof = await wheat(anna), await anna.create_partner()
    prices = {
        "old": await write(anna, itemId=item, unitPrice="1", validUntil="2026-06-30"),
        "new": await write(anna, itemId=item, unitPrice="2", validFrom="2026-07-01"),
        "hof": await write(anna, itemGroup="SEED", partnerId=hof, discountPercent="5"),
        "farm": await write(anna, itemGroup="SEED", priceGroup="FARM", discountPercent="3"),
        "buy": await write(anna, itemId=item, unitPrice="0.5", side="PURCHASE", partnerId=hof),
    }
    names = {id: name for name, id in prices.items()}

    async def listed(**filter: Any) -> list[str]:
        asked = "query($f: PriceFilter!) { prices(filter: $f) { totalCount nodes { id } } }"
        found = (await anna.ask(asked, f=filter)).data["prices"]
        return sorted(names[each["id"]] for each in found["nodes"])

    assert await listed(item=item) == ["buy", "new", "old"]
    assert await listed(item=item, validOn="2026-06-30", side="SALES") == ["old"]
    assert await listed(item=item, validOn="2026-07-01", side="SALES") == ["new"]
    assert await listed(validOn="2025-12-31") == []
    assert await listed(itemGroup="SEED") == ["farm", "hof"]
    assert await listed(priceGroup="FARM") == ["farm"]
    assert await listed(partner=hof) == ["buy", "hof"]
    assert await listed(partner=hof, side="PURCHASE") == ["buy"]
    asked = "query($id: ID!) { item(id: $id) { prices { nodes { id } } } }"
    nodes = (await anna.ask(asked, id=item)).data["item"]["prices"]["nodes"]
    assert sorted(names[each["id"]] for each in nodes) == ["buy", "new", "old"]
    assert names[nodes[0]["id"]] == "new"


# ----------------------------------------------------------------------------------------- found


async def test_the_search_finds_the_most_special_price_and_tells_the_others(erp: Erp):
    """80 bags of 25 kg are 2000 kg: the customer's break of two tonnes holds."""
    anna = await erp.sign_in()
    item, hof = await wheat(anna), await anna.create_partner()
    terms = {"itemId": item, "unit": "TONNE"}
    await write(anna, **terms, partnerId=hof, unitPrice="600")
    broken = await write(anna, **terms, partnerId=hof, unitPrice="580", quantityFrom="2000")
    group = await write(anna, itemGroup="SEED", partnerId=hof, discountPercent="5")
    farm = await write(anna, **terms, priceGroup="FARM", unitPrice="610.5")

    told = await search(anna, item, "80", unit="BAG", partnerId=hof, priceGroup="FARM")

    money = {"priceQuantity": "1", "unit": "TONNE", "currency": "EUR", "discountPercent": None}
    listed = {**money, "unitPrice": "620", "priceQuantity": "1000", "unit": "KILOGRAM"}
    nothing = dict.fromkeys([*money, "unitPrice", "priceId"])
    assert told == {
        "stockQuantity": "2000",
        "stockUnit": "KILOGRAM",
        "found": {
            "source": "CUSTOMER_ITEM",
            "unitPrice": "580",
            **money,
            "price": {"id": broken},
        },
        "considered": [
            {"source": "CONTRACT", "hit": False, **nothing},
            {
                "source": "CUSTOMER_ITEM",
                "hit": True,
                **money,
                "unitPrice": "580",
                "priceId": broken,
            },
            {
                "source": "CUSTOMER_GROUP",
                "hit": False,
                **listed,
                "discountPercent": "5",
                "priceId": group,
            },
            {"source": "PRICE_GROUP", "hit": False, **money, "unitPrice": "610.5", "priceId": farm},
            {"source": "LIST", "hit": False, **listed, "priceId": None},
        ],
    }


async def test_a_stranger_pays_the_list_price_and_a_supplier_is_asked_for_his(erp: Erp):
    """Without any purchase there is no list price of buying, only what the supplier agreed."""
    anna = await erp.sign_in()
    item, mill = await wheat(anna), await anna.create_partner()

    sold = await search(anna, item, partnerId=mill)
    nothing = await search(anna, item, partnerId=mill, side="PURCHASE")
    await write(anna, itemId=item, partnerId=mill, side="PURCHASE", unitPrice="0.5")
    bought = await search(anna, item, partnerId=mill, side="PURCHASE")

    assert (sold["found"]["source"], sold["found"]["price"]) == ("LIST", None)
    assert nothing["found"] is None
    assert [each["hit"] for each in nothing["considered"]] == [False] * 5
    assert (bought["found"]["source"], bought["found"]["unitPrice"]) == ("CUSTOMER_ITEM", "0.5")


async def test_what_cannot_be_counted_has_no_price_and_an_unknown_item_is_null(erp: Erp):
    """The first is told as an error with its place, the second is no error."""
    anna = await erp.sign_in()
    item = await wheat(anna, number="W-100")
    asked = {"itemId": item, "quantity": "1", "on": DAY, "side": "SALES", "currency": "EUR"}

    litres = await anna.ask(SEARCH, **asked, unit="LITRE")
    tiny = await anna.ask(SEARCH, **{**asked, "quantity": "0.0000001"})
    unknown = await anna.ask(SEARCH, **{**asked, "itemId": f"itm_{uuid4()}"})

    [error] = litres.body["errors"]
    assert error["extensions"]["code"] == "UNIT_NOT_CONVERTIBLE"
    assert error["extensions"]["path"] == ["unit"]
    assert tiny.error_codes == ["TOO_PRECISE"]
    assert unknown.data == {"itemPrice": None}


async def test_all_lines_of_a_document_are_answered_by_one_statement(erp: Erp):
    """Of several items, customers and branches; a price of a branch holds for that branch only."""
    anna = await erp.sign_in()
    hof = await anna.create_partner()
    place = {"street": "Hafen 1", "postcode": "27318", "city": "Hoya"}
    made = await anna.do("createBranch", "branch { id }", code="HOYA", name="Hoya", **place)
    branch = UUID(made.made["id"].partition("_")[2])
    items = [await wheat(anna) for _ in range(3)]
    for item, amount in zip(items, ("1", "2", "3"), strict=True):
        await write(anna, itemId=item, partnerId=hof, unitPrice=amount)
    await write(anna, itemId=items[0], unitPrice="9", partnerId=hof, branchId=made.made["id"])
    statements: list[str] = []
    work: UnitOfWork

    async with work_of(erp) as work:
        named = [(UUID(id.partition("_")[2]), ("input",)) for id in items]
        goods = [each.goods for each in (await work.items.named(named)).values()]
        goods.sort(key=lambda each: [id for id, _ in named].index(each.id))
        day = await work.tenants.today()
        partner = UUID(hof.partition("_")[2])
        questions = [
            PriceQuestion(goods[0], goods[0].unit_price, day, partner_id=partner, branch_id=branch),
            *(PriceQuestion(each, each.unit_price, day, partner_id=partner) for each in goods),
            PriceQuestion(goods[1], goods[1].unit_price, day),
            PriceQuestion(goods[2], goods[2].unit_price, day, side=PriceSide.PURCHASE),
        ]
        execute = work.session.execute

        async def counted(*given: Any) -> Any:
            statements.append(str(given[0]))
            return await execute(*given)

        work.session.execute = counted  # type: ignore[method-assign]
        candidates = await work.prices.candidates(questions)
        assert await work.prices.candidates([]) == []

    assert len(statements) == 1
    answers = [find_price(*each) for each in zip(candidates, questions, strict=True)]
    assert [each and (each.source, str(each.unit_price.normalize())) for each in answers] == [
        (PriceSource.CUSTOMER_ITEM, "9"),
        (PriceSource.CUSTOMER_ITEM, "1"),
        (PriceSource.CUSTOMER_ITEM, "2"),
        (PriceSource.CUSTOMER_ITEM, "3"),
        (PriceSource.LIST, "6.2E+2"),
        None,
    ]
