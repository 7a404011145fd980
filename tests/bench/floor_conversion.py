"""Conversion by hand: a whole document becomes the next one, with our guarantees, in one go.

It writes the same rows as `convertDocument`: the draft, what its lines take up the chain, search
words, the same journal bodies, private values and the key. The rules are typed out for two cases,
an order that becomes a delivery note and a delivery note that becomes an invoice.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import uuid_utils.compat

from domain.journal import canonical, chained, instant
from tests.bench.floor_posting import BEGIN

HERE = ZoneInfo("Europe/Berlin")

TAKE_KEY = """
insert into idempotency_key (tenant_id, user_id, mutation, key, input_hash, stored_at)
values ($1, $2, 'convertDocument', $3, $4, $5)
on conflict (tenant_id, user_id, mutation, key) do nothing returning true
"""

LOCK_CHAIN = """
with recursive above (id) as (
  select $2::uuid
  union
  select l.source_document_id from document_line l join above a on a.id = l.document_id
  where l.tenant_id = $1 and l.source_document_id is not null
)
select * from document where tenant_id = $1 and id in (select id from above)
order by id for update
"""

LINES = """
select * from document_line where tenant_id = $1 and document_id = any($2::uuid[])
order by document_id, position
"""

PARTIES = """
select * from document_party
where tenant_id = $1 and document_id = $2 and role in ('SOLD_TO', 'BILL_TO', 'SHIP_TO')
"""

MAKE = """
insert into document (tenant_id, id, kind, state, currency, issue_date, supply_date, payment_days,
  due_date, price_basis, invoice_type, type_code, line_total, allowance_total, charge_total, net,
  tax, gross, prepaid, payable, company_net, company_tax, company_gross, settled, discount_taken,
  partner_id, bill_to_id, revision, open_lines, responsible_id, created_at, updated_at, version)
select tenant_id, $3, $4, 'DRAFT', currency, $5, $6, payment_days,
  $7, price_basis, $8, $9, line_total, allowance_total, charge_total, net,
  tax, gross, prepaid, payable, company_net, company_tax, company_gross, 0, 0,
  partner_id, bill_to_id, 1, 0, responsible_id, $10, $10, 1
from document where tenant_id = $1 and id = $2
returning *
"""

MAKE_PARTS = """
with party as (
  insert into document_party (tenant_id, document_id, role, partner_id, name, street, postcode,
    city, country, vat_id, tax_number, email)
  select tenant_id, $3, role, partner_id, name, street, postcode, city, country, vat_id,
    tax_number, email
  from document_party
  where tenant_id = $1 and document_id = $2 and role in ('SOLD_TO', 'BILL_TO', 'SHIP_TO')
), tax as (
  insert into document_tax (tenant_id, document_id, position, category, rate, basis, tax,
    company_basis, company_tax, reason)
  select tenant_id, $3, position, category, rate, basis, tax, company_basis, company_tax, reason
  from document_tax where tenant_id = $1 and document_id = $2
), author as (
  insert into document_author (tenant_id, document_id, user_id) values ($1, $3, $4)
)
insert into document_line (tenant_id, id, document_id, position, kind, item_id, item_number,
  description, quantity, unit, stock_factor, stock_quantity, quantity_max, invoice_max,
  open_quantity, unit_price, price_quantity, discount_percent, price_source, tax_category, tax_rate,
  supply_date, net, is_price_correction, source_line_id, source_document_id, source_number,
  source_date)
select l.tenant_id, made.id, $3, l.position, l.kind, l.item_id, l.item_number,
  l.description, l.quantity, l.unit, l.stock_factor, l.stock_quantity, l.stock_quantity,
  l.stock_quantity, 0, l.unit_price, l.price_quantity, l.discount_percent, 'SOURCE_DOCUMENT',
  l.tax_category, l.tax_rate, $7, l.net, false, l.id, $2, $8, $9
from unnest($5::uuid[], $6::uuid[]) made (id, source)
join document_line l on l.tenant_id = $1 and l.id = made.source
returning *
"""

TAKE = {
    "DELIVERY_NOTE": """
update document_line set taken_delivery = stock_quantity, open_quantity = 0
where tenant_id = $1 and document_id = any($2::uuid[])
""",
    "SALES_INVOICE": """
update document_line set taken_invoice = stock_quantity, open_quantity = 0
where tenant_id = $1 and document_id = any($2::uuid[])
""",
}

PROGRESS = """
update document set version = version + 1, open_lines = 0, updated_at = $3
where tenant_id = $1 and id = any($2::uuid[])
"""

NOTE_WORDS = "select search.note_documents($1, $2)"

LOCK_HEAD = """
update journal_head set position = position + $2 where tenant_id = $1
returning position - $2 as position, hash
"""

APPEND = """
with private as (
  insert into journal_private (tenant_id, ref, subject_type, subject_id, salt, value)
  select $1, ref, 'partner', subject, salt, value
  from unnest($11::uuid[], $12::uuid[], $13::bytea[], $14::text[]) p (ref, subject, salt, value)
), head as (
  update journal_head set hash = $10 where tenant_id = $1
), key as (
  update idempotency_key set made = to_jsonb($15::text), journal_position = $16
  where tenant_id = $1 and user_id = $4 and mutation = 'convertDocument' and key = $17
)
insert into journal (tenant_id, recorded_at, occurred_at, actor, entity_type, position, type,
                     entity_id, body, prev_hash, hash)
