"""Tokens that are not good: none opens the door, and the answer says why in one sentence."""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.identity import Unauthenticated
from tests.erp import Answer, Erp, User
from tests.refused import unchanged
from web import auth
from web.auth import Keys, Verifier, fetch_keys
from web.development import AUDIENCE, ISSUER, KEY_ID

NOT_VALID = "Sign in first: the token is not valid here."
NOT_SIGNED = "Sign in first: the token is not signed with RS256 or ES256."
NO_COMPANY = "Sign in first: the token names no company."
MISSING = object()


def claims(erp: Erp, **changed: Any) -> dict[str, Any]:
    """Return good claims, some of them changed or missing."""
    facts = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "anna",
        "name": "Anna",
        "tenant": str(erp.tenant),
        "roles": ["admin"],
        "exp": int(time.time()) + 600,
        **changed,
    }
    return {name: value for name, value in facts.items() if value is not MISSING}


def signed(erp: Erp, headers: dict[str, Any] | None = None, **changed: Any) -> str:
    """Return a token of the right key with these claims."""
    return jwt.encode(
        claims(erp, **changed),
        erp.server.issuer._key,
        algorithm="ES256",
        headers={"kid": KEY_ID, **(headers or {})},
    )


def coded(part: Any) -> str:
    """Return a part of a token as text."""
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def forged(erp: Erp, **headers: Any) -> str:
    """Return a token whose signature is noise."""
    return ".".join([coded({"kid": KEY_ID, **headers}), coded(claims(erp)), coded(b"x" * 64)])


def _with_other_key(erp: Erp) -> str:
    other = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(claims(erp), other, algorithm="ES256", headers={"kid": KEY_ID})


def _with_rsa(erp: Erp) -> str:
    other = rsa.generate_private_key(65537, 2048)
    return jwt.encode(claims(erp), other, algorithm="RS256", headers={"kid": KEY_ID})


def _with_public_key_as_secret(erp: Erp) -> str:
    """Sign with HS256 and the text of the public key: the classic confusion of algorithms."""
    public = erp.server.issuer._key.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{coded({'alg': 'HS256', 'kid': KEY_ID})}.{coded(claims(erp))}"
    return f"{text}.{coded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def _with_changed_body(erp: Erp) -> str:
    head, _, signature = signed(erp).split(".")
    return f"{head}.{coded(claims(erp, sub='somebody else'))}.{signature}"


def _without_kid(erp: Erp) -> str:
    return jwt.encode(claims(erp), erp.server.issuer._key, algorithm="ES256")


def _with_own_key_inside(erp: Erp) -> str:
    other = ec.generate_private_key(ec.SECP256R1())
    key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(other.public_key()))
    headers = {"kid": KEY_ID, "jwk": key, "jku": "http://127.0.0.1:9/jwks.json"}
    return jwt.encode(claims(erp), other, algorithm="ES256", headers=headers)


NOW = int(time.time())
EXPIRED = "Sign in first: the token has expired."

