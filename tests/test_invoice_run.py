"""The invoice run and the three-way match, through the public door."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.companies import found_without_approval
from tests.erp import COSTS, Erp, User

DOCUMENT = """document { __typename id version number net gross
  lines { id quantity net sourceNumber } }"""
PROPOSED = """query($until: Date!) { proposeInvoices(until: $until) {
  billToName rhythm net ids deliveries { supplyDate net document { number } } } }"""
UNBILLED = """query($on: Date, $first: Int! = 50, $after: String) {
  unbilledDeliveries(on: $on, first: $first, after: $after) {
    on nodes { net document { number } } totals { currency net documents }
    hasNextPage endCursor } }"""


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Erp:
    """A company that posts its drafts in one call."""
    return await found_without_approval(server, owner, http)


async def delivered(anna: User, farm: str, tonnes: str, on: str) -> dict[str, Any]:
    """Post a delivery of wheat at 200 EUR a tonne on a day."""
    line = {
        "description": "Weizen",
        "quantity": tonnes,
        "unit": "TONNE",
        "unitPrice": "200",
        "taxCategory": "S",
        "taxRate": "7",
    }
    made = await anna.do(
        "createDeliveryNote",
        "deliveryNote { id version }",
        soldTo=farm,
        issueDate=on,
        lines=[line],
    )
    delivery: dict[str, Any] = made.made
    await anna.post(delivery)
    return delivery


async def rhythm(erp: Erp, farm: str, rhythm: str) -> None:
    """Let a partner be billed in this rhythm."""
    await erp.owner.execute(
        "update partner set invoice_rhythm = $3 where tenant_id = $1 and id = $2::uuid",
        erp.tenant,
        farm.partition("_")[2],
        rhythm,
    )


async def proposed(anna: User, until: str) -> list[dict[str, Any]]:
    """Return the proposals up to a day."""
    groups: list[dict[str, Any]] = (await anna.ask(PROPOSED, until=until)).data["proposeInvoices"]
    return groups


async def test_a_week_is_billed_together_once_it_is_over(erp: Erp):
    """Monday and Thursday share an invoice from Sunday on, the next week waits."""
    anna = await erp.sign_in()
    farm = await anna.create_partner("Hof Lindenau")
    await rhythm(erp, farm, "WEEK")
    for day, tonnes in (("2026-11-02", "1"), ("2026-11-05", "2"), ("2026-11-09", "4")):
        await delivered(anna, farm, tonnes, day)

    before, after = await proposed(anna, "2026-11-07"), await proposed(anna, "2026-11-08")

    assert before == []
    [week] = after
    assert (week["billToName"], week["rhythm"], week["net"]) == ("Hof Lindenau", "WEEK", "600.00")
    assert [each["document"]["number"] for each in week["deliveries"]] == [
        "DL-2026-00001",
        "DL-2026-00002",
    ]


async def test_each_rhythm_groups_by_what_it_says(erp: Erp):
    """Per delivery two invoices, per month one; another payer never shares."""
    anna = await erp.sign_in()
    one, all_month = await anna.create_partner("Anders KG"), await anna.create_partner("Berg eG")
    await rhythm(erp, all_month, "MONTH")
    for day in ("2026-10-05", "2026-10-20"):
        for farm in (one, all_month):
            await delivered(anna, farm, "1", day)

    groups = await proposed(anna, "2026-10-31")

    assert [(g["billToName"], g["rhythm"], g["net"]) for g in groups] == [
        ("Anders KG", "DELIVERY", "200.00"),
        ("Anders KG", "DELIVERY", "200.00"),
        ("Berg eG", "MONTH", "400.00"),
    ]


async def test_the_proposal_becomes_drafts_and_is_then_empty(erp: Erp):
    """Each group one draft with the deliveries' numbers on its lines; posted, nothing is left."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()
    await rhythm(erp, farm, "MONTH")
    for day in ("2026-10-05", "2026-10-20"):
        await delivered(anna, farm, "1", day)
    groups = [{"ids": group["ids"]} for group in await proposed(anna, "2026-10-31")]

    answer = await anna.do(
        "createInvoices",
        "items { place document { id version ... on SalesInvoice { supplyDate supplyUntil } gross"
        " lines { sourceNumber } } problems { code } }",
        groups=groups,
        issueDate="2026-11-02",
    )

    [made] = answer.data["createInvoices"]["items"]
    assert made["problems"] == []
    draft = made["document"]
    assert (draft["supplyDate"], draft["supplyUntil"]) == ("2026-10-05", "2026-10-20")
    assert [line["sourceNumber"] for line in draft["lines"]] == ["DL-2026-00001", "DL-2026-00002"]
    assert draft["gross"] == "428.00"
    await anna.post(draft)
    assert await proposed(anna, "2026-10-31") == []
    await erp.check_books()


