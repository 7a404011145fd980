"""The calls of docs/how-to/a-day-in-purchasing-and-sales.md, run as they stand there."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg

from tests.companies import found_without_approval
from tests.erp import User

PAGE = Path(__file__).parent.parent / "docs/how-to/a-day-in-purchasing-and-sales.md"
CALLS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


class Day:
    """Somebody who reads the page from top to bottom and does what it says."""

    def __init__(self, anna: User, martin: User, today: str) -> None:
        self.people = {"Anna": anna, "Martin": martin}
        self.known: dict[str, str] = {"today": today}
        self.seen: dict[str, Any] = {}

    async def do(self, call: str) -> None:
        """Send a call with the ids that earlier ones gave back, and keep what it answers."""
        said = re.match(r"# as (\w+)\n", call)
        names = re.findall(r"\$(\w+):", call)
        user = self.people[said[1] if said else "Anna"]
        answer = await user.ask(call, **{name: self.known[name] for name in names})
        [(verb, operation)] = re.findall(r"^(mutation|query) (\w+)", call, re.MULTILINE)
        self.seen[operation] = answer.data
        if verb == "mutation":
            for name, payload in answer.data.items():
                assert payload["problems"] == [], (operation, payload["problems"])
                self._keep(name, payload)

    def kinds(self, operation: str) -> list[str]:
        """Return the kinds in the flow of a document, from its first step to its last."""
        flow = self.seen[operation]["document"]["flow"]
        return [each["kind"] for each in sorted(flow, key=lambda each: each["distance"])]

    def _keep(self, name: str, payload: Mapping[str, Any]) -> None:
        made = next(value for key, value in payload.items() if key != "problems")
        if isinstance(made, list):
            assert [each["problems"] for each in made] == [[]] * len(made)
            made = made[0]["document"]
        if "id" in made:
            self.known[name] = made["id"]
        for line in made.get("lines", [])[:1]:
            if "id" in line:
                self.known[f"{name}Line"] = line["id"]


async def test_the_calls_of_a_day_do_what_the_page_says(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> None:
    """Every call is done; blocks, sums and flows are those that the page tells of."""
    company = await found_without_approval(server, owner, http)
    anna = await company.sign_in()
    today = str(await owner.fetchval("select current_date"))
    day = Day(anna, await company.sign_in("martin", roles=("manager",)), today)

    for call in CALLS:
        await day.do(call)

    posted = day.seen["PostBill"]["postDocument"]["document"]
    assert posted["paymentBlock"] == "PRICE 1"
    assert [each["message"] for each in posted["matchFindings"]] == [
        "Line 1: the price is 195.00 instead of 190.00, net sum 3900.00 instead of 3800.00."
    ]
    released = day.seen["Release"]["releasePayment"]["supplierInvoice"]
    assert released == {"paymentBlock": None, "openAmount": "4173.00"}
    assert day.kinds("Purchased") == [
        "PURCHASE_ORDER",
        "GOODS_RECEIPT",
        "SUPPLIER_INVOICE",
        "OUTGOING_PAYMENT",
    ]
    assert [each["net"] for each in day.seen["Run"]["proposeInvoices"]] == ["1260.00", "1890.00"]
    assert day.kinds("Sold") == [
        "SALES_OFFER",
        "SALES_ORDER",
        "DELIVERY_NOTE",
        "DELIVERY_NOTE",
        "SALES_INVOICE",
        "INCOMING_PAYMENT",
    ]
    for settled in ("Allocate", "AllocateMoney"):
        assert day.seen[settled]["allocatePayment"]["payment"]["openAmount"] == "0.00"
    await company.check_books()