BAD_TOKENS: dict[str, tuple[Any, str]] = {
    "expired": (lambda erp: signed(erp, exp=NOW - 60), EXPIRED),
    "expired since 1970": (lambda erp: signed(erp, exp=0), EXPIRED),
    "not good before tomorrow": (lambda erp: signed(erp, nbf=NOW + 86_400), NOT_VALID),
    "issued tomorrow": (lambda erp: signed(erp, iat=NOW + 86_400), NOT_VALID),
    "another key": (_with_other_key, NOT_VALID),
    "a key inside": (_with_own_key_inside, NOT_VALID),
    "noise for a signature": (lambda erp: forged(erp, alg="ES256"), NOT_VALID),
    "no signature": (lambda erp: signed(erp).rpartition(".")[0] + ".", NOT_VALID),
    "another body": (_with_changed_body, NOT_VALID),
    "alg none": (lambda erp: forged(erp, alg="none"), NOT_SIGNED),
    "alg NoNe without signature": (
        lambda erp: f"{coded({'alg': 'NoNe', 'kid': KEY_ID})}.{coded(claims(erp))}.",
        NOT_SIGNED,
    ),
    "no alg": (lambda erp: forged(erp), NOT_SIGNED),
    "a list of algs": (lambda erp: forged(erp, alg=["ES256"]), NOT_SIGNED),
    "HS256 with the public key": (_with_public_key_as_secret, NOT_SIGNED),
    "PS256": (lambda erp: forged(erp, alg="PS256"), NOT_SIGNED),
    "ES384": (lambda erp: forged(erp, alg="ES384"), NOT_SIGNED),
    "RS256 for an EC key": (_with_rsa, "Sign in first: the token does not fit its key."),
    "an unknown key": (
        lambda erp: signed(erp, {"kid": "unknown"}),
        "Sign in first: the token is signed with an unknown key.",
    ),
    "no kid": (_without_kid, "Sign in first: the token is signed with an unknown key."),
    "another audience": (lambda erp: signed(erp, aud="another"), NOT_VALID),
    "no audience": (lambda erp: signed(erp, aud=MISSING), NOT_VALID),
    "another issuer": (lambda erp: signed(erp, iss="https://evil.example"), NOT_VALID),
    "no issuer": (lambda erp: signed(erp, iss=MISSING), NOT_VALID),
    "no end": (lambda erp: signed(erp, exp=MISSING), NOT_VALID),
    "an end in words": (lambda erp: signed(erp, exp="tomorrow"), NOT_VALID),
    "no end of days": (lambda erp: signed(erp, exp=float("inf")), NOT_VALID),
    "no subject": (lambda erp: signed(erp, sub=MISSING), NOT_VALID),
    "a subject that is a number": (lambda erp: signed(erp, sub=1), NOT_VALID),
    "a subject of 256 characters": (lambda erp: signed(erp, sub="x" * 256), NOT_VALID),
    "an empty subject": (lambda erp: signed(erp, sub=""), NOT_VALID),
    "NUL in the subject": (lambda erp: signed(erp, sub="a\0b"), NOT_VALID),
    "no company": (lambda erp: signed(erp, tenant=MISSING), NO_COMPANY),
    "a company that is no UUID": (lambda erp: signed(erp, tenant="weser"), NO_COMPANY),
    "a company that is SQL": (lambda erp: signed(erp, tenant="' or true --"), NO_COMPANY),
    "two companies": (
        lambda erp: signed(erp, tenant=[str(erp.tenant), str(uuid.uuid4())]),
        NO_COMPANY,
    ),
    "too long": (
        lambda erp: signed(erp, roles=["x" * 9_000]),
        "Sign in first: the token is too long.",
    ),
    "a header of 3,000 brackets": (
        lambda erp: f"{coded(b'[' * 3_000)}.{coded(claims(erp))}.{coded(b'x')}",
        NOT_VALID,
    ),
    "a header that is a list": (lambda erp: f"{coded([])}.{coded({})}.{coded(b'x')}", NOT_VALID),
    "no token at all": (lambda erp: "token", NOT_VALID),
    "umlauts": (lambda erp: "ä.ö.ü", NOT_VALID),
    "dots": (lambda erp: "..", NOT_VALID),
}


async def knock(erp: Erp, authorization: str | None) -> Answer:
    """Send a harmless query with a header, or without one."""
    headers = {"accept": "application/graphql-response+json", "content-type": "application/json"}
    if authorization is not None:
        headers["authorization"] = authorization
    async with erp.http.post(
        f"{erp.server.url}/graphql", data=b'{"query": "{ me { id } }"}', headers=headers
    ) as answer:
        return Answer(answer.status, await answer.json(content_type=None), dict(answer.headers))


