"""The reading engine through the public door; every query here is also answered the other way."""

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest
from gql import gql

from domain.documents.kinds import State
from tests.bothways import BOTH_WAYS
from tests.erp import Erp, User
from tests.trading import NASTY, QUOTED, Trading, trading

SORTS = ["ISSUE_DATE_NEWEST", "ISSUE_DATE_OLDEST", "GROSS_HIGHEST", "DUE_FIRST"]
PAGED_DOCUMENTS = 25


@pytest.fixture(scope="module")
async def company(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Trading:
    """A company that trades; the tests of this file do not change it."""
    return await trading(await Erp.found(server, owner, http))


@pytest.fixture(scope="module")
async def crowd(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company with 25 drafts for one partner: many on the same day, with the same amount."""
    erp = await Erp.found(server, owner, http)
    anna = await erp.sign_in()
    partner = await anna.create_partner()
    drafts = [
        anna.create_invoice(
            soldTo=partner,
            issueDate=f"2026-0{1 + place % 4}-15",
            paymentDays=(place % 3) * 10,
            lines=[await line(quantity=str(1 + place % 5))],
        )
        for place in range(PAGED_DOCUMENTS)
    ]
    await asyncio.gather(*drafts)
    yield erp
    await erp.check_books()


async def line(**more: Any) -> dict[str, Any]:
    """Return the input of a line over 10.00 EUR each."""
    return {
        "description": "Saatgut",
        "quantity": "1",
        "unit": "PIECE",
        "unitPrice": "10",
        "taxCategory": "S",
        "taxRate": "19",
        **more,
    }


# --- the comparison itself -------------------------------------------------------------------


async def test_every_query_of_every_test_is_answered_both_ways(company: Trading):
    """Three queries are three comparisons, the one that is refused included; a write is none."""
    before = BOTH_WAYS.compared

    await company.anna.ask("{ partners(first: 1) { totalCount } }")
    await company.anna.ask("query($n: Int) { partners(first: $n) { totalCount } }", n=1)
    await company.anna.ask("{ partners(first: 0) { totalCount } }")
    await company.anna.do("createPartner", "partner { id }", name="")

    assert BOTH_WAYS.compared - before == 3
    assert BOTH_WAYS.differences == []


async def test_an_event_is_read_both_ways_too(erp: Erp):
    """What subscribers are told is compared like an answer."""
    anna = await erp.sign_in()
    before = BOTH_WAYS.compared

    async with anna.follow() as session:
        events = session.subscribe(
            gql("subscription { documentEvents { type document { number } } }")
        )
        waiting = asyncio.ensure_future(anext(events))
        while not waiting.done():
            await anna.create_invoice()
            await asyncio.wait([waiting], timeout=0.1)
        await events.aclose()

    assert waiting.result()["documentEvents"]["type"] == "SalesInvoiceCreated"
    assert BOTH_WAYS.compared > before


# --- names: aliases, fragments, __typename, directives ---------------------------------------


async def test_fields_come_under_the_names_the_client_gave_them(company: Trading):
    """Aliases, also such that SQL or the engine use themselves, in the order of the selection."""
    asked = """{ partners(first: 1, sort: NEWEST) { page_cursor: nodes {
        rn: name name: city tenant_id: version Name: country anon_1: postcode id: id
        position: paymentDays node: creditorId select: street } rn: totalCount } }"""

    found = (await company.anna.ask(asked)).data

    assert list(found["partners"]["page_cursor"][0].items()) == [
        ("rn", "Zuckerrüben KG"),
        ("name", "Hoya"),
        ("tenant_id", 1),
        ("Name", "DE"),
        ("anon_1", "27318"),
        ("id", company.partners[2]),
        ("position", 30),
        ("node", None),
        ("select", "Lindenallee 4"),
    ]
    assert found["partners"]["rn"] == 3


@pytest.mark.parametrize("name", ["anon_1", "anon_2", "page", "document", "rn", "json_agg_1"])
async def test_an_alias_may_be_any_name_of_the_statement_at_any_level(company: Trading, name: str):
    """The engine's own names never stand for a client's, nor the other way round."""
    asked = f"""{{ {name}: documents(first: 2, sort: ISSUE_DATE_OLDEST) {{
        {name}: nodes {{ {name}: number lines {{ {name}: position }}
          partner {{ {name}: version }} history(first: 1) {{ {name}: edges {{
            {name}: node {{ {name}: version }} }} }} }}
        pageInfo {{ {name}: hasNextPage }} }} }}"""

    found = (await company.anna.ask(asked)).data

    first = found[name][name][0]
    assert first["lines"] == [{name: 1}, {name: 2}, {name: 3}]
    assert first["partner"] == {name: 1}
    assert first["history"] == {name: [{name: {name: 1}}]}
    assert found[name]["pageInfo"] == {name: True}


async def test_fragments_may_be_named_inline_nested_and_on_interface_or_type(company: Trading):
    """All of them give the fields they name, once, where the type fits."""
    asked = """query($id: ID!) { node(id: $id) { ...F ... on Partner { city } } }
    fragment F on Node { id ... on Document { ...G ... { kind } ... on Document { currency } } }
    fragment G on Document { state ... on SalesInvoice { paymentDays partner { ...P } } }
    fragment P on Partner { name ... on Node { id } }"""

    found = (await company.anna.ask(asked, id=company.invoices[State.DRAFT])).data

    assert list(found["node"].items()) == [
        ("id", company.invoices[State.DRAFT]),
        ("state", "DRAFT"),
        ("paymentDays", 30),
        ("partner", {"name": QUOTED, "id": company.partners[0]}),
        ("kind", "SALES_INVOICE"),
        ("currency", "EUR"),
    ]


async def test_a_field_that_two_fragments_name_is_merged(company: Trading):
    """Its selections are one, in the order they were written."""
    asked = """query($id: ID!) { document(id: $id) { ...A ...B lines { unit position } } }
    fragment A on Document { lines { position } partner { name } }
    fragment B on SalesInvoice { partner { city name } lines { net position } }"""

    found = (await company.anna.ask(asked, id=company.invoices[State.DRAFT])).data["document"]

    assert found == {
        "lines": [
            {"position": 1, "net": "0.53", "unit": "TONNE"},
            {"position": 2, "net": "-10.00", "unit": "HOUR"},
            {"position": 3, "net": "1234.00", "unit": "PIECE"},
        ],
        "partner": {"name": QUOTED, "city": "Hoya"},
    }
    assert list(found["lines"][0]) == ["position", "net", "unit"]


async def test_every_level_tells_its_typename(company: Trading):
    """Top, connection, edges, page info, nodes, relations, lists and abstract types."""
    asked = """query($id: ID!) { __typename
      documents(first: 1) { __typename nodes { __typename } pageInfo { t: __typename }
        edges { __typename node { __typename partner { __typename } responsible { __typename }
          lines { __typename } ... on SalesDocument { seller { __typename } }
          history(first: 1) { __typename nodes { __typename changes { __typename } } } } } }
      node(id: $id) { __typename } me { __typename } }"""

    found = (await company.anna.ask(asked, id=company.inbox[0])).data

    [edge] = found["documents"].pop("edges")
    history = edge["node"].pop("history")
    assert found == {
        "__typename": "Query",
        "documents": {
            "__typename": "DocumentConnection",
            "nodes": [{"__typename": "SalesInvoice"}],
            "pageInfo": {"t": "PageInfo"},
        },
        "node": {"__typename": "InboxItem"},
        "me": {"__typename": "Me"},
    }
    assert edge == {
        "__typename": "DocumentEdge",
        "node": {
            "__typename": "SalesInvoice",
            "partner": {"__typename": "Partner"},
            "responsible": {"__typename": "User"},
            "lines": [{"__typename": "DocumentLine"}] * 3,
            "seller": None,
        },
    }
    assert history["__typename"] == "JournalEntryConnection"
    assert {each["__typename"] for each in history["nodes"][0]["changes"]} == {"Change"}


@pytest.mark.parametrize("yes", [True, False])
async def test_fields_are_left_out_or_kept_by_variables(company: Trading, yes: bool):
    """@skip and @include on fields, relations, fragments and the whole content of an object."""
    asked = """query($id: ID!, $yes: Boolean!) { document(id: $id) {
      state number @skip(if: $yes) kind @include(if: $yes)
      partner @include(if: $yes) { name @include(if: $yes) } lines @skip(if: $yes) { position }
      ... on SalesInvoice @include(if: $yes) { paymentDays } ...D @skip(if: $yes)
      responsible { name @include(if: $yes) }
      history(first: 1) { nodes { type @skip(if: $yes) } totalCount @skip(if: $yes) } } }
      fragment D on Document { dueDate: currency }"""

    found = (await company.anna.ask(asked, id=company.invoices[State.PENDING], yes=yes)).data

    if yes:
        assert found["document"] == {
            "state": "PENDING",
            "kind": "SALES_INVOICE",
            "partner": {"name": "Agrar Nord eG"},
            "paymentDays": 30,
            "responsible": {"name": "anna"},
            "history": {"nodes": [{}]},
        }
    else:
        assert found["document"] == {
            "state": "PENDING",
            "number": None,
            "lines": [{"position": 1}, {"position": 2}, {"position": 3}],
            "dueDate": "EUR",
            "responsible": {},
            "history": {"nodes": [{"type": "SalesInvoiceCreated"}], "totalCount": 2},
        }


async def test_an_object_whose_fields_are_all_left_out_is_empty_and_not_null(company: Trading):
    """Nothing asked for is an empty object at every level, edges and page info included."""
    asked = """query($no: Boolean = false) { documents(first: 1) {
      nodes { id @include(if: $no) } edges { cursor @include(if: $no) }
      pageInfo { endCursor @include(if: $no) } }
      partners(first: 1) { totalCount @include(if: $no) } }"""

    found = (await company.anna.ask(asked)).data

    assert found == {
        "documents": {"nodes": [{}], "edges": [{}], "pageInfo": {}},
        "partners": {},
    }


# --- values ----------------------------------------------------------------------------------


async def test_relations_that_lead_nowhere_are_null_or_empty(company: Trading):
    """To one: null. To many: an empty list. Paged: an empty page. Unknown id: null."""
    asked = """query($draft: ID!, $partner: ID!, $unknown: ID!) {
      draft: document(id: $draft) { ... on SalesDocument { seller { name } } approvals { id }
        printouts { id } lines { item { number } } }
      partner(id: $partner) { documents { nodes { id } edges { cursor } totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }
      unknown: document(id: $unknown) { id }  node(id: "nonsense") { id } }"""

    found = (
        await company.anna.ask(
            asked,
            draft=company.invoices[State.DRAFT],
            partner=company.partners[2],
            unknown=f"doc_{uuid.uuid4()}",
        )
    ).data

    assert found == {
        "draft": {
            "seller": None,
            "approvals": [],
            "printouts": [],
            "lines": [{"item": {"number": "W-1"}}, {"item": None}, {"item": None}],
        },
        "partner": {
            "documents": {
                "nodes": [],
                "edges": [],
                "totalCount": 0,
                "pageInfo": {
                    "hasNextPage": False,
                    "hasPreviousPage": False,
                    "startCursor": None,
                    "endCursor": None,
                },
            }
        },
        "unknown": None,
        "node": None,
    }


async def test_text_survives_exactly(company: Trading):
    """Quotes, backslashes, line breaks, control characters and emoji come back as they went in."""
    asked = """query($draft: ID!, $inbox: ID!) {
      document(id: $draft) { note lines { description } partner { name }
        ... on SalesDocument { soldTo { name } } }
      inboxItem(id: $inbox) { sellerName } }"""

    found = (
        await company.anna.ask(asked, draft=company.invoices[State.DRAFT], inbox=company.inbox[2])
    ).data

    assert found["document"]["note"] == QUOTED
    assert found["document"]["lines"][1]["description"] == QUOTED
    assert found["document"]["soldTo"] == found["document"]["partner"] == {"name": QUOTED}
    assert found["inboxItem"] == {"sellerName": NASTY}


async def test_values_come_in_their_wire_form(company: Trading):
    """Quantities without trailing zeros, amounts with cents, days, and instants in UTC."""
    asked = """query($id: ID!, $item: ID!, $inbox: ID!) {
      document(id: $id) { id version net tax gross issueDate
        ... on SalesInvoice { supplyDate supplyUntil dueDate: state }
        lines { quantity unitPrice priceQuantity taxRate net unit taxCategory }
        taxes { rate basis tax reason } createdAt
        printouts { printedAt fileSize language documentVersion } }
      item(id: $item) { unitPrice priceQuantity taxRate taxCategory }
      inboxItem(id: $inbox) { net gross taxTotal payable issueDate dueDate lineCount } }"""

    found = (
        await company.anna.ask(
            asked,
            id=company.invoices[State.POSTED],
            item=company.items[0],
            inbox=company.inbox[2],
        )
    ).data

    document = found["document"]
    made = document.pop("createdAt")
    assert len(made) == len("2026-11-23T08:00:00.000000Z")
    assert made.endswith("Z")
    assert document == {
        "id": company.invoices[State.POSTED],
        "version": 4,
        "net": "1224.53",
        "tax": "232.60",
        "gross": "1457.13",
        "issueDate": "2026-11-14",
        "supplyDate": "2026-11-18",
        "supplyUntil": None,
        "dueDate": "POSTED",
        "lines": [
            wire_line("2.5", "210.5", "1000", "7", "0.53", "TONNE"),
            wire_line("-0.5", "19.999999", "1", "19", "-10.00", "HOUR"),
            wire_line("100", "12.34", "1", "19", "1234.00", "PIECE"),
        ],
        "taxes": [
            {"rate": "19", "basis": "1224.00", "tax": "232.56", "reason": None},
            {"rate": "7", "basis": "0.53", "tax": "0.04", "reason": None},
        ],
        "printouts": [
            {
                "printedAt": "2026-11-23T07:00:00.000100Z",
                "fileSize": len(f"leer.xml von {company.erp.tenant}"),
                "language": "DE",
                "documentVersion": 4,
            }
        ],
    }
    assert found["item"] == {
        "unitPrice": "210.5",
        "priceQuantity": "1000",
        "taxRate": "7",
        "taxCategory": "S",
    }
    assert found["inboxItem"] == {
        "net": "1234.50",
        "gross": "1234.50",
        "taxTotal": "0.00",
        "payable": None,
        "issueDate": "2026-10-01",
        "dueDate": None,
        "lineCount": 2,
    }


def wire_line(
    quantity: str, price: str, per: str, rate: str, net: str, unit: str
) -> dict[str, str]:
    """Return a line as it is shown."""
    return {
        "quantity": quantity,
        "unitPrice": price,
        "priceQuantity": per,
        "taxRate": rate,
        "net": net,
        "unit": unit,
        "taxCategory": "S",
    }


async def test_node_knows_everything_with_an_id(company: Trading):
    """A document, a partner, an item and an inbox item, each by its own type."""
    asked = """query($id: ID!) { node(id: $id) { __typename id ... on Partner { name }
      ... on Item { number } ... on InboxItem { fileName } ... on SalesInvoice { state } } }"""

    found = [
        (await company.anna.ask(asked, id=id)).data["node"]
        for id in (
            company.partners[1],
            company.items[0],
            company.inbox[0],
            company.invoices[State.REJECTED],
        )
    ]

    assert found == [
        {"__typename": "Partner", "id": company.partners[1], "name": "Agrar Nord eG"},
        {"__typename": "Item", "id": company.items[0], "number": "W-1"},
        {"__typename": "InboxItem", "id": company.inbox[0], "fileName": "unlesbar.txt"},
        {"__typename": "SalesInvoice", "id": company.invoices[State.REJECTED], "state": "REJECTED"},
    ]


async def test_another_company_sees_none_of_it(company: Trading, erp: Erp):
    """A foreign id answers exactly as an unknown one, both ways."""
    stranger = await erp.sign_in()

    found = [
        (await stranger.ask("query($id: ID!) { node(id: $id) { id } }", id=id)).data["node"]
        for id in company.ids
    ]

    assert found == [None] * len(company.ids)


# --- pages -----------------------------------------------------------------------------------

PAGE = "nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


async def all_pages(user: User, sort: str, way: str, between: Any = None) -> list[list[str]]:
    """Return the ids of all pages of seven, in the order they were read."""
    size, bound, more, cursor = {
        "forwards": ("first", "after", "hasNextPage", "endCursor"),
        "backwards": ("last", "before", "hasPreviousPage", "startCursor"),
    }[way]
    asked = f"""query($cursor: Cursor, $sort: DocumentSort!) {{
      documents(sort: $sort, {size}: 7, {bound}: $cursor) {{ {PAGE} }} }}"""
    pages: list[list[str]] = []
    at = None
    while True:
        found = (await user.ask(asked, cursor=at, sort=sort)).data["documents"]
        pages.append([node["id"] for node in found["nodes"]])
        if not found["pageInfo"][more]:
            return pages
        at = found["pageInfo"][cursor]
        if between is not None:
            await between()


def sorted_by(sort: str, documents: list[dict[str, Any]]) -> list[str]:
    """Return ids in the order a sort promises; equal ones in the order of their ids."""
    key, newest = {
        "ISSUE_DATE_NEWEST": (lambda each: (each["issueDate"], each["id"]), True),
        "ISSUE_DATE_OLDEST": (lambda each: (each["issueDate"], each["id"]), False),
        "GROSS_HIGHEST": (lambda each: (float(each["gross"]), each["id"]), True),
        "DUE_FIRST": (lambda each: (each["dueDate"], each["id"]), False),
    }[sort]
    return [each["id"] for each in sorted(documents, key=key, reverse=newest)]


async def all_documents(user: User) -> list[dict[str, Any]]:
    """Return what documents are sorted by."""
    asked = (
        "{ documents(first: 200) { nodes { id issueDate gross ... on SalesInvoice { dueDate } } } }"
    )
    found: list[dict[str, Any]] = (await user.ask(asked)).data["documents"]["nodes"]
    return found


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_forwards_show_every_document_once_in_order(crowd: Erp, sort: str):
    """Four pages of 7, 7, 7 and 4, however many documents share a day or an amount."""
    anna = await crowd.sign_in()
    expected = sorted_by(sort, await all_documents(anna))

    pages = await all_pages(anna, sort, "forwards")

    assert [len(page) for page in pages] == [7, 7, 7, 4]
    assert [id for page in pages for id in page] == expected


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_backwards_show_every_document_once_in_order(crowd: Erp, sort: str):
    """The last page comes first, and each page is in the order of the list."""
    anna = await crowd.sign_in()
    expected = sorted_by(sort, await all_documents(anna))

    pages = await all_pages(anna, sort, "backwards")

    assert [len(page) for page in pages] == [7, 7, 7, 4]
    assert [id for page in reversed(pages) for id in page] == expected


@pytest.mark.parametrize("way", ["forwards", "backwards"])
@pytest.mark.parametrize("sort", SORTS)
async def test_documents_written_between_two_pages_shift_nothing(erp: Erp, sort: str, way: str):
    """Whoever pages on sees each document that was there from the start exactly once."""
    anna = await erp.sign_in()
    partner = await anna.create_partner()
    for place in range(15):
        await anna.create_invoice(soldTo=partner, issueDate=f"2026-0{1 + place % 3}-15")
    before = sorted_by(sort, await all_documents(anna))

    async def write() -> None:
        for day in ("2025-01-01", "2026-02-15", "2027-01-01"):
            quantity = str(day.count("2"))
            lines = [await line(quantity=quantity), await line()]
            await anna.create_invoice(soldTo=partner, issueDate=day, supplyDate=day, lines=lines)

    pages = await all_pages(anna, sort, way, write)

    shown = [id for page in (pages if way == "forwards" else pages[::-1]) for id in page]
    assert [id for id in shown if id in before] == before
    assert len(set(shown)) == len(shown)


async def test_the_count_is_of_the_whole_list_and_page_info_tells_where_the_page_lies(crowd: Erp):
    """The count does not depend on the page; both flags are true in the middle."""
    anna = await crowd.sign_in()
    asked = (
        f"query($after: Cursor) {{ documents(first: 7, after: $after) {{ totalCount {PAGE} }} }}"
    )

    first = (await anna.ask(asked)).data["documents"]
    second = (await anna.ask(asked, after=first["pageInfo"]["endCursor"])).data["documents"]

    assert [first["totalCount"], second["totalCount"]] == [PAGED_DOCUMENTS] * 2
    assert (first["pageInfo"]["hasPreviousPage"], first["pageInfo"]["hasNextPage"]) == (False, True)
    assert (second["pageInfo"]["hasPreviousPage"], second["pageInfo"]["hasNextPage"]) == (
        True,
        True,
    )


async def test_each_edge_carries_the_cursor_of_its_node(crowd: Erp):
    """A page may be continued from any row; the first and last cursor stand in the page info."""
    anna = await crowd.sign_in()
    asked = """query($after: Cursor) { documents(first: 5, after: $after) {
      edges { cursor node { id } } nodes { id } pageInfo { startCursor endCursor } } }"""
    page = (await anna.ask(asked)).data["documents"]

    after_third = (await anna.ask(asked, after=page["edges"][2]["cursor"])).data["documents"]

    assert [edge["node"] for edge in page["edges"]] == page["nodes"]
    assert page["pageInfo"] == {
        "startCursor": page["edges"][0]["cursor"],
        "endCursor": page["edges"][-1]["cursor"],
    }
    assert after_third["nodes"][:2] == page["nodes"][3:]


async def test_a_page_may_lie_between_two_cursors(crowd: Erp):
    """`after` and `before` together bound the list from both sides."""
    anna = await crowd.sign_in()
    edges = "documents(first: 10) { edges { cursor node { id } } }"
    found = (await anna.ask(f"{{ {edges} }}")).data["documents"]["edges"]
    asked = """query($a: Cursor, $b: Cursor, $first: Int, $last: Int) {
      documents(after: $a, before: $b, first: $first, last: $last) { nodes { id } } }"""
    bounds = {"a": found[2]["cursor"], "b": found[8]["cursor"]}

    whole = (await anna.ask(asked, **bounds)).data["documents"]["nodes"]
    start = (await anna.ask(asked, first=2, **bounds)).data["documents"]["nodes"]
    end = (await anna.ask(asked, last=2, **bounds)).data["documents"]["nodes"]

    between = [edge["node"] for edge in found[3:8]]
    assert (whole, start, end) == (between, between[:2], between[-2:])


async def test_a_page_inside_a_node_is_paged_by_its_own_cursors(crowd: Erp):
    """A partner's documents page by page, forwards and backwards, and the history of each."""
    anna = await crowd.sign_in()
    [partner] = (await anna.ask("{ partners { nodes { id } } }")).data["partners"]["nodes"]
    asked = f"""query($id: ID!, $after: Cursor, $before: Cursor, $first: Int, $last: Int) {{
      partner(id: $id) {{ documents(first: $first, after: $after, last: $last, before: $before) {{
        totalCount {PAGE} edges {{ cursor node {{ history(first: 2) {{
          nodes {{ version }} totalCount }} }} }} }} }} }}"""
    expected = sorted_by("ISSUE_DATE_NEWEST", await all_documents(anna))

    async def page(**more: Any) -> dict[str, Any]:
        found = (await anna.ask(asked, id=partner["id"], **more)).data["partner"]["documents"]
        assert found["totalCount"] == PAGED_DOCUMENTS
        for edge in found["edges"]:
            assert edge["node"]["history"] == {"nodes": [{"version": 1}], "totalCount": 1}
        return {"ids": [node["id"] for node in found["nodes"]], **found["pageInfo"]}

    first = await page(first=10)
    second = await page(first=10, after=first["endCursor"])
    third = await page(first=10, after=second["endCursor"])
    back = await page(last=10, before=third["startCursor"])

    assert first["ids"] + second["ids"] + third["ids"] == expected
    assert [each["hasNextPage"] for each in (first, second, third)] == [True, True, False]
    assert back["ids"] == second["ids"]


async def test_two_pages_of_one_relation_do_not_mix(company: Trading):
    """Each alias has its own size and direction."""
    asked = """query($id: ID!) { document(id: $id) {
      oldest: history(first: 1) { nodes { type } } newest: history(last: 1) { nodes { type } }
      history { nodes { type } } } }"""

    found = (await company.anna.ask(asked, id=company.invoices[State.POSTED])).data["document"]

    kinds = ["Created", "Submitted", "Approved", "Posted"]
    assert found == {
        "oldest": {"nodes": [{"type": "SalesInvoiceCreated"}]},
        "newest": {"nodes": [{"type": "SalesInvoicePosted"}]},
        "history": {"nodes": [{"type": f"SalesInvoice{kind}"} for kind in kinds]},
    }


@pytest.mark.parametrize(
    ("page", "code", "path"),
    [
        ("first: 0", "PAGE_SIZE_OUT_OF_RANGE", ["first"]),
        ("first: -1", "PAGE_SIZE_OUT_OF_RANGE", ["first"]),
        ("first: 201", "PAGE_SIZE_OUT_OF_RANGE", ["first"]),
        ("last: 0", "PAGE_SIZE_OUT_OF_RANGE", ["last"]),
        ("last: 201", "PAGE_SIZE_OUT_OF_RANGE", ["last"]),
        ("first: 1, last: 1", "PAGE_AMBIGUOUS", ["last"]),
        ('after: "nonsense"', "CURSOR_INVALID", ["after"]),
        ('before: ""', "CURSOR_INVALID", ["before"]),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    company: Trading, page: str, code: str, path: list[str]
):
    """The problem names the argument, at the root as inside a node."""
    root = await company.anna.ask(f"{{ documents({page}) {{ totalCount }} }}")
    nested = await company.anna.ask(
        f"{{ partners(first: 2) {{ nodes {{ name documents({page}) {{ totalCount }} }} }} }}"
    )

    assert root.body["data"] is None
    [error] = root.body["errors"]
    assert (error["extensions"]["code"], error["extensions"]["path"]) == (code, path)
    assert nested.error_codes[0] == code
    assert nested.body["errors"][0]["extensions"]["path"] == ["documents", *path]


@pytest.mark.parametrize("size", [1, 200])
async def test_the_bounds_of_a_page_belong_to_it(company: Trading, size: int):
    """1 and 200 rows may be asked for, from either end."""
    for argument in ("first", "last"):
        asked = f"{{ documents({argument}: {size}) {{ nodes {{ id }} }} }}"
        found = (await company.anna.ask(asked)).data["documents"]["nodes"]
        assert len(found) == min(size, len(State))


@pytest.mark.parametrize(
    "forged",
    [
        ["NEWEST", "2026-11-10", str(uuid.uuid4())],
        ["ISSUE_DATE_OLDEST", "2026-11-10", str(uuid.uuid4())],
        ["ISSUE_DATE_NEWEST", "yesterday", str(uuid.uuid4())],
        ["ISSUE_DATE_NEWEST", "2026-11-10", "1"],
        ["ISSUE_DATE_NEWEST", "2026-11-10"],
        ["ISSUE_DATE_NEWEST", 5, 6],
        ["ISSUE_DATE_NEWEST", None, None],
        ["ISSUE_DATE_NEWEST", "2026-11-10", 5],
        ["ISSUE_DATE_NEWEST", "2026-11-10", ["a"]],
        ["GROSS_HIGHEST", float("inf"), str(uuid.uuid4())],
        {"a": 1},
        None,
        "ISSUE_DATE_NEWEST",
    ],
)
async def test_a_cursor_of_another_order_or_a_forged_one_is_refused(company: Trading, forged: Any):
    """A cursor belongs to its list and order; nothing in it can make a statement fail."""
    cursor = base64.b64encode(json.dumps(forged).encode()).decode()

    answer = await company.anna.ask(
        "query($a: Cursor) { documents(after: $a) { totalCount } }", a=cursor
    )

    assert answer.error_codes == ["CURSOR_INVALID"]


async def test_a_cursor_is_the_same_text_however_it_was_read(company: Trading):
    """The engine's cursors and the executor's may be mixed; here one made by hand is taken."""
    asked = "query($a: Cursor) { items(after: $a, sort: NUMBER) { nodes { number } } }"
    by_hand = base64.b64encode(
        json.dumps(["NUMBER", "W-1", "ffffffff-ffff-ffff-ffff-ffffffffffff"]).encode()
    ).decode()

    found = (await company.anna.ask(asked, a=by_hand)).data["items"]["nodes"]

    assert found == [{"number": "W-2"}]


# --- filters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filter", "states"),
    [
        ({}, ["DISCARDED", "POSTED", "REJECTED", "APPROVED", "PENDING", "DRAFT"]),
        ({"state": {"in": ["POSTED", "DRAFT"]}}, ["POSTED", "DRAFT"]),
        ({"state": {"in": []}}, []),
        ({"kind": {"in": ["SALES_INVOICE"]}, "state": {"in": ["DRAFT"]}}, ["DRAFT"]),
        ({"kind": {"in": []}}, []),
        ({"number": "INV-2026-00001"}, ["POSTED"]),
        ({"number": "' or true --"}, []),
        ({"issueDate": {"from": "2026-11-12", "to": "2026-11-13"}}, ["REJECTED", "APPROVED"]),
        ({"issueDate": {"from": "2026-11-15"}}, ["DISCARDED"]),
        ({"dueDate": {"to": "2026-12-10"}}, ["DRAFT"]),
        ({"gross": {"min": "1457.13", "max": "1457.13"}, "state": {"in": ["DRAFT"]}}, ["DRAFT"]),
        ({"gross": {"min": "1457.14"}}, []),
        ({"gross": {"max": "1457.129999"}}, []),
        ({"gross": {"min": "1457.130001"}}, []),
        ({"gross": {"min": "1e30"}}, []),
        ({"gross": {"max": "-1e30"}}, []),
        ({"issueDate": None, "state": None, "number": None}, 6),
    ],
)
async def test_all_conditions_of_a_filter_must_hold(company: Trading, filter: Any, states: Any):
    """Nodes and count follow the same conditions."""
    asked = """query($filter: DocumentFilter) {
      documents(filter: $filter) { nodes { state } totalCount } }"""

    found = (await company.anna.ask(asked, filter=filter)).data["documents"]

    if states != 6:
        assert [node["state"] for node in found["nodes"]] == states
    assert found["totalCount"] == len(found["nodes"]) == (6 if states == 6 else len(states))


@pytest.mark.parametrize(
    "filter",
    [
        {"number": "\0"},
        {"number": "n" * 10_000},
        {"partner": ""},
        {"billTo": "par_1"},
        {"responsible": "usr_1"},
        {"gross": {"min": "NaN"}},
        {"gross": {"max": "-Infinity"}},
        {"gross": {"min": "1e9999"}},
        {"gross": {"min": "1e99999999"}},
        {"gross": {"max": "-1e99999999"}},
        {"issueDate": {"from": "9999-12-31"}},
        {"issueDate": {"to": "0001-01-01"}},
    ],
)
async def test_a_value_that_no_document_can_have_finds_nothing_or_is_refused(
    company: Trading, filter: Any
):
    """No filter, however odd, is an error of ours."""
    answer = await company.anna.ask(
        "query($f: DocumentFilter) { documents(filter: $f) { nodes { id } } }", f=filter
    )

    if "errors" in answer.body:
        assert set(answer.error_codes) <= {"BAD_REQUEST", "NOT_FOUND", "NOT_A_NUMBER"}
    else:
        assert answer.data == {"documents": {"nodes": []}}


async def test_a_customer_and_a_state_are_combined(company: Trading):
    """The documents of one partner, of which one is pending."""
    asked = """query($p: ID!, $s: [DocumentState!]!) { documents(
      filter: {partner: $p, state: {in: $s}}, sort: GROSS_HIGHEST) { nodes { state } } }"""

    found = (await company.anna.ask(asked, p=company.partners[1], s=["PENDING", "DRAFT"])).data[
        "documents"
    ]["nodes"]

    assert found == [{"state": "PENDING"}]


async def test_who_may_not_read_documents_sees_none_anywhere(company: Trading):
    """Rights are one predicate in lists, counts, relations, pages and `node`, both ways."""
    buyer = User(company.erp, "buyer", company.erp.token("buyer", (), scope="purchase:read"))
    asked = """query($p: ID!, $d: ID!) { documents { totalCount nodes { id } }
      partner(id: $p) { documents { totalCount nodes { id } } } node(id: $d) { id } }"""
    names = {"p": company.partners[0], "d": company.invoices[State.DRAFT]}

    seen = (await company.anna.ask(asked, **names)).data
    hidden = (await buyer.ask(asked, **names)).data

    assert seen["documents"]["totalCount"] == 6
    assert hidden == {
        "documents": {"totalCount": 0, "nodes": []},
        "partner": {"documents": {"totalCount": 0, "nodes": []}},
        "node": None,
    }


# --- what the engine leaves to the standard executor ------------------------------------------


async def test_names_longer_than_63_bytes_fall_back_and_answer_the_same(company: Trading):
    """PostgreSQL would cut them; 63 bytes are still read by the engine."""
    for length, statements in ((63, 1), (64, 2)):
        name = "n" * length
        found = (
            await company.anna.ask(
                f"{{ documents(first: 1) {{ nodes {{ partner {{ {name}: name }} }} }} }}"
            )
        ).data
        assert BOTH_WAYS.statements.engine == statements
        assert found["documents"]["nodes"][0]["partner"] == {name: "Agrar Nord eG"}


async def test_names_that_differ_after_63_bytes_stay_apart(company: Trading):
    """Two long names that PostgreSQL would cut to one are two fields."""
    names = ["n" * 63 + end for end in "ab"]

    found = (
        await company.anna.ask(
            f"{{ items(first: 1) {{ nodes {{ {names[0]}: name {names[1]}: number }} }} }}"
        )
    ).data["items"]["nodes"]

    assert found == [{names[0]: "Winterweizen", names[1]: "W-1"}]


async def test_more_than_1000_columns_fall_back_and_answer_the_same(company: Trading):
    """1,000 columns are one statement; one more is the standard executor's."""
    for count, statements in ((1_000, 1), (1_001, 2)):
        aliases = " ".join(f"a{n}: name" for n in range(count - 2))
        found = (
            await company.anna.ask(
                f"{{ documents(first: 1) {{ nodes {{ partner {{ {aliases} }} }} }} }}"
            )
        ).data["documents"]["nodes"][0]["partner"]
        assert len(found) == count - 2
        assert set(found.values()) == {"Agrar Nord eG"}
        assert BOTH_WAYS.statements.engine == statements


async def test_fields_that_need_python_fall_back(company: Trading):
    """Actions with their reasons, download links, and why a file could not be read."""
    asked = """query($id: ID!, $posted: ID!, $inbox: ID!) {
      document(id: $id) { state availableActions { action allowed code reason } }
      posted: document(id: $posted) { printouts { fileName download { url expiresAt } } }
      inboxItem(id: $inbox) { failureCode failure { __typename code message path
        ... on FileNotReadable { seconds } } } }"""

    found = (
        await company.anna.ask(
            asked,
            id=company.invoices[State.PENDING],
            posted=company.invoices[State.POSTED],
            inbox=company.inbox[0],
        )
    ).data

    actions = {each["action"]: each for each in found["document"]["availableActions"]}
    assert actions["APPROVE"]["code"] == "FOUR_EYES_VIOLATION"
    assert actions["REJECT"] == {
        "action": "REJECT",
        "allowed": True,
        "code": None,
        "reason": None,
    }
    [printout] = found["posted"]["printouts"]
    assert printout["fileName"] == "INV.pdf"
    assert printout["download"]["url"].startswith("/files/")
    assert found["inboxItem"]["failure"] == {
        "__typename": "FileNotReadable",
        "code": "FILE_NOT_READABLE",
        "message": "The file could not be read within 60 s and the memory a file may use.",
        "path": [],
        "seconds": 60,
    }
