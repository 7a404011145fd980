"""The journal: one chain per company that shows every tampering, and forgets persons on request."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.check_digits import iban_check_digits
from domain.documents.kinds import PartyRole
from domain.documents.progress import POSTED, TAKEN
from domain.journal import Cursor, CursorUnknown, canonical, chained, first_hash
from domain.partners import Address, Partner, PartnerDraft
from persistence.changes import _text, camel
from persistence.database import Database, connect
from persistence.journal import verify
from persistence.models import metadata
from persistence.tenants import create_tenant
from persistence.unit_of_work import UnitOfWork, unit_of_work
from tests.companies import (
    actor_of,
    live_through_everything,
    quiet_services,
    work_of,
)
from tests.conftest import cloned
from tests.erp import COMPANY, Erp
from tests.paying import payment_draft
from web.cli import main

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture(scope="module")
async def company(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Erp:
    """A company whose journal holds one event of nearly every type; nobody changes it further."""
    lived = await Erp.found(server, owner, http)
    await live_through_everything(lived)
    return lived


@pytest.fixture
async def intruder(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser for whom no trigger fires; what is done here is never committed."""
    connection = await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("set local session_replication_role = replica")
    yield connection
    await transaction.rollback()
    await connection.close()


async def _flaws(connection: asyncpg.Connection, company: Erp) -> list[str]:
    return [flaw async for flaw in verify(connection, company.tenant)]


# ----------------------------------------------------------------------------------- the chain


async def test_a_journal_that_nobody_touched_is_sound(company: Erp, operator: asyncpg.Connection):
    """The operator verifies it without any right to change it."""
    assert len(await company.journal()) > 10
    assert await _flaws(operator, company) == []


async def test_positions_are_gapless_and_each_row_is_chained_to_the_one_before(company: Erp):
    """Done by hand here, with the formula of the documentation: sha256(prev_hash || body)."""
    rows = await company.journal()

    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    hashes = [first_hash(company.tenant), *(row["hash"] for row in rows)]
    assert [row["prev_hash"] for row in rows] == hashes[:-1]
    assert [chained(row["prev_hash"], row["body"]) for row in rows] == hashes[1:]


CHANGED_COLUMNS = {
    "actor": "gen_random_uuid()",
    "type": "'SalesInvoiceForgotten'",
    "entity_type": "'partner_'",
    "entity_id": "gen_random_uuid()",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "occurred_at": "occurred_at - interval '1 microsecond'",
}


@pytest.mark.parametrize("column", CHANGED_COLUMNS)
async def test_a_changed_column_is_named_with_its_position(
    company: Erp, intruder: asyncpg.Connection, column: str
):
    """The columns are for queries; the body is what was hashed, so both must say the same."""
    await intruder.execute(
        f"update journal set {column} = {CHANGED_COLUMNS[column]}"
        " where tenant_id = $1 and position = 3",
        company.tenant,
    )

    [flaw] = await _flaws(intruder, company)
    assert flaw.startswith(f"position 3: column {column} says ")


@pytest.mark.parametrize(
    "change",
    [
        'replace(body, \'"action":"\', \'"action":"UN\')',  # another fact
        "body || ' '",  # the same facts in other bytes
        "regexp_replace(body, '^\\{', '{\"a\":1,')",  # one fact more
    ],
)
async def test_a_changed_body_is_named_with_its_position(
    company: Erp, intruder: asyncpg.Connection, change: str
):
    """Bytes are hashed, so even a blank counts."""
    await intruder.execute(
        f"update journal set body = {change} where tenant_id = $1 and position = 3", company.tenant
    )

    assert await _flaws(intruder, company) == ["position 3: its hash does not match its body"]


@pytest.mark.parametrize("body", ["[]", "null", "1", '"text"'])
async def test_a_body_that_is_no_object_is_named_with_its_position(
    company: Erp, intruder: asyncpg.Connection, body: str
):
    """Verifying ends with a finding, not with an exception."""
    await intruder.execute(
        "update journal set body = $2 where tenant_id = $1 and position = 3", company.tenant, body
    )

    flaws = await _flaws(intruder, company)
    assert flaws[0] == "position 3: its hash does not match its body"


async def test_a_body_rewritten_with_its_hash_breaks_the_next_row(
    company: Erp, intruder: asyncpg.Connection
):
    """Who can compute a hash must rewrite all rows after it."""
    row = (await company.journal())[2]
    body = row["body"].replace('"type":"', '"type":"X')

    await intruder.execute(
        "update journal set body = $2, type = 'X' || type, hash = $3"
        " where tenant_id = $1 and position = 3",
        company.tenant,
        body,
        chained(row["prev_hash"], body),
    )

    assert await _flaws(intruder, company) == [
        "position 4: it is not chained to the row before it",
    ]


