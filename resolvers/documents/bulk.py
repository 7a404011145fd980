"""Verbs for many documents at once: lock all, decide each, leave out what is refused."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from uuid import UUID

import strawberry

from domain.bulk import Outcome
from domain.documents.conversion import convert
from domain.documents.document import Document
from domain.documents.drafts import check_issue_date
from domain.documents.facts import reassign
from domain.documents.kinds import KINDS, Action
from domain.documents.upstream import Upstream
from domain.problems import NotFound, Path, Problem
from persistence.unit_of_work import UnitOfWork
from resolvers.approvals import APPROVE_SCOPES
from resolvers.bulk import check_count, write_each
from resolvers.documents.conditions import (
    ask_for_suppliers,
    held_to_post,
    look_at_partners,
    outlook_for,
)
from resolvers.documents.jobs import start_printing
from resolvers.documents.life import discard, post, submit
from resolvers.documents.makings import ask_for_makings, making, making_of
from resolvers.documents.verbs import POST_SCOPES, WRITE_SCOPES
from resolvers.documents.writing import document_id
from resolvers.printing import PRINT_SCOPES
from schema.documents.bulk import (
    ApproveDocumentsInput,
    ApproveDocumentsPayload,
    ConvertDocumentsInput,
    ConvertDocumentsPayload,
    CreateInvoicesInput,
    CreateInvoicesPayload,
    DiscardDocumentsInput,
    DiscardDocumentsPayload,
    DocumentsInput,
    PostDocumentsInput,
    PostDocumentsPayload,
    PrintDocumentsInput,
    PrintDocumentsPayload,
    ReassignDocumentsInput,
    ReassignDocumentsPayload,
    SubmitDocumentsInput,
    SubmitDocumentsPayload,
)
from schema.node import uuid_of

Verb = Callable[[Document, Upstream], Awaitable[UUID]]
Named = tuple[UUID, Path] | NotFound
"""The id of a document with its place in the input, or that it is none."""


@strawberry.type
class BulkMutations:
    """What is done with many documents."""

    @write_each(
        SubmitDocumentsPayload, any_of=WRITE_SCOPES, description="Ask for approval of many."
    )
    async def submit_documents(
        self, work: UnitOfWork, input: SubmitDocumentsInput
    ) -> Sequence[Outcome]:
        """Submit."""
        found, upstream = await _locked(work, named_documents(input), Action.SUBMIT)
        documents = _documents(found)
        await look_at_partners(work, documents)
        await ask_for_suppliers(work, documents)
        return await _decided(work, found, upstream, lambda each, _: submit(work, each))

    @write_each(
        ApproveDocumentsPayload,
        any_of=APPROVE_SCOPES,
        description="Approve many documents that wait; never one you worked on.",
    )
    async def approve_documents(
        self, work: UnitOfWork, input: ApproveDocumentsInput
    ) -> Sequence[Outcome]:
        """Approve."""
        found, upstream = await _locked(work, named_documents(input), Action.APPROVE)
        asked = await work.approvals.open_for_each(_documents(found))

        async def approve(document: Document, _: Upstream) -> UUID:
            document.approve(
                asked.get(document.id),
                by=work.actor.user,
                at=work.now,
                note=input.note,
                mode=(await work.tenants.terms(document.definition)).approval,
            )
            return document.id

        return await _decided(work, found, upstream, approve)

    @write_each(
        PostDocumentsPayload,
        any_of=POST_SCOPES,
        description="Make many documents final: one block of numbers per series.",
    )
    async def post_documents(
        self, work: UnitOfWork, input: PostDocumentsInput
    ) -> Sequence[Outcome]:
        """Post."""
        named = named_documents(input)
        held = await held_to_post(work, [id for id, _ in known(named)])
        found, upstream = await _locked(work, named, Action.POST)
        documents = _documents(found)
        await look_at_partners(work, documents)
        await ask_for_suppliers(work, documents)
        older = input.accept_older_date
        outlook = await outlook_for(work, documents, input.posting_date, accepts_older=older)

        async def post_one(document: Document, upstream: Upstream) -> UUID:
            return await post(work, document, upstream, input, held, outlook)

        return await _decided(work, found, upstream, post_one)

    @write_each(DiscardDocumentsPayload, any_of=WRITE_SCOPES, description="Throw many drafts away.")
    async def discard_documents(
        self, work: UnitOfWork, input: DiscardDocumentsInput
    ) -> Sequence[Outcome]:
        """Discard."""
        found, upstream = await _locked(work, named_documents(input), Action.DISCARD)
        return await _decided(
            work, found, upstream, lambda document, above: discard(work, document, above)
        )

    @write_each(
        ConvertDocumentsPayload,
        any_of=WRITE_SCOPES,
        description="Make of each document the next one of its chain, each for itself.",
    )
    async def convert_documents(
        self, work: UnitOfWork, input: ConvertDocumentsInput
    ) -> Sequence[Outcome]:
        """Convert."""
        target = KINDS[input.to.value]
        found, upstream = await _locked(work, named_documents(input), Action.CONVERT)
        await ask_for_makings(work, target, _documents(found))

        async def follow(document: Document, upstream: Upstream) -> UUID:
            work.actor.demand(target, Action.CREATE)  # before the source gives anything away
            made = await making_of(work, target, [document])
            new = convert([document], target, None, made, upstream)
            work.documents.add(new)
            return new.id

        return await _decided(work, found, upstream, follow)

    @write_each(
        ReassignDocumentsPayload,
        any_of=WRITE_SCOPES,
        description="Hand many documents over to somebody else.",
    )
    async def reassign_documents(
        self, work: UnitOfWork, input: ReassignDocumentsInput
    ) -> Sequence[Outcome]:
        """Reassign."""
        user = uuid_of("usr", input.responsible, "User", ("input", "responsible"))
        await work.tenants.demand_user(user, ("input", "responsible"))

        async def hand_over(document: Document, _: Upstream) -> UUID:
            reassign(document, user, by=work.actor.user, at=work.now)
            return document.id

        return await _each(work, input, Action.REASSIGN, hand_over)

    @write_each(
        PrintDocumentsPayload,
        any_of=PRINT_SCOPES,
        description="Make one PDF of many posted documents, in the order of the input, to send to"
        " the printer (Sammeldruck). A worker does it: watch `jobProgress` with the id of the job,"
        " then take the file from its `files`. What was printed before is not made again.",
        then=start_printing,
    )
    async def print_documents(
        self, work: UnitOfWork, input: PrintDocumentsInput
    ) -> Sequence[Outcome]:
        """Print."""

        async def ask_for(document: Document, _: Upstream) -> UUID:
            document.request_print(input.language)
            return document.id

        return await _each(work, input, Action.PRINT, ask_for)

    @write_each(
        CreateInvoicesPayload,
        any_of=("sales:write",),
        description="Turn groups of deliveries into drafts of invoices (Rechnungslauf); the groups"
        " of `proposeInvoices`, edited or not.",
    )
    async def create_invoices(
        self, work: UnitOfWork, input: CreateInvoicesInput
    ) -> Sequence[Outcome]:
        """Invoice."""
        check_count(input.groups, ("input", "groups"))
        groups = [
            [_place(id, "groups", str(n), "ids", str(place)) for place, id in enumerate(g.ids)]
            for n, g in enumerate(input.groups)
        ]
        every = [place for group in groups for place in group]
        check_count(every, ("input", "groups"))
        locked, upstream = await _locked(work, every, Action.CONVERT)
        found = iter(locked)
        first = await making(work, _documents(locked))
        issued = input.issue_date or first.today
        outcomes = []
        for n, group in enumerate(groups):
            made = list(islice(found, len(group)))
            refused = next((each for each in made if isinstance(each, Problem)), None)
            if refused is not None:
                outcomes.append(Outcome(None, refused))
                continue
            try:
                check_issue_date(issued, first.today)
                made_on = replace(first, id=work.new_id(), today=issued)
                new = convert(_documents(made), KINDS["SALES_INVOICE"], None, made_on, upstream)
            except Problem as problem:
                if problem.path[1:2] in _OF_ONE:
                    problem.path = ("input", "groups", str(n))
                outcomes.append(Outcome(None, problem))
                continue
            work.documents.add(new)
            outcomes.append(Outcome(new.id))
        return outcomes


async def _each(
    work: UnitOfWork, input: DocumentsInput, action: Action, verb: Verb
) -> Sequence[Outcome]:
    """Lock all documents of an input and let `verb` decide about each."""
    found, upstream = await _locked(work, named_documents(input), action)
    return await _decided(work, found, upstream, verb)


async def _locked(
    work: UnitOfWork, named: Sequence[Named], action: Action
) -> tuple[list[Document | Problem], Upstream]:
    """Return each document, or why not, in their order; all are locked by one statement."""
    found, upstream = await work.documents.locked_each(known(named), action)
    return told_of(named, found), upstream


def known(named: Sequence[Named]) -> list[tuple[UUID, Path]]:
    """Return those that can be looked for."""
    return [each for each in named if not isinstance(each, Problem)]


def told_of(
    named: Sequence[Named], found: Mapping[UUID, Document | Problem]
) -> list[Document | Problem]:
    """Return what was found of each, or why not, in their order."""
    return [each if isinstance(each, Problem) else found[each[0]] for each in named]


async def _decided(
    work: UnitOfWork,
    documents: Sequence[Document | Problem],
    upstream: Upstream,
    verb: Verb,
) -> Sequence[Outcome]:
    """Let `verb` decide about each; what it refuses is told at the place of the document."""
    outcomes = []
    for document in documents:
        if isinstance(document, Problem):
            outcomes.append(Outcome(None, document))
            continue
        try:
            outcomes.append(Outcome(await verb(document, upstream)))
        except Problem as problem:
            if problem.path[1:2] in _OF_ONE:
                problem.path = work.documents.place_of(document.id)
            outcomes.append(Outcome(None, problem))
    return outcomes


_OF_ONE = ("id",), ("ids",), ("lines",)
"""Fields of the input of one document, where its problems lead; among many it has a place."""


def _documents(found: Sequence[Document | Problem]) -> list[Document]:
    return [each for each in found if isinstance(each, Document)]


def named_documents(input: DocumentsInput) -> list[Named]:
    """Return what the ids of an input name, each once. Raises TooManyItems."""
    check_count(input.ids, ("input", "ids"))
    return [_place(id, "ids", str(place)) for place, id in enumerate(dict.fromkeys(input.ids))]


def _place(id: str, *path: str) -> Named:
    """Return the id with its place; one of another type is refused alone, as an unknown one is."""
    try:
        return document_id(id, *path), ("input", *path)
    except NotFound as problem:
        return problem
