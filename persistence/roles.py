"""Database roles: who owns, who works, who may look at all tenants. Made once per cluster."""

import asyncpg

from persistence.database import APP_ROLE, OPERATOR_ROLE, OWNER_ROLE

SEARCH_ROLE = "neuroerp_search"
ROLES = (OWNER_ROLE, APP_ROLE, OPERATOR_ROLE, SEARCH_ROLE)


async def ensure_roles(connection: asyncpg.Connection) -> None:
    """Create the roles that are missing and let the owner create tables in this database.

    The connection's own user must be allowed to create roles, or find them made.
    """
    for role in ROLES:
        if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
            try:
                await connection.execute(f"create role {role} nologin nosuperuser nobypassrls")
            except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                continue  # somebody else starts on the same cluster right now
    for role in ROLES:
        member = await connection.fetchval("select pg_has_role(current_user, $1, 'set')", role)
        if not member:
            await connection.execute(f"grant {role} to current_user")
    database = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(f"grant create on database {database} to {OWNER_ROLE}")
    await connection.execute(f"grant usage, create on schema public to {OWNER_ROLE}")
    await connection.execute(f"grant {SEARCH_ROLE} to {OWNER_ROLE}")