async def test_a_whole_chain_rewritten_to_its_end_differs_from_the_head(
    company: Erp, intruder: asyncpg.Connection
):
    """The head remembers the last hash (and daily seals remember heads elsewhere)."""
    rows = await company.journal()
    previous = rows[1]["hash"]
    for row in rows[2:]:
        body = row["body"].replace(str(row["actor"]), str(UUID(int=1)))
        await intruder.execute(
            "update journal set body = $3, actor = $4, prev_hash = $5, hash = $6"
            " where tenant_id = $1 and position = $2",
            company.tenant,
            row["position"],
            body,
            UUID(int=1),
            previous,
            previous := chained(previous, body),
        )

    last = len(rows)
    assert await _flaws(intruder, company) == [
        f"the head says position {last}, the last row is {last}"
    ]


async def test_a_deleted_row_is_named_as_missing(company: Erp, intruder: asyncpg.Connection):
    """And the row after it hangs in the air."""
    await intruder.execute(
        "delete from journal where tenant_id = $1 and position = 3", company.tenant
    )

    assert await _flaws(intruder, company) == [
        "position 3 is missing: the next row is 4",
        "position 4: it is not chained to the row before it",
    ]


async def test_a_deleted_first_row_is_named_as_missing(company: Erp, intruder: asyncpg.Connection):
    """The chain starts from the company's id, not from whatever row comes first."""
    await intruder.execute(
        "delete from journal where tenant_id = $1 and position = 1", company.tenant
    )

    assert (await _flaws(intruder, company))[0] == "position 1 is missing: the next row is 2"


async def test_two_swapped_rows_are_named_with_the_first_position(
    company: Erp, intruder: asyncpg.Connection
):
    """The body tells its own position, too."""
    await intruder.execute(
        "update journal set position = position + 1000 where tenant_id = $1 and position in (3, 4)",
        company.tenant,
    )
    await intruder.execute(
        "update journal set position = 1007 - position where tenant_id = $1 and position > 1000",
        company.tenant,
    )

    flaws = await _flaws(intruder, company)
    assert flaws[0] == "position 3: it is not chained to the row before it"
    assert "position 3: column position says 3, the body 4" in flaws


async def test_what_is_shown_of_an_entry_is_held_against_its_body(
    company: Erp, intruder: asyncpg.Connection
):
    """Even the owner of the table cannot show another history than the chain holds."""
    await intruder.execute("alter table journal alter column data drop expression")
    await intruder.execute(
        "update journal set data = jsonb_set(data, '{facts,action}', '\"POST\"')"
        " where tenant_id = $1 and position = 2",
        company.tenant,
    )

    assert await _flaws(intruder, company) == [
        "position 2: what is shown of it does not match its body"
    ]


async def test_a_changed_private_value_is_named_and_an_erased_one_is_no_flaw(
    company: Erp, intruder: asyncpg.Connection
):
    """A value that is kept apart is bound to the chain by its digest, as long as it is kept."""
    [(erased,), (changed,)] = await intruder.fetch(
        "select ref from journal_private where tenant_id = $1 order by ref limit 2", company.tenant
    )

    await intruder.execute("delete from journal_private where ref = $1", erased)
    await intruder.execute("update journal_private set value = 'X' where ref = $1", changed)

    [flaw] = await _flaws(intruder, company)
    assert flaw.endswith(f": the private value {changed} was changed")


async def test_a_tail_cut_off_is_found_by_the_head(company: Erp, intruder: asyncpg.Connection):
    """What is left is a sound chain: only the head knows that there was more."""
    last = len(await company.journal())

    await intruder.execute(
        "delete from journal where tenant_id = $1 and position > $2", company.tenant, last - 2
    )

    assert await _flaws(intruder, company) == [
        f"the head says position {last}, the last row is {last - 2}"
    ]


async def test_a_journal_emptied_altogether_is_found_by_the_head(
    company: Erp, intruder: asyncpg.Connection
):
    """Nothing there is sound only for a company that never did anything."""
    last = len(await company.journal())

    await intruder.execute("delete from journal where tenant_id = $1", company.tenant)

    assert await _flaws(intruder, company) == [f"the head says position {last}, the last row is 0"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update journal_head set position = position + 1 where tenant_id = $1", "{next}"),
        ("update journal_head set hash = '\\x00' where tenant_id = $1", "{last}"),
        ("delete from journal_head where tenant_id = $1", "None"),
    ],
)
async def test_a_changed_head_is_found(
    company: Erp, intruder: asyncpg.Connection, change: str, said: str
):
    """The head is part of the chain."""
    last = len(await company.journal())

    await intruder.execute(change, company.tenant)

    said = said.format(last=last, next=last + 1)
    assert await _flaws(intruder, company) == [
        f"the head says position {said}, the last row is {last}"
    ]


