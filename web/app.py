"""The ASGI application: routes, and what lives as long as the process."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from persistence.database import UNREACHABLE
from web.downloads import download_endpoint
from web.graphql import graphql_endpoint
from web.playground import playground_routes
from web.settings import Settings
from web.state import State, running
from web.websocket import websocket_endpoint

_log = logging.getLogger("neuroerp")


def application(settings: Settings) -> Starlette:
    """Return the server's application."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with running(settings) as state:
            app.state.neuroerp = state
            yield

    routes: list[BaseRoute] = [
        Route("/graphql", graphql_endpoint, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        WebSocketRoute("/graphql", websocket_endpoint),
        Route("/files/{token}", download_endpoint),
        Route("/livez", _alive),
        Route("/readyz", _ready),
        Route("/metrics", _metrics),
        *playground_routes(settings),
        Route("/", lambda request: RedirectResponse("/playground/")),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _ready(request: Request) -> Response:
    """Say whether the database answers; a server without one lives, but is not ready."""
    state: State = request.app.state.neuroerp
    try:
        async with state.database.reading(None) as connection:
            version = await connection.fetchval("select version_num from alembic_version")
    except (*UNREACHABLE, asyncpg.PostgresError) as error:
        _log.warning("not ready: %s", error)
        return JSONResponse({"ready": False, "reason": "the database does not answer"}, 503)
    return JSONResponse({"ready": True, "migration": version})


async def _metrics(_request: Request) -> Response:
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})
