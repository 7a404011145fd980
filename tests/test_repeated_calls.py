"""Stale versions and idempotency keys: nothing is lost, nothing is done twice."""

import asyncio
from typing import Any

import pytest

from tests.erp import Erp
from tests.refused import ITEM, LINE, PARTNER, problem_of, unchanged

# -- Versions -------------------------------------------------------------------------------------

VERBS: dict[str, dict[str, Any]] = {
    "submitDocument": {},
    "approveDocument": {},
    "rejectDocument": {"reason": "zu teuer"},
    "postDocument": {},
    "discardDocument": {},
}


@pytest.mark.parametrize("seen", [1, 3, 0, -1, 2**31 - 1])
@pytest.mark.parametrize("verb", [*VERBS, "updateSalesInvoice"])
async def test_a_stale_version_changes_nothing(erp: Erp, verb: str, seen: int):
    """Whoever acts on another version than the present one is told both; the document stays."""
    anna = await erp.sign_in()
    invoice = await anna.create_invoice()
    content = await anna.invoice_input()
    await anna.do(
        "updateSalesInvoice",
        "salesInvoice { version }",
        id=invoice["id"],
        expectedVersion=1,
        **content,
    )
    more = VERBS.get(verb, content)
    shown = "salesInvoice { id }" if verb == "updateSalesInvoice" else "document { id }"

    async with unchanged(erp):
        answer = await anna.do(verb, shown, id=invoice["id"], expectedVersion=seen, **more)

    assert problem_of(answer) == (
        "VERSION_CONFLICT",
        "input.expectedVersion",
        f"You saw version {seen}, now it is version 2. Read it and decide again.",
    )


async def test_a_stale_version_of_a_partner_changes_nothing(erp: Erp):
    """Master data are guarded as documents are, and the facts are fields of the problem."""
    anna = await erp.sign_in()
    id = await anna.create_partner()

    async with unchanged(erp):
        answer = await anna.ask(
            "mutation($input: UpdatePartnerInput!) { updatePartner(input: $input) { partner { id }"
            " problems { __typename code ... on VersionConflict { expected currentVersion } } } }",
            input={**PARTNER, "id": id, "expectedVersion": 2, "idempotencyKey": "k"},
        )

    assert answer.data == {
        "updatePartner": {
            "partner": None,
            "problems": [
                {
                    "__typename": "VersionConflict",
                    "code": "VERSION_CONFLICT",
                    "expected": 2,
                    "currentVersion": 1,
                }
            ],
        }
    }


# -- Idempotency keys -----------------------------------------------------------------------------

INVOICE = "salesInvoice { id version state note }"


async def test_a_repeated_call_answers_with_the_same_id_and_todays_state(erp: Erp):
    """Nothing is done twice: the second answer reads what the first call made, as it is now."""
    anna = await erp.sign_in()
    input = await anna.invoice_input(idempotencyKey="order 4711")
    first = (await anna.do("createSalesInvoice", INVOICE, **input)).made
    await anna.submit(dict(first))

    async with unchanged(erp):
        second = (await anna.do("createSalesInvoice", INVOICE, **input)).made

    assert (first["version"], first["state"]) == (1, "DRAFT")
    assert second == {**first, "version": 2, "state": "PENDING"}


async def test_a_repeated_verb_is_done_once_although_its_version_is_old_by_now(erp: Erp):
    """The key is looked at before the version, so a lost answer can be asked for again."""
    anna = await erp.sign_in()
    invoice = await anna.create_invoice()
    call = {"id": invoice["id"], "expectedVersion": 1, "idempotencyKey": "submit"}
    shown = "document { id state version }"
    first = (await anna.do("submitDocument", shown, **call)).made

    async with unchanged(erp):
        second = (await anna.do("submitDocument", shown, **call)).made

    assert first == second == {"id": invoice["id"], "state": "PENDING", "version": 2}
    assert await erp.journal_types(invoice["id"]) == [
        "SalesInvoiceCreated",
        "SalesInvoiceSubmitted",
    ]


async def test_a_key_with_another_input_is_refused(erp: Erp):
    """Even one field that differs is another intention; the sentence says what to do."""
    anna = await erp.sign_in()
    input = await anna.invoice_input(idempotencyKey="order 4711")
    await anna.do("createSalesInvoice", INVOICE, **input)

    async with unchanged(erp):
        answer = await anna.do("createSalesInvoice", INVOICE, **{**input, "note": "anders"})

    assert problem_of(answer) == (
        "IDEMPOTENCY_KEY_REUSED",
        "input.idempotencyKey",
        "This idempotency key was used with another input. Use a new key for a new intention.",
    )


