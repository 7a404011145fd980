"""Writing documents: create, update and amend for every kind, made from the table of kinds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import starmap
from typing import Any
from uuid import UUID

import strawberry

from domain.amounts import Allowance, StatedTax
from domain.credit import adds_exposure, counted_above, exposure_added
from domain.documents.document import Document
from domain.documents.drafts import NEW_BUSINESS, DocumentDraft, PartyDraft
from domain.documents.kinds import KINDS, SALES, Action, Kind, PartyRole, Step
from domain.documents.lines import WITH_QUANTITY, Line, LineDraft, LineKind
from domain.documents.posting import SELF_BILLED
from domain.documents.proposals import (
    Trade,
    price_question,
    with_price,
    with_tax,
)
from domain.documents.remainders import amend
from domain.documents.upstream import Upstream
from domain.exchange_rates import checked_currency
from domain.items import Item
from domain.partners import Address
from domain.payment_terms import Discount
from domain.prices.search import PriceQuestion
from domain.problems import NotFound, Path
from domain.text import Required
from persistence.tenants import Terms
from persistence.unit_of_work import UnitOfWork
from resolvers.documents.conditions import Held, check_credit_of
from resolvers.documents.exchange import exchange_of
from resolvers.documents.patching import whole
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


async def drafted_document(work: UnitOfWork, kind: Kind, input: Any) -> Document:
    """Return a new draft that says what an input asks for; it is not kept yet."""
    terms = await work.tenants.terms(kind)
    upstream = await work.documents.locked_lines(_sources(input), _prepayments(input))
    draft = await _draft(work, kind, input, terms, upstream)
    new = Document.drafted(
        draft,
        id=work.new_id(),
        tenant_id=work.actor.tenant,
        kind=kind,
        currency=draft.currency,
        by=work.actor.user,
        at=work.now,
        today=terms.today,
        upstream=upstream,
    )
    return new


def _create(kind: Kind) -> Any:
    async def create(self: Any, work: UnitOfWork, input: Any) -> UUID:
        new = await drafted_document(work, kind, input)
        await work.documents.refuse_second(new)
        work.documents.add(new)
        return new.id

    return _field(create, f"create{kind.event}", INPUTS[kind.name].create, kind)


def _update(kind: Kind) -> Any:
    async def update(self: Any, work: UnitOfWork, input: Any) -> UUID:
        document, upstream = await work.documents.locked_chain(
            document_id(input.id),
            input.expected_version,
            Action.UPDATE,
            kind,
            _sources(input),
            _prepayments(input),
        )
        terms = await work.tenants.terms(kind)
        said = whole(kind, input, document)
        document.update(
            await _draft(work, kind, said, terms, upstream, document),
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
        id = document_id(input.id)
        payers = await work.credit.lock_payers({id}, _payers(kind, input))
        document, upstream = await work.documents.locked_chain(
            id, input.expected_version, Action.AMEND, kind
        )
        terms = await work.tenants.terms(kind)
        said = whole(kind, input, document)
        payer = document.bill_to_id
        counted = exposure_added(document, counted_above(document, upstream))
        before = amend(
            document,
            await _draft(work, kind, said, terms, upstream, document),
            by=work.actor.user,
            at=work.now,
            today=terms.today,
            reason=input.reason,
            mode=terms.approval,
            upstream=upstream,
        )
        if adds_exposure(kind):
            await check_credit_of(
                work,
                Held(payers, {}),
                document,
                upstream,
                terms,
                accepted=input.accept_credit_limit,
                already=counted if document.bill_to_id == payer else Decimal(0),
            )
        work.documents.keep_revision(before)
        await work.documents.refuse_second(document)
        work.printouts.print_by_posting(document)
        return document.id

    return _field(change, f"amend{kind.event}", INPUTS[kind.name].amend, kind)


_WORDS = {
    "create": "Write a new document as draft: {german}.",
    "update": "Change a draft: {german}. A rejected one becomes a draft again.",
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


def _payers(kind: Kind, input: Any) -> set[UUID]:
    """Return whom a change names as payer of a document that counts in the payer's exposure."""
    if not adds_exposure(kind):
        return set()
    given, name = (input.bill_to, "billTo") if input.bill_to else (input.sold_to, "soldTo")
    return {uuid_of("par", given, "Partner", ("input", name))} if given else set()


def _sources(input: Any) -> set[UUID]:
    """Return the lines that an input says its own come from."""
    lines = getattr(input, "lines", None) or ()  # a payment has none
    found = (_source(line, place) for place, line in enumerate(lines))
    return {source for source in found if source is not None}


