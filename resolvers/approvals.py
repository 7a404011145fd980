"""Approvals: approve, reject, and what the caller may do with a document now."""

from uuid import UUID

import strawberry
from graphql import GraphQLResolveInfo

from domain.approvals import FourEyesViolation
from domain.documents.cancellation import AlreadyCancelled, CancellationFinal
from domain.documents.conversion import SourceCancelled
from domain.documents.kinds import KINDS, Action, ApprovalMode, Kind, State
from domain.documents.life import BESIDE, BY_ITSELF, is_known, next_state
from domain.documents.posting import missing_to_post
from domain.identity import Actor
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
            or _obstacle_in(row, kind, action),
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


def _answer(context: Context, action: Action, obstacle: Problem | None) -> AvailableAction:
    return AvailableAction(
        action=action,
        allowed=obstacle is None,
        code=obstacle.code if obstacle else None,
        reason=obstacle.message(context.language) if obstacle else None,
    )
