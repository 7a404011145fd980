"""The feed: which events of the journal a subscriber wants. Filters speak of facts only."""

import json
from dataclasses import dataclass
from uuid import UUID

from domain.journal import Row
from domain.problems import Problem


class SlowConsumer(Problem):
    """You read slower than events come. Resume from the cursor {cursor}."""

    cursor: str


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Conditions on the facts of an event; None lets everything pass."""

    entity_type: str
    entity_id: UUID | None = None
    kinds: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None

    def passes(self, row: Row, readable_kinds: tuple[str, ...]) -> bool:
        """Say whether a subscriber with these rights gets the event."""
        if row.entity_type != self.entity_type or self.entity_id not in (None, row.entity_id):
            return False
        facts = json.loads(row.body)["facts"]
        kind = facts.get("kind")
        return (
            (kind is None or kind in readable_kinds)
            and _among(kind, self.kinds)
            and _among(facts.get("action"), self.actions)
        )


def _among(value: str | None, wanted: tuple[str, ...] | None) -> bool:
    return wanted is None or value in wanted
