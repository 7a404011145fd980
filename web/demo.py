"""The story of one invoice, told step by step against a running development server.

Each step is a real operation by a real client (gql); the end-to-end test runs this very file.
"""

import asyncio
import json
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

from gql import Client, FileVar, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError
from gql.transport.websockets import WebsocketsTransport

SAMPLES = Path(__file__).parent.parent / "tests" / "samples"
EVENT_SECONDS_MAX = 30

_DOCUMENT = "document { id version state number gross currency }"
_PROBLEMS = "problems { code message path }"


class StoryBroken(Exception):
    """A step did not end as the story says."""


@dataclass(slots=True, eq=False)
class Narrator:
    """One run of the story: who is signed in, what the live feed has told so far."""

    url: str
    say: Callable[[str], None]
    tokens: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def token(self, user: str) -> str:
        """Return a token of a demo user, by e-mail."""
        if user not in self.tokens:
            self.tokens[user] = await asyncio.to_thread(self._fetch_token, user)
        return self.tokens[user]

    def _fetch_token(self, user: str) -> str:
        request = urllib.request.Request(  # noqa: S310  the address is the caller's own
            f"{self.url}/dev/token",
            json.dumps({"email": user}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            found: str = json.load(answer)["access_token"]
            return found

    async def ask(self, user: str, operation: str, **variables: Any) -> dict[str, Any]:
        """Run an operation as a user."""
        transport = AIOHTTPTransport(
            url=f"{self.url}/graphql",
            headers={"authorization": f"Bearer {await self.token(user)}"},
        )
        async with Client(transport=transport) as session:
            request = GraphQLRequest(operation, variable_values=variables)
            found: dict[str, Any] = await session.execute(request, upload_files=bool(variables))
            return found

    async def do(self, user: str, mutation: str, shown: str, **input: Any) -> dict[str, Any]:
        """Run a mutation as a user and return its payload."""
        input["idempotencyKey"] = str(uuid.uuid4())
        kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
        answer = await self.ask(
            user,
            f"mutation($input: {kind}) {{ {mutation}(input: $input) {{ {shown} {_PROBLEMS} }} }}",
            input=input,
        )
        payload: dict[str, Any] = answer[mutation]
        return payload

    async def follow(self, user: str, subscription: str, after: str | None = None) -> None:
        """Listen until cancelled; every event is kept in order."""
        field_name = "inboxEvents" if "inboxEvents" in subscription else "documentEvents"
        transport = WebsocketsTransport(
            url=self.url.replace("http", "ws", 1) + "/graphql",
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            init_payload={"authorization": f"Bearer {await self.token(user)}"},
        )
        async with Client(transport=transport) as session:
            request = GraphQLRequest(subscription, variable_values={"after": after})
            async for message in session.subscribe(request):
                async with self.arrived:
                    self.events.append(message[field_name])
                    self.arrived.notify_all()

    async def heard(self, test: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first event that passes a test; wait for it if need be."""
        async with asyncio.timeout(EVENT_SECONDS_MAX), self.arrived:
            while True:
                for event in self.events:
                    if test(event):
                        return event
                await self.arrived.wait()


def expect(condition: bool, sentence: str, seen: Any) -> None:
    """Raise StoryBroken unless the condition holds."""
    if not condition:
        raise StoryBroken(f"{sentence}, but: {seen}")


INBOX = """subscription($after: Cursor) { inboxEvents(after: $after) {
  cursor type inboxItem { id state fileName sellerName invoiceNumber gross currency failureCode }
} }"""
DOCUMENTS = """subscription($after: Cursor) { documentEvents(after: $after) {
  cursor type version actor { name } changes { field before after }
  document { id state number }
} }"""

OLGA, MARTIN, ANKE = (f"{name}@weser.example" for name in ("olga", "martin", "anke"))


async def tell(url: str, say: Callable[[str], None] = print) -> int:
    """Tell the story and return the exit status."""
    try:
        await _story(Narrator(url, say))
    except (StoryBroken, TransportError, json.JSONDecodeError) as broken:
        say(f"The story broke off: {broken or type(broken).__name__}")
        return 1
    except (OSError, HTTPException, ValueError) as nobody:
        say(f"NeuroERP does not answer at {url} ({nobody or type(nobody).__name__}).")
        say("Start it with make run. On another port: NEUROERP_PORT=8001 make demo.")
        return 1
    return 0


async def _story(told: Narrator) -> None:
    documents = Narrator(told.url, told.say, told.tokens)
    inbox = Narrator(told.url, told.say, told.tokens)
    start = (await told.ask(OLGA, "{ latestCursor }"))["latestCursor"]
    listening = {
        documents: asyncio.create_task(documents.follow(OLGA, DOCUMENTS, start)),
        inbox: asyncio.create_task(inbox.follow(OLGA, INBOX, start)),
    }
    told.say(f"Olga follows the journal from {start} on.\n")
    try:
        partner = await _receive(told, inbox)
        invoice = await _write(told, partner)
        await _decide(told, invoice, partner)
        await documents.heard(lambda event: event["type"] == "SalesInvoiceApproved")
        listening[documents].cancel()
        await asyncio.gather(listening[documents], return_exceptions=True)
        told.say("f. The live feed is cut here, in the middle of the story.")
        await _post(told, invoice)
        after = documents.events[-1]["cursor"]
        listening[documents] = asyncio.create_task(documents.follow(OLGA, DOCUMENTS, after))
        await _print(told, documents, invoice)
        _demand_whole_story(told, documents.events)
        await _list(told)
        await _second_company(told)
    finally:
        for task in listening.values():
            task.cancel()
        await asyncio.gather(*listening.values(), return_exceptions=True)
    told.say(
        "\nThe end. Every step stands in the journal; check it: .venv/bin/neuroerp journal verify"
    )


async def _receive(told: Narrator, inbox: Narrator) -> str:
    """Step a: e-invoices come in, are read by the worker, and one seller becomes a partner."""
    files = sorted(path for path in SAMPLES.iterdir() if path.suffix in (".xml", ".pdf"))
    told.say(f"a. Olga drops {len(files)} e-invoices into the inbox:")
    made: dict[str, str] = {}
    for path in files:
        file = FileVar(str(path), filename=path.name)
        payload = await told.do(OLGA, "importInboxFile", "inboxItem { id }", file=file)
        made[payload["inboxItem"]["id"]] = path.name
    for id, name in made.items():
        event = await inbox.heard(partial(_read_or_failed, id))
        item = event["inboxItem"]
        expect(event["type"] == "InboxItemRead", f"{name} should be readable", item)
        told.say(
            f"   {name}: {item['sellerName']}, {item['invoiceNumber']},"
            f" {item['gross']} {item['currency']}"
        )
    id = next(id for id, name in made.items() if "saatgut" in name)
    payload = await told.do(OLGA, "createPartnerFromInboxItem", "partner { id name }", id=id)
    if payload["partner"]:
        told.say(f"   The seller {payload['partner']['name']} becomes a partner.\n")
        partner: str = payload["partner"]["id"]
        return partner
    [problem] = payload["problems"]
    expect(problem["code"] == "DUPLICATE_PARTNER", "the seller should be known", problem)
    told.say("   The seller is a partner already, from an earlier run.\n")
    first = await told.ask(OLGA, "{ partners(first: 1) { nodes { id } } }")
    found: str = first["partners"]["nodes"][0]["id"]
    return found


def _read_or_failed(id: str, event: dict[str, Any]) -> bool:
    finished = event["type"] in ("InboxItemRead", "InboxItemFailed")
    return finished and event["inboxItem"]["id"] == id


async def _content(told: Narrator, partner: str, reference: str) -> dict[str, Any]:
    """Return what the invoice says: one item at 19 %, one at 7 %."""
    items = (await told.ask(OLGA, "{ items(first: 3) { nodes { id number } } }"))["items"]["nodes"]
    return {
        "soldTo": partner,
        "supplyDate": date.today().isoformat(),  # noqa: DTZ011  the day where the demo runs
        "customerReference": reference,
        "lines": [
            {"itemId": items[0]["id"], "quantity": "2.5"},
            {"itemId": items[1]["id"], "quantity": "750"},
        ],
    }


async def _write(told: Narrator, partner: str) -> dict[str, Any]:
    """Steps c: a draft, a change, and the question for approval."""
    content = await _content(told, partner, "Bestellung 4711")
    shown = "salesInvoice { id version state net tax gross currency }"
    invoice: dict[str, Any] = (await told.do(OLGA, "createSalesInvoice", shown, **content))[
        "salesInvoice"
    ]
    told.say(f"c. Olga writes an invoice: {invoice['gross']} {invoice['currency']}, a draft.")
    content["note"] = "Vielen Dank für Ihren Auftrag."
    changed = await told.do(
        OLGA,
        "updateSalesInvoice",
        shown,
        id=invoice["id"],
        expectedVersion=invoice["version"],
        **content,
    )
    invoice.update(changed["salesInvoice"])
    await _verb(told, OLGA, "submitDocument", invoice)
    told.say(f"   She adds a note and submits it: {invoice['state']}.\n")
    return invoice


async def _verb(
    told: Narrator, user: str, mutation: str, invoice: dict[str, Any], **more: Any
) -> list[dict[str, Any]]:
    payload = await told.do(
        user,
        mutation,
        _DOCUMENT,
        id=invoice["id"],
        expectedVersion=invoice["version"],
        **more,
    )
    invoice.update(payload["document"] or {})
    problems: list[dict[str, Any]] = payload["problems"]
    return problems


async def _decide(told: Narrator, invoice: dict[str, Any], partner: str) -> None:
    """Step d: four eyes, a rejection, a new draft, an approval."""
    admin = "adam@weser.example"
    expect(not await _verb(told, MARTIN, "rejectDocument", invoice, reason="Which order?"), "", 0)
    told.say(f"d. Martin sends it back, asking which order it is for: {invoice['state']}.")
    problems = await _verb(told, MARTIN, "approveDocument", invoice)
    expect([p["code"] for p in problems] == ["TRANSITION_NOT_ALLOWED"], "no way around", problems)
    changed = await told.do(
        admin,
        "updateSalesInvoice",
        "salesInvoice { id version state }",
        id=invoice["id"],
        expectedVersion=invoice["version"],
        note="Vielen Dank für Ihren Auftrag.",
        **await _content(told, partner, "Bestellung 4711 vom Montag"),
    )
    invoice.update(changed["salesInvoice"])
    told.say(f"   Adam names the order; with his edit it is a {invoice['state']} again.")
    await _verb(told, OLGA, "submitDocument", invoice)
    problems = await _verb(told, admin, "approveDocument", invoice)
    expect([p["code"] for p in problems] == ["FOUR_EYES_VIOLATION"], "four eyes", problems)
    told.say(f"   Adam may do anything, but not approve what he edited: {problems[0]['message']}")
    await _verb(told, MARTIN, "approveDocument", invoice, note="fine")
    told.say(f"   Martin approves: {invoice['state']}.\n")


async def _post(told: Narrator, invoice: dict[str, Any]) -> None:
    """Step e: posting gives the number and makes it final."""
    problems = await _verb(told, ANKE, "postDocument", invoice)
    expect(invoice["state"] == "POSTED", "posting", problems)
    told.say(f"e. Anke posts it: {invoice['number']}, final from now on.")
    problems = await _verb(told, OLGA, "discardDocument", invoice)
    expect([p["code"] for p in problems] == ["TRANSITION_NOT_ALLOWED"], "final", problems)
    told.say(f"   Nobody can throw it away: {problems[0]['message']}\n")


async def _print(told: Narrator, live: Narrator, invoice: dict[str, Any]) -> None:
    """Step g: the worker has made the PDF; the feed says when."""
    await live.heard(
        lambda event: (
            event["type"] == "SalesInvoicePrinted" and event["document"]["id"] == invoice["id"]
        )
    )
    answer = await told.ask(
        OLGA,
        """query($id: ID!) { document(id: $id) {
          printouts { fileName fileSize download { url } }
        } }""",
        id=invoice["id"],
    )
    [printout] = answer["document"]["printouts"]
    pdf = await asyncio.to_thread(_download, f"{told.url}{printout['download']['url']}")
    expect(pdf.startswith(b"%PDF") and len(pdf) == printout["fileSize"], "a PDF", pdf[:20])
    told.say(
        f"g. The worker printed {printout['fileName']} ({len(pdf) // 1024} KB). This link works"
        f" for ten minutes:\n   {told.url}{printout['download']['url']}\n"
    )


def _download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def _demand_whole_story(told: Narrator, events: list[dict[str, Any]]) -> None:
    """Step f: the resumed feed holds every step, once, in order."""
    types = [event["type"].removeprefix("SalesInvoice") for event in events]
    expected = ["Created", "Updated", "Submitted", "Rejected", "Updated", "Submitted"]
    expected += ["Approved", "Posted", "Printed"]
    expect(types == expected, "every step once, in order", types)
    told.say(f"f. Resumed at its cursor, the feed has told all {len(types)} steps, none twice:")
    for event in events:
        told.say(f"   {event['cursor']}  {event['type']} by {event['actor']['name']}")


async def _list(told: Narrator) -> None:
    """Step h: lists with partner, lines and history."""
    answer = await told.ask(
        OLGA,
        """{ documents(first: 3, filter: {state: {in: [POSTED]}}) { totalCount nodes {
          number gross ... on SalesDocument { soldTo { name } } lines { description quantity unit }
          history(first: 20) { totalCount } } } }""",
    )
    told.say(f"\nh. Posted documents: {answer['documents']['totalCount']}, the newest:")
    for node in answer["documents"]["nodes"]:
        told.say(
            f"   {node['number']}  {node['gross']}  {node['soldTo']['name']},"
            f" {len(node['lines'])} line(s), {node['history']['totalCount']} events"
        )


async def _second_company(told: Narrator) -> None:
    """Step d, second half: a company that wants no approvals posts a draft in one call."""
    arne = "arne@krause.example"
    answer = await told.ask(
        arne, "{ partners(first: 1) { nodes { id } } items(first: 1) { nodes { id } } }"
    )
    made = await told.do(
        arne,
        "createSalesInvoice",
        "salesInvoice { id version state }",
        soldTo=answer["partners"]["nodes"][0]["id"],
        supplyDate=date.today().isoformat(),  # noqa: DTZ011
        lines=[{"itemId": answer["items"]["nodes"][0]["id"], "quantity": "1"}],
    )
    invoice = made["salesInvoice"]
    problems = await _verb(told, arne, "postDocument", invoice)
    expect(invoice["state"] == "POSTED", "a draft is posted at once", problems)
    told.say(f"\nd. The second company asks for no approval: {invoice['number']} in one call.")
