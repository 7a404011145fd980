"""The check list before a period is closed shows each side to those who may read it."""

from types import SimpleNamespace

import aiohttp
import asyncpg
import pytest

from tests.chains import posted, wheat
from tests.companies import found_without_approval
from tests.erp import Erp, User

SALES = """{ periodChecklist(area: SALES, until: "2026-12-31") {
  unbilledDeliveries { totals { net documents } } } }"""
PURCHASE = """{ periodChecklist(area: PURCHASE, until: "2026-12-31") {
  receivedNotInvoiced { totals { net documents } } } }"""
DRAFTS = '{ periodChecklist(area: SALES, until: "2026-12-31") { drafts { totalCount } } }'


@pytest.fixture
async def erp(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Erp:
    """A company with 10 t of wheat delivered and 5 t received, neither of it billed."""
    company = await found_without_approval(server, owner, http)
    anna = await company.sign_in()
    await posted(anna, "DELIVERY_NOTE", wheat("10"))
    await posted(anna, "GOODS_RECEIPT", wheat("5"))
    await anna.create_invoice()
    return company


def holder(erp: Erp, scope: str) -> User:
    """Return a user who holds these scopes alone."""
    return User(erp, "bert", erp.token("bert", (), scope=scope))


@pytest.mark.parametrize(
    ("scope", "sees"),
    [
        ("sales:read", ["2000.00", "purchase:read"]),
        ("purchase:read", ["sales:read", "1000.00"]),
        ("sales:read purchase:read", ["2000.00", "1000.00"]),
        ("periods:close", ["sales:read", "purchase:read"]),
    ],
)
async def test_totals_of_a_side_are_shown_to_who_may_read_it(erp: Erp, scope: str, sees: list[str]):
    """Everybody else is told which scope is missing, as for the lists themselves."""
    bert = holder(erp, scope)
    asked = {"unbilledDeliveries": SALES, "receivedNotInvoiced": PURCHASE}

    found = []
    for name, query in asked.items():
        answer = await bert.ask(query)
        if answer.error_codes == ["FORBIDDEN"]:
            found.append(answer.body["errors"][0]["extensions"]["requiredScope"])
        else:
            [total] = answer.data["periodChecklist"][name]["totals"]
            found.append(total["net"])

    assert found == sees


@pytest.mark.parametrize(("scope", "count"), [("sales:read", 1), ("purchase:read", 0)])
async def test_drafts_of_a_side_are_counted_for_who_may_read_them(erp: Erp, scope: str, count: int):
    """Of what he may not read he does not even learn that it is there."""
    answer = await holder(erp, scope).ask(DRAFTS)

    assert answer.data["periodChecklist"]["drafts"]["totalCount"] == count
