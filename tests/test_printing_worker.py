"""Posting prints every kind that we write, and printDocument prints on demand: through GraphQL."""

import asyncio
import io
import time
import uuid
from typing import Any

import pypdf
import pytest

from domain.documents.kinds import KINDS
from tests.companies import found_without_approval
from tests.erp import FARMER, Erp, User
from tests.test_texts import set_text

PRINTING_SECONDS_MAX = 30
PRINTOUTS = """query($id: ID!) { document(id: $id) { version revision
  printouts { language documentVersion fileName download { url } } } }"""
PRINT = """mutation($input: PrintDocumentInput!) {
  printDocument(input: $input) { document { id } problems { code } } }"""
LINES = [
    {"description": "Saatweizen", "quantity": "12.5", "unit": "TONNE", "unitPrice": "486",
     "taxCategory": "S", "taxRate": "7", "discountPercent": "2.5"},
    {"description": "Kalk", "quantity": "24", "unit": "TONNE", "unitPrice": "41.9",
     "taxCategory": "S", "taxRate": "19"},
]  # fmt: skip


@pytest.fixture
async def shop(server, worker, owner, http) -> Erp:
    """A company that posts drafts in one call, with a worker."""
    return await found_without_approval(server, owner, http)


async def create(user: User, kind: str, **more: Any) -> dict[str, Any]:
    """Create a draft of a kind."""
    name = KINDS[kind].event
    answer = await user.do(
        f"create{name}", f"{name[0].lower()}{name[1:]} {{ id version }}", lines=LINES, **more
    )
    made: dict[str, Any] = answer.made
    return made


