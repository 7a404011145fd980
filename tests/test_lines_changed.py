"""Changing documents: what a change leaves out stays, and what follows keeps what was agreed."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.chains import (
    completed,
    converted,
    draft,
    field_of,
    followed,
    look,
    plain,
    post,
    posted,
    verb,
    wheat,
)
from tests.companies import found_without_approval
from tests.erp import Answer, User
from tests.paying import paid_in_full

LINES = "lines { id quantity unit unitPrice priceQuantity discountPercent net taxRate priceSource }"


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def bags(user: User, **more: Any) -> str:
    """Create seed at 95.00 EUR per 100 kg, in bags of 25 kg, with 7 % tax."""
    facts = {"unit": "KILOGRAM", "unitPrice": "95", "priceQuantity": "100"}
    return await user.create_item(units=[{"unit": "BAG", "factor": "25"}], **facts, **more)


async def order(user: User, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Write an order as draft and return it with its lines."""
    customer = await user.create_partner()
    made: dict[str, Any] = (
        await user.do(
            "createSalesOrder",
            f"salesOrder {{ id version kind net gross {LINES} }}",
            **{"soldTo": customer, "lines": list(lines), **more},
        )
    ).made
    return made


async def change(user: User, document: dict[str, Any], **more: Any) -> Answer:
    """Change a draft by what is said alone."""
    name = field_of(document["kind"])
    return await user.do(
        f"update{name[0].upper()}{name[1:]}",
        f"{name} {{ id version kind net gross {LINES} }}",
        id=document["id"],
        expectedVersion=document["version"],
        **more,
    )


