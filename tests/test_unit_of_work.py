"""One unit of work: locks in order, repeats, rollback, numbers, and what is final stays final."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, Numeric, Uuid

import persistence.unit_of_work as module
from domain.documents.kinds import KINDS, Action
from domain.numbering.ranges import NumberRange, NumberRangeExhausted
from domain.numbering.templates import (
    NUMBER_LENGTH_MAX,
    WIDTH_MAX,
    NumberTemplateInvalid,
    Template,
)
from domain.partners import Address, Partner, PartnerDraft
from domain.requests import IdempotencyKeyReused
from persistence.database import APP_ROLE, OWNER_ROLE, Database, connect
from persistence.locks import Lock, LockOrder, Locks
from persistence.models import metadata
from persistence.unit_of_work import AlreadyDone, Call, UnitOfWork, unit_of_work
from resolvers.api import SCHEMA
from tests import importing
from tests.companies import (
    actor_of,
    administer_numbers,
    found_without_approval,
    live_through_everything,
    print_document,
    quiet_services,
    undo_what_goes_along,
    work_of,
)
from tests.erp import DOCUMENT, Erp, User, other_side_of
from tests.refused import ITEM

FARMER = {
    "isSupplier": True,
    "taxNumber": "11/222/33333",
    "selfBillingAgreedOn": "2026-01-01",
    "taxClasses": [{"taxClass": "STANDARD", "validFrom": "2026-01-01"}],
}
"""A supplier to whom every kind of document can be written, self-billed invoices too."""
PARTS = ("document_party", "document_line", "document_tax", "document_author")


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


def _uuid(id: str) -> UUID:
    return UUID(id.partition("_")[2])


# ---------------------------------------------------------------------------------------- locks


def test_locks_are_taken_in_their_order_and_each_class_once():
    """A lock of an earlier class, or the same one again, is a bug found by the first test."""
    locks = Locks()
    for lock in (Lock.PARTNERS, Lock.DOCUMENTS, Lock.JOURNAL_HEAD):
        locks.take(lock)

    assert locks.taken == [Lock.PARTNERS, Lock.DOCUMENTS, Lock.JOURNAL_HEAD]
    for lock in Lock:
        with pytest.raises(LockOrder):
            locks.take(lock)


async def test_a_lock_out_of_order_ends_the_unit_of_work_and_leaves_nothing(erp: Erp):
    """Documents before partners could deadlock with partners before documents."""
    anna = await erp.sign_in()
    invoice = await anna.create_invoice()
    partner = await anna.create_partner()
    before = await erp.state_of_database()

    async def discard_and_then_lock_a_partner() -> None:
        work: UnitOfWork
        async with work_of(erp) as work:
            document = await work.documents.locked(_uuid(invoice["id"]), None, Action.DISCARD)
            document.discard(by=work.actor.user, at=work.now)
            await work.partners.locked(_uuid(partner), 1)

    with pytest.raises(LockOrder, match="PARTNERS after DOCUMENTS"):
        await discard_and_then_lock_a_partner()

    assert await erp.state_of_database() == before


async def _change_items_and_prices(anna: User) -> None:
    """Update, block and unblock an item; replace and end a price."""
    item = await anna.create_item("L-1")
    supplier = await anna.create_partner("Saatzucht Nord GmbH")
    updated = await anna.do(
        "updateItem",
        "item { id }",
        **{"id": item, "expectedVersion": 1, "suppliers": [{"partnerId": supplier}], **ITEM},
    )
    assert updated.problems == []
    await anna.do("blockItem", "item { id }", id=item, expectedVersion=2, reason="leer")
    await anna.do("unblockItem", "item { id }", id=item, expectedVersion=3)
    terms = {"itemId": item, "partnerId": supplier, "unitPrice": "200", "validFrom": "2026-01-01"}
    price = (await anna.do("createPrice", "price { id }", **terms)).made["id"]
    await anna.do("updatePrice", "price { id }", id=price, expectedVersion=1, **terms)
    await anna.do("endPrice", "price { id }", id=price, expectedVersion=2, validUntil="2026-12-31")


async def test_every_mutation_takes_its_locks_in_the_order_of_the_system(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
):
    """Each mutation runs once; a new one without a step here fails the test."""
    taken: dict[str, list[Lock]] = {}
    begin = UnitOfWork.begin

    async def remembered(work: UnitOfWork, call: Call) -> None:
        taken[call.mutation] = work._locks.taken
        await begin(work, call)

    monkeypatch.setattr(UnitOfWork, "begin", remembered)
    anna = await erp.sign_in()
    martin = await erp.sign_in("martin", roles=("manager",))

    await live_through_everything(erp)
    partner = await anna.create_partner()
    facts = {"street": "Neuweg 1", "postcode": "27318", "city": "Hoya", **FARMER}
    await anna.do(
        "updatePartner", "partner { id }", id=partner, expectedVersion=1, name="Neu", **facts
    )
    await _keep_house(anna, partner)
    await _change_items_and_prices(anna)
    await undo_what_goes_along(anna, (await anna.create_invoice(soldTo=partner))["id"])
    draft = await anna.create_invoice(soldTo=partner)
    await anna.submit(draft)
    await martin.reject(draft)
    await administer_numbers(anna)
    await anna.verb("discardDocument", await anna.create_invoice(soldTo=partner))
    for kind in KINDS:
        await _write_in_every_way(anna, kind, partner)
    await _do_all_that_follows(anna, partner)
    run = (await importing.start(anna, importing.table("Firma"))).made["id"]
    assert (await anna.do("cancelImport", "importRun { id }", id=run)).problems == []
    await _do_it_with_many(anna, martin, partner)
    draft = (await anna.create_invoice(soldTo=partner))["id"]
    job = (await anna.do("startDocumentJob", JOB, verb="DISCARD", ids=[draft])).made["id"]
    assert (await anna.do("cancelDocumentJob", JOB, id=job)).problems == []
    await _settle_with_the_supplier(anna, martin)

    mutations = SCHEMA.mutation_type
    assert mutations is not None
    assert sorted(taken) == sorted(mutations.fields)
    for mutation, locks in taken.items():
        assert locks == sorted(set(locks)), mutation
        assert (locks[0], locks[-1]) == (Lock.IDEMPOTENCY_KEY, Lock.JOURNAL_HEAD), mutation
    assert taken["postDocument"] == [
        Lock.IDEMPOTENCY_KEY,
        Lock.DOCUMENTS,
        Lock.PERIODS,
        Lock.NUMBER_RANGES,
        Lock.JOURNAL_HEAD,
    ]


JOB = "documentJob { id }"


async def _keep_house(anna: User, partner: str) -> None:
    """Call what changes or ends master data; `live_through_everything` made it."""
    given = {"street": "Weg 1", "postcode": "27318", "city": "Hoya"}
    terms = {"code": "ALT", "nameDe": "Alt", "nameEn": "Old", "dueDays": 10}
    made = (await anna.do("createPaymentTerms", "paymentTerms { id }", **terms)).made["id"]
    branch = {"code": "ALT", "name": "Alt", **given}
    place = (await anna.do("createBranch", "branch { id }", **branch)).made["id"]
    for mutation, shown, input in (
        ("updatePaymentTerms", "paymentTerms { id }", {"id": made, "expectedVersion": 1, **terms}),
        ("updateBranch", "branch { id }", {"id": place, "expectedVersion": 1, **branch}),
        ("blockPartner", "partner { id }", {"id": partner, "expectedVersion": 2, "reason": "x"}),
        ("unblockPartner", "partner { id }", {"id": partner, "expectedVersion": 3}),
        (
            "updateCompany",
            "company { id }",
            {"expectedVersion": 1, "name": "Neu", "vatId": "DE136695976", **given},
        ),
        (
            "setApprovalMode",
            "company { id }",
            {"expectedVersion": 2, "kind": "SALES_INVOICE", "approval": "ALWAYS"},
        ),
    ):
        assert (await anna.do(mutation, shown, **input)).problems == []


async def _write_in_every_way(anna: User, kind: str, partner: str) -> None:
    """Create and update a document of a kind, and amend it where the kind allows it."""
    definition = KINDS[kind]
    who = {other_side_of(definition): partner}
    shown = f"{definition.event[0].lower()}{definition.event[1:]} {{ id version }}"
    input = await anna.input_of(kind, **who)
    made = (await anna.do(f"create{definition.event}", shown, **input)).made
    input = await anna.input_of(kind, **who, id=made["id"], expectedVersion=1)
    updated = await anna.do(f"update{definition.event}", shown, **input)
    assert updated.problems == []
    if definition.amendable:
        made["version"] = updated.made["version"]
        await anna.post(made)
        assert (await anna.amend(kind, made, **who)).problems == []


async def _do_it_with_many(anna: User, martin: User, partner: str) -> None:
    """Call every verb that does the same with many documents."""
    shown = "items { document { id version } problems { code } }"

    async def many(user: User, mutation: str, **input: Any) -> list[str]:
        [told] = (await user.do(mutation, shown, **input)).data.values()
        assert told["problems"] == []
        assert [each["problems"] for each in told["items"]] == [[]] * len(told["items"])
        return [each["document"]["id"] for each in told["items"]]

    invoices = [(await anna.create_invoice(soldTo=partner))["id"] for _ in range(2)]
    await many(anna, "submitDocuments", ids=invoices)
    await many(martin, "approveDocuments", ids=invoices)
    await many(anna, "postDocuments", ids=invoices, acceptOlderDate=True)
    await many(
        anna, "reassignDocuments", ids=invoices, responsible=f"usr_{actor_of(anna.erp).user}"
    )
    delivery = await anna.create("DELIVERY_NOTE", soldTo=partner)
    await many(anna, "postDocuments", ids=[delivery["id"]], acceptOlderDate=True)
    drafts = await many(anna, "convertDocuments", ids=[delivery["id"]], to="SALES_INVOICE")
    await many(anna, "discardDocuments", ids=drafts)
    await many(anna, "createInvoices", groups=[{"ids": [delivery["id"]]}])


async def _settle_with_the_supplier(anna: User, martin: User) -> None:
    """Block and release the payment of a received invoice; let a self-billed one be refused."""
    supplier = await anna.create_partner("Bauer Lohse", **FARMER)
    received = await anna.create("SUPPLIER_INVOICE", supplier=supplier)
    billed = await anna.create("SELF_BILLED_INVOICE", supplier=supplier)
    for document in (received, billed):
        assert (await anna.post(document, acceptOlderDate=True)).problems == []
    for user, mutation, shown, document in (
        (anna, "blockPayment", "supplierInvoice { id version }", received),
        (martin, "releasePayment", "supplierInvoice { id version }", received),
        (anna, "recordObjection", "selfBilledInvoice { id version }", billed),
    ):
        known = {"id": document["id"], "expectedVersion": document["version"]}
        answer = await user.do(mutation, shown, **known, reason="Ware fehlt")
        document.update(answer.made)


async def _do_all_that_follows(anna: User, partner: str) -> None:
    """Sell something by every verb there is for documents that are posted."""
    offer = await anna.create("SALES_OFFER", soldTo=partner)
    assert (await anna.post(offer)).problems == []
    answers = [
        await anna.verb("recordAnswer", offer, answer="ACCEPTED"),
        await anna.do("duplicateDocument", DOCUMENT, id=offer["id"]),
        await anna.convert([offer["id"]], "SALES_ORDER"),
    ]
    order = answers[-1].made
    answers += [
        await anna.post(order),
        await anna.verb("closeLines", order, reason="genug"),
        await anna.verb("reopenLines", order, reason="doch nicht"),
        await anna.convert([order["id"]], "DELIVERY_NOTE"),
    ]
    delivery = answers[-1].made
    answers += [
        await anna.post(delivery),
        await anna.verb("recordSent", delivery, channel="PRINT"),
        await anna.verb("confirmReceived", delivery),
        await anna.verb("reassignDocument", delivery, responsible=f"usr_{actor_of(anna.erp).user}"),
        await anna.do(
            "cancelAndCopyDocument",
            DOCUMENT,
            id=delivery["id"],
            expectedVersion=delivery["version"],
            reason="falsch",
        ),
    ]
    copy = answers[-1].made
    answers += [
        await anna.post(copy),
        await anna.verb("cancelDocument", copy, reason="falsch"),
    ]
    assert [answer.problems for answer in answers] == [[]] * len(answers)


@pytest.fixture
async def impatient(
    server: SimpleNamespace, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """A server that waits a fifth of a second for a lock instead of five."""
    database = await Database.open(database_url, lock_timeout="200")
    monkeypatch.setattr(server.state, "database", database)
    yield
    monkeypatch.undo()
    await database.close()


HELD = {
    "idempotency key": "insert into idempotency_key (tenant_id, user_id, mutation, key, input_hash,"
    " stored_at) values ($1, $2, 'postDocument', 'held', '', now())",
    "document": "select from document where tenant_id = $1 and $2::uuid is not null for update",
    "period lock": "select from accounting_period_lock where tenant_id = $1"
    " and $2::uuid is not null for update",
    "number range": "select from number_range where tenant_id = $1 and $2::uuid is not null"
    " for update",
    "journal head": "update journal_head set position = position where tenant_id = $1"
    " and $2::uuid is not null",
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("held", HELD)
async def test_a_lock_that_somebody_holds_too_long_is_busy_and_leaves_nothing(
    shop: Erp, database_url: str, held: str
):
    """Whichever lock it is: a problem that says when to come back; then the same call succeeds."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice()
    before = await shop.state_of_database()
    holder = await connect(database_url, OWNER_ROLE)
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute(HELD[held], shop.tenant, actor_of(shop).user)

    answer = await anna.do(
        "postDocument",
        "document { id } problems { ... on Busy { retryAfterMs } }",
        id=invoice["id"],
        expectedVersion=1,
        idempotencyKey="held",
    )
    await transaction.rollback()
    await holder.close()

    assert answer.problem_codes == ["BUSY"]
    assert answer.problems[0]["retryAfterMs"] == module.RETRY_AFTER_MS
    assert await shop.state_of_database() == before
    assert (await anna.post(invoice, idempotencyKey="held")).problems == []
    assert invoice["number"] == "INV-2026-00001"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("held", "mutation", "shown"),
    [
        ("partner", "updatePartner", "partner { id }"),
        ("approval", "approveDocument", "document { id }"),
        ("inbox_item", "createPartnerFromInboxItem", "partner { id }"),
    ],
)
async def test_a_busy_partner_approval_or_inbox_item_is_a_problem_too(
    erp: Erp, database_url: str, held: str, mutation: str, shown: str
):
    """The same answer for every class of lock."""
    anna, martin = await erp.sign_in(), await erp.sign_in("martin", roles=("admin",))
    partner = await anna.create_partner()
    invoice = await anna.create_invoice(soldTo=partner)
    await anna.submit(invoice)
    item = (await anna.import_file("a.xml", b"<a/>")).made["id"]
    input: dict[str, Any] = {
        "updatePartner": {
            "id": partner,
            "expectedVersion": 1,
            "name": "Neu",
            "street": "Weg 1",
            "postcode": "27318",
            "city": "Hoya",
        },
        "approveDocument": {"id": invoice["id"], "expectedVersion": 2},
        "createPartnerFromInboxItem": {"id": item},
    }[mutation]
    holder = await connect(database_url, OWNER_ROLE)
    async with holder.transaction():
        await holder.execute(f"select from {held} where tenant_id = $1 for update", erp.tenant)

        answer = await martin.do(mutation, shown, **input)

    await holder.close()
    assert answer.problem_codes == ["BUSY"]


