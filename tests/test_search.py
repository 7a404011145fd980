"""Search: documents, partners and items by words, numbers and what somebody remembers of them."""

from typing import Any

import pytest

from persistence.search import Searched, search_documents
from tests.companies import database_of
from tests.erp import Erp, User

DOCUMENTS = "searchDocuments(text: $text, first: $first) { rank document { id number } }"
PARTNERS = "searchPartners(text: $text, first: $first) { rank partner { id name } }"
ITEMS = "searchItems(text: $text, first: $first) { rank item { id number } }"


async def search(user: User, wanted: str, text: str, first: int = 20) -> list[dict[str, Any]]:
    """Return what was found, the best first, and check that ranks fall."""
    answer = await user.ask(
        f"query Search($text: String!, $first: Int!) {{ {wanted} }}", text=text, first=first
    )
    [hits] = answer.data.values()
    assert [hit["rank"] for hit in hits] == sorted((hit["rank"] for hit in hits), reverse=True)
    shown = (next(value for name, value in hit.items() if name != "rank") for hit in hits)
    return list(shown)


async def found(user: User, text: str, **more: Any) -> list[str]:
    """Return the ids of the documents found."""
    return [each["id"] for each in await search(user, DOCUMENTS, text, **more)]


def line(description: str, **more: str) -> dict[str, str]:
    """Return a line of an invoice."""
    return {
        "description": description,
        "quantity": "1",
        "unit": "PIECE",
        "unitPrice": "10",
        "taxCategory": "S",
        "taxRate": "19",
        **more,
    }


async def posted(anna: User, martin: User, **more: Any) -> dict[str, Any]:
    """Return an invoice with its number."""
    invoice = await anna.create_invoice(**more)
    for answer in (
        await anna.submit(invoice),
        await martin.approve(invoice),
        await anna.post(invoice),
    ):
        assert answer.problems == []
    return invoice


async def test_words_are_found_in_any_form_and_any_order(erp: Erp):
    """German stems: "Düngern" finds "Dünger"; all words must be there, a start is enough."""
    anna = await erp.sign_in("anna")
    seed = await anna.create_invoice(lines=[line("Saatgetreide, gebeizt")], note="Bitte anrufen")
    manure = await anna.create_invoice(lines=[line("Mineralische Dünger"), line("Frachtkosten")])

    assert await found(anna, "Düngern") == [manure["id"]]
    assert await found(anna, "mineralischer Dünger") == [manure["id"]]
    assert await found(anna, "fracht dünger") == [manure["id"]]
    assert await found(anna, "gebeiz") == [seed["id"]]
    assert await found(anna, "ANRUFEN") == [seed["id"]]
    assert await found(anna, "Saatgetreide Dünger") == []
    assert await found(anna, "xyzzy") == []


async def test_a_document_is_found_by_its_parties_and_references(erp: Erp):
    """Names, places and the customer's own number; a typing error in a name is forgiven."""
    anna = await erp.sign_in("anna")
    lindenau = await anna.create_partner("Hof Lindenau")
    other = await anna.create_partner("Gut Neuhaus", city="Sulingen")
    one = await anna.create_invoice(soldTo=lindenau, customerReference="BST-77/9")
    two = await anna.create_invoice(soldTo=other, shipTo=lindenau)
    three = await anna.create_invoice(soldTo=other)

    assert sorted(await found(anna, "Lindenau")) == sorted([one["id"], two["id"]])
    assert sorted(await found(anna, "Lindnau")) == sorted([one["id"], two["id"]])
    assert sorted(await found(anna, "Sulingn")) == sorted([two["id"], three["id"]])
    assert await found(anna, "BST-77/9") == [one["id"]]
    assert await found(anna, "Neuhaus", first=1) in ([two["id"]], [three["id"]])


