"""Payments under pressure: people at once, and any order of allocations and undoings."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents.document import Document
from domain.documents.kinds import KINDS, State
from domain.payments import Allocation, Asked, OpenItem, Settling, allocate, propose, undo
from domain.payments.allocation import AllocationExceedsOpen, AllocationExceedsPayment
from domain.payments.discount import tax_within
from domain.payments.obstacles import FullySettled
from domain.problems import Problem
from tests.companies import found_without_approval
from tests.erp import Erp
from tests.paying import (
    allocate as allocate_payment,
)
from tests.paying import (
    allocations,
    open_amounts,
    payment,
    pays,
    posted_invoice,
)

SOMEBODY, NOW, DAY = UUID(int=7), datetime(2026, 11, 20, tzinfo=UTC), date(2026, 11, 20)
SETTLING = Settling(uuid4, SOMEBODY, NOW)


@pytest.fixture
async def shop(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> AsyncIterator[Erp]:
    """A company that posts drafts in one call; its books are checked after the test."""
    company = await found_without_approval(server, owner, http)
    yield company
    await company.check_books()


async def test_many_people_who_allocate_one_payment_at_once_never_use_more_than_it_has(shop: Erp):
    """Ten ask for 50 of 119, each for another invoice: two are served, the others told what is left."""  # noqa: E501
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    paid = await payment(anna, customer, "119")
    invoices = [await posted_invoice(anna, customer) for _ in range(10)]
    people = [await shop.sign_in(f"anke{n}", roles=("accountant",)) for n in range(10)]

    answers = await asyncio.gather(
        *(
            allocate_payment(who, paid, pays(invoice, "50"))
            for who, invoice in zip(people, invoices, strict=True)
        )
    )

    told = Counter(code for answer in answers for code in answer.problem_codes or ["DONE"])
    assert told == {"DONE": 2, "ALLOCATION_EXCEEDS_PAYMENT": 8}
    assert await open_amounts(anna, paid) == ["19.00"]
    assert sorted(await open_amounts(anna, *invoices)) == ["119.00"] * 8 + ["69.00"] * 2


async def test_many_payments_for_one_invoice_at_once_never_settle_more_than_it_owes(shop: Erp):
    """And the same allocation taken back by all of them at once is taken back once."""
    anna = await shop.sign_in()
    customer = await anna.create_partner()
    invoice = await posted_invoice(anna, customer)
    payments = [await payment(anna, customer, "60") for _ in range(6)]

    answers = await asyncio.gather(
        *(allocate_payment(anna, each, pays(invoice, "60")) for each in payments)
    )
    told = Counter(code for answer in answers for code in answer.problem_codes or ["DONE"])
    assert told == {"DONE": 1, "ALLOCATION_EXCEEDS_OPEN": 5}
    [made] = await allocations(anna, invoice)
    undone = await asyncio.gather(
        *(
            anna.do("undoAllocation", "document { id }", id=made["id"], reason=f"Nr. {n}")
            for n in range(5)
        )
    )

    told = Counter(code for answer in undone for code in answer.problem_codes or ["DONE"])
    assert told == {"DONE": 1, "ALLOCATION_UNDONE": 4}
    assert await open_amounts(anna, invoice) == ["119.00"]


# ------------------------------------------------------------------------------- any order at all


def posted(kind: str, gross: Decimal) -> Document:
    """Return a posted document of one payer."""
    document = Document(
        id=uuid4(),
        tenant_id=UUID(int=1),
        kind=KINDS[kind],
        currency="EUR",
        by=SOMEBODY,
        at=NOW,
    )
    document.state, document.number, document.issue_date = State.POSTED, "X-1", DAY
    document.bill_to_id = UUID(int=9)
    document.take_amount(gross)
    return document


CENTS = st.integers(1, 30_000).map(lambda cents: Decimal(cents).scaleb(-2))
STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), CENTS, st.booleans()), min_size=1, max_size=30
)


@given(grosses=st.lists(CENTS, min_size=6, max_size=6), steps=STEPS)
@settings(max_examples=200, deadline=None)
def test_in_any_order_neither_side_ever_settles_more_than_it_is(
    grosses: list[Decimal], steps: list[tuple[int, int, Decimal, bool]]
):
    """The sum of what is allocated never exceeds either side, and undoing gives all of it back."""
    payments = [posted("INCOMING_PAYMENT", gross) for gross in grosses[:3]]
    invoices = [posted("SALES_INVOICE", gross) for gross in grosses[3:]]
    known = {each.id: each for each in (*payments, *invoices)}
    alive: list[Allocation] = []

    for place, other, amount, is_undone in steps:
        if is_undone and alive:
            gone = alive.pop()
            undo(gone, known[gone.payment_id], known[gone.document_id], SETTLING, "anders")
            continue
        asked = Asked(invoices[other], amount, ("input",))
        try:
            alive += allocate(payments[place], [asked], SETTLING, path=("input",))
        except (AllocationExceedsOpen, AllocationExceedsPayment, FullySettled):
            assert amount > min(invoices[other].open_amount, payments[place].open_amount)

    for document in known.values():
        mine = [each for each in alive if document.id in (each.payment_id, each.document_id)]
        assert document.settled == sum((each.amount for each in mine), Decimal(0))
        assert 0 <= document.settled <= document.gross
        assert document.open_amount + document.settled == document.gross
    for each in alive:
        undo(each, known[each.payment_id], known[each.document_id], SETTLING, "anders")
    assert {document.settled for document in known.values()} == {Decimal(0)}


@given(gross=CENTS, share=st.decimals(0, 1, places=4), tax=st.decimals(0, 1, places=2))
def test_the_tax_in_a_discount_is_never_more_than_the_tax_nor_the_discount(
    gross: Decimal, share: Decimal, tax: Decimal
):
    """Nothing of nothing, all of all, and between the two never beyond either."""
    groups = [SimpleNamespace(tax=(gross * tax).quantize(Decimal("0.01")))]
    part = (gross * share).quantize(Decimal("0.01"))

    found = tax_within([each.tax for each in groups], gross, part)

    assert 0 <= found <= min(part, groups[0].tax)
    assert tax_within([each.tax for each in groups], gross, Decimal(0)) == 0
    assert tax_within([each.tax for each in groups], gross, gross) == groups[0].tax


@given(
    amount=CENTS,
    items=st.lists(st.tuples(CENTS, st.integers(0, 3), st.integers(0, 3)), max_size=8),
)
def test_a_proposal_never_uses_more_than_there_is_and_can_always_be_done(
    amount: Decimal, items: list[tuple[Decimal, int, int]]
):
    """In order of due dates; all but the last are paid in full, with their discount."""
    found = [
        OpenItem(UUID(int=n), date(2026, 11, 1 + due), gross, gross * percent / 100)
        for n, (gross, due, percent) in enumerate(items)
    ]
    proposal = propose(amount, found)

    by_id = {each.document_id: each for each in found}
    assert sum((each.amount for each in proposal), Decimal(0)) <= amount
    for each in proposal:
        item = by_id[each.document_id]
        assert each.amount > 0
        assert each.amount + each.discount <= item.open
        assert each.discount in (0, item.discount)
    for each in proposal[:-1]:
        assert each.amount + each.discount == by_id[each.document_id].open
    dues = [by_id[each.document_id].due for each in proposal]
    assert dues == sorted(dues)


def test_currencies_are_never_mixed():
    """A payment in EUR settles no invoice in USD."""
    paid, invoice = posted("INCOMING_PAYMENT", Decimal(5)), posted("SALES_INVOICE", Decimal(5))
    invoice.currency = "USD"

    with pytest.raises(Problem) as told:
        allocate(paid, [Asked(invoice, Decimal(5), ("input",))], SETTLING, path=("input",))

    assert str(told.value) == ("X-1 is in USD, not in EUR; only amounts of one currency settle.")
