"""Cancellation (Storno): a counter document takes back what was posted, and nothing is changed."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import KINDS, Action
from tests.chains import (
    convert,
    converted,
    draft,
    followed,
    look,
    plain,
    post,
    posted,
    progress,
    verb,
    wheat,
)
from tests.companies import found_without_approval
from tests.erp import User
from tests.refused import unchanged

CANCELLED = [kind.name for kind in KINDS.values() if Action.CANCEL in kind.actions]
AMENDED = [kind.name for kind in KINDS.values() if kind.amendable]
SETTLED = ("settled", "open_cents", "open_side")
FACTS = ("version", "updated_at", "cancelled_by_id", "open_lines", *SETTLED)


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def cancelled(user: User, document: dict[str, Any], reason: str = "falsch") -> Any:
    """Cancel a document in the version it has now and return its counter document."""
    return (await verb(user, "cancelDocument", await look(user, document), reason=reason)).made


async def kept_of(user: User, document: dict[str, Any]) -> list[Any]:
    """Return all that the database keeps of a document, apart from facts about it."""
    id, owner = document["id"].partition("_")[2], user.erp.owner
    [row] = await owner.fetch("select * from document where id = $1::uuid", id)
    found = [{name: value for name, value in row.items() if name not in FACTS}]
    for table in ("document_line", "document_party", "document_tax", "document_author"):
        rows = await owner.fetch(
            f"select t.* from {table} t where document_id = $1::uuid order by t::text", id
        )
        found += [
            {name: value for name, value in each.items() if name != "open_quantity"}
            for each in rows
        ]
    return found


@pytest.mark.parametrize("kind", CANCELLED)
async def test_each_kind_that_is_final_is_taken_back_by_one_of_its_kind(anna: User, kind: str):
    """Next number of the same series, every quantity and amount negated, the reason on it."""
    original = await posted(anna, kind, wheat("10"), {"kind": "TEXT", "description": "Danke"})
    before = await kept_of(anna, original)

    counter = await cancelled(anna, original, "doppelt gebucht")

    shown = (
        "query($id: ID!) { document(id: $id) { cancelReason cancels { id } cancelledBy { id } }}"
    )
    said = (await anna.ask(shown, id=counter["id"])).data["document"]
    assert said == {
        "cancelReason": "doppelt gebucht",
        "cancels": {"id": original["id"]},
        "cancelledBy": None,
    }
    assert (counter["kind"], counter["state"], counter["isCancellation"]) == (kind, "POSTED", True)
    assert counter["number"] == original["number"][:-1] + "2"
    net, tax = ("-2140.00", "0.00") if KINDS[kind].is_payment else ("-2000.00", "-140.00")
    assert (counter["net"], counter["tax"], counter["gross"]) == (net, tax, "-2140.00")
    lines = [("ITEM", "-10"), ("TEXT", None)] if KINDS[kind].has_lines else []
    assert [(each["kind"], each["quantity"]) for each in counter["lines"]] == lines
    assert counter["postingDate"] == original["postingDate"]
    after = await look(anna, original)
    assert (after["isCancelled"], after["version"]) == (True, original["version"] + 1)
    assert await kept_of(anna, original) == before  # byte for byte


@pytest.mark.parametrize("kind", AMENDED)
async def test_what_is_amended_is_not_cancelled(anna: User, kind: str):
    """An order is changed, or its rest is closed."""
    period = {"validFrom": "2026-11-01", "validUntil": "2027-11-01"}
    document = await posted(anna, kind, **(period if "CONTRACT" in kind else {}))

    answer = await verb(anna, "cancelDocument", document, reason="doch nicht")

    assert answer.problem_codes == ["TRANSITION_NOT_ALLOWED"]


async def test_cancelling_gives_quantities_back_along_the_whole_chain(anna: User):
    """From the last to the first, as far as anybody waits; what is open is open again."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await followed(anna, order, "DELIVERY_NOTE", (order["lines"][0], "6"))
    invoice = await followed(anna, delivery, "SALES_INVOICE")
    credit = await followed(anna, invoice, "SALES_CREDIT_NOTE", (invoice["lines"][0], "2"))
    chain = [order, delivery, invoice]
    seen = []

    for each in (credit, invoice, delivery):
        seen.append([progress(await look(anna, above))[0] for above in chain])
        await cancelled(anna, each)
    seen.append([progress(await look(anna, above))[0] for above in chain])

    assert seen == [
        [
            ("0", "6", "6", "0", "2", "4"),
            ("0", "0", "6", "0", "2", "0"),
            ("0", "0", "0", "0", "2", "0"),
        ],
        [
            ("0", "6", "6", "0", "0", "4"),
            ("0", "0", "6", "0", "0", "0"),
            ("0", "0", "0", "0", "0", "0"),
        ],
        [
            ("0", "6", "0", "0", "0", "4"),
            ("0", "0", "0", "0", "0", "6"),
            ("0", "0", "0", "0", "0", "0"),
        ],
        [
            ("0", "0", "0", "0", "0", "10"),
            ("0", "0", "0", "0", "0", "0"),
            ("0", "0", "0", "0", "0", "0"),
        ],
    ]