select $1, $2, $3, $4, 'document', * from unnest($5::bigint[], $6::text[], $7::uuid[], $8::text[],
                                                 $9::bytea[], $18::bytea[])
"""

EVENT = {
    "SALES_ORDER": "SalesOrder",
    "DELIVERY_NOTE": "DeliveryNote",
    "SALES_INVOICE": "SalesInvoice",
}
COMES_FROM = {"DELIVERY_NOTE": "SALES_ORDER", "SALES_INVOICE": "DELIVERY_NOTE"}
TAKEN = {"DELIVERY_NOTE": "taken_delivery", "SALES_INVOICE": "taken_invoice"}
HEADER = (
    *("kind", "state", "revision", "currency", "issue_date", "supply_date", "payment_days"),
    *("due_date", "price_basis", "invoice_type", "type_code", "line_total", "allowance_total"),
    *("charge_total", "net", "tax", "gross", "prepaid", "payable", "company_net", "company_tax"),
    *("company_gross", "partner_id", "bill_to_id", "responsible_id"),
)
LINE = (
    *("kind", "item_id", "item_number", "description", "quantity", "unit", "stock_factor"),
    *("unit_price", "price_quantity", "discount_percent", "price_source", "tax_category"),
    *("tax_rate", "supply_date", "net", "is_price_correction", "source_line_id"),
    *("source_document_id", "source_number", "source_date"),
)
PARTY = ("name", "street", "postcode", "city", "country", "vat_id", "tax_number", "email")
ROLE = {"SOLD_TO": "soldTo", "BILL_TO": "billTo", "SHIP_TO": "shipTo"}

Told = dict[str, Any]


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(map(str.title, tail))


_NAMES = {name: _camel(name) for name in (*HEADER, *LINE, *PARTY, *TAKEN.values())}


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is asked: which document becomes what, by whom, under which key."""

    tenant: UUID
    user: UUID
    document: UUID
    to: str
    key: str

    @staticmethod
    def of(asked: dict[str, Any]) -> "Conversion":
        """Read a request."""
        tenant, user, document = (UUID(asked[name]) for name in ("tenant", "user", "document"))
        return Conversion(tenant, user, document, asked["to"], asked["idempotencyKey"])


async def convert(connection: asyncpg.Connection, asked: Conversion) -> dict[str, Any]:
    """Convert a document whole. Raises ValueError where ours would answer a problem."""
    await connection.execute(BEGIN.format(asked.tenant))
    try:
        answer = await _converted(connection, asked)
    except BaseException:
        await connection.execute("rollback")
        raise
    await connection.execute("commit")
    return answer


async def _converted(connection: asyncpg.Connection, asked: Conversion) -> dict[str, Any]:
    now = datetime.now(UTC)
    hashed = hashlib.sha256(canonical({"id": asked.document, "to": asked.to}).encode())
    place = (asked.tenant, asked.user, asked.key)
    if not await connection.fetchval(TAKE_KEY, *place, hashed.digest(), now):
        raise ValueError("the key was used before")
    chain = await connection.fetch(LOCK_CHAIN, asked.tenant, asked.document)
    source = next((each for each in chain if each["id"] == asked.document), None)
    if source is None or (source["kind"], source["state"]) != (COMES_FROM[asked.to], "POSTED"):
        raise ValueError("there is no such document to convert")
    ids = [each["id"] for each in chain]
    lines = await connection.fetch(LINES, asked.tenant, ids)
    if source["cancelled_by_id"] or any(line[TAKEN[asked.to]] for line in lines):
        raise ValueError("it is cancelled, or something was made of it")
    parties = await connection.fetch(PARTIES, asked.tenant, asked.document)
    mine = [line for line in lines if line["document_id"] == asked.document]
    new, made_lines = await _made(connection, asked, source, mine, now)
    await connection.execute(TAKE[asked.to], asked.tenant, ids)
    await connection.execute(PROGRESS, asked.tenant, ids, now)
    await connection.execute(NOTE_WORDS, asked.tenant, [new["id"]])
    private: list[tuple[Any, ...]] = []
    told = [_progressed(each, lines, new["id"], asked.to) for each in chain]
    told.append(_created(new, made_lines, parties, source["id"], private))
    await _append(connection, asked, told, private, new["id"], now)
    shown = {"id": f"doc_{new['id']}", "state": "DRAFT", "version": 1, "gross": f"{new['gross']}"}
    return {"data": {"convertDocument": {"document": shown, "problems": []}}}


