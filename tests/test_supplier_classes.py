"""The tax class of a supplier alone decides the tax of an invoice that we write for him."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import Answer, Erp, User
from tests.refused import unchanged

SEED = {"description": "Saatgut", "quantity": "1", "unit": "PIECE", "unitPrice": "100"}
FULL = {"taxCategory": "S", "taxRate": "19"}
REDUCED = {"taxCategory": "S", "taxRate": "7"}
FARMERS = {"taxCategory": "S", "taxRate": "7.8"}
EXEMPT = {"taxCategory": "E", "exemptionReason": "Steuerbefreiung (§ 19 UStG)"}
NONE = {"taxCategory": "O"}
LINES = "document { id version tax lines { taxCategory taxRate taxReason supplyDate } }"


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts its drafts in one call."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


@pytest.fixture
async def anna(erp: Erp) -> User:
    """Somebody who may do everything."""
    return await erp.sign_in()


async def supplier(anna: User, *classes: tuple[str, str]) -> str:
    """Return a supplier who agreed to self-billing, with his classes and the days they start."""
    return await anna.create_partner(
        "Bauer Lohse",
        isSupplier=True,
        taxNumber="11/222/33333",
        selfBillingAgreedOn="2026-01-01",
        taxClasses=[{"taxClass": name, "validFrom": day} for name, day in classes],
    )


async def received(anna: User, partner: str, day: str, **line: str) -> str:
    """Receive something on a day and return the receipt."""
    receipt = await anna.create(
        "GOODS_RECEIPT",
        supplier=partner,
        issueDate=day,
        supplyDate=day,
        lines=[{**SEED, **line}],
    )
    assert (await anna.post(receipt, acceptOlderDate=True)).problems == []
    id: str = receipt["id"]
    return id


async def billed(anna: User, *receipts: str) -> Answer:
    """Make the self-billed invoice of receipts."""
    return await anna.do("convertDocument", LINES, ids=[*receipts], to="SELF_BILLED_INVOICE")


@pytest.mark.parametrize(
    ("tax_class", "tax", "chosen", "possible"),
    [
        ("PRIVATE", FULL, "S 19 %", "O"),
        ("PRIVATE", EXEMPT, "E 0 %", "O"),
        ("SMALL_BUSINESS_19", FULL, "S 19 %", "E 0 %"),
        ("SMALL_BUSINESS_19", NONE, "O", "E 0 %"),
        ("FLAT_RATE_24", FULL, "S 19 %", "S 7.8 %"),
        ("FLAT_RATE_24", {"taxCategory": "S", "taxRate": "5.5"}, "S 5.5 %", "S 7.8 %"),
        ("FLAT_RATE_24", EXEMPT, "E 0 %", "S 7.8 %"),
        ("STANDARD", FARMERS, "S 7.8 %", "S 19 %, S 7 %"),
    ],
)
async def test_what_the_class_does_not_allow_is_not_posted(
    anna: User, tax_class: str, tax: dict[str, str], chosen: str, possible: str
):
    """Typed by hand on the draft; it would be owed for being shown (section 14c UStG)."""
    farmer = await supplier(anna, (tax_class, "2026-01-01"))
    draft = await anna.create("SELF_BILLED_INVOICE", supplier=farmer, lines=[{**SEED, **tax}])

    async with unchanged(anna.erp):
        refused = await anna.post(draft)

    assert refused.problems == [
        {
            "__typename": "SupplierRateWrong",
            "code": "SUPPLIER_RATE_WRONG",
            "message": f"Bauer Lohse is taxed as {tax_class} on 2026-11-18, so line 1 cannot show"
            f" {chosen}; it would be owed all the same (section 14c UStG). Possible: {possible}.",
            "path": ["input", "id"],
        }
    ]


@pytest.mark.parametrize(
    ("tax_class", "tax"),
    [
        ("PRIVATE", NONE),
        ("SMALL_BUSINESS_19", EXEMPT),
        ("FLAT_RATE_24", FARMERS),
        ("STANDARD", FULL),
        ("STANDARD", REDUCED),
        ("STANDARD", {"taxCategory": "E", "exemptionReason": "§ 4 Nr. 21 UStG"}),
    ],
)
async def test_what_the_class_allows_is_posted(anna: User, tax_class: str, tax: dict[str, str]):
    """A regular supplier also sells what no tax is on."""
    farmer = await supplier(anna, (tax_class, "2026-01-01"))
    draft = await anna.create("SELF_BILLED_INVOICE", supplier=farmer, lines=[{**SEED, **tax}])

    assert (await anna.post(draft)).problems == []


async def test_it_is_refused_before_anybody_is_asked_to_approve(erp: Erp, anna: User):
    """Nothing can be mended once it waits for approval."""
    await erp.owner.execute(
        "update kind_setting set approval = 'ALWAYS' where tenant_id = $1", erp.tenant
    )
    farmer = await supplier(anna, ("PRIVATE", "2026-01-01"))
    draft = await anna.create("SELF_BILLED_INVOICE", supplier=farmer, lines=[{**SEED, **FULL}])

    assert (await anna.submit(draft)).problem_codes == ["SUPPLIER_RATE_WRONG"]


@pytest.mark.parametrize(("rate", "reason"), [("5.5", "Stammholz"), ("19", "Apfelsaft")])
async def test_a_farmers_timber_and_drinks_have_rates_of_their_own(
    anna: User, rate: str, reason: str
):
    """Section 24 (1) no. 1 and 2 UStG; somebody says what it is."""
    farmer = await supplier(anna, ("FLAT_RATE_24", "2026-01-01"))
    item = await anna.create_item(unit="PIECE")
    line = {"itemId": item, "quantity": "1", "unitPrice": "100", "taxCategory": "S"}
    draft = await anna.create(
        "SELF_BILLED_INVOICE",
        supplier=farmer,
        lines=[{**line, "taxRate": rate, "taxOverrideReason": reason}],
    )

    assert (await anna.post(draft)).problems == []


@pytest.mark.parametrize(
    ("tax_class", "tax"),
    [
        ("PRIVATE", {"taxCategory": "O", "taxRate": None, "taxReason": "SUPPLIER_NOT_TAXABLE"}),
        (
            "SMALL_BUSINESS_19",
            {"taxCategory": "E", "taxRate": "0", "taxReason": "SUPPLIER_SMALL_BUSINESS"},
        ),
        (
            "FLAT_RATE_24",
            {"taxCategory": "S", "taxRate": "7.8", "taxReason": "SUPPLIER_FLAT_RATE"},
        ),
        ("STANDARD", {"taxCategory": "S", "taxRate": "19", "taxReason": "DOMESTIC_STANDARD"}),
    ],
)
async def test_a_receipt_of_goods_without_item_is_billed_by_the_class(
    anna: User, tax_class: str, tax: dict[str, str | None]
):
    """The receipt says 19 %; the class says what he shows."""
    farmer = await supplier(anna, (tax_class, "2026-01-01"))
    receipt = await received(anna, farmer, "2026-11-18", **FULL)

    made = (await billed(anna, receipt)).made
    posted = await anna.post(made)

    assert made["lines"] == [tax | {"supplyDate": "2026-11-18"}]
    assert posted.problems == []


@pytest.mark.parametrize("with_item", [True, False])
async def test_a_collective_invoice_takes_the_class_of_each_day(anna: User, with_item: bool):
    """A farmer who opted for regular taxation on the 10th: 7.8 % before, 7 % since."""
    farmer = await supplier(anna, ("FLAT_RATE_24", "2026-01-01"), ("STANDARD", "2026-11-10"))
    line: dict[str, Any] = REDUCED
    if with_item:
        line = {"itemId": await anna.create_item(unit="PIECE", taxRate="7")}
    before = await received(anna, farmer, "2026-11-05", **line)
    since = await received(anna, farmer, "2026-11-15", **line)

    made = (await billed(anna, before, since)).made
    posted = await anna.post(made)

    assert [(line["supplyDate"], line["taxRate"]) for line in made["lines"]] == [
        ("2026-11-05", "7.8"),
        ("2026-11-15", "7"),
    ]
    assert (made["tax"], posted.problems) == ("14.80", [])


async def test_a_line_of_another_day_is_looked_at_by_its_own_day(anna: User):
    """He was no regular business yet when that was supplied."""
    farmer = await supplier(anna, ("SMALL_BUSINESS_19", "2026-01-01"), ("STANDARD", "2026-11-10"))
    lines = [{**SEED, **FULL}, {**SEED, **FULL, "supplyDate": "2026-11-05"}]
    draft = await anna.create("SELF_BILLED_INVOICE", supplier=farmer, lines=lines)
    mended = await anna.create(
        "SELF_BILLED_INVOICE",
        supplier=farmer,
        lines=[lines[0], {**lines[1], **EXEMPT, "taxRate": "0"}],
    )

    refused, posted = await anna.post(draft), await anna.post(mended)

    assert (refused.problem_codes, posted.problems) == (["SUPPLIER_RATE_WRONG"], [])


async def test_what_a_private_person_supplied_is_billed_apart(anna: User):
    """Outside the scope of the tax stands beside nothing else (EN 16931 BR-O-11)."""
    farmer = await supplier(anna, ("STANDARD", "2026-01-01"), ("PRIVATE", "2026-11-10"))
    before = await received(anna, farmer, "2026-11-05", **FULL)
    since = await received(anna, farmer, "2026-11-15", **FULL)

    refused = await billed(anna, before, since)
    apart = [await billed(anna, each) for each in (before, since)]

    assert [(each["code"], each["message"]) for each in refused.problems] == [
        ("SOURCES_DIFFER", "These documents cannot become one: they differ in taxClass.")
    ]
    assert [each.made["tax"] for each in apart] == ["19.00", "0.00"]


async def test_a_day_without_a_class_is_named(anna: User):
    """The class of the later day says nothing about the one before."""
    farmer = await supplier(anna, ("STANDARD", "2026-11-10"))
    lines = [{**SEED, **FULL}, {**SEED, **FULL, "supplyDate": "2026-11-05"}]
    draft = await anna.create("SELF_BILLED_INVOICE", supplier=farmer, lines=lines)

    refused = await anna.post(draft)

    assert [(each["code"], each["message"]) for each in refused.problems] == [
        (
            "SUPPLIER_TAX_CLASS_MISSING",
            "The tax class of Bauer Lohse on 2026-11-05 is not known; it alone decides the rate.",
        )
    ]
