"""Reading documents: a list, one, and the flow of one."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from aiodataloader import DataLoader
from graphql import GraphQLResolveInfo

from domain.documents.kinds import PURCHASE, SALES
from domain.documents.match_sentences import block_sentence, sentence
from domain.documents.matching import from_text
from domain.documents.stated import block_of, findings_from_text
from domain.money import AMOUNT_MAX, NotANumber
from domain.problems import Path
from domain.text import text_to_find
from persistence.documents.flow import Place, flows_of
from persistence.reading.rows import Row
from persistence.reading.shape import Condition, Source
from resolvers.context import Context, Info
from resolvers.fields import by_id, read
from resolvers.identity import READ_SCOPES
from resolvers.paging import listing
from schema.documents import Document, DocumentKind, FlowNode
from schema.documents.filters import DocumentFilter, DocumentSort
from schema.documents.parts import MatchFinding, TaxFinding
from schema.node import Id, uuid_to_find
from schema.paging import ORDER, WHICH, After, Before, Connection, First, Last


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
    ) -> Connection[Document]:
        """List documents."""
        page = {"first": first, "after": after, "last": last, "before": before}
        return listing("document", sort, conditions_of(filter), page)  # type: ignore[return-value]

    @read(any_of=READ_SCOPES, description="One document; null if there is none.")
    def document(self, info: Info, id: Id) -> Document | None:
        """Read one document."""
        return by_id("document", uuid_to_find("doc", id))  # type: ignore[return-value]


def conditions_of(
    wanted: DocumentFilter | None, path: Path = ("filter",)
) -> dict[tuple[str, str], object]:
    """Return the tests of a filter by column and operator; None where nothing is asked.

    Raises NotANumber under `path`, where the filter stands.
    """
    if wanted is None:
        return {}
    issued, due, gross = wanted.issue_date, wanted.due_date, wanted.gross
    created, updated = wanted.created, wanted.updated
    return {
        ("kind", "any"): wanted.kind and [kind.value for kind in wanted.kind.in_],
        ("state", "any"): wanted.state and [state.value for state in wanted.state.in_],
        ("answer", "any"): wanted.answer and [answer.value for answer in wanted.answer.in_],
        ("partner_id", "="): _id("par", wanted.partner),
        ("bill_to_id", "="): _id("par", wanted.bill_to),
        ("responsible_id", "="): _id("usr", wanted.responsible),
        ("number", "="): None if wanted.number is None else text_to_find(wanted.number),
        ("number_key", "starts"): wanted.number_starts_with
        and text_to_find(wanted.number_starts_with),
        ("external_number", "="): (
            None if wanted.external_number is None else text_to_find(wanted.external_number)
        ),
        ("tags.name", "="): None if wanted.tag is None else text_to_find(wanted.tag),
        ("authors.user_id", "="): _id("usr", wanted.author),
        ("currency", "="): None if wanted.currency is None else text_to_find(wanted.currency),
        ("created_at", ">="): created and created.from_,
        ("created_at", "<="): created and created.to,
        ("updated_at", ">="): updated and updated.from_,
        ("updated_at", "<="): updated and updated.to,
        ("issue_date", ">="): issued and issued.from_,
        ("issue_date", "<="): issued and issued.to,
        ("due_sort", ">="): due and due.from_,
        ("due_sort", "<="): due and (due.to or (due.from_ and LAST_DAY)),
        ("gross_cents", ">="): _cents(
            gross.min if gross else None, ROUND_CEILING, (*path, "gross", "min")
        ),
        ("gross_cents", "<="): _cents(
            gross.max if gross else None, ROUND_FLOOR, (*path, "gross", "max")
        ),
        ("open_lines", ">="): 1 if wanted.has_open_lines else None,
        ("open_lines", "<="): 0 if wanted.has_open_lines is False else None,
        ("payment_block", "is set"): wanted.is_payment_blocked,
        ("sent_at", "is set"): wanted.is_sent,
        ("cancelled_by_id", "is set"): wanted.is_cancelled,
        ("is_overdue", "="): wanted.overdue,
        ("is_paid", "="): wanted.is_paid,
        # What lets an index find the few that are open among the many that are not:
        ("open_side", "any"): SIDES if wanted.overdue or wanted.is_paid is False else None,
    }


def _id(prefix: str, text: str | None) -> UUID | None:
    return None if text is None else uuid_to_find(prefix, text)


SIDES = [side.upper() for side in (SALES, PURCHASE)]

LAST_DAY = date.max - timedelta(days=1)
"""`due_sort` is infinity, asyncpg's date.max, where a document has no due date."""


