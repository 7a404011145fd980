"""Documents inside a unit of work: kept, and locked together with what they came from."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, union, union_all
from sqlalchemy.orm import selectinload

from domain.documents.amounts import NotAPrepayment, PrepaymentCredited, not_a_prepayment
from domain.documents.cancellation import FollowUpsExist
from domain.documents.document import Document, DuplicateDocument
from domain.documents.kinds import KINDS, Action, Kind, Step
from domain.documents.parts import Revision
from domain.documents.proposals import ContractPrice
from domain.documents.upstream import NOTHING_ABOVE, Upstream
from domain.problems import NotFound, Path, Problem
from domain.requests import RETRY_AFTER_MS, Busy
from persistence.documents.allocations import payment_allocation
from persistence.documents.tables import (
    WHOLE,
    document,
    document_line,
    document_prepayment,
)
from persistence.locks import Lock

if TYPE_CHECKING:
    from persistence.unit_of_work import UnitOfWork

_HERE: Path = ("input", "id")


class Documents:
    """Documents inside a unit of work."""

    def __init__(self, work: "UnitOfWork") -> None:
        self._work = work
        self._places: dict[UUID, Path] = {}
        self._locked: dict[UUID, Document] = {}
        """Held until the end: the session forgets what is unchanged, with what it has to tell."""

    def add(self, new: Document) -> None:
        """Keep a new document, if this actor may make one of its kind."""
        self._work.actor.demand(new.definition, Action.CREATE)
        self.keep(new)

    def keep(self, new: Document) -> None:
        """Keep a document that follows from an action the actor may do."""
        again = DuplicateDocument(
            number=new.external_number or "", existing="", path=("input", "externalNumber")
        )
        cancelled = NotFound(entity="Document", id="", path=_HERE)
        deducted = NotAPrepayment(number="", path=("input", "prepayments"))
        self._work.add(
            new,
            refused_by={
                "uq_document_external_number": again,
                "uq_document_cancels": cancelled,
                "uq_document_prepayment_active": deducted,
            },
        )

    def place_of(self, id: UUID) -> Path:
        """Return where a document stands in the input: among many, or as the only one."""
        return self._places.get(id, _HERE)

    def keep_revision(self, revision: Revision) -> None:
        """Keep what an amended document said before."""
        self._work.session.add(revision)

    async def refuse_second(self, new: Document) -> None:
        """Raise DuplicateDocument if the partner's number is known; at once the index refuses."""
        if new.external_number is None:
            return
        columns = document.c
        existing = await self._work.session.scalar(
            select(columns.id).where(
                columns.tenant_id == self._work.actor.tenant,
                columns.kind == new.kind,
                columns.partner_id == new.partner_id,
                columns.external_year == new.external_year,
                columns.external_number == new.external_number,
                columns.cancelled_by_id.is_(None),
                columns.state != "DISCARDED",
                columns.id != new.id,
            )
        )
        if existing is not None:
            raise DuplicateDocument(
                number=new.external_number,
                existing=f"doc_{existing}",
                path=("input", "externalNumber"),
            )

    async def locked(
        self, id: UUID, expected_version: int | None, action: Action, *, beside: str = ""
    ) -> Document:
        """Return the whole document, locked for `action`; None expects any version.

        `beside` names what goes along with it and is loaded too: tags, comments or attachments.
        Raises NotFound (also for one the actor may not read), Forbidden or VersionConflict.
        """
        found = await self._lock(document.c.id == id, beside)
        return self._checked(found, id, action, _HERE, expected_version)

    async def locked_chain(
        self,
        id: UUID,
        expected_version: int | None,
        action: Action,
        kind: Kind | None = None,
        lines: Collection[UUID] = (),
        beside: Collection[UUID] = (),
    ) -> tuple[Document, Upstream]:
        """Return the document and everything it came from, locked together by one statement.

        `lines` are further lines that it shall come from, `beside` documents it shall deduct. One
        of another kind than `kind` is an unknown one.
        """
        blocked = action is Action.POST
        found = await self._lock(self._wanted({id, *beside}, lines, with_blocked=blocked))
        if kind is not None and id in found and found[id].kind != kind.name:
            del found[id]
        document = self._checked(found, id, action, _HERE, expected_version)
        upstream = _upstream(found, document.id)
        if action is Action.POST:
            await self._know_credits(upstream)
        return document, upstream

    async def locked_together(
        self, wanted: Sequence[tuple[UUID, Path]], action: Action
    ) -> list[Document]:
        """Return the documents in the order asked for, locked by one statement for `action`.

        Raises NotFound or Forbidden at the path of the first that is missing.
        """
        found = await self._lock(document.c.id.in_({id for id, _ in wanted}))
        return [self._checked(found, id, action, path, None) for id, path in wanted]

    async def locked_with_settled(
        self, id: UUID, expected_version: int | None, action: Action
    ) -> tuple[Document, Upstream, list[Document]]:
        """Return a document, all it came from, and all it settles or is settled by, locked.

        The last are for what happens to a payment; nobody's rights on them are asked.
        """
        settled = await self._settled_with(id)
        found = await self._lock(or_(self._wanted({id}, ()), document.c.id.in_(tuple(settled))))
        asked = self._checked(found, id, action, _HERE, expected_version)
        return asked, _upstream(found, asked.id), list(found.values())

    async def _settled_with(self, id: UUID) -> Sequence[UUID]:
        """Return the ids on the other side of the allocations of a document; not locked yet."""
        column = payment_allocation.c
        of_tenant = (
            column.tenant_id == self._work.actor.tenant,
            column.undone_at.is_(None),
        )
        sides = select(column.document_id).where(*of_tenant, column.payment_id == id)
        others = select(column.payment_id).where(*of_tenant, column.document_id == id)
        return (await self._work.session.scalars(sides.union(others))).all()

    async def locked_companions(
        self, wanted: Sequence[tuple[UUID, Path]], action: Action, beside: str
    ) -> dict[UUID, Document | Problem]:
        """Return each document, locked with what goes along with it, or why not."""
        found = await self._lock(document.c.id.in_({id for id, _ in wanted}), beside)
        return self._each(found, wanted, action)

    async def locked_sources(
        self, ids: Sequence[UUID], action: Action
    ) -> tuple[list[Document], Upstream]:
        """Return the documents in the order asked for, locked with all that they came from."""
        found = await self._lock(self._wanted(set(ids), ()))
        sources = [
            self._checked(found, id, action, ("input", "ids", str(place)), None)
            for place, id in enumerate(dict.fromkeys(ids))
        ]
        return sources, Upstream(found.values())

    async def locked_each(
        self, wanted: Sequence[tuple[UUID, Path]], action: Action
    ) -> tuple[dict[UUID, Document | Problem], Upstream]:
        """Return each document, or why not, locked with all that they came from."""
        blocked = action is Action.POST
        self._places = dict(wanted)
        found = await self._lock(self._wanted(self._places, (), with_blocked=blocked))
        upstream = Upstream(found.values())
        if action is Action.POST:
            await self._know_credits(upstream)
        return self._each(found, wanted, action), upstream

    async def _know_credits(self, upstream: Upstream) -> None:
        """Tell it what was credited of blocked invoices; their lock keeps that as it is.

        A credit note names the line of the invoice, or that of goods that went back of it.
        """
        blocked = [each.id for each in upstream.blocked]
        if not blocked:
            return
        tenant, note = self._work.actor.tenant, document.alias("note")
        off, back = document_line.alias("off"), document_line.alias("back")
        invoiced = document_line.alias("invoiced")
        own = invoiced.c.tenant_id == tenant, invoiced.c.document_id.in_(blocked)
        returned = and_(back.c.tenant_id == tenant, back.c.source_line_id == invoiced.c.id)
        named = union_all(
            select(invoiced.c.id.label("line"), invoiced.c.id.label("named")).where(*own),
            select(invoiced.c.id, back.c.id).join(back, returned).where(*own),
        ).subquery("named")
        query = (
            select(named.c.line, func.sum(off.c.net))
            .select_from(named)
            .join(off, and_(off.c.tenant_id == tenant, off.c.source_line_id == named.c.named))
            .join(note, and_(note.c.tenant_id == tenant, note.c.id == off.c.document_id))
            .where(
                note.c.kind.in_(CREDITS),
                note.c.state == "POSTED",
                note.c.cancels_id.is_(None),
                note.c.cancelled_by_id.is_(None),
            )
            .group_by(named.c.line)
        )
        upstream.know_credits({row[0]: row[1] for row in await self._work.session.execute(query)})

    def _each(
        self,
        found: Mapping[UUID, Document],
        wanted: Sequence[tuple[UUID, Path]],
        action: Action,
    ) -> dict[UUID, Document | Problem]:
        each: dict[UUID, Document | Problem] = {}
        for id, path in wanted:
            try:
                each[id] = self._checked(found, id, action, path, None)
            except Problem as problem:
                problem.path = path
                each[id] = problem
        return each

    async def locked_lines(
        self, lines: Collection[UUID], documents: Collection[UUID] = ()
    ) -> Upstream:
        """Return the documents of these lines, and these, locked with all that they came from."""
        if not lines and not documents:
            return NOTHING_ABOVE
        return Upstream((await self._lock(self._wanted(documents, lines))).values())

    async def contract_prices(
        self, side: str, partner: UUID, items: Collection[UUID], on: date
    ) -> dict[UUID, ContractPrice]:
        """Return what was agreed for items in contracts of a partner that hold on a day.

        Of several the oldest that is not fully called off counts; an open price is none.
        """
        if not items:
            return {}
        columns, line = document.c, document_line.c
        query = (
            select(
                line.item_id,
                line.unit_price,
                line.price_quantity,
                line.unit,
                columns.currency,
                columns.price_basis,
                line.discount_percent,
            )
            .join_from(
                document,
                document_line,
                (line.tenant_id == columns.tenant_id) & (line.document_id == columns.id),
            )
            .where(
                columns.tenant_id == self._work.actor.tenant,
                columns.kind.in_([k.name for k in KINDS.values() if k.is_contract_of(side)]),
                columns.partner_id == partner,
                columns.open_lines > 0,
                columns.price_fixed.is_not(False),
                columns.valid_from <= on,
                columns.valid_until >= on,
                line.item_id.in_(items),
                line.open_quantity > 0,
                line.unit_price.is_not(None),
            )
            .order_by(columns.valid_from.desc(), columns.id.desc())
        )
        rows = await self._work.session.execute(query)
        return {row[0]: ContractPrice(*row[1:]) for row in rows}

    async def bought_items(self, ids: Collection[UUID]) -> set[UUID]:
        """Return the items on lines of those documents that tell purchase prices; nothing locked.

        They are locked before the documents, so who then finds others on a document is `Busy`.
        """
        telling = [kind.name for kind in KINDS.values() if kind.tells_purchase_prices]
        return await self.named_items(ids, telling)

    async def named_items(
        self, ids: Collection[UUID], kinds: Collection[str] = tuple(KINDS)
    ) -> set[UUID]:
        """Return the items on lines of documents of some kinds; nothing is locked."""
        columns, line = document.c, document_line.c
        query = (
            select(line.item_id)
            .join_from(
                document,
                document_line,
                (line.tenant_id == columns.tenant_id) & (line.document_id == columns.id),
            )
            .where(
                columns.tenant_id == self._work.actor.tenant,
                columns.id.in_(ids),
                columns.kind.in_(kinds),
                line.item_id.is_not(None),
            )
        )
        return {id for id in await self._work.session.scalars(query.distinct()) if id}

    async def refuse_deducted(self, prepayment: Document) -> None:
        """Raise FollowUpsExist where a final invoice deducts this prepayment."""
        if await self.deducted([prepayment.id]):
            raise FollowUpsExist(number=prepayment.number or "", path=_HERE)

    async def deducted(self, ids: Collection[UUID]) -> set[UUID]:
        """Return which of these documents a final invoice deducts, be it a draft."""
        query = select(document_prepayment.c.prepayment_id).where(
            document_prepayment.c.tenant_id == self._work.actor.tenant,
            document_prepayment.c.prepayment_id.in_(ids),
            document_prepayment.c.is_active,
        )
        return set(await self._work.session.scalars(query))

    async def refuse_spent(self, prepayments: Sequence[Document], final: UUID | None) -> None:
        """Refuse locked prepayments that another final invoice deducts, or that were credited.

        Raises NotAPrepayment or PrepaymentCredited at the first of them.
        """
        if not prepayments:
            return
        tenant, ids = self._work.actor.tenant, [each.id for each in prepayments]
        column = document_prepayment.c
        deducted = select(column.prepayment_id).where(
            column.tenant_id == tenant,
            column.prepayment_id.in_(ids),
            column.is_active,
            column.document_id != final if final else true(),
        )
        spent = set(await self._work.session.scalars(deducted))
        of_lines = await self._credits([line.id for each in prepayments for line in each.lines])
        for place, each in enumerate(prepayments):
            if each.id in spent:
                raise not_a_prepayment(each, place)
            if any(line.id in of_lines for line in each.lines):
                path = ("input", "prepayments", str(place))
                raise PrepaymentCredited(number=each.number or "", path=path)

    async def _credits(self, lines: Collection[UUID]) -> dict[UUID, Decimal]:
        """Return what credit notes, drafts too, take off lines, net; none that was cancelled."""
        line, columns = document_line.c, document.c
        kinds = [kind.name for kind in KINDS.values() if kind.step is Step.CREDIT_NOTE]
        query = (
            select(line.source_line_id, func.sum(line.net))
            .join_from(
                document_line,
                document,
                (line.tenant_id == columns.tenant_id) & (line.document_id == columns.id),
            )
            .where(
                line.tenant_id == self._work.actor.tenant,
                line.source_line_id.in_(lines),
                columns.kind.in_(kinds),
                columns.state != "DISCARDED",
                columns.cancelled_by_id.is_(None),
            )
            .group_by(line.source_line_id)
        )
        rows = await self._work.session.execute(query) if lines else ()
        return {row[0]: row[1] for row in rows}

    def _wanted(
        self, ids: Collection[UUID], lines: Collection[UUID], *, with_blocked: bool = False
    ) -> ColumnElement[bool]:
        """Return the test of documents, of those they came from or deduct, and what counts beside.

        That are the deliveries of the orders among them, since an invoice of the order lessens
        what is open of those, the returns of all these deliveries, which wait for a credit of what
        was billed only, and the invoices whose payment is blocked.
        """
        tenant, line = self._work.actor.tenant, document_line.c
        sources = _sources_of(tenant, ids, lines)
        deliveries = _deliveries_of(tenant, ids, sources)
        deducted = select(document_prepayment.c.prepayment_id).where(
            document_prepayment.c.tenant_id == tenant, document_prepayment.c.document_id.in_(ids)
        )
        returns = _returns_of(tenant, ids, sources, deliveries)
        each_of = (ids, sources, deliveries, returns, deducted)
        wanted = or_(*(document.c.id.in_(each) for each in each_of))
        if with_blocked:
            beside = select(line.document_id).where(
                line.tenant_id == tenant, line.source_document_id.in_(sources)
            )
            wanted = or_(wanted, document.c.payment_block.is_not(None) & document.c.id.in_(beside))
        return wanted

    async def _lock(self, wanted: ColumnElement[bool], beside: str = "") -> dict[UUID, Document]:
        self._work.lock(Lock.DOCUMENTS)
        query = (
            select(Document)
            .where(document.c.tenant_id == self._work.actor.tenant, wanted)
            .order_by(document.c.id)
            .options(*WHOLE, *([selectinload(getattr(Document, beside))] if beside else ()))
            .with_for_update()
        )
        self._locked = {each.id: each for each in await self._work.session.scalars(query)}
        await self._load_stated()
        return dict(self._locked)

    async def _load_stated(self) -> None:
        """Load what documents state, for those whose kind does: most locks need none of it."""
        stating = [each.id for each in self._locked.values() if each.definition.states_taxes]
        if not stating:
            return
        query = select(Document).where(
            document.c.tenant_id == self._work.actor.tenant, document.c.id.in_(stating)
        )
        stated = selectinload(Document.stated_taxes)  # type: ignore[arg-type]
        (await self._work.session.scalars(query.options(stated))).all()

    def _checked(
        self,
        found: Mapping[UUID, Document],
        id: UUID,
        action: Action,
        path: Path,
        expected_version: int | None,
    ) -> Document:
        actor, document = self._work.actor, found.get(id)
        if document is None or document.kind not in actor.readable_kinds:
            raise NotFound(entity="Document", id=f"doc_{id}", path=path)
        actor.demand(document.definition, action)
        if expected_version is not None:
            self._work.expect_version(document.version, expected_version)
        return document