async def test_a_number_is_found_by_what_somebody_remembers_of_it(erp: Erp):
    """Whole, without zeros, the counter alone, mistyped or only its start; drafts have none."""
    anna, martin = await erp.sign_in("anna"), await erp.sign_in("martin")
    first = await posted(anna, martin)
    second = await posted(anna, martin)
    await anna.create_invoice()
    assert (first["number"], second["number"]) == ("INV-2026-00001", "INV-2026-00002")

    for text in ("INV-2026-00002", "inv-2026-2", "2", "00002", "IVN-2026-00002", "INV 2026 2"):
        assert (await found(anna, text))[0] == second["id"], text
    assert sorted(await found(anna, "INV-2026")) == sorted([first["id"], second["id"]])
    assert await found(anna, "INV-2026-99999") == []


async def test_what_a_document_says_now_finds_it_and_what_it_said_before_does_not(erp: Erp):
    """An edit counts at once, in the same transaction."""
    anna = await erp.sign_in("anna")
    draft = await anna.create_invoice(lines=[line("Rapskuchen")])
    assert await found(anna, "Rapskuchen") == [draft["id"]]

    changed = await anna.do(
        "updateSalesInvoice",
        "salesInvoice { id }",
        id=draft["id"],
        expectedVersion=1,
        **await anna.invoice_input(lines=[line("Sojaschrot")]),
    )

    assert changed.problems == []
    assert await found(anna, "Rapskuchen") == []
    assert await found(anna, "Sojaschrot") == [draft["id"]]


async def test_a_filter_narrows_what_is_found(erp: Erp):
    """Every condition of `documents` holds here too."""
    anna, martin = await erp.sign_in("anna"), await erp.sign_in("martin")
    partner = await anna.create_partner("Hof Lindenau")
    done = await posted(anna, martin, soldTo=partner)
    draft = await anna.create_invoice(soldTo=partner, issueDate="2026-11-21")
    await anna.create_invoice()

    async def narrowed(filter: str) -> list[str]:
        text = f'{{ searchDocuments(text: "saatgut", filter: {filter}) {{ document {{ id }} }} }}'
        return [hit["document"]["id"] for hit in (await anna.ask(text)).data["searchDocuments"]]

    both = f'partner: "{partner}"'
    assert sorted(await narrowed(f"{{{both}}}")) == sorted([done["id"], draft["id"]])
    assert await narrowed(f"{{{both}, state: {{in: [POSTED]}}}}") == [done["id"]]
    assert await narrowed('{issueDate: {from: "2026-11-21"}}') == [draft["id"]]
    assert await narrowed("{kind: {in: [DELIVERY_NOTE]}}") == []
    assert await narrowed('{numberStartsWith: "inv-"}') == [done["id"]]


async def test_nobody_finds_what_is_not_theirs_to_read(
    erp: Erp, server: Any, owner: Any, http: Any
):
    """Neither another company's documents, nor kinds that one's scopes do not open."""
    anna = await erp.sign_in("anna")
    ours = await anna.create_invoice(lines=[line("Saatkartoffeln")])
    stranger = await (await Erp.found(server, owner, http)).sign_in("eva")

    assert await found(anna, "Saatkartoffeln") == [ours["id"]]
    assert await found(stranger, "Saatkartoffeln") == []
    assert await search(stranger, PARTNERS, "Lindenau") == []
    snapshot = database_of(erp).snapshot(erp.tenant, ("PURCHASE_ORDER",))
    assert await search_documents(snapshot, "Saatkartoffeln", Searched(["PURCHASE_ORDER"]), 9) == []
    await snapshot.close()


