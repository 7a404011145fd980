"""Payments in a foreign currency: the rate they keep, what they pay, and what they do not."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import COSTS, Erp, User
from tests.paying import allocate, open_amounts, payment, pays, posted_invoice

SHOWN = "id version amount gross companyGross currency exchangeRate rateDate rateSource"
PROPOSAL = """query($payment: ID, $partner: ID, $amount: Decimal, $currency: Currency) {
  proposeAllocation(paymentId: $payment, partner: $partner, amount: $amount, currency: $currency) {
    rest allocations { documentId amount discount } } }"""
USD = {"currency": "USD"}


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def record_rate(user: User, day: str, rate: str) -> None:
    """Record a rate of the dollar."""
    facts = {"currency": "USD", "validOn": day, "rate": rate, "source": "ECB"}
    assert (await user.do("recordExchangeRate", "exchangeRate { id }", **facts)).problems == []


async def written(user: User, partner: str, amount: str, **more: Any) -> dict[str, Any]:
    """Write down money that came in and return what its draft says."""
    facts = {"issueDate": "2026-11-20", "method": "BANK_TRANSFER", "amount": amount, **more}
    shown = f"incomingPayment {{ {SHOWN} }}"
    made: dict[str, Any] = (
        await user.do("createIncomingPayment", shown, billTo=partner, **facts)
    ).made
    return made


async def test_a_payment_keeps_the_rate_of_its_value_date_or_the_one_of_the_bank(shop: Erp):
    """110 USD at the recorded 1.10 are 100.00 EUR, at the 1.25 of the bank 88.00 EUR."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    await record_rate(anna, "2026-11-18", "1.1")
    await record_rate(anna, "2026-11-21", "1.3")  # after the money

    recorded = await written(anna, customer, "110", **USD)
    by_hand = await written(anna, customer, "110", exchangeRate="1.25", **USD)
    own = await written(anna, customer, "110")

    assert recorded == {
        "id": recorded["id"],
        "version": 1,
        "amount": "110.00",
        "gross": "110.00",
        "companyGross": "100.00",
        "currency": "USD",
        "exchangeRate": "1.1",
        "rateDate": "2026-11-18",
        "rateSource": "ECB",
    }
    names = ("currency", "companyGross", "exchangeRate", "rateDate", "rateSource")
    assert [by_hand[each] for each in names] == ["USD", "88.00", "1.25", "2026-11-20", "MANUAL"]
    assert [own[each] for each in names] == ["EUR", "110.00", None, None, None]


async def test_a_payment_without_a_known_rate_or_currency_is_refused(shop: Erp):
    """Nothing is recorded on that day or before, or it is no currency at all."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    facts = {"billTo": customer, "amount": "5", "method": "CASH", "issueDate": "2026-11-20"}
    await record_rate(anna, "2026-11-21", "1.1")

    for more, code, path in (
        (USD, "EXCHANGE_RATE_MISSING", ["input", "exchangeRate"]),
        ({"currency": "DOLLAR"}, "CURRENCY_UNKNOWN", ["input", "currency"]),
        ({**USD, "exchangeRate": "0"}, "MUST_BE_POSITIVE", ["input", "exchangeRate"]),
    ):
        answer = await anna.do("createIncomingPayment", "incomingPayment { id }", **facts, **more)
        assert (answer.problem_codes, answer.problems[0]["path"]) == ([code], path)


async def test_an_invoice_in_dollars_is_paid_in_dollars(shop: Erp):
    """It is proposed, allocated in part and then in full; what is too much stays in dollars."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    await posted_invoice(anna, customer)  # in euros: not proposed
    invoice = await posted_invoice(anna, customer, exchangeRate="1.1", **USD)
    paid = await payment(anna, customer, "120", exchangeRate="1.2", **USD)

    by_payment = await anna.ask(PROPOSAL, payment=paid)
    by_amount = await anna.ask(PROPOSAL, partner=customer, amount="120", **USD)
    assert (await allocate(anna, paid, pays(invoice, "100"))).problems == []
    assert await open_amounts(anna, invoice, paid) == ["19.00", "20.00"]
    assert (await allocate(anna, paid, pays(invoice, "19"))).problems == []

    line = {"documentId": invoice, "amount": "119.00", "discount": "0.00"}
    expected = {"rest": "1.00", "allocations": [line]}
    assert by_payment.data["proposeAllocation"] == expected
    assert by_amount.data["proposeAllocation"] == expected
    assert await open_amounts(anna, invoice, paid) == ["0.00", "1.00"]