async def converted(
    user: User, source: dict[str, Any], to: str, lines: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Make the next document of a chain, and post it; a correction gets its day of supply."""
    answer = await user.do(
        "convertDocument", "document { id version }", ids=[source["id"]], to=to, lines=lines
    )
    new: dict[str, Any] = answer.made
    if to == "SALES_CREDIT_NOTE":
        await _dated(user, new)
    assert (await user.post(new)).problems == []
    return new


async def _dated(user: User, note: dict[str, Any]) -> None:
    shown = "lines { id description quantity unit unitPrice taxCategory taxRate }"
    asked = f"query($id: ID!) {{ document(id: $id) {{ partner {{ id }} {shown} }} }}"
    found = (await user.ask(asked, id=note["id"])).data["document"]
    answer = await user.do(
        "updateSalesCreditNote",
        "salesCreditNote { id version }",
        id=note["id"],
        expectedVersion=note["version"],
        soldTo=found["partner"]["id"],
        supplyDate="2026-11-20",
        lines=found["lines"],
    )
    note.update(answer.made)


async def print_in(user: User, document: dict[str, Any], language: str) -> None:
    """Ask for a print in a language."""
    input = {"id": document["id"], "language": language, "idempotencyKey": str(uuid.uuid4())}
    answer = await user.ask(PRINT, input=input)
    assert answer.problems == []


async def printed(user: User, document: dict[str, Any], count: int = 1) -> list[tuple[str, ...]]:
    """Return (language, file name, text) of the printouts, as soon as there are `count`."""
    deadline = time.monotonic() + PRINTING_SECONDS_MAX
    while True:
        found = (await user.ask(PRINTOUTS, id=document["id"])).data["document"]["printouts"]
        if len(found) >= count:
            break
        assert time.monotonic() < deadline, f"{len(found)} printouts of {document}"
        await asyncio.sleep(0.2)
    return [
        (each["language"], each["fileName"], await _text(user, each["download"]["url"]))
        for each in found
    ]


async def _text(user: User, url: str) -> str:
    async with user.erp.http.get(user.erp.server.url + url) as file:
        pages = pypdf.PdfReader(io.BytesIO(await file.read())).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split()).replace(
            "\u00a0", " "
        )


async def test_the_whole_sales_chain_is_printed(shop: Erp):
    """Offer, order, delivery, invoice, return, correction; each names what it came from."""
    anna = await shop.sign_in()
    customer = await anna.create_partner(vatId="DE136695976")
    offer = await create(anna, "SALES_OFFER", soldTo=customer, validUntil="2026-12-31")
    await anna.post(offer)
    chain = [offer]
    for kind in ("SALES_ORDER", "DELIVERY_NOTE", "SALES_INVOICE", "CUSTOMER_RETURN"):
        chain.append(await converted(anna, chain[-1], kind))
    correction = await converted(anna, chain[-1], "SALES_CREDIT_NOTE")

    prints = [(await printed(anna, each))[0] for each in [*chain, correction]]

    assert [name for _, name, _ in prints] == [
        "Angebot-ANG-2026-00001.pdf",
        "Auftragsbestätigung-SO-2026-00001.pdf",
        "Lieferschein-DL-2026-00001.pdf",
        "Rechnung-INV-2026-00001.pdf",
        "Rückgabeschein-KR-2026-00001.pdf",
        "Rechnungskorrektur-RK-2026-00001.pdf",
    ]
    order, delivery, invoice, returned, corrected = (text for _, _, text in prints[1:])
    assert "ANG-2026-00001 vom" in order
    assert "SO-2026-00001 vom" in delivery
    assert "€" not in delivery + returned
    assert "DL-2026-00001 vom" in invoice
    assert "Berichtigt wird: Rechnung INV-2026-00001 vom" in corrected
    assert "gutschrift" not in corrected.lower()
    await shop.check_books()


async def test_a_correction_of_returned_deliveries_names_their_invoice(shop: Erp):
    """The return came from the delivery note, the invoice stands beside it in the chain."""
    anna = await shop.sign_in()
    customer = await anna.create_partner(vatId="DE136695976")
    note = await create(anna, "DELIVERY_NOTE", soldTo=customer)
    await anna.post(note)
    first, second = LINES
    lines = (
        await anna.ask("query($id: ID!) { document(id: $id) { lines { id } } }", id=note["id"])
    ).data["document"]["lines"]
    seed = lines[0]["id"]
    await converted(anna, note, "SALES_INVOICE")
    back = await converted(anna, note, "CUSTOMER_RETURN", [{"lineId": seed, "quantity": "2"}])
    correction = await converted(anna, back, "SALES_CREDIT_NOTE")

    [(_, _, text)] = await printed(anna, correction)

    assert "Berichtigt wird: Rechnung INV-2026-00001 vom" in text
    assert (first["description"] in text, second["description"] in text) == (True, False)


async def test_the_purchase_chain_is_printed_and_the_receipt_only_on_demand(shop: Erp):
    """Inquiry, order and the account of the harvest by posting; the receipt slip when asked."""
    anna = await shop.sign_in()
    numbered = {**FARMER, "taxNumber": "18/123/45678"}
    farmer = await anna.create_partner("Hinnerk Thomsen", **numbered)
    order = await create(anna, "PURCHASE_ORDER", supplier=farmer)
    await anna.post(order)
    receipt = await converted(anna, order, "GOODS_RECEIPT")
    account = await converted(anna, receipt, "SELF_BILLED_INVOICE")

    [(_, name, text)] = await printed(anna, account)
    assert name == "Gutschrift-GS-2026-00001.pdf"
    assert "Ihre Steuernummer 18/123/45678" in text
    assert (await anna.ask(PRINTOUTS, id=receipt["id"])).data["document"]["printouts"] == []

    await print_in(anna, receipt, "EN")

    [(language, name, text)] = await printed(anna, receipt)
    assert (language, name) == ("EN", "Goods-receipt-GR-2026-00001.pdf")
    assert "€" not in text
    assert (await shop.journal_types(receipt["id"]))[-2:] == [
        "GoodsReceiptPrintRequested",
        "GoodsReceiptPrinted",
    ]
    await shop.check_books()


async def test_a_cancellation_is_printed_with_its_original(shop: Erp):
    """Stornorechnung, number and date of the original, and why."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice()
    await anna.post(invoice)
    answer = await anna.do(
        "cancelDocument",
        "document { id }",
        id=invoice["id"],
        expectedVersion=invoice["version"],
        reason="falscher Preis",
    )

    [(_, name, text)] = await printed(anna, answer.made)

    assert name == "Stornorechnung-INV-2026-00002.pdf"
    assert "Storno zu Rechnung INV-2026-00001 vom 20.11.2026" in text
    assert "Grund: falscher Preis" in text


async def test_an_amended_offer_is_printed_again_as_its_second_revision(shop: Erp):
    """The first print stays; texts of the company are used, the other language comes on demand."""
    anna = await shop.sign_in()
    text = {"place": "OPENING", "text": "Moin, unser Angebot {number}:"}
    assert (await set_text(anna, **text)).problems == []
    customer = await anna.create_partner()
    offer = await create(anna, "SALES_OFFER", soldTo=customer)
    await anna.post(offer)
    [(_, _, first)] = await printed(anna, offer)
    answer = await anna.do(
        "amendSalesOffer",
        "salesOffer { id version }",
        id=offer["id"],
        expectedVersion=offer["version"],
        soldTo=customer,
        lines=LINES[:1],
        reason="Kalk entfällt",
    )
    assert answer.problems == []
    await printed(anna, offer, 2)
    await print_in(anna, offer, "EN")

    prints = await printed(anna, offer, 3)

    assert [(language, name) for language, name, _ in prints] == [
        ("DE", "Angebot-ANG-2026-00001.pdf"),
        ("DE", "Angebot-ANG-2026-00001-Fassung-2.pdf"),
        ("EN", "Offer-ANG-2026-00001-Revision-2.pdf"),
    ]
    assert "Moin, unser Angebot ANG-2026-00001:" in first
    assert ("Kalk" in first, "Kalk" in prints[1][2]) == (True, False)
    assert "Fassung 2" in prints[1][2]


async def test_printing_again_what_is_printed_makes_no_second_file(shop: Erp):
    """A version is printed once per language; asking again is harmless."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice()
    await anna.post(invoice)
    await printed(anna, invoice)
    await print_in(anna, invoice, "DE")
    await print_in(anna, invoice, "EN")

    prints = await printed(anna, invoice, 2)

    assert [language for language, _, _ in prints] == ["DE", "EN"]
