"""Amending an order looks at the credit limit; a blocked partner gets nothing new."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest

from tests.chains import Document, draft, followed, kept, look, posted, rewrite, verb, wheat
from tests.companies import found_without_approval
from tests.erp import FARMER, Answer, User
from tests.refused import problem_of, unchanged

EXPOSURE = "query($id: ID!) { partner(id: $id) { creditExposure } }"
ITEMS = "items { document { state } problems { code } }"


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def limited(anna: User, limit: str, mode: str = "BLOCK") -> str:
    """Return a customer with a limit, in a company that does this beyond it."""
    await anna.erp.owner.execute(
        "update tenant set credit_check = $2 where tenant_id = $1", anna.erp.tenant, mode
    )
    return await anna.create_partner(creditLimit=limit)


async def amended(anna: User, order: Document, quantity: str, **more: object) -> Answer:
    """Amend an order of wheat (214.00 EUR gross per tonne) to another quantity."""
    line = kept(order["lines"][0], quantity=quantity)
    return await rewrite(anna, "amend", await look(anna, order), line, **more)


async def exposure(anna: User, partner: str) -> str:
    """Return the credit exposure of a partner."""
    found: str = (await anna.ask(EXPOSURE, id=partner)).data["partner"]["creditExposure"]
    return found


async def test_an_order_that_grows_beyond_the_limit_is_asked_about(anna: User):
    """One tonne is 214.00 EUR; four fit into 856.00 EUR, five do not."""
    farm = await limited(anna, "856")
    order = await posted(anna, "SALES_ORDER", wheat("1"), soldTo=farm)

    fits = await amended(anna, order, "4")
    async with unchanged(anna.erp):
        refused = await amended(anna, order, "5")
    accepted = await amended(anna, order, "5", acceptCreditLimit=True)

    assert fits.problems == []
    assert problem_of(refused) == (
        "CREDIT_LIMIT_EXCEEDED",
        "input.id",
        "The credit limit of 856.00 would be passed: with this the payer owes 1070.00."
        " Go on with acceptCreditLimit.",
    )
    assert (accepted.problems, await exposure(anna, farm)) == ([], "1070.00")


async def test_who_may_not_pass_the_limit_may_not_amend_beyond_it(anna: User):
    """Under BLOCK accepting needs the scope sales:approve, under WARN it does not."""
    farm = await limited(anna, "300")
    order = await posted(anna, "SALES_ORDER", wheat("1"), soldTo=farm)
    seller = User(anna.erp, "sven", anna.erp.token("sven", (), scope="sales:read sales:write"))

    blocked = await amended(seller, order, "2", acceptCreditLimit=True)
    await limited(anna, "1", "WARN")
    warned = await amended(seller, order, "2", acceptCreditLimit=True)

    assert (blocked.error_codes, warned.problems) == (["FORBIDDEN"], [])


async def test_an_order_beyond_the_limit_may_still_shrink_or_stay(anna: User):
    """What lessens the risk is asked about by nobody, as posting does."""
    farm = await limited(anna, "2140")
    order = await posted(anna, "SALES_ORDER", wheat("10"), soldTo=farm)
    await anna.erp.owner.execute(
        "update partner set credit_limit = 1 where tenant_id = $1", anna.erp.tenant
    )

    answers = [await amended(anna, order, quantity) for quantity in ("10", "9", "10")]

    assert [each.problem_codes for each in answers] == [[], [], ["CREDIT_LIMIT_EXCEEDED"]]


async def test_what_was_delivered_is_not_counted_twice(anna: User):
    """6 of 10 t are delivered and count as delivered; two more tonnes are 428.00 EUR more."""
    farm = await limited(anna, "2568")
    order = await posted(anna, "SALES_ORDER", wheat("10"), soldTo=farm)
    await followed(anna, order, "DELIVERY_NOTE", (order["lines"][0], "6"))

    fits = await amended(anna, order, "12")
    refused = await amended(anna, order, "12.1")

    assert (fits.problems, refused.problem_codes) == ([], ["CREDIT_LIMIT_EXCEEDED"])
    assert await exposure(anna, farm) == "2568.00"


async def test_another_payer_is_looked_at_as_a_whole(anna: User):
    """The order leaves the account of one and enters that of another."""
    farm = await limited(anna, "5000")
    other = await anna.create_partner("Nachbar", creditLimit="2000")
    order = await posted(anna, "SALES_ORDER", wheat("10"), soldTo=farm)

    refused = await amended(anna, order, "10", soldTo=farm, billTo=other)
    fits = await amended(anna, order, "9", soldTo=farm, billTo=other)

    assert (refused.problem_codes, fits.problems) == (["CREDIT_LIMIT_EXCEEDED"], [])
    assert [await exposure(anna, each) for each in (farm, other)] == ["0.00", "1926.00"]


async def test_two_amendments_at_once_do_not_pass_the_limit_together(anna: User):
    """The payer is locked: one of them sees what the other promised."""
    farm = await limited(anna, "856")
    orders = [await posted(anna, "SALES_ORDER", wheat("1"), soldTo=farm) for _ in range(2)]

    answers = await asyncio.gather(*(amended(anna, order, "3") for order in orders))

    assert sorted(each.problem_codes for each in answers) == [[], ["CREDIT_LIMIT_EXCEEDED"]]


async def blocked(anna: User, partner: str) -> None:
    """Block a partner for new business."""
    known = {"id": partner, "expectedVersion": 1, "reason": "zahlt nicht"}
    assert (await anna.do("blockPartner", "partner { id }", **known)).problems == []


@pytest.mark.parametrize("kind", ["SALES_OFFER", "SALES_ORDER", "DELIVERY_NOTE", "PURCHASE_ORDER"])
async def test_a_draft_of_before_is_not_posted_for_a_blocked_partner(anna: User, kind: str):
    """Whether one by one or many at once, and no copy is made of an older one."""
    role = "supplier" if kind.startswith("PURCHASE") else "soldTo"
    farm = {role: await anna.create_partner()}
    older, one, many = [await draft(anna, kind, **farm) for _ in range(3)]
    assert (await anna.post(dict(older))).problems == []
    await blocked(anna, farm[role])

    async with unchanged(anna.erp):
        copied = await anna.do("duplicateDocument", "document { id }", id=older["id"])
        alone = await anna.post(dict(one))
        bulk = await anna.do("postDocuments", ITEMS, ids=[many["id"]], errorPolicy="SKIP_FAILED")

    for answer in (copied, alone):
        assert problem_of(answer) == (
            "PARTNER_BLOCKED",
            "input.id",
            "Hof Lindenau is blocked for new business: zahlt nicht.",
        )
    [item] = bulk.data["postDocuments"]["items"]
    assert item["problems"] == [{"code": "PARTNER_BLOCKED"}]


async def test_receipts_and_self_billed_invoices_of_a_supplier_are_posted_together(anna: User):
    """Whether he is blocked and how he is taxed is looked at for all of them at once."""
    farm = {"supplier": await anna.create_partner(**FARMER)}
    kinds = ("GOODS_RECEIPT", "SELF_BILLED_INVOICE", "PURCHASE_ORDER")
    ids = [(await draft(anna, kind, **farm))["id"] for kind in kinds]

    answer = await anna.do("postDocuments", ITEMS, ids=ids)

    items = answer.data["postDocuments"]["items"]
    assert items == [{"document": {"state": "POSTED"}, "problems": []}] * 3


async def test_it_is_not_submitted_either(anna: User):
    """Nobody is asked to approve what cannot be posted."""
    await anna.erp.owner.execute(
        "insert into kind_setting values ($1, 'SALES_ORDER', 'ALWAYS')"
        " on conflict (tenant_id, kind) do update set approval = 'ALWAYS'",
        anna.erp.tenant,
    )
    farm = await anna.create_partner()
    order = await draft(anna, "SALES_ORDER", soldTo=farm)
    await blocked(anna, farm)

    assert (await anna.submit(dict(order))).problem_codes == ["PARTNER_BLOCKED"]


async def test_what_was_delivered_before_is_still_billed_and_copied(anna: User):
    """An invoice is no new business."""
    farm = await anna.create_partner()
    delivery = await posted(anna, "DELIVERY_NOTE", wheat("1"), soldTo=farm)
    invoice = await draft(anna, "SALES_INVOICE", soldTo=farm)
    await blocked(anna, farm)

    alone = await anna.post(dict(invoice))
    billed = await followed(anna, delivery, "SALES_INVOICE")
    copied = await anna.do("duplicateDocument", "document { id }", id=billed["id"])

    assert [alone.problems, copied.problems] == [[], []]
    assert (await verb(anna, "cancelDocument", billed, reason="falsch")).problems == []
