"""How many statements many documents take: as many as few, but for the row that each changes."""

from typing import Any

import pytest
from sqlalchemy import event

from tests.companies import database_of, found_without_approval
from tests.erp import FARMER, Answer, Erp, User

ITEMS = "items { place document { id number state } problems { code path } }"
FEW, MANY = 2, 20


@pytest.fixture
async def shop(server, owner, http) -> Erp:
    """A company that posts drafts in one call and warns of credit limits."""
    company = await found_without_approval(server, owner, http)
    await owner.execute(
        "update tenant set credit_check = 'WARN' where tenant_id = $1", company.tenant
    )
    return company


async def counted(user: User, mutation: str, ids: list[str], **more: Any) -> dict[str, int]:
    """Do something with many documents, and return how many statements of each verb that took."""
    statements: dict[str, int] = {}
    engine = database_of(user.erp).engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        verb = statement.split(None, 1)[0].lower()
        statements[verb] = statements.get(verb, 0) + 1

    event.listen(engine, "before_cursor_execute", note)
    try:
        answer: Answer = await user.do(mutation, ITEMS, ids=ids, **more)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.problems == []
    assert [item["problems"] for item in answer.data[mutation]["items"]] == [[]] * len(ids)
    return statements


async def written(user: User, kind: str, count: int, **more: Any) -> list[str]:
    """Write documents for partners of their own, four of them: nobody is asked for twice."""
    role = "supplier" if kind == "SELF_BILLED_INVOICE" else "soldTo"
    partners = [await user.create_partner(creditLimit="1000000", **FARMER) for _ in range(4)]
    made = [
        await user.create(kind, **{role: partners[place % len(partners)]}, **more)
        for place in range(count)
    ]
    return [each["id"] for each in made]


@pytest.mark.parametrize("kind", ["SALES_ORDER", "SALES_INVOICE", "SELF_BILLED_INVOICE"])
async def test_posting_twenty_asks_what_posting_two_asks(shop: Erp, kind: str):
    """Payers, exposure, suppliers, languages, periods, series: once each; a row is one update."""
    anna = await shop.sign_in()
    few, many = await written(anna, kind, FEW), await written(anna, kind, MANY)

    first, second = (
        await counted(anna, "postDocuments", few),
        await counted(anna, "postDocuments", many),
    )

    assert second == {**first, "update": first["update"] + MANY - FEW}


async def test_throwing_twenty_away_asks_what_throwing_two_away_asks(shop: Erp):
    """The terms of a kind are read once."""
    anna = await shop.sign_in()
    few, many = await written(anna, "SALES_ORDER", FEW), await written(anna, "SALES_ORDER", MANY)

    first = await counted(anna, "discardDocuments", few)
    second = await counted(anna, "discardDocuments", many)

    assert second == {**first, "update": first["update"] + MANY - FEW}


@pytest.mark.parametrize(
    ("kind", "target", "updated"),
    [
        ("SALES_ORDER", "DELIVERY_NOTE", 2),
        ("SALES_ORDER", "SALES_INVOICE", 2),
        ("SALES_CONTRACT", "SALES_ORDER", 2),
    ],
)
async def test_converting_twenty_asks_what_converting_two_asks(
    shop: Erp, kind: str, target: str, updated: int
):
    """Partners, terms, items, the day and prices are read once; of each source document and line
    are updated."""
    anna = await shop.sign_in()
    open_price = {"priceFixed": False} if kind == "SALES_CONTRACT" else {}
    item = await anna.create_item(unit="PIECE", unitPrice="21.50")
    line: dict[str, Any] = {"itemId": item, "quantity": "4", "unit": "PIECE"}
    if not open_price:
        line["unitPrice"] = "20"
    lists = [await written(anna, kind, count, lines=[line], **open_price) for count in (FEW, MANY)]
    for ids in lists:
        await counted(anna, "postDocuments", ids)

    first, second = [await counted(anna, "convertDocuments", ids, to=target) for ids in lists]

    more = (second.pop("update") - first.pop("update")) / (MANY - FEW)
    assert (second, more <= updated) == (first, True)
