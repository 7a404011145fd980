"""The life of a document as pure rules: no database, no door; several users and a small model."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.approvals import Approval, FourEyesViolation
from domain.documents.cancellation import cancel
from domain.documents.conversion import Making
from domain.documents.document import Document
from domain.documents.drafts import DocumentDraft, PartyDraft
from domain.documents.facts import (
    Answer,
    Channel,
    block_payment,
    confirm_received,
    reassign,
    record_answer,
    record_objection,
    record_sent,
    release_payment,
)
from domain.documents.kinds import KINDS, Action, ApprovalMode, PartyRole, State
from domain.documents.life import TransitionNotAllowed, allowed_actions, next_state, transitions
from domain.documents.lines import LineDraft
from domain.documents.posting import SupplyDateMissing
from domain.documents.remainders import amend, close_lines, reopen_lines
from domain.documents.upstream import NOTHING_ABOVE, Upstream
from domain.items import Unit
from domain.partners import Address, Partner, PartnerDraft
from domain.problems import Problem
from domain.tax import TaxCategory, TaxIdMissing
from domain.text import Required

SEED, SCRAP = "4 x 25 S 19", "1 x 180 AE"
NOW, TODAY = datetime(2026, 3, 16, 8, tzinfo=UTC), date(2026, 3, 15)
SUPPLIED = date(2026, 3, 12)
TENANT = UUID(int=1)
INVOICE = KINDS["SALES_INVOICE"]
ANNA, BERT, CORA = USERS = [UUID(int=user) for user in (11, 12, 13)]
DORA = UUID(int=14)
ALWAYS, BY_RULE, NONE = ApprovalMode.ALWAYS, ApprovalMode.BY_RULE, ApprovalMode.NONE
NO_VERBS = (  # a conversion makes another document, settling takes two, a tag is in no table
    Action.READ,
    Action.CREATE,
    Action.CONVERT,
    Action.SETTLE,
    Action.UNSETTLE,
    *(Action.TAG, Action.COMMENT, Action.EDIT_COMMENT, Action.REMOVE_COMMENT),
    *(Action.ATTACH_FILE, Action.REMOVE_FILE),
)
VERBS = [action for action in Action if action not in NO_VERBS]
SELLER = Address("Prüfstand GmbH", "Prüfweg 1", "28195", "Bremen", vat_id="DE136695976")
NO_VAT_ID = replace(SELLER, vat_id=None)
FARM = Partner(
    id=UUID(int=21),
    tenant_id=TENANT,
    number="10001",
    draft=PartnerDraft(Address("Hof Lindenau", "Lindenallee 4", "27318", "Hoya")),
)


def line(text: str) -> LineDraft:
    """Return a line as asked for, such as `250 x 19.90/100 S 19` or `1 x 30 E - § 4 Nr. 21 UStG`.

    A category without tax needs no rate; `-` leaves it out before a reason.
    """
    quantity, _, priced, category, *more = text.split(" ", 5)
    price, _, per = priced.partition("/")
    rate, reason = (*more, None, None)[:2]
    return LineDraft(
        id=uuid4(),
        quantity=Decimal(quantity),
        description="Saatgut",
        unit=Unit.PIECE,
        unit_price=Decimal(price),
        price_quantity=Decimal(per or 1),
        tax_category=TaxCategory(category),
        tax_rate=Decimal(rate) if rate and rate != "-" else None,
        exemption_reason=reason,
    )


def draft(*lines: str, **dates: date | None) -> DocumentDraft:
    """Return what an invoice of today is asked to say."""
    asked = {"issue_date": TODAY, "supply_date": SUPPLIED, **dates}
    return DocumentDraft(
        lines=tuple(map(line, lines or [SEED])),
        parties={role: PartyDraft(FARM) for role in INVOICE.parties},
        **asked,
    )


def invoice(*lines: str, by: UUID = ANNA, **dates: date | None) -> Document:
    """Return a new invoice."""
    made = Document.drafted(
        draft(*lines, **dates),
        id=uuid4(),
        tenant_id=TENANT,
        kind=INVOICE,
        currency="EUR",
        by=by,
        at=NOW,
        today=TODAY,
    )
    made.version = 1  # as the mapping gives it
    return made


def verbs(
    made: Document,
    asked: Approval | None,
    by: UUID,
    mode: ApprovalMode = ALWAYS,
    supplied: date | None = SUPPLIED,
) -> dict[Action, Callable[[], Any]]:
    """Return everything that may be tried with a document, as `by`."""
    anew, id = draft(supply_date=supplied), uuid4()
    return {
        Action.UPDATE: lambda: made.update(anew, by=by, at=NOW, today=TODAY),
        Action.SUBMIT: lambda: made.submit(approval_id=id, seller=SELLER, by=by, at=NOW, mode=mode),
        Action.APPROVE: lambda: made.approve(asked, by=by, at=NOW),
        Action.REJECT: lambda: made.reject(asked, by=by, at=NOW, reason="zu teuer"),
        Action.DISCARD: lambda: made.discard(by=by, at=NOW),
        Action.POST: lambda: made.post(seller=SELLER, by=by, at=NOW, mode=mode),
        Action.PRINT: lambda: made.printed(language="de", file_hash="0" * 64),
        Action.PROGRESS: lambda: made.progressed(made, by=by, at=NOW),
        Action.RECORD_SENT: lambda: record_sent(made, Channel.PRINT, by=by, at=NOW),
        Action.REASSIGN: lambda: reassign(made, DORA, by=by, at=NOW),
        Action.CANCEL: lambda: cancelled(made, by),
        **_verbs_of_other_kinds(made, anew, by, mode),
    }


def cancelled(made: Document, by: UUID) -> Document:
    """Take a document back and return the counter document."""
    making = Making(id=uuid4(), new_id=uuid4, by=by, at=NOW, today=TODAY)
    return cancel(
        made,
        making,
        company=SELLER,
        reason="Zahlendreher",
        posting_date=TODAY,
        upstream=Upstream(),
    )


def _verbs_of_other_kinds(
    made: Document, anew: DocumentDraft, by: UUID, mode: ApprovalMode
) -> dict[Action, Callable[[], Any]]:
    """Return what no invoice allows, however far it has come."""
    amended = {"by": by, "at": NOW, "today": TODAY, "mode": mode, "upstream": NOTHING_ABOVE}
    asked: dict[str, Any] = {"by": by, "at": NOW}
    return {
        Action.AMEND: lambda: amend(made, anew, reason="mehr", **amended),
        Action.CLOSE_LINES: lambda: close_lines(made, None, reason="genug", **asked),
        Action.REOPEN_LINES: lambda: reopen_lines(made, None, reason="doch", **asked),
        Action.RECORD_ANSWER: lambda: record_answer(made, Answer.ACCEPTED, reason=None, **asked),
        Action.CONFIRM_RECEIVED: lambda: confirm_received(made, None, **asked),
        Action.RECORD_OBJECTION: lambda: record_objection(made, reason="zu wenig", **asked),
        Action.BLOCK_PAYMENT: lambda: block_payment(made, reason="Mangel", **asked),
        Action.RELEASE_PAYMENT: lambda: release_payment(made, reason="behoben", **asked),
    }


def came_to(state: State) -> tuple[Document, Approval | None]:
    """Return a document of Anna's that came to `state` step by step, and its question."""
    made, asked = invoice(), None
    for action in WAYS[state]:
        asked = verbs(made, asked, BERT if action is Action.APPROVE else ANNA)[action]() or asked
    return made, asked


