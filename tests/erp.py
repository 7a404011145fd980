"""A company under test, and its users as clients of the public door."""

import itertools
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import jsonschema
import jwt
from gql import Client as GqlClient
from gql.transport.websockets import WebsocketsTransport

from domain.documents.kinds import KINDS, SALES, ApprovalMode, Kind
from domain.events import event_schemas
from persistence.journal import verify
from persistence.tenants import create_tenant
from web.development import AUDIENCE, ISSUER, KEY_ID

COMPANY = {
    "name": "Prüfstand GmbH",
    "street": "Prüfweg 1",
    "postcode": "28195",
    "city": "Bremen",
    "country": "DE",
    "vat_id": "DE136695976",
    "tax_number": "60/000/00000",
    "iban": "DE89370400440532013000",
}

PROBLEMS = "problems { __typename code message path }"
DOCUMENT = "document { __typename id version state number gross }"

CREATED = "id version state number net tax gross lines { id }"

FARMER = {
    "isSupplier": True,
    "taxNumber": "11/222/33333",
    "selfBillingAgreedOn": "2026-01-01",
    "taxClasses": [{"taxClass": "STANDARD", "validFrom": "2026-01-01"}],
}
"""A supplier for whom we may write the invoice ourselves."""

COSTS = {"account": "4980", "costCentre": "LAGER"}
"""Where a line of a supplier's bill belongs that names no item."""

_numbers = itertools.count(1)

SCHEMAS = {
    name: jsonschema.Draft202012Validator(schema) for name, schema in event_schemas().items()
}


@dataclass(slots=True)
class Erp:
    """A company with its server, journal and books."""

    server: SimpleNamespace
    owner: asyncpg.Connection
    http: aiohttp.ClientSession
    tenant: uuid.UUID = field(default_factory=uuid.uuid4)

    @staticmethod
    async def found(
        server: SimpleNamespace,
        owner: asyncpg.Connection,
        http: aiohttp.ClientSession,
        approval: ApprovalMode = ApprovalMode.ALWAYS,
    ) -> "Erp":
        """Found a company."""
        company = Erp(server, owner, http)
        await create_tenant(owner, company.tenant, COMPANY, {"SALES_INVOICE": approval}, "2026")
        return company

    async def sign_in(self, name: str = "anna", roles: tuple[str, ...] = ("admin",)) -> "User":
        """Return a user with these roles."""
        return User(self, name, self.token(name, roles))

    def token(self, name: str, roles: tuple[str, ...], **claims: Any) -> str:
        """Return a token of the development issuer; `claims` replace or add some."""
        facts = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"{name}@{self.tenant}",
            "name": name,
            "tenant": str(self.tenant),
            "roles": list(roles),
            "exp": 4_000_000_000,
            **claims,
        }
        key = self.server.issuer._key
        return jwt.encode(facts, key, algorithm="ES256", headers={"kid": KEY_ID})

    async def journal(self) -> list[asyncpg.Record]:
        """Return all rows of the journal in order."""
        return await self.owner.fetch(
            "select *, body::json -> 'facts' as facts from journal where tenant_id = $1"
            " order by position",
            self.tenant,
        )

    async def journal_types(self, document: str) -> list[str]:
        """Return what happened to a document, in order."""
        return [
            row["type"]
            for row in await self.journal()
            if str(row["entity_id"]) == document.partition("_")[2]
        ]

    async def numbers(self) -> list[str]:
        """Return the numbers of posted documents, sorted."""
        rows = await self.owner.fetch(
            "select number from document where tenant_id = $1 and number is not null", self.tenant
        )
        return sorted(row["number"] for row in rows)

    async def state_of_database(self) -> list[Any]:
        """Return a picture of everything this company has, to compare before and after."""
        tables = await self.owner.fetch(
            "select table_name from information_schema.columns"
            " where column_name = 'tenant_id' and table_schema = 'public' and table_name not in"
            " ('journal_change', 'app_user') order by 1"
        )
        return [
            await self.owner.fetchval(
                f"select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {name} t"
                " where tenant_id = $1",
                self.tenant,
            )
            for (name,) in tables
        ]

    async def check_books(self) -> None:
        """Demand the invariants of QUALITY.md: journal, numbers, totals."""
        assert [flaw async for flaw in verify(self.owner, self.tenant)] == []
        for row in await self.journal():
            SCHEMAS[row["type"]].validate(json.loads(row["body"]))
        numbers = await self.numbers()
        ranges = await self.owner.fetch(
            "select r.last, (select array_agg(counter order by counter) from ("
            "select counter from number_allocation a where a.tenant_id = r.tenant_id"
            " and a.series = r.series and a.period = r.period"
            " union all select generate_series(1, r.taken_over)) given) as counters"
            " from number_range r where r.tenant_id = $1",
            self.tenant,
        )
        for last, counters in ranges:
            assert (counters or []) == list(range(1, last + 1))
        ledger = await self.owner.fetch(
            "select number from number_allocation where tenant_id = $1 and voided_reason is null",
            self.tenant,
        )
        assert sorted(row["number"] for row in ledger) == numbers
        wrong = await self.owner.fetch(
            "select d.id from document d where d.tenant_id = $1 and (d.line_total <> ("
            "select coalesce(sum(net), 0) from document_line l where l.tenant_id = d.tenant_id"
            " and l.document_id = d.id) and d.kind not like '%PAYMENT' or d.tax <> ("
            "select coalesce(sum(tax), 0) from document_tax t"
            " where t.tenant_id = d.tenant_id and t.document_id = d.id))",
            self.tenant,
        )
        assert wrong == []


