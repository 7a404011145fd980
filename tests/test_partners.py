"""Partners: numbers, parts, blocking, duplicates, lists; and that documents keep what they said."""

import asyncio
import uuid
from typing import Any

import pytest

from tests.erp import PROBLEMS, Answer, Erp, User
from tests.refused import PARTNER, problem_of, unchanged

IBAN = "DE89370400440532013000"
WHOLE = """partner { id number kind isCustomer isSupplier isOneTime language priceGroup partnerGroup
  creditLimit paymentDays leitwegId endpointId endpointScheme creditorId selfBillingAgreedOn
  selfBillingAgreementEnds isBlocked blockedReason version
  addresses { label name street postcode city country isBillingDefault isShippingDefault }
  contacts { name email phone function receives { documents channel } }
  accounts { iban bic holder } taxClasses { taxClass validFrom } }"""
DEPOT = {"label": "Lager", "street": "Weg 2", "postcode": "27283", "city": "Verden"}
MILLER = {
    "name": "Frau Müller",
    "email": "mueller@example.org",
    "phone": "+49 4231 1",
    "function": "Buchhaltung",
    "receives": [
        {"documents": "INVOICES", "channel": "E_INVOICE"},
        {"documents": "REMINDERS", "channel": "PDF_MAIL"},
    ],
}
FARM: dict[str, Any] = {
    **PARTNER,
    "kind": "PUBLIC",
    "isSupplier": True,
    "language": "EN",
    "priceGroup": "A",
    "partnerGroup": "Milchhöfe",
    "creditLimit": "5000.00",
    "paymentDays": 21,
    "leitwegId": "04011000-1234512345-06",
    "endpointId": "04011000-1234512345-06",
    "endpointScheme": "0204",
    "creditorId": "DE98ZZZ09999999999",
    "selfBillingAgreedOn": "2026-01-01",
    "selfBillingAgreementEnds": "2026-12-31",
    "addresses": [{**DEPOT, "isShippingDefault": True}],
    "contacts": [MILLER],
    "accounts": [{"iban": "de89 3704 0044 0532 0130 00", "bic": "cobadeffxxx"}],
    "taxClasses": [
        {"taxClass": "STANDARD", "validFrom": "2026-01-01"},
        {"taxClass": "FLAT_RATE_24", "validFrom": "2024-01-01"},
    ],
}


async def _write(user: User, mutation: str, **input: Any) -> Answer:
    """Run a mutation; `User.do` takes a `language` for itself."""
    type = f"{mutation[0].upper()}{mutation[1:]}Input!"
    input.setdefault("idempotencyKey", str(uuid.uuid4()))
    return await user.ask(
        f"mutation($input: {type}) {{ {mutation}(input: $input) {{ {WHOLE} {PROBLEMS} }} }}",
        input=input,
    )


async def _create(user: User, **more: Any) -> Any:
    return (await _write(user, "createPartner", **{**PARTNER, **more})).made


async def _update(user: User, id: str, version: int, **facts: Any) -> Answer:
    return await _write(user, "updatePartner", id=id, expectedVersion=version, **facts)


async def test_a_partner_keeps_everything_that_was_said_of_it(erp: Erp):
    """Numbers as they are kept: IBAN and BIC compact, tax classes by their days."""
    anna = await erp.sign_in()

    made = await _create(anna, **FARM)

    assert made.pop("id").startswith("par_")
    given = {name: FARM[name] for name in made.keys() & FARM.keys()}
    assert made == {
        **given,
        "number": "10001",
        "isCustomer": True,
        "isOneTime": False,
        "isBlocked": False,
        "blockedReason": None,
        "version": 1,
        "addresses": [
            {
                **DEPOT,
                "name": None,
                "country": "DE",
                "isBillingDefault": False,
                "isShippingDefault": True,
            }
        ],
        "accounts": [{"iban": IBAN, "bic": "COBADEFFXXX", "holder": None}],
        "taxClasses": list(reversed(FARM["taxClasses"])),
    }


async def test_an_update_replaces_everything_and_the_journal_tells_what_changed_in_parts(erp: Erp):
    """A part that is gone, a changed one and a new one are told by their place; others are not."""
    anna = await erp.sign_in()
    id = (await _create(anna, **FARM))["id"]
    changed = {
        **FARM,
        "paymentDays": 30,
        "addresses": [{**DEPOT, "city": "Hoya", "isShippingDefault": True}],
        "contacts": [],
        "accounts": [{"iban": IBAN, "bic": "COBADEFFXXX"}],
        "taxClasses": [*FARM["taxClasses"], {"taxClass": "EXEMPT", "validFrom": "2027-01-01"}],
    }

    made = (await _update(anna, id, 1, **changed)).made

    assert (made["version"], made["contacts"], made["addresses"][0]["city"]) == (2, [], "Hoya")
    assert await _changes(anna, id) == [
        ("paymentDays", "21", "30"),
        ("addresses.1.city", "Verden", "Hoya"),
        ("contacts.1.name", "Frau Müller", None),
        ("contacts.1.email", "mueller@example.org", None),
        ("contacts.1.phone", "+49 4231 1", None),
        ("contacts.1.function", "Buchhaltung", None),
        ("contacts.1.receives.INVOICES.channel", "E_INVOICE", None),
        ("contacts.1.receives.REMINDERS.channel", "PDF_MAIL", None),
        ("taxClasses.2027-01-01.taxClass", None, "EXEMPT"),
    ]


