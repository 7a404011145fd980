"""The development issuer hands tokens to anyone: it never stands where that would matter."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from tests.erp import Erp
from web.app import application
from web.development import USERS
from web.settings import Settings, SettingsWrong

DATABASE = {"NEUROERP_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
SECRET = {"NEUROERP_SECRET": "s" * 32}
REAL = {
    "NEUROERP_ISSUER": "https://idp.example",
    "NEUROERP_AUDIENCE": "neuroerp",
    "NEUROERP_JWKS_URL": "https://idp.example/jwks.json",
}
DEV_KEYS = {"NEUROERP_DEV_KEYS": "/tmp/keys"}
DEVELOPMENT = {"NEUROERP_MODE": "development"}

NEEDS_DEVELOPMENT = (
    "NEUROERP_DEV_KEYS starts the development issuer, which hands tokens to anyone;"
    " it needs NEUROERP_MODE=development."
)
NOT_BESIDE = (
    "The development issuer (NEUROERP_DEV_KEYS) does not start beside a real one"
    " (NEUROERP_ISSUER, NEUROERP_JWKS_URL). Set one of them only."
)
NO_PROVIDER = (
    "NEUROERP_ISSUER, NEUROERP_AUDIENCE, NEUROERP_JWKS_URL must name the identity provider."
)
NO_DATABASE = (
    "NEUROERP_DATABASE_URL must name a PostgreSQL database, such as"
    " postgresql://user:password@host/neuroerp."
)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({**DATABASE, **SECRET, **DEV_KEYS}, NEEDS_DEVELOPMENT),
        ({**DATABASE, **SECRET, **DEV_KEYS, **REAL}, NEEDS_DEVELOPMENT),
        (
            {**DATABASE, **SECRET, **DEV_KEYS, "NEUROERP_MODE": "production"},
            NEEDS_DEVELOPMENT,
        ),
        ({**DATABASE, **DEVELOPMENT, **DEV_KEYS, **REAL}, NOT_BESIDE),
        (
            {**DATABASE, **DEVELOPMENT, **DEV_KEYS, "NEUROERP_ISSUER": "https://idp.example"},
            NOT_BESIDE,
        ),
        (
            {**DATABASE, **DEVELOPMENT, **DEV_KEYS, "NEUROERP_JWKS_URL": "https://x"},
            NOT_BESIDE,
        ),
        ({**DATABASE, **SECRET}, NO_PROVIDER),
        ({**DATABASE, **DEVELOPMENT}, NO_PROVIDER),
        ({**DATABASE, **DEVELOPMENT, "NEUROERP_DEV_KEYS": ""}, NO_PROVIDER),
        (
            {**DATABASE, **SECRET, **REAL, "NEUROERP_AUDIENCE": ""},
            "NEUROERP_AUDIENCE must name the identity provider.",
        ),
        (
            {**DATABASE, **SECRET, **REAL, "NEUROERP_JWKS_URL": "file:///etc/passwd"},
            "NEUROERP_JWKS_URL must be an http or https address.",
        ),
        (
            {**DATABASE, **REAL},
            "NEUROERP_SECRET is missing: 32 random characters that sign links.",
        ),
        (
            {**DATABASE, **REAL, "NEUROERP_SECRET": "s" * 31},
            "NEUROERP_SECRET must have at least 32 characters.",
        ),
        (
            {**DATABASE, **REAL, **SECRET, "NEUROERP_MODE": "Development"},
            "NEUROERP_MODE is Development; it must be development or production.",
        ),
        (
            {**DATABASE, **REAL, **SECRET, "NEUROERP_PORT": "http"},
            "NEUROERP_PORT is http; it must be a number from 1 to 65535.",
        ),
        (
            {**DATABASE, **REAL, **SECRET, "NEUROERP_PORT": "²"},
            "NEUROERP_PORT is ²; it must be a number from 1 to 65535.",
        ),
        (
            {**DATABASE, **REAL, **SECRET, "NEUROERP_PORT": "65536"},
            "NEUROERP_PORT is 65536; it must be a number from 1 to 65535.",
        ),
        ({**REAL, **SECRET}, NO_DATABASE),
        ({**REAL, **SECRET, "NEUROERP_DATABASE_URL": "mysql://x/y"}, NO_DATABASE),
        ({**REAL, **SECRET, "NEUROERP_DATABASE_URL": "postgresql://[x"}, NO_DATABASE),
    ],
)
def test_settings_that_contradict_each_other_do_not_start(
    environment: dict[str, str], sentence: str
):
    """One sentence says which variable to mend."""
    with pytest.raises(SettingsWrong) as wrong:
        Settings.read(environment)

    assert str(wrong.value) == sentence


def test_nothing_set_means_production():
    """Who forgets the mode gets the safe one."""
    settings = Settings.read({**DATABASE, **SECRET, **REAL})

    assert (settings.mode, settings.is_development, settings.dev_keys) == (
        "production",
        False,
        None,
    )


def test_development_may_use_a_real_issuer_and_has_no_other_then():
    """Then nobody hands out tokens but the provider."""
    settings = Settings.read({**DATABASE, **DEVELOPMENT, **REAL})

    assert (settings.issuer, settings.dev_keys) == ("https://idp.example", None)


HANDING_OUT = ["/login", "/dev/users", "/dev/token", "/dev/jwks.json"]


async def status_of(app: Starlette, method: str, path: str) -> int:
    """Ask an application that was not started, so that it needs no database."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    await app(scope, receive, send)
    [status] = statuses
    return status


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("environment", [{**SECRET, **REAL}, {**DEVELOPMENT, **REAL}])
async def test_beside_a_real_issuer_there_is_nothing_that_hands_out_tokens(
    environment: dict[str, str], method: str
):
    """No /dev/… and no /login: not refused, not there."""
    app = application(Settings.read({**DATABASE, **environment}))

    statuses = {path: await status_of(app, method, path) for path in HANDING_OUT}

    paths = [route.path for route in app.routes if isinstance(route, Route | Mount)]
    assert [path for path in paths if path.startswith("/dev") or "login" in path] == []
    assert statuses == dict.fromkeys(HANDING_OUT, 404)


async def test_development_hands_a_token_to_each_demo_user(erp: Erp):
    """POST /dev/token with a known e-mail; the token opens the door for an hour."""
    url = erp.server.url
    async with erp.http.get(f"{url}/dev/users") as answer:
        known = [user["email"] for user in await answer.json()]
    async with erp.http.post(f"{url}/dev/token", json={"email": known[0]}) as answer:
        token = await answer.json()

    assert known == [user.email for user in USERS]
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3_600)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b"\xff",
        b"[" * 5_000,
        b'{"email": null}',
        b'{"email": "x@example"}',
        b'{"email": ["olga@weser.example"]}',
    ],
)
async def test_development_hands_no_token_to_anybody_else(erp: Erp, body: bytes):
    """400 and how to ask."""
    async with erp.http.post(f"{erp.server.url}/dev/token", data=body) as answer:
        found = await answer.json()

    assert (answer.status, found) == (
        400,
        {"error": "Name the email of a demo user; see /dev/users."},
    )


async def test_the_keys_that_development_publishes_are_public(erp: Erp):
    """No private part leaves the server."""
    async with erp.http.get(f"{erp.server.url}/dev/jwks.json") as answer:
        [key] = (await answer.json())["keys"]

    assert sorted(key) == ["alg", "crv", "kid", "kty", "use", "x", "y"]