@dataclass(slots=True)
class Answer:
    """A GraphQL answer."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Any:
        """The data; fails with the errors if there are any."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def error_codes(self) -> list[str]:
        """The codes of the top-level errors."""
        return [error["extensions"]["code"] for error in self.body.get("errors", [])]

    @property
    def problems(self) -> list[dict[str, Any]]:
        """The problems of the one mutation in it."""
        [payload] = self.data.values()
        problems: list[dict[str, Any]] = payload["problems"]
        return problems

    @property
    def problem_codes(self) -> list[str]:
        """The codes of the problems."""
        return [problem["code"] for problem in self.problems]

    @property
    def made(self) -> Any:
        """What the one mutation in it made; fails with its problems if it was refused."""
        [payload] = self.data.values()
        assert payload["problems"] == [], payload["problems"]
        return next(value for name, value in payload.items() if name != "problems")


@dataclass(slots=True)
class User:
    """A user of a company, as a GraphQL client."""

    erp: Erp
    name: str
    token: str

    async def ask(self, query: str, language: str = "en", **variables: Any) -> Answer:
        """Send an operation."""
        body = {"query": query, "variables": variables}
        headers = {
            "authorization": f"Bearer {self.token}",
            "accept": "application/graphql-response+json",
            "accept-language": language,
        }
        async with self.erp.http.post(
            f"{self.erp.server.url}/graphql", json=body, headers=headers
        ) as answer:
            return Answer(answer.status, await answer.json(content_type=None), dict(answer.headers))

    async def do(self, mutation: str, shown: str, language: str = "en", **input: Any) -> Answer:
        """Run a mutation with an input; a fresh idempotency key unless one is given."""
        input.setdefault("idempotencyKey", str(uuid.uuid4()))
        type = f"{mutation[0].upper()}{mutation[1:]}Input!"
        return await self.ask(
            f"mutation Do($input: {type}) {{ {mutation}(input: $input) {{ {shown} {PROBLEMS} }} }}",
            language,
            input=input,
        )

    async def create_partner(self, name: str = "Hof Lindenau", **more: Any) -> str:
        """Create a partner and return its id."""
        facts = {"street": "Lindenallee 4", "postcode": "27318", "city": "Hoya", **more}
        answer = await self.do("createPartner", "partner { id version }", name=name, **facts)
        id: str = answer.made["id"]
        return id

    async def create_item(self, number: str | None = None, **more: Any) -> str:
        """Create an item and return its id."""
        facts = {
            "number": number or f"A-{next(_numbers)}",
            "name": "Winterweizen",
            "unit": "TONNE",
            "unitPrice": "210.50",
            "taxRate": "7",
            **more,
        }
        id: str = (await self.do("createItem", "item { id }", **facts)).made["id"]
        return id

    async def input_of(self, kind: str, **more: Any) -> dict[str, Any]:
        """Return a plain input of a kind: 100.00 EUR net, 119.00 gross, and all that posting asks.

        Or of a payment over that.
        Partners that are not given are created.
        """
        definition = KINDS[kind]
        other_side = other_side_of(definition)
        agreed = FARMER if kind == "SELF_BILLED_INVOICE" else {}
        partner = more.pop(other_side, None) or await self.create_partner(**agreed)
        if not definition.has_lines:
            paid = {"issueDate": "2026-11-20", "amount": "119.00", "method": "BANK_TRANSFER"}
            return {other_side: partner, **paid, **more}
        line = {
            "description": "Saatgut",
            "quantity": "4",
            "unit": "PIECE",
            "unitPrice": "25",
            "taxCategory": "S",
            "taxRate": "19",
            **(COSTS if definition.books_costs else {}),
        }
        plain = {"issueDate": "2026-11-20", **_asked_to_post(definition), "lines": [line]}
        return {other_side: partner, **plain, **more}

    async def create(self, kind: str, **more: Any) -> dict[str, Any]:
        """Create a draft of a kind and return its id, version, state, number, amounts and lines."""
        answer = await self.write("create", kind, **await self.input_of(kind, **more))
        made: dict[str, Any] = answer.made
        return made

    async def write(self, verb: str, kind: str, **input: Any) -> Answer:
        """Create, update or amend a document of a kind, by an input as it is."""
        event = KINDS[kind].event
        shown = f"{event[0].lower()}{event[1:]} {{ {CREATED} }}"
        return await self.do(f"{verb}{event}", shown, **input)

    async def amend(self, kind: str, document: dict[str, Any], **more: Any) -> Answer:
        """Amend a document in the version we know to a plain content, and remember what came."""
        known = {"id": document["id"], "expectedVersion": document["version"]}
        input = await self.input_of(kind, **{"reason": "Kunde will mehr", **known, **more})
        answer = await self.write("amend", kind, **input)
        if not answer.problems:
            document.update(answer.made)
        return answer

    async def convert(
        self, ids: Sequence[str], to: str, lines: list[dict[str, Any]] | None = None, **more: Any
    ) -> Answer:
        """Make the next document of the chain: of all that is open, or of these lines."""
        picked = {} if lines is None else {"lines": lines}
        shown = f"document {{ {CREATED} }}"
        return await self.do("convertDocument", shown, ids=[*ids], to=to, **picked, **more)

    async def invoice_input(self, **more: Any) -> dict[str, Any]:
        """Return the input of a plain invoice over 100.00 EUR net, 119.00 gross."""
        return await self.input_of("SALES_INVOICE", **more)

    async def create_invoice(self, **more: Any) -> dict[str, Any]:
        """Create a draft of an invoice and return its id, version, state, number and amounts."""
        return await self.create("SALES_INVOICE", **more)

    async def verb(self, mutation: str, document: dict[str, Any], **more: Any) -> Answer:
        """Do something with a document in the version we know, and remember what came of it."""
        more.setdefault("expectedVersion", document["version"])
        answer = await self.do(mutation, DOCUMENT, id=document["id"], **more)
        [payload] = (answer.body.get("data") or {"": None}).values()
        if payload and payload["document"]:
            document.update(payload["document"])
        return answer

    async def submit(self, document: dict[str, Any], **more: Any) -> Answer:
        """Submit."""
        return await self.verb("submitDocument", document, **more)

    async def approve(self, document: dict[str, Any], **more: Any) -> Answer:
        """Approve."""
        return await self.verb("approveDocument", document, **more)

    async def reject(
        self, document: dict[str, Any], reason: str = "too dear", **more: Any
    ) -> Answer:
        """Reject."""
        return await self.verb("rejectDocument", document, reason=reason, **more)

    async def post(self, document: dict[str, Any], **more: Any) -> Answer:
        """Post."""
        return await self.verb("postDocument", document, **more)

    async def import_file(self, name: str, content: bytes, **more: Any) -> Answer:
        """Send a file to the inbox by the multipart request specification."""
        operations = {
            "query": "mutation($input: ImportInboxFileInput!) { importInboxFile(input: $input)"
            f" {{ inboxItem {{ id state fileName fileHash fileSize }} {PROBLEMS} }} }}",
            "variables": {
                "input": {"file": None, "idempotencyKey": str(uuid.uuid4()), **more},
            },
        }
        form = aiohttp.FormData()
        form.add_field("operations", json.dumps(operations))
        form.add_field("map", json.dumps({"0": ["variables.input.file"]}))
        form.add_field("0", content, filename=name, content_type="application/octet-stream")
        headers = {"authorization": f"Bearer {self.token}"}
        async with self.erp.http.post(
            f"{self.erp.server.url}/graphql", data=form, headers=headers
        ) as answer:
            return Answer(answer.status, await answer.json(content_type=None))

    async def attach(
        self, document: str, name: str, content: bytes, shown: str = "document { id }"
    ) -> Answer:
        """Attach a text file to a document by the multipart request specification."""
        input = {"id": document, "file": None, "idempotencyKey": str(uuid.uuid4())}
        operations = {
            "query": "mutation($input: AttachFileInput!) { attachFile(input: $input)"
            f" {{ {shown} {PROBLEMS} }} }}",
            "variables": {"input": input},
        }
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("operations", json.dumps(operations))
        form.add_field("map", json.dumps({"0": ["variables.input.file"]}))
        form.add_field("0", content, filename=name, content_type="text/plain")
        headers = {"authorization": f"Bearer {self.token}"}
        async with self.erp.http.post(
            f"{self.erp.server.url}/graphql", data=form, headers=headers
        ) as answer:
            return Answer(answer.status, await answer.json(content_type=None))

    def follow(self) -> GqlClient:
        """Return a gql client over WebSocket, signed in as this user."""
        return GqlClient(
            transport=WebsocketsTransport(
                url=self.erp.server.url.replace("http", "ws") + "/graphql",
                subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
                init_payload={"authorization": f"Bearer {self.token}"},
            )
        )


def other_side_of(kind: Kind) -> str:
    """Return the field of an input that names the partner: soldTo, billTo or supplier."""
    if kind.side != SALES:
        return "supplier"
    return "soldTo" if kind.has_lines else "billTo"


def _asked_to_post(kind: Kind) -> dict[str, str]:
    """Return what a draft of a kind must say before it can be posted."""
    said = {
        "supply_date": ("supplyDate", "2026-11-18"),
        "valid_from": ("validFrom", "2026-11-01"),
        "valid_until": ("validUntil", "2027-10-31"),
        "external_number": ("externalNumber", f"RE-{next(_numbers)}"),
    }
    return dict(said[column] for column in kind.required_to_post if column in said)
