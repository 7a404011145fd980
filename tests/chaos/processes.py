"""Parts of NeuroERP as processes of their own, so that they can die as by kill -9."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.conftest import free_port
from web.development import DevelopmentIssuer

START_SECONDS_MAX = 60
WAIT_SECONDS_MAX = 30


async def until(holds: Callable[[], Awaitable[object]], seconds: float = WAIT_SECONDS_MAX) -> None:
    """Wait until something outside of this process holds; fails at the deadline."""
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.01)


@dataclass
class Site:
    """Where the parts find each other: one database, one folder of keys and logs."""

    database_url: str
    folder: Path

    def environment(self) -> dict[str, str]:
        """Return the environment as `make run` gives it to its parts."""
        return {
            **os.environ,
            "NEUROERP_DATABASE_URL": self.database_url,
            "NEUROERP_MODE": "development",
            "NEUROERP_DEV_KEYS": str(self.folder),
            "NEUROERP_SECRET": "a secret of thirty-two characters",
        }


class Part:
    """One process; it ends with the test run at the latest, and its log stays in the folder."""

    def __init__(self, site: Site, command: str, **environment: str) -> None:
        self._command = command
        self._environment = {**site.environment(), **environment}
        self._log = site.folder / f"{command}.log"
        self._sessions: list[int] = []
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start the process, in a session of its own."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "web.cli", self._command, "--with-parent"],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._sessions.append(self.process.pid)

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """Kill it in the middle of whatever it does (kill -9), and nothing beside it."""
        assert self.process is not None
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait()

    def clear_away(self) -> None:
        """End every process of ours, those that a killed one left behind too."""
        for session in self._sessions:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(session, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()


class ServerProcess(Part):
    """A real server on a port of its own; to a company under test it looks like any other."""

    def __init__(self, site: Site) -> None:
        port = free_port()
        super().__init__(site, "serve", NEUROERP_PORT=str(port))
        self.url = f"http://127.0.0.1:{port}"
        self.issuer = DevelopmentIssuer.load(str(site.folder))

    async def start(self, http: aiohttp.ClientSession) -> None:
        """Start it and wait until it is ready."""
        self.launch()
        await self.ready(http)

    async def ready(self, http: aiohttp.ClientSession) -> None:
        """Wait until it says that it is ready."""
        await until(lambda: self.is_ready(http), START_SECONDS_MAX)

    async def is_ready(self, http: aiohttp.ClientSession) -> bool:
        """Ask it once; one that ended by itself fails the test."""
        assert self.process is not None
        assert self.process.poll() is None, self._log.read_text()
        try:
            async with http.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def serving(site: Site, http: aiohttp.ClientSession) -> AsyncIterator[ServerProcess]:
    """Start a server of a site, and end it if nothing did before."""
    process = ServerProcess(site)
    try:
        await process.start(http)
        yield process
    finally:
        process.clear_away()


async def verify(site: Site) -> "subprocess.CompletedProcess[str]":
    """Run the command `neuroerp journal verify`."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "web.cli", "journal", "verify"],
        env=site.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
