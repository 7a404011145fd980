"""Request bodies: bounded while they stream in, JSON or the GraphQL multipart form."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from domain.inbox import FILE_SIZE_MAX_MB
from schema.inbox import ReceivedFile

JSON_BYTES_MAX = 1_000_000
MULTIPART_BYTES_MAX = FILE_SIZE_MAX_MB * 1_048_576 + 100_000
FILES_MAX = 10


class BodyRefused(Exception):
    """The body cannot be used; `status` and the sentence say why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client wants run."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


async def graphql_request(request: Request) -> GraphQLRequest:
    """Read a GraphQL request. Raises BodyRefused."""
    if request.method == "GET":
        return _checked(_parameters(request))
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json":
        return _checked(await _json(request))
    if media_type == "multipart/form-data":
        return _checked(await _multipart(request))
    raise BodyRefused(
        415, "Send the request as application/json, or multipart/form-data with files."
    )


def _parameters(request: Request) -> Any:
    """Read the request from the address of a GET, where objects are written as JSON."""
    given: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        try:
            given[name] = orjson.loads(given.get(name) or "null")
        except orjson.JSONDecodeError as error:
            raise BodyRefused(400, f"The parameter {name} is not JSON: {error}.") from None
    return given


def bounded(receive: Receive, bytes_max: int) -> Receive:
    """Return `receive` that stops at a bound, before anything is kept in memory."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > bytes_max:
            raise BodyRefused(413, f"A request may have {bytes_max} bytes at the most.")
        return message

    return limited


def _bound_to(request: Request, bytes_max: int) -> Request:
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > bytes_max:
        raise BodyRefused(413, f"A request may have {bytes_max} bytes at the most.")
    return Request(request.scope, bounded(request.receive, bytes_max))


async def _json(request: Request) -> Any:
    body = await _bound_to(request, JSON_BYTES_MAX).body()
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyRefused(400, f"The body is not JSON: {error}.") from None


async def _multipart(request: Request) -> Any:
    """Read operations, map and files by the GraphQL multipart request specification."""
    limits = {"max_files": FILES_MAX, "max_fields": 3, "max_part_size": JSON_BYTES_MAX}
    try:
        async with _bound_to(request, MULTIPART_BYTES_MAX).form(**limits) as form:
            operations = orjson.loads(str(form.get("operations", "")))
            places = orjson.loads(str(form.get("map", "")))
            for name, paths in places.items():
                file = form[name]
                if not isinstance(file, UploadFile):
                    raise KeyError(name)
                received = await _received(file)
                for path in paths:
                    _put(operations, path.split("."), received)
            return operations
    except HTTPException as error:  # what Starlette makes of a form that it cannot read
        raise BodyRefused(400, f"The form cannot be read: {error.detail}") from None
    except (orjson.JSONDecodeError, KeyError, AttributeError, TypeError, IndexError, ValueError):
        raise BodyRefused(
            400, "The form must hold operations, map and the files that the map names."
        ) from None


async def _received(file: UploadFile) -> ReceivedFile:
    content = await file.read()
    return ReceivedFile(
        name=(file.filename or "unnamed").replace("\\", "/").rpartition("/")[2],
        media_type=(file.content_type or "application/octet-stream")[:100],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _put(operations: Any, path: list[str], file: ReceivedFile) -> None:
    place = operations
    for step in path[:-1]:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place[int(path[-1])] = file
    else:
        place[path[-1]] = file


def _checked(body: Any) -> GraphQLRequest:
    if not isinstance(body, dict):
        raise BodyRefused(400, "The body must be one JSON object with the key query.")
    query, variables = body.get("query"), body.get("variables")
    name, extensions = body.get("operationName"), body.get("extensions")
    if not isinstance(query, str):
        raise BodyRefused(400, "The key query must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise BodyRefused(400, "The key variables must be an object.")
    if name is not None and not isinstance(name, str):
        raise BodyRefused(400, "The key operationName must be a string.")
    if extensions is not None and not isinstance(extensions, dict):
        raise BodyRefused(400, "The key extensions must be an object.")
    return GraphQLRequest(query, variables, name)
