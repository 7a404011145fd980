"""Self-billed invoices (Gutschriften): the supplier's agreement and tax class decide."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Erp, User


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Erp:
    """A company that posts its drafts in one call."""
    return await found_without_approval(server, owner, http)


async def harvested(anna: User, **farmer: Any) -> str:
    """Receive ten tonnes of wheat at 180 EUR of a farmer and return the receipt."""
    facts = {
        "street": "Hof 1",
        "postcode": "27318",
        "city": "Hoya",
        "isSupplier": True,
        "taxNumber": "11/222/33333",
        "selfBillingAgreedOn": "2026-01-01",
        **farmer,
    }
    supplier = (await anna.do("createPartner", "partner { id }", name="Bauer Lohse", **facts)).made
    wheat = await anna.create_item(taxRate="7")
    receipt = await anna.do(
        "createGoodsReceipt",
        "goodsReceipt { id version }",
        supplier=supplier["id"],
        issueDate="2026-08-03",
        lines=[{"itemId": wheat, "quantity": "10", "unitPrice": "180"}],
    )
    await anna.post(receipt.made)
    id: str = receipt.made["id"]
    return id


def of_class(name: str) -> list[dict[str, str]]:
    """Return the tax classes of a supplier that is of one class since January."""
    return [{"taxClass": name, "validFrom": "2026-01-01"}]


async def billed(anna: User, receipt: str) -> Any:
    """Make the self-billed invoice of a receipt."""
    return await anna.do(
        "convertDocument",
        "document { id version net tax gross taxes { category rate tax } lines { taxReason } }",
        ids=[receipt],
        to="SELF_BILLED_INVOICE",
    )


@pytest.mark.parametrize(
    ("tax_class", "group", "reason"),
    [
        ("STANDARD", {"category": "S", "rate": "7", "tax": "126.00"}, "DOMESTIC_REDUCED"),
        ("FLAT_RATE_24", {"category": "S", "rate": "7.8", "tax": "140.40"}, "SUPPLIER_FLAT_RATE"),
        (
            "SMALL_BUSINESS_19",
            {"category": "E", "rate": "0", "tax": "0.00"},
            "SUPPLIER_SMALL_BUSINESS",
        ),
        ("PRIVATE", {"category": "O", "rate": None, "tax": "0.00"}, "SUPPLIER_NOT_TAXABLE"),
    ],
)
async def test_the_suppliers_tax_class_alone_decides_the_rate(
    erp: Erp, tax_class: str, group: dict[str, str], reason: str
):
    """Whatever rate the item has at home; the number is of our own series."""
    anna = await erp.sign_in()
    receipt = await harvested(anna, taxClasses=of_class(tax_class))

    made = (await billed(anna, receipt)).made
    posted = await anna.post(made)

    assert made["taxes"] == [group]
    assert [line["taxReason"] for line in made["lines"]] == [reason]
    assert posted.made["number"] == "GS-2026-00001"
    await erp.check_books()


async def test_without_a_tax_class_nothing_is_billed(erp: Erp):
    """The class must be known on the day of supply."""
    anna = await erp.sign_in()
    receipt = await harvested(
        anna, taxClasses=[{"taxClass": "STANDARD", "validFrom": "2026-09-01"}]
    )

    refused = await billed(anna, receipt)

    assert refused.problem_codes == ["SUPPLIER_TAX_CLASS_MISSING"]


@pytest.mark.parametrize(
    "agreement",
    [
        {"selfBillingAgreedOn": None},
        {"selfBillingAgreedOn": "2026-09-01"},
        {"selfBillingAgreedOn": "2026-01-01", "selfBillingAgreementEnds": "2026-07-31"},
    ],
)
async def test_without_an_agreement_on_the_day_of_supply_it_is_not_posted(
    erp: Erp, agreement: dict[str, Any]
):
    """None, one that came later, one that had ended: section 14 (2) UStG."""
    anna = await erp.sign_in()
    receipt = await harvested(anna, taxClasses=of_class("STANDARD"), **agreement)
    made = (await billed(anna, receipt)).made

    refused = await anna.post(made)

    assert refused.problem_codes == ["SELF_BILLING_NOT_AGREED"]


async def test_an_objection_reverses_the_input_tax_and_keeps_goods_and_debt(erp: Erp):
    """The document is no invoice any more; a second objection changes nothing."""
    anna = await erp.sign_in()
    receipt = await harvested(anna, taxClasses=of_class("FLAT_RATE_24"))
    made = (await billed(anna, receipt)).made
    await anna.post(made)
    given = {"id": made["id"], "reason": "Menge stimmt nicht"}
    shown = "selfBilledInvoice { version tax inputTax gross objectionReason }"

    done = await anna.do("recordObjection", shown, expectedVersion=made["version"], **given)
    again = await anna.do("recordObjection", shown, expectedVersion=done.made["version"], **given)

    assert done.made == {
        "version": 3,
        "tax": "140.40",
        "inputTax": "0.00",
        "gross": "1940.40",
        "objectionReason": "Menge stimmt nicht",
    }
    assert again.problem_codes == ["ALREADY_OBJECTED"]
    assert (await erp.journal_types(made["id"]))[-1] == "SelfBilledInvoiceObjected"
    await erp.check_books()