def authors(made: Document) -> list[UUID]:
    """Return who worked on it, in order."""
    return [author.user_id for author in made.authors]


def seen(made: Document) -> dict[str, Any]:
    """Return everything a document holds, events included."""
    return {name: [*v] if isinstance(v, list) else v for name, v in vars(made).items()}


# --------------------------------------------------------------------------------- the table

WITHOUT_APPROVAL = {
    State.DRAFT: {"UPDATE": "DRAFT", "DISCARD": "DISCARDED", "REASSIGN": "DRAFT", "POST": "POSTED"},
    State.PENDING: {  # asked for before
        "APPROVE": "APPROVED",
        "REJECT": "REJECTED",
        "REASSIGN": "PENDING",
    },
    State.REJECTED: {"UPDATE": "DRAFT", "REASSIGN": "REJECTED"},
    State.APPROVED: {"POST": "POSTED", "REASSIGN": "APPROVED"},
    State.POSTED: {
        "PRINT": "POSTED",
        "PROGRESS": "POSTED",
        "CONVERT": "POSTED",
        "CANCEL": "POSTED",
        "RECORD_SENT": "POSTED",
        "SETTLE": "POSTED",
        "UNSETTLE": "POSTED",
        "REASSIGN": "POSTED",
    },
    State.DISCARDED: {},
}
WITH_APPROVAL = {
    **WITHOUT_APPROVAL,
    State.DRAFT: {
        "UPDATE": "DRAFT",
        "SUBMIT": "PENDING",
        "DISCARD": "DISCARDED",
        "REASSIGN": "DRAFT",
    },
}
"""What an invoice does; before it is posted, a document of any other kind does the same."""