async def test_unbilled_deliveries_are_as_they_were_on_any_day(erp: Erp):
    """Delivered in October, billed in November: open at the end of October, gone afterwards."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()
    delivery = await delivered(anna, farm, "3", "2026-10-05")
    made = await anna.do("convertDocument", DOCUMENT, ids=[delivery["id"]], to="SALES_INVOICE")
    await anna.post(made.made)

    then = (await anna.ask(UNBILLED, on="2026-10-31")).data["unbilledDeliveries"]
    now = (await anna.ask(UNBILLED)).data["unbilledDeliveries"]

    assert then["nodes"] == [{"net": "600.00", "document": {"number": "DL-2026-00001"}}]
    assert then["totals"] == [{"currency": "EUR", "net": "600.00", "documents": 1}]
    assert (now["nodes"], now["totals"], now["hasNextPage"]) == ([], [], False)


async def test_unbilled_deliveries_come_in_pages(erp: Erp):
    """Two pages of one, oldest first, and a cursor of another list is refused."""
    anna = await erp.sign_in()
    farm = await anna.create_partner()
    for day in ("2026-10-05", "2026-10-20"):
        await delivered(anna, farm, "1", day)

    first = (await anna.ask(UNBILLED, first=1)).data["unbilledDeliveries"]
    second = (await anna.ask(UNBILLED, first=1, after=first["endCursor"])).data[
        "unbilledDeliveries"
    ]

    numbers = [page["nodes"][0]["document"]["number"] for page in (first, second)]
    assert numbers == ["DL-2026-00001", "DL-2026-00002"]
    assert (first["hasNextPage"], second["hasNextPage"]) == (True, False)
    assert (await anna.ask(UNBILLED, after="x")).error_codes != []


async def ordered(anna: User, supplier: str, pieces: str, price: str) -> dict[str, Any]:
    """Post a purchase order."""
    line = {
        "description": "Saatgut",
        "quantity": pieces,
        "unit": "PIECE",
        "unitPrice": price,
        "taxCategory": "S",
        "taxRate": "7",
    }
    made = await anna.do(
        "createPurchaseOrder",
        "purchaseOrder { id version lines { id } }",
        supplier=supplier,
        lines=[line],
    )
    order: dict[str, Any] = made.made
    await anna.post(order)
    return order


async def received(anna: User, order: dict[str, Any], pieces: str) -> dict[str, Any]:
    """Post a receipt of some pieces of an order."""
    made = await anna.do(
        "convertDocument",
        DOCUMENT,
        ids=[order["id"]],
        to="GOODS_RECEIPT",
        lines=[{"lineId": order["lines"][0]["id"], "quantity": pieces}],
    )
    receipt: dict[str, Any] = made.made
    await anna.post(receipt)
    return receipt


async def billed(
    anna: User, supplier: str, source: str, pieces: str, price: str, number: str = "R-1"
) -> dict[str, Any]:
    """Post a supplier's invoice of pieces at a price, about a line."""
    line = {
        "description": "Saatgut",
        "quantity": pieces,
        "unit": "PIECE",
        "unitPrice": price,
        "taxCategory": "S",
        "taxRate": "7",
        "sourceLineId": source,
        **COSTS,
    }
    made = await anna.do(
        "createSupplierInvoice",
        "supplierInvoice { id version }",
        supplier=supplier,
        externalNumber=number,
        supplyDate="2026-11-20",
        lines=[line],
    )
    invoice: dict[str, Any] = made.made
    await anna.post(invoice)
    return invoice


MATCH = """query($id: ID!) { document(id: $id) { version ... on SupplierInvoice { paymentBlock
  matchFindings { position deviation expected found isBlocking } } } }"""


async def test_an_invoice_that_matches_order_and_receipt_may_be_paid(erp: Erp):
    """Ten ordered, ten received, ten billed at the agreed price: no finding."""
    anna = await erp.sign_in()
    supplier = await anna.create_partner()
    order = await ordered(anna, supplier, "10", "5")
    await received(anna, order, "10")
    invoice = await billed(anna, supplier, order["lines"][0]["id"], "10", "5")

    seen = (await anna.ask(MATCH, id=invoice["id"])).data["document"]

    assert (seen["paymentBlock"], seen["matchFindings"]) == (None, [])


async def test_more_billed_than_received_blocks_the_payment_until_the_rest_arrives(erp: Erp):
    """Posting is never refused; the last four pieces lift the block by themselves."""
    anna = await erp.sign_in()
    supplier = await anna.create_partner()
    order = await ordered(anna, supplier, "10", "5")
    await received(anna, order, "6")
    invoice = await billed(anna, supplier, order["lines"][0]["id"], "10", "5")

    blocked = (await anna.ask(MATCH, id=invoice["id"])).data["document"]
    await received(anna, order, "4")
    released = (await anna.ask(MATCH, id=invoice["id"])).data["document"]

    assert blocked["paymentBlock"] == "QUANTITY 1"
    assert blocked["matchFindings"] == [
        {
            "position": 1,
            "deviation": "QUANTITY",
            "expected": "6",
            "found": "10",
            "isBlocking": True,
        }
    ]
    assert (released["paymentBlock"], released["matchFindings"]) == (None, [])
    assert (await erp.journal_types(invoice["id"]))[-1] == "SupplierInvoicePaymentReleased"
    await erp.check_books()


