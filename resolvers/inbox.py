"""The inbox: list, one, import a file, make a partner of its sender."""

import json
from typing import Annotated
from uuid import UUID

import strawberry
from graphql import GraphQLResolveInfo

from domain.inbox import InboxItem
from domain.partners import Partner
from domain.problems import PROBLEMS
from persistence.jobs import READ_INBOX_ITEM
from persistence.reading.rows import Row
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Context, Info
from resolvers.fields import by_id, read, write
from resolvers.paging import listing
from schema.inbox import (
    CreatePartnerFromInboxItemInput,
    CreatePartnerFromInboxItemPayload,
    ImportInboxFileInput,
    ImportInboxFilePayload,
    InboxFilter,
    InboxSort,
)
from schema.inbox import InboxItem as InboxItemType
from schema.node import Id, uuid_of, uuid_to_find
from schema.paging import ORDER, WHICH, After, Before, Connection, First, Last
from schema.problems import Told

INBOX_READ = ("purchase:read",)
INBOX_WRITE = ("purchase:write",)


@strawberry.type
class InboxQueries:
    """Reading the inbox."""

    @read(any_of=INBOX_READ, description="Received files as a list (Posteingang).")
    def inbox_items(
        self,
        info: Info,
        filter: Annotated[InboxFilter | None, WHICH] = None,
        sort: Annotated[InboxSort, ORDER] = InboxSort.NEWEST,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InboxItemType]:
        """List inbox items."""
        page = {"first": first, "after": after, "last": last, "before": before}
        states = filter and filter.state and [state.value for state in filter.state.in_]
        return listing("inbox_item", sort, {("state", "any"): states}, page)  # type: ignore[return-value]

    @read(any_of=INBOX_READ, description="One inbox item; null if there is none.")
    def inbox_item(self, info: Info, id: Id) -> InboxItemType | None:
        """Read one inbox item."""
        return by_id("inbox_item", uuid_to_find("inb", id))  # type: ignore[return-value]


def failure(row: Row, _info: GraphQLResolveInfo[Context]) -> Told | None:
    """Return the problem that ended the reading of a file, an import or a job."""
    return problem_of(row.__dict__["failure_code"], row.__dict__["failure_facts"])


def problem_of(code: str | None, facts: str | None) -> Told | None:
    """Return a problem that was kept as code and facts; None without a code."""
    problem = PROBLEMS.get(code or "")
    return None if problem is None else Told(problem(**json.loads(facts or "{}")))


@strawberry.type
class InboxMutations:
    """Writing the inbox."""

    @write(
        ImportInboxFilePayload,
        any_of=INBOX_WRITE,
        description="Take in a file. It is kept as it came, then read by a worker: watch"
        " `inboxEvents` for `InboxItemRead` or `InboxItemFailed`.",
    )
    async def import_inbox_file(self, work: UnitOfWork, input: ImportInboxFileInput) -> UUID:
        """Keep a file."""
        file = input.file
        item = InboxItem(
            id=work.new_id(),
            tenant_id=work.actor.tenant,
            file_name=file.name,
            media_type=file.media_type,
            file_hash=await work.blobs.keep(file.content),
            file_size=len(file.content),
            at=work.now,
        )
        work.inbox.add(item)
        work.later(READ_INBOX_ITEM, item.id)
        return item.id

    @write(
        CreatePartnerFromInboxItemPayload,
        any_of=INBOX_WRITE,
        description="Make a partner of the seller that a read e-invoice names.",
    )
    async def create_partner_from_inbox_item(
        self, work: UnitOfWork, input: CreatePartnerFromInboxItemInput
    ) -> UUID:
        """Make a partner."""
        id = uuid_of("inb", input.id, "InboxItem", ("input", "id"))
        item = await work.inbox.locked(id)
        supplier = item.supplier()
        await work.partners.refuse_second(supplier.address.vat_id, ("input", "id"))
        partner = Partner(
            id=work.new_id(),
            tenant_id=work.actor.tenant,
            number=await work.partners.next_number(),
            draft=supplier,
            inbox_item_id=item.id,
        )
        work.partners.add(partner)
        item.link(partner.id, at=work.now)
        return partner.id