def _sources_of(tenant: UUID, ids: Collection[UUID], lines: Collection[UUID]) -> Select[Any]:
    """Return the query of all documents that these came from, and of these lines, up the chain."""
    line = document_line.c
    first = select(line.source_document_id.label("id")).where(
        line.tenant_id == tenant, line.source_document_id.is_not(None), line.document_id.in_(ids)
    )
    if lines:
        named = select(line.document_id).where(line.tenant_id == tenant, line.id.in_(lines))
        both = first.union(named).subquery()  # a union itself cannot be where the recursion starts
        first = select(both.c.id) if ids else named
    chain = first.cte("above", recursive=True)
    further = (
        select(line.source_document_id)
        .join(chain, line.document_id == chain.c[0])
        .where(line.tenant_id == tenant, line.source_document_id.is_not(None))
    )
    return select(chain.union(further).c[0])


def _deliveries_of(tenant: UUID, ids: Collection[UUID], sources: Select[Any]) -> Select[Any]:
    """Return the query of all deliveries made of the orders among documents and their sources."""
    order, line, delivery = document.alias("ordered"), document_line.c, document.alias("moved")
    named = select(document.c.id).where(document.c.tenant_id == tenant, document.c.id.in_(ids))
    candidates = union(named, sources).subquery()
    return (
        select(delivery.c.id)
        .join(
            document_line,
            and_(line.tenant_id == delivery.c.tenant_id, line.document_id == delivery.c.id),
        )
        .join(
            order,
            and_(order.c.tenant_id == line.tenant_id, order.c.id == line.source_document_id),
        )
        .where(
            delivery.c.tenant_id == tenant,
            delivery.c.kind.in_(DELIVERIES),
            order.c.kind.in_(ORDERS),
            order.c.id.in_(select(candidates.c[0])),  # one list, so that an index finds them
        )
    )