async def test_a_row_of_another_company_does_not_fit(
    company: Erp, intruder: asyncpg.Connection, erp: Erp
):
    """The body names its company, and the chain starts from its id."""
    await (await erp.sign_in()).create_partner()
    await intruder.execute("delete from journal where tenant_id = $1", company.tenant)

    await intruder.execute(
        "update journal set tenant_id = $1 where tenant_id = $2", company.tenant, erp.tenant
    )

    flaws = await _flaws(intruder, company)
    assert flaws[:2] == [
        "position 1: it is not chained to the row before it",
        f"position 1: column tenant says {company.tenant}, the body {erp.tenant}",
    ]


class _Overtaken:
    """A connection on which somebody else commits just when the last row was read."""

    def __init__(self, connection: asyncpg.Connection, commits: list[Any]) -> None:
        self._connection = connection
        self._commits = commits

    async def fetch(self, *arguments: Any) -> Any:
        """Read, and then be overtaken."""
        found = await self._connection.fetch(*arguments)
        if not found:
            await self._overtake()
        return found

    async def fetchrow(self, *arguments: Any) -> Any:
        """Read, and then be overtaken."""
        found = await self._connection.fetchrow(*arguments)
        await self._overtake()
        return found

    async def _overtake(self) -> None:
        if self._commits:
            await self._commits.pop()()


async def test_a_journal_that_grows_while_it_is_verified_is_sound(
    erp: Erp, operator: asyncpg.Connection
):
    """Verifying a company at work raises no false alarm."""
    anna = await erp.sign_in()
    await anna.create_partner()

    commits = [anna.create_partner] * 3
    overtaken = _Overtaken(operator, commits)

    assert [flaw async for flaw in verify(overtaken, erp.tenant)] == []  # type: ignore[arg-type]
    assert len(commits) < 3


@pytest.mark.parametrize("statement", ["update journal set type = type", "delete from journal"])
@pytest.mark.parametrize("who", ["app", "owner", "superuser"])
async def test_nobody_changes_or_deletes_an_entry_while_the_guards_stand(
    company: Erp, database_url: str, statement: str, who: str
):
    """The application has no privilege; the owner, and even a superuser, meets the trigger."""
    refusal: dict[str, type[Exception]] = {"app": asyncpg.InsufficientPrivilegeError}
    connection = await _as(who, database_url)
    try:
        await connection.execute("select set_config('app.tenant', $1, false)", str(company.tenant))
        with pytest.raises(refusal.get(who, asyncpg.RestrictViolationError)):
            await connection.execute(statement)
        with pytest.raises(refusal.get(who, asyncpg.RestrictViolationError)):
            await connection.execute("truncate journal cascade")
    finally:
        await connection.close()


async def _as(who: str, url: str) -> asyncpg.Connection:
    if who == "superuser":
        return await asyncpg.connect(url)
    return await connect(url, f"neuroerp_{who}")


# ----------------------------------------------------------------------------------- the bodies


async def test_every_body_is_canonical(company: Erp):
    """Sorted keys, no spaces, text as it is: the same facts are always the same bytes."""
    for row in await company.journal():
        assert row["body"] == canonical(json.loads(row["body"]))
        assert row["body"].isprintable()


async def test_a_body_says_what_the_columns_say_and_the_facts(company: Erp):
    """So a row is proof on its own, whatever becomes of the columns."""
    for row in await company.journal():
        body = json.loads(row["body"])
        facts = body.pop("facts")
        assert sorted(facts.keys() & {"version", "changes", "action"}) == [
            "action",
            "changes",
            "version",
        ]
        for name in ("recorded_at", "occurred_at"):
            assert MOMENT.fullmatch(body.pop(name))
        assert body == {
            "tenant": str(company.tenant),
            "position": row["position"],
            "actor": str(row["actor"]),
            "type": row["type"],
            "entity_type": row["entity_type"],
            "entity_id": str(row["entity_id"]),
        }


async def test_amounts_in_a_body_are_texts(company: Erp):
    """A number in JSON is a float for most readers, and a float is no amount."""

    def refuse(text: str) -> None:
        raise AssertionError(f"{text} is a number")

    for row in await company.journal():
        json.loads(row["body"], parse_float=refuse)
        for change in json.loads(row["body"])["facts"]["changes"]:
            assert sorted(change) == ["after", "before", "field"]
            for value in (change["before"], change["after"]):
                assert value is None or isinstance(value, str | dict)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.dictionaries(st.text(), PLAIN, max_size=6))
def test_canonical_text_says_the_same_and_does_not_depend_on_order(body: dict[str, Any]):
    """Reading it gives the body back; keys in another order give the same text."""
    text = canonical(body)

    assert json.loads(text) == body
    assert canonical(dict(reversed(body.items()))) == text
    assert canonical(json.loads(text)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12)))
def test_canonical_amounts_are_exact_texts(amount: Decimal):
    """Never an exponent, never a rounded digit."""
    read = json.loads(canonical({"amount": amount}))["amount"]

    assert isinstance(read, str)
    assert re.fullmatch(r"-?\d+(\.\d+)?", read)
    assert Decimal(read) == amount