def said(document: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return quantity, price, price quantity, discount and net of each line."""
    names = ("quantity", "unitPrice", "priceQuantity", "discountPercent", "net")
    return [tuple(plain(line[name]) for name in names) for line in document["lines"]]


# ---------------------------------------------------------------------------- prices by hand


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"unit": "BAG", "unitPrice": "23.75"}, ("80", "23.75", "1", "0", "1900")),
        ({"unitPrice": "95"}, ("80", "95", "100", "0", "76")),
        ({"unit": "BAG", "unitPrice": "95", "priceQuantity": "4"}, ("80", "95", "4", "0", "1900")),
        ({"unit": "BAG"}, ("80", "95", "4", "0", "1900")),
    ],
)
async def test_a_price_by_hand_is_per_unit_unless_the_line_counts_as_the_item_is_priced(
    anna: User, line: dict[str, Any], expected: tuple[str, ...]
):
    """A bag costs what is written; a price per 100 kg stays one for a line in kilograms."""
    made = await order(anna, {"itemId": await bags(anna), "quantity": "80", **line})

    assert said(made) == [expected]


async def test_an_item_without_any_price_is_named(anna: User):
    """Not every purchase has a price list: the problem says for which item one is missing."""
    item = await anna.create_item("W-7")
    supplier = await anna.create_partner("Raiffeisen")
    lines = [{"itemId": item, "quantity": "1"}]

    answer = await anna.do(
        "createPurchaseOrder", "purchaseOrder { id }", supplier=supplier, lines=lines
    )

    [problem] = answer.problems
    assert (problem["code"], problem["path"]) == (
        "PRICE_NOT_FOUND",
        ["input", "lines", "0", "unitPrice"],
    )
    assert "W-7" in problem["message"]


async def test_a_list_price_in_a_gross_document_has_the_tax_in_it(anna: User):
    """The list says 21.50 net, so 100 bags come to 2,300.50 gross at 7 %."""
    item = await anna.create_item(unit="PIECE", unitPrice="21.50")

    made = await order(anna, {"itemId": item, "quantity": "100"}, priceBasis="GROSS")

    assert (plain(made["lines"][0]["unitPrice"]), made["net"], made["gross"]) == (
        "23.005",
        "2150.00",
        "2300.50",
    )


@pytest.mark.parametrize(("basis", "expected"), [("NET", "100"), ("GROSS", "107")])
async def test_a_gross_contract_sets_the_price_of_net_and_gross_orders(
    anna: User, basis: str, expected: str
):
    """107.00 gross at 7 % is 100.00 net; its discount holds too."""
    item = await anna.create_item(unit="PIECE", unitPrice="250")
    customer = await anna.create_partner()
    agreed = {"itemId": item, "quantity": "50", "unitPrice": "107", "discountPercent": "10"}
    period = {"validFrom": "2026-01-01", "validUntil": "2026-12-31", "priceBasis": "GROSS"}
    await posted(anna, "SALES_CONTRACT", agreed, soldTo=customer, **period)

    made = await order(anna, {"itemId": item, "quantity": "1"}, soldTo=customer, priceBasis=basis)

    [line] = made["lines"]
    assert (plain(line["unitPrice"]), plain(line["discountPercent"]), line["priceSource"]) == (
        expected,
        "10",
        "CONTRACT",
    )


async def test_a_found_price_too_large_to_be_kept_compares_with_nothing(anna: User):
    """A price by hand for 900 thousand million units is taken, without the found one beside."""
    item = await anna.create_item(unitPrice="100")

    made = await order(
        anna,
        {"itemId": item, "quantity": "1", "unitPrice": "100", "priceQuantity": "900000000000"},
    )

    assert said(made)[0][:3] == ("1", "100", "900000000000")


# -------------------------------------------------------------------------- what is left out


async def test_a_line_that_is_there_keeps_what_a_change_leaves_out(anna: User):
    """Price and discount by hand stay; only the quantity is another."""
    item = await bags(anna)
    agreed = {"unit": "BAG", "unitPrice": "22", "discountPercent": "3"}
    made = await order(anna, {"itemId": item, "quantity": "80", **agreed}, wheat("2"))

    lines = [{"id": made["lines"][0]["id"], "quantity": "100"}, {"id": made["lines"][1]["id"]}]
    changed = (await change(anna, made, lines=lines)).made

    assert said(changed) == [("100", "22", "1", "3", "2134"), ("2", "200", "1", "0", "400")]


async def test_a_price_that_was_found_is_looked_up_anew_and_its_typed_discount_stays(anna: User):
    """From 100 pieces on the list says 9.00; the 2 % by hand were given by a person."""
    item = await anna.create_item(unit="PIECE", unitPrice="10")
    terms = {"itemId": item, "quantityFrom": "100", "unitPrice": "9", "validFrom": "2026-01-01"}
    assert (await anna.do("createPrice", "price { id }", **terms)).problems == []
    made = await order(anna, {"itemId": item, "quantity": "10", "discountPercent": "2"})

    lines = [{"id": made["lines"][0]["id"], "quantity": "100"}]
    changed = (await change(anna, made, lines=lines)).made

    assert (said(made), said(changed)) == (
        [("10", "10", "1", "2", "98")],
        [("100", "9", "1", "2", "882")],
    )


async def test_a_change_without_lines_keeps_all_of_them(anna: User):
    """A note is added, a reference taken away; lines, customer, currency and allowances stay."""
    more = {"customerReference": "B-7", "allowances": [{"percent": "10", "reason": "Treue"}]}
    made = await order(anna, wheat("10"), **more)
    asked = """query($id: ID!) { document(id: $id) { net ... on SalesOrder {
      note customerReference allowances { percent } } } }"""

    await change(anna, made, note="eilt", customerReference=None)

    seen = (await anna.ask(asked, id=made["id"])).data["document"]
    assert seen == {
        "net": "1800.00",
        "note": "eilt",
        "customerReference": None,
        "allowances": [{"percent": "10"}],
    }


async def test_another_customer_brings_his_own_payer_and_terms(anna: User):
    """The draft goes to somebody who pays within 14 days: nothing of the first one stays."""
    first = await anna.create_partner("Hof A", paymentDays=30)
    other = await anna.create_partner("Hof B", paymentDays=14)
    made = await order(anna, wheat(), soldTo=first)

    await change(anna, made, soldTo=other)

    asked = """query($id: ID!) { document(id: $id) { ... on SalesOrder {
      soldTo { name } billTo { name } shipTo { name } paymentDays } } }"""
    seen = (await anna.ask(asked, id=made["id"])).data["document"]
    assert seen == {
        "soldTo": {"name": "Hof B"},
        "billTo": {"name": "Hof B"},
        "shipTo": {"name": "Hof B"},
        "paymentDays": 14,
    }


async def test_a_delivery_carries_currency_basis_and_allowances_through_a_change(anna: User):
    """Its input knows none of them; the invoice bills what the order agreed on."""
    agreed = {"priceBasis": "GROSS", "currency": "USD", "exchangeRate": "1.1"}
    off = {"allowances": [{"percent": "10", "reason": "Treue"}]}
    sold = await posted(anna, "SALES_ORDER", wheat("10", unitPrice="107"), **agreed, **off)
    delivery = await converted(anna, sold, "DELIVERY_NOTE")

    changed = (await change(anna, delivery, carrier="Spedition Nord")).made
    invoice = await converted(anna, await post(anna, changed), "SALES_INVOICE")

    asked = "query($id: ID!) { document(id: $id) { currency net gross } }"
    seen = (await anna.ask(asked, id=invoice["id"])).data["document"]
    assert seen == {"currency": "USD", "net": "900.00", "gross": "963.00"}


async def test_another_tax_on_a_line_that_follows_wants_its_reason(anna: User):
    """What was proposed for the order is not overridden in silence on the invoice."""
    item = await anna.create_item(unit="PIECE", unitPrice="10")
    sold = await posted(anna, "SALES_ORDER", {"itemId": item, "quantity": "10"})
    invoice = await converted(anna, sold, "SALES_INVOICE")
    line = {"id": invoice["lines"][0]["id"], "taxCategory": "K", "taxRate": "0"}

    answer = await change(anna, invoice, lines=[line])

    assert answer.problem_codes == ["TAX_OVERRIDE_REASON_MISSING"]


# ------------------------------------------------------------------------- amounts in parts


async def test_amounts_off_and_on_are_shared_to_the_cent(anna: User):
    """40.00 on a line and 50.00 off the whole, billed in three parts, come to just that."""
    line = wheat("3", unitPrice="100", chargeAmount="40", allowanceReason="Absacken")
    off = {"allowances": [{"amount": "50", "reason": "Messe"}]}
    sold = await posted(anna, "SALES_ORDER", line, **off)

    nets = []
    for _ in range(3):
        sold = await look(anna, sold)
        part = await followed(anna, sold, "SALES_INVOICE", (sold["lines"][0], "1"))
        nets.append(part["net"])

    assert (nets, sold["net"]) == (["96.66", "96.68", "96.66"], "290.00")


async def test_the_rest_of_a_line_in_a_unit_with_a_broken_factor_can_be_converted(anna: User):
    """0.1 t of a big bag of 0.3 t went; the 0.666667 bags that are left are exactly 0.2 t."""
    item = await anna.create_item(units=[{"unit": "BIG_BAG", "factor": "0.3"}])
    ordered = {"itemId": item, "quantity": "1", "unit": "BIG_BAG", "unitPrice": "60"}
    sold = await posted(anna, "SALES_ORDER", ordered)
    first = await converted(anna, sold, "DELIVERY_NOTE")
    ton = {"id": first["lines"][0]["id"], "unit": "TONNE", "quantity": "0.1"}
    await post(anna, (await change(anna, first, lines=[ton])).made)

    rest = await converted(anna, await look(anna, sold), "DELIVERY_NOTE")

    [line] = rest["lines"]
    assert (plain(line["quantity"]), plain(line["stockQuantity"])) == ("0.666667", "0.2")


# ------------------------------------------------------------------------- parties and copies


async def test_a_tax_id_that_comes_late_reaches_the_invoice(anna: User):
    """Name and ids are those of today's master data; the place of delivery is as agreed."""
    customer = await anna.create_partner("Agrar Nord", country="DK", postcode="6400", city="Als")
    sold = await posted(anna, "SALES_ORDER", soldTo=customer)
    version = (await anna.ask("query($id: ID!) { partner(id: $id) { version } }", id=customer)).data
    facts = {"name": "Agrar Nord A/S", "street": "Havnen 1", "postcode": "6400", "city": "Als"}
    answer = await anna.do(
        "updatePartner",
        "partner { id }",
        id=customer,
        expectedVersion=version["partner"]["version"],
        country="DK",
        vatId="DK13585628",
        **facts,
    )
    assert answer.problems == []

    invoice = await converted(anna, sold, "SALES_INVOICE")

    asked = """query($id: ID!) { document(id: $id) { ... on SalesInvoice {
      billTo { name vatId street } shipTo { name street } } } }"""
    seen = (await anna.ask(asked, id=invoice["id"])).data["document"]
    assert seen == {
        "billTo": {"name": "Agrar Nord A/S", "vatId": "DK13585628", "street": "Havnen 1"},
        "shipTo": {"name": "Agrar Nord", "street": "Lindenallee 4"},
    }


async def test_an_order_of_which_something_was_delivered_stays_with_its_customer(anna: User):
    """4 of 10 went to one farm; the rest is not another farm's order."""
    sold = await posted(anna, "SALES_ORDER")
    await followed(anna, sold, "DELIVERY_NOTE", (sold["lines"][0], "4"))
    now = await look(anna, sold)
    other = await anna.create_partner("Hof B")

    answer = await anna.do(
        "amendSalesOrder",
        "salesOrder { id }",
        id=now["id"],
        expectedVersion=now["version"],
        soldTo=other,
        reason="irrt",
    )

    assert answer.problem_codes == ["PARTNER_COMMITTED"]


async def test_a_contract_is_not_amended_out_of_its_period(anna: User):
    """What posting asked for stays asked for."""
    period = {"validFrom": "2026-01-01", "validUntil": "2026-12-31"}
    agreed = await posted(anna, "SALES_CONTRACT", **period)

    answer = await anna.do(
        "amendSalesContract",
        "salesContract { id }",
        id=agreed["id"],
        expectedVersion=agreed["version"],
        validUntil=None,
        reason="unbefristet",
    )

    assert answer.problem_codes == ["NEEDED_TO_POST"]


async def test_a_final_invoice_written_anew_deducts_its_prepayments_again(anna: User):
    """Cancelled and copied: 1,070.00 less the 214.00 that were paid before."""
    customer = await anna.create_partner()
    early = await posted(
        anna, "SALES_INVOICE", wheat("1"), soldTo=customer, invoiceType="PREPAYMENT"
    )
    await paid_in_full(anna, customer, early["id"], "214.00")
    final = await posted(
        anna,
        "SALES_INVOICE",
        wheat("5"),
        soldTo=customer,
        invoiceType="FINAL",
        prepayments=[early["id"]],
    )

    copy = (await verb(anna, "cancelAndCopyDocument", final, reason="Zahlendreher")).made

    asked = """query($id: ID!) { document(id: $id) { gross ... on SalesInvoice { prepaid payable
      prepayments { number } } } }"""
    seen = (await anna.ask(asked, id=copy["id"])).data["document"]
    assert seen == {
        "gross": "1070.00",
        "prepaid": "214.00",
        "payable": "856.00",
        "prepayments": [{"number": early["number"]}],
    }


async def test_a_price_correction_written_anew_takes_no_quantity_either(anna: User):
    """It was about 1.00 per tonne, and is so on the copy."""
    bill = await posted(anna, "SALES_INVOICE", wheat("10"))
    line = wheat("10", unitPrice="1", sourceLineId=bill["lines"][0]["id"], isPriceCorrection=True)
    customer = await partner_of(anna, bill)
    credit = await posted(anna, "SALES_CREDIT_NOTE", line, soldTo=customer)

    copy = (await verb(anna, "cancelAndCopyDocument", credit, reason="Zahlendreher")).made
    await completed(anna, copy)

    assert plain((await look(anna, bill))["lines"][0]["creditedQuantity"]) == "0"


async def partner_of(user: User, document: dict[str, Any]) -> str:
    """Return the customer of a document."""
    asked = "query($id: ID!) { document(id: $id) { ... on SalesInvoice { partner { id } } } }"
    id: str = (await user.ask(asked, id=document["id"])).data["document"]["partner"]["id"]
    return id


# ---------------------------------------------------------------------------- foreign currency


async def test_an_invoice_takes_the_rate_of_the_day_of_supply(anna: User):
    """Ordered in January at 1.05, supplied in November at 1.20 [§16 (6) UStG]."""
    for day, rate in (("2026-01-02", "1.05"), ("2026-11-10", "1.20")):
        recorded = {"currency": "USD", "rate": rate, "validOn": day, "source": "MANUAL"}
        assert (await anna.do("recordExchangeRate", "exchangeRate { rate }", **recorded)).made
    sold = await posted(anna, "SALES_ORDER", currency="USD", issueDate="2026-01-15")

    delivery = await converted(anna, sold, "DELIVERY_NOTE")
    delivery = (await change(anna, delivery, supplyDate="2026-11-18")).made
    invoice = await converted(anna, await post(anna, delivery), "SALES_INVOICE")

    asked = """query($id: ID!) { document(id: $id) { ... on SalesInvoice {
      exchangeRate rateDate } } }"""
    seen = (await anna.ask(asked, id=invoice["id"])).data["document"]
    assert (plain(seen["exchangeRate"]), seen["rateDate"]) == ("1.2", "2026-11-10")


# --------------------------------------------------------------------------- walk-in customers


async def test_an_address_typed_once_is_that_of_payer_and_place_too(anna: User):
    """Who buys at the counter pays and takes it along; later changes need not type it again."""
    counter = await anna.create_partner("Laufkundschaft", isOneTime=True)
    jan = {"name": "Jan Meyer", "street": "Deich 2", "postcode": "28217", "city": "Bremen"}
    made = await draft(anna, "SALES_INVOICE", soldTo=counter, soldToAddress=jan)

    answer = await change(anna, made, note="bar bezahlt")

    assert answer.problems == []
    asked = """query($id: ID!) { document(id: $id) { ... on SalesInvoice {
      soldTo { name } billTo { name } shipTo { name } } } }"""
    seen = (await anna.ask(asked, id=made["id"])).data["document"]
    assert [party["name"] for party in seen.values()] == ["Jan Meyer"] * 3


async def test_a_walk_in_customer_pays(anna: User):
    """Money needs no address."""
    counter = await anna.create_partner("Laufkundschaft", isOneTime=True)

    paid = await posted(anna, "INCOMING_PAYMENT", billTo=counter)

    assert paid["state"] == "POSTED"