async def test_a_waiting_call_goes_on_as_soon_as_the_lock_is_free(shop: Erp, database_url: str):
    """Blocking wait, never NOWAIT: who waits is served, not refused."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice()
    holder = await connect(database_url, OWNER_ROLE)
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("select from journal_head where tenant_id = $1 for update", shop.tenant)

    posting = asyncio.ensure_future(anna.post(invoice))
    await _until_somebody_waits_for(holder)
    await transaction.rollback()

    assert (await posting).problems == []
    await holder.close()


async def _until_somebody_waits_for(holder: asyncpg.Connection) -> None:
    """Return when another session waits for a lock of this one; the database says so."""
    pid = holder.get_server_pid()
    while not await holder.fetchval(
        "select count(*) from pg_locks where not granted and $1 = any(pg_blocking_pids(pid))", pid
    ):
        await asyncio.sleep(0)


# -------------------------------------------------------------------------- rollback and repeats


async def test_an_exception_anywhere_leaves_nothing(erp: Erp):
    """Changes, jobs, numbers, journal: one transaction, all or nothing."""
    anna = await erp.sign_in()
    await anna.create_partner()
    before = await erp.state_of_database()

    async def do_much_and_fail() -> None:
        work: UnitOfWork
        async with work_of(erp) as work:
            await work.begin(Call("createPartner", "key", {}))
            await work.blobs.keep(b"a file")
            draft = PartnerDraft(Address("Hof", "Weg 1", "27318", "Hoya"))
            work.partners.add(Partner(id=uuid4(), tenant_id=erp.tenant, number="K-1", draft=draft))
            work.later("print_document", uuid4())
            await work.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await do_much_and_fail()

    assert await erp.state_of_database() == before


async def test_what_made_no_event_commits_nothing_into_the_journal(erp: Erp):
    """Only reading and locking takes no position."""
    anna = await erp.sign_in()
    partner = await anna.create_partner()

    async with work_of(erp) as work:
        await work.partners.locked(_uuid(partner), 1)

    assert len(await erp.journal()) == 1


async def test_a_key_is_kept_with_the_id_of_what_was_made_and_never_with_the_answer(erp: Erp):
    """An answer would go stale, and it would hold personal data."""
    anna = await erp.sign_in()
    partner = await anna.create_partner("Geheim", idempotencyKey="k-1")

    [row] = await erp.owner.fetch("select * from idempotency_key where tenant_id=$1", erp.tenant)

    assert dict(row) == {
        "tenant_id": erp.tenant,
        "user_id": actor_of(erp).user,
        "mutation": "createPartner",
        "key": "k-1",
        "input_hash": row["input_hash"],
        "made": f'"{_uuid(partner)}"',
        "journal_position": 1,
        "stored_at": row["stored_at"],
    }
    assert len(row["input_hash"]) == 32


async def test_the_same_key_and_input_reads_todays_answer_and_does_nothing(shop: Erp):
    """A repeated creation shows the document as it is now, posted meanwhile."""
    anna = await shop.sign_in()
    facts = await anna.invoice_input(idempotencyKey="once")
    shown = "salesInvoice { id state number }"
    first = (await anna.do("createSalesInvoice", shown, **facts)).made
    await anna.post({"id": first["id"], "version": 1})
    before = await shop.state_of_database()

    again = (await anna.do("createSalesInvoice", shown, **facts)).made

    assert again == {"id": first["id"], "state": "POSTED", "number": "INV-2026-00001"}
    assert await shop.state_of_database() == before


async def test_the_same_key_with_another_input_is_refused(erp: Erp):
    """It was a new intention, or a bug of the client; neither may pass silently."""
    anna = await erp.sign_in()
    await anna.create_partner("Eins", idempotencyKey="k")
    before = await erp.state_of_database()

    facts = {"street": "Lindenallee 4", "postcode": "27318", "city": "Hoya"}
    answer = await anna.do(
        "createPartner", "partner { id }", name="Zwei", idempotencyKey="k", **facts
    )

    assert answer.problem_codes == ["IDEMPOTENCY_KEY_REUSED"]
    assert await erp.state_of_database() == before


async def test_a_key_counts_for_one_user_and_one_mutation(erp: Erp):
    """Two users, and two mutations, may choose the same text."""
    anna, berta = await erp.sign_in(), await erp.sign_in("berta")

    ids = {await user.create_partner(idempotencyKey="same") for user in (anna, berta)}
    await anna.create_item(idempotencyKey="same")

    assert len(ids) == 2


async def test_a_refused_call_leaves_its_key_free(erp: Erp):
    """The same key may be sent again with what mends the refusal."""
    anna = await erp.sign_in()
    facts = {"street": "Lindenallee 4", "postcode": "27318", "city": "Hoya"}

    refused = await anna.do(
        "createPartner", "partner { id }", name=" ", idempotencyKey="k", **facts
    )
    mended = await anna.do(
        "createPartner", "partner { id }", name="Hof", idempotencyKey="k", **facts
    )

    assert refused.problem_codes == ["REQUIRED"]
    assert mended.problems == []


async def test_a_key_is_remembered_for_a_day(erp: Erp):
    """A second before its end it still counts; a second after it, it is a new call."""
    start = datetime.now(UTC)
    call, other = Call("createPartner", "k", {"name": "a"}), Call("createPartner", "k", {})

    async def run(call: Call, after: timedelta) -> None:
        work: UnitOfWork
        services = quiet_services(start + after)
        database: Database = erp.server.state.database
        async with unit_of_work(database, actor_of(erp), services, call) as work:
            draft = PartnerDraft(Address("Hof", "Weg 1", "27318", "Hoya"))
            number = await work.partners.next_number()
            partner = Partner(id=uuid4(), tenant_id=erp.tenant, number=number, draft=draft)
            work.partners.add(partner)
            work.made = str(partner.id)

    await run(call, timedelta())
    with pytest.raises(AlreadyDone):
        await run(call, timedelta(hours=24, seconds=-1))
    with pytest.raises(IdempotencyKeyReused):
        await run(other, timedelta(hours=24, seconds=-1))
    await run(other, timedelta(hours=24, seconds=1))

    assert len(await erp.journal()) == 2


# --------------------------------------------------------------------------------------- numbers


async def test_without_a_range_nothing_is_posted(shop: Erp):
    """The problem names the series; the draft stays a draft."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice()
    for name in ("number_range", "number_template", "number_series"):
        await shop.owner.execute(f"delete from {name} where tenant_id = $1", shop.tenant)
    before = await shop.state_of_database()

    answer = await anna.post(invoice)

    assert answer.problem_codes == ["NUMBER_RANGE_MISSING"]
    assert "sales_invoice" in answer.problems[0]["message"]
    assert await shop.state_of_database() == before