async def test_a_dearer_price_is_released_by_somebody_else_than_the_author(erp: Erp):
    """Anna wrote it, so Martin lifts the block; a cheaper price would not have blocked."""
    anna, martin = await erp.sign_in(), await erp.sign_in("martin")
    supplier = await anna.create_partner()
    order = await ordered(anna, supplier, "20", "5")
    await received(anna, order, "20")
    source = order["lines"][0]["id"]
    dear = await billed(anna, supplier, source, "10", "5.10", "R-1")
    cheap = await billed(anna, supplier, source, "10", "4.90", "R-2")
    shown = "supplierInvoice { version paymentBlock }"

    refused = await anna.do(
        "releasePayment", shown, id=dear["id"], expectedVersion=dear["version"], reason="passt"
    )
    done = await martin.do(
        "releasePayment", shown, id=dear["id"], expectedVersion=dear["version"], reason="passt"
    )

    assert refused.problem_codes == ["FOUR_EYES_VIOLATION"]
    assert done.made["paymentBlock"] is None
    assert (await anna.ask(MATCH, id=cheap["id"])).data["document"]["paymentBlock"] is None


async def test_many_are_posted_at_once_or_none_is(erp: Erp):
    """All or nothing leaves no trace; skipping posts the others with numbers in a row."""
    anna = await erp.sign_in()
    good = [await anna.create_invoice() for _ in range(3)]
    bad = await anna.create_invoice(supplyDate=None)
    ids = [good[0]["id"], bad["id"], good[1]["id"], good[2]["id"]]
    shown = "items { place document { number } problems { code } }"
    before = await erp.state_of_database()

    nothing = await anna.do("postDocuments", shown, ids=ids, errorPolicy="ALL_OR_NOTHING")
    untouched = await erp.state_of_database() == before
    some = await anna.do(
        "postDocuments", shown, ids=ids, errorPolicy="SKIP_FAILED", idempotencyKey="k"
    )
    again = await anna.do(
        "postDocuments", shown, ids=ids, errorPolicy="SKIP_FAILED", idempotencyKey="k"
    )

    refused = [each["problems"][0]["code"] for each in nothing.data["postDocuments"]["items"]]
    assert refused == [
        "NOT_DONE_WITH_OTHERS",
        "SUPPLY_DATE_MISSING",
        "NOT_DONE_WITH_OTHERS",
        "NOT_DONE_WITH_OTHERS",
    ]
    assert untouched
    numbers = [
        each["document"] and each["document"]["number"]
        for each in some.data["postDocuments"]["items"]
    ]
    assert numbers == ["INV-2026-00001", None, "INV-2026-00002", "INV-2026-00003"]
    assert again.data == some.data
    await erp.check_books()


WAITING = """query($until: Date!, $of: ID) { waitingDeliveries(until: $until, billTo: $of) {
  billToName rhythm billedFrom currency net ids billTo { id } } }"""


async def test_what_a_rhythm_leaves_out_of_a_run_says_from_which_day_on_it_is_billed(erp: Erp):
    """Month and week wait for their last day; who is billed per delivery never waits."""
    anna = await erp.sign_in()
    farms = [await anna.create_partner(name) for name in ("Anders KG", "Berg eG", "Claas")]
    for farm, each in zip(farms, ("MONTH", "WEEK", "DELIVERY"), strict=True):
        await rhythm(erp, farm, each)
    made = [await delivered(anna, farm, "1", "2026-11-03") for farm in farms]
    shown = ("billToName", "rhythm", "billedFrom", "net", "ids")

    async def waiting(until: str, of: str | None = None) -> list[tuple[Any, ...]]:
        groups = (await anna.ask(WAITING, until=until, of=of)).data["waitingDeliveries"]
        return [tuple(group[name] for name in shown) for group in groups]

    month = ("Anders KG", "MONTH", "2026-11-30", "200.00", [made[0]["id"]])
    week = ("Berg eG", "WEEK", "2026-11-08", "200.00", [made[1]["id"]])
    assert await waiting("2026-11-07") == [month, week]
    assert await waiting("2026-11-07", farms[1]) == [week]
    assert await waiting("2026-11-08") == [month]
    assert await waiting("2026-11-30") == []
    assert await waiting("2026-11-02") == []
    [billed_now] = await proposed(anna, "2026-11-07")
    assert billed_now["billToName"] == "Claas"
