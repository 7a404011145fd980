"""Posting by hand: one transaction with our guarantees, in as few round trips as we could find.

It writes the same rows as `postDocument`: the same journal body, hash, ledger, job and key. The
rules are typed out for this one case instead of being rules.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from domain.journal import canonical, chained, instant

BEGIN = "begin; select set_config('app.tenant', '{}', true)"

TAKE_KEY = """
insert into idempotency_key (tenant_id, user_id, mutation, key, input_hash, stored_at)
values ($1, $2, 'postDocument', $3, $4, $5)
on conflict (tenant_id, user_id, mutation, key) do nothing returning true
"""

LOCK_DOCUMENT = """
select d.version, d.state, d.issue_date, d.supply_date, k.approval,
  t.name, t.street, t.postcode, t.city, t.country, t.vat_id, t.tax_number, t.email
from document d
join tenant t on t.tenant_id = d.tenant_id
left join kind_setting k on k.tenant_id = d.tenant_id and k.kind = d.kind
where d.tenant_id = $1 and d.id = $2 for update of d
"""

KEEP_SELLER_AND_JOB = """
with seller as (
  insert into document_party (tenant_id, document_id, role, name, street, postcode, city, country,
                              vat_id, tax_number, email)
  values ($1, $2, 'SELLER', $3, $4, $5, $6, $7, $8, $9, $10)
), job as (
  insert into pgqueuer (priority, entrypoint, payload, execute_after, status)
  values (0, 'print_document', $11, now(), 'queued') returning id
)
insert into pgqueuer_log (job_id, status, entrypoint, priority)
select id, 'queued', 'print_document', 0 from job
"""

TAKE_NUMBER = """
update number_range set last = last + 1, newest_date = greatest(newest_date, $3)
where tenant_id = $1 and series = 'sales_invoice' and period = $2 returning last
"""

POST = """
with ledger as (
  insert into number_allocation (tenant_id, series, number, period, counter, document_id,
    allocated_at)
  values ($1, 'sales_invoice', $3, $6, $7, $2, $4)
)
update document set state = 'POSTED', number = $3, posting_date = issue_date, updated_at = $4,
  version = version + 1
where tenant_id = $1 and id = $2 and version = $5
returning version, gross::text as gross
"""

LOCK_HEAD = """
update journal_head set position = position + 1 where tenant_id = $1 returning position, hash
"""

APPEND = """
with head as (
  update journal_head set hash = $8 where tenant_id = $1
), key as (
  update idempotency_key set made = to_jsonb($6::text), journal_position = $4
  where tenant_id = $1 and user_id = $5 and mutation = 'postDocument' and key = $10
)
insert into journal (tenant_id, recorded_at, occurred_at, actor, position, type, entity_type,
                     entity_id, body, prev_hash, hash)
values ($1, $2, $3, $5, $4, 'SalesInvoicePosted', 'document', $6::text::uuid, $7, $9, $8)
"""

SELLER = ("name", "street", "postcode", "city", "country", "vat_id", "tax_number", "email")
_CAMEL = {"vat_id": "vatId", "tax_number": "taxNumber"}


@dataclass(frozen=True, slots=True)
class Posting:
    """What is asked: which document in which version, by whom, under which key."""

    tenant: UUID
    user: UUID
    document: UUID
    version: int
    key: str

    @staticmethod
    def of(asked: dict[str, Any]) -> "Posting":
        """Read a request."""
        tenant, user, document = (UUID(asked[name]) for name in ("tenant", "user", "document"))
        return Posting(tenant, user, document, asked["expectedVersion"], asked["idempotencyKey"])


async def post(connection: asyncpg.Connection, asked: Posting) -> dict[str, Any]:
    """Post a document. Raises ValueError where ours would answer a problem."""
    await connection.execute(BEGIN.format(asked.tenant))
    try:
        answer = await _posted(connection, asked)
    except BaseException:
        await connection.execute("rollback")
        raise
    await connection.execute("commit")
    return answer


async def _posted(connection: asyncpg.Connection, asked: Posting) -> dict[str, Any]:
    now = datetime.now(UTC)
    hashed = hashlib.sha256(canonical({"id": asked.document, "version": asked.version}).encode())
    place = (asked.tenant, asked.user, asked.key)
    if not await connection.fetchval(TAKE_KEY, *place, hashed.digest(), now):
        raise ValueError("the key was used before")
    row = await connection.fetchrow(LOCK_DOCUMENT, asked.tenant, asked.document)
    if row is None or (row["version"], row["state"]) != (asked.version, "DRAFT"):
        raise ValueError("there is no such draft in this version")
    if row["approval"] != "NONE" or row["supply_date"] is None:
        raise ValueError("it cannot be posted")
    job = {"name": "print_document", "tenant": str(asked.tenant), "entity": str(asked.document)}
    seller = [row[name] for name in SELLER]
    payload = json.dumps({**job, "user": str(asked.user)}).encode()
    await connection.execute(KEEP_SELLER_AND_JOB, asked.tenant, asked.document, *seller, payload)
    year = str(row["issue_date"].year)
    counter = await connection.fetchval(TAKE_NUMBER, asked.tenant, year, row["issue_date"])
    number = f"INV-{year}-{counter:05}"
    posted = await connection.fetchrow(
        POST, asked.tenant, asked.document, number, now, asked.version, year, counter
    )
    if posted is None:
        raise ValueError("it was changed meanwhile")
    await _append(connection, asked, row, number, now)
    shown = {"id": f"doc_{asked.document}", "state": "POSTED", "number": number, **posted}
    return {"data": {"postDocument": {"document": shown, "problems": []}}}


async def _append(
    connection: asyncpg.Connection, asked: Posting, row: Any, number: str, now: datetime
) -> None:
    [(position, previous)] = await connection.fetch(LOCK_HEAD, asked.tenant)
    recorded = datetime.now(UTC)
    changes = [("state", "DRAFT", "POSTED"), ("number", None, number)]
    changes.append(("postingDate", None, str(row["issue_date"])))
    changes += [(f"seller.{_CAMEL.get(name, name)}", None, row[name]) for name in SELLER]
    body = canonical(
        {
            "tenant": asked.tenant,
            "recorded_at": instant(recorded),
            "occurred_at": instant(now),
            "actor": asked.user,
            "type": "SalesInvoicePosted",
            "entity_type": "document",
            "entity_id": asked.document,
            "position": position,
            "facts": {
                "action": "POST",
                "kind": "SALES_INVOICE",
                "state_before": "DRAFT",
                "state_after": "POSTED",
                "version": asked.version + 1,
                "changes": [
                    {"field": field, "before": before, "after": after}
                    for field, before, after in changes
                    if after is not None
                ],
            },
        }
    )
    told = (asked.tenant, recorded, now, position, asked.user, str(asked.document), body)
    await connection.execute(APPEND, *told, chained(previous, body), previous, asked.key)
