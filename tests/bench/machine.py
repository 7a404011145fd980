"""What a bench runs on: a database, our server, the floor's server and a load generator."""

import asyncio
import json
import os
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import psutil  # type: ignore[import-untyped]

from persistence.database import OWNER_ROLE, connect
from tests.bench.postgres import Cluster, cpu_seconds
from tests.conftest import free_port
from web.development import DevelopmentIssuer

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 30
ANSWER_BYTES_MAX = 2**26


class BenchFailed(Exception):
    """A result is wrong, so its speed says nothing."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process of this bench; load generators take a line of JSON and answer with one."""

    process: asyncio.subprocess.Process
    port: int

    def cpu_seconds(self) -> float:
        """Return its CPU time so far."""
        return cpu_seconds(psutil.Process(self.process.pid))

    async def ask(self, **job: Any) -> dict[str, Any]:
        """Have a job done and return what it tells. Raises BenchFailed if it cannot."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(job).encode() + b"\n")
        await self.process.stdin.drain()
        line = await self.process.stdout.readline()
        if not line:
            raise BenchFailed("a load generator ended")
        told: dict[str, Any] = json.loads(line)
        return told


@asynccontextmanager
async def child(
    module: str, *arguments: str, port: int = 0, **settings: str
) -> AsyncIterator[Child]:
    """Start a Python module as a process; it is terminated at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=ROOT,
        env={**os.environ, **settings},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=ANSWER_BYTES_MAX,
    )
    try:
        yield Child(process, port)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def serving(
    module: str, *arguments: str, ready: str, **settings: str
) -> AsyncIterator[Child]:
    """Start a server on a free port and wait until its address `ready` answers."""
    port = free_port()
    settings["NEUROERP_PORT"] = str(port)
    async with child(module, *arguments, port=port, **settings) as server:
        async with asyncio.timeout(START_SECONDS_MAX):
            while not await asyncio.to_thread(_answers, f"http://127.0.0.1:{port}{ready}"):
                if server.process.returncode is not None:
                    raise BenchFailed(f"{module} did not start")
                await asyncio.sleep(0.05)
        yield server


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1):
            return True
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a bench plays on: database, our server, the floor's server, a load generator."""

    cluster: Cluster
    url: str
    owner: asyncpg.Connection
    ours: Child
    floor: Child
    load: Child
    door: SimpleNamespace  # our server as tests.erp knows it


@asynccontextmanager
async def stage(started: Cluster, name: str, load: str) -> AsyncIterator[Stage]:
    """Set the stage of one bench, so that none runs on what another left behind."""
    keys = str(started.folder / "keys")
    async with started.database(f"bench_{name}") as url:
        settings = {"NEUROERP_DATABASE_URL": url, "NEUROERP_MODE": "development"}
        settings["NEUROERP_DEV_KEYS"] = keys
        async with (
            serving("web.cli", "serve", ready="/readyz", **settings) as ours,
            serving("tests.bench.floor", ready="/ready", **settings) as floor,
            child(load) as generator,
        ):
            owner = await connect(url, OWNER_ROLE, statement_timeout="0")
            issuer = DevelopmentIssuer.load(keys)
            door = SimpleNamespace(url=f"http://127.0.0.1:{ours.port}", issuer=issuer)
            try:
                yield Stage(started, url, owner, ours, floor, generator, door)
            finally:
                await owner.close()
