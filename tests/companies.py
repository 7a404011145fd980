"""Companies that already did something, for tests about what is kept."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg

from domain.documents.kinds import Action, ApprovalMode
from domain.identity import ADMIN, Actor, Language
from domain.printing.failures import PrintFailed, PrintFailure
from persistence.database import Database
from persistence.einvoice import read_einvoice
from persistence.identity import user_id
from persistence.inbox import facts_of
from persistence.unit_of_work import Services, UnitOfWork, unit_of_work
from tests.erp import Erp, User
from tests.importing import imported, table
from tests.paying import live_through_payments, paid_in_full
from web.development import ISSUER

SAMPLES = Path(__file__).parent / "samples"


async def found_without_approval(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Erp:
    """Found a company that posts its drafts in one call."""
    return await Erp.found(server, owner, http, ApprovalMode.NONE)


def database_of(company: Erp) -> Database:
    """Return the server's database."""
    database: Database = company.server.state.database
    return database


def actor_of(company: Erp, name: str = "anna") -> Actor:
    """Return the actor that the server makes of a user's token."""
    user = user_id(ISSUER, f"{name}@{company.tenant}")
    return Actor(company.tenant, user, frozenset({ADMIN}), ("admin",))


def quiet_services(at: datetime | None = None) -> Services:
    """Return services that tell nobody; the clock stands at `at` if one is given."""
    return Services(lambda: at or datetime.now(UTC), uuid4, lambda tenant, position, has_jobs: None)


def work_of(company: Erp, database: Database | None = None) -> Any:
    """Open a unit of work of this company's administrator, as the worker does."""
    return unit_of_work(database or database_of(company), actor_of(company), quiet_services())


async def read_item(company: Erp, item: str, content: bytes) -> None:
    """Read an inbox item as the worker does."""
    work: UnitOfWork
    async with work_of(company) as work:
        found = await work.inbox.locked(UUID(item.partition("_")[2]))
        found.read(facts_of(read_einvoice(content)), at=work.now)


async def print_document(company: Erp, document: str) -> None:
    """Keep a printout as the worker does, without making a PDF."""
    work: UnitOfWork
    async with work_of(company) as work:
        found = await work.documents.locked(UUID(document.partition("_")[2]), None, Action.PRINT)
        hash = await work.blobs.keep(b"%PDF-1.7 a letter")
        await work.printouts.add(found, Language.DE, ("Rechnung.pdf", hash, 17))
        found.printed(language=Language.DE, file_hash=hash)


async def fail_to_print(company: Erp, document: str) -> None:
    """Keep why a document could not be printed, as the worker does."""
    work: UnitOfWork
    async with work_of(company) as work:
        found = await work.documents.locked(UUID(document.partition("_")[2]), None, Action.PRINT)
        failed = PrintFailed(PrintFailure.CONTENTS_MISSING, ("supply",))
        await work.print_problems.keep(found, Language.DE, failed)


async def _keep_master_data(anna: User) -> None:
    """Make payment terms, a partner with all its parts, a branch and an exchange rate."""
    terms = await anna.do(
        "createPaymentTerms",
        "paymentTerms { id }",
        code="30N-2S10",
        nameDe="30 Tage netto, 10 Tage 2 % Skonto",
        nameEn="30 days net, 2 % within 10 days",
        dueDays=30,
        steps=[{"days": 10, "percent": "2"}],
    )
    place = {"street": "Weg 1", "postcode": "27318", "city": "Hoya"}
    await anna.create_partner(
        "Hof Sommer",
        isSupplier=True,
        paymentTermsId=terms.made["id"],
        addresses=[{"label": "Lager", **place}],
        contacts=[
            {"name": "Frau Sommer", "receives": [{"documents": "OFFERS", "channel": "PRINT"}]}
        ],
        accounts=[{"iban": "DE89370400440532013000"}],
        taxClasses=[{"taxClass": "FLAT_RATE_24", "validFrom": "2025-01-01"}],
    )
    branch = await anna.do("createBranch", "branch { id }", code="N", name="Nord", **place)
    rate = await anna.do(
        "recordExchangeRate",
        "exchangeRate { id }",
        currency="USD",
        validOn="2026-11-02",
        rate="0.92",
    )
    assert branch.problems == rate.problems == []


async def set_text(user: User) -> None:
    """Set the closing text of German invoices."""
    text = {"kind": "SALES_INVOICE", "language": "DE", "place": "CLOSING", "text": "Danke."}
    answer = await user.ask(
        "mutation($input: SetTextTemplateInput!) { setTextTemplate(input: $input)"
        " { textTemplate { id } problems { code message path } } }",
        input={**text, "idempotencyKey": str(uuid4())},
    )
    assert answer.problems == []