async def _changes(user: User, id: str) -> list[tuple[str, Any, Any]]:
    """Return the changes of the newest entry in a partner's history."""
    answer = await user.ask(
        "query($id: ID!) { partner(id: $id) { history(last: 1) { nodes {"
        " changes { field before after } } } } }",
        id=id,
    )
    [entry] = answer.data["partner"]["history"]["nodes"]
    return [(each["field"], each["before"], each["after"]) for each in entry["changes"]]


async def test_the_same_call_sent_again_does_nothing_twice_and_another_is_told_so(erp: Erp):
    """Parts belong to what a key stands for: another contact is another intention."""
    anna = await erp.sign_in()
    first = await _create(anna, **FARM, idempotencyKey="once")

    async with unchanged(erp):
        again = await _create(anna, **FARM, idempotencyKey="once")
        other = {**FARM, "contacts": [{**MILLER, "phone": None}], "idempotencyKey": "once"}
        refused = await _write(anna, "createPartner", **other)

    assert again == first
    assert refused.problem_codes == ["IDEMPOTENCY_KEY_REUSED"]


async def test_of_twenty_who_change_a_partner_at_once_one_wins(erp: Erp):
    """The others saw an older version, whatever part they changed."""
    anna = await erp.sign_in()
    id = (await _create(anna, **FARM))["id"]

    answers = await asyncio.gather(
        *(_update(anna, id, 1, **{**FARM, "accounts": []}) for _ in range(20))
    )

    codes = sorted(code for answer in answers for code in answer.problem_codes)
    assert codes == ["VERSION_CONFLICT"] * 19


# ------------------------------------------------------------------------------------- numbers


async def test_numbers_are_given_in_their_series_and_pass_over_what_was_given_by_hand(erp: Erp):
    """10001 is the first; a number somebody chose is never given twice."""
    anna = await erp.sign_in()
    chosen = await _create(anna, number=" 10002 ")

    given = [(await _create(anna))["number"] for _ in range(3)]

    assert (chosen["number"], given) == ("10002", ["10001", "10003", "10004"])


async def test_a_number_is_taken_once(erp: Erp):
    """In this company only."""
    anna = await erp.sign_in()
    other = await (await Erp.found(erp.server, erp.owner, erp.http)).sign_in()
    await _create(anna, number="K-7")

    async with unchanged(erp):
        answer = await anna.do("createPartner", WHOLE, **PARTNER, number="K-7")

    assert problem_of(answer) == (
        "DUPLICATE_PARTNER_NUMBER",
        "input.number",
        "There is already a partner with the number K-7.",
    )
    assert (await _create(other, number="K-7"))["number"] == "K-7"


async def test_twenty_partners_made_at_once_have_twenty_numbers(erp: Erp):
    """The counter is locked in the transaction that takes from it."""
    anna = await erp.sign_in()

    made = await asyncio.gather(*(_create(anna) for _ in range(20)))

    assert sorted(each["number"] for each in made) == [str(10001 + n) for n in range(20)]


# ------------------------------------------------------------------------------------ blocking


async def test_a_block_has_a_reason_and_an_end(erp: Erp):
    """Each is an event; another reason may be given meanwhile."""
    anna = await erp.sign_in()
    id = (await _create(anna))["id"]
    shown = "partner { isBlocked blockedReason version }"

    first = await anna.do("blockPartner", shown, id=id, expectedVersion=1, reason=" Mahnstufe 3 ")
    again = await anna.do("blockPartner", shown, id=id, expectedVersion=2, reason="Insolvenz")
    ended = await anna.do("unblockPartner", shown, id=id, expectedVersion=3)

    assert first.made == {"isBlocked": True, "blockedReason": "Mahnstufe 3", "version": 2}
    assert again.made == {"isBlocked": True, "blockedReason": "Insolvenz", "version": 3}
    assert ended.made == {"isBlocked": False, "blockedReason": None, "version": 4}
    assert await erp.journal_types(id) == [
        "PartnerCreated",
        "PartnerBlocked",
        "PartnerBlocked",
        "PartnerUnblocked",
    ]
    async with unchanged(erp):
        twice = await anna.do("unblockPartner", shown, id=id, expectedVersion=4)
        silent = await anna.do("blockPartner", shown, id=id, expectedVersion=4, reason=" ")
    assert problem_of(twice)[:2] == ("PARTNER_NOT_BLOCKED", "input.id")
    assert problem_of(silent)[:2] == ("REQUIRED", "input.reason")