async def close_code(erp: Erp, payload: Any) -> tuple[int | None, str]:
    """Return with which code and reason a WebSocket is closed after `connection_init`."""
    address = f"{erp.server.url}/graphql"
    async with erp.http.ws_connect(address, protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json({"type": "connection_init", "payload": payload})
        message = await socket.receive(timeout=5)
        return socket.close_code, str(message.extra or "")


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_a_bad_token_opens_neither_http_nor_a_socket(erp: Erp, name: str):
    """401 and UNAUTHENTICATED with the reason; a socket is closed with 4401; nothing is kept."""
    make, sentence = BAD_TOKENS[name]
    token = make(erp)

    async with unchanged(erp):
        answer = await knock(erp, f"Bearer {token}")
        code, reason = await close_code(erp, {"authorization": f"Bearer {token}"})

    told = sentence.removeprefix("Sign in first: ").removesuffix(".")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.body == {
        "errors": [{"message": sentence, "extensions": {"code": "UNAUTHENTICATED", "reason": told}}]
    }
    assert (code, reason) == (4401, f"Unauthorized: {told}")
    assert (
        await erp.owner.fetchval("select count(*) from app_user where tenant_id = $1", erp.tenant)
        == 0
    )


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic YW5uYTpwYXNz", "bearer", "Token x"]
)
async def test_without_a_bearer_token_there_is_only_one_answer(erp: Erp, header: str | None):
    """The sentence asks for a bearer token."""
    answer = await knock(erp, header)

    assert (answer.status, answer.error_codes) == (401, ["UNAUTHENTICATED"])
    assert answer.body["errors"][0]["message"] == "Sign in first: send a bearer token."


@pytest.mark.parametrize(
    "payload", [None, {}, [], "x", {"authorization": None}, {"authorization": ["Bearer x"]}]
)
async def test_a_socket_without_a_token_is_closed(erp: Erp, payload: Any):
    """4401, whatever stands in the payload instead."""
    code, _ = await close_code(erp, payload)

    assert code == 4401


async def test_a_socket_that_asks_before_it_signs_in_is_closed(erp: Erp):
    """No operation runs on a socket without an actor."""
    address = f"{erp.server.url}/graphql"
    async with erp.http.ws_connect(address, protocols=["graphql-transport-ws"]) as socket:
        query = {"query": "{ me { id } }"}
        await socket.send_json({"type": "subscribe", "id": "1", "payload": query})
        await socket.receive(timeout=5)

    assert socket.close_code == 4401


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({}, id="as it should be"),
        pytest.param({"exp": lambda: time.time() - 5}, id="expired within the leeway of 30 s"),
        pytest.param({"nbf": lambda: time.time() + 5}, id="good in a moment"),
        pytest.param({"aud": ["another", AUDIENCE]}, id="several audiences"),
        pytest.param({"roles": "admin operator"}, id="roles as a text"),
        pytest.param({"name": MISSING}, id="no name"),
        pytest.param({"name": "A\u0000nna", "email": "a\u0000@x"}, id="NUL in the name"),
        pytest.param({"name": "x" * 1_000, "email": "y" * 1_000}, id="a long name"),
        pytest.param({"name": 7, "email": {"x": 1}}, id="a name that is none"),
        pytest.param({"sub": "x" * 255}, id="a subject of 255 characters"),
    ],
)
async def test_a_good_token_opens_the_door(erp: Erp, changed: dict[str, Any]):
    """What the claims say beside the needed ones is taken as it can be."""
    now = {name: value() if callable(value) else value for name, value in changed.items()}
    anna = User(erp, "anna", signed(erp, **now))

    me = (await anna.ask("{ me { tenantId scopes } }")).data["me"]

    assert me["tenantId"] == f"ten_{erp.tenant}"


async def test_a_company_that_does_not_exist_lets_nobody_in_and_keeps_nobody(erp: Erp):
    """Even a token of the right issuer; its user is not written down either."""
    unknown = uuid.uuid4()

    answer = await User(erp, "x", signed(erp, tenant=str(unknown))).ask("{ latestCursor }")

    assert (answer.status, answer.error_codes) == (401, ["UNAUTHENTICATED"])
    users = "select count(*) from app_user where tenant_id = $1"
    assert await erp.owner.fetchval(users, unknown) == 0


async def test_roles_and_scopes_that_nobody_defined_give_nothing(erp: Erp):
    """Only the policy's roles and the system's scopes count."""
    token = signed(erp, roles=["root", "Admin", "", "*"], scope="sales:everything * admin sales")

    me = (await User(erp, "x", token).ask("{ me { scopes } }")).data["me"]

    assert me == {"scopes": []}


