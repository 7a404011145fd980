"""Both chains of a trade from end to end, held against a table made by hand.

A farm orders wheat seed and barley seed, changes its mind, takes part of it, and gives some back.
We buy the wheat seed from a breeder. The table at the end says what every document must show.
"""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import (
    completed,
    converted,
    followed,
    kept,
    look,
    plain,
    post,
    posted,
    progress,
    rewrite,
    verb,
    wheat,
)
from tests.companies import found_without_approval
from tests.erp import User

# number: net, tax, gross, and for each line: quantity, then what was
# ordered, delivered, invoiced, returned, credited of it (posted), and what is open.
TABLE: dict[str, tuple[str, str, str, list[tuple[str, ...]]]] = {
    # ----- sales: offered 20 t wheat at 500 and 8 t barley at 400, ordered 18 and 8
    "ANG-2026-00001": (
        "13200.00",
        "924.00",
        "14124.00",
        [("20", "18", "0", "0", "0", "0", "2"), ("8", "8", "0", "0", "0", "0", "0")],
    ),
    # amended from 16 to 18 t; 2 t of barley closed at the end; 1 t of wheat came back
    "SO-2026-00001": (
        "12200.00",
        "854.00",
        "13054.00",
        [("18", "0", "18", "18", "1", "1", "0"), ("8", "0", "6", "6", "0", "0", "0")],
    ),
    "DL-2026-00001": ("5000.00", "350.00", "5350.00", [("10", "0", "0", "10", "1", "1", "0")]),
    "DL-2026-00002": (
        "6400.00",
        "448.00",
        "6848.00",
        [("8", "0", "0", "8", "0", "0", "0"), ("6", "0", "0", "6", "0", "0", "0")],
    ),
    # the first invoice had a wrong text and was cancelled; the second one is the collective invoice
    "INV-2026-00001": (
        "11400.00",
        "798.00",
        "12198.00",
        [
            ("10", "0", "0", "0", "0", "0", "0"),
            ("8", "0", "0", "0", "0", "0", "0"),
            ("6", "0", "0", "0", "0", "0", "0"),
        ],
    ),
    "INV-2026-00002": (
        "-11400.00",
        "-798.00",
        "-12198.00",
        [
            ("-10", "0", "0", "0", "0", "0", "0"),
            ("-8", "0", "0", "0", "0", "0", "0"),
            ("-6", "0", "0", "0", "0", "0", "0"),
        ],
    ),
    "INV-2026-00003": (
        "11400.00",
        "798.00",
        "12198.00",
        [
            ("10", "0", "0", "0", "1", "1", "0"),
            ("8", "0", "0", "0", "0", "0", "0"),
            ("6", "0", "0", "0", "0", "0", "0"),
        ],
    ),
    "KR-2026-00001": ("500.00", "35.00", "535.00", [("1", "0", "0", "0", "0", "1", "0")]),
    "RK-2026-00001": ("500.00", "35.00", "535.00", [("1", "0", "0", "0", "0", "0", "0")]),
    # ----- purchase: 18 t at 420 ordered, received in two parts of 10 and 7.9, the rest closed
    "PO-2026-00001": (
        "7560.00",
        "529.20",
        "8089.20",
        [("18", "0", "17.9", "17.9", "0.4", "0.4", "0")],
    ),
    "GR-2026-00001": ("4200.00", "294.00", "4494.00", [("10", "0", "0", "10", "0.4", "0.4", "0")]),
    "GR-2026-00002": ("3318.00", "232.26", "3550.26", [("7.9", "0", "0", "7.9", "0", "0", "0")]),
    "PINV-2026-00001": (
        "7518.00",
        "526.26",
        "8044.26",
        [("10", "0", "0", "0", "0", "0", "0"), ("7.9", "0", "0", "0", "0", "0", "0")],
    ),
    "LR-2026-00001": ("168.00", "11.76", "179.76", [("0.4", "0", "0", "0", "0", "0.4", "0")]),
    "LK-2026-00001": ("168.00", "11.76", "179.76", [("0.4", "0", "0", "0", "0", "0", "0")]),
}


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def sell(anna: User) -> list[dict[str, Any]]:
    """Play the sales chain and return its documents."""
    offer = await posted(
        anna,
        "SALES_OFFER",
        wheat("20", description="Saatweizen", unitPrice="500"),
        wheat("8", description="Saatgerste", unitPrice="400"),
    )
    order = await followed(anna, offer, "SALES_ORDER", (offer["lines"][0], "16"), offer["lines"][1])
    first = await followed(anna, order, "DELIVERY_NOTE", (order["lines"][0], "10"))

    order = await look(anna, order)  # the farm wants 18 t of wheat after all
    more = [kept(order["lines"][0], quantity="18"), kept(order["lines"][1])]
    order = (await rewrite(anna, "amend", order, *more, reason="Anruf vom Hof")).made

    second = await converted(anna, order, "DELIVERY_NOTE")
    less = [kept(second["lines"][0]), kept(second["lines"][1], quantity="6")]
    second = await post(anna, await completed(anna, second, *less))
    await verb(anna, "closeLines", await look(anna, order), reason="Sorte ausverkauft")

    wrong = await followed(anna, [first, second], "SALES_INVOICE")
    copy = (await verb(anna, "cancelAndCopyDocument", wrong, reason="falscher Text")).made
    invoice = await post(anna, await completed(anna, copy, supplyDate="2026-11-20"))
    back = await followed(anna, invoice, "CUSTOMER_RETURN", (invoice["lines"][0], "1"))
    credit = await followed(anna, back, "SALES_CREDIT_NOTE")
    counter = "query($id: ID!) { document(id: $id) { cancelledBy { id } } }"
    taken_back = (await anna.ask(counter, id=wrong["id"])).data["document"]["cancelledBy"]
    return [offer, order, first, second, wrong, taken_back, invoice, back, credit]


async def buy(anna: User) -> list[dict[str, Any]]:
    """Play the purchase chain and return its documents."""
    seed = wheat("18", description="Saatweizen", unitPrice="420")
    order = await posted(anna, "PURCHASE_ORDER", seed)
    first = await followed(anna, order, "GOODS_RECEIPT", (order["lines"][0], "10"))
    second = await followed(anna, order, "GOODS_RECEIPT", (order["lines"][0], "7.9"))
    await verb(anna, "closeLines", await look(anna, order), reason="Sackware, Rest geschenkt")
    invoice = await followed(anna, [first, second], "SUPPLIER_INVOICE", number="RE 2026/118")
    back = await followed(anna, first, "SUPPLIER_RETURN", (first["lines"][0], "0.4"))
    credit = await followed(anna, back, "SUPPLIER_CREDIT_NOTE", number="GU 2026/9")
    return [order, first, second, invoice, back, credit]


async def test_both_chains_end_as_the_table_says(anna: User):
    """Every number, sum and quantity; nothing but what is really open is open."""
    documents = [await look(anna, each["id"]) for each in [*await sell(anna), *await buy(anna)]]

    shown = {
        each["number"]: (
            each["net"],
            each["tax"],
            each["gross"],
            [
                (plain(line["quantity"]), *counted)
                for line, counted in zip(each["lines"], progress(each), strict=True)
            ],
        )
        for each in documents
    }
    assert shown == TABLE
    assert await anna.erp.numbers() == sorted(TABLE)
    asked = "{ documents(filter: {hasOpenLines: true}) { nodes { number } } }"
    nodes = (await anna.ask(asked)).data["documents"]["nodes"]
    assert [node["number"] for node in nodes] == ["ANG-2026-00001"]
