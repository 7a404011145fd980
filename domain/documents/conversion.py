"""Conversion: a document becomes the next one of the chain, whole or in part, alone or with others.

What was agreed travels: prices, discounts, texts, terms, references and the delivery address. The
new draft takes its quantities at once, so nobody else can convert them too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.documents.agreed import SOURCES_MAX, agreed_by, differences
from domain.documents.amounts import Exchange, amounts_of, keep_allowances, take_amounts
from domain.documents.document import Document
from domain.documents.drafts import (
    HEADER,
    LINES_MAX,
    TERMS,
    LinesMissing,
    PartyDraft,
    TooManyLines,
    kept_terms,
)
from domain.documents.kinds import (
    Action,
    ApprovalMode,
    Kind,
    PartyRole,
    State,
    Step,
)
from domain.documents.lines import COUNTING, WITH_QUANTITY, Line, LineKind, LinePlace
from domain.documents.parts import Party
from domain.documents.said import NOTHING_SAID, Said
from domain.documents.sharing import allowances_of, taken_of
from domain.documents.upstream import Upstream
from domain.money import MustNotBeZero, checked
from domain.partners import Address, Partner
from domain.payment_terms import Terms
from domain.prices.search import PriceFound
from domain.problems import NotFound, Path, Problem
from domain.tax import TaxProposal

_IDS: Path = ("input", "ids")


class ConversionNotPossible(Problem):
    """A {source} does not become a {target}. It becomes: {possible}."""

    source: str
    target: str
    possible: str


class SourceCancelled(Problem):
    """{number} was cancelled, so nothing can be made of it."""

    number: str


class SourcesDiffer(Problem):
    """These documents cannot become one: they differ in {field}."""

    field: str


class NothingOpen(Problem):
    """Nothing of this is open any more: all of it was converted or closed."""


class ContractNotValid(Problem):
    """The contract {number} holds from {valid_from} to {valid_until}; nothing is called off outside. Amend its period first."""  # noqa: E501  one sentence for the user

    number: str
    valid_from: str
    valid_until: str


class TooManySources(Problem):
    """At most {sources_max} documents become one at a time."""

    sources_max: int


@dataclass(frozen=True, slots=True)
class Pick:
    """A line to convert; without a quantity all that is open of it. The unit is that line's."""

    line_id: UUID
    quantity: Decimal | None
    path: Path


@dataclass(frozen=True, slots=True)
class Making:
    """What every new document needs from outside.

    `retax` proposes the tax of a line anew where that of the document above does not hold,
    `reprice` finds the price of the day for a line of a contract with an open price; `partners` are
    those of the documents above, as they are today; `terms` are those of who pays, for a follow-up
    of an inquiry, which has none; `exchange` is the rate of the day of supply, for an invoice;
    `said` is what is said of the new document itself.
    """

    id: UUID
    new_id: Callable[[], UUID]
    by: UUID
    at: datetime
    today: date
    tolerance_percent: Decimal = Decimal(0)
    retax: Callable[[Line], TaxProposal | None] | None = None
    reprice: Callable[[Line], PriceFound | None] | None = None
    exchange: Exchange | None = None
    terms: Terms | None = None
    partners: Mapping[UUID, Partner] = field(default_factory=dict)
    said: Said = NOTHING_SAID

    def address_of(self, role: PartyRole, party: Party) -> Address:
        """Return the address that a new document shows of a party of the one before it.

        Name, address and tax ids are those of today's master data: an invoice shows who it is for
        as they are (section 14 (4) no. 1 UStG). Where goods go was agreed, and what is known of a
        one-time partner stands on the document alone.
        """
        partner = self.partners.get(party.partner_id) if party.partner_id else None
        if partner is None or partner.is_one_time or role is PartyRole.SHIP_TO:
            return party.address
        return PartyDraft(partner).address_for(role)


def convert(
    sources: Sequence[Document],
    target: Kind,
    picks: Sequence[Pick] | None,
    making: Making,
    upstream: Upstream,
) -> Document:
    """Return a new draft of kind `target` made of open lines of `sources`, in their order.

    Raises ConversionNotPossible, TransitionNotAllowed, SourceCancelled, SourcesDiffer, NothingOpen,
    OpenQuantityExceeded, NotFound (a line that is none of theirs), TooManyLines, or that something
    said of the new document is wrong or out of place.
    """
    _check_sources(sources, target, making.today)
    making.said.check(target, making.today)
    first = sources[0]
    new = Document(
        id=making.id,
        tenant_id=first.tenant_id,
        kind=target,
        currency=first.currency,
        by=making.by,
        at=making.at,
    )
    _carry_header(new, sources, making)
    new.lines[:] = _lines_of(new, sources, picks, making)
    allowances = allowances_of(sources, new)
    keep_allowances(new, allowances)
    take_amounts(new, amounts_of(target, new.lines, allowances, new.price_basis))
    upstream.take(new, ("input", "lines"))
    upstream.tell(new, by=making.by, at=making.at)
    new.tell(
        Action.CREATE,
        "Created",
        making.by,
        making.at,
        State.DRAFT,
        is_new=True,
        source_ids=[source.id for source in sources],
    )
    return new


