"""Cash discount (Skonto): what may be deducted, by how much net and tax shrink, and proposals."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Erp, User
from tests.paying import (
    allocate,
    allocations,
    open_amounts,
    payment,
    pays,
    posted,
    posted_invoice,
    seen,
)

TERMS = {"discounts": [{"days": 10, "percent": "2"}], "issueDate": "2026-11-10"}

PROPOSAL = """query($payment: ID, $partner: ID, $amount: Decimal) {
  proposeAllocation(paymentId: $payment, partner: $partner, amount: $amount) {
    rest allocations { documentId amount discount document { number } } } }"""


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def proposed(user: User, **asked: Any) -> tuple[list[tuple[str, str, str]], str]:
    """Return number, amount and discount of each line of a proposal, and the rest."""
    found = (await user.ask(PROPOSAL, **asked)).data["proposeAllocation"]
    lines = [(e["document"]["number"], e["amount"], e["discount"]) for e in found["allocations"]]
    return lines, found["rest"]


async def test_two_percent_of_an_invoice_shrink_net_and_tax_exactly(shop: Erp):
    """119.00 at 19 %: 2.38 less, 2.00 of it net and 0.38 tax (section 17 (1) UStG)."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice = await posted_invoice(anna, customer, **TERMS)
    paid = await payment(anna, customer, "116.62", issueDate="2026-11-20")

    assert (await allocate(anna, paid, pays(invoice, "116.62", discount="2.38"))).problems == []

    [made] = await allocations(anna, invoice)
    assert [made[name] for name in ("amount", "discount", "discountNet", "discountTax")] == [
        "116.62",
        "2.38",
        "2.00",
        "0.38",
    ]
    assert await open_amounts(anna, invoice, paid) == ["0.00", "0.00"]
    assert (await seen(anna, invoice))["discountTaken"] == "2.38"
    settled = [row["facts"] for row in await shop.journal() if row["type"].endswith("Settled")]
    assert sorted('"discount":"2.38"' in facts for facts in settled) == [False, True]


async def test_a_discount_over_two_rates_is_shared_and_several_add_up_to_the_cent(shop: Erp):
    """3 % of 119.00 + 107.00; in two parts the tax is that of the whole."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    line = {"description": "Saatgut", "quantity": "1", "unit": "PIECE", "unitPrice": "100"}
    lines = [{**line, "taxCategory": "S", "taxRate": rate} for rate in ("19", "7")]
    terms = {**TERMS, "discounts": [{"days": 10, "percent": "3"}]}
    invoice = await posted(anna, await anna.create_invoice(soldTo=customer, lines=lines, **terms))
    paid = await payment(anna, customer, "219.22", issueDate="2026-11-12")

    await allocate(anna, paid, pays(invoice, "100", discount="3.33"))
    await allocate(anna, paid, pays(invoice, "119.22", discount="3.45"))

    made = await allocations(anna, invoice)
    assert [(each["discount"], each["discountNet"], each["discountTax"]) for each in made] == [
        ("3.33", "2.95", "0.38"),
        ("3.45", "3.05", "0.40"),
    ]
    assert await open_amounts(anna, invoice, paid) == ["0.00", "0.00"]


@pytest.mark.parametrize(
    ("day", "discount", "agreed"), [("2026-11-21", "2.38", "0.00"), ("2026-11-20", "2.39", "2.38")]
)
async def test_a_late_or_too_high_discount_needs_a_word_of_acceptance(
    shop: Erp, day: str, discount: str, agreed: str
):
    """One day late, or one cent too much: refused with what was agreed, done when accepted."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice = await posted_invoice(anna, customer, **TERMS)
    paid = await payment(anna, customer, "116.61", issueDate=day)

    refused = await allocate(anna, paid, pays(invoice, "116.61", discount=discount))
    done = await allocate(
        anna, paid, pays(invoice, "116.61", discount=discount, acceptDiscount=True)
    )

    [problem] = refused.problems
    assert (problem["code"], problem["message"]) == (
        "DISCOUNT_NOT_AGREED",
        f"On {day} a cash discount of {agreed} EUR may be deducted from INV-2026-00001; {discount}"
        " are more. Accept it with acceptDiscount.",
    )
    assert done.problems == []


