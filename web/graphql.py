"""GraphQL over HTTP: a request in, bytes out (draft specification of GraphQL over HTTP, 2025).

Queries may come by GET, in the parameters of the address; whatever changes something is a POST.
"""

from typing import Any

import orjson
from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response

from domain.identity import Unauthenticated
from resolvers.execution import InvalidDocument, run, told
from web.bodies import BodyRefused, graphql_request
from web.state import State

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
MUTATION = OperationType.MUTATION


async def graphql_endpoint(request: Request) -> Response:
    """Answer a request to /graphql, in GraphQL's own form whatever happens."""
    media_type = _accepted(request.headers.get("accept", "*/*"))
    if media_type is None:
        return _answer({"errors": [_error(f"Accept {GRAPHQL} or {JSON}.")]}, JSON, 406)
    try:
        return await _answered(request, media_type)
    except Exception as error:  # a database that is away, mostly; Starlette would answer plain text
        return _answer({"errors": [told(error)]}, media_type, 500)


async def _answered(request: Request, media_type: str) -> Response:
    if request.method not in ("GET", "POST"):
        return _not_allowed("Send GraphQL requests by POST, or by GET.", media_type, "GET, POST")
    state: State = request.app.state.neuroerp
    try:
        actor = await state.verifier.actor(  # before the body, which a stranger could make long
            request.headers.get("authorization"), request.headers.get("accept-language")
        )
        asked = await graphql_request(request)
        plan = state.plans.plan(asked.query)
        if plan.is_subscription(asked.operation_name):
            raise GraphQLError("Subscriptions need a WebSocket (graphql-transport-ws).")
        if request.method == "GET" and plan.operation(asked.operation_name).operation is MUTATION:
            return _not_allowed("Send mutations by POST.", media_type, "POST")
    except BodyRefused as refusal:
        answer = _answer({"errors": [_error(str(refusal))]}, media_type, refusal.status)
        if refusal.status == 413:
            answer.headers["connection"] = "close"
        return answer
    except Unauthenticated as problem:
        answer = _answer({"errors": [told(problem)]}, media_type, 401)
        answer.headers["www-authenticate"] = "Bearer"
        answer.headers["connection"] = "close"
        return answer
    except InvalidDocument as invalid:
        return _refused([told(error) for error in invalid.errors], media_type)
    except GraphQLError as error:
        return _refused([told(error)], media_type)
    found = await run(state.context(actor), plan, asked.variables, asked.operation_name)
    return (
        _answer(found, media_type, 200)
        if "data" in found
        else _refused(found["errors"], media_type)
    )


def _accepted(accept: str) -> str | None:
    """Return the media type to answer in: the better one that the client takes."""
    kinds = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if GRAPHQL in kinds:
        return GRAPHQL
    return JSON if kinds & {JSON, "*/*", "application/*", ""} else None


def _not_allowed(sentence: str, media_type: str, allowed: str) -> Response:
    answer = _answer({"errors": [_error(sentence)]}, media_type, 405)
    answer.headers["allow"] = allowed
    return answer


def _refused(errors: list[dict[str, Any]], media_type: str) -> Response:
    """Answer a request that did not run: status 400, or 200 for clients of the older custom."""
    return _answer({"errors": errors}, media_type, 400 if media_type == GRAPHQL else 200)


def _answer(body: dict[str, Any], media_type: str, status: int) -> Response:
    return Response(
        orjson.dumps(body),
        status,
        media_type=f"{media_type}; charset=utf-8",
        headers={"cache-control": "no-store", "vary": "Accept"},
    )


def _error(sentence: str) -> dict[str, Any]:
    return {"message": sentence, "extensions": {"code": "BAD_REQUEST"}}
