"""The playground: served by the installation alone, opened by a click, driven by a browser."""

import asyncio
import contextlib
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
import jwt
import pytest
import uvicorn
from graphql import parse, validate
from yarl import URL

from resolvers.api import API
from tests.conftest import _Server, cloned, free_port
from tests.programs import printed_by
from web.app import application
from web.client.build import Node, node_of_machine, node_of_wheel
from web.demonstration import ensure_demonstration
from web.development import AUDIENCE, ISSUER, TOKEN_SECONDS, USERS, DemoUser
from web.playground import DIST
from web.settings import Settings

BROWSING = Path(__file__).parent / "playground"
TABS = [
    "Follow",
    "WhoAmI",
    "Inbox",
    "Partners",
    "WriteAnInvoice",
    "Submit",
    "Approve",
    "Post",
    "Documents",
]

BUILT_FILE = re.compile(r"[\w.-]+-[\w-]{8}\.(?:js|css|ttf|woff2?|svg)\b")
STYLE_LOADS = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
SCRIPT_LOADS = re.compile(  # from another host
    r"""(?:\b(?:import|importScripts|fetch|Worker|WebSocket|EventSource)\s*\(\s*|\bfrom\s*"""
    r"""|\.(?:src|href)\s*=\s*)["'`]((?:\w+:)?//[^"'`]*)"""
)


@contextlib.asynccontextmanager
async def serving(**environment: str) -> AsyncIterator[str]:
    """Serve with these settings and yield the address."""
    port = free_port()
    app = application(Settings.read({**environment, "NEUROERP_PORT": str(port)}))
    server = _Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=3))
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


@pytest.fixture(scope="module")
async def demonstration(worker_id: str) -> AsyncIterator[str]:
    """A database with the demo companies."""
    async with cloned(f"playground_{worker_id}") as address:
        await ensure_demonstration(address)
        yield address


