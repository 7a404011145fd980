"""Lists a person can work with: search, tags, comments, attachments, more orders of documents.

Search lives in a schema of its own together with the extensions it needs, so that its functions and
operators are found under a pinned path. What is searched stands in tables of their own, so that
erasing a person deletes rows there and touches no document.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guarding import guard

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_PATH = "set search_path = pg_catalog, public, search, pg_temp"
_MOMENT = sa.DateTime(timezone=True)
_READ_BY_SEARCH = {
    "document": "tenant_id, id, kind, partner_id, issue_date, number_key",
    "document_search": "",
    "item_search": "",
    "number_allocation": "tenant_id, series, period, counter, number, document_id",
    "number_range": "tenant_id, series, period",
    "partner_search": "",
}
"""Tables that the search functions look at, and the columns they need; empty for all."""

# As 0004 made it, with one more column that only the database computes.
_REFUSE_FINAL = """
create or replace function refuse_change_of_final() returns trigger language plpgsql as $$
declare
  free text[] := string_to_array(tg_argv[0], ',') || array[{computed}];
begin
  if tg_op = 'UPDATE' then
    if old.kind = any (string_to_array(tg_argv[1], ','))
       and (old.kind, old.state, old.number, old.posting_date, old.created_at)
         is not distinct from (new.kind, new.state, new.number, new.posting_date, new.created_at)
    then return new;
    end if;
    if (to_jsonb(old) - free) = (to_jsonb(new) - free) then return new; end if;
  end if;
  raise exception '% of % is refused: posted is final', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $$
