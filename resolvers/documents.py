"""Documents: lists, one, and the life of a sales invoice from draft to posted."""

from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from domain.documents.document import Document
from domain.documents.drafts import DocumentDraft
from domain.documents.kinds import KINDS, Action
from domain.documents.lines import LineDraft
from domain.money import AMOUNT_MAX, NotANumber
from domain.problems import Path
from domain.text import text_to_find
from persistence.jobs import PRINT_DOCUMENT
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Info
from resolvers.fields import by_id, read, write
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.documents import (
    CreateSalesInvoiceInput,
    CreateSalesInvoicePayload,
    DiscardDocumentInput,
    DiscardDocumentPayload,
    DocumentFilter,
    DocumentSort,
    PostDocumentInput,
    PostDocumentPayload,
    SubmitDocumentInput,
    SubmitDocumentPayload,
    UpdateSalesInvoiceInput,
    UpdateSalesInvoicePayload,
)
from schema.documents import Document as DocumentType
from schema.mutations import drafted
from schema.node import Id, uuid_of, uuid_to_find
from schema.paging import ORDER, WHICH, After, Before, Connection, First, Last

INVOICE = KINDS["SALES_INVOICE"]
WRITE_SCOPES = ("sales:write", "purchase:write")


@strawberry.type
class DocumentQueries:
    """Reading documents."""

    @read(any_of=READ_SCOPES, description="Documents you may read, as a list.")
    def documents(
        self,
        info: Info,
        filter: Annotated[DocumentFilter | None, WHICH] = None,
        sort: Annotated[DocumentSort, ORDER] = DocumentSort.ISSUE_DATE_NEWEST,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[DocumentType]:
        """List documents."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("document", sort, _conditions(filter), page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One document; null if there is none.")
    def document(self, info: Info, id: Id) -> DocumentType | None:
        """Read one document."""
        return by_id("document", uuid_to_find("doc", id))  # type: ignore[return-value]


def _conditions(wanted: DocumentFilter | None) -> dict[tuple[str, str], object]:
    if wanted is None:
        return {}
    issued, due, gross = wanted.issue_date, wanted.due_date, wanted.gross
    return {
        ("kind", "any"): wanted.kind and [kind.value for kind in wanted.kind.in_],
        ("state", "any"): wanted.state and [state.value for state in wanted.state.in_],
        ("sold_to_id", "="): (
            None if wanted.sold_to is None else uuid_to_find("par", wanted.sold_to)
        ),
        ("number", "="): None if wanted.number is None else text_to_find(wanted.number),
        ("issue_date", ">="): issued and issued.from_,
        ("issue_date", "<="): issued and issued.to,
        ("due_sort", ">="): due and due.from_,
        ("due_sort", "<="): due and (due.to or (due.from_ and LAST_DAY)),
        ("gross_cents", ">="): _cents(gross.min if gross else None, ROUND_CEILING, "min"),
        ("gross_cents", "<="): _cents(gross.max if gross else None, ROUND_FLOOR, "max"),
    }


LAST_DAY = date.max - timedelta(days=1)
"""`due_sort` is infinity, asyncpg's date.max, where a document has no due date."""


def _cents(bound: Decimal | None, rounding: str, name: str) -> int | None:
    """Return a bound as cents, which the index of the sort by amount holds."""
    if bound is None:
        return None
    if not bound.is_finite():
        raise NotANumber(path=("filter", "gross", name))
    within = max(-AMOUNT_MAX, min(AMOUNT_MAX, bound))
    return int((within * 100).to_integral_value(rounding))


@strawberry.type
class DocumentMutations:
    """Writing documents."""

    @write(
        CreateSalesInvoicePayload, any_of=("sales:write",), description="Write an invoice as draft."
    )
    async def create_sales_invoice(self, work: UnitOfWork, input: CreateSalesInvoiceInput) -> UUID:
        """Make a draft."""
        terms = await work.tenants.terms(INVOICE)
        invoice = Document(
            id=work.new_id(),
            tenant_id=work.actor.tenant,
            kind=INVOICE,
            currency=terms.currency,
            draft=await _draft(work, input, terms.today),
            by=work.actor.user,
            at=work.now,
            today=terms.today,
        )
        work.documents.add(invoice)
        return invoice.id

    @write(
        UpdateSalesInvoicePayload, any_of=("sales:write",), description="Replace a draft's content."
    )
    async def update_sales_invoice(self, work: UnitOfWork, input: UpdateSalesInvoiceInput) -> UUID:
        """Change a draft, or a rejected invoice, which then is a draft again."""
        id = _document_id(input.id)
        invoice = await work.documents.locked(id, input.expected_version, Action.UPDATE)
        terms = await work.tenants.terms(invoice.definition)
        draft = await _draft(work, input, terms.today)
        invoice.update(
            draft, by=work.actor.user, at=work.now, today=terms.today, mode=terms.approval
        )
        return invoice.id

    @write(SubmitDocumentPayload, any_of=WRITE_SCOPES, description="Ask for approval (Einreichen).")
    async def submit_document(self, work: UnitOfWork, input: SubmitDocumentInput) -> UUID:
        """Submit."""
        id = _document_id(input.id)
        document = await work.documents.locked(id, input.expected_version, Action.SUBMIT)
        terms = await work.tenants.terms(document.definition)
        approval = document.submit(
            approval_id=work.new_id(),
            seller=terms.company,
            by=work.actor.user,
            at=work.now,
            mode=terms.approval,
        )
        work.approvals.add(approval)
        return document.id

    @write(
        PostDocumentPayload,
        any_of=("sales:post", "purchase:post"),
        description="Make a document final and give it its number (Buchen). It is then printed.",
    )
    async def post_document(self, work: UnitOfWork, input: PostDocumentInput) -> UUID:
        """Post."""
        id = _document_id(input.id)
        document = await work.documents.locked(id, input.expected_version, Action.POST)
        terms = await work.tenants.terms(document.definition)
        document.post(seller=terms.company, by=work.actor.user, at=work.now, mode=terms.approval)
        if input.accept_older_date:
            work.numbering.accept_older_date(document.id)
        work.later(PRINT_DOCUMENT, document.id)
        return document.id

    @write(DiscardDocumentPayload, any_of=WRITE_SCOPES, description="Throw a draft away.")
    async def discard_document(self, work: UnitOfWork, input: DiscardDocumentInput) -> UUID:
        """Discard."""
        id = _document_id(input.id)
        document = await work.documents.locked(id, input.expected_version, Action.DISCARD)
        terms = await work.tenants.terms(document.definition)
        document.discard(by=work.actor.user, at=work.now, mode=terms.approval)
        return document.id


def _document_id(id: str) -> UUID:
    return uuid_of("doc", id, "Document", ("input", "id"))


async def _draft(work: UnitOfWork, input: CreateSalesInvoiceInput, day: date) -> DocumentDraft:
    """Return the draft of an input, its partners and items found."""
    roles = {
        "sold_to": (input.sold_to, "soldTo"),
        "bill_to": (input.bill_to or input.sold_to, "billTo"),
        "ship_to": (input.ship_to or input.sold_to, "shipTo"),
    }
    ids = {
        role: (uuid_of("par", id, "Partner", ("input", name)), ("input", name))
        for role, (id, name) in roles.items()
    }
    partners = await work.partners.named(reversed(ids.values()))
    item_ids: list[tuple[UUID, Path]] = []
    lines: list[LineDraft] = []
    for place, line in enumerate(input.lines):
        path = ("input", "lines", str(place), "itemId")
        item = uuid_of("itm", line.item_id, "Item", path) if line.item_id else None
        if item is not None:
            item_ids.append((item, path))
        lines.append(drafted(LineDraft, line, item_id=item))
    return drafted(
        DocumentDraft,
        input,
        issue_date=input.issue_date or day,
        lines=tuple(lines),
        items=await work.items.named(item_ids),
        **{role: partners[id] for role, (id, _) in ids.items()},
    )
