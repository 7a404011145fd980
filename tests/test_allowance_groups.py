"""Allowances and charges over the whole that name the one tax group that bears them."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Answer, User
from tests.refused import problem_of, unchanged

SEED = {"description": "Saatgut", "quantity": "1", "unit": "PIECE", "unitPrice": "100"}
FULL, REDUCED = ({"taxCategory": "S", "taxRate": rate} for rate in ("19", "7"))
AMOUNTS = "id version net tax gross taxes { category rate basis tax } allowances { amount taxRate }"
ALL = (
    "document { id version net ... on SalesInvoice { taxes { rate basis } allowances { amount } }"
    " ... on DeliveryNote { taxes { rate basis } allowances { amount } } }"
)


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def invoiced(anna: User, *allowances: dict[str, Any], **more: Any) -> Answer:
    """Write an invoice of 100.00 EUR at 19 %."""
    given = {
        "soldTo": more.get("soldTo") or await anna.create_partner(),
        "supplyDate": "2026-11-20",
        "lines": [{**SEED, **FULL}],
        "allowances": [{"reason": "Fracht", "isCharge": True, **each} for each in allowances],
        **more,
    }
    return await anna.do("createSalesInvoice", f"salesInvoice {{ {AMOUNTS} }}", **given)


@pytest.mark.parametrize(
    ("tax", "code", "place"),
    [
        ({"taxCategory": "S"}, "REQUIRED", "taxRate"),
        ({"taxRate": "19"}, "REQUIRED", "taxCategory"),
        ({"taxCategory": "S", "taxRate": "13"}, "TAX_RATE_UNKNOWN", "taxRate"),
        ({"taxCategory": "S", "taxRate": "-50"}, "TAX_RATE_UNKNOWN", "taxRate"),
        ({"taxCategory": "S", "taxRate": "123456"}, "TAX_RATE_UNKNOWN", "taxRate"),
        ({"taxCategory": "E", "taxRate": "19"}, "TAX_RATE_UNKNOWN", "taxRate"),
        (REDUCED, "ALLOWANCE_GROUP_MISSING", "taxCategory"),
        ({"taxCategory": "E"}, "ALLOWANCE_GROUP_MISSING", "taxCategory"),
        ({"taxCategory": "O"}, "ALLOWANCE_GROUP_MISSING", "taxCategory"),
    ],
)
@pytest.mark.parametrize("worth", [{"amount": "10"}, {"percent": "10"}])
async def test_a_group_that_no_line_has_is_refused(
    anna: User, tax: dict[str, str], worth: dict[str, str], code: str, place: str
):
    """What is wrong on a line is wrong here, and a tax alone on an allowance explains nothing."""
    farm = await anna.create_partner()

    async with unchanged(anna.erp):
        answer = await invoiced(anna, {**worth, **tax}, soldTo=farm)

    assert problem_of(answer)[:2] == (code, f"input.allowances.0.{place}")


@pytest.mark.parametrize(
    ("amount", "code"),
    [("10.005", "TOO_PRECISE"), ("0", "MUST_BE_POSITIVE"), ("-1", "MUST_BE_POSITIVE")],
)
async def test_an_amount_off_is_money(anna: User, amount: str, code: str):
    """A fraction of a cent is a slip of the pen; it is not rounded in silence."""
    answer = await invoiced(anna, {"amount": amount})

    assert problem_of(answer)[:2] == (code, "input.allowances.0.amount")


async def test_the_group_of_a_line_bears_it_alone(anna: User):
    """Freight at the rate of the main goods; a category without a rate of its own needs none."""
    lines = [{**SEED, **FULL}, {**SEED, **REDUCED}]
    made = (await invoiced(anna, {"amount": "10", **REDUCED}, lines=lines)).made
    exempt = {"taxCategory": "E", "exemptionReason": "§ 4 Nr. 21 UStG"}
    free = (
        await invoiced(anna, {"amount": "10", "taxCategory": "E"}, lines=[{**SEED, **exempt}])
    ).made

    assert [(each["rate"], each["basis"]) for each in made["taxes"]] == [
        ("19", "100.00"),
        ("7", "110.00"),
    ]
    assert [(each["category"], each["basis"]) for each in free["taxes"]] == [("E", "110.00")]
    assert [(await anna.post(each)).problems for each in (made, free)] == [[], []]


async def test_an_amount_of_a_group_goes_along_with_the_goods_of_that_group(anna: User):
    """Only the seed at 19 % is delivered first; 5.00 EUR off the feed wait for the feed."""
    lines = [{**SEED, **FULL}, {**SEED, **REDUCED}]
    order = await anna.create(
        "SALES_ORDER",
        lines=lines,
        allowances=[{"amount": "5", "reason": "Bruch", **REDUCED}],
    )
    await anna.post(order)
    ids = [line["id"] for line in order["lines"]]

    found = []
    for line in ids:
        picked = [{"lineId": line}]
        made = await anna.do(
            "convertDocument", ALL, ids=[order["id"]], to="SALES_INVOICE", lines=picked
        )
        found.append((made.made["taxes"], made.made["allowances"]))

    assert found == [
        ([{"rate": "19", "basis": "100.00"}], []),
        ([{"rate": "7", "basis": "95.00"}], [{"amount": "5.00"}]),
    ]


async def test_a_draft_of_old_with_such_a_group_is_not_posted(anna: User):
    """Written before this was refused."""
    draft = (await invoiced(anna, {"amount": "10", **FULL})).made
    await anna.erp.owner.execute(
        "update document_allowance set tax_rate = 13 where tenant_id = $1", anna.erp.tenant
    )

    answer = await anna.post(draft)

    assert problem_of(answer)[:2] == ("ALLOWANCE_GROUP_MISSING", "input.id")