async def _made(
    connection: asyncpg.Connection,
    asked: Conversion,
    source: Any,
    lines: Sequence[Any],
    now: datetime,
) -> tuple[Any, list[Any]]:
    today = now.astimezone(HERE).date()
    bills = asked.to == "SALES_INVOICE"
    supplied = source["supply_date"] if bills else today
    due = today + timedelta(days=source["payment_days"]) if bills else None
    type, code = ("ORDINARY", "380") if bills else (None, None)
    id = uuid_utils.compat.uuid7()
    place = (asked.tenant, asked.document)
    new = await connection.fetchrow(
        MAKE, *place, id, asked.to, today, supplied, due, type, code, now
    )
    made = await connection.fetch(
        MAKE_PARTS,
        *place,
        id,
        asked.user,
        [uuid_utils.compat.uuid7() for _ in lines],
        [line["id"] for line in lines],
        supplied if bills else None,
        source["number"],
        source["supply_date"] or source["issue_date"],
    )
    return new, sorted(made, key=lambda line: line["position"])


def _progressed(document: Any, lines: Sequence[Any], cause: UUID, to: str) -> Told:
    field = _NAMES[TAKEN[to]]
    changes = [
        _change(f"lines.{n}.{field}", "0", _text(line["stock_quantity"]))
        for n, line in enumerate((x for x in lines if x["document_id"] == document["id"]), 1)
    ]
    return _told(document, "Progressed", "PROGRESS", changes, document["version"] + 1) | {
        "state_before": document["state"],
        "cause_id": cause,
    }


def _created(
    new: Any, lines: Sequence[Any], parties: Sequence[Any], source: UUID, private: list[Any]
) -> Told:
    changes = [*_new_values(new, HEADER)]
    for party in parties:
        role = ROLE[party["role"]]
        changes.append(_change(f"{role}.partnerId", None, str(party["partner_id"])))
        for name in PARTY:
            if (value := party[name]) is not None:
                kept = _kept_private(party["partner_id"], value, private)
                changes.append(_change(f"{role}.{_NAMES[name]}", None, kept))
    for line in lines:
        changes += _new_values(line, LINE, f"lines.{line['position']}.")
    told = _told(new, "Created", "CREATE", changes, 1)
    return told | {"state_before": None, "source_ids": [source]}


def _told(document: Any, past: str, action: str, changes: list[Told], version: int) -> Told:
    return {
        "type": f"{EVENT[document['kind']]}{past}",
        "entity_id": document["id"],
        "action": action,
        "kind": document["kind"],
        "state_after": document["state"],
        "version": version,
        "changes": changes,
    }


def _new_values(row: Any, names: Sequence[str], prefix: str = "") -> Iterator[Told]:
    for name in names:
        if (value := row[name]) is not None:
            yield _change(prefix + _NAMES[name], None, _text(value))


def _change(field: str, before: str | None, after: Any) -> Told:
    return {"field": field, "before": before, "after": after}


def _kept_private(partner: UUID, value: str, private: list[Any]) -> dict[str, str]:
    ref, salt = uuid4(), secrets.token_bytes(16)
    private.append((ref, partner, salt, value))
    return {"ref": str(ref), "sha256": hashlib.sha256(salt + value.encode()).hexdigest()}


def _text(value: Any) -> str:
    match value:
        case Decimal():
            return f"{value.normalize():f}"
        case bool():
            return str(value).lower()
        case date() | UUID() | int() | str():
            return str(value)
        case _:
            raise TypeError(f"no column holds {value!r}")


async def _append(
    connection: asyncpg.Connection,
    asked: Conversion,
    told: Sequence[Told],
    private: Sequence[tuple[Any, ...]],
    made: UUID,
    now: datetime,
) -> None:
    start, previous = await connection.fetchrow(LOCK_HEAD, asked.tenant, len(told))
    recorded = datetime.now(UTC)
    bodies, hashes = [], [previous]
    for position, facts in enumerate(told, start + 1):
        bodies.append(_body(asked, dict(facts), position, recorded, now))
        hashes.append(chained(hashes[-1], bodies[-1]))
    columns = [list(column) for column in zip(*private, strict=True)]
    await connection.execute(
        APPEND,
        asked.tenant,
        recorded,
        now,
        asked.user,
        list(range(start + 1, start + 1 + len(told))),
        [each["type"] for each in told],
        [each["entity_id"] for each in told],
        bodies,
        hashes[:-1],
        hashes[-1],
        *columns,
        str(made),
        start + len(told),
        asked.key,
        hashes[1:],
    )


def _body(asked: Conversion, facts: Told, position: int, recorded: datetime, now: datetime) -> str:
    return canonical(
        {
            "tenant": asked.tenant,
            "recorded_at": instant(recorded),
            "occurred_at": instant(now),
            "actor": asked.user,
            "type": facts.pop("type"),
            "entity_type": "document",
            "entity_id": facts.pop("entity_id"),
            "position": position,
            "facts": facts,
        }
    )
