"""Amendments and remainders: what may still change on an order, and how the rest of it ends."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from domain.documents.document import Document
from domain.documents.drafts import HEADER, TERMS, DocumentDraft
from domain.documents.kinds import Action, ApprovalMode, PartyRole
from domain.documents.lines import CONTENT, COUNTING, Line
from domain.documents.parts import Revision
from domain.documents.posting import missing_to_post
from domain.documents.progress import TAKEN
from domain.documents.upstream import Upstream
from domain.journal import canonical
from domain.problems import NotFound, Path, Problem
from domain.text import checked_text

REASON_LENGTH_MAX = 500


class AmendmentBelowConverted(Problem):
    """Line {position} cannot become less than the {converted} {unit} that were already made of it."""  # noqa: E501  one sentence for the user

    position: int
    converted: str
    unit: str


class PartnerCommitted(Problem):
    """Documents were made of {number} already, so it stays with its partner and payer. Write a new document for another."""  # noqa: E501  one sentence for the user

    number: str


class LineAlreadyClosed(Problem):
    """Line {position} is closed already, or nothing of it is open."""

    position: int


class LineNotClosed(Problem):
    """Line {position} was not closed, so it cannot be reopened."""

    position: int


def amend(
    document: Document,
    draft: DocumentDraft,
    *,
    by: UUID,
    at: datetime,
    today: date,
    reason: str,
    mode: ApprovalMode,
    upstream: Upstream,
) -> Revision:
    """Give a posted inquiry, offer, order or contract a new revision under the same number.

    Returns what it said before. Raises TransitionNotAllowed under a `mode` that asks for approval
    (see domain.documents.life), AmendmentBelowConverted for less than its follow-ups took,
    PartnerCommitted for another partner than theirs, or what posting asks for and is empty now.
    """
    state = document.next_state(Action.AMEND, mode)
    reason = checked_text(reason, REASON_LENGTH_MAX, ("input", "reason"))
    before = Revision(document, canonical(content_of(document)), by=by, reason=reason)
    committed = [line for line in document.lines if any(getattr(line, name) for name in TAKEN)]
    before_it = {line.id: (line.kind, line.goods) for line in committed}
    upstream.release(document)
    upstream.settle(document, -1)
    if committed and _parties_of(draft) != (document.partner_id, document.bill_to_id):
        raise PartnerCommitted(number=document.number or "", path=("input", "id"))
    document.take_content(draft, today)
    missing = missing_to_post(document.definition, lambda column: getattr(document, column))
    if missing is not None:
        raise missing
    for line in committed:
        _check_converted(document, line, before_it[line.id])
    upstream.take(document, ("input", "lines"))
    upstream.settle(document)
    upstream.tell(document, by=by, at=at)
    document.revision += 1
    document.sent_at = document.answer = document.answered_at = document.answer_reason = None
    document.tell(Action.AMEND, "Amended", by, at, state, reason=reason)
    document.count_open()
    return before


def _parties_of(draft: DocumentDraft) -> tuple[UUID, UUID]:
    """Return who a draft is with, and who pays: both stay what they are for what follows."""
    roles = list(draft.parties)
    pays = PartyRole.BILL_TO if PartyRole.BILL_TO in roles else roles[0]
    return draft.parties[roles[0]].partner.id, draft.parties[pays].partner.id


def _check_converted(document: Document, line: Line, before: tuple[object, object]) -> None:
    taken = max((getattr(line, name) for name in TAKEN), key=abs)
    still_there = line in document.lines and (line.kind, line.goods) == before
    enough = taken * line.stock_quantity > 0 and abs(taken) <= abs(line.quantity_max)
    if still_there and enough:
        return
    place = document.lines.index(line) if line in document.lines else None
    raise AmendmentBelowConverted(
        position=line.position,
        converted=f"{line.in_unit(taken).normalize():f}",
        unit=line.unit or "",
        path=("input", "lines", *(() if place is None else (str(place), "quantity"))),
    )


def content_of(document: Document) -> dict[str, object]:
    """Return what a document says, without addresses: those are personal, their partners stay."""
    return {
        "revision": document.revision,
        "issue_date": document.issue_date,
        "currency": document.currency,
        "net": document.net,
        "tax": document.tax,
        "gross": document.gross,
        **{name: getattr(document, name) for name in (*HEADER, *TERMS)},
        "parties": {
            role.value: party.partner_id
            for role in PartyRole
            if (party := document.party(role)) and party.partner_id
        },
        "lines": [
            {"id": line.id, "position": line.position}
            | {name: getattr(line, name) for name in CONTENT}
            for line in document.lines
        ],
    }


def close_lines(
    document: Document,
    line_ids: Sequence[UUID] | None,
    *,
    by: UUID,
    at: datetime,
    reason: str,
) -> None:
    """End what is open of these lines, or of all: nobody waits for the rest any more.

    Raises NotFound or LineAlreadyClosed.
    """
    state = document.next_state(Action.CLOSE_LINES, ApprovalMode.ALWAYS)
    reason = checked_text(reason, REASON_LENGTH_MAX, ("input", "reason"))
    chosen = chosen_lines(document, line_ids)
    closed = [line for line in chosen if line.open_quantity]
    for line in chosen if line_ids is not None else []:
        if line not in closed:
            raise LineAlreadyClosed(position=line.position, path=("input", "lineIds"))
    if not closed:
        raise LineAlreadyClosed(position=1, path=("input", "lineIds"))
    for line in closed:
        line.closed_at, line.closed_reason = at, reason
    document.tell(
        Action.CLOSE_LINES,
        "LinesClosed",
        by,
        at,
        state,
        is_author=False,
        reason=reason,
        line_ids=[line.id for line in closed],
    )
    document.count_open()


def reopen_lines(
    document: Document,
    line_ids: Sequence[UUID] | None,
    *,
    by: UUID,
    at: datetime,
    reason: str,
) -> None:
    """Take the closing of these lines back, or of all. Raises NotFound or LineNotClosed."""
    state = document.next_state(Action.REOPEN_LINES, ApprovalMode.ALWAYS)
    reason = checked_text(reason, REASON_LENGTH_MAX, ("input", "reason"))
    chosen = chosen_lines(document, line_ids)
    reopened = [line for line in chosen if line.closed_at is not None]
    for line in chosen if line_ids is not None else []:
        if line not in reopened:
            raise LineNotClosed(position=line.position, path=("input", "lineIds"))
    if not reopened:
        raise LineNotClosed(position=1, path=("input", "lineIds"))
    for line in reopened:
        line.closed_at = line.closed_reason = None
    document.tell(
        Action.REOPEN_LINES,
        "LinesReopened",
        by,
        at,
        state,
        is_author=False,
        reason=reason,
        line_ids=[line.id for line in reopened],
    )
    document.count_open()


def chosen_lines(
    document: Document, line_ids: Sequence[UUID] | None, paths: Sequence[Path] | None = None
) -> list[Line]:
    """Return the lines with these ids, or all that count. Raises NotFound at the id's path."""
    if line_ids is None:
        return [line for line in document.lines if line.kind in COUNTING]
    known = {line.id: line for line in document.lines}
    for place, id in enumerate(line_ids):
        if id not in known:
            path = paths[place] if paths else ("input", "lineIds", str(place))
            raise NotFound(entity="Line", id=f"lin_{id}", path=path)
    return [known[id] for id in line_ids]
