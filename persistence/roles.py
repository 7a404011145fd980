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
    # Before PostgreSQL 16 every member may take on a role; since then it is a privilege of its own.
    privilege = "set" if connection.get_server_version().major >= 16 else "member"
    for role in ROLES:
        if not await connection.fetchval(
            f"select pg_has_role(current_user, $1, '{privilege}')", role
        ):
            await connection.execute(f"grant {role} to current_user")
    database = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(f"grant create on database {database} to {OWNER_ROLE}")
    await connection.execute(f"grant usage, create on schema public to {OWNER_ROLE}")
    if not await connection.fetchval(
        f"select pg_has_role($1, $2, '{privilege}')", OWNER_ROLE, SEARCH_ROLE
    ):
        await connection.execute(f"grant {SEARCH_ROLE} to {OWNER_ROLE}")
