"""A client that misses nothing: it follows events, and resumes where it stopped after any cut.

Usage: python reference_client.py http://127.0.0.1:8000 TOKEN [CURSOR]
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Any

from gql import Client, GraphQLRequest
from gql.transport.exceptions import (
    TransportClosed,
    TransportConnectionFailed,
    TransportQueryError,
)
from gql.transport.websockets import WebsocketsTransport

FOLLOW = """
  subscription Follow($after: Cursor) {
    documentEvents(after: $after) {
      cursor type version document { number state }
    }
  }
"""
LATEST = GraphQLRequest("{ latestCursor }")


async def follow(url: str, token: str, after: str | None) -> AsyncIterator[dict[str, Any]]:
    """Yield every event after a cursor, in order, each once; keep the last cursor to go on."""
    while True:
        transport = WebsocketsTransport(
            url=url.replace("http", "ws", 1) + "/graphql",
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            init_payload={"authorization": f"Bearer {token}"},
        )
        try:
            async with Client(transport=transport) as session:
                after = after or (await session.execute(LATEST))["latestCursor"]
                request = GraphQLRequest(FOLLOW, variable_values={"after": after})
                async for message in session.subscribe(request):
                    event = message["documentEvents"]
                    yield event
                    after = event["cursor"]
        except TransportQueryError as refused:  # CURSOR_UNKNOWN, say: start anew, with a new list
            if not any(code in str(refused) for code in ("SLOW_CONSUMER", "INTERNAL")):
                raise
        except (OSError, TransportClosed, TransportConnectionFailed) as cut:
            if getattr(cut.__cause__, "code", None) == 4401:
                raise SystemExit(f"Sign in anew: {cut.__cause__}") from None
            print(f"cut ({cut.__cause__ or cut})", file=sys.stderr)
        print(f"resuming after {after}", file=sys.stderr)
        await asyncio.sleep(1)


async def main(url: str, token: str, after: str | None = None) -> None:
    """Print events until Ctrl-C."""
    async for event in follow(url, token, after):
        print(event["cursor"], event["type"], event["document"], flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