_AGREED = "CONVERT AMEND CLOSE_LINES REOPEN_LINES RECORD_SENT REASSIGN"
_RETURNED = "CONVERT CLOSE_LINES REOPEN_LINES CANCEL RECORD_SENT REASSIGN"
_PAID = "CANCEL SETTLE UNSETTLE REASSIGN"
NOT_PRINTED = ("SALES_INQUIRY", "SUPPLIER_OFFER", "SUPPLIER_INVOICE", "SUPPLIER_CREDIT_NOTE")
POSTED_ALLOWS = {
    "SALES_INQUIRY": "CONVERT AMEND RECORD_SENT RECORD_ANSWER REASSIGN",
    "SALES_OFFER": "CONVERT AMEND CLOSE_LINES REOPEN_LINES RECORD_SENT RECORD_ANSWER REASSIGN",
    "SALES_CONTRACT": _AGREED,
    "SALES_ORDER": _AGREED,
    "DELIVERY_NOTE": "CONVERT CLOSE_LINES REOPEN_LINES CANCEL RECORD_SENT CONFIRM_RECEIVED"
    " REASSIGN",
    "SALES_INVOICE": "CONVERT CANCEL RECORD_SENT SETTLE UNSETTLE REASSIGN",
    "CUSTOMER_RETURN": _RETURNED,
    "SALES_CREDIT_NOTE": "CANCEL RECORD_SENT SETTLE UNSETTLE REASSIGN",
    "PURCHASE_INQUIRY": "CONVERT AMEND RECORD_SENT RECORD_ANSWER REASSIGN",
    "SUPPLIER_OFFER": "CONVERT AMEND CLOSE_LINES REOPEN_LINES RECORD_ANSWER REASSIGN",
    "PURCHASE_CONTRACT": _AGREED,
    "PURCHASE_ORDER": _AGREED,
    "GOODS_RECEIPT": "CONVERT CLOSE_LINES REOPEN_LINES CANCEL CONFIRM_RECEIVED REASSIGN",
    "SUPPLIER_INVOICE": "CONVERT CANCEL BLOCK_PAYMENT RELEASE_PAYMENT SETTLE UNSETTLE REASSIGN",
    "SELF_BILLED_INVOICE": "CONVERT CANCEL RECORD_OBJECTION RECORD_SENT SETTLE UNSETTLE REASSIGN",
    "SUPPLIER_RETURN": _RETURNED,
    "SUPPLIER_CREDIT_NOTE": "CANCEL SETTLE UNSETTLE REASSIGN",
    "INCOMING_PAYMENT": _PAID,
    "OUTGOING_PAYMENT": _PAID,
}
"""What somebody may do with a posted document of each kind, where nobody has to approve.

Where approval is asked for, nothing is amended: that would go round the second pair of eyes.
"""