def check_count(sources: int) -> None:
    """Raise LinesMissing or TooManySources. So many are not even locked."""
    if not sources:
        raise LinesMissing(path=_IDS)
    if sources > SOURCES_MAX:
        raise TooManySources(sources_max=SOURCES_MAX, path=_IDS)


def _check_sources(sources: Sequence[Document], target: Kind, today: date) -> None:
    check_count(len(sources))
    for place, source in enumerate(sources):
        path: Path = (*_IDS, str(place))
        if target.name not in source.definition.targets:
            raise ConversionNotPossible(
                source=source.kind,
                target=target.name,
                possible=", ".join(source.definition.targets) or "–",
                path=path,
            )
        source.next_state(Action.CONVERT, ApprovalMode.ALWAYS)
        _check_validity(source, today, path)
        if source.cancelled_by_id or source.is_cancellation:
            raise SourceCancelled(number=source.number or "", path=path)
    for name in differences([agreed_by(each, target) for each in sources], target):
        raise SourcesDiffer(field=name, path=_IDS)


def _check_validity(source: Document, today: date, path: Path) -> None:
    """Raise ContractNotValid for a call-off before or after the period of a contract."""
    if source.definition.step is not Step.CONTRACT:
        return
    start, end = source.valid_from, source.valid_until
    if (start and today < start) or (end and today > end):
        raise ContractNotValid(
            number=source.number or "",
            valid_from=start.isoformat() if start else "–",
            valid_until=end.isoformat() if end else "–",
            path=path,
        )


def _carry_header(new: Document, sources: Sequence[Document], making: Making) -> None:
    """Take over parties, terms and texts; what the sources do not agree on stays empty."""
    first, kind = sources[0], new.definition
    new.issue_date = making.today
    new.price_basis = first.price_basis
    if making.exchange is not None:
        new.exchange(making.exchange)
    elif len({source.exchange_rate for source in sources}) > 1:
        raise SourcesDiffer(field="exchangeRate", path=_IDS)
    else:
        new.exchange_rate, new.rate_date = first.exchange_rate, first.rate_date
        new.rate_source = first.rate_source
    new.set_type(None)
    new.partner_id, new.bill_to_id = first.partner_id, first.bill_to_id
    new.responsible_id = first.responsible_id
    for role in kind.parties:
        party = first.party(role)
        if party is not None:
            new.name_party(role, party.partner_id, making.address_of(role, party))
    for name in HEADER:
        if name in kind.fields and name not in _OF_ITS_OWN:
            said = {getattr(source, name) for source in sources}
            setattr(new, name, said.pop() if len(said) == 1 else None)
    if "supply_date" in kind.fields:
        new.supply_date, new.supply_until = supplied_by(sources, kind)
    if "payment_days" in kind.fields:
        for name, value in _agreed_terms(sources, making).items():
            setattr(new, name, value)
    new.branch_id, new.branch = first.branch_id, first.branch
    making.said.put_on(new)
    new.set_dates()


def _agreed_terms(sources: Sequence[Document], making: Making) -> dict[str, Any]:
    """Return the terms of the first source that has any; an inquiry asks for the partner's."""
    for source in sources:
        if source.payment_days is not None:
            return {name: getattr(source, name) for name in TERMS}
    return kept_terms(making.terms or AT_ONCE)


AT_ONCE = Terms(0)
"""A credit note for goods that came back is due at once."""

_OF_ITS_OWN = {
    "supply_date",
    "supply_until",
    "external_number",
    "valid_from",
    "valid_until",
    "tolerance_percent",
    "opening_text",
    "closing_text",
}
"""What a document says for itself: its texts are those of its kind."""


def supplied_by(sources: Sequence[Document], kind: Kind) -> tuple[date | None, date | None]:
    """Return day or period of supply: from the first delivery to the last.

    A correction is about the supply of its invoice; goods that come back do so on a day of their
    own.
    """
    if kind.step is Step.RETURN:
        return None, None
    delivered = [each for each in sources if each.definition.step in _SUPPLYING]
    days = [
        day
        for each in delivered
        for day in (each.supply_date, each.supply_until)
        if day is not None
    ]
    if not days:
        return None, None
    return min(days), max(days) if max(days) != min(days) else None


