"""The life of a document: one transition table, read by rules, answers and docs alike."""

from domain.documents.kinds import Action, ApprovalMode, Kind, State
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
    (State.POSTED, Action.PROGRESS): State.POSTED,
    (State.POSTED, Action.CONVERT): State.POSTED,
    (State.POSTED, Action.AMEND): State.POSTED,
    (State.POSTED, Action.CLOSE_LINES): State.POSTED,
    (State.POSTED, Action.REOPEN_LINES): State.POSTED,
    (State.POSTED, Action.CANCEL): State.POSTED,
    (State.POSTED, Action.RECORD_OBJECTION): State.POSTED,
    (State.POSTED, Action.BLOCK_PAYMENT): State.POSTED,
    (State.POSTED, Action.RELEASE_PAYMENT): State.POSTED,
    (State.POSTED, Action.RECORD_SENT): State.POSTED,
    (State.POSTED, Action.RECORD_ANSWER): State.POSTED,
    (State.POSTED, Action.CONFIRM_RECEIVED): State.POSTED,
    (State.POSTED, Action.SETTLE): State.POSTED,
    (State.POSTED, Action.UNSETTLE): State.POSTED,
    **{
        (state, Action.REASSIGN): state
        for state in (State.DRAFT, State.PENDING, State.APPROVED, State.REJECTED, State.POSTED)
    },
}
"""Every step there is. Which of them a company takes, see `transitions`."""

BY_ITSELF = frozenset({Action.PROGRESS})
"""What nobody asks for: the system does it."""

_OF_THE_KIND = frozenset(action for state, action in TRANSITIONS if state is State.POSTED)
"""What a posted document allows only if its kind knows it."""

BESIDE = frozenset(
    {
        *(Action.TAG, Action.COMMENT, Action.EDIT_COMMENT, Action.REMOVE_COMMENT),
        *(Action.ATTACH_FILE, Action.REMOVE_FILE),
    }
)
"""What goes along with every document, whatever its life; it is in no table of states."""

NOTHING = "–"


class TransitionNotAllowed(Problem):
    """In the state {state} a document does not allow {action}. Possible now: {allowed_actions}."""

    state: str
    action: str
    allowed_actions: str


def transitions(mode: ApprovalMode) -> dict[tuple[State, Action], State]:
    """Return the table for a kind under `mode`: without approval a draft is posted in one step.

    What waits since before is still decided. Where approval is asked for, nothing is amended: an
    amendment is final at once, so it would go round the second pair of eyes. There the rest is
    closed, and a duplicate that says what is wanted now passes its own approval.
    """
    if mode is not ApprovalMode.NONE:
        return {step: state for step, state in TRANSITIONS.items() if step[1] is not Action.AMEND}
    direct = {step: state for step, state in TRANSITIONS.items() if step[1] is not Action.SUBMIT}
    return {**direct, (State.DRAFT, Action.POST): State.POSTED}


def allowed_actions(kind: Kind, state: State, mode: ApprovalMode) -> tuple[Action, ...]:
    """Return what somebody may do in `state`, in the order of the table."""
    return tuple(
        action
        for start, action in transitions(mode)
        if start is state and action not in BY_ITSELF and is_known(kind, action)
    )


def is_known(kind: Kind, action: Action) -> bool:
    """Say whether documents of `kind` ever allow `action`."""
    return action not in _OF_THE_KIND or action in kind.actions


def next_state(kind: Kind, state: State, action: Action, mode: ApprovalMode) -> State:
    """Return the state after `action`. Raises TransitionNotAllowed."""
    target = transitions(mode).get((state, action))
    if target is None or not is_known(kind, action):
        allowed = ", ".join(allowed_actions(kind, state, mode)) or NOTHING
        raise TransitionNotAllowed(
            state=state, action=action, allowed_actions=allowed, path=("input", "id")
        )
    return target