PAYMENTS = ("INCOMING_PAYMENT", "OUTGOING_PAYMENT")
"""Kinds without paper: nothing is printed, and nothing is made of them."""

WAYS = {
    State.DRAFT: [],
    State.PENDING: [Action.SUBMIT],
    State.REJECTED: [Action.SUBMIT, Action.REJECT],
    State.APPROVED: [Action.SUBMIT, Action.APPROVE],
    State.POSTED: [Action.SUBMIT, Action.APPROVE, Action.POST],
    State.DISCARDED: [Action.DISCARD],
}


def offered(steps: dict[str, str]) -> list[str]:
    """Return what somebody may ask for; printing and progress come by themselves."""
    return [action for action in steps if action != "PROGRESS"]


TABLES = {NONE: WITHOUT_APPROVAL, BY_RULE: WITH_APPROVAL, ALWAYS: WITH_APPROVAL}


def table_of(kind: str, mode: ApprovalMode) -> dict[State, dict[str, str]]:
    """Return what a document of `kind` does."""
    allowed = POSTED_ALLOWS[kind].split()
    if mode is not NONE:
        allowed = [action for action in allowed if action != "AMEND"]
    printed = [] if kind in (*NOT_PRINTED, *PAYMENTS) else ["PRINT"]
    posted = [*printed, *([] if kind in PAYMENTS else ["PROGRESS"]), *allowed]
    return {**TABLES[mode], State.POSTED: dict.fromkeys(posted, "POSTED")}


@pytest.mark.parametrize("mode", ApprovalMode)
def test_the_table_of_transitions_is_this_and_nothing_else(mode: ApprovalMode):
    """All that documents of any kind ever do."""
    tables = [table_of(kind, mode) for kind in KINDS]

    steps = {
        (state, action): target
        for table in tables
        for state in table
        for action, target in table[state].items()
    }
    assert transitions(mode) == steps
    assert table_of("SALES_INVOICE", mode) == TABLES[mode]


@pytest.mark.parametrize("mode", ApprovalMode)
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_does_what_the_table_says_of_it(kind: str, mode: ApprovalMode):
    """Every pair of state and action is a step, or is refused with what is possible instead."""
    table, ruled = table_of(kind, mode), KINDS[kind]

    assert {state: allowed_actions(ruled, state, mode) for state in State} == {
        state: tuple(offered(steps)) for state, steps in table.items()
    }
    for state, action in itertools.product(State, Action):
        if action in table[state]:
            assert next_state(ruled, state, action, mode) is State(table[state][action])
            continue
        with pytest.raises(TransitionNotAllowed) as refused:
            next_state(ruled, state, action, mode)
        allowed = ", ".join(offered(table[state])) or "–"
        facts = {"state": state, "action": action, "allowed_actions": allowed}
        assert (refused.value.facts(), refused.value.path) == (facts, ("input", "id"))


@pytest.mark.parametrize("state", State)
def test_the_verbs_of_a_document_follow_the_table(state: State):
    """Tried by somebody else, each verb leads where the table says, or is refused and untold."""
    for action in VERBS:
        made, asked = came_to(state)
        before = len(made.events)

        if action in WITH_APPROVAL[state]:
            verbs(made, asked, CORA)[action]()
        else:
            with pytest.raises(TransitionNotAllowed) as refused:
                verbs(made, asked, CORA)[action]()
            possible = ", ".join(offered(WITH_APPROVAL[state])) or "–"
            assert refused.value.allowed_actions == possible

        target = State(WITH_APPROVAL[state].get(action, state))
        told = [
            tuple(event.facts[name] for name in ("action", "state_before", "state_after"))
            for event in made.events[before:]
        ]
        assert made.state is target
        assert told == [(action, state, target)] * (action in WITH_APPROVAL[state])


# ---------------------------------------------------------------------------------- four eyes