# -- Keys -----------------------------------------------------------------------------------------


async def test_a_flood_of_unknown_keys_asks_the_provider_once_in_ten_seconds(monkeypatch):
    """Strangers cannot make the server hammer its identity provider, in a row or all at once."""
    fetched, clock = [], [1_000.0]
    monkeypatch.setattr(auth.time, "monotonic", lambda: clock[0])
    keys = Keys(lambda: fetched.append(clock[0]) or {"keys": []})

    async def ask(n: int) -> None:
        with pytest.raises(Unauthenticated, match="unknown key"):
            await keys.key(f"unknown {n}")

    for n in range(50):
        await ask(n)
    await asyncio.gather(*map(ask, range(50)))
    clock[0] += auth.REFETCH_SECONDS + 1
    await asyncio.gather(*map(ask, range(50)))

    assert fetched == [1_000.0, 1_011.0]


async def test_a_provider_that_fails_leaves_the_known_keys_in_use(monkeypatch):
    """An outage of the provider signs nobody out."""
    clock = [0.0]
    monkeypatch.setattr(auth.time, "monotonic", lambda: clock[0])
    answers: list[Any] = [rsa_keys(), OSError("down"), ValueError("no JSON"), {"kes": []}, []]

    def fetch() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    keys = Keys(fetch)
    for _ in range(5):
        assert (await keys.key("one")).algorithm_name == "RS256"
        clock[0] += auth.KEYS_SECONDS + 1

    assert answers == []


RSA = rsa.generate_private_key(65537, 2048)


def rsa_keys(*more: dict[str, Any]) -> dict[str, Any]:
    """Return a JWKS document with an RSA key of the id "one"."""
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key()))
    return {"keys": [*more, {**key, "kid": "one", "alg": "RS256", "use": "sig"}]}


class _Provider(BaseHTTPRequestHandler):
    document: bytes = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.document)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[tuple[str, type[_Provider]]]:
    """An identity provider that serves one document."""
    handler = type("Handler", (_Provider,), {"document": json.dumps(rsa_keys()).encode()})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/jwks.json", handler
    server.shutdown()
    thread.join()
    server.server_close()


def verifier(erp: Erp, address: str) -> Verifier:
    """Return a verifier that trusts the provider at this address."""
    database = erp.server.state.database
    return Verifier(database, Keys(fetch_keys(address)), "https://idp", "erp", "org")


def of_provider(erp: Erp, **changed: Any) -> str:
    """Return a token of the provider."""
    facts = {"iss": "https://idp", "aud": "erp", "org": str(erp.tenant), "tenant": MISSING}
    headers = {"kid": "one"}
    return jwt.encode(claims(erp, **facts, **changed), RSA, algorithm="RS256", headers=headers)


async def test_rs256_from_a_real_providers_address_works_end_to_end(erp: Erp, provider):
    """Issuer, audience and the name of the company's claim are settings."""
    address, _ = provider

    actor = await verifier(erp, address).actor(f"Bearer {of_provider(erp, roles=['operator'])}")

    assert actor.tenant == erp.tenant
    assert actor.roles == ("operator",)
    assert "sales:write" in actor.scopes
    assert "sales:post" not in actor.scopes


UNUSABLE_KEYS = [
    pytest.param({"kty": "RSA", "kid": "enc", "use": "enc", "alg": "RSA-OAEP"}, id="encryption"),
    pytest.param({"kty": "EC", "kid": "x", "crv": "P-999", "x": "AA", "y": "AA"}, id="odd curve"),
    pytest.param({"kty": "OKP", "kid": "x", "crv": "Ed25519", "x": "AA"}, id="Ed25519"),
    pytest.param({"kty": "oct", "kid": "x", "k": "c2VjcmV0"}, id="a secret"),
    pytest.param({"kty": "RSA", "kid": "x"}, id="no modulus"),
    pytest.param({"kid": "x"}, id="nothing but an id"),
    pytest.param({}, id="nothing"),
]


