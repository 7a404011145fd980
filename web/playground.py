"""The playground (GraphiQL, built at installation) and, in development, signing in by a click."""

from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from web.development import TOKEN_SECONDS, USERS, user_of
from web.settings import Settings
from web.state import State
from web.story import playground_story

DIST = Path(str(files("web"))) / "client" / "dist"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " font-src 'self' data:; img-src 'self' data:; connect-src 'self'; worker-src 'self';"
    " manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _Client(StaticFiles):
    """The built client, with the headers a browser needs to keep it in its place."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if Path(path).name.startswith("."):
            return PlainTextResponse("Not found\n", 404)
        answer = await super().get_response(path, scope)
        forever = path.startswith("assets/")
        answer.headers["cache-control"] = (
            "public, max-age=31536000, immutable" if forever else "no-cache"
        )
        answer.headers["content-security-policy"] = _POLICY
        answer.headers["x-content-type-options"] = "nosniff"
        answer.headers["referrer-policy"] = "no-referrer"
        return answer


def playground_routes(settings: Settings) -> list[BaseRoute]:
    """Return the routes of the playground; those that hand out tokens in development only."""
    routes: list[BaseRoute] = []
    if settings.is_development and settings.dev_keys:
        routes += [
            Route("/login", _login),
            Route("/dev/users", _users),
            Route("/dev/token", _token, methods=["POST"]),
            Route("/dev/jwks.json", _keys),
            Route("/playground/story.json", _story),
        ]
    if (DIST / "index.html").exists():
        routes.append(Mount("/playground", _Client(directory=DIST, html=True)))
    else:
        routes.append(Route("/playground/", _not_built))
    return routes


async def _users(_request: Request) -> Response:
    return JSONResponse(
        [
            {
                "email": user.email,
                "name": user.name,
                "role": user.role,
                "tenant": user.company.name,
            }
            for user in USERS
        ]
    )


async def _token(request: Request) -> Response:
    """Hand out a token to anyone who names a demo user."""
    state: State = request.app.state.neuroerp
    try:
        asked = await request.json()
        user = user_of(str(asked["email"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        user = None
    if user is None or state.issuer is None:
        return JSONResponse({"error": "Name the email of a demo user; see /dev/users."}, 400)
    token = state.issuer.token(user)
    return JSONResponse(
        {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS},
        headers={"cache-control": "no-store"},
    )


async def _keys(request: Request) -> Response:
    state: State = request.app.state.neuroerp
    return JSONResponse(state.issuer.public_keys() if state.issuer else {"keys": []})


async def _story(_request: Request) -> Response:
    return JSONResponse(playground_story())


async def _login(_request: Request) -> Response:
    """Show the demo users; a click opens the playground signed in as one of them."""
    rows = "".join(
        f'<li><a href="/playground/?user={user.email}">{user.name}</a> '
        f"({user.role}, {user.company.name})<br><code>{user.email}</code></li>"
        for user in USERS
    )
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><title>NeuroERP: sign in</title>"
        "<meta name=viewport content='width=device-width'>"
        "<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;"
        "padding:0 1rem}li{margin:.6rem 0}code{color:#555}</style>"
        "<h1>Sign in (development)</h1><p>Demo users need no password. A program gets a token by "
        "<code>POST /dev/token</code> with <code>{&quot;email&quot;: &quot;…&quot;}</code>.</p>"
        f"<ul>{rows}</ul></html>",
        headers={
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline';"
            " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "cache-control": "no-store",
        },
    )


async def _not_built(_request: Request) -> Response:
    return PlainTextResponse(
        "The playground was not built at installation (make run says why); the API works.\n", 503
    )
