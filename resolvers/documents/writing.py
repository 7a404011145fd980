"""Writing documents: create, update and amend for every kind, made from the table of kinds."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import strawberry

from domain.documents.document import Document
from domain.documents.drafts import DocumentDraft, PartyDraft
from domain.documents.kinds import KINDS, SALES, Action, Kind, PartyRole
from domain.documents.lines import LineDraft
from domain.documents.remainders import amend
from domain.partners import Address
from domain.problems import Path
from persistence.jobs import PRINT_DOCUMENT
from persistence.unit_of_work import UnitOfWork
from resolvers.fields import write
from schema.documents.inputs import INPUTS
from schema.mutations import drafted
from schema.node import uuid_of


def document_id(id: str, *path: str) -> UUID:
    """Return the id of a document in an input. Raises NotFound for one of another type."""
    return uuid_of("doc", id, "Document", ("input", *(path or ("id",))))


def line_id(id: str, path: Path) -> UUID:
    """Return the id of a line in an input. Raises NotFound for one of another type."""
    return uuid_of("lin", id, "Line", path)


def _create(kind: Kind) -> Any:
    async def create(self: Any, work: UnitOfWork, input: Any) -> UUID:
        terms = await work.tenants.terms(kind)
        new = Document.drafted(
            await _draft(work, kind, input, terms.today),
            id=work.new_id(),
            tenant_id=work.actor.tenant,
            kind=kind,
            currency=terms.currency,
            by=work.actor.user,
            at=work.now,
            today=terms.today,
        )
        await work.documents.refuse_second(new)
        work.documents.add(new)
        return new.id

    return _field(create, f"create{kind.event}", INPUTS[kind.name].create, kind)


def _update(kind: Kind) -> Any:
    async def update(self: Any, work: UnitOfWork, input: Any) -> UUID:
        document, upstream = await work.documents.locked_chain(
            document_id(input.id), input.expected_version, Action.UPDATE, kind
        )
        terms = await work.tenants.terms(kind)
        document.update(
            await _draft(work, kind, input, terms.today),
            by=work.actor.user,
            at=work.now,
            today=terms.today,
            mode=terms.approval,
            upstream=upstream,
        )
        await work.documents.refuse_second(document)
        return document.id

    return _field(update, f"update{kind.event}", INPUTS[kind.name].update, kind)


def _amend(kind: Kind) -> Any:
    async def change(self: Any, work: UnitOfWork, input: Any) -> UUID:
        document, upstream = await work.documents.locked_chain(
            document_id(input.id), input.expected_version, Action.AMEND, kind
        )
        terms = await work.tenants.terms(kind)
        before = amend(
            document,
            await _draft(work, kind, input, terms.today),
            by=work.actor.user,
            at=work.now,
            today=terms.today,
            reason=input.reason,
            upstream=upstream,
        )
        work.documents.keep_revision(before)
        await work.documents.refuse_second(document)
        if kind.printed_by_posting:
            work.later(PRINT_DOCUMENT, document.id)
        return document.id

    return _field(change, f"amend{kind.event}", INPUTS[kind.name].amend, kind)


_WORDS = {
    "create": "Write a new document as draft: {german}.",
    "update": "Replace the content of a draft: {german}. A rejected one becomes a draft again.",
    "amend": "Give a posted document its next revision, under the same number: {german}.",
}


def _field(function: Any, name: str, input: Any, kind: Kind) -> Any:
    verb = re.match("[a-z]+", name)[0]  # type: ignore[index]
    made = INPUTS[kind.name]
    payload = {"create": made.created, "update": made.updated, "amend": made.amended}[verb]
    function.__name__ = re.sub(r"(?=[A-Z])", "_", name).lower()
    function.__annotations__ |= {"input": input}
    describe = _WORDS[verb].format(german=kind.german)
    return write(payload, any_of=(f"{kind.side}:write",), description=describe)(function)


def _fields() -> Iterator[tuple[str, Any]]:
    for kind in KINDS.values():
        name = re.sub(r"(?=[A-Z])", "_", kind.event).lower()
        yield f"create{name}", _create(kind)
        yield f"update{name}", _update(kind)
        if kind.amendable:
            yield f"amend{name}", _amend(kind)


WritingMutations: Any = strawberry.type(type("WritingMutations", (), dict(_fields())))


async def _draft(work: UnitOfWork, kind: Kind, input: Any, day: date) -> DocumentDraft:
    """Return the draft of an input, its partners and items found."""
    parties = await _parties(work, kind, input)
    item_ids: list[tuple[UUID, Path]] = []
    lines: list[LineDraft] = []
    for place, line in enumerate(input.lines):
        path = ("input", "lines", str(place))
        item = uuid_of("itm", line.item_id, "Item", (*path, "itemId")) if line.item_id else None
        if item is not None:
            item_ids.append((item, (*path, "itemId")))
        known = line_id(line.id, (*path, "id")) if line.id else None
        lines.append(
            drafted(LineDraft, line, id=known or work.new_id(), is_new=known is None, item_id=item)
        )
    return drafted(
        DocumentDraft,
        input,
        issue_date=input.issue_date or day,
        lines=tuple(lines),
        items=await work.items.named(item_ids),
        parties=parties,
    )


async def _parties(work: UnitOfWork, kind: Kind, input: Any) -> dict[PartyRole, PartyDraft]:
    """Return whom each role names; on the sales side the customer stands in for the others."""
    wanted: dict[PartyRole, tuple[UUID, str]] = {}
    for role in kind.parties:
        name = _camel(role)
        given = getattr(input, role.value.lower())
        if given is None and kind.side == SALES:
            given, name = input.sold_to, "soldTo"
        wanted[role] = (uuid_of("par", given, "Partner", ("input", name)), name)
    partners = await work.partners.named(
        (id, ("input", name)) for id, name in reversed(wanted.values())
    )
    return {
        role: PartyDraft(partners[id], _address(input, role)) for role, (id, _) in wanted.items()
    }


def _address(input: Any, role: PartyRole) -> Address | None:
    typed = getattr(input, f"{role.value.lower()}_address")
    if typed is None:
        return None
    return drafted(Address, typed).checked(("input", f"{_camel(role)}Address"))


def _camel(role: PartyRole) -> str:
    head, *tail = role.value.lower().split("_")
    return head + "".join(word.title() for word in tail)
