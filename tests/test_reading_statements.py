"""How many SQL statements a root field takes: always one, however many rows it shows.

The standard executor takes more, but as many for 100 rows as for one.
"""

import asyncio

import pytest

from domain.documents.kinds import KINDS, SALES
from persistence.database import READ_CONNECTIONS_MAX
from persistence.models import metadata
from tests.bothways import BOTH_WAYS, Statements
from tests.erp import FARMER, Erp, User, other_side_of

SIZES = (1, 10, 100)

HISTORY = """history(first: 5) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node {
  type occurredAt actor { name } changes { field before after erased } } } }"""
PARTY = "name street city vatId partner { name }"
DOCUMENT = f"""id kind state number issueDate net gross createdAt version
  responsible {{ name }} cancels {{ number }} cancelledBy {{ number lines {{ net }} }}
  ... on SalesDocument {{ soldTo {{ {PARTY} }} billTo {{ {PARTY} }} seller {{ name }} }}
  lines {{ position quantity net openQuantity source {{ number }}
    item {{ number name unitPrice }} }} taxes {{ rate basis tax }}
  authors {{ user {{ name }} }} approvals {{ decision requester {{ name }} decider {{ name }} }}
  printouts {{ fileName }} {HISTORY} ... on SalesInvoice {{ paymentDays dueDate }}"""
PARTNER = f"""id name paymentDays addresses {{ city }} accounts {{ iban }} paymentTerms {{ code }}
  contacts {{ name receives {{ documents channel }} }} taxClasses {{ taxClass }} {HISTORY}
  documents(first: 3) {{ totalCount nodes {{ number
  lines {{ description }} partner {{ name }} }} pageInfo {{ endCursor }} }}"""
PRICE = f"id unitPrice validFrom item {{ number }} partner {{ name }} {HISTORY}"
ITEM = f"""id number name unitPrice units {{ unit factor }} suppliers {{ partner {{ name }} }}
  prices(first: 3) {{ totalCount nodes {{ unitPrice item {{ name }} }} }} {HISTORY}"""
INBOX_ITEM = f"id state fileName partner {{ name }} {HISTORY}"
COMPANY = "name documentSettings { kind approval } branches { code }"
PAGE = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"

QUERIES = {
    "documents": f"{{ documents(first: 200) {{ {PAGE} nodes {{ {DOCUMENT} }}"
    f" edges {{ cursor node {{ partner {{ {PARTNER} }} }} }} }} }}",
    "partners": f"{{ partners(first: 200) {{ {PAGE} nodes {{ {PARTNER} }} }} }}",
    "items": f"{{ items(first: 200) {{ {PAGE} nodes {{ {ITEM} }} }} }}",
    "prices": f"{{ prices(first: 200) {{ {PAGE} nodes {{ {PRICE} }} }} }}",
    "inboxItems": f"{{ inboxItems(first: 200) {{ {PAGE} nodes {{ {INBOX_ITEM} }} }} }}",
    "document": f"query($document: ID!) {{ document(id: $document) {{ {DOCUMENT} }} }}",
    "partner": f"query($partner: ID!) {{ partner(id: $partner) {{ {PARTNER} }} }}",
    "item": f"query($item: ID!) {{ item(id: $item) {{ {ITEM} }} }}",
    "price": f"query($price: ID!) {{ price(id: $price) {{ {PRICE} }} }}",
    "inboxItem": f"query($inboxItem: ID!) {{ inboxItem(id: $inboxItem) {{ {INBOX_ITEM} }} }}",
    "node": "query($document: ID!) { node(id: $document) { ...D } }"
    f" fragment D on Document {{ {DOCUMENT} }}",
    "company": f"{{ company {{ {COMPANY} {HISTORY} }} }}",
    "me": "{ me { id roles scopes } }",
}
NEED_PYTHON = {
    "actions": "{ documents(first: 200) { nodes { availableActions { action allowed code } } } }",
    "flow": "{ documents(first: 200) { nodes { flow { number distance document { id } } } } }",
    "downloads": "{ documents(first: 200) { nodes { printouts { download { url } } } } }",
    "failures": "{ inboxItems(first: 200) { nodes { failure { code message } } } }",
}


@pytest.mark.slow
async def test_every_root_field_takes_as_many_statements_for_100_rows_as_for_one(erp: Erp):
    """One for the engine; none where no row is read; what needs Python is batched."""
    anna = await erp.sign_in()
    taken: dict[str, list[Statements]] = {name: [] for name in (*QUERIES, *NEED_PYTHON)}

    ids: dict[str, str] = {}
    for before, size in zip((0, *SIZES), SIZES, strict=False):
        ids = {**await _grow(anna, before, size), **ids}  # the first of each has a history
        for name, query in {**QUERIES, **NEED_PYTHON}.items():
            wanted = {each: id for each, id in ids.items() if f"${each}:" in query}
            [shown] = (await anna.ask(query, **wanted)).data.values()
            assert "nodes" not in shown or len(shown["nodes"]) == size
            taken[name].append(BOTH_WAYS.statements)

    table = "\n".join(
        f"{name:11}" + "".join(f"  {each.engine:2} / {each.executor:2}" for each in counts)
        for name, counts in taken.items()
    )
    told = f"statements (engine / executor) at {SIZES} rows\n{table}"
    assert {name: {each.engine for each in taken[name]} for name in QUERIES} == {
        name: {0 if name == "me" else 1} for name in QUERIES
    }, told
    assert {name: len(set(counts)) for name, counts in taken.items()} == dict.fromkeys(taken, 1), (
        told
    )