async def test_an_update_leaves_a_block_as_it_is(erp: Erp):
    """Whoever corrects an address has not decided about the block."""
    anna = await erp.sign_in()
    id = (await _create(anna))["id"]
    await anna.do("blockPartner", WHOLE, id=id, expectedVersion=1, reason="Insolvenz")

    made = (await _update(anna, id, 2, **PARTNER)).made

    assert made["blockedReason"] == "Insolvenz"


# ---------------------------------------------------------------------------------- duplicates

VAT_ID = {"vatId": "DE136695976"}


async def test_a_second_partner_of_a_vat_id_is_refused_unless_it_is_wanted(erp: Erp):
    """At creation, and when an update brings the VAT id; not when it was there before."""
    anna = await erp.sign_in()
    first, other = (await _create(anna, **VAT_ID))["id"], (await _create(anna))["id"]

    async with unchanged(erp):
        created = await anna.do("createPartner", WHOLE, **PARTNER, **VAT_ID)
        updated = await _update(anna, other, 1, **PARTNER, **VAT_ID)

    for answer in (created, updated):
        assert problem_of(answer) == (
            "DUPLICATE_PARTNER",
            "input.vatId",
            f"There is already a partner with the VAT id DE136695976: {first}.",
        )
    wanted = await _create(anna, **VAT_ID, allowDuplicate=True)
    assert (await _update(anna, wanted["id"], 1, **PARTNER, **VAT_ID)).made["version"] == 2
    assert (await _update(anna, first, 1, **PARTNER, **VAT_ID)).made["version"] == 2


async def test_of_ten_partners_with_one_vat_id_made_at_once_one_is_made(erp: Erp):
    """They wait for each other instead of all seeing none."""
    anna = await erp.sign_in()

    answers = await asyncio.gather(
        *(anna.do("createPartner", WHOLE, **PARTNER, **VAT_ID) for _ in range(10))
    )

    assert sorted(answer.problem_codes for answer in answers) == [
        [],
        *[["DUPLICATE_PARTNER"]] * 9,
    ]


# ---------------------------------------------------------------------------------------- lists


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ({}, ["Ährenhof", "ahorn KG", "Behrens", "Stadt Hoya"]),
        ({"nameStartsWith": "ä"}, ["Ährenhof"]),
        ({"nameStartsWith": "AH"}, ["ahorn KG"]),
        ({"nameStartsWith": "%"}, []),
        ({"nameStartsWith": ""}, ["Ährenhof", "ahorn KG", "Behrens", "Stadt Hoya"]),
        ({"nameStartsWith": "\0"}, []),
        ({"numberStartsWith": "7"}, ["Behrens", "Stadt Hoya"]),
        ({"numberStartsWith": "7-1"}, ["Behrens"]),
        ({"kind": {"in": ["PUBLIC"]}}, ["Stadt Hoya"]),
        ({"isSupplier": True}, ["Behrens"]),
        ({"isCustomer": False}, ["Behrens"]),
        ({"isBlocked": True}, ["ahorn KG"]),
        ({"partnerGroup": "Nord"}, ["Behrens", "Stadt Hoya"]),
        ({"partnerGroup": "Nord", "isSupplier": False}, ["Stadt Hoya"]),
    ],
)
async def test_partners_are_found_by_what_they_are(
    erp: Erp, filter: dict[str, Any], names: list[str]
):
    """All conditions hold together; a start of a name is found whether in capitals or not."""
    anna = await erp.sign_in()
    await _create(anna, name="Ährenhof")
    maple = await _create(anna, name="ahorn KG")
    await anna.do("blockPartner", WHOLE, id=maple["id"], expectedVersion=1, reason="x")
    north = {"partnerGroup": "Nord"}
    supplier = {"isSupplier": True, "isCustomer": False}
    await _create(anna, name="Behrens", number="7-1", **supplier, **north)
    await _create(anna, name="Stadt Hoya", number="7-2", kind="PUBLIC", **north)

    answer = await anna.ask(
        "query($filter: PartnerFilter) { partners(filter: $filter, sort: NEWEST) {"
        " totalCount nodes { name } } }",
        filter=filter,
    )

    found = answer.data["partners"]
    assert sorted(node["name"] for node in found["nodes"]) == sorted(names)
    assert found["totalCount"] == len(names)


async def test_partners_are_listed_by_number_as_text(erp: Erp):
    """Numbers by counter have five digits, so they come in the order in which they were given."""
    anna = await erp.sign_in()
    for number in ("B-1", None, "A-2", None):
        await _create(anna, number=number)

    answer = await anna.ask("{ partners(sort: NUMBER) { nodes { number } } }")

    numbers = [node["number"] for node in answer.data["partners"]["nodes"]]
    assert numbers == ["10001", "10002", "A-2", "B-1"]
