"""Who acts and what they may do. Scopes open doors; (kind, action) decides per document."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.documents.kinds import KINDS, Action, Kind
from domain.problems import Problem

ADMIN = "admin:all"

SCOPES: tuple[str, ...] = (
    "sales:read",
    "sales:write",
    "sales:approve",
    "sales:post",
    "purchase:read",
    "purchase:write",
    "purchase:approve",
    "purchase:post",
    "periods:close",
    "periods:reopen",
    "docs:export",
    "docs:print",
    "docs:archive",
    "policy:read",
    "policy:write",
    ADMIN,
)

_VERB_OF_ACTION: dict[Action, str] = {
    Action.READ: "read",
    Action.CREATE: "write",
    Action.UPDATE: "write",
    Action.SUBMIT: "write",
    Action.DISCARD: "write",
    Action.APPROVE: "approve",
    Action.REJECT: "approve",
    Action.POST: "post",
    Action.CANCEL: "post",
    Action.CONVERT: "read",
    Action.AMEND: "write",
    Action.CLOSE_LINES: "write",
    Action.REOPEN_LINES: "write",
    Action.RECORD_SENT: "write",
    Action.RECORD_ANSWER: "write",
    Action.CONFIRM_RECEIVED: "write",
    Action.REASSIGN: "write",
    Action.RECORD_OBJECTION: "post",
    Action.BLOCK_PAYMENT: "write",
    Action.RELEASE_PAYMENT: "approve",
    Action.SETTLE: "post",
    Action.UNSETTLE: "post",
    Action.PROGRESS: "read",
    Action.TAG: "write",
    Action.COMMENT: "read",
    Action.EDIT_COMMENT: "read",
    Action.REMOVE_COMMENT: "read",
    Action.ATTACH_FILE: "write",
    Action.REMOVE_FILE: "write",
}

SCOPE_OF: dict[tuple[str, Action], str] = {
    (kind.name, action): "docs:print"
    if action is Action.PRINT
    else f"{kind.side}:{_VERB_OF_ACTION[action]}"
    for kind in KINDS.values()
    for action in Action
}
"""The one table that says which scope an action on a kind of document needs."""


class Language(StrEnum):
    """A language problems and prints speak."""

    EN = "en"
    DE = "de"


class Forbidden(Problem):
    """You need the scope {required_scope} for this."""

    required_scope: str


class Unauthenticated(Problem):
    """Sign in first: {reason}."""

    reason: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user of one tenant; `user` is our opaque id, never the provider's subject."""

    tenant: UUID
    user: UUID
    scopes: frozenset[str]
    roles: tuple[str, ...] = ()
    language: Language = Language.EN
    expires_at: float = float("inf")  # seconds since the epoch, from the token

    def has_any(self, scopes: tuple[str, ...]) -> bool:
        """Say whether one of `scopes` is held; no scopes asked for means: signed in is enough."""
        return not scopes or ADMIN in self.scopes or not self.scopes.isdisjoint(scopes)

    def demand(self, kind: Kind, action: Action) -> None:
        """Raise Forbidden unless this actor may do `action` on documents of `kind`."""
        scope = SCOPE_OF[kind.name, action]
        if not self.has_any((scope,)):
            raise Forbidden(required_scope=scope, path=("input", "id"))

    @property
    def readable_kinds(self) -> tuple[str, ...]:
        """Kinds of document this actor may read, sorted; part of what "same rights" means."""
        return tuple(sorted(name for name in KINDS if self.has_any((SCOPE_OF[name, Action.READ],))))


def scopes_left(at_start: frozenset[str], now: frozenset[str]) -> frozenset[str]:
    """Return what somebody who began with some scopes may still do, with those of now.

    A right that was taken meanwhile is gone; one that came meanwhile was not meant.

    >>> sorted(scopes_left(frozenset({"sales:post", "sales:read"}), frozenset({"sales:read"})))
    ['sales:read']
    >>> sorted(scopes_left(frozenset({ADMIN}), frozenset({"sales:read"})))
    ['sales:read']
    """
    if ADMIN in now:
        return at_start
    return now if ADMIN in at_start else at_start & now