async def test_several_root_fields_take_one_statement_each(erp: Erp):
    """Whatever each of them shows."""
    anna = await erp.sign_in()

    await anna.ask(
        "{ a: documents { totalCount } b: documents { nodes { id } } partners { totalCount } }"
    )

    assert BOTH_WAYS.statements.engine == 3


async def test_an_operation_that_fails_half_way_leaves_no_connection_behind(erp: Erp):
    """One field is refused while its siblings are about to read; they do so no more."""
    anna = await erp.sign_in()
    pool = erp.server.state.database.pool

    for _ in range(READ_CONNECTIONS_MAX + 1):
        answer = await anna.ask("{ a: documents { totalCount } b: items(first: 0) { totalCount } }")
        assert answer.error_codes == ["PAGE_SIZE_OUT_OF_RANGE"]
    await anna.ask("{ partners { nodes { name history(last: 0) { totalCount } version } } }")

    assert (await anna.ask("{ documents { totalCount } }")).data["documents"]["totalCount"] == 0
    assert pool.get_idle_size() == pool.get_size()


async def _grow(anna: User, before: int, size: int) -> dict[str, str]:
    """Let the company have `size` rows of everything, and return the id of one of each."""
    erp = anna.erp
    if not before:
        contact = {
            "name": "Anna",
            "receives": [{"documents": "OFFERS", "channel": "PRINT"}],
        }
        await anna.create_partner(contacts=[contact])
        item = await anna.create_item("W")
        await anna.do("createPrice", "price { id }", itemId=item, unitPrice="200")
        await anna.import_file("rechnung.xml", b"rechnung")
    unlike = {
        "partner": "'number', 'W-' || n",
        "item": "'number', 'W-' || n",
        "item_price": "'quantity_from', n",
    }
    for table in ("partner", "item", "item_price", "inbox_item"):
        more = unlike.get(table, "'version', 1")
        columns = [column.name for column in metadata.tables[table].c if column.computed is None]
        given = ", ".join(f"(g.new).{name}" for name in columns)
        await erp.owner.execute(
            f"insert into {table} ({', '.join(columns)}) select {given} from (select"
            f" jsonb_populate_record(t.row, jsonb_build_object("
            f" 'id', gen_random_uuid(), {more})) as new from generate_series($2::int, $3::int) n,"
            f" (select r as row from {table} r where tenant_id = $1 limit 1) t) g",
            erp.tenant,
            max(before, 1),
            size - 1,
        )
    ids = {
        name: [
            f"{prefix}_{row['id']}"
            for row in await erp.owner.fetch(
                f"select id from {table} where tenant_id = $1", erp.tenant
            )
        ]
        for name, table, prefix in (
            ("partner", "partner", "par"),
            ("item", "item", "itm"),
            ("price", "item_price", "prc"),
            ("inboxItem", "inbox_item", "inb"),
        )
    }
    made = await asyncio.gather(
        *(_document(anna, ids["partner"][n], ids["item"][n]) for n in range(before, size))
    )
    return {"document": made[0], **{name: some[0] for name, some in ids.items()}}


async def _document(anna: User, partner: str, item: str) -> str:
    line = {"itemId": item, "quantity": "1"}
    id: str = (await anna.create_invoice(soldTo=partner, lines=[line, line]))["id"]
    return id


OF_ALL_KINDS = f"""{{ documents(first: 50) {{ {PAGE} nodes {{ __typename kind number gross
  partner {{ __typename name }} lines {{ description net openQuantity }} {HISTORY}
  ... on SalesDocument {{ __typename soldTo {{ name }} customerReference }}
  ... on PurchaseDocument {{ supplier {{ name }} }} ...Terms }} }} }}
  fragment Terms on Document {{ ... on SalesInvoice {{ dueDate }}
    ... on SalesOrder {{ requestedDate }}
    ... on SupplierInvoice {{ dueDate externalNumber }} }}"""


async def test_documents_of_all_kinds_are_one_statement_by_whatever_fragments(erp: Erp):
    """Each kind shows its type, the fields of its side and its own, and nothing of the others."""
    anna = await erp.sign_in()
    partner = await anna.create_partner(**FARMER)
    for kind in KINDS.values():
        await anna.create(kind.name, **{other_side_of(kind): partner})

    nodes = (await anna.ask(OF_ALL_KINDS)).data["documents"]["nodes"]

    assert BOTH_WAYS.statements.engine == 1
    shown = {node["kind"]: node for node in nodes}
    assert sorted(shown) == sorted(KINDS)
    for kind in KINDS.values():
        node, party = shown[kind.name], "soldTo" if kind.side == SALES else "supplier"
        other = "supplier" if kind.side == SALES else "soldTo"
        named = None if kind.name == "INCOMING_PAYMENT" else {"name": "Hof Lindenau"}
        assert (node["__typename"], node[party]) == (kind.event, named)  # money has a payer only
        assert other not in node
        assert ("dueDate" in node) == (kind.name in ("SALES_INVOICE", "SUPPLIER_INVOICE"))
        assert ("requestedDate" in node) == (kind.name == "SALES_ORDER")
