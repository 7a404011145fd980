"""Users of a tenant, and which scopes their roles give them (Casbin)."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from uuid import NAMESPACE_URL, UUID, uuid5

import casbin
from casbin.util import key_match_func
from sqlalchemy import Column, String, UniqueConstraint, Update, or_, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from domain.identity import SCOPES
from persistence.catalog import identity, moment, personal, tenant_table
from persistence.database import Database
from persistence.reading.views import View, readable

app_user = tenant_table(
    "app_user",
    identity(),
    Column("issuer", String(500), nullable=False),
    Column("subject", String(255), nullable=False),
    personal("name", 200, subject="user", by="id", nullable=False),
    personal("email", 254, subject="user", by="id"),
    # What the newest token said; work that is done later, without a token, asks it.
    Column("roles", JSONB, nullable=False, server_default=text("'[]'")),
    Column("granted", JSONB, nullable=False, server_default=text("'[]'")),
    moment("rights_at", nullable=True),
    UniqueConstraint("tenant_id", "issuer", "subject"),
)

readable(View("user", app_user, prefix="usr"))


@cache
def _enforcer() -> casbin.Enforcer:
    policy = files("persistence") / "policy"
    enforcer = casbin.Enforcer(str(policy / "model.conf"), str(policy / "policy.csv"))
    enforcer.add_named_domain_matching_func("g", key_match_func)
    enforcer.build_role_links()
    return enforcer


@lru_cache(maxsize=1_000)
def scopes_of(tenant: UUID, roles: tuple[str, ...]) -> frozenset[str]:
    """Return the scopes that `roles` give in `tenant`, as Casbin's policy decides."""
    enforcer = _enforcer()
    return frozenset(
        scope
        for scope in SCOPES
        if any(enforcer.enforce(role, str(tenant), scope) for role in roles)
    )


def user_id(issuer: str, subject: str) -> UUID:
    """Return our opaque id of a provider's subject; the same person is always the same user."""
    return uuid5(NAMESPACE_URL, f"{issuer}\n{subject}")


@dataclass(frozen=True, slots=True)
class Rights:
    """What a token says of its bearer: roles, scopes granted beside them, and since when."""

    roles: tuple[str, ...]
    granted: frozenset[str]
    at: datetime


async def remember_user(
    database: Database,
    tenant: UUID,
    issuer: str,
    subject: str,
    name: str,
    email: str | None,
    rights: Rights | None = None,
) -> UUID | None:
    """Make the user known under the present name, so that documents can show who did what.

    `rights` replace older ones, whatever order tokens come in. Returns None, and keeps nothing, for
    a tenant that does not exist.
    """
    user = user_id(issuer, subject)
    async with database.session(tenant) as session:
        if not await session.scalar(text("select true from tenant")):  # its own row, or none
            return None
        row = {"name": name[:200], "email": email and email[:254]}
        statement = insert(app_user).values(
            tenant_id=tenant, id=user, issuer=issuer, subject=subject, **row
        )
        await session.execute(
            statement.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=row)
        )
        if rights is not None:
            await session.execute(_newer_rights(tenant, user, rights))
    return user


def _newer_rights(tenant: UUID, user: UUID, rights: Rights) -> Update:
    columns = app_user.c
    return (
        update(app_user)
        .where(
            columns.tenant_id == tenant,
            columns.id == user,
            or_(columns.rights_at.is_(None), columns.rights_at <= rights.at),
        )
        .values(roles=list(rights.roles), granted=sorted(rights.granted), rights_at=rights.at)
    )


async def scopes_now(database: Database, tenant: UUID, user: UUID) -> frozenset[str]:
    """Return what a user may do by the newest token that was seen, under the policy of today."""
    async with database.reading(tenant) as connection:
        row = await connection.fetchrow(
            "select roles::text, granted::text from app_user where tenant_id = $1 and id = $2",
            tenant,
            user,
        )
    roles, granted = (json.loads(each) for each in row) if row else ([], [])
    return scopes_of(tenant, tuple(roles)) | frozenset(granted)