def _lines_of(
    new: Document, sources: Sequence[Document], picks: Sequence[Pick] | None, making: Making
) -> list[Line]:
    chosen = (
        _everything_open(sources, new.definition)
        if picks is None
        else _picked(sources, picks, new.definition)
    )
    if not any(line.kind in COUNTING or quantity for _, line, quantity, _ in chosen):
        raise NothingOpen(path=_IDS)
    if len(chosen) > LINES_MAX:
        raise TooManyLines(lines_max=LINES_MAX, path=_IDS)
    lines = []
    for position, (source, above, quantity, path) in enumerate(chosen, start=1):
        line = Line(
            LinePlace(
                tenant_id=new.tenant_id,
                document_id=new.id,
                id=making.new_id(),
                position=position,
                kind=new.definition,
                supplied_on=new.supplied_on,
                path=path,
            )
        )
        line.carry(
            above,
            quantity,
            path,
            stock=_exact_rest(source, above, quantity, new.definition),
            before=taken_of(source, above, new.definition),
        )
        if source.has_open_price and line.kind in WITH_QUANTITY:
            line.price_of_the_day(making.reprice(line) if making.reprice else None, path)
        line.come_from(above, source)
        proposal = making.retax(line) if making.retax else None
        if proposal is not None:
            line.tax_as_proposed(proposal, path)
        if new.definition.step is Step.ORDER:
            line.tolerate(making.tolerance_percent, path)
        lines.append(line)
    return lines


_SUPPLYING = (Step.DELIVERY, Step.INVOICE, Step.RETURN)

Chosen = tuple[Document, Line, Decimal | None, Path]


def _everything_open(sources: Sequence[Document], target: Kind) -> list[Chosen]:
    """Return all lines that are open for `target`; texts and headings go along with them."""
    chosen: list[Chosen] = []
    for place, source in enumerate(sources):
        found: list[Chosen] = []
        for line in source.lines:
            path: Path = (*_IDS, str(place))
            if line.kind in COUNTING:
                rest = open_for(source, line, target)
                if rest:
                    found.append((source, line, rest, path))
            elif line.kind is not LineKind.OPTIONAL:
                found.append((source, line, None, path))
        if any(line.kind in COUNTING for _, line, _, _ in found):
            chosen += found
    return chosen


def open_for(source: Document, line: Line, target: Kind) -> Decimal:
    """Return how much of a line is open for `target`, in the line's unit; 0 once closed."""
    return line.in_unit(stock_open_for(source, line, target))


def stock_open_for(source: Document, line: Line, target: Kind) -> Decimal:
    """Return how much of a line is open for `target`, in stock units; 0 once closed."""
    if line.closed_at is not None or line.quantity is None:
        return Decimal(0)
    taken = taken_of(source, line, target)
    if source.definition.step is Step.DELIVERY and target.step is Step.INVOICE:
        taken += line.taken_return + line.billed_beside
    if source.definition.step is Step.RETURN and target.step is Step.CREDIT_NOTE:
        taken += line.never_billed
    rest = line.stock_quantity - taken
    return rest if rest * line.stock_quantity > 0 else Decimal(0)


def _exact_rest(
    source: Document, line: Line, quantity: Decimal | None, target: Kind
) -> Decimal | None:
    """Return the rest of a line in stock units if `quantity` is that rest, rounded to its unit."""
    rest = stock_open_for(source, line, target)
    return rest if rest and quantity == line.in_unit(rest) else None


def _picked(sources: Sequence[Document], picks: Sequence[Pick], target: Kind) -> list[Chosen]:
    known: Mapping[UUID, tuple[Document, Line]] = {
        line.id: (source, line) for source in sources for line in source.lines
    }
    chosen: list[Chosen] = []
    for pick in picks:
        if pick.line_id not in known:
            raise NotFound(entity="Line", id=f"lin_{pick.line_id}", path=(*pick.path, "lineId"))
        source, line = known[pick.line_id]
        if line.quantity is None:
            chosen.append((source, line, None, pick.path))
            continue
        if line.closed_at is not None:
            raise NothingOpen(path=pick.path)
        quantity = pick.quantity
        if quantity is None:
            quantity = open_for(source, line, target)
        if quantity == 0 and pick.quantity is None:
            raise NothingOpen(path=pick.path)
        if checked(quantity, (*pick.path, "quantity")) == 0:
            raise MustNotBeZero(path=(*pick.path, "quantity"))
        chosen.append((source, line, quantity, pick.path))
    return chosen