async def test_a_key_belongs_to_one_user_one_mutation_and_one_company(erp: Erp):
    """The same key elsewhere is another call."""
    anna, bert = await erp.sign_in("anna"), await erp.sign_in("bert")
    other = await (await Erp.found(erp.server, erp.owner, erp.http)).sign_in("anna")
    partner = {**PARTNER, "idempotencyKey": "1"}

    made = [
        (await anna.do("createPartner", "partner { id }", **partner)).made["id"],
        (await bert.do("createPartner", "partner { id }", **partner)).made["id"],
        (await other.do("createPartner", "partner { id }", **partner)).made["id"],
        (await anna.do("createItem", "item { id }", **ITEM, idempotencyKey="1")).made["id"],
    ]

    assert len(set(made)) == 4
    assert (await anna.do("createPartner", "partner { id }", **partner)).made["id"] == made[0]


async def test_two_identical_calls_at_the_same_time_make_one_document(erp: Erp):
    """The second waits for the first and answers with what that one made."""
    anna = await erp.sign_in()
    input = await anna.invoice_input(idempotencyKey="twice")

    answers = await asyncio.gather(
        *(anna.do("createSalesInvoice", INVOICE, **input) for _ in range(8))
    )

    ids = {answer.made["id"] for answer in answers}
    assert len(ids) == 1
    assert await erp.journal_types(ids.pop()) == ["SalesInvoiceCreated"]
    assert (await anna.ask("{ documents { totalCount } }")).data == {"documents": {"totalCount": 1}}


async def test_two_different_inputs_under_one_key_at_the_same_time_make_one_document(erp: Erp):
    """One wins, the other is told that its key was used."""
    anna = await erp.sign_in()
    input = await anna.invoice_input(idempotencyKey="one of us")

    answers = await asyncio.gather(
        *(anna.do("createSalesInvoice", INVOICE, **{**input, "note": f"{n}"}) for n in range(4))
    )

    assert sorted(answer.problem_codes for answer in answers) == [
        [],
        ["IDEMPOTENCY_KEY_REUSED"],
        ["IDEMPOTENCY_KEY_REUSED"],
        ["IDEMPOTENCY_KEY_REUSED"],
    ]
    assert (await anna.ask("{ documents { totalCount } }")).data == {"documents": {"totalCount": 1}}


async def test_a_refused_call_may_be_mended_and_sent_again_with_the_same_key(erp: Erp):
    """A refusal leaves no trace of its key, so mending the input needs no new one."""
    anna = await erp.sign_in()
    good = await anna.invoice_input(idempotencyKey="order 4711")
    bad = {**good, "lines": [{**LINE, "quantity": "0"}]}

    async with unchanged(erp):
        refused = await anna.do("createSalesInvoice", INVOICE, **bad)
        again = await anna.do("createSalesInvoice", INVOICE, **bad)
    made = await anna.do("createSalesInvoice", INVOICE, **good)

    assert refused.problem_codes == again.problem_codes == ["MUST_NOT_BE_ZERO"]
    assert made.made["state"] == "DRAFT"


@pytest.mark.parametrize("blanks", [" " * 250, "\n" * 250, "\t"])
async def test_blanks_around_a_key_are_no_part_of_it(erp: Erp, blanks: str):
    """The call that is sent again with them is the same call."""
    anna = await erp.sign_in()
    first = await anna.do("createPartner", "partner { id }", **PARTNER, idempotencyKey="key")

    again = await anna.do(
        "createPartner", "partner { id }", **PARTNER, idempotencyKey=f"{blanks}key{blanks}"
    )

    assert again.made == first.made


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "REQUIRED"),
        (" \t", "REQUIRED"),
        ("k" * 201, "TOO_LONG"),
        ("a\u0000b", "UNPRINTABLE_TEXT"),
    ],
)
async def test_a_key_is_a_text_of_1_to_200_characters(erp: Erp, key: str, code: str):
    """The key is looked at first, before anything else of the call."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await anna.do(
            "createPartner", "partner { id }", **{**PARTNER, "name": ""}, idempotencyKey=key
        )

    assert problem_of(answer)[:2] == (code, "input.idempotencyKey")
