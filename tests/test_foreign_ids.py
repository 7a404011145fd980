"""Ids of another company or another type are answered exactly as unknown ids, in every argument."""

import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest
from graphql import GraphQLInputObjectType, GraphQLNamedType, get_named_type

from resolvers.api import SCHEMA
from tests.erp import Erp, User
from tests.importing import start, table
from tests.refused import ITEM, LINE, PARTNER, fate_of, unchanged

pytestmark = pytest.mark.usefixtures("worker")

WS = "graphql-transport-ws"
TERMS = {"code": "30N", "nameDe": "30 Tage netto", "nameEn": "30 days net", "dueDays": 30}
BRANCH = {"code": "NORD", **PARTNER}


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


@dataclass(frozen=True, slots=True)
class Own:
    """One record of each type of a company."""

    anna: User
    doc: str
    par: str
    itm: str
    inb: str
    ptm: str
    brn: str
    prc: str
    nsr: str
    imp: str

    @staticmethod
    async def of(company: Erp) -> "Own":
        """Make them."""
        anna = await company.sign_in("anna")
        partner = await anna.create_partner()
        item = await anna.create_item()
        document = await anna.create_invoice(soldTo=partner)
        imported = (await anna.import_file("a.xml", b"")).made
        await fate_of(anna, imported["id"])  # so that the worker changes nothing afterwards
        terms = (await anna.do("createPaymentTerms", "paymentTerms { id }", **TERMS)).made
        branch = (await anna.do("createBranch", "branch { id }", **BRANCH)).made
        price = (await anna.do("createPrice", "price { id }", itemId=item, **PRICE)).made
        series = (await anna.ask("{ numberSeries(first: 1) { nodes { id } } }")).data
        [first] = series["numberSeries"]["nodes"]
        run = (await start(anna, table("Firma"))).made
        await anna.do("cancelImport", "importRun { id }", id=run["id"])  # nor here
        made = [each["id"] for each in (document, imported, terms, branch, price, first, run)]
        return Own(anna, made[0], partner, item, *made[1:])


