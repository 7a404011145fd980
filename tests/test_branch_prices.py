"""Prices of a branch: written down, listed, searched, and found on documents of that branch."""

from typing import Any

import pytest

from tests.erp import Erp, User

PLACE = {"street": "Hafen 1", "postcode": "27318", "city": "Hoya"}
FOUND = """query($item: ID!, $branch: ID, $quantity: Decimal!, $side: PriceSide!) {
  itemPrice(itemId: $item, branchId: $branch, quantity: $quantity, on: "2026-11-20", side: $side)
  { found { unitPrice source } } }"""
LISTED = """query($branch: ID) { prices(filter: {branch: $branch}) {
  nodes { unitPrice branch { code } } } }"""
LINES = "lines { unitPrice priceSource }"


async def branch(user: User, code: str) -> str:
    """Open a branch and return its id."""
    made = await user.do("createBranch", "branch { id }", code=code, name=code, **PLACE)
    id: str = made.made["id"]
    return id


async def write(user: User, item: str, price: str, **more: Any) -> dict[str, Any]:
    """Write down a price of an item, valid from the start of 2026 on."""
    terms = {"validFrom": "2026-01-01", "itemId": item, "unitPrice": price, **more}
    shown = "price { id version unitPrice branch { code } }"
    made: dict[str, Any] = (await user.do("createPrice", shown, **terms)).made
    return made


async def price_at(
    user: User, item: str, at: str | None, quantity: str = "1", side: str = "SALES"
) -> tuple[str, str]:
    """Return price and source that the search finds for a branch."""
    answer = await user.ask(FOUND, item=item, branch=at, quantity=quantity, side=side)
    found = answer.data["itemPrice"]["found"]
    return found["unitPrice"], found["source"]


async def test_a_price_says_for_which_branch_it_is_and_lists_are_filtered_by_it(erp: Erp):
    """One for all branches shows none; the filter leaves it out."""
    anna = await erp.sign_in()
    item, hoya, verden = await anna.create_item(), await branch(anna, "H"), await branch(anna, "V")

    special = await write(anna, item, "199", branchId=hoya)
    general = await write(anna, item, "205")

    assert (special["branch"], general["branch"]) == ({"code": "H"}, None)
    listed = [
        (await anna.ask(LISTED, branch=each)).data["prices"]["nodes"] for each in (hoya, verden)
    ]
    assert listed == [[{"unitPrice": "199", "branch": {"code": "H"}}], []]


async def test_a_branch_comes_before_all_branches_within_one_level(erp: Erp):
    """Even with a lower break; a customer's own price is of a higher level and comes first."""
    anna = await erp.sign_in()
    item, hoya, verden = await anna.create_item(), await branch(anna, "H"), await branch(anna, "V")
    await write(anna, item, "205", quantityFrom="10")
    await write(anna, item, "199", branchId=hoya)

    found = [await price_at(anna, item, at, "20") for at in (hoya, verden, None)]

    assert found == [("199", "LIST"), ("205", "LIST"), ("205", "LIST")]


async def test_buying_knows_branches_too(erp: Erp):
    """The supplier delivers to Hoya at another price."""
    anna = await erp.sign_in()
    item, hoya = await anna.create_item(), await branch(anna, "H")
    await write(anna, item, "180", side="PURCHASE")
    await write(anna, item, "176", side="PURCHASE", branchId=hoya)

    found = [await price_at(anna, item, at, side="PURCHASE") for at in (hoya, None)]

    assert found == [("176", "LIST"), ("180", "LIST")]


@pytest.mark.parametrize(("at", "price"), [("H", "199"), ("V", "205"), (None, "205")])
async def test_a_document_finds_the_price_of_its_branch(erp: Erp, at: str | None, price: str):
    """An order written in Hoya takes Hoya's price; elsewhere the general one holds."""
    anna = await erp.sign_in()
    item, customer = await anna.create_item(), await anna.create_partner()
    branches = {code: await branch(anna, code) for code in ("H", "V")}
    await write(anna, item, "205", partnerId=customer)
    await write(anna, item, "199", partnerId=customer, branchId=branches["H"])

    made = await anna.do(
        "createSalesOrder",
        f"salesOrder {{ branch {LINES} }}",
        soldTo=customer,
        branch=at and branches[at],
        lines=[{"itemId": item, "quantity": "5"}],
    )

    line = {"unitPrice": price, "priceSource": "CUSTOMER_ITEM"}
    assert made.made == {"branch": at, "lines": [line]}


async def test_a_price_may_move_to_another_branch_and_the_history_tells(erp: Erp):
    """An update replaces everything; without a branch it is for all of them."""
    anna = await erp.sign_in()
    item, hoya = await anna.create_item(), await branch(anna, "H")
    price = await write(anna, item, "199", branchId=hoya)

    changed = await anna.do(
        "updatePrice",
        "price { branch { code } }",
        id=price["id"],
        expectedVersion=1,
        itemId=item,
        unitPrice="199",
        validFrom="2026-01-01",
    )

    assert changed.made == {"branch": None}
    [told] = [row for row in await erp.journal() if row["type"] == "PriceUpdated"]
    assert '"field":"branchId"' in told["body"]


async def test_two_prices_of_one_branch_for_the_same_are_refused_and_of_two_branches_not(erp: Erp):
    """Nobody could say which one holds; another branch is another scope."""
    anna = await erp.sign_in()
    item, hoya, verden = await anna.create_item(), await branch(anna, "H"), await branch(anna, "V")
    terms = {"itemId": item, "unitPrice": "199", "validFrom": "2026-01-01"}

    answers = [
        await anna.do("createPrice", "price { id }", branchId=at, **terms)
        for at in (hoya, hoya, verden, None)
    ]

    assert [each.problem_codes for each in answers] == [[], ["DUPLICATE_PRICE"], [], []]
