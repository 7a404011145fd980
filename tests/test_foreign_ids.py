"""Ids of another company or another type are answered exactly as unknown ids, in every argument."""

import dataclasses
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest
from graphql import GraphQLInputObjectType, GraphQLNamedType, get_named_type

from domain.documents.kinds import KINDS, SALES, Kind
from persistence.identity import user_id
from resolvers.api import SCHEMA
from tests.companies import found_without_approval
from tests.erp import Erp, User
from tests.refused import LINE, PARTNER, fate_of, unchanged
from web.development import ISSUER

pytestmark = pytest.mark.usefixtures("worker")

WS = "graphql-transport-ws"


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
    usr: str
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
        partner = await anna.create_partner()
        item = await anna.create_item()
        imported = (await anna.import_file("a.xml", b"")).made
        await fate_of(anna, imported["id"])  # so that the worker changes nothing afterwards
        user = user_id(ISSUER, f"anna@{company.tenant}")
        own = Own(anna, partner, item, imported["id"], f"usr_{user}")
        for kind in KINDS.values():
            who = {"soldTo" if kind.side == SALES else "supplier": partner}
            own.docs[kind.name, "draft"] = await anna.create(kind.name, **who)
            final = own.docs[kind.name, "final"] = await anna.create(kind.name, **who)
            assert (await anna.post(final)).problems == []
        return own


@pytest.fixture(scope="module")
async def own(
    server: SimpleNamespace, worker: None, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Own]:
    """A company with a record of each type; nothing that is asked of it here changes it."""
    company = await found_without_approval(server, owner, http)
    yield await Own.of(company)
    await company.check_books()


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


def _filled(given: Any, own: Own, id: str) -> Any:
    if isinstance(given, dict):
        return {name: _filled(value, own, id) for name, value in given.items()}
    if isinstance(given, list):
        return [_filled(value, own, id) for value in given]
    if isinstance(given, Doc):
        return own.docs[given.kind, given.stage]["id"]
    return id if given is ID else {PAR: own.par, USER: own.usr}.get(given, given)


ID, PAR, USER = object(), object(), object()


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


FINAL_ORDER = {"id": Doc("SALES_ORDER", "final"), "expectedVersion": 2}
FINAL_DELIVERY = {"id": Doc("DELIVERY_NOTE", "final"), "expectedVersion": 2}


def written(kind: Kind, way: str, field: str) -> Ask:
    """Return how to create, update or amend a document with an id in `field` of the input."""
    given: dict[str, Any] = {"soldTo" if kind.side == SALES else "supplier": PAR, "lines": [LINE]}
    if way != "create":
        stage, version = ("draft", 1) if way == "update" else ("final", 2)
        given |= {"id": Doc(kind.name, stage), "expectedVersion": version}
    if way == "amend":
        given["reason"] = "Kunde will mehr"
    if field.startswith("lines."):
        given["lines"] = [LINE, {**LINE, field.partition(".")[2]: ID}]
    else:
        given[field] = ID
    shown = f"{kind.event[0].lower()}{kind.event[1:]} {{ id }}"
    return mutation(f"{way}{kind.event}", shown, **given)


def written_cases() -> Iterator[tuple[str, tuple[str, Ask]]]:
    """Yield the cases of what is written: every kind, in every way, every id of its input."""
    for kind in KINDS.values():
        sales = {"soldTo": "par", "billTo": "par", "shipTo": "par"}
        ids = {**(sales if kind.side == SALES else {"supplier": "par"}), "lines.itemId": "itm"}
        for way in ("create", "update", "amend") if kind.amendable else ("create", "update"):
            more = {} if way == "create" else {"id": "doc"}
            for name, prefix in {**ids, "lines.id": "lin", **more}.items():
                place = f"Mutation.{way}{kind.event}.input.{name}"
                yield place, (prefix, written(kind, way, name))


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
    "Query.inboxItem.id": ("inb", query("inboxItem(id: $id) { id fileName }")),
    **dict(written_cases()),
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
    "Mutation.updatePartner.input.id": (
        "par",
        mutation("updatePartner", "partner { id }", id=ID, expectedVersion=1, **PARTNER),
    ),
    "Mutation.createPartnerFromInboxItem.input.id": (
        "inb",
        mutation("createPartnerFromInboxItem", "partner { id }", id=ID),
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
