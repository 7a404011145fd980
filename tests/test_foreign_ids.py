"""Ids of another company or another type are answered exactly as unknown ids, in every argument."""

import asyncio
import dataclasses
import json
import re
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest
from graphql import GraphQLInputObjectType, GraphQLNamedType, get_named_type

from domain.documents.kinds import KINDS, SALES, ApprovalMode, Kind
from persistence.identity import user_id
from resolvers.api import SCHEMA
from tests.companies import found_without_approval
from tests.erp import PROBLEMS, Erp, User, other_side_of
from tests.importing import start, table
from tests.paying import live_through_payments
from tests.refused import ITEM, LINE, PARTNER, fate_of, unchanged
from web.development import ISSUER

pytestmark = pytest.mark.usefixtures("worker")

WS = "graphql-transport-ws"
PRINTING_SECONDS_MAX = 60
TERMS = {"code": "30N", "nameDe": "30 Tage netto", "nameEn": "30 days net", "dueDays": 30}
BRANCH = {"code": "NORD", **PARTNER}
FARMER = {
    "isSupplier": True,
    "taxNumber": "11/222/33333",
    "selfBillingAgreedOn": "2026-01-01",
    "taxClasses": [{"taxClass": "STANDARD", "validFrom": "2026-01-01"}],
}
"""A supplier to whom every kind of document can be written, self-billed invoices too."""


def id_arguments() -> Iterator[str]:
    """Yield the place of every argument or input field of the schema that takes an id."""
    for type in SCHEMA.type_map.values():
        for name, field in getattr(type, "fields", {}).items():
            for argument, definition in getattr(field, "args", {}).items():
                if not type.name.startswith("__"):
                    place = f"{type.name}.{name}.{argument}"
                    yield from _ids(get_named_type(definition.type), place, ())


def _ids(type: GraphQLNamedType, place: str, above: tuple[str, ...]) -> Iterator[str]:
    if type.name == "ID":
        yield place
    if isinstance(type, GraphQLInputObjectType) and type.name not in above:
        for name, field in type.fields.items():
            yield from _ids(get_named_type(field.type), f"{place}.{name}", (*above, type.name))


PREFIXES = ("doc", "par", "itm", "inb", "lin", "usr")


@dataclass(frozen=True, slots=True)
class Own:
    """One record of each type of a company, and of each kind of document a draft and a final."""

    anna: User
    par: str
    itm: str
    inb: str
    ptm: str
    brn: str
    prc: str
    nsr: str
    usr: str
    alc: str
    cmt: str = ""
    att: str = ""
    imp: str = ""
    job: str = ""
    docs: dict[tuple[str, str], dict[str, Any]] = dataclasses.field(default_factory=dict)

    @property
    def doc(self) -> str:
        """An invoice, still a draft."""
        id: str = self.docs["SALES_INVOICE", "draft"]["id"]
        return id

    @property
    def lin(self) -> str:
        """The line of that invoice."""
        id: str = self.docs["SALES_INVOICE", "draft"]["lines"][0]["id"]
        return id

    @staticmethod
    async def of(company: Erp) -> "Own":
        """Make them."""
        anna = await company.sign_in("anna")
        partner = await anna.create_partner(**FARMER)
        item = await anna.create_item()
        imported = (await anna.import_file("a.xml", b"")).made
        await fate_of(anna, imported["id"])  # so that the worker changes nothing afterwards
        terms = (await anna.do("createPaymentTerms", "paymentTerms { id }", **TERMS)).made
        branch = (await anna.do("createBranch", "branch { id }", **BRANCH)).made
        price = (await anna.do("createPrice", "price { id }", itemId=item, **PRICE)).made
        series = (await anna.ask("{ numberSeries(first: 1) { nodes { id } } }")).data
        [first] = series["numberSeries"]["nodes"]
        user = user_id(ISSUER, f"anna@{company.tenant}")
        made = [each["id"] for each in (imported, terms, branch, price, first)]
        allocation = await live_through_payments(anna)
        own = Own(anna, partner, item, *made, f"usr_{user}", allocation)
        for kind in KINDS.values():
            who = {other_side_of(kind): partner}
            own.docs[kind.name, "draft"] = await own.drafted(kind, who)
            final = own.docs[kind.name, "final"] = await own.drafted(kind, who)
            if kind.approval is ApprovalMode.ALWAYS:
                assert (await anna.submit(final)).problems == []
                martin = await company.sign_in("martin", roles=("manager",))
                assert (await martin.approve(final)).problems == []
            assert (await anna.post(final, acceptOlderDate=True)).problems == []
        cmt, att = await beside_of(anna, (await anna.create_invoice(soldTo=partner))["id"])
        run = (await start(anna, table("Firma"))).made
        await anna.do("cancelImport", "importRun { id }", id=run["id"])  # nor here
        job = (await anna.do("startDocumentJob", JOB, verb="SUBMIT", ids=[own.doc])).made["id"]
        await anna.do("cancelDocumentJob", JOB, id=job)  # nor here
        await all_printed(company)
        return dataclasses.replace(own, cmt=cmt, att=att, imp=run["id"], job=job)

    async def drafted(self, kind: Kind, who: dict[str, str]) -> dict[str, Any]:
        """Write a plain draft of a kind."""
        if kind.has_lines:
            return await self.anna.create(kind.name, **who)
        input = await self.anna.input_of(kind.name, **who)
        shown = f"{kind.event[0].lower()}{kind.event[1:]} {{ id version }}"
        made: dict[str, Any] = (await self.anna.do(f"create{kind.event}", shown, **input)).made
        return made