async def test_a_discount_comes_back_with_its_allocation(shop: Erp):
    """Both the amount and the discount are open again, and may be deducted again."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice = await posted_invoice(anna, customer, **TERMS)
    paid = await payment(anna, customer, "116.62", issueDate="2026-11-20")
    await allocate(anna, paid, pays(invoice, "116.62", discount="2.38"))
    [made] = await allocations(anna, invoice)

    await anna.do("undoAllocation", "document { id }", id=made["id"], reason="Irrtum")

    assert await open_amounts(anna, invoice, paid) == ["119.00", "116.62"]
    assert (await seen(anna, invoice))["discountTaken"] == "0.00"
    again = await allocate(anna, paid, pays(invoice, "116.62", discount="2.38"))
    assert again.problems == []


async def test_terms_of_discount_are_in_order_and_travel_with_what_was_agreed(shop: Erp):
    """Less for who pays later, and never after it is due; an order's terms come to its invoice."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    content = await anna.invoice_input(soldTo=customer)

    steps = [{"days": 10, "percent": "2"}, {"days": 14, "percent": "3"}]
    late = [{"days": 15, "percent": "2"}]  # of 14
    for discounts in (steps, late):
        refused = await anna.do(
            "createSalesInvoice", "salesInvoice { id }", **{**content, "discounts": discounts}
        )
        assert [(p["code"], p["path"]) for p in refused.problems] == [
            ("DISCOUNT_STEPS_UNORDERED", ["input", "discounts"])
        ]
    order = await anna.do(
        "createSalesOrder",
        "salesOrder { id version }",
        soldTo=customer,
        lines=content["lines"],
        discounts=[{"days": 5, "percent": "3"}, {"days": 10, "percent": "2"}],
    )
    await posted(anna, order.made)
    terms = "discountDays discountPercent discount2Days discount2Percent"
    made = await anna.do(
        "convertDocument",
        f"document {{ ... on SalesInvoice {{ {terms} }} }}",
        ids=[order.made["id"]],
        to="SALES_INVOICE",
    )

    assert made.made == {
        "discountDays": 5,
        "discountPercent": "3",
        "discount2Days": 10,
        "discount2Percent": "2",
    }


async def test_a_proposal_takes_the_oldest_due_first_and_discount_where_it_is_in_time(shop: Erp):
    """The first has no terms, the second its 2 %; what is paid only in part gets no discount."""
    anna = await shop.sign_in()
    customer, other = await anna.create_partner(), await anna.create_partner("Fremd")
    third = await posted_invoice(anna, customer, **{**TERMS, "paymentDays": 90})
    second = await posted_invoice(anna, customer, "238.00", **{**TERMS, "paymentDays": 60})
    first = await posted_invoice(anna, customer, issueDate="2026-11-01")
    await posted_invoice(anna, other, issueDate="2026-01-02")
    numbers = [(await seen(anna, each))["number"] for each in (first, second, third)]
    paid = await payment(anna, customer, "400", issueDate="2026-11-20")

    lines, rest = await proposed(anna, payment=paid)

    assert lines == [
        (numbers[0], "119.00", "0.00"),
        (numbers[1], "233.24", "4.76"),
        (numbers[2], "47.76", "0.00"),
    ]
    assert rest == "0.00"
    for amount, discount, document in [
        (a, d, i) for (_, a, d), i in zip(lines, (first, second, third), strict=True)
    ]:
        done = await allocate(anna, paid, pays(document, amount, discount=discount))
        assert done.problems == []
    assert await proposed(anna, payment=paid) == ([], "0.00")


async def test_an_amount_of_a_partner_is_proposed_before_the_payment_is_written(shop: Erp):
    """What is more than all that is open stays as the rest; nothing asked is an error."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    await posted_invoice(anna, customer)

    assert await proposed(anna, partner=customer, amount="120") == (
        [("INV-2026-00001", "119.00", "0.00")],
        "1.00",
    )
    for asked in ({}, {"partner": customer}):
        assert (await anna.ask(PROPOSAL, **asked)).error_codes == ["REQUIRED"]
    refused = await anna.ask(PROPOSAL, partner=customer, amount="-1")
    assert refused.error_codes == ["MUST_BE_POSITIVE"]


async def test_the_tax_of_several_discounts_adds_up_after_one_was_taken_back(shop: Erp):
    """3 cents have no cent of tax, 6 cents have one: not two once the first is undone."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice, paid = await posted_invoice(anna, customer), await payment(anna, customer, "100")
    small = {"discount": "0.03", "acceptDiscount": True}

    async def taxes() -> list[str]:
        found = await allocations(anna, invoice)
        return [each["discountTax"] for each in found if not each["isUndone"]]

    for _ in range(2):
        assert (await allocate(anna, paid, pays(invoice, "1", **small))).problems == []
    assert await taxes() == ["0.00", "0.01"]
    first = (await allocations(anna, invoice))[0]["id"]
    undone = await anna.do("undoAllocation", "document { id }", id=first, reason="Irrtum")
    assert undone.problems == []
    both = (pays(invoice, "1", **small), pays(invoice, "1", **small))
    assert (await allocate(anna, paid, *both)).problems == []

    assert await taxes() == ["0.01", "0.00", "0.00"]