@pytest.mark.parametrize("other", UNUSABLE_KEYS)
async def test_keys_that_are_of_no_use_stand_in_nobodys_way(erp: Erp, provider, other):
    """Keycloak publishes an encryption key (RSA-OAEP) beside the one that signs."""
    address, handler = provider
    if other.get("use") == "enc":
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key()))
        other = {**public, **other}
    handler.document = json.dumps(rsa_keys(other)).encode()

    actor = await verifier(erp, address).actor(f"Bearer {of_provider(erp)}")

    assert actor.tenant == erp.tenant


@pytest.mark.parametrize(
    "document",
    [b"", b"<html>", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1]}', b" " * 1_100_000],
)
async def test_a_provider_that_publishes_nonsense_opens_nothing(erp: Erp, provider, document):
    """The token is refused and the server goes on."""
    address, handler = provider
    handler.document = document

    with pytest.raises(Unauthenticated, match="the token is signed with an unknown key"):
        await verifier(erp, address).actor(f"Bearer {of_provider(erp)}")


async def test_a_provider_that_is_not_there_opens_nothing(erp: Erp):
    """The token is refused and the server goes on."""
    with pytest.raises(Unauthenticated, match="the token is signed with an unknown key"):
        await verifier(erp, "http://127.0.0.1:9/").actor(f"Bearer {of_provider(erp)}")


async def test_a_provider_that_does_not_speak_http_opens_nothing(erp: Erp):
    """Something else that listens at the address is an unreadable provider."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unauthenticated, match="the token is signed with an unknown key"):
        await verifier(erp, f"http://127.0.0.1:{port}/").actor(f"Bearer {of_provider(erp)}")
    server.close()


async def test_a_token_that_was_good_before_is_verified_anew_once_its_key_is_withdrawn(
    erp: Erp, monkeypatch
):
    """Actors are kept by token, but no longer than the provider publishes the key."""
    clock, published = [1_000.0], [rsa_keys()]
    monkeypatch.setattr(auth.time, "monotonic", lambda: clock[0])
    door = Verifier(
        erp.server.state.database, Keys(lambda: published[0]), "https://idp", "erp", "org"
    )
    header = f"Bearer {of_provider(erp)}"
    first = await door.actor(header)

    assert await door.actor(header) is first
    published[0] = {"keys": []}
    clock[0] += auth.KEYS_SECONDS + 1
    with pytest.raises(Unauthenticated, match="unknown key"):
        await door.actor(header)


async def test_a_token_that_was_good_before_is_verified_anew_once_it_expires(erp: Erp, monkeypatch):
    """To the second, the leeway for clocks that differ included."""
    clock = [time.time()]
    door = Verifier(erp.server.state.database, Keys(rsa_keys), "https://idp", "erp", "org")
    header = f"Bearer {of_provider(erp, exp=int(clock[0]) - 1)}"
    first = await door.actor(header)
    monkeypatch.setattr(auth.time, "time", lambda: clock[0])

    assert await door.actor(header) is first
    clock[0] = first.expires_at + auth.LEEWAY_SECONDS
    assert await door.actor(header) is not first


async def test_two_subjects_are_never_the_same_user(erp: Erp):
    """Users are told apart by issuer and whole subject, within their company."""
    users = {
        (await User(erp, sub, signed(erp, sub=sub)).ask("{ me { id } }")).data["me"]["id"]
        for sub in ("a", "A", "a ", "x" * 255, "x" * 254)
    }

    assert len(users) == 5


async def test_an_expired_token_ends_the_socket(server: SimpleNamespace, erp: Erp):
    """A socket lives no longer than its token."""
    token = signed(erp, exp=time.time() + 1)
    address = f"{server.url}/graphql"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, protocols=["graphql-transport-ws"]) as socket,
    ):
        payload = {"authorization": f"Bearer {token}"}
        await socket.send_json({"type": "connection_init", "payload": payload})
        assert (await socket.receive_json(timeout=5))["type"] == "connection_ack"
        await socket.receive(timeout=5)

    assert socket.close_code == 4401