def _cents(bound: Decimal | None, rounding: str, path: Path) -> int | None:
    """Return a bound as cents, which the index of the sort by amount holds."""
    if bound is None:
        return None
    if not bound.is_finite():
        raise NotANumber(path=path)
    within = max(-AMOUNT_MAX, min(AMOUNT_MAX, bound))
    return int((within * 100).to_integral_value(rounding))


def match_findings(row: Row, info: GraphQLResolveInfo[Context]) -> list[MatchFinding]:
    """Return what the match of a received invoice found."""
    return [
        MatchFinding(
            **{field.name: getattr(each, field.name) for field in fields(each)},
            message=sentence(each, info.context.language),
        )
        for each in from_text(row.__dict__["match_report"])
    ]


def payment_block_reason(row: Row, info: GraphQLResolveInfo[Context]) -> str | None:
    """Return why a received invoice must not be paid, for people."""
    known, language = row.__dict__, info.context.language
    block: str | None = known["payment_block"]
    return block and why_blocked(block, known["match_report"], known["tax_report"], language)


def why_blocked(block: str, match_report: str | None, tax_report: str | None, language: str) -> str:
    """Return why something is blocked: a sentence per finding, or what somebody wrote."""
    sentences = {each.name: sentence(each, language) for each in from_text(match_report)}
    for each in findings_from_text(tax_report):
        sentences[block_of(each)] = each.sentence(language)
    return block_sentence(block, sentences)


def findings(row: Row, info: GraphQLResolveInfo[Context]) -> list[TaxFinding]:
    """Return how stated net and tax of a received document differ from ours."""
    return [
        TaxFinding(
            **{field.name: getattr(each, field.name) for field in fields(each)},
            message=each.sentence(info.context.language),
        )
        for each in findings_from_text(row.__dict__["tax_report"])
    ]


class FlowLoader(DataLoader[UUID, list[FlowNode]]):
    """Loads the flow of all documents of a level by two statements."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    async def batch_load_fn(self, keys: list[UUID]) -> list[list[FlowNode]]:
        """Return the flow of each document."""
        snapshot = self._context.snapshot
        flows = await flows_of(snapshot, keys)
        ids = sorted({place.id for places in flows for place in places})
        source = Source("document", (Condition("id", "any", "ids"),), {"ids": ids})
        readable = {each.__dict__["id"]: each for each in await snapshot.rows(source, {})}
        return [[_shown(place, readable) for place in places] for places in flows]


async def flow(row: Row, info: GraphQLResolveInfo[Context]) -> list[FlowNode]:
    """Return the documents above and below a document; those of other sides by number only."""
    context: Context = info.context
    loader = context.loaders.setdefault((FlowLoader,), FlowLoader(context))
    found: list[FlowNode] = await loader.load(UUID(row.__dict__["id"].partition("_")[2]))
    return found


def _shown(place: Place, readable: Mapping[str, Row]) -> FlowNode:
    return FlowNode(
        id=strawberry.ID(f"doc_{place.id}"),
        kind=DocumentKind(place.kind),
        state=place.state,
        number=place.number,
        issue_date=place.issue_date,
        distance=place.distance,
        source_ids=[strawberry.ID(f"doc_{source}") for source in place.sources],
        document=readable.get(f"doc_{place.id}"),  # type: ignore[arg-type]
    )