@pytest.fixture(scope="module")
async def own(
    server: SimpleNamespace, worker: None, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Own]:
    """A company with a record of each type; nothing that is asked of it here changes it."""
    company = await found_without_approval(server, owner, http)
    yield await Own.of(company)
    await company.check_books()


async def all_printed(company: Erp) -> None:
    """Wait until the worker has printed what was posted: nothing changes afterwards."""
    missing = """
      select count(*) from document d where tenant_id = $1 and number is not null and kind = any($2)
      and not exists (select from printout p where (p.tenant_id, p.document_id) = ($1, d.id))
    """
    kinds = [kind.name for kind in KINDS.values() if kind.printed_by_posting]
    deadline = time.monotonic() + PRINTING_SECONDS_MAX
    while await company.owner.fetchval(missing, company.tenant, kinds):
        assert time.monotonic() < deadline, "the worker did not print in time"
        await asyncio.sleep(0.05)


async def beside_of(anna: User, document: str) -> tuple[str, str]:
    """Return a comment and an attached file of a document."""
    shown = "document { comments { id } attachments { id } }"
    await anna.do("addComment", shown, id=document, text="x")
    made = (await anna.attach(document, "a.txt", b"a", shown)).made
    return made["comments"][0]["id"], made["attachments"][0]["id"]