def _returns_of(
    tenant: UUID, ids: Collection[UUID], sources: Select[Any], deliveries: Select[Any]
) -> Select[Any]:
    """Return the query of all returns made of the deliveries among these documents."""
    line, back, moved = document_line.c, document.alias("back"), document.alias("moved_back")
    named = select(document.c.id).where(document.c.tenant_id == tenant, document.c.id.in_(ids))
    candidates = union(named, sources, deliveries).subquery()
    return (
        select(back.c.id)
        .join(
            document_line, and_(line.tenant_id == back.c.tenant_id, line.document_id == back.c.id)
        )
        .join(
            moved,
            and_(moved.c.tenant_id == line.tenant_id, moved.c.id == line.source_document_id),
        )
        .where(
            back.c.tenant_id == tenant,
            back.c.kind.in_(RETURNS),
            moved.c.kind.in_(DELIVERIES),
            moved.c.id.in_(select(candidates.c[0])),  # one list, so that an index finds them
        )
    )


RETURNS = tuple(kind.name for kind in KINDS.values() if kind.step is Step.RETURN)
ORDERS = tuple(kind.name for kind in KINDS.values() if kind.step is Step.ORDER)
CREDITS = tuple(kind.name for kind in KINDS.values() if kind.step is Step.CREDIT_NOTE)
DELIVERIES = tuple(kind.name for kind in KINDS.values() if kind.step is Step.DELIVERY)


def _upstream(found: Mapping[UUID, Document], id: UUID) -> Upstream:
    """Return what lies above a document. Raises Busy if that changed while we waited for it."""
    wanted = {line.source_document_id for line in found[id].lines if line.source_document_id}
    if not wanted <= found.keys():
        raise Busy(retry_after_ms=RETRY_AFTER_MS)
    return Upstream((each for each in found.values() if each.id != id), asked=found[id])
