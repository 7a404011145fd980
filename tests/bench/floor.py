"""The floor: bare Starlette and asyncpg doing by hand what a bench asks, and nothing else.

Same uvicorn, same event loop, same collector settings as `neuroerp serve`. What it leaves out:
bearer tokens, rights, a choice of fields, problems, reading an answer anew after the commit.
"""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.bench.floor_conversion import Conversion, convert
from tests.bench.floor_posting import Posting, post

APPLICATION, LOOKS_AT_ALL = "neuroerp_app", "neuroerp_operator"
CONNECTIONS = {APPLICATION: 24, LOOKS_AT_ALL: 16}  # as many as ours
TENANT = "select set_config('app.tenant', '{}', true)"

DOCUMENTS = """
select json_build_object('data', json_build_object('documents', json_build_object('nodes',
  coalesce(json_agg(json_build_object(
    'id', 'doc_' || d.id, 'kind', d.kind, 'state', d.state, 'number', d.number,
    'currency', d.currency, 'issueDate', d.issue_date::text, 'supplyDate', d.supply_date::text,
    'net', d.net::text, 'tax', d.tax::text, 'gross', d.gross::text,
    'updatedAt', to_char(d.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'partner', json_build_object('name', p.name),
    'lines', (
      select coalesce(json_agg(json_build_object(
        'description', l.description, 'quantity', trim_scale(l.quantity)::text,
        'net', l.net::text) order by l.position), '[]')
      from document_line l where l.tenant_id = d.tenant_id and l.document_id = d.id)
  ) order by d.issue_date desc, d.id desc), '[]'))))::text
from (
  select * from document where tenant_id = $1 order by issue_date desc, id desc limit $2
) d
join partner p on p.tenant_id = d.tenant_id and p.id = d.partner_id
"""


class _Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        """Reset nothing: every setting belongs to a transaction."""
        return ""


async def _pool(role: str) -> asyncpg.Pool:
    return await asyncpg.create_pool(
        os.environ["NEUROERP_DATABASE_URL"],
        min_size=1,
        max_size=CONNECTIONS[role],
        connection_class=_Connection,
        server_settings={"role": role, "timezone": "UTC", "jit": "off"},
    )


async def documents(request: Request) -> Response:
    """Read a list as the application does: in a transaction that is set to one tenant."""
    tenant, first = UUID(request.query_params["tenant"]), int(request.query_params["first"])
    async with request.app.state.pools[APPLICATION].acquire() as connection:
        await connection.execute(
            "begin isolation level repeatable read read only;" + TENANT.format(tenant)
        )
        found = await connection.fetchval(DOCUMENTS, tenant, first)
        await connection.execute("rollback")
    return Response(found, media_type="application/json")


async def documents_unguarded(request: Request) -> Response:
    """Read the same list by one statement, as a role that no row-level security confines."""
    tenant, first = UUID(request.query_params["tenant"]), int(request.query_params["first"])
    async with request.app.state.pools[LOOKS_AT_ALL].acquire() as connection:
        found = await connection.fetchval(DOCUMENTS, tenant, first)
    return Response(found, media_type="application/json")


async def post_document(request: Request) -> Response:
    """Post a document."""
    asked = orjson.loads(await request.body())
    async with request.app.state.pools[APPLICATION].acquire() as connection:
        answer = await post(connection, Posting.of(asked))
    return Response(orjson.dumps(answer), media_type="application/json")


async def convert_document(request: Request) -> Response:
    """Convert a document."""
    asked = orjson.loads(await request.body())
    async with request.app.state.pools[APPLICATION].acquire() as connection:
        answer = await convert(connection, Conversion.of(asked))
    return Response(orjson.dumps(answer), media_type="application/json")


_sockets: set[WebSocket] = set()


async def events(websocket: WebSocket) -> None:
    """Hold a socket that broadcasts go to."""
    await websocket.accept()
    _sockets.add(websocket)
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        _sockets.discard(websocket)


async def publish(request: Request) -> Response:
    """Answer, then send the body to every socket."""
    text = (await request.body()).decode()
    return PlainTextResponse("published", background=BackgroundTask(_broadcast, text))


async def _broadcast(text: str) -> None:
    for websocket in list(_sockets):
        await websocket.send_text(text)


async def ready(_request: Request) -> Response:
    """Say that we run."""
    return PlainTextResponse("ready")


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.pools = {role: await _pool(role) for role in CONNECTIONS}
    yield
    for pool in app.state.pools.values():
        await pool.close()


def main() -> None:
    """Serve with the settings of `neuroerp serve`."""
    routes: list[Any] = [
        Route("/documents", documents),
        Route("/documents-unguarded", documents_unguarded),
        Route("/post", post_document, methods=["POST"]),
        Route("/convert", convert_document, methods=["POST"]),
        Route("/publish", publish, methods=["POST"]),
        Route("/ready", ready),
        WebSocketRoute("/events", events),
    ]
    app = Starlette(routes=routes, lifespan=_lifespan)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    uvicorn.run(
        app,
        port=int(os.environ["NEUROERP_PORT"]),
        log_level="warning",
        ws_max_size=1_000_000,
        ws_ping_interval=5,
        ws_ping_timeout=5,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
