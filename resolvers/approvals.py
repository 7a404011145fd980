"""Approvals: approve, reject, and what the caller may do with a document now."""

from uuid import UUID

import strawberry
from graphql import GraphQLResolveInfo

from domain.approvals import FourEyesViolation
from domain.documents.cancellation import AlreadyCancelled, CancellationFinal
from domain.documents.conversion import SourceCancelled
from domain.documents.facts import objection_obstacle, release_obstacle
from domain.documents.kinds import KINDS, Action, ApprovalMode, Kind, State
from domain.documents.life import BESIDE, BY_ITSELF, is_known, next_state
from domain.documents.posting import missing_to_post
from domain.identity import Actor
from domain.payments import Standing, settle_obstacle, unsettle_obstacle
from domain.problems import Problem
from persistence.reading.rows import Row
from persistence.unit_of_work import UnitOfWork
from resolvers.context import Context
from resolvers.fields import write
from resolvers.reading.loading import related
from schema.documents import AvailableAction
from schema.documents.verbs import (
    ApproveDocumentInput,
    ApproveDocumentPayload,
    RejectDocumentInput,
    RejectDocumentPayload,
)
from schema.node import uuid_of

APPROVE_SCOPES = ("sales:approve", "purchase:approve")


@strawberry.type
class ApprovalMutations:
    """Deciding about documents that wait."""

    @write(
        ApproveDocumentPayload,
        any_of=APPROVE_SCOPES,
        description="Approve a document that waits (Freigeben); never one you worked on.",
    )
    async def approve_document(self, work: UnitOfWork, input: ApproveDocumentInput) -> UUID:
        """Approve."""
        id = uuid_of("doc", input.id, "Document", ("input", "id"))
        document = await work.documents.locked(id, input.expected_version, Action.APPROVE)
        approval = await work.approvals.open_for(document)
        mode = (await work.tenants.terms(document.definition)).approval
        document.approve(approval, by=work.actor.user, at=work.now, note=input.note, mode=mode)
        return document.id

    @write(
        RejectDocumentPayload,
        any_of=APPROVE_SCOPES,
        description="Send a document back with a reason (Ablehnen).",
    )
    async def reject_document(self, work: UnitOfWork, input: RejectDocumentInput) -> UUID:
        """Reject."""
        id = uuid_of("doc", input.id, "Document", ("input", "id"))
        document = await work.documents.locked(id, input.expected_version, Action.REJECT)
        approval = await work.approvals.open_for(document)
        mode = (await work.tenants.terms(document.definition)).approval
        document.reject(approval, by=work.actor.user, at=work.now, reason=input.reason, mode=mode)
        return document.id


_FOR_GOOD = (Action.SUBMIT, Action.POST)
"""What asks for all that the law wants on the document."""


_NO_VERBS = {Action.READ, Action.CREATE, *BY_ITSELF, *BESIDE}


async def available_actions(row: Row, info: GraphQLResolveInfo[Context]) -> list[AvailableAction]:
    """Return what the caller may do with a document row now, and why not."""
    context: Context = info.context
    kind, state = KINDS[row.__dict__["kind"]], State(row.__dict__["state"])
    mode = (await context.approval_modes()).get(kind.name, ApprovalMode.NONE)
    authors = {each.id for each in await related(row, info.context, "authors")}
    return [
        _answer(
            context,
            action,
            _obstacle(context.actor, action, kind.name, state, mode, authors)
            or _obstacle_in(row, kind, action)
            or await _obstacle_beside(row, context, action, authors),
        )
        for action in Action
        if action not in _NO_VERBS and is_known(kind, action)
    ]


def _obstacle(
    actor: Actor,
    action: Action,
    kind: str,
    state: State,
    mode: ApprovalMode,
    authors: set[str],
) -> Problem | None:
    try:
        actor.demand(KINDS[kind], action)
        next_state(KINDS[kind], state, action, mode)
    except Problem as problem:
        return problem
    me = f"usr_{actor.user}"
    if action is Action.APPROVE and me in authors:
        return FourEyesViolation(author=me)
    return None


def _obstacle_in(row: Row, kind: Kind, action: Action) -> Problem | None:
    """Return what the document itself says against `action`."""
    columns = row.__dict__
    if action in _FOR_GOOD:
        return missing_to_post(kind, columns.__getitem__)
    number = columns["number"] or ""
    cancels, cancelled = columns["cancels_id"], columns["cancelled_by_id"]
    if action is Action.CANCEL and (cancels or cancelled):
        return CancellationFinal(number=number) if cancels else AlreadyCancelled(number=number)
    if action is Action.CONVERT and (cancels or cancelled):
        return SourceCancelled(number=number)
    return None


async def _obstacle_beside(
    row: Row, context: Context, action: Action, authors: set[str]
) -> Problem | None:
    """Return what payments and their blocks say against `action`, by the rules of the verbs."""
    columns = row.__dict__
    match action:
        case Action.SETTLE:
            return settle_obstacle(columns["number"], columns["open_cents"])
        case Action.UNSETTLE:
            return unsettle_obstacle(columns["number"], await _standing(row, context))
        case Action.RELEASE_PAYMENT:
            known = {UUID(each.partition("_")[2]) for each in authors}
            return release_obstacle(columns["payment_block"], known, context.actor.user)
        case Action.RECORD_OBJECTION:
            return objection_obstacle(columns["objected_at"])
        case _:
            return None


async def _standing(row: Row, context: Context) -> list[Standing]:
    """Return the allocations of a document, as far as it matters for taking them back."""
    columns = row.__dict__
    cancelled = await related(row, context, "cancels")
    found = []
    for each in await related(row, context, "allocations"):
        own, is_source = each.__dict__, each.__dict__["is_source"]
        by = columns["cancels_id" if is_source else "cancelled_by_id"]
        settled = cancelled if is_source else row
        found.append(
            Standing(
                number=(settled.__dict__["number"] if settled else None) or "",
                is_undone=own["is_undone"],
                is_by_cancellation=by is not None and own["counterpart_id"] == f"doc_{by}",
            )
        )
    return found


def _answer(context: Context, action: Action, obstacle: Problem | None) -> AvailableAction:
    return AvailableAction(
        action=action,
        allowed=obstacle is None,
        code=obstacle.code if obstacle else None,
        reason=obstacle.message(context.language) if obstacle else None,
    )