@given(st.integers(0, 10**18 - 1), st.binary(min_size=8, max_size=8))
def test_a_cursor_reads_back_as_it_was_printed(position: int, start: bytes):
    """What a subscriber got is what it may send."""
    cursor = Cursor(position, start)

    assert Cursor.parse(str(cursor), ("after",)) == cursor


@given(
    st.text(max_size=40)
    | st.from_regex(r"\A[0-9]{0,20}\.?[0-9a-fA-F]{0,18}\Z")
    | st.from_regex(r"\A\d{1,3}\.[0-9a-f]{16}\Z")
)
def test_any_other_text_is_an_unknown_cursor_and_never_an_error(text: str):
    """A cursor that parses fits the columns of the journal."""
    try:
        cursor = Cursor.parse(text, ("after",))
    except CursorUnknown:
        return
    assert 0 <= cursor.position < 10**18
    assert len(cursor.hash_start) == 8
    assert text.isascii()


# ------------------------------------------------------------------- changes and events, in pairs

TOLD = {
    "document": ("id", ("document",)),
    "partner": ("id", ("partner",)),
    "item": ("id", ("item",)),
    "price": ("id", ("item_price",)),
    "inbox_item": ("id", ("inbox_item",)),
    "payment_terms": ("id", ("payment_terms",)),
    "branch": ("id", ("branch",)),
    "exchange_rate": ("id", ("exchange_rate",)),
    "text_template": ("id", ("text_template",)),
    "import_run": ("id", ("import_run",)),
    "document_job": ("id", ("document_job",)),
}
NEVER_TOLD = {"tenant_id", "id", "document_id", "position", "role", "version", "created_at"} | {
    "updated_at",
    "due_sort",
    "valid_until_sort",
    "gross_cents",
    "name_key",
    "number_key",
    "is_blocked",
    "posted_in",
    # These follow from what is told.
    "stock_quantity",
    "quantity_max",
    "invoice_max",
    "open_quantity",
    "open_lines",
    "external_year",
    "match_report",
    "tax_report",
    "open_cents",
    "open_side",
    "is_paid",
}
PARTS_OF_PARTNERS = {
    "address": lambda r: f"addresses.{r['position']}.",
    "contact": lambda r: f"contacts.{r['position']}.",
    "account": lambda r: f"accounts.{r['position']}.",
    "receipt": lambda r: f"contacts.{r['contact_position']}.receives.{r['documents']}.",
    "tax_class": lambda r: f"taxClasses.{r['valid_from']}.",
}
NAMES_OF_PARTS = {"partner_id", "contact_position", "documents", "valid_from", "payment_terms_id"}
COUNTERS = {
    name
    for counter in (*TAKEN, *POSTED, "credited_net", "settled", "discount_taken")
    for name in (counter, camel(counter))
}
PARTY = {role.value: camel(role.value.lower()) for role in PartyRole}


async def _present(company: Erp) -> dict[tuple[str, UUID], dict[str, str]]:
    """Return what the tables say now, as the journal would tell it."""
    found: dict[tuple[str, UUID], dict[str, str]] = defaultdict(dict)

    async def take(
        table: str, entity: str, key: str, prefix: Any, untold: Any = frozenset()
    ) -> None:
        for row in await company.owner.fetch(
            f"select * from {table} where tenant_id = $1", company.tenant
        ):
            found[entity, row[key]] |= {
                prefix(row) + camel(name): _text(value)
                for name, value in row.items()
                if not _is_nothing(name, value) and name not in NEVER_TOLD | untold
            }

    for entity, (_, [table]) in TOLD.items():
        await take(table, entity, "id", lambda row: "")
    await take("document_line", "document", "document_id", lambda r: f"lines.{r['position']}.")
    allowances = ("document_allowance", "document", "document_id")
    await take(*allowances, lambda r: f"allowances.{r['position']}.")
    stated = ("document_stated_tax", "document", "document_id")
    await take(*stated, lambda r: f"statedTaxes.{r['position']}.")
    prepayments = ("document_prepayment", "document", "document_id")
    named = {"prepayment_id"}
    await take(*prepayments, lambda r: f"prepayments.{r['prepayment_id']}.{r['position']}.", named)
    for part in ("comment", "attachment"):
        table = part if part == "attachment" else f"document_{part}"
        await take(table, "document", "document_id", lambda r, p=part: f"{p}s.{r['id']}.")
    own = {"item_id", "unit"}
    await take("item_unit", "item", "item_id", lambda r: f"units.{r['unit']}.", own)
    suppliers = "item_supplier", "item", "item_id"  # all else may be missing: told by key too
    await take(*suppliers, lambda r: f"suppliers.{r['partner_id']}.", {"item_id"})
    await take("document_party", "document", "document_id", lambda r: f"{PARTY[r['role']]}.")
    for part, name in PARTS_OF_PARTNERS.items():
        await take(f"partner_{part}", "partner", "partner_id", name, NAMES_OF_PARTS)
    steps = ("payment_terms_step", "payment_terms", "payment_terms_id")
    await take(*steps, lambda r: f"steps.{r['position']}.", NAMES_OF_PARTS)
    return found


