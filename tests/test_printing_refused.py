"""What printDocument refuses, and who may ask for it."""

from tests.companies import found_without_approval
from tests.erp import Erp
from tests.refused import unchanged


async def test_a_draft_is_not_printed(erp: Erp):
    """It has no number yet, and nothing is left behind."""
    anna = await erp.sign_in()
    invoice = await anna.create_invoice()

    async with unchanged(erp):
        answer = await anna.do("printDocument", "document { id }", id=invoice["id"])

    assert answer.problem_codes == ["TRANSITION_NOT_ALLOWED"]


async def test_a_suppliers_invoice_is_not_printed(server, owner, http):
    """It is kept as it came."""
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    supplier = await anna.create_partner()
    line = {
        "description": "Diesel",
        "quantity": "1000",
        "unit": "LITRE",
        "unitPrice": "1.2",
        "taxCategory": "S",
        "taxRate": "19",
    }
    invoice = (
        await anna.do(
            "createSupplierInvoice",
            "supplierInvoice { id version availableActions { action } }",
            supplier=supplier,
            externalNumber="R-1",
            supplyDate="2026-11-20",
            lines=[line],
        )
    ).made
    assert "PRINT" not in {each["action"] for each in invoice["availableActions"]}
    await anna.post(invoice)

    async with unchanged(shop):
        answer = await anna.do("printDocument", "document { id }", id=invoice["id"])

    assert answer.problem_codes == ["TRANSITION_NOT_ALLOWED"]


async def test_whoever_may_not_print_is_refused(erp: Erp):
    """The scope docs:print opens it, and availableActions says so beforehand."""
    anna = await erp.sign_in()
    auditor = await erp.sign_in("audit", roles=("auditor",))
    invoice = await anna.create_invoice()

    answer = await auditor.do("printDocument", "document { id }", id=invoice["id"])

    assert answer.error_codes == ["FORBIDDEN"]
