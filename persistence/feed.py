"""The journal as it grows: who is told of a commit, and the newest rows, read once per tenant.

An announcement may be lost (a poll catches up); the rows cannot.
"""

import asyncio
import contextlib
import logging
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable
from uuid import UUID

from domain.journal import Row
from persistence.database import APP_ROLE, Database, connect
from persistence.journal import ROWS_PER_READ, rows_after

CHANNEL = "neuroerp_journal"
JOBS_CHANNEL = "ch_pgqueuer"
POLL_SECONDS = 1.0
RECONNECT_SECONDS = 1.0
ROWS_KEPT_MAX = 2_000

_WAKE_WORKERS = """
select pg_notify($1, json_build_object('channel', $1::text, 'operation', 'insert',
  'sent_at', now(), 'table', 'pgqueuer', 'type', 'table_changed_event')::text)
"""

_log = logging.getLogger("neuroerp.feed")


class Announcements:
    """Tells every process that a tenant's journal grew, by NOTIFY outside business transactions."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: dict[UUID, tuple[int, bool]] = {}
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.on_growth: Callable[[UUID, int], None] = lambda tenant, position: None

    def announce(self, tenant: UUID, position: int, jobs: bool) -> None:
        """Pass on that `position` was committed; `jobs` says that workers have work."""
        known, had_jobs = self._waiting.get(tenant, (0, False))
        self._waiting[tenant] = (max(position, known), jobs or had_jobs)
        self._something.set()
        self.on_growth(tenant, position)

    async def start(self) -> None:
        """Begin to listen and to tell."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; what was not told yet is found by polls."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._tell_and_listen()
            except Exception as error:  # the driver has many names for a lost connection
                _log.warning("the announcement connection broke and is opened anew: %r", error)
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _tell_and_listen(self) -> None:
        connection = await connect(self._url, APP_ROLE)
        try:
            connection.add_termination_listener(lambda _: self._something.set())
            await connection.add_listener(CHANNEL, self._heard)
            while not connection.is_closed():
                await self._something.wait()
                self._something.clear()
                waiting, self._waiting = self._waiting, {}
                for tenant, (position, jobs) in waiting.items():
                    await connection.execute(
                        "select pg_notify($1, $2)", CHANNEL, f"{tenant}:{position}"
                    )
                    if jobs:
                        await connection.execute(_WAKE_WORKERS, JOBS_CHANNEL)
            raise OSError("closed by the server")
        finally:
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        tenant, _, position = str(payload).partition(":")
        self.on_growth(UUID(tenant), int(position))


class Log:
    """The newest rows of one tenant's journal, shared by all who follow it in this process."""

    def __init__(self, database: Database, tenant: UUID) -> None:
        self._database = database
        self._tenant = tenant
        self._rows: deque[Row] = deque(maxlen=ROWS_KEPT_MAX)
        self._growth = asyncio.Condition()
        self._reading = asyncio.Lock()
        self._announced = 0
        self._read_at = -POLL_SECONDS  # when the database was asked last

    @property
    def _last(self) -> int:
        return self._rows[-1].position if self._rows else 0

    def grew(self, position: int) -> None:
        """Wake those who wait for rows up to `position`."""
        self._announced = max(self._announced, position)
        asyncio.get_running_loop().create_task(self._wake())

    async def _wake(self) -> None:
        async with self._growth:
            self._growth.notify_all()

    async def after(self, position: int) -> list[Row]:
        """Return rows after `position` in order; wait until there is at least one."""
        clock = asyncio.get_running_loop().time
        while True:
            is_news = self._announced > position or self._last > position
            if is_news or clock() - self._read_at >= POLL_SECONDS:  # all followers poll as one
                told = self._announced
                if rows := await self._read(position):
                    return rows
                if self._announced == told:  # of what is not there; what came since counts
                    self._announced = min(told, position)
            async with self._growth:
                if self._announced <= position:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._growth.wait(), POLL_SECONDS)

    async def _read(self, position: int) -> list[Row]:
        async with self._reading:
            if self._rows and self._rows[0].position <= position + 1:
                place = bisect_right(self._rows, position, key=lambda row: row.position)
                if kept := [self._rows[n] for n in range(place, len(self._rows))]:
                    return kept[:ROWS_PER_READ]
            self._read_at = asyncio.get_running_loop().time()
            async with self._database.reading(self._tenant) as connection:
                rows = await rows_after(connection, self._tenant, position)
            if rows and (not self._rows or rows[0].position == self._rows[-1].position + 1):
                self._rows.extend(rows)
            return rows


class Feed:
    """The logs of all tenants that somebody in this process follows."""

    def __init__(self, database: Database, announcements: Announcements) -> None:
        self._database = database
        self._logs: dict[UUID, Log] = {}
        self._followers: dict[UUID, int] = defaultdict(int)
        announcements.on_growth = self._grew

    def _grew(self, tenant: UUID, position: int) -> None:
        if tenant in self._logs:
            self._logs[tenant].grew(position)

    def follow(self, tenant: UUID) -> Log:
        """Return the log of a tenant, until `leave` is called as often."""
        self._followers[tenant] += 1
        if tenant not in self._logs:
            self._logs[tenant] = Log(self._database, tenant)
        return self._logs[tenant]

    def leave(self, tenant: UUID) -> None:
        """Say that one follower is gone; the last one's log is forgotten."""
        self._followers[tenant] -= 1
        if not self._followers[tenant]:
            del self._followers[tenant], self._logs[tenant]
