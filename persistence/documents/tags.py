"""The tags that a company uses, so that each is spelled in one way."""

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

_NAMES = text("""
with recursive used(name) as (
  select min(name) from document_tag where tenant_id = :tenant
  union all
  select (select min(t.name) from document_tag t where t.tenant_id = :tenant and t.name > used.name)
  from used where used.name is not null
)
select name from used where name is not null
""")  # jumps from name to name by the index, however many documents have each


async def tag_names(work: "UnitOfWork") -> list[str]:
    """Return every tag that a document of this company has, in the order of the index."""
    found = await work.session.scalars(_NAMES, {"tenant": work.actor.tenant})
    return list(found)
