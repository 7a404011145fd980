"""Settings from the environment; a wrong one is one sentence at the start."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from web.development import AUDIENCE, ISSUER

DEVELOPMENT = "development"
PRODUCTION = "production"
PORT_MAX = 65_535


class SettingsWrong(Exception):
    """A setting is missing or contradicts another one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs. The names of the variables stand in docs/configuration.md."""

    database_url: str
    mode: str
    host: str
    port: int
    issuer: str
    audience: str
    jwks_url: str
    tenant_claim: str
    secret: bytes
    allowed_origins: tuple[str, ...]
    dev_keys: str | None  # folder of the development issuer's key

    @property
    def is_development(self) -> bool:
        """Whether the development issuer and the playground's demo users exist."""
        return self.mode == DEVELOPMENT

    @staticmethod
    def read(environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment. Raises SettingsWrong with the sentence to show."""
        mode = environment.get("NEUROERP_MODE", PRODUCTION)
        if mode not in (DEVELOPMENT, PRODUCTION):
            raise SettingsWrong(f"NEUROERP_MODE is {mode}; it must be development or production.")
        port = environment.get("NEUROERP_PORT", "8000")
        if not re.fullmatch(r"\d{1,5}", port, re.ASCII) or not 1 <= int(port) <= PORT_MAX:
            raise SettingsWrong(
                f"NEUROERP_PORT is {port}; it must be a number from 1 to {PORT_MAX}."
            )
        return Settings(
            database_url=Settings.database_of(environment),
            mode=mode,
            host=environment.get("NEUROERP_HOST", "127.0.0.1"),
            port=int(port),
            secret=_secret(environment, mode),
            tenant_claim=environment.get("NEUROERP_TENANT_CLAIM", "tenant"),
            allowed_origins=tuple(environment.get("NEUROERP_ALLOWED_ORIGINS", "").split()),
            **_issuer(environment, mode),
        )

    @staticmethod
    def database_of(environment: Mapping[str, str] = os.environ) -> str:
        """Return the database's address alone. Raises SettingsWrong."""
        database = environment.get("NEUROERP_DATABASE_URL", "")
        if _scheme(database) not in ("postgresql", "postgres"):
            raise SettingsWrong(
                "NEUROERP_DATABASE_URL must name a PostgreSQL database, such as"
                " postgresql://user:password@host/neuroerp."
            )
        return database


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""


def _secret(environment: Mapping[str, str], mode: str) -> bytes:
    secret = environment.get("NEUROERP_SECRET", "")
    if secret and len(secret) < 32:
        raise SettingsWrong("NEUROERP_SECRET must have at least 32 characters.")
    if not secret and mode == PRODUCTION:
        raise SettingsWrong("NEUROERP_SECRET is missing: 32 random characters that sign links.")
    return secret.encode() or secrets.token_bytes(32)


def _issuer(environment: Mapping[str, str], mode: str) -> dict[str, Any]:
    """Return who signs tokens. The development issuer never stands beside a real one."""
    names = ("NEUROERP_ISSUER", "NEUROERP_AUDIENCE", "NEUROERP_JWKS_URL")
    issuer, audience, jwks_url = (environment.get(name) for name in names)
    dev_keys = environment.get("NEUROERP_DEV_KEYS") or None
    if dev_keys is not None:
        if mode != DEVELOPMENT:
            raise SettingsWrong(
                "NEUROERP_DEV_KEYS starts the development issuer, which hands tokens to anyone;"
                " it needs NEUROERP_MODE=development."
            )
        if issuer or jwks_url:
            raise SettingsWrong(
                "The development issuer (NEUROERP_DEV_KEYS) does not start beside a real one"
                " (NEUROERP_ISSUER, NEUROERP_JWKS_URL). Set one of them only."
            )
        return {
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "jwks_url": "",
            "dev_keys": dev_keys,
        }
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise SettingsWrong(f"{', '.join(missing)} must name the identity provider.")
    if _scheme(jwks_url or "") not in ("http", "https"):
        raise SettingsWrong("NEUROERP_JWKS_URL must be an http or https address.")
    return {"issuer": issuer, "audience": audience, "jwks_url": jwks_url, "dev_keys": None}