"""
_COMPUTED = "'due_sort', 'gross_cents'"

# Without operators, so that nobody asks for "all but"; a start of a word is enough.
_WORDS = f"""
create function search.words(query text) returns tsquery language sql immutable {_PATH} as $$
  select plainto_tsquery('german', query) || plainto_tsquery('simple', query) || coalesce((
    select string_agg(
      '''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || ''':*', ' & ')::tsquery
    from unnest(to_tsvector('simple', query))), ''::tsquery)
$$
"""

# Names weigh most, then goods, then remarks. 200,000 characters keep a vector below its 1 MB.
_VECTOR = f"""
create function search.vector(names text, goods text, remarks text) returns tsvector
language sql immutable {_PATH} as $$
  select setweight(to_tsvector('german', n) || to_tsvector('simple', n), 'A')
    || setweight(to_tsvector('german', g) || to_tsvector('simple', g), 'B')
    || setweight(to_tsvector('german', r) || to_tsvector('simple', r), 'C')
  from (select left(coalesce(names, ''), 20000) as n, left(coalesce(goods, ''), 40000) as g,
    left(coalesce(remarks, ''), 10000) as r) texts
$$
"""

_NOTE_DOCUMENTS = f"""
create function search.note_documents(mine uuid, ids uuid[]) returns void
language sql volatile {_PATH} as $$
  insert into document_search as known
    (tenant_id, document_id, kind, partner_id, issue_date, vector, trigram)
  select d.tenant_id, d.id, d.kind, d.partner_id, d.issue_date,
    search.vector(concat_ws(' ', p.names, d.external_number, d.customer_reference), l.goods,
      concat_ws(' ', d.note, d.opening_text, d.closing_text)),
    left(lower(concat_ws(' ', p.names, d.external_number, d.customer_reference)), 2000)
  from document d
  cross join lateral (
    select string_agg(distinct concat_ws(' ', name, city), ' ') as names from document_party p
    where p.tenant_id = d.tenant_id and p.document_id = d.id and p.role not in ('SELLER', 'BUYER')
  ) p
  cross join lateral (
    select string_agg(concat_ws(' ', item_number, description), ' ' order by position) as goods
    from document_line l where l.tenant_id = d.tenant_id and l.document_id = d.id
  ) l
  where d.tenant_id = mine and (ids is null or d.id = any(ids))
  on conflict (tenant_id, document_id) do update set kind = excluded.kind,
    partner_id = excluded.partner_id, issue_date = excluded.issue_date,
    vector = excluded.vector, trigram = excluded.trigram
  where (known.partner_id, known.issue_date, known.vector, known.trigram) is distinct from
    (excluded.partner_id, excluded.issue_date, excluded.vector, excluded.trigram)
$$
"""

_NOTE_PARTNERS = f"""
create function search.note_partners(mine uuid, ids uuid[]) returns void
language sql volatile {_PATH} as $$
  insert into partner_search as known (tenant_id, partner_id, vector, trigram)
  select p.tenant_id, p.id,
    search.vector(concat_ws(' ', p.number, p.name, c.names),
      concat_ws(' ', p.street, p.postcode, p.city, a.places),
      concat_ws(' ', p.email, p.vat_id, p.tax_number, p.partner_group)),
    left(lower(concat_ws(' ', p.number, p.name, p.city, c.names)), 2000)
  from partner p
  cross join lateral (
    select string_agg(name, ' ') as names from partner_contact c
    where c.tenant_id = p.tenant_id and c.partner_id = p.id
  ) c
  cross join lateral (
    select string_agg(concat_ws(' ', name, street, postcode, city), ' ') as places
    from partner_address a where a.tenant_id = p.tenant_id and a.partner_id = p.id
  ) a
  where p.tenant_id = mine and (ids is null or p.id = any(ids))
  on conflict (tenant_id, partner_id) do update
    set vector = excluded.vector, trigram = excluded.trigram
  where (known.vector, known.trigram) is distinct from (excluded.vector, excluded.trigram)
$$
"""

_NOTE_ITEMS = f"""
create function search.note_items(mine uuid, ids uuid[]) returns void
language sql volatile {_PATH} as $$
  insert into item_search as known (tenant_id, item_id, vector, trigram)
  select i.tenant_id, i.id,
    search.vector(concat_ws(' ', i.number, i.name), concat_ws(' ', i.gtin, i.item_group),
      s.names),
    left(lower(concat_ws(' ', i.number, i.name, s.names)), 2000)
  from item i
  cross join lateral (
    select string_agg(concat_ws(' ', item_number, item_name), ' ') as names from item_supplier s
    where s.tenant_id = i.tenant_id and s.item_id = i.id
  ) s
  where i.tenant_id = mine and (ids is null or i.id = any(ids))
  on conflict (tenant_id, item_id) do update
    set vector = excluded.vector, trigram = excluded.trigram
  where (known.vector, known.trigram) is distinct from (excluded.vector, excluded.trigram)
$$
"""

_DEFINER = f"""
language plpgsql stable security definer {_PATH}
set plan_cache_mode = force_custom_plan set enable_seqscan = off
set "pg_trgm.word_similarity_threshold" = 0.45
"""

# People leave out the zeros before a counter: INV-2026-00017 is inv-2026-17.
_BARE = f"""
create function search.bare(number text) returns text language sql immutable {_PATH} as $$
  select regexp_replace(lower(number), '0*([0-9]+[^0-9]*)$', '\\1')
$$
"""

# A number is found by its counter along the ledger's own index, whatever its prefix, padding or
# typing error, and by its start. Words come next, newest documents first; what only looks alike is
# looked for where the rest found too little.
_SEARCH_DOCUMENTS = f"""
create function search.documents(
  query text, kinds text[], partner uuid, issued_from date, issued_to date, hits integer
) returns table (id uuid, rank real) {_DEFINER} as $$
declare
  mine uuid := nullif(current_setting('app.tenant', true), '')::uuid;
  small text := lower(query);
  wanted tsquery := search.words(query);
  counted bigint := substring(query from '([0-9]{{1,15}})[^0-9]*$')::bigint;
  bare text := search.bare(query);
  only_digits boolean := query ~ '^[0-9]+$';
begin
  return query
  with numbered as (
    select a.document_id as id, 2 + similarity(search.bare(a.number), bare) as rank
    from number_range r join number_allocation a
      on a.tenant_id = mine and a.series = r.series and a.period = r.period and a.counter = counted
    where r.tenant_id = mine and a.document_id is not null
      and (only_digits or similarity(search.bare(a.number), bare) >= 0.4)
    union all
    (select d.id, case d.number_key when small then 4::real else 1.5::real end from document d
    where d.tenant_id = mine and length(small) >= 2 and d.number_key >= small
      and d.number_key < small || chr(1114111)
    order by d.number_key desc, d.id desc limit hits)
  ), worded as (
    select s.document_id as id, 1 + ts_rank_cd(s.vector, wanted, 32) as rank from (
      select * from document_search s
      where s.tenant_id = mine and s.vector @@ wanted and s.kind = any(kinds)
        and (partner is null or s.partner_id = partner)
        and s.issue_date >= coalesce(issued_from, '-infinity')
        and s.issue_date <= coalesce(issued_to, 'infinity')
      order by s.issue_date desc, s.document_id desc limit 1000
    ) s
  ), found as materialized (select * from numbered union all select * from worded),
  alike as (
    select s.document_id as id, word_similarity(small, s.trigram) as rank from (
      select * from document_search s
      where s.tenant_id = mine and small <% s.trigram and s.kind = any(kinds)
        and (partner is null or s.partner_id = partner)
        and s.issue_date >= coalesce(issued_from, '-infinity')
        and s.issue_date <= coalesce(issued_to, 'infinity')
        and (select count(*) from found) < hits
      order by s.issue_date desc, s.document_id desc limit 1000
    ) s
  )
  select d.id, max(f.rank)::real from (select * from found union all select * from alike) f
  join document d on d.tenant_id = mine and d.id = f.id
  where d.kind = any(kinds) and (partner is null or d.partner_id = partner)
    and d.issue_date >= coalesce(issued_from, '-infinity')
    and d.issue_date <= coalesce(issued_to, 'infinity')
  group by d.id, d.issue_date order by 2 desc, d.issue_date desc, d.id desc limit hits;
end $$
"""

_SEARCH_OTHERS = (
    """
create function search.{name}s(query text, hits integer) returns table (id uuid, rank real)
"""
    + _DEFINER
    + """ as $$
declare
  mine uuid := nullif(current_setting('app.tenant', true), '')::uuid;
  small text := lower(query);
  wanted tsquery := search.words(query);
begin
  return query
  with worded as materialized (
    select s.{name}_id as id, 1 + ts_rank_cd(s.vector, wanted, 32) as rank from (
      select * from {name}_search s where s.tenant_id = mine and s.vector @@ wanted limit 1000
    ) s
  ), alike as (
    select s.{name}_id as id, word_similarity(small, s.trigram) as rank from (
      select * from {name}_search s where s.tenant_id = mine and small <% s.trigram
        and (select count(*) from worded) < hits
      limit 1000
    ) s
  )
  select f.id, max(f.rank)::real from (select * from worded union all select * from alike) f
  group by f.id order by 2 desc, f.id limit hits;
end $$
"""
)

_NOTING = {
    "note_documents": _NOTE_DOCUMENTS,
    "note_partners": _NOTE_PARTNERS,
    "note_items": _NOTE_ITEMS,
}
_SEARCHING = {
    "documents(text, text[], uuid, date, date, integer)": _SEARCH_DOCUMENTS,
    "partners(text, integer)": _SEARCH_OTHERS.format(name="partner"),
    "items(text, integer)": _SEARCH_OTHERS.format(name="item"),
}
_ORDERS = ("number_key", "created_at", "updated_at")


def upgrade() -> None:
    op.execute(_REFUSE_FINAL.format(computed=f"{_COMPUTED}, 'number_key'"))
    op.add_column(
        "document",
        sa.Column(
            "number_key",
            sa.String(60, collation="C"),
            sa.Computed("coalesce(lower(number), chr(1114111))", persisted=True),
            nullable=False,
        ),
    )
    for name in _ORDERS:
        op.create_index(
            op.f(f"ix_document_tenant_id_{name}_id"), "document", ["tenant_id", name, "id"]
        )
    _make_companions()
    _make_search()


def _table(name: str, key: tuple[str, ...], *columns: Any, references: dict[str, str]) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *columns,
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.{'hash' if target == 'blob' else 'id'}"],
                name=op.f(f"fk_{name}_tenant_id_{column}"),
            )
            for column, target in references.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", *key, name=op.f(f"pk_{name}")),
    )


def _make_companions() -> None:
    _table(
        "document_tag",
        ("document_id", "name"),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        references={"document_id": "document", "added_by": "app_user"},
    )
    op.create_index(
        op.f("ix_document_tag_tenant_id_name_document_id"),
        "document_tag",
        ["tenant_id", "name", "document_id"],
    )
    _table(
        "document_comment",
        ("id",),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.Column("edited_at", _MOMENT, nullable=True),
        references={"document_id": "document", "author_id": "app_user"},
    )
    _table(
        "attachment",
        ("id",),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("attached_at", _MOMENT, nullable=False),
        sa.Column("attached_by", sa.Uuid(), nullable=False),
        references={"document_id": "document", "file_hash": "blob", "attached_by": "app_user"},
    )
    for name in ("document_comment", "attachment"):
        op.create_index(
            op.f(f"ix_{name}_tenant_id_document_id_id"), name, ["tenant_id", "document_id", "id"]
        )
    guard("document_tag", "select, insert, delete")
    guard("document_comment", "select, insert, update, delete")
    guard("attachment", "select, insert, delete")
    # What was attached to a posted document stays; more may be attached.
    op.execute(
        "create trigger posted_is_final before update or delete on attachment"
        " for each row execute function refuse_change_of_posted()"
    )


def _make_search() -> None:
    op.execute("create schema search")
    op.execute("create extension pg_trgm with schema search")
    op.execute("create extension btree_gin with schema search")
    op.execute("grant usage on schema search to neuroerp_app")
    op.execute("grant usage, create on schema search to neuroerp_search")
    for name in ("document", "partner", "item"):
        more = (
            sa.Column("kind", sa.String(40), nullable=False),
            sa.Column("partner_id", sa.Uuid(), nullable=False),
            sa.Column("issue_date", sa.Date(), nullable=False),
        )
        _table(
            f"{name}_search",
            (f"{name}_id",),
            sa.Column(f"{name}_id", sa.Uuid(), nullable=False),
            *(more if name == "document" else ()),
            sa.Column("vector", postgresql.TSVECTOR(), nullable=False),
            sa.Column("trigram", sa.String(2000), nullable=False),
            references={f"{name}_id": name},
        )
        op.create_index(
            f"ix_{name}_search_vector",
            f"{name}_search",
            ["tenant_id", "vector"],
            postgresql_using="gin",
        )
        op.create_index(
            f"ix_{name}_search_trigram",
            f"{name}_search",
            ["tenant_id", "trigram"],
            postgresql_using="gin",
            postgresql_ops={"trigram": "search.gin_trgm_ops"},
        )
        guard(f"{name}_search", "select, insert, update, delete")
    for table, columns in _READ_BY_SEARCH.items():
        op.execute(f"create policy search on {table} for select to neuroerp_search using (true)")
        chosen = f" ({columns})" if columns else ""
        op.execute(f"grant select{chosen} on {table} to neuroerp_search")
    op.execute("grant usage on schema public to neuroerp_search")
    op.execute(_WORDS)
    op.execute(_BARE)
    op.execute(_VECTOR)
    for name, text in _NOTING.items():
        op.execute(text)
        op.execute(f"revoke execute on function search.{name} from public")
        op.execute(f"grant execute on function search.{name} to neuroerp_app")
        op.execute(f"select search.{name}(tenant_id, null) from tenant")
    for name, text in _SEARCHING.items():
        op.execute(text)
        op.execute(f"revoke execute on function search.{name} from public")
        op.execute(f"grant execute on function search.{name} to neuroerp_app")
        op.execute(f"alter function search.{name} owner to neuroerp_search")
    op.execute("revoke create on schema search from neuroerp_search")


def downgrade() -> None:
    for name in _SEARCHING:
        op.execute(f"drop function search.{name}")
    for name in _NOTING:
        op.execute(f"drop function search.{name}")
    for table in _READ_BY_SEARCH:
        op.execute(f"drop policy search on {table}")
    for table, columns in _READ_BY_SEARCH.items():
        chosen = f" ({columns})" if columns else ""
        op.execute(f"revoke select{chosen} on {table} from neuroerp_search")
    for name in ("document", "partner", "item"):
        op.drop_table(f"{name}_search")
    op.execute("drop function search.vector")
    op.execute("drop function search.words")
    op.execute("drop function search.bare")
    op.execute("drop extension btree_gin")
    op.execute("drop extension pg_trgm")
    op.execute("drop schema search")
    for name in ("attachment", "document_comment", "document_tag"):
        op.drop_table(name)
    for name in reversed(_ORDERS):
        op.drop_index(op.f(f"ix_document_tenant_id_{name}_id"), "document")
    op.drop_column("document", "number_key")
    op.execute(_REFUSE_FINAL.format(computed=_COMPUTED))