async def _told(company: Erp) -> dict[tuple[str, UUID], dict[str, str]]:
    """Return what the journal tells, entry after entry; each `before` must be the last `after`."""
    private = {
        str(row["ref"]): row["value"]
        for row in await company.owner.fetch(
            "select ref, value from journal_private where tenant_id = $1", company.tenant
        )
    }
    found: dict[tuple[str, UUID], dict[str, str]] = defaultdict(dict)
    for row in await company.journal():
        known = found[row["entity_type"], row["entity_id"]]
        for change in json.loads(row["facts"])["changes"]:
            before, after = (
                private[value["ref"]] if isinstance(value, dict) else value
                for value in (change["before"], change["after"])
            )
            name = change["field"].rpartition(".")[2]
            last = known.pop(change["field"], None)
            assert last == (None if _is_nothing(name, before) else before), (row["type"], change)
            if not _is_nothing(name, after):
                known[change["field"]] = after
    return found


def _is_nothing(name: str, value: Any) -> bool:
    """Say whether there is nothing to tell: no value, or nothing counted yet."""
    return value is None or (name in COUNTERS and Decimal(value) == 0)


async def _every_change_has_its_event(company: Erp) -> None:
    present, told = await _present(company), await _told(company)
    assert told.keys() == present.keys()
    for entity, facts in present.items():
        assert told[entity] == facts, entity


async def _versions_match(company: Erp) -> None:
    told: dict[tuple[str, UUID], list[int]] = defaultdict(list)
    for row in await company.journal():
        version = json.loads(row["facts"])["version"]
        if row["type"].endswith(("PrintRequested", "Printed")):  # only the journal grows
            assert version == told[row["entity_type"], row["entity_id"]][-1]
            assert json.loads(row["facts"])["changes"] == []
        elif version in told[row["entity_type"], row["entity_id"]][-1:]:  # made and posted at once
            assert (row["type"][-6:], json.loads(row["facts"])["changes"]) == ("Posted", [])
        else:
            told[row["entity_type"], row["entity_id"]].append(version)
    for (entity, id), versions in told.items():
        [table] = TOLD[entity][1]
        last = await company.owner.fetchval(
            f"select version from {table} where tenant_id = $1 and id = $2", company.tenant, id
        )
        assert versions == list(range(1, last + 1)), (entity, id)


async def test_every_change_has_its_event_and_every_event_its_change(company: Erp):
    """Replayed from the first entry, the journal leads to exactly what the tables say now."""
    await _every_change_has_its_event(company)
    await _versions_match(company)


async def test_a_draft_rewritten_again_and_again_is_told_completely(erp: Erp):
    """Lines come and go, parties and terms change: nothing is told wrongly, nothing is left out."""
    anna = await erp.sign_in()
    line = {"quantity": "1", "unit": "PIECE", "unitPrice": "9.99", "taxCategory": "S"}
    lines = [{**line, "description": f"Ware {n}", "taxRate": "19"} for n in range(4)]
    partners = [await anna.create_partner(f"Hof {n}") for n in range(3)]
    invoice = await anna.create_invoice(soldTo=partners[0], lines=lines)

    for change in (
        {"lines": lines[:1], "note": "neu"},
        {"lines": lines[1:], "billTo": partners[1], "paymentDays": 30},
        {"lines": [{**lines[0], "taxRate": "7"}, lines[3]], "shipTo": partners[2]},
        {"lines": lines, "soldTo": partners[2], "customerReference": "x"},
    ):
        facts = await anna.invoice_input(**{"soldTo": partners[0], **change})
        answer = await anna.do(
            "updateSalesInvoice",
            "salesInvoice { version }",
            id=invoice["id"],
            expectedVersion=invoice["version"],
            **facts,
        )
        invoice["version"] = answer.made["version"]

    await _every_change_has_its_event(erp)
    await _versions_match(erp)


async def test_lines_that_change_their_places_are_told_under_the_new_ones(erp: Erp):
    """The first goes, the last comes first, one stays, one is new: kept lines keep their ids."""
    anna = await erp.sign_in()
    line = {"quantity": "1", "unit": "PIECE", "unitPrice": "9.99", "taxCategory": "S"}
    lines = [{**line, "description": f"Ware {n}", "taxRate": "19"} for n in range(4)]
    partner = await anna.create_partner()
    order = await anna.create("SALES_ORDER", soldTo=partner, lines=lines)
    ids = [each["id"] for each in order["lines"]]
    await anna.post(order)
    moved = [
        {**lines[3], "id": ids[3]},
        {**lines[1], "id": ids[1], "quantity": "7"},
        {**lines[0], "description": "Neu"},
        {**lines[2], "id": ids[2]},
    ]

    amended = await anna.amend("SALES_ORDER", order, soldTo=partner, lines=moved)

    assert [each["id"] for each in amended.made["lines"]][:2] == [ids[3], ids[1]]
    assert amended.made["lines"][3]["id"] == ids[2]
    await _every_change_has_its_event(erp)
    await _versions_match(erp)