async def test_cancelled_is_cancelled_and_a_cancellation_is_final(anna: User):
    """Both are told by name, and nothing is done."""
    invoice = await posted(anna, "SALES_INVOICE")
    counter = await cancelled(anna, invoice)

    async with unchanged(anna.erp):
        twice = await verb(anna, "cancelDocument", await look(anna, invoice), reason="noch mal")
        back = await verb(anna, "cancelDocument", counter, reason="doch richtig")

    assert [(each.problem_codes, each.problems[0]["message"]) for each in (twice, back)] == [
        (["ALREADY_CANCELLED"], "INV-2026-00001 was cancelled before."),
        (
            ["CANCELLATION_FINAL"],
            "INV-2026-00002 is itself a cancellation. Write a new document instead of"
            " cancelling it.",
        ),
    ]


async def test_what_was_made_of_it_is_taken_back_first_drafts_too(anna: User):
    """A draft of an invoice holds its delivery; discarded, it lets it go."""
    delivery = await posted(anna, "DELIVERY_NOTE")
    invoice = await converted(anna, delivery, "SALES_INVOICE")
    held = await verb(anna, "cancelDocument", await look(anna, delivery), reason="falsch")
    assert held.problem_codes == ["FOLLOW_UPS_EXIST"]

    await verb(anna, "discardDocument", invoice)

    assert (await cancelled(anna, delivery))["number"] == "DL-2026-00002"


async def test_drafts_are_discarded_not_cancelled_and_a_reason_is_needed(anna: User):
    """A blank one is none."""
    refused = await verb(anna, "cancelDocument", await draft(anna, "SALES_INVOICE"), reason="x")
    blank = await verb(anna, "cancelDocument", await posted(anna, "SALES_INVOICE"), reason=" ")

    assert refused.problem_codes == ["TRANSITION_NOT_ALLOWED"]
    assert (blank.problem_codes, blank.problems[0]["path"]) == (["REQUIRED"], ["input", "reason"])


async def test_cancelled_and_copied_the_chain_is_whole_again_once_the_copy_is_posted(anna: User):
    """The copy comes from the same delivery and takes what the cancellation gave back."""
    order = await posted(anna, "SALES_ORDER", wheat("10"))
    delivery = await followed(anna, order, "DELIVERY_NOTE")
    invoice = await followed(anna, delivery, "SALES_INVOICE")
    whole = [progress(await look(anna, each)) for each in (order, delivery)]

    copy = (await verb(anna, "cancelAndCopyDocument", invoice, reason="falscher Text")).made

    assert progress(await look(anna, delivery)) == [("0", "0", "0", "0", "0", "0")]
    assert (await convert(anna, delivery, "SALES_INVOICE")).problem_codes == ["NOTHING_OPEN"]
    copy = await post(anna, copy)
    assert [progress(await look(anna, each)) for each in (order, delivery)] == whole
    assert copy["lines"][0]["sourceNumber"] == delivery["number"]
    assert await anna.erp.numbers() == sorted(
        ["SO-2026-00001", "DL-2026-00001", *(f"INV-2026-0000{n}" for n in (1, 2, 3))]
    )