async def test_a_range_of_one_digit_ends_with_9_and_nothing_gets_a_number_after_it(shop: Erp):
    """Never a number that is longer than its template, never one twice."""
    anna = await shop.sign_in()
    await shop.owner.execute(
        "update number_range set template = 'INV-{year}-{seq:1}' where tenant_id = $1", shop.tenant
    )
    partner = await anna.create_partner()
    invoices = [await anna.create_invoice(soldTo=partner) for _ in range(10)]
    for invoice in invoices[:9]:
        assert (await anna.post(invoice)).problems == []
    before = await shop.state_of_database()

    answer = await anna.post(invoices[9])

    assert answer.problem_codes == ["NUMBER_RANGE_EXHAUSTED"]
    assert await shop.numbers() == [f"INV-2026-{n}" for n in range(1, 10)]
    assert await shop.state_of_database() == before


async def test_the_first_posting_of_a_new_year_opens_its_range(shop: Erp):
    """With the template of the year before; the old year goes on where it was."""
    anna = await shop.sign_in()
    numbers = []
    for day in ("2026-12-31", "2027-01-01", "2026-12-30", "2027-01-02", "2025-12-31"):
        invoice = await anna.create_invoice(issueDate=day, supplyDate=day)
        await anna.post(invoice, acceptOlderDate=True)
        numbers.append(invoice["number"])

    assert numbers == [
        "INV-2026-00001",
        "INV-2027-00001",
        "INV-2026-00002",
        "INV-2027-00002",
        "INV-2025-00001",
    ]


