"""Many call in the moment after a start, before the server knows whose tokens to trust."""

import asyncio
import threading
from pathlib import Path
from typing import Any

from tests.chaos.processes import WAIT_SECONDS_MAX
from web.auth import Keys
from web.development import KEY_ID, DevelopmentIssuer


async def test_who_comes_while_the_keys_are_fetched_waits_for_them(tmp_path: Path):
    """A valid token is not refused because another call is just fetching the issuer's keys."""
    issuer = DevelopmentIssuer.load(str(tmp_path))
    asked, answered = threading.Event(), threading.Event()

    def fetch() -> dict[str, Any]:
        asked.set()
        assert answered.wait(WAIT_SECONDS_MAX)
        return issuer.public_keys()

    keys = Keys(fetch)
    first = asyncio.create_task(keys.key(KEY_ID))
    assert await asyncio.to_thread(asked.wait, WAIT_SECONDS_MAX)
    second = asyncio.create_task(keys.key(KEY_ID))
    await asyncio.sleep(0)
    answered.set()

    assert await second is await first
