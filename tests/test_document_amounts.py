"""What documents come to, through the public door: proposals, allowances, currency, prepayments."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Answer, Erp, User
from tests.paying import paid_in_full

AMOUNTS = "salesInvoice { id version net tax gross payable }"
LINE = """lines { unitPrice priceSource foundPrice taxCategory taxRate taxReason
  taxOverrideReason exemptionReason net }"""
SEED = {
    "description": "Saatgut",
    "quantity": "1",
    "unit": "PIECE",
    "unitPrice": "100",
    "taxCategory": "S",
    "taxRate": "19",
}


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Erp:
    """A company that posts its drafts in one call."""
    return await found_without_approval(server, owner, http)


async def invoiced(anna: User, shown: str, **input: Any) -> Answer:
    """Write an invoice, supplied on the 20th of November 2026 unless said otherwise."""
    given = {"supplyDate": "2026-11-20", "lines": [SEED], **input}
    return await anna.do("createSalesInvoice", shown, **given)


async def test_a_line_without_price_takes_the_most_special_one_and_says_which(erp: Erp):
    """The customer's own price beats the list; a price by hand keeps the found one beside it."""
    anna = await erp.sign_in()
    farm, other = await anna.create_partner(), await anna.create_partner()
    wheat = await anna.create_item(unitPrice="210.50", taxRate="7")
    price = {"itemId": wheat, "partnerId": farm, "unitPrice": "199", "validFrom": "2026-01-01"}
    assert (await anna.do("createPrice", "price { id }", **price)).problems == []
    lines = [{"itemId": wheat, "quantity": "2"}, {**PLAIN, "itemId": wheat}]
    shown = "salesInvoice { lines { unitPrice priceSource foundPrice net } }"

    own = (await invoiced(anna, shown, soldTo=farm, lines=lines)).made["lines"]
    listed = (await invoiced(anna, shown, soldTo=other, lines=lines[:1])).made["lines"]

    assert own == [
        {"unitPrice": "199", "priceSource": "CUSTOMER_ITEM", "foundPrice": None, "net": "398.00"},
        {"unitPrice": "250", "priceSource": "MANUAL", "foundPrice": "199", "net": "500.00"},
    ]
    assert listed == [
        {"unitPrice": "210.5", "priceSource": "LIST", "foundPrice": None, "net": "421.00"}
    ]


PLAIN = {"quantity": "2", "unitPrice": "250"}


async def test_the_tax_of_a_line_follows_from_item_partner_and_place(erp: Erp):
    """At home 7 %, into the EU with a VAT id none, and the line says why."""
    anna = await erp.sign_in()
    wheat = await anna.create_item(taxRate="7")
    home = await anna.create_partner()
    austria = await anna.create_partner("Almhof", country="AT", vatId="ATU12345678")
    swiss = await anna.create_partner("Alpenrose", country="CH")
    lines = [{"itemId": wheat, "quantity": "1"}]

    found = [
        (await invoiced(anna, f"salesInvoice {{ {LINE} }}", soldTo=partner, lines=lines)).made
        for partner in (home, austria, swiss)
    ]

    assert [
        tuple(made["lines"][0][name] for name in ("taxCategory", "taxRate", "taxReason"))
        for made in found
    ] == [
        ("S", "7", "DOMESTIC_REDUCED"),
        ("K", "0", "INTRA_COMMUNITY_SUPPLY"),
        ("G", "0", "EXPORT"),
    ]
    assert "innergemeinschaftliche" in found[1]["lines"][0]["exemptionReason"]


async def test_another_tax_than_proposed_needs_a_reason(erp: Erp):
    """Without one it is refused at its field, with one the reason is kept on the line."""
    anna = await erp.sign_in()
    farm, wheat = await anna.create_partner(), await anna.create_item(taxRate="7")
    line = {"itemId": wheat, "quantity": "1", "taxCategory": "S", "taxRate": "19"}

    refused = await invoiced(anna, f"salesInvoice {{ {LINE} }}", soldTo=farm, lines=[line])
    kept = await invoiced(
        anna,
        f"salesInvoice {{ {LINE} }}",
        soldTo=farm,
        lines=[{**line, "taxOverrideReason": "gebeizt, kein Futtermittel"}],
    )

    [problem] = refused.problems
    assert problem["code"] == "TAX_OVERRIDE_REASON_MISSING"
    assert problem["path"] == ["input", "lines", "0", "taxOverrideReason"]
    [written] = kept.made["lines"]
    assert written["taxRate"] == "19"
    assert written["taxOverrideReason"] == "gebeizt, kein Futtermittel"


