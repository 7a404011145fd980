"""Branches (Niederlassungen) of the company: where goods are, and who looks after a document."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from domain.countries import checked_country
from domain.journal import Recorder
from domain.problems import Problem
from domain.text import checked_text


class DuplicateBranch(Problem):
    """There is already a branch with the code {branch_code}."""

    branch_code: str


_LENGTH_MAX = {"code": 20, "name": 200, "street": 200, "postcode": 20, "city": 100, "country": 2}


@dataclass(frozen=True, slots=True)
class BranchDraft:
    """A branch as asked for; `code` is short and unique."""

    code: str
    name: str
    street: str
    postcode: str
    city: str
    country: str = "DE"


class Branch(Recorder):
    """A branch with its postal address."""

    entity_type = "branch"

    id: UUID
    tenant_id: UUID
    code: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    version: int

    def __init__(self, *, id: UUID, tenant_id: UUID, draft: BranchDraft) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self._take(draft)
        self.record("BranchCreated", action="CREATE")

    def update(self, draft: BranchDraft, *, at: datetime) -> None:
        """Replace the whole content; documents keep what they said before."""
        self.updated_at = at
        self._take(draft)
        self.record("BranchUpdated", action="UPDATE")

    def _take(self, draft: BranchDraft) -> None:
        checked = {
            field.name: checked_text(
                getattr(draft, field.name), _LENGTH_MAX[field.name], ("input", field.name)
            )
            for field in fields(draft)
        }
        checked_country(checked["country"], ("input", "country"))
        for name, text in checked.items():
            setattr(self, name, text)