async def test_partners_are_found_by_name_number_contact_and_place(erp: Erp):
    """And by a name that is nearly right."""
    anna = await erp.sign_in("anna")
    sommer = await anna.create_partner(
        "Landhandel Sommer GmbH", city="Nienburg", contacts=[{"name": "Frau Petersen"}]
    )
    winter = await anna.create_partner("Hof Winter", email="winter@example.org")

    async def partners(text: str) -> list[str]:
        return [each["id"] for each in await search(anna, PARTNERS, text)]

    for text in ("Sommer", "landhandel", "Petersen", "Nienburg", "Somer", "Landhandl Sommer"):
        assert await partners(text) == [sommer], text
    assert await partners("winter@example.org") == [winter]
    await anna.do(
        "updatePartner",
        "partner { id }",
        id=winter,
        expectedVersion=1,
        name="Hof Herbst",
        street="Weg 1",
        postcode="27318",
        city="Hoya",
    )
    assert await partners("Herbst") == [winter]
    assert await partners("Winter") == []


async def test_items_are_found_by_name_number_and_the_supplier_s_number(erp: Erp):
    """The same way."""
    anna = await erp.sign_in("anna")
    supplier = await anna.create_partner("Saatzucht Nord GmbH")
    wheat = await anna.create_item("W-4711", name="Winterweizen Elitesorte")
    oil = await anna.create_item(
        "D-1", name="Dieselkraftstoff", suppliers=[{"partnerId": supplier, "itemNumber": "SZN-88"}]
    )

    async def items(text: str) -> list[str]:
        return [each["id"] for each in await search(anna, ITEMS, text)]

    for text in ("Winterweizen", "W-4711", "elitesorten", "Wintrweizen"):
        assert await items(text) == [wheat], text
    for text in ("diesel", "SZN-88", "Dieselkraftstof"):
        assert await items(text) == [oil], text


NOTHING_FINDS = (
    "",
    "   ",
    "\x00",
    "'",
    "\\",
    "''''\\\\''",
    "& | ! ( ) <-> :* : *",
    "!weizen",
    "weizen &",
    "a:b:c*",
    "'; drop table document; --",
    "$1 :tenant %s {}",
    "🐄🚜",
    "\u202eniezew",
    "e\u0301" * 50,
    "<b>fett</b>",
    "%_%",
    "9" * 400,
    "-" * 300,
    "wort " * 5_000,
    "x" * 100_000,
    "ß" * 250,
)


@pytest.mark.parametrize("text", NOTHING_FINDS, ids=range(len(NOTHING_FINDS)))
async def test_whatever_is_typed_is_an_answer_and_never_an_error(erp: Erp, text: str):
    """Quotes, operators, very long texts, NUL and emoji are words that nothing has."""
    anna = await erp.sign_in("anna")
    await anna.create_invoice(lines=[line("Kalkammonsalpeter")])

    for wanted in (DOCUMENTS, PARTNERS, ITEMS):
        assert await search(anna, wanted, text) == []


@pytest.mark.parametrize(
    "text", ["🐄 Kuh", "Käse 'Öl' \\ Söhne", "O'Neill & Söhne :*", "100 % Hafer"]
)
async def test_a_text_full_of_signs_finds_the_document_that_has_it(erp: Erp, text: str):
    """The same words on both sides are the same lexemes."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice(lines=[line(text)])

    assert await found(anna, text) == [invoice["id"]]


@pytest.mark.parametrize("first", [0, -1, 51])
async def test_a_list_by_relevance_has_1_to_50_entries(erp: Erp, first: int):
    """There are no pages behind it."""
    anna = await erp.sign_in("anna")

    answer = await anna.ask(f'{{ searchItems(text: "a", first: {first}) {{ rank }} }}')

    assert answer.error_codes == ["PAGE_SIZE_OUT_OF_RANGE"]


async def test_a_document_of_many_long_lines_is_kept_and_found(erp: Erp):
    """What is searched is bounded, so that no document is too large to be kept."""
    anna = await erp.sign_in("anna")
    words = " ".join(f"w{n}x" for n in range(80))
    lines = [line(f"Zeile{n} {words}") for n in range(400)]

    invoice = await anna.create_invoice(lines=lines)

    assert await found(anna, "Zeile0") == [invoice["id"]]
