"""The tables of the job library, without its notifying trigger.

A NOTIFY inside a business transaction takes a lock that all commits of the cluster queue for, so
workers are woken after the commit instead (persistence/feed.py).
"""

from typing import Any

from alembic import op
from pgqueuer.adapters.persistence.schema_ddl import render_install, render_uninstall
from pgqueuer.domain.settings import db_settings
from sqlalchemy.util import await_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = ("pgqueuer", "pgqueuer_log", "pgqueuer_statistics", "pgqueuer_schedules")


def upgrade() -> None:
    _execute(render_install(db_settings()))
    _execute("drop trigger tg_pgqueuer_changed on pgqueuer")
    for table in _TABLES:
        _execute(f"grant select, insert, update, delete on {table} to neuroerp_app")
        _execute(f"grant select on {table} to neuroerp_operator")
    _execute("grant usage, select on all sequences in schema public to neuroerp_app")
    _execute("grant select on all sequences in schema public to neuroerp_operator")


def downgrade() -> None:
    _execute(render_uninstall(db_settings()))


def _execute(sql: str) -> None:
    """Run several statements at once, which a prepared statement cannot."""
    driver: Any = op.get_bind().connection.driver_connection
    await_only(driver.execute(sql))
