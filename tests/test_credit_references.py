"""What credit notes refer to: a return, lines of invoices, or a partner and period (bonus)."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import KINDS
from tests.chains import (
    Document,
    converted,
    draft,
    followed,
    look,
    post,
    posted,
    rewrite,
    verb,
    wheat,
    write,
)
from tests.companies import found_without_approval
from tests.erp import Answer, User

SIDES = [("SALES_INVOICE", "SALES_CREDIT_NOTE"), ("SUPPLIER_INVOICE", "SUPPLIER_CREDIT_NOTE")]
BONUS = {"bonusFrom": "2026-01-01", "bonusUntil": "2026-06-30"}
CREDITED = "query($id: ID!) { document(id: $id) { lines { creditedNet } } }"


@pytest.fixture
async def anna(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[User]:
    """Somebody who may do everything, in a company that posts without approval."""
    company = await found_without_approval(server, owner, http)
    yield await company.sign_in()
    await company.check_books()


async def partner_of(user: User, document: Document) -> dict[str, str]:
    """Name the partner of a document on another one of its side."""
    asked = "query($id: ID!) { document(id: $id) { partner { id } } }"
    partner = (await user.ask(asked, id=document["id"])).data["document"]["partner"]["id"]
    sold = KINDS[document["kind"]].side == "sales"
    return {"soldTo" if sold else "supplier": partner}


async def credited(user: User, document: Document) -> list[str]:
    """Return what credit notes took off each line of an invoice."""
    lines = (await user.ask(CREDITED, id=document["id"])).data["document"]["lines"]
    return [each["creditedNet"] for each in lines]


def cheaper(line: Document, amount: str, **more: Any) -> dict[str, Any]:
    """Return a line that corrects the price of an invoice line by a net amount."""
    facts = {"unitPrice": amount, "sourceLineId": line["id"], "isPriceCorrection": True}
    return wheat("1", description="Preis war zu hoch", **facts, **more)


async def credit(
    user: User, kind: str, invoice: Document, *lines: dict[str, Any], **more: Any
) -> Answer:
    """Write a credit note by hand for the partner of an invoice."""
    facts = {"supplyDate": "2026-11-18", "issueDate": "2026-11-20", **more}
    if kind == "SUPPLIER_CREDIT_NOTE":
        facts.setdefault("externalNumber", f"G-{lines[0]['unitPrice']}")
    partner = await partner_of(user, invoice)
    return await write(user, "create", kind, list(lines), **partner, **facts)


# ------------------------------------------------------------------------------- invoice lines


async def test_a_price_difference_is_credited_up_to_what_was_invoiced(anna: User):
    """2000.00 were invoiced: 1500.00 and 500.00 go, a cent more does not; drafts count."""
    invoice, note = SIDES[0]
    made = await posted(anna, invoice)
    [line] = made["lines"]

    first = await credit(anna, note, made, cheaper(line, "1500"))
    await post(anna, first.made)
    refused = await credit(anna, note, made, cheaper(line, "500.01"))
    second = await credit(anna, note, made, cheaper(line, "500"))

    assert second.problems == []
    [problem] = refused.problems
    assert (problem["code"], problem["path"]) == ("CREDIT_EXCEEDS_INVOICE", ["input", "lines"])
    assert "only 500.00 EUR net are not credited yet; 500.01 are more" in problem["message"]
    assert await credited(anna, made) == ["2000.00"]


async def test_goods_and_price_are_credited_together(anna: User):
    """Half of the goods came back: the price of the other half is all that can still go."""
    invoice, note = SIDES[0]
    made = await posted(anna, invoice)
    [line] = made["lines"]
    back = await followed(anna, made, note, (line, "5"), number="G-1")
    assert await credited(anna, made) == ["1000.00"]

    refused = await credit(anna, note, made, cheaper(line, "1000.01"))
    fits = await credit(anna, note, made, cheaper(line, "1000"))

    assert (refused.problem_codes, fits.problem_codes) == (["CREDIT_EXCEEDS_INVOICE"], [])
    assert back["net"] == "1000.00"


async def test_after_a_price_difference_not_all_goods_are_credited_at_the_old_price(anna: User):
    """At the price that is left they are."""
    made = await posted(anna, "SALES_INVOICE")
    [line] = made["lines"]
    await post(anna, (await credit(anna, "SALES_CREDIT_NOTE", made, cheaper(line, "500"))).made)

    back = {**wheat("10"), "sourceLineId": line["id"]}
    dear = await credit(anna, "SALES_CREDIT_NOTE", made, back)
    fits = await credit(anna, "SALES_CREDIT_NOTE", made, {**back, "unitPrice": "150"})

    assert (dear.problem_codes, fits.problem_codes) == (["CREDIT_EXCEEDS_INVOICE"], [])


async def test_goods_that_came_back_count_on_the_invoice_that_billed_them(anna: User):
    """Invoice, return, credit note: the invoice knows what was credited of it."""
    made = await posted(anna, "SALES_INVOICE")
    back = await followed(anna, made, "CUSTOMER_RETURN", (made["lines"][0], "4"))

    note = await post(anna, await converted(anna, back, "SALES_CREDIT_NOTE"))

    assert (note["net"], await credited(anna, made)) == ("800.00", ["800.00"])


async def test_cents_of_rounded_parts_refuse_nobody(anna: User):
    """Three pieces at 0.335 are 1.01, each alone 0.34: the last one goes all the same."""
    small = wheat("3", unit="PIECE", unitPrice="0.335")
    made = await posted(anna, "SALES_INVOICE", small)
    [line] = made["lines"]

    for _ in range(3):
        await followed(anna, made, "SALES_CREDIT_NOTE", (line, "1"))

    assert await credited(anna, made) == ["1.02"]


@pytest.mark.parametrize("gone", ["discardDocument", "cancelDocument", "update"])
async def test_what_a_credit_note_gives_back_can_be_credited_again(anna: User, gone: str):
    """A draft thrown away or lowered, a posted one cancelled."""
    made = await posted(anna, "SALES_INVOICE")
    [line] = made["lines"]
    note = (await credit(anna, "SALES_CREDIT_NOTE", made, cheaper(line, "1500"))).made
    if gone == "discardDocument":
        answer = await verb(anna, gone, note)
    elif gone == "cancelDocument":
        answer = await verb(anna, gone, await post(anna, note), reason="doch nicht")
    else:
        [mine] = note["lines"]
        lower = cheaper(line, "0", priceReason="Kulanz", id=mine["id"])
        answer = await rewrite(anna, "update", note, lower, supplyDate="2026-11-18")

    assert answer.problems == []
    assert await credited(anna, made) == ["0.00"]
    again = await credit(anna, "SALES_CREDIT_NOTE", made, cheaper(line, "2000"))
    assert again.problems == []


async def test_an_invoice_with_a_price_difference_is_not_cancelled_before_it(anna: User):
    """Else more would go back than was ever billed."""
    made = await posted(anna, "SALES_INVOICE")
    note = (await credit(anna, "SALES_CREDIT_NOTE", made, cheaper(made["lines"][0], "9"))).made
    note = await post(anna, note)

    refused = await verb(anna, "cancelDocument", await look(anna, made), reason="falsch")
    await verb(anna, "cancelDocument", note, reason="falsch")
    done = await verb(anna, "cancelDocument", await look(anna, made), reason="falsch")

    assert (refused.problem_codes, done.problem_codes) == (["FOLLOW_UPS_EXIST"], [])


async def test_lines_of_another_payer_are_no_reference(anna: User):
    """The invoice of one customer is not corrected on the credit note of another."""
    made, other = await posted(anna, "SALES_INVOICE"), await posted(anna, "SALES_INVOICE")

    answer = await credit(anna, "SALES_CREDIT_NOTE", other, cheaper(made["lines"][0], "9"))

    assert answer.problem_codes == ["SOURCE_NOT_POSSIBLE"]


async def test_two_people_never_credit_the_same_amount_twice(anna: User):
    """Ten of them at once credit 600.00 each: three fit into 2000.00."""
    made = await posted(anna, "SALES_INVOICE")
    [line] = made["lines"]

    answers = await asyncio.gather(
        *(credit(anna, "SALES_CREDIT_NOTE", made, cheaper(line, "600")) for _ in range(10))
    )

    assert sorted(answer.problem_codes for answer in answers) == [
        *[[]] * 3,
        *[["CREDIT_EXCEEDS_INVOICE"]] * 7,
    ]
    assert await credited(anna, made) == ["1800.00"]


# --------------------------------------------------------------------------------------- bonus


@pytest.mark.parametrize("kind", ["SALES_CREDIT_NOTE", "SUPPLIER_CREDIT_NOTE"])
async def test_a_bonus_names_its_period_which_is_its_supply(anna: User, kind: str):
    """Nothing else has to be typed; partner and period are shown."""
    note = await posted(anna, kind, wheat("1", description="Bonus"), **BONUS, supplyDate=None)

    asked = f"query($id: ID!) {{ document(id: $id) {{ ... on {note['__typename']}"
    shown = await anna.ask(
        f"{asked} {{ bonusFrom bonusUntil supplyDate supplyUntil }} }} }}", id=note["id"]
    )
    assert shown.data["document"] == {
        **BONUS,
        "supplyDate": "2026-01-01",
        "supplyUntil": "2026-06-30",
    }


async def test_a_bonus_of_one_day_and_a_supply_date_of_its_own(anna: User):
    """What is written stays as it is written."""
    day = {"bonusFrom": "2026-06-30", "bonusUntil": "2026-06-30"}
    one = await draft(anna, "SALES_CREDIT_NOTE", **day, supplyDate=None)
    two = await draft(anna, "SALES_CREDIT_NOTE", **BONUS, supplyDate="2026-07-01")

    asked = "query($id: ID!) { document(id: $id) { ... on SalesCreditNote"
    shown = [
        (await anna.ask(f"{asked} {{ supplyDate supplyUntil }} }} }}", id=each["id"])).data
        for each in (one, two)
    ]
    assert [each["document"] for each in shown] == [
        {"supplyDate": "2026-06-30", "supplyUntil": None},
        {"supplyDate": "2026-07-01", "supplyUntil": None},
    ]


@pytest.mark.parametrize(
    ("period", "code", "path"),
    [
        ({"bonusFrom": "2026-01-01"}, "REQUIRED", "bonusUntil"),
        ({"bonusUntil": "2026-01-01"}, "REQUIRED", "bonusFrom"),
        (
            {"bonusFrom": "2026-07-01", "bonusUntil": "2026-06-30"},
            "BONUS_PERIOD_REVERSED",
            "bonusUntil",
        ),
        ({**BONUS, "bonusFrom": "1850-01-01"}, "DATE_OUT_OF_RANGE", "bonusFrom"),
    ],
)
async def test_a_period_that_is_none_is_refused(
    anna: User, period: dict[str, str], code: str, path: str
):
    """Both days, in their order, not before there were computers."""
    facts = await anna.input_of("SALES_CREDIT_NOTE", **period)

    [problem] = (await anna.write("create", "SALES_CREDIT_NOTE", **facts)).problems

    assert (problem["code"], problem["path"]) == (code, ["input", path])


async def test_a_bonus_names_no_line_of_an_invoice(anna: User):
    """It is about all that was taken in the period; converted drafts get no period either."""
    made = await posted(anna, "SALES_INVOICE")
    mixed = await credit(anna, "SALES_CREDIT_NOTE", made, cheaper(made["lines"][0], "9"), **BONUS)
    note = await converted(anna, made, "SALES_CREDIT_NOTE")
    late = await rewrite(anna, "update", note, **BONUS, supplyDate="2026-11-18")

    for answer in (mixed, late):
        [problem] = answer.problems
        assert problem["code"] == "CREDIT_REFERENCES_MIXED"
        assert problem["path"] == ["input", "lines", "0", "sourceLineId"]
