"""What tests of payments share: invoices to pay, payments, and how to look at both."""

from decimal import Decimal
from typing import Any

from tests.erp import COSTS, Answer, User

OPEN = """query($id: ID!) { document(id: $id) { number state version
  ... on SalesInvoice { openAmount paidAmount discountTaken isPaid isOverdue }
  ... on SalesCreditNote { openAmount paidAmount discountTaken isPaid isOverdue }
  ... on SupplierInvoice { openAmount paidAmount discountTaken isPaid isOverdue }
  ... on IncomingPayment { openAmount paidAmount isPaid isOverdue }
  ... on OutgoingPayment { openAmount paidAmount isPaid isOverdue } } }"""

ALLOCATIONS = """query($id: ID!) { document(id: $id) {
  ... on SalesInvoice { allocations { ...all } } ... on IncomingPayment { allocations { ...all } }
  ... on SalesCreditNote { allocations { ...all } } } }
  fragment all on Allocation { id counterpartId counterpart { id number } isSource amount discount
    discountNet discountTax isUndone undoReason allocator { name } undoer { name } }"""


async def posted_invoice(user: User, partner: str, gross: str = "119.00", **more: Any) -> str:
    """Post an invoice at 19 % over an amount that 119 divides, and return its id."""
    net = Decimal(gross) * 100 / 119
    line = {
        "description": "Saatgut",
        "quantity": "1",
        "unit": "PIECE",
        "unitPrice": f"{net:f}",
        "taxCategory": "S",
        "taxRate": "19",
    }
    draft = await user.create_invoice(soldTo=partner, lines=[line], **more)
    assert draft["gross"] == gross
    return await posted(user, draft)


async def posted(user: User, draft: dict[str, Any]) -> str:
    """Post a draft and return its id."""
    assert (await user.post(draft, acceptOlderDate=True)).problems == []
    id: str = draft["id"]
    return id


async def credit_note(user: User, partner: str, net: str = "50") -> str:
    """Post a credit note at 19 % and return its id."""
    line = {
        "description": "Bonus",
        "quantity": "1",
        "unit": "PIECE",
        "unitPrice": net,
        "taxCategory": "S",
        "taxRate": "19",
    }
    answer = await user.do(
        "createSalesCreditNote",
        "salesCreditNote { id version }",
        soldTo=partner,
        supplyDate="2026-11-18",
        lines=[line],
    )
    return await posted(user, answer.made)


async def payment(user: User, partner: str, amount: str, **more: Any) -> str:
    """Post money that came in and return the id of the payment."""
    return await posted(user, await payment_draft(user, partner, amount, **more))


async def paid_in_full(user: User, partner: str, invoice: str, gross: str) -> None:
    """Let a customer pay an invoice."""
    paid = await payment(user, partner, gross)
    assert (await allocate(user, paid, pays(invoice, gross))).problems == []


async def payment_draft(user: User, partner: str, amount: str, **more: Any) -> dict[str, Any]:
    """Write down money that came in."""
    facts = {"issueDate": "2026-11-20", "method": "BANK_TRANSFER", **more}
    answer = await user.do(
        "createIncomingPayment",
        "incomingPayment { id version state amount gross net tax method bankReference }",
        billTo=partner,
        amount=amount,
        **facts,
    )
    made: dict[str, Any] = answer.made
    return made


async def supplier_invoice(user: User, partner: str, net: str, number: str = "R-1") -> str:
    """Post an invoice of a supplier at 19 % and return its id."""
    line = {
        "description": "Dünger",
        "quantity": "1",
        "unit": "PIECE",
        "unitPrice": net,
        "taxCategory": "S",
        "taxRate": "19",
        **COSTS,
    }
    answer = await user.do(
        "createSupplierInvoice",
        "supplierInvoice { id version }",
        supplier=partner,
        externalNumber=number,
        supplyDate="2026-11-18",
        lines=[line],
    )
    return await posted(user, answer.made)


def pays(document: str, amount: str, **more: Any) -> dict[str, Any]:
    """Return an allocation to ask for."""
    return {"documentId": document, "amount": amount, **more}


async def allocate(user: User, payment: str, *asked: dict[str, Any], **more: Any) -> Answer:
    """Allocate a payment."""
    return await user.do(
        "allocatePayment", "payment { id }", paymentId=payment, allocations=list(asked), **more
    )


async def settle(user: User, credit: str, *asked: dict[str, Any], **more: Any) -> Answer:
    """Settle documents by something that is owed the other way."""
    return await user.do(
        "settleDocuments", "credit { id }", creditId=credit, allocations=list(asked), **more
    )


async def open_amounts(user: User, *documents: str) -> list[str]:
    """Return what is open of each."""
    return [(await seen(user, each))["openAmount"] for each in documents]


async def seen(user: User, document: str) -> dict[str, Any]:
    """Return number, state and what is open of a document."""
    found: dict[str, Any] = (await user.ask(OPEN, id=document)).data["document"]
    return found


async def allocations(user: User, document: str) -> list[dict[str, Any]]:
    """Return the allocations of a document."""
    found: list[dict[str, Any]] = (await user.ask(ALLOCATIONS, id=document)).data["document"][
        "allocations"
    ]
    return found


async def live_through_payments(user: User) -> str:
    """Do all there is to do with payments, so that every table has a row; return an allocation."""
    partner = await user.create_partner("Hof Zahlung")
    invoice = await supplier_invoice(user, partner, "100", "Z-1")
    line = {
        "description": "Rückware",
        "quantity": "1",
        "unit": "PIECE",
        "unitPrice": "50",
        "taxCategory": "S",
        "taxRate": "19",
        **COSTS,
    }
    made = await user.do(
        "createSupplierCreditNote",
        "supplierCreditNote { id version }",
        supplier=partner,
        externalNumber="Z-2",
        supplyDate="2026-11-18",
        lines=[line],
    )
    credit = await posted(user, made.made)
    draft = await payment_draft(user, partner, "20")
    changed = await user.do(
        "updateIncomingPayment",
        "incomingPayment { id version }",
        id=draft["id"],
        expectedVersion=1,
        billTo=partner,
        amount="30",
        method="CHEQUE",
        bankReference="Erstattung Z-2",
    )
    paid = await posted(user, changed.made)
    gone = {"supplier": partner, "amount": "5", "method": "CASH"}
    out = await user.do("createOutgoingPayment", "outgoingPayment { id version }", **gone)
    await user.do(
        "updateOutgoingPayment",
        "outgoingPayment { id }",
        id=out.made["id"],
        expectedVersion=1,
        **gone,
    )
    assert (await settle(user, credit, pays(invoice, "10"))).problems == []
    for _ in range(2):
        assert (await allocate(user, paid, pays(credit, "20"))).problems == []
        found = await allocations(user, paid)
        if len(found) == 1:
            undone = await user.do(
                "undoAllocation", "document { id }", id=found[0]["id"], reason="Zahlendreher"
            )
            assert undone.problems == []
    id: str = found[-1]["id"]
    return id