def _source(line: Any, place: int) -> UUID | None:
    named = getattr(line, "source_line_id", None)
    return line_id(named, ("input", "lines", str(place), "sourceLineId")) if named else None


async def _draft(
    work: UnitOfWork,
    kind: Kind,
    input: Any,
    terms: Terms,
    upstream: Upstream,
    present: Document | None = None,
) -> DocumentDraft:
    """Return the draft of an input for a document as it is, with all that it names found."""
    parties = await _parties(work, kind, input, present)
    currency = checked_currency(
        getattr(input, "currency", None) or terms.currency, ("input", "currency")
    )
    lines, items = await _lines(work, kind, input, present.lines if present else ())
    prepayments = tuple(_found(upstream, input))
    await work.documents.refuse_spent(prepayments, present.id if present else None)
    draft = drafted(
        DocumentDraft,
        input,
        issue_date=input.issue_date or terms.today,
        currency=currency,
        exchange=await exchange_of(work, input, currency, terms, _rated(input, present)),
        allowances=tuple(starmap(_allowance, enumerate(getattr(input, "allowances", ())))),
        prepayments=prepayments,
        stated_taxes=tuple(drafted(StatedTax, each) for each in getattr(input, "stated_taxes", ())),
        tax_tolerance=terms.settings.match_tolerance,
        discounts=_discounts(input),
        branch=await _branch(work, input),
        tolerance_percent=_tolerance(kind, input, terms),
        lines=lines,
        items=items,
        parties=parties,
    )
    return replace(draft, lines=await proposed(work, kind, draft, terms))


async def _lines(
    work: UnitOfWork, kind: Kind, input: Any, present: Iterable[Line]
) -> tuple[tuple[LineDraft, ...], dict[UUID, Item]]:
    """Return the lines of an input with their items; a line that is there keeps its own.

    Raises NotFound or ItemBlocked.
    """
    known = {line.id: line for line in present}
    item_ids: list[tuple[UUID, Path]] = []
    lines: list[LineDraft] = []
    for place, line in enumerate(input.lines if kind.has_lines else ()):
        path: Path = ("input", "lines", str(place))
        id = line_id(line.id, (*path, "id")) if line.id else None
        was = known.get(id) if id else None
        item = uuid_of("itm", line.item_id, "Item", (*path, "itemId")) if line.item_id else None
        line_kind = line.kind or (was.kind if was else LineKind.ITEM)
        if item is None and was is not None and line_kind in WITH_QUANTITY:
            item = was.item_id
        if item is not None:
            item_ids.append((item, (*path, "itemId")))
        lines.append(
            drafted(
                LineDraft,
                line,
                id=id or work.new_id(),
                is_new=id is None,
                kind=line_kind,
                item_id=item,
                source_line_id=_source(line, place),
                is_price_correction=_is_price_correction(line, was),
            )
        )
    items = await work.items.named(item_ids)
    if kind.step in NEW_BUSINESS:
        for item_id, place_of_item in item_ids:
            items[item_id].refuse_blocked(place_of_item)
    return tuple(lines), items


def _is_price_correction(line: Any, was: Line | None) -> bool:
    said: bool | None = getattr(line, "is_price_correction", False)
    return said if said is not None else was is not None and was.is_price_correction


async def proposed(
    work: UnitOfWork, kind: Kind, draft: DocumentDraft, terms: Terms
) -> tuple[LineDraft, ...]:
    """Return the lines of a draft with the prices that were found and the taxes proposed."""
    trade = _trade(kind, draft, terms)
    lines = list(draft.lines)
    asked: dict[int, PriceQuestion] = {}
    for place, line in enumerate(lines):
        if line.item_id is None:
            continue
        path: Path = ("input", "lines", str(place))
        item = draft.items[line.item_id]
        question = price_question(line, item, trade, path)
        if question is not None:
            asked[place] = question
        lines[place] = with_tax(line, item, trade, path)
    found = await work.prices.candidates(list(asked.values()))
    items = {question.goods.id for question in asked.values()}
    contracts = await work.documents.contract_prices(
        kind.side, trade.partner.id, items if kind.step is not Step.CONTRACT else (), trade.on
    )
    for (place, question), candidates in zip(asked.items(), found, strict=True):
        line = lines[place]
        if line.item_id is not None:
            item = draft.items[line.item_id]
            contract = contracts.get(item.id)
            lines[place] = with_price(line, item, question, candidates, trade, contract)
    return tuple(lines)