@pytest.mark.parametrize("author", USERS, ids=["its creator", "a changer", "its submitter"])
def test_nobody_who_worked_on_a_document_approves_it(author: UUID):
    """Not even one who changed it back; somebody else can, and is no author by that."""
    made = invoice(by=ANNA)
    verbs(made, None, BERT)[Action.UPDATE]()
    asked = verbs(made, None, CORA)[Action.SUBMIT]()

    with pytest.raises(FourEyesViolation) as refused:
        asked.approve(by=author, at=NOW, authors=authors(made), note="")
    made.approve(asked, by=DORA, at=NOW, note=" gut ")

    assert refused.value.facts() == {"author": f"usr_{author}"}
    assert (made.state, authors(made)) == (State.APPROVED, [ANNA, BERT, CORA])
    assert (asked.decision, asked.decided_by, asked.note) == ("APPROVED", DORA, "gut")


def test_a_rejected_document_is_a_draft_by_the_first_edit_and_asks_anew():
    """Whoever rejected it and then mended it has become an author."""
    made, first = came_to(State.PENDING)
    verbs(made, first, BERT)[Action.REJECT]()
    made.version = 3

    verbs(made, first, BERT)[Action.UPDATE]()
    after_edit = made.state
    second = verbs(made, None, ANNA)[Action.SUBMIT]()

    assert (after_edit, made.state) == (State.DRAFT, State.PENDING)
    assert [(each.decision, each.note, each.document_version) for each in (first, second)] == [
        ("REJECTED", "zu teuer", 2),
        (None, None, 4),
    ]
    with pytest.raises(FourEyesViolation):
        made.approve(second, by=BERT, at=NOW)


def test_a_rejection_needs_a_reason_and_may_come_from_the_author():
    """Taking back an own document is no approval."""
    (made, asked), (other, same) = came_to(State.PENDING), came_to(State.PENDING)

    with pytest.raises(Required) as refused:
        made.reject(asked, by=BERT, at=NOW, reason=" ")
    other.reject(same, by=ANNA, at=NOW, reason="Zahlendreher")

    assert refused.value.path == ("input", "reason")
    assert (other.state, authors(other), same.note) == (State.REJECTED, [ANNA], "Zahlendreher")


# ------------------------------------------------------------------------------------ posting


def test_posting_keeps_the_seller_of_now_and_the_date_of_issue():
    """The period follows the paper, not the clock; the number comes from the unit of work."""
    made, _ = came_to(State.APPROVED)
    customers = [PartyRole.SOLD_TO, PartyRole.BILL_TO, PartyRole.SHIP_TO]
    assert [party.role for party in made.parties] == customers

    made.post(seller=SELLER, by=CORA, at=NOW, mode=ALWAYS)

    assert [party.role for party in made.parties] == [*customers, PartyRole.SELLER]
    seller: Any = made.party(PartyRole.SELLER)
    assert (seller.name, seller.vat_id, seller.partner_id) == (SELLER.name, SELLER.vat_id, None)
    assert (made.posting_date, made.updated_at, made.number) == (TODAY, NOW, None)
    assert authors(made) == [ANNA]


@pytest.mark.parametrize(
    ("lines", "supplied", "seller", "problem"),
    [
        (SEED, None, SELLER, SupplyDateMissing()),
        (SCRAP, SUPPLIED, NO_VAT_ID, TaxIdMissing(category="AE", party="SELLER")),
        (SCRAP, SUPPLIED, SELLER, TaxIdMissing(category="AE", party="BILL_TO")),
    ],
)
def test_an_invoice_that_lacks_what_the_law_demands_is_not_posted(
    lines: str, supplied: date | None, seller: Address, problem: Problem
):
    """Section 14 (4) no. 6 and section 14a UStG; a draft may still lack it."""
    made = invoice(lines, supply_date=supplied)

    with pytest.raises(type(problem)) as refused:
        made.post(seller=seller, by=ANNA, at=NOW, mode=NONE)

    assert refused.value.facts() == problem.facts()
    assert (made.posting_date, made.party(PartyRole.SELLER)) == (None, None)


