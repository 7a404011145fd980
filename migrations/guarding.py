"""What guards every tenant's rows, for migrations that make a table after 0002."""

from alembic import op
from sqlalchemy import text

_MINE = "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid"


def guard(table: str, privileges: str) -> None:
    """Let the application do `privileges` with its own tenant's rows, and nothing else."""
    for statement in (
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy owner on {table} to neuroerp_owner using (true) with check (true)",
        f"create policy app on {table} to neuroerp_app using ({_MINE}) with check ({_MINE})",
        f"create policy operator on {table} for select to neuroerp_operator using (true)",
        f"grant {privileges} on {table} to neuroerp_app",
        f"grant select on {table} to neuroerp_operator",
    ):
        op.execute(text(statement))
