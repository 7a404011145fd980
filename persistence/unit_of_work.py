"""One unit of work per mutation: what must happen around every change, in one place, once.

Idempotency key, locks in order, expected versions, changes, jobs, numbers, journal and commit all
live here; a mutation only loads, decides and keeps.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from domain.documents.document import Document
from domain.documents.kinds import State
from domain.identity import Actor, Language
from domain.journal import Recorder, canonical
from domain.payments import Allocation
from domain.problems import Problem
from domain.requests import RETRY_AFTER_MS, Busy, IdempotencyKeyReused, VersionConflict
from domain.text import checked_text
from persistence.approvals import Approvals
from persistence.blobs import Blobs
from persistence.branches import Branches
from persistence.changes import Change, changes_of
from persistence.company import Companies
from persistence.credit import Credit
from persistence.database import Database
from persistence.documents import Documents
from persistence.documents.jobs import DocumentJobs
from persistence.exchange_rates import ExchangeRates
from persistence.imports import Imports
from persistence.inbox import Inbox
from persistence.items import Items
from persistence.jobs import Job, enqueue
from persistence.journal import Author, Entry, append
from persistence.locks import Lock, Locks
from persistence.numbering import Numbering, SeriesBook
from persistence.partners import Partners
from persistence.payment_terms import PaymentTermsList
from persistence.payments import Payments
from persistence.periods import Periods
from persistence.prices import Prices
from persistence.printing import Printouts, PrintProblems
from persistence.search import note_searched
from persistence.tenants import Tenants
from persistence.texts import TextTemplates

IDEMPOTENCY_KEY_LENGTH_MAX = 200


class AlreadyDone(Exception):
    """The same key and input were committed before; `made` is what that call made."""

    def __init__(self, made: Any) -> None:
        self.made = made


@dataclass(frozen=True, slots=True)
class Call:
    """Which mutation is called with what: the scope of its idempotency key."""

    mutation: str
    key: str
    input: dict[str, Any]

    def input_hash(self) -> bytes:
        """Return the hash of the input that a repetition must match."""
        return hashlib.sha256(canonical(self.input).encode()).digest()


@dataclass(frozen=True, slots=True)
class Services:
    """What comes from outside: the clock, new ids, and whom to tell after a commit."""

    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    announce: Callable[[UUID, int, bool], None]


class UnitOfWork:
    """One transaction of one actor. Everything it changes commits together, or nothing does."""

    def __init__(self, session: AsyncSession, actor: Actor, services: Services) -> None:
        self.session = session
        self.actor = actor
        self.now = services.clock()
        self.new_id = services.new_id
        self.made: Any = None
        self._clock = services.clock
        self._locks = Locks()
        self._jobs: list[Job] = []
        self._refusals: dict[str, Problem] = {}
        self.tenants = Tenants(session, actor.tenant, self.now)
        self.documents = Documents(self)
        self.company = Companies(self)
        self.branches = Branches(self)
        self.exchange_rates = ExchangeRates(self)
        self.payment_terms = PaymentTermsList(self)
        self.partners = Partners(self)
        self.items = Items(self)
        self.prices = Prices(self)
        self.approvals = Approvals(self)
        self.numbering = Numbering(self)
        self.number_series = SeriesBook(self)
        self.periods = Periods(self)
        self.inbox = Inbox(self)
        self.imports = Imports(self)
        self.document_jobs = DocumentJobs(self)
        self.blobs = Blobs(self)
        self.printouts = Printouts(self)
        self.print_problems = PrintProblems(self)
        self.payments = Payments(self)
        self.credit = Credit(self)
        self.texts = TextTemplates(self)

    def lock(self, lock: Lock, *, again: bool = False) -> None:
        """Note a lock that is taken now; the order is that of persistence.locks."""
        self._locks.take(lock, again=again)

    def add(self, entity: Any, refused_by: Mapping[str, Problem] | None = None) -> None:
        """Keep a new entity; `refused_by` says which problem a constraint's refusal means."""
        for stamp in ("created_at", "updated_at"):
            if hasattr(type(entity), stamp) and getattr(entity, stamp) is None:
                setattr(entity, stamp, self.now)
        self.session.add(entity)
        self.refuse(refused_by or {})

    def refuse(self, refused_by: Mapping[str, Problem]) -> None:
        """Say which problem a constraint's refusal of what this unit of work writes means."""
        self._refusals |= refused_by

    def later(self, name: str, entity: UUID, language: Language = Language.DE) -> None:
        """Have a job done after the commit; `language` is that of a print."""
        tenant, user = str(self.actor.tenant), str(self.actor.user)
        self._jobs.append(Job(name, tenant, str(entity), user, language.value))

    def expect_version(self, current: int, expected: int) -> None:
        """Raise VersionConflict unless the caller has seen the present version."""
        if current != expected:
            raise VersionConflict(
                expected=expected, current_version=current, path=("input", "expectedVersion")
            )

    async def begin(self, call: Call) -> Call:
        """Take the idempotency key and return the call with the key as it is kept.

        Raises AlreadyDone or IdempotencyKeyReused.
        """
        place_in_input = ("input", "idempotencyKey")
        kept = checked_text(call.key, IDEMPOTENCY_KEY_LENGTH_MAX, place_in_input)
        call = replace(call, key=kept)
        self.lock(Lock.IDEMPOTENCY_KEY)
        driver = await self.driver()
        place = (self.actor.tenant, self.actor.user, call.mutation, call.key)
        if await driver.fetchval(_TAKE_KEY, *place, call.input_hash(), self.now):
            return call
        # A statement of its own: one that waited for the other call does not see its row.
        known = await driver.fetchrow(_KNOWN_KEY, *place)
        if known["input_hash"] != call.input_hash():
            raise IdempotencyKeyReused(path=place_in_input)
        raise AlreadyDone(json.loads(known["made"]))

    async def finish(self, call: Call | None) -> int | None:
        """Write everything down, the contended part last. Returns the journal's new position."""
        told = [
            each
            for each in {*self.session.new, *self.session.identity_map.values()}
            if isinstance(each, Recorder) and each.events
        ]
        told.sort(key=lambda each: each.id)
        driver = await self.driver()
        await self.printouts.ask_for_prints()
        if self._jobs:
            await enqueue(driver, self._jobs)
        posted = [
            each
            for each in told
            if isinstance(each, Document) and each.state is State.POSTED and not each.number
        ]
        allocations = [
            each
            for each in {*self.session.new, *self.session.dirty}
            if isinstance(each, Allocation)
        ]
        await self.periods.demand_open(posted, allocations)
        changes = {each.id: changes_of(each) for each in told}
        for series in await self.numbering.give(posted):
            if series not in told:
                told.append(series)
        for document in posted:
            changes[document.id].append(Change("number", None, document.number))
        await self.session.flush()
        await note_searched(driver, self.actor.tenant, told)
        await self.numbering.note_allocations()
        entries = [
            Entry(event, _version(each), changes.pop(each.id, []))
            for each in told
            for event in each.events
        ]
        if not entries:
            if call is not None:
                raise RuntimeError(f"{call.mutation} changed something that nobody is told of")
            return None
        self.lock(Lock.JOURNAL_HEAD)
        made = (call.mutation, call.key, json.dumps(self.made)) if call else ("", "", "null")
        author = Author(self.actor.tenant, self.actor.user, self.now)
        return await append(driver, author, entries, self._clock(), made)

    def refusal(self, error: IntegrityError) -> Problem | None:
        """Return the problem that a constraint's refusal means, if it means one."""
        name = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
        return self._refusals.get(name or "")

    async def driver(self) -> Any:
        """Return the connection as asyncpg has it, for the few statements of every posting."""
        connection = await self.session.connection()
        return (await connection.get_raw_connection()).driver_connection


