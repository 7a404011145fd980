"""Bearer tokens become actors: one verifier, RS256 and ES256 only, everything checked."""

import asyncio
import contextlib
import json
import logging
import re
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any
from uuid import UUID

import jwt

from domain.identity import SCOPES, Actor, Language, Unauthenticated
from persistence.database import Database
from persistence.identity import Rights, remember_user, scopes_of

ALGORITHMS = ("RS256", "ES256")
KEYS_SECONDS = 300
REFETCH_SECONDS = 10
KEYS_BYTES_MAX = 1_000_000
FETCH_TIMEOUT_SECONDS = 5
TOKEN_LENGTH_MAX = 8_192
ACCEPT_LANGUAGE_LENGTH_MAX = 500
SUBJECT_LENGTH_MAX = 255  # OpenID Connect Core 1.0, section 2; cut off, two could be the same
LEEWAY_SECONDS = 30
ACTORS_KEPT_MAX = 5_000
USERS_KEPT_MAX = 10_000
_LANGUAGE = re.compile(r"(de|en)(?:-[a-z0-9-]+)?(?: *; *q=([01](?:\.[0-9]{0,3})?))?")
_REQUIRED = ["exp", "iss", "aud", "sub"]

_log = logging.getLogger("neuroerp.auth")


class Keys:
    """The identity provider's public keys, from its JWKS address, fetched at most so often."""

    def __init__(self, fetch: Callable[[], dict[str, Any]]) -> None:
        self._fetch = fetch
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = -float("inf")
        self._lock = asyncio.Lock()

    async def key(self, key_id: str) -> jwt.PyJWK:
        """Return a key by its id; an unknown one is looked for again. Raises Unauthenticated."""
        if self._is_due(key_id):
            async with self._lock:
                if self._is_due(key_id):  # still: nobody fetched them while we waited
                    await self._refresh()
        if key_id not in self._keys:
            raise Unauthenticated(reason="the token is signed with an unknown key")
        return self._keys[key_id]

    def _is_due(self, wanted: str) -> bool:
        age = time.monotonic() - self._fetched_at
        return age > (KEYS_SECONDS if wanted in self._keys else REFETCH_SECONDS)

    async def _refresh(self) -> None:
        try:
            found = await asyncio.to_thread(self._fetch)
            self._keys = _signing_keys(found)
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            _log.warning("the keys of the identity provider cannot be read: %s", error)
        self._fetched_at = time.monotonic()


