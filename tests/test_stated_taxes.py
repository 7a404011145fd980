"""What suppliers state of net and tax per rate: kept as facts, compared with what we calculate."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amounts import TaxDifference, TaxFinding
from domain.documents.stated import findings_as_text, findings_from_text
from tests.chains import Document, converted, draft, followed, post, posted, rewrite, verb, wheat
from tests.companies import found_without_approval
from tests.erp import User

STATED = [{"rate": "7", "net": "2000.00", "tax": "140.00"}]
LOOK = """query($id: ID!) { document(id: $id) {
  ... on SupplierInvoice { version paymentBlock %s }
  ... on SupplierCreditNote { version %s }
} }""".replace(
    "%s", "gross statedTaxes { rate net tax } findings { kind rate stated calculated message }"
)


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def told(user: User, document: Document, language: str = "en") -> dict[str, Any]:
    """Return what a received document says of its taxes."""
    answer = await user.ask(LOOK, language, id=document["id"])
    found: dict[str, Any] = answer.data["document"]
    return found


@pytest.mark.parametrize("kind", ["SUPPLIER_INVOICE", "SUPPLIER_CREDIT_NOTE"])
async def test_a_received_document_keeps_what_its_paper_states(anna: User, kind: str):
    """Ten tonnes at 200 EUR and 7 %: two cents of difference are within the tolerance."""
    stated = [{"rate": "7", "net": "2000.02", "tax": "139.98"}]

    document = await posted(anna, kind, statedTaxes=stated)

    seen = await told(anna, document)
    assert seen.pop("version") == 2
    assert seen.pop("paymentBlock", None) is None
    assert seen == {"gross": "2140.00", "statedTaxes": stated, "findings": []}


async def test_three_cents_are_a_finding_that_blocks_the_payment_and_not_the_posting(anna: User):
    """The draft tells already; our totals stay what the lines come to."""
    stated = [{"rate": "7", "net": "2000.00", "tax": "140.03"}]
    document = await draft(anna, "SUPPLIER_INVOICE", statedTaxes=stated)
    finding = {"kind": "TAX", "rate": "7", "stated": "140.03", "calculated": "140.00"}
    english = "For the tax rate 7 % a tax of 140.03 is stated, we calculate 140.00."
    german = "Für den Steuersatz 7 % ist eine Steuer von 140,03 angegeben, wir errechnen 140,00."
    before = await told(anna, document)

    await post(anna, document)

    after = await told(anna, document, "de")
    assert before["findings"] == [{**finding, "message": english}]
    assert (before["paymentBlock"], before["gross"]) == (None, "2140.00")
    assert after["findings"] == [{**finding, "message": german}]
    assert (after["paymentBlock"], after["statedTaxes"]) == ("TAX 7%", stated)


async def test_a_rate_that_only_one_side_has_is_told_with_net_and_tax_together(anna: User):
    """The paper taxes at 19 % what we have at 7 %; a credit note is not paid, so nothing blocks."""
    stated = [{"rate": "19", "net": "2000.00", "tax": "380.00"}]

    document = await posted(anna, "SUPPLIER_CREDIT_NOTE", statedTaxes=stated)

    seen = await told(anna, document)
    assert [(f["kind"], f["rate"], f["stated"], f["calculated"]) for f in seen["findings"]] == [
        ("NOT_CALCULATED", "19", "2380.00", "0.00"),
        ("NOT_STATED", "7", "0.00", "2140.00"),
    ]
    assert "paymentBlock" not in seen


async def test_the_company_says_how_much_may_differ(anna: User):
    """With 0.05 EUR per rate, three cents are no finding and four percent still are one."""
    profile = {"name": "Testhandel GmbH", "street": "Prüfweg 1", "postcode": "21706"}
    profile |= {"city": "Drochtersen", "taxNumber": "43/200/00000", "matchTolerance": "0.05"}
    changed = await anna.do("updateCompany", "company { version }", expectedVersion=1, **profile)
    assert changed.problems == []
    near = [{"rate": "7", "net": "2000.00", "tax": "140.05"}]
    far = [{"rate": "7", "net": "2000.06", "tax": "140.00"}]

    one = await told(anna, await posted(anna, "SUPPLIER_INVOICE", statedTaxes=near))
    two = await told(anna, await posted(anna, "SUPPLIER_INVOICE", statedTaxes=far))

    assert (one["findings"], one["paymentBlock"]) == ([], None)
    assert ([each["kind"] for each in two["findings"]], two["paymentBlock"]) == (["NET"], "NET 7%")


async def test_what_is_not_written_down_is_not_compared(anna: User):
    """Without stated taxes there is nothing to find; an update with none drops them."""
    stated = [{"rate": "7", "net": "1.00", "tax": "0.07"}]
    document = await draft(anna, "SUPPLIER_INVOICE", statedTaxes=stated)

    answer = await rewrite(anna, "update", document, statedTaxes=[])

    seen = await told(anna, answer.made)
    assert (seen["statedTaxes"], seen["findings"]) == ([], [])


async def test_goods_that_come_later_do_not_mend_a_wrong_tax(anna: User):
    """The quantity was blocked too; the receipt matches, the tax goes on blocking."""
    order = await posted(anna, "PURCHASE_ORDER")
    made = await converted(anna, order, "SUPPLIER_INVOICE")
    wrong = [{"rate": "7", "net": "2000.00", "tax": "150.00"}]
    more = {"externalNumber": "R-9", "supplyDate": "2026-11-18", "statedTaxes": wrong}
    invoice = await post(anna, (await rewrite(anna, "update", made, **more)).made)
    before = await told(anna, invoice)

    await followed(anna, order, "GOODS_RECEIPT")

    after = await told(anna, invoice)
    assert (before["paymentBlock"], after["paymentBlock"]) == ("QUANTITY 1, TAX 7%",) * 2
    martin = await anna.erp.sign_in("martin")
    released = await martin.do(
        "releasePayment",
        "supplierInvoice { id }",
        id=invoice["id"],
        expectedVersion=after["version"],
        reason="Steuer mit dem Lieferanten geklärt",
    )
    assert released.problems == []
    assert (await told(anna, invoice))["paymentBlock"] is None


async def test_the_corrected_draft_of_a_cancelled_invoice_states_the_same(anna: User):
    """The paper did not change; the counter document is ours and states nothing."""
    wrong = [{"rate": "7", "net": "2000.00", "tax": "150.00"}]
    invoice = await posted(anna, "SUPPLIER_INVOICE", statedTaxes=wrong)

    copy = (await verb(anna, "cancelAndCopyDocument", invoice, reason="falsch gebucht")).made

    seen = await told(anna, copy)
    assert (seen["statedTaxes"], [f["kind"] for f in seen["findings"]]) == (wrong, ["TAX"])


@pytest.mark.parametrize(
    ("stated", "code", "path"),
    [
        ([*STATED, *STATED], "LISTED_TWICE", ["1", "rate"]),
        ([{**STATED[0], "rate": "100.5"}], "PERCENT_OUT_OF_RANGE", ["0", "rate"]),
        ([{**STATED[0], "rate": "-7"}], "PERCENT_OUT_OF_RANGE", ["0", "rate"]),
        ([{**STATED[0], "net": "1.001"}], "TOO_PRECISE", ["0", "net"]),
        ([{**STATED[0], "tax": "9999999999999"}], "TOO_LARGE", ["0", "tax"]),
        ([{**STATED[0], "rate": str(n)} for n in range(21)], "TOO_MANY_RATES", []),
    ],
)
async def test_what_no_paper_states_is_refused(
    anna: User, stated: list[dict[str, str]], code: str, path: list[str]
):
    """Each rate once, percent from 0 to 100, cents, and no more rates than there are."""
    facts = await anna.input_of("SUPPLIER_INVOICE", lines=[wheat()], statedTaxes=stated)

    [problem] = (await anna.write("create", "SUPPLIER_INVOICE", **facts)).problems

    assert problem["code"] == code
    assert problem["path"] == ["input", "statedTaxes", *path]


CENTS = st.decimals(min_value=-(10**10), max_value=10**10, places=2)
FINDINGS = st.builds(
    TaxFinding,
    st.sampled_from(TaxDifference),
    st.decimals(min_value=0, max_value=100, places=4),
    CENTS,
    CENTS,
)


@given(st.lists(FINDINGS, max_size=4))
def test_findings_are_read_as_they_were_kept(findings: list[TaxFinding]):
    """Nothing of them is lost on the way into the database and back."""
    assert list(findings_from_text(findings_as_text(findings))) == findings