@pytest.fixture(scope="module")
async def stranger(
    server: SimpleNamespace, worker: None, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Own:
    """Another company with a record of each type."""
    return await Own.of(await Erp.found(server, owner, http))


Ask = Callable[[Own, str], Awaitable[str]]


def mutation(field: str, shown: str, **more: Any) -> Ask:
    """Return how to call a mutation with an id in place of every `None` of its input."""

    async def ask(own: Own, id: str) -> str:
        given = {**more, "idempotencyKey": "key"}
        answer = await own.anna.do(field, shown, **_filled(given, own, id))
        assert [answer.problem_codes, answer.status] == [["NOT_FOUND"], 200]
        return json.dumps(answer.body)

    return ask


def _filled(given: Any, own: Own, id: str) -> Any:
    if isinstance(given, dict):
        return {name: _filled(value, own, id) for name, value in given.items()}
    if isinstance(given, list):
        return [_filled(value, own, id) for value in given]
    return id if given is ID else _own(own, given)


def _own(own: Own, given: Any) -> Any:
    marks = ((PAR, own.par), (DOC, own.doc), (ITM, own.itm), (PRC, own.prc))
    return next((id for mark, id in marks if given is mark), given)


ID, PAR, DOC, ITM, PRC = object(), object(), object(), object(), object()
PRICE = {"unitPrice": "1", "validFrom": "2026-01-01"}


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
    return mutation(name, "document { id }", id=ID, expectedVersion=1, **more)


def invoice(name: str, **more: Any) -> Ask:
    """Return how to write an invoice."""
    given = {"soldTo": PAR, "lines": [LINE], **more}
    if name == "updateSalesInvoice":
        given = {"id": DOC, "expectedVersion": 1, **given}
    return mutation(name, "salesInvoice { id }", **given)


CREATE, UPDATE = "createSalesInvoice", "updateSalesInvoice"
SERIES = "numberSeries { id }"
LINES = [LINE, {"quantity": "1", "itemId": ID}]

CASES: dict[str, tuple[str, Ask]] = {
    "Query.node.id": ("doc", query("node(id: $id) { id }")),
    "Query.document.id": ("doc", query("document(id: $id) { id number }")),
    "Query.documents.filter.soldTo": (
        "par",
        query("documents(filter: {partner: $id}) { totalCount nodes { id } }"),
    ),
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
    "Query.itemPrice.itemId": (
        "itm",
        query('itemPrice(itemId: $id, quantity: "1", on: "2026-11-20") { stockUnit }'),
    ),
    "Query.itemPrice.partnerId": ("par", item_price(partnerId="$id")),
    "Query.itemPrice.branchId": ("par", item_price(branchId="$id")),
    "Query.inboxItem.id": ("inb", query("inboxItem(id: $id) { id fileName }")),
    "Mutation.createSalesInvoice.input.soldTo": ("par", invoice(CREATE, soldTo=ID)),
    "Mutation.createSalesInvoice.input.billTo": ("par", invoice(CREATE, billTo=ID)),
    "Mutation.createSalesInvoice.input.shipTo": ("par", invoice(CREATE, shipTo=ID)),
    "Mutation.createSalesInvoice.input.lines.itemId": ("itm", invoice(CREATE, lines=LINES)),
    "Mutation.updateSalesInvoice.input.id": ("doc", invoice(UPDATE, id=ID)),
    "Mutation.updateSalesInvoice.input.soldTo": ("par", invoice(UPDATE, soldTo=ID)),
    "Mutation.updateSalesInvoice.input.billTo": ("par", invoice(UPDATE, billTo=ID)),
    "Mutation.updateSalesInvoice.input.shipTo": ("par", invoice(UPDATE, shipTo=ID)),
    "Mutation.updateSalesInvoice.input.lines.itemId": ("itm", invoice(UPDATE, lines=LINES)),
    "Mutation.submitDocument.input.id": ("doc", verb("submitDocument")),
    "Mutation.postDocument.input.id": ("doc", verb("postDocument")),
    "Mutation.discardDocument.input.id": ("doc", verb("discardDocument")),
    "Mutation.approveDocument.input.id": ("doc", verb("approveDocument")),
    "Mutation.rejectDocument.input.id": ("doc", verb("rejectDocument", reason="zu teuer")),
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
    erp: Erp, stranger: Own, place: str
):
    """Byte for byte apart from the id itself, and neither company's tables change."""
    own = await Own.of(erp)
    prefix, ask = CASES[place]
    unknown, theirs = f"{prefix}_{uuid.uuid4()}", getattr(stranger, prefix)

    async with unchanged(erp, stranger.anna.erp):
        to_unknown, to_theirs = await ask(own, unknown), await ask(own, theirs)

    assert to_theirs.replace(theirs, "ID") == to_unknown.replace(unknown, "ID")


@pytest.mark.parametrize("place", CASES)
async def test_an_id_of_another_type_is_answered_as_an_unknown_one(erp: Erp, place: str):
    """Ids of own records of other types, also under a wrong prefix, and texts that are no ids."""
    own = await Own.of(erp)
    prefix, ask = CASES[place]
    unknown = f"{prefix}_{uuid.uuid4()}"
    kinds = ("doc", "par", "itm", "inb", "ptm", "brn", "prc", "nsr", "imp")
    others = [other for other in kinds if other != prefix]
    wrong = [f"usr_{uuid.uuid4()}", "none", "nichts", f"{prefix}_1", f"{prefix}_{uuid.uuid4().hex}"]
    for other in others:
        theirs = getattr(own, other)
        disguised = theirs.replace(other, prefix)
        wrong += [disguised] if place == "Query.node.id" else [theirs, disguised]

    async with unchanged(erp):
        expected = (await ask(own, unknown)).replace(unknown, "ID")
        answers = {id: (await ask(own, id)).replace(id, "ID") for id in wrong}

    assert answers == dict.fromkeys(wrong, expected)