@pytest.mark.parametrize("verb", ["update", "approve", "reject", "post"])
def test_a_refused_verb_leaves_the_document_as_it_was(verb: str):
    """Bulk leaves a refused document out of what it saves, without a savepoint: nothing changed."""
    asks = verb in ("approve", "reject")
    made, asked = came_to(State.PENDING) if asks else (invoice(supply_date=None), None)
    before = seen(made)
    wrong = draft("0 x 1 S 19", issue_date=date(2026, 1, 1))
    refused: dict[str, Callable[[], Any]] = {
        "update": lambda: made.update(wrong, by=BERT, at=NOW, today=TODAY),
        "approve": lambda: made.approve(asked, by=ANNA, at=NOW),
        "reject": lambda: made.reject(asked, by=BERT, at=NOW, reason=" "),
        "post": lambda: made.post(seller=SELLER, by=ANNA, at=NOW, mode=NONE),
    }

    with pytest.raises(Problem):
        refused[verb]()

    assert seen(made) == before


# ------------------------------------------------------------------- any life of any document


class Life(RuleBasedStateMachine):
    """Three users do what they like; a table of steps and a set of authors foretell it."""

    @initialize(mode=st.sampled_from(ApprovalMode), by=st.sampled_from(USERS))
    def created(self, mode: ApprovalMode, by: UUID) -> None:
        """Begin with a draft."""
        self.mode, self.document, self.asked = mode, invoice(by=by), None
        self.state, self.authors, self.told = State.DRAFT, {by}, ["CREATE"]
        self.counter: Document | None = None
        self.handed_on = 0  # since it was submitted

    def refusal(self, action: Action, by: UUID) -> str:
        """Return the problem that the model foretells, or nothing."""
        if action not in TABLES[self.mode][self.state]:
            return "TransitionNotAllowed"
        if action is Action.APPROVE and by in self.authors:
            return "FourEyesViolation"
        if action in (Action.SUBMIT, Action.POST) and self.document.supply_date is None:
            return "SupplyDateMissing"
        return "AlreadyCancelled" if action is Action.CANCEL and self.counter else ""

    @rule(
        action=st.sampled_from(VERBS),
        by=st.sampled_from(USERS),
        supplied=st.sampled_from([SUPPLIED, None]),
    )
    def somebody_tries(self, action: Action, by: UUID, supplied: date | None) -> None:
        """Try a verb; a refused one changes nothing."""
        expected, refusal = self.refusal(action, by), ""
        verb = verbs(self.document, self.asked, by, self.mode, supplied)[action]
        try:
            answer = verb()
        except Problem as problem:
            refusal = type(problem).__name__
        assert refusal == expected
        if refusal:
            return
        self.document.version += 1
        self.asked = answer if action is Action.SUBMIT else self.asked
        self.counter = answer if action is Action.CANCEL else self.counter
        self.handed_on = 0 if action is Action.SUBMIT else self.handed_on
        self.handed_on += action is Action.REASSIGN
        self.state = State(TABLES[self.mode][self.state][action])
        self.told.append(action)
        if action in (Action.UPDATE, Action.SUBMIT, Action.DISCARD):
            self.authors.add(by)

    @invariant()
    def the_document_is_what_the_model_says(self) -> None:
        """State, authors once each, events in order, and what posting leaves behind."""
        made, events = self.document, self.document.events
        is_posted = self.state is State.POSTED
        assert (made.state, events[-1].facts["state_after"]) == (self.state, self.state)
        assert sorted(authors(made)) == sorted(self.authors)
        assert [event.facts["action"] for event in events] == self.told
        assert made.posting_date == (TODAY if is_posted else None)
        assert [party.role for party in made.parties[3:]] == [PartyRole.SELLER] * is_posted
        if self.state is State.PENDING:  # nothing but who looks after it changed since then
            assert self.asked.document_version == made.version - self.handed_on
        counter = self.counter
        assert made.cancelled_by_id == (counter and counter.id)
        assert counter is None or (counter.cancels_id, counter.gross) == (made.id, -made.gross)


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
test_any_life_of_a_document_goes_as_a_small_model_foretells = Life.TestCase