async def test_allowances_and_charges_of_the_whole_are_split_over_the_rates(erp: Erp):
    """3 % off 100 at 19 % and 200 at 7 %, then 10 freight: the tax of each group shrinks."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()
    lines = [SEED, {**SEED, "unitPrice": "200", "taxRate": "7"}]
    allowances = [
        {"percent": "3", "reason": "Treue"},
        {
            "amount": "10",
            "isCharge": True,
            "reason": "Fracht",
            "taxCategory": "S",
            "taxRate": "19",
        },
    ]

    made = await invoiced(
        anna,
        "salesInvoice { lineTotal allowanceTotal chargeTotal net tax gross"
        " taxes { rate basis tax } }",
        soldTo=farm,
        lines=lines,
        allowances=allowances,
    )

    assert made.made == {
        "lineTotal": "300.00",
        "allowanceTotal": "9.00",
        "chargeTotal": "10.00",
        "net": "301.00",
        "tax": "33.91",
        "gross": "334.91",
        "taxes": [
            {"rate": "19", "basis": "107.00", "tax": "20.33"},
            {"rate": "7", "basis": "194.00", "tax": "13.58"},
        ],
    }


async def test_gross_prices_keep_the_gross_as_it_is(erp: Erp):
    """119.00 on the shelf is 119.00 on the invoice, with 19.00 tax in it."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()

    made = await invoiced(
        anna, AMOUNTS, soldTo=farm, priceBasis="GROSS", lines=[{**SEED, "unitPrice": "119"}]
    )

    assert (made.made["net"], made.made["tax"], made.made["gross"]) == ("100.00", "19.00", "119.00")


async def test_a_foreign_currency_is_kept_with_its_rate_and_in_company_currency(erp: Erp):
    """The recorded rate of the day of supply counts, one by hand instead, and none is a problem."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()
    shown = "salesInvoice { gross companyGross companyTax exchangeRate rateDate rateSource }"

    none = await invoiced(anna, shown, soldTo=farm, currency="USD")
    rate = {"currency": "USD", "validOn": "2026-11-19", "rate": "1.1", "source": "ECB"}
    assert (await anna.do("recordExchangeRate", "exchangeRate { id }", **rate)).problems == []
    recorded = await invoiced(anna, shown, soldTo=farm, currency="USD")
    by_hand = await invoiced(anna, shown, soldTo=farm, currency="USD", exchangeRate="1.19")

    assert none.problem_codes == ["EXCHANGE_RATE_MISSING"]
    assert recorded.made == {
        "gross": "119.00",
        "companyGross": "108.18",
        "companyTax": "17.27",
        "exchangeRate": "1.1",
        "rateDate": "2026-11-19",
        "rateSource": "ECB",
    }
    assert (by_hand.made["companyGross"], by_hand.made["rateSource"]) == ("100.00", "MANUAL")


async def test_a_final_invoice_deducts_prepayments_with_their_tax_once(erp: Erp):
    """1,190 less 119 paid before; a second final invoice cannot deduct the same again."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()
    before = await invoiced(anna, AMOUNTS, soldTo=farm, invoiceType="PREPAYMENT", supplyDate=None)
    await anna.post(before.made)
    await paid_in_full(anna, farm, before.made["id"], "119.00")
    whole = {"invoiceType": "FINAL", "prepayments": [before.made["id"]]}
    lines = [{**SEED, "unitPrice": "1000"}]
    shown = "salesInvoice { id version gross prepaid payable prepayments { number net tax } }"

    final = await invoiced(anna, shown, soldTo=farm, lines=lines, **whole)
    again = await invoiced(anna, shown, soldTo=farm, lines=lines, **whole)
    cancel = await anna.do(
        "cancelDocument", "document { id }", id=before.made["id"], expectedVersion=3, reason="x"
    )

    assert {name: final.made[name] for name in ("gross", "prepaid", "payable")} == {
        "gross": "1190.00",
        "prepaid": "119.00",
        "payable": "1071.00",
    }
    assert final.made["prepayments"] == [
        {"number": "INV-2026-00001", "net": "100.00", "tax": "19.00"}
    ]
    assert again.problem_codes == ["NOT_A_PREPAYMENT"]
    assert cancel.problem_codes == ["FOLLOW_UPS_EXIST"]
    await erp.check_books()


