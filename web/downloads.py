"""Downloads: signed links to files, good for ten minutes, without a sign-in."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from domain.printing.links import LinkInvalid
from persistence.blobs import read_blob
from web.state import State


async def download_endpoint(request: Request) -> Response:
    """Answer GET /files/{token}."""
    state: State = request.app.state.neuroerp
    try:
        link = state.links.read(request.path_params["token"], state.services.clock())
    except LinkInvalid as problem:
        return PlainTextResponse(f"{problem.message()}\n", 403)
    content = await read_blob(state.database, link.tenant, link.file_hash)
    if content is None:
        return PlainTextResponse("This file does not exist any more.\n", 410)
    is_pdf = content.startswith(b"%PDF-")  # whatever else a stranger sent in is not shown here
    return Response(
        content,
        media_type="application/pdf" if is_pdf else "application/octet-stream",
        headers={
            "content-disposition": f"{'inline' if is_pdf else 'attachment'};"
            f" filename*=UTF-8''{quote(link.file_name)}",
            "cache-control": "private, no-store",
            "x-content-type-options": "nosniff",
            "content-security-policy": "sandbox",
            "referrer-policy": "no-referrer",
        },
    )
