"""Columns of imports that come in groups: which contact, address, unit or supplier they fill."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLES = ("import_column", "import_problem")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("group_number", sa.Integer(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "group_number")