async def test_a_cancelled_final_invoice_gives_its_prepayments_back(erp: Erp):
    """The counter document mirrors every amount; then another final invoice may deduct it."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()
    before = await invoiced(anna, AMOUNTS, soldTo=farm, invoiceType="PREPAYMENT", supplyDate=None)
    await anna.post(before.made)
    await paid_in_full(anna, farm, before.made["id"], "119.00")
    whole = {"invoiceType": "FINAL", "prepayments": [before.made["id"]]}
    lines = [{**SEED, "unitPrice": "1000"}]
    final = (await invoiced(anna, AMOUNTS, soldTo=farm, lines=lines, **whole)).made
    await anna.post(final)

    counter = await anna.do(
        "cancelDocument",
        "document { gross ... on SalesInvoice { typeCode prepaid payable } }",
        id=final["id"],
        expectedVersion=final["version"],
        reason="falscher Preis",
    )
    again = await invoiced(anna, AMOUNTS, soldTo=farm, lines=lines, **whole)

    assert counter.made == {
        "gross": "-1190.00",
        "typeCode": "384",
        "prepaid": "-119.00",
        "payable": "-1071.00",
    }
    assert again.made["payable"] == "1071.00"
    await erp.check_books()


async def test_terms_with_skonto_come_from_the_payer_and_travel(erp: Erp):
    """2 % within 10 days, 30 days net: agreed once, on order and invoice."""
    anna = await erp.sign_in()
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
    order = await anna.do(
        "createSalesOrder", "salesOrder { id version }", soldTo=farm, lines=[SEED]
    )
    await anna.post(order.made)

    invoice = await anna.do(
        "convertDocument",
        "document { ... on SalesInvoice { paymentDays discountDays discountPercent } }",
        ids=[order.made["id"]],
        to="SALES_INVOICE",
    )

    assert invoice.made == {"paymentDays": 30, "discountDays": 10, "discountPercent": "2"}


async def test_a_preview_computes_and_keeps_nothing(erp: Erp):
    """The same amounts as a draft would have, the same problems, and no row anywhere."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()
    before = await erp.state_of_database()
    asked = """query($input: PreviewSalesOfferInput!) { previewSalesOffer(input: $input) {
      amounts { net tax gross lines { net taxRate } taxes { rate tax } }
      problems { code path } } }"""

    good = (await anna.ask(asked, input={"soldTo": farm, "lines": [SEED]})).data
    bad = (await anna.ask(asked, input={"soldTo": farm, "lines": []})).data

    assert good["previewSalesOffer"] == {
        "amounts": {
            "net": "100.00",
            "tax": "19.00",
            "gross": "119.00",
            "lines": [{"net": "100.00", "taxRate": "19"}],
            "taxes": [{"rate": "19", "tax": "19.00"}],
        },
        "problems": [],
    }
    assert bad["previewSalesOffer"]["problems"] == [
        {"code": "LINES_MISSING", "path": ["input", "lines"]}
    ]
    assert await erp.state_of_database() == before


async def test_a_blocked_partner_gets_nothing_new_but_is_still_invoiced(erp: Erp):
    """No order, no delivery of an old one; what was delivered is billed."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()
    order = (
        await anna.do("createSalesOrder", "salesOrder { id version }", soldTo=farm, lines=[SEED])
    ).made
    await anna.post(order)
    block = {"id": farm, "expectedVersion": 1, "reason": "zahlt nicht"}
    assert (await anna.do("blockPartner", "partner { id }", **block)).problems == []

    new = await anna.do("createSalesOrder", "salesOrder { id }", soldTo=farm, lines=[SEED])
    deliver = await anna.do(
        "convertDocument", "document { id }", ids=[order["id"]], to="DELIVERY_NOTE"
    )
    bill = await anna.do(
        "convertDocument", "document { id }", ids=[order["id"]], to="SALES_INVOICE"
    )

    assert (new.problem_codes, deliver.problem_codes) == (["PARTNER_BLOCKED"], ["PARTNER_BLOCKED"])
    assert bill.problems == []


async def test_a_walk_in_customer_has_the_address_typed_on_the_document(erp: Erp):
    """A one-time partner needs it, any other has its own; goods may go anywhere."""
    anna = await erp.sign_in()
    anybody = await anna.create_partner("Laufkundschaft", isOneTime=True)
    farm = await anna.create_partner()
    address = {"name": "Erna Kurz", "street": "Weg 1", "postcode": "28195", "city": "Bremen"}
    shown = "salesInvoice { soldTo { name } shipTo { name } }"

    missing = await invoiced(anna, shown, soldTo=anybody)
    typed = await invoiced(
        anna, shown, soldTo=anybody, soldToAddress=address, billToAddress=address
    )
    fixed = await invoiced(anna, shown, soldTo=farm, soldToAddress=address)
    site = await invoiced(anna, shown, soldTo=farm, shipToAddress=address)

    assert missing.problem_codes == ["ADDRESS_NOT_TYPED"]
    assert typed.made["soldTo"] == {"name": "Erna Kurz"}
    assert fixed.problem_codes == ["ADDRESS_FIXED"]
    assert site.made["shipTo"] == {"name": "Erna Kurz"}