@pytest.fixture(scope="module")
async def development(
    demonstration: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A server in development mode, as `make run` starts it."""
    async with serving(
        NEUROERP_DATABASE_URL=demonstration,
        NEUROERP_MODE="development",
        NEUROERP_DEV_KEYS=str(tmp_path_factory.mktemp("keys")),
    ) as url:
        yield url


@pytest.fixture(scope="module")
async def production(demonstration: str, development: str) -> AsyncIterator[str]:
    """A server in production mode; the development server is its identity provider."""
    async with serving(
        NEUROERP_DATABASE_URL=demonstration,
        NEUROERP_SECRET="s" * 32,
        NEUROERP_ISSUER=ISSUER,
        NEUROERP_AUDIENCE=AUDIENCE,
        NEUROERP_JWKS_URL=f"{development}/dev/jwks.json",
    ) as url:
        yield url


@pytest.fixture
def built() -> Path:
    """The built client; `make run` and `make test` build it."""
    if not (DIST / "index.html").exists():
        assert not os.environ.get("CI"), "make test builds the playground before the tests"
        pytest.skip("The playground is not built: python -m web.client.build.")
    return DIST


# Everything comes from the installation.


async def test_whatever_the_page_loads_is_served_by_the_installation(
    development: str, http: aiohttp.ClientSession, built: Path
):
    """From the page on, every script, style and font is followed: all ours, none missing."""
    page = f"{development}/playground/"
    found: dict[str, str] = {}
    ahead = {page}
    while ahead:
        address = ahead.pop()
        async with http.get(address, allow_redirects=False) as answer:
            body = await answer.read()
        assert answer.status == 200, address
        found[address] = answer.headers["content-type"]
        named = {urljoin(address, name) for name in references_of(address, body)}
        assert {other for other in named if not other.startswith(page)} == set(), address
        ahead |= named - found.keys()

    names = {Path(urlsplit(address).path).name for address in found}
    assert names == {"playground", "favicon.svg", *os.listdir(built / "assets")}
    assert {Path(urlsplit(address).path).suffix: kind for address, kind in found.items()} == {
        "": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".ttf": "font/ttf",
        ".svg": "image/svg+xml",
    }


async def test_the_browser_is_told_to_load_nothing_from_elsewhere(
    development: str, http: aiohttp.ClientSession, built: Path
):
    """Should a script of ours try it nevertheless, the page's policy forbids it."""
    asset = next((built / "assets").glob("index-*.js")).name
    for path, caching in (
        ("", "no-cache"),
        (f"assets/{asset}", "public, max-age=31536000, immutable"),
    ):
        async with http.get(f"{development}/playground/{path}") as answer:
            page = await answer.text()
        assert policy_of(answer) == {
            "default-src": {"'none'"},
            "script-src": {"'self'"},
            "style-src": {"'self'", "'unsafe-inline'"},
            "font-src": {"'self'", "data:"},
            "img-src": {"'self'", "data:"},
            "connect-src": {"'self'"},
            "worker-src": {"'self'"},
            "manifest-src": {"'self'"},
            "base-uri": {"'none'"},
            "form-action": {"'none'"},
            "frame-ancestors": {"'none'"},
        }
        assert answer.headers["cache-control"] == caching
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert path or References(page).inline == 0


@pytest.mark.parametrize(
    "path",
    [".built-from", "assets/none.js", "..%2fbuild.py", "%2e%2e/build.py", "assets/..%2f..%2f"],
)
async def test_nothing_but_the_built_client_is_served(
    development: str, http: aiohttp.ClientSession, built: Path, path: str
):
    """No file beside it, and not what the build wrote down for itself."""
    async with http.get(URL(f"{development}/playground/{path}", encoded=True)) as answer:
        assert answer.status == 404


@pytest.mark.parametrize("path", ["/", "/playground"])
async def test_who_comes_to_the_door_is_led_to_the_playground(
    development: str, http: aiohttp.ClientSession, built: Path, path: str
):
    """Nobody needs to know the address by heart."""
    async with http.get(development + path) as answer:
        assert (answer.status, answer.url.path) == (200, "/playground/")


# Signing in by a click, in development only.


async def test_the_login_page_leads_each_demo_user_to_the_playground(
    development: str, http: aiohttp.ClientSession
):
    """All of them, with name, role and company; it loads nothing and cannot be framed."""
    async with http.get(f"{development}/login") as answer:
        page = await answer.text()

    links = [urlsplit(link) for link in References(page).found]
    assert {link.path for link in links} == {"/playground/"}
    assert [parse_qs(link.query)["user"] for link in links] == [[user.email] for user in USERS]
    for user in USERS:
        assert f">{user.name}</a> ({user.role}, {user.company.name})" in page
    assert policy_of(answer) == {
        "default-src": {"'none'"},
        "style-src": {"'unsafe-inline'"},
        "base-uri": {"'none'"},
        "form-action": {"'none'"},
        "frame-ancestors": {"'none'"},
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.email)
async def test_a_demo_user_gets_a_token_that_opens_the_door(
    development: str, http: aiohttp.ClientSession, user: DemoUser
):
    """It says who it is for, in which company and with which role, and is good for an hour."""
    token = await token_of(http, development, user.email)

    async with http.get(f"{development}/dev/jwks.json") as answer:
        [key] = (await answer.json())["keys"]
    claims = jwt.decode(
        token, jwt.PyJWK(key).key, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER
    )
    assert claims.pop("exp") - claims.pop("iat") == TOKEN_SECONDS
    assert claims == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": user.email,
        "name": user.name,
        "email": user.email,
        "tenant": str(user.company.id),
        "roles": [user.role],
    }
    async with http.post(
        f"{development}/graphql",
        json={"query": "{ me { roles } }"},
        headers={"authorization": f"Bearer {token}"},
    ) as answer:
        assert await answer.json() == {"data": {"me": {"roles": [user.role]}}}


async def test_the_story_has_its_operations_and_they_are_valid(
    development: str, http: aiohttp.ClientSession
):
    """Each tab is one operation of the schema with variables that are JSON."""
    async with http.get(f"{development}/playground/story.json") as answer:
        story = await answer.json()

    for step in story:
        assert validate(API._schema, parse(step["query"])) == [], step["title"]
        json.loads(step["variables"])
    assert [parse(step["query"]).definitions[0].name.value for step in story] == TABS