async def test_a_posting_that_fails_after_taking_a_number_gives_it_back(
    shop: Erp, monkeypatch: pytest.MonkeyPatch
):
    """If the document does not commit, neither does the number."""
    anna = await shop.sign_in()
    first, second = await anna.create_invoice(), await anna.create_invoice()

    async def broken(*_: Any) -> int:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(module, "append", broken)
        answer = await anna.post(first)
    assert answer.error_codes == ["INTERNAL"]
    await anna.post(second)

    assert second["number"] == "INV-2026-00001"
    assert first["state"] == "DRAFT"


async def test_the_ledger_names_one_document_per_number_and_forgets_none(
    shop: Erp, database_url: str
):
    """The application may add to it; it can neither change nor delete an entry."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice()
    await anna.post(invoice)
    other = await anna.create_invoice()
    app = await connect(database_url, APP_ROLE)
    await app.execute("select set_config('app.tenant', $1, false)", str(shop.tenant))
    entry = (
        "insert into number_allocation (tenant_id, series, number, period, counter, document_id,"
        " allocated_at) values ($1, 'sales_invoice', $2, '2026', 9, $3, now())"
    )

    for statement in (
        "update number_allocation set voided_reason = 'x'",
        "delete from number_allocation",
        "truncate number_allocation",
        "delete from number_range",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(statement)
    with pytest.raises(asyncpg.UniqueViolationError):  # the number again
        await app.execute(entry, shop.tenant, "INV-2026-00001", _uuid(other["id"]))
    with pytest.raises(asyncpg.UniqueViolationError):  # a second number for the same document
        await app.execute(entry, shop.tenant, "INV-2026-00002", _uuid(invoice["id"]))
    with pytest.raises(asyncpg.UniqueViolationError):  # the number on another document
        await app.execute(
            "update document set number = 'INV-2026-00001' where id = $1", _uuid(other["id"])
        )
    await app.close()


TEMPLATES = st.builds(
    lambda head, middle, tail, width, year_first: (
        f"{head}{{year}}{middle}{{seq:{width}}}{tail}"
        if year_first
        else f"{head}{{seq:{width}}}{middle}{{year}}{tail}"
    ),
    *[st.text("ABCxyz019$&%*+/_.-", max_size=6) for _ in range(3)],
    st.integers(1, WIDTH_MAX),
    st.booleans(),
)
YEARS = st.integers(2000, 2999).map(str)


def _read(template: Template, number: str) -> tuple[str, int]:
    """Read a number back by the text of its template alone."""
    pattern = re.escape(template.text)
    pattern = pattern.replace(re.escape("{year}"), r"(?P<year>\d{4})")
    pattern = re.sub(r"\\\{seq:\d+\\\}", rf"(?P<seq>\\d{{{template.width}}})", pattern)
    found = re.fullmatch(pattern, number)
    assert found is not None, (pattern, number)
    return found["year"], int(found["seq"])


@given(TEMPLATES, YEARS, st.data())
def test_a_number_says_its_year_and_counter_in_the_width_of_the_template(
    text: str, year: str, data: st.DataObject
):
    """What was printed reads back, and is never longer than a booking text takes."""
    template = Template.parse(text)
    counter = data.draw(st.integers(1, 10**template.width - 1))

    number = template.print(year, counter)

    assert template.fits(counter)
    assert _read(template, number) == (year, counter)
    assert len(number) <= NUMBER_LENGTH_MAX


@given(TEMPLATES, st.tuples(YEARS, YEARS), st.data())
def test_different_years_or_counters_never_print_the_same_number(
    text: str, years: tuple[str, str], data: st.DataObject
):
    """Unique within a series, whatever its template looks like."""
    template = Template.parse(text)
    counters = st.integers(1, 10**template.width - 1)
    one, two = [(year, data.draw(counters)) for year in years]

    assert (template.print(*one) == template.print(*two)) == (one == two)


@given(TEMPLATES, st.integers(0, 12))
def test_a_range_hands_out_consecutive_numbers_up_to_its_width(text: str, before_end: int):
    """The last one has nines only; after it the range says that it is used up."""
    template = Template.parse(text)
    end = 10**template.width - 1
    range = NumberRange("sales_invoice", "2026", template, max(end - before_end, 0))
    expected = range.last

    while range.last < end:
        number, range = range.take()
        expected += 1
        assert _read(template, number) == ("2026", expected)

    with pytest.raises(NumberRangeExhausted):
        range.take()


@given(st.text(max_size=60) | st.text("{}yearseq:0123456789 AZ-", max_size=40))
def test_any_text_is_a_template_that_prints_or_is_refused(text: str):
    """A template that is accepted prints numbers that fit the column."""
    try:
        template = Template.parse(text)
    except NumberTemplateInvalid:
        return
    assert 10 <= len(template.print("2026", 1)) + 5 <= NUMBER_LENGTH_MAX + 5


# --------------------------------------------------------------------------- posted stays posted


async def _bytes_of(company: Erp, invoice: str) -> list[Any]:
    """Return every row of a document as stored, with the transaction that wrote it."""
    return [
        await company.owner.fetch(
            f"select t.xmin::text, t::text from {table} t where tenant_id = $1 and {key} = $2"
            " order by t::text",
            company.tenant,
            _uuid(invoice),
        )
        for table, key in [("document", "id"), *((part, "document_id") for part in PARTS)]
    ]


async def test_nothing_that_is_tried_later_changes_a_byte_of_a_posted_document(erp: Erp):
    """Refused mutations, a printout, and new master data of the partner and the item."""
    invoice = await live_through_everything(erp)
    anna, martin = await erp.sign_in(), await erp.sign_in("martin", roles=("admin",))
    before = await _bytes_of(erp, invoice["id"])
    facts = await anna.invoice_input()

    answers = [
        await anna.do(
            "updateSalesInvoice",
            "salesInvoice { id }",
            id=invoice["id"],
            expectedVersion=invoice["version"],
            **facts,
        ),
        await anna.submit(dict(invoice)),
        await martin.approve(dict(invoice)),
        await martin.reject(dict(invoice)),
        await anna.post(dict(invoice)),
        await anna.verb("discardDocument", dict(invoice)),
    ]
    await print_document(erp, invoice["id"])
    [sold_to] = await erp.owner.fetch(
        "select partner_id from document where id = $1", _uuid(invoice["id"])
    )
    renamed = await anna.do(
        "updatePartner",
        "partner { id }",
        id=f"par_{sold_to[0]}",
        expectedVersion=1,
        **{"name": "Anders", "street": "Weg 9", "postcode": "27318", "city": "Verden"},
    )

    assert [answer.problem_codes for answer in answers] == [["TRANSITION_NOT_ALLOWED"]] * 6
    assert renamed.problems == []
    assert await _bytes_of(erp, invoice["id"]) == before


async def _as(who: str, url: str, tenant: UUID) -> asyncpg.Connection:
    if who == "superuser":
        return await asyncpg.connect(url)
    connection = await connect(url, f"neuroerp_{who}")
    await connection.execute("select set_config('app.tenant', $1, false)", str(tenant))
    return connection


REFUSED = (asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)


FREE = {
    "document": {
        "version",
        "updated_at",
        "responsible_id",
        "cancelled_by_id",
        "open_lines",
        "sent_at",
        "answer",
        "answered_at",
        "answer_reason",
        "received_at",
        "payment_block",
        "match_report",
        "objected_at",
        "objection_reason",
        "settled",
        "discount_taken",
    },
    "document_line": {
        *("open_quantity", "closed_at", "closed_reason", "confirmed_quantity"),
        *("taken_order", "taken_delivery", "taken_invoice", "taken_return", "taken_credit"),
        *("ordered", "delivered", "invoiced", "returned", "credited", "credited_net"),
    },
}
"""Facts about a posted document, and how far its lines have come: neither is what it says."""


@pytest.mark.parametrize("who", ["app", "owner", "superuser"])
@pytest.mark.parametrize("table", ["document", *PARTS])
async def test_the_database_refuses_every_change_of_a_posted_document(
    shop: Erp, database_url: str, who: str, table: str
):
    """Whoever asks, by whatever statement: update, delete, one row more, a row moved away or in."""
    anna = await shop.sign_in()
    invoice, draft = await anna.create_invoice(), await anna.create_invoice()
    await anna.post(invoice)
    before = await _bytes_of(shop, invoice["id"])
    key = "id" if table == "document" else "document_id"
    mine = f"tenant_id = $1 and {key} = $2"
    statements = [
        f"update {table} set {key} = gen_random_uuid() where {mine}",
        f"delete from {table} where {mine}",
    ]
    if table == "document":
        statements += [
            f"update document set state = 'DRAFT', number = null where {mine}",
            f"update document set note = 'x' where {mine}",
        ]
    else:
        where = "tenant_id = $1 and document_id"
        statements += [
            f"update {table} set document_id = '{_uuid(draft['id'])}' where {mine}",
            *([] if table in FREE else [f"update {table} set {key} = {key} where {mine}"]),
            f"update {table} set document_id = $2 where {where} = '{_uuid(draft['id'])}'",
        ]
    connection = await _as(who, database_url, shop.tenant)

    for statement in statements:
        with pytest.raises(REFUSED):
            await connection.execute(statement, shop.tenant, _uuid(invoice["id"]))
    if table != "document":
        with pytest.raises(REFUSED):
            await connection.execute(
                f"insert into {table} select (jsonb_populate_record(t, $3::jsonb)).* from {table} t"
                f" where {mine} limit 1",
                shop.tenant,
                _uuid(invoice["id"]),
                json.dumps({"position": 99, "role": "PAYEE", "user_id": str(UUID(int=1))}),
            )

    await connection.close()
    assert await _bytes_of(shop, invoice["id"]) == before


@pytest.mark.parametrize("who", ["app", "owner", "superuser"])
async def test_facts_and_progress_of_a_posted_document_change_and_nothing_beside_them(
    shop: Erp, database_url: str, who: str
):
    """Neither in the statement that notes a fact nor in the transaction that does."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice()
    await anna.post(invoice)
    await (await shop.sign_in("berta")).create_partner()  # whom it can be handed over to
    before = await _bytes_of(shop, invoice["id"])
    connection = await _as(who, database_url, shop.tenant)
    values = shop.tenant, _uuid(invoice["id"])
    transaction = connection.transaction()
    await transaction.start()

    for table, key in ("document", "id"), ("document_line", "document_id"):
        columns = {c.name: c for c in metadata.tables[table].c if c.computed is None}
        mine = f"where tenant_id = $1 and {key} = $2"
        facts = ", ".join(f"{name} = {_another(columns[name])}" for name in FREE[table])
        assert await connection.execute(f"update {table} set {facts} {mine}", *values) == "UPDATE 1"
        for name in columns.keys() - FREE[table]:
            other = f"{name} = {_another(columns[name])}"
            for change in (other, f"{other}, {facts}"):
                with pytest.raises(REFUSED):
                    async with connection.transaction():
                        await connection.execute(f"update {table} set {change} {mine}", *values)
    for table in PARTS:
        with pytest.raises(REFUSED):
            async with connection.transaction():
                await connection.execute(
                    f"delete from {table} where tenant_id = $1 and document_id = $2", *values
                )

    await transaction.rollback()
    await connection.close()
    assert await _bytes_of(shop, invoice["id"]) == before


