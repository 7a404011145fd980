"""Number series of kinds that come after 0007, for the companies that exist already."""

from alembic import op

_EARLIEST = "2000-01-01"


def open_series(kind: str, series: str, prefix: str) -> None:
    """Give every company a yearly series for a kind; its ranges open by themselves."""
    template = f"{prefix}-{{year}}-{{seq:5}}"
    op.execute(
        "insert into number_series (tenant_id, id, series, kind, branch, valid_from, period_rule,"
        " fiscal_year_start_month, template, template_from, prefix, tenant_code, branch_code,"
        " created_at, updated_at, version)"
        f" select tenant_id, gen_random_uuid(), '{series}', '{kind}', '', '{_EARLIEST}', 'YEAR', 1,"
        f" '{template}', '{_EARLIEST}', '', '', '', now(), now(), 1 from tenant"
    )
    op.execute(
        "insert into number_template (tenant_id, series_id, valid_from, template)"
        f" select tenant_id, id, '{_EARLIEST}', template from number_series where kind = '{kind}'"
    )


def close_series(kind: str) -> None:
    """Take them away again."""
    op.execute(f"delete from number_range where kind = '{kind}'")
    op.execute(
        "delete from number_template t using number_series s where s.tenant_id = t.tenant_id"
        f" and s.id = t.series_id and s.kind = '{kind}'"
    )
    op.execute(f"delete from number_series where kind = '{kind}'")