async def test_the_copy_of_a_received_document_keeps_the_number_it_came_with(anna: User):
    """That number is free again at once; the paper on the desk has not changed."""
    invoice = await posted(anna, "SUPPLIER_INVOICE", externalNumber="RE 4711")

    copy = (await verb(anna, "cancelAndCopyDocument", invoice, reason="Konto")).made

    shown = "query($id: ID!) { document(id: $id) { ... on SupplierInvoice { externalNumber } } }"
    found = (await anna.ask(shown, id=copy["id"])).data["document"]
    assert found == {"externalNumber": "RE 4711"}
    assert (await post(anna, copy))["number"] == "PINV-2026-00003"


async def test_a_duplicate_says_the_same_and_comes_from_nowhere(anna: User):
    """An order like the last one; its quantities are its own."""
    offer = await posted(anna, "SALES_OFFER", wheat("10"), wheat("3", kind="OPTIONAL"))
    order = await followed(anna, offer, "SALES_ORDER", (offer["lines"][0], "4"), offer["lines"][1])
    answer = await anna.do(
        "duplicateDocument",
        "document { id state net lines { quantity kind net sourceLineId orderedQuantity } }",
        id=order["id"],
    )

    lines = [
        (each["quantity"], each["kind"], each["sourceLineId"]) for each in answer.made["lines"]
    ]
    assert (answer.made["state"], answer.made["net"]) == ("DRAFT", "1400.00")
    assert lines == [("4", "ITEM", None), ("3", "ITEM", None)]
    assert plain((await look(anna, offer))["lines"][0]["orderedQuantity"]) == "4"


async def test_two_who_cancel_at_once_make_one_counter_document(anna: User):
    """The other one saw a version that is gone."""
    invoice = await posted(anna, "SALES_INVOICE")
    start = asyncio.Barrier(5)

    async def cancel(name: str) -> list[str]:
        user = await anna.erp.sign_in(name)
        await start.wait()
        return (await verb(user, "cancelDocument", invoice, reason="falsch")).problem_codes

    outcomes = await asyncio.gather(*(cancel(f"user{n}") for n in range(5)))

    assert sorted(outcomes) == [[]] + [["VERSION_CONFLICT"]] * 4
    assert await anna.erp.numbers() == ["INV-2026-00001", "INV-2026-00002"]


async def test_the_counter_document_is_of_today_and_told_as_created_and_posted(anna: User):
    """Its paper is new, its period that of the original; each settles the other."""
    invoice = await posted(anna, "SALES_INVOICE")
    counter = await cancelled(anna, invoice)

    times = "query($id: ID!) { document(id: $id) { createdAt updatedAt } }"
    made = (await anna.ask(times, id=counter["id"])).data["document"]
    changed = (await anna.ask(times, id=invoice["id"])).data["document"]
    assert made["createdAt"] == made["updatedAt"] == changed["updatedAt"]
    assert changed["createdAt"] < changed["updatedAt"]
    assert await anna.erp.journal_types(counter["id"]) == [
        "SalesInvoiceCreated",
        "SalesInvoicePosted",
        "SalesInvoiceSettled",
    ]
    assert (await anna.erp.journal_types(invoice["id"]))[2:] == [
        "SalesInvoiceCancelled",
        "SalesInvoiceSettled",
    ]


async def test_only_who_may_post_may_cancel(anna: User):
    """Write scope is not enough."""
    invoice = await posted(anna, "SALES_INVOICE")
    olga = User(anna.erp, "olga", anna.erp.token("olga", (), scope="sales:read sales:write"))

    answer = await verb(olga, "cancelDocument", invoice, reason="falsch")

    assert answer.error_codes == ["FORBIDDEN"]


async def test_nothing_of_a_cancelled_delivery_is_closed(anna: User):
    """Nobody waits for anything of it."""
    delivery = await posted(anna, "DELIVERY_NOTE")
    counter = await cancelled(anna, delivery)

    answers = [
        await verb(anna, "closeLines", await look(anna, each), reason="x")
        for each in (delivery, counter)
    ]

    assert [each.problem_codes for each in answers] == [["LINE_ALREADY_CLOSED"]] * 2
