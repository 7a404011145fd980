"""The last purchase price of an item, at all and of each supplier: who writes it, who does not."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import Document, converted, followed, post, posted, rewrite, verb
from tests.companies import found_without_approval
from tests.erp import FARMER, User

SHOWN = """query($id: ID!) { item(id: $id) { version lastPurchasePrice lastPurchasedOn
  suppliers { partner { name } itemNumber lastPurchasePrice lastPurchasedOn } } }"""


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def wheat(user: User, **more: Any) -> str:
    """Create wheat: stocked in kilograms, priced per 1000 of them, in bags of 25."""
    bag = [{"unit": "BAG", "factor": "25"}]
    return await user.create_item(
        unit="KILOGRAM", unitPrice="620", priceQuantity="1000", units=bag, **more
    )


def line(item: str, price: str | None, quantity: str = "2", **more: Any) -> dict[str, Any]:
    """Return a line of tonnes of an item."""
    tonnes = {"quantity": quantity, "unit": "TONNE", "unitPrice": price, "priceQuantity": "1"}
    return {"itemId": item, **tonnes, **more}


async def seen(user: User, item: str) -> tuple[Any, ...]:
    """Return last price and day of an item, and those of each supplier by name."""
    found = (await user.ask(SHOWN, id=item)).data["item"]
    suppliers = {
        each["partner"]["name"]: (each["lastPurchasePrice"], each["lastPurchasedOn"])
        for each in found["suppliers"]
    }
    return found["lastPurchasePrice"], found["lastPurchasedOn"], suppliers


async def supplier(user: User, name: str = "Saatzucht Nord") -> str:
    """Create a supplier."""
    return await user.create_partner(name, **FARMER)


@pytest.mark.parametrize("kind", ["GOODS_RECEIPT", "SUPPLIER_INVOICE", "SELF_BILLED_INVOICE"])
async def test_what_is_posted_tells_what_goods_cost(anna: User, kind: str):
    """540 EUR per tonne less 10 % are 486 per 1000 kg; the supplier comes on the item's list."""
    item, nord = await wheat(anna), await supplier(anna)
    tax = {"taxCategory": "S", "taxRate": "7"}
    goods = line(item, "540", discountPercent="10", **({} if "SELF" in kind else tax))

    await posted(anna, kind, goods, supplier=nord, supplyDate="2026-11-18")

    day = "2026-11-18"
    assert await seen(anna, item) == ("486", day, {"Saatzucht Nord": ("486", day)})
    [told] = [row for row in await anna.erp.journal() if row["type"] == "ItemPurchased"]
    assert '"action":"NOTE_PURCHASE"' in told["body"]


@pytest.mark.parametrize("kind", ["PURCHASE_ORDER", "SUPPLIER_CREDIT_NOTE", "DELIVERY_NOTE"])
async def test_no_other_kind_tells_it(anna: User, kind: str):
    """An order is a wish, a credit takes back, a sale is no purchase."""
    item, nord = await wheat(anna), await supplier(anna)
    role = "soldTo" if kind == "DELIVERY_NOTE" else "supplier"

    await posted(anna, kind, line(item, "540"), **{role: nord})

    assert await seen(anna, item) == (None, None, {})


async def test_an_older_purchase_never_overwrites_a_newer_one(anna: User):
    """The receipt of the 10th is posted after that of the 18th; each supplier has his own day."""
    item = await wheat(anna)
    nord, sued = await supplier(anna), await supplier(anna, "Saatzucht Süd")
    for partner, price, day in (
        (nord, "540", "2026-11-18"),
        (nord, "500", "2026-11-10"),
        (sued, "510", "2026-11-12"),
    ):
        await posted(anna, "GOODS_RECEIPT", line(item, price), supplier=partner, supplyDate=day)

    assert await seen(anna, item) == (
        "540",
        "2026-11-18",
        {"Saatzucht Nord": ("540", "2026-11-18"), "Saatzucht Süd": ("510", "2026-11-12")},
    )


async def test_the_bill_of_the_same_day_corrects_what_the_receipt_told(anna: User):
    """Agreed were 540, billed are 545: what is posted last of one day counts; the order stays."""
    item, nord = await wheat(anna), await supplier(anna)
    order = await posted(anna, "PURCHASE_ORDER", line(item, "540"), supplier=nord)
    receipt = await followed(anna, order, "GOODS_RECEIPT")
    before = await seen(anna, item)
    bill = await converted(anna, receipt, "SUPPLIER_INVOICE")
    [goods] = bill["lines"]
    dearer = {
        "id": goods["id"],
        "quantity": goods["quantity"],
        "unitPrice": "545",
        "priceQuantity": "1",
    }
    await post(anna, (await rewrite(anna, "update", bill, dearer, **_paper(receipt))).made)

    after = await seen(anna, item)

    assert (before[0], after[0]) == ("540", "545")
    shown = await anna.ask(
        "query($id: ID!) { document(id: $id) { lines { unitPrice } } }", id=order["id"]
    )
    assert shown.data["document"]["lines"] == [{"unitPrice": "540"}]


