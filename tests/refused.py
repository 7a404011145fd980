"""What tests of refused calls share: inputs to spoil, and how to see that nothing was done."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from tests.erp import Answer, Erp, User

LINE = {
    "description": "Saatgut",
    "quantity": "4",
    "unit": "PIECE",
    "unitPrice": "25",
    "taxCategory": "S",
    "taxRate": "19",
}
PARTNER = {"name": "Hof Lindenau", "street": "Lindenallee 4", "postcode": "27318", "city": "Hoya"}
ITEM = {"number": "A-1", "name": "Weizen", "unit": "TONNE", "unitPrice": "210.50", "taxRate": "7"}
READ_SECONDS_MAX = 10


@contextlib.asynccontextmanager
async def unchanged(*companies: Erp) -> AsyncIterator[None]:
    """Demand that what happens inside leaves no trace in the tables of these companies."""
    before = [await company.state_of_database() for company in companies]
    yield
    assert [await company.state_of_database() for company in companies] == before


async def send(user: User, body: Any, **headers: str) -> Answer:
    """Send a body as it is."""
    given = {
        "authorization": f"Bearer {user.token}",
        "accept": "application/graphql-response+json",
        "content-type": "application/json",
        **headers,
    }
    address = f"{user.erp.server.url}/graphql"
    async with user.erp.http.post(address, data=body, headers=given) as answer:
        return Answer(answer.status, await answer.json(content_type=None), dict(answer.headers))


def problem_of(answer: Answer) -> tuple[str, str, str]:
    """Return code, place and sentence of the one problem, and see that nothing was made."""
    [payload] = answer.data.values()
    assert [value for name, value in payload.items() if name != "problems"] == [None]
    [problem] = payload["problems"]
    return problem["code"], ".".join(problem["path"]), problem["message"]


async def fate_of(user: User, id: str) -> dict[str, Any]:
    """Return an inbox item as soon as the worker has read it, or failed to."""
    deadline = time.monotonic() + READ_SECONDS_MAX
    while True:
        asked = "{ inboxItem(id: %s) { state failureCode failure { message } fileSize } }"
        found = (await user.ask(asked % json.dumps(id))).data["inboxItem"]
        if found["state"] != "RECEIVED":
            return found
        assert time.monotonic() < deadline, "the worker did not read the file in time"
        await asyncio.sleep(0.05)