# Keys of yesterday go as new ones come, so that nothing else has to tidy up.
_TAKE_KEY = """
with forgotten as (
  delete from idempotency_key where (tenant_id, user_id, mutation, key) in (
    select tenant_id, user_id, mutation, key from idempotency_key
    where tenant_id = $1 and stored_at < $6::timestamptz - interval '24 hours'
      and (user_id, mutation, key) <> ($2, $3, $4)
    order by stored_at limit 10 for update skip locked)
)
insert into idempotency_key (tenant_id, user_id, mutation, key, input_hash, stored_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, user_id, mutation, key) do update
  set stored_at = excluded.stored_at, input_hash = excluded.input_hash, made = null,
      journal_position = null
  where idempotency_key.stored_at < excluded.stored_at - interval '24 hours'
returning true
"""

_KNOWN_KEY = """
select input_hash, made::text as made from idempotency_key
where tenant_id = $1 and user_id = $2 and mutation = $3 and key = $4
"""


def _version(aggregate: Recorder) -> int:
    version: int = inspect(aggregate).dict["version"]
    return version


@asynccontextmanager
async def unit_of_work(
    database: Database, actor: Actor, services: Services, call: Call | None = None
) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work; leaving it without an exception commits it and announces the change.

    Raises Busy when a lock was waited for too long, and the problems of `UnitOfWork.begin`.
    """
    position: int | None = None
    jobs = False
    try:
        async with database.session(actor.tenant) as session:
            work = UnitOfWork(session, actor, services)
            if call is not None:
                call = await work.begin(call)
            try:
                yield work
                position = await work.finish(call)
                jobs = bool(work._jobs)
            except IntegrityError as error:
                problem = work.refusal(error)
                if problem is None:
                    raise
                raise problem from None
    except (StaleDataError, PoolTimeout) as error:
        raise Busy(retry_after_ms=RETRY_AFTER_MS) from error
    except (DBAPIError, asyncpg.PostgresError) as error:
        if getattr(getattr(error, "orig", error), "sqlstate", None) in _WAITED_TOO_LONG:
            raise Busy(retry_after_ms=RETRY_AFTER_MS) from error
        raise
    if position is not None:
        services.announce(actor.tenant, position, jobs)


_WAITED_TOO_LONG = {"55P03", "40P01"}  # lock_not_available, deadlock_detected