async def test_production_has_the_page_but_no_users_no_story_and_no_login(
    production: str, http: aiohttp.ClientSession, built: Path
):
    """Who has a token of the company's identity provider may use it; nobody is handed one."""
    statuses = {}
    for path in ("/playground/", "/playground/story.json", "/login", "/dev/users", "/dev/token"):
        async with (
            http.post(production + path)
            if path == "/dev/token"
            else http.get(production + path) as answer
        ):
            statuses[path] = answer.status

    assert statuses == {
        "/playground/": 200,
        "/playground/story.json": 404,
        "/login": 404,
        "/dev/users": 404,
        "/dev/token": 404,
    }
    assert [name for name, text in texts_of(built).items() if "@weser.example" in text] == []


# A person with a browser, without internet.


@pytest.mark.slow
async def test_a_person_follows_an_invoice_in_the_browser(
    development: str,
    production: str,
    http: aiohttp.ClientSession,
    built: Path,
    tmp_path: Path,
):
    """Signs in by a click, follows in one tab, writes an invoice in another, sees it arrive."""
    browser, node = browser_and_node()
    if not (BROWSING / "node_modules" / "playwright-core").exists():
        await printed_by(
            BROWSING,
            *node.npm,
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            **node.environment,
        )

    printed = await printed_by(
        BROWSING,
        str(node.node),
        "browse.mjs",
        BROWSER=browser,
        DEVELOPMENT_URL=development,
        PRODUCTION_URL=production,
        TOKEN=await token_of(http, development, "anke@weser.example"),
        PICTURES=str(tmp_path),
    )

    seen = json.loads(printed)
    assert seen.pop("complaints") == []
    assert seen.pop("hosts") == sorted(
        urlsplit(address).netloc for address in (development, production)
    )
    ids = {name: seen["development"].pop(name)[:4] for name in ("partner", "invoice")}
    assert ids == {"partner": "par_", "invoice": "doc_"}
    assert seen == {
        "development": {
            "user": "Adam Admin · admin · Landhandel Weser GmbH",
            "tabs": TABS,
            "event": "SalesInvoiceCreated",
            "actor": "Adam Admin",
            "next": "SalesInvoiceSubmitted",
            "role": "operator",
        },
        "production": {"users": 0, "role": "accountant"},
    }


def texts_of(folder: Path) -> dict[str, str]:
    """Return the texts of the built client by file."""
    files = [path for path in folder.rglob("*") if path.suffix in (".js", ".css", ".html")]
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def browser_and_node() -> tuple[str, Node]:
    """Return what drives the page, or skip; CI must have both."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    node = node_of_machine() or node_of_wheel()
    if browser is None or node is None:
        assert not os.environ.get("CI"), "this needs chromium and node, which CI must have"
        pytest.skip("A browser test needs chromium and node; neither is needed to run.")
    return browser, node


async def token_of(http: aiohttp.ClientSession, url: str, email: str) -> str:
    """Sign in as a demo user."""
    async with http.post(f"{url}/dev/token", json={"email": email}) as answer:
        token: str = (await answer.json())["access_token"]
        return token


def policy_of(answer: aiohttp.ClientResponse) -> dict[str, set[str]]:
    """Return the content security policy: what may be loaded from where."""
    policy = answer.headers["content-security-policy"]
    parts = [part.split() for part in policy.split(";")]
    return {name: set(sources) for name, *sources in parts}


class References(HTMLParser):
    """What a page loads or links to, and how much script stands in the page itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect src and href."""
        named = dict(attrs)
        self.found += [value for name in ("src", "href") if (value := named.get(name))]
        self.inline += tag == "script" and "src" not in named
        self.inline += sum(name.startswith("on") for name in named)


def references_of(address: str, body: bytes) -> set[str]:
    """Return the addresses that a page, a style sheet or a script names for loading."""
    if address.endswith("/"):
        return set(References(body.decode()).found)
    if address.endswith(".css"):
        named = {one or other for one, other in STYLE_LOADS.findall(body.decode())}
        return {name for name in named if not name.startswith("data:")}
    if address.endswith(".js"):
        ours = {f"/playground/assets/{file}" for file in BUILT_FILE.findall(body.decode())}
        return ours | set(SCRIPT_LOADS.findall(body.decode()))
    return set()