async def live_through_everything(company: Erp) -> dict[str, Any]:
    """Let a company do all there is, so that each of its tables has a row; return the invoice."""
    anna = await company.sign_in()
    martin = await company.sign_in("martin", roles=("manager",))
    await _keep_master_data(anna)
    supplier = await anna.create_partner("Saatzucht Nord GmbH")
    item = await anna.create_item(
        units=[{"unit": "BIG_BAG", "factor": "0.5"}],
        suppliers=[{"partnerId": supplier, "itemNumber": "4711"}],
    )
    price = await anna.do("createPrice", "price { id }", itemId=item, unitPrice="205")
    assert price.problems == []
    wheat = {"itemId": item, "quantity": "2.5"}
    invoice = await anna.create_invoice(lines=[wheat], note="Danke", customerReference="4711")
    await anna.submit(invoice)
    await martin.approve(invoice)
    await anna.post(invoice)
    await print_document(company, invoice["id"])
    assert (await anna.do("printDocument", "document { id }", id=invoice["id"])).problems == []
    await _print_many(anna, invoice["id"])
    await fail_to_print(company, invoice["id"])
    await set_text(anna)
    invoice["version"] = await go_along_with(anna, invoice["id"])
    content = (SAMPLES / "xrechnung_ubl_saatgut_7_19.xml").read_bytes()
    received = (await anna.import_file("Rechnung.xml", content)).made
    await read_item(company, received["id"], content)
    made = await anna.do("createPartnerFromInboxItem", "partner { id }", id=received["id"])
    assert made.problems == []
    order = await anna.create("SALES_ORDER")
    await anna.post(order)
    assert (await anna.amend("SALES_ORDER", order)).problems == []
    await _deduct_a_prepayment(anna, martin)
    stated = [{"rate": "19", "net": "100.00", "tax": "19.05"}]
    await anna.create("SUPPLIER_INVOICE", statedTaxes=stated)
    await live_through_payments(anna)
    half = await imported(anna, table("Firma;Straße;PLZ;Ort", "Hof;Weg 1;27318;Hoya", "Hof;;;"))
    assert (half["createdRows"], half["failedRows"]) == (1, 1)
    return invoice


async def _print_many(anna: User, document: str) -> None:
    """Have one PDF made of many documents, of this one alone, in a language of its own."""
    from tests.stacks import do_job, print_many, seen  # which opens companies by what stands here

    answer = (await print_many(anna, [document], language="EN")).data["printDocuments"]
    await do_job(anna.erp, answer["documentJob"]["id"])
    found = await seen(anna, answer["documentJob"]["id"])
    assert (found["state"], len(found["files"])) == ("FINISHED", 1)


async def go_along_with(anna: User, document: str) -> int:
    """Tag a document, comment on it and attach a file; return the version it has then."""
    shown = "document { version comments { id } attachments { id } }"
    answers = [
        await anna.do("setDocumentTags", shown, id=document, tags=["Ernte"]),
        await anna.do("addComment", shown, id=document, text="Kunde rief an"),
        await anna.attach(document, "Wiegeschein.txt", b"12,4 t", shown),
    ]
    assert [answer.problems for answer in answers] == [[]] * len(answers)
    version: int = answers[-1].made["version"]
    return version


async def undo_what_goes_along(anna: User, draft: str) -> None:
    """Do the rest of what can be done with tags, comments and files, with a draft."""
    await go_along_with(anna, draft)
    shown = "document { comments { id } attachments { id } }"
    items = "items { problems { code } }"
    made = (await anna.do("setDocumentTags", shown, id=draft, tags=[])).made
    comment = {"id": draft, "commentId": made["comments"][0]["id"]}
    file = {"id": draft, "attachmentId": made["attachments"][0]["id"]}
    answers = [
        await anna.do("addTag", items, ids=[draft], tag="Eilig"),
        await anna.do("removeTag", items, ids=[draft], tag="Eilig"),
        await anna.do("editComment", shown, text="Erledigt", **comment),
        await anna.do("removeComment", shown, **comment),
        await anna.do("removeAttachment", shown, **file),
    ]
    assert [answer.problems for answer in answers] == [[]] * len(answers)


async def _deduct_a_prepayment(anna: User, martin: User) -> None:
    """Bill half of a purchase before it is supplied, and deduct that from the final invoice."""
    farm = await anna.create_partner("Hof Anzahlung")
    before = await anna.create_invoice(soldTo=farm, invoiceType="PREPAYMENT", supplyDate=None)
    answers = [
        await anna.submit(before),
        await martin.approve(before),
        await anna.post(before),
    ]
    assert [answer.problems for answer in answers] == [[]] * len(answers)
    await paid_in_full(anna, farm, before["id"], before["gross"])
    off = [{"percent": "3", "reason": "Messerabatt"}]
    whole = {"invoiceType": "FINAL", "prepayments": [before["id"]], "allowances": off}
    line = (await anna.input_of("SALES_INVOICE", soldTo=farm))["lines"][0]
    await anna.create_invoice(soldTo=farm, lines=[{**line, "quantity": "8"}], **whole)


async def administer_numbers(anna: User) -> str:
    """Let an administrator do all there is to do with numbers and periods; return the series."""
    shown = "numberSeries { id version }"
    made = await anna.do(
        "createNumberSeries",
        shown,
        series="sales_invoice_hamburg",
        kind="SALES_INVOICE",
        branch="hamburg",
        template="HH-{year}-{seq:5}",
    )
    series: str = made.made["id"]
    changed = await anna.do(
        "updateNumberSeries",
        shown,
        id=series,
        expectedVersion=1,
        template="HH-{year}-{seq:6}",
        templateFrom="2026-01-01",
    )
    taken = await anna.do(
        "takeOverNumberRange",
        shown,
        id=series,
        period="2026",
        lastUsed=41,
        proof="Letzte Rechnung im alten Programm: HH-2026-000041",
    )
    voided = await anna.do(
        "voidNumber", shown, id=series, day="2026-11-20", reason="Vordruck verdorben"
    )
    lock = "periodLock { id }"
    closed = await anna.do("closePeriod", lock, area="PAYMENTS", until="2026-01-31")
    opened = await anna.do("reopenPeriod", lock, area="PAYMENTS", reason="Skonto nachgetragen")
    answers = (changed, taken, voided, closed, opened)
    assert [answer.problems for answer in answers] == [[]] * len(answers)
    return series