def _another(column: Column[Any]) -> str:
    """Return an expression for another value than a column has."""
    if column.name == "responsible_id":
        return f"(select id from app_user where tenant_id = $1 and id <> {column.name} limit 1)"
    match column.type:
        case Uuid():
            return "gen_random_uuid()"
        case Boolean():
            return f"not coalesce({column.name}, false)"
        case Date():
            return f"coalesce({column.name}, current_date) + 1"
        case DateTime():
            return f"coalesce({column.name}, now()) + interval '1 day'"
        case Numeric() | Integer():
            return f"coalesce({column.name}, 0) + 1"
        case _:
            return f"coalesce('x' || substr({column.name}, 2), 'x')"


@pytest.mark.parametrize("who", ["app", "owner", "superuser"])
async def test_a_posted_order_is_amended_but_never_another_document_and_never_gone(
    shop: Erp, database_url: str, who: str
):
    """Kind, state, number, date of posting and of making stay, and so does the row."""
    anna = await shop.sign_in()
    order = await anna.create("SALES_ORDER")
    await anna.post(order)
    before = await _bytes_of(shop, order["id"])
    connection = await _as(who, database_url, shop.tenant)
    columns = metadata.tables["document"].c

    for name in ("kind", "state", "number", "posting_date", "created_at"):
        with pytest.raises(REFUSED):
            await connection.execute(
                f"update document set {name} = {_another(columns[name])}, note = 'x'"
                " where tenant_id = $1 and id = $2",
                shop.tenant,
                _uuid(order["id"]),
            )
    with pytest.raises(REFUSED):
        await connection.execute(
            "delete from document where tenant_id = $1 and id = $2", shop.tenant, _uuid(order["id"])
        )

    await connection.close()
    assert await _bytes_of(shop, order["id"]) == before