def _signing_keys(document: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    """Return the keys that sign, by id; keys of no use here may stand beside them.

    Keycloak publishes one for encryption (RSA-OAEP), others have curves that are unknown here.
    """
    keys: dict[str, jwt.PyJWK] = {}
    for key in document["keys"]:
        with contextlib.suppress(jwt.PyJWTError, ValueError, KeyError, TypeError):
            if key["kty"] in ("RSA", "EC") and key.get("use", "sig") == "sig":
                keys[str(key["kid"])] = jwt.PyJWK(key)
    return keys


def fetch_keys(address: str) -> Callable[[], dict[str, Any]]:
    """Return a function that reads a JWKS document from an http(s) address."""

    def fetch() -> dict[str, Any]:
        request = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310  the scheme is checked by the settings
        with urllib.request.urlopen(request, timeout=FETCH_TIMEOUT_SECONDS) as answer:  # noqa: S310
            found: dict[str, Any] = json.loads(answer.read(KEYS_BYTES_MAX))
            return found

    return fetch


@dataclass(frozen=True, slots=True)
class _Known:
    """An actor whose token was verified; it counts as long as the very same key is published."""

    actor: Actor
    key_id: str
    key: jwt.PyJWK


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A user as the token said that this process verified last."""

    user: UUID
    told: tuple[Any, ...]


@dataclass(slots=True)
class Verifier:
    """Makes actors of tokens of one issuer, for one audience.

    A signature costs as much as a small query, so actors are kept by token until it expires.
    """

    database: Database
    keys: Keys
    issuer: str
    audience: str
    tenant_claim: str
    _users: dict[tuple[UUID, str], _Remembered] = field(default_factory=dict)
    _actors: dict[tuple[str, Language], _Known] = field(default_factory=dict)

    async def actor(self, header: str | None, accept_language: str | None = None) -> Actor:
        """Return who sends `Authorization: Bearer …`. Raises Unauthenticated."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(reason="send a bearer token")
        place = (token.strip(), language_of(accept_language))
        if len(place[0]) > TOKEN_LENGTH_MAX:
            raise Unauthenticated(reason="the token is too long")
        known = self._actors.get(place)
        if known is not None and await self._counts(known):
            return known.actor
        self._actors.pop(place, None)
        verified = await self._verified(*place)
        if len(self._actors) >= ACTORS_KEPT_MAX:
            self._actors.clear()
        self._actors[place] = verified
        return verified.actor

    async def _counts(self, known: _Known) -> bool:
        unexpired = time.time() < known.actor.expires_at + LEEWAY_SECONDS
        return unexpired and await self.keys.key(known.key_id) is known.key

    async def _verified(self, token: str, language: Language) -> _Known:
        claims, key_id, key = await self._claims(token)
        tenant = _tenant(claims.get(self.tenant_claim))
        roles = _texts(claims.get("roles"))
        granted = set(_texts(claims.get("scope"))) & set(SCOPES)
        actor = Actor(
            tenant=tenant,
            user=await self._user(tenant, claims, roles, frozenset(granted)),
            roles=roles,
            scopes=scopes_of(tenant, roles) | granted,
            language=language,
            expires_at=float(claims["exp"]),
        )
        return _Known(actor, key_id, key)

    async def _claims(self, token: str) -> tuple[dict[str, Any], str, jwt.PyJWK]:
        try:
            head = jwt.get_unverified_header(token)
            if head.get("alg") not in ALGORITHMS:
                raise Unauthenticated(reason="the token is not signed with RS256 or ES256")
            key_id = str(head.get("kid"))
            key = await self.keys.key(key_id)
            if key.algorithm_name != head["alg"]:
                raise Unauthenticated(reason="the token does not fit its key")
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm_name],
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
            return claims, key_id, key
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(reason="the token has expired") from None
        except (jwt.PyJWTError, RecursionError, OverflowError):
            raise Unauthenticated(reason="the token is not valid here") from None

    async def _user(
        self, tenant: UUID, claims: dict[str, Any], roles: tuple[str, ...], granted: frozenset[str]
    ) -> UUID:
        subject = str(claims["sub"])
        if not 0 < len(subject) <= SUBJECT_LENGTH_MAX or not subject.isprintable():
            raise Unauthenticated(reason="the token is not valid here")
        email = _shown(claims.get("email")) or None
        name = _shown(claims.get("name")) or email or "Unnamed"
        issued = claims.get("iat")
        told = (name, email, roles, granted, issued)
        known = self._users.get((tenant, subject))
        if known is None or known.told != told:
            # Without a time of issue a token counts from when it is seen.
            at = min(time.time(), float(issued)) if issued is not None else time.time()
            rights = Rights(roles, granted, datetime.fromtimestamp(max(at, 0), UTC))
            user = await remember_user(
                self.database, tenant, self.issuer, subject, name, email, rights
            )
            if user is None:
                raise Unauthenticated(reason="the company of the token is not known here")
            if len(self._users) >= USERS_KEPT_MAX:
                self._users.clear()
            known = self._users[tenant, subject] = _Remembered(user, told)
        return known.user


def _tenant(claim: Any) -> UUID:
    try:
        return UUID(str(claim))
    except ValueError:
        raise Unauthenticated(reason="the token names no company") from None


def _shown(claim: Any) -> str:
    """Return a text to show to people; what cannot be printed becomes a blank."""
    text = claim if isinstance(claim, str) else ""
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _texts(claim: Any) -> tuple[str, ...]:
    if isinstance(claim, str):
        return tuple(claim.split())
    return tuple(str(each) for each in claim) if isinstance(claim, list) else ()


def language_of(accept_language: str | None) -> Language:
    """Return German where the caller prefers it to English, else English.

    >>> language_of("de-DE,de;q=0.9,en;q=0.8").value, language_of("en;q=0.5, de;q=0.4").value
    ('de', 'en')
    """
    weights: dict[str, float] = {}
    for wanted in (accept_language or "")[:ACCEPT_LANGUAGE_LENGTH_MAX].lower().split(","):
        if match := _LANGUAGE.fullmatch(wanted.strip()):
            weights[match[1]] = max(weights.get(match[1], 0), float(match[2] or 1))
    preferred = max(weights, key=weights.__getitem__, default="en")  # the first of equals
    return Language(preferred) if weights.get(preferred) else Language.EN
