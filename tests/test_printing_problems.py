"""A print that cannot be made says why on its document; posting prints in the payer's language."""

from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from typing import Any

import pytest

import web.worker
from persistence.jobs import ATTEMPTS_MAX, PRINT_DOCUMENT, Job
from tests.companies import actor_of, found_without_approval
from tests.erp import Erp, User
from tests.test_printing_worker import LINES, create, printed
from web.printing.render import PrintingUnavailable
from web.worker import Jobs

PROBLEMS = """query($id: ID!) { document(id: $id) { version
  printouts { language } printProblems { code language documentVersion missing failedAt } } }"""


class Press:
    """Processes of a worker that make the same file of everything, or fail with an error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def run(self, *_work: Any) -> bytes:
        if self.error:
            raise self.error
        return b"%PDF-1.7 a letter"


@pytest.fixture
async def shop(server, owner, http) -> Erp:
    """A company that posts drafts in one call; no worker prints for it."""
    return await found_without_approval(server, owner, http)


async def work_at(shop: Erp, document: str, attempt: int = 0, error: Exception | None = None):
    """Try once to print a document, as the worker does."""
    actor = actor_of(shop)
    job = Job(PRINT_DOCUMENT, str(actor.tenant), document.partition("_")[2], str(actor.user), "de")
    await Jobs(shop.server.state, Press(error)).print_document(job, attempt)  # type: ignore[arg-type]


async def problems_of(user: User, document: str) -> list[tuple[Any, ...]]:
    """Return (code, language, version, missing) of what kept it from being printed."""
    found = (await user.ask(PROBLEMS, id=document)).data["document"]
    names = ("code", "language", "documentVersion", "missing")
    return [tuple(each[name] for name in names) for each in found["printProblems"]]


async def a_partner_abroad(user: User, name: str) -> str:
    """Create a partner that reads English."""
    address = {"street": "Dijk 1", "postcode": "9731", "city": "Wedde", "country": "NL"}
    answer = await user.ask(
        "mutation($input: CreatePartnerInput!) { createPartner(input: $input)"
        " { partner { id } problems { code message path } } }",
        input={**address, "name": name, "language": "EN", "idempotencyKey": name},
    )
    id: str = answer.data["createPartner"]["partner"]["id"]
    return id


async def a_posted_invoice(user: User) -> dict[str, Any]:
    invoice: dict[str, Any] = await user.create_invoice()
    assert (await user.post(invoice)).problems == []
    return invoice


async def test_what_a_document_lacks_is_told_at_once_and_forgotten_when_it_is_printed(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """No second try would bring it, so nobody waits for five; a print that works ends it."""
    anna = await shop.sign_in()
    invoice = await a_posted_invoice(anna)
    before = datetime.now(UTC)
    with monkeypatch.context() as patch:
        patch.setattr(web.worker, "missing_contents", lambda says: ("supply", "number"))
        await work_at(shop, invoice["id"])

    found = (await anna.ask(PROBLEMS, id=invoice["id"])).data["document"]
    assert found["printouts"] == []
    assert await problems_of(anna, invoice["id"]) == [
        ("CONTENTS_MISSING", "DE", found["version"], "supply, number")
    ]
    assert datetime.fromisoformat(found["printProblems"][0]["failedAt"]) >= before

    await work_at(shop, invoice["id"])

    found = (await anna.ask(PROBLEMS, id=invoice["id"])).data["document"]
    assert (found["printouts"], found["printProblems"]) == ([{"language": "DE"}], [])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PrintingUnavailable(OSError("no pango")), "PRINTER_MISSING"),
        (TimeoutError(), "TOO_LARGE"),
        (BrokenProcessPool("killed"), "TOO_LARGE"),
        (RuntimeError("a bug"), "INTERNAL"),
    ],
)
async def test_every_other_failure_is_told_after_the_last_try(
    shop: Erp, error: Exception, code: str
):
    """As long as it is tried again there is hope; the error goes on to the queue each time."""
    anna = await shop.sign_in()
    invoice = await a_posted_invoice(anna)

    with pytest.raises(type(error)):
        await work_at(shop, invoice["id"], ATTEMPTS_MAX - 1, error)
    assert await problems_of(anna, invoice["id"]) == []
    with pytest.raises(type(error)):
        await work_at(shop, invoice["id"], ATTEMPTS_MAX, error)

    [(said, _, _, missing)] = await problems_of(anna, invoice["id"])
    assert (said, missing) == (code, "")


async def test_nobody_sees_why_prints_of_another_company_failed(shop: Erp, server, owner, http):
    """The document is not found, and so is what kept it from being printed."""
    anna = await shop.sign_in()
    invoice = await a_posted_invoice(anna)
    with pytest.raises(TimeoutError):
        await work_at(shop, invoice["id"], ATTEMPTS_MAX, TimeoutError())
    stranger = await (await found_without_approval(server, owner, http)).sign_in()

    answer = await stranger.ask(PROBLEMS, id=invoice["id"])

    assert answer.data["document"] is None


async def test_posting_prints_in_the_language_of_payer_and_supplier(server, worker, owner, http):
    """German stays what a German reads; texts before and after the lines go with the language."""
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    buyer = await a_partner_abroad(anna, "Hof Jansen")
    supplier = await a_partner_abroad(anna, "Zaden BV")
    german = await anna.create_partner("Hof Petersen")
    offer = await create(anna, "SALES_OFFER", soldTo=buyer, validUntil="2026-12-31")
    order = await create(anna, "PURCHASE_ORDER", supplier=supplier)
    delivered = await create(anna, "DELIVERY_NOTE", soldTo=german, billTo=buyer)
    ours = await create(anna, "DELIVERY_NOTE", soldTo=german)
    for document in (offer, order, delivered):
        assert (await anna.post(document)).problems == []
    bulk = await anna.do("postDocuments", "items { problems { code } }", ids=[ours["id"]])
    assert bulk.data["postDocuments"]["items"] == [{"problems": []}]

    prints = [(await printed(anna, each))[0] for each in (offer, order, delivered, ours)]

    assert [language for language, _, _ in prints] == ["EN", "EN", "EN", "DE"]
    assert "Thank you for your inquiry. We are pleased to offer:" in prints[0][2]
    assert "We order from you:" in prints[1][2]
    assert "Wir liefern Ihnen:" in prints[3][2]


async def test_a_prepayment_invoice_is_printed_without_a_day_of_supply(server, worker, owner, http):
    """It was posted and never printed once; it says now that its supply is still to come."""
    shop = await found_without_approval(server, owner, http)
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice = await create(
        anna, "SALES_INVOICE", soldTo=customer, invoiceType="PREPAYMENT", supplyDate=None
    )
    assert (await anna.post(invoice)).problems == []

    [(_, name, text)] = await printed(anna, invoice)

    assert name == "Anzahlungsrechnung-INV-2026-00001.pdf"
    assert "geht der Lieferung oder Leistung voraus; sie ist noch nicht ausgeführt" in text
    assert len(LINES) == 2
