"""Credit limits: what a payer owes and is promised, and who may go beyond his limit."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from domain.credit import CreditLimitExceeded, CreditMode, check_credit
from domain.documents.kinds import KINDS, Action
from domain.identity import Actor, Forbidden
from tests.companies import found_without_approval
from tests.erp import Erp, User
from tests.paying import allocate, payment, pays, posted

EXPOSURE = "query($id: ID!) { partner(id: $id) { creditExposure } }"


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def limited(user: User, amount: str | None, mode: CreditMode) -> str:
    """Return a customer with this limit, in a company that does this beyond it."""
    await user.erp.owner.execute(
        "update tenant set credit_check = $2 where tenant_id = $1", user.erp.tenant, mode.value
    )
    return await user.create_partner(creditLimit=amount)


async def order(user: User, customer: str, net: str = "100", **more: Any) -> dict[str, Any]:
    """Write an order over ten pieces at 19 %."""
    line = {
        "description": "Saatgut",
        "quantity": "10",
        "unit": "PIECE",
        "unitPrice": f"{Decimal(net) / 10:f}",
        "taxCategory": "S",
        "taxRate": "19",
    }
    answer = await user.do(
        "createSalesOrder",
        "salesOrder { id version lines { id } }",
        soldTo=customer,
        lines=[line],
        **more,
    )
    made: dict[str, Any] = answer.made
    return made


async def converted(
    user: User, source: str, to: str, line: str | None = None, quantity: str | None = None
) -> dict[str, Any]:
    """Make the next document of one, whole or in part."""
    more = {"lines": [{"lineId": line, "quantity": quantity}]} if line else {}
    answer = await user.do(
        "convertDocument",
        "document { id version lines { id } }",
        ids=[source],
        to=to,
        **more,
    )
    made: dict[str, Any] = answer.made
    return made


async def exposure(user: User, partner: str) -> str:
    """Return the credit exposure of a partner."""
    found: str = (await user.ask(EXPOSURE, id=partner)).data["partner"]["creditExposure"]
    return found


async def test_exposure_follows_the_goods_from_order_to_payment(shop: Erp):
    """119 ordered stay 119, delivered and billed in parts, until they are paid."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    assert await exposure(anna, customer) == "0.00"

    ordered = await order(anna, customer)
    assert await exposure(anna, customer) == "0.00"  # a draft promises nothing
    await posted(anna, ordered)
    assert await exposure(anna, customer) == "119.00"
    line = ordered["lines"][0]["id"]
    delivery = await converted(anna, ordered["id"], "DELIVERY_NOTE", line, "4")
    assert await exposure(anna, customer) == "119.00"
    await posted(anna, delivery)
    assert await exposure(anna, customer) == "119.00"
    part = delivery["lines"][0]["id"]
    invoice = await converted(anna, delivery["id"], "SALES_INVOICE", part, "3")
    await posted(anna, invoice)
    assert await exposure(anna, customer) == "119.00"  # 60 % ordered, 10 % unbilled, 30 % billed
    paid = await payment(anna, customer, "30")
    assert await exposure(anna, customer) == "89.00"  # even before it is allocated
    await allocate(anna, paid, pays(invoice["id"], "30"))
    assert await exposure(anna, customer) == "89.00"

    seen = await anna.ask("query($id: ID!) { document(id: $id) { version } }", id=ordered["id"])
    closed = await anna.do(
        "closeLines",
        "document { id }",
        id=ordered["id"],
        expectedVersion=seen.data["document"]["version"],
        reason="Rest entfällt",
    )
    assert closed.problems == []
    assert await exposure(anna, customer) == "17.60"  # 47.60 delivered of which 30 are paid


async def test_exposure_is_counted_per_payer_and_cancelled_things_do_not_count(shop: Erp):
    """The mother pays for her daughter; a delivery taken back is promised again by its order."""
    anna = await shop.sign_in()
    daughter, mother = await anna.create_partner("Tochter"), await anna.create_partner("Mutter")
    ordered = await order(anna, daughter, billTo=mother)
    await posted(anna, ordered)
    delivery = await converted(anna, ordered["id"], "DELIVERY_NOTE")
    await posted(anna, delivery)

    answer = await anna.do(
        "cancelDocument",
        "document { id }",
        id=delivery["id"],
        expectedVersion=2,
        reason="nicht angekommen",
    )

    assert answer.problems == []
    assert await exposure(anna, daughter) == "0.00"
    assert await exposure(anna, mother) == "119.00"


