"""Chains of documents, for tests: short words for what people do with them every day."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from domain.documents.kinds import KINDS, ApprovalMode
from tests.erp import COSTS, FARMER, PROBLEMS, Answer, User

LINE = (
    "id position kind description quantity unit unitPrice discountPercent net stockQuantity"
    " orderedQuantity deliveredQuantity invoicedQuantity returnedQuantity creditedQuantity"
    " openQuantity confirmedQuantity isClosed closedReason supplyDate"
    " sourceLineId sourceDocumentId sourceNumber sourceDate"
)
SHOWN = (
    "__typename id version kind state number revision issueDate postingDate net tax gross"
    f" isCancelled isCancellation responsible {{ id name }} lines {{ {LINE} }}"
)
PROGRESS = ("ordered", "delivered", "invoiced", "returned", "credited", "open")

Document = dict[str, Any]


def wheat(quantity: str = "10", **more: Any) -> dict[str, Any]:
    """Return a line of wheat: 200.00 EUR per tonne, 7 % tax."""
    facts = {"description": "Winterweizen", "unit": "TONNE", "unitPrice": "200", **COSTS}
    return {**facts, "quantity": quantity, "taxCategory": "S", "taxRate": "7", **more}


def event_of(kind: str) -> str:
    """Return the GraphQL type of a kind, as SalesOrder of SALES_ORDER."""
    return KINDS[kind].event


def field_of(kind: str) -> str:
    """Return the field of a payload that shows a kind, as salesOrder of SALES_ORDER."""
    event = event_of(kind)
    return f"{event[0].lower()}{event[1:]}"


async def write(user: User, verb: str, kind: str, lines: list[Any], **more: Any) -> Answer:
    """Create, update or amend a document of a kind."""
    shown = f"{field_of(kind)} {{ {SHOWN} }}"
    lines_of = {"lines": lines} if KINDS[kind].has_lines else {}
    return await user.do(f"{verb}{event_of(kind)}", shown, **lines_of, **more)


async def draft(user: User, kind: str, *lines: Any, **more: Any) -> Document:
    """Create a draft for a partner of its own, unless one is named; ten tonnes of wheat.

    A payment is over their gross amount.
    """
    definition = KINDS[kind]
    role = definition.parties[0].value
    role = "soldTo" if role == "SOLD_TO" else "billTo" if role == "BILL_TO" else "supplier"
    if role not in more:
        more[role] = await user.create_partner(**(FARMER if kind == "SELF_BILLED_INVOICE" else {}))
    if "external_number" in definition.required_to_post:
        more.setdefault("externalNumber", f"R-{more[role][-6:]}")
    if definition.is_billing:
        more.setdefault("supplyDate", "2026-11-18")
    if definition.is_payment:
        more = {"amount": "2140.00", "method": "BANK_TRANSFER", **more}
    more.setdefault("issueDate", "2026-11-20")
    made: Document = (await write(user, "create", kind, list(lines) or [wheat()], **more)).made
    return made


async def posted(user: User, kind: str, *lines: Any, **more: Any) -> Document:
    """Create and post a document."""
    return await post(user, await draft(user, kind, *lines, **more))


async def post(user: User, document: Document) -> Document:
    """Post a draft and return it as it is then; money goes out when somebody else agrees."""
    known = dict(document)
    if KINDS[document["kind"]].approval is ApprovalMode.ALWAYS:
        assert (await user.submit(known)).problems == []
        assert (await (await user.erp.sign_in("zweite")).approve(known)).problems == []
    answer = await user.post(known)
    assert answer.problems == []
    return await look(user, document)


async def look(user: User, document: Document | str) -> Document:
    """Return a document as it is now."""
    id = document if isinstance(document, str) else document["id"]
    found: Document = (
        await user.ask(f"query($id: ID!) {{ document(id: $id) {{ {SHOWN} }} }}", id=id)
    ).data["document"]
    return found


async def convert(
    user: User, sources: Document | list[Document], to: str, *picks: Any, **more: Any
) -> Answer:
    """Convert; a pick is a line, or a line and how much of it."""
    sources = sources if isinstance(sources, list) else [sources]
    lines = [
        {"lineId": pick[0]["id"], "quantity": pick[1]}
        if isinstance(pick, tuple)
        else {"lineId": pick["id"]}
        for pick in picks
    ]
    wanted = {"lines": lines} if picks else {}
    ids = [source["id"] for source in sources]
    shown = f"document {{ {SHOWN} }}"
    return await user.do("convertDocument", shown, ids=ids, to=to, **wanted, **more)


async def converted(
    user: User, sources: Document | list[Document], to: str, *picks: Any
) -> Document:
    """Convert and return the draft."""
    made: Document = (await convert(user, sources, to, *picks)).made
    return made


async def followed(
    user: User, sources: Document | list[Document], to: str, *picks: Any, number: str = "X-1"
) -> Document:
    """Convert and post; what a received document or an invoice lacks is written down before."""
    made = await converted(user, sources, to, *picks)
    kind, missing = KINDS[to], {}
    if "external_number" in kind.required_to_post:
        missing["externalNumber"] = number
    if missing or (kind.is_billing and await supply_date_of(user, made) is None):
        made = await completed(user, made, supplyDate="2026-11-18", **missing)
    return await post(user, made)


async def supply_date_of(user: User, document: Document) -> str | None:
    """Return the day of supply of a document that has one."""
    asked = f"query($id: ID!) {{ document(id: $id) {{ ... on {document['__typename']} "
    answer = await user.ask(f"{asked} {{ supplyDate }} }} }}", id=document["id"])
    day: str | None = answer.data["document"]["supplyDate"]
    return day


async def completed(user: User, document: Document, *lines: Any, **more: Any) -> Document:
    """Write a draft anew with its own lines, or these, and fields that it lacks."""
    answer = await rewrite(user, "update", document, *lines, **more)
    made: Document = answer.made
    return made


async def rewrite(user: User, verb: str, document: Document, *lines: Any, **more: Any) -> Answer:
    """Update or amend a document as it is, apart from what is said here."""
    kind = document["kind"]
    role, party = ("soldTo", "soldTo") if KINDS[kind].side == "sales" else ("supplier", "supplier")
    if role not in more:
        asked = f"query($id: ID!) {{ document(id: $id) {{ ... on {document['__typename']} "
        answer = await user.ask(f"{asked} {{ partner {{ id }} }} }} }}", id=document["id"])
        more[party] = answer.data["document"]["partner"]["id"]
    seen = {"id": document["id"], "expectedVersion": document["version"], **more}
    seen.setdefault("issueDate", document["issueDate"])
    if verb == "amend":
        seen.setdefault("reason", "der Kunde will es anders")
    return await write(
        user, verb, kind, list(lines) or [kept(x) for x in document["lines"]], **seen
    )


def kept(line: Document, **changes: Any) -> dict[str, Any]:
    """Return the input that keeps a line as it is, apart from these changes."""
    names = ("id", "kind", "description", "quantity", "unit", "unitPrice", "discountPercent")
    if line["quantity"] is None:
        names = ("id", "kind", "description")
        return {name: line[name] for name in names} | changes
    tax = {"taxCategory": "S", "taxRate": "7", **COSTS}
    return {name: line[name] for name in names} | tax | changes


def progress(document: Document) -> list[tuple[str, ...]]:
    """Return ordered, delivered, invoiced, returned, credited and open of each line."""
    return [
        tuple(plain(line[f"{name}Quantity"]) for name in PROGRESS) for line in document["lines"]
    ]


def plain(number: str | None) -> str:
    """Return a number without trailing zeros."""
    return "" if number is None else f"{Decimal(number).normalize() + 0:f}"


async def verb(user: User, mutation: str, document: Document, **more: Any) -> Answer:
    """Do something with a document in the version we know."""
    more.setdefault("expectedVersion", document["version"])
    return await user.ask(
        f"mutation Do($input: {mutation[0].upper()}{mutation[1:]}Input!)"
        f" {{ {mutation}(input: $input) {{ document {{ {SHOWN} }} {PROBLEMS} }} }}",
        input={"id": document["id"], "idempotencyKey": str(uuid4()), **more},
    )
