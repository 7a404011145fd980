"""The life of a document: one transition table, read by rules, answers and docs alike."""

from domain.documents.kinds import Action, ApprovalMode, State
from domain.problems import Problem

TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.UPDATE): State.DRAFT,
    (State.DRAFT, Action.SUBMIT): State.PENDING,
    (State.DRAFT, Action.DISCARD): State.DISCARDED,
    (State.PENDING, Action.APPROVE): State.APPROVED,
    (State.PENDING, Action.REJECT): State.REJECTED,
    (State.REJECTED, Action.UPDATE): State.DRAFT,
    (State.APPROVED, Action.POST): State.POSTED,
    (State.POSTED, Action.PRINT): State.POSTED,
}
"""Where an approval is asked for. Without one, see `transitions`."""


NOTHING = "–"


class TransitionNotAllowed(Problem):
    """In the state {state} a document does not allow {action}. Possible now: {allowed_actions}."""

    state: str
    action: str
    allowed_actions: str


def transitions(mode: ApprovalMode) -> dict[tuple[State, Action], State]:
    """Return the table for a kind under `mode`: without approval a draft is posted in one step.

    What waits since before is still decided.
    """
    if mode is not ApprovalMode.NONE:
        return TRANSITIONS
    direct = {step: state for step, state in TRANSITIONS.items() if step[1] is not Action.SUBMIT}
    return {**direct, (State.DRAFT, Action.POST): State.POSTED}


def allowed_actions(state: State, mode: ApprovalMode) -> tuple[Action, ...]:
    """Return what somebody may do in `state`, in the order of the table; printing is our own."""
    return tuple(
        action
        for start, action in transitions(mode)
        if start is state and action is not Action.PRINT
    )


def next_state(state: State, action: Action, mode: ApprovalMode) -> State:
    """Return the state after `action`. Raises TransitionNotAllowed."""
    target = transitions(mode).get((state, action))
    if target is None:
        allowed = ", ".join(allowed_actions(state, mode)) or NOTHING
        raise TransitionNotAllowed(
            state=state, action=action, allowed_actions=allowed, path=("input", "id")
        )
    return target