async def test_a_line_cannot_slip_into_a_document_while_it_is_being_posted(
    shop: Erp, database_url: str
):
    """A statement beside the unit of work saw a draft, waited, and must not write into POSTED."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice()
    poster = await connect(database_url, OWNER_ROLE)
    writer = await connect(database_url, OWNER_ROLE)
    transaction = poster.transaction()
    await transaction.start()
    await poster.execute(
        "update document set state = 'POSTED', number = 'INV-2026-00001',"
        " posting_date = issue_date where id = $1",
        _uuid(invoice["id"]),
    )

    late = asyncio.ensure_future(
        writer.execute(
            "insert into document_line (tenant_id, id, document_id, position, kind, description,"
            " quantity, unit, stock_factor, stock_quantity, quantity_max, open_quantity,"
            " unit_price, price_quantity, discount_percent, tax_category, tax_rate, net)"
            " values ($1, gen_random_uuid(), $2, 99, 'ITEM', 'slipped in', 1, 'PIECE', 1, 1, 1, 0,"
            " 1, 1, 0, 'S', 19, 1)",
            shop.tenant,
            _uuid(invoice["id"]),
        )
    )
    await _until_somebody_waits_for(poster)
    await poster.execute(
        "insert into number_allocation (tenant_id, series, number, period, counter, document_id,"
        " allocated_at) values ($1, 'sales_invoice', 'INV-2026-00001', '2026', 1, $2, now())",
        shop.tenant,
        _uuid(invoice["id"]),
    )
    await poster.execute(
        "update number_range set last = 1 where tenant_id = $1 and series = 'sales_invoice'",
        shop.tenant,
    )
    await transaction.commit()

    with pytest.raises(asyncpg.RestrictViolationError):
        await late
    await poster.close()
    await writer.close()


async def test_a_posted_document_must_have_what_its_kind_asks(shop: Erp, database_url: str):
    """The CHECK of the kind refuses a POSTED row without number or date of supply."""
    anna = await shop.sign_in()
    invoice = await anna.create_invoice()
    owner = await connect(database_url, OWNER_ROLE)
    await owner.execute(
        "update document set number = 'INV-2026-00001', supply_date = issue_date,"
        " posting_date = issue_date where id = $1",
        _uuid(invoice["id"]),
    )

    for lacking in ("number", "supply_date", "posting_date"):
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(
                f"update document set state = 'POSTED', {lacking} = null where id = $1",
                _uuid(invoice["id"]),
            )

    await owner.execute("update document set number = null where id = $1", _uuid(invoice["id"]))
    await owner.close()
