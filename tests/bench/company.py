"""A company full of documents, written straight into the tables: the same rows, without the wait.

Only the journal knows nothing of how these documents came to be; its chain starts with what the
bench does to them.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import uuid_utils.compat
from sqlalchemy.dialects import postgresql

from domain.documents.kinds import KINDS, Kind, State
from domain.money import rounded
from persistence.models import metadata

PARTNERS = 50
LINES = 5
KIND = KINDS["SALES_INVOICE"]
YEAR = 2026
_DIALECT = postgresql.dialect()
_NOW = datetime(YEAR, 1, 2, 8, tzinfo=UTC)
_GOODS = ("Winterweizen, Saatgut", "Kalkammonsalpeter", "Milchleistungsfutter", "Diesel", "Fracht")

Rows = dict[str, list[dict[str, Any]]]


async def fill(
    owner: asyncpg.Connection, tenant: UUID, count: int, state: State, kind: Kind = KIND
) -> list[UUID]:
    """Give a company `count` documents in `state`, with five lines each; returns their ids.

    They are invoices, or orders of which nothing was delivered yet.
    """
    author = uuid_utils.compat.uuid7()
    user = {"id": author, "issuer": "urn:bench", "subject": "author", "name": "Autorin"}
    partners = [_partner(n) for n in range(PARTNERS)]
    rows: Rows = {"app_user": [user], "partner": partners, "document": [], "number_allocation": []}
    rows |= {name: [] for name in ("document_line", "document_party", "document_tax")}
    rows["document_author"] = []
    for n in range(count):
        _document(rows, n, partners[n % PARTNERS], author, state, kind)
    async with owner.transaction():
        for table, values in rows.items():
            await _insert(owner, table, [{"tenant_id": tenant, **each} for each in values])
        if state is State.POSTED:
            await owner.execute(
                "update number_range set last = $2, newest_date = ("
                "select max(posting_date) from document where tenant_id = $1)"
                " where tenant_id = $1 and series = $3 and period = $4",
                tenant,
                count,
                kind.series,
                str(YEAR),
            )
    return [document["id"] for document in rows["document"]]


async def settle(url: str) -> None:
    """Let the database write down and count what was filled, before anything is measured."""
    admin = await asyncpg.connect(url)
    await admin.execute("vacuum analyze")
    await admin.execute("checkpoint")
    await admin.close()


async def _insert(owner: asyncpg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = metadata.tables[table].c
    names = ", ".join(rows[0])
    compiled = (columns[name].type.compile(dialect=_DIALECT) for name in rows[0])
    types = [type.partition(" COLLATE ")[0] for type in compiled]  # an array has none
    arrays = ", ".join(f"${n}::{type}[]" for n, type in enumerate(types, 1))
    values: Iterable[Any] = zip(*(row.values() for row in rows), strict=True)
    await owner.execute(
        f"insert into {table} ({names}) select * from unnest({arrays})", *map(list, values)
    )


def _partner(n: int) -> dict[str, Any]:
    return {
        "id": uuid_utils.compat.uuid7(),
        "number": f"{10001 + n}",
        "kind": "BUSINESS",
        "is_customer": True,
        "is_supplier": False,
        "is_one_time": False,
        "language": "de",
        "name": f"Hof Nummer {n:02}",
        "street": f"Lindenallee {n}",
        "postcode": "27318",
        "city": "Hoya",
        "country": "DE",
        "payment_days": 14,
        "created_at": _NOW,
        "updated_at": _NOW,
        "version": 1,
    }


def _document(
    rows: Rows, n: int, partner: dict[str, Any], author: UUID, state: State, kind: Kind
) -> None:
    prefix = kind.number_template.partition("-")[0]
    id, number = uuid_utils.compat.uuid7(), f"{prefix}-{YEAR}-{n + 1:05}"
    issued = date(YEAR, 1, 2) + timedelta(days=n % 300)
    lines = [_line(id, n, position, kind) for position in range(1, LINES + 1)]
    net = sum((line["net"] for line in lines), Decimal())
    tax = rounded(net * 19 / 100)
    posted = state is State.POSTED
    rows["document"].append(
        {
            "id": id,
            "kind": kind.name,
            "state": state.value,
            "number": number if posted else None,
            "currency": "EUR",
            "issue_date": issued,
            "supply_date": issued if kind.is_billing else None,
            "posting_date": issued if posted else None,
            "payment_days": 14,
            "due_date": issued + timedelta(days=14) if kind.is_billing else None,
            "invoice_type": "ORDINARY" if kind.is_billing else None,
            "type_code": kind.type_code,
            **_amounts(net, tax),
            "partner_id": partner["id"],
            "bill_to_id": partner["id"],
            "revision": 1,
            "open_lines": 0 if kind.is_billing else LINES,
            "responsible_id": author,
            "created_at": _NOW,
            "updated_at": _NOW + timedelta(seconds=n),
            "version": 1,
        }
    )
    rows["document_line"] += lines
    address = {name: partner[name] for name in ("name", "street", "postcode", "city", "country")}
    rows["document_party"] += [
        {"document_id": id, "role": role.value, "partner_id": partner["id"], **address}
        for role in kind.parties
    ]
    group = {"category": "S", "rate": Decimal(19), "basis": net, "tax": tax}
    group |= {"company_basis": net, "company_tax": tax}
    rows["document_tax"].append({"document_id": id, "position": 1, **group})
    rows["document_author"].append({"document_id": id, "user_id": author})
    if posted:
        taken = {"series": kind.series, "number": number, "period": str(YEAR), "counter": n + 1}
        rows["number_allocation"].append({**taken, "document_id": id, "allocated_at": _NOW})


def _amounts(net: Decimal, tax: Decimal) -> dict[str, Any]:
    """Return what a document comes to that nobody has paid of."""
    nothing, gross = Decimal("0.00"), net + tax
    return {
        "price_basis": "NET",
        "line_total": net,
        "allowance_total": nothing,
        "charge_total": nothing,
        "net": net,
        "tax": tax,
        "gross": gross,
        "prepaid": nothing,
        "payable": gross,
        "company_net": net,
        "company_tax": tax,
        "company_gross": gross,
        "settled": nothing,
        "discount_taken": nothing,
    }


def _line(document: UUID, n: int, position: int, kind: Kind) -> dict[str, Any]:
    quantity, price = Decimal(1 + (n + position) % 9), Decimal("12.5") + n % 40
    return {
        "id": uuid_utils.compat.uuid7(),
        "document_id": document,
        "position": position,
        "kind": "ITEM",
        "description": f"{_GOODS[position - 1]} {n % 7}",
        "quantity": quantity,
        "unit": "PIECE",
        "stock_factor": Decimal(1),
        "stock_quantity": quantity,
        "quantity_max": quantity,
        "invoice_max": quantity,
        "open_quantity": Decimal() if kind.is_billing else quantity,
        "discount_percent": Decimal(),
        "unit_price": price,
        "price_quantity": Decimal(1),
        "tax_category": "S",
        "tax_rate": Decimal(19),
        "net": rounded(quantity * price),
        "is_price_correction": False,
    }