def _paper(receipt: Document) -> dict[str, str]:
    return {"externalNumber": "R-1", "supplyDate": receipt["issueDate"]}


async def test_samples_returns_and_corrections_tell_nothing(anna: User):
    """Free of charge, negative, or about the price alone."""
    item, nord = await wheat(anna), await supplier(anna)
    sample = line(item, "0", priceReason="Muster")

    await posted(anna, "GOODS_RECEIPT", sample, line(item, "500", "-1"), supplier=nord)
    await posted(
        anna,
        "SUPPLIER_INVOICE",
        line(item, "9", isPriceCorrection=True),
        sample,
        supplier=nord,
    )

    assert await seen(anna, item) == (None, None, {})


async def test_a_cancelled_receipt_takes_the_goods_back_and_not_the_knowledge(anna: User):
    """The counter document tells nothing of its own."""
    item, nord = await wheat(anna), await supplier(anna)
    receipt = await posted(anna, "GOODS_RECEIPT", line(item, "540"), supplier=nord)
    before = await seen(anna, item)

    assert (await verb(anna, "cancelDocument", receipt, reason="falsch")).problems == []

    assert await seen(anna, item) == before


async def test_an_update_of_the_item_keeps_it_for_the_new_price_quantity(anna: User):
    """540 per 1000 kg are 0.54 per kg, 13.5 per bag; who leaves the list takes his price along."""
    nord = await supplier(anna)
    item = await wheat(anna, number="W-9", suppliers=[{"partnerId": nord, "itemNumber": "4711"}])
    await posted(anna, "GOODS_RECEIPT", line(item, "540"), supplier=nord, supplyDate="2026-11-18")
    facts = {"number": "W-9", "name": "Weizen", "unitPrice": "1", "taxRate": "7", "id": item}
    with_supplier = {"suppliers": [{"partnerId": nord}]}

    told = []
    for version, more in (
        (2, {"unit": "KILOGRAM", **with_supplier}),
        (3, {"unit": "BAG", "units": [{"unit": "KILOGRAM", "factor": "0.04"}], **with_supplier}),
        (4, {"unit": "PIECE"}),
    ):
        changed = await anna.do(
            "updateItem", "item { id }", **facts, expectedVersion=version, **more
        )
        assert changed.problems == []
        told.append(await seen(anna, item))

    day = "2026-11-18"
    assert told == [
        ("0.54", day, {"Saatzucht Nord": ("0.54", day)}),
        ("13.5", day, {"Saatzucht Nord": ("13.5", day)}),
        (None, None, {}),
    ]


async def test_prices_in_another_currency_are_told_in_euro(anna: User):
    """594 USD at 1.10 USD for one EUR are 540 EUR."""
    item, nord = await wheat(anna), await supplier(anna)
    foreign = {"currency": "USD", "exchangeRate": "1.10", "taxCategory": "S"}
    foreign.pop("taxCategory")

    await posted(anna, "SUPPLIER_INVOICE", line(item, "594"), supplier=nord, **foreign)

    assert (await seen(anna, item))[0] == "540"


async def test_the_next_order_finds_it_as_the_list_price_of_buying(anna: User):
    """Nobody types what was paid last; the order is per bag."""
    item, nord = await wheat(anna), await supplier(anna)
    await posted(anna, "GOODS_RECEIPT", line(item, "540"), supplier=nord)

    made = await anna.do(
        "createPurchaseOrder",
        "purchaseOrder { lines { unitPrice priceQuantity priceSource } }",
        supplier=nord,
        lines=[{"itemId": item, "quantity": "4", "unit": "BAG"}],
    )

    [found] = made.made["lines"]
    per_bag = Decimal(found["unitPrice"]) / Decimal(found["priceQuantity"])
    assert (per_bag, found["priceSource"]) == (Decimal("13.5"), "LIST")


async def test_many_receipts_at_once_leave_the_newest(anna: User):
    """Ten people post receipts of one item side by side: nobody deadlocks, the newest day stays."""
    item, nord = await wheat(anna), await supplier(anna)
    drafts = []
    for day in range(1, 11):
        facts = await anna.input_of("GOODS_RECEIPT", supplier=nord)
        facts |= {"lines": [line(item, f"{500 + day}")], "supplyDate": f"2026-11-{day:02}"}
        drafts.append((await anna.write("create", "GOODS_RECEIPT", **facts)).made)

    answers = await asyncio.gather(*(anna.post(each) for each in drafts))
    bulk = await anna.do(
        "postDocuments", "items { problems { code } }", ids=[each["id"] for each in drafts]
    )

    assert [each.problem_codes for each in answers] == [[]] * 10
    assert bulk.body["data"]["postDocuments"]["items"] != []
    assert (await seen(anna, item))[:2] == ("510", "2026-11-10")