async def test_what_follow_ups_took_and_gave_back_is_told_completely(erp: Erp):
    """Taken by a draft, delivered in part, cancelled, closed, reopened: all of it is replayed."""
    anna = await erp.sign_in()
    order = await anna.create("SALES_ORDER")
    await anna.post(order)
    part = [{"lineId": order["lines"][0]["id"], "quantity": "3"}]
    delivery = (await anna.convert([order["id"]], "DELIVERY_NOTE", part)).made
    await anna.post(delivery)
    invoice = (await anna.convert([delivery["id"]], "SALES_INVOICE")).made
    await anna.verb("discardDocument", invoice)
    cancelled = await anna.verb("cancelDocument", delivery, expectedVersion=4, reason="falsch")
    assert cancelled.problems == []
    rest = (await anna.convert([order["id"]], "DELIVERY_NOTE", part)).made
    await anna.post(rest)
    asked = "query($id: ID!) { document(id: $id) { version } }"
    seen = (await anna.ask(asked, id=order["id"])).data["document"]["version"]
    closed = await anna.verb("closeLines", order, expectedVersion=seen, reason="genug")
    reopened = await anna.verb("reopenLines", order, reason="doch")

    assert [closed.problems, reopened.problems] == [[], []]
    await _every_change_has_its_event(erp)
    await _versions_match(erp)


async def test_a_change_that_changes_nothing_is_still_a_version_and_an_event(erp: Erp):
    """Somebody said "this is right" at that time; the version moves so that others see it."""
    anna = await erp.sign_in()
    invoice = await anna.create_invoice(soldTo=await anna.create_partner())
    facts = await anna.invoice_input(
        soldTo=(await anna.ask("{ partners { nodes { id } } }")).data["partners"]["nodes"][0]["id"]
    )

    answer = await anna.do(
        "updateSalesInvoice",
        "salesInvoice { version }",
        id=invoice["id"],
        expectedVersion=invoice["version"],
        **facts,
    )

    assert answer.made["version"] == invoice["version"] + 1
    await _versions_match(erp)
    await _every_change_has_its_event(erp)


async def test_a_refused_call_leaves_no_entry(erp: Erp):
    """Neither an entry nor anything else."""
    anna = await erp.sign_in()
    invoice = await anna.create_invoice()
    before = await erp.state_of_database()

    answer = await anna.approve(invoice)

    assert answer.problem_codes == ["TRANSITION_NOT_ALLOWED"]
    assert await erp.state_of_database() == before


# ---------------------------------------------------------------------------- persons, forgotten

MARK = "Qz7Mk9"  # long enough not to stand in a random digest
IBAN = f"BV{iban_check_digits('BV', 'QZ700000000')}QZ700000000"
CREDITOR_ID = f"BV{iban_check_digits('BV', '1')}QZ71"
PARTNER = {
    "name": f"Name {MARK}",
    "street": f"Street {MARK}",
    "postcode": f"P {MARK}",
    "city": f"City {MARK}",
    "country": "BV",  # Bouvet Island, where nobody lives
    "vatId": "BVQZ7",
    "taxNumber": f"T {MARK}",
    "email": f"mail.{MARK}@example.org",
    "endpointId": f"E {MARK}",
    "creditorId": CREDITOR_ID,
}
PARTS = {
    "addresses": {
        "name": f"Depot {MARK}",
        "street": f"Street {MARK}",
        "postcode": f"P {MARK}",
        "city": f"City {MARK}",
        "country": "BV",
    },
    "contacts": {
        "name": f"Contact {MARK}",
        "email": f"{MARK}@example.org",
        "phone": f"+49 {MARK}",
        "function": f"Function {MARK}",
    },
    "accounts": {"iban": IBAN, "holder": f"Holder {MARK}"},
}
MARKS = [f"%{MARK}%", "%QZ70000%", "%QZ71%", '%"BV"%', "BV", "%=BV%"]
ITEM = {
    "seller_name": f"Seller {MARK}",
    "seller_street": f"Street {MARK}",
    "seller_postcode": f"P {MARK}",
    "seller_city": f"City {MARK}",
    "seller_country": "BV",
    "seller_vat_id": "BVQZ7",
    "seller_tax_number": f"T {MARK}",
    "seller_email": f"{MARK}@example.org",
    "buyer_name": f"Buyer {MARK}",
    "iban": IBAN,
}
SEARCHED = (
    "journal",
    "journal_head",
    "journal_private",
    "journal_change",
    "idempotency_key",
    "pgqueuer",
    "pgqueuer_log",
    "pgqueuer_statistics",
    "pgqueuer_schedules",
)


