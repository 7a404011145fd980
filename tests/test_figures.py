"""Counts by facet and sums over documents: what a list holds, and what a period comes to."""

from typing import Any

import pytest

from persistence.documents import figures
from tests.companies import database_of, found_without_approval
from tests.erp import Erp, User

FACET = "{ value label count }"
FACETS = f"""total isCapped kind {FACET} state {FACET} month {FACET} answer {FACET}
  paymentBlocked {FACET} partner {FACET} responsible {FACET}"""
SUMS = "{ value label documents net tax gross currency }"


async def facets(user: User, filter: str = "{}") -> dict[str, Any]:
    """Return the facets of a filter."""
    answer = await user.ask(f"{{ documentFacets(filter: {filter}) {{ {FACETS} }} }}")
    found: dict[str, Any] = answer.data["documentFacets"]
    return found


async def sums(user: User, by: str, more: str = "") -> list[tuple[str, ...]]:
    """Return value, label, count, net, tax and gross of each group of 2026."""
    period = 'from: "2026-01-01", to: "2026-12-31"'
    answer = await user.ask(f"{{ documentStatistics({period}, groupBy: {by} {more}) {SUMS} }}")
    rows = answer.data["documentStatistics"]
    assert {row["currency"] for row in rows} <= {"EUR"}
    names = ("value", "label", "documents", "net", "tax", "gross")
    return [tuple(row[name] for name in names) for row in rows]


def pairs(counts: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Return value and count of a facet."""
    return [(each["value"], each["count"]) for each in counts]


@pytest.fixture
async def traded(server: Any, owner: Any, http: Any) -> dict[str, Any]:
    """Two customers with invoices in two months: posted, a draft, and one cancelled."""
    erp = await found_without_approval(server, owner, http)
    anna = await erp.sign_in("anna")
    lindenau, neuhaus = [await anna.create_partner(name) for name in ("Lindenau", "Neuhaus")]
    for sold_to, day in (
        (lindenau, "2026-10-05"),
        (lindenau, "2026-11-05"),
        (neuhaus, "2026-11-06"),
    ):
        invoice = await anna.create_invoice(soldTo=sold_to, issueDate=day, supplyDate=day)
        assert (await anna.post(invoice)).problems == []
    cancelled = await anna.verb("cancelDocument", invoice, reason="falsche Menge")
    assert cancelled.problems == []
    await anna.create_invoice(soldTo=neuhaus, issueDate="2026-11-20")
    return {"erp": erp, "anna": anna, "lindenau": lindenau, "neuhaus": neuhaus}


async def test_facets_count_what_a_list_holds(traded: dict[str, Any]):
    """The most frequent first; partners and users by name."""
    found = await facets(traded["anna"], '{issueDate: {to: "2026-11-20"}, isCancelled: false}')

    assert (found["total"], found["isCapped"]) == (3, False)
    assert pairs(found["kind"]) == [("SALES_INVOICE", 3)]
    assert pairs(found["state"]) == [("POSTED", 2), ("DRAFT", 1)]
    assert pairs(found["month"]) == [("2026-11", 2), ("2026-10", 1)]
    assert pairs(found["paymentBlocked"]) == [("false", 3)]
    assert found["answer"] == []
    assert found["partner"] == [
        {"value": traded["lindenau"], "label": "Lindenau", "count": 2},
        {"value": traded["neuhaus"], "label": "Neuhaus", "count": 1},
    ]
    [responsible] = found["responsible"]
    assert (responsible["label"], responsible["count"]) == ("anna", 3)
    assert responsible["value"].startswith("usr_")


async def test_facets_follow_the_filter_of_the_list(traded: dict[str, Any]):
    """The total is the list's own, for every filter."""
    anna = traded["anna"]
    filters = (
        "{}",
        f'{{partner: "{traded["neuhaus"]}"}}',
        "{state: {in: [DRAFT]}}",
        '{numberStartsWith: "inv"}',
        '{tag: "nie"}',
        "{gross: {max: 0}}",
    )
    for filter in filters:
        listed = await anna.ask(f"{{ documents(filter: {filter}) {{ totalCount }} }}")
        found = await facets(anna, filter)
        assert found["total"] == listed.data["documents"]["totalCount"], filter
        assert sum(each["count"] for each in found["state"]) == found["total"]


async def test_facets_of_too_many_documents_say_so(
    traded: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    """Counting ends; what was counted is what is said."""
    monkeypatch.setattr(figures, "COUNTED_MAX", 2)
    figures._facets_statement.cache_clear()

    found = await facets(traded["anna"])

    figures._facets_statement.cache_clear()
    assert (found["total"], found["isCapped"]) == (2, True)


async def test_kinds_that_one_may_not_read_are_not_counted(traded: dict[str, Any]):
    """Neither by a facet nor in a sum."""
    erp: Erp = traded["erp"]
    snapshot = database_of(erp).snapshot(erp.tenant, ("PURCHASE_ORDER",))

    found = await figures.facets_of(snapshot, (), {})

    await snapshot.close()
    assert (found.total, found.counts) == (0, {})


async def test_each_is_one_statement(traded: dict[str, Any]):
    """However many facets or groups there are."""
    anna, database = traded["anna"], database_of(traded["erp"])
    for ask in (lambda: facets(anna), lambda: sums(anna, "PARTNER")):
        before = database.statements
        await ask()
        assert database.statements - before == 1


async def test_sums_by_month_count_what_is_posted(traded: dict[str, Any]):
    """A cancellation takes its original back, wherever it is dated."""
    rows = await sums(traded["anna"], "MONTH")

    october, november = rows
    assert october == ("2026-10", "2026-10", 1, "100.00", "19.00", "119.00")
    assert november == ("2026-11", "2026-11", 3, "100.00", "19.00", "119.00")


async def test_sums_by_partner_kind_state_and_who_looks_after_them(traded: dict[str, Any]):
    """Partners with the largest net first; by state all states count."""
    anna = traded["anna"]

    partners = await sums(anna, "PARTNER")
    kinds = await sums(anna, "KIND", "kinds: [SALES_INVOICE, DELIVERY_NOTE]")
    states = await sums(anna, "STATE")
    [responsible] = await sums(anna, "RESPONSIBLE", "states: [DRAFT]")

    assert partners == [
        (traded["lindenau"], "Lindenau", 2, "200.00", "38.00", "238.00"),
        (traded["neuhaus"], "Neuhaus", 2, "0.00", "0.00", "0.00"),
    ]
    assert kinds == [("SALES_INVOICE", "SALES_INVOICE", 4, "200.00", "38.00", "238.00")]
    assert [row[::2] for row in states] == [("DRAFT", 1, "19.00"), ("POSTED", 4, "38.00")]
    assert responsible[1:4] == ("anna", 1, "100.00")
    assert await sums(anna, "MONTH", "kinds: [DELIVERY_NOTE]") == []


@pytest.mark.parametrize(
    ("start", "end"), [("2026-02-01", "2026-01-31"), ("2000-01-01", "2026-01-01")]
)
async def test_a_period_that_ends_before_it_starts_or_is_too_long_is_refused(
    traded: dict[str, Any], start: str, end: str
):
    """A query has no payload, so it is an error with the code of the rule."""
    answer = await traded["anna"].ask(
        f'{{ documentStatistics(from: "{start}", to: "{end}", groupBy: MONTH) {{ net }} }}'
    )

    assert answer.error_codes == ["FIGURES_PERIOD_INVALID"]
