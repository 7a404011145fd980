"""What every tenant's rows are guarded by: policies, privileges, immutability, the change view."""

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FULL = "select, insert, update, delete"
PRIVILEGES = {
    "app_user": "select, insert, update",
    "approval": "select, insert, update",
    "blob": "select, insert",
    "document": "select, insert, update",
    "document_author": _FULL,
    "document_line": _FULL,
    "document_party": _FULL,
    "document_tax": _FULL,
    "idempotency_key": _FULL,
    "inbox_item": "select, insert, update",
    "item": "select, insert, update",
    "journal": "select, insert",
    "journal_head": "select, update",
    "journal_private": "select, insert, delete",
    "kind_setting": "select",
    "number_allocation": "select, insert",
    "number_range": "select, insert, update",
    "partner": "select, insert, update",
    "printout": "select, insert",
    "tenant": "select",
}
"""What the application may do with each table; anything else the database refuses."""

_MINE = "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid"

_REFUSE = """
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% of % is refused: %', tg_op, tg_table_name, tg_argv[0]
    using errcode = 'restrict_violation';
end $$
"""

# A part may still be written by the very transaction that posts its document: xmin tells. The share
# lock makes a statement that saw a draft wait for its posting; a row moved away was a part of both.
_REFUSE_PARTS = """
create function refuse_change_of_posted() returns trigger language plpgsql as $$
declare
  posted boolean;
begin
  for posted in
    select d.state = 'POSTED' and d.xmin <> pg_current_xact_id()::xid from document d
    where (d.tenant_id = old.tenant_id and d.id = old.document_id)
       or (d.tenant_id = new.tenant_id and d.id = new.document_id)
    for share
  loop
    if posted then
      raise exception '% of % is refused: its document is posted', tg_op, tg_table_name
        using errcode = 'restrict_violation';
    end if;
  end loop;
  return case when tg_op = 'DELETE' then old else new end;
end $$
"""

_PARTS = ("document_party", "document_line", "document_tax", "document_author")

# Private values are looked up one by one: joined, PostgreSQL reads all of a company's for each row.
_CHANGES = """
create view journal_change with (security_invoker = true) as
select j.tenant_id, j.position, c.place::integer as place, c.change ->> 'field' as field,
  case when b.ref is null then c.change ->> 'before' else b.value end as before,
  case when a.ref is null then c.change ->> 'after' else a.value end as after,
  (b.ref is not null and b.value is null) or (a.ref is not null and a.value is null) as erased
from journal j
cross join lateral jsonb_array_elements(j.data -> 'facts' -> 'changes')
  with ordinality as c(change, place)
cross join lateral (select c.change -> 'before' ->> 'ref' as ref, (
  select p.value from journal_private p where p.tenant_id = j.tenant_id
  and p.ref = (c.change -> 'before' ->> 'ref')::uuid) as value) b
cross join lateral (select c.change -> 'after' ->> 'ref' as ref, (
  select p.value from journal_private p where p.tenant_id = j.tenant_id
  and p.ref = (c.change -> 'after' ->> 'ref')::uuid) as value) a
"""


def upgrade() -> None:
    for table, privileges in PRIVILEGES.items():
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
    op.execute("grant select on alembic_version to neuroerp_app, neuroerp_operator")
    op.execute(_REFUSE)
    op.execute(_REFUSE_PARTS)
    op.execute(
        "create trigger append_only before update or delete on journal"
        " for each row execute function refuse_change('the journal is append-only')"
    )
    op.execute(
        "create trigger append_only_all before truncate on journal"
        " for each statement execute function refuse_change('the journal is append-only')"
    )
    op.execute(
        "create trigger posted_is_final before update or delete on document for each row"
        " when (old.state = 'POSTED') execute function refuse_change('posted is final')"
    )
    for table in _PARTS:
        op.execute(
            f"create trigger posted_is_final before insert or update or delete on {table}"
            " for each row execute function refuse_change_of_posted()"
        )
    op.execute(_CHANGES)
    op.execute("grant select on journal_change to neuroerp_app, neuroerp_operator")


def downgrade() -> None:
    op.execute("drop view journal_change")
    for table in _PARTS:
        op.execute(f"drop trigger posted_is_final on {table}")
    op.execute("drop trigger posted_is_final on document")
    op.execute("drop trigger append_only on journal")
    op.execute("drop trigger append_only_all on journal")
    op.execute("drop function refuse_change_of_posted()")
    op.execute("drop function refuse_change()")
    op.execute("revoke select on alembic_version from neuroerp_app, neuroerp_operator")
    for table in PRIVILEGES:
        for policy in ("owner", "app", "operator"):
            op.execute(f"drop policy {policy} on {table}")
        op.execute(f"revoke all on {table} from neuroerp_app, neuroerp_operator")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
