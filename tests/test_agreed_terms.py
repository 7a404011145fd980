"""What was agreed decides: what becomes one document, which Skonto holds, which rate is owed."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import convert, converted, followed, post, posted, wheat
from tests.companies import found_without_approval
from tests.erp import User
from tests.refused import problem_of, unchanged

TERMS = "salesInvoice { paymentDays discountDays discountPercent }"
NORTH = {"code": "N", "name": "Nord", "street": "Am Hafen 1", "postcode": "27318", "city": "Hoya"}


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        ("branch", {}, {"branch": NORTH}),
        ("priceBasis", {"priceBasis": "NET"}, {"priceBasis": "GROSS"}),
        ("allowances", {}, {"allowances": [{"percent": "3", "reason": "Treue"}]}),
        (
            "allowances",
            {"allowances": [{"percent": "2", "reason": "Treue"}]},
            {"allowances": [{"percent": "3", "reason": "Treue"}]},
        ),
        ("currency", {}, {"currency": "USD", "exchangeRate": "1.10"}),
    ],
)
@pytest.mark.parametrize("target", ["DELIVERY_NOTE", "SALES_INVOICE"])
async def test_what_differs_in_its_terms_does_not_become_one(
    anna: User, field: str, first: dict[str, Any], second: dict[str, Any], target: str
):
    """One document has one branch, one sort of prices and one percentage off; the field is told."""
    farm = await anna.create_partner()
    if "branch" in second:
        made = await anna.do("createBranch", "branch { id }", **second["branch"])
        second = {"branch": made.made["id"]}
    orders = [
        await posted(anna, "SALES_ORDER", wheat("1"), soldTo=farm, **more)
        for more in (first, second)
    ]

    async with unchanged(anna.erp):
        refused = await convert(anna, orders, target)

    assert problem_of(refused) == (
        "SOURCES_DIFFER",
        "input.ids",
        f"These documents cannot become one: they differ in {field}.",
    )
    assert (await convert(anna, orders[1], target)).problems == []


async def test_the_same_percentage_and_other_amounts_off_become_one(anna: User):
    """An amount belongs to its own order, a percentage to all that is sold."""
    farm = await anna.create_partner()
    percent = {"percent": "3", "reason": "Treue"}
    orders = [
        await posted(
            anna,
            "SALES_ORDER",
            wheat("1"),
            soldTo=farm,
            allowances=[percent, *({"amount": amount, "reason": "Bruch"} for amount in amounts)],
        )
        for amounts in ((), ("10",))
    ]

    made = await converted(anna, orders, "SALES_INVOICE")

    assert made["net"] == "378.00"  # 2 x 200.00 less 3 % less 10.00


@pytest.mark.parametrize(
    ("asked", "days", "discount"),
    [
        ({}, 30, (10, "2")),
        ({"paymentDays": 30}, 30, (10, "2")),
        ({"paymentDays": 14}, 14, (None, None)),
        ({"paymentDays": 60}, 60, (None, None)),
        ({"paymentDays": 14, "discounts": [{"days": 5, "percent": "1"}]}, 14, (5, "1")),
        ({"discounts": []}, 30, (None, None)),
    ],
)
async def test_skonto_was_agreed_for_the_agreed_days_alone(
    anna: User, asked: dict[str, Any], days: int, discount: tuple[int | None, str | None]
):
    """2 % within 10 days of 30; who is given other days is promised nothing beside them."""
    terms = await anna.do(
        "createPaymentTerms",
        "paymentTerms { id }",
        code="S30",
        nameDe="30 Tage, 10 Tage 2 %",
        nameEn="30 days, 10 days 2 %",
        dueDays=30,
        steps=[{"days": 10, "percent": "2"}],
    )
    farm = await anna.create_partner(paymentTermsId=terms.made["id"])

    given = {"soldTo": farm, "supplyDate": "2026-11-18", "lines": [wheat()]}
    made = (await anna.do("createSalesInvoice", TERMS, **given, **asked)).made

    assert made == {
        "paymentDays": days,
        "discountDays": discount[0],
        "discountPercent": discount[1],
    }


async def test_a_rate_that_is_none_on_the_day_of_supply_is_not_posted(anna: User):
    """Ordered in the second half of 2020 at 5 %, delivered now: 7 % are owed."""
    ordered = {"issueDate": "2020-08-03"}
    order = await posted(anna, "SALES_ORDER", wheat("1", taxRate="5"), **ordered)
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    invoice = await converted(anna, delivery, "SALES_INVOICE")

    async with unchanged(anna.erp):
        refused = await anna.post(dict(invoice))

    code, place, message = problem_of(refused)
    assert (code, place) == ("TAX_RATE_UNKNOWN", "input.id")
    assert message.startswith("5 % is no rate of category S on ")


async def test_a_rate_of_2020_is_posted_for_a_supply_of_2020(anna: User):
    """The day of supply decides, not the day of the invoice."""
    then = {"issueDate": "2020-08-03", "supplyDate": "2020-08-03"}
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("1", taxRate="5"), **then)

    invoice = await post(anna, await converted(anna, delivery, "SALES_INVOICE"))

    assert (invoice["state"], invoice["tax"]) == ("POSTED", "10.00")