def test_the_marks_stand_in_every_personal_column():
    """A personal column added later must be added to the test below."""
    personal = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.c
        if column.info.get("personal")
    }
    snake = {re.sub("[A-Z]", lambda c: f"_{c[0].lower()}", name) for name in PARTNER}

    assert personal == {
        *(("partner", name) for name in {*snake, "blocked_reason"}),
        *(("partner_address", name) for name in PARTS["addresses"]),
        *(("partner_contact", name) for name in PARTS["contacts"]),
        *(("partner_account", name) for name in PARTS["accounts"]),
        *(("document_party", name) for name in snake - {"endpoint_id", "creditor_id"}),
        *(("inbox_item", name) for name in {*ITEM, "file_name"}),
        ("document", "bank_reference"),
        *(("import_run", "file_name"), ("import_problem", "reason_de")),
        *(("import_problem", "reason_en"), ("attachment", "file_name")),
        ("document_comment", "text"),
        ("document_job_item", "facts"),
        ("app_user", "name"),  # the journal knows users by id alone
        ("app_user", "email"),
    }


async def _found_in(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Return the rows of the journal and its neighbours that hold a mark, by table."""
    found: dict[str, list[str]] = {}
    for table in SEARCHED:
        # encode(…, 'escape'): a job's payload is bytes
        rows = await connection.fetch(
            f"select t::text as row from {table} t where t::text like any($1) or exists (select"
            " from jsonb_each_text(to_jsonb(t)) e where e.value like any($1)"
            " or (e.value like '\\\\x%' and length(e.value) % 2 = 0 and"
            " encode(decode(substr(e.value, 3), 'hex'), 'escape') like any($1)))",
            MARKS,
        )
        if rows:
            found[table] = [row["row"] for row in rows]
    return found


async def test_personal_values_stand_apart_from_the_chain_and_are_gone_after_erasure(
    erp: Erp, database_url: str
):
    """Written into every personal field; no body, job or key holds it; erased, it is nowhere."""
    admin = await asyncpg.connect(database_url)
    anna = await erp.sign_in()
    parts = {name: [part] for name, part in PARTS.items()}
    parts["addresses"] = [{"label": "Depot", **PARTS["addresses"]}]
    facts = {**PARTNER, **parts, "endpointScheme": "0204"}
    partner = await anna.create_partner(**facts)
    renamed = {**facts, "name": f"Renamed {MARK}", "paymentDays": 10}
    update = await anna.do(
        "updatePartner", "partner { id }", id=partner, expectedVersion=1, **renamed
    )
    assert update.problems == []
    block = await anna.do(
        "blockPartner", "partner { id }", id=partner, expectedVersion=2, reason=f"Why {MARK}"
    )
    assert block.problems == []
    invoice = await anna.create_invoice(soldTo=partner)
    await payment_draft(anna, partner, "5", bankReference=f"Reference {MARK}")
    received = (await anna.import_file(f"{MARK}.xml", b"<a/>")).made["id"]
    work: UnitOfWork
    async with work_of(erp) as work:
        item = await work.inbox.locked(UUID(received.partition("_")[2]))
        item.read(dict(ITEM), at=work.now)
    linked = await anna.do("createPartnerFromInboxItem", "partner { id }", id=received)
    assert linked.problem_codes == ["DUPLICATE_PARTNER"]

    held = await _found_in(admin)
    assert sorted(held) == ["journal_change", "journal_private"]
    subjects = [UUID(id.partition("_")[2]) for id in (partner, received)]
    kept = await admin.fetch(
        "select subject_id, count(*) from journal_private where tenant_id = $1 group by 1",
        erp.tenant,
    )
    # name, …, creditor id; five, four and two of its parts; the name before and after; why it is
    # blocked; three parties of an invoice and one of a payment, of eight fields each, and what the
    # bank said of the payment: file name and facts
    own = len(PARTNER) + 5 + 4 + 2 + 2 + 1
    assert dict(kept) == {subjects[0]: own + (3 + 1) * 8 + 1, subjects[1]: 1 + len(ITEM)}

    async with Database.session(erp.server.state.database, erp.tenant) as session:
        connection = await session.connection()
        driver = (await connection.get_raw_connection()).driver_connection
        await driver.execute("delete from journal_private where subject_id = any($1)", subjects)

    assert await _found_in(admin) == {}
    await erp.check_books()
    await admin.close()
    for root, id in (("partner", partner), ("inboxItem", received), ("document", invoice["id"])):
        history = await _history(anna, root, id)
        erased = {change["field"] for change in history if change["erased"]}
        assert erased == ERASED[root]
        assert not [change for change in history if change["erased"] and change["after"]]
        assert [change for change in history if not change["erased"]]


ERASED = {
    "partner": {
        *PARTNER,
        *(f"{list_name}.1.{name}" for list_name, part in PARTS.items() for name in part),
        "blockedReason",
    },
    "inboxItem": {camel(name) for name in (*ITEM, "file_name")},
    "document": {
        f"{role}.{name}"
        for role in ("soldTo", "billTo", "shipTo")
        for name in PARTNER
        if name not in ("endpointId", "creditorId")
    },
}


async def _history(user: Any, root: str, id: str) -> list[dict[str, Any]]:
    kind = "... on SalesInvoice" if root == "document" else ""
    history = "history(first: 50) { nodes { changes { field before after erased } } }"
    body = f"{kind} {{ {history} }}" if kind else history
    answer = await user.ask(f'{{ {root}(id: "{id}") {{ {body} }} }}')
    return [
        change for entry in answer.data[root]["history"]["nodes"] for change in entry["changes"]
    ]


async def test_a_value_belongs_to_the_person_it_was_about_even_after_a_swap(erp: Erp):
    """An invoice is readdressed: the old address is erased with the old partner."""
    anna = await erp.sign_in()
    old = await anna.create_partner("Alt", street="Altweg 1")
    new = await anna.create_partner("Neu", street="Neuweg 2")
    invoice = await anna.create_invoice(soldTo=old)
    facts = await anna.invoice_input(soldTo=new)
    answer = await anna.do(
        "updateSalesInvoice", "salesInvoice { id }", id=invoice["id"], expectedVersion=1, **facts
    )
    assert answer.problems == []

    kept = await erp.owner.fetch(
        "select distinct subject_id, value from journal_private"
        " where tenant_id = $1 and value in ('Alt', 'Altweg 1', 'Neu', 'Neuweg 2')",
        erp.tenant,
    )

    old_id, new_id = (UUID(id.partition("_")[2]) for id in (old, new))
    assert {tuple(row) for row in kept} == {
        (old_id, "Alt"),
        (old_id, "Altweg 1"),
        (new_id, "Neu"),
        (new_id, "Neuweg 2"),
    }


async def test_two_entries_of_the_same_value_have_different_digests(erp: Erp):
    """Salted, so that nobody can tell by comparing that two people have the same address."""
    anna = await erp.sign_in()
    for _ in range(2):
        await anna.create_partner()

    digests = [
        change["after"]["sha256"]
        for row in await erp.journal()
        for change in json.loads(row["facts"])["changes"]
        if isinstance(change["after"], dict)
    ]

    assert len(digests) == len(set(digests)) >= 10


# ------------------------------------------------------------------------ neuroerp journal verify


@pytest.fixture
async def cellar(worker_id: str) -> AsyncIterator[SimpleNamespace]:
    """A database of its own with two companies, one of which did something."""
    async with cloned(f"verified_{worker_id}") as url:
        owner = await asyncpg.connect(url)
        busy, idle = uuid4(), uuid4()
        await create_tenant(owner, busy, {**COMPANY, "name": "Busy GmbH"}, {}, "2026")
        await create_tenant(owner, idle, {**COMPANY, "name": "Idle GmbH"}, {}, "2026")
        database = await Database.open(url)
        company = SimpleNamespace(tenant=busy)
        work: UnitOfWork
        for _ in range(3):
            async with unit_of_work(
                database,
                actor_of(company),  # type: ignore[arg-type]
                quiet_services(),
            ) as work:
                draft = PartnerDraft(Address("Hof", "Weg 1", "27318", "Hoya"))
                number = await work.partners.next_number()
                work.partners.add(Partner(id=uuid4(), tenant_id=busy, number=number, draft=draft))
        await database.close()
        yield SimpleNamespace(url=url, admin=owner, busy=busy)
        await owner.close()


async def _verify(monkeypatch: pytest.MonkeyPatch, url: str) -> int:
    monkeypatch.setenv("NEUROERP_DATABASE_URL", url)
    return await asyncio.to_thread(main, ["journal", "verify"])


async def test_the_command_says_that_all_journals_are_sound(
    cellar: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """Exit status 0, one line per company."""
    assert await _verify(monkeypatch, cellar.url) == 0

    told = capsys.readouterr()
    assert sorted(told.out.splitlines()) == [
        "Busy GmbH: 3 entries, sound",
        "Idle GmbH: 0 entries, sound",
    ]
    assert told.err == ""


async def test_the_command_names_the_broken_row_and_fails(
    cellar: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """Exit status 1; the other company's line still says sound."""
    await cellar.admin.execute("alter table journal disable trigger append_only")
    await cellar.admin.execute("delete from journal where position = 2")

    assert await _verify(monkeypatch, cellar.url) == 1

    assert set(capsys.readouterr().out.splitlines()) == {
        "Idle GmbH: 0 entries, sound",
        "Busy GmbH: 2 entries, BROKEN",
        "  position 2 is missing: the next row is 3",
        "  position 3: it is not chained to the row before it",
    }


async def test_the_command_says_in_one_sentence_that_there_is_no_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Exit status 1 and no trace; nobody takes it for a sound journal."""
    assert await _verify(monkeypatch, "postgresql://nobody@127.0.0.1:1/nowhere") == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("neuroerp: the database cannot be used: ")
    assert told.err.count("\n") == 1