async def test_a_payment_in_euros_pays_no_invoice_in_dollars(shop: Erp):
    """CURRENCY_DIFFERS; stated in dollars with the rate of the bank, the same money pays it."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice = await posted_invoice(anna, customer, exchangeRate="1.1", **USD)
    euros = await payment(anna, customer, "100")

    refused = await allocate(anna, euros, pays(invoice, "100"))
    dollars = await payment(anna, customer, "119", exchangeRate="1.19", **USD)
    assert (await allocate(anna, dollars, pays(invoice, "119"))).problems == []

    assert refused.problem_codes == ["CURRENCY_DIFFERS"]
    assert await open_amounts(anna, invoice, euros, dollars) == ["0.00", "100.00", "0.00"]


async def test_what_a_change_leaves_out_of_a_payment_stays(shop: Erp):
    """A typed rate stays, also at another amount; another currency or null looks it up anew."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    await record_rate(anna, "2026-11-18", "1.1")
    draft = await written(anna, customer, "110", exchangeRate="1.25", **USD)

    async def changed(**facts: Any) -> list[str | None]:
        nonlocal draft
        given = {"id": draft["id"], "expectedVersion": draft["version"], **facts}
        answer = await anna.do("updateIncomingPayment", f"incomingPayment {{ {SHOWN} }}", **given)
        draft = answer.made
        return [draft[each] for each in ("currency", "amount", "companyGross", "exchangeRate")]

    assert await changed(amount="220") == ["USD", "220.00", "176.00", "1.25"]
    assert await changed(exchangeRate=None) == ["USD", "220.00", "200.00", "1.1"]
    assert await changed(bankReference="RE 1") == ["USD", "220.00", "200.00", "1.1"]
    assert await changed(currency=None) == ["EUR", "220.00", "220.00", None]
    assert await changed(currency="CHF", exchangeRate="0.88") == ["CHF", "220.00", "250.00", "0.88"]
    assert await changed(currency="USD") == ["USD", "220.00", "200.00", "1.1"]


async def test_money_that_goes_out_pays_the_invoice_of_a_foreign_supplier(shop: Erp):
    """What we owe 119 USD for is paid by 119 USD, and a cancelled payment opens it again."""
    anna = await shop.sign_in()
    martin = await shop.sign_in("martin")
    supplier = await anna.create_partner()
    line = {
        "description": "Dünger",
        "quantity": "1",
        "unit": "PIECE",
        "unitPrice": "100",
        "taxCategory": "S",
        "taxRate": "19",
        **COSTS,
    }
    made = await anna.do(
        "createSupplierInvoice",
        "supplierInvoice { id version }",
        supplier=supplier,
        externalNumber="R-1",
        supplyDate="2026-11-18",
        exchangeRate="1.1",
        lines=[line],
        **USD,
    )
    await anna.post(made.made)
    out = await anna.do(
        "createOutgoingPayment",
        f"outgoingPayment {{ {SHOWN} }}",
        supplier=supplier,
        amount="119",
        method="BANK_TRANSFER",
        issueDate="2026-11-20",
        exchangeRate="1.19",
        **USD,
    )
    assert out.made["companyGross"] == "100.00"
    await anna.submit(out.made)
    await martin.approve(out.made)
    await anna.post(out.made)

    pay = pays(made.made["id"], "119")
    assert (await allocate(anna, out.made["id"], pay)).problems == []
    assert await open_amounts(anna, made.made["id"], out.made["id"]) == ["0.00", "0.00"]

    version = (await anna.ask(_VERSION, id=out.made["id"])).data["document"]["version"]
    gone = await anna.do(
        "cancelDocument",
        "document { currency gross companyGross exchangeRate }",
        id=out.made["id"],
        expectedVersion=version,
        reason="Rücklauf",
    )
    assert gone.problems == []
    assert gone.data["cancelDocument"]["document"] == {
        "currency": "USD",
        "gross": "-119.00",
        "companyGross": "-100.00",
        "exchangeRate": "1.19",
    }
    assert await open_amounts(anna, made.made["id"]) == ["119.00"]


_VERSION = "query($id: ID!) { document(id: $id) { version } }"
