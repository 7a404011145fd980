"""No more is taken off a price than a line is worth, and no more arrives than was delivered."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import posted, verb, wheat
from tests.companies import found_without_approval
from tests.erp import Answer, User

EXCEEDED = "CREDIT_EXCEEDS_INVOICE"


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def billed(anna: User) -> dict[str, Any]:
    """Post an invoice over 10 t of wheat, 2,000.00 EUR net, and return it with its customer."""
    farm = await anna.create_partner()
    return {**await posted(anna, "SALES_INVOICE", wheat("10"), soldTo=farm), "farm": farm}


async def corrected(anna: User, invoice: dict[str, Any], *prices: str) -> Answer:
    """Write a credit note that takes these amounts per tonne off the price of 10 t."""
    source = {"sourceLineId": invoice["lines"][0]["id"], "isPriceCorrection": True}
    lines = [wheat("10", unitPrice=price, **source) for price in prices]
    given = {"soldTo": invoice["farm"], "supplyDate": "2026-11-18", "lines": lines}
    return await anna.do("createSalesCreditNote", "salesCreditNote { id version net }", **given)


@pytest.mark.parametrize("prices", [("200.01",), ("150", "50.01"), ("10000",)])
async def test_a_correction_beyond_the_price_is_refused(anna: User, prices: tuple[str, ...]):
    """In one line or in several."""
    answer = await corrected(anna, await billed(anna), *prices)

    assert (answer.problem_codes, answer.problems[0]["path"]) == ([EXCEEDED], ["input", "lines"])
    assert answer.problems[0]["message"].startswith("Of line 1 of INV-2026-00001 only")


async def test_corrections_count_together_drafts_too(anna: User):
    """1,500.00 and 500.00 EUR make the whole price; not a cent more goes off."""
    invoice = await billed(anna)

    first = (await corrected(anna, invoice, "150")).made
    too_much = await corrected(anna, invoice, "50.01")
    second = (await corrected(anna, invoice, "50")).made

    assert too_much.problem_codes == [EXCEEDED]
    assert [(await anna.post(each)).problems for each in (first, second)] == [[], []]
    assert (await corrected(anna, invoice, "0.01")).problem_codes == [EXCEEDED]
    assert (await anna.verb("cancelDocument", first, reason="falsch")).problems == []
    assert (await corrected(anna, invoice, "150")).problems == []


async def test_what_was_credited_as_goods_is_worth_nothing_any_more(anna: User):
    """6 of 10 t went back; 800.00 EUR are left, drafts counted."""
    invoice = await billed(anna)
    waiting = (await corrected(anna, invoice, "100")).made
    line = {"lineId": invoice["lines"][0]["id"], "quantity": "6"}

    refused = await anna.convert([invoice["id"]], "SALES_CREDIT_NOTE", [line])
    assert (await anna.verb("discardDocument", waiting)).problems == []
    goods = (await anna.convert([invoice["id"]], "SALES_CREDIT_NOTE", [line])).made

    assert refused.problem_codes == [EXCEEDED]
    assert (await anna.post(goods)).problems == []
    assert (await corrected(anna, invoice, "80.01")).problem_codes == [EXCEEDED]
    assert (await corrected(anna, invoice, "80")).made["net"] == "800.00"


async def test_what_a_supplier_takes_off_is_kept_as_it_came(anna: User):
    """Whatever he writes is his to say."""
    farm = await anna.create_partner(isSupplier=True)
    invoice = await posted(anna, "SUPPLIER_INVOICE", wheat("10"), supplier=farm)
    source = {"sourceLineId": invoice["lines"][0]["id"], "isPriceCorrection": True}

    note = await anna.create(
        "SUPPLIER_CREDIT_NOTE", supplier=farm, lines=[wheat("10", unitPrice="300", **source)]
    )

    assert (await anna.post(note)).problems == []


@pytest.mark.parametrize(
    ("delivered", "confirmed", "code"),
    [
        ("10", "10", None),
        ("10", "9.5", None),
        ("10", "0", None),
        ("10", "10.000001", "CONFIRMED_TOO_MUCH"),
        ("10", "100000", "CONFIRMED_TOO_MUCH"),
        ("10", "-1", "QUANTITY_REVERSED"),
        ("-10", "-10", None),
        ("-10", "-11", "CONFIRMED_TOO_MUCH"),
    ],
)
async def test_no_more_arrives_than_was_delivered(
    anna: User, delivered: str, confirmed: str, code: str | None
):
    """Nor do more empties go back than the delivery note names."""
    note = await posted(anna, "DELIVERY_NOTE", wheat(delivered))
    said = [{"lineId": note["lines"][0]["id"], "quantity": confirmed}]

    answer = await verb(anna, "confirmReceived", note, quantities=said)

    assert answer.problem_codes == ([code] if code else [])
    if code:
        assert answer.problems[0]["path"] == ["input", "quantities", "0", "quantity"]
