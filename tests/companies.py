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
from persistence.database import Database
from persistence.einvoice import read_einvoice
from persistence.identity import user_id
from persistence.inbox import facts_of
from persistence.unit_of_work import Services, UnitOfWork, unit_of_work
from tests.erp import Erp, User
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
    item = await anna.create_item()
    wheat = {"itemId": item, "quantity": "2.5"}
    invoice = await anna.create_invoice(lines=[wheat], note="Danke", customerReference="4711")
    await anna.submit(invoice)
    await martin.approve(invoice)
    await anna.post(invoice)
    await print_document(company, invoice["id"])
    assert (await anna.do("printDocument", "document { id }", id=invoice["id"])).problems == []
    await set_text(anna)
    content = (SAMPLES / "xrechnung_ubl_saatgut_7_19.xml").read_bytes()
    received = (await anna.import_file("Rechnung.xml", content)).made
    await read_item(company, received["id"], content)
    made = await anna.do("createPartnerFromInboxItem", "partner { id }", id=received["id"])
    assert made.problems == []
    return invoice