def _trade(kind: Kind, draft: DocumentDraft, terms: Terms) -> Trade:
    partner = draft.parties[kind.parties[0]].partner
    ship_to = draft.parties.get(PartyRole.SHIP_TO)
    goes_to = ship_to.address_for(PartyRole.SHIP_TO).country if ship_to else terms.company.country
    return Trade(
        kind=kind,
        partner=partner,
        ship_to=goes_to,
        company_country=terms.company.country,
        settings=terms.settings,
        currency=draft.currency,
        on=draft.supplied_on,
        branch_id=draft.branch[0] if draft.branch else None,
        price_basis=draft.price_basis,
    )


def _discounts(input: Any) -> tuple[Discount, ...] | None:
    steps = getattr(input, "discounts", None)
    return None if steps is None else tuple(Discount(each.days, each.percent) for each in steps)


def _tolerance(kind: Kind, input: Any, terms: Terms) -> Decimal | None:
    """Contracts say how much more may be called off; for orders the company says it."""
    if "tolerance_percent" in kind.fields:
        tolerance: Decimal | None = input.tolerance_percent
        return tolerance
    return terms.settings.over_delivery_tolerance_percent if kind.step is Step.ORDER else None


async def _branch(work: UnitOfWork, input: Any) -> tuple[UUID, str] | None:
    if input.branch is None:
        return None
    path: Path = ("input", "branch")
    found = await work.branches.named(uuid_of("brn", input.branch, "Branch", path), path)
    return found.id, found.code


def _prepayments(input: Any) -> list[UUID]:
    """Return the prepayment invoices that an input names."""
    named = enumerate(getattr(input, "prepayments", None) or ())
    return [document_id(id, "prepayments", str(place)) for place, id in named]


def _found(upstream: Upstream, input: Any) -> Iterator[Document]:
    """Yield the prepayment invoices of an input. Raises NotFound."""
    for place, id in enumerate(_prepayments(input)):
        document = upstream.document(id)
        if document is None:
            path: Path = ("input", "prepayments", str(place))
            raise NotFound(entity="Document", id=f"doc_{id}", path=path)
        yield document


def _rated(input: Any, present: Document | None) -> Document | None:
    """Return the document whose typed rate stays: a change that says null looks it up anew."""
    return present if getattr(input, "keeps_rate", False) else None


def _allowance(place: int, asked: Any) -> Allowance:
    """Return an allowance as asked for. Raises Required for a rate without its category."""
    if isinstance(asked, Allowance):
        return asked
    if asked.tax_rate is not None and asked.tax_category is None:
        raise Required(path=("input", "allowances", str(place), "taxCategory"))
    tax = None if asked.tax_category is None else (asked.tax_category, asked.tax_rate)
    return drafted(Allowance, asked, tax=tax)


async def _parties(
    work: UnitOfWork, kind: Kind, input: Any, present: Document | None
) -> dict[PartyRole, PartyDraft]:
    """Return whom each role names; on the sales side the customer stands in for the others."""
    wanted: dict[PartyRole, tuple[UUID, PartyRole]] = {}
    for role in kind.parties:
        named = role
        if getattr(input, role.value.lower()) is None and kind.side == SALES and kind.has_lines:
            named = PartyRole.SOLD_TO
        id = getattr(input, named.value.lower())
        wanted[role] = (uuid_of("par", id, "Partner", ("input", _camel(named))), named)
    partners = await work.partners.named(
        ((id, ("input", _camel(named))) for id, named in reversed(wanted.values())),
        with_tax_classes=kind.name == SELF_BILLED,
    )
    found = {}
    for role, (id, named) in wanted.items():
        address = _address(input, role) or _address(input, named)
        if address is None and partners[id].is_one_time:
            address = _typed_before(present, role, id)
        party = PartyDraft(partners[id], address)
        found[role] = party.checked(kind, role, ("input", _camel(named)))
    return found


def _typed_before(present: Document | None, role: PartyRole, partner: UUID) -> Address | None:
    """Return what stands on the document of a one-time partner, who has no other address."""
    party = present.party(role) if present else None
    return party.address if party and party.partner_id == partner else None


def _address(input: Any, role: PartyRole) -> Address | None:
    typed = getattr(input, f"{role.value.lower()}_address", None)  # payments take none
    if typed is None:
        return None
    if isinstance(typed, Address):
        return typed
    return drafted(Address, typed).checked(("input", f"{_camel(role)}Address"))


def _camel(role: PartyRole) -> str:
    head, *tail = role.value.lower().split("_")
    return head + "".join(word.title() for word in tail)