@pytest.fixture(scope="module")
async def stranger(
    server: SimpleNamespace, worker: None, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Own:
    """Another company with a record of each type."""
    return await Own.of(await found_without_approval(server, owner, http))


Ask = Callable[[Own, str], Awaitable[str]]


def mutation(field: str, shown: str, **more: Any) -> Ask:
    """Return how to call a mutation with an id in place of every `None` of its input."""

    async def ask(own: Own, id: str) -> str:
        given = {**more, "idempotencyKey": "key"}
        answer = await own.anna.do(field, shown, **_filled(given, own, id))
        assert [answer.problem_codes, answer.status] == [["NOT_FOUND"], 200]
        return json.dumps(answer.body)

    return ask


def many(field: str, **more: Any) -> Ask:
    """Return how to do something with many documents, one of which an id names."""

    async def ask(own: Own, id: str) -> str:
        given = _filled({"ids": [ID], **more, "idempotencyKey": "key"}, own, id)
        if "groups" in more:
            del given["ids"]
        answer = await own.anna.do(field, f"items {{ document {{ id }} {PROBLEMS} }}", **given)
        told = answer.data[field]["items"] or [answer.data[field]]
        codes = [problem["code"] for each in told for problem in each["problems"]]
        assert [codes, answer.status] == [["NOT_FOUND"], 200]
        return json.dumps(answer.body)

    return ask


def job(**more: Any) -> Ask:
    """Return how to select documents for a job by an id, which finds none."""

    async def ask(own: Own, id: str) -> str:
        given = _filled({"verb": "DISCARD", **more, "idempotencyKey": "key"}, own, id)
        answer = await own.anna.do("startDocumentJob", JOB, **given)
        assert [answer.problem_codes, answer.status] == [["NOTHING_SELECTED"], 200]
        return json.dumps(answer.body)

    return ask


def preview(kind: Kind, field: str) -> Ask:
    """Return how to look at a document that was never saved, with an id in `field`."""

    async def ask(own: Own, id: str) -> str:
        text = (
            f"query($input: Preview{kind.event}Input!) {{ preview{kind.event}(input: $input)"
            f" {{ amounts {{ gross }} {PROBLEMS} }} }}"
        )
        answer = await own.anna.ask(text, input=_filled(given_with(kind, field), own, id))
        [told] = answer.data.values()
        codes = [problem["code"] for problem in told["problems"]]
        assert [codes, told["amounts"]] == [["NOT_FOUND"], None]
        return json.dumps(answer.body)

    return ask


def _filled(given: Any, own: Own, id: str) -> Any:
    if isinstance(given, dict):
        return {name: _filled(value, own, id) for name, value in given.items()}
    if isinstance(given, list):
        return [_filled(value, own, id) for value in given]
    if isinstance(given, Doc):
        return own.docs[given.kind, given.stage]["id"]
    return id if given is ID else _own(own, given)


def _own(own: Own, given: Any) -> Any:
    marks = (
        (PAR, own.par),
        (ITM, own.itm),
        (PRC, own.prc),
        (USER, own.usr),
        (DOC, own.doc),
        (CMT, own.cmt),
        (ATT, own.att),
    )
    return next((id for mark, id in marks if given is mark), given)


ID, PAR, ITM, PRC, USER, DOC, CMT, ATT = (object() for _ in range(8))
PRICE = {"unitPrice": "1", "validFrom": "2026-01-01"}
SERIES = "numberSeries { id }"
JOB = "documentJob { id }"


@dataclass(frozen=True, slots=True)
class Doc:
    """A document of the asking company itself."""

    kind: str
    stage: str


def query(text: str) -> Ask:
    """Return how to send a query with an id in `$id`."""

    async def ask(own: Own, id: str) -> str:
        answer = await own.anna.ask(f"query($id: ID!) {{ {text} }}", id=id)
        return json.dumps([answer.status, answer.body])

    return ask


def item_price(**arguments: str) -> Ask:
    """Return how to ask for a price with an id in place of `$id`; the item is our own."""
    given = {"on": '"2026-11-20"', "quantity": '"1"', **arguments}
    written = ", ".join(f"{name}: {value}" for name, value in given.items())

    async def ask(own: Own, id: str) -> str:
        text = f"itemPrice(itemId: $item, {written}) {{ considered {{ source hit unitPrice }} }}"
        declared = "query($id: ID!, $item: ID!)"
        answer = await own.anna.ask(f"{declared} {{ {text} }}", id=id, item=own.itm)
        return json.dumps([answer.status, answer.body])

    return ask


def subscription(text: str) -> Ask:
    """Return how to subscribe with an id in `$id`; a cursor that is none ends it at once."""

    async def ask(own: Own, id: str) -> str:
        erp = own.anna.erp
        payload = {
            "query": f"subscription($id: ID!) {{ {text} }}",
            "variables": {"id": id},
        }
        async with erp.http.ws_connect(f"{erp.server.url}/graphql", protocols=[WS]) as socket:
            token = {"authorization": f"Bearer {own.anna.token}"}
            await socket.send_json({"type": "connection_init", "payload": token})
            assert (await socket.receive_json())["type"] == "connection_ack"
            await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
            answer = await socket.receive_json()
            assert answer["type"] == "error"
            return json.dumps(answer)

    return ask


def verb(name: str, **more: Any) -> Ask:
    """Return how to do something with a document."""
    return mutation(name, "document { id }", **{"id": ID, "expectedVersion": 1, **more})


def payable(name: str) -> Ask:
    """Return how to block or release the payment of a supplier's invoice."""
    known = {"id": ID, "expectedVersion": 1, "reason": "Ware fehlt"}
    return mutation(name, "supplierInvoice { id }", **known)


FINAL_ORDER = {"id": Doc("SALES_ORDER", "final"), "expectedVersion": 2}
FINAL_DELIVERY = {"id": Doc("DELIVERY_NOTE", "final"), "expectedVersion": 2}


def written(kind: Kind, way: str, field: str) -> Ask:
    """Return how to create, update or amend a document with an id in `field` of the input."""
    known: dict[str, Any] = {}
    if way != "create":
        stage, version = ("draft", 1) if way == "update" else ("final", 2)
        known = {"id": Doc(kind.name, stage), "expectedVersion": version}
    if way == "amend":
        known["reason"] = "Kunde will mehr"
    shown = f"{kind.event[0].lower()}{kind.event[1:]} {{ id }}"
    return mutation(f"{way}{kind.event}", shown, **{**known, **given_with(kind, field)})


def given_with(kind: Kind, field: str) -> dict[str, Any]:
    """Return what a document of a kind says, with an id in `field`."""
    given: dict[str, Any] = {other_side_of(kind): PAR}
    given |= {"lines": [LINE]} if kind.has_lines else {"amount": "5", "method": "CASH"}
    if field.startswith("lines."):
        given["lines"] = [LINE, {**LINE, field.partition(".")[2]: ID}]
    else:
        given[field] = [ID] if field == "prepayments" else ID
    return given


def ids_of(kind: Kind) -> dict[str, str]:
    """Return the fields of a document's input that take ids, and the prefixes of those."""
    who = ("soldTo", "billTo", "shipTo") if kind.side == SALES else ("supplier",)
    if not kind.has_lines:
        who = (other_side_of(kind),)
    ids = {**dict.fromkeys(who, "par"), "branch": "brn"}
    ids |= {"lines.itemId": "itm", "lines.id": "lin"} if kind.has_lines else {}
    ids |= {"lines.sourceLineId": "lin"} if kind.names_sources else {}
    return ids | ({"prepayments": "doc"} if kind.name == "SALES_INVOICE" else {})


def written_cases() -> Iterator[tuple[str, tuple[str, Ask]]]:
    """Yield the cases of what is written: every kind, in every way, every id of its input."""
    for kind in KINDS.values():
        for way in ("create", "update", "amend") if kind.amendable else ("create", "update"):
            more = {} if way == "create" else {"id": "doc"}
            for name, prefix in {**ids_of(kind), **more}.items():
                place = f"Mutation.{way}{kind.event}.input.{name}"
                yield place, (prefix, written(kind, way, name))
        for name, prefix in ids_of(kind).items() if kind.priced else ():
            place = f"Query.preview{kind.event}.input.{name}"
            yield place, (prefix, preview(kind, name))


def waiting(field: str, argument: str) -> Ask:
    """Return how to ask what waits for an invoice of one partner."""
    return query(f"{field}({argument}: $id) {{ nodes {{ net }} totals {{ net }} }}")


def aside(name: str, **more: Any) -> Ask:
    """Return how to write something that goes along with a document; any version will do."""
    return mutation(name, "document { id }", id=ID, **more)


async def attached(own: Own, id: str) -> str:
    """Attach a file to a document."""
    answer = await own.anna.attach(id, "a.txt", b"a")
    assert [answer.problem_codes, answer.status] == [["NOT_FOUND"], 200]
    return json.dumps(answer.body)


SEARCHED = 'searchDocuments(text: "saatgut", filter: {WHICH: $id}) { document { id } }'
COUNTED = "documentFacets(filter: {WHICH: $id}) { total }"


CASES: dict[str, tuple[str, Ask]] = {
    "Query.node.id": ("doc", query("node(id: $id) { id }")),
    "Query.document.id": ("doc", query("document(id: $id) { id number }")),
    **{
        f"Query.documents.filter.{name}": (
            prefix,
            query(f"documents(filter: {{{name}: $id}}) {{ totalCount nodes {{ id }} }}"),
        )
        for name, prefix in {"partner": "par", "billTo": "par", "responsible": "usr"}.items()
    },
    "Query.partner.id": ("par", query("partner(id: $id) { id name }")),
    "Query.item.id": ("itm", query("item(id: $id) { id name }")),
    "Query.items.filter.supplier": (
        "par",
        query("items(filter: {supplier: $id}) { totalCount nodes { id } }"),
    ),
    "Query.price.id": ("prc", query("price(id: $id) { id unitPrice }")),
    "Query.prices.filter.item": (
        "itm",
        query("prices(filter: {item: $id}) { totalCount nodes { id } }"),
    ),
    "Query.prices.filter.partner": (
        "par",
        query("prices(filter: {partner: $id}) { totalCount nodes { id } }"),
    ),
    "Query.prices.filter.branch": (
        "brn",
        query("prices(filter: {branch: $id}) { totalCount nodes { id } }"),
    ),
    "Query.itemPrice.itemId": (
        "itm",
        query('itemPrice(itemId: $id, quantity: "1", on: "2026-11-20") { stockUnit }'),
    ),
    "Query.itemPrice.partnerId": ("par", item_price(partnerId="$id")),
    "Query.itemPrice.branchId": ("par", item_price(branchId="$id")),
    "Query.inboxItem.id": ("inb", query("inboxItem(id: $id) { id fileName }")),
    **dict(written_cases()),
    **{
        f"Mutation.{name}Documents.input.ids": ("doc", many(f"{name}Documents", **more))
        for name, more in {
            "submit": {},
            "approve": {},
            "post": {},
            "discard": {},
            "convert": {"to": "DELIVERY_NOTE"},
            "reassign": {"responsible": USER},
            "print": {},
        }.items()
    },
    **{
        f"Mutation.startDocumentJob.input.{place}": (prefix, job(**given))
        for place, prefix, given in (
            ("ids", "doc", {"ids": [ID]}),
            ("filter.partner", "par", {"filter": {"partner": ID}}),
            ("filter.billTo", "par", {"filter": {"billTo": ID}}),
            ("filter.responsible", "usr", {"filter": {"responsible": ID}}),
            ("filter.author", "usr", {"filter": {"author": ID}}),
        )
    },
    "Mutation.startDocumentJob.input.responsible": (
        "usr",
        mutation("startDocumentJob", JOB, verb="REASSIGN", ids=[DOC], responsible=ID),
    ),
    "Mutation.cancelDocumentJob.input.id": ("job", mutation("cancelDocumentJob", JOB, id=ID)),
    "Query.documentJob.id": ("job", query("documentJob(id: $id) { id total }")),
    "Mutation.reassignDocuments.input.responsible": (
        "usr",
        many("reassignDocuments", ids=[FINAL_ORDER["id"]], responsible=ID),
    ),
    "Mutation.createInvoices.input.groups.ids": (
        "doc",
        many("createInvoices", groups=[{"ids": [ID]}]),
    ),
    "Query.proposeInvoices.billTo": (
        "par",
        query('proposeInvoices(until: "2027-12-31", billTo: $id) { billToName net }'),
    ),
    "Query.waitingDeliveries.billTo": (
        "par",
        query('waitingDeliveries(until: "2027-12-31", billTo: $id) { billToName net }'),
    ),
    "Query.unbilledDeliveries.billTo": ("par", waiting("unbilledDeliveries", "billTo")),
    "Query.receivedNotInvoiced.supplier": ("par", waiting("receivedNotInvoiced", "supplier")),
    "Mutation.blockPayment.input.id": ("doc", payable("blockPayment")),
    "Mutation.releasePayment.input.id": ("doc", payable("releasePayment")),
    "Mutation.recordObjection.input.id": (
        "doc",
        mutation(
            "recordObjection", "selfBilledInvoice { id }", id=ID, expectedVersion=1, reason="x"
        ),
    ),
    "Mutation.submitDocument.input.id": ("doc", verb("submitDocument")),
    "Mutation.postDocument.input.id": ("doc", verb("postDocument")),
    "Mutation.discardDocument.input.id": ("doc", verb("discardDocument")),
    "Mutation.approveDocument.input.id": ("doc", verb("approveDocument")),
    "Mutation.rejectDocument.input.id": ("doc", verb("rejectDocument", reason="zu teuer")),
    "Mutation.convertDocument.input.ids": (
        "doc",
        mutation("convertDocument", "document { id }", ids=[ID], to="DELIVERY_NOTE"),
    ),
    "Mutation.convertDocument.input.lines.lineId": (
        "lin",
        mutation(
            "convertDocument",
            "document { id }",
            ids=[FINAL_ORDER["id"]],
            to="DELIVERY_NOTE",
            lines=[{"lineId": ID}],
        ),
    ),
    "Mutation.duplicateDocument.input.id": (
        "doc",
        mutation("duplicateDocument", "document { id }", id=ID),
    ),
    "Mutation.cancelDocument.input.id": ("doc", verb("cancelDocument", reason="falsch")),
    "Mutation.cancelAndCopyDocument.input.id": (
        "doc",
        verb("cancelAndCopyDocument", reason="falsch"),
    ),
    "Mutation.closeLines.input.id": ("doc", verb("closeLines", reason="genug")),
    "Mutation.closeLines.input.lineIds": (
        "lin",
        verb("closeLines", **FINAL_ORDER, lineIds=[ID], reason="genug"),
    ),
    "Mutation.reopenLines.input.id": ("doc", verb("reopenLines", reason="doch")),
    "Mutation.reopenLines.input.lineIds": (
        "lin",
        verb("reopenLines", **FINAL_ORDER, lineIds=[ID], reason="doch"),
    ),
    "Mutation.recordSent.input.id": ("doc", verb("recordSent", channel="PRINT")),
    "Mutation.recordAnswer.input.id": ("doc", verb("recordAnswer", answer="ACCEPTED")),
    "Mutation.confirmReceived.input.id": ("doc", verb("confirmReceived")),
    "Mutation.confirmReceived.input.quantities.lineId": (
        "lin",
        verb("confirmReceived", **FINAL_DELIVERY, quantities=[{"lineId": ID, "quantity": "1"}]),
    ),
    "Mutation.reassignDocument.input.id": ("doc", verb("reassignDocument", responsible=USER)),
    "Mutation.reassignDocument.input.responsible": (
        "usr",
        verb("reassignDocument", **FINAL_ORDER, responsible=ID),
    ),
    "Mutation.printDocument.input.id": (
        "doc",
        mutation("printDocument", "document { id }", id=ID),
    ),
    "Mutation.updatePartner.input.id": (
        "par",
        mutation("updatePartner", "partner { id }", id=ID, expectedVersion=1, **PARTNER),
    ),
    "Mutation.updatePartner.input.paymentTermsId": (
        "ptm",
        mutation(
            "updatePartner",
            "partner { id }",
            id=PAR,
            expectedVersion=1,
            paymentTermsId=ID,
            **PARTNER,
        ),
    ),
    "Mutation.createPartner.input.paymentTermsId": (
        "ptm",
        mutation("createPartner", "partner { id }", paymentTermsId=ID, **PARTNER),
    ),
    "Mutation.blockPartner.input.id": (
        "par",
        mutation("blockPartner", "partner { id }", id=ID, expectedVersion=1, reason="x"),
    ),
    "Mutation.unblockPartner.input.id": (
        "par",
        mutation("unblockPartner", "partner { id }", id=ID, expectedVersion=1),
    ),
    "Mutation.updatePaymentTerms.input.id": (
        "ptm",
        mutation("updatePaymentTerms", "paymentTerms { id }", id=ID, expectedVersion=1, **TERMS),
    ),
    "Mutation.updateBranch.input.id": (
        "brn",
        mutation("updateBranch", "branch { id }", id=ID, expectedVersion=1, **BRANCH),
    ),
    "Mutation.createItem.input.suppliers.partnerId": (
        "par",
        mutation("createItem", "item { id }", **ITEM, suppliers=[{"partnerId": ID}]),
    ),
    "Mutation.updateItem.input.id": (
        "itm",
        mutation("updateItem", "item { id }", id=ID, expectedVersion=1, **ITEM),
    ),
    "Mutation.updateItem.input.suppliers.partnerId": (
        "par",
        mutation(
            "updateItem",
            "item { id }",
            **{"id": ITM, "expectedVersion": 1, "suppliers": [{"partnerId": ID}], **ITEM},
        ),
    ),
    "Mutation.blockItem.input.id": (
        "itm",
        mutation("blockItem", "item { id }", id=ID, expectedVersion=1, reason="leer"),
    ),
    "Mutation.unblockItem.input.id": (
        "itm",
        mutation("unblockItem", "item { id }", id=ID, expectedVersion=1),
    ),
    "Mutation.createPrice.input.itemId": (
        "itm",
        mutation("createPrice", "price { id }", itemId=ID, **PRICE),
    ),
    "Mutation.createPrice.input.partnerId": (
        "par",
        mutation("createPrice", "price { id }", itemId=ITM, partnerId=ID, **PRICE),
    ),
    "Mutation.createPrice.input.branchId": (
        "brn",
        mutation("createPrice", "price { id }", itemId=ITM, branchId=ID, **PRICE),
    ),
    "Mutation.updatePrice.input.branchId": (
        "brn",
        mutation(
            "updatePrice",
            "price { id }",
            id=PRC,
            expectedVersion=1,
            itemId=ITM,
            branchId=ID,
            **PRICE,
        ),
    ),
    "Mutation.updatePrice.input.id": (
        "prc",
        mutation("updatePrice", "price { id }", id=ID, expectedVersion=1, itemId=ITM, **PRICE),
    ),
    "Mutation.updatePrice.input.itemId": (
        "itm",
        mutation("updatePrice", "price { id }", id=PRC, expectedVersion=1, itemId=ID, **PRICE),
    ),
    "Mutation.updatePrice.input.partnerId": (
        "par",
        mutation(
            "updatePrice",
            "price { id }",
            **{"id": PRC, "expectedVersion": 1, "itemId": ITM, "partnerId": ID, **PRICE},
        ),
    ),
    "Mutation.endPrice.input.id": (
        "prc",
        mutation("endPrice", "price { id }", id=ID, expectedVersion=1, validUntil="2026-12-31"),
    ),
    "Mutation.createPartnerFromInboxItem.input.id": (
        "inb",
        mutation("createPartnerFromInboxItem", "partner { id }", id=ID),
    ),
    "Query.searchDocuments.filter.partner": ("par", query(SEARCHED.replace("WHICH", "partner"))),
    "Query.searchDocuments.filter.billTo": ("par", query(SEARCHED.replace("WHICH", "billTo"))),
    "Query.searchDocuments.filter.responsible": (
        "usr",
        query(SEARCHED.replace("WHICH", "responsible")),
    ),
    "Query.searchDocuments.filter.author": ("usr", query(SEARCHED.replace("WHICH", "author"))),
    "Query.documentFacets.filter.partner": ("par", query(COUNTED.replace("WHICH", "partner"))),
    "Query.documentFacets.filter.billTo": ("par", query(COUNTED.replace("WHICH", "billTo"))),
    "Query.documentFacets.filter.responsible": (
        "usr",
        query(COUNTED.replace("WHICH", "responsible")),
    ),
    "Query.documentFacets.filter.author": ("usr", query(COUNTED.replace("WHICH", "author"))),
    "Query.documents.filter.author": (
        "usr",
        query("documents(filter: {author: $id}) { totalCount nodes { id } }"),
    ),
    "Mutation.setDocumentTags.input.id": ("doc", aside("setDocumentTags", tags=["Bio"])),
    "Mutation.addTag.input.ids": ("doc", many("addTag", tag="Bio")),
    "Mutation.removeTag.input.ids": ("doc", many("removeTag", tag="Bio")),
    "Mutation.addComment.input.id": ("doc", aside("addComment", text="x")),
    "Mutation.editComment.input.id": ("doc", aside("editComment", commentId=CMT, text="x")),
    "Mutation.editComment.input.commentId": (
        "cmt",
        mutation("editComment", "document { id }", id=DOC, commentId=ID, text="x"),
    ),
    "Mutation.removeComment.input.id": ("doc", aside("removeComment", commentId=CMT)),
    "Mutation.removeComment.input.commentId": (
        "cmt",
        mutation("removeComment", "document { id }", id=DOC, commentId=ID),
    ),
    "Mutation.attachFile.input.id": ("doc", attached),
    "Mutation.removeAttachment.input.id": ("doc", aside("removeAttachment", attachmentId=ATT)),
    "Mutation.removeAttachment.input.attachmentId": (
        "att",
        mutation("removeAttachment", "document { id }", id=DOC, attachmentId=ID),
    ),
    "Query.importRun.id": ("imp", query("importRun(id: $id) { id fileName }")),
    "Mutation.cancelImport.input.id": ("imp", mutation("cancelImport", "importRun { id }", id=ID)),
    "Subscription.jobProgress.id": (
        "imp",
        subscription('jobProgress(after: "0", id: $id) { cursor }'),
    ),
    "Query.numberSeriesById.id": ("nsr", query("numberSeriesById(id: $id) { id series }")),
    "Query.numberingReport.series": (
        "nsr",
        query('numberingReport(series: $id, period: "2026") { last gaps { count } }'),
    ),
    "Mutation.updateNumberSeries.input.id": (
        "nsr",
        mutation("updateNumberSeries", SERIES, id=ID, expectedVersion=1, template="{year}{seq:5}"),
    ),
    "Mutation.takeOverNumberRange.input.id": (
        "nsr",
        mutation("takeOverNumberRange", SERIES, id=ID, period="2026", lastUsed=1, proof="Liste"),
    ),
    "Mutation.voidNumber.input.id": ("nsr", mutation("voidNumber", SERIES, id=ID, reason="leer")),
    "Subscription.numberingEvents.filter.series": (
        "nsr",
        subscription('numberingEvents(after: "0", filter: {series: $id}) { cursor }'),
    ),
    "Query.openItems.partner": (
        "par",
        query("openItems(side: SALES, partner: $id) { totalCount nodes { number } }"),
    ),
    "Query.openItemsAsOf.partner": (
        "par",
        query(
            'openItemsAsOf(side: SALES, asOf: "2030-01-01", partner: $id) { nodes { number }'
            " totals { balance } }"
        ),
    ),
    "Query.proposeAllocation.paymentId": (
        "doc",
        query("proposeAllocation(paymentId: $id) { rest allocations { documentId } }"),
    ),
    "Query.proposeAllocation.partner": (
        "par",
        query('proposeAllocation(partner: $id, amount: "5") { rest allocations { documentId } }'),
    ),
    "Mutation.allocatePayment.input.paymentId": (
        "doc",
        mutation(
            "allocatePayment",
            "payment { id }",
            paymentId=ID,
            allocations=[{"documentId": Doc("SALES_INVOICE", "draft"), "amount": "1"}],
        ),
    ),
    "Mutation.allocatePayment.input.allocations.documentId": (
        "doc",
        mutation(
            "allocatePayment",
            "payment { id }",
            paymentId=Doc("INCOMING_PAYMENT", "draft"),
            allocations=[{"documentId": ID, "amount": "1"}],
        ),
    ),
    "Mutation.settleDocuments.input.creditId": (
        "doc",
        mutation(
            "settleDocuments",
            "credit { id }",
            creditId=ID,
            allocations=[{"documentId": Doc("INCOMING_PAYMENT", "draft"), "amount": "1"}],
        ),
    ),
    "Mutation.settleDocuments.input.allocations.documentId": (
        "doc",
        mutation(
            "settleDocuments",
            "credit { id }",
            creditId=Doc("SALES_INVOICE", "draft"),
            allocations=[{"documentId": ID, "amount": "1"}],
        ),
    ),
    "Mutation.undoAllocation.input.id": (
        "alc",
        mutation("undoAllocation", "document { id }", id=ID, reason="warum"),
    ),
    "Subscription.documentEvents.filter.document": (
        "doc",
        subscription('documentEvents(after: "0", filter: {document: $id}) { cursor }'),
    ),
    "Subscription.inboxEvents.filter.inboxItem": (
        "inb",
        subscription('inboxEvents(after: "0", filter: {inboxItem: $id}) { cursor }'),
    ),
}


def test_every_argument_that_takes_an_id_has_a_case():
    """Whoever adds an id to the schema adds a line to CASES."""
    assert sorted(CASES) == sorted(id_arguments())


@pytest.mark.parametrize("place", CASES)
async def test_an_id_of_another_company_is_answered_as_an_unknown_one(
    own: Own, stranger: Own, place: str
):
    """Byte for byte apart from the id itself, and neither company's tables change."""
    prefix, ask = CASES[place]
    unknown, theirs = f"{prefix}_{uuid.uuid4()}", getattr(stranger, prefix)

    async with unchanged(own.anna.erp, stranger.anna.erp):
        to_unknown, to_theirs = await ask(own, unknown), await ask(own, theirs)

    assert to_theirs.replace(theirs, "ID") == to_unknown.replace(unknown, "ID")


@pytest.mark.parametrize("place", CASES)
async def test_an_id_of_another_type_is_answered_as_an_unknown_one(own: Own, place: str):
    """Ids of own records of other types, also under a wrong prefix, and texts that are no ids."""
    prefix, ask = CASES[place]
    unknown = f"{prefix}_{uuid.uuid4()}"
    others = [other for other in PREFIXES if other != prefix]
    wrong = [f"usr_{uuid.uuid4()}", "none", "nichts", f"{prefix}_1", f"{prefix}_{uuid.uuid4().hex}"]
    for other in others:
        theirs = getattr(own, other)
        disguised = theirs.replace(other, prefix)
        wrong += [disguised] if place == "Query.node.id" else [theirs, disguised]
    wrong += _documents_of_other_kinds(own, place)

    async with unchanged(own.anna.erp):
        expected = (await ask(own, unknown)).replace(unknown, "ID")
        answers = {id: (await ask(own, id)).replace(id, "ID") for id in wrong}

    assert answers == dict.fromkeys(wrong, expected)


def _documents_of_other_kinds(own: Own, place: str) -> list[str]:
    """Return documents that a mutation of one kind must not find."""
    written = re.fullmatch(r"Mutation\.(update|amend)(\w+)\.input\.id", place)
    if written is None or written[2] not in {kind.event for kind in KINDS.values()}:
        return []
    stage = "draft" if written[1] == "update" else "final"
    return [own.docs[kind.name, stage]["id"] for kind in KINDS.values() if kind.event != written[2]]