async def test_a_warning_is_accepted_by_whoever_posts(shop: Erp):
    """The problem names limit and exposure with the new order; with the word it is posted."""
    customer = await limited(await shop.sign_in(), "200", CreditMode.WARN)
    anna = await shop.sign_in("anke", roles=("accountant",))
    await posted(anna, await order(anna, customer))
    second = await order(anna, customer)

    refused = await anna.post(second)
    assert [(p["code"], p["message"], p["path"]) for p in refused.problems] == [
        (
            "CREDIT_LIMIT_EXCEEDED",
            "The credit limit of 200.00 would be passed: with this the payer owes 238.00. Go on"
            " with acceptCreditLimit.",
            ["input", "id"],
        )
    ]
    accepted = await anna.post(second, acceptCreditLimit=True)

    assert accepted.problems == []
    assert (await anna.post(second)).problem_codes == ["TRANSITION_NOT_ALLOWED"]
    assert await exposure(anna, customer) == "238.00"


async def test_a_block_is_lifted_by_who_may_approve(shop: Erp):
    """An accountant posts and approves; without the word even the admin is refused."""
    anna, anke = await shop.sign_in(), await shop.sign_in("anke", roles=("accountant",))
    ordered = await order(anna, await limited(anna, "100", CreditMode.BLOCK))
    assert (await anna.post(ordered)).problem_codes == ["CREDIT_LIMIT_EXCEEDED"]

    assert (await anke.post(ordered, acceptCreditLimit=True)).problems == []


def test_who_posts_but_may_not_approve_cannot_lift_a_block():
    """The word alone is not enough: the scope sales:approve is missing."""
    poster = Actor(uuid4(), uuid4(), frozenset({"sales:read", "sales:post"}))

    with pytest.raises(Forbidden) as told:
        check_credit(
            Decimal(100),
            Decimal(90),
            Decimal(20),
            CreditMode.BLOCK,
            accepted=True,
            demand_right=lambda: poster.demand(KINDS["SALES_ORDER"], Action.APPROVE),
        )

    assert told.value.required_scope == "sales:approve"


@pytest.mark.parametrize(("amount", "mode"), [("119", "BLOCK"), ("1", "OFF"), (None, "BLOCK")])
async def test_up_to_the_limit_or_without_one_nothing_is_asked(
    shop: Erp, amount: str | None, mode: str
):
    """Exactly the limit is not beyond it; OFF asks nobody; no limit is no limit."""
    anna = await shop.sign_in()
    customer = await limited(anna, amount, CreditMode(mode))

    assert (await anna.post(await order(anna, customer))).problems == []


async def test_a_delivery_of_an_order_adds_nothing_but_one_without_order_does(shop: Erp):
    """What was ordered within the limit is delivered without a question."""
    anna = await shop.sign_in()
    customer = await limited(anna, "119", CreditMode.BLOCK)
    ordered = await order(anna, customer)
    await posted(anna, ordered)
    await posted(anna, await converted(anna, ordered["id"], "DELIVERY_NOTE"))

    loose = await anna.do(
        "createDeliveryNote",
        "deliveryNote { id version }",
        soldTo=customer,
        lines=(await anna.invoice_input(soldTo=customer))["lines"],
    )

    assert (await anna.post(loose.made)).problem_codes == ["CREDIT_LIMIT_EXCEEDED"]


async def test_two_orders_at_once_do_not_both_slip_under_the_limit(shop: Erp):
    """The payer is locked while he is judged: five orders of 119 under 300 are two."""
    anna = await shop.sign_in()
    customer = await limited(anna, "300", CreditMode.BLOCK)
    orders = [await order(anna, customer) for _ in range(5)]

    answers = await asyncio.gather(*(anna.post(each) for each in orders))

    codes = sorted(code for answer in answers for code in answer.problem_codes)
    assert codes == ["CREDIT_LIMIT_EXCEEDED"] * 3
    assert await exposure(anna, customer) == "238.00"


def test_beyond_the_limit_the_right_is_asked_for_only_under_block():
    """And only where it is accepted; a promise of nothing is never judged."""
    asked: list[str] = []

    def judge(mode: CreditMode, addition: str, *, accepted: bool) -> None:
        check_credit(
            Decimal(100),
            Decimal(90),
            Decimal(addition),
            mode,
            accepted=accepted,
            demand_right=lambda: asked.append(mode),
        )

    for mode in (CreditMode.WARN, CreditMode.BLOCK):
        judge(mode, "10", accepted=False)
        judge(mode, "0", accepted=False)
        judge(mode, "10.01", accepted=True)
        with pytest.raises(CreditLimitExceeded):
            judge(mode, "10.01", accepted=False)

    assert asked == [CreditMode.BLOCK]
