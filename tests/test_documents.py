"""The life of an invoice, through the public door."""

from tests.erp import Erp


async def test_an_invoice_goes_from_draft_to_posted_and_gets_the_first_number(erp: Erp):
    """Author, approver and accountant each do their part; the number comes last and is gapless."""
    olga = await erp.sign_in("olga", roles=("operator",))
    martin = await erp.sign_in("martin", roles=("manager",))
    anke = await erp.sign_in("anke", roles=("accountant",))

    invoice = await olga.create_invoice()
    assert (invoice["state"], invoice["net"], invoice["gross"]) == ("DRAFT", "100.00", "119.00")
    await olga.submit(invoice)
    assert invoice["state"] == "PENDING"
    await martin.approve(invoice)
    assert (invoice["state"], invoice["number"]) == ("APPROVED", None)
    await anke.post(invoice)

    assert (invoice["state"], invoice["number"]) == ("POSTED", "INV-2026-00001")
    assert await erp.journal_types(invoice["id"]) == [
        "SalesInvoiceCreated",
        "SalesInvoiceSubmitted",
        "SalesInvoiceApproved",
        "SalesInvoicePosted",
    ]
